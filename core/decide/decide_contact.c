/* SPDX-License-Identifier: Apache-2.0
 *
 * Contacts: people that members know. One e-mail address is one person, whoever adds them; each member's tie to the
 * person is their own. Personal data leave here sealed only. */
#include "base/check.h"
#include "decide/parts.h"
#include "domain/names.h"

#include <sodium.h>
#include <string.h>

#define TIE_DEFAULT_PPM 500000
#define TIE_MAX_PPM 1000000

bool contact_key(const struct decision *decision, uint64_t contact, uint8_t key[32])
{
    for (size_t i = 0; i < decision->key_count; i++) {
        if (decision->keys[i].contact == contact && !decision->keys[i].destroyed) {
            memcpy(key, decision->keys[i].key, 32);
            return true;
        }
    }
    return view_person_key(decision->view, contact, key);
}

static uint64_t find_email(const struct decision *decision, const char *normal)
{
    struct key key = key_text(normal);
    struct slice value;
    return table_get(decision->view, TABLE_CONTACT_EMAIL, key_slice(&key), &value) ? slice_u64(value, 0) : 0;
}

/* The personal data of a request, cleaned; `normal` is the e-mail's one form, "" without one. */
static enum vouch_status take_personal(struct decision *decision, const Vouch__V1__PersonalData *asked,
                                       Vouch__V1__PersonalData *personal, char normal[EMAIL_BYTES_MAX + 1])
{
    static const char *const names[] = {"the person's name", "the phone number", "the title"};
    const char *const given[] = {asked->name, asked->phone, asked->title};
    char **const fields[] = {&personal->name, &personal->phone, &personal->title};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        enum vouch_status status = take_maybe(decision, given[i], names[i], fields[i]);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    normal[0] = '\0';
    personal->email = text_trim(decision->arena, asked->email);
    if (personal->email == NULL) {
        return decision_too_large(decision);
    }
    if (personal->email[0] != '\0' && !email_normalise(personal->email, normal)) {
        return status_set(&decision->why, VOUCH_INVALID, "\"%s\" is no e-mail address", personal->email);
    }
    return VOUCH_OK;
}

enum vouch_status contact_emit(struct decision *decision, const Vouch__V1__Contact *record,
                               const Vouch__V1__PersonalData *personal, const uint8_t key[32], bool added)
{
    Vouch__V1__Contact *contact = arena_memdup(decision->arena, record, sizeof *record);
    Vouch__V1__ContactAdded *body = decision_message(decision, &vouch__v1__contact_added__descriptor);
    Vouch__V1__ContactChanged *changed = decision_message(decision, &vouch__v1__contact_changed__descriptor);
    if (contact == NULL || body == NULL || changed == NULL) {
        return decision_too_large(decision);
    }
    ProtobufCBinaryData sealed;
    enum vouch_status status = take_sealed(decision, &personal->base, contact->id, key, &sealed);
    if (status != VOUCH_OK) {
        return status;
    }
    contact->personal = NULL;
    Vouch__V1__Event *event = decision_event(decision);
    if (added) {
        body->contact = contact;
        body->sealed = sealed;
        event->body_case = BODY(CONTACT_ADDED);
        event->contact_added = body;
    } else {
        changed->contact = contact;
        changed->sealed = sealed;
        event->body_case = BODY(CONTACT_CHANGED);
        event->contact_changed = changed;
    }
    return VOUCH_OK;
}

enum vouch_status tie_emit(struct decision *decision, uint64_t to_contact, uint64_t to_member, uint32_t strength_ppm)
{
    if (strength_ppm > TIE_MAX_PPM) {
        return status_set(&decision->why, VOUCH_INVALID, "the strength of a tie goes from 0 to 1");
    }
    Vouch__V1__TieSet *set = decision_message(decision, &vouch__v1__tie_set__descriptor);
    if (set == NULL) {
        return decision_too_large(decision);
    }
    set->from_member = decision->actor->id;
    set->to_contact = to_contact;
    set->to_member = to_member;
    set->strength_ppm = strength_ppm;
    set->by_hand = true;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(TIE_SET);
    event->tie_set = set;
    return VOUCH_OK;
}

enum vouch_status contact_new(struct decision *decision, uint64_t company, bool consent,
                              const Vouch__V1__PersonalData *personal, uint64_t *id)
{
    if (personal->name[0] == '\0') {
        return status_set(&decision->why, VOUCH_INVALID, "the person's name is missing");
    }
    CHECK(decision->key_count < sizeof decision->keys / sizeof decision->keys[0]);
    struct person_key *key = &decision->keys[decision->key_count++];
    Vouch__V1__Contact contact = VOUCH__V1__CONTACT__INIT;
    contact.id = *id = key->contact = decision_next_id(decision, "last_contact");
    randombytes_buf(key->key, sizeof key->key);
    contact.company = company;
    contact.consent = consent;
    contact.added_by = decision->actor->id;
    contact.added_ms = decision->now_ms;
    return contact_emit(decision, &contact, personal, key->key, true);
}

/* The same person, told of again: consent and a company are news, the rest stays as it is. */
static enum vouch_status update_contact(struct decision *decision, uint64_t id, uint64_t company, bool consent)
{
    uint8_t key[32];
    const Vouch__V1__Contact *before = record_contact(decision->view, id, decision->arena);
    if (before == NULL || before->personal == NULL || !contact_key(decision, id, key)) {
        return VOUCH_OK;
    }
    Vouch__V1__Contact now = *before;
    now.consent = before->consent || consent;
    now.company = before->company == 0 ? company : before->company;
    if (now.consent == before->consent && now.company == before->company) {
        return VOUCH_OK;
    }
    return contact_emit(decision, &now, before->personal, key, false);
}

enum vouch_status contact_take(struct decision *decision, const Vouch__V1__PersonalData *asked, uint64_t company,
                               bool consent, uint32_t strength_ppm, uint64_t *id)
{
    char normal[EMAIL_BYTES_MAX + 1];
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    enum vouch_status status = take_personal(decision, asked, &personal, normal);
    if (status != VOUCH_OK) {
        return status;
    }
    *id = normal[0] == '\0' ? 0 : find_email(decision, normal);
    status = *id == 0 ? contact_new(decision, company, consent, &personal, id)
                      : update_contact(decision, *id, company, consent);
    if (status != VOUCH_OK) {
        return status;
    }
    struct tie_entry tie = {.strength_ppm = TIE_DEFAULT_PPM};
    if (strength_ppm != 0) {
        tie = (struct tie_entry){.strength_ppm = strength_ppm, .flags = TIE_BY_HAND};
    } else {
        tie_get(decision->view, NODE_MEMBER | decision->actor->id, NODE_CONTACT | *id, &tie);
    }
    status = tie_emit(decision, *id, 0, tie.strength_ppm);
    if (status == VOUCH_OK) { /* what nobody said is measured from the first touch on */
        decision->events[decision->event_count - 1].tie_set->by_hand = (tie.flags & TIE_BY_HAND) != 0;
    }
    return status;
}

enum vouch_status decide_contact_add(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ContactAdd *add = request->contact_add;
    if (add->personal == NULL) {
        return status_set(&decision->why, VOUCH_INVALID, "the person is missing");
    }
    if (add->company != 0 && !record_exists(decision->view, TABLE_COMPANY, add->company)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", add->company);
    }
    return contact_take(decision, add->personal, add->company, add->consent, add->strength_ppm, &decision->answer_id);
}

/* What is given replaces what was there. */
static enum vouch_status change_personal(struct decision *decision, const Vouch__V1__PersonalData *asked,
                                         uint64_t contact, Vouch__V1__PersonalData *personal)
{
    char normal[EMAIL_BYTES_MAX + 1];
    Vouch__V1__PersonalData given = VOUCH__V1__PERSONAL_DATA__INIT;
    enum vouch_status status = take_personal(decision, asked, &given, normal);
    if (status != VOUCH_OK) {
        return status;
    }
    uint64_t holder = normal[0] == '\0' ? 0 : find_email(decision, normal);
    if (holder != 0 && holder != contact) {
        return status_set(&decision->why, VOUCH_DUPLICATE, "this e-mail address is another person's here");
    }
    char **const fields[] = {&personal->name, &personal->email, &personal->phone, &personal->title};
    char *const texts[] = {given.name, given.email, given.phone, given.title};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i][0] != '\0') {
            *fields[i] = texts[i];
        }
    }
    return VOUCH_OK;
}

enum vouch_status decide_contact_change(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ContactChange *change = request->contact_change;
    const Vouch__V1__Contact *before = record_contact(decision->view, change->contact, decision->arena);
    bool may = decision->actor->role == ROLE(ADMIN) ||
               access_contact(decision->view, decision->actor->id, change->contact);
    if (before == NULL || !may) {
        return status_set(&decision->why, VOUCH_NOT_FOUND,
                          "contact %" PRIu64 ": no such person, or none you have a tie to", change->contact);
    }
    uint8_t key[32];
    if (before->personal == NULL || !contact_key(decision, before->id, key)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "contact %" PRIu64 " was erased", change->contact);
    }
    if (change->company != 0 && !record_exists(decision->view, TABLE_COMPANY, change->company)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", change->company);
    }
    Vouch__V1__Contact now = *before;
    Vouch__V1__PersonalData personal = *before->personal;
    if (change->personal != NULL) {
        enum vouch_status status = change_personal(decision, change->personal, before->id, &personal);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    now.consent = before->consent || change->consent;
    now.company = change->company != 0 ? change->company : before->company;
    decision->answer_id = before->id;
    return contact_emit(decision, &now, &personal, key, false);
}

static enum vouch_status check_tie_end(struct decision *decision, const Vouch__V1__TieSetting *set)
{
    if ((set->to_contact == 0) == (set->to_member == 0)) {
        return status_set(&decision->why, VOUCH_INVALID, "a tie leads to a contact or to a member");
    }
    if (set->to_contact != 0) {
        /* Whoever could tie themselves to any number could read anybody's data. */
        const Vouch__V1__Contact *contact = record_contact(decision->view, set->to_contact, decision->arena);
        if (contact == NULL || (contact->added_by != decision->actor->id &&
                                !access_contact(decision->view, decision->actor->id, set->to_contact))) {
            return status_set(&decision->why, VOUCH_NOT_FOUND,
                              "contact %" PRIu64 ": no such person, or none you know; add them with their e-mail",
                              set->to_contact);
        }
        return VOUCH_OK;
    }
    const Vouch__V1__Member *member = record_member(decision->view, set->to_member, decision->arena);
    if (member == NULL || (member->state == VOUCH__V1__MEMBER_STATE__REMOVED && set->strength_ppm > 0)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", set->to_member);
    }
    if (member->id == decision->actor->id) {
        return status_set(&decision->why, VOUCH_INVALID, "a tie leads to somebody else");
    }
    return VOUCH_OK;
}

enum vouch_status decide_tie_set(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__TieSetting *set = request->tie_set;
    enum vouch_status status = check_tie_end(decision, set);
    if (status != VOUCH_OK) {
        return status;
    }
    decision->answer_id = set->to_contact != 0 ? set->to_contact : set->to_member;
    return tie_emit(decision, set->to_contact, set->to_member, set->strength_ppm);
}
