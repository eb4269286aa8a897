/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of one's inbox. */
#include "query/parts.h"

enum vouch_status query_inbox_page(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__InboxPage *asked = request->inbox_page;
    uint64_t member = question->actor->id;
    struct inbox_cursor position = inbox_cursor_get(question->view, member);
    uint64_t after = asked->unread ? position.acknowledged : asked->after;
    Vouch__V1__NoticePage *answer = question_message(question, &vouch__v1__notice_page__descriptor);
    struct name_cache *names = name_cache_new(question->view, question->arena);
    struct page page;
    if (answer == NULL || names == NULL || !page_start(question, asked->limit, &page)) {
        return question_too_large(question);
    }
    struct key key = key_u64_u64(member, after + 1);
    struct slice at, value;
    struct cursor *cursor = cursor_open(question->view, TABLE_INBOX);
    for (bool row = cursor_seek(cursor, key_slice(&key), &at, &value); row && slice_u64(at, 0) == member && !page.more;
         row = cursor_next(cursor, &at, &value)) {
        Vouch__V1__Notice *notice = NULL;
        if (!page_is_full(&page)) {
            notice = notice_make(question->view, member, slice_u64(at, 8), slice_u64(value, 0), names, question->arena);
        }
        if (notice == NULL) {
            page.more = true;
        } else {
            page_add(&page, notice, protobuf_c_message_get_packed_size(&notice->base));
        }
    }
    cursor_close(&cursor);
    if (page.more && page.count == 0) {
        return question_too_large(question);
    }
    answer->notices = (Vouch__V1__Notice **)page.rows;
    answer->n_notices = page.count;
    answer->more = page.more;
    answer->cursor = position.acknowledged;
    answer->last = position.last;
    question->reply->result_case = RESULT(NOTICES);
    question->reply->notices = answer;
    return VOUCH_OK;
}
