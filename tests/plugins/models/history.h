/* SPDX-License-Identifier: Apache-2.0
 *
 * Histories as people write them down, asked of the real plugin in its real host: ways of referrals in a few letters,
 * raw values read as fractions, money divided by the core. */
#ifndef VOUCH_TESTS_PLUGINS_HISTORY_H
#define VOUCH_TESTS_PLUGINS_HISTORY_H

#include "../caller.h"

#define HISTORY_PATHS_MAX 64
#define HISTORY_TEXT_BYTES 1024

struct history {
    struct vouch_path paths[HISTORY_PATHS_MAX];
    uint64_t parties[HISTORY_PATHS_MAX * 26];
    struct vouch_estimate_request request; /* points into this struct */
};

/* Words between blanks, each a path: the parties in order (capital letters), won/lost, and after = the value won:
 * "AB3/2=50000", "A0/1". */
void history_read(const char *text, struct history *history);

/* "A 11/20, B 23/30"; one that is rounded has a ~ before it. */
void history_write_raws(const struct answer *answer, char text[HISTORY_TEXT_BYTES]);
/* "A 33, B 46, C 26", those without weight too. */
void history_write_weights(const struct answer *answer, char text[HISTORY_TEXT_BYTES]);
/* What the weights make of `total`, by largest remainder; parties come in the order of their letters. */
void history_write_money(const struct answer *answer, int64_t total, char text[HISTORY_TEXT_BYTES]);

#endif
