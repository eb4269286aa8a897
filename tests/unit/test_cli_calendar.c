/* SPDX-License-Identifier: Apache-2.0
 *
 * Working calendars on the command line: hours and days off as people write them, and what is none. */
#include "calendar.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

Test(cli_calendar, hours_are_read_and_told)
{
    static const struct {
        const char *text;
        const char *told; /* NULL: refused */
    } cases[] = {
        {"mon-fri 9:00-17:00", "Mon–Fri 9:00–17:00"},
        {"mon-fri 9:00-17:00, sat 9:00-12:00", "Mon–Fri 9:00–17:00, Sat 9:00–12:00"},
        {"Monday - Thursday 8-16:30,friday 8-12", "Mon–Thu 8:00–16:30, Fri 8:00–12:00"},
        {"  sun – sun  0:00 – 24:00 ", "Sun 0:00–24:00"},
        {"thu-sun 9-17, wed 10-12, mon-tue 9-17", "Mon–Tue 9:00–17:00, Wed 10:00–12:00, Thu–Sun 9:00–17:00"},
        {"mon-fri 9-12, mon-fri 13-17", NULL}, /* half of each day was lost */
        {"mon-sun 9-17, wed 10-12", NULL},
        {"", NULL},
        {"9:00-17:00", NULL},
        {"mon", NULL},
        {"mon 9:00", NULL},
        {"mon 9:00-", NULL},
        {"mon 17:00-9:00", NULL},
        {"mon 9:00-9:00", NULL},
        {"fri-mon 9:00-17:00", NULL},
        {"mon 9:00-25:00", NULL},
        {"mon 9:60-17:00", NULL},
        {"mon 9:5-17:00", NULL},
        {"mon 23:00-24:01", NULL},
        {"mon 9:00-17:00,", NULL},
        {"mon 9:00-17:00 tue 9:00-17:00", NULL},
        {"mon 99999999999:00-17:00", NULL},
        {"xyz 9:00-17:00", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t hours[WEEK_HOURS];
        char told[HOURS_TEXT_BYTES];
        bool read = calendar_parse_hours(cases[i].text, hours);
        cr_assert_eq(read, cases[i].told != NULL, "\"%s\"", cases[i].text);
        if (read) {
            cr_assert_str_eq(calendar_hours_text(told, hours), cases[i].told);
        }
    }
    static const uint32_t none[WEEK_HOURS] = {0};
    char told[HOURS_TEXT_BYTES];
    cr_assert_str_eq(calendar_hours_text(told, none), "never");
    uint32_t all[WEEK_HOURS];
    for (size_t day = 0; day < 7; day++) { /* the longest text there is */
        all[2 * day] = 600 + (uint32_t)day;
        all[2 * day + 1] = 1320 + (uint32_t)day;
    }
    cr_assert_not_null(strstr(calendar_hours_text(told, all), "Sun 10:06–22:06"));
}

Test(cli_calendar, days_are_read)
{
    static const struct {
        const char *text;
        uint32_t first, last; /* 0: refused */
    } cases[] = {
        {"2026-12-24", 20261224, 20261224},
        {"2026-12-24..2027-01-02", 20261224, 20270102},
        {"2028-02-29", 20280229, 20280229},
        {"2027-02-29", 0, 0},
        {"2026-13-01", 0, 0},
        {"2026-00-10", 0, 0},
        {"2026-1-1", 0, 0},
        {"2026- 1- 1", 0, 0},
        {"2026-+1-01", 0, 0},
        {"-024-01-01", 0, 0},
        {"2026-12-24..", 0, 0},
        {"2027-01-02..2026-12-24", 0, 0},
        {"2026-12-24...2027-01-02", 0, 0},
        {"1969-12-31", 0, 0},
        {"24.12.2026", 0, 0},
        {"+2026-12-24", 0, 0},
        {"2026-12-24 ", 0, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t first = 0, last = 0;
        bool read = calendar_parse_range(cases[i].text, &first, &last);
        cr_assert_eq(read, cases[i].first != 0, "\"%s\"", cases[i].text);
        cr_assert(!read || (first == cases[i].first && last == cases[i].last), "\"%s\"", cases[i].text);
    }
    cr_assert_eq(calendar_day_after(20261231, 1), 20270101);
    cr_assert_eq(calendar_day_after(20270301, -1), 20270228);
}

Test(cli_calendar, days_off_stay_in_order_and_are_there_once)
{
    static struct days_off off;
    cr_assert(days_off_add(&off, 20261230, 20270102));
    cr_assert(days_off_add(&off, 20261224, 20261231));
    cr_assert(days_off_add(&off, 20260501, 20260501));
    cr_assert_eq(off.count, 11);
    for (size_t i = 1; i < off.count; i++) {
        cr_assert_lt(off.days[i - 1], off.days[i]);
    }
    cr_assert_eq(days_off_run(&off, 0), 0);
    cr_assert_eq(days_off_run(&off, 1), 10);
    days_off_remove(&off, 20261226, 20261228);
    cr_assert_eq(off.count, 8);
    cr_assert_not(days_off_add(&off, 20270101, 20280601), "more than there is room for");
    cr_assert_leq(off.count, DAYS_OFF_MOST);
}
