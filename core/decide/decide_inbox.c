/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading one's inbox up to a line. */
#include "decide/parts.h"

enum vouch_status decide_inbox_ack(struct decision *decision, const Vouch__V1__Request *request)
{
    uint64_t up_to = request->inbox_ack->up_to;
    struct inbox_cursor cursor = inbox_cursor_get(decision->view, decision->actor->id);
    if (up_to > cursor.last) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "your inbox goes up to line %" PRIu64 "; line %" PRIu64 " cannot have been read", cursor.last,
                          up_to);
    }
    Vouch__V1__InboxRead *read = decision_message(decision, &vouch__v1__inbox_read__descriptor);
    if (read == NULL) {
        return decision_too_large(decision);
    }
    read->member = decision->actor->id;
    read->up_to = up_to;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(INBOX_READ);
    event->inbox_read = read;
    decision->answer_id = up_to;
    return VOUCH_OK;
}
