/* SPDX-License-Identifier: Apache-2.0
 *
 * What a line of an inbox says about commission after it accrued. These lines are few beside those about referrals: the
 * event is unpacked whole. What a statement or a batch says is read from their records, whose numbers used here do not
 * change after the event. */
#include "domain/ledger.h"
#include "domain/money.h"
#include "domain/names.h"
#include "domain/zone.h"
#include "query/parts.h"

#include <stdio.h>
#include <string.h>

#define QUOTE_BYTES 300
#define WORD_BYTES 32
#define PAYEE_COMPANY_BYTES 16

uint64_t money_event_referral(const Vouch__V1__Event *event)
{
    switch (event->body_case) {
    case BODY(COMMISSION_TAKEN):
        return event->commission_taken->referral;
    case BODY(DISPUTE_OPENED):
        return event->dispute_opened->dispute->referral;
    case BODY(DISPUTE_RESOLVED):
        return event->dispute_resolved->referral;
    default:
        return 0;
    }
}

bool money_event_is_told(Vouch__V1__Event__BodyCase body)
{
    switch (body) {
    case BODY(TERMS_APPROVED):
    case BODY(COMMISSION_TAKEN):
    case BODY(DISPUTE_OPENED):
    case BODY(DISPUTE_RESOLVED):
    case BODY(PERIOD_CLOSED):
    case BODY(PAYOUT_SETTLED):
    case BODY(PAYOUT_FAILED):
    case BODY(DEBT_SETTLED):
        return true;
    default:
        return false;
    }
}

static const char *company_name(const struct money_line *line, uint64_t company)
{
    return record_name(line->view, TABLE_COMPANY, company, line->arena);
}

/* ": "what was written"", or nothing. */
static const char *quoted(const struct money_line *line, const char *text)
{
    const char *cut = text[0] == '\0' ? "" : text_cut(line->arena, text, QUOTE_BYTES);
    return cut == NULL || cut[0] == '\0' ? "" : arena_printf(line->arena, ": \"%s\"", cut);
}

/* "order canceled" */
static const char *reason_text(char out[WORD_BYTES], Vouch__V1__LedgerReason reason)
{
    const char *word = ledger_reason_word((enum ledger_reason)reason);
    snprintf(out, WORD_BYTES, "%s", word == NULL ? "corrected" : word);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == '_' ? ' ' : *at;
    }
    return out;
}

/* ---- lines of deals ---- */

static char *tell_taken(const struct money_line *line, const Vouch__V1__CommissionTaken *taken)
{
    char all[MONEY_TEXT_BYTES];
    char owed[MONEY_TEXT_BYTES];
    char word[WORD_BYTES];
    int64_t sum = 0;
    int64_t clawed = 0;
    const Vouch__V1__Deal *deal = record_deal(line->view, taken->referral, line->arena);
    for (size_t i = 0; i < taken->n_takings; i++) {
        const Vouch__V1__CommissionTaking *taking = taken->takings[i];
        int64_t minor = taking->payee == line->reader ? taking->minor : 0;
        sum += minor;
        clawed += taking->step == VOUCH__V1__LEDGER_STEP__CLAW_BACK ? minor : 0;
    }
    if (deal == NULL) {
        return NULL;
    }
    money_format(all, sum, deal->value->currency);
    if (clawed == 0) {
        return arena_printf(line->arena, "%s: %s of commission are taken back from you (%s)%s", line->subject, all,
                            reason_text(word, taken->reason), quoted(line, taken->note));
    }
    return arena_printf(line->arena,
                        "%s: %s of commission are taken back from you (%s); %s had been paid, and you owe "
                        "them back%s",
                        line->subject, all, reason_text(word, taken->reason),
                        money_format(owed, clawed, deal->value->currency), quoted(line, taken->note));
}

/* "your line", "the line of Ana Sousa" */
static const char *whose(const struct money_line *line, uint64_t payee)
{
    return payee == line->reader
               ? "your line"
               : arena_printf(line->arena, "the line of %s", record_name(line->view, TABLE_MEMBER, payee, line->arena));
}

static char *tell_opened(const struct money_line *line, const Vouch__V1__Dispute *dispute)
{
    char amount[MONEY_TEXT_BYTES];
    const Vouch__V1__Deal *deal = record_deal(line->view, dispute->referral, line->arena);
    if (deal == NULL) {
        return NULL;
    }
    return arena_printf(line->arena, "%s: %s disputes %s of P%" PRIu64 "; %s wait until that is settled%s",
                        line->subject, line->actor, whose(line, dispute->payee), dispute->payment,
                        money_format(amount, dispute->minor, deal->value->currency), quoted(line, dispute->evidence));
}

static char *tell_resolved(const struct money_line *line, const Vouch__V1__DisputeResolved *resolved)
{
    const Vouch__V1__Dispute *dispute = record_dispute(line->view, resolved->dispute, line->arena);
    if (dispute == NULL) {
        return NULL;
    }
    return arena_printf(line->arena, "%s: %s settled dispute D%" PRIu64 ": %s of P%" PRIu64 " %s%s", line->subject,
                        line->actor, dispute->id, whose(line, dispute->payee), dispute->payment,
                        resolved->reversed ? "is taken back" : "goes on", quoted(line, resolved->resolution));
}

/* ---- statements and batches ---- */

/* "300.00 EUR are payable" */
static const char *statement_text(const struct money_line *line, const Vouch__V1__Statement *statement)
{
    char first[MONEY_TEXT_BYTES];
    char second[MONEY_TEXT_BYTES];
    const char *currency = statement->currency;
    if (statement->closed_minor > 0) {
        return arena_printf(line->arena, "%s are payable (S%" PRIu64 ")",
                            money_format(first, statement->closed_minor, currency), statement->id);
    }
    if (statement->offset_minor > 0) {
        return arena_printf(line->arena, "%s pay off a part of the %s that you owed (S%" PRIu64 ")",
                            money_format(first, statement->offset_minor, currency),
                            money_format(second, statement->owed_minor, currency), statement->id);
    }
    if (statement->owed_minor > 0 && statement->ready_minor > 0) {
        char least[MONEY_TEXT_BYTES];
        return arena_printf(
            line->arena, "%s, less the %s that you owe, wait for more, the least that is paid being %s (S%" PRIu64 ")",
            money_format(first, statement->ready_minor, currency),
            money_format(second, statement->owed_minor, currency),
            money_format(least, statement->minimum_minor, currency), statement->id);
    }
    if (statement->owed_minor > 0) {
        return arena_printf(line->arena, "you owe %s (S%" PRIu64 ")",
                            money_format(first, statement->owed_minor, currency), statement->id);
    }
    if (statement->ready_minor > 0) {
        return arena_printf(line->arena, "%s wait for more, the least that is paid being %s (S%" PRIu64 ")",
                            money_format(first, statement->ready_minor, currency),
                            money_format(second, statement->minimum_minor, currency), statement->id);
    }
    return arena_printf(line->arena, "nothing in %s is payable yet (S%" PRIu64 ")", currency, statement->id);
}

static char *tell_closed(const struct money_line *line, const Vouch__V1__Period *period)
{
    struct key from = key_u64_u64(line->reader, period->company);
    struct slice key, value;
    const char *all = "";
    struct cursor *cursor = cursor_open(line->view, TABLE_STATEMENT_OF);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && all != NULL && memcmp(key.data, from.bytes, PAYEE_COMPANY_BYTES) == 0;
         row = cursor_next(cursor, &key, &value)) {
        const Vouch__V1__Statement *statement = key_account_period(key) != period->period
                                                    ? NULL
                                                    : record_statement(line->view, slice_u64(value, 0), line->arena);
        const char *text = statement == NULL ? NULL : statement_text(line, statement);
        all = text == NULL ? all : arena_printf(line->arena, "%s%s%s", all, all[0] == '\0' ? "" : "; ", text);
    }
    cursor_close(&cursor);
    return all == NULL ? NULL
                       : arena_printf(line->arena, "your statement of %04u-%02u with %s: %s", period->period / 100,
                                      period->period % 100, company_name(line, period->company), all);
}

/* What a batch paid the reader by this event; NULL when it was nothing. */
static const char *add_line(const struct money_line *line, const Vouch__V1__Payout *payout, uint64_t statement,
                            const Vouch__V1__PayoutSettled *settled, const char *before)
{
    char amount[MONEY_TEXT_BYTES];
    const Vouch__V1__PayoutLine *paid = record_payout_line(line->view, payout->id, statement, line->arena);
    if (paid == NULL || paid->payee != line->reader || paid->state != VOUCH__V1__PAYOUT_STATE__SETTLED ||
        paid->changed_ms != settled->effective_ms) {
        return before;
    }
    return arena_printf(line->arena, "%s%s%s (S%" PRIu64 ", batch B%" PRIu64 ")", before, before[0] == '\0' ? "" : ", ",
                        money_format(amount, paid->pay_minor, payout->pay_currency), statement, payout->id);
}

/* The reader's lines are found by the reader's statements: the batch may be long. */
static char *tell_settled(const struct money_line *line, const Vouch__V1__PayoutSettled *settled)
{
    const Vouch__V1__Payout *payout = record_payout(line->view, settled->payout, line->arena);
    const char *all = "";
    if (payout == NULL) {
        return NULL;
    }
    struct account_id id = account_id_of(line->reader, payout->company, payout->currency);
    struct key from = key_statement_of(&id, 0);
    struct slice key, value;
    struct cursor *cursor = cursor_open(line->view, TABLE_STATEMENT_OF);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && all != NULL && memcmp(key.data, from.bytes, ACCOUNT_KEY_BYTES) == 0;
         row = cursor_next(cursor, &key, &value)) {
        uint64_t statement = slice_u64(value, 0);
        if (settled->statement == 0 || settled->statement == statement) {
            all = add_line(line, payout, statement, settled, all);
        }
    }
    cursor_close(&cursor);
    return all == NULL ? NULL
                       : arena_printf(line->arena, "%s has paid you %s", company_name(line, payout->company), all);
}

static char *tell_failed(const struct money_line *line, const Vouch__V1__PayoutFailed *failed)
{
    char amount[MONEY_TEXT_BYTES];
    const Vouch__V1__Payout *payout = record_payout(line->view, failed->payout, line->arena);
    const Vouch__V1__PayoutLine *on = record_payout_line(line->view, failed->payout, failed->statement, line->arena);
    if (payout == NULL || on == NULL) {
        return NULL;
    }
    return arena_printf(line->arena,
                        "the bank could not pay you %s (S%" PRIu64 ", batch B%" PRIu64 ")%s; they are payable again",
                        money_format(amount, on->pay_minor, payout->pay_currency), failed->statement, failed->payout,
                        quoted(line, failed->note));
}

static char *tell_debt(const struct money_line *line, const Vouch__V1__DebtSettled *settled)
{
    char amount[MONEY_TEXT_BYTES];
    money_format(amount, settled->amount->minor, settled->amount->currency);
    return arena_printf(line->arena, "%s of what you owed %s are %s%s", amount, company_name(line, settled->company),
                        settled->step == VOUCH__V1__LEDGER_STEP__WRITE_OFF ? "written off" : "repaid",
                        quoted(line, settled->note));
}

/* To who wrote them, and to the member whom they are for. */
static char *tell_terms(const struct money_line *line, const Vouch__V1__TermsApproved *approved)
{
    char day[ZONE_TEXT_BYTES];
    const char *zone = record_home_zone(line->view, line->arena);
    const Vouch__V1__Terms *terms = record_terms(line->view, approved->terms, approved->version, line->arena);
    if (terms == NULL) {
        return NULL;
    }
    bool to_come = terms->from_ms > line->event->time_ms;
    return arena_printf(line->arena,
                        "the terms \"%s\", version %" PRIu32 ", are approved%s: deals won from %s on pay by them",
                        terms->name, terms->version, terms->member == line->reader ? ", for what you refer" : "",
                        to_come ? zone_text(day, zone, terms->from_ms, false) : "now");
}

char *money_event_tell(const struct money_line *line)
{
    const Vouch__V1__Event *event = line->event;
    switch (event->body_case) {
    case BODY(TERMS_APPROVED):
        return tell_terms(line, event->terms_approved);
    case BODY(COMMISSION_TAKEN):
        return tell_taken(line, event->commission_taken);
    case BODY(DISPUTE_OPENED):
        return tell_opened(line, event->dispute_opened->dispute);
    case BODY(DISPUTE_RESOLVED):
        return tell_resolved(line, event->dispute_resolved);
    case BODY(PERIOD_CLOSED):
        return tell_closed(line, event->period_closed->period);
    case BODY(PAYOUT_SETTLED):
        return tell_settled(line, event->payout_settled);
    case BODY(PAYOUT_FAILED):
        return tell_failed(line, event->payout_failed);
    case BODY(DEBT_SETTLED):
        return tell_debt(line, event->debt_settled);
    default:
        return NULL;
    }
}
