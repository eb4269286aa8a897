/* SPDX-License-Identifier: Apache-2.0
 *
 * A year's report: ten referrals for every deal of --deals (a million) are taken over as history, registered all over
 * the last year, two of five of them leads, most of them closed; then every metric is asked for, of all and by member,
 * and the curve. */
#include "bench.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CLIENTS 256
#define REFERRALS_A_DEAL 10u
#define GOAL_MS 2000.0
#define DAY_MS INT64_C(86400000)
#define YEAR_DAYS 365

struct year {
    uint64_t next;
    uint64_t count;
    int64_t now_ms;
    char period[24];
    Vouch__V1__Report__By by;
    bool curve;
    uint64_t rows; /* of the last report */
};

static size_t make_import(struct connection *connection, uint8_t *bytes, void *argument)
{
    static const Vouch__V1__ReferralState states[] = {
        VOUCH__V1__REFERRAL_STATE__WON, VOUCH__V1__REFERRAL_STATE__LOST, VOUCH__V1__REFERRAL_STATE__WITHDRAWN,
        VOUCH__V1__REFERRAL_STATE__MEETING, VOUCH__V1__REFERRAL_STATE__WON};
    struct year *year = argument;
    (void)connection;
    if (year->next == year->count) {
        return 0;
    }
    uint64_t number = year->next++;
    uint64_t choice = world_scramble(number);
    char origin[32];
    snprintf(origin, sizeof origin, "bench:%llu", (unsigned long long)number);
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    Vouch__V1__ReferralImport import = VOUCH__V1__REFERRAL_IMPORT__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    referral.referrer = world_member_id((uint32_t)(choice % WORLD_MEMBERS));
    referral.receiver = world_member_id((uint32_t)(choice / 7 % WORLD_MEMBERS));
    referral.prospect = world_company_id((uint32_t)(choice / 11 % WORLD_PROSPECTS));
    referral.state = states[choice / 13 % 5];
    referral.lead = choice / 17 % 5 < 2;
    referral.registered_ms = year->now_ms - (int64_t)(choice / 19 % (uint64_t)(YEAR_DAYS * DAY_MS));
    referral.changed_ms = referral.registered_ms + (int64_t)(choice / 23 % 250) * DAY_MS;
    if (referral.changed_ms > year->now_ms) {
        referral.state = VOUCH__V1__REFERRAL_STATE__MEETING;
        referral.changed_ms = year->now_ms;
    }
    value.minor = (int64_t)(1 + choice % 10000000);
    value.currency = "EUR";
    referral.value = referral.state == VOUCH__V1__REFERRAL_STATE__WON ? &value : NULL;
    import.referral = &referral;
    import.origin = origin;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_IMPORT;
    request.referral_import = &import;
    return pack_request(&request, number, bytes);
}

static size_t make_question(struct connection *connection, uint8_t *bytes, void *argument)
{
    struct year *year = argument;
    Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
    Vouch__V1__Curve curve = VOUCH__V1__CURVE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    (void)connection;
    report.period = curve.period = year->period;
    report.by = year->by;
    report.limit = 500;
    if (year->curve) {
        request.operation_case = VOUCH__V1__REQUEST__OPERATION_CURVE;
        request.curve = &curve;
    } else {
        request.operation_case = VOUCH__V1__REQUEST__OPERATION_REPORT;
        request.report = &report;
    }
    return pack_request(&request, UINT64_MAX / 2 + year->next++, bytes);
}

static void check_report(struct connection *connection, const uint8_t *bytes, size_t size, void *argument)
{
    struct year *year = argument;
    (void)connection;
    read_answer(bytes, size);
    Vouch__V1__FromBroker *message = vouch__v1__from_broker__unpack(NULL, size, bytes);
    CHECK(message != NULL && message->reply != NULL);
    if (message->reply->result_case == VOUCH__V1__REPLY__RESULT_REPORT) {
        year->rows = message->reply->report->n_rows;
    } else {
        CHECK(message->reply->result_case == VOUCH__V1__REPLY__RESULT_CURVE);
        year->rows = message->reply->curve->series[0]->registered + message->reply->curve->series[1]->registered;
        CHECK(year->rows >= year->count);
    }
    vouch__v1__from_broker__free_unpacked(message, NULL);
}

/* The last year to the day. */
static void set_period(struct year *year)
{
    char from[16], until[16];
    time_t now = (time_t)(year->now_ms / 1000), then = now - YEAR_DAYS * 86400 - 86400;
    struct tm parts;
    strftime(from, sizeof from, "%Y-%m-%d", gmtime_r(&then, &parts));
    strftime(until, sizeof until, "%Y-%m-%d", gmtime_r(&now, &parts));
    snprintf(year->period, sizeof year->period, "%.10s..%.10s", from, until);
}

static void ask(struct line *line, struct connections *client, struct year *year, const char *what)
{
    struct samples samples = {0};
    struct work work = {.make = make_question, .check = check_report, .argument = year, .requests = 1};
    closed_loop(client, &work, &samples);
    report_run(line, samples_percentile_us(&samples, 50) / 1000, 0);
    progress("report %s: %.0f ms, %llu rows", what, samples_percentile_us(&samples, 50) / 1000,
             (unsigned long long)year->rows);
    samples_free(&samples);
}

void measure_report(const struct options *options, const struct process *broker, const struct profile *admin)
{
    struct line *all = report_line("report", "a year's report, all metrics", "ms", NULL, AT_MOST, GOAL_MS);
    struct line *by = report_line("report.rep", "a year's report, all metrics by member", "ms", NULL, AT_MOST, GOAL_MS);
    struct line *curve = report_line("report.curve", "a year's curve", "ms", NULL, AT_MOST, GOAL_MS);
    struct year year = {.count = options->deals * REFERRALS_A_DEAL, .now_ms = (int64_t)time(NULL) * 1000};
    struct connections *clients = connections_open_admin(broker, admin, CLIENTS);
    struct connections *client = connections_open_admin(broker, admin, 1);
    struct work work = {.make = make_import, .check = check_answer, .argument = &year, .requests = year.count};
    set_period(&year);
    report_note("reports are over %llu referrals", (unsigned long long)year.count);
    progress("report: %.0f referrals a second taken over", closed_loop(clients, &work, NULL));
    for (unsigned run = 0; run < options->runs; run++) {
        year.curve = false;
        year.by = VOUCH__V1__REPORT__BY__ALL;
        ask(all, client, &year, "of all");
        year.by = VOUCH__V1__REPORT__BY__REP;
        ask(by, client, &year, "by member");
        year.curve = true;
        ask(curve, client, &year, "as a curve");
    }
    connections_close(&client);
    connections_close(&clients);
}
