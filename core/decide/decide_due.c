/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers: what the broker decides by itself when a row of the timer queue falls due. */
#include "base/check.h"
#include "base/clock.h"
#include "decide/parts.h"

static enum vouch_status expire_invitation(struct decision *decision, uint64_t member, int64_t due_ms)
{
    const Vouch__V1__Member *record = record_member(decision->view, member, decision->arena);
    Vouch__V1__InviteExpired *expired = decision_message(decision, &vouch__v1__invite_expired__descriptor);
    if (record == NULL || record->invite_expires_ms != due_ms || expired == NULL) {
        return status_set(&decision->why, VOUCH_INTERNAL, "member %" PRIu64 " has no invitation that expires now",
                          member);
    }
    expired->member = member;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(INVITE_EXPIRED);
    event->invite_expired = expired;
    return VOUCH_OK;
}

static enum vouch_status expire_consent(struct decision *decision, uint64_t referral, int64_t due_ms)
{
    const Vouch__V1__Referral *record = record_referral(decision->view, referral, decision->arena);
    Vouch__V1__ReferralMoved *moved;
    if (record == NULL || record->state != STATE(CONSENT_WAIT) || record->due_ms != due_ms) {
        return status_set(&decision->why, VOUCH_INTERNAL, "R%" PRIu64 " has no consent that runs out now", referral);
    }
    return move_emit(decision, record, VERB(EXPIRE), STATE(EXPIRED), &moved);
}

static bool copy_key(struct decision *decision, struct slice key, ProtobufCBinaryData *copy)
{
    copy->len = key.size;
    copy->data = arena_memdup(decision->arena, key.data, key.size);
    return copy->data != NULL;
}

/* The next SWEEP_ROWS rows after those of the last time; an empty `to_key` says that these are the last. */
static bool sweep_range(struct decision *decision, Vouch__V1__CommandsSwept *swept)
{
    struct slice key;
    struct slice after = SLICE_NONE;
    struct key position = key_text("sweep_after");
    struct cursor *cursor = cursor_open(decision->view, TABLE_COMMAND);
    bool good = true;
    bool resumed = table_get(decision->view, TABLE_META, key_slice(&position), &after) && after.size > 0;
    bool row = cursor_seek(cursor, resumed ? after : SLICE_NONE, &key, NULL);
    if (row) {
        good = copy_key(decision, key, &swept->from_key);
    }
    for (size_t looked = 1; row && looked < SWEEP_ROWS; looked++) {
        row = cursor_next(cursor, &key, NULL);
    }
    if (row) {
        good = good && copy_key(decision, key, &swept->to_key);
    }
    cursor_close(&cursor);
    return good;
}

static enum vouch_status sweep_commands(struct decision *decision)
{
    Vouch__V1__CommandsSwept *swept = decision_message(decision, &vouch__v1__commands_swept__descriptor);
    if (swept == NULL || !sweep_range(decision, swept)) {
        return decision_too_large(decision);
    }
    swept->before_ms = decision->now_ms - (int64_t)decision->policy->command_keep_days * MS_PER_DAY;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(COMMANDS_SWEPT);
    event->commands_swept = swept;
    return VOUCH_OK;
}

enum vouch_status decide_due(struct decision *decision, enum due_kind kind, uint64_t id, int64_t due_ms)
{
    CHECK(decision->actor == NULL && due_ms <= decision->now_ms);
    switch (kind) {
    case DUE_INVITE_EXPIRES:
        return expire_invitation(decision, id, due_ms);
    case DUE_CONSENT_EXPIRES:
        return expire_consent(decision, id, due_ms);
    case DUE_HOLD_ELAPSES:
        return elapse_hold(decision, id, due_ms);
    case DUE_CLAIM_ENDS:
        return claim_pass_on(decision, id, due_ms);
    case DUE_SWEEP_COMMANDS:
        return sweep_commands(decision);
    case DUE_CLOCK_RINGS:
        return clock_ring(decision, id, due_ms);
    case DUE_REROUTE:
        break;
    case DUE_ASK_ENDS:
        return ask_run_out(decision, id, due_ms);
    case DUE_INTEL_RINGS:
        return intel_ring(decision, id, due_ms);
    }
    return status_set(&decision->why, VOUCH_INTERNAL, "timer of kind %d: not known here", (int)kind);
}
