/* SPDX-License-Identifier: Apache-2.0
 *
 * Any sequence of ledger steps on one payee's line: one byte is the step, one how much (of what is there, or of any
 * size). What is refused changes nothing, and the invariants hold after every step. */
#include "base/check.h"
#include "domain/ledger.h"
#include "fuzz.h"

#include <string.h>

static int64_t amount_of(uint8_t byte, int64_t there)
{
    if (byte < 64) {
        return there;
    }
    if (byte < 128) {
        return there / 2;
    }
    if (byte < 192) {
        return byte - 128;
    }
    return byte < 255 ? INT64_MAX >> (byte - 192) : INT64_MIN;
}

static void take_back(struct ledger_line *line, int64_t minor)
{
    struct ledger_taking takings[LEDGER_TAKINGS_MAX];
    size_t count;
    struct status_text why = {""};
    if (ledger_take_back(line, minor, takings, &count, &why) != VOUCH_OK) {
        CHECK(why.text[0] != '\0' && count == 0);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct ledger_line moved = *line;
        CHECK(ledger_line_move(&moved, takings[i].step, takings[i].minor, NULL) == VOUCH_OK);
    }
}

static void do_step(struct ledger_balances *balances, struct ledger_line *line, enum ledger_step step, uint8_t byte)
{
    const struct ledger_step_rule *rule = ledger_step_find(step);
    const struct ledger_balances before = *balances;
    struct ledger_line moved = *line;
    struct ledger_posting postings[2];
    struct status_text why = {""};
    bool about_line = rule != NULL && rule->from != PLACE_PAYEE;
    int64_t there = about_line ? line->minor[rule->from] : balances->minor[LEDGER_RCV];
    struct ledger_move move = {step, LEDGER_REASON_OTHER, 1, 2, "EUR", amount_of(byte, there)};
    take_back(line, move.minor);
    if (about_line && ledger_line_move(&moved, step, move.minor, &why) != VOUCH_OK) {
        CHECK(why.text[0] != '\0');
        return;
    }
    if (ledger_post(&move, balances, postings, &why) != VOUCH_OK) {
        CHECK(why.text[0] != '\0' && memcmp(&before, balances, sizeof before) == 0);
        return;
    }
    CHECK(postings[0].minor == move.minor && postings[1].minor == -move.minor);
    *line = moved;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ledger_balances balances = {{0}};
    struct ledger_line line = {{0}};
    for (size_t i = 0; i + 1 < size; i += 2) {
        do_step(&balances, &line, (enum ledger_step)(data[i] % (LEDGER_STEPS + 1)), data[i + 1]);
        CHECK(ledger_balances_check(&balances, NULL) == VOUCH_OK);
        CHECK(ledger_open(&balances) >= 0 && ledger_offsettable(&balances) >= 0);
        for (int place = 0; place < PLACES; place++) {
            CHECK(line.minor[place] >= 0);
        }
    }
    return 0;
}
