/* SPDX-License-Identifier: Apache-2.0
 *
 * Random histories of the ledger: payees, currencies and lines, every step in any order and of any size, most of them
 * possible and many not. After each step: every account adds up, whatever was refused changed nothing, the open amount
 * is what the lines say, and the postings are the balances. In the end all is taken back and written off. */
#include "domain/ledger.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <string.h>

__extension__ typedef __int128 wide;

#define PAYEES 3
#define CURRENCIES 2
#define LINES 4

static const char *const currencies[CURRENCIES] = {"EUR", "JPY"};

struct history {
    struct random_cases cases;
    int round;
    struct ledger_balances balances[PAYEES][CURRENCIES];
    struct ledger_line lines[PAYEES][CURRENCIES][LINES];
    wide posted[PAYEES][CURRENCIES][LEDGER_ACCOUNTS]; /* what all postings add up to */
    wide totals[CURRENCIES];
    long done;
    long refused;
};

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            cr_assert_fail("round %d: %s", history->round, #condition);                                                \
        }                                                                                                              \
    } while (0)

static void count_postings(struct history *history, size_t payee, const struct ledger_posting *postings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t currency = strcmp(postings[i].currency, currencies[0]) == 0 ? 0 : 1;
        history->posted[payee][currency][postings[i].account] += postings[i].minor;
        history->totals[currency] += postings[i].minor;
    }
}

static struct ledger_move move_of(size_t payee, size_t currency, enum ledger_step step, int64_t minor)
{
    return (struct ledger_move){step, LEDGER_REASON_OTHER, 100, payee + 1, currencies[currency], minor};
}

/* Does the step on the line (if it is about one) and on the payee's balances, or on neither. */
static bool do_step(struct history *history, size_t payee, size_t currency, size_t line, enum ledger_step step,
                    int64_t minor)
{
    struct ledger_balances *balances = &history->balances[payee][currency];
    const struct ledger_balances before = *balances;
    struct ledger_line moved = history->lines[payee][currency][line];
    struct ledger_posting postings[2];
    struct status_text why = {""};
    struct ledger_move move = move_of(payee, currency, step, minor);
    bool about_line = ledger_step_find(step)->from != PLACE_PAYEE;
    bool done = !about_line || ledger_line_move(&moved, step, minor, &why) == VOUCH_OK;
    if (done) {
        done = ledger_post(&move, balances, postings, &why) == VOUCH_OK;
        /* The lines of a payee hold what the accounts hold: what a line has, its account has too. */
        MUST(done || !about_line || step == LEDGER_STEP_OFFSET || step == LEDGER_STEP_ACCRUE);
    }
    if (done) {
        history->lines[payee][currency][line] = moved;
        count_postings(history, payee, postings, 2);
        history->done++;
    } else {
        MUST(why.text[0] != '\0' && memcmp(&before, balances, sizeof before) == 0);
        history->refused++;
    }
    return done;
}

/* A payout in the other currency with its end: settled there, or failed and back. */
static void do_conversion(struct history *history, size_t payee, size_t line, int64_t minor)
{
    struct ledger_balances *from = &history->balances[payee][0];
    struct ledger_balances *to = &history->balances[payee][1];
    struct ledger_line *sent = &history->lines[payee][0][line];
    struct ledger_posting postings[4];
    int64_t converted = minor / 3 + 1;
    struct ledger_move move = move_of(payee, 0, LEDGER_STEP_FX_OUT, minor);
    if (ledger_line_move(sent, LEDGER_STEP_FX_OUT, minor, NULL) != VOUCH_OK) {
        history->refused++;
        return;
    }
    MUST(ledger_post_converted(&move, "JPY", converted, false, from, to, postings, NULL) == VOUCH_OK);
    count_postings(history, payee, postings, 4);
    if (random_below(&history->cases, 2) == 0) {
        MUST(ledger_post_converted(&move, "JPY", converted, true, from, to, postings, NULL) == VOUCH_OK);
        MUST(ledger_line_move(sent, LEDGER_STEP_FX_OUT_FAIL, minor, NULL) == VOUCH_OK);
        count_postings(history, payee, postings, 4);
    } else {
        move = move_of(payee, 1, LEDGER_STEP_SETTLE, converted);
        MUST(ledger_post(&move, to, postings, NULL) == VOUCH_OK);
        MUST(ledger_line_move(sent, LEDGER_STEP_SETTLE, minor, NULL) == VOUCH_OK);
        count_postings(history, payee, postings, 2);
    }
    history->done++;
}

static void do_taking(struct history *history, size_t payee, size_t currency, size_t line, int64_t minor)
{
    struct ledger_taking takings[LEDGER_TAKINGS_MAX];
    size_t count;
    if (ledger_take_back(&history->lines[payee][currency][line], minor, takings, &count, NULL) != VOUCH_OK) {
        MUST(count == 0);
        history->refused++;
        return;
    }
    int64_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        MUST(do_step(history, payee, currency, line, takings[i].step, takings[i].minor));
        taken += takings[i].minor;
    }
    MUST(taken == minor);
}

static void check_payee(struct history *history, size_t payee, size_t currency)
{
    const struct ledger_balances *balances = &history->balances[payee][currency];
    struct status_text why = {""};
    MUST(ledger_balances_check(balances, &why) == VOUCH_OK);
    int64_t open = 0;
    for (size_t line = 0; line < LINES; line++) {
        const struct ledger_line *units = &history->lines[payee][currency][line];
        open += units->minor[PLACE_ACC] + units->minor[PLACE_APP] + units->minor[PLACE_PAY];
    }
    MUST(ledger_open(balances) == open);
    for (int i = 1; i < LEDGER_ACCOUNTS; i++) {
        MUST(history->posted[payee][currency][i] == balances->minor[i]);
    }
    MUST(history->totals[currency] == 0);
}

/* Mostly of what is there, now and then more. */
static int64_t some_of(struct history *history, int64_t there)
{
    if (there <= 0 || random_below(&history->cases, 8) == 0) {
        return there + 1 + random_amount(&history->cases, 20);
    }
    return random_below(&history->cases, 2) == 0 ? there : 1 + (int64_t)random_below(&history->cases, (uint64_t)there);
}

static void do_anything(struct history *history)
{
    size_t payee = random_below(&history->cases, PAYEES);
    size_t currency = random_below(&history->cases, CURRENCIES);
    size_t line = random_below(&history->cases, LINES);
    const struct ledger_line *units = &history->lines[payee][currency][line];
    enum ledger_step step = (enum ledger_step)(1 + random_below(&history->cases, LEDGER_STEP_WRITE_OFF + 2));
    const struct ledger_step_rule *rule = ledger_step_find(step);
    bool empty = rule->from < PLACES && units->minor[rule->from] == 0;
    if (empty && random_below(&history->cases, 4) > 0) {
        /* On an empty place little can happen: go on with the first units that are somewhere, or get some. */
        int place = PLACE_ACC;
        while (place < PLACE_DONE && units->minor[place] == 0) {
            place++;
        }
        static const enum ledger_step next[PLACES] = {
            0, LEDGER_STEP_APPROVE, LEDGER_STEP_CLOSE, LEDGER_STEP_SEND, LEDGER_STEP_SETTLE, LEDGER_STEP_ACCRUE};
        step = next[place];
        rule = ledger_step_find(step);
    }
    if (step == LEDGER_STEP_ACCRUE) {
        do_step(history, payee, currency, line, step, 1 + random_amount(&history->cases, 40));
    } else if (step == LEDGER_STEP_FX_OUT) {
        do_conversion(history, payee, line, some_of(history, history->lines[payee][0][line].minor[PLACE_PAY]));
        check_payee(history, payee, 0);
        check_payee(history, payee, 1);
    } else if (step > LEDGER_STEP_FX_OUT) {
        do_taking(history, payee, currency, line, some_of(history, units->minor[PLACE_ACC] + units->minor[PLACE_DONE]));
    } else if (step == LEDGER_STEP_OFFSET) {
        int64_t most = ledger_offsettable(&history->balances[payee][currency]);
        int64_t there = units->minor[PLACE_APP];
        do_step(history, payee, currency, line, step, some_of(history, there < most ? there : most));
    } else if (rule->from == PLACE_PAYEE) {
        do_step(history, payee, currency, line, step,
                some_of(history, history->balances[payee][currency].minor[LEDGER_RCV]));
    } else {
        do_step(history, payee, currency, line, step, some_of(history, units->minor[rule->from]));
    }
    check_payee(history, payee, currency);
}

/* Everything is settled, taken back and written off: no account of the payee holds anything, and what was paid in cash
 * and not repaid is what was written off. */
static void wind_up(struct history *history, size_t payee, size_t currency)
{
    struct ledger_balances *balances = &history->balances[payee][currency];
    for (size_t line = 0; line < LINES; line++) {
        const struct ledger_line *units = &history->lines[payee][currency][line];
        if (units->minor[PLACE_SENT] > 0) {
            MUST(do_step(history, payee, currency, line, LEDGER_STEP_SETTLE, units->minor[PLACE_SENT]));
        }
        int64_t all = 0;
        for (int place = PLACE_ACC; place < PLACES; place++) {
            all += units->minor[place];
        }
        if (all > 0) {
            do_taking(history, payee, currency, line, all);
        }
    }
    if (balances->minor[LEDGER_RCV] > 0) {
        MUST(do_step(history, payee, currency, 0, LEDGER_STEP_WRITE_OFF, balances->minor[LEDGER_RCV]));
    }
    check_payee(history, payee, currency);
    MUST(ledger_open(balances) == 0 && balances->minor[LEDGER_EXP] == 0 && balances->minor[LEDGER_RCV] == 0);
    MUST(balances->minor[LEDGER_CLR] == 0);
    MUST(balances->minor[LEDGER_WO] + balances->minor[LEDGER_CASH] + balances->minor[LEDGER_FX] == 0);
}

Test(ledger_history, any_history_adds_up)
{
    const int rounds = 4000;
    const int steps = 150;
    static struct history histories;
    struct history *history = &histories;
    struct random_cases cases = random_begin("any_history_adds_up", rounds * steps);
    long done = 0;
    long refused = 0;
    for (int round = 0; round < rounds; round++) {
        memset(history, 0, sizeof *history);
        history->cases = cases;
        history->round = round;
        for (int step = 0; step < steps; step++) {
            do_anything(history);
        }
        for (size_t payee = 0; payee < PAYEES; payee++) {
            for (size_t currency = 0; currency < CURRENCIES; currency++) {
                wind_up(history, payee, currency);
            }
        }
        cases = history->cases;
        done += history->done;
        refused += history->refused;
    }
    fprintf(stderr, "%ld steps done, %ld refused\n", done, refused);
    cr_assert_gt(done, rounds * steps / 4, "most histories must get somewhere");
    cr_assert_gt(refused, rounds * steps / 10);
}
