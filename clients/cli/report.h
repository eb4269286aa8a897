/* SPDX-License-Identifier: Apache-2.0
 *
 * What `vouch report` shares: report_words.c says numbers to people, report_csv.c to spreadsheets, report_svg.c draws
 * funnels and curves, verb_report.c asks the broker. */
#ifndef VOUCH_CLI_REPORT_H
#define VOUCH_CLI_REPORT_H

#include "cli.h"

#include "domain/metric.h"

#define REPORT_TEXT_BYTES 64

/* ---- report_words.c ---- */

/* "close rate, leads"; "metric 12" for one that this client does not know. */
const char *report_title(char out[REPORT_TEXT_BYTES], const Vouch__V1__ReportRow *row);
/* "20.0 %"; "1.32" for a mean count; "–" when it is blank. */
const char *report_value(char out[REPORT_TEXT_BYTES], const Vouch__V1__ReportRow *row);
/* "12.4–30.1 %"; "" where there is none. */
const char *report_interval(char out[REPORT_TEXT_BYTES], const Vouch__V1__ReportRow *row);
/* Numerator or denominator: "1,234", "54.0 d", "48,000.00 EUR". */
const char *report_number(char out[REPORT_TEXT_BYTES], const Vouch__V1__ReportRow *row, int64_t number);
/* "42.1 %" from 421000. */
const char *report_percent(char out[REPORT_TEXT_BYTES], int64_t ppm);

/* ---- report_csv.c ---- */

/* The head line, and the rows of a page; `page` is the page they are of. */
void report_csv_head(FILE *out);
void report_csv_rows(FILE *out, const Vouch__V1__ReportPage *page);

/* ---- report_svg.c: a picture that stands alone, with its numbers in words for those who cannot see it ---- */

void report_svg_curve(FILE *out, const Vouch__V1__CurveView *view);
void report_svg_funnel(FILE *out, const Vouch__V1__CurveView *view);

/* The stages of a funnel, in order; NULL past the last. */
const char *report_stage(size_t index);
uint64_t report_stage_count(const Vouch__V1__CurveSeries *series, size_t index);

#endif
