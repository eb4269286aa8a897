/* SPDX-License-Identifier: Apache-2.0
 *
 * Companies, and the asker's own people and ties. */
#include "query/contact_view.h"

#define TIES_AT_ONCE 64

static void *company_row(struct question *question, uint64_t id)
{
    return (void *)(uintptr_t)record_company(question->view, id, question->arena);
}

enum vouch_status query_company_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__CompanyList *list = request->company_list;
    Vouch__V1__CompanyPage *answer = question_message(question, &vouch__v1__company_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, list->limit, &page)) {
        return question_too_large(question);
    }
    enum vouch_status status = page_fill(question, TABLE_COMPANY, list->after, company_row, &page);
    answer->companies = (Vouch__V1__Company **)page.rows;
    answer->n_companies = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(COMPANIES);
    question->reply->companies = answer;
    return status;
}

/* Walks the asker's ties after `after` in node order and hands each to `add` until it says stop. */
static enum vouch_status walk_ties(struct question *question, uint64_t after, uint64_t last,
                                   bool (*add)(struct question *, const struct tie_entry *, struct page *),
                                   struct page *page)
{
    struct tie_entry entries[TIES_AT_ONCE];
    for (;;) {
        size_t count = tie_list(question->view, TABLE_TIE_OUT, NODE_MEMBER | question->actor->id, after, entries,
                                TIES_AT_ONCE);
        for (size_t i = 0; i < count; i++) {
            if (entries[i].peer > last || !add(question, &entries[i], page)) {
                return VOUCH_OK;
            }
            after = entries[i].peer;
        }
        if (count < TIES_AT_ONCE) {
            return VOUCH_OK;
        }
        if (question_is_late(question)) {
            return VOUCH_TIMEOUT;
        }
    }
}

static bool add_contact(struct question *question, const struct tie_entry *entry, struct page *page)
{
    const Vouch__V1__Contact *contact = page_is_full(page) ? NULL
                                                           : record_contact(question->view, entry->peer & NODE_ID_MASK,
                                                                            question->arena);
    contact = contact_seen(question, contact);
    if (contact == NULL) {
        page->more = true;
        return false;
    }
    return page_add(page, (void *)(uintptr_t)contact,
                    protobuf_c_message_get_packed_size((const ProtobufCMessage *)contact));
}

enum vouch_status query_contact_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__ContactList *list = request->contact_list;
    Vouch__V1__ContactPage *answer = question_message(question, &vouch__v1__contact_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, list->limit, &page)) {
        return question_too_large(question);
    }
    uint64_t after = NODE_CONTACT | (list->after & NODE_ID_MASK);
    enum vouch_status status = walk_ties(question, after, NODE_CONTACT | NODE_ID_MASK, add_contact, &page);
    if (status != VOUCH_OK) {
        return status;
    }
    answer->contacts = (Vouch__V1__Contact **)page.rows;
    answer->n_contacts = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(CONTACTS);
    question->reply->contacts = answer;
    return VOUCH_OK;
}

/* Name and company of the other end. */
static void name_end(struct question *question, const struct tie_entry *entry, Vouch__V1__Tie *tie)
{
    uint64_t id = entry->peer & NODE_ID_MASK;
    uint64_t company = 0;
    if ((entry->peer & NODE_CONTACT) != 0) {
        const Vouch__V1__Contact *contact = record_contact(question->view, id, question->arena);
        tie->to_contact = id;
        company = contact == NULL ? 0 : contact->company;
        tie->name = question_name(question, TABLE_CONTACT, id);
    } else {
        const Vouch__V1__Member *member = record_member(question->view, id, question->arena);
        tie->to_member = id;
        company = member == NULL ? 0 : member->company;
        tie->name = question_name(question, TABLE_MEMBER, id);
    }
    tie->company = question_name(question, TABLE_COMPANY, company);
}

static bool add_tie(struct question *question, const struct tie_entry *entry, struct page *page)
{
    Vouch__V1__Tie *tie = page_is_full(page) ? NULL : question_message(question, &vouch__v1__tie__descriptor);
    if (tie == NULL) {
        page->more = true;
        return false;
    }
    tie->from_member = question->actor->id;
    tie->strength_ppm = entry->strength_ppm;
    tie->by_hand = (entry->flags & TIE_BY_HAND) != 0;
    name_end(question, entry, tie);
    return page_add(page, tie, protobuf_c_message_get_packed_size(&tie->base));
}

enum vouch_status query_tie_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__TieList *list = request->tie_list;
    Vouch__V1__TiePage *answer = question_message(question, &vouch__v1__tie_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, list->limit, &page)) {
        return question_too_large(question);
    }
    enum vouch_status status = walk_ties(question, list->after, UINT64_MAX, add_tie, &page);
    if (status != VOUCH_OK) {
        return status;
    }
    answer->ties = (Vouch__V1__Tie **)page.rows;
    answer->n_ties = page.count;
    answer->more = page.more;
    if (page.count > 0) {
        const Vouch__V1__Tie *last = answer->ties[page.count - 1];
        answer->next = last->to_contact != 0 ? NODE_CONTACT | last->to_contact : NODE_MEMBER | last->to_member;
    }
    question->reply->result_case = RESULT(TIES);
    question->reply->ties = answer;
    return VOUCH_OK;
}
