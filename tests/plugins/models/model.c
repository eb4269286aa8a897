/* SPDX-License-Identifier: Apache-2.0
 *
 * See model.h. */
#include "model.h"

#include "base/check.h"
#include "domain/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTIES 26

uint32_t model_read_touches(const char *text, struct vouch_touch touches[VOUCH_TOUCHES_MAX])
{
    static const char kinds[] = "?ivtmhx";
    uint32_t count = 0;
    while (*text != '\0') {
        const char *kind = strchr(kinds, text[0]);
        CHECK(kind != NULL && text[1] >= 'A' && text[1] <= 'Z' && count < VOUCH_TOUCHES_MAX);
        char *end;
        int64_t days = strtoll(text + 2, &end, 10);
        touches[count] = (struct vouch_touch){.party = (uint64_t)(text[1] - 'A') + 1,
                                              .sequence = 100 + count,
                                              .time_ms = CLOSED_MS - days * DAY_MS,
                                              .kind = (uint32_t)(kind - kinds)};
        count++;
        text = *end == ' ' ? end + 1 : end;
    }
    return count;
}

static void add_amount(char text[MODEL_TEXT_BYTES], uint64_t party, int64_t amount)
{
    size_t used = strlen(text);
    CHECK(party >= 1 && party <= PARTIES);
    snprintf(text + used, MODEL_TEXT_BYTES - used, "%s%c %" PRId64, used == 0 ? "" : ", ", (char)('A' + party - 1),
             amount);
}

void model_write_weights(const struct answer *answer, char text[MODEL_TEXT_BYTES])
{
    text[0] = '\0';
    for (uint32_t i = 0; i < answer->shares.share_count; i++) {
        add_amount(text, answer->shares.shares[i].party, answer->shares.shares[i].weight);
    }
}

static uint64_t first_sequence(const struct vouch_attribution_request *request, uint64_t party)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        if (request->touches[i].party == party) {
            return request->touches[i].sequence;
        }
    }
    CHECK(!"a share of a party without a touch");
    return 0;
}

void model_write_money(const struct vouch_attribution_request *request, const struct answer *answer, int64_t total,
                       char text[MODEL_TEXT_BYTES])
{
    struct money_part parts[PARTIES];
    uint32_t count = answer->shares.share_count;
    CHECK(count <= PARTIES);
    text[0] = '\0';
    for (uint32_t i = 0; answer->shares.mode == VOUCH_SHARES_OVERRIDE && i < count; i++) {
        int64_t minor;
        CHECK(money_override(total, answer->shares.shares[i].weight, &minor));
        add_amount(text, answer->shares.shares[i].party, minor);
    }
    if (answer->shares.mode == VOUCH_SHARES_OVERRIDE) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct vouch_share *share = &answer->shares.shares[i];
        parts[i] = (struct money_part){share->party, first_sequence(request, share->party), share->weight, 0};
    }
    if (!money_allocate(total, parts, count)) {
        snprintf(text, MODEL_TEXT_BYTES, "house");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        add_amount(text, parts[i].party, parts[i].minor);
    }
}
