/* SPDX-License-Identifier: Apache-2.0
 *
 * Days as address books write them. */
#include "import_book.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MS_PER_SECOND 1000

static int month_of(const char *word)
{
    static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                         "jul", "aug", "sep", "oct", "nov", "dec"};
    for (int i = 0; i < 12; i++) {
        if (strncasecmp(word, months[i], 3) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* Years of two digits are of this century: address books of computers are not older. */
static int64_t day_start(int year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    year += year < 100 ? 2000 : 0;
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1) {
        return -1;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > lengths[month - 1] + (month == 2 && leap ? 1 : 0)) {
        return -1;
    }
    struct tm moment = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return (int64_t)timegm(&moment) * MS_PER_SECOND;
}

/* What follows a date may only be a time. */
static bool is_time(const char *rest)
{
    rest += strspn(rest, " ,T");
    return *rest == '\0' || isdigit((unsigned char)*rest) != 0;
}

int64_t import_date(const char *text)
{
    int a, b, c, end = 0;
    char month[16];
    while (isspace((unsigned char)*text)) {
        text++;
    }
    if (sscanf(text, "%4d-%2d-%2d%n", &a, &b, &c, &end) == 3 && a > 31 && is_time(text + end)) {
        return day_start(a, b, c);
    }
    if (sscanf(text, "%2d%*[- .]%15[A-Za-z]%*[- .,]%4d%n", &a, month, &c, &end) == 3 && is_time(text + end)) {
        return day_start(c, month_of(month), a);
    }
    if (sscanf(text, "%15[A-Za-z]%*[. ]%2d%*[, ]%4d%n", month, &a, &c, &end) == 3 && is_time(text + end)) {
        return day_start(c, month_of(month), a);
    }
    if (sscanf(text, "%2d.%2d.%4d%n", &a, &b, &c, &end) == 3 && is_time(text + end)) {
        return day_start(c, b, a);
    }
    if (sscanf(text, "%2d/%2d/%4d%n", &a, &b, &c, &end) == 3 && is_time(text + end)) {
        return a > 12 ? day_start(c, b, a) : day_start(c, a, b);
    }
    return -1;
}
