/* SPDX-License-Identifier: Apache-2.0
 *
 * Erasing a person: the keys that seal what the journal holds of them are destroyed in the transaction that records it.
 * Nobody but an admin may do that to a person whom others know too. */
#include "decide/parts.h"

#include "base/check.h"

/* True when somebody but this member has a tie to the contact. */
static bool others_know(const struct decision *decision, uint64_t contact, uint64_t member)
{
    struct tie_entry entries[2];
    size_t count = tie_list(decision->view, TABLE_TIE_IN, NODE_CONTACT | contact, 0, entries, 2);
    for (size_t i = 0; i < count; i++) {
        if (entries[i].peer != (NODE_MEMBER | member)) {
            return true;
        }
    }
    return false;
}

static enum vouch_status may_erase(struct decision *decision, const Vouch__V1__Contact *contact)
{
    const Vouch__V1__Member *actor = decision->actor;
    if (actor->role == ROLE(ADMIN)) {
        return VOUCH_OK;
    }
    if (contact->added_by != actor->id) {
        return status_set(&decision->why, VOUCH_DENIED,
                          "you did not add contact %" PRIu64 "; ask an admin to erase them everywhere", contact->id);
    }
    if (others_know(decision, contact->id, actor->id)) {
        return status_set(&decision->why, VOUCH_DENIED,
                          "colleagues have a tie to contact %" PRIu64 " too; ask an admin to erase them everywhere",
                          contact->id);
    }
    return VOUCH_OK;
}

enum vouch_status decide_contact_erase(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ContactErase *asked = request->contact_erase;
    const Vouch__V1__Contact *contact;
    enum vouch_status status = contact_find(decision, asked->contact, &contact);
    if (status == VOUCH_OK) {
        status = may_erase(decision, contact);
    }
    Vouch__V1__ContactErased *erased = decision_message(decision, &vouch__v1__contact_erased__descriptor);
    if (status == VOUCH_OK && erased == NULL) {
        status = decision_too_large(decision);
    }
    if (status == VOUCH_OK) {
        status = take_name(decision, asked->reason, "the reason", &erased->reason);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    uint64_t family[LIMIT_CONTACT_FAMILY];
    size_t count = record_contact_family(decision->view, contact->id, family, decision->arena);
    _Static_assert(LIMIT_CONTACT_FAMILY <= LIMIT_KEYS_PER_COMMAND, "all that is one person is erased at once");
    CHECK(decision->key_count == 0);
    for (size_t i = 0; i < count; i++) {
        decision->keys[decision->key_count++] = (struct person_key){.contact = family[i], .destroyed = true};
    }
    erased->contact = decision->answer_id = contact->id;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CONTACT_ERASED);
    event->contact_erased = erased;
    return VOUCH_OK;
}
