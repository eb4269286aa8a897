/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of the day for people: verb_today.c shows it in the terminal, verb_digest.c as a text or a mail; today.c has
 * the words that both use. */
#ifndef VOUCH_CLI_TODAY_H
#define VOUCH_CLI_TODAY_H

#include "cli.h"

/* "accept or decline"; what is not known yet: "look at it". */
const char *today_what(Vouch__V1__TodayLine__Kind kind);

/* "R214 Kestrel Bank", "Maria Keller, Brandt Logistik". */
#define TODAY_SUBJECT_BYTES 512
const char *today_subject(char out[TODAY_SUBJECT_BYTES], const Vouch__V1__TodayLine *line);

/* The command that settles it, as it would be typed. */
#define TODAY_COMMAND_BYTES 512
const char *today_command(char out[TODAY_COMMAND_BYTES], const Vouch__V1__TodayLine *line);

/* "1 h 10 left", "2 d late"; "" without a deadline, and for contacts, whose reason says it. */
#define TODAY_WHEN_BYTES 40
const char *today_when(char out[TODAY_WHEN_BYTES], const Vouch__V1__TodayLine *line, int64_t now_ms);

/* "Mon 23 Nov", or with the year when it is not now's. */
#define TODAY_DATE_BYTES 32
const char *today_date(char out[TODAY_DATE_BYTES], const char *zone, int64_t time_ms, int64_t now_ms);

/* "Mon 23 Nov, Ana Sousa: 7 things, 2 of them late". */
void today_print_heading(FILE *out, const Vouch__V1__TodayList *list);
/* One line of the list, over three lines of text. */
void today_print_entry(FILE *out, size_t number, const Vouch__V1__TodayLine *line, int64_t now_ms);
/* What comes after the lines: what was left out, and what falls due next. */
void today_print_end(FILE *out, const Vouch__V1__TodayList *list);

/* Fetches the list. EXIT_DONE, or told; `*reply` to be freed. */
int today_fetch(struct cli *cli, Vouch__V1__Reply **reply);

#endif
