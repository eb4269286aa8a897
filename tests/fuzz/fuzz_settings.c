/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration file: any text is read or refused with a sentence. */
#include "base/check.h"
#include "fuzz.h"
#include "settings/settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    struct settings *settings;
    struct status_text why = {0};
    enum vouch_status status = settings_parse("fuzz", text, &settings, &why);
    CHECK((status == VOUCH_OK) == (settings != NULL));
    CHECK((status == VOUCH_OK) == (why.text[0] == '\0'));
    settings_free(&settings);
    free(text);
    return 0;
}
