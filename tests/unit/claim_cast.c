/* SPDX-License-Identifier: Apache-2.0
 *
 * The cast of the tests of claims. */
#include "claim_cast.h"

#include <criterion/criterion.h>
#include <string.h>

struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.world->policy.protection_days = 90;
    cast.ana = world_member(cast.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.tom = world_member(cast.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    cast.lena = world_member(cast.world, "Lena Voss", VOUCH__V1__ROLE__REP, WORLD_HOME, "Iberia");
    cast.max = world_member(cast.world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    cast.otto = world_member(cast.world, "Otto Rahn", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "UK");
    cast.fin = world_member(cast.world, "Uta Brandt", VOUCH__V1__ROLE__FINANCE, WORLD_HOME, "");
    cast.fluxware = world_company(cast.world, "Fluxware", "fluxware.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    cast.partner = world_member(cast.world, "Priya Nair", VOUCH__V1__ROLE__REP, cast.fluxware, "");
    cast.kestrel = world_company(cast.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return cast;
}

enum vouch_status cast_submit(struct cast *cast, uint64_t referrer, uint64_t receiver, const char *product, bool lead,
                              Vouch__V1__PersonalData *person)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit message = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    text.vouch = lead ? "" : "we ran their backup for six years";
    message.prospect = cast->kestrel;
    message.new_contact = person;
    message.receiver = receiver;
    message.text = &text;
    message.consent = true;
    message.product = (char *)(uintptr_t)product;
    return world_try(cast->world, referrer, NULL, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &message));
}

uint64_t cast_refer(struct cast *cast, uint64_t referrer, uint64_t receiver)
{
    cr_assert_eq(cast_submit(cast, referrer, receiver, "", false, NULL), VOUCH_OK, "%s", cast->world->why.text);
    return cast->world->answer_id;
}

void cast_expect(struct cast *cast, uint64_t id, Vouch__V1__ReferralState state, Vouch__V1__Claim__Place place)
{
    const Vouch__V1__Referral *referral = world_referral(cast->world, id);
    cr_assert_eq(referral->state, state, "R%lu is %s", (unsigned long)id, referral_state_name(referral->state));
    cr_assert_eq(referral->claim == NULL ? PLACE(PLACE_NONE) : referral->claim->place, place, "R%lu: place %d",
                 (unsigned long)id, referral->claim == NULL ? -1 : (int)referral->claim->place);
}

void cast_move(struct cast *cast, uint64_t member, uint64_t id, const Vouch__V1__ReferralVerb *verbs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(world_move(cast->world, member, id, verbs[i], 0, 4800000), VOUCH_OK, "%s", cast->world->why.text);
    }
}

enum vouch_status cast_choose(struct cast *cast, uint64_t by, uint64_t id)
{
    Vouch__V1__ClaimChoose message = VOUCH__V1__CLAIM_CHOOSE__INIT;
    message.referral = id;
    message.evidence = "\"we want to buy through Lena\", mail of 3 Feb";
    return world_try(cast->world, by, NULL, REQUEST_OF(CLAIM_CHOOSE, claim_choose, &message));
}

enum vouch_status cast_review(struct cast *cast, uint64_t by, uint64_t id, uint32_t verdict)
{
    Vouch__V1__ReferralReview message = VOUCH__V1__REFERRAL_REVIEW__INIT;
    message.referral = id;
    message.verdict = (Vouch__V1__ReferralReview__Verdict)verdict;
    message.reason = "spoke to both";
    return world_try(cast->world, by, NULL, REQUEST_OF(REFERRAL_REVIEW, referral_review, &message));
}

const Vouch__V1__ReferralView *cast_show(struct cast *cast, uint64_t member, uint64_t id)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = id;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(REFERRAL_GET, referral_get, &get), &reply), VOUCH_OK, "%s",
                 cast->world->why.text);
    return reply.referral;
}

const char *cast_told(struct cast *cast, uint64_t member)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    page.limit = 500;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &page), &reply), VOUCH_OK);
    const Vouch__V1__NoticePage *notices = reply.notices;
    return notices->n_notices == 0 ? "" : notices->notices[notices->n_notices - 1]->text;
}
