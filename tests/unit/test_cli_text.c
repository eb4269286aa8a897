/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers, times and names as people read and write them; exit codes. */
#include "cli.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

Test(text, fractions_are_exact)
{
    static const struct {
        const char *text;
        bool valid;
        uint32_t ppm;
    } cases[] = {
        {"0", true, 0},         {"1", true, 1000000},   {"0.9", true, 900000},   {"0.000001", true, 1},
        {"1.0", true, 1000000}, {"1.000001", false, 0}, {"0.0000001", false, 0}, {"", false, 0},
        {".5", false, 0},       {"0.", false, 0},       {"2", false, 0},         {"-0.5", false, 0},
        {"0,5", false, 0},      {"0.5x", false, 0},     {"00.5", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t ppm = 0;
        cr_assert_eq(text_parse_ppm(cases[i].text, &ppm), cases[i].valid, "%s", cases[i].text);
        cr_assert(!cases[i].valid || ppm == cases[i].ppm, "%s", cases[i].text);
    }
}

Test(text, numbers_do_not_wrap)
{
    uint64_t number = 0;
    cr_assert(text_parse_number("18446744073709551615", UINT64_MAX, &number) && number == UINT64_MAX);
    cr_assert(!text_parse_number("18446744073709551616", UINT64_MAX, &number));
    cr_assert(!text_parse_number("99999999999999999999999", UINT64_MAX, &number));
    cr_assert(text_parse_number("8", 8, &number) && !text_parse_number("9", 8, &number));
    cr_assert(!text_parse_number("", 8, &number) && !text_parse_number("+1", 8, &number));
    cr_assert(!text_parse_number("1 ", 8, &number) && !text_parse_number("0x1", 8, &number));
}

Test(text, counts_are_grouped)
{
    char out[COUNT_TEXT_BYTES];
    cr_assert_str_eq(text_count(out, 0), "0");
    cr_assert_str_eq(text_count(out, 999), "999");
    cr_assert_str_eq(text_count(out, 1000), "1,000");
    cr_assert_str_eq(text_count(out, UINT64_MAX), "18,446,744,073,709,551,615");
}

Test(text, times_are_local)
{
    char out[TIME_TEXT_BYTES];
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    cr_assert_str_eq(text_time_full(out, INT64_C(1488369600000)), "2017-03-01 13:00");
    cr_assert_str_eq(text_time(out, INT64_C(1488369600000)), "2017-03-01");
    cr_assert_str_eq(text_time(out, 0), "–");
    cr_assert_eq(strlen(text_time(out, (int64_t)time(NULL) * 1000)), strlen("13:00"));
    text_set_now(INT64_C(1488373200000)); /* the broker's day is what counts, once it was heard */
    cr_assert_str_eq(text_time(out, INT64_C(1488369600000)), "13:00");
    cr_assert_str_eq(text_time(out, INT64_C(1488283200000)), "28 Feb 13:00");
}

Test(text, money_is_exact_in_every_currency)
{
    char out[MONEY_TEXT_MAX];
    cr_assert_str_eq(text_money(out, 4800000, "EUR"), "48,000.00 EUR");
    cr_assert_str_eq(text_money(out, 98765, "JPY"), "98,765 JPY");
    cr_assert_str_eq(text_money(out, INT64_MAX, "KWD"), "9,223,372,036,854,775.807 KWD");
    cr_assert_str_eq(text_money(out, 5, "XXX"), "5 (minor units) XXX");
}

Test(text, enums_are_words)
{
    char out[32];
    const ProtobufCEnumDescriptor *states = &vouch__v1__referral_state__descriptor;
    cr_assert_str_eq(text_enum(out, states, VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT), "consent wait");
    cr_assert_str_eq(text_enum(out, states, 99), "?");
    cr_assert_eq(text_enum_parse(states, "consent-wait"), VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT);
    cr_assert_eq(text_enum_parse(states, "Won"), VOUCH__V1__REFERRAL_STATE__WON);
    cr_assert_eq(text_enum_parse(states, "wo"), -1);
    cr_assert_eq(text_enum_parse(states, "referral_state_none"), -1);
    cr_assert_eq(text_enum_parse(states, ""), -1);
}

Test(text, nothing_commands_the_terminal)
{
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);
    text_print(out, "a\033[2Jb\nc\x7f\xc2\x9b"
                    "d\xc3\xa9\a");
    fclose(out);
    cr_assert_str_eq(buffer, "a?[2Jb c??d\xc3\xa9?");
    free(buffer);
}

Test(text, exit_codes_come_from_the_tables)
{
    cr_assert_eq(exit_of(VOUCH_OK), 0);
    cr_assert_eq(exit_of(VOUCH_CONFLICT), 5);
    cr_assert_eq(exit_of(VOUCH_UNREACHABLE), 3);
    cr_assert_eq(exit_of(VOUCH_UNKNOWN_KEY), 4);
    cr_assert_eq(exit_of(9999), 1);
}

Test(cli_text, what_a_spreadsheet_would_compute_is_no_number_and_no_phone)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"", false},
        {"Dana Frey", false},
        {"-10.00", false},
        {"+1,234.50", false},
        {"+49 30 123456", false},
        {"+49 (30) 123-456/7", false},
        {"=1+1", true},
        {"@SUM(A1)", true},
        {"-2+3+cmd|' /C calc'!A0", true},
        {"+1+HYPERLINK(\"http://evil.example\")", true},
        {"\t=1", true},
        {"\r=1", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(text_is_formula(cases[i].text), cases[i].is, "%s", cases[i].text);
    }
}

Test(cli_text, no_character_is_cut_in_two)
{
    cr_assert_eq(text_whole("Kestrel", 20), 7);
    cr_assert_eq(text_whole("Kestrel", 3), 3);
    cr_assert_eq(text_whole("Zürich", 2), 1, "the u with its dots has two bytes");
    cr_assert_eq(text_whole("Zürich", 3), 3);
    cr_assert_eq(text_whole("株式会社", 5), 3);
    cr_assert_eq(text_whole("", 5), 0);
}
