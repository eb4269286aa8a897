/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs share, by file in the order of use: session.c talks to the broker, names.c turns names into ids,
 * text.c writes times and money for people, table.h lays rows out, json.h answers programs. One thread. */
#ifndef VOUCH_CLI_CLI_H
#define VOUCH_CLI_CLI_H

#include "args.h"
#include "domain/zone.h"
#include "json.h"
#include "lib/profile.h"
#include "table.h"
#include "verbs.h"
#include "vouch.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct cli {
    struct args args;
    bool json;
    int64_t timeout_ms;
    char profile_path[PROFILE_PATH_MAX];
    struct profile profile; /* once session_open was called */
    struct vouch *vouch;    /* the same */
};

/* ---- Exit codes: proto/status.def, lib/failure.def, and these ---- */

enum {
    EXIT_DONE = 0,
    EXIT_USAGE = 2,
    EXIT_AMBIGUOUS = 10 /* a name fits several */
};

/* The exit code of a status or failure. */
int exit_of(int outcome);

/* ---- session.c ---- */

/* Says what went wrong, on stderr, with "[exit N: name]"; answers the exit code. */
int fail_outcome(const struct cli *cli, int outcome, const char *sentence);
int fail_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Opens the profile and its broker. EXIT_DONE, or told. */
int session_open(struct cli *cli);
void session_close(struct cli *cli);

/* A request with one operation. */
#define REQUEST(NAME, field_name, message)                                                                             \
    {                                                                                                                  \
        .base = PROTOBUF_C_MESSAGE_INIT(&vouch__v1__request__descriptor),                                              \
        .operation_case = VOUCH__V1__REQUEST__OPERATION_##NAME, .field_name = (message)                                \
    }

/* Calls the broker; EXIT_DONE and `*reply` (vouch_reply_free) with a result of kind `expected`, or told. */
int session_call(struct cli *cli, const Vouch__V1__Request *request, Vouch__V1__Reply__ResultCase expected,
                 Vouch__V1__Reply **reply);

/* For commands: the id in the answer. */
int session_command(struct cli *cli, const Vouch__V1__Request *request, uint64_t *id);

/* What the broker's clock shows, and the zone of the home company; either may be NULL. */
int session_ask_time(struct cli *cli, int64_t *now_ms, char zone[ZONE_BYTES]);

/* ---- names.c ---- */

/* The id of whom or what `text` names. EXIT_DONE, or told: nobody, or several (EXIT_AMBIGUOUS, listed). `name` (may be
 * NULL) gets the full name. */
#define NAME_MAX_BYTES 256
int name_resolve(struct cli *cli, Vouch__V1__Find__Kind kind, char *text, uint64_t *id, char name[NAME_MAX_BYTES]);

/* The same, but NOT_FOUND is no failure: `*id` is 0 then. */
int name_look_up(struct cli *cli, Vouch__V1__Find__Kind kind, char *text, uint64_t *id, char name[NAME_MAX_BYTES]);

/* The name that belongs to an id, or the id as text when it cannot be had; "" for 0. Kept until some 60 others were
 * asked for. */
const char *name_of(struct cli *cli, Vouch__V1__Find__Kind kind, uint64_t id);

/* "R12", "r12" or "12". EXIT_DONE, or told. */
int name_referral(const struct cli *cli, const char *text, uint64_t *id);

/* ---- text.c ---- */

/* The day by which times are shortened: the broker's, once it was heard; else this computer's. */
void text_set_now(int64_t now_ms);
time_t text_now(void);

#define TIME_TEXT_BYTES 32
/* For people, in the local zone: "09:14" today, "23 Nov 09:14" this year, else "2017-03-01"; "–" for 0. */
const char *text_time(char out[TIME_TEXT_BYTES], int64_t time_ms);
/* The same with day and minute always. */
const char *text_time_full(char out[TIME_TEXT_BYTES], int64_t time_ms);

/* A deadline, with its weekday: "Tue 24 Nov 10:20"; with the year where it is another one. */
const char *text_due(char out[TIME_TEXT_BYTES], int64_t time_ms);

/* "1,234". */
#define COUNT_TEXT_BYTES 32
const char *text_count(char out[COUNT_TEXT_BYTES], uint64_t count);

/* "48,000.00 EUR". */
#define MONEY_TEXT_MAX 48
const char *text_money(char out[MONEY_TEXT_MAX], int64_t minor, const char *currency);

/* How many bytes of a text are its first characters, and `most` at most: for "%.*s". */
int text_whole(const char *text, size_t most);

/* What a spreadsheet would compute instead of showing it, for names are other people's words; numbers, and numbers of
 * phones, are none. */
bool text_is_formula(const char *text);

/* The name of an enum's value, in small letters, '_' as ' ': "consent wait"; "?" for none. Never freed. */
const char *text_enum(char out[32], const ProtobufCEnumDescriptor *type, int value);
/* The value of an enum by its name in any case, '-' and ' ' as '_'; -1 for none. */
int text_enum_parse(const ProtobufCEnumDescriptor *type, const char *name);

/* "0.81" as 810000; false when not a number from 0 to 1 with at most six places. */
bool text_parse_ppm(const char *text, uint32_t *ppm);
/* A whole number up to `most`, nothing around it. */
bool text_parse_number(const char *text, uint64_t most, uint64_t *number);

/* Prints text of others: control characters, which could command the terminal, as '?'; newlines as spaces. */
void text_print(FILE *out, const char *text);

/* Answers a command: in JSON {"id": …}, else the sentence. */
int say_done(const struct cli *cli, uint64_t id, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
