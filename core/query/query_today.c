/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of the day: what is due, who is neglected, whom to ask, each with its reason, the most urgent first. */
#include "domain/worktime.h"
#include "query/today.h"

#define SCRATCH_BYTES ((size_t)1 << 20)

/* ---- what comes first is kept ---- */

static bool is_before(const struct today_item *left, const struct today_item *right)
{
    if (left->group != right->group) {
        return left->group < right->group;
    }
    return left->order != right->order ? left->order < right->order : left->id < right->id;
}

static void sift_down(struct today_best *best, size_t at, size_t count)
{
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_before(&best->items[child], &best->items[child + 1])) {
            child++;
        }
        if (!is_before(&best->items[at], &best->items[child])) {
            return;
        }
        struct today_item item = best->items[at];
        best->items[at] = best->items[child];
        best->items[child] = item;
        at = child;
    }
}

void today_best_add(struct today_best *best, const struct today_item *item)
{
    best->offered++;
    if (best->count < best->room) {
        size_t at = best->count++;
        best->items[at] = *item;
        for (size_t parent = (at - 1) / 2; at > 0 && is_before(&best->items[parent], &best->items[at]);
             at = parent, parent = (at - 1) / 2) {
            struct today_item swap = best->items[at];
            best->items[at] = best->items[parent];
            best->items[parent] = swap;
        }
    } else if (best->room > 0 && is_before(item, &best->items[0])) {
        best->items[0] = *item;
        sift_down(best, 0, best->count);
    }
}

void today_best_sort(struct today_best *best)
{
    for (size_t left = best->count; left > 1; left--) {
        struct today_item last = best->items[0];
        best->items[0] = best->items[left - 1];
        best->items[left - 1] = last;
        sift_down(best, 0, left - 1);
    }
}

void today_later(struct today *today, const struct today_item *item, int64_t due_ms)
{
    if (today->next_ms == 0 || due_ms < today->next_ms) {
        today->next_ms = due_ms;
        today->next = *item;
    }
}

/* ---- the answer ---- */

static bool best_start(const struct question *question, size_t room, struct today_best *best)
{
    *best = (struct today_best){.items = arena_alloc(question->arena, room * sizeof *best->items), .room = room};
    return best->items != NULL;
}

/* Lines of one part, as far as the list has room. */
static bool add_lines(struct today *today, struct today_best *best, size_t limit, Vouch__V1__TodayList *answer)
{
    today_best_sort(best);
    for (size_t i = 0; i < best->count && answer->n_lines < limit; i++) {
        Vouch__V1__TodayLine *line = today_line(today->question, &best->items[i]);
        if (line == NULL) {
            return false;
        }
        answer->lines[answer->n_lines++] = line;
    }
    return true;
}

static bool add_next(struct today *today, Vouch__V1__TodayList *answer)
{
    if (today->next_ms == 0) {
        return true;
    }
    const Vouch__V1__TodayLine *line = today_line(today->question, &today->next);
    if (line == NULL) {
        return false;
    }
    answer->next_ms = today->next_ms;
    answer->next = line->subject;
    answer->next_kind = line->kind;
    return true;
}

static char *zone_of(struct today *today)
{
    const char *home = record_home_zone(today->question->view, today->question->arena);
    return (char *)(uintptr_t)work_calendar_of(today->member->calendar, home).zone;
}

static enum vouch_status fill(struct today *today, size_t limit, Vouch__V1__TodayList *answer)
{
    answer->lines = arena_alloc(today->question->arena, limit * sizeof *answer->lines);
    if (answer->lines == NULL || !add_lines(today, &today->due, limit, answer)) {
        return question_too_large(today->question);
    }
    answer->due = (uint32_t)answer->n_lines;
    if (!add_lines(today, &today->leads, limit, answer) || !add_lines(today, &today->neglected, limit, answer) ||
        !add_lines(today, &today->asks, limit, answer) || !add_next(today, answer)) {
        return question_too_large(today->question);
    }
    uint64_t offered = today->due.offered + today->leads.offered + today->neglected.offered;
    uint64_t left_out = offered + today->asks.count - answer->n_lines;
    answer->left_out = left_out < UINT32_MAX ? (uint32_t)left_out : UINT32_MAX;
    answer->neglected = today->neglected.offered < UINT32_MAX ? (uint32_t)today->neglected.offered : UINT32_MAX;
    answer->member = today->member->id;
    answer->name = today->member->name;
    answer->now_ms = today->question->now_ms;
    answer->zone = zone_of(today);
    return VOUCH_OK;
}

/* Whose day it is, that the asker may see. */
static enum vouch_status find_member(struct question *question, uint64_t id, struct today *today)
{
    today->own = id == 0 || id == question->actor->id;
    today->member = today->own ? question->actor : record_member(question->view, id, question->arena);
    if (today->member == NULL ||
        (!today->own && !access_manages(question->view, question->actor, id, question->arena))) {
        return status_set(
            &question->why, VOUCH_NOT_FOUND,
            "member %" PRIu64 ": no such member, or none of your team; managers see what is due for theirs", id);
    }
    return VOUCH_OK;
}

enum vouch_status query_today(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__Today *asked = request->today;
    size_t limit = asked->limit == 0 ? TODAY_LINES_DEFAULT : asked->limit;
    limit = limit < TODAY_LINES_MOST ? limit : TODAY_LINES_MOST;
    Vouch__V1__TodayList *answer = question_message(question, &vouch__v1__today_list__descriptor);
    struct today today = {.question = question, .status = VOUCH_OK};
    enum vouch_status status = find_member(question, asked->member, &today);
    if (status != VOUCH_OK) {
        return status;
    }
    if (answer == NULL || !best_start(question, limit, &today.due) ||
        !best_start(question, TODAY_LEADS, &today.leads) || !best_start(question, TODAY_NEGLECTED, &today.neglected) ||
        !best_start(question, TODAY_ASKS, &today.asks)) {
        return question_too_large(question);
    }
    today.scratch = arena_new(SCRATCH_BYTES);
    today_add_due(&today);
    if (today.own && today.status == VOUCH_OK) {
        today_add_contacts(&today);
    }
    arena_free(&today.scratch);
    if (today.status != VOUCH_OK) {
        return today.status;
    }
    question->reply->result_case = RESULT(TODAY);
    question->reply->today = answer;
    return fill(&today, limit, answer);
}
