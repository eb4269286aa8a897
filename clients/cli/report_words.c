/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of reports for people. */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>

static bool is_rate(const Vouch__V1__ReportRow *row)
{
    const struct metric_facts *facts = metric_facts((uint32_t)row->metric);
    return facts != NULL && facts->kind == METRIC_KIND_RATE;
}

const char *report_title(char out[REPORT_TEXT_BYTES], const Vouch__V1__ReportRow *row)
{
    const struct metric_facts *facts = metric_facts((uint32_t)row->metric);
    if (facts == NULL) {
        snprintf(out, REPORT_TEXT_BYTES, "metric %d", (int)row->metric);
    } else if (facts->kind == METRIC_KIND_INCIDENCE) {
        snprintf(out, REPORT_TEXT_BYTES, "%s, %s", facts->title, row->lead ? "leads" : "referrals");
    } else {
        snprintf(out, REPORT_TEXT_BYTES, "%s", facts->title);
    }
    return out;
}

/* Tenths of a percent of a number in millionths, rounded half away from zero. */
static int64_t tenths_of(int64_t ppm)
{
    return (ppm + (ppm < 0 ? -500 : 500)) / 1000;
}

static const char *tenths(char out[REPORT_TEXT_BYTES], int64_t ppm)
{
    int64_t number = tenths_of(ppm);
    snprintf(out, REPORT_TEXT_BYTES, "%s%" PRId64 ".%" PRId64, number < 0 ? "-" : "", imaxabs(number) / 10,
             imaxabs(number) % 10);
    return out;
}

static const char *hundredths(char out[REPORT_TEXT_BYTES], int64_t ppm)
{
    int64_t number = (ppm + 5000) / 10000;
    snprintf(out, REPORT_TEXT_BYTES, "%" PRId64 ".%02" PRId64, number / 100, number % 100);
    return out;
}

const char *report_percent(char out[REPORT_TEXT_BYTES], int64_t ppm)
{
    char number[REPORT_TEXT_BYTES];
    snprintf(out, REPORT_TEXT_BYTES, "%.40s %%", tenths(number, ppm));
    return out;
}

const char *report_value(char out[REPORT_TEXT_BYTES], const Vouch__V1__ReportRow *row)
{
    if (row->blank) {
        snprintf(out, REPORT_TEXT_BYTES, "–");
        return out;
    }
    return is_rate(row) ? hundredths(out, row->value_ppm) : report_percent(out, row->value_ppm);
}

const char *report_interval(char out[REPORT_TEXT_BYTES], const Vouch__V1__ReportRow *row)
{
    char low[REPORT_TEXT_BYTES], high[REPORT_TEXT_BYTES];
    if (row->blank || !row->has_interval) {
        out[0] = '\0';
    } else if (is_rate(row)) {
        snprintf(out, REPORT_TEXT_BYTES, "%.24s – %.24s", hundredths(low, row->low_ppm),
                 hundredths(high, row->high_ppm));
    } else {
        snprintf(out, REPORT_TEXT_BYTES, "%.24s – %.24s %%", tenths(low, row->low_ppm), tenths(high, row->high_ppm));
    }
    return out;
}

const char *report_number(char out[REPORT_TEXT_BYTES], const Vouch__V1__ReportRow *row, int64_t number)
{
    char text[MONEY_TEXT_MAX];
    switch (row->unit) {
    case VOUCH__V1__REPORT_ROW__UNIT__TENTH_DAYS:
        if (row->blank && number == 0) { /* of nothing there is no median */
            snprintf(out, REPORT_TEXT_BYTES, "–");
            break;
        }
        snprintf(out, REPORT_TEXT_BYTES, "%" PRId64 ".%" PRId64 " d", number / 10, imaxabs(number) % 10);
        break;
    case VOUCH__V1__REPORT_ROW__UNIT__MINOR:
        snprintf(out, REPORT_TEXT_BYTES, "%s", row->currency[0] == '\0' ? "" : text_money(text, number, row->currency));
        break;
    default:
        snprintf(out, REPORT_TEXT_BYTES, "%s", text_count(text, (uint64_t)number));
        break;
    }
    return out;
}

static const char *const stages[] = {"registered", "accepted", "contacted", "meeting", "opportunity", "won"};

const char *report_stage(size_t index)
{
    return index < sizeof stages / sizeof stages[0] ? stages[index] : NULL;
}

uint64_t report_stage_count(const Vouch__V1__CurveSeries *series, size_t index)
{
    const uint64_t counts[] = {series->registered, series->accepted,    series->contacted,
                               series->meeting,    series->opportunity, series->won};
    return index < sizeof counts / sizeof counts[0] ? counts[index] : 0;
}
