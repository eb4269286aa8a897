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

/* Defines fetch_members and the like, which ask for one page and look at what came; `following` is what comes after
 * its rows. */
#define FETCH(Noun, OPERATION, operation, RESULT, rows_of, following)                                                  \
    static int fetch_##rows_of(struct cli *cli, uint64_t after, Vouch__V1__Reply **reply, struct page *page)           \
    {                                                                                                                  \
        Vouch__V1__##Noun##List list;                                                                                  \
        vouch__v1__##operation##__init(&list);                                                                         \
        list.after = after;                                                                                            \
        list.limit = PAGE_ROWS;                                                                                        \
        Vouch__V1__Request request = REQUEST(OPERATION, operation, &list);                                             \
        int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_##RESULT, reply);                              \
        if (code == EXIT_DONE) {                                                                                       \
            const Vouch__V1__##Noun##Page *got = (*reply)->rows_of;                                                    \
            *page = (struct page){(ProtobufCMessage **)got->rows_of, got->n_##rows_of, got->more, following};          \
        }                                                                                                              \
        return code;                                                                                                   \
    }
#define LAST_ID(rows_of) got->n_##rows_of > 0 ? got->rows_of[got->n_##rows_of - 1]->id : 0

FETCH(Member, MEMBER_LIST, member_list, MEMBERS, members, LAST_ID(members))
FETCH(Company, COMPANY_LIST, company_list, COMPANIES, companies, LAST_ID(companies))
FETCH(Contact, CONTACT_LIST, contact_list, CONTACTS, contacts, LAST_ID(contacts))
FETCH(Tie, TIE_LIST, tie_list, TIES, ties, got->next)

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
