/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares: the allocation against the definition written down plainly, instalments and refunds step by step (V14, V15,
 * V19 of the vectors), what is paid beside a pool (V7b), other currencies at payout (V17). */
#include "domain/money.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

__extension__ typedef __int128 wide;

#define PARTS 12

/* The definition: the place among the remainders is the number of parts that go before. Quadratic, and plain. */
static void allocate_plainly(int64_t total, struct money_part *parts, size_t count)
{
    wide sum = 0;
    wide amount = total < 0 ? -(wide)total : total;
    wide given = 0;
    for (size_t i = 0; i < count; i++) {
        sum += parts[i].weight;
    }
    for (size_t i = 0; i < count; i++) {
        given += amount * parts[i].weight / sum;
    }
    for (size_t i = 0; i < count; i++) {
        wide rest = amount * parts[i].weight % sum;
        wide share = amount * parts[i].weight / sum;
        wide before = 0;
        for (size_t j = 0; j < count; j++) {
            wide other = amount * parts[j].weight % sum;
            bool first = parts[j].party < parts[i].party;
            first = parts[j].sequence == parts[i].sequence ? first : parts[j].sequence < parts[i].sequence;
            first = other == rest ? first : other > rest;
            before += j != i && first ? 1 : 0;
        }
        share += rest > 0 && before < amount - given ? 1 : 0;
        parts[i].minor = (int64_t)(total < 0 ? -share : share);
    }
}

/* Parties are distinct; sequences and weights often are not. Returns the weights' sum. */
static int64_t random_parts(struct random_cases *cases, struct money_part *parts, size_t count)
{
    int64_t sum = 0;
    unsigned bits = 1 + (unsigned)random_below(cases, 58);
    uint64_t sequences = 1 + random_below(cases, 6);
    for (size_t i = 0; i < count; i++) {
        int64_t weight = random_below(cases, 4) == 0 ? 0 : random_amount(cases, bits);
        uint64_t party = (random_next(cases) & ~UINT64_C(15)) | i;
        parts[i] = (struct money_part){party, random_below(cases, sequences), weight, 0};
        sum += weight;
    }
    return sum;
}

Test(money_shares, equal_to_the_definition)
{
    const int rounds = 300000;
    struct random_cases cases = random_begin("equal_to_the_definition", rounds);
    for (int round = 0; round < rounds; round++) {
        struct money_part parts[PARTS];
        struct money_part plain[PARTS];
        size_t count = 1 + random_below(&cases, PARTS);
        int64_t sum = random_parts(&cases, parts, count);
        int64_t total = random_amount(&cases, 63) * (random_next(&cases) % 2 ? 1 : -1);
        memcpy(plain, parts, sizeof parts);
        bool any = money_allocate(total, parts, count);
        cr_assert_eq(any, sum > 0);
        if (any) {
            allocate_plainly(total, plain, count);
        }
        wide given = 0;
        for (size_t i = 0; i < count; i++) {
            given += parts[i].minor;
            if (parts[i].minor != plain[i].minor) {
                cr_assert_fail("round %d part %zu: %ld, not %ld", round, i, (long)parts[i].minor, (long)plain[i].minor);
            }
        }
        cr_assert(given == (any ? total : 0));
    }
}

Test(money_shares, do_not_depend_on_the_order)
{
    const int rounds = 200000;
    struct random_cases cases = random_begin("do_not_depend_on_the_order", rounds);
    for (int round = 0; round < rounds; round++) {
        struct money_part parts[PARTS];
        struct money_part turned[PARTS];
        size_t count = 1 + random_below(&cases, PARTS);
        size_t turn = random_below(&cases, count);
        int64_t total = random_amount(&cases, 62);
        if (random_parts(&cases, parts, count) == 0) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            turned[(i + turn) % count] = parts[i];
        }
        cr_assert(money_allocate(total, parts, count) && money_allocate(total, turned, count));
        for (size_t i = 0; i < count; i++) {
            if (parts[i].minor != turned[(i + turn) % count].minor || (parts[i].weight == 0 && parts[i].minor != 0)) {
                cr_assert_fail("round %d part %zu: %ld", round, i, (long)parts[i].minor);
            }
        }
    }
}

Test(money_shares, parts_that_nothing_tells_apart_add_up_too)
{
    struct money_part parts[] = {{5, 1, 1, 0}, {5, 1, 1, 0}, {5, 1, 1, 0}};
    cr_assert(money_allocate(-11, parts, 3));
    cr_assert_eq(parts[0].minor, -4);
    cr_assert_eq(parts[1].minor, -4);
    cr_assert_eq(parts[2].minor, -3);
}

static struct money_part many[4096];
static struct money_part many_plain[4096];

/* However the parts agree: in weight, in touch, in nothing. */
Test(money_shares, four_thousand_parties_take_no_time)
{
    struct random_cases cases = random_begin("four_thousand_parties_take_no_time", 3);
    for (int kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < 4096; i++) {
            int64_t weight = kind == 0 ? (int64_t)(random_next(&cases) >> 14) : 3;
            many[i] = (struct money_part){4096 - i, kind == 1 ? i : 7, weight, 0};
        }
        memcpy(many_plain, many, sizeof many);
        struct timespec start;
        struct timespec end;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
        cr_assert(money_allocate(INT64_MAX - 1000, many, 4096));
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        int64_t ns = (end.tv_sec - start.tv_sec) * 1000000000 + (end.tv_nsec - start.tv_nsec);
        fprintf(stderr, "4096 parties, kind %d: %ld us\n", kind, (long)(ns / 1000));
        cr_assert_lt(ns, 20000000, "it took %ld ns", (long)ns); /* under a sanitizer; else well below 1 ms */
        allocate_plainly(INT64_MAX - 1000, many_plain, 4096);
        cr_assert(memcmp(many, many_plain, sizeof many) == 0);
    }
}

Test(money_shares, v15_the_sign_comes_last)
{
    struct money_part parts[] = {{1, 1, 1, 0}, {2, 2, 1, 0}, {3, 3, 1, 0}};
    cr_assert(money_allocate(-10000, parts, 3));
    cr_assert_eq(parts[0].minor, -3334);
    cr_assert_eq(parts[1].minor, -3333);
    cr_assert_eq(parts[2].minor, -3333);
}

Test(money_shares, v14_refunds_are_counted_together)
{
    static const struct {
        int64_t refunded;
        int64_t back[3];
    } rows[] = {{100000, {3334, 3333, 3333}}, {350001, {8333, 8334, 8333}}, {1000000, {21667, 21666, 21667}}};
    static const struct money_part parts[] = {{1, 1, 33334, 0}, {2, 2, 33333, 0}, {3, 3, 33333, 0}};
    struct money_part steps[3];
    int64_t earlier[3] = {0};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        cr_assert(money_refund_step(1000000, rows[row].refunded, parts, earlier, steps, 3));
        for (size_t i = 0; i < 3; i++) {
            cr_assert_eq(steps[i].minor, rows[row].back[i], "row %zu part %zu: %ld", row, i, (long)steps[i].minor);
            earlier[i] += steps[i].minor;
        }
    }
    cr_assert_eq(earlier[0], 33334);
    cr_assert_eq(earlier[1], 33333);
}

Test(money_shares, refunds_round_half_to_even)
{
    static const struct {
        int64_t refunded;
        int64_t back;
    } rows[] = {{4, 0}, {5, 0}, {6, 1}, {14, 1}, {15, 2}, {25, 2}, {26, 3}};
    static const struct money_part part = {1, 1, 100, 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct money_part step;
        cr_assert(money_refund_step(1000, rows[i].refunded, &part, &(int64_t){0}, &step, 1));
        cr_assert_eq(step.minor, rows[i].back, "row %zu: %ld", i, (long)step.minor);
    }
}

Test(money_shares, refunds_that_cannot_be)
{
    struct money_part parts[] = {{1, 1, 60, 0}, {2, 2, 40, 0}};
    struct money_part steps[2];
    static const int64_t earlier[2] = {0};
    cr_assert_not(money_refund_step(1000, 1001, parts, earlier, steps, 2), "more than was paid");
    cr_assert_not(money_refund_step(0, 0, parts, earlier, steps, 2), "of nothing");
    cr_assert_not(money_refund_step(1000, -1, parts, earlier, steps, 2), "below zero");
    parts[0].weight = INT64_MAX;
    cr_assert_not(money_refund_step(1000, 500, parts, earlier, steps, 2), "too large");
    parts[0].weight = 0;
    parts[1].weight = 0;
    cr_assert(money_refund_step(1000, 500, parts, earlier, steps, 2), "of a payment that owed nothing");
    cr_assert_eq(steps[0].minor + steps[1].minor, 0);
}

/* By largest remainder the third party has one unit of 5 and none of 6. What it has it keeps. */
Test(money_shares, no_payment_takes_a_unit_from_anybody)
{
    static const struct money_part parts[] = {{1, 1, 5, 0}, {2, 2, 5, 0}, {3, 3, 1, 0}};
    struct money_part steps[3];
    int64_t earlier[3] = {0};
    static const int64_t sums[][3] = {{1, 0, 0}, {1, 1, 0}, {2, 1, 0}, {2, 2, 0}, {2, 2, 1}, {3, 2, 1},
                                      {3, 3, 1}, {4, 3, 1}, {4, 4, 1}, {5, 4, 1}, {5, 5, 1}, {6, 5, 1}};
    for (int64_t total = 1; total <= 12; total++) {
        cr_assert(money_allocate_step(total, parts, earlier, steps, 3));
        for (size_t i = 0; i < 3; i++) {
            cr_assert_geq(steps[i].minor, 0);
            earlier[i] += steps[i].minor;
            cr_assert_eq(earlier[i], sums[total - 1][i], "total %ld part %zu: %ld", (long)total, i, (long)earlier[i]);
        }
    }
    cr_assert(money_allocate_step(3, parts, earlier, steps, 3), "less than was given gives nothing new");
    cr_assert_eq(steps[0].minor + steps[1].minor + steps[2].minor, 0);
    cr_assert_not(money_allocate_step(-1, parts, earlier, steps, 3));
    cr_assert(money_allocate_step(3, parts, (const int64_t[]){5, 0, 0}, steps, 3), "nor to those who had nothing");
    cr_assert_eq(steps[1].minor, 0);
}

Test(money_shares, v19_instalments_add_up_to_the_rate_of_the_whole)
{
    static const int64_t steps[] = {167, 166, 167};
    int64_t earlier = 0;
    for (int i = 0; i < 3; i++) {
        int64_t step = 0;
        cr_assert(money_bps_step(3333 * (i + 1), 500, earlier, &step));
        cr_assert_eq(step, steps[i]);
        earlier += step;
    }
    cr_assert_eq(earlier, 500);
    cr_assert_not(money_bps_step(INT64_MAX, 20000, 0, &earlier));
    cr_assert_not(money_bps_step(INT64_MAX, 10000, -1, &earlier));
}

/* One more payment: steps are new units only, add up to what is new of the pool, and leave every part where the
 * payments together put it, but for units that it had before. */
static void check_payment(int round, int64_t pool, const struct money_part *weights, int64_t *accrued,
                          struct money_part *steps, size_t count)
{
    struct money_part whole[PARTS];
    int64_t sum = 0;
    bool kept = false;
    memcpy(whole, weights, sizeof whole);
    bool done = money_allocate(pool, whole, count) && money_allocate_step(pool, weights, accrued, steps, count);
    for (size_t i = 0; i < count; i++) {
        kept = kept || accrued[i] > whole[i].minor;
        done = done && steps[i].minor >= 0 && steps[i].minor <= steps[i].weight;
        accrued[i] += steps[i].minor;
        sum += accrued[i];
    }
    for (size_t i = 0; i < count; i++) {
        done = done && (kept || accrued[i] == whole[i].minor) && (weights[i].weight > 0 || accrued[i] == 0);
    }
    if (!done || sum != pool) {
        cr_assert_fail("round %d: %ld of %ld", round, (long)sum, (long)pool);
    }
}

static void check_refunds(struct random_cases *cases, int round, int64_t payment, const struct money_part *accrued,
                          size_t count)
{
    struct money_part steps[PARTS];
    int64_t taken[PARTS] = {0};
    int64_t refunded = 0;
    while (refunded < payment) {
        int64_t rest = payment - refunded;
        refunded += random_below(cases, 3) == 0 ? rest : 1 + (int64_t)random_below(cases, (uint64_t)rest);
        bool done = money_refund_step(payment, refunded, accrued, taken, steps, count);
        for (size_t i = 0; i < count; i++) {
            taken[i] += steps[i].minor;
            done = done && steps[i].minor >= 0 && taken[i] <= accrued[i].weight;
            done = done && (refunded < payment || taken[i] == accrued[i].weight);
        }
        if (!done) {
            cr_assert_fail("round %d: %ld of %ld refunded", round, (long)refunded, (long)payment);
        }
    }
}

/* A deal paid in steps and refunded in steps: each payment's refunds take back its own commission, never more, and in
 * the end exactly what was accrued. */
Test(money_shares, refunds_after_instalments_return_what_was_paid)
{
    const int rounds = 100000;
    struct random_cases cases = random_begin("refunds_after_instalments_return_what_was_paid", rounds);
    for (int round = 0; round < rounds; round++) {
        struct money_part weights[PARTS];
        struct money_part steps[PARTS];
        int64_t accrued[PARTS] = {0};
        size_t count = 1 + random_below(&cases, PARTS);
        uint32_t bps = (uint32_t)random_below(&cases, 10001);
        unsigned bits = 1 + (unsigned)random_below(&cases, 40);
        int64_t paid = 0;
        int64_t pool = 0;
        if (random_parts(&cases, weights, count) == 0) {
            continue;
        }
        for (uint64_t payments = 1 + random_below(&cases, 4); payments > 0; payments--) {
            int64_t step = 0;
            int64_t payment = 1 + random_amount(&cases, bits);
            paid += payment;
            if (!money_bps_step(paid, bps, pool, &step) || step < 0) {
                cr_assert_fail("round %d: a step of %ld", round, (long)step);
            }
            pool += step;
            check_payment(round, pool, weights, accrued, steps, count);
            for (size_t i = 0; i < count; i++) {
                steps[i].weight = steps[i].minor;
            }
            check_refunds(&cases, round, payment, steps, count);
        }
    }
}

static const struct {
    const char *name;
    int64_t minor;
    const char *from;
    const char *rate;
    const char *to;
    int64_t expected; /* below zero: refused */
} payouts[] = {
    {"V17 dollars in yen", 123456, "USD", "149.875", "JPY", 185029},
    {"V17 dinars in dollars", 100000, "KWD", "3.2415", "USD", 32415},
    {"floored, never rounded", 199, "USD", "1", "JPY", 1},
    {"yen in dollars", 185029, "JPY", "0.006672", "USD", 123451},
    {"from no digits to four", 1, "JPY", "1", "CLF", 10000},
    {"nothing", 0, "USD", "2", "EUR", 0},
    {"largest", INT64_MAX, "USD", "1", "EUR", INT64_MAX},
    {"too large", INT64_MAX, "USD", "1.000000000000000001", "EUR", -1},
    {"too large between", INT64_MAX, "JPY", "999999999999999999", "CLF", -1},
    {"below zero", -1, "USD", "1", "EUR", -1},
    {"into itself", 1, "USD", "1", "USD", -1},
    {"gold", 1, "USD", "1", "XAU", -1},
    {"no such currency", 1, "ABC", "1", "USD", -1},
};

Test(money_shares, v17_payouts_in_another_currency)
{
    for (size_t i = 0; i < sizeof payouts / sizeof payouts[0]; i++) {
        struct status_text why = {""};
        struct money_rate rate;
        int64_t result = -1;
        enum vouch_status status = money_rate_parse(payouts[i].rate, &rate, &why);
        if (status == VOUCH_OK) {
            status = money_convert(payouts[i].minor, payouts[i].from, rate, payouts[i].to, &result, &why);
        }
        cr_assert_eq(status == VOUCH_OK, payouts[i].expected >= 0, "%s: %s", payouts[i].name, why.text);
        if (status == VOUCH_OK) {
            cr_assert_eq(result, payouts[i].expected, "%s: %ld", payouts[i].name, (long)result);
        } else {
            cr_assert_neq(why.text[0], '\0');
        }
    }
}

Test(money_shares, rates_are_read_exactly_or_refused)
{
    static const struct {
        const char *text;
        struct money_rate rate; /* 0/0: refused */
    } rows[] = {{"149.875", {1199, 8}},
                {"3.2415", {6483, 2000}},
                {"1", {1, 1}},
                {"1.0", {1, 1}},
                {"0.5", {1, 2}},
                {"0.00000000000000001", {1, 100000000000000000}},
                {"999999999999999999", {999999999999999999, 1}},
                {"0", {0, 0}},
                {"0.000", {0, 0}},
                {"", {0, 0}},
                {".5", {0, 0}},
                {"1.", {0, 0}},
                {"1.2.3", {0, 0}},
                {"-1", {0, 0}},
                {"1e3", {0, 0}},
                {"1,5", {0, 0}},
                {" 1", {0, 0}},
                {"0.0000000000000000001", {0, 0}},
                {"1000000000000000000", {0, 0}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct money_rate rate = {0, 0};
        struct status_text why = {""};
        enum vouch_status status = money_rate_parse(rows[i].text, &rate, &why);
        cr_assert_eq(status == VOUCH_OK, rows[i].rate.denominator > 0, "\"%s\": %s", rows[i].text, why.text);
        cr_assert_eq(rate.numerator, rows[i].rate.numerator, "%s", rows[i].text);
        cr_assert_eq(rate.denominator, rows[i].rate.denominator, "%s", rows[i].text);
    }
}

Test(money_shares, override)
{
    const int64_t whole = MONEY_OVERRIDE_WHOLE;
    const struct {
        int64_t pool, weight, minor;
    } rows[] = {
        /* V7b: the pool of 1000000 at 800 bps, a quarter a step */
        {80000, whole, 80000},
        {80000, whole / 4, 20000},
        {80000, whole / 16, 5000},
        /* half to even, both signs */
        {1, whole / 2, 0},
        {3, whole / 2, 2},
        {5, whole / 2, 2},
        {-1, whole / 2, 0},
        {-3, whole / 2, -2},
        {1, whole / 2 + 1, 1},
        {0, whole, 0},
        {80000, 0, 0},
        {INT64_MAX, whole, INT64_MAX},
        {INT64_MIN, whole, INT64_MIN},
        {INT64_MAX, 1, INT64_C(1) << 31},
        /* a third in units of 2^-32 */
        {30000, 1431655765, 10000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t minor = 0;
        cr_assert(money_override(rows[i].pool, rows[i].weight, &minor), "row %zu", i);
        cr_assert_eq(minor, rows[i].minor, "row %zu: %lld", i, (long long)minor);
    }
    int64_t minor;
    cr_assert_not(money_override(80000, -1, &minor));
    cr_assert_not(money_override(80000, whole + 1, &minor));
    cr_assert_not(money_override(0, INT64_MAX, &minor));
}

/* A larger weight is never paid less, nobody more than the pool, and what is refunded is what was paid. */
Test(money_shares, override_is_monotone_and_symmetrical)
{
    const int rounds = 200000;
    struct random_cases cases = random_begin("override_is_monotone_and_symmetrical", rounds);
    for (int i = 0; i < rounds; i++) {
        int64_t pool = random_amount(&cases, 1 + (unsigned)random_below(&cases, 62));
        int64_t more = (int64_t)random_below(&cases, (uint64_t)MONEY_OVERRIDE_WHOLE + 1);
        int64_t less = (int64_t)random_below(&cases, (uint64_t)more + 1);
        int64_t large, small, back;
        cr_assert(money_override(pool, more, &large) && money_override(pool, less, &small) &&
                  money_override(-pool, more, &back));
        cr_assert(large >= small && small >= 0 && large <= pool && back == -large);
    }
}
