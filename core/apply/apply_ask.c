/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks: the record, its rows in the indexes of who asks and who is asked, its timer, and what the bond keeps of it. A
 * referral that names an ask is the answer to it. */
#include "apply/bonds.h"
#include "apply/parts.h"
#include "base/check.h"

#define ASK(name) VOUCH__V1__ASK_STATE__##name

static void rows_put(struct view *view, const Vouch__V1__Ask *ask)
{
    struct key member = key_ask_member(ask->member, ask->state, ask->id);
    row_put(view, TABLE_ASK_MEMBER, &member);
    if (ask->due_ms != 0) {
        struct key due = key_due(ask->due_ms, DUE_ASK_ENDS, ask->id);
        row_put(view, TABLE_DUE, &due);
    }
}

static void rows_delete(struct view *view, const Vouch__V1__Ask *ask)
{
    struct key member = key_ask_member(ask->member, ask->state, ask->id);
    row_delete(view, TABLE_ASK_MEMBER, &member);
    if (ask->due_ms != 0) {
        struct key due = key_due(ask->due_ms, DUE_ASK_ENDS, ask->id);
        row_delete(view, TABLE_DUE, &due);
    }
}

/* The newest other ask of the member, of anybody that the bond's contact stands for, that is open; 0: none. */
static uint64_t other_open(struct application *application, const Vouch__V1__Bond *bond, uint64_t than)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    size_t count = record_contact_family(application->view, bond->contact, family, application->arena);
    uint64_t newest = 0;
    struct slice row;
    struct application inner = application_inner(application);
    struct cursor *cursor = cursor_open(application->view, TABLE_ASK_CONTACT);
    for (size_t i = 0; i < count; i++) {
        struct key prefix = key_u64(family[i]);
        for (bool found = cursor_seek(cursor, key_slice(&prefix), &row, NULL); found && slice_u64(row, 0) == family[i];
             found = cursor_next(cursor, &row, NULL)) {
            arena_reset(inner.arena);
            const Vouch__V1__Ask *ask = record_ask(application->view, slice_u64(row, 16), inner.arena);
            bool open = ask != NULL && ask->member == bond->member && ask->id != than && ask_is_open(ask);
            newest = open && ask->id > newest ? ask->id : newest;
        }
    }
    cursor_close(&cursor);
    arena_free(&inner.arena);
    return newest;
}

/* What the bond knows of its asks: the open one, when the last was, how many there were and how many named somebody. */
static void bond_follow(struct application *application, const Vouch__V1__Ask *before, const Vouch__V1__Ask *now)
{
    Vouch__V1__Bond bond = bond_get(application, now->member, now->contact);
    if (now->asked_ms > bond.last_ask_ms) {
        bond.last_ask_ms = now->asked_ms;
    }
    if (now->answer != before->answer) {
        bond.asks += before->answer == ASK(ASK_STATE_NONE) ? 1 : 0;
        bond.named += now->answer == ASK(YES_NAMED) ? 1 : 0;
    }
    if (now->answer != before->answer || now->later_ms != before->later_ms) {
        bond.later_ms = now->later_ms;
    }
    if (ask_is_open(now)) {
        bond.open_ask = now->id > bond.open_ask ? now->id : bond.open_ask;
    } else if (bond.open_ask == now->id) {
        bond.open_ask = other_open(application, &bond, now->id);
    }
    bond_put(application, &bond);
}

static void ask_replace(struct application *application, const Vouch__V1__Ask *before, const Vouch__V1__Ask *now)
{
    rows_delete(application->view, before);
    rows_put(application->view, now);
    if (before->asked_ms == 0 && now->asked_ms != 0) {
        struct key asked = key_ask_contact(now->contact, now->asked_ms, now->id);
        row_put(application->view, TABLE_ASK_CONTACT, &asked);
    }
    record_put(application->view, TABLE_ASK, now->id, &now->base, application->arena);
    bond_follow(application, before, now);
}

void apply_ask_prepared(struct application *application, const Vouch__V1__AskPrepared *prepared)
{
    CHECK(prepared->ask != NULL);
    const Vouch__V1__Ask *ask = prepared->ask;
    static const Vouch__V1__Ask nothing = VOUCH__V1__ASK__INIT;
    rows_put(application->view, ask);
    if (ask->asked_ms != 0) {
        struct key asked = key_ask_contact(ask->contact, ask->asked_ms, ask->id);
        row_put(application->view, TABLE_ASK_CONTACT, &asked);
    }
    record_put(application->view, TABLE_ASK, ask->id, &ask->base, application->arena);
    counter_reach(application, "last_ask", ask->id);
    bond_follow(application, &nothing, ask);
}

static void answer(Vouch__V1__Ask *now, Vouch__V1__AskState how, int64_t later_ms, int64_t time_ms)
{
    now->state = now->answer = how;
    now->answered_ms = time_ms;
    now->later_ms = later_ms;
    now->due_ms = 0;
}

void apply_ask_moved(struct application *application, const Vouch__V1__AskMoved *moved)
{
    const Vouch__V1__Ask *before = record_ask(application->view, moved->ask, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    Vouch__V1__Ask now = *before;
    int64_t time_ms = application->event->time_ms;
    now.state = moved->to;
    switch (moved->to) {
    case ASK(ASKED):
        now.asked_ms = time_ms;
        now.due_ms = moved->due_ms;
        break;
    case ASK(YES_NAMED):
    case ASK(YES_LATER):
    case ASK(NO):
    case ASK(NO_REPLY):
        answer(&now, moved->to, moved->later_ms, time_ms);
        break;
    case ASK(THANKED):
        now.thanked_ms = time_ms;
        break;
    case ASK(OUTCOME_TOLD):
        now.told_ms = time_ms;
        break;
    default:
        break;
    }
    ask_replace(application, before, &now);
    for (size_t i = 0; i < moved->n_told; i++) {
        inbox_add(application, moved->told[i]);
    }
}

void ask_take_referral(struct application *application, uint64_t ask, uint64_t referral)
{
    const Vouch__V1__Ask *before = record_ask(application->view, ask, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    Vouch__V1__Ask now = *before;
    now.referrals = scratch(application, (before->n_referrals + 1) * sizeof *now.referrals);
    for (size_t i = 0; i < before->n_referrals; i++) {
        now.referrals[i] = before->referrals[i];
    }
    now.referrals[now.n_referrals++] = referral;
    if (now.answer != ASK(YES_NAMED)) {
        answer(&now, ASK(YES_NAMED), 0, application->event->time_ms);
    }
    ask_replace(application, before, &now);
}

void source_follow(struct application *application, Vouch__V1__Referral *now)
{
    if (now->imported || (now->source != NULL && now->source->contact != 0)) {
        return;
    }
    const Vouch__V1__Member *referrer = record_member(application->view, now->referrer, application->arena);
    const Vouch__V1__Member *receiver = record_member(application->view, now->receiver, application->arena);
    if (!is_there(application, referrer) || !is_there(application, receiver)) {
        return;
    }
    now->source = scratch(application, sizeof *now->source);
    vouch__v1__source__init(now->source);
    now->source->kind = referrer->company == receiver->company ? VOUCH__V1__SOURCE__KIND__COWORKER
                                                               : VOUCH__V1__SOURCE__KIND__PARTNER;
}
