/* SPDX-License-Identifier: Apache-2.0
 *
 * Inboxes: a line is the number of an event; what it says is made when it is read. */
#include "apply/parts.h"

#include "base/check.h"

static void cursor_put(struct view *view, uint64_t member, struct inbox_cursor cursor)
{
    struct key key = key_u64(member);
    struct key value = key_u64_u64(cursor.last, cursor.acknowledged);
    table_put(view, TABLE_INBOX_CURSOR, key_slice(&key), key_slice(&value));
}

void inbox_add(struct application *application, uint64_t member)
{
    if (member == 0 || member == application->event->actor) {
        return;
    }
    struct inbox_cursor cursor = inbox_cursor_get(application->view, member);
    cursor.last++;
    struct key key = key_u64_u64(member, cursor.last);
    struct key line = key_u64(application->sequence);
    table_put(application->view, TABLE_INBOX, key_slice(&key), key_slice(&line));
    cursor_put(application->view, member, cursor);
}

void inbox_add_once(struct application *application, uint64_t member)
{
    struct inbox_cursor cursor = inbox_cursor_get(application->view, member);
    struct key last = key_u64_u64(member, cursor.last);
    struct slice line;
    bool told = table_get(application->view, TABLE_INBOX, key_slice(&last), &line) &&
                slice_u64(line, 0) == application->sequence;
    if (!told) {
        inbox_add(application, member);
    }
}

void apply_inbox_read(struct application *application, const Vouch__V1__InboxRead *read)
{
    struct inbox_cursor cursor = inbox_cursor_get(application->view, read->member);
    if (read->up_to > cursor.acknowledged) {
        CHECK(read->up_to <= cursor.last || view_failed(application->view) != NULL);
        cursor.acknowledged = read->up_to;
        cursor_put(application->view, read->member, cursor);
    }
}
