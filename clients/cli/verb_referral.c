/* SPDX-License-Identifier: Apache-2.0
 *
 * list and show: referrals as their parties see them. */
#include "referral.h"

#include "domain/referral_moves.h"

#include <string.h>
#include <strings.h>

/* ---- list ---- */

static int read_filter(struct cli *cli, Vouch__V1__ReferralList *list, uint64_t *limit)
{
    const char *as = args_text(&cli->args, "as");
    const char *state = args_text(&cli->args, "state");
    const char *most = args_text(&cli->args, "limit");
    int value = as != NULL ? text_enum_parse(&vouch__v1__referral_list__as__descriptor, as) : 0;
    if (value < 0) {
        return fail_usage(cli, "--as is referrer, receiver or connector");
    }
    list->as = (Vouch__V1__ReferralList__As)value;
    if (state != NULL && strcasecmp(state, "duplicate") == 0) {
        state = "duplicate-wait";
    }
    value = state != NULL ? text_enum_parse(&vouch__v1__referral_state__descriptor, state) : 0;
    if (value < 0) {
        return fail_usage(cli, "--state is draft, consent-wait, registered, offered, accepted, contacted, meeting, "
                               "opportunity, won, lost, ghosted, declined, expired, withdrawn, duplicate or held");
    }
    list->state = (Vouch__V1__ReferralState)value;
    *limit = 100;
    if (most != NULL && (!text_parse_number(most, 1000000, limit) || *limit == 0)) {
        return fail_usage(cli, "--limit is a number from 1 to 1000000");
    }
    return EXIT_DONE;
}

/* What the one who looks can do next, as a command. */
static const char *next_step(char out[64], const struct cli *cli, const Vouch__V1__Referral *referral)
{
    uint64_t me = cli->profile.member;
    const char *verb = NULL;
    switch (referral->state) {
    case VOUCH__V1__REFERRAL_STATE__OFFERED:
        verb = me == referral->receiver ? "accept" : NULL;
        break;
    case VOUCH__V1__REFERRAL_STATE__ACCEPTED:
        verb = me == referral->receiver ? "contacted" : NULL;
        break;
    case VOUCH__V1__REFERRAL_STATE__CONTACTED:
        verb = me == referral->receiver ? "met" : NULL;
        break;
    case VOUCH__V1__REFERRAL_STATE__MEETING:
        verb = me == referral->receiver ? "opportunity" : NULL;
        break;
    case VOUCH__V1__REFERRAL_STATE__OPPORTUNITY:
        verb = me == referral->receiver ? "won" : NULL;
        break;
    case VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT:
        verb = me == referral->connector && !referral->introduced ? "introduce" : NULL;
        break;
    case VOUCH__V1__REFERRAL_STATE__DRAFT:
        verb = me == referral->referrer ? "register" : NULL;
        break;
    case VOUCH__V1__REFERRAL_STATE__HELD:
        verb = me == referral->referrer ? NULL : "review";
        break;
    case VOUCH__V1__REFERRAL_STATE__REGISTERED:
    case VOUCH__V1__REFERRAL_STATE__DECLINED:
        verb = me == referral->referrer ? "match" : NULL;
        break;
    default:
        break;
    }
    out[0] = '\0';
    if (verb != NULL) {
        snprintf(out, 64, "vouch %s R%llu", verb, (unsigned long long)referral->id);
    }
    return out;
}

static void add_row(const struct cli *cli, struct table *table, const Vouch__V1__ReferralView *view)
{
    const Vouch__V1__Referral *referral = view->referral;
    char id[24], state[32], time[TIME_TEXT_BYTES], due[TIME_TEXT_BYTES], value[MONEY_TEXT_MAX] = "", next[64];
    snprintf(id, sizeof id, "R%llu", (unsigned long long)referral->id);
    if (referral->value != NULL && referral->value->currency[0] != '\0') {
        text_money(value, referral->value->minor, referral->value->currency);
    }
    const char *cells[] = {id,
                           view->prospect,
                           text_enum(state, &vouch__v1__referral_state__descriptor, (int)referral->state),
                           view->referrer,
                           view->receiver[0] != '\0' ? view->receiver : "–",
                           text_time(time, referral->changed_ms),
                           referral->due_ms != 0 ? text_due(due, referral->due_ms) : "",
                           value,
                           next_step(next, cli, referral)};
    table_row(table, cells);
}

static struct table *referral_table(void)
{
    return table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                             {"PROSPECT", COLUMN_TEXT},
                                             {"STATE", COLUMN_FIXED},
                                             {"FROM", COLUMN_TEXT},
                                             {"TO", COLUMN_TEXT},
                                             {"CHANGED", COLUMN_FIXED},
                                             {"DUE", COLUMN_FIXED},
                                             {"VALUE", COLUMN_NUMBER},
                                             {"NEXT", COLUMN_FIXED},
                                             {NULL, COLUMN_TEXT}});
}

/* Takes a page into the table or the array; answers the id to go on before, 0 at the end. */
static uint64_t take_page(const struct cli *cli, const Vouch__V1__ReferralPage *page, struct table *table, json_t *rows)
{
    for (size_t i = 0; i < page->n_referrals; i++) {
        if (page->referrals[i]->referral == NULL) {
            continue;
        }
        if (cli->json) {
            json_array_append_new(rows, json_of_message(&page->referrals[i]->base));
        } else {
            add_row(cli, table, page->referrals[i]);
        }
    }
    const Vouch__V1__ReferralView *last = page->n_referrals > 0 ? page->referrals[page->n_referrals - 1] : NULL;
    return page->more && last != NULL && last->referral != NULL ? last->referral->id : 0;
}

int verb_list(struct cli *cli)
{
    Vouch__V1__ReferralList list = VOUCH__V1__REFERRAL_LIST__INIT;
    uint64_t left = 0;
    int code = read_filter(cli, &list, &left);
    if (code != EXIT_DONE) {
        return code;
    }
    struct table *table = referral_table();
    json_t *rows = json_array();
    Vouch__V1__Request request = REQUEST(REFERRAL_LIST, referral_list, &list);
    bool more = true;
    while (code == EXIT_DONE && more && left > 0) {
        Vouch__V1__Reply *reply = NULL;
        list.limit = (uint32_t)(left < 500 ? left : 500);
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_REFERRALS, &reply);
        if (code == EXIT_DONE) {
            left -= reply->referrals->n_referrals < left ? reply->referrals->n_referrals : left;
            list.before = take_page(cli, reply->referrals, table, rows);
            more = list.before != 0;
            vouch_reply_free(&reply);
        }
    }
    if (code == EXIT_DONE && cli->json) {
        json_print(json_pack("{s:O, s:b}", "referrals", rows, "more", more));
        table_drop(&table);
    } else if (code == EXIT_DONE) {
        table_print(&table, "no referrals here; `vouch refer COMPANY` makes one, `vouch list --state won` looks back");
        if (more) {
            puts("and more: --limit shows them");
        }
    } else {
        table_drop(&table);
    }
    json_decref(rows);
    return code;
}

/* ---- show ---- */

/* How the receiver stands to a referral in this state: "OFFERED to Tom Rieke", "WON by Tom Rieke". */
static const char *receiver_word(Vouch__V1__ReferralState state)
{
    switch (state) {
    case VOUCH__V1__REFERRAL_STATE__DRAFT:
    case VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT:
    case VOUCH__V1__REFERRAL_STATE__REGISTERED:
    case VOUCH__V1__REFERRAL_STATE__DUPLICATE_WAIT:
    case VOUCH__V1__REFERRAL_STATE__HELD:
        return ", meant for ";
    case VOUCH__V1__REFERRAL_STATE__OFFERED:
        return " to ";
    case VOUCH__V1__REFERRAL_STATE__EXPIRED:
    case VOUCH__V1__REFERRAL_STATE__WITHDRAWN:
        return ", was for ";
    case VOUCH__V1__REFERRAL_STATE__MEETING:
    case VOUCH__V1__REFERRAL_STATE__OPPORTUNITY:
        return " of ";
    default:
        return " by ";
    }
}

static void print_quoted(const char *word, const char *text, const char *by)
{
    if (text[0] == '\0') {
        return;
    }
    printf("  %-9s \"", word);
    text_print(stdout, text);
    printf("\"%s", by[0] != '\0' ? "  " : "");
    text_print(stdout, by);
    putchar('\n');
}

static void print_contact(const Vouch__V1__PersonalData *contact, uint64_t id)
{
    if (contact == NULL && id != 0) {
        printf("  %-9s (erased)\n", "contact");
    }
    if (contact == NULL || contact->name[0] == '\0') {
        return;
    }
    printf("  %-9s ", "contact");
    text_print(stdout, contact->name);
    const char *const parts[] = {contact->title, contact->email, contact->phone};
    for (size_t i = 0; i < 3; i++) {
        if (parts[i][0] != '\0') {
            printf(", ");
            text_print(stdout, parts[i]);
        }
    }
    putchar('\n');
}

/* The state a step led to; where it stayed, what was done. */
static const char *step_word(char out[32], const Vouch__V1__ReferralStep *step)
{
    const struct referral_move *move = referral_move_find(step->verb);
    return move != NULL && referral_move_stays(move)
               ? move->past
               : text_enum(out, &vouch__v1__referral_state__descriptor, (int)step->to);
}

static void print_steps(const Vouch__V1__Referral *referral)
{
    for (size_t i = 0; i < referral->n_steps; i++) {
        const Vouch__V1__ReferralStep *step = referral->steps[i];
        char time[TIME_TEXT_BYTES], state[32];
        printf("  %s  %-14s ", text_time_full(time, step->time_ms), step_word(state, step));
        text_print(stdout, step->actor_name);
        const char *const texts[] = {step->text != NULL ? step->text->reason : "",
                                     step->text != NULL ? step->text->note : ""};
        for (size_t t = 0; t < 2; t++) {
            if (texts[t][0] != '\0') {
                printf("%s\"", t == 0 || texts[0][0] == '\0' ? ": " : ", ");
                text_print(stdout, texts[t]);
                putchar('"');
            }
        }
        putchar('\n');
    }
}

/* Who made it possible, in the order in which it counts. */
static void print_touches(const Vouch__V1__Referral *referral)
{
    for (size_t i = 0; i < referral->n_touches; i++) {
        const Vouch__V1__Touch *touch = referral->touches[i];
        char time[TIME_TEXT_BYTES], kind[32];
        printf("  %-9s %s  %-14s ", i == 0 ? "touches" : "", text_time_full(time, touch->time_ms),
               text_enum(kind, &vouch__v1__touch__kind__descriptor, (int)touch->kind));
        text_print(stdout, touch->name);
        if (touch->by != touch->member) {
            printf(", credited by ");
            text_print(stdout, touch->by_name);
        }
        if (touch->note[0] != '\0') {
            printf(": \"");
            text_print(stdout, touch->note);
            putchar('"');
        }
        printf("  (#%llu)\n", (unsigned long long)touch->sequence);
    }
}

/* Every number says where it comes from: base, rate, rounding, weights. */
static void print_deal(const Vouch__V1__Deal *deal)
{
    char value[MONEY_TEXT_MAX], paid[MONEY_TEXT_MAX], accrued[MONEY_TEXT_MAX];
    if (deal == NULL || deal->value == NULL) {
        return;
    }
    const char *currency = deal->value->currency;
    printf("  commission  %s paid of %s", text_money(paid, deal->paid_minor - deal->refunded_minor, currency),
           text_money(value, deal->value->minor, currency));
    if (deal->frozen != NULL) {
        printf("; terms %s v%u", deal->terms == 0 ? "of the broker" : deal->frozen->name, deal->terms_version);
    }
    printf("%s%s %s\n", deal->plugin[0] == '\0' ? "; as agreed" : "; shared by ", deal->plugin, deal->plugin_version);
    for (size_t i = 0; i < deal->n_shares; i++) {
        printf("              %s accrued  ", text_money(accrued, deal->shares[i]->accrued_minor, currency));
        text_print(stdout, deal->shares[i]->name);
        printf("  (weight %lld)\n", (long long)deal->shares[i]->weight);
    }
    printf("              vouch commission explain R%llu shows every number\n", (unsigned long long)deal->referral);
}

static void print_header(const Vouch__V1__ReferralView *view)
{
    const Vouch__V1__Referral *referral = view->referral;
    char state[32], value[MONEY_TEXT_MAX];
    text_enum(state, &vouch__v1__referral_state__descriptor, (int)referral->state);
    for (char *c = state; *c != '\0'; c++) {
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
    const char *bold = table_coloured() ? "\033[1m" : "", *plain = table_coloured() ? "\033[0m" : "";
    printf("%sR%llu%s  ", bold, (unsigned long long)referral->id, plain);
    text_print(stdout, view->prospect);
    printf("  %s%s%s", bold, state, plain);
    if (view->receiver[0] != '\0') {
        fputs(receiver_word(referral->state), stdout);
        text_print(stdout, view->receiver);
    }
    if (referral->value != NULL && referral->value->currency[0] != '\0') {
        printf(", %s", text_money(value, referral->value->minor, referral->value->currency));
    }
    printf("%s%s%s\n", referral->lead ? "  (lead: nobody vouched)" : "", referral->consent ? "  (consent)" : "",
           referral->imported ? "  (imported)" : "");
}

/* Who has to act until when; once that is over, since when it is. */
static void print_clock(const struct cli *cli, const Vouch__V1__ReferralView *view)
{
    const Vouch__V1__Referral *referral = view->referral;
    const Vouch__V1__Clock *clock = referral->clock;
    char due[TIME_TEXT_BYTES], until[TIME_TEXT_BYTES];
    if (clock == NULL) {
        if (referral->due_ms != 0) {
            printf("  %-9s expires %s unless somebody agrees\n", "due", text_due(due, referral->due_ms));
        }
        return;
    }
    const char *who = clock->member == cli->profile.member  ? "you"
                      : clock->member == referral->receiver ? view->receiver
                      : clock->member == referral->referrer ? view->referrer
                                                            : "a manager";
    if (clock->stage == VOUCH__V1__CLOCK__STAGE__PASSED) {
        printf("  %-9s somebody else is being looked for\n", "due");
        return;
    }
    printf("  %-9s %s %s: ", clock->stage == VOUCH__V1__CLOCK__STAGE__OVERDUE ? "overdue" : "due",
           clock->stage == VOUCH__V1__CLOCK__STAGE__OVERDUE ? "since" : "by", text_due(due, clock->due_ms));
    text_print(stdout, who);
    if (clock->stage == VOUCH__V1__CLOCK__STAGE__OVERDUE && clock->pass_ms != 0) {
        printf("; it passes on after %s", text_due(until, clock->pass_ms));
    } else if (clock->snoozed_until_ms != 0) {
        printf(" (put off until %s)", text_due(until, clock->snoozed_until_ms));
    }
    putchar('\n');
}

void referral_print(const struct cli *cli, const Vouch__V1__ReferralView *view)
{
    static const Vouch__V1__ReferralText nothing = VOUCH__V1__REFERRAL_TEXT__INIT;
    const Vouch__V1__Referral *referral = view->referral;
    const Vouch__V1__ReferralText *text = referral->text != NULL ? referral->text : &nothing;
    char next[64];
    print_header(view);
    print_contact(view->contact, view->referral->contact);
    print_quoted("need", text->need, "");
    print_quoted("vouch", text->vouch, view->referrer);
    print_quoted("awareness", text->awareness, "");
    if (view->connector[0] != '\0') {
        printf("  %-9s ", "via");
        text_print(stdout, view->connector);
        puts(referral->introduced ? " (introduced)" : " (asked)");
    }
    if (view->source[0] != '\0') {
        printf("  %-9s ", "source");
        text_print(stdout, view->source);
        printf(referral->source->ask != 0 ? " (A%llu)\n" : "\n", (unsigned long long)referral->source->ask);
    }
    if (referral->claim != NULL) {
        printf("  %-9s ", "claim");
        claim_print(view);
        putchar('\n');
    }
    if (referral->reciprocal != 0) {
        printf("  %-9s R%llu was won the other way round within 90 days\n", "ring?",
               (unsigned long long)referral->reciprocal);
    }
    print_clock(cli, view);
    print_steps(referral);
    print_touches(referral);
    print_deal(view->deal);
    if (next_step(next, cli, referral)[0] != '\0') {
        printf("  next      %s\n", next);
    }
}

int verb_show(struct cli *cli)
{
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    int code = name_referral(cli, cli->args.words[0], &get.referral);
    Vouch__V1__Request request = REQUEST(REFERRAL_GET, referral_get, &get);
    Vouch__V1__Reply *reply = NULL;
    if (code == EXIT_DONE) {
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_REFERRAL, &reply);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        code = json_print(json_of_message(&reply->referral->base));
    } else if (reply->referral->referral != NULL) {
        referral_print(cli, reply->referral);
    }
    vouch_reply_free(&reply);
    return code;
}
