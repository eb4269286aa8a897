/* SPDX-License-Identifier: Apache-2.0
 *
 * A statement for a spreadsheet: RFC 4180, one row a booking between an opening and a closing row, amounts as plain
 * decimals with their currency beside them, times with their zone. */
#include "books.h"

#include <inttypes.h>

static void cell_number(FILE *out, char letter, uint64_t number, char next)
{
    if (number != 0) {
        fprintf(out, "%c%" PRIu64, letter, number);
    }
    fputc(next, out);
}

static void cell_time(FILE *out, const Vouch__V1__StatementView *view, int64_t time_ms, char next)
{
    char text[ZONE_TEXT_BYTES];
    books_csv_cell(out, time_ms == 0 ? "" : zone_text(text, view->period->zone, time_ms, true), next);
}

/* What all rows begin with. */
static void cells_of_statement(FILE *out, const Vouch__V1__StatementView *view, const char *kind)
{
    char period[PERIOD_TEXT_BYTES];
    books_csv_cell(out, kind, ',');
    books_csv_cell(out, view->payee_name, ',');
    books_csv_cell(out, view->company_name, ',');
    books_csv_cell(out, books_period(period, view->period->period), ',');
    books_csv_cell(out, view->period->zone, ',');
}

/* An opening or closing row: no booking, only the balance. */
static void balance_row(FILE *out, const Vouch__V1__StatementView *view, const char *kind, int64_t time_ms,
                        const Vouch__V1__AccountView *account)
{
    char balance[DECIMAL_BYTES];
    cells_of_statement(out, view, kind);
    cell_time(out, view, time_ms, ',');
    fputs(",,,,,,,,,,", out);
    books_csv_cell(out, books_decimal(balance, books_net(account), view->currency), ',');
    books_csv_cell(out, view->currency, ',');
    books_csv_end(out);
}

static void head(FILE *out, const Vouch__V1__StatementView *view)
{
    fputs("row,payee,company,period,zone,effective,posted,booking,step,reason,deal,payment,statement,subject,amount,"
          "change,balance,currency,hash",
          out);
    books_csv_end(out);
    balance_row(out, view, "opening", view->period->from_ms, view->opening);
}

static void line(FILE *out, const Vouch__V1__StatementView *view, const Vouch__V1__StatementView__Line *of,
                 int64_t balance)
{
    const Vouch__V1__Booking *booking = of->booking;
    char text[DECIMAL_BYTES];
    cells_of_statement(out, view, "line");
    cell_time(out, view, booking->effective_ms, ',');
    cell_time(out, view, booking->time_ms, ',');
    cell_number(out, 'L', booking->number, ',');
    books_csv_cell(out, books_step(booking->step), ',');
    books_csv_cell(out, books_reason(booking->reason), ',');
    cell_number(out, 'R', booking->referral, ',');
    cell_number(out, 'P', booking->payment, ',');
    cell_number(out, 'S', booking->statement, ',');
    books_csv_cell(out, of->subject, ',');
    books_csv_cell(out, books_decimal(text, booking->amount->minor, view->currency), ',');
    books_csv_cell(out, books_decimal(text, of->open_minor, view->currency), ',');
    books_csv_cell(out, books_decimal(text, balance, view->currency), ',');
    books_csv_cell(out, view->currency, ',');
    for (size_t i = 0; i < booking->hash.len; i++) {
        fprintf(out, "%02x", booking->hash.data[i]);
    }
    books_csv_end(out);
}

static void foot(FILE *out, const Vouch__V1__StatementView *view, uint64_t written)
{
    (void)written;
    balance_row(out, view, "closing", view->period->until_ms, view->closing);
}

const struct statement_format statement_csv = {"csv", head, line, foot};
