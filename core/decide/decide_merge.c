/* SPDX-License-Identifier: Apache-2.0
 *
 * Two contacts that are one person, and taking that back. Merges of one person are undone in the reverse of their
 * order, so that each puts back what it found. */
#include "apply/bonds.h"
#include "decide/parts.h"

/* Members with a tie to the contact, or with what they did while they had one; at most LIMIT_MERGE_TIES + 1. */
static size_t count_members(const struct decision *decision, uint64_t contact)
{
    struct tie_entry entry;
    struct slice value;
    size_t count = 0;
    uint64_t last = meta_get(decision->view, "last_member");
    for (uint64_t member = 1; member <= last && count <= LIMIT_MERGE_TIES; member++) {
        struct key bond = key_bond(member, contact);
        count += tie_get(decision->view, NODE_MEMBER | member, NODE_CONTACT | contact, &entry) ||
                         table_get(decision->view, TABLE_BOND, key_slice(&bond), &value)
                     ? 1
                     : 0;
    }
    return count;
}

static enum vouch_status check_sizes(struct decision *decision, uint64_t from, uint64_t into)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    size_t count = record_contact_family(decision->view, from, family, decision->arena) +
                   record_contact_family(decision->view, into, family, decision->arena);
    if (count > LIMIT_CONTACT_FAMILY) {
        return status_set(&decision->why, VOUCH_CONFLICT, "these would be %zu contacts that are one person; %d at most",
                          count, LIMIT_CONTACT_FAMILY);
    }
    if (count_members(decision, from) > LIMIT_MERGE_TIES) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "more than %d members know contact %" PRIu64 "; merge the other one into it instead",
                          LIMIT_MERGE_TIES, from);
    }
    return VOUCH_OK;
}

enum vouch_status decide_contact_merge(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ContactMerge *asked = request->contact_merge;
    const Vouch__V1__Contact *from, *into;
    enum vouch_status status = contact_find(decision, asked->from, &from);
    if (status == VOUCH_OK) {
        status = contact_find(decision, asked->into, &into);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    if (from->id == into->id) {
        return status_set(&decision->why, VOUCH_CONFLICT, "contacts %" PRIu64 " and %" PRIu64 " are one person already",
                          asked->from, asked->into);
    }
    status = check_sizes(decision, from->id, into->id);
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__ContactsMerged *merged = decision_message(decision, &vouch__v1__contacts_merged__descriptor);
    if (merged == NULL) {
        return decision_too_large(decision);
    }
    merged->merge = decision->answer_id = decision_next_id(decision, "last_merge");
    merged->from = from->id;
    merged->into = into->id;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CONTACTS_MERGED);
    event->contacts_merged = merged;
    return VOUCH_OK;
}

/* The last merge of the family that stands for this person; 0: none. */
static uint64_t last_merge(struct decision *decision, uint64_t self)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    uint64_t last = 0;
    size_t count = record_contact_family(decision->view, self, family, decision->arena);
    for (size_t i = 0; i < count; i++) {
        const Vouch__V1__Contact *contact = record_contact(decision->view, family[i], decision->arena);
        last = contact != NULL && contact->merge > last ? contact->merge : last;
    }
    return last;
}

/* The merge that is asked for, and that it stands; `person` is who it is about. */
static enum vouch_status find_merge(struct decision *decision, const Vouch__V1__ContactUnmerge *asked,
                                    const Vouch__V1__Merge **merge, const Vouch__V1__Contact **person)
{
    enum vouch_status status;
    if ((asked->merge == 0) == (asked->contact == 0)) {
        return status_set(&decision->why, VOUCH_INVALID, "say which merge, or whose last one, is to be taken back");
    }
    if (asked->contact != 0) {
        status = contact_find(decision, asked->contact, person);
        if (status != VOUCH_OK) {
            return status;
        }
        *merge = record_merge(decision->view, last_merge(decision, (*person)->id), decision->arena);
        return *merge != NULL ? VOUCH_OK
                              : status_set(&decision->why, VOUCH_CONFLICT,
                                           "contact %" PRIu64 " is not merged with any other", asked->contact);
    }
    *merge = record_merge(decision->view, asked->merge, decision->arena);
    status = *merge == NULL ? VOUCH_NOT_FOUND : contact_find(decision, (*merge)->into, person);
    if (status == VOUCH_NOT_FOUND) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "merge %" PRIu64 ": no such merge, or of nobody you know",
                          asked->merge);
    }
    return status;
}

enum vouch_status decide_contact_unmerge(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__Merge *merge = NULL;
    const Vouch__V1__Contact *person;
    enum vouch_status status = find_merge(decision, request->contact_unmerge, &merge, &person);
    if (status != VOUCH_OK) {
        return status;
    }
    if (merge->undone_ms != 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "merge %" PRIu64 " was taken back already", merge->id);
    }
    uint64_t last = last_merge(decision, person->id);
    if (last != merge->id) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "merge %" PRIu64 " of the same person came later; take that back first", last);
    }
    if (decision->actor->role != ROLE(ADMIN) && decision->actor->id != merge->by) {
        const char *by = decision_name(decision, merge->by);
        return status_set(&decision->why, VOUCH_DENIED, "%s merged them: only %s or an admin takes that back", by, by);
    }
    Vouch__V1__MergeUndone *undone = decision_message(decision, &vouch__v1__merge_undone__descriptor);
    if (undone == NULL) {
        return decision_too_large(decision);
    }
    undone->merge = decision->answer_id = merge->id;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(MERGE_UNDONE);
    event->merge_undone = undone;
    return VOUCH_OK;
}
