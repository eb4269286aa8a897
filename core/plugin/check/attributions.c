/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to an attribution: such as a broker asks every day, and such as it may ask by the rules of vouch_plugin.h
 * though nobody would expect it. */
#include "plugin/check/check.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)
#define CLOSED_MS INT64_C(1780000000000) /* in 2026 */

/* The touches are the question's own, so that a case can change them. */
static struct vouch_touch *open_question(struct questions *questions, struct question *question, uint32_t count)
{
    struct vouch_touch *touches = arena_alloc(questions->arena, count * sizeof *touches);
    CHECK(touches != NULL);
    question->size = count;
    question->attribution = (struct vouch_attribution_request){.size = sizeof question->attribution,
                                                               .opened_ms = CLOSED_MS - 60 * DAY_MS,
                                                               .closed_ms = CLOSED_MS,
                                                               .window_days = 180,
                                                               .touch_count = count,
                                                               .touches = touches};
    return touches;
}

static void fill(struct dice *dice, struct vouch_touch *touches, uint32_t count, uint32_t parties)
{
    uint64_t base = 1 + dice_below(dice, 100000);
    uint64_t sequence = 1;
    int64_t time_ms = CLOSED_MS - 170 * DAY_MS;
    for (uint32_t i = 0; i < count; i++) {
        sequence += 1 + dice_below(dice, 50);
        time_ms += dice_below(dice, (uint32_t)(160 * DAY_MS / count));
        touches[i] = (struct vouch_touch){.party = base + (uint64_t)dice_below(dice, parties) * 7,
                                          .sequence = sequence,
                                          .time_ms = time_ms,
                                          .kind = 1 + dice_below(dice, VOUCH_TOUCH_HANDOVER)};
    }
}

static uint32_t count_parties(const struct vouch_touch *touches, uint32_t count)
{
    uint32_t parties = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t before = 0;
        while (before < i && touches[before].party != touches[i].party) {
            before++;
        }
        parties += before == i;
    }
    return parties;
}

static void add_ordinary(struct questions *questions, struct dice *dice, uint32_t count, uint32_t parties_most)
{
    struct question *question = questions_add(questions);
    struct vouch_touch *touches = open_question(questions, question, count);
    fill(dice, touches, count, parties_most);
    uint32_t parties = count_parties(touches, count);
    question->label = arena_printf(questions->arena, "%u touch%s of %u part%s", count, count == 1 ? "" : "es", parties,
                                   parties == 1 ? "y" : "ies");
    if (dice_below(dice, 4) == 0) {
        question->attribution.opened_ms = 0;
    }
}

/* ---- at the edges ---- */

typedef void edge_change(struct vouch_attribution_request *request, struct vouch_touch *touches);

static void parties_distinct(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].party = i + 1;
    }
}

static void party_one(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].party = 4711;
    }
}

static void parties_large(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].party = i % 3 == 0 ? 1 : UINT64_MAX - i % 5;
    }
}

static void times_same(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].time_ms = CLOSED_MS;
    }
}

static void times_extreme(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].time_ms = i % 2 == 0 ? INT64_MIN : INT64_MAX;
    }
}

static void times_early(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].time_ms = -1000 * (int64_t)i;
    }
}

static void times_late(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].time_ms = CLOSED_MS + DAY_MS * i;
    }
}

static void times_backwards(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].time_ms = CLOSED_MS - DAY_MS * i;
    }
}

static void opened_never(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    (void)touches;
    request->opened_ms = 0;
}

static void closed_first(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    (void)touches;
    request->opened_ms = request->closed_ms + 30 * DAY_MS;
}

static void opened_late(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    request->opened_ms = touches[request->touch_count - 1].time_ms + 1;
}

static void opened_extreme(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    (void)touches;
    request->opened_ms = INT64_MIN;
    request->closed_ms = INT64_MAX;
}

static void all_extreme(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    times_extreme(request, touches);
    request->opened_ms = INT64_MAX;
    request->closed_ms = INT64_MIN;
    request->window_days = 0;
}

static void window_none(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    (void)touches;
    request->window_days = 0;
}

static void window_endless(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    (void)touches;
    request->window_days = UINT32_MAX;
}

static void kinds_unknown(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    static const uint32_t kinds[] = {0, VOUCH_TOUCH_HANDOVER + 1, 1000, UINT32_MAX};
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].kind = kinds[i % 4];
    }
}

static void sequences_large(struct vouch_attribution_request *request, struct vouch_touch *touches)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].sequence = UINT64_MAX - request->touch_count + 1 + i;
    }
}

static const struct {
    const char *label;
    uint32_t count;
    edge_change *change;
} edges[] = {
    {"one touch of one party", 1, party_one},
    {"4,096 touches of one party", VOUCH_TOUCHES_MAX, party_one},
    {"4,096 touches of 4,096 parties", VOUCH_TOUCHES_MAX, parties_distinct},
    {"parties with numbers up to 2^64-1", 30, parties_large},
    {"all touches at one moment", 20, times_same},
    {"times at both ends of 64 bits", 20, times_extreme},
    {"times before 1970", 20, times_early},
    {"touches after the deal was closed", 20, times_late},
    {"times that go backwards", 20, times_backwards},
    {"a deal that was never opened (opened_ms 0)", 20, opened_never},
    {"a deal closed before it was opened", 20, closed_first},
    {"a deal opened after the last touch", 20, opened_late},
    {"opened and closed at both ends of 64 bits", 20, opened_extreme},
    {"all times at both ends of 64 bits, one touch", 1, all_extreme},
    {"all times at both ends of 64 bits", 20, all_extreme},
    {"a window of 0 days", 20, window_none},
    {"a window of 4,294,967,295 days", 20, window_endless},
    {"touches of kinds that ABI 1.0 does not know", 20, kinds_unknown},
    {"one touch of a kind that ABI 1.0 does not know", 1, kinds_unknown},
    {"sequence numbers up to 2^64-1", 20, sequences_large},
};

void attributions_ordinary(struct questions *questions, struct dice *dice)
{
    static const uint32_t counts[] = {1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25};
    for (size_t i = 0; i < 2 * sizeof counts / sizeof counts[0]; i++) {
        uint32_t count = counts[i / 2];
        add_ordinary(questions, dice, count, 1 + dice_below(dice, count));
    }
    add_ordinary(questions, dice, 100, 10);
    add_ordinary(questions, dice, 400, 100);
}

void attributions_edges(struct questions *questions, struct dice *dice)
{
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        struct question *question = questions_add(questions);
        question->label = edges[i].label;
        struct vouch_touch *touches = open_question(questions, question, edges[i].count);
        fill(dice, touches, edges[i].count, 1 + edges[i].count / 4);
        edges[i].change(&question->attribution, touches);
    }
}
