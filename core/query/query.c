/* SPDX-License-Identifier: Apache-2.0
 *
 * Which function answers which query, and what all of them share. */
#include "query/query.h"

#include "base/check.h"
#include "base/clock.h"
#include "query/parts.h"

/* Rows stop here; the reply around them needs little more, and a frame holds both. */
#define PAGE_BYTES ((size_t)LIMIT_FRAME_BYTES - 16384)

#define OPERATION(NAME) VOUCH__V1__REQUEST__OPERATION_##NAME

static query_function *const functions[] = {
    [OPERATION(HELLO)] = query_hello,
    [OPERATION(WHOAMI)] = query_whoami,
    [OPERATION(MEMBER_LIST)] = query_member_list,
    [OPERATION(COMPANY_LIST)] = query_company_list,
    [OPERATION(CONTACT_LIST)] = query_contact_list,
    [OPERATION(CONTACT_GET)] = query_contact_get,
    [OPERATION(MEMBER_EXPORT)] = query_member_export,
    [OPERATION(TIE_LIST)] = query_tie_list,
    [OPERATION(FIND)] = query_find,
    [OPERATION(REFERRAL_GET)] = query_referral_get,
    [OPERATION(REFERRAL_LIST)] = query_referral_list,
    [OPERATION(INBOX_PAGE)] = query_inbox_page,
    [OPERATION(TODAY)] = query_today,
    [OPERATION(CARD_GET)] = query_card_get,
    [OPERATION(TEAM_VIEW)] = query_team_view,
    [OPERATION(TEAM_QUEUE)] = query_team_queue,
    [OPERATION(TOUCH_LIST)] = query_touch_list,
    [OPERATION(ASK_LIST)] = query_ask_list,
    [OPERATION(INTEL_LIST)] = query_intel_list,
    [OPERATION(REPORT)] = query_report,
    [OPERATION(CURVE)] = query_curve,
    [OPERATION(TOTALS)] = query_totals,
    [OPERATION(TERMS_LIST)] = query_terms_list,
    [OPERATION(PLUGIN_LIST)] = query_plugin_list,
    [OPERATION(PLUGIN_LOG)] = query_plugin_log,
    [OPERATION(DISPUTE_LIST)] = query_dispute_list,
    [OPERATION(PERIOD_LIST)] = query_period_list,
    [OPERATION(STATEMENT_GET)] = query_statement_get,
    [OPERATION(ACCOUNT_LIST)] = query_account_list,
    [OPERATION(PAYOUT_LIST)] = query_payout_list,
    [OPERATION(PAYOUT_GET)] = query_payout_get,
    [OPERATION(COMMISSION_EXPLAIN)] = query_commission_explain,
    [OPERATION(COMMISSION_PENDING)] = query_commission_pending,
    [OPERATION(COMMISSION_REPLAY)] = query_commission_replay,
    [OPERATION(COMMISSION_SHADOW)] = query_commission_shadow,
};

query_function *query_for(Vouch__V1__Request__OperationCase operation)
{
    return (size_t)operation < sizeof functions / sizeof functions[0] ? functions[operation] : NULL;
}

void *question_message(const struct question *question, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(question->arena, type->sizeof_message);
    if (message != NULL) {
        type->message_init(message);
    }
    return message;
}

enum vouch_status question_too_large(struct question *question)
{
    return status_set(&question->why, VOUCH_TOO_LARGE, "the answer is too large; ask for less at a time");
}

bool question_is_late(struct question *question)
{
    if (clock_mono_us() < question->deadline_us) {
        return false;
    }
    status_set(&question->why, VOUCH_TIMEOUT, "this took longer than a query may; ask for less at a time");
    return true;
}

char *question_name(struct question *question, enum table table, uint64_t id)
{
    if (table == TABLE_MEMBER && question->actor != NULL && question->actor->id == id) {
        return question->actor->name;
    }
    if (question->names == NULL) {
        question->names = name_cache_new(question->view, question->arena);
    }
    /* Names are written nowhere; messages only lack the const. */
    return (char *)(uintptr_t)(question->names == NULL ? "" : name_cache_get(question->names, table, id));
}

bool page_start(const struct question *question, uint32_t asked, struct page *page)
{
    size_t limit = asked == 0 ? LIMIT_PAGE_ROWS_DEFAULT : asked;
    *page = (struct page){.limit = limit < LIMIT_PAGE_ROWS ? limit : LIMIT_PAGE_ROWS};
    page->rows = arena_alloc(question->arena, page->limit * sizeof *page->rows);
    return page->rows != NULL;
}

bool page_is_full(const struct page *page)
{
    return page->count >= page->limit;
}

bool page_add(struct page *page, void *row, size_t size)
{
    size_t with_tag = size + 8;
    if (page_is_full(page) || (page->count > 0 && page->bytes + with_tag > PAGE_BYTES)) {
        page->more = true;
        return false;
    }
    page->bytes += with_tag;
    page->rows[page->count++] = row;
    return true;
}

enum vouch_status page_fill(struct question *question, enum table table, uint64_t after, page_row_function *row,
                            struct page *page)
{
    struct key key = key_u64(after + 1);
    struct slice at, value;
    struct cursor *cursor = cursor_open(question->view, table);
    for (bool found = cursor_seek(cursor, key_slice(&key), &at, &value); found && !page->more;
         found = cursor_next(cursor, &at, &value)) {
        void *made = page_is_full(page) ? NULL : row(question, slice_u64(at, 0));
        if (made == NULL) {
            page->more = true;
        } else {
            page_add(page, made, value.size);
        }
    }
    cursor_close(&cursor);
    return page->more && page->count == 0 ? question_too_large(question) : VOUCH_OK;
}
