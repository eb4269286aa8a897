/* SPDX-License-Identifier: Apache-2.0
 *
 * A statement for a terminal, and what is said of it in one sentence. */
#include "books.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* Filled line by line, printed by the foot. One statement at a time. */
static struct table *rows;

/* ---- what comes next ---- */

static const char *day(char out[ZONE_TEXT_BYTES], const Vouch__V1__StatementView *view, int64_t time_ms)
{
    return zone_text(out, view->period->zone, time_ms, false);
}

static void next_of_open(char out[STATEMENT_NEXT_BYTES], const Vouch__V1__StatementView *view)
{
    char until[ZONE_TEXT_BYTES], period[PERIOD_TEXT_BYTES];
    snprintf(out, STATEMENT_NEXT_BYTES,
             "open: the month ends on %s (%s); what is approved by then %s when it is closed (vouch period close %s)",
             zone_text(until, view->period->zone, view->period->until_ms, true), view->period->zone,
             view->closing->owed_minor > 0 ? "pays off what is owed back, and the rest becomes payable,"
                                           : "becomes payable",
             books_period(period, view->period->period));
}

static void next_of_carried(char out[STATEMENT_NEXT_BYTES], const Vouch__V1__StatementView *view)
{
    const Vouch__V1__Statement *statement = view->statement;
    char ready[MONEY_TEXT_MAX], minimum[MONEY_TEXT_MAX], owed[MONEY_TEXT_MAX];
    if (statement->ready_minor == 0 && statement->owed_minor == 0) {
        snprintf(out, STATEMENT_NEXT_BYTES, "S%" PRIu64 " pays nothing: nothing was approved by the end of the month",
                 statement->id);
        return;
    }
    int at = snprintf(out, STATEMENT_NEXT_BYTES, "S%" PRIu64 " is carried to the next month: %s approved",
                      statement->id, text_money(ready, statement->ready_minor, view->currency));
    if (statement->owed_minor > 0) {
        at += snprintf(out + at, STATEMENT_NEXT_BYTES - (size_t)at, " and %s owed back",
                       text_money(owed, statement->owed_minor, view->currency));
    }
    if (statement->minimum_minor > 0) {
        snprintf(out + at, STATEMENT_NEXT_BYTES - (size_t)at, "; a payout is at least %s",
                 text_money(minimum, statement->minimum_minor, view->currency));
    }
}

/* Clauses after "S4": the first after ": ", the others after "; ". */
struct clauses {
    char *out;
    size_t at;
    bool any;
};

static void add_clause(struct clauses *clauses, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_clause(struct clauses *clauses, const char *format, ...)
{
    va_list args;
    char clause[200];
    va_start(args, format);
    vsnprintf(clause, sizeof clause, format, args);
    va_end(args);
    int wrote = snprintf(clauses->out + clauses->at, STATEMENT_NEXT_BYTES - clauses->at, "%s%s",
                         clauses->any ? "; " : ": ", clause);
    clauses->at += wrote > 0 ? (size_t)wrote : 0;
    clauses->at = clauses->at < STATEMENT_NEXT_BYTES ? clauses->at : STATEMENT_NEXT_BYTES - 1;
    clauses->any = true;
}

/* Each batch that it was sent in, newest first: "375.01 EUR in batch B2, settled 2026-12-03". */
static void add_batches(struct clauses *clauses, const Vouch__V1__StatementView *view)
{
    for (size_t i = 0; i < view->n_sent; i++) {
        const Vouch__V1__StatementView__Sent *sent = view->sent[i];
        char text[MONEY_TEXT_MAX], when[ZONE_TEXT_BYTES];
        const char *how = sent->state == VOUCH__V1__PAYOUT_STATE__SETTLED  ? "settled"
                          : sent->state == VOUCH__V1__PAYOUT_STATE__FAILED ? "failed; it was sent"
                                                                           : "with the bank since";
        add_clause(clauses, "%s in batch B%" PRIu64 ", %s %s", text_money(text, sent->minor, view->currency),
                   sent->payout, how, day(when, view, sent->settled_ms != 0 ? sent->settled_ms : sent->made_ms));
    }
}

static void next_of_closed(char out[STATEMENT_NEXT_BYTES], const Vouch__V1__StatementView *view)
{
    const Vouch__V1__Statement *statement = view->statement;
    int64_t payable = statement->payable_minor - statement->disputed_minor;
    char text[MONEY_TEXT_MAX];
    struct clauses clauses = {out, 0, false};
    clauses.at = (size_t)snprintf(out, STATEMENT_NEXT_BYTES, "S%" PRIu64 "%s", statement->id,
                                  payable > 0 ? " is payable" : "");
    if (payable > 0) {
        add_clause(&clauses, "%s in the next payout", text_money(text, payable, view->currency));
    }
    if (statement->disputed_minor > 0) {
        add_clause(&clauses, "%s held by a dispute", text_money(text, statement->disputed_minor, view->currency));
    }
    add_batches(&clauses, view);
    if (statement->offset_minor > 0) {
        add_clause(&clauses, "%s paid off what was owed back",
                   text_money(text, statement->offset_minor, view->currency));
    }
    if (!clauses.any) {
        add_clause(&clauses, "nothing of it is left to pay");
    }
}

void statement_next(char out[STATEMENT_NEXT_BYTES], const Vouch__V1__StatementView *view)
{
    const Vouch__V1__Statement *statement = view->statement;
    if (statement == NULL && view->period->closed_ms == 0) {
        next_of_open(out, view);
    } else if (statement == NULL) {
        snprintf(out, STATEMENT_NEXT_BYTES, "closed; there was nothing to state");
    } else if (statement->carried) {
        next_of_carried(out, view);
    } else {
        next_of_closed(out, view);
    }
}

/* ---- the page ---- */

static void print_balance(FILE *out, const char *word, const Vouch__V1__AccountView *account)
{
    const struct {
        const char *name;
        int64_t minor;
        bool always;
    } parts[] = {
        {"accrued", account->accrued_minor, true},    {"approved", account->approved_minor, true},
        {"payable", account->payable_minor, true},    {"with the bank", account->sent_minor, false},
        {"paid", account->paid_minor, false},         {"owed back", account->owed_minor, false},
        {"disputed", account->disputed_minor, false}, {"written off", account->written_off_minor, false},
    };
    char net[MONEY_TEXT_MAX];
    fprintf(out, "%-8s  %s", word, text_money(net, books_net(account), account->currency));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].always || parts[i].minor != 0) {
            char decimal[MONEY_TEXT_MAX];
            fprintf(out, "%s%s %s", i == 0 ? "  = " : ", ", parts[i].name,
                    books_number(decimal, parts[i].minor, account->currency));
        }
    }
    fputc('\n', out);
}

static void head(FILE *out, const Vouch__V1__StatementView *view)
{
    char period[PERIOD_TEXT_BYTES], from[ZONE_TEXT_BYTES], until[ZONE_TEXT_BYTES];
    const char *bold = table_coloured() ? "\033[1m" : "", *plain = table_coloured() ? "\033[0m" : "";
    fprintf(out, "%sStatement", bold);
    if (view->statement != NULL) {
        fprintf(out, " S%" PRIu64, view->statement->id);
    }
    fprintf(out, "%s  ", plain);
    text_print(out, view->payee_name);
    fputs("  from ", out);
    text_print(out, view->company_name);
    fprintf(out, "  %s%s%s in %s\n", bold, books_period(period, view->period->period), plain, view->currency);
    fprintf(out, "%s to %s, times in %s\n\n", zone_text(from, view->period->zone, view->period->from_ms, true),
            zone_text(until, view->period->zone, view->period->until_ms, true), view->period->zone);
    print_balance(out, "opening", view->opening);
    rows = table_new((const struct column[]){{"DATE", COLUMN_FIXED},
                                             {"STEP", COLUMN_FIXED},
                                             {"WHAT", COLUMN_TEXT},
                                             {"AMOUNT", COLUMN_NUMBER},
                                             {"CHANGE", COLUMN_NUMBER},
                                             {"BALANCE", COLUMN_NUMBER},
                                             {"BOOKING", COLUMN_NUMBER},
                                             {NULL, COLUMN_TEXT}});
}

static void line(FILE *out, const Vouch__V1__StatementView *view, const Vouch__V1__StatementView__Line *line_,
                 int64_t balance)
{
    (void)out;
    const Vouch__V1__Booking *booking = line_->booking;
    char date[ZONE_TEXT_BYTES], amount[MONEY_TEXT_MAX], change[MONEY_TEXT_MAX + 1], left[MONEY_TEXT_MAX], number[24];
    char what[400];
    const char *reason = books_reason(booking->reason);
    snprintf(what, sizeof what, "%s%s%s", line_->subject, reason[0] != '\0' ? ": " : "", reason);
    change[0] = '+';
    books_number(line_->open_minor > 0 ? change + 1 : change, line_->open_minor, view->currency);
    snprintf(number, sizeof number, "L%" PRIu64, booking->number);
    const char *cells[] = {day(date, view, booking->effective_ms),
                           books_step(booking->step),
                           what,
                           books_number(amount, booking->amount->minor, view->currency),
                           line_->open_minor == 0 ? "" : change,
                           books_number(left, balance, view->currency),
                           number};
    table_row(rows, cells);
}

static void print_others(const Vouch__V1__StatementView *view)
{
    for (size_t i = 0; i < view->n_others; i++) {
        const Vouch__V1__AccountView *other = view->others[i];
        char text[MONEY_TEXT_MAX];
        printf("%s%s from ", i == 0 ? "also      " : "          ", text_money(text, books_net(other), other->currency));
        text_print(stdout, other->company_name);
        printf(" (vouch statement --currency %s --company \"", other->currency);
        text_print(stdout, other->company_name);
        puts("\")");
    }
}

static void foot(FILE *out, const Vouch__V1__StatementView *view, uint64_t written)
{
    char next[STATEMENT_NEXT_BYTES], count[COUNT_TEXT_BYTES];
    table_print(&rows, "no bookings in this month");
    if (written < view->line_count) {
        fprintf(out, "and %s more lines; --format csv has all of them\n",
                text_count(count, view->line_count - written));
    }
    for (size_t i = 0; i < view->n_steps; i++) {
        char sum[MONEY_TEXT_MAX];
        fprintf(out, "%s%s %s (%s)%s", i == 0 ? "sums      " : ", ", books_step(view->steps[i]->step),
                text_money(sum, view->steps[i]->minor, view->currency), text_count(count, view->steps[i]->count),
                i + 1 == view->n_steps ? "\n" : "");
    }
    print_balance(out, "closing", view->closing);
    statement_next(next, view);
    fprintf(out, "next      %s\n", next);
    print_others(view);
}

const struct statement_format statement_text = {"text", head, line, foot};
