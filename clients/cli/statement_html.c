/* SPDX-License-Identifier: Apache-2.0
 *
 * A statement to print: one HTML file that needs nothing else, set for A4, so that any browser makes a PDF of it. All
 * text of others is escaped. */
#include "books.h"

#include <inttypes.h>

static const char style[] =
    "@page{size:A4;margin:18mm 16mm}"
    "body{font:10pt/1.4 'Liberation Sans',Arial,sans-serif;color:#1a1a1a;max-width:178mm;margin:8mm auto}"
    "h1{font-size:16pt;margin:0 0 1mm}p{margin:1mm 0}.zone{color:#555}"
    "table{border-collapse:collapse;width:100%;margin:5mm 0}thead{display:table-header-group}"
    "tr{break-inside:avoid}th{text-align:left;border-bottom:.4mm solid #1a1a1a}"
    "th,td{padding:1mm 1.5mm;vertical-align:top}td{border-bottom:.1mm solid #bbb}"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}.d{white-space:nowrap}"
    ".sum td{font-weight:bold;border-bottom:.4mm solid #1a1a1a}"
    ".next{border:.2mm solid #1a1a1a;padding:2mm 3mm;margin:5mm 0}"
    "@media print{body{margin:0;max-width:none}}";

/* Text of others: what could be markup, and control characters, which HTML forbids. */
static void escape(FILE *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '&') {
            fputs("&amp;", out);
        } else if (*c == '<') {
            fputs("&lt;", out);
        } else if (*c == '>') {
            fputs("&gt;", out);
        } else if (*c == '"') {
            fputs("&quot;", out);
        } else if (*c == '\'') {
            fputs("&#39;", out);
        } else if (*c == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0) {
            c++;
            fputc('?', out);
        } else {
            fputc(*c == '\n' || *c == '\t' ? ' ' : *c < 0x20 || *c == 0x7F ? '?' : *c, out);
        }
    }
}

static void cell(FILE *out, const char *class, const char *text)
{
    fprintf(out, "<td class=\"%s\">", class);
    escape(out, text);
    fputs("</td>", out);
}

static void balance_row(FILE *out, const char *word, int64_t time_ms, const Vouch__V1__AccountView *account,
                        const Vouch__V1__StatementView *view)
{
    char date[ZONE_TEXT_BYTES], text[MONEY_TEXT_MAX];
    fputs("<tr class=\"sum\">", out);
    cell(out, "d", zone_text(date, view->period->zone, time_ms, false));
    fprintf(out, "<td>%s</td><td></td><td></td><td></td>", word);
    cell(out, "n", books_number(text, books_net(account), view->currency));
    fputs("<td></td></tr>\n", out);
}

static void head(FILE *out, const Vouch__V1__StatementView *view)
{
    char period[PERIOD_TEXT_BYTES], from[ZONE_TEXT_BYTES], until[ZONE_TEXT_BYTES], title[64] = "Statement";
    books_period(period, view->period->period);
    if (view->statement != NULL) {
        snprintf(title, sizeof title, "Statement S%" PRIu64, view->statement->id);
    }
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n<title>%s, %s, %s</title>\n"
            "<style>%s</style></head>\n<body>\n<h1>%s</h1>\n<p><strong>",
            title, period, view->currency, style, title);
    escape(out, view->payee_name);
    fputs("</strong>, from <strong>", out);
    escape(out, view->company_name);
    fprintf(out, "</strong>, %s in <strong>%s</strong></p>\n<p class=\"zone\">%s to %s, times in ", period,
            view->currency, zone_text(from, view->period->zone, view->period->from_ms, true),
            zone_text(until, view->period->zone, view->period->until_ms, true));
    escape(out, view->period->zone);
    fputs("</p>\n<table>\n<thead><tr><th>Date</th><th>Step</th><th>What</th><th class=\"n\">Amount</th>"
          "<th class=\"n\">Change</th><th class=\"n\">Balance</th><th class=\"n\">Booking</th></tr></thead>\n<tbody>\n",
          out);
    balance_row(out, "opening", view->period->from_ms, view->opening, view);
}

static void line(FILE *out, const Vouch__V1__StatementView *view, const Vouch__V1__StatementView__Line *of,
                 int64_t balance)
{
    const Vouch__V1__Booking *booking = of->booking;
    char text[MONEY_TEXT_MAX], date[ZONE_TEXT_BYTES];
    const char *reason = books_reason(booking->reason);
    fputs("<tr>", out);
    cell(out, "d", zone_text(date, view->period->zone, booking->effective_ms, false));
    cell(out, "d", books_step(booking->step));
    fputs("<td>", out);
    escape(out, of->subject);
    fprintf(out, "%s%s</td>", reason[0] != '\0' ? ": " : "", reason);
    cell(out, "n", books_number(text, booking->amount->minor, view->currency));
    cell(out, "n", of->open_minor == 0 ? "" : books_number(text, of->open_minor, view->currency));
    cell(out, "n", books_number(text, balance, view->currency));
    fprintf(out, "<td class=\"n\">L%" PRIu64 "</td></tr>\n", booking->number);
}

static void parts(FILE *out, const Vouch__V1__AccountView *account)
{
    const struct {
        const char *name;
        int64_t minor;
    } all[] = {
        {"accrued, within its hold", account->accrued_minor},
        {"approved, for the next statement", account->approved_minor},
        {"payable, on a closed statement", account->payable_minor},
        {"with the bank", account->sent_minor},
        {"paid", account->paid_minor},
        {"owed back", account->owed_minor},
        {"disputed, held out of payout", account->disputed_minor},
        {"written off", account->written_off_minor},
    };
    char text[MONEY_TEXT_MAX];
    fputs("<table><tbody>\n", out);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].minor != 0 || i < 3) {
            fprintf(out, "<tr><td>%s</td><td class=\"n\">%s</td></tr>\n", all[i].name,
                    text_money(text, all[i].minor, account->currency));
        }
    }
    fputs("</tbody></table>\n", out);
}

static void foot(FILE *out, const Vouch__V1__StatementView *view, uint64_t written)
{
    char next[STATEMENT_NEXT_BYTES];
    (void)written;
    balance_row(out, "closing", view->period->until_ms, view->closing, view);
    fputs("</tbody>\n</table>\n", out);
    parts(out, view->closing);
    statement_next(next, view);
    fputs("<p class=\"next\">", out);
    escape(out, next);
    fputs(
        "</p>\n<p class=\"zone\">Every booking is chained to the one before it; vouch commission explain derives each "
        "number again.</p>\n</body></html>\n",
        out);
}

const struct statement_format statement_html = {"html", head, line, foot};
