/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the journal into lists. What makes the numbers of them is in recount_row.c. */
#include "recount.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define BODY(name) VOUCH__V1__EVENT__BODY_##name
#define TAKE(recount, list) (&(recount)->list##s[next_place(&(recount)->list##_count)])

static size_t next_place(size_t *count)
{
    cr_assert_lt(*count, RECOUNT_MOST);
    return (*count)++;
}

/* Numbers are given in the order of events, without gaps: each is at its place in its list. */
static struct recount_referral *referral_of(struct recount *recount, uint64_t id)
{
    cr_assert(id >= 1 && id <= recount->referral_count && recount->referrals[id - 1].id == id, "R%llu is in no event",
              (unsigned long long)id);
    return &recount->referrals[id - 1];
}

static struct recount_ask *ask_of(struct recount *recount, uint64_t id)
{
    cr_assert(id >= 1 && id <= recount->ask_count && recount->asks[id - 1].id == id, "ask %llu is in no event",
              (unsigned long long)id);
    return &recount->asks[id - 1];
}

static struct recount_contact *contact_of(struct recount *recount, uint64_t id)
{
    cr_assert(id >= 1 && id <= recount->contact_count && recount->contacts[id - 1].id == id,
              "contact %llu is in no event", (unsigned long long)id);
    return &recount->contacts[id - 1];
}

static void add_money(struct recount *recount, int64_t time_ms, uint64_t referral, int64_t minor, bool booked)
{
    cr_assert_lt(recount->money_count, RECOUNT_MOST);
    recount->money[recount->money_count++] = (struct recount_money){time_ms, minor, referral, booked, minor > 0};
}

static void add_day(struct recount *recount, uint64_t member, uint32_t day, uint32_t kept, uint32_t missed)
{
    cr_assert_lt(recount->day_count, RECOUNT_MOST);
    recount->days[recount->day_count++] = (struct recount_day){member, day, kept, missed};
}

static void set_value(struct recount_referral *referral, const Vouch__V1__Money *value)
{
    referral->value = value->minor;
    memcpy(referral->currency, value->currency, 4);
}

static void read_submitted(struct recount *recount, const Vouch__V1__Event *event)
{
    const Vouch__V1__Referral *told = event->referral_submitted->referral;
    struct recount_referral *referral = TAKE(recount, referral);
    *referral = (struct recount_referral){.id = told->id,
                                          .referrer = told->referrer,
                                          .receiver = told->receiver,
                                          .prospect = told->prospect,
                                          .ask = told->source == NULL ? 0 : told->source->ask,
                                          .source = told->source == NULL ? 0 : told->source->kind,
                                          .named_by = told->source == NULL ? 0 : told->source->contact,
                                          .lead = told->lead};
    if (told->state == STATE(REGISTERED) || told->state == STATE(OFFERED)) {
        referral->registered_ms = event->time_ms;
        referral->lead_first = told->lead;
    }
    if (referral->ask != 0 && ask_of(recount, referral->ask)->named_ms == 0) {
        ask_of(recount, referral->ask)->named_ms = event->time_ms;
    }
}

static void read_imported(struct recount *recount, const Vouch__V1__Event *event)
{
    const Vouch__V1__Referral *told = event->referral_imported->referral;
    struct recount_referral *referral = TAKE(recount, referral);
    bool closed = told->state == STATE(WON) || told->state == STATE(LOST) || told->state == STATE(EXPIRED) ||
                  told->state == STATE(WITHDRAWN);
    *referral = (struct recount_referral){.id = told->id,
                                          .referrer = told->referrer,
                                          .receiver = told->receiver,
                                          .prospect = told->prospect,
                                          .registered_ms = told->registered_ms,
                                          .closed_ms = closed ? told->changed_ms : 0,
                                          .lead = told->lead,
                                          .lead_first = told->lead,
                                          .imported = true,
                                          .won = told->state == STATE(WON)};
    if (referral->won && told->value != NULL) {
        set_value(referral, told->value);
        add_money(recount, told->changed_ms, told->id, told->value->minor, true);
    }
}

static void first(int64_t *time_ms, int64_t now_ms)
{
    *time_ms = *time_ms == 0 ? now_ms : *time_ms;
}

static void read_verb(struct recount *recount, struct recount_referral *referral, const Vouch__V1__ReferralMoved *moved,
                      int64_t time_ms)
{
    switch (moved->verb) {
    case VERB(OFFER):
        referral->receiver = moved->receiver;
        if (referral->named_by == 0 && !referral->imported) {
            bool colleagues = recount->members[referral->referrer].company ==
                              recount->members[referral->receiver].company;
            referral->source = colleagues ? VOUCH__V1__SOURCE__KIND__COWORKER : VOUCH__V1__SOURCE__KIND__PARTNER;
        }
        break;
    case VERB(CONTACT):
        first(&referral->contacted_ms, time_ms);
        break;
    case VERB(MEET):
        first(&referral->met_ms, time_ms);
        break;
    case VERB(DISPLACE):
        referral->duplicate = true;
        break;
    case VERB(CHOOSE):
    case VERB(PROMOTE):
        referral->duplicate = false;
        break;
    case VERB(WIN):
        referral->won = true;
        set_value(referral, moved->value);
        add_money(recount, time_ms, referral->id, moved->value->minor, true);
        break;
    case VERB(DISOWN):
        referral->lead = true;
        break;
    case VERB(ATTEST):
        referral->lead = false;
        break;
    default:
        break;
    }
}

/* `acting` is who has the clock that a step keeps: told by the state before. */
static void read_moved(struct recount *recount, const Vouch__V1__Event *event)
{
    const Vouch__V1__ReferralMoved *moved = event->referral_moved;
    struct recount_referral *referral = referral_of(recount, moved->referral);
    if (moved->kept_day != 0) {
        bool referrer = moved->from == STATE(REGISTERED) || moved->from == STATE(DECLINED);
        add_day(recount, referrer ? referral->referrer : referral->receiver, moved->kept_day, 1, 0);
    }
    referral->lead = referral->lead && !moved->vouched;
    if (moved->to == STATE(REGISTERED) && referral->registered_ms == 0) {
        referral->registered_ms = event->time_ms;
        referral->lead_first = referral->lead;
    }
    read_verb(recount, referral, moved, event->time_ms);
    if (moved->to == STATE(WON) || moved->to == STATE(LOST) || moved->to == STATE(WITHDRAWN) ||
        moved->to == STATE(EXPIRED)) {
        first(&referral->closed_ms, event->time_ms);
    }
}

static void read_asks(struct recount *recount, const Vouch__V1__Event *event)
{
    if (event->body_case == BODY(ASK_PREPARED)) {
        const Vouch__V1__Ask *told = event->ask_prepared->ask;
        struct recount_ask *ask = TAKE(recount, ask);
        *ask = (struct recount_ask){told->id, told->member, told->contact, told->asked_ms, 0};
        return;
    }
    struct recount_ask *ask = ask_of(recount, event->ask_moved->ask);
    if (event->ask_moved->to == VOUCH__V1__ASK_STATE__ASKED) {
        ask->asked_ms = event->time_ms;
    } else if (event->ask_moved->to == VOUCH__V1__ASK_STATE__YES_NAMED) {
        ask->named_ms = event->time_ms;
    }
}

static void read_payment(struct recount *recount, const Vouch__V1__Payment *told)
{
    struct recount_payment *payment = TAKE(recount, payment);
    *payment = (struct recount_payment){told->id, told->referral, told->amount->minor, 0};
    add_money(recount, told->received_ms, told->referral, told->amount->minor, false);
}

static void give_back(struct recount *recount, struct recount_payment *payment, int64_t minor, int64_t time_ms)
{
    payment->refunded += minor;
    if (minor != 0) {
        add_money(recount, time_ms, payment->referral, -minor, false);
    }
}

static void read_taken(struct recount *recount, const Vouch__V1__CommissionTaken *taken)
{
    for (size_t i = 0; i < recount->payment_count; i++) {
        struct recount_payment *payment = &recount->payments[i];
        if (payment->id == taken->refunded_payment) {
            int64_t all = payment->minor - payment->refunded;
            give_back(recount, payment, taken->refunded_minor == 0 ? all : taken->refunded_minor, taken->effective_ms);
        }
        if (taken->canceled && payment->referral == taken->referral) {
            give_back(recount, payment, payment->minor - payment->refunded, taken->effective_ms);
        }
    }
    if (taken->canceled) {
        struct recount_referral *referral = referral_of(recount, taken->referral);
        add_money(recount, taken->effective_ms, referral->id, -referral->value, true);
        referral->fraud = taken->reason == VOUCH__V1__LEDGER_REASON__FRAUD ||
                          taken->reason == VOUCH__V1__LEDGER_REASON__IS_DUPLICATE;
    }
}

static void read_contact(struct recount *recount, const Vouch__V1__Event *event)
{
    const Vouch__V1__Contact *told = event->contact_added->contact;
    struct recount_contact *contact = TAKE(recount, contact);
    *contact = (struct recount_contact){.id = told->id, .since_ms = event->time_ms};
}

const struct recount_contact *recount_person(const struct recount *recount, uint64_t contact)
{
    const struct recount_contact *found = &recount->contacts[contact - 1];
    cr_assert_eq(found->id, contact);
    return found->merged_into == 0 ? found : recount_person(recount, found->merged_into);
}

static void set_tie(struct recount *recount, uint64_t member, uint64_t id, bool stands)
{
    struct recount_contact *contact = contact_of(recount, id);
    size_t place = contact->last_tie;
    while (place != 0 && recount->ties[place - 1].member != member) {
        place = recount->ties[place - 1].before;
    }
    if (place == 0) {
        *TAKE(recount, tie) = (struct recount_tie){.before = contact->last_tie};
        place = contact->last_tie = recount->tie_count;
    }
    struct recount_tie *tie = &recount->ties[place - 1];
    *tie = (struct recount_tie){member, id, stands, tie->before};
}

static bool knows(const struct recount *recount, uint64_t member, uint64_t person)
{
    for (size_t i = 0; i < recount->contact_count; i++) {
        if (recount_person(recount, i + 1)->id != person) {
            continue;
        }
        for (size_t place = recount->contacts[i].last_tie; place != 0; place = recount->ties[place - 1].before) {
            if (recount->ties[place - 1].member == member && recount->ties[place - 1].stands) {
                return true;
            }
        }
    }
    return false;
}

/* Each is themself again; who did something with the one who stayed since, and knew only the other one, knows both. */
static void read_undone(struct recount *recount, uint64_t merge)
{
    size_t place = 0;
    while (recount->contacts[place].merge != merge) {
        place++;
        cr_assert_lt(place, recount->contact_count);
    }
    struct recount_contact *from = &recount->contacts[place];
    uint64_t into = from->merged_into, since = from->merged_at;
    from->merged_into = from->merge = from->merged_at = 0;
    for (size_t i = recount->act_count; i > 0 && recount->acts[i - 1].sequence > since; i--) {
        const struct recount_act *act = &recount->acts[i - 1];
        if (recount_person(recount, act->contact)->id == into && knows(recount, act->member, from->id) &&
            !knows(recount, act->member, into)) {
            set_tie(recount, act->member, into, true);
        }
    }
}

static void read_merged(struct recount *recount, const Vouch__V1__ContactsMerged *merged, uint64_t sequence)
{
    struct recount_contact *from = contact_of(recount, merged->from);
    from->merged_into = merged->into;
    from->merge = merged->merge;
    from->merged_at = sequence;
}

static void read_quota(struct recount *recount, const Vouch__V1__Quota *told)
{
    struct recount_quota *quota = TAKE(recount, quota);
    *quota = (struct recount_quota){.member = told->member, .year = told->year, .minor = told->amount->minor};
    memcpy(quota->currency, told->amount->currency, 4);
}

static void read_event(struct recount *recount, const Vouch__V1__Event *event, uint64_t sequence)
{
    switch (event->body_case) {
    case BODY(REFERRAL_SUBMITTED):
        read_submitted(recount, event);
        break;
    case BODY(REFERRAL_IMPORTED):
        read_imported(recount, event);
        break;
    case BODY(REFERRAL_MOVED):
        read_moved(recount, event);
        break;
    case BODY(CLOCK_RUNG):
        if (event->clock_rung->missed) {
            add_day(recount, event->clock_rung->clock->member, event->clock_rung->day, 0, 1);
        }
        break;
    case BODY(ASK_PREPARED):
        *TAKE(recount, act) = (struct recount_act){event->ask_prepared->ask->member, event->ask_prepared->ask->contact,
                                                   sequence};
        read_asks(recount, event);
        break;
    case BODY(ASK_MOVED):
        read_asks(recount, event);
        break;
    case BODY(PAYMENT_RECORDED):
        read_payment(recount, event->payment_recorded->payment);
        break;
    case BODY(COMMISSION_TAKEN):
        read_taken(recount, event->commission_taken);
        break;
    case BODY(CONTACT_ADDED):
        read_contact(recount, event);
        break;
    case BODY(TIE_SET):
        if (event->tie_set->to_contact != 0) {
            set_tie(recount, event->tie_set->from_member, event->tie_set->to_contact, event->tie_set->strength_ppm > 0);
        }
        break;
    case BODY(TOUCH_RECORDED):
        *TAKE(recount, act) = (struct recount_act){event->touch_recorded->touch->member,
                                                   event->touch_recorded->touch->contact, sequence};
        break;
    case BODY(CONTACTS_MERGED):
        read_merged(recount, event->contacts_merged, sequence);
        break;
    case BODY(MERGE_UNDONE):
        read_undone(recount, event->merge_undone->merge);
        break;
    case BODY(CONTACT_ERASED):
        contact_of(recount, event->contact_erased->contact)->erased = true;
        break;
    case BODY(INTEL_GIVEN):
        *TAKE(recount, intel) = event->intel_given->intel->to;
        break;
    case BODY(INTEL_MOVED):
        if (event->intel_moved->kept_day != 0) {
            add_day(recount, recount->intels[event->intel_moved->intel - 1], event->intel_moved->kept_day, 1, 0);
        }
        break;
    case BODY(QUOTA_SET):
        read_quota(recount, event->quota_set->quota);
        break;
    default:
        break;
    }
}

/* Names and teams do not change in the tests that recount: they are as of now. */
static void read_people(struct recount *recount, const struct view *view, struct arena *arena)
{
    uint64_t last = meta_get(view, "last_member");
    cr_assert_lt(last, sizeof recount->members / sizeof recount->members[0]);
    for (uint64_t id = 1; id <= last; id++) {
        const Vouch__V1__Member *member = record_member(view, id, arena);
        const char *team = member->team[0] == '\0' ? "no team" : member->team;
        snprintf(recount->members[id].name, 64, "%s", member->name);
        snprintf(recount->members[id].team, 64, member->company == WORLD_HOME ? "%s" : "%s (Partner AG)", team);
        recount->members[id].joined_ms = member->joined_ms;
        recount->members[id].company = member->company;
    }
    for (uint64_t id = 1; id <= meta_get(view, "last_company"); id++) {
        const char *industry = record_company(view, id, arena)->industry;
        snprintf(recount->industries[id], 64, "%s", industry[0] == '\0' ? "not known" : industry);
    }
}

void recount_read(struct recount *recount, struct world *world)
{
    struct arena *arena = arena_new((size_t)64 << 20);
    struct view *view = snapshot_open(world->store);
    memset(recount, 0, sizeof *recount);
    recount->now_ms = world->now_ms;
    read_people(recount, view, arena);
    for (uint64_t sequence = 1; sequence <= world->sequence; sequence++) {
        arena_reset(arena);
        const Vouch__V1__Event *event = record_event(view, sequence, arena);
        cr_assert_not_null(event);
        read_event(recount, event, sequence);
    }
    snapshot_close(&view);
    arena_free(&arena);
}
