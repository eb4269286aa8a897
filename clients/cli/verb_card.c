/* SPDX-License-Identifier: Apache-2.0
 *
 * card: the ideal-client card. `card set` changes the fields that are given and keeps the others; without any it opens
 * an editor on the five questions. */
#include "card.h"

#include "company.h"

#include "domain/vocabulary.h"

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

/* Name, where from, and which version it is. */
static void print_heading(const Vouch__V1__CardView *view)
{
    char when[TIME_TEXT_BYTES];
    text_print(stdout, view->name);
    const char *const from[] = {view->company, view->team};
    for (size_t i = 0; i < 2; i++) {
        if (from[i][0] != '\0') {
            fputs(", ", stdout);
            text_print(stdout, from[i]);
        }
    }
    if (view->card->version == 0) {
        putchar('\n');
    } else if (view->card->version < view->newest) {
        printf("   version %u of %u, of %s\n", view->card->version, view->newest, text_time(when, view->card->set_ms));
    } else {
        printf("   version %u, of %s\n", view->card->version, text_time(when, view->card->set_ms));
    }
}

static void print_card(const Vouch__V1__CardView *view)
{
    const Vouch__V1__Card *card = view->card;
    if (card == NULL) {
        text_print(stdout, view->name);
        puts(" has no card yet; `vouch card set` makes one.");
        return;
    }
    print_heading(view);
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
    print_list("free tags", view->n_free, view->free);
}

static int show(struct cli *cli)
{
    Vouch__V1__CardGet get = VOUCH__V1__CARD_GET__INIT;
    Vouch__V1__Request request = REQUEST(CARD_GET, card_get, &get);
    Vouch__V1__Reply *reply = NULL;
    const char *version = args_text(&cli->args, "version");
    uint64_t number = 0;
    int code = EXIT_DONE;
    if (version != NULL && (!text_parse_number(version, UINT32_MAX, &number) || number == 0)) {
        return fail_usage(cli, "--version is the number of a version, from 1 on");
    }
    get.version = (uint32_t)number;
    if (cli->args.count > 1) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[1], &get.member, NULL);
    }
    if (code == EXIT_DONE) {
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_CARD, &reply);
    }
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->card->base));
    } else if (code == EXIT_DONE) {
        print_card(reply->card);
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
        if (!text_parse_number(capacity, 10000, &number) || number == 0) {
            return fail_usage(cli,
                              "--capacity is a number from 1 to 10000; who is away says `vouch calendar set --off`");
        }
        card->capacity = (uint32_t)number;
    }
    set_text(cli, "city", &card->city);
    set_text(cli, "region", &card->region);
    set_text(cli, "country", &card->country);
    set_text(cli, "describe", &card->describe_me);
    return code;
}

/* Words that are nearly one of the vocabulary are likely slips; they are kept as they are, for they may be meant. */
static void hint_slips(enum vocabulary vocabulary, const char *option, size_t count, char *const *words)
{
    for (size_t i = 0; i < count; i++) {
        const char *nearly = vocabulary_nearly(vocabulary, words[i]);
        if (nearly != NULL) {
            fputs("vouch: '", stderr);
            text_print(stderr, words[i]);
            fprintf(stderr, "' is a free tag; did you mean '%s'? (--%s)\n", nearly, option);
        }
    }
}

/* Codes for names, in what was given now: what was there is the answer's, and stays as it is. */
static void read_countries(const struct cli *cli, Vouch__V1__Card *card, char *const given[ARGS_LIST])
{
    for (size_t i = 0; card->countries == given && i < card->n_countries; i++) {
        card->countries[i] = company_country(card->countries[i]);
    }
    if (args_flag(&cli->args, "country")) {
        card->country = company_country(card->country);
    }
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
    code = args_any(&cli->args) ? set_from_options(cli, &card, room) : card_edit(cli, &card, &edited, room);
    read_countries(cli, &card, room[3]);
    Vouch__V1__CardSetting setting = VOUCH__V1__CARD_SETTING__INIT;
    setting.card = &card;
    Vouch__V1__Request request = REQUEST(CARD_SET, card_set, &setting);
    uint64_t id = 0;
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    if (code == EXIT_DONE) {
        if (edited.text != NULL || args_flag(&cli->args, "industries")) {
            hint_slips(VOCABULARY_INDUSTRY, "industries", card.n_industries, card.industries);
        }
        if (edited.text != NULL || args_flag(&cli->args, "functions")) {
            hint_slips(VOCABULARY_FUNCTION, "functions", card.n_functions, card.functions);
        }
        code = say_done(cli, id, "your card is set; `vouch card show` shows it as colleagues see it.");
    }
    card_text_free(&edited);
    vouch_reply_free(&reply);
    return code;
}

/* ---- words ---- */

static json_t *json_words(enum vocabulary vocabulary)
{
    json_t *words = json_array();
    for (size_t i = 0; vocabulary_list(vocabulary, i) != NULL; i++) {
        json_array_append_new(words, json_string(vocabulary_list(vocabulary, i)));
    }
    return words;
}

static void list_words(const char *title, enum vocabulary vocabulary)
{
    printf("%s\n", title);
    size_t column = 0;
    for (size_t i = 0; vocabulary_list(vocabulary, i) != NULL; i++) {
        const char *word = vocabulary_list(vocabulary, i);
        bool first = column == 0 || column + strlen(word) > 100;
        column = first ? strlen(word) : column + strlen(word) + 2;
        printf("%s%s", i == 0 ? "  " : first ? ",\n  " : ", ", word);
    }
    putchar('\n');
}

static int print_words(const struct cli *cli)
{
    if (cli->json) {
        return json_print(json_pack("{s:o, s:o}", "industries", json_words(VOCABULARY_INDUSTRY), "functions",
                                    json_words(VOCABULARY_FUNCTION)));
    }
    list_words("industries (or a code: naics:522110, isic:K64, sic:6021)", VOCABULARY_INDUSTRY);
    list_words("functions", VOCABULARY_FUNCTION);
    puts("Any other word is a free tag: it is kept, and compared letter by letter.");
    return EXIT_DONE;
}

int verb_card(struct cli *cli)
{
    const char *action = cli->args.count > 0 ? cli->args.words[0] : "show";
    if (strcmp(action, "show") == 0) {
        return show(cli);
    }
    if (strcmp(action, "set") == 0 && cli->args.count == 1 && args_flag(&cli->args, "version")) {
        return fail_usage(cli, "versions are kept as they were; `vouch card show --version 2` shows one");
    }
    if (strcmp(action, "set") == 0 && cli->args.count == 1) {
        return set(cli);
    }
    if (strcmp(action, "words") == 0 && cli->args.count == 1) {
        return print_words(cli);
    }
    return fail_usage(cli, "usage: vouch card show [MEMBER] | set | words");
}
