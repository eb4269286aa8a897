/* SPDX-License-Identifier: Apache-2.0
 *
 * What waits for managers: referrals that are held for review, and those that nobody takes. Both are listed under
 * nobody; each manager sees those of the own team. */
#include "apply/clocks.h"
#include "query/parts.h"

#include <stdlib.h>
#include <string.h>

/* More than anybody looks at; those of the lowest numbers then, and the answer tells. */
#define QUEUE_MOST 1000
#define ROW_PREFIX 10 /* nobody, reviewer, state */
#define SCRATCH_BYTES ((size_t)4 << 20)

struct waiting {
    uint64_t id;
    int64_t due_ms; /* INT64_MAX: none */
};

struct queue {
    struct question *question;
    struct arena *scratch; /* of one referral */
    size_t count;
    struct waiting *rows;
};

/* The referrer's managers; what is held is never its own referrer's to judge. */
static bool is_theirs(const struct queue *queue, const Vouch__V1__Referral *referral)
{
    const struct question *question = queue->question;
    if (referral->state == STATE(HELD)) {
        return access_reviews(question->view, question->actor, referral, queue->scratch);
    }
    return access_manages(question->view, question->actor, referral->referrer, queue->scratch);
}

static enum vouch_status collect_state(struct queue *queue, Vouch__V1__ReferralState state)
{
    struct slice key;
    enum vouch_status status = VOUCH_OK;
    struct key from = key_referral_member(0, PARTY_REVIEWER, state, 0);
    struct cursor *cursor = cursor_open(queue->question->view, TABLE_REFERRAL_MEMBER);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    while (row && status == VOUCH_OK && memcmp(key.data, from.bytes, ROW_PREFIX) == 0 && queue->count < QUEUE_MOST) {
        arena_reset(queue->scratch);
        const Vouch__V1__Referral *referral = record_referral(queue->question->view, slice_u64(key, ROW_PREFIX),
                                                              queue->scratch);
        if (referral != NULL && is_theirs(queue, referral)) {
            int64_t due_ms = referral->due_ms == 0 ? INT64_MAX : referral->due_ms;
            queue->rows[queue->count++] = (struct waiting){referral->id, due_ms};
        }
        status = question_is_late(queue->question) ? VOUCH_TIMEOUT : VOUCH_OK;
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
    return status;
}

static int compare(const void *left, const void *right)
{
    const struct waiting *a = left;
    const struct waiting *b = right;
    if (a->due_ms != b->due_ms) {
        return a->due_ms < b->due_ms ? -1 : 1;
    }
    return (a->id > b->id) - (a->id < b->id);
}

/* ---- rows ---- */

static char *reason_of(struct question *question, const Vouch__V1__Referral *referral)
{
    struct arena *arena = question->arena;
    const char *who = question_name(question, TABLE_MEMBER, referral->receiver);
    switch (referral->state) {
    case STATE(HELD):
        return arena_printf(arena, "held: %s",
                            referral->claim == NULL ? "to be looked at" : claim_hold_words(referral->claim->hold));
    case STATE(GHOSTED):
        return arena_printf(arena, "%s did not act; offered %" PRIu32 " %s, and nobody is left", who, referral->attempt,
                            referral->attempt == 1 ? "time" : "times");
    case STATE(DECLINED):
        return arena_printf(arena, "%s declined, and nobody else was found", who);
    default:
        return arena_strdup(arena, "nobody was named to take it, and nobody was found");
    }
}

static Vouch__V1__QueueRow *make_row(struct question *question, uint64_t id)
{
    Vouch__V1__QueueRow *row = question_message(question, &vouch__v1__queue_row__descriptor);
    const Vouch__V1__Referral *referral = record_referral(question->view, id, question->arena);
    if (row == NULL || referral == NULL) {
        return NULL;
    }
    row->referral = referral_view(question, referral, false);
    row->reason = reason_of(question, referral);
    row->since_ms = referral->clock != NULL ? referral->clock->start_ms : referral->changed_ms;
    row->due_ms = referral->due_ms;
    return row->referral == NULL || row->reason == NULL ? NULL : row;
}

static enum vouch_status fill(struct queue *queue, struct page *page)
{
    for (size_t i = 0; i < queue->count && !page_is_full(page); i++) {
        Vouch__V1__QueueRow *row = make_row(queue->question, queue->rows[i].id);
        if (row == NULL) {
            return page->count > 0 ? VOUCH_OK : question_too_large(queue->question);
        }
        if (!page_add(page, row, protobuf_c_message_get_packed_size(&row->base))) {
            return VOUCH_OK;
        }
    }
    return VOUCH_OK;
}

enum vouch_status query_team_queue(struct question *question, const Vouch__V1__Request *request)
{
    static const Vouch__V1__ReferralState states[] = {STATE(HELD), STATE(GHOSTED), STATE(REGISTERED), STATE(DECLINED)};
    Vouch__V1__QueuePage *answer = question_message(question, &vouch__v1__queue_page__descriptor);
    struct queue queue = {.question = question, .rows = arena_alloc(question->arena, QUEUE_MOST * sizeof *queue.rows)};
    struct page page;
    if (answer == NULL || queue.rows == NULL || !page_start(question, request->team_queue->limit, &page)) {
        return question_too_large(question);
    }
    enum vouch_status status = VOUCH_OK;
    queue.scratch = arena_new(SCRATCH_BYTES);
    for (size_t i = 0; i < sizeof states / sizeof states[0] && status == VOUCH_OK; i++) {
        status = collect_state(&queue, states[i]);
    }
    arena_free(&queue.scratch);
    qsort(queue.rows, queue.count, sizeof queue.rows[0], compare);
    if (status == VOUCH_OK) {
        status = fill(&queue, &page);
    }
    answer->rows = (Vouch__V1__QueueRow **)page.rows;
    answer->n_rows = page.count;
    answer->waiting = (uint32_t)queue.count;
    question->reply->result_case = RESULT(QUEUE);
    question->reply->queue = answer;
    return status;
}
