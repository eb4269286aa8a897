/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd check` finds what is broken about touches, asks and intel: each row that is missing, and each one that says
 * something else than the rest. */
#include "apply/bonds.h"
#include "query/check.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define ANA 2
#define SAM 1

/* A touch, an ask of which a referral came, one that waits, intel that is offered. */
static struct world *world_full(void)
{
    struct world *world = world_new();
    uint64_t orrin = world_company(world, "Orrin Foods", "orrin.example", VOUCH__V1__COMPANY_KIND__CLIENT);
    uint64_t ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    uint64_t tom = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    static const char *const names[] = {"Sam Okafor", "Lea Brandt"};
    char *issues[] = {"archive"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    card.issues = issues;
    card.n_issues = 1;
    set.card = &card;
    world_do(world, ana, REQUEST_OF(CARD_SET, card_set, &set));
    for (size_t i = 0; i < 2; i++) {
        Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
        Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
        Vouch__V1__AskPrepare ask = VOUCH__V1__ASK_PREPARE__INIT;
        Vouch__V1__TouchRecord touch = VOUCH__V1__TOUCH_RECORD__INIT;
        personal.name = (char *)(uintptr_t)names[i];
        add.personal = &personal;
        add.company = orrin;
        touch.contact = ask.contact = world_do(world, ana, REQUEST_OF(CONTACT_ADD, contact_add, &add));
        touch.kind = VOUCH__V1__TIE_TOUCH__KIND__CALL;
        ask.asked = true;
        world_do(world, ana, REQUEST_OF(TOUCH_RECORD, touch_record, &touch));
        world_do(world, ana, REQUEST_OF(ASK_PREPARE, ask_prepare, &ask));
    }
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = orrin;
    submit.receiver = tom;
    submit.ask = 1;
    world_do(world, ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    Vouch__V1__IntelOffer intel = VOUCH__V1__INTEL_OFFER__INIT;
    intel.to = tom;
    intel.company = orrin;
    intel.text = "they hire";
    world_do(world, ana, REQUEST_OF(INTEL_OFFER, intel_offer, &intel));
    return world;
}

static void count(void *argument, const char *finding)
{
    size_t *findings = argument;
    (*findings)++;
    cr_assert_neq(finding[0], '\0');
}

static size_t findings_of(const struct view *view)
{
    size_t findings = 0;
    cr_assert_eq(invariants_check(view, count, &findings), VOUCH_OK);
    return findings;
}

static void delete_first(struct view *view, enum table table)
{
    struct slice key, value;
    struct key copy;
    struct cursor *cursor = cursor_open(view, table);
    cr_assert(cursor_seek(cursor, SLICE_NONE, &key, &value), "%s is empty", table_name(table));
    key_start(&copy);
    key_add_bytes(&copy, key.data, key.size);
    cursor_close(&cursor);
    table_delete(view, table, key_slice(&copy));
}

/* ---- rows that say something else ---- */

static void put_ask(struct view *view, struct arena *arena, const Vouch__V1__Ask *ask)
{
    record_put(view, TABLE_ASK, ask->id, &ask->base, arena);
}

static void other_state(struct view *view, struct arena *arena)
{
    Vouch__V1__Ask ask = *record_ask(view, 1, arena);
    ask.state = VOUCH__V1__ASK_STATE__NO;
    put_ask(view, arena, &ask);
}

static void other_answer(struct view *view, struct arena *arena)
{
    Vouch__V1__Ask ask = *record_ask(view, 1, arena);
    ask.answer = VOUCH__V1__ASK_STATE__NO;
    put_ask(view, arena, &ask);
}

static void no_time(struct view *view, struct arena *arena)
{
    Vouch__V1__Ask ask = *record_ask(view, 2, arena);
    ask.due_ms = 0;
    put_ask(view, arena, &ask);
}

static void other_referral(struct view *view, struct arena *arena)
{
    Vouch__V1__Ask ask = *record_ask(view, 2, arena);
    uint64_t referrals[] = {1};
    ask.referrals = referrals;
    ask.n_referrals = 1;
    put_ask(view, arena, &ask);
}

static void put_bond(struct view *view, struct arena *arena, const Vouch__V1__Bond *bond)
{
    struct key key = key_bond(bond->member, bond->contact);
    record_put_key(view, TABLE_BOND, &key, &bond->base, arena);
}

static void other_sum(struct view *view, struct arena *arena)
{
    Vouch__V1__Bond bond = *record_bond(view, ANA, SAM, arena);
    bond.out_micro++;
    put_bond(view, arena, &bond);
}

static void other_outreach(struct view *view, struct arena *arena)
{
    Vouch__V1__Bond bond = *record_bond(view, ANA, SAM, arena);
    bond.returned[0] = !bond.returned[0];
    put_bond(view, arena, &bond);
}

static void closed_ask(struct view *view, struct arena *arena)
{
    Vouch__V1__Bond bond = *record_bond(view, ANA, SAM, arena);
    bond.open_ask = 2; /* another contact's */
    put_bond(view, arena, &bond);
}

static void no_clock(struct view *view, struct arena *arena)
{
    Vouch__V1__Intel intel = *record_intel(view, 1, arena);
    intel.clock = NULL;
    record_put(view, TABLE_INTEL, 1, &intel.base, arena);
}

static void other_receiver(struct view *view, struct arena *arena)
{
    Vouch__V1__Intel intel = *record_intel(view, 1, arena);
    intel.to = intel.from;
    record_put(view, TABLE_INTEL, 1, &intel.base, arena);
}

static const struct {
    const char *what;
    void (*damage)(struct view *view, struct arena *arena);
} damages[] = {
    {"an ask in another state", other_state},      {"an ask that was answered otherwise", other_answer},
    {"an ask that never runs out", no_time},       {"a referral that came of another ask", other_referral},
    {"a bond with another sum", other_sum},        {"an outreach that was answered", other_outreach},
    {"somebody else's ask in a bond", closed_ask}, {"intel that waits without a clock", no_clock},
    {"intel for oneself", other_receiver},
};
#define DAMAGES (sizeof damages / sizeof damages[0])

static const enum table tables[] = {TABLE_TOUCH,       TABLE_BOND, TABLE_ASK,   TABLE_ASK_MEMBER,
                                    TABLE_ASK_CONTACT, TABLE_DUE,  TABLE_INTEL, TABLE_INTEL_MEMBER};
#define DELETIONS (sizeof tables / sizeof tables[0])

Test(check_ties, every_kind_of_damage_is_found)
{
    struct world *world = world_full();
    struct arena *arena = arena_new(1 << 20);
    cr_assert_eq(findings_of(state_write_view(world->store, &world->why)), 0);
    for (size_t which = 0; which < DELETIONS + DAMAGES; which++) {
        state_abort(world->store);
        struct view *view = state_write_view(world->store, &world->why);
        arena_reset(arena);
        const char *what = which < DELETIONS ? table_name(tables[which]) : damages[which - DELETIONS].what;
        if (which < DELETIONS) {
            delete_first(view, tables[which]);
        } else {
            damages[which - DELETIONS].damage(view, arena);
        }
        cr_assert_gt(findings_of(view), 0, "not found: %s", what);
    }
    state_abort(world->store);
    arena_free(&arena);
    world_verify(world);
    world_free(&world);
}
