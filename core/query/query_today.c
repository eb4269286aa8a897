/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of the day: what is due, who is neglected, whom to ask. docs/workday.md, "Today", has its order. */
#include "query/parts.h"

enum vouch_status query_today(struct question *question, const Vouch__V1__Request *request)
{
    (void)request;
    Vouch__V1__TodayList *answer = question_message(question, &vouch__v1__today_list__descriptor);
    if (answer == NULL) {
        return question_too_large(question);
    }
    answer->member = question->actor->id;
    answer->name = question->actor->name;
    answer->now_ms = question->now_ms;
    question->reply->result_case = RESULT(TODAY);
    question->reply->today = answer;
    return VOUCH_OK;
}
