/* SPDX-License-Identifier: Apache-2.0
 *
 * A person from an address book. Found by e-mail, then by what this member's address book calls them, else made; what
 * is empty is filled in, what people wrote is left alone, and what is there already takes no event. So a file can be
 * imported again and again, in part or whole. */
#include "decide/parts.h"
#include "domain/names.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define TIE_IMPORTED_PPM 200000 /* in an address book: hardly more is known */
#define ADDRESSES_MAX 16        /* as fields.def has it for emails and phones */

#define CHANGE(name) VOUCH__V1__DONE__CHANGE__##name

/* What is asked, cleaned. */
struct import {
    struct decision *decision;
    const Vouch__V1__ContactImport *asked;
    char *origin;
    char *company_name;
    Vouch__V1__PersonalData personal;
    size_t email_count;
    char (*emails)[EMAIL_BYTES_MAX + 1]; /* in their one form, personal.email first */
    uint64_t contact;                    /* the person it is; 0: to be made */
    bool comes_again;                    /* from this origin */
};

/* ---- Reading the request ---- */

/* An e-mail address, cleaned, and once more in its one form. */
static enum vouch_status take_email(struct import *import, const char *text, char **email)
{
    struct decision *decision = import->decision;
    *email = text_trim(decision->arena, text);
    if (*email == NULL) {
        return decision_too_large(decision);
    }
    if (**email == '\0') {
        return VOUCH_OK;
    }
    if (!email_normalise(*email, import->emails[import->email_count])) {
        return status_set(&decision->why, VOUCH_INVALID, "what is given as e-mail address is none");
    }
    import->email_count++;
    return VOUCH_OK;
}

static enum vouch_status take_emails(struct import *import)
{
    const Vouch__V1__PersonalData *asked = import->asked->personal;
    Vouch__V1__PersonalData *personal = &import->personal;
    struct arena *arena = import->decision->arena;
    import->emails = arena_alloc(arena, (asked->n_emails + 1) * sizeof *import->emails);
    personal->emails = arena_alloc(arena, (asked->n_emails + 1) * sizeof(char *));
    if (import->emails == NULL || personal->emails == NULL) {
        return decision_too_large(import->decision);
    }
    enum vouch_status status = take_email(import, asked->email, &personal->email);
    for (size_t i = 0; status == VOUCH_OK && i < asked->n_emails; i++) {
        status = take_email(import, asked->emails[i], &personal->emails[i]);
    }
    personal->n_emails = asked->n_emails;
    return status;
}

static enum vouch_status take_phones(struct import *import)
{
    const Vouch__V1__PersonalData *asked = import->asked->personal;
    Vouch__V1__PersonalData *personal = &import->personal;
    personal->phones = arena_alloc(import->decision->arena, (asked->n_phones + 1) * sizeof(char *));
    if (personal->phones == NULL) {
        return decision_too_large(import->decision);
    }
    enum vouch_status status = VOUCH_OK;
    for (size_t i = 0; status == VOUCH_OK && i < asked->n_phones; i++) {
        status = take_maybe(import->decision, asked->phones[i], "a phone number", &personal->phones[i]);
    }
    personal->n_phones = asked->n_phones;
    return status;
}

static enum vouch_status take_request(struct import *import)
{
    struct decision *decision = import->decision;
    const Vouch__V1__ContactImport *asked = import->asked;
    if (asked->personal == NULL) {
        return status_set(&decision->why, VOUCH_INVALID, "the person is missing");
    }
    const struct {
        const char *given, *what;
        char **taken;
    } fields[] = {
        {asked->personal->name, "the person's name", &import->personal.name},
        {asked->personal->phone, "the phone number", &import->personal.phone},
        {asked->personal->title, "the title", &import->personal.title},
        {asked->company_name, "the company's name", &import->company_name},
    };
    enum vouch_status status = take_name(decision, asked->origin, "the origin", &import->origin);
    for (size_t i = 0; status == VOUCH_OK && i < sizeof fields / sizeof fields[0]; i++) {
        status = take_maybe(decision, fields[i].given, fields[i].what, fields[i].taken);
    }
    if (status == VOUCH_OK) {
        status = take_emails(import);
    }
    if (status == VOUCH_OK) {
        status = take_phones(import);
    }
    if (status == VOUCH_OK && asked->since_ms > decision->now_ms) {
        status = status_set(&decision->why, VOUCH_INVALID, "nobody is known since a day that is still to come");
    }
    if (status == VOUCH_OK && asked->company != 0 && !record_exists(decision->view, TABLE_COMPANY, asked->company)) {
        status = status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", asked->company);
    }
    return status;
}

/* ---- Who it is ---- */

/* Whom a file that `vouch export` wrote means: somebody the member knows, by number and name; 0: nobody. */
static uint64_t find_exported(const struct import *import)
{
    static const char mark[] = "urn:vouch:contact:";
    struct arena *arena = import->decision->arena;
    struct view *view = import->decision->view;
    const char *at = strstr(import->origin, mark);
    uint64_t contact = at == NULL ? 0 : strtoull(at + sizeof mark - 1, NULL, 10);
    if (contact == 0 || contact > NODE_ID_MASK || !access_contact(view, import->decision->actor->id, contact)) {
        return 0;
    }
    contact = record_contact_self(view, contact);
    const char *here = name_fold(arena, record_name(view, TABLE_CONTACT, contact, arena));
    const char *there = name_fold(arena, import->personal.name);
    return here != NULL && there != NULL && strcmp(here, there) == 0 ? contact : 0;
}

static void find_person(struct import *import)
{
    struct view *view = import->decision->view;
    struct key key = key_contact_origin(import->decision->actor->id, import->origin);
    struct slice value;
    import->comes_again = table_get(view, TABLE_CONTACT_ORIGIN, key_slice(&key), &value);
    uint64_t before = import->comes_again ? record_contact_self(view, slice_u64(value, 0)) : find_exported(import);
    import->comes_again = before != 0;
    for (size_t i = 0; import->contact == 0 && i < import->email_count; i++) {
        import->contact = contact_by_email(import->decision, import->emails[i]);
    }
    if (import->contact == 0) {
        import->contact = before;
    }
}

/* The company: as asked, else as the address book has it. */
static enum vouch_status find_company(struct import *import, uint64_t *company)
{
    const struct employer employer = {import->company_name, import->email_count, import->emails};
    *company = import->asked->company;
    return *company != 0 ? VOUCH_OK : employer_take(import->decision, &employer, company);
}

/* ---- What changes ---- */

static bool list_has(size_t count, char *const *list, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds the address where there is room, and where it is nobody else's. */
static bool add_email(const struct import *import, Vouch__V1__PersonalData *personal, char *email)
{
    char normal[EMAIL_BYTES_MAX + 1];
    if (!email_normalise(email, normal) || personal_has_email(personal, normal)) {
        return false;
    }
    if (contact_by_email(import->decision, normal) != 0) {
        return false; /* another's, or that of an alias, by which the person is found as it is */
    }
    if (personal->email[0] == '\0') {
        personal->email = email;
        return true;
    }
    if (personal->n_emails == ADDRESSES_MAX) {
        return false;
    }
    personal->emails[personal->n_emails++] = email;
    return true;
}

static bool add_phone(Vouch__V1__PersonalData *personal, char *phone)
{
    if (phone[0] == '\0' || strcmp(personal->phone, phone) == 0 ||
        list_has(personal->n_phones, personal->phones, phone)) {
        return false;
    }
    if (personal->phone[0] == '\0') {
        personal->phone = phone;
        return true;
    }
    if (personal->n_phones == ADDRESSES_MAX) {
        return false;
    }
    personal->phones[personal->n_phones++] = phone;
    return true;
}

/* A copy of a list with room for all that may be added to it. */
static char **roomy(struct arena *arena, size_t count, char *const *list)
{
    char **copy = arena_alloc(arena, (count + ADDRESSES_MAX + 1) * sizeof(char *));
    if (copy != NULL && count > 0) {
        memcpy(copy, list, count * sizeof(char *));
    }
    return copy;
}

/* Fills what is empty of `personal` with what the address book has. False when nothing was; `*room` when out of it. */
static bool fill_personal(struct import *import, Vouch__V1__PersonalData *personal, bool *room)
{
    struct arena *arena = import->decision->arena;
    const Vouch__V1__PersonalData *news = &import->personal;
    bool filled = false;
    personal->emails = roomy(arena, personal->n_emails, personal->emails);
    personal->phones = roomy(arena, personal->n_phones, personal->phones);
    *room = personal->emails != NULL && personal->phones != NULL;
    if (!*room) {
        return false;
    }
    if (personal->title[0] == '\0' && news->title[0] != '\0') {
        personal->title = news->title;
        filled = true;
    }
    filled |= add_email(import, personal, news->email);
    for (size_t i = 0; i < news->n_emails; i++) {
        filled |= add_email(import, personal, news->emails[i]);
    }
    filled |= add_phone(personal, news->phone);
    for (size_t i = 0; i < news->n_phones; i++) {
        filled |= add_phone(personal, news->phones[i]);
    }
    return filled;
}

static enum vouch_status make_person(struct import *import)
{
    struct decision *decision = import->decision;
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    uint64_t company;
    bool room;
    if (import->personal.name[0] == '\0') {
        return status_set(&decision->why, VOUCH_INVALID, "the person's name is missing");
    }
    enum vouch_status status = find_company(import, &company);
    if (status != VOUCH_OK) {
        return status;
    }
    fill_personal(import, &personal, &room);
    if (!room) {
        return decision_too_large(decision);
    }
    personal.name = import->personal.name;
    return contact_new(decision, company, import->asked->consent, &personal, &import->contact);
}

/* The person is there: consent, a company and what is empty are news. Who withdrew their consent gives it again only
 * when somebody says just that, not with a file. */
static enum vouch_status update_person(struct import *import, const Vouch__V1__Contact *before)
{
    struct decision *decision = import->decision;
    Vouch__V1__Contact now = *before;
    Vouch__V1__PersonalData personal = *before->personal;
    uint8_t key[32];
    bool room;
    bool changed = fill_personal(import, &personal, &room);
    if (!room || !contact_key(decision, before->id, key)) {
        return decision_too_large(decision);
    }
    if (before->company == 0) {
        enum vouch_status status = find_company(import, &now.company);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    now.consent = before->consent || (import->asked->consent && before->withdrawn_ms == 0);
    if (!changed && now.consent == before->consent && now.company == before->company) {
        return VOUCH_OK;
    }
    return contact_emit(decision, &now, &personal, key, false);
}

static enum vouch_status emit_tie(struct import *import)
{
    struct decision *decision = import->decision;
    struct tie_entry entry;
    uint32_t asked = import->asked->strength_ppm;
    return tie_get(decision->view, NODE_MEMBER | decision->actor->id, NODE_CONTACT | import->contact, &entry)
               ? VOUCH_OK
               : tie_emit(decision, import->contact, 0, asked != 0 ? asked : TIE_IMPORTED_PPM, asked != 0);
}

/* Text about the person, sealed under their key. */
static enum vouch_status seal_text(struct import *import, char *text, ProtobufCBinaryData *sealed)
{
    Vouch__V1__ReferralText body = VOUCH__V1__REFERRAL_TEXT__INIT;
    uint64_t sealed_for = 0;
    body.note = text;
    return take_text(import->decision, import->contact, &body, sealed, &sealed_for);
}

/* That this member's address book has them, and what it notes. */
static enum vouch_status emit_origin(struct import *import)
{
    struct decision *decision = import->decision;
    if (import->comes_again) {
        return VOUCH_OK;
    }
    Vouch__V1__ContactOrigin *origin = decision_message(decision, &vouch__v1__contact_origin__descriptor);
    Vouch__V1__ContactNoted *noted = decision_message(decision, &vouch__v1__contact_noted__descriptor);
    if (origin == NULL || noted == NULL) {
        return decision_too_large(decision);
    }
    origin->member = noted->member = decision->actor->id;
    origin->contact = noted->contact = import->contact;
    origin->since_ms = import->asked->since_ms;
    enum vouch_status status = seal_text(import, import->origin, &origin->origin);
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CONTACT_ORIGIN);
    event->contact_origin = origin;
    char *note = text_trim(decision->arena, import->asked->note);
    if (note == NULL) {
        return decision_too_large(decision);
    }
    if (note[0] != '\0') {
        status = seal_text(import, note, &noted->text);
        event = decision_event(decision);
        event->body_case = BODY(CONTACT_NOTED);
        event->contact_noted = noted;
    }
    return status;
}

static enum vouch_status decide_person(struct import *import)
{
    struct decision *decision = import->decision;
    if (import->contact == 0) {
        enum vouch_status status = make_person(import);
        decision->change = CHANGE(NEW);
        return status;
    }
    const Vouch__V1__Contact *before = record_contact(decision->view, import->contact, decision->arena);
    if (before == NULL || before->personal == NULL) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "everything about this person was erased; who wants them in "
                          "again adds them by hand");
    }
    return update_person(import, before);
}

enum vouch_status decide_contact_import(struct decision *decision, const Vouch__V1__Request *request)
{
    struct import import = {.decision = decision, .asked = request->contact_import};
    vouch__v1__personal_data__init(&import.personal);
    enum vouch_status status = take_request(&import);
    if (status != VOUCH_OK) {
        return status;
    }
    find_person(&import);
    status = decide_person(&import);
    if (status == VOUCH_OK) {
        status = emit_tie(&import);
    }
    if (status == VOUCH_OK) {
        status = emit_origin(&import);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    if (decision->change != CHANGE(NEW)) {
        decision->change = decision->event_count > 0 ? CHANGE(CHANGED) : CHANGE(KNOWN);
    }
    decision->answer_id = import.contact;
    if (import.asked->dry_run) {
        decision->answer_id = decision->change == CHANGE(NEW) ? 0 : import.contact;
        decision->event_count = decision->key_count = 0;
    }
    return VOUCH_OK;
}
