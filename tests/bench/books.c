/* SPDX-License-Identifier: Apache-2.0
 *
 * What the books are asked: to compute all deals again, and for a statement over very many bookings. */
#include "bench.h"

#include "base/check.h"

#include <inttypes.h>

#define GOAL_DEALS 100000.0 /* that the goal in seconds is told for */
#define POSTINGS_A_BOOKING 2
#define STALE_MOST 100

static const Vouch__V1__Reply *ask(struct connections *client, Vouch__V1__Request *request,
                                   Vouch__V1__FromBroker **message)
{
    static uint64_t asked;
    static uint8_t bytes[ANSWER_BYTES_MOST];
    struct connection *connection = &client->items[0];
    size_t size = pack_request(request, UINT64_MAX - asked++, bytes);
    connection_send(connection, bytes, size);
    size = connection_await(connection, bytes, sizeof bytes);
    read_answer(bytes, size); /* dies on a refusal */
    *message = vouch__v1__from_broker__unpack(NULL, size, bytes);
    CHECK(*message != NULL && (*message)->reply != NULL);
    return (*message)->reply;
}

void measure_replay(struct connections *client, uint64_t expected)
{
    struct line *line = report_line("commission.replay", "replay of 100,000 deals", "s", NULL, AT_MOST, 30);
    Vouch__V1__CommissionReplay replay = VOUCH__V1__COMMISSION_REPLAY__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__FromBroker *message;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMMISSION_REPLAY;
    request.commission_replay = &replay;
    uint64_t deals = 0;
    uint64_t asked = 0;
    int64_t began_ns = now_ns();
    for (bool more = true; more;) {
        const Vouch__V1__Reply *reply = ask(client, &request, &message);
        CHECK(reply->result_case == VOUCH__V1__REPLY__RESULT_REPLAY);
        if (reply->replay->n_differences > 0) {
            die("replay: R%" PRIu64 ": %s", reply->replay->differences[0]->referral,
                reply->replay->differences[0]->why);
        }
        deals += reply->replay->deals;
        asked += reply->replay->asked;
        more = reply->replay->more;
        replay.after = reply->replay->next;
        vouch__v1__from_broker__free_unpacked(message, NULL);
    }
    double seconds = (double)(now_ns() - began_ns) / 1e9;
    CHECK(deals == expected);
    report_run(line, seconds * GOAL_DEALS / (double)deals, 0);
    report_note("%" PRIu64 " deals were computed again in %.2f s, the plugin was asked again about %" PRIu64, deals,
                seconds, asked);
    progress("commission: replay of %" PRIu64 " deals %.2f s", deals, seconds);
}

void measure_statement(struct connections *client, uint64_t payee, uint64_t bookings, unsigned runs)
{
    struct line *line = report_line("commission.statement", "a statement of one payee", "s", NULL, AT_MOST, 1);
    Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__FromBroker *message;
    get.payee = payee;
    get.limit = 500;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_STATEMENT_GET;
    request.statement_get = &get;
    /* What others wrote is seen a moment later: that one is not counted. */
    for (unsigned run = 0, stale = 0; run < runs;) {
        int64_t began_ns = now_ns();
        const Vouch__V1__Reply *reply = ask(client, &request, &message);
        double seconds = (double)(now_ns() - began_ns) / 1e9;
        CHECK(reply->result_case == VOUCH__V1__REPLY__RESULT_STATEMENT);
        if (reply->statement->line_count != bookings) {
            CHECK(reply->statement->line_count < bookings && ++stale < STALE_MOST);
            vouch__v1__from_broker__free_unpacked(message, NULL);
            continue;
        }
        report_run(line, seconds, 0);
        run++;
        progress("commission: statement over %" PRIu64 " postings %.3f s", bookings * POSTINGS_A_BOOKING, seconds);
        vouch__v1__from_broker__free_unpacked(message, NULL);
    }
    report_note("the statement is over %" PRIu64 " postings", bookings * POSTINGS_A_BOOKING);
}
