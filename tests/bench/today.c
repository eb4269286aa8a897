/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of the day of somebody with 5,000 contacts, each with touches in both directions and at a company of their
 * own, a tenth of them without consent. The admin is that somebody, for many connections can be theirs. */
#include "bench.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CLIENTS 64
#define CONTACTS 5000u
#define TOUCHES 4u /* of each contact */
#define QUESTIONS 200u
#define GOAL_MS 20.0

struct book {
    uint64_t next;
    uint64_t *contacts;
    int64_t now_ms;
    uint64_t lines; /* of the last list */
};

static size_t make_contact(struct connection *connection, uint8_t *bytes, void *argument)
{
    struct book *book = argument;
    (void)connection;
    if (book->next == CONTACTS) {
        return 0;
    }
    char name[64];
    snprintf(name, sizeof name, "Contact %llu", (unsigned long long)book->next);
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    personal.name = name;
    add.personal = &personal;
    add.company = world_company_id((uint32_t)(book->next % WORLD_PROSPECTS));
    add.consent = book->next % 10 != 0;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_CONTACT_ADD;
    request.contact_add = &add;
    return pack_request(&request, book->next++, bytes);
}

static void check_contact(struct connection *connection, const uint8_t *bytes, size_t size, void *argument)
{
    struct book *book = argument;
    (void)connection;
    struct answer answer = read_answer(bytes, size);
    CHECK(answer.token < CONTACTS);
    book->contacts[answer.token] = answer.id;
}

/* Some long ago, some lately; both ways. */
static size_t make_touch(struct connection *connection, uint8_t *bytes, void *argument)
{
    struct book *book = argument;
    (void)connection;
    if (book->next == CONTACTS * TOUCHES) {
        return 0;
    }
    uint64_t number = book->next++;
    int64_t days = (int64_t)(world_scramble(number) % 200);
    Vouch__V1__TouchRecord touch = VOUCH__V1__TOUCH_RECORD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    touch.contact = book->contacts[number / TOUCHES];
    touch.kind = number % 3 == 0 ? VOUCH__V1__TIE_TOUCH__KIND__CALL : VOUCH__V1__TIE_TOUCH__KIND__EMAIL;
    touch.inbound = number % 2 == 1;
    touch.time_ms = book->now_ms - days * MS_PER_DAY - (int64_t)(number % TOUCHES) * MS_PER_HOUR;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_TOUCH_RECORD;
    request.touch_record = &touch;
    return pack_request(&request, CONTACTS + number, bytes);
}

static size_t make_today(struct connection *connection, uint8_t *bytes, void *argument)
{
    struct book *book = argument;
    (void)connection;
    Vouch__V1__Today today = VOUCH__V1__TODAY__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_TODAY;
    request.today = &today;
    return pack_request(&request, UINT64_MAX / 2 - book->next++, bytes);
}

static void check_today(struct connection *connection, const uint8_t *bytes, size_t size, void *argument)
{
    struct book *book = argument;
    (void)connection;
    read_answer(bytes, size);
    Vouch__V1__FromBroker *message = vouch__v1__from_broker__unpack(NULL, size, bytes);
    CHECK(message != NULL && message->reply->result_case == VOUCH__V1__REPLY__RESULT_TODAY);
    book->lines = message->reply->today->n_lines;
    vouch__v1__from_broker__free_unpacked(message, NULL);
}

void measure_today(const struct options *options, const struct process *broker, const struct profile *admin)
{
    struct line *median_line = report_line("today", "list of the day, 5,000 contacts, half of them no longer than",
                                           "ms", NULL, AT_MOST, GOAL_MS);
    struct line *tail_line = report_line("today.p99", "the same, 99 of 100", "ms", NULL, AT_MOST, GOAL_MS);
    struct book book = {.contacts = calloc(CONTACTS, sizeof *book.contacts), .now_ms = (int64_t)time(NULL) * 1000};
    struct line *cpu_line = report_line("today.cpu", "processor time of the broker for each", "ms", NULL, AT_MOST,
                                        GOAL_MS);
    struct connections *clients = connections_open_admin(broker, admin, CLIENTS);
    struct connections *client = connections_open_admin(broker, admin, 1);
    struct work work = {.make = make_contact, .check = check_contact, .argument = &book, .requests = CONTACTS};
    CHECK(book.contacts != NULL);
    closed_loop(clients, &work, NULL);
    book.next = 0;
    work = (struct work){.make = make_touch, .check = check_answer, .argument = &book, .requests = CONTACTS * TOUCHES};
    closed_loop(clients, &work, NULL);
    for (unsigned run = 0; run < options->runs; run++) {
        struct samples samples = {0};
        book.next = (uint64_t)run * QUESTIONS;
        work = (struct work){.make = make_today, .check = check_today, .argument = &book, .requests = QUESTIONS};
        double before = process_cpu_seconds(broker->pid);
        closed_loop(client, &work, &samples);
        double cpu_ms = (process_cpu_seconds(broker->pid) - before) * 1000 / QUESTIONS;
        report_run(median_line, samples_percentile_us(&samples, 50) / 1000, 0);
        report_run(tail_line, samples_percentile_us(&samples, 99) / 1000, 0);
        report_run(cpu_line, cpu_ms, 0);
        progress("today: %.2f ms, 99 of 100 in %.2f ms, %.2f ms of a processor, %llu lines",
                 samples_percentile_us(&samples, 50) / 1000, samples_percentile_us(&samples, 99) / 1000, cpu_ms,
                 (unsigned long long)book.lines);
        samples_free(&samples);
    }
    connections_close(&client);
    connections_close(&clients);
    free(book.contacts);
}
