/* SPDX-License-Identifier: Apache-2.0
 *
 * A configuration of an instance that lives as long as it is used: what it was made from may be gone by then. */
#include "plugin/internal.h"

#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 250
#define MEMORY_BYTES ((size_t)64 << 20)

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    CHECK(copy != NULL);
    return copy;
}

static const char *const *copy_texts(const char *const *texts, size_t count)
{
    const char **copies = calloc(count + 1, sizeof *copies);
    CHECK(copies != NULL);
    for (size_t i = 0; i < count; i++) {
        copies[i] = copy_text(texts[i]);
    }
    return copies;
}

struct plugin_config *config_copy(const struct plugin_config *config)
{
    struct plugin_config *copy = malloc(sizeof *copy);
    CHECK(copy != NULL);
    *copy = (struct plugin_config){
        .name = copy_text(config->name),
        .path = copy_text(config->path),
        .setting_count = config->setting_count,
        .setting_names = copy_texts(config->setting_names, config->setting_count),
        .setting_values = copy_texts(config->setting_values, config->setting_count),
        .deadline_ms = config->deadline_ms == 0 ? DEADLINE_MS : config->deadline_ms,
        .memory_bytes = config->memory_bytes == 0 ? MEMORY_BYTES : config->memory_bytes,
    };
    return copy;
}

/* What config_copy allocated is const to everybody else. */
static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

void config_free(struct plugin_config **config)
{
    if (*config == NULL) {
        return;
    }
    for (size_t i = 0; i < (*config)->setting_count; i++) {
        free_text((*config)->setting_names[i]);
        free_text((*config)->setting_values[i]);
    }
    free((void *)(uintptr_t)(*config)->setting_names);
    free((void *)(uintptr_t)(*config)->setting_values);
    free_text((*config)->name);
    free_text((*config)->path);
    free(*config);
    *config = NULL;
}
