/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms through decide and apply: who writes and approves them, what is refused, which of them hold for a deal, and
 * that none touches a deal that is won. */
#include "apply/books.h"
#include "decide/terms_choice.h"
#include "office.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000)
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name

static void refused(const struct office *office, enum vouch_status got, enum vouch_status wanted, const char *sentence)
{
    cr_assert_eq(got, wanted, "%s: %s", status_name(got), office->world->why.text);
    cr_assert(strstr(office->world->why.text, sentence) != NULL, "%s", office->world->why.text);
}

/* ---- which terms hold ---- */

static uint64_t submit(struct office *office, uint64_t referrer, const char *product)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit asked = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    text.need = "archive 40 TB";
    text.vouch = "We ran their backup.";
    asked.prospect = office->prospect;
    asked.receiver = office->tom;
    asked.consent = true;
    asked.product = (char *)(uintptr_t)product;
    asked.text = &text;
    return world_do(office->world, referrer, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &asked));
}

static struct terms_choice choose(struct office *office, uint64_t referral, const char *currency, int64_t won_ms)
{
    struct terms_choice choice;
    struct view *view = snapshot_open(office->world->store);
    struct arena *arena = arena_new((size_t)1 << 20);
    const Vouch__V1__Referral *record = record_referral(view, referral, arena);
    cr_assert_not_null(record);
    cr_assert(terms_choose(view, &office->world->policy, record, currency, won_ms, arena, &choice));
    arena_free(&arena);
    snapshot_close(&view);
    return choice;
}

static void holds(struct office *office, uint64_t referral, const char *currency, int64_t when_ms, uint64_t id,
                  uint32_t version)
{
    struct terms_choice chosen = choose(office, referral, currency, when_ms);
    cr_assert(chosen.id == id && chosen.version == version, "terms %lu version %u hold", (unsigned long)chosen.id,
              chosen.version);
}

static void win(struct office *office, uint64_t referral, int64_t minor)
{
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        enum vouch_status status = world_move(office->world, office->tom, referral, path[i], 0, minor);
        cr_assert_eq(status, VOUCH_OK, "%s", office->world->why.text);
    }
}

static Vouch__V1__Deal *deal_of(struct office *office, uint64_t referral)
{
    static Vouch__V1__Deal copy;
    struct view *view = snapshot_open(office->world->store);
    struct arena *arena = arena_new((size_t)1 << 20);
    const Vouch__V1__Deal *deal = record_deal(view, referral, arena);
    cr_assert_not_null(deal);
    copy = (Vouch__V1__Deal){.terms = deal->terms,
                             .terms_version = deal->terms_version,
                             .accrued_minor = deal->accrued_minor,
                             .n_shares = deal->n_shares};
    arena_free(&arena);
    snapshot_close(&view);
    return &copy;
}

/* ---- tests ---- */

Test(terms, are_approved_by_a_second_person)
{
    struct office office = office_new();
    Vouch__V1__Terms terms = terms_named("partners 2027");
    cr_assert_eq(try_write(&office, office.finance, &terms), VOUCH_OK, "%s", office.world->why.text);
    uint64_t id = office.world->answer_id;
    uint64_t referral = submit(&office, office.paul, "");
    refused(&office, try_approve(&office, office.finance, id, 1), VOUCH_DENIED, "a second person");
    holds(&office, referral, "EUR", WORLD_NOON, 0, 0);
    cr_assert_eq(try_approve(&office, WORLD_ADMIN, id, 1), VOUCH_OK, "%s", office.world->why.text);
    holds(&office, referral, "EUR", WORLD_NOON, id, 1);
    refused(&office, try_approve(&office, WORLD_ADMIN, id, 1), VOUCH_CONFLICT, "by Rhea Holt on 2026-11-23");
    refused(&office, try_approve(&office, WORLD_ADMIN, id, 2), VOUCH_NOT_FOUND, "no terms 1, version 2");
    refused(&office, try_approve(&office, WORLD_ADMIN, 99, 1), VOUCH_NOT_FOUND, "no terms 99");
    office_end(&office);
}

Test(terms, are_of_the_home_company)
{
    struct office office = office_new();
    uint64_t books = world_member(office.world, "Petra Klein", ROLE(FINANCE), office.partner, "");
    Vouch__V1__Terms terms = terms_named("ours");
    terms.partner_bps = 9000;
    refused(&office, try_write(&office, books, &terms), VOUCH_DENIED, "people of Northgate Storage");
    uint64_t id = write_terms(&office, &terms);
    refused(&office, try_approve(&office, books, id, 1), VOUCH_DENIED, "people of Northgate Storage");
    office_end(&office);
}

Test(terms, of_one_name_are_versions_whatever_its_spelling)
{
    struct office office = office_new();
    Vouch__V1__Terms first = terms_named("Partners 2027");
    Vouch__V1__Terms second = terms_named("  PARTNERS 2027 ");
    Vouch__V1__Terms other = terms_named("partners 2028");
    uint64_t id = write_terms(&office, &first);
    refused(&office, try_write(&office, office.manager, &second), VOUCH_DUPLICATE, "only waits for its approval");
    second.partner_bps = 1200;
    cr_assert_eq(write_terms(&office, &second), id);
    cr_assert_neq(write_terms(&office, &other), id);
    refused(&office, try_approve(&office, office.finance, id, 1), VOUCH_CONFLICT, "not the newest any more");
    approve_terms(&office, id, 2);
    refused(&office, try_write(&office, office.manager, &second), VOUCH_DUPLICATE, "nothing to write");
    office_end(&office);
}

Test(terms, that_cannot_be_meant_are_refused)
{
    struct office office = office_new();
    uint64_t gone = world_member(office.world, "Gus Orr", ROLE(REP), WORLD_HOME, "");
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = gone;
    world_do(office.world, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    Vouch__V1__TermsBand low = VOUCH__V1__TERMS_BAND__INIT, high = VOUCH__V1__TERMS_BAND__INIT;
    Vouch__V1__TermsBand *bands[] = {&low, &high};
    Vouch__V1__TermsSplit half = VOUCH__V1__TERMS_SPLIT__INIT, rest = VOUCH__V1__TERMS_SPLIT__INIT;
    Vouch__V1__TermsSplit *splits[] = {&half, &rest};
#define BAD(change, status, text)                                                                                      \
    do {                                                                                                               \
        Vouch__V1__Terms terms = terms_named("bad");                                                                   \
        terms.currency = "EUR";                                                                                        \
        low = (Vouch__V1__TermsBand){.base = low.base, .until_minor = 100, .rate_bps = 500};                           \
        high = (Vouch__V1__TermsBand){                                                                                 \
            .base = high.base, .from_minor = 100, .until_minor = INT64_MAX, .rate_bps = 700};                          \
        half.member = office.ana, half.weight = 5000, rest.member = office.paul, rest.weight = 5000;                   \
        change;                                                                                                        \
        refused(&office, try_write(&office, office.manager, &terms), status, text);                                    \
    } while (0)
#define WITH_BANDS(kind) terms.tiers = kind, terms.n_bands = 2, terms.bands = bands
#define WITH_SPLITS terms.splits_are_bps = true, terms.n_splits = 2, terms.splits = splits
    BAD(terms.name = " ", VOUCH_INVALID, "the name of the terms is missing");
    BAD(terms.name = "a\xE2\x80\xAE"
                     "b",
        VOUCH_INVALID, "the name of the terms");
    BAD(terms.partner_bps = -1, VOUCH_INVALID, "partner: at least 0");
    BAD(terms.partner_bps = 10001, VOUCH_INVALID, "partner: at most 10000");
    BAD(terms.bounty_minor = -1, VOUCH_INVALID, "bounty");
    BAD(terms.accelerator_bps = 9999, VOUCH_INVALID, "accelerator");
    BAD(terms.hold_days = 10, VOUCH_INVALID, "hold: 0, 7, 14, 30, 60 or 90");
    BAD(terms.window_days = 0, VOUCH_INVALID, "window");
    BAD((terms.floor_minor = 200, terms.cap_minor = 100), VOUCH_INVALID, "above the cap");
    BAD(terms.cap_minor = 0, VOUCH_INVALID, "cap");
    BAD(terms.bounty_minor = INT64_MAX, VOUCH_INVALID, "bounty: no deal pays that much");
    BAD(terms.floor_minor = INT64_C(1000000000000001), VOUCH_INVALID, "at most 10,000,000,000,000.00 EUR");
    BAD(terms.currency = "XAU", VOUCH_INVALID, "XAU");
    BAD(terms.currency = "EUX", VOUCH_INVALID, "EUX");
    BAD((terms.currency = "", terms.bounty_minor = 100), VOUCH_INVALID, "currency: say which");
    BAD(terms.until_ms = terms.from_ms, VOUCH_INVALID, "before they begin");
    BAD((terms.from_ms = 1, terms.until_ms = WORLD_NOON), VOUCH_INVALID, "over already");
    BAD(terms.from_ms = -1, VOUCH_INVALID, "1970");
    BAD((WITH_BANDS(TIERS_MARGINAL), high.from_minor = 101), VOUCH_INVALID, "a gap");
    BAD((WITH_BANDS(TIERS_MARGINAL), high.from_minor = 99), VOUCH_INVALID, "an overlap");
    BAD((WITH_BANDS(TIERS_MARGINAL), high.until_minor = 1000), VOUCH_INVALID, "the last one has no end");
    BAD((WITH_BANDS(TIERS_RETROACTIVE), high.rate_bps = 499), VOUCH_INVALID, "retroactive rate that falls");
    BAD(WITH_BANDS(TIERS_NONE), VOUCH_INVALID, "marginal or retroactive");
    BAD(terms.tiers = TIERS_MARGINAL, VOUCH_INVALID, "1 to 16 bands");
    BAD((WITH_SPLITS, rest.weight = 4999), VOUCH_INVALID, "9999 of 10000");
    BAD((WITH_SPLITS, rest.member = office.ana), VOUCH_INVALID, "the same party");
    BAD((WITH_SPLITS, rest.weight = 0), VOUCH_INVALID, "above zero");
    BAD((WITH_SPLITS, rest.member = 999), VOUCH_NOT_FOUND, "no member 999");
    BAD((WITH_SPLITS, rest.member = gone), VOUCH_CONFLICT, "Gus Orr has been removed");
    BAD(terms.member = 999, VOUCH_NOT_FOUND, "no member 999");
    BAD(terms.member = gone, VOUCH_CONFLICT, "Gus Orr has been removed");
    BAD(terms.company = 999, VOUCH_NOT_FOUND, "no company 999");
    BAD((terms.company = office.partner, terms.member = office.ana), VOUCH_INVALID, "not of Alder Systems");
    BAD(terms.client_bps = 100, VOUCH_DENIED, "can be a bribe");
    /* Sixty bytes that fold to more than a key holds. */
    BAD(terms.product =
            "\xEF\xB7\xBA\xEF\xB7\xBA\xEF\xB7\xBA\xEF\xB7\xBA\xEF\xB7\xBA\xEF\xB7\xBA\xEF\xB7\xBA\xEF\xB7\xBA",
        VOUCH_INVALID, "product line");
#undef BAD
    office_end(&office);
}

/* Money to a client is an admin's decision, at writing and still at approval. */
Test(terms, may_pay_clients_only_when_an_admin_allowed_it)
{
    struct office office = office_new();
    Vouch__V1__Terms terms = terms_named("clients");
    terms.client_bps = 100;
    refused(&office, try_write(&office, office.manager, &terms), VOUCH_DENIED, "an admin must allow it");
    office.world->policy.clients_may_be_paid = true;
    uint64_t id = write_terms(&office, &terms);
    office.world->policy.clients_may_be_paid = false;
    refused(&office, try_approve(&office, office.finance, id, 1), VOUCH_DENIED, "an admin must allow it");
    office.world->policy.clients_may_be_paid = true;
    approve_terms(&office, id, 1);
    office_end(&office);
}

Test(terms, of_two_names_never_hold_for_the_same_deals)
{
    struct office office = office_new();
    Vouch__V1__Terms one = terms_named("one");
    Vouch__V1__Terms two = terms_named("two");
    one.until_ms = WORLD_NOON + 100 * DAY;
    two.from_ms = WORLD_NOON + 99 * DAY;
    uint64_t first = put_terms(&office, &one, 1);
    uint64_t second = write_terms(&office, &two);
    refused(&office, try_approve(&office, office.finance, second, 1), VOUCH_CONFLICT, "one, version 1, holds");
    /* Another scope is another matter, */
    Vouch__V1__Terms three = terms_named("three");
    three.company = office.partner;
    put_terms(&office, &three, 1);
    /* dates that only touch do not overlap, */
    two.from_ms = WORLD_NOON + 100 * DAY;
    cr_assert_eq(write_terms(&office, &two), second);
    approve_terms(&office, second, 2);
    /* and an end makes room. */
    one.until_ms = WORLD_NOON + 50 * DAY;
    cr_assert_eq(write_terms(&office, &one), first);
    approve_terms(&office, first, 2);
    Vouch__V1__Terms four = terms_named("four");
    four.from_ms = WORLD_NOON + 50 * DAY;
    uint64_t fourth = write_terms(&office, &four);
    refused(&office, try_approve(&office, office.finance, fourth, 1), VOUCH_CONFLICT, "two, version 2");
    four.until_ms = WORLD_NOON + 100 * DAY;
    write_terms(&office, &four);
    approve_terms(&office, fourth, 2);
    uint64_t referral = submit(&office, office.ana, "");
    holds(&office, referral, "EUR", WORLD_NOON - 1, 0, 0);
    holds(&office, referral, "EUR", WORLD_NOON, first, 2);
    holds(&office, referral, "EUR", WORLD_NOON + 50 * DAY - 1, first, 2);
    holds(&office, referral, "EUR", WORLD_NOON + 50 * DAY, fourth, 2);
    holds(&office, referral, "EUR", WORLD_NOON + 100 * DAY, second, 2);
    office_end(&office);
}

/* A version ends those before it where it begins, and they do not come back when it is over. */
Test(terms, end_where_a_newer_version_begins)
{
    struct office office = office_new();
    Vouch__V1__Terms terms = terms_named("partners");
    uint64_t id = put_terms(&office, &terms, 1);
    uint64_t referral = submit(&office, office.paul, "");
    terms.from_ms = WORLD_NOON + 10 * DAY;
    terms.until_ms = WORLD_NOON + 20 * DAY;
    terms.partner_bps = 1100;
    put_terms(&office, &terms, 2);
    holds(&office, referral, "EUR", WORLD_NOON + 10 * DAY - 1, id, 1);
    holds(&office, referral, "EUR", WORLD_NOON + 10 * DAY, id, 2);
    holds(&office, referral, "EUR", WORLD_NOON + 20 * DAY, 0, 0);
    /* One that begins earlier leaves nothing of the second. */
    terms.from_ms = WORLD_NOON + 5 * DAY;
    terms.until_ms = INT64_MAX;
    terms.company = office.partner;
    put_terms(&office, &terms, 3);
    holds(&office, referral, "EUR", WORLD_NOON + 5 * DAY - 1, id, 1);
    holds(&office, referral, "EUR", WORLD_NOON + 10 * DAY, id, 3);
    holds(&office, referral, "EUR", WORLD_NOON + 200 * DAY, id, 3);
    /* Its scope is narrower: for the rest nothing holds from then on. */
    uint64_t other = submit(&office, office.ana, "");
    holds(&office, other, "EUR", WORLD_NOON + 4 * DAY, id, 1);
    holds(&office, other, "EUR", WORLD_NOON + 5 * DAY, 0, 0);
    office_end(&office);
}

Test(terms, that_say_most_exactly_whom_they_are_for_hold)
{
    struct office office = office_new();
    uint64_t ids[16];
    uint64_t referral = submit(&office, office.paul, "  Back-Up ");
    uint64_t plain = submit(&office, office.ana, "");
    for (unsigned bits = 0; bits < 16; bits++) {
        char name[16];
        snprintf(name, sizeof name, "terms %u", bits);
        Vouch__V1__Terms terms = terms_named(name);
        terms.member = (bits & 8) != 0 ? office.paul : 0;
        terms.company = (bits & 4) != 0 ? office.partner : 0;
        terms.product = (bits & 2) != 0 ? "BACK-UP" : "";
        terms.currency = (bits & 1) != 0 ? "EUR" : "";
        ids[bits] = put_terms(&office, &terms, 1);
        holds(&office, referral, "EUR", WORLD_NOON, ids[bits], 1);
        holds(&office, referral, "USD", WORLD_NOON, ids[bits & ~1U], 1);
        holds(&office, plain, "EUR", WORLD_NOON, ids[bits & 1 ? 1 : bits > 0 ? 1 : 0], 1);
        holds(&office, plain, "USD", WORLD_NOON, ids[0], 1);
    }
    office_end(&office);
}

Test(terms, change_nothing_about_a_deal_that_is_won)
{
    struct office office = office_new();
    Vouch__V1__Terms terms = terms_named("partners");
    uint64_t id = put_terms(&office, &terms, 1);
    uint64_t before = submit(&office, office.paul, "");
    win(&office, before, 1000000);
    terms.from_ms = WORLD_NOON - 30 * DAY; /* even from before the win */
    terms.partner_bps = 5000;
    put_terms(&office, &terms, 2);
    uint64_t after = submit(&office, office.paul, "");
    win(&office, after, 1000000);
    world_pay(office.world, before, 1000000);
    world_pay(office.world, after, 1000000);
    cr_assert_eq(deal_of(&office, before)->terms, id);
    cr_assert_eq(deal_of(&office, before)->terms_version, 1);
    cr_assert_eq(deal_of(&office, before)->accrued_minor, 100000);
    cr_assert_eq(deal_of(&office, after)->terms_version, 2);
    cr_assert_eq(deal_of(&office, after)->accrued_minor, 500000);
    office_end(&office);
}

Test(terms, that_agree_who_shares_ask_no_plugin)
{
    struct office office = office_new();
    Vouch__V1__Terms terms = terms_named("thirds");
    Vouch__V1__TermsSplit parts[3];
    Vouch__V1__TermsSplit *splits[3];
    uint64_t members[] = {office.ana, office.paul, office.manager};
    for (size_t i = 0; i < 3; i++) {
        vouch__v1__terms_split__init(&parts[i]);
        parts[i].member = members[i];
        parts[i].weight = 1;
        splits[i] = &parts[i];
    }
    terms.n_splits = 3;
    terms.splits = splits;
    put_terms(&office, &terms, 1);
    uint64_t referral = submit(&office, office.ana, "");
    office.world->no_advice = true;
    win(&office, referral, 1000000);
    cr_assert_eq(deal_of(&office, referral)->n_shares, 3);
    office_end(&office);
}

/* ---- any history ---- */

#define MODEL_NAMES 6
#define MODEL_VERSIONS 100

struct model_version {
    uint64_t id;
    uint32_t version;
    unsigned scope; /* bits: member, company, product, currency */
    int64_t from_ms;
    int64_t until_ms;
    bool approved;
};

struct model {
    size_t count;
    struct model_version versions[MODEL_VERSIONS];
};

/* As docs/commission.md tells it: an approved version holds from its beginning until its end or the beginning of a
 * later approved one of its name. */
static bool model_holds(const struct model *model, const struct model_version *version, int64_t when_ms)
{
    bool holds_then = version->approved && version->from_ms <= when_ms && when_ms < version->until_ms;
    for (size_t i = 0; i < model->count; i++) {
        const struct model_version *later = &model->versions[i];
        bool ends_it = later->approved && later->id == version->id && later->version > version->version;
        holds_then = holds_then && !(ends_it && later->from_ms <= when_ms);
    }
    return holds_then;
}

/* The one with the highest scope of those that fit; never two with the same. */
static const struct model_version *model_choose(const struct model *model, unsigned fits, int64_t when_ms)
{
    const struct model_version *best = NULL;
    for (size_t i = 0; i < model->count; i++) {
        const struct model_version *version = &model->versions[i];
        if ((version->scope & ~fits) == 0 && model_holds(model, version, when_ms)) {
            cr_assert(best == NULL || best->scope != version->scope, "two versions hold for the same deals");
            best = best == NULL || version->scope > best->scope ? version : best;
        }
    }
    return best;
}

static void model_step(struct office *office, struct model *model, struct random_cases *cases)
{
    static const char *const names[MODEL_NAMES] = {"a", "b", "c", "d", "e", "f"};
    unsigned scope = (unsigned)random_below(cases, 16);
    Vouch__V1__Terms terms = terms_named(names[random_below(cases, MODEL_NAMES)]);
    terms.member = (scope & 8) != 0 ? office->paul : 0;
    terms.company = (scope & 4) != 0 ? office->partner : 0;
    terms.product = (scope & 2) != 0 ? "backup" : "";
    terms.currency = (scope & 1) != 0 ? "EUR" : "";
    terms.from_ms = WORLD_NOON + (int64_t)random_below(cases, 40) * DAY;
    terms.until_ms = random_below(cases, 2) == 0 ? INT64_MAX
                                                 : terms.from_ms + (1 + (int64_t)random_below(cases, 20)) * DAY;
    terms.coworker_bps = (int64_t)model->count; /* no two say the same */
    struct model_version *version = &model->versions[model->count++];
    *version = (struct model_version){.id = write_terms(office, &terms),
                                      .version = 1,
                                      .scope = scope,
                                      .from_ms = terms.from_ms,
                                      .until_ms = terms.until_ms};
    for (size_t i = 0; i + 1 < model->count; i++) {
        version->version += model->versions[i].id == version->id ? 1 : 0;
    }
    if (random_below(cases, 4) > 0) {
        enum vouch_status status = try_approve(office, office->finance, version->id, version->version);
        cr_assert(status == VOUCH_OK || status == VOUCH_CONFLICT, "%s", office->world->why.text);
        version->approved = status == VOUCH_OK;
    }
}

Test(terms, hold_as_told_after_any_history)
{
    struct random_cases cases = random_begin("terms_hold_as_told", 4);
    for (int round = 0; round < 4; round++) {
        struct office office = office_new();
        static struct model model;
        uint64_t deals[] = {submit(&office, office.paul, "Backup"), submit(&office, office.paul, ""),
                            submit(&office, office.ana, "backup")};
        static const unsigned fit[] = {15, 13, 3};
        model.count = 0;
        for (size_t step = 0; step < MODEL_VERSIONS; step++) {
            model_step(&office, &model, &cases);
            size_t deal = random_below(&cases, 3);
            bool euro = random_below(&cases, 2) == 0;
            int64_t when_ms = WORLD_NOON + (int64_t)random_below(&cases, 60) * DAY + (int64_t)random_below(&cases, 3) -
                              1;
            const struct model_version *want = model_choose(&model, fit[deal] & (euro ? 15U : 14U), when_ms);
            holds(&office, deals[deal], euro ? "EUR" : "USD", when_ms, want == NULL ? 0 : want->id,
                  want == NULL ? 0 : want->version);
        }
        office_end(&office);
    }
}
