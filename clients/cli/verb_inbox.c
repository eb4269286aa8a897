/* SPDX-License-Identifier: Apache-2.0
 *
 * inbox and watch: what happened, once and as it happens. */
#include "today.h"

#include <stdlib.h>

#define PAGE_ROWS 200
#define TODAY_LINES 200

/* `command` settles it; "": nothing is to be done, or it is not known. */
static void print_notice(const struct cli *cli, const Vouch__V1__Notice *notice, const char *command)
{
    if (cli->json) { /* one line each, so that a program can read them as they come */
        json_t *json = json_of_message(&notice->base);
        if (command[0] != '\0') {
            json_object_set_new(json, "command", json_string(command));
        }
        json_dumpf(json, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
        putchar('\n');
        json_decref(json);
        return;
    }
    char time[TIME_TEXT_BYTES], referral[24] = "";
    if (notice->referral != 0) {
        snprintf(referral, sizeof referral, "R%llu", (unsigned long long)notice->referral);
    }
    printf("%-12s  %-6s  ", text_time(time, notice->time_ms), referral);
    text_print(stdout, notice->text);
    putchar('\n');
    if (command[0] != '\0') {
        printf("%-12s  %-6s  → ", "", "");
        text_print(stdout, command);
        putchar('\n');
    }
}

static int acknowledge(struct cli *cli, uint64_t up_to)
{
    Vouch__V1__InboxAck ack = VOUCH__V1__INBOX_ACK__INIT;
    ack.up_to = up_to;
    Vouch__V1__Request request = REQUEST(INBOX_ACK, inbox_ack, &ack);
    uint64_t id = 0;
    return session_command(cli, &request, &id);
}

static int fetch(struct cli *cli, uint64_t after, bool unread, Vouch__V1__Reply **reply)
{
    Vouch__V1__InboxPage wanted = VOUCH__V1__INBOX_PAGE__INIT;
    wanted.after = after;
    wanted.unread = unread;
    wanted.limit = PAGE_ROWS;
    Vouch__V1__Request request = REQUEST(INBOX_PAGE, inbox_page, &wanted);
    return session_call(cli, &request, VOUCH__V1__REPLY__RESULT_NOTICES, reply);
}

int verb_inbox(struct cli *cli)
{
    uint64_t last = 0, cursor = 0;
    bool unread = !args_flag(&cli->args, "all"), more = true;
    int code = EXIT_DONE;
    for (bool first = true; code == EXIT_DONE && more; first = false) {
        Vouch__V1__Reply *reply = NULL;
        code = fetch(cli, last, unread && first, &reply);
        if (code != EXIT_DONE) {
            return code;
        }
        const Vouch__V1__NoticePage *page = reply->notices;
        cursor = page->cursor;
        more = page->more && page->n_notices > 0;
        for (size_t i = 0; i < page->n_notices; i++) {
            print_notice(cli, page->notices[i], "");
            last = page->notices[i]->inbox_sequence;
        }
        if (first && page->n_notices == 0 && !cli->json) {
            puts(unread ? "nothing new. `vouch inbox --all` shows what you have read; `vouch list` what is open."
                        : "nothing yet.");
        }
        vouch_reply_free(&reply);
    }
    if (last > cursor && !args_flag(&cli->args, "keep")) {
        code = acknowledge(cli, last);
    }
    return code;
}

/* ---- watch ---- */

/* The command that settles what a notice tells of, from the list of the day; "" when there is none, or no list can be
 * had now. `*day` is the list that was fetched last; it does for all that it has seen. */
static const char *command_of(struct cli *cli, const Vouch__V1__Notice *notice, Vouch__V1__Reply **day,
                              char command[TODAY_COMMAND_BYTES])
{
    command[0] = '\0';
    if (notice->referral == 0) {
        return command;
    }
    if (*day == NULL || (*day)->sequence < notice->sequence) {
        Vouch__V1__Today today = VOUCH__V1__TODAY__INIT;
        Vouch__V1__Request request = REQUEST(TODAY, today, &today);
        today.limit = TODAY_LINES;
        vouch_reply_free(day);
        if (vouch_call(cli->vouch, &request, cli->timeout_ms, day) != VOUCH_OK) {
            vouch_reply_free(day);
        }
    }
    if (*day == NULL || (*day)->result_case != VOUCH__V1__REPLY__RESULT_TODAY) {
        return command;
    }
    const Vouch__V1__TodayList *list = (*day)->today;
    for (size_t i = 0; i < list->n_lines; i++) {
        if (list->lines[i]->referral == notice->referral) {
            return today_command(command, list->lines[i]);
        }
    }
    return command;
}

/* What has been shown is not marked as read: that is the inbox's to do. */
int verb_watch(struct cli *cli)
{
    uint64_t after = 0, count = 0;
    const char *from = args_text(&cli->args, "after");
    const char *limit = args_text(&cli->args, "count");
    if ((from != NULL && !text_parse_number(from, UINT64_MAX >> 8, &after)) ||
        (limit != NULL && (!text_parse_number(limit, UINT64_MAX >> 8, &count) || count == 0))) {
        return fail_usage(cli, "--after and --count are whole numbers");
    }
    if (from == NULL) {
        Vouch__V1__Reply *reply = NULL;
        int fetched = fetch(cli, 0, true, &reply);
        if (fetched != EXIT_DONE) {
            return fetched;
        }
        after = reply->notices->cursor;
        vouch_reply_free(&reply);
    }
    vouch_subscribe(cli->vouch, after);
    Vouch__V1__Reply *day = NULL;
    int code = EXIT_DONE;
    for (uint64_t shown = 0; code == EXIT_DONE && (count == 0 || shown < count);) {
        char command[TODAY_COMMAND_BYTES];
        Vouch__V1__Notice *notice = NULL;
        int outcome = vouch_delivery_next(cli->vouch, 60000, &notice);
        if (outcome == VOUCH_OK) {
            text_set_now(vouch_broker_time_ms(cli->vouch));
            print_notice(cli, notice, command_of(cli, notice, &day, command));
            fflush(stdout);
            vouch_notice_free(&notice);
            shown++;
        } else if (outcome != VOUCH_TIMEOUT) {
            code = fail_outcome(cli, outcome, vouch_last_error());
        }
    }
    vouch_reply_free(&day);
    return code;
}
