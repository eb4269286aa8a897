/* SPDX-License-Identifier: Apache-2.0
 *
 * Moments as people type them, and the text that is sent to somebody who is asked: nothing of a card commands a
 * terminal. */
#include "tie.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void in_utc(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
}

/* Reads `--at text`; below zero when it is refused. */
static int64_t moment(const char *text)
{
    static struct cli cli;
    char why[256];
    char *argv[] = {"vouch", "touch", "Sam", "--call", "--at", (char *)(uintptr_t)text};
    int64_t time_ms = -1;
    cr_assert(args_parse(&cli.args, COUNT(argv), argv, why), "%s", why);
    cli.json = true; /* quiet */
    return tie_read_moment(&cli, "at", &time_ms) == EXIT_DONE ? time_ms : -1;
}

Test(cli_ties, moments, .init = in_utc)
{
    static const struct {
        const char *text;
        int64_t seconds; /* below zero: refused */
    } cases[] = {
        {"2026-11-20 14:00", 1795183200},
        {"2026-11-20T14:00", 1795183200},
        {"2026-11-20", 1795176000},
        {"1970-01-01 00:01", 60},
        {"2028-02-29 23:59", 1835481540},
        {"2026-02-29", -1},
        {"2026-13-01", -1},
        {"2026-11-31", -1},
        {"2026-11-20 24:00", -1},
        {"2026-11-20 14:60", -1},
        {"2026-11-20 14", -1},
        {"2026-11-20 14:00:00", -1},
        {"2026-11-20x", -1},
        {"", -1},
        {"yesterday", -1},
        {"20.11.2026", -1},
        {"1969-12-31", -1},
        {"2026-11-20 -1:00", -1},
        {"2031-+1-01", -1},
        {"2031- 1- 1", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t is = moment(cases[i].text);
        cr_assert_eq(is, cases[i].seconds < 0 ? -1 : cases[i].seconds * 1000, "'%s' is %lld", cases[i].text,
                     (long long)is);
    }
}

Test(cli_ties, what_is_sent)
{
    char *issues[] = {strdup("archive\x1b[2J"), strdup("audit")};
    char *countries[] = {strdup("de"), strdup("AT")};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__Member who = VOUCH__V1__MEMBER__INIT;
    who.name = "Ana Sousa";
    card.issues = issues;
    card.n_issues = 2;
    card.countries = countries;
    card.n_countries = 2;
    card.describe_me = "archives\nthat pass";
    card.size_min = 3;
    card.size_max = 8;
    who.card = &card;
    char *text = ask_text("Sam\x07 Okafor", &who);
    cr_assert_not_null(strstr(text, "Dear Sam?,"), "%s", text);
    cr_assert_not_null(strstr(text, "archive?[2J, audit\n"), "%s", text);
    cr_assert_not_null(strstr(text, "DE, AT\n"), "%s", text);
    cr_assert_not_null(strstr(text, "51 people or more\n"), "%s", text);
    cr_assert_not_null(strstr(text, "archives that pass\n"), "%s", text);
    cr_assert_null(strchr(text, '\x1b'));
    free(text);
    who.card = NULL;
    text = ask_text("", &who);
    cr_assert_not_null(strstr(text, "Ana Sousa\n"), "%s", text);
    free(text);
    for (size_t i = 0; i < 2; i++) {
        free(issues[i]);
        free(countries[i]);
    }
}
