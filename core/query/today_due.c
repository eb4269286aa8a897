/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody waits for: referrals by part and state, what managers look after, asks that want an answer to the
 * contact, intel that nobody took. */
#include "query/today.h"

#include "apply/bonds.h"
#include "apply/clocks.h"
#include "decide/asks.h"

#include <string.h>

#define ASK(name) VOUCH__V1__ASK_STATE__##name

/* ---- an index, from a beginning of its keys ---- */

struct walk {
    struct cursor *cursor;
    struct key prefix;
    bool found;
    struct slice key;
};

static void walk_check(struct walk *walk)
{
    walk->found = walk->found && walk->key.size == walk->prefix.size + 8 &&
                  memcmp(walk->key.data, walk->prefix.bytes, walk->prefix.size) == 0;
}

static void walk_start(struct today *today, enum table table, struct key first, struct walk *walk)
{
    *walk = (struct walk){.cursor = cursor_open(today->question->view, table), .prefix = first};
    walk->prefix.size -= 8;
    walk->found = cursor_seek(walk->cursor, key_slice(&first), &walk->key, NULL);
    walk_check(walk);
}

/* The next id; 0 at the end, and once the question has taken too long. */
static uint64_t walk_next(struct today *today, struct walk *walk)
{
    if (!walk->found || today->status != VOUCH_OK) {
        cursor_close(&walk->cursor);
        return 0;
    }
    uint64_t id = slice_u64(walk->key, walk->prefix.size);
    walk->found = cursor_next(walk->cursor, &walk->key, NULL);
    walk_check(walk);
    if (question_is_late(today->question)) {
        today->status = VOUCH_TIMEOUT;
    }
    arena_reset(today->scratch);
    return id;
}

/* ---- referrals ---- */

/* By deadline, where there is one. */
static void place(struct today *today, struct today_item *item, enum today_group timed, enum today_group untimed)
{
    int64_t now_ms = today->question->now_ms;
    bool overdue = item->due_ms != 0 && item->due_ms <= now_ms;
    item->group = overdue ? TODAY_OVERDUE : item->due_ms != 0 ? timed : untimed;
    item->order = item->due_ms;
    today_best_add(&today->due, item);
}

static struct today_item referral_item(const Vouch__V1__Referral *referral, Vouch__V1__TodayLine__Kind kind)
{
    return (struct today_item){
        .id = referral->id,
        .kind = kind,
        .referral = referral->id,
        .state = referral->state,
        .due_ms = referral->clock != NULL ? referral->clock->due_ms : referral->due_ms,
        .stage = referral->clock != NULL ? referral->clock->stage : VOUCH__V1__CLOCK__STAGE__STAGE_NONE,
    };
}

static void add_referral(struct today *today, const Vouch__V1__Referral *referral, Vouch__V1__TodayLine__Kind kind)
{
    struct today_item item = referral_item(referral, kind);
    const Vouch__V1__Clock *clock = referral->clock;
    if (clock != NULL && clock->snoozed_until_ms > today->question->now_ms) {
        item.due_ms = 0;
        today_later(today, &item, clock->snoozed_until_ms);
        return;
    }
    place(today, &item, TODAY_TIMED, TODAY_UNTIMED);
}

/* What a state asks of a party. */
static const struct duty {
    enum referral_party party;
    Vouch__V1__ReferralState state;
    Vouch__V1__TodayLine__Kind kind;
} duties[] = {
    {PARTY_RECEIVER, STATE(OFFERED), KIND(ANSWER)},          {PARTY_RECEIVER, STATE(ACCEPTED), KIND(FIRST_CONTACT)},
    {PARTY_RECEIVER, STATE(CONTACTED), KIND(PROGRESS)},      {PARTY_RECEIVER, STATE(MEETING), KIND(PROGRESS)},
    {PARTY_RECEIVER, STATE(OPPORTUNITY), KIND(PROGRESS)},    {PARTY_REFERRER, STATE(REGISTERED), KIND(NAME_RECEIVER)},
    {PARTY_REFERRER, STATE(DECLINED), KIND(NAME_RECEIVER)},  {PARTY_REFERRER, STATE(CONSENT_WAIT), KIND(CONSENT)},
    {PARTY_CONNECTOR, STATE(CONSENT_WAIT), KIND(INTRODUCE)}, {PARTY_REFERRER, STATE(DRAFT), KIND(FINISH)},
};

/* Whether it is this member's turn: an introduction that was asked for is the connector's, what nobody could be found
 * for is the managers'. */
static bool is_due_of(const struct duty *duty, const Vouch__V1__Referral *referral)
{
    switch (duty->kind) {
    case KIND(CONSENT):
        return referral->connector == 0 || referral->introduced;
    case KIND(INTRODUCE):
        return !referral->introduced;
    case KIND(NAME_RECEIVER):
        return !referral->imported && !clock_is_managers(referral);
    default:
        return !referral->imported;
    }
}

static void add_parties(struct today *today)
{
    for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++) {
        const struct duty *duty = &duties[i];
        struct walk walk;
        walk_start(today, TABLE_REFERRAL_MEMBER, key_referral_member(today->member->id, duty->party, duty->state, 0),
                   &walk);
        for (uint64_t id; (id = walk_next(today, &walk)) != 0;) {
            const Vouch__V1__Referral *referral = record_referral(today->question->view, id, today->scratch);
            if (referral != NULL && access_is_party(referral, today->member->id) && is_due_of(duty, referral)) {
                add_referral(today, referral, duty->kind);
            }
        }
    }
}

/* Leads of which nobody has to do anything first: a vouch makes a referral of each. */
static void add_leads(struct today *today)
{
    for (uint32_t state = STATE(CONSENT_WAIT); state < REFERRAL_STATES; state++) {
        struct walk walk;
        if (!referral_state_is_open((Vouch__V1__ReferralState)state)) {
            continue;
        }
        walk_start(today, TABLE_REFERRAL_MEMBER,
                   key_referral_member(today->member->id, PARTY_REFERRER, (Vouch__V1__ReferralState)state, 0), &walk);
        for (uint64_t id; (id = walk_next(today, &walk)) != 0;) {
            const Vouch__V1__Referral *referral = record_referral(today->question->view, id, today->scratch);
            if (referral != NULL && referral->lead && !referral->imported) {
                struct today_item item = referral_item(referral, KIND(VOUCH_FOR));
                item.group = TODAY_LEAD;
                item.order = -referral->registered_ms;
                item.due_ms = 0;
                today_best_add(&today->leads, &item);
            }
        }
    }
}

/* What is held, and what nobody could be found for, is listed under nobody, for those who look after it. */
static void add_queue(struct today *today)
{
    static const Vouch__V1__ReferralState states[] = {STATE(HELD), STATE(GHOSTED), STATE(REGISTERED), STATE(DECLINED)};
    const struct question *question = today->question;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct walk walk;
        walk_start(today, TABLE_REFERRAL_MEMBER, key_referral_member(0, PARTY_REVIEWER, states[i], 0), &walk);
        for (uint64_t id; (id = walk_next(today, &walk)) != 0;) {
            const Vouch__V1__Referral *referral = record_referral(question->view, id, today->scratch);
            if (referral == NULL) {
                continue;
            }
            if (states[i] == STATE(HELD)) {
                if (access_reviews(question->view, today->member, referral, today->scratch)) {
                    add_referral(today, referral, KIND(REVIEW));
                }
            } else if (clock_is_managers(referral) &&
                       access_manages(question->view, today->member, referral->referrer, today->scratch)) {
                add_referral(today, referral, KIND(QUEUE));
            }
        }
    }
}

/* ---- asks ---- */

static void add_ask(struct today *today, const Vouch__V1__Ask *ask)
{
    struct today_item item = {
        .group = TODAY_THANKS, .order = ask->prepared_ms, .id = ask->id, .ask = ask->id, .contact = ask->contact};
    switch (ask_owes(today->question->view, ask, today->scratch)) {
    case VOUCH__V1__ASK_ROW__OWES__ASK_IT:
        item.kind = KIND(ASK_NOW);
        break;
    case VOUCH__V1__ASK_ROW__OWES__THANK:
        item.kind = KIND(THANK);
        break;
    case VOUCH__V1__ASK_ROW__OWES__TELL:
        item.kind = KIND(TELL_OUTCOME);
        break;
    default:
        return;
    }
    today_best_add(&today->due, &item);
}

static void add_asks(struct today *today)
{
    static const Vouch__V1__AskState states[] = {ASK(PREPARED), ASK(YES_NAMED), ASK(YES_LATER), ASK(THANKED)};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct walk walk;
        walk_start(today, TABLE_ASK_MEMBER, key_ask_member(today->member->id, states[i], 0), &walk);
        for (uint64_t id; (id = walk_next(today, &walk)) != 0;) {
            const Vouch__V1__Ask *ask = record_ask(today->question->view, id, today->scratch);
            const Vouch__V1__Contact *contact = ask == NULL ? NULL
                                                            : record_contact(today->question->view, ask->contact,
                                                                             today->scratch);
            if (contact != NULL && !contact->erased) { /* nobody can be thanked who is not known any more */
                add_ask(today, ask);
            }
        }
    }
}

/* ---- intel ---- */

static void add_intel(struct today *today)
{
    struct walk walk;
    walk_start(today, TABLE_INTEL_MEMBER,
               key_intel_member(today->member->id, INTEL_WAS_OFFERED, VOUCH__V1__INTEL_STATE__INTEL_OFFERED, 0), &walk);
    for (uint64_t id; (id = walk_next(today, &walk)) != 0;) {
        const Vouch__V1__Intel *intel = record_intel(today->question->view, id, today->scratch);
        if (intel != NULL) {
            struct today_item item = {.id = id, .kind = KIND(INTEL), .intel = id};
            item.due_ms = intel->clock != NULL ? intel->clock->due_ms : 0;
            item.stage = intel->clock != NULL ? intel->clock->stage : VOUCH__V1__CLOCK__STAGE__STAGE_NONE;
            place(today, &item, TODAY_INTEL, TODAY_INTEL);
        }
    }
}

void today_add_due(struct today *today)
{
    add_parties(today);
    add_intel(today);
    if (today->member->role != ROLE(REP)) {
        add_queue(today);
    }
    if (today->own) {
        add_asks(today);
        add_leads(today);
    }
}
