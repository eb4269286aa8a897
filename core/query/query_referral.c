/* SPDX-License-Identifier: Apache-2.0
 *
 * One referral; the asker's own, newest first; and what waits for a reviewer. */
#include "base/check.h"
#include "query/parts.h"

#include <string.h>

enum vouch_status query_referral_get(struct question *question, const Vouch__V1__Request *request)
{
    uint64_t id = request->referral_get->referral;
    const Vouch__V1__Referral *referral = record_referral(question->view, id, question->arena);
    if (referral == NULL || !access_referral(question->view, question->actor, referral, question->arena)) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "R%" PRIu64 ": no such referral, or none that you may see",
                          id);
    }
    Vouch__V1__ReferralView *view = referral_view(question, referral, true);
    if (view == NULL || protobuf_c_message_get_packed_size(&view->base) > LIMIT_FRAME_BYTES) {
        return question_too_large(question);
    }
    question->reply->result_case = RESULT(REFERRAL);
    question->reply->referral = view;
    return VOUCH_OK;
}

/* The index holds a member's referrals by part and state, each in order of ids; the list merges those runs from their
 * ends. */
struct run {
    struct cursor *cursor;
    struct key prefix;
    uint64_t id; /* the run's highest that was not taken yet; 0: exhausted */
};

#define RUNS_MAX (3 * REFERRAL_STATES + 1)
#define RUN_PREFIX 10 /* member, part, state */

static void run_read(struct run *run, bool found, struct slice key)
{
    bool inside = found && key.size == RUN_PREFIX + 8 && memcmp(key.data, run->prefix.bytes, RUN_PREFIX) == 0;
    run->id = inside ? slice_u64(key, RUN_PREFIX) : 0;
}

static void run_open(const struct question *question, uint64_t member, enum referral_party part,
                     Vouch__V1__ReferralState state, uint64_t before, struct run *run)
{
    struct slice key;
    run->prefix = key_referral_member(member, part, state, before);
    run->cursor = cursor_open(question->view, TABLE_REFERRAL_MEMBER);
    run_read(run, cursor_seek_before(run->cursor, key_slice(&run->prefix), &key, NULL), key);
    if (run->id == 0) {
        cursor_close(&run->cursor);
    }
}

static void run_next(struct run *run)
{
    struct slice key;
    run_read(run, cursor_previous(run->cursor, &key, NULL), key);
}

static bool wants_part(Vouch__V1__ReferralList__As as, uint32_t part)
{
    return as == VOUCH__V1__REFERRAL_LIST__AS__ANY || (uint32_t)as == part;
}

static bool wants_state(Vouch__V1__ReferralState asked, uint32_t state)
{
    return asked == STATE(REFERRAL_STATE_NONE) ? referral_state_is_open((Vouch__V1__ReferralState)state)
                                               : (uint32_t)asked == state;
}

/* What is held is listed under nobody, for those who review it. */
static bool wants_reviews(const Vouch__V1__Member *actor, const Vouch__V1__ReferralList *list)
{
    return list->state == STATE(HELD) && list->as == VOUCH__V1__REFERRAL_LIST__AS__ANY && actor->role != ROLE(REP);
}

static size_t open_runs(const struct question *question, const Vouch__V1__ReferralList *list, struct run *runs)
{
    size_t count = 0;
    uint64_t before = list->before == 0 ? UINT64_MAX : list->before;
    for (uint32_t part = PARTY_REFERRER; part <= PARTY_CONNECTOR; part++) {
        for (uint32_t state = 1; state < REFERRAL_STATES; state++) {
            if (wants_part(list->as, part) && wants_state(list->state, state)) {
                CHECK(count < RUNS_MAX);
                run_open(question, question->actor->id, (enum referral_party)part, (Vouch__V1__ReferralState)state,
                         before, &runs[count]);
                count += runs[count].id == 0 ? 0 : 1;
            }
        }
    }
    if (wants_reviews(question->actor, list)) {
        run_open(question, 0, PARTY_REVIEWER, STATE(HELD), before, &runs[count]);
        count += runs[count].id == 0 ? 0 : 1;
    }
    return count;
}

/* Takes the highest id of all runs, once even where the asker is two parties; 0 when all are exhausted. */
static uint64_t take_newest(struct run *runs, size_t count)
{
    uint64_t newest = 0;
    for (size_t i = 0; i < count; i++) {
        newest = runs[i].id > newest ? runs[i].id : newest;
    }
    for (size_t i = 0; i < count && newest != 0; i++) {
        if (runs[i].id == newest) {
            run_next(&runs[i]);
        }
    }
    return newest;
}

static bool is_listed(const struct question *question, const Vouch__V1__Referral *referral)
{
    return access_is_party(referral, question->actor->id) ||
           (referral->state == STATE(HELD) &&
            access_referral(question->view, question->actor, referral, question->arena));
}

static enum vouch_status fill_page(struct question *question, struct run *runs, size_t count, struct page *page)
{
    for (uint64_t id; (id = take_newest(runs, count)) != 0;) {
        if (page_is_full(page)) {
            page->more = true;
            return VOUCH_OK;
        }
        if (question_is_late(question)) {
            return VOUCH_TIMEOUT;
        }
        const Vouch__V1__Referral *referral = record_referral(question->view, id, question->arena);
        if (referral != NULL && !is_listed(question, referral)) {
            continue; /* named as its receiver, and not offered yet */
        }
        Vouch__V1__ReferralView *view = referral == NULL ? NULL : referral_view(question, referral, false);
        if (view == NULL) {
            page->more = true;
            return page->count > 0 ? VOUCH_OK : question_too_large(question);
        }
        if (!page_add(page, view, protobuf_c_message_get_packed_size(&view->base))) {
            return VOUCH_OK;
        }
    }
    return VOUCH_OK;
}

enum vouch_status query_referral_list(struct question *question, const Vouch__V1__Request *request)
{
    Vouch__V1__ReferralPage *answer = question_message(question, &vouch__v1__referral_page__descriptor);
    struct run *runs = arena_alloc(question->arena, RUNS_MAX * sizeof *runs);
    struct page page;
    if (answer == NULL || runs == NULL || !page_start(question, request->referral_list->limit, &page)) {
        return question_too_large(question);
    }
    size_t count = open_runs(question, request->referral_list, runs);
    enum vouch_status status = fill_page(question, runs, count, &page);
    for (size_t i = 0; i < count; i++) {
        cursor_close(&runs[i].cursor);
    }
    answer->referrals = (Vouch__V1__ReferralView **)page.rows;
    answer->n_referrals = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(REFERRALS);
    question->reply->referrals = answer;
    return status;
}
