/* SPDX-License-Identifier: Apache-2.0
 *
 * How operations end. Operating errors travel as a status and one sentence for a person; broken invariants do
 * not travel, they stop the program (base/check.h). The table is proto/status.def. */
#ifndef VOUCH_BASE_STATUS_H
#define VOUCH_BASE_STATUS_H

enum vouch_status {
#define STATUS(name, wire, exit, sentence) VOUCH_##name = (wire),
#include "status.def"
#undef STATUS
};

/* Length of the sentence that explains a status, with its end. */
#define STATUS_TEXT_MAX 512

/* A sentence that goes with a status; text[0] == 0 when there is none. */
struct status_text {
    char text[STATUS_TEXT_MAX];
};

/* The name of `status`, "CONFLICT"; "?" for a number that is none. Never freed. */
const char *status_name(enum vouch_status status);

/* What `status` means, one clause without a full stop. Never freed. */
const char *status_sentence(enum vouch_status status);

/* Writes the sentence (cut at STATUS_TEXT_MAX, never inside a UTF-8 character) and returns `status`, so that a
 * function can end with `return status_set(why, VOUCH_CONFLICT, "R%llu is …", id);`. `why` may be NULL. */
enum vouch_status status_set(struct status_text *why, enum vouch_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For functions whose status must not be dropped. */
#define MUST_USE __attribute__((warn_unused_result))

#endif
