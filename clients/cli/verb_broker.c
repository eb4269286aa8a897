/* SPDX-License-Identifier: Apache-2.0
 *
 * totals, stats, clock: the broker as a whole. */
#include "cli.h"

#include <string.h>
#include <time.h>

static int print_reply(Vouch__V1__Reply *reply, const ProtobufCMessage *message)
{
    int code = json_print(json_of_message(message));
    vouch_reply_free(&reply);
    return code;
}

/* ---- totals ---- */

static void print_totals(const Vouch__V1__TotalsResult *totals)
{
    char text[COUNT_TEXT_BYTES], state[32], won[MONEY_TEXT_MAX], commission[MONEY_TEXT_MAX];
    struct table *table = table_new(
        (const struct column[]){{"STATE", COLUMN_FIXED}, {"REFERRALS", COLUMN_NUMBER}, {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < totals->n_states; i++) {
        const char *cells[] = {text_enum(state, &vouch__v1__referral_state__descriptor, (int)totals->states[i]->state),
                               text_count(text, totals->states[i]->count)};
        table_row(table, cells);
    }
    table_print(&table, "no referrals yet");
    if (totals->imported > 0) {
        printf("of these, %s came from another system\n", text_count(text, totals->imported));
    }
    if (totals->n_amounts > 0) {
        putchar('\n');
    }
    table = table_new((const struct column[]){
        {"WON", COLUMN_NUMBER}, {"VALUE", COLUMN_NUMBER}, {"COMMISSION ACCRUED", COLUMN_NUMBER}, {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < totals->n_amounts; i++) {
        const Vouch__V1__TotalsResult__Amount *amount = totals->amounts[i];
        const char *cells[] = {text_count(text, amount->won), text_money(won, amount->won_minor, amount->currency),
                               text_money(commission, amount->commission_minor, amount->currency)};
        table_row(table, cells);
    }
    table_print(&table, "nothing won yet");
}

int verb_totals(struct cli *cli)
{
    Vouch__V1__Totals totals = VOUCH__V1__TOTALS__INIT;
    Vouch__V1__Request request = REQUEST(TOTALS, totals, &totals);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_TOTALS, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        return print_reply(reply, &reply->totals->base);
    }
    print_totals(reply->totals);
    vouch_reply_free(&reply);
    return EXIT_DONE;
}

/* ---- stats ---- */

int verb_stats(struct cli *cli)
{
    Vouch__V1__ServerStats stats = VOUCH__V1__SERVER_STATS__INIT;
    Vouch__V1__Request request = REQUEST(SERVER_STATS, server_stats, &stats);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_STATS, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        return print_reply(reply, &reply->stats->base);
    }
    struct table *table = table_new(
        (const struct column[]){{"COUNTER", COLUMN_FIXED}, {"VALUE", COLUMN_NUMBER}, {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < reply->stats->n_counters; i++) {
        char value[COUNT_TEXT_BYTES];
        const char *cells[] = {reply->stats->counters[i]->name, text_count(value, reply->stats->counters[i]->value)};
        table_row(table, cells);
    }
    table_print(&table, "no counters");
    vouch_reply_free(&reply);
    return EXIT_DONE;
}

/* ---- clock ---- */

/* "+90s", "+30m", "+8h", "+7d" from `now_ms`; false when it is no such thing. */
static bool parse_step(const char *text, int64_t now_ms, int64_t *time_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    char digits[16];
    size_t length = strlen(text);
    if (text[0] != '+' || length < 3 || length > sizeof digits) {
        return false;
    }
    snprintf(digits, sizeof digits, "%.*s", (int)(length - 2), text + 1);
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].unit == text[length - 1] && text_parse_number(digits, 1000000, &number)) {
            *time_ms = now_ms + (int64_t)number * units[i].ms;
            return true;
        }
    }
    return false;
}

/* "2017-03-01", "2017-03-01T09:00", with seconds, with "Z"; without "Z" in the local zone. */
static bool parse_time(const char *text, int64_t *time_ms)
{
    static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
                                          "%Y-%m-%d"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct tm parts = {.tm_isdst = -1};
        const char *end = strptime(text, formats[i], &parts);
        if (end != NULL && (*end == '\0' || strcmp(end, "Z") == 0)) {
            *time_ms = (int64_t)(*end == 'Z' ? timegm(&parts) : mktime(&parts)) * 1000;
            return true;
        }
    }
    return false;
}

int verb_clock(struct cli *cli)
{
    Vouch__V1__ClockSet set = VOUCH__V1__CLOCK_SET__INIT;
    int64_t now_ms = 0;
    uint64_t id = 0;
    if (strcmp(cli->args.words[0], "set") != 0 || cli->args.count != 2) {
        return fail_usage(cli, "usage: vouch clock set TIME, as 2017-03-01T09:00Z or +8h");
    }
    const char *text = cli->args.words[1];
    int code = text[0] == '+' ? session_ask_time(cli, &now_ms, NULL) : EXIT_DONE;
    if (code != EXIT_DONE) {
        return code;
    }
    if (!parse_step(text, now_ms, &set.time_ms) && !parse_time(text, &set.time_ms)) {
        return fail_usage(cli, "'%.60s' is no time; write 2017-03-01T09:00Z, 2017-03-01 09:00 (local) or +8h", text);
    }
    Vouch__V1__Request request = REQUEST(CLOCK_SET, clock_set, &set);
    code = session_command(cli, &request, &id);
    char time[TIME_TEXT_BYTES];
    return code != EXIT_DONE ? code : say_done(cli, id, "the broker's clock: %s", text_time_full(time, set.time_ms));
}
