/* SPDX-License-Identifier: Apache-2.0
 *
 * contact show: a person with everything that this member may see of them, and the commands that go on from there. */
#include "contact.h"

#include "tie.h"

#include <inttypes.h>

#define TOUCHES_SHOWN 5

struct shown {
    Vouch__V1__Reply *person, *touches, *asks;
    const Vouch__V1__ContactView *view;
};

static void shown_free(struct shown *shown)
{
    vouch_reply_free(&shown->person);
    vouch_reply_free(&shown->touches);
    vouch_reply_free(&shown->asks);
}

/* Touches and asks are of those who have a tie; an admin may look without. */
static int fetch(struct cli *cli, uint64_t contact, struct shown *shown)
{
    Vouch__V1__ContactGet get = VOUCH__V1__CONTACT_GET__INIT;
    Vouch__V1__TouchList touches = VOUCH__V1__TOUCH_LIST__INIT;
    Vouch__V1__AskList asks = VOUCH__V1__ASK_LIST__INIT;
    get.contact = touches.contact = asks.contact = contact;
    touches.limit = TOUCHES_SHOWN;
    asks.limit = 20;
    Vouch__V1__Request request = REQUEST(CONTACT_GET, contact_get, &get);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_CONTACT, &shown->person);
    if (code != EXIT_DONE) {
        return code;
    }
    shown->view = shown->person->contact;
    if (shown->view->tie == NULL) {
        return EXIT_DONE;
    }
    request = (Vouch__V1__Request)REQUEST(TOUCH_LIST, touch_list, &touches);
    code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_TOUCHES, &shown->touches);
    request = (Vouch__V1__Request)REQUEST(ASK_LIST, ask_list, &asks);
    return code != EXIT_DONE ? code : session_call(cli, &request, VOUCH__V1__REPLY__RESULT_ASKS, &shown->asks);
}

/* ---- details ---- */

static void print_field(const char *label, const char *text)
{
    if (text[0] != '\0') {
        printf("  %-9s ", label);
        text_print(stdout, text);
        putchar('\n');
    }
}

/* The first one and the further ones; nothing where there is none. */
static void print_list(const char *label, const char *first, size_t count, char *const *further)
{
    if (first[0] == '\0' && count == 0) {
        return;
    }
    printf("  %-9s ", label);
    text_print(stdout, first);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 || first[0] != '\0' ? ", " : "", stdout);
        text_print(stdout, further[i]);
    }
    putchar('\n');
}

static void print_consent(const Vouch__V1__Contact *contact)
{
    char when[TIME_TEXT_BYTES];
    if (contact->withdrawn_ms != 0) {
        printf("  %-9s withdrawn %s; introduce nobody\n", "consent", text_time(when, contact->withdrawn_ms));
    } else {
        printf("  %-9s %s\n", "consent", contact->consent ? "agreed to be introduced" : "not told");
    }
}

static void print_company(const Vouch__V1__ContactView *view)
{
    if (view->company[0] == '\0' && view->n_former == 0) {
        return;
    }
    printf("  %-9s ", "company");
    text_print(stdout, view->company[0] != '\0' ? view->company : "not known");
    for (size_t i = 0; i < view->n_former; i++) {
        fputs(i == 0 ? " (formerly " : ", ", stdout);
        text_print(stdout, view->former[i]);
    }
    puts(view->n_former > 0 ? ")" : "");
}

static void print_aliases(const Vouch__V1__ContactView *view)
{
    for (size_t i = 0; i < view->n_merged; i++) {
        const Vouch__V1__Contact *alias = view->merged[i];
        printf("  %-9s ", "also");
        text_print(stdout, alias->personal == NULL ? "(erased)" : alias->personal->name);
        if (alias->personal != NULL && alias->personal->email[0] != '\0') {
            fputs(", ", stdout);
            text_print(stdout, alias->personal->email);
        }
        printf(" (contact %" PRIu64 ", merge %" PRIu64 ")\n", alias->id, alias->merge);
    }
}

static void print_details(const Vouch__V1__ContactView *view)
{
    const Vouch__V1__Contact *contact = view->contact;
    const Vouch__V1__PersonalData *personal = contact->personal;
    char when[TIME_TEXT_BYTES];
    if (personal == NULL) {
        printf("contact %" PRIu64 " (erased)\n", contact->id);
        return;
    }
    text_print(stdout, personal->name);
    fputs(personal->title[0] != '\0' ? ", " : "", stdout);
    text_print(stdout, personal->title);
    printf(" (contact %" PRIu64 ")\n", contact->id);
    print_company(view);
    print_list("e-mail", personal->email, personal->n_emails, personal->emails);
    print_list("phone", personal->phone, personal->n_phones, personal->phones);
    print_list("tags", "", personal->n_tags, personal->tags);
    print_consent(contact);
    print_aliases(view);
    printf("  %-9s %s%s", "known", text_time(when, contact->added_ms), view->added_by[0] != '\0' ? ", added by " : "");
    text_print(stdout, view->added_by);
    putchar('\n');
}

/* ---- what this member has to do with them ---- */

static void print_notes(const Vouch__V1__ContactView *view)
{
    for (size_t i = 0; i < view->n_notes; i++) {
        char when[TIME_TEXT_BYTES];
        print_field(i == 0 ? "notes" : "", text_time(when, view->notes[i]->time_ms));
        printf("            \"");
        text_print(stdout, view->notes[i]->text);
        puts("\"");
    }
    if (view->more_notes) {
        puts("            … and older ones: vouch export");
    }
}

static void print_asks(const Vouch__V1__AskPage *page)
{
    for (size_t i = 0; i < page->n_asks; i++) {
        const Vouch__V1__Ask *ask = page->asks[i]->ask;
        char state[32], when[TIME_TEXT_BYTES];
        printf("  %-9s A%" PRIu64 " %s, %s\n", i == 0 ? "asks" : "", ask->id,
               text_enum(state, &vouch__v1__ask_state__descriptor, (int)ask->state),
               text_time(when, ask->asked_ms != 0 ? ask->asked_ms : ask->prepared_ms));
    }
}

static void print_referrals(const Vouch__V1__ContactView *view)
{
    for (size_t i = 0; i < view->n_referrals; i++) {
        const Vouch__V1__ReferralView *row = view->referrals[i];
        char state[32], when[TIME_TEXT_BYTES];
        printf("  %-9s R%" PRIu64 " ", i == 0 ? "referrals" : "", row->referral->id);
        text_print(stdout, row->prospect);
        printf(", %s since %s\n", text_enum(state, &vouch__v1__referral_state__descriptor, (int)row->referral->state),
               text_time(when, row->referral->changed_ms));
    }
    if (view->more_referrals) {
        puts("            … and older ones: vouch list");
    }
}

static void print_shown(const struct shown *shown)
{
    print_details(shown->view);
    if (shown->touches != NULL) {
        printf("  %-9s ", "tie");
        tie_print_standing(shown->touches->touches->standing);
        putchar('\n');
        print_asks(shown->asks->asks);
    }
    print_referrals(shown->view);
    print_notes(shown->view);
    if (shown->touches != NULL && shown->touches->touches->n_touches > 0) {
        putchar('\n');
        tie_print_touches(shown->touches->touches);
    }
}

static int print_json(const struct shown *shown)
{
    json_t *all = json_object();
    json_object_set_new(all, "person", json_of_message(&shown->view->base));
    if (shown->touches != NULL) {
        json_object_set_new(all, "tie", json_of_message(&shown->touches->touches->base));
        json_object_set_new(all, "asks", json_of_message(&shown->asks->asks->base));
    }
    return json_print(all);
}

int contact_show(struct cli *cli)
{
    struct shown shown = {.view = NULL};
    uint64_t contact = 0;
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[1], &contact, NULL);
    if (code == EXIT_DONE) {
        code = fetch(cli, contact, &shown);
    }
    if (code == EXIT_DONE && cli->json) {
        code = print_json(&shown);
    } else if (code == EXIT_DONE) {
        print_shown(&shown);
    }
    shown_free(&shown);
    return code;
}
