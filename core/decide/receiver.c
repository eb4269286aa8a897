/* SPDX-License-Identifier: Apache-2.0
 *
 * Members as receivers. */
#include "decide/receiver.h"

#include "domain/day.h"
#include "domain/match_score.h"

#include <string.h>

uint64_t receiver_open(const struct view *view, uint64_t member, uint64_t most)
{
    uint64_t open = 0;
    struct slice key;
    struct cursor *cursor = cursor_open(view, TABLE_REFERRAL_MEMBER);
    struct key from = key_referral_member(member, PARTY_RECEIVER, VOUCH__V1__REFERRAL_STATE__OFFERED, 0);
    struct key to = key_referral_member(member, PARTY_RECEIVER, VOUCH__V1__REFERRAL_STATE__WON, 0);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    while (row && open < most && memcmp(key.data, to.bytes, to.size) < 0) {
        open++;
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
    return open;
}

uint32_t receiver_capacity(const Vouch__V1__Member *member)
{
    return member->card == NULL || member->card->capacity == 0 ? MATCH_CAPACITY_DEFAULT : member->card->capacity;
}

typedef void each_day_function(void *into, uint32_t day, struct obligation of_day);

static void each_day(const struct view *view, uint64_t member, uint32_t from_day, uint32_t until_day,
                     each_day_function *each, void *into)
{
    struct slice key, value;
    struct key from = key_obligation(member, from_day);
    struct key until = key_obligation(member, until_day);
    struct cursor *cursor = cursor_open(view, TABLE_OBLIGATION);
    bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
    while (row && memcmp(key.data, until.bytes, until.size) <= 0) {
        each(into, obligation_day(key), obligation_read(value));
        row = cursor_next(cursor, &key, &value);
    }
    cursor_close(&cursor);
}

static void add_numbers(void *into, uint32_t day, struct obligation of_day)
{
    struct obligation *sum = into;
    (void)day;
    sum->kept += of_day.kept;
    sum->missed += of_day.missed;
}

struct obligation receiver_obligations(const struct view *view, uint64_t member, uint32_t from_day, uint32_t until_day)
{
    struct obligation sum = {0, 0};
    each_day(view, member, from_day, until_day, add_numbers, &sum);
    return sum;
}

struct seen_on {
    uint32_t today;
    struct reliability reliability;
};

static void add_weighted(void *into, uint32_t day, struct obligation of_day)
{
    struct seen_on *seen = into;
    reliability_add(&seen->reliability, day, of_day.kept, of_day.missed, seen->today);
}

struct reliability receiver_reliability(const struct view *view, uint64_t member, uint32_t today)
{
    struct seen_on seen = {today, {0, 0}};
    each_day(view, member, day_before(today, RELIABILITY_DAYS_MOST), UINT32_MAX, add_weighted, &seen);
    return seen.reliability;
}
