/* SPDX-License-Identifier: Apache-2.0
 *
 * A member's work, from the indexes of their referrals and asks. */
#include "query/member_work.h"

#include "apply/books.h"
#include "base/message.h"
#include "domain/zone.h"

#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
/* One referral or ask at a time. */
#define SCRATCH_BYTES ((size_t)4 << 20)
#define PREFIX_BYTES 10 /* member, part, state */

typedef void each_referral_function(void *into, const Vouch__V1__Referral *referral);

/* A member's referrals in a part and a state. */
static void each_referral(const struct view *view, uint64_t member, enum referral_party part,
                          Vouch__V1__ReferralState state, struct arena *scratch, each_referral_function *each,
                          void *into)
{
    struct slice key;
    struct key from = key_referral_member(member, part, state, 0);
    struct cursor *cursor = cursor_open(view, TABLE_REFERRAL_MEMBER);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    while (row && memcmp(key.data, from.bytes, PREFIX_BYTES) == 0) {
        arena_reset(scratch);
        const Vouch__V1__Referral *referral = record_referral(view, slice_u64(key, PREFIX_BYTES), scratch);
        if (referral != NULL) {
            each(into, referral);
        }
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
}

/* ---- the desk ---- */

struct reading {
    int64_t now_ms;
    int64_t day_end_ms;
    uint64_t member;
    struct member_desk *desk;
};

static enum desk_kind kind_of(Vouch__V1__ReferralState state)
{
    switch (state) {
    case STATE(OFFERED):
        return DESK_ANSWER;
    case STATE(ACCEPTED):
        return DESK_CONTACT;
    case STATE(REGISTERED):
    case STATE(DECLINED):
        return DESK_RECEIVER;
    default:
        return DESK_UPDATE;
    }
}

static void count_clock(void *into, const Vouch__V1__Referral *referral)
{
    const struct reading *reading = into;
    const Vouch__V1__Clock *clock = referral->clock;
    if (clock == NULL || clock->member != reading->member || clock->snoozed_until_ms > reading->now_ms ||
        clock->stage == VOUCH__V1__CLOCK__STAGE__PASSED) {
        return;
    }
    if (clock->due_ms <= reading->now_ms) {
        reading->desk->overdue[kind_of(referral->state)]++;
    } else if (clock->due_ms < reading->day_end_ms) {
        reading->desk->due_today++;
    }
}

static void count_open(void *into, const Vouch__V1__Referral *referral)
{
    const struct reading *reading = into;
    reading->desk->open++;
    count_clock(into, referral);
}

void member_desk_read(const struct view *view, uint64_t member, int64_t now_ms, int64_t day_end_ms,
                      struct member_desk *desk)
{
    static const Vouch__V1__ReferralState working[] = {STATE(OFFERED), STATE(ACCEPTED), STATE(CONTACTED),
                                                       STATE(MEETING), STATE(OPPORTUNITY)};
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    struct reading reading = {now_ms, day_end_ms, member, desk};
    *desk = (struct member_desk){.open = 0};
    for (size_t i = 0; i < sizeof working / sizeof working[0]; i++) {
        each_referral(view, member, PARTY_RECEIVER, working[i], scratch, count_open, &reading);
    }
    each_referral(view, member, PARTY_REFERRER, STATE(REGISTERED), scratch, count_clock, &reading);
    each_referral(view, member, PARTY_REFERRER, STATE(DECLINED), scratch, count_clock, &reading);
    arena_free(&scratch);
}

/* ---- asks ---- */

/* Asks are prepared shortly before they are said: what was prepared so long before is not looked at. */
#define ASK_PREPARED_MS (90 * INT64_C(86400000))

static void count_asks(const struct view *view, uint64_t member, uint8_t state, int64_t since_ms, uint32_t *asks,
                       int64_t *last_ask_ms, struct arena *scratch)
{
    struct slice key;
    struct key prefix = key_u64(member);
    key_add_u8(&prefix, state);
    struct key end = prefix;
    key_add_u64(&end, UINT64_MAX);
    struct cursor *cursor = cursor_open(view, TABLE_ASK_MEMBER);
    bool row = cursor_seek_before(cursor, key_slice(&end), &key, NULL);
    while (row && key.size == prefix.size + 8 && memcmp(key.data, prefix.bytes, prefix.size) == 0) {
        arena_reset(scratch);
        const Vouch__V1__Ask *ask = record_get(view, TABLE_ASK, slice_u64(key, prefix.size),
                                               &vouch__v1__ask__descriptor, scratch);
        if (ask != NULL) {
            *asks += ask->asked_ms >= since_ms && ask->asked_ms != 0 ? 1 : 0;
            *last_ask_ms = ask->asked_ms > *last_ask_ms ? ask->asked_ms : *last_ask_ms;
        }
        row = ask != NULL && ask->prepared_ms > since_ms - ASK_PREPARED_MS && cursor_previous(cursor, &key, NULL);
    }
    cursor_close(&cursor);
}

void member_asks_read(const struct view *view, uint64_t member, int64_t since_ms, uint32_t *asks, int64_t *last_ask_ms)
{
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    *asks = 0;
    *last_ask_ms = 0;
    for (int state = VOUCH__V1__ASK_STATE__ASKED; state <= VOUCH__V1__ASK_STATE__OUTCOME_TOLD; state++) {
        count_asks(view, member, (uint8_t)state, since_ms, asks, last_ask_ms, scratch);
    }
    arena_free(&scratch);
}

/* ---- bookings ---- */

Vouch__V1__Quota *record_quota(const struct view *view, uint64_t member, uint32_t year, struct arena *arena)
{
    struct slice value;
    struct key key = key_quota(member, year);
    if (!table_get(view, TABLE_QUOTA, key_slice(&key), &value)) {
        return NULL;
    }
    return (Vouch__V1__Quota *)message_unpack_own(&vouch__v1__quota__descriptor, value.size, value.data, arena);
}

struct booking_sum {
    const struct view *view;
    const char *currency;
    const char *zone;
    uint32_t year;
    struct arena *arena;
    int64_t minor;
};

/* A deal keeps the year in which it was won; history from another system has only when it changed last. */
static void add_booked(void *into, const Vouch__V1__Referral *referral)
{
    struct booking_sum *sum = into;
    int64_t minor;
    arena_reset(sum->arena);
    const Vouch__V1__Deal *deal = record_deal(sum->view, referral->id, sum->arena);
    bool counts = referral->value != NULL && strcmp(referral->value->currency, sum->currency) == 0 &&
                  (deal == NULL || !deal->canceled);
    uint32_t year = deal != NULL ? deal->year : zone_month(sum->zone, referral->changed_ms) / 100;
    if (counts && year == sum->year && !__builtin_add_overflow(sum->minor, referral->value->minor, &minor)) {
        sum->minor = minor;
    }
}

int64_t member_booked_read(const struct view *view, uint64_t member, const char *currency, uint32_t year,
                           const char *zone)
{
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    struct arena *deals = arena_new(SCRATCH_BYTES);
    struct booking_sum sum = {view, currency, zone, year, deals, 0};
    each_referral(view, member, PARTY_RECEIVER, STATE(WON), scratch, add_booked, &sum);
    arena_free(&scratch);
    arena_free(&deals);
    return sum.minor;
}
