/* SPDX-License-Identifier: Apache-2.0
 *
 * card: the ideal-client card. `card set` changes the fields that are given and keeps the others; without any it opens
 * an editor on the five questions. */
#include "card.h"

#include <string.h>

static int fetch_own(struct cli *cli, Vouch__V1__Reply **reply)
{
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    Vouch__V1__Request request = REQUEST(WHOAMI, whoami, &whoami);
    return session_call(cli, &request, VOUCH__V1__REPLY__RESULT_MEMBER, reply);
}

/* ---- show ---- */

static void print_list(const char *word, size_t count, char **items)
{
    if (count > 0) {
        printf("  %-11s ", word);
        for (size_t i = 0; i < count; i++) {
            printf("%s", i > 0 ? ", " : "");
            text_print(stdout, items[i]);
        }
        putchar('\n');
    }
}

static void print_card(const Vouch__V1__Member *member)
{
    const Vouch__V1__Card *card = member->card;
    text_print(stdout, member->name);
    if (card == NULL) {
        puts(" has no card yet; `vouch card set` makes one.");
        return;
    }
    putchar('\n');
    print_list("issues", card->n_issues, card->issues);
    print_list("industries", card->n_industries, card->industries);
    print_list("functions", card->n_functions, card->functions);
    print_list("countries", card->n_countries, card->countries);
    char *home[] = {card->city, card->region, card->country};
    size_t parts = 0;
    for (size_t i = 0; i < 3; i++) {
        if (home[i][0] != '\0') {
            home[parts++] = home[i];
        }
    }
    print_list("home", parts, home);
    if (card->size_max != 0) {
        printf("  %-11s %u to %u\n", "size bands", card->size_min, card->size_max);
    }
    printf("  %-11s %u open referrals at once\n", "capacity", card->capacity == 0 ? 10 : card->capacity);
    print_list("described", card->describe_me[0] != '\0', (char *[]){card->describe_me});
}

static int show(struct cli *cli)
{
    Vouch__V1__Reply *reply = NULL;
    Vouch__V1__Member *member = NULL;
    uint64_t id = 0;
    int code = EXIT_DONE;
    if (cli->args.count == 1) {
        code = fetch_own(cli, &reply);
        member = code == EXIT_DONE ? reply->member : NULL;
    } else {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[1], &id, NULL);
        Vouch__V1__MemberList list = VOUCH__V1__MEMBER_LIST__INIT;
        list.after = id - 1;
        list.limit = 1;
        Vouch__V1__Request request = REQUEST(MEMBER_LIST, member_list, &list);
        if (code == EXIT_DONE) {
            code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_MEMBERS, &reply);
        }
        if (code == EXIT_DONE && reply->members->n_members == 1 && reply->members->members[0]->id == id) {
            member = reply->members->members[0];
        } else if (code == EXIT_DONE) {
            code = fail_outcome(cli, VOUCH_NOT_FOUND, "there is no such member");
        }
    }
    if (code == EXIT_DONE && cli->json) {
        code = json_print(member->card != NULL ? json_of_message(&member->card->base) : json_object());
    } else if (code == EXIT_DONE) {
        print_card(member);
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- set ---- */

static int set_list(struct cli *cli, const char *option, size_t *count, char ***items, char *room[ARGS_LIST])
{
    if (!args_flag(&cli->args, option)) {
        return EXIT_DONE;
    }
    int found = args_list(&cli->args, option, room);
    if (found < 0) {
        return fail_usage(cli, "--%s: at most %d", option, ARGS_LIST);
    }
    *count = (size_t)found;
    *items = room;
    return EXIT_DONE;
}

int card_read_size(const struct cli *cli, const char *text, Vouch__V1__Card *card)
{
    char low[8], high[8];
    uint64_t least = 0, most = 0;
    const char *dash = strchr(text, '-');
    snprintf(low, sizeof low, "%.*s", (int)(dash != NULL ? dash - text : 7), text);
    snprintf(high, sizeof high, "%s", dash != NULL ? dash + 1 : text);
    if (!text_parse_number(low, 8, &least) || !text_parse_number(high, 8, &most) || least == 0 || most < least) {
        return fail_usage(cli, "size bands are a number from 1 to 8, or two: 3-6");
    }
    card->size_min = (uint32_t)least;
    card->size_max = (uint32_t)most;
    return EXIT_DONE;
}

static void set_text(struct cli *cli, const char *option, char **field)
{
    if (args_flag(&cli->args, option)) {
        *field = args_field(&cli->args, option);
    }
}

/* Puts the options over the fields of `card`. */
static int set_from_options(struct cli *cli, Vouch__V1__Card *card, char *room[4][ARGS_LIST])
{
    const char *size = args_text(&cli->args, "size"), *capacity = args_text(&cli->args, "capacity");
    uint64_t number = 0;
    int code = set_list(cli, "issues", &card->n_issues, &card->issues, room[0]);
    if (code == EXIT_DONE) {
        code = set_list(cli, "industries", &card->n_industries, &card->industries, room[1]);
    }
    if (code == EXIT_DONE) {
        code = set_list(cli, "functions", &card->n_functions, &card->functions, room[2]);
    }
    if (code == EXIT_DONE) {
        code = set_list(cli, "countries", &card->n_countries, &card->countries, room[3]);
    }
    if (code == EXIT_DONE && size != NULL) {
        code = card_read_size(cli, size, card);
    }
    if (code == EXIT_DONE && capacity != NULL) {
        if (!text_parse_number(capacity, 10000, &number)) {
            return fail_usage(cli, "--capacity is a number up to 10000");
        }
        card->capacity = (uint32_t)number;
    }
    set_text(cli, "city", &card->city);
    set_text(cli, "region", &card->region);
    set_text(cli, "country", &card->country);
    set_text(cli, "describe", &card->describe_me);
    return code;
}

static bool any_option(const struct cli *cli)
{
    for (int i = 0; i < cli->args.given_count; i++) {
        if (strcmp(cli->args.given[i].option->verb, "card") == 0) {
            return true;
        }
    }
    return false;
}

static int set(struct cli *cli)
{
    Vouch__V1__Reply *reply = NULL;
    int code = fetch_own(cli, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    if (reply->member->card != NULL) {
        card = *reply->member->card;
    }
    char *room[4][ARGS_LIST];
    struct card_text edited = {.text = NULL};
    code = any_option(cli) ? set_from_options(cli, &card, room) : card_edit(cli, &card, &edited, room);
    Vouch__V1__CardSetting setting = VOUCH__V1__CARD_SETTING__INIT;
    setting.card = &card;
    Vouch__V1__Request request = REQUEST(CARD_SET, card_set, &setting);
    uint64_t id = 0;
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    if (code == EXIT_DONE) {
        code = say_done(cli, id, "your card is set; `vouch card show` shows it as colleagues see it.");
    }
    card_text_free(&edited);
    vouch_reply_free(&reply);
    return code;
}

int verb_card(struct cli *cli)
{
    const char *action = cli->args.words[0];
    if (strcmp(action, "show") == 0) {
        return show(cli);
    }
    if (strcmp(action, "set") == 0 && cli->args.count == 1) {
        return set(cli);
    }
    return fail_usage(cli, "usage: vouch card set | show [MEMBER]");
}
