/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of the day's list: the command of each kind, whatever the names are, how much time is left, and which day it
 * is. */
#include "today.h"

#include <criterion/criterion.h>
#include <string.h>

#define KIND(name) VOUCH__V1__TODAY_LINE__KIND__##name
#define NOON INT64_C(1795435200000) /* Monday, 2026-11-23 12:00 UTC */
#define HOUR INT64_C(3600000)

Test(cli_today, commands)
{
    static const struct {
        Vouch__V1__TodayLine__Kind kind;
        const char *subject;
        const char *command;
    } rows[] = {
        {KIND(ANSWER), "Kestrel Bank", "vouch accept R7"},
        {KIND(PROGRESS), "Kestrel Bank", "vouch update R7"},
        {KIND(THANK), "Sam Okoro, Orrin Foods", "vouch ask thanked A5"},
        {KIND(INTEL), "Halden AG", "vouch intel take I3"},
        {KIND(STAY_IN_TOUCH), "Sam Okoro, Orrin Foods", "vouch touch 'Sam Okoro' --call"},
        {KIND(STAY_IN_TOUCH), "Sam Okoro", "vouch touch 'Sam Okoro' --call"},
        {KIND(BEST_ASK), "Sam O'Brien, Orrin Foods", "vouch ask 'Sam O'\\''Brien'"},
        {KIND(BEST_ASK), "$(reboot) `x` \"y\", Orrin Foods", "vouch ask '$(reboot) `x` \"y\"'"},
        {KIND(BEST_ASK), "Sam Okoro, Orrin Foods, Inc.", "vouch ask 9"},
        {(Vouch__V1__TodayLine__Kind)99, "what comes later", "vouch today"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char command[TODAY_COMMAND_BYTES];
        Vouch__V1__TodayLine line = VOUCH__V1__TODAY_LINE__INIT;
        line.kind = rows[i].kind;
        line.subject = (char *)(uintptr_t)rows[i].subject;
        line.referral = 7;
        line.ask = 5;
        line.intel = 3;
        line.contact = 9;
        cr_assert_str_eq(today_command(command, &line), rows[i].command, "row %zu: %s", i, command);
    }
}

Test(cli_today, every_kind_says_what_it_is)
{
    const ProtobufCEnumDescriptor *kinds = &vouch__v1__today_line__kind__descriptor;
    for (unsigned i = 0; i < kinds->n_values; i++) {
        int kind = kinds->values[i].value;
        cr_assert((kind == 0) == (strcmp(today_what((Vouch__V1__TodayLine__Kind)kind), "look at it") == 0), "%s",
                  kinds->values[i].name);
    }
}

Test(cli_today, a_name_that_is_too_long_is_cut)
{
    char name[1200], command[TODAY_COMMAND_BYTES], subject[TODAY_SUBJECT_BYTES];
    memset(name, '\'', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    Vouch__V1__TodayLine line = VOUCH__V1__TODAY_LINE__INIT;
    line.kind = KIND(BEST_ASK);
    line.subject = name;
    cr_assert_lt(strlen(today_command(command, &line)), sizeof command);
    cr_assert_lt(strlen(today_subject(subject, &line)), sizeof subject);
}

Test(cli_today, how_much_time_is_left)
{
    static const struct {
        int64_t due_ms;
        const char *when;
    } rows[] = {
        {0, ""},
        {NOON + HOUR / 2, "30 min left"},
        {NOON + HOUR + HOUR / 6, "1 h 10 left"},
        {NOON + 47 * HOUR, "47 h 00 left"},
        {NOON + 48 * HOUR, "2 d left"},
        {NOON, "0 min late"},
        {NOON - 3 * HOUR, "3 h 00 late"},
        {NOON - 1000 * 24 * HOUR, "1000 d late"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char when[TODAY_WHEN_BYTES];
        Vouch__V1__TodayLine line = VOUCH__V1__TODAY_LINE__INIT;
        line.kind = KIND(ANSWER);
        line.due_ms = rows[i].due_ms;
        line.overdue = rows[i].due_ms != 0 && rows[i].due_ms <= NOON;
        cr_assert_str_eq(today_when(when, &line, NOON), rows[i].when, "row %zu: %s", i, when);
        line.kind = KIND(STAY_IN_TOUCH); /* its reason says it */
        cr_assert_str_eq(today_when(when, &line, NOON), "");
    }
}

Test(cli_today, which_day_it_is)
{
    static const struct {
        const char *zone;
        int64_t time_ms;
        const char *date;
    } rows[] = {
        {"UTC", NOON, "Mon 23 Nov"},
        {"Europe/Berlin", NOON + 11 * HOUR, "Tue 24 Nov"},
        {"America/New_York", NOON + 16 * HOUR, "Mon 23 Nov"},
        {"UTC", NOON + 60 * 24 * HOUR, "Fri 22 Jan 2027"},
        {"No/Where", NOON, "Mon 23 Nov"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char date[TODAY_DATE_BYTES];
        cr_assert_str_eq(today_date(date, rows[i].zone, rows[i].time_ms, NOON), rows[i].date, "row %zu: %s", i, date);
    }
}
