/* SPDX-License-Identifier: Apache-2.0
 *
 * Inboxes: lines 1, 2, 3 ... of each member, in the order of their events, up to where the cursor says. */
#include "query/checking.h"

static void end_member(struct check *check, uint64_t member, uint64_t last)
{
    if (member == 0) {
        return;
    }
    struct inbox_cursor cursor = inbox_cursor_get(check->view, member);
    check->expected[TABLE_INBOX_CURSOR]++;
    if (cursor.last != last) {
        finding(check, "the inbox of member %" PRIu64 " ends at line %" PRIu64 ", its cursor says %" PRIu64, member,
                last, cursor.last);
    }
    if (cursor.acknowledged > cursor.last) {
        finding(check, "member %" PRIu64 " has read more lines than there are", member);
    }
    if (!record_exists(check->view, TABLE_MEMBER, member)) {
        finding(check, "member %" PRIu64 " has an inbox and is not there", member);
    }
}

void check_inboxes(struct check *check)
{
    uint64_t member = 0;
    uint64_t line = 0;
    uint64_t event = 0;
    struct slice key, value;
    struct cursor *cursor = cursor_open(check->view, TABLE_INBOX);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        if (slice_u64(key, 0) != member) {
            end_member(check, member, line);
            member = slice_u64(key, 0);
            line = event = 0;
        }
        if (slice_u64(key, 8) != line + 1) {
            finding(check, "the inbox of member %" PRIu64 " goes from line %" PRIu64 " to %" PRIu64, member, line,
                    slice_u64(key, 8));
        }
        uint64_t next = slice_u64(value, 0);
        if (next <= event || next > view_sequence(check->view)) {
            finding(check, "line %" PRIu64 " of member %" PRIu64 " names event %" PRIu64 ", which cannot be", line + 1,
                    member, next);
        }
        event = next;
        line = slice_u64(key, 8);
    }
    cursor_close(&cursor);
    end_member(check, member, line);
    expect_rows(check, TABLE_INBOX_CURSOR);
}
