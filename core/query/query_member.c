/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is there: the greeting, oneself, the members. */
#include "query/parts.h"

enum vouch_status query_hello(struct question *question, const Vouch__V1__Request *request)
{
    (void)request;
    Vouch__V1__Greeting *greeting = question_message(question, &vouch__v1__greeting__descriptor);
    char *server = arena_strdup(question->arena, "vouchd " VOUCH_VERSION);
    if (greeting == NULL || server == NULL) {
        return question_too_large(question);
    }
    greeting->server = server;
    greeting->version = PROTOCOL_VERSION;
    greeting->company = question_name(question, TABLE_COMPANY, HOME_COMPANY);
    greeting->time_ms = question->now_ms;
    greeting->last_sequence = question->durable;
    greeting->zone = (char *)(uintptr_t)record_home_zone(question->view, question->arena);
    if (question->actor != NULL) {
        greeting->member = question->actor->id;
        greeting->name = question->actor->name;
        greeting->role = question->actor->role;
        greeting->team = question->actor->team;
        greeting->member_company = question_name(question, TABLE_COMPANY, question->actor->company);
    }
    question->reply->result_case = RESULT(GREETING);
    question->reply->greeting = greeting;
    return VOUCH_OK;
}

enum vouch_status query_whoami(struct question *question, const Vouch__V1__Request *request)
{
    (void)request;
    Vouch__V1__Member *member = arena_memdup(question->arena, question->actor, sizeof *member);
    if (member == NULL) {
        return question_too_large(question);
    }
    member->invite_key = (ProtobufCBinaryData){0, NULL};
    question->reply->result_case = RESULT(MEMBER);
    question->reply->member = member;
    return VOUCH_OK;
}

/* Keys are nobody else's business, open invitations only of those who invite, and when somebody is away not of other
 * companies. */
static void *member_row(struct question *question, uint64_t id)
{
    const Vouch__V1__Member *record = record_member(question->view, id, question->arena);
    Vouch__V1__Member *row = record == NULL ? NULL : arena_memdup(question->arena, record, sizeof *record);
    if (row == NULL) {
        return NULL;
    }
    row->n_keys = 0;
    row->keys = NULL;
    row->invite_key = (ProtobufCBinaryData){0, NULL};
    if (question->actor->role != ROLE(ADMIN) && question->actor->role != ROLE(MANAGER)) {
        row->invite_expires_ms = 0;
    }
    if (question->actor->role != ROLE(ADMIN) && question->actor->company != row->company) {
        row->calendar = NULL;
    }
    return row;
}

enum vouch_status query_member_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__MemberList *list = request->member_list;
    Vouch__V1__MemberPage *answer = question_message(question, &vouch__v1__member_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, list->limit, &page)) {
        return question_too_large(question);
    }
    enum vouch_status status = page_fill(question, TABLE_MEMBER, list->after, member_row, &page);
    answer->members = (Vouch__V1__Member **)page.rows;
    answer->n_members = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(MEMBERS);
    question->reply->members = answer;
    return status;
}
