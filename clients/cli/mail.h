/* SPDX-License-Identifier: Apache-2.0
 *
 * A mail message as bytes (RFC 5322, 2045, 2047): headers folded and encoded, the text as quoted-printable UTF-8; and
 * where it goes: a file, a maildir, a command. mail.c composes, mail_delivery.c delivers. */
#ifndef VOUCH_CLI_MAIL_H
#define VOUCH_CLI_MAIL_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAIL_ADDRESS_BYTES 255

struct mail {
    const char *from_name; /* as people read it; UTF-8 */
    const char *from;      /* address, from mail_address_read */
    const char *to_name;
    const char *to;
    const char *subject;
    const char *id;   /* left and right of its "@" only letters, digits, '.' and '-'; without "<>" */
    int64_t date_ms;  /* UTC */
    const char *zone; /* IANA; the offset in the date is this zone's */
    const char *text; /* UTF-8, lines end with '\n' */
};

/* A bare address of a mailbox, "ana@northgate.example": trimmed, its domain in ASCII. INVALID for what cannot stand in
 * a header as it is. */
enum vouch_status mail_address_read(const char *text, char address[MAIL_ADDRESS_BYTES],
                                    struct status_text *why) MUST_USE;

/* The whole message; lines end with "\r\n" as they travel, or ("\n") as programs on this machine want it. Free it. */
char *mail_compose(const struct mail *mail, bool crlf, size_t *size);

/* ---- mail_delivery.c; each answers OK, or INVALID or UNAVAILABLE with a sentence ---- */

/* Replaces a file, all of it or nothing. */
enum vouch_status mail_to_file(const char *path, const char *bytes, size_t size, struct status_text *why) MUST_USE;
/* Puts it into "new" of a maildir (made where it is not there) under this name, through "tmp", synced. DUPLICATE when
 * there is one of that name. */
enum vouch_status mail_to_maildir(const char *directory, const char *name, const char *bytes, size_t size,
                                  struct status_text *why) MUST_USE;
/* Gives it to a shell command's standard input; the command must end with 0. */
enum vouch_status mail_to_command(const char *command, const char *bytes, size_t size,
                                  struct status_text *why) MUST_USE;

/* What was delivered on which day, so that nothing goes twice: a small file beside the profile. */
struct mail_stamp;
/* Opens and locks it; another one that delivers at the same time waits. NULL with a sentence. */
struct mail_stamp *mail_stamp_open(const char *path, struct status_text *why);
/* `target` is a line that says where to. */
bool mail_stamp_has(const struct mail_stamp *stamp, uint32_t day, const char *target);
enum vouch_status mail_stamp_add(struct mail_stamp *stamp, uint32_t day, const char *target,
                                 struct status_text *why) MUST_USE;
void mail_stamp_close(struct mail_stamp **stamp);

#endif
