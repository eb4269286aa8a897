/* SPDX-License-Identifier: Apache-2.0
 *
 * What touch, ask and intel share. */
#ifndef VOUCH_CLI_TIE_H
#define VOUCH_CLI_TIE_H

#include "cli.h"

/* ---- verb_touch.c ---- */

/* The option `name`: "2026-11-20 14:00", or a day, whose noon it is then; in the local zone. 0 when not given.
 * EXIT_DONE, or told. */
int tie_read_moment(const struct cli *cli, const char *name, int64_t *time_ms);
/* "tier B (0.52), next real contact by 22 Jan 2027" */
void tie_print_standing(const Vouch__V1__TieStanding *standing);
/* As a table. */
void tie_print_touches(const Vouch__V1__TouchPage *page);

/* ---- ask_text.c ---- */

/* What to send to somebody who is asked, from the card of who asks: a new string. */
char *ask_text(const char *contact, const Vouch__V1__Member *who);

#endif
