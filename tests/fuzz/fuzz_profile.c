/* SPDX-License-Identifier: Apache-2.0
 *
 * What people paste: join lines, keys, endpoints. A join line that is taken is written back as the same broker, key and
 * token. */
#include "base/check.h"
#include "fuzz.h"
#include "lib/profile.h"

#include <stdlib.h>
#include <string.h>

static void check_join(const char *text)
{
    struct profile profile;
    struct profile again;
    struct status_text why = {0};
    char line[PROFILE_JOIN_MAX];
    if (profile_join_parse(text, &profile, &why) != VOUCH_OK) {
        CHECK(why.text[0] != '\0');
        return;
    }
    CHECK(profile_endpoint_valid(profile.endpoint));
    profile_join_text(profile.endpoint, profile.server_key, profile.secret_key, line);
    CHECK(profile_join_parse(line, &again, &why) == VOUCH_OK);
    CHECK(strcmp(profile.endpoint, again.endpoint) == 0);
    CHECK(memcmp(profile.server_key, again.server_key, PROFILE_KEY_BYTES) == 0);
    CHECK(memcmp(profile.public_key, again.public_key, PROFILE_KEY_BYTES) == 0);
    CHECK(memcmp(profile.secret_key, again.secret_key, PROFILE_KEY_BYTES) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    uint8_t key[PROFILE_KEY_BYTES];
    char written[PROFILE_KEY_TEXT];
    if (profile_key_parse(text, key)) {
        profile_key_text(key, written);
        CHECK(strcmp(text, written) == 0);
    }
    check_join(text);
    free(text);
    return 0;
}
