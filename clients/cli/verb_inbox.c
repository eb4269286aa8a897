/* SPDX-License-Identifier: Apache-2.0
 *
 * inbox and watch: what happened, once and as it happens. */
#include "cli.h"

#include <stdlib.h>

#define PAGE_ROWS 200

static void print_notice(const struct cli *cli, const Vouch__V1__Notice *notice)
{
    if (cli->json) { /* one line each, so that a program can read them as they come */
        json_t *json = json_of_message(&notice->base);
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
            print_notice(cli, page->notices[i]);
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
        int code = fetch(cli, 0, true, &reply);
        if (code != EXIT_DONE) {
            return code;
        }
        after = reply->notices->cursor;
        vouch_reply_free(&reply);
    }
    vouch_subscribe(cli->vouch, after);
    for (uint64_t shown = 0; count == 0 || shown < count;) {
        Vouch__V1__Notice *notice = NULL;
        int outcome = vouch_delivery_next(cli->vouch, 60000, &notice);
        if (outcome == VOUCH_OK) {
            print_notice(cli, notice);
            fflush(stdout);
            vouch_notice_free(&notice);
            shown++;
        } else if (outcome != VOUCH_TIMEOUT) {
            return fail_outcome(cli, outcome, vouch_last_error());
        }
    }
    return EXIT_DONE;
}
