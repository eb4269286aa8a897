/* SPDX-License-Identifier: Apache-2.0
 *
 * Replay: the commission of all deals, computed again and compared with what is recorded. On the thread of the
 * attribution plugin, which is asked again about deals that it attributed in the version it has now; without one
 * (`call` NULL), on a reader's. A page takes a fraction of a query's time, so that wins need not wait long for the
 * plugin. */
#include "base/clock.h"
#include "plugin/plugin.h"
#include "query/books_view.h"

#include <sodium.h>
#include <string.h>

#define PAGE_US INT64_C(250000)
#define SPARE_US INT64_C(300000)
#define SCRATCH_BYTES ((size_t)4 << 20)
#define DIFFERENCES_MAX 100

/* A walk over deals, one page of it. */
struct replay {
    struct question *question;
    struct plugin_call *call; /* NULL: nobody is asked, or not any more */
    struct arena *scratch;    /* of one deal */
    struct arena *lines;      /* of one payment */
    Vouch__V1__Replay *answer;
    crypto_generichash_state digest;
};

int64_t walk_until_us(const struct question *question)
{
    int64_t page = clock_mono_us() + PAGE_US;
    int64_t last = question->deadline_us - SPARE_US;
    return page < last ? page : last;
}

enum vouch_status deal_ask_again(const struct question *question, const struct deal_proof *proof, uint32_t window_days,
                                 struct plugin_call *call, struct arena *scratch, struct advice *advice)
{
    struct question inner = *question;
    struct attribution_case of = {
        .referral = proof->referral, .closed_ms = proof->deal->won_ms, .window_days = window_days};
    inner.arena = scratch;
    of.touch_count = touches_eligible(proof->referral, proof->touches, proof->touch_count, window_days,
                                      proof->deal->won_ms, of.touches);
    *advice = (struct advice){.plugin = "", .plugin_version = ""};
    return attribution_ask(&inner, &of, call, advice);
}

/* A plugin that does not answer proves nothing either way; it is not asked about the rest of the page. */
static void ask_again(struct replay *replay, struct deal_proof *proof)
{
    const Vouch__V1__Deal *deal = proof->deal;
    struct advice advice;
    if (replay->call == NULL || deal->plugin[0] == '\0' || strcmp(deal->plugin, plugin_call_name(replay->call)) != 0 ||
        strcmp(deal->plugin_version, plugin_call_version(replay->call)) != 0) {
        return;
    }
    if (deal_ask_again(replay->question, proof, (uint32_t)proof->terms.window_days, replay->call, replay->scratch,
                       &advice) != VOUCH_OK) {
        replay->call = NULL;
        return;
    }
    replay->answer->asked++;
    (void)deal_proof_weights(proof, &advice);
}

static bool add_difference(struct replay *replay, uint64_t referral, const char *why)
{
    Vouch__V1__Replay__Difference *row = question_message(replay->question, &vouch__v1__replay__difference__descriptor);
    char *text = arena_strdup(replay->question->arena, why);
    if (row == NULL || text == NULL) {
        return false;
    }
    row->referral = referral;
    row->why = text;
    replay->answer->differences[replay->answer->n_differences++] = row;
    return true;
}

/* False past the arena's budget. */
static bool replay_deal(struct replay *replay, const Vouch__V1__Deal *deal)
{
    struct deal_proof proof;
    struct payment_proof step;
    if (!deal_proof_start(&proof, replay->question->view, deal, replay->scratch, replay->lines)) {
        return add_difference(replay, deal->referral, "its referral or its terms cannot be read");
    }
    ask_again(replay, &proof);
    while (deal_proof_next(&proof, &step)) {
        replay->answer->payments++;
        replay->answer->bookings += step.booking_count;
        for (size_t i = 0; i < step.booking_count; i++) {
            crypto_generichash_update(&replay->digest, step.bookings[i]->hash.data, step.bookings[i]->hash.len);
        }
    }
    replay->answer->deals++;
    return proof.why.text[0] == '\0' || add_difference(replay, deal->referral, proof.why.text);
}

/* One deal that is asked about by number must be there. */
static enum vouch_status walk(struct replay *replay, const Vouch__V1__CommissionReplay *asked)
{
    struct question *question = replay->question;
    Vouch__V1__Replay *answer = replay->answer;
    int64_t until_us = walk_until_us(question);
    uint64_t looked = 0;
    struct slice key;
    struct key from = key_u64(asked->only ? asked->after : asked->after + 1);
    struct cursor *cursor = cursor_open(question->view, TABLE_DEAL);
    bool good = true;
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    answer->next = asked->after;
    for (; row && good && !answer->more; row = cursor_next(cursor, &key, NULL)) {
        uint64_t id = slice_u64(key, 0);
        bool full = answer->n_differences == DIFFERENCES_MAX || (asked->limit != 0 && looked == asked->limit) ||
                    (looked > 0 && clock_mono_us() >= until_us);
        if (full || (asked->only && id != asked->after)) {
            answer->more = full;
            break;
        }
        arena_reset(replay->scratch);
        const Vouch__V1__Deal *deal = record_deal(question->view, id, replay->scratch);
        if (deal == NULL) {
            good = add_difference(replay, id, "it cannot be read");
        } else if (books_are_open(question, deal->company)) {
            good = replay_deal(replay, deal);
        }
        looked++;
        answer->next = id;
    }
    cursor_close(&cursor);
    if (asked->only && answer->deals == 0 && answer->n_differences == 0) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "R%" PRIu64 " is no won deal, or none that you may see",
                          asked->after);
    }
    return good ? VOUCH_OK : question_too_large(question);
}

enum vouch_status advise_replay(struct question *question, const Vouch__V1__Request *request, struct plugin_call *call)
{
    Vouch__V1__Replay *answer = question_message(question, &vouch__v1__replay__descriptor);
    struct replay replay = {.question = question, .call = call, .answer = answer};
    uint8_t *digest = arena_alloc(question->arena, LEDGER_HASH_BYTES);
    if (answer != NULL) {
        answer->differences = arena_alloc(question->arena, DIFFERENCES_MAX * sizeof(void *));
    }
    if (answer == NULL || digest == NULL || answer->differences == NULL) {
        return question_too_large(question);
    }
    replay.scratch = arena_new(SCRATCH_BYTES);
    replay.lines = arena_new(SCRATCH_BYTES);
    crypto_generichash_init(&replay.digest, NULL, 0, LEDGER_HASH_BYTES);
    enum vouch_status status = walk(&replay, request->commission_replay);
    crypto_generichash_final(&replay.digest, digest, LEDGER_HASH_BYTES);
    arena_free(&replay.scratch);
    arena_free(&replay.lines);
    answer->digest = (ProtobufCBinaryData){LEDGER_HASH_BYTES, digest};
    question->reply->result_case = RESULT(REPLAY);
    question->reply->replay = answer;
    return status;
}

enum vouch_status query_commission_replay(struct question *question, const Vouch__V1__Request *request)
{
    return advise_replay(question, request, NULL);
}
