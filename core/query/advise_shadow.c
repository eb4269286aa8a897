/* SPDX-License-Identifier: Apache-2.0
 *
 * Shadow: what other terms, or another plugin, would have paid for the deals of the past, beside what was accrued. The
 * touches are those that would have counted, the payments those that came in; nothing is written. Runs on the plugin's
 * thread, or, where only terms are tried (`call` NULL), on a reader's. */
#include "base/clock.h"
#include "plugin/plugin.h"
#include "query/books_view.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

#define SCRATCH_BYTES ((size_t)4 << 20)
#define ROWS_MAX 400 /* another deal is begun only below it, and adds at most 2 * DEAL_SHARES_MAX */

struct payee_sum {
    struct {
        uint64_t payee;
        char currency[8];
    } key;
    int64_t recorded_minor;
    int64_t shadow_minor;
    uint64_t deals;
    uint64_t last_deal; /* counted in `deals` */
    UT_hash_handle hh;
};

struct shadow {
    struct question *question;
    struct plugin_call *call;
    struct arena *scratch; /* of one deal */
    struct arena *lines;   /* of one payment */
    const Vouch__V1__CommissionShadow *asked;
    const Vouch__V1__Terms *terms; /* NULL: each deal's own */
    Vouch__V1__Shadow *answer;
    struct payee_sum *sums;
    struct status_text why; /* of a deal that is skipped */
};

/* ---- sums ---- */

static bool add_sum(struct shadow *shadow, const Vouch__V1__Deal *deal, uint64_t payee, int64_t recorded_minor,
                    int64_t shadow_minor)
{
    struct payee_sum wanted = {.key = {.payee = payee}};
    struct payee_sum *sum = NULL;
    snprintf(wanted.key.currency, sizeof wanted.key.currency, "%.3s", deal->value->currency);
    HASH_FIND(hh, shadow->sums, &wanted.key, sizeof wanted.key, sum);
    if (sum == NULL) {
        sum = arena_memdup(shadow->question->arena, &wanted, sizeof wanted);
        if (sum == NULL) {
            return false;
        }
        HASH_ADD(hh, shadow->sums, key, sizeof sum->key, sum);
    }
    if (__builtin_add_overflow(sum->recorded_minor, recorded_minor, &sum->recorded_minor) ||
        __builtin_add_overflow(sum->shadow_minor, shadow_minor, &sum->shadow_minor)) {
        return false;
    }
    sum->deals += sum->last_deal == deal->referral ? 0 : 1;
    sum->last_deal = deal->referral;
    return true;
}

static bool answer_rows(struct shadow *shadow)
{
    struct question *question = shadow->question;
    Vouch__V1__Shadow *answer = shadow->answer;
    answer->rows = arena_alloc(question->arena, (HASH_COUNT(shadow->sums) + 1) * sizeof *answer->rows);
    for (const struct payee_sum *sum = shadow->sums; answer->rows != NULL && sum != NULL; sum = sum->hh.next) {
        Vouch__V1__Shadow__Row *row = question_message(question, &vouch__v1__shadow__row__descriptor);
        if (row == NULL) {
            return false;
        }
        row->payee = sum->key.payee;
        row->name = question_name(question, TABLE_MEMBER, sum->key.payee);
        row->currency = (char *)(uintptr_t)sum->key.currency;
        row->recorded_minor = sum->recorded_minor;
        row->shadow_minor = sum->shadow_minor;
        row->deals = sum->deals;
        answer->rows[answer->n_rows++] = row;
    }
    return answer->rows != NULL;
}

/* ---- one deal ---- */

static uint64_t first_touch(const struct deal_proof *proof, uint64_t party)
{
    for (size_t i = 0; i < proof->touch_count; i++) {
        if (proof->touches[i].party == party) {
            return proof->touches[i].sequence;
        }
    }
    return 0;
}

static bool add_share(struct shadow *shadow, const struct deal_proof *proof, uint64_t party, int64_t weight,
                      Vouch__V1__Deal *deal)
{
    Vouch__V1__DealShare *share = arena_alloc(shadow->scratch, sizeof *share);
    if (share == NULL || deal->n_shares == DEAL_SHARES_MAX) {
        return false;
    }
    vouch__v1__deal_share__init(share);
    share->member = party;
    share->weight = weight;
    share->first_touch = first_touch(proof, party);
    share->role = deal_role(shadow->question->view, party, deal->company, shadow->scratch);
    deal->shares[deal->n_shares++] = share;
    return true;
}

/* Who would have shared: as the terms agree, else as the plugin says, else as it is recorded. VOUCH_OK, or the deal is
 * skipped. */
static enum vouch_status set_shares(struct shadow *shadow, const struct deal_proof *proof, const struct terms *terms,
                                    Vouch__V1__Deal *deal)
{
    struct advice advice;
    bool agreed = terms->split_count > 0;
    if (!agreed && shadow->call == NULL) {
        return VOUCH_OK;
    }
    deal->n_shares = 0;
    deal->overrides = false;
    deal->shares = arena_alloc(shadow->scratch, DEAL_SHARES_MAX * sizeof *deal->shares);
    bool good = deal->shares != NULL;
    for (size_t i = 0; good && agreed && i < terms->split_count; i++) {
        good = add_share(shadow, proof, terms->splits[i].party, terms->splits[i].weight, deal);
    }
    if (good && !agreed) {
        enum vouch_status status = deal_ask_again(shadow->question, proof, (uint32_t)terms->window_days, shadow->call,
                                                  shadow->scratch, &advice);
        if (status != VOUCH_OK) {
            return status_set(&shadow->why, status, "R%" PRIu64 ": plugin %s gave no answer", deal->referral,
                              plugin_call_name(shadow->call));
        }
        deal->overrides = advice.overrides;
        for (size_t i = 0; good && i < advice.count; i++) {
            good = add_share(shadow, proof, advice.members[i], advice.weights[i], deal);
        }
    }
    return good ? VOUCH_OK
                : status_set(&shadow->why, VOUCH_TOO_LARGE, "R%" PRIu64 " has too many parties", deal->referral);
}

/* All payments of the deal, as they came in; earlier[] becomes what each share would have been given. */
static enum vouch_status pay_again(struct shadow *shadow, const Vouch__V1__Deal *deal, const struct terms *terms,
                                   int64_t earlier[DEAL_SHARES_MAX])
{
    struct deal_due due;
    struct money_part steps[DEAL_SHARES_MAX];
    int64_t base = 0;
    memset(earlier, 0, DEAL_SHARES_MAX * sizeof *earlier);
    for (size_t i = 0; i < deal->n_payments; i++) {
        arena_reset(shadow->lines);
        const Vouch__V1__Payment *payment = record_payment(shadow->question->view, deal->payments[i], shadow->lines);
        if (payment == NULL || payment->amount == NULL || __builtin_add_overflow(base, payment->amount->minor, &base)) {
            return status_set(&shadow->why, VOUCH_INTERNAL, "P%" PRIu64 " cannot be read", deal->payments[i]);
        }
        enum vouch_status status = deal_due(terms, deal, base, &due, &shadow->why);
        if (status != VOUCH_OK) {
            return status;
        }
        deal_step(deal, &due, earlier, steps);
        for (size_t j = 0; j < due.count; j++) {
            earlier[j] += steps[j].minor;
        }
    }
    return VOUCH_OK;
}

static enum vouch_status compute(struct shadow *shadow, const Vouch__V1__Deal *recorded, Vouch__V1__Deal *deal,
                                 int64_t would_be[DEAL_SHARES_MAX])
{
    struct deal_proof proof;
    if (!deal_proof_start(&proof, shadow->question->view, recorded, shadow->scratch, shadow->lines)) {
        return status_set(&shadow->why, VOUCH_INTERNAL, "R%" PRIu64 " cannot be read", recorded->referral);
    }
    struct terms terms = shadow->terms == NULL ? proof.terms : terms_of_record(shadow->terms);
    if (terms.currency[0] != '\0' && strcmp(terms.currency, recorded->value->currency) != 0) {
        return status_set(&shadow->why, VOUCH_CONFLICT, "R%" PRIu64 " was won in %s, and the terms are in %s",
                          recorded->referral, recorded->value->currency, terms.currency);
    }
    enum vouch_status status = set_shares(shadow, &proof, &terms, deal);
    return status == VOUCH_OK ? pay_again(shadow, deal, &terms, would_be) : status;
}

/* False past the arena's budget. A deal that cannot be computed is skipped, with the reason of the first. */
static bool shadow_deal(struct shadow *shadow, const Vouch__V1__Deal *recorded)
{
    Vouch__V1__Deal deal = *recorded;
    int64_t would_be[DEAL_SHARES_MAX] = {0};
    bool good = true;
    shadow->why.text[0] = '\0';
    if (compute(shadow, recorded, &deal, would_be) != VOUCH_OK) {
        shadow->answer->skipped++;
        if (shadow->answer->why[0] == '\0') {
            shadow->answer->why = arena_strdup(shadow->question->arena, shadow->why.text);
        }
        return shadow->answer->why != NULL;
    }
    for (size_t i = 0; good && i < recorded->n_shares; i++) {
        good = add_sum(shadow, recorded, recorded->shares[i]->member, recorded->shares[i]->accrued_minor, 0);
    }
    for (size_t i = 0; good && i < deal.n_shares; i++) {
        good = add_sum(shadow, recorded, deal.shares[i]->member, 0, would_be[i]);
    }
    shadow->answer->deals++;
    return good;
}

/* ---- the walk ---- */

/* Deals that fell through owe nothing under any terms. */
static bool is_wanted(const struct shadow *shadow, const Vouch__V1__Deal *deal)
{
    const Vouch__V1__CommissionShadow *asked = shadow->asked;
    return !deal->canceled && deal->won_ms >= asked->from_ms &&
           (asked->until_ms == 0 || deal->won_ms < asked->until_ms) && books_are_open(shadow->question, deal->company);
}

static enum vouch_status walk(struct shadow *shadow)
{
    const Vouch__V1__CommissionShadow *asked = shadow->asked;
    struct question *question = shadow->question;
    Vouch__V1__Shadow *answer = shadow->answer;
    int64_t until_us = walk_until_us(question);
    uint64_t looked = 0;
    bool good = true;
    struct slice key;
    struct key from = key_u64(asked->after + 1);
    struct cursor *cursor = cursor_open(question->view, TABLE_DEAL);
    answer->next = asked->after;
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, NULL); row && good;
         row = cursor_next(cursor, &key, NULL)) {
        answer->more = looked > 0 && ((asked->limit != 0 && looked == asked->limit) || clock_mono_us() >= until_us ||
                                      HASH_COUNT(shadow->sums) > ROWS_MAX - 2 * DEAL_SHARES_MAX);
        if (answer->more) {
            break;
        }
        arena_reset(shadow->scratch);
        const Vouch__V1__Deal *deal = record_deal(question->view, slice_u64(key, 0), shadow->scratch);
        good = deal == NULL || !is_wanted(shadow, deal) || shadow_deal(shadow, deal);
        answer->next = slice_u64(key, 0);
        looked++;
    }
    cursor_close(&cursor);
    return good && answer_rows(shadow) ? VOUCH_OK : question_too_large(question);
}

enum vouch_status advise_shadow(struct question *question, const Vouch__V1__Request *request, struct plugin_call *call)
{
    const Vouch__V1__CommissionShadow *asked = request->commission_shadow;
    struct shadow shadow = {.question = question, .call = call, .asked = asked};
    shadow.answer = question_message(question, &vouch__v1__shadow__descriptor);
    if (shadow.answer == NULL) {
        return question_too_large(question);
    }
    if (asked->terms != 0) {
        shadow.terms = record_terms(question->view, asked->terms, asked->version, question->arena);
        if (shadow.terms == NULL) {
            return status_set(&question->why, VOUCH_NOT_FOUND, "there are no such terms, or not in that version");
        }
    }
    shadow.scratch = arena_new(SCRATCH_BYTES);
    shadow.lines = arena_new(SCRATCH_BYTES);
    enum vouch_status status = walk(&shadow);
    HASH_CLEAR(hh, shadow.sums);
    arena_free(&shadow.scratch);
    arena_free(&shadow.lines);
    question->reply->result_case = RESULT(SHADOW);
    question->reply->shadow = shadow.answer;
    return status;
}

enum vouch_status query_commission_shadow(struct question *question, const Vouch__V1__Request *request)
{
    return advise_shadow(question, request, NULL);
}
