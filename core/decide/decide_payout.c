/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches for the bank: what is payable in one currency is sent, and settles or fails line by line. Nothing is paid
 * twice: what was sent is payable no more until the bank could not pay it. */
#include "apply/books.h"
#include "base/check.h"
#include "decide/parts.h"
#include "domain/money.h"
#include "domain/zone.h"

#include <string.h>

/* ---- making ---- */

static enum vouch_status check_currency(struct decision *decision, const char *currency)
{
    return currency_exponent(currency) >= 0
               ? VOUCH_OK
               : status_set(&decision->why, VOUCH_INVALID, "%s is no currency with a minor unit (ISO 4217)", currency);
}

static enum vouch_status take_rate(struct decision *decision, const Vouch__V1__PayoutMake *asked,
                                   Vouch__V1__Payout *payout)
{
    struct money_rate rate = {1, 1};
    bool converted = strcmp(payout->currency, payout->pay_currency) != 0;
    enum vouch_status status = check_currency(decision, payout->currency);
    if (status == VOUCH_OK) {
        status = check_currency(decision, payout->pay_currency);
    }
    if (status == VOUCH_OK && converted && asked->rate[0] == '\0') {
        status = status_set(&decision->why, VOUCH_INVALID, "a rate is missing: how many %s are paid for one %s",
                            payout->pay_currency, payout->currency);
    } else if (status == VOUCH_OK && !converted && asked->rate[0] != '\0') {
        status = status_set(&decision->why, VOUCH_INVALID, "%s is paid as it is, without a rate", payout->currency);
    } else if (status == VOUCH_OK && converted) {
        status = money_rate_parse(asked->rate, &rate, &decision->why);
    }
    payout->rate_numerator = rate.numerator;
    payout->rate_denominator = rate.denominator;
    return status;
}

/* What a batch of all that is payable would come to. */
struct payable {
    uint64_t lines;
    uint64_t too_small; /* less than one unit of what it is paid in */
    uint64_t disputed;
    int64_t pay_minor;
};

static enum vouch_status add_payable(struct decision *decision, const Vouch__V1__Payout *payout, uint64_t id,
                                     struct arena *arena, struct payable *payable)
{
    struct money_rate rate = {payout->rate_numerator, payout->rate_denominator};
    const Vouch__V1__Statement *statement = record_statement(decision->view, id, arena);
    if (statement == NULL) {
        return decision_too_large(decision);
    }
    int64_t minor = statement_to_send(statement);
    int64_t pay_minor = minor;
    enum vouch_status status = VOUCH_OK;
    if (strcmp(payout->currency, payout->pay_currency) != 0) {
        status = money_convert(minor, payout->currency, rate, payout->pay_currency, &pay_minor, &decision->why);
    }
    if (status == VOUCH_OK && __builtin_add_overflow(payable->pay_minor, pay_minor, &payable->pay_minor)) {
        status = status_set(&decision->why, VOUCH_INVALID, "the batch would not fit a number");
    }
    payable->lines += pay_minor > 0 ? 1 : 0;
    payable->too_small += minor > 0 && pay_minor == 0 ? 1 : 0;
    payable->disputed += minor == 0 ? 1 : 0;
    return status;
}

static enum vouch_status sum_payable(struct decision *decision, const Vouch__V1__Payout *payout,
                                     struct payable *payable)
{
    enum vouch_status status = VOUCH_OK;
    struct key from = key_payable(payout->company, payout->currency, 0);
    struct slice key;
    struct arena *arena = arena_new(LIMIT_EVENT_BYTES);
    struct cursor *cursor = cursor_open(decision->view, TABLE_PAYABLE);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    while (row && status == VOUCH_OK && memcmp(key.data, from.bytes, PAYABLE_PREFIX_BYTES) == 0) {
        arena_reset(arena);
        status = add_payable(decision, payout, slice_u64(key, PAYABLE_PREFIX_BYTES), arena, payable);
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
    arena_free(&arena);
    return status;
}

static enum vouch_status check_payable(struct decision *decision, const Vouch__V1__Payout *payout)
{
    struct payable payable = {0};
    enum vouch_status status = sum_payable(decision, payout, &payable);
    if (status != VOUCH_OK) {
        return status;
    }
    const char *name = record_name(decision->view, TABLE_COMPANY, payout->company, decision->arena);
    if (payable.lines == 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s has nothing in %s that could be paid: %s", name,
                          payout->currency,
                          payable.too_small > 0  ? "at this rate it is less than one unit each"
                          : payable.disputed > 0 ? "what is payable is disputed"
                                                 : "close a period first");
    }
    /* What stays in its currency was counted when it accrued. */
    return strcmp(payout->currency, payout->pay_currency) == 0
               ? VOUCH_OK
               : turnover_check(decision, payout->pay_currency, payable.pay_minor);
}

enum vouch_status decide_payout_make(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__PayoutMake *asked = request->payout_make;
    Vouch__V1__PayoutMade *made = decision_message(decision, &vouch__v1__payout_made__descriptor);
    Vouch__V1__Payout *payout = decision_message(decision, &vouch__v1__payout__descriptor);
    if (made == NULL || payout == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = company_or_own(decision, asked->company, &payout->company);
    payout->id = decision_next_id(decision, "last_payout");
    payout->currency = asked->currency;
    payout->pay_currency = asked->pay_currency[0] == '\0' ? asked->currency : asked->pay_currency;
    payout->made_ms = decision->now_ms;
    payout->made_by = decision->actor->id;
    if (status == VOUCH_OK) {
        status = take_rate(decision, asked, payout);
    }
    if (status == VOUCH_OK) {
        status = check_payable(decision, payout);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    made->payout = payout;
    made->period = open_period(decision, payout->company, decision->now_ms);
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(PAYOUT_MADE);
    event->payout_made = made;
    decision->answer_id = payout->id;
    return VOUCH_OK;
}

/* ---- what the bank did ---- */

static enum vouch_status payout_find(struct decision *decision, uint64_t id, const Vouch__V1__Payout **payout)
{
    *payout = record_payout(decision->view, id, decision->arena);
    if (*payout == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "B%" PRIu64 ": no such batch", id);
    }
    return finance_check(decision, (*payout)->company);
}

static const char *date_text(struct decision *decision, char out[ZONE_TEXT_BYTES], int64_t time_ms)
{
    return zone_text(out, record_home_zone(decision->view, decision->arena), time_ms, false);
}

/* A line that is with the bank. */
static enum vouch_status check_sent(struct decision *decision, const Vouch__V1__Payout *payout, uint64_t statement)
{
    char date[ZONE_TEXT_BYTES];
    const Vouch__V1__PayoutLine *line = record_payout_line(decision->view, payout->id, statement, decision->arena);
    if (line == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "S%" PRIu64 " is not in batch B%" PRIu64, statement,
                          payout->id);
    }
    if (line->state == VOUCH__V1__PAYOUT_STATE__SENT) {
        return VOUCH_OK;
    }
    return status_set(&decision->why, VOUCH_CONFLICT, "S%" PRIu64 " of batch B%" PRIu64 " %s on %s", statement,
                      payout->id, line->state == VOUCH__V1__PAYOUT_STATE__SETTLED ? "was paid" : "failed",
                      date_text(decision, date, line->changed_ms));
}

/* When the last line of a batch came to rest. */
static int64_t ended_ms(struct decision *decision, const Vouch__V1__Payout *payout)
{
    struct key after = key_payout_line(payout->id + 1, 0);
    struct slice key;
    int64_t ended = 0;
    struct arena *arena = arena_new(LIMIT_EVENT_BYTES);
    struct cursor *cursor = cursor_open(decision->view, TABLE_PAYOUT_LINE);
    bool row = cursor_seek_before(cursor, key_slice(&after), &key, NULL);
    while (row && slice_u64(key, 0) == payout->id) {
        arena_reset(arena);
        const Vouch__V1__PayoutLine *line = record_payout_line(decision->view, payout->id, slice_u64(key, 8), arena);
        ended = line != NULL && line->changed_ms > ended ? line->changed_ms : ended;
        row = cursor_previous(cursor, &key, NULL);
    }
    cursor_close(&cursor);
    arena_free(&arena);
    return ended;
}

/* A batch of which this line, or with 0 any, is with the bank. */
static enum vouch_status payout_find_sent(struct decision *decision, uint64_t id, uint64_t statement,
                                          const Vouch__V1__Payout **found)
{
    char date[ZONE_TEXT_BYTES];
    enum vouch_status status = payout_find(decision, id, found);
    const Vouch__V1__Payout *payout = *found;
    if (status != VOUCH_OK) {
        return status;
    }
    if (statement != 0) {
        return check_sent(decision, payout, statement);
    }
    if (payout->settled + payout->failed == payout->lines) {
        return status_set(&decision->why, VOUCH_CONFLICT, "no line of B%" PRIu64 " is with the bank: the last %s on %s",
                          payout->id, payout->settled > 0 ? "was settled" : "failed",
                          date_text(decision, date, ended_ms(decision, payout)));
    }
    return VOUCH_OK;
}

enum vouch_status decide_payout_settle(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__PayoutSettle *asked = request->payout_settle;
    const Vouch__V1__Payout *payout;
    Vouch__V1__PayoutSettled *settled = decision_message(decision, &vouch__v1__payout_settled__descriptor);
    if (settled == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = payout_find_sent(decision, asked->payout, asked->statement, &payout);
    if (status == VOUCH_OK) {
        status = effective_check(decision, asked->settled_ms, &settled->effective_ms);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    settled->payout = payout->id;
    settled->statement = asked->statement;
    settled->period = open_period(decision, payout->company, settled->effective_ms);
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(PAYOUT_SETTLED);
    event->payout_settled = settled;
    decision->answer_id = payout->id;
    return VOUCH_OK;
}

enum vouch_status decide_payout_fail(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__PayoutFail *asked = request->payout_fail;
    const Vouch__V1__Payout *payout;
    Vouch__V1__PayoutFailed *failed = decision_message(decision, &vouch__v1__payout_failed__descriptor);
    if (failed == NULL) {
        return decision_too_large(decision);
    }
    CHECK(asked->statement != 0); /* fields.def */
    enum vouch_status status = payout_find_sent(decision, asked->payout, asked->statement, &payout);
    if (status != VOUCH_OK) {
        return status;
    }
    failed->payout = payout->id;
    failed->statement = asked->statement;
    failed->reason = VOUCH__V1__LEDGER_REASON__PAYMENT_FAILED;
    failed->note = asked->note;
    failed->effective_ms = decision->now_ms;
    failed->period = open_period(decision, payout->company, decision->now_ms);
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(PAYOUT_FAILED);
    event->payout_failed = failed;
    decision->answer_id = payout->id;
    return VOUCH_OK;
}
