/* SPDX-License-Identifier: Apache-2.0
 *
 * A profile: who a client is and which broker it talks to, in one private text file. Joining writes it, `vouchd init`
 * writes the first one, every client reads it. Also the text forms of keys and of the join line. Whoever can read a
 * profile is that member, so it is mode 0600 and refused otherwise. Needs no socket library. Any thread. */
#ifndef VOUCH_CLIENT_PROFILE_H
#define VOUCH_CLIENT_PROFILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROFILE_KEY_BYTES 32
#define PROFILE_KEY_TEXT 44      /* base64url without padding, with its end */
#define PROFILE_ENDPOINT_MAX 280 /* "host:port" or "[v6]:port", with its end */
#define PROFILE_NAME_MAX 512     /* of a person or a company, with its end */
#define PROFILE_PATH_MAX 4096
#define PROFILE_JOIN_MAX (8 + PROFILE_ENDPOINT_MAX + 2 * PROFILE_KEY_TEXT)

struct profile {
    char endpoint[PROFILE_ENDPOINT_MAX]; /* "host:port", without "tcp://" */
    uint8_t server_key[PROFILE_KEY_BYTES];
    uint8_t public_key[PROFILE_KEY_BYTES];
    uint8_t secret_key[PROFILE_KEY_BYTES];
    uint64_t member;                /* 0: not known yet */
    char name[PROFILE_NAME_MAX];    /* the member's, for people to read */
    char company[PROFILE_NAME_MAX]; /* the home company's */
};

/* ---- Keys ---- */

/* A 32-byte key as 43 characters of base64url. */
void profile_key_text(const uint8_t key[PROFILE_KEY_BYTES], char text[PROFILE_KEY_TEXT]);

/* The key in `text`, which must be exactly 43 characters of base64url; false and `key` zeroed otherwise. */
bool profile_key_parse(const char *text, uint8_t key[PROFILE_KEY_BYTES]) MUST_USE;

/* A fresh CURVE pair (Curve25519), the same as zmq_curve_keypair makes. */
void profile_key_pair(uint8_t public_key[PROFILE_KEY_BYTES], uint8_t secret_key[PROFILE_KEY_BYTES]);

/* The public half of a secret key. */
void profile_key_public(const uint8_t secret_key[PROFILE_KEY_BYTES], uint8_t public_key[PROFILE_KEY_BYTES]);

/* ---- Files ---- */

/* Where profile `name` lives: $XDG_CONFIG_HOME/vouch/NAME.key, or ~/.config/…; NULL means $VOUCH_PROFILE or
 * "default". A name with a slash is itself the path. INVALID for a name that is none. */
enum vouch_status profile_path(const char *name, char path[PROFILE_PATH_MAX], struct status_text *why) MUST_USE;

/* Reads a profile. NOT_FOUND without the file; DENIED when others may read it; INVALID names the line. */
enum vouch_status profile_read(const char *path, struct profile *profile, struct status_text *why) MUST_USE;

/* Writes a profile, mode 0600, all of it or nothing, and makes its folder (0700). Without `replace` an existing file
 * is kept and the answer is DUPLICATE. */
enum vouch_status profile_write(const char *path, const struct profile *profile, bool replace,
                                struct status_text *why) MUST_USE;

/* Overwrites the secret half, for when a profile is no longer needed. */
void profile_wipe(struct profile *profile);

/* ---- Join line: vouch://HOST:PORT/<server key>#<token>; the token is the secret half of a throw-away pair ---- */

/* Writes the line for an invitation with this secret. */
void profile_join_text(const char *endpoint, const uint8_t server_key[PROFILE_KEY_BYTES],
                       const uint8_t invite_secret[PROFILE_KEY_BYTES], char text[PROFILE_JOIN_MAX]);

/* Fills endpoint, server key and the throw-away pair from a join line. INVALID says which part is wrong. */
enum vouch_status profile_join_parse(const char *text, struct profile *profile, struct status_text *why) MUST_USE;

/* Whether `text` is "host:port" with a port from 1 to 65535. */
bool profile_endpoint_valid(const char *text) MUST_USE;

#endif
