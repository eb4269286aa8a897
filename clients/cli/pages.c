/* SPDX-License-Identifier: Apache-2.0
 *
 * Page after page until there is no more. */
#include "pages.h"

#include <stdlib.h>

#define PAGE_ROWS 500

/* One page of any kind: its rows, whether there is more, and what comes after it. */
struct page {
    ProtobufCMessage **rows;
    size_t count;
    bool more;
    uint64_t next;
};

static void *or_abort(void *pointer)
{
    if (pointer == NULL) {
        abort();
    }
    return pointer;
}

static int fetch_members(struct cli *cli, uint64_t after, Vouch__V1__Reply **reply, struct page *page)
{
    Vouch__V1__MemberList list = VOUCH__V1__MEMBER_LIST__INIT;
    list.after = after;
    list.limit = PAGE_ROWS;
    Vouch__V1__Request request = REQUEST(MEMBER_LIST, member_list, &list);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_MEMBERS, reply);
    if (code == EXIT_DONE) {
        Vouch__V1__MemberPage *got = (*reply)->members;
        uint64_t next = got->n_members > 0 ? got->members[got->n_members - 1]->id : 0;
        *page = (struct page){(ProtobufCMessage **)got->members, got->n_members, got->more, next};
    }
    return code;
}

static int fetch_companies(struct cli *cli, uint64_t after, Vouch__V1__Reply **reply, struct page *page)
{
    Vouch__V1__CompanyList list = VOUCH__V1__COMPANY_LIST__INIT;
    list.after = after;
    list.limit = PAGE_ROWS;
    Vouch__V1__Request request = REQUEST(COMPANY_LIST, company_list, &list);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_COMPANIES, reply);
    if (code == EXIT_DONE) {
        Vouch__V1__CompanyPage *got = (*reply)->companies;
        uint64_t next = got->n_companies > 0 ? got->companies[got->n_companies - 1]->id : 0;
        *page = (struct page){(ProtobufCMessage **)got->companies, got->n_companies, got->more, next};
    }
    return code;
}

static int fetch_contacts(struct cli *cli, uint64_t after, Vouch__V1__Reply **reply, struct page *page)
{
    Vouch__V1__ContactList list = VOUCH__V1__CONTACT_LIST__INIT;
    list.after = after;
    list.limit = PAGE_ROWS;
    Vouch__V1__Request request = REQUEST(CONTACT_LIST, contact_list, &list);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_CONTACTS, reply);
    if (code == EXIT_DONE) {
        Vouch__V1__ContactPage *got = (*reply)->contacts;
        uint64_t next = got->n_contacts > 0 ? got->contacts[got->n_contacts - 1]->id : 0;
        *page = (struct page){(ProtobufCMessage **)got->contacts, got->n_contacts, got->more, next};
    }
    return code;
}

static int fetch_ties(struct cli *cli, uint64_t after, Vouch__V1__Reply **reply, struct page *page)
{
    Vouch__V1__TieList list = VOUCH__V1__TIE_LIST__INIT;
    list.after = after;
    list.limit = PAGE_ROWS;
    Vouch__V1__Request request = REQUEST(TIE_LIST, tie_list, &list);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_TIES, reply);
    if (code == EXIT_DONE) {
        Vouch__V1__TiePage *got = (*reply)->ties;
        *page = (struct page){(ProtobufCMessage **)got->ties, got->n_ties, got->more, got->next};
    }
    return code;
}

static void keep(struct pages *pages, Vouch__V1__Reply *reply, const struct page *page)
{
    pages->replies = or_abort(realloc(pages->replies, (pages->reply_count + 1) * sizeof *pages->replies));
    pages->replies[pages->reply_count++] = reply;
    pages->rows = or_abort(realloc(pages->rows, (pages->count + page->count + 1) * sizeof *pages->rows));
    for (size_t i = 0; i < page->count; i++) {
        pages->rows[pages->count++] = page->rows[i];
    }
}

int pages_load(struct cli *cli, enum page_kind kind, struct pages *pages)
{
    static int (*const fetch[])(struct cli *, uint64_t, Vouch__V1__Reply **, struct page *) = {
        [PAGE_MEMBERS] = fetch_members,
        [PAGE_COMPANIES] = fetch_companies,
        [PAGE_CONTACTS] = fetch_contacts,
        [PAGE_TIES] = fetch_ties,
    };
    *pages = (struct pages){.count = 0};
    struct page page = {.more = true};
    int code = EXIT_DONE;
    while (code == EXIT_DONE && page.more) {
        Vouch__V1__Reply *reply = NULL;
        uint64_t after = page.next;
        code = fetch[kind](cli, after, &reply, &page);
        if (code == EXIT_DONE) {
            keep(pages, reply, &page);
            page.more = page.more && page.next > after; /* a list that does not go on ends here */
        }
    }
    return code;
}

void pages_free(struct pages *pages)
{
    for (size_t i = 0; i < pages->reply_count; i++) {
        vouch_reply_free(&pages->replies[i]);
    }
    free(pages->replies);
    free(pages->rows);
    *pages = (struct pages){.count = 0};
}

int pages_json(const struct pages *pages, const char *name)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < pages->count; i++) {
        json_array_append_new(rows, json_of_message(pages->rows[i]));
    }
    return json_print(json_pack("{s:o}", name, rows));
}
