/* SPDX-License-Identifier: Apache-2.0
 *
 * Hostile text: every line of the big list of naughty strings as name, tag, domain, e-mail and text of every command
 * that takes one. Each is done or refused with a sentence; what was done can be found, shown and replayed. */
#include "base/message.h"
#include "domain/names.h"
#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 8192

/* Lines that are worth trying where the list is not there; each of them broke something somewhere. */
static const char *const own[] = {
    "",
    " ",
    "undefined",
    "NULL",
    "-1",
    "1e100",
    "\xE2\x80\xAEtest\xE2\x80\xAE",
    "\xEF\xB7\xBD\xEF\xB7\xBA\xEF\xB7\xBA", /* one character folds to eighteen */
    "Z\xCD\x91\xCC\xAB\xCD\x93\xCC\xAA\xCC\x82\xCD\xABl\xCD\x96",
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",
    "\xD8\xA7\xD9\x84\xD9\x83\xD9\x84",
    "%s%n%x",
    "'; DROP TABLE member; --",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "\x1B[31mred\x1B[0m",
    "a\xC2\xAD\x62",
    "\xC0\x80",
    "\xED\xA0\x80",
};

static void answered(const struct world *world, enum vouch_status status, const char *text)
{
    cr_assert(status == VOUCH_OK || status == VOUCH_INVALID || status == VOUCH_TOO_LARGE || status == VOUCH_DUPLICATE ||
                  status == VOUCH_CONFLICT,
              "\"%s\": %s", text, status_name(status));
    cr_assert(status == VOUCH_OK || world->why.text[0] != '\0');
}

/* As on the wire: what the message rules refuse does not come this far. */
static bool passes_rules(const Vouch__V1__Request *request, struct status_text *why)
{
    uint8_t id[16] = {1};
    Vouch__V1__Request whole = *request;
    whole.id = (ProtobufCBinaryData){16, id};
    return message_validate(&whole.base, why) == VOUCH_OK;
}

static bool done(struct world *world, uint64_t member, const Vouch__V1__Request *request, const char *text)
{
    if (!passes_rules(request, &world->why)) {
        cr_assert_neq(world->why.text[0], '\0');
        return false;
    }
    enum vouch_status status = world_try(world, member, NULL, request);
    answered(world, status, text);
    return status == VOUCH_OK;
}

static void find_again(struct world *world, Vouch__V1__Find__Kind kind, char *text, uint64_t id)
{
    Vouch__V1__Find find = VOUCH__V1__FIND__INIT;
    Vouch__V1__Reply reply;
    find.kind = kind;
    find.text = text;
    if (!passes_rules(REQUEST_OF(FIND, find, &find), &world->why)) {
        return; /* longer than what can be looked for */
    }
    cr_assert_eq(world_ask(world, 2, REQUEST_OF(FIND, find, &find), &reply), VOUCH_OK, "%s", world->why.text);
    bool found = reply.found->more;
    for (size_t i = 0; i < reply.found->n_hits; i++) {
        found = found || reply.found->hits[i]->id == id;
    }
    cr_assert(found, "\"%s\" is there and not found", text);
}

static void try_names(struct world *world, char *text)
{
    Vouch__V1__CompanyAdd company = VOUCH__V1__COMPANY_ADD__INIT;
    company.name = text;
    if (done(world, 2, REQUEST_OF(COMPANY_ADD, company_add, &company), text)) {
        find_again(world, VOUCH__V1__FIND__KIND__COMPANY, text, world->answer_id);
    }
    company.name = "Kestrel";
    company.domain = company.industry = company.city = text;
    done(world, 2, REQUEST_OF(COMPANY_ADD, company_add, &company), text);

    Vouch__V1__MemberInvite invite = VOUCH__V1__MEMBER_INVITE__INIT;
    invite.name = text;
    invite.role = VOUCH__V1__ROLE__REP;
    if (done(world, WORLD_ADMIN, REQUEST_OF(MEMBER_INVITE, member_invite, &invite), text)) {
        find_again(world, VOUCH__V1__FIND__KIND__MEMBER, text, world->answer_id);
    }

    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd contact = VOUCH__V1__CONTACT_ADD__INIT;
    contact.personal = &person;
    person.name = person.title = person.phone = text;
    if (done(world, 2, REQUEST_OF(CONTACT_ADD, contact_add, &contact), text)) {
        find_again(world, VOUCH__V1__FIND__KIND__CONTACT, text, world->answer_id);
    }
    person.name = "Dana";
    person.title = person.phone = "";
    person.email = text;
    done(world, 2, REQUEST_OF(CONTACT_ADD, contact_add, &contact), text);
}

static void try_texts(struct world *world, char *line)
{
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    set.card = &card;
    card.issues = card.countries = &line;
    card.n_issues = card.n_countries = 1;
    card.city = card.describe_me = line;
    done(world, 2, REQUEST_OF(CARD_SET, card_set, &set), line);

    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    text.need = text.vouch = text.awareness = line;
    submit.prospect = 2;
    submit.receiver = 3;
    submit.consent = true;
    submit.product = line;
    submit.text = &text;
    if (!done(world, 2, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit), line)) {
        submit.product = "";
        if (!done(world, 2, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit), line)) {
            return;
        }
    }
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    text.reason = text.note = line;
    move.referral = world->answer_id;
    move.verb = VOUCH__V1__REFERRAL_VERB__DECLINE;
    move.text = &text;
    cr_assert(done(world, 3, REQUEST_OF(REFERRAL_MOVE, referral_move, &move), line));
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    Vouch__V1__Reply reply;
    get.referral = move.referral;
    cr_assert_eq(world_ask(world, 2, REQUEST_OF(REFERRAL_GET, referral_get, &get), &reply), VOUCH_OK);
    cr_assert_eq(message_validate(&reply.base, &world->why), VOUCH_OK, "%s", world->why.text);
}

static void check_inbox(struct world *world)
{
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    Vouch__V1__Reply reply;
    page.limit = 50;
    do {
        cr_assert_eq(world_ask(world, 2, REQUEST_OF(INBOX_PAGE, inbox_page, &page), &reply), VOUCH_OK);
        cr_assert_eq(message_validate(&reply.base, &world->why), VOUCH_OK, "%s", world->why.text);
        cr_assert_gt(reply.notices->n_notices, 0);
        page.after = reply.notices->notices[reply.notices->n_notices - 1]->inbox_sequence;
    } while (reply.notices->more);
}

static struct world *world_with_people(void)
{
    struct world *world = world_new();
    world_company(world, "Kestrel Bank", "kestrel.example", 0);
    cr_assert_eq(world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, ""), 2);
    cr_assert_eq(world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, ""), 3);
    return world;
}

Test(naughty, own_strings)
{
    struct world *world = world_with_people();
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        char *text = strdup(own[i]);
        try_names(world, text);
        try_texts(world, text);
        free(text);
    }
    check_inbox(world);
    world_verify(world);
    world_free(&world);
}

Test(naughty, the_big_list)
{
    FILE *file = fopen("../shared/data/strings/blns.txt", "r");
    if (file == NULL) {
        cr_skip_test("../shared/data/strings is not there");
    }
    struct world *world = world_with_people();
    static char line[LINE_BYTES];
    int lines = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '#') {
            try_names(world, line);
            try_texts(world, line);
            lines++;
        }
    }
    fclose(file);
    cr_assert_gt(lines, 400);
    check_inbox(world);
    world_verify(world);
    world_free(&world);
}
