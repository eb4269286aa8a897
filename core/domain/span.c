/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading periods. Their ends are the first moments of days, which the time-zone database knows: a day of 23 or 25
 * hours is one. */
#include "domain/span.h"

#include "domain/day.h"

#include <stdio.h>
#include <string.h>

struct date {
    int year, month, day;
};

static struct date month_after(struct date date, int months)
{
    int number = date.year * 12 + date.month - 1 + months;
    return (struct date){number / 12, number % 12 + 1, 1};
}

/* Reads exactly `count` digits. */
static bool take_number(const char **text, size_t count, int *number)
{
    *number = 0;
    for (size_t i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9') {
            return false;
        }
        *number = *number * 10 + (**text - '0');
    }
    return true;
}

static bool take_char(const char **text, char wanted)
{
    bool there = **text == wanted;
    *text += there ? 1 : 0;
    return there;
}

static bool take_date(const char **text, struct date *date)
{
    return take_number(text, 4, &date->year) && take_char(text, '-') && take_number(text, 2, &date->month) &&
           take_char(text, '-') && take_number(text, 2, &date->day);
}

/* The first day, and the first day after it; false when it is no period. Whether the days exist is looked at later. */
static bool read_span(const char *text, struct date *from, struct date *until, bool *until_is_last)
{
    const char *at = text;
    int quarter;
    *until_is_last = false;
    if (take_number(&at, 4, &from->year) && *at == '\0') {
        *from = (struct date){from->year, 1, 1};
        *until = (struct date){from->year + 1, 1, 1};
        return true;
    }
    if (take_char(&at, '-') && (take_char(&at, 'Q') || take_char(&at, 'q'))) {
        bool good = take_number(&at, 1, &quarter) && *at == '\0' && quarter >= 1 && quarter <= 4;
        *from = (struct date){from->year, quarter * 3 - 2, 1};
        *until = month_after(*from, 3);
        return good;
    }
    at = text;
    if (take_number(&at, 4, &from->year) && take_char(&at, '-') && take_number(&at, 2, &from->month) && *at == '\0') {
        from->day = 1;
        *until = month_after(*from, 1);
        return from->month >= 1 && from->month <= 12;
    }
    at = text;
    *until_is_last = true;
    if (!take_date(&at, from)) {
        return false;
    }
    *until = *from;
    bool alone = *at == '\0', range = strncmp(at, "..", 2) == 0;
    at += range ? 2 : 0;
    return alone || (range && take_date(&at, until) && *at == '\0');
}

/* The first moment of the day after, wherever months and years end. */
static bool day_after_ms(const char *zone, struct date date, int64_t *time_ms)
{
    struct date next = month_after(date, 1);
    return zone_day_start_ms(zone, date.year, date.month, date.day, time_ms) &&
           (zone_day_start_ms(zone, date.year, date.month, date.day + 1, time_ms) ||
            zone_day_start_ms(zone, next.year, next.month, 1, time_ms));
}

enum vouch_status span_parse(const char *text, const char *zone, struct span *span, struct status_text *why)
{
    struct date from = {0}, until = {0};
    bool until_is_last;
    memset(span, 0, sizeof *span);
    if (strlen(text) >= SPAN_TEXT_BYTES || !read_span(text, &from, &until, &until_is_last)) {
        return status_set(why, VOUCH_INVALID,
                          "\"%.40s\" is no period; say 2026, 2026-Q3, 2026-11 or 2026-01-01..2026-06-30", text);
    }
    bool there = zone_day_start_ms(zone, from.year, from.month, from.day, &span->from_ms) &&
                 (until_is_last ? day_after_ms(zone, until, &span->until_ms)
                                : zone_day_start_ms(zone, until.year, until.month, until.day, &span->until_ms));
    if (!there || from.year < 1970) {
        return status_set(why, VOUCH_INVALID, "\"%s\" has a day that there is not, or that is too far off", text);
    }
    if (span->until_ms <= span->from_ms) {
        return status_set(why, VOUCH_INVALID, "\"%s\" ends before it begins", text);
    }
    memcpy(span->text, text, strlen(text));
    span->first_month = zone_month(zone, span->from_ms);
    span->first_day = day_of(zone, span->from_ms);
    span->last_day = day_of(zone, span->until_ms - 1);
    return VOUCH_OK;
}
