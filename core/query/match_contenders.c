/* SPDX-License-Identifier: Apache-2.0
 *
 * Who might take a referral: every active rep and manager but its referrer and its connector. Gates are checked first;
 * who fails one is told with the reason and scored by nobody. */
#include "decide/receiver.h"
#include "domain/day.h"
#include "domain/names.h"
#include "query/match.h"

#include <string.h>

static enum vouch_status too_many(struct match *match)
{
    return status_set(&match->question->why, VOUCH_TOO_LARGE, "there are too many members to compare at once");
}

static bool has_tag(const struct vouch_tags *tags, const char *tag)
{
    for (size_t i = 0; i < tags->count; i++) {
        if (strcmp(tags->items[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

/* The tags of a card were folded when it was set. */
static struct vouch_tags tags_of(size_t count, char **tags)
{
    return (struct vouch_tags){(const char *const *)tags, count};
}

static const char *folded(struct match *match, const char *text)
{
    const char *fold = name_fold(match->work, text);
    return fold == NULL ? "" : fold;
}

static void tell_card(struct match *match, const Vouch__V1__Card *card, struct vouch_candidate *told)
{
    told->issues = tags_of(card->n_issues, card->issues);
    told->industries = tags_of(card->n_industries, card->industries);
    told->functions = tags_of(card->n_functions, card->functions);
    told->countries = tags_of(card->n_countries, card->countries);
    told->city = folded(match, card->city);
    told->region = folded(match, card->region);
    told->country = folded(match, card->country);
    told->size_min = card->size_min;
    told->size_max = card->size_max;
}

static void add_gate(struct contender *contender, const char *reason)
{
    contender->gates[contender->gate_count++] = reason == NULL ? "?" : reason;
}

static bool was_tried(const struct match *match, uint64_t member)
{
    for (size_t i = 0; i < match->tried_count; i++) {
        if (match->tried[i] == member) {
            return true;
        }
    }
    return false;
}

static void check_gates(struct match *match, const Vouch__V1__Card *card, uint64_t open, struct contender *contender)
{
    uint32_t capacity = receiver_capacity(contender->member);
    if (was_tried(match, contender->member->id)) {
        add_gate(contender, "had it before");
    }
    contender->score.capacity_ppm = match_capacity_ppm(open, capacity);
    if (card == NULL) {
        add_gate(contender, "has no card yet");
        return;
    }
    if (open >= capacity) {
        add_gate(contender, arena_printf(match->work, "full: %" PRIu64 " open of %u", open, capacity));
    }
    /* Only codes compare with codes: where the prospect's country is a name it says nothing about the card. */
    if (strlen(match->country) == 2 && card->n_countries > 0 && !has_tag(&contender->told.countries, match->country)) {
        add_gate(contender, arena_printf(match->work, "does not serve %s", match->country_told));
    }
}

/* What is closed in fewer referrals says nothing. */
#define SEGMENT_LEAST 3

static bool is_segment(struct match *match, struct slice key, size_t prefix)
{
    char *industry = arena_alloc(match->work, key.size - prefix + 1);
    if (industry == NULL) {
        return false;
    }
    memcpy(industry, (const char *)key.data + prefix, key.size - prefix);
    return strcmp(folded(match, industry), match->need.industry) == 0;
}

/* Counts of a member in the prospect's industry, however it was written. */
static int64_t count_segment(struct match *match, enum total_kind kind, uint64_t member)
{
    int64_t count = 0;
    struct slice key, value;
    struct key from = key_segment(kind, member, "");
    struct cursor *cursor = cursor_open(match->question->view, TABLE_TOTAL);
    bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
    while (row && key.size > from.size && memcmp(key.data, from.bytes, from.size) == 0) {
        count += is_segment(match, key, from.size) ? number_read(value) : 0;
        row = cursor_next(cursor, &key, &value);
    }
    cursor_close(&cursor);
    return count;
}

static void tell_segment(struct match *match, struct vouch_candidate *told)
{
    int64_t closed = match->need.industry[0] == '\0' ? 0 : count_segment(match, TOTAL_CLOSED_IN, told->id);
    if (closed >= SEGMENT_LEAST) {
        told->segment_closed = closed < UINT32_MAX ? (uint32_t)closed : UINT32_MAX;
        int64_t won = count_segment(match, TOTAL_WON_IN, told->id);
        told->segment_won = won < UINT32_MAX ? (uint32_t)won : UINT32_MAX;
    }
}

static uint32_t reliability_of(const struct match *match, uint64_t member)
{
    struct reliability reliability = receiver_reliability(match->question->view, member, match->today);
    bool is_new = reliability.kept + reliability.missed <= 0;
    return is_new ? match->reliability_ppm : reliability_low_ppm(&reliability);
}

static struct contender *make_contender(struct match *match, uint64_t id, const Vouch__V1__Member *member)
{
    static const char *const nothing[1];
    struct contender *contender = arena_alloc(match->work, sizeof *contender);
    if (contender == NULL) {
        return NULL;
    }
    const Vouch__V1__Card *card = member->card;
    struct tie_entry tie;
    contender->member = member;
    contender->told = (struct vouch_candidate){.id = id, .city = "", .region = "", .country = ""};
    contender->told.issues = contender->told.industries = contender->told.functions = contender->told.countries =
        (struct vouch_tags){nothing, 0};
    if (card != NULL) {
        tell_card(match, card, &contender->told);
    }
    if (tie_get(match->question->view, NODE_MEMBER | match->referrer, NODE_MEMBER | id, &tie)) {
        contender->told.tie_ppm = tie.strength_ppm;
        contender->told.tie_known = 1;
    }
    tell_segment(match, &contender->told);
    contender->score.reliability_ppm = reliability_of(match, id);
    check_gates(match, card, receiver_open(match->question->view, id, receiver_capacity(member)), contender);
    return contender;
}

static bool is_candidate(const struct match *match, uint64_t id, const Vouch__V1__Member *member)
{
    bool sells = member->role == ROLE(REP) || member->role == ROLE(MANAGER);
    return sells && member->state == VOUCH__V1__MEMBER_STATE__ACTIVE && id != match->referrer &&
           id != match->connector && id != match->question->actor->id;
}

static enum vouch_status collect(struct match *match)
{
    struct slice key;
    struct contender **next = &match->contenders;
    enum vouch_status status = VOUCH_OK;
    struct cursor *cursor = cursor_open(match->question->view, TABLE_MEMBER);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row && status == VOUCH_OK;
         row = cursor_next(cursor, &key, NULL)) {
        uint64_t id = slice_u64(key, 0);
        const Vouch__V1__Member *member = record_member(match->question->view, id, match->work);
        if (member != NULL && !is_candidate(match, id, member)) {
            continue;
        }
        *next = member == NULL || match->considered == LIMIT_MATCH_CANDIDATES ? NULL
                                                                              : make_contender(match, id, member);
        if (*next == NULL) {
            status = too_many(match);
        } else if (question_is_late(match->question)) {
            status = VOUCH_TIMEOUT;
        } else {
            match->considered++;
            next = &(*next)->next;
        }
    }
    cursor_close(&cursor);
    return status;
}

/* How many candidates name each issue, and how many tags they have in all: over the whole question, so that the answer
 * does not depend on how it is cut into batches. */
static enum vouch_status count_issues(struct match *match)
{
    uint32_t *counts = arena_alloc(match->work, match->need.issues.count * sizeof *counts);
    if (counts == NULL) {
        return too_many(match);
    }
    for (const struct contender *contender = match->contenders; contender != NULL; contender = contender->next) {
        if (contender->gate_count > 0) {
            continue;
        }
        match->passed++;
        match->candidate_issues += contender->told.issues.count;
        for (size_t i = 0; i < match->need.issues.count; i++) {
            counts[i] += has_tag(&contender->told.issues, match->need.issues.items[i]) ? 1 : 0;
        }
    }
    match->need.issue_candidates = counts;
    return VOUCH_OK;
}

enum vouch_status match_contenders(struct match *match)
{
    const char *zone = record_home_zone(match->question->view, match->work);
    match->today = day_of(zone, match->question->now_ms);
    match->reliability_ppm = match_reliability_ppm(0, 0);
    enum vouch_status status = collect(match);
    return status == VOUCH_OK ? count_issues(match) : status;
}
