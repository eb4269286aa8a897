/* SPDX-License-Identifier: Apache-2.0
 *
 * One walk over the member's ties to people, beside the rows of their bonds: who has not been spoken to for too long,
 * and who scores how high as somebody to ask. Of a contact and its company only what is needed is read. */
#include "query/today.h"

#include "apply/bonds.h"
#include "base/wire.h"
#include "domain/match_score.h"

#define TIES_AT_ONCE 64

/* Numbers of fields in types.proto; test_today.c compares them with the descriptors. */
enum { CONTACT_COMPANY = 2, CONTACT_CONSENT = 3, CONTACT_ADDED_MS = 6 };

struct person {
    uint64_t company;
    bool consent;
    int64_t added_ms;
};

struct contacts {
    struct today *today;
    struct cursor *people;
    struct cursor *bonds;
    struct slice key, value; /* the row that the cursor of bonds stands on */
    bool found;
    struct today_bond bond; /* of the contact that is looked at */
    struct today_market *market;
    struct today_best candidates;
};

/* Through a cursor: the contacts come in their order, and the next is mostly beside the last. */
static struct person person_read(struct contacts *contacts, uint64_t contact)
{
    struct person person = {0, false, 0};
    struct key key = key_u64(contact);
    struct slice at, value;
    if (!cursor_seek(contacts->people, key_slice(&key), &at, &value) || slice_u64(at, 0) != contact) {
        return person;
    }
    struct wire_reader reader = {value.data, value.size};
    struct wire_field field;
    while (wire_read_field(&reader, &field) && field.number <= CONTACT_ADDED_MS) {
        switch (field.number) {
        case CONTACT_COMPANY:
            person.company = field.value;
            break;
        case CONTACT_CONSENT:
            person.consent = field.value != 0;
            break;
        case CONTACT_ADDED_MS:
            person.added_ms = (int64_t)field.value;
            break;
        default:
            break;
        }
    }
    return person;
}

/* The member's bond to this contact; contacts come in the order of the rows. */
static const Vouch__V1__Bond *bond_of(struct contacts *contacts, uint64_t contact)
{
    uint64_t member = contacts->today->member->id;
    while (contacts->found && slice_u64(contacts->key, 0) == member && slice_u64(contacts->key, 8) < contact) {
        contacts->found = cursor_next(contacts->bonds, &contacts->key, &contacts->value);
    }
    if (!contacts->found || slice_u64(contacts->key, 0) != member || slice_u64(contacts->key, 8) != contact) {
        return NULL;
    }
    return today_bond_read(contacts->value, &contacts->bond) ? &contacts->bond.bond : NULL;
}

static void keep_in_touch(struct today *today, struct today_item *item)
{
    item->kind = KIND(STAY_IN_TOUCH);
    item->due_ms = item->standing.due_ms;
    if (!item->standing.neglected) {
        today_later(today, item, item->due_ms);
        return;
    }
    item->group = TODAY_NEGLECT;
    /* Tiers are few, and a moment has 43 bits at most. */
    item->order = ((int64_t)item->standing.tier << 50) + item->due_ms;
    today_best_add(&today->neglected, item);
}

/* What an ask promises where the company is worth so much. */
static uint32_t score_ppm(const struct contacts *contacts, const struct today_item *item, const Vouch__V1__Bond *bond,
                          uint32_t value_ppm)
{
    int64_t now_ms = contacts->today->question->now_ms;
    if (bond == NULL) {
        return today_score_ppm(item->standing.strength_ppm, today_propensity_ppm(0, 0), INT64_MAX, value_ppm);
    }
    return today_score_ppm(item->standing.strength_ppm, today_propensity_ppm(bond->asks, bond->named),
                           bond->last_ask_ms == 0 ? INT64_MAX : now_ms - bond->last_ask_ms, value_ppm);
}

/* Whether it is worth while to read the contact and its company: most are told apart by the bond alone. Budgets are
 * looked at later, only for those who score best. */
static bool could_score(const struct contacts *contacts, const struct today_item *item, const Vouch__V1__Bond *bond)
{
    const struct today_best *best = &contacts->candidates;
    if (bond != NULL && (bond->open_ask != 0 || bond->later_ms > contacts->today->question->now_ms)) {
        return false;
    }
    bool earned = item->standing.returns_calls || (bond != NULL && bond->named > 0);
    if (!earned && !today_market_has_clients(contacts->market)) {
        return false;
    }
    uint32_t most_ppm = score_ppm(contacts, item, bond, PPM);
    return most_ppm > 0 && (best->count < best->room || most_ppm > best->items[0].score_ppm);
}

static void score(struct contacts *contacts, struct today_item *item, const Vouch__V1__Bond *bond,
                  const struct person *person)
{
    struct today_value value = today_market_value(contacts->market, person->company);
    if (!item->standing.returns_calls && (bond == NULL || bond->named == 0) && value.sibling == 0) {
        return; /* neither returns calls, nor had success delivered to them or to their group */
    }
    item->kind = KIND(BEST_ASK);
    item->group = TODAY_BEST_ASKS;
    item->due_ms = 0;
    item->sibling = value.sibling;
    item->score_ppm = score_ppm(contacts, item, bond, value.ppm);
    item->order = -(int64_t)item->score_ppm;
    if (item->score_ppm > 0) {
        today_best_add(&contacts->candidates, item);
    }
}

static void look_at(struct contacts *contacts, const struct tie_entry *tie)
{
    struct today *today = contacts->today;
    const struct question *question = today->question;
    uint64_t contact = tie->peer & NODE_ID_MASK;
    arena_reset(today->scratch);
    const Vouch__V1__Bond *bond = bond_of(contacts, contact);
    struct person person = {0, false, 0};
    if (bond == NULL) { /* when the tie was made */
        person = person_read(contacts, contact);
    }
    struct today_item item = {
        .id = contact,
        .contact = contact,
        .standing = tie_standing(tie->strength_ppm, (tie->flags & TIE_BY_HAND) != 0, bond, person.added_ms,
                                 &question->policy->cadence, question->now_ms),
        .last_two_way_ms = bond == NULL ? 0 : bond->last_two_way_ms,
    };
    keep_in_touch(today, &item);
    if (!could_score(contacts, &item, bond)) {
        return;
    }
    if (bond != NULL) {
        person = person_read(contacts, contact);
    }
    if (person.consent) {
        score(contacts, &item, bond, &person);
    }
}

static void walk(struct contacts *contacts)
{
    struct today *today = contacts->today;
    struct tie_entry ties[TIES_AT_ONCE];
    uint64_t after = NODE_CONTACT;
    size_t count = TIES_AT_ONCE;
    while (count == TIES_AT_ONCE && today->status == VOUCH_OK) {
        count = tie_list(today->question->view, TABLE_TIE_OUT, NODE_MEMBER | today->member->id, after, ties,
                         TIES_AT_ONCE);
        for (size_t i = 0; i < count; i++) {
            look_at(contacts, &ties[i]);
            after = ties[i].peer;
        }
        if (question_is_late(today->question)) {
            today->status = VOUCH_TIMEOUT;
        }
    }
}

void today_add_contacts(struct today *today)
{
    struct contacts contacts = {.today = today, .market = today_market_new(today)};
    contacts.candidates.room = TODAY_ASK_CANDIDATES;
    contacts.candidates.items = arena_alloc(today->question->arena,
                                            contacts.candidates.room * sizeof *contacts.candidates.items);
    if (contacts.market == NULL || contacts.candidates.items == NULL) {
        today->status = question_too_large(today->question);
        return;
    }
    struct key first = key_bond(today->member->id, 0);
    contacts.bonds = cursor_open(today->question->view, TABLE_BOND);
    contacts.found = cursor_seek(contacts.bonds, key_slice(&first), &contacts.key, &contacts.value);
    contacts.people = cursor_open(today->question->view, TABLE_CONTACT);
    walk(&contacts);
    cursor_close(&contacts.people);
    cursor_close(&contacts.bonds);
    if (today->status == VOUCH_OK) {
        today_best_sort(&contacts.candidates);
        today_choose_asks(today, &contacts.candidates);
    }
}
