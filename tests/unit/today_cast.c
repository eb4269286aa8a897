/* SPDX-License-Identifier: Apache-2.0
 *
 * The cast, and what it does. */
#include "today_cast.h"

#include "base/clock.h"

#include <criterion/criterion.h>

struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.ana = world_member(cast.world, "Ana Sousa", ROLE(REP), WORLD_HOME, "DACH");
    cast.tom = world_member(cast.world, "Tom Rieke", ROLE(REP), WORLD_HOME, "DACH");
    cast.max = world_member(cast.world, "Max Lutz", ROLE(MANAGER), WORLD_HOME, "DACH");
    cast.zoe = world_member(cast.world, "Zoe Hart", ROLE(MANAGER), WORLD_HOME, "Nordics");
    cast.kestrel = world_company(cast.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    cast.orrin = world_company(cast.world, "Orrin Foods", "orrin.example", VOUCH__V1__COMPANY_KIND__CLIENT);
    cast.halden = world_company(cast.world, "Halden AG", "halden.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return cast;
}

void cast_free(struct cast *cast)
{
    world_verify(cast->world);
    world_free(&cast->world);
}

enum vouch_status look_as(struct cast *cast, uint64_t asker, uint64_t member, uint32_t limit)
{
    Vouch__V1__Today today = VOUCH__V1__TODAY__INIT;
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    today.member = member;
    today.limit = limit;
    enum vouch_status status = world_ask(cast->world, asker, REQUEST_OF(TODAY, today, &today), &reply);
    cast->list = status == VOUCH_OK ? reply.today : NULL;
    return status;
}

void look(struct cast *cast, uint64_t member)
{
    cr_assert_eq(look_as(cast, member, 0, 0), VOUCH_OK, "%s", cast->world->why.text);
}

void expect_kinds(const struct cast *cast, int line, const Vouch__V1__TodayLine__Kind *kinds, size_t count)
{
    for (size_t i = 0; i < cast->list->n_lines && i < count; i++) {
        cr_assert_eq(cast->list->lines[i]->kind, kinds[i], "line %d: the %zuth is '%s, %s' of kind %d, not %d", line,
                     i + 1, cast->list->lines[i]->subject, cast->list->lines[i]->reason,
                     (int)cast->list->lines[i]->kind, (int)kinds[i]);
    }
    cr_assert_eq(cast->list->n_lines, count, "line %d: %zu lines, not %zu", line, cast->list->n_lines, count);
}

void expect_nothing(struct cast *cast, uint64_t member)
{
    look(cast, member);
    cr_assert_eq(cast->list->n_lines, 0, "'%s, %s'", cast->list->lines[0]->subject, cast->list->lines[0]->reason);
}

void must_move(struct cast *cast, uint64_t member, uint64_t referral, Vouch__V1__ReferralVerb verb, uint64_t receiver)
{
    cr_assert_eq(world_move(cast->world, member, referral, verb, receiver, 4800000), VOUCH_OK, "%s",
                 cast->world->why.text);
}

uint64_t add_person(struct cast *cast, uint64_t member, uint64_t company, const char *name, bool consent)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = (char *)(uintptr_t)name;
    add.personal = &personal;
    add.company = company;
    add.consent = consent;
    return world_do(cast->world, member, REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

void touch(struct cast *cast, uint64_t member, uint64_t contact, Vouch__V1__TieTouch__Kind kind, bool inbound,
           int64_t days_ago)
{
    Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
    record.contact = contact;
    record.kind = kind;
    record.inbound = inbound;
    record.time_ms = cast->world->now_ms - days_ago * MS_PER_DAY;
    world_do(cast->world, member, REQUEST_OF(TOUCH_RECORD, touch_record, &record));
}

void befriend(struct cast *cast, uint64_t member, uint64_t contact, int64_t days_ago)
{
    for (int64_t i = 0; i < 3; i++) {
        touch(cast, member, contact, VOUCH__V1__TIE_TOUCH__KIND__EMAIL, false, days_ago + 3 + i * 10);
        touch(cast, member, contact, VOUCH__V1__TIE_TOUCH__KIND__MEETING, true, days_ago + 1 + i * 10);
    }
}

void set_card(struct cast *cast, uint64_t member, const char *industry)
{
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    char *issues[] = {"archive"}, *industries[] = {(char *)(uintptr_t)industry};
    card.issues = issues;
    card.n_issues = 1;
    card.industries = industries;
    card.n_industries = 1;
    set.card = &card;
    world_do(cast->world, member, REQUEST_OF(CARD_SET, card_set, &set));
}

uint64_t prepare(struct cast *cast, uint64_t member, uint64_t contact, bool asked)
{
    Vouch__V1__AskPrepare ask = VOUCH__V1__ASK_PREPARE__INIT;
    ask.contact = contact;
    ask.asked = asked;
    return world_do(cast->world, member, REQUEST_OF(ASK_PREPARE, ask_prepare, &ask));
}

void move_ask(struct cast *cast, uint64_t member, uint64_t ask, Vouch__V1__AskState to)
{
    Vouch__V1__AskMove move = VOUCH__V1__ASK_MOVE__INIT;
    move.ask = ask;
    move.to = to;
    world_do(cast->world, member, REQUEST_OF(ASK_MOVE, ask_move, &move));
}
