/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd check` finds what is broken: a world with a bit of everything is clean, and each kind of damage done to one
 * row is reported. */
#include "base/message.h"
#include "query/check.h"
#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name

static struct world *world_full(void)
{
    struct world *world = world_new();
    uint64_t kestrel = world_company(world, "Kestrel Bank", "kestrel.example", 0);
    uint64_t ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    uint64_t tom = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    Vouch__V1__PersonalData dana = VOUCH__V1__PERSONAL_DATA__INIT;
    dana.name = "Dana Frey";
    dana.email = "dana@kestrel.example";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = kestrel;
    submit.new_contact = &dana;
    world_do(world, ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit)); /* R1 waits for consent */
    uint64_t won = world_submit(world, ana, kestrel, tom);                       /* R2 */
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        cr_assert_eq(world_move(world, tom, won, path[i], 0, 4800000), VOUCH_OK);
    }
    world_pay(world, won, 2400000);
    Vouch__V1__Referral history = VOUCH__V1__REFERRAL__INIT;
    Vouch__V1__ReferralImport import = VOUCH__V1__REFERRAL_IMPORT__INIT;
    history.referrer = ana;
    history.receiver = tom;
    history.prospect = kestrel;
    history.state = VOUCH__V1__REFERRAL_STATE__LOST;
    import.referral = &history;
    import.origin = "crm:1";
    world_do(world, WORLD_ADMIN, REQUEST_OF(REFERRAL_IMPORT, referral_import, &import)); /* R3 */
    world->policy.protection_days = 90;
    world_submit(world, ana, kestrel, tom); /* R4 holds the claim */
    world_submit(world, ana, kestrel, tom); /* R5 waits */
    uint8_t invite_key[32] = {9};
    Vouch__V1__MemberInvite invite = VOUCH__V1__MEMBER_INVITE__INIT;
    invite.name = "Lena Voss";
    invite.role = VOUCH__V1__ROLE__REP;
    invite.invite_key = (ProtobufCBinaryData){32, invite_key};
    world_do(world, WORLD_ADMIN, REQUEST_OF(MEMBER_INVITE, member_invite, &invite));
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

static void rewrite_referral(struct view *view, struct arena *arena, uint64_t id, void (*change)(Vouch__V1__Referral *))
{
    Vouch__V1__Referral referral = *record_referral(view, id, arena);
    change(&referral);
    record_put(view, TABLE_REFERRAL, id, &referral.base, arena);
}

static void other_receiver(Vouch__V1__Referral *referral)
{
    referral->receiver = WORLD_ADMIN;
}

static void other_state(Vouch__V1__Referral *referral)
{
    referral->state = VOUCH__V1__REFERRAL_STATE__MEETING;
}

static void no_steps(Vouch__V1__Referral *referral)
{
    referral->n_steps = 0;
}

static void other_step(Vouch__V1__Referral *referral)
{
    referral->steps[0]->sequence = 2;
}

static void other_value(Vouch__V1__Referral *referral)
{
    referral->value->minor++;
}

static void no_clock(Vouch__V1__Referral *referral)
{
    referral->due_ms = 0;
}

static void longer_claim(Vouch__V1__Referral *referral)
{
    referral->claim->until_ms++;
}

static void not_waiting(Vouch__V1__Referral *referral)
{
    referral->claim->place = VOUCH__V1__CLAIM__PLACE__PLACE_NONE;
}

static void no_claim(Vouch__V1__Referral *referral)
{
    referral->claim = NULL;
}

static void made_up_touch(Vouch__V1__Referral *referral)
{
    static Vouch__V1__Touch touch = VOUCH__V1__TOUCH__INIT;
    static Vouch__V1__Touch *touches[] = {&touch};
    touch.member = 3;
    touch.sequence = 5;
    referral->touches = touches;
    referral->n_touches = 1;
}

static void other_amount(Vouch__V1__Booking *booking)
{
    booking->amount->minor--;
}

static void other_payee(Vouch__V1__Booking *booking)
{
    booking->payee = 3;
}

static void rewrite_booking(struct view *view, struct arena *arena, void (*change)(Vouch__V1__Booking *))
{
    Vouch__V1__Booking booking = *record_booking(view, 1, arena);
    change(&booking);
    record_put(view, TABLE_BOOKING, 1, &booking.base, arena);
}

static void rewrite_deal(struct view *view, struct arena *arena)
{
    Vouch__V1__Deal deal = *record_deal(view, 2, arena);
    deal.paid_minor++;
    record_put(view, TABLE_DEAL, 2, &deal.base, arena);
}

/* One byte of the first balance of a payee. */
static void rewrite_account(struct view *view, uint64_t payee)
{
    struct account_id id = account_id_of(payee, WORLD_HOME, "EUR");
    struct key key = key_account(&id);
    struct slice value;
    uint8_t bytes[128];
    cr_assert(table_get(view, TABLE_ACCOUNT, key_slice(&key), &value) && value.size <= sizeof bytes);
    memcpy(bytes, value.data, value.size);
    bytes[0] ^= 1;
    table_put(view, TABLE_ACCOUNT, key_slice(&key), (struct slice){bytes, value.size});
}

#define DAMAGES 43

/* Deleting any one row of any index is found. */
static const enum table indexes[] = {
    TABLE_MEMBER_KEY, TABLE_CONTACT_EMAIL,   TABLE_COMPANY_DOMAIN, TABLE_NAME_WORD,       TABLE_TIE_OUT,
    TABLE_TIE_IN,     TABLE_REFERRAL_MEMBER, TABLE_CLAIM,          TABLE_REFERRAL_ORIGIN, TABLE_DUE,
    TABLE_INBOX,      TABLE_INBOX_CURSOR,    TABLE_DEAL,           TABLE_PAYMENT,         TABLE_BOOKING,
    TABLE_ACCOUNT,    TABLE_ACCOUNT_BOOKING, TABLE_TOTAL,          TABLE_MEMBER,          TABLE_COMPANY,
    TABLE_CONTACT,    TABLE_REFERRAL};
#define DELETIONS ((int)(sizeof indexes / sizeof indexes[0]))

/* Deletes the first row of a table; says which table it was. */
static const char *delete_first(struct view *view, enum table table)
{
    struct slice key, value;
    uint8_t bytes[64];
    struct cursor *cursor = cursor_open(view, table);
    cr_assert(cursor_seek(cursor, SLICE_NONE, &key, &value));
    memcpy(bytes, key.data, key.size);
    cursor_close(&cursor);
    table_delete(view, table, (struct slice){bytes, key.size});
    return table_name(table);
}

/* Damage number `which`; says what it did. */
static const char *damage(struct view *view, struct arena *arena, int which)
{
    if (which < DELETIONS) {
        return delete_first(view, indexes[which]);
    }
    struct key row;
    switch (which - DELETIONS) {
    case 0:
        rewrite_referral(view, arena, 2, other_receiver);
        return "a referral with another receiver";
    case 1:
        rewrite_referral(view, arena, 2, other_state);
        return "a referral in another state";
    case 2:
        rewrite_referral(view, arena, 2, no_steps);
        return "a referral without steps";
    case 3:
        rewrite_referral(view, arena, 2, other_step);
        return "a step that names another event";
    case 4:
        rewrite_referral(view, arena, 2, other_value);
        return "another value";
    case 5:
        rewrite_referral(view, arena, 1, no_clock);
        return "a clock that stopped";
    case 6:
        row = key_referral_member(2, PARTY_RECEIVER, VOUCH__V1__REFERRAL_STATE__WON, 3);
        table_put(view, TABLE_REFERRAL_MEMBER, key_slice(&row), (struct slice){"", 0});
        return "a row that no referral asks for";
    case 7:
        rewrite_account(view, 2);
        return "another balance";
    case 8:
        row = key_total(TOTAL_WON_MINOR, "USD", 3);
        number_put(view, TABLE_TOTAL, &row, 5);
        return "a total without referrals";
    case 9:
        meta_put(view, "last_referral", 7);
        return "a counter that ran ahead";
    case 10:
        row = key_u64_u64(2, 99);
        struct key line = key_u64(3);
        table_put(view, TABLE_INBOX, key_slice(&row), key_slice(&line));
        return "a gap in an inbox";
    case 11:
        row = key_u64(2);
        struct key cursor = key_u64_u64(1, 5);
        table_put(view, TABLE_INBOX_CURSOR, key_slice(&row), key_slice(&cursor));
        return "more read than there is";
    case 12:
        row = key_name_word(NAME_MEMBER, "nobody", 2);
        table_put(view, TABLE_NAME_WORD, key_slice(&row), (struct slice){"", 0});
        return "a word that nobody has";
    case 13:
        row = key_due(5, 1, 9);
        table_put(view, TABLE_DUE, key_slice(&row), (struct slice){"", 0});
        return "a timer for nothing";
    case 14:
        rewrite_booking(view, arena, other_amount);
        return "a booking of another amount";
    case 15:
        rewrite_booking(view, arena, other_payee);
        return "a booking for somebody else";
    case 16:
        rewrite_deal(view, arena);
        return "a deal on which more was paid";
    case 17:
        rewrite_referral(view, arena, 4, longer_claim);
        return "a claim that ends at another time";
    case 18:
        rewrite_referral(view, arena, 5, not_waiting);
        return "a referral in the queue that claims nothing";
    case 19:
        rewrite_referral(view, arena, 5, no_claim);
        return "a queue without a referral";
    case 20:
        rewrite_referral(view, arena, 2, made_up_touch);
        return "a credit that no event tells of";
    default:
        return NULL;
    }
}

Test(check, every_kind_of_damage_is_found)
{
    struct world *world = world_full();
    struct arena *arena = arena_new(1 << 20);
    struct view *view = state_write_view(world->store, &world->why);
    cr_assert_eq(findings_of(view), 0);
    for (int which = 0; which < DAMAGES; which++) {
        state_abort(world->store);
        view = state_write_view(world->store, &world->why);
        arena_reset(arena);
        const char *what = damage(view, arena, which);
        cr_assert_not_null(what, "damage %d", which);
        cr_assert_gt(findings_of(view), 0, "not found: %s", what);
    }
    state_abort(world->store);
    view = state_write_view(world->store, &world->why);
    cr_assert_null(damage(view, arena, DAMAGES));
    arena_free(&arena);
    world_verify(world);
    world_free(&world);
}
