/* SPDX-License-Identifier: Apache-2.0
 *
 * A report for a spreadsheet: RFC 4180, a row a number, values as plain decimals (a share of 0.2 is 20 %), with the
 * period, its zone and the moment they are as of in every row. */
#include "books.h"
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>

void report_csv_head(FILE *out)
{
    fputs("metric,cohort,by,group,value,low,high,numerator,denominator,unit,currency,count,pending,blank,whose,side,"
          "period,"
          "zone,from,until,as_of",
          out);
    books_csv_end(out);
}

static void cell_ppm(FILE *out, bool there, int64_t ppm)
{
    if (there) {
        fprintf(out, "%s%" PRId64 ".%06" PRId64, ppm < 0 ? "-" : "", imaxabs(ppm) / 1000000, imaxabs(ppm) % 1000000);
    }
    fputc(',', out);
}

static void cell_number(FILE *out, const Vouch__V1__ReportRow *row, int64_t number)
{
    char text[DECIMAL_BYTES];
    if (row->unit == VOUCH__V1__REPORT_ROW__UNIT__TENTH_DAYS) {
        fprintf(out, "%" PRId64 ".%" PRId64, number / 10, imaxabs(number) % 10);
    } else if (row->unit == VOUCH__V1__REPORT_ROW__UNIT__MINOR && row->currency[0] != '\0') {
        fputs(books_decimal(text, number, row->currency), out);
    } else {
        fprintf(out, "%" PRId64, number);
    }
    fputc(',', out);
}

static const char *unit_of(const Vouch__V1__ReportRow *row)
{
    switch (row->unit) {
    case VOUCH__V1__REPORT_ROW__UNIT__TENTH_DAYS:
        return "days";
    case VOUCH__V1__REPORT_ROW__UNIT__MINOR:
        return "money";
    default:
        return "count";
    }
}

static void cells_of_page(FILE *out, const Vouch__V1__ReportPage *page)
{
    char text[ZONE_TEXT_BYTES];
    books_csv_cell(out, page->whose, ',');
    books_csv_cell(out, page->received ? "receiver" : "referrer", ',');
    books_csv_cell(out, page->period, ',');
    books_csv_cell(out, page->zone, ',');
    books_csv_cell(out, zone_text(text, page->zone, page->from_ms, true), ',');
    books_csv_cell(out, zone_text(text, page->zone, page->until_ms, true), ',');
    books_csv_cell(out, zone_text(text, page->zone, page->now_ms, true), '\0');
    books_csv_end(out);
}

void report_csv_rows(FILE *out, const Vouch__V1__ReportPage *page)
{
    char by[32];
    text_enum(by, &vouch__v1__report__by__descriptor, (int)page->by);
    for (size_t i = 0; i < page->n_rows; i++) {
        const Vouch__V1__ReportRow *row = page->rows[i];
        const struct metric_facts *facts = metric_facts((uint32_t)row->metric);
        bool cohort = facts != NULL && facts->kind == METRIC_KIND_INCIDENCE;
        books_csv_cell(out, facts != NULL ? facts->word : "?", ',');
        books_csv_cell(out, !cohort ? "" : row->lead ? "leads" : "referrals", ',');
        books_csv_cell(out, by, ',');
        books_csv_cell(out, row->group, ',');
        cell_ppm(out, !row->blank, row->value_ppm);
        cell_ppm(out, !row->blank && row->has_interval, row->low_ppm);
        cell_ppm(out, !row->blank && row->has_interval, row->high_ppm);
        cell_number(out, row, row->numerator);
        cell_number(out, row, row->denominator);
        books_csv_cell(out, unit_of(row), ',');
        books_csv_cell(out, row->currency, ',');
        fprintf(out, "%" PRIu64 ",%" PRIu64 ",", row->count, row->pending);
        books_csv_cell(out, row->why, ',');
        cells_of_page(out, page);
    }
}
