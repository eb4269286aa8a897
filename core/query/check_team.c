/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotas are of members; what receivers closed by industry is no more than they closed, and won no more than that.
 * Industries change, and a referral counts in what its prospect was in when it was closed: so it cannot be counted
 * again, only bounded. */
#include "base/message.h"
#include "query/checking.h"

#include <string.h>

#define SEGMENT_PREFIX 9 /* kind, receiver */

static void check_quota(struct check *check, struct slice key, struct slice value)
{
    const Vouch__V1__Quota *quota = (const void *)message_unpack_own(&vouch__v1__quota__descriptor, value.size,
                                                                     value.data, check->arena);
    uint64_t member = slice_u64(key, 0);
    struct key own = key_quota(member, quota == NULL ? 0 : quota->year);
    if (quota == NULL || quota->member != member || quota->amount == NULL || quota->amount->minor <= 0 ||
        key.size != own.size || memcmp(key.data, own.bytes, own.size) != 0) {
        finding(check, "a quota of member %" PRIu64 " cannot be", member);
    }
    if (!record_exists(check->view, TABLE_MEMBER, member)) {
        finding(check, "member %" PRIu64 " has a quota and is not there", member);
    }
}

static int64_t closed_by(const struct check *check, uint64_t receiver)
{
    static const Vouch__V1__ReferralState closed[] = {VOUCH__V1__REFERRAL_STATE__WON, VOUCH__V1__REFERRAL_STATE__LOST};
    int64_t count = 0;
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        struct slice key;
        struct key from = key_referral_member(receiver, PARTY_RECEIVER, closed[i], 0);
        struct cursor *cursor = cursor_open(check->view, TABLE_REFERRAL_MEMBER);
        bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
        while (row && memcmp(key.data, from.bytes, from.size - 8) == 0) {
            count++;
            row = cursor_next(cursor, &key, NULL);
        }
        cursor_close(&cursor);
    }
    return count;
}

struct segments {
    uint64_t receiver;
    int64_t closed;
};

static void end_receiver(struct check *check, const struct segments *segments)
{
    if (segments->receiver != 0 && segments->closed > closed_by(check, segments->receiver)) {
        finding(check, "member %" PRIu64 " closed fewer referrals than are counted by industry", segments->receiver);
    }
}

static void check_segments(struct check *check)
{
    struct segments segments = {0, 0};
    struct slice key, value;
    const uint8_t kind = TOTAL_CLOSED_IN;
    struct cursor *cursor = cursor_open(check->view, TABLE_TOTAL);
    bool row = cursor_seek(cursor, (struct slice){&kind, 1}, &key, &value);
    while (row && ((const uint8_t *)key.data)[0] == kind) {
        uint64_t receiver = slice_u64(key, 1);
        if (receiver != segments.receiver) {
            end_receiver(check, &segments);
            segments = (struct segments){receiver, 0};
        }
        struct key won = {.size = key.size};
        memcpy(won.bytes, key.data, key.size);
        won.bytes[0] = TOTAL_WON_IN;
        int64_t closed = number_read(value);
        if (key.size <= SEGMENT_PREFIX || closed <= 0 || number_get(check->view, TABLE_TOTAL, &won) > closed) {
            finding(check, "what member %" PRIu64 " closed in an industry cannot be", receiver);
        }
        segments.closed += closed;
        row = cursor_next(cursor, &key, &value);
    }
    cursor_close(&cursor);
    end_receiver(check, &segments);
}

void check_team(struct check *check)
{
    for_each_row(check, TABLE_QUOTA, check_quota);
    check_segments(check);
}
