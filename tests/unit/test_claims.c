/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims: who was first, who waits, what ends a claim, what proves a place, and the buyer's word. */
#include "claim_cast.h"

#include "domain/claim.h"

#include <criterion/criterion.h>
#include <string.h>

/* ---- who is first ---- */

Test(claims, the_first_registration_holds_and_later_ones_wait_in_order)
{
    struct cast cast = cast_new();
    uint64_t first = cast_refer(&cast, cast.ana, cast.tom);
    cast_expect(&cast, first, STATE(OFFERED), PLACE(HOLDS));
    cr_assert_eq(world_referral(cast.world, first)->claim->until_ms, WORLD_NOON + 90 * DAY);
    world_wait(cast.world, DAY);
    uint64_t second = cast_refer(&cast, cast.lena, cast.tom);
    uint64_t third = cast_refer(&cast, cast.partner, cast.tom);
    cast_expect(&cast, second, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cast_expect(&cast, third, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cr_assert_eq(world_referral(cast.world, second)->attempt, 0); /* nobody was offered it */
    cr_assert_eq(world_move(cast.world, cast.lena, second, VERB(OFFER), cast.tom, 0), VOUCH_CONFLICT);
    const Vouch__V1__Claim *claim = cast_show(&cast, cast.lena, second)->referral->claim;
    cr_assert_str_eq(claim->holder_name, "Ana Sousa");
    cr_assert_eq(claim->until_ms, WORLD_NOON + 90 * DAY);
    cr_assert_eq(claim->holder_time_ms, WORLD_NOON);
    cr_assert_eq(claim->before, 0);
    cr_assert_eq(claim->holder, 0);
    claim = cast_show(&cast, cast.partner, third)->referral->claim;
    cr_assert_str_eq(claim->holder_name, ""); /* of another company: when, not who */
    cr_assert_eq(claim->holder_time_ms, WORLD_NOON);
    cr_assert_eq(claim->before, 1);
    MOVES(&cast, cast.ana, first, VERB(WITHDRAW));
    cr_assert_eq(world_wait(cast.world, 0), 1);
    cast_expect(&cast, first, STATE(WITHDRAWN), PLACE(PLACE_NONE));
    cast_expect(&cast, second, STATE(OFFERED), PLACE(HOLDS));
    cast_expect(&cast, third, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cr_assert_eq(world_referral(cast.world, second)->claim->until_ms, WORLD_NOON + 91 * DAY);
    cr_assert_eq(world_referral(cast.world, second)->steps[1]->actor, 0);
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, product_lines_are_claims_of_their_own)
{
    struct cast cast = cast_new();
    static const struct {
        const char *product;
        Vouch__V1__Claim__Place want;
    } rows[] = {{"Archive", PLACE(HOLDS)},  {"", PLACE(HOLDS)},          {"archive", PLACE(WAITS)},
                {" ARCHIVE", PLACE(WAITS)}, {"archive 2", PLACE(HOLDS)}, {"", PLACE(WAITS)}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(cast_submit(&cast, cast.ana, 0, rows[i].product, false, NULL), VOUCH_OK);
        cast_expect(&cast, cast.world->answer_id,
                    rows[i].want == PLACE(HOLDS) ? STATE(REGISTERED) : STATE(DUPLICATE_WAIT), rows[i].want);
    }
    cast.kestrel = world_company(cast.world, "Kestrel Bank Leasing", "", VOUCH__V1__COMPANY_KIND__PROSPECT);
    cast_expect(&cast, cast_refer(&cast, cast.ana, 0), STATE(REGISTERED),
                PLACE(HOLDS)); /* a division is an account of its own */
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, a_draft_and_a_wait_for_consent_claim_nothing)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralSubmit message = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    message.prospect = cast.kestrel;
    uint64_t waits = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &message));
    uint64_t first = cast_refer(&cast, cast.lena, 0);
    cast_expect(&cast, first, STATE(REGISTERED), PLACE(HOLDS));
    MOVES(&cast, cast.ana, waits, VERB(REGISTER));
    cast_expect(&cast, waits, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cr_assert_gt(world_referral(cast.world, waits)->claim->sequence,
                 world_referral(cast.world, first)->claim->sequence);
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, whoever_vouches_comes_before_a_lead)
{
    struct cast cast = cast_new();
    cr_assert_eq(cast_submit(&cast, cast.ana, cast.tom, "", true, NULL), VOUCH_OK);
    uint64_t lead = cast.world->answer_id;
    cast_expect(&cast, lead, STATE(OFFERED), PLACE(HOLDS));
    uint64_t vouched = cast_refer(&cast, cast.lena, 0);
    cast_expect(&cast, vouched, STATE(REGISTERED), PLACE(HOLDS));
    cast_expect(&cast, lead, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cr_assert_str_eq(cast_told(&cast, cast.ana),
                     "R1 (Kestrel Bank) waits: Lena Voss's registration of 2026-11-23 holds "
                     "the claim until 2027-02-21 (UTC)");
    uint64_t second = cast_refer(&cast, cast.max, 0);
    MOVES(&cast, cast.lena, vouched, VERB(WITHDRAW));
    world_wait(cast.world, 0);
    cast_expect(&cast, second, STATE(REGISTERED), PLACE(HOLDS)); /* before the lead, which was first */
    cast_expect(&cast, lead, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, a_lead_that_somebody_works_on_keeps_its_claim)
{
    struct cast cast = cast_new();
    cr_assert_eq(cast_submit(&cast, cast.ana, cast.tom, "", true, NULL), VOUCH_OK);
    uint64_t lead = cast.world->answer_id;
    MOVES(&cast, cast.tom, lead, VERB(ACCEPT));
    cast_expect(&cast, cast_refer(&cast, cast.lena, 0), STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cast_expect(&cast, lead, STATE(ACCEPTED), PLACE(HOLDS));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, nobody_is_credited_for_what_cannot_be_worked_on)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralCredit credit = VOUCH__V1__REFERRAL_CREDIT__INIT;
    cast_refer(&cast, cast.ana, 0);
    credit.referral = cast_refer(&cast, cast.lena, 0);
    credit.member = cast.tom;
    credit.kind = VOUCH__V1__TOUCH__KIND__INTEL;
    cr_assert_eq(world_try(cast.world, cast.lena, NULL, REQUEST_OF(REFERRAL_CREDIT, referral_credit, &credit)),
                 VOUCH_CONFLICT);
    cr_assert_str_eq(cast.world->why.text, "R2 is DUPLICATE_WAIT; help is credited while it is on its way to a win");
    world_free(&cast.world);
}

/* ---- what ends a claim ---- */

Test(claims, protection_ends_once_and_a_meeting_makes_it_longer)
{
    struct cast cast = cast_new();
    uint64_t first = cast_refer(&cast, cast.ana, cast.tom);
    uint64_t second = cast_refer(&cast, cast.lena, cast.tom);
    MOVES(&cast, cast.tom, first, VERB(ACCEPT), VERB(CONTACT), VERB(MEET));
    cr_assert_eq(world_referral(cast.world, first)->claim->until_ms, WORLD_NOON + 180 * DAY);
    cr_assert(world_referral(cast.world, first)->claim->extended);
    world_wait(cast.world, 180 * DAY - 1);
    cast_expect(&cast, second, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    world_wait(cast.world, 1);
    cast_expect(&cast, first, STATE(MEETING), PLACE(ENDED)); /* goes on */
    cast_expect(&cast, second, STATE(OFFERED), PLACE(HOLDS));
    cr_assert_str_eq(cast_told(&cast, cast.lena), "R2 (Kestrel Bank) was offered to Tom Rieke");
    cr_assert_str_eq(cast_told(&cast, cast.ana),
                     "the protection of R1 (Kestrel Bank) is over: it goes on without the claim");
    MOVES(&cast, cast.tom, first, VERB(QUALIFY), VERB(WIN));
    cast_expect(&cast, first, STATE(WON), PLACE(ENDED));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, a_winner_keeps_the_claim_until_its_protection_ends)
{
    struct cast cast = cast_new();
    uint64_t first = cast_refer(&cast, cast.ana, cast.tom);
    uint64_t second = cast_refer(&cast, cast.lena, 0);
    MOVES(&cast, cast.tom, first, VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN));
    world_wait(cast.world, 100 * DAY);
    cast_expect(&cast, second, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    world_wait(cast.world, 80 * DAY);
    cast_expect(&cast, first, STATE(WON), PLACE(ENDED));
    cast_expect(&cast, second, STATE(REGISTERED), PLACE(HOLDS));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, a_loss_passes_it_on)
{
    struct cast cast = cast_new();
    uint64_t first = cast_refer(&cast, cast.ana, cast.tom);
    uint64_t second = cast_refer(&cast, cast.lena, 0);
    MOVES(&cast, cast.tom, first, VERB(ACCEPT), VERB(CONTACT), VERB(LOSE));
    cr_assert_eq(world_wait(cast.world, 0), 1);
    cast_expect(&cast, second, STATE(REGISTERED), PLACE(HOLDS));
    cr_assert_str_eq(cast_told(&cast, cast.lena), "nobody else holds the claim any more: R2 (Kestrel Bank) goes on");
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, late_registrations_are_not_refused_for_ever)
{
    struct cast cast = cast_new();
    uint64_t first = cast_refer(&cast, cast.ana, cast.tom);
    world_wait(cast.world, 91 * DAY); /* nobody waits, so nobody needs to end the claim */
    cast_expect(&cast, first, STATE(OFFERED), PLACE(HOLDS));
    uint64_t second = cast_refer(&cast, cast.lena, cast.tom);
    cast_expect(&cast, second, STATE(OFFERED), PLACE(HOLDS));
    cast_expect(&cast, first, STATE(OFFERED), PLACE(ENDED));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, nobody_looks_for_duplicates_when_told_so)
{
    struct cast cast = cast_new();
    cast.world->policy.protection_days = 0;
    uint64_t first = cast_refer(&cast, cast.ana, 0), second = cast_refer(&cast, cast.lena, 0);
    cast_expect(&cast, first, STATE(REGISTERED), PLACE(PLACE_NONE));
    cast_expect(&cast, second, STATE(REGISTERED), PLACE(PLACE_NONE));
    cr_assert_eq(cast_choose(&cast, WORLD_ADMIN, second), VOUCH_CONFLICT);
    cr_assert_eq(strlen(cast_show(&cast, cast.lena, second)->referral->claim->receipt),
                 16); /* a receipt all the same */
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, who_waits_goes_on_when_protection_is_switched_off)
{
    struct cast cast = cast_new();
    uint64_t ids[4];
    for (size_t i = 0; i < 4; i++) {
        ids[i] = cast_refer(&cast, cast.ana, 0);
    }
    cast.world->policy.protection_days = 0;
    world_wait(cast.world, 90 * DAY);
    for (size_t i = 0; i < 4; i++) {
        cast_expect(&cast, ids[i], STATE(REGISTERED), i == 3 ? PLACE(HOLDS) : PLACE(ENDED));
    }
    world_verify(cast.world);
    world_free(&cast.world);
}

/* ---- receipts ---- */

Test(claims, receipts_prove_who_was_first)
{
    struct cast cast = cast_new();
    uint64_t first = cast_refer(&cast, cast.ana, 0), second = cast_refer(&cast, cast.lena, 0);
    static const uint8_t store_id[16] = {1};
    char want[CLAIM_RECEIPT_BYTES], one[CLAIM_RECEIPT_BYTES];
    const Vouch__V1__Claim *claim = cast_show(&cast, cast.ana, first)->referral->claim;
    claim_receipt(store_id, claim->sequence, first, cast.kestrel, 0, want);
    cr_assert_str_eq(claim->receipt, want);
    cr_assert_eq(claim->time_ms, WORLD_NOON);
    strcpy(one, claim->receipt);
    cr_assert_str_neq(cast_show(&cast, cast.lena, second)->referral->claim->receipt, one);
    MOVES(&cast, cast.ana, first, VERB(WITHDRAW));
    world_wait(cast.world, 5 * DAY);
    cr_assert_str_eq(cast_show(&cast, cast.ana, first)->referral->claim->receipt, one); /* for ever the same */
    world_free(&cast.world);
}

/* ---- the buyer's choice ---- */

Test(claims, the_buyer_chooses_in_writing)
{
    struct cast cast = cast_new();
    uint64_t first = cast_refer(&cast, cast.ana, cast.tom), second = cast_refer(&cast, cast.lena, cast.tom);
    static const struct {
        size_t who;
        enum vouch_status want;
    } rows[] = {{0, VOUCH_DENIED}, {1, VOUCH_NOT_FOUND}, {2, VOUCH_OK}};
    const uint64_t people[] = {cast.lena, cast.otto, cast.fin};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(cast_choose(&cast, people[rows[i].who], second), rows[i].want, "row %zu: %s", i,
                     cast.world->why.text);
    }
    cast_expect(&cast, second, STATE(OFFERED), PLACE(HOLDS));
    cast_expect(&cast, first, STATE(DUPLICATE_WAIT), PLACE(WAITS)); /* not accepted yet: back into the queue */
    cr_assert_not_null(strstr(cast_told(&cast, cast.ana), "R1 (Kestrel Bank) waits: Lena Voss's registration"));
    cr_assert_eq(cast_choose(&cast, cast.fin, second), VOUCH_CONFLICT);
    MOVES(&cast, cast.tom, second, VERB(ACCEPT));
    cr_assert_eq(cast_choose(&cast, WORLD_ADMIN, first), VOUCH_OK, "%s", cast.world->why.text);
    cast_expect(&cast, second, STATE(ACCEPTED), PLACE(ENDED)); /* on a desk: goes on without */
    cr_assert_str_eq(cast_told(&cast, cast.lena),
                     "the buyer chose another referral: R2 (Kestrel Bank) goes on without the claim");
    cast_expect(&cast, first, STATE(OFFERED), PLACE(HOLDS));
    cr_assert_eq(cast_choose(&cast, WORLD_ADMIN, second), VOUCH_OK, "%s", cast.world->why.text); /* and back */
    cast_expect(&cast, second, STATE(ACCEPTED), PLACE(HOLDS));
    cast_expect(&cast, first, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    MOVES(&cast, cast.ana, first, VERB(WITHDRAW));
    cr_assert_eq(cast_choose(&cast, WORLD_ADMIN, first), VOUCH_CONFLICT);
    world_verify(cast.world);
    world_free(&cast.world);
}
