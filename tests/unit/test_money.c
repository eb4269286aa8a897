/* SPDX-License-Identifier: Apache-2.0
 *
 * Money: the vectors of docs/referrals.md by number, the properties of the allocation, reading and writing. */
#include "domain/money.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static int64_t mul(int64_t minor, uint32_t bps)
{
    int64_t result = 0;
    cr_assert(money_mul_bps(minor, bps, &result));
    return result;
}

Test(money, v1_rates_round_half_to_even)
{
    cr_assert_eq(mul(12345, 1000), 1234);
    cr_assert_eq(mul(12355, 1000), 1236);
    cr_assert_eq(mul(12346, 1000), 1235);
    cr_assert_eq(mul(-12345, 1000), -1234);
    cr_assert_eq(mul(-12355, 1000), -1236);
    cr_assert_eq(mul(INT64_MAX, 10000), INT64_MAX);
    int64_t result;
    cr_assert_not(money_mul_bps(INT64_MAX, 10001, &result));
}

Test(money, v16_rates_do_not_depend_on_the_exponent)
{
    cr_assert_eq(mul(98765, 750), 7407);
    cr_assert_eq(mul(1234567, 750), 92593);
}

Test(money, v13_one_rate_a_party)
{
    cr_assert_eq(mul(617284, 1000), 61728);
    cr_assert_eq(mul(370370, 300), 11111);
    cr_assert_eq(mul(246913, 500), 12346);
}

Test(money, v13_credits_by_largest_remainder)
{
    struct money_part parts[] = {{1, 1, 5000, 0}, {2, 2, 3000, 0}, {3, 3, 2000, 0}};
    cr_assert(money_allocate(1234567, parts, 3));
    cr_assert_eq(parts[0].minor, 617284);
    cr_assert_eq(parts[1].minor, 370370);
    cr_assert_eq(parts[2].minor, 246913);
}

struct allocation {
    const char *name;
    int64_t total;
    size_t count;
    struct money_part parts[5];
    int64_t expected[5];
};

static const struct allocation allocations[] = {
    {"V2 10000/3", 10000, 3, {{1, 1, 1, 0}, {2, 2, 1, 0}, {3, 3, 1, 0}}, {3334, 3333, 3333}},
    {"V2 200/3", 200, 3, {{1, 1, 1, 0}, {2, 2, 1, 0}, {3, 3, 1, 0}}, {67, 67, 66}},
    {"V2 A,B,A", 10000, 2, {{1, 1, 2, 0}, {2, 2, 1, 0}}, {6667, 3333}},
    {"V2b by first touch", 101, 3, {{1, 3, 1, 0}, {2, 1, 1, 0}, {3, 2, 1, 0}}, {33, 34, 34}},
    {"V15 the sign comes last", -10000, 3, {{1, 1, 1, 0}, {2, 2, 1, 0}, {3, 3, 1, 0}}, {-3334, -3333, -3333}},
    {"V3 decay weights",
     100000,
     4,
     {{1, 1, 268435456, 0}, {2, 2, 1073741824, 0}, {3, 3, 2147483648, 0}, {4, 4, 4294967296, 0}},
     {3448, 13793, 27586, 55173}},
    {"V4 decay weights",
     250000,
     3,
     {{1, 1, 1518500250, 0}, {2, 2, 3408917802, 0}, {3, 3, 4007346185, 0}},
     {42488, 95384, 112128}},
    {"same sequence: smaller party first", 1, 2, {{9, 1, 1, 0}, {4, 1, 1, 0}}, {0, 1}},
    {"zero weight gets nothing", 5, 3, {{1, 1, 0, 0}, {2, 2, 2, 0}, {3, 3, 1, 0}}, {0, 3, 2}},
    {"nothing to share", 0, 2, {{1, 1, 1, 0}, {2, 2, 1, 0}}, {0, 0}},
    {"largest weights",
     INT64_MAX,
     2,
     {{1, 1, INT64_MAX / 2, 0}, {2, 2, INT64_MAX / 2, 0}},
     {INT64_MAX / 2 + 1, INT64_MAX / 2}},
};

Test(money, allocations)
{
    for (size_t i = 0; i < sizeof allocations / sizeof allocations[0]; i++) {
        struct allocation row = allocations[i];
        cr_assert(money_allocate(row.total, row.parts, row.count), "%s", row.name);
        for (size_t j = 0; j < row.count; j++) {
            cr_assert_eq(row.parts[j].minor, row.expected[j], "%s: part %zu is %ld", row.name, j,
                         (long)row.parts[j].minor);
        }
    }
}

Test(money, all_weights_zero_is_the_house)
{
    struct money_part parts[] = {{1, 1, 0, 7}, {2, 2, 0, 7}};
    cr_assert_not(money_allocate(100, parts, 2));
    cr_assert_eq(parts[0].minor, 0);
    cr_assert_not(money_allocate(100, NULL, 0));
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Whatever the weights: the parts add up, have the total's sign, are within one unit of the exact share, and do not
 * depend on the order in which they are given. */
Test(money, allocation_properties)
{
    uint64_t state = 88172645463325252u;
    for (int round = 0; round < 20000; round++) {
        struct money_part parts[7];
        struct money_part turned[7];
        size_t count = 1 + next_random(&state) % 7;
        int64_t total = (int64_t)(next_random(&state) >> (next_random(&state) % 60)) / 2;
        total = next_random(&state) % 2 ? total : -total;
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            int64_t weight = next_random(&state) % 4 == 0 ? 0 : (int64_t)(next_random(&state) % 1000);
            parts[i] = (struct money_part){i + 1, next_random(&state) % 5, weight, 0};
            sum += (uint64_t)weight;
        }
        for (size_t i = 0; i < count; i++) {
            turned[i] = parts[count - 1 - i];
        }
        bool any = money_allocate(total, parts, count);
        cr_assert_eq(any, sum > 0);
        cr_assert_eq(money_allocate(total, turned, count), any);
        int64_t given = 0;
        for (size_t i = 0; i < count; i++) {
            given += parts[i].minor;
            cr_assert_eq(parts[i].minor, turned[count - 1 - i].minor);
            cr_assert(parts[i].minor == 0 || (parts[i].minor > 0) == (total > 0));
            cr_assert(parts[i].weight > 0 || parts[i].minor == 0);
            if (any) {
                __extension__ __int128 error = (__int128)parts[i].minor * (int64_t)sum -
                                               (__int128)total * parts[i].weight;
                cr_assert(error < (int64_t)sum && error > -(int64_t)sum);
            }
        }
        cr_assert_eq(given, any ? total : 0);
    }
}

Test(money, exponents)
{
    static const struct {
        const char *code;
        int exponent;
    } rows[] = {{"EUR", 2},  {"USD", 2},  {"JPY", 0},  {"KRW", 0},  {"XOF", 0},  {"BHD", 3}, {"IQD", 3},  {"JOD", 3},
                {"KWD", 3},  {"LYD", 3},  {"OMR", 3},  {"TND", 3},  {"CLF", 4},  {"UYW", 4}, {"AED", 2},  {"ZWG", 2},
                {"XAU", -1}, {"XDR", -1}, {"XTS", -1}, {"XXX", -1}, {"eur", -1}, {"", -1},   {"EURO", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(currency_exponent(rows[i].code), rows[i].exponent, "%s", rows[i].code);
    }
}

/* The whole table: sorted, so that it can be searched; as many codes of each kind as the standard has. */
Test(money, currencies_are_sorted_and_counted)
{
    static const struct {
        const char *code;
        int exponent;
    } rows[] = {
#define NO_MINOR_UNIT (-1)
#define CURRENCY(code, exponent) {#code, exponent},
#include "domain/currencies.def"
#undef CURRENCY
    };
    size_t count = sizeof rows / sizeof rows[0];
    size_t digits[6] = {0};
    for (size_t i = 0; i < count; i++) {
        cr_assert(i == 0 || strcmp(rows[i - 1].code, rows[i].code) < 0, "%s", rows[i].code);
        cr_assert_eq(currency_exponent(rows[i].code), rows[i].exponent, "%s", rows[i].code);
        cr_assert(currency_exists(rows[i].code));
        digits[rows[i].exponent + 1]++;
    }
    cr_assert_eq(count, 181); /* 178 in force, and ANG, BGN, ZWL */
    cr_assert_eq(digits[0], 13);
    cr_assert_eq(digits[1], 17);
    cr_assert_eq(digits[2], 0);
    cr_assert_eq(digits[3], 142);
    cr_assert_eq(digits[4], 7);
    cr_assert_eq(digits[5], 2);
    cr_assert_not(currency_exists("ABC"));
}

static const struct {
    const char *text;
    int64_t minor;
    const char *currency; /* NULL: refused */
} amounts[] = {
    {"48,000.00 EUR", 4800000, "EUR"},
    {"12000 EUR", 1200000, "EUR"},
    {"eur 12.5", 1250, "EUR"},
    {" 0.01 USD ", 1, "USD"},
    {"98765 JPY", 98765, "JPY"},
    {"1,234.567 KWD", 1234567, "KWD"},
    {"1.0001 CLF", 10001, "CLF"},
    {"-5.00 EUR", -500, "EUR"},
    {"1,234,567.89 EUR", 123456789, "EUR"},
    {"92233720368547758.07 EUR", INT64_MAX, "EUR"},
    {"92233720368547758.08 EUR", 0, NULL},
    {"48.000,00 EUR", 0, NULL},
    {"48,00 EUR", 0, NULL},
    {"1234,567 EUR", 0, NULL},
    {",123 EUR", 0, NULL},
    {"12.345 EUR", 0, NULL},
    {"12. EUR", 0, NULL},
    {".5 EUR", 0, NULL},
    {"1.5 JPY", 0, NULL},
    {"12000", 0, NULL},
    {"EUR", 0, NULL},
    {"", 0, NULL},
    {"1 XAU", 0, NULL},
    {"1e3 EUR", 0, NULL},
    {"0x10 EUR", 0, NULL},
    {"one EUR", 0, NULL},
    {"--1 EUR", 0, NULL},
    {"1 2 EUR", 0, NULL},
    {"99999999999999999999999999999999999999999999 EUR", 0, NULL},
};

Test(money, amounts_are_read_exactly_or_refused)
{
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        int64_t minor = 0;
        char currency[CURRENCY_BYTES] = "";
        struct status_text why = {""};
        enum vouch_status status = money_parse(amounts[i].text, &minor, currency, &why);
        cr_assert_eq(status == VOUCH_OK, amounts[i].currency != NULL, "%s: %s", amounts[i].text, why.text);
        if (status == VOUCH_OK) {
            cr_assert_eq(minor, amounts[i].minor, "%s is %ld", amounts[i].text, (long)minor);
            cr_assert_str_eq(currency, amounts[i].currency);
        } else {
            cr_assert_neq(why.text[0], '\0');
        }
    }
}

Test(money, what_is_written_is_read_back)
{
    static const struct {
        int64_t minor;
        const char *currency;
        const char *text;
    } rows[] = {{4800000, "EUR", "48,000.00 EUR"},
                {1, "EUR", "0.01 EUR"},
                {0, "EUR", "0.00 EUR"},
                {-123456, "USD", "-1,234.56 USD"},
                {1000, "JPY", "1,000 JPY"},
                {999, "JPY", "999 JPY"},
                {0, "JPY", "0 JPY"},
                {1234567, "KWD", "1,234.567 KWD"},
                {INT64_MAX, "EUR", "92,233,720,368,547,758.07 EUR"},
                {INT64_MIN, "JPY", "-9,223,372,036,854,775,808 JPY"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[MONEY_TEXT_BYTES];
        cr_assert_str_eq(money_format(text, rows[i].minor, rows[i].currency), rows[i].text);
        int64_t minor;
        char currency[CURRENCY_BYTES];
        if (rows[i].minor != INT64_MIN) {
            cr_assert_eq(money_parse(text, &minor, currency, NULL), VOUCH_OK);
            cr_assert_eq(minor, rows[i].minor);
        }
    }
}

/* Every currency of the standard's list that has a minor unit, and none that has not. */
Test(money, exponents_agree_with_the_standards_list)
{
    FILE *file = fopen("../shared/data/taxonomies/iso4217_codes-all.csv", "r");
    if (file == NULL) {
        cr_skip_test("../shared/data/taxonomies is not there");
    }
    char line[512];
    int known = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        /* entity (may be quoted, with commas),currency,code,number,minor unit,withdrawn */
        char *fields[4] = {NULL};
        char *end = line + strcspn(line, "\r\n");
        *end = '\0';
        for (int i = 3; i >= 0 && (end = strrchr(line, ',')) != NULL; i--) {
            fields[i] = end + 1;
            *end = '\0';
        }
        if (fields[0] == NULL || strlen(fields[0]) != 3 || fields[3][0] != '\0') {
            continue; /* withdrawn, or the heading */
        }
        int exponent = fields[2][0] >= '0' && fields[2][0] <= '9' ? fields[2][0] - '0' : -1;
        cr_assert_eq(currency_exponent(fields[0]), exponent, "%s has %s digits", fields[0], fields[2]);
        known++;
    }
    fclose(file);
    cr_assert_gt(known, 150);
}
