/* SPDX-License-Identifier: Apache-2.0
 *
 * What says who a contact is, on its way from a request: cleaned, its addresses in their one form, and whose they are.
 * No sentence here repeats what was given: refusals are journalled, and nothing personal may be there in clear. */
#include "base/check.h"
#include "decide/parts.h"
#include "domain/names.h"

#include <string.h>

#define NOTHING "-" /* alone in a list: empty it */

/* The very contact, alias or not, that has this address; 0: none. */
static uint64_t holder_of(const struct decision *decision, const char *email)
{
    char normal[EMAIL_BYTES_MAX + 1];
    struct slice value;
    if (!email_normalise(email, normal)) {
        return 0;
    }
    struct key key = key_text(normal);
    return table_get(decision->view, TABLE_CONTACT_EMAIL, key_slice(&key), &value) ? slice_u64(value, 0) : 0;
}

uint64_t contact_by_email(const struct decision *decision, const char *normal)
{
    struct key key = key_text(normal);
    struct slice value;
    return table_get(decision->view, TABLE_CONTACT_EMAIL, key_slice(&key), &value)
               ? record_contact_self(decision->view, slice_u64(value, 0))
               : 0;
}

static enum vouch_status take_email(struct decision *decision, const char *asked, char **email)
{
    char normal[EMAIL_BYTES_MAX + 1];
    *email = text_trim(decision->arena, asked);
    if (*email == NULL) {
        return decision_too_large(decision);
    }
    if (**email != '\0' && strcmp(*email, NOTHING) != 0 && !email_normalise(*email, normal)) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "what is given as e-mail address is none; it looks like "
                          "\"dana@kestrel.example\"");
    }
    return VOUCH_OK;
}

/* Each once, empty ones dropped. */
static enum vouch_status take_list(struct decision *decision, size_t count, char *const *asked, bool emails,
                                   size_t *taken_count, char ***taken)
{
    *taken_count = 0;
    *taken = arena_alloc(decision->arena, (count + 1) * sizeof **taken);
    if (*taken == NULL) {
        return decision_too_large(decision);
    }
    for (size_t i = 0; i < count; i++) {
        char *text;
        enum vouch_status status = emails ? take_email(decision, asked[i], &text)
                                          : take_maybe(decision, asked[i], "a phone number", &text);
        if (status != VOUCH_OK) {
            return status;
        }
        bool known = *text == '\0';
        for (size_t j = 0; j < *taken_count && !known; j++) {
            known = strcmp((*taken)[j], text) == 0;
        }
        if (!known) {
            (*taken)[(*taken_count)++] = text;
        }
    }
    return VOUCH_OK;
}

enum vouch_status personal_take(struct decision *decision, const Vouch__V1__PersonalData *asked,
                                Vouch__V1__PersonalData *personal)
{
    static const char *const names[] = {"the person's name", "the phone number", "the title"};
    const char *const given[] = {asked->name, asked->phone, asked->title};
    char **const fields[] = {&personal->name, &personal->phone, &personal->title};
    enum vouch_status status = VOUCH_OK;
    for (size_t i = 0; status == VOUCH_OK && i < sizeof given / sizeof given[0]; i++) {
        status = take_maybe(decision, given[i], names[i], fields[i]);
    }
    if (status == VOUCH_OK) {
        status = take_email(decision, asked->email, &personal->email);
    }
    if (status == VOUCH_OK) {
        status = take_list(decision, asked->n_emails, asked->emails, true, &personal->n_emails, &personal->emails);
    }
    if (status == VOUCH_OK) {
        status = take_list(decision, asked->n_phones, asked->phones, false, &personal->n_phones, &personal->phones);
    }
    if (status == VOUCH_OK) {
        status = take_tags(decision, asked->n_tags, asked->tags, "a tag", &personal->n_tags, &personal->tags);
    }
    return status;
}

bool personal_has_email(const Vouch__V1__PersonalData *personal, const char *normal)
{
    char email[EMAIL_BYTES_MAX + 1];
    for (size_t i = 0; i <= personal->n_emails; i++) {
        if (email_normalise(i == 0 ? personal->email : personal->emails[i - 1], email) && strcmp(email, normal) == 0) {
            return true;
        }
    }
    return false;
}

enum vouch_status personal_owner(struct decision *decision, const Vouch__V1__PersonalData *personal, uint64_t *contact)
{
    char normal[EMAIL_BYTES_MAX + 1];
    *contact = 0;
    for (size_t i = 0; i <= personal->n_emails; i++) {
        uint64_t owner = email_normalise(i == 0 ? personal->email : personal->emails[i - 1], normal)
                             ? contact_by_email(decision, normal)
                             : 0;
        if (owner != 0 && *contact != 0 && owner != *contact) {
            return status_set(&decision->why, VOUCH_CONFLICT,
                              "these addresses are two people's here; if they are one person, merge them: "
                              "vouch contact merge");
        }
        *contact = owner != 0 ? owner : *contact;
    }
    return VOUCH_OK;
}

/* Drops the addresses that an alias of this contact has: they find the person as it is. False for the first one, which
 * cannot be left out in silence. */
static bool drop_aliases(struct decision *decision, uint64_t contact, Vouch__V1__PersonalData *given)
{
    size_t kept = 0;
    for (size_t i = 0; i < given->n_emails; i++) {
        uint64_t holder = holder_of(decision, given->emails[i]);
        if (holder == 0 || holder == contact) {
            given->emails[kept++] = given->emails[i];
        }
    }
    given->n_emails = kept;
    uint64_t holder = holder_of(decision, given->email);
    return holder == 0 || holder == contact;
}

/* A list that is given replaces the one that was there. */
static void change_list(size_t given_count, char **given, size_t *count, char ***list)
{
    if (given_count == 1 && strcmp(given[0], NOTHING) == 0) {
        *count = 0;
    } else if (given_count > 0) {
        *count = given_count;
        *list = given;
    }
}

enum vouch_status personal_change(struct decision *decision, const Vouch__V1__PersonalData *asked, uint64_t contact,
                                  Vouch__V1__PersonalData *personal)
{
    Vouch__V1__PersonalData given = VOUCH__V1__PERSONAL_DATA__INIT;
    uint64_t owner = 0;
    enum vouch_status status = personal_take(decision, asked, &given);
    if (status == VOUCH_OK) {
        status = personal_owner(decision, &given, &owner);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    if (owner != 0 && owner != contact) {
        return status_set(&decision->why, VOUCH_DUPLICATE,
                          "this e-mail address is another person's here; if they are one person, merge them: vouch "
                          "contact merge");
    }
    if (!drop_aliases(decision, contact, &given)) {
        return status_set(&decision->why, VOUCH_DUPLICATE,
                          "this e-mail address is that of another contact of the same person, merged with this one; it "
                          "finds them as it is");
    }
    char **const fields[] = {&personal->name, &personal->email, &personal->phone, &personal->title};
    char *const texts[] = {given.name, given.email, given.phone, given.title};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(texts[i], NOTHING) == 0 && i > 0) { /* the name alone is always there */
            *fields[i] = arena_strdup(decision->arena, "");
        } else if (texts[i][0] != '\0') {
            *fields[i] = texts[i];
        }
        if (*fields[i] == NULL) {
            return decision_too_large(decision);
        }
    }
    change_list(given.n_emails, given.emails, &personal->n_emails, &personal->emails);
    change_list(given.n_phones, given.phones, &personal->n_phones, &personal->phones);
    change_list(given.n_tags, given.tags, &personal->n_tags, &personal->tags);
    return VOUCH_OK;
}
