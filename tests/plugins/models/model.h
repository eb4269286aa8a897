/* SPDX-License-Identifier: Apache-2.0
 *
 * Attribution models as people write them down: touches in a few letters, asked of the real plugin in its real host,
 * divided by the core, read as "A 3334, B 3333". */
#ifndef VOUCH_TESTS_PLUGINS_MODEL_H
#define VOUCH_TESTS_PLUGINS_MODEL_H

#include "../caller.h"

#define DAY_MS INT64_C(86400000)
#define CLOSED_MS (INT64_C(20000) * DAY_MS + DAY_MS / 2) /* noon of a day */
#define MODEL_TEXT_BYTES 256

/* Words between blanks, each a touch: what (i introduction, v vouch, t told intelligence, m meeting, h hand-over, x a
 * kind that nobody knows), who (a capital letter), and how many days before the close ("iA28"; none: 0). Returns how
 * many; the broker's sequence is theirs, 100, 101, ... */
uint32_t model_read_touches(const char *text, struct vouch_touch touches[VOUCH_TOUCHES_MAX]);

/* The answer's weights, "A 2, B 1"; nobody: "". */
void model_write_weights(const struct answer *answer, char text[MODEL_TEXT_BYTES]);

/* What the answer makes of `total`, in the order of the answer: "A 6667, B 3333"; all for the house: "house". */
void model_write_money(const struct vouch_attribution_request *request, const struct answer *answer, int64_t total,
                       char text[MODEL_TEXT_BYTES]);

#endif
