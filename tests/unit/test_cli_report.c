/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of reports as people and spreadsheets read them. */
#include "report.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METRIC(name) VOUCH__V1__METRIC__##name
#define COUNT VOUCH__V1__REPORT_ROW__UNIT__COUNT
#define TENTHS VOUCH__V1__REPORT_ROW__UNIT__TENTH_DAYS
#define MONEY VOUCH__V1__REPORT_ROW__UNIT__MINOR

static const struct {
    Vouch__V1__Metric metric;
    bool lead, blank, has_interval;
    int64_t numerator, denominator, value, low, high;
    Vouch__V1__ReportRow__Unit unit;
    const char *currency;
    const char *title, *text, *interval, *over, *under;
    const char *csv; /* value, low, high, numerator, denominator */
} rows[] = {
    {METRIC(ASK_RATE), false, false, true, 20, 1100, 18182, 11800, 27949, COUNT, "", "ask rate", "1.8 %", "1.2 – 2.8 %",
     "20", "1,100", "0.018182,0.011800,0.027949,20,1100"},
    {METRIC(ASK_YIELD), false, false, true, 33, 25, 1320000, 940000, 1853000, COUNT, "", "yield per ask", "1.32",
     "0.94 – 1.85", "33", "25", "1.320000,0.940000,1.853000,33,25"},
    {METRIC(CLOSE_RATE), true, false, true, 4, 20, 200000, 80000, 415999, COUNT, "", "close rate, leads", "20.0 %",
     "8.0 – 41.6 %", "4", "20", "0.200000,0.080000,0.415999,4,20"},
    {METRIC(CLOSE_RATE), false, true, false, 1, 3, 0, 0, 0, COUNT, "", "close rate, referrals", "–", "", "1", "3",
     ",,,1,3"},
    {METRIC(CYCLE), false, false, true, 540, 785, -27300, -120049, 65050, TENTHS, "", "cycle reduction", "-2.7 %",
     "-12.0 – 6.5 %", "54.0 d", "78.5 d", "-0.027300,-0.120049,0.065050,54.0,78.5"},
    {METRIC(CYCLE), false, true, false, 0, 0, 0, 0, 0, TENTHS, "", "cycle reduction", "–", "", "–", "–", ",,,0.0,0.0"},
    {METRIC(QUOTA_MET), false, false, false, -150050, 8000000, -18756, 0, 0, MONEY, "EUR", "quota attainment", "-1.9 %",
     "", "-1,500.50 EUR", "80,000.00 EUR", "-0.018756,,,-1500.50,80000.00"},
    {METRIC(CLIENT_SHARE), false, true, false, 0, 0, 0, 0, 0, MONEY, "", "client-sourced share", "–", "", "", "",
     ",,,0,0"},
    {(Vouch__V1__Metric)12, false, false, false, 1, 2, 500000, 0, 0, COUNT, "", "metric 12", "50.0 %", "", "1", "2",
     "0.500000,,,1,2"},
};

static Vouch__V1__ReportRow row_of(size_t index)
{
    Vouch__V1__ReportRow row = VOUCH__V1__REPORT_ROW__INIT;
    row.metric = rows[index].metric;
    row.group = "=1+1";
    row.lead = rows[index].lead;
    row.blank = rows[index].blank;
    row.has_interval = rows[index].has_interval;
    row.numerator = rows[index].numerator;
    row.denominator = rows[index].denominator;
    row.value_ppm = rows[index].value;
    row.low_ppm = rows[index].low;
    row.high_ppm = rows[index].high;
    row.unit = rows[index].unit;
    row.currency = (char *)(uintptr_t)rows[index].currency;
    return row;
}

Test(cli_report, numbers_for_people)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[REPORT_TEXT_BYTES];
        Vouch__V1__ReportRow row = row_of(i);
        cr_assert_str_eq(report_title(text, &row), rows[i].title);
        cr_assert_str_eq(report_value(text, &row), rows[i].text, "%s", rows[i].title);
        cr_assert_str_eq(report_interval(text, &row), rows[i].interval, "%s: %s", rows[i].title, text);
        cr_assert_str_eq(report_number(text, &row, row.numerator), rows[i].over, "%s: %s", rows[i].title, text);
        cr_assert_str_eq(report_number(text, &row, row.denominator), rows[i].under, "%s: %s", rows[i].title, text);
    }
}

Test(cli_report, numbers_for_a_spreadsheet)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *bytes = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&bytes, &size);
        Vouch__V1__ReportRow row = row_of(i);
        Vouch__V1__ReportRow *list[] = {&row};
        Vouch__V1__ReportPage page = VOUCH__V1__REPORT_PAGE__INIT;
        page.rows = list;
        page.n_rows = 1;
        page.period = "2026";
        page.zone = "UTC";
        cr_assert_not_null(out);
        report_csv_rows(out, &page);
        cr_assert_eq(fclose(out), 0);
        cr_assert_not_null(strstr(bytes, rows[i].csv), "%s: %s", rows[i].title, bytes);
        cr_assert_not_null(strstr(bytes, ",'=1+1,"), "a name is no formula: %s", bytes);
        free(bytes);
    }
}

/* Every metric has a word of its own, by which it is found. */
Test(cli_report, metrics_by_their_words)
{
    for (uint32_t metric = METRIC_OF_NOTHING + 1; metric < METRIC_COUNT; metric++) {
        cr_assert_eq(metric_find(metric_facts(metric)->word), (enum metric)metric);
    }
    cr_assert_eq(metric_find("luck"), METRIC_OF_NOTHING);
    cr_assert_eq(metric_find(""), METRIC_OF_NOTHING);
    cr_assert_null(metric_facts(METRIC_OF_NOTHING));
    cr_assert_null(metric_facts(METRIC_COUNT));
}
