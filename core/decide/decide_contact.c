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
#define FORMER_MAX 16u /* companies where a person worked before */
#define LIST_MAX 16u   /* as fields.def has it for addresses and numbers, */
#define TAGS_MAX 32u   /* and tags */

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

enum vouch_status tie_emit(struct decision *decision, uint64_t to_contact, uint64_t to_member, uint32_t strength_ppm,
                           bool by_hand)
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
    set->by_hand = by_hand;
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

enum vouch_status contact_consent_check(struct decision *decision, uint64_t contact)
{
    const Vouch__V1__Contact *person = contact == 0 ? NULL
                                                    : record_contact(decision->view,
                                                                     record_contact_self(decision->view, contact),
                                                                     decision->arena);
    if (person == NULL || person->withdrawn_ms == 0) {
        return VOUCH_OK;
    }
    return status_set(&decision->why, VOUCH_CONFLICT,
                      "contact %" PRIu64 " does not want to be introduced any more; once they agree again, say so: "
                      "vouch contact set %" PRIu64 " --consent",
                      person->id, person->id);
}

/* Puts what was there behind the former companies; the present one is none of them. */
static enum vouch_status change_company(struct decision *decision, Vouch__V1__Contact *now, uint64_t company)
{
    if (company == 0 || company == now->company) {
        return VOUCH_OK;
    }
    uint64_t *former = arena_alloc(decision->arena, (now->n_former + 1) * sizeof *former);
    size_t count = 0;
    if (former == NULL) {
        return decision_too_large(decision);
    }
    for (size_t i = 0; i < now->n_former; i++) {
        if (now->former[i] != company && now->former[i] != now->company) {
            former[count++] = now->former[i];
        }
    }
    if (now->company != 0) {
        former[count++] = now->company;
    }
    size_t many = count > FORMER_MAX ? count - FORMER_MAX : 0;
    now->former = former + many;
    now->n_former = count - many;
    now->company = company;
    return VOUCH_OK;
}

/* Adds the addresses that are new, in whatever form they are written. True when that is any. */
static bool emails_add(struct decision *decision, const Vouch__V1__PersonalData *told,
                       Vouch__V1__PersonalData *personal)
{
    char normal[EMAIL_BYTES_MAX + 1];
    size_t before = personal->n_emails;
    char **now = arena_alloc(decision->arena, (before + told->n_emails + 1) * sizeof *now);
    if (now == NULL) {
        return false;
    }
    for (size_t i = 0; i < before; i++) {
        now[i] = personal->emails[i];
    }
    personal->emails = now;
    for (size_t i = 0; i <= told->n_emails && personal->n_emails < LIST_MAX; i++) {
        char *email = i == 0 ? told->email : told->emails[i - 1];
        if (email_normalise(email, normal) && !personal_has_email(personal, normal) &&
            contact_by_email(decision, normal) == 0) { /* an alias's is known as it is */
            now[personal->n_emails++] = email;
        }
    }
    return personal->n_emails > before;
}

/* Adds the numbers and tags that are new; what is there stays. True when that is any. */
static bool list_add(struct decision *decision, size_t asked_count, char *const *asked, size_t most, size_t *count,
                     char ***list)
{
    size_t before = *count;
    char **now = arena_alloc(decision->arena, (before + asked_count + 1) * sizeof *now);
    if (now == NULL) {
        return false;
    }
    for (size_t i = 0; i < before; i++) {
        now[i] = (*list)[i];
    }
    for (size_t i = 0; i < asked_count && *count < most; i++) {
        bool known = false;
        for (size_t j = 0; j < *count && !known; j++) {
            known = strcmp(now[j], asked[i]) == 0;
        }
        if (!known) {
            now[(*count)++] = asked[i];
        }
    }
    *list = now;
    return *count > before;
}

/* The same person, told of again: consent, a company, further addresses, numbers and tags are news, the rest stays as
 * it is. Who withdrew their consent gives it again only when somebody says just that. */
static enum vouch_status update_contact(struct decision *decision, uint64_t id, uint64_t company, bool consent,
                                        const Vouch__V1__PersonalData *told)
{
    uint8_t key[32];
    const Vouch__V1__Contact *before = record_contact(decision->view, id, decision->arena);
    if (before == NULL || before->personal == NULL || !contact_key(decision, id, key)) {
        return VOUCH_OK;
    }
    Vouch__V1__Contact now = *before;
    Vouch__V1__PersonalData personal = *before->personal;
    now.consent = before->consent || (consent && before->withdrawn_ms == 0);
    now.company = before->company == 0 ? company : before->company;
    bool news = emails_add(decision, told, &personal);
    news = list_add(decision, told->n_phones, told->phones, LIST_MAX, &personal.n_phones, &personal.phones) || news;
    news = list_add(decision, told->n_tags, told->tags, TAGS_MAX, &personal.n_tags, &personal.tags) || news;
    if (!news && now.consent == before->consent && now.company == before->company) {
        return VOUCH_OK;
    }
    return contact_emit(decision, &now, &personal, key, false);
}

enum vouch_status contact_take(struct decision *decision, const Vouch__V1__PersonalData *asked, uint64_t company,
                               bool consent, uint32_t strength_ppm, uint64_t *id)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    enum vouch_status status = personal_take(decision, asked, &personal);
    if (status == VOUCH_OK) {
        status = personal_owner(decision, &personal, id);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    status = *id == 0 ? contact_new(decision, company, consent, &personal, id)
                      : update_contact(decision, *id, company, consent, &personal);
    if (status != VOUCH_OK) {
        return status;
    }
    struct tie_entry tie = {.strength_ppm = TIE_DEFAULT_PPM};
    if (strength_ppm != 0) {
        tie = (struct tie_entry){.strength_ppm = strength_ppm, .flags = TIE_BY_HAND};
    } else {
        tie_get(decision->view, NODE_MEMBER | decision->actor->id, NODE_CONTACT | *id, &tie);
    }
    /* What nobody said is measured from the first touch on. */
    return tie_emit(decision, *id, 0, tie.strength_ppm, (tie.flags & TIE_BY_HAND) != 0);
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

enum vouch_status contact_find(struct decision *decision, uint64_t asked, const Vouch__V1__Contact **contact)
{
    uint64_t id = record_contact_self(decision->view, asked);
    *contact = record_contact(decision->view, id, decision->arena);
    bool may = decision->actor->role == ROLE(ADMIN) || access_contact(decision->view, decision->actor->id, id);
    if (*contact == NULL || (!may && !((*contact)->erased && (*contact)->added_by == decision->actor->id))) {
        return status_set(&decision->why, VOUCH_NOT_FOUND,
                          "contact %" PRIu64 ": no such person, or none you have a tie to", asked);
    }
    if ((*contact)->personal == NULL) {
        return status_set(&decision->why, VOUCH_CONFLICT, "contact %" PRIu64 " was erased", asked);
    }
    decision->why_contact = id;
    return VOUCH_OK;
}

enum vouch_status decide_contact_change(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ContactChange *change = request->contact_change;
    const Vouch__V1__Contact *before;
    uint8_t key[32];
    enum vouch_status status = contact_find(decision, change->contact, &before);
    if (status != VOUCH_OK) {
        return status;
    }
    if (!contact_key(decision, before->id, key)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "contact %" PRIu64 " was erased", change->contact);
    }
    if (change->consent && change->withdraw_consent) {
        return status_set(&decision->why, VOUCH_INVALID, "do they agree to be introduced, or not any more? Say one");
    }
    if (change->company != 0 && !record_exists(decision->view, TABLE_COMPANY, change->company)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", change->company);
    }
    Vouch__V1__Contact now = *before;
    Vouch__V1__PersonalData personal = *before->personal;
    if (change->personal != NULL) {
        status = personal_change(decision, change->personal, before->id, &personal);
    }
    if (status == VOUCH_OK) {
        status = change_company(decision, &now, change->company);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    if (change->consent) {
        now.consent = true;
        now.withdrawn_ms = 0;
    } else if (change->withdraw_consent) {
        now.consent = false;
        now.withdrawn_ms = before->withdrawn_ms != 0 ? before->withdrawn_ms : decision->now_ms;
    }
    decision->answer_id = before->id;
    return contact_emit(decision, &now, &personal, key, false);
}

enum vouch_status decide_contact_note(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ContactNote *asked = request->contact_note;
    const Vouch__V1__Contact *contact;
    uint8_t key[32];
    if (!access_contact(decision->view, decision->actor->id, asked->contact)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND,
                          "contact %" PRIu64 ": no such person, or none you have a tie to", asked->contact);
    }
    enum vouch_status status = contact_find(decision, asked->contact, &contact);
    Vouch__V1__ContactNoted *noted = decision_message(decision, &vouch__v1__contact_noted__descriptor);
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.note = text_trim(decision->arena, asked->text);
    if (status != VOUCH_OK) {
        return status;
    }
    if (noted == NULL || text.note == NULL) {
        return decision_too_large(decision);
    }
    if (text.note[0] == '\0') {
        return status_set(&decision->why, VOUCH_INVALID, "the note is empty");
    }
    if (!contact_key(decision, contact->id, key)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "contact %" PRIu64 " was erased", asked->contact);
    }
    noted->member = decision->actor->id;
    noted->contact = decision->answer_id = contact->id;
    status = take_sealed(decision, &text.base, contact->id, key, &noted->text);
    if (status == VOUCH_OK) {
        Vouch__V1__Event *event = decision_event(decision);
        event->body_case = BODY(CONTACT_NOTED);
        event->contact_noted = noted;
    }
    return status;
}

static enum vouch_status check_tie_end(struct decision *decision, const Vouch__V1__TieSetting *set)
{
    if ((set->to_contact == 0) == (set->to_member == 0)) {
        return status_set(&decision->why, VOUCH_INVALID, "a tie leads to a contact or to a member");
    }
    if (set->to_contact != 0) {
        /* Whoever could tie themselves to any number could read anybody's data. */
        uint64_t id = record_contact_self(decision->view, set->to_contact);
        const Vouch__V1__Contact *contact = record_contact(decision->view, id, decision->arena);
        if (contact == NULL || contact->erased ||
            (contact->added_by != decision->actor->id && !access_contact(decision->view, decision->actor->id, id))) {
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
    uint64_t contact = record_contact_self(decision->view, set->to_contact);
    decision->answer_id = contact != 0 ? contact : set->to_member;
    return tie_emit(decision, contact, set->to_member, set->strength_ppm, true);
}
