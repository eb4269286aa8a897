/* SPDX-License-Identifier: Apache-2.0
 *
 * Accounts with their balances: what each payee is owed, by whom, in which currency. A member sees their own, who keeps
 * or audits a company's books sees all of that company's. */
#include "query/books_view.h"

#include <string.h>

#define LOOK_ROWS 1024

/* One row of the table into the page; false when the page is full. */
static bool take_row(struct question *question, const Vouch__V1__AccountList *asked, struct slice key,
                     struct slice value, struct page *page)
{
    struct account_id id = account_id_read(key);
    struct account account = account_read(value);
    bool own = id.payee == question->actor->id;
    bool wanted = id.payee != 0 && (asked->company == 0 || asked->company == id.company);
    if (!wanted || (!own && !books_are_open(question, id.company))) {
        return true;
    }
    Vouch__V1__AccountView *view = page_is_full(page)
                                       ? NULL
                                       : account_view(question, &id, &account.balances, account.disputed_minor);
    if (view == NULL) {
        page->more = true;
        return false;
    }
    return page_add(page, view, protobuf_c_message_get_packed_size(&view->base));
}

/* Where to begin, and at which payee to stop (0: at none). */
static struct key first_key(const struct question *question, const Vouch__V1__AccountList *asked, uint64_t *only)
{
    const Vouch__V1__Member *actor = question->actor;
    bool keeps_books = actor->role == ROLE(ADMIN) || actor->role == ROLE(AUDITOR) || actor->role == ROLE(FINANCE);
    *only = asked->payee != 0 ? asked->payee : keeps_books ? 0 : actor->id;
    struct key key = key_u64(*only != 0 ? *only : 1);
    if (asked->after.len == ACCOUNT_KEY_BYTES && memcmp(asked->after.data, key.bytes, key.size) >= 0) {
        key_start(&key);
        key_add_bytes(&key, asked->after.data, asked->after.len);
        key_add_u8(&key, 0);
    }
    return key;
}

/* Late with something found is a page that ends early. */
static enum vouch_status fill(struct question *question, const Vouch__V1__AccountList *asked, struct page *page,
                              Vouch__V1__AccountPage *answer)
{
    uint64_t only;
    uint64_t rows = 0;
    struct slice key, value;
    struct key from = first_key(question, asked, &only);
    struct slice last = SLICE_NONE;
    struct cursor *cursor = cursor_open(question->view, TABLE_ACCOUNT);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && (only == 0 || slice_u64(key, 0) == only) && take_row(question, asked, key, value, page);
         row = cursor_next(cursor, &key, &value)) {
        last = key;
        if (++rows % LOOK_ROWS == 0 && question_is_late(question)) {
            page->more = true;
            break;
        }
    }
    if (page->more && last.size > 0) {
        answer->next.data = arena_memdup(question->arena, last.data, last.size);
        answer->next.len = answer->next.data == NULL ? 0 : last.size;
    }
    cursor_close(&cursor);
    return page->more && answer->next.len == 0 ? question_too_large(question) : VOUCH_OK;
}

enum vouch_status query_account_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__AccountList *asked = request->account_list;
    Vouch__V1__AccountPage *answer = question_message(question, &vouch__v1__account_page__descriptor);
    struct page page;
    if (asked->after.len != 0 && asked->after.len != ACCOUNT_KEY_BYTES) {
        return status_set(&question->why, VOUCH_INVALID, "'after' is the `next` of the page before");
    }
    if (answer == NULL || !page_start(question, asked->limit, &page)) {
        return question_too_large(question);
    }
    enum vouch_status status = fill(question, asked, &page, answer);
    answer->accounts = (Vouch__V1__AccountView **)page.rows;
    answer->n_accounts = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(ACCOUNTS);
    question->reply->accounts = answer;
    return status;
}
