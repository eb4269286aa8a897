/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms on the command line: an option for every number there is, rates and amounts as people write them, and what two
 * versions differ in. */
#include "terms.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool has_option(const char *name)
{
    for (const struct option *option = options; option->name != NULL; option++) {
        if (strcmp(option->verb, "terms") == 0 && strcmp(option->name, name) == 0) {
            return true;
        }
    }
    return false;
}

Test(cli_terms, every_number_of_terms_has_an_option)
{
    for (size_t i = 0; terms_field_at(i) != NULL; i++) {
        cr_assert(has_option(terms_field_at(i)->word), "vouch terms has no --%s", terms_field_at(i)->word);
    }
}

Test(cli_terms, rates_are_read_exactly)
{
    static const struct {
        const char *text;
        int64_t bps; /* below zero: refused */
    } cases[] = {
        {"10%", 1000},   {"7.5 %", 750}, {"0.25%", 25},   {"750 bps", 750},   {"750bps", 750},   {"1 BP", 1},
        {" 10% ", 1000}, {"0%", 0},      {"150%", 15000}, {"100.00%", 10000}, {"10", -1},        {"", -1},
        {"%", -1},       {"7.555%", -1}, {"-5%", -1},     {"7,5%", -1},       {"7.%", -1},       {".5%", -1},
        {"7.5 bps", -1}, {"10%%", -1},   {"ten %", -1},   {"1e3%", -1},       {"99999999%", -1}, {"10 percent", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t bps = 0;
        bool read = terms_read_rate(cases[i].text, &bps);
        cr_assert_eq(read, cases[i].bps >= 0, "%s", cases[i].text);
        cr_assert(!read || bps == cases[i].bps, "%s is %ld", cases[i].text, (long)bps);
    }
}

Test(cli_terms, amounts_are_read_exactly_in_the_currency_of_the_terms)
{
    static const struct {
        const char *text;
        const char *currency; /* of the terms so far */
        const char *now;      /* and afterwards */
        int64_t minor;        /* below zero: refused */
    } cases[] = {
        {"5,000 EUR", "", "EUR", 500000},
        {"EUR 5,000", "", "EUR", 500000},
        {"5000", "EUR", "EUR", 500000},
        {"5000.5", "EUR", "EUR", 500050},
        {" 5 eur ", "", "EUR", 500},
        {"2.5M", "EUR", "EUR", 250000000},
        {"2.5M EUR", "", "EUR", 250000000},
        {"900k", "EUR", "EUR", 90000000},
        {"1K", "JPY", "JPY", 1000},
        {"0.0001M", "EUR", "EUR", 10000},
        {"1.2345678M", "EUR", "EUR", -1},
        {"1,5M", "EUR", "EUR", -1},
        {"0", "EUR", "EUR", 0},
        {"1.5", "JPY", "JPY", -1},
        {"1.234", "KWD", "KWD", 1234},
        {"5000", "", "", -1},
        {"50 USD", "EUR", "EUR", -1},
        {"5 XAU", "", "XAU", -1},
        {"-5", "EUR", "EUR", -1},
        {"M", "EUR", "EUR", -1},
        {"", "EUR", "EUR", -1},
        {"5000000000000000000M", "EUR", "EUR", -1},
        {"99999999999999999999999999999999999999999999999999999999999999999999M", "EUR", "EUR", -1},
        {"92,233,720,368,547,758.07", "EUR", "EUR", INT64_MAX},
        {"92,233,720,368,547,758.08", "EUR", "EUR", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char currency[CURRENCY_BYTES] = "";
        int64_t minor = 0;
        strcpy(currency, cases[i].currency);
        const char *wrong = terms_read_amount(cases[i].text, currency, &minor);
        cr_assert_eq(wrong == NULL, cases[i].minor >= 0, "%s: %s", cases[i].text, wrong == NULL ? "read" : wrong);
        cr_assert_str_eq(currency, cases[i].now, "%s", cases[i].text);
        cr_assert(wrong != NULL || minor == cases[i].minor, "%s is %ld", cases[i].text, (long)minor);
    }
}

Test(cli_terms, days_are_those_of_the_home_company)
{
    struct terms_versions versions = {.now_ms = INT64_C(1795474800000), .zone = "Europe/Berlin"}; /* 24 Nov, 00:00 */
    static const struct {
        const char *text;
        int64_t time_ms; /* below zero: refused */
    } cases[] = {
        {"2026-11-24", INT64_C(1795474800000)},
        {"today", INT64_C(1795474800000)},
        {"2027-07-01", INT64_C(1814392800000)},
        {"2027-02-29", -1},
        {"2027-13-01", -1},
        {"01.02.2027", -1},
        {"2027-1-1", -1},
        {"2027-+1-01", -1},
        {"2027-01-01x", -1},
        {"", -1},
        {"tomorrow", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t time_ms = 0;
        bool read = terms_read_date(&versions, cases[i].text, &time_ms);
        cr_assert_eq(read, cases[i].time_ms >= 0, "%s", cases[i].text);
        cr_assert(!read || time_ms == cases[i].time_ms, "%s is %ld", cases[i].text, (long)time_ms);
    }
}

Test(cli_terms, a_diff_has_what_changed_came_and_went)
{
    struct terms_line before[] = {{"partner", "10 %", ""}, {"hold", "30 days", ""}, {"band 1", "5 % from 0 on", ""}};
    struct terms_line after[] = {{"partner", "8 %", ""}, {"hold", "30 days", ""}, {"split 1", "Ana, 50 %", ""}};
    static const struct terms_change wanted[] = {
        {"partner", "10 %", "8 %"}, {"split 1", "–", "Ana, 50 %"}, {"band 1", "5 % from 0 on", "–"}};
    struct terms_change changes[2 * TERMS_LINES_MAX];
    cr_assert_eq(terms_changes(before, 3, after, 3, changes), COUNT(wanted));
    for (size_t i = 0; i < COUNT(wanted); i++) {
        cr_assert_str_eq(changes[i].word, wanted[i].word);
        cr_assert_str_eq(changes[i].before, wanted[i].before);
        cr_assert_str_eq(changes[i].after, wanted[i].after);
    }
    cr_assert_eq(terms_changes(before, 3, before, 3, changes), 0);
}

/* A later version ends the earlier ones of its name where it begins; those of another name it does not touch. */
Test(cli_terms, say_which_version_holds)
{
    static const struct {
        uint64_t id;
        uint32_t version;
        bool approved;
        int64_t from_ms, until_ms;
        const char *standing;
        int64_t end_ms;
    } cases[] = {
        {1, 5, false, 10, INT64_MAX, "waits for approval", INT64_MAX},
        {1, 4, true, 200, INT64_MAX, "approved, to come", INT64_MAX},
        {1, 3, true, 50, INT64_MAX, "in force", 200},
        {1, 2, true, 60, INT64_MAX, "replaced", 50},
        {1, 1, false, 10, INT64_MAX, "never approved", 50},
        {2, 2, true, 10, 90, "over", 90},
        {2, 1, true, 5, INT64_MAX, "replaced", 10},
    };
    Vouch__V1__Terms terms[COUNT(cases)];
    Vouch__V1__Terms *rows[COUNT(cases)];
    for (size_t i = 0; i < COUNT(cases); i++) {
        vouch__v1__terms__init(&terms[i]);
        terms[i].id = cases[i].id;
        terms[i].version = cases[i].version;
        terms[i].state = cases[i].approved ? VOUCH__V1__TERMS_STATE__APPROVED : VOUCH__V1__TERMS_STATE__WRITTEN;
        terms[i].from_ms = cases[i].from_ms;
        terms[i].until_ms = cases[i].until_ms;
        rows[i] = &terms[i];
    }
    struct terms_versions versions = {.rows = rows, .count = COUNT(cases), .now_ms = 100};
    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_assert_str_eq(terms_standing(&versions, i), cases[i].standing, "row %zu", i);
        cr_assert_eq(terms_end_ms(&versions, i), cases[i].end_ms, "row %zu", i);
    }
}
