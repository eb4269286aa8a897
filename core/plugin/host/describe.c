/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouch-plugin-host --describe x.so`: what a plugin is and takes, for people; loaded in the same jail as for service.
 */
#include "host.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DESCRIBE_MEMORY_BYTES ((size_t)64 << 20)
#define DESCRIBE_OUTPUT_BYTES ((size_t)1 << 20) /* when it goes to a file */
#define DESCRIBE_CPU_SECONDS 10
#define DESCRIBE_SECONDS 15

static void print_setting(const struct vouch_setting *setting)
{
    static const char *const types[] = {"?", "integer", "number", "boolean", "text"};
    printf("  %s (%s", setting->name, types[setting->type]);
    if (setting->type == VOUCH_SETTING_INTEGER || setting->type == VOUCH_SETTING_NUMBER) {
        printf(", %.15g to %.15g", setting->min, setting->max);
    }
    printf(", default %s)\n      %s\n", setting->initial[0] != '\0' ? setting->initial : "empty", setting->help);
}

static void print_log(enum vouch_log_level level, const char *text)
{
    (void)level;
    fprintf(stderr, "%s\n", text);
}

static bool print_components(const struct vouch_plugin_descriptor *descriptor, struct why *why)
{
    static struct instance instance;
    union vouch_setting_value values[VOUCH_SETTINGS_MAX];
    if (!settings_read(descriptor, 0, NULL, NULL, values, why) ||
        !instance_create(&instance, descriptor, values, print_log, why)) {
        return false;
    }
    printf("components, with default settings\n");
    for (uint32_t i = 0; i < instance.component_count; i++) {
        printf("  %s, weight %u\n", instance.components[i].name, instance.components[i].weight);
    }
    return true;
}

static void on_alarm(int number)
{
    static const char sentence[] = "vouch-plugin-host: the plugin is not ready after 15 s\n";
    (void)number;
    ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
    (void)written; /* nowhere to tell it */
    _exit(EXIT_FAILURE);
}

int describe(const char *path)
{
    struct jail jail = {.memory_bytes = DESCRIBE_MEMORY_BYTES,
                        .file_bytes = DESCRIBE_OUTPUT_BYTES,
                        .cpu_seconds = DESCRIBE_CPU_SECONDS,
                        .listener = -1,
                        .refused = refused_print};
    struct loaded loaded = {NULL, -1};
    struct why why;
    jail_close_from(3);
    /* Nobody stands by with a deadline, as the broker does. */
    signal(SIGALRM, on_alarm);
    alarm(DESCRIBE_SECONDS);
    if (!load_open(path, &loaded, &why) || !load_plugin(path, &jail, &loaded, &why)) {
        fprintf(stderr, "vouch-plugin-host: %s\n", why.text);
        return EXIT_FAILURE;
    }
    const struct vouch_plugin_descriptor *descriptor = loaded.descriptor;
    printf("%s %s: %s\n", descriptor->name, descriptor->version, descriptor->summary);
    printf("kind %s, plugin ABI %u.%u\n", descriptor_kind(descriptor), descriptor->abi >> 16, descriptor->abi & 0xFFFF);
    if (descriptor->kind == VOUCH_KIND_ATTRIBUTION && attribution_estimate(descriptor->attribution)) {
        printf("estimates over history%s\n",
               attribution_attribute(descriptor->attribution) ? ", and gives weights for one deal" : "");
    }
    printf(descriptor->setting_count > 0 ? "settings\n" : "no settings\n");
    for (uint32_t i = 0; i < descriptor->setting_count; i++) {
        print_setting(&descriptor->settings[i]);
    }
    bool good = descriptor->kind != VOUCH_KIND_MATCHER || print_components(descriptor, &why);
    fflush(stdout);
    if (!good) {
        fprintf(stderr, "vouch-plugin-host: %s\n", why.text);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
