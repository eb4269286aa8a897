/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys, endpoints and join lines as text. */
#include "profile.h"

#include "base/check.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "vouch://"
#define KEY_CHARACTERS (PROFILE_KEY_TEXT - 1)

void profile_key_text(const uint8_t key[PROFILE_KEY_BYTES], char text[PROFILE_KEY_TEXT])
{
    const char *end = sodium_bin2base64(text, PROFILE_KEY_TEXT, key, PROFILE_KEY_BYTES,
                                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    CHECK(end != NULL);
}

#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

bool profile_key_parse(const char *text, uint8_t key[PROFILE_KEY_BYTES])
{
    size_t length = 0;
    const char *end = NULL;
    /* libsodium's decoder takes some bytes above 0x7F for letters, so the alphabet is checked here. */
    if (strlen(text) == KEY_CHARACTERS && strspn(text, ALPHABET) == KEY_CHARACTERS &&
        sodium_base642bin(key, PROFILE_KEY_BYTES, text, KEY_CHARACTERS, NULL, &length, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
        length == PROFILE_KEY_BYTES && *end == '\0') {
        return true;
    }
    memset(key, 0, PROFILE_KEY_BYTES);
    return false;
}

void profile_key_pair(uint8_t public_key[PROFILE_KEY_BYTES], uint8_t secret_key[PROFILE_KEY_BYTES])
{
    CHECK(sodium_init() >= 0 && crypto_box_keypair(public_key, secret_key) == 0);
}

void profile_key_public(const uint8_t secret_key[PROFILE_KEY_BYTES], uint8_t public_key[PROFILE_KEY_BYTES])
{
    CHECK(crypto_scalarmult_base(public_key, secret_key) == 0);
}

bool profile_endpoint_valid(const char *text)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || strlen(text) >= PROFILE_ENDPOINT_MAX) {
        return false;
    }
    const char *port = colon + 1;
    size_t digits = strspn(port, "0123456789");
    if (digits == 0 || digits > 5 || port[digits] != '\0' || atoi(port) < 1 || atoi(port) > 65535) {
        return false;
    }
    /* The host: a name or an address; colons only within the brackets of an IPv6 address. */
    size_t host = (size_t)(colon - text);
    if (text[0] == '[') {
        return host > 2 && text[host - 1] == ']' && strspn(text + 1, "0123456789abcdefABCDEF:.%") == host - 2;
    }
    return strcspn(text, ":/?#[]@ \t;*") == host;
}

void profile_join_text(const char *endpoint, const uint8_t server_key[PROFILE_KEY_BYTES],
                       const uint8_t invite_secret[PROFILE_KEY_BYTES], char text[PROFILE_JOIN_MAX])
{
    CHECK(profile_endpoint_valid(endpoint));
    char server[PROFILE_KEY_TEXT], token[PROFILE_KEY_TEXT];
    profile_key_text(server_key, server);
    profile_key_text(invite_secret, token);
    snprintf(text, PROFILE_JOIN_MAX, SCHEME "%s/%s#%s", endpoint, server, token);
    sodium_memzero(token, sizeof token);
}

/* Copies from `*text` up to `end` into `part` and steps past `end`; false when it is not there or too far. */
static bool take_until(const char **text, char end, char *part, size_t size)
{
    const char *stop = end == '\0' ? *text + strlen(*text) : strchr(*text, end);
    if (stop == NULL || (size_t)(stop - *text) >= size) {
        return false;
    }
    size_t length = (size_t)(stop - *text);
    memcpy(part, *text, length);
    part[length] = '\0';
    *text = end == '\0' ? stop : stop + 1;
    return true;
}

enum vouch_status profile_join_parse(const char *text, struct profile *profile, struct status_text *why)
{
    memset(profile, 0, sizeof *profile);
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0) {
        return status_set(why, VOUCH_INVALID, "a join line starts with " SCHEME);
    }
    const char *rest = text + strlen(SCHEME);
    char key[PROFILE_KEY_TEXT] = "";
    if (!take_until(&rest, '/', profile->endpoint, sizeof profile->endpoint) ||
        !profile_endpoint_valid(profile->endpoint)) {
        return status_set(why, VOUCH_INVALID, "the join line has no valid host:port after " SCHEME);
    }
    if (!take_until(&rest, '#', key, sizeof key) || !profile_key_parse(key, profile->server_key)) {
        return status_set(why, VOUCH_INVALID,
                          "the server key in the join line is damaged; is the whole line in 'single quotes'?");
    }
    bool valid = take_until(&rest, '\0', key, sizeof key) && profile_key_parse(key, profile->secret_key);
    sodium_memzero(key, sizeof key);
    if (!valid) {
        return status_set(why, VOUCH_INVALID,
                          "the token at the end of the join line is damaged; is the whole line in 'single quotes'?");
    }
    profile_key_public(profile->secret_key, profile->public_key);
    return VOUCH_OK;
}
