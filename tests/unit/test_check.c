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

static void no_working_clock(Vouch__V1__Referral *referral)
{
    referral->clock = NULL;
    referral->due_ms = 0;
}

static void other_end(Vouch__V1__Referral *referral)
{
    referral->due_ms++;
}

static void backward_clock(Vouch__V1__Referral *referral)
{
    referral->clock->half_ms = referral->clock->due_ms + 1;
}

static void clock_that_rang(Vouch__V1__Referral *referral)
{
    referral->clock->stage = VOUCH__V1__CLOCK__STAGE__LAST;
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

static void rewrite_amount(struct view *view, struct arena *arena)
{
    rewrite_booking(view, arena, other_amount);
}

static void rewrite_payee(struct view *view, struct arena *arena)
{
    rewrite_booking(view, arena, other_payee);
}

static void rewrite_deal(struct view *view, struct arena *arena)
{
    Vouch__V1__Deal deal = *record_deal(view, 2, arena);
    deal.paid_minor++;
    record_put(view, TABLE_DEAL, 2, &deal.base, arena);
}

/* One byte of a payee's first balance. */
static void rewrite_account(struct view *view, struct arena *arena)
{
    (void)arena;
    struct account_id id = account_id_of(2, WORLD_HOME, "EUR");
    struct key key = key_account(&id);
    struct slice value;
    uint8_t bytes[128];
    cr_assert(table_get(view, TABLE_ACCOUNT, key_slice(&key), &value) && value.size <= sizeof bytes);
    memcpy(bytes, value.data, value.size);
    bytes[0] ^= 1;
    table_put(view, TABLE_ACCOUNT, key_slice(&key), (struct slice){bytes, value.size});
}

/* Deleting any one row of any index is found. */
static const enum table indexes[] = {
    TABLE_MEMBER_KEY, TABLE_CONTACT_EMAIL,   TABLE_COMPANY_DOMAIN, TABLE_NAME_WORD,       TABLE_TIE_OUT,
    TABLE_TIE_IN,     TABLE_REFERRAL_MEMBER, TABLE_CLAIM,          TABLE_REFERRAL_ORIGIN, TABLE_DUE,
    TABLE_INBOX,      TABLE_INBOX_CURSOR,    TABLE_DEAL,           TABLE_PAYMENT,         TABLE_BOOKING,
    TABLE_ACCOUNT,    TABLE_ACCOUNT_BOOKING, TABLE_TOTAL,          TABLE_MEMBER,          TABLE_COMPANY,
    TABLE_CONTACT,    TABLE_REFERRAL,        TABLE_OBLIGATION};
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

/* ---- rows that nothing asks for ---- */

static void add_referral_row(struct view *view, struct arena *arena)
{
    (void)arena;
    struct key row = key_referral_member(2, PARTY_RECEIVER, VOUCH__V1__REFERRAL_STATE__WON, 3);
    table_put(view, TABLE_REFERRAL_MEMBER, key_slice(&row), (struct slice){"", 0});
}

static void add_total(struct view *view, struct arena *arena)
{
    (void)arena;
    struct key row = key_total(TOTAL_WON_MINOR, "USD", 3);
    number_put(view, TABLE_TOTAL, &row, 5);
}

static void advance_counter(struct view *view, struct arena *arena)
{
    (void)arena;
    meta_put(view, "last_referral", 7);
}

static void add_inbox_line(struct view *view, struct arena *arena)
{
    (void)arena;
    struct key row = key_u64_u64(2, 99);
    struct key line = key_u64(3);
    table_put(view, TABLE_INBOX, key_slice(&row), key_slice(&line));
}

static void advance_cursor(struct view *view, struct arena *arena)
{
    (void)arena;
    struct key row = key_u64(2);
    struct key cursor = key_u64_u64(1, 5);
    table_put(view, TABLE_INBOX_CURSOR, key_slice(&row), key_slice(&cursor));
}

static void add_word(struct view *view, struct arena *arena)
{
    (void)arena;
    struct key row = key_name_word(NAME_MEMBER, "nobody", 2);
    table_put(view, TABLE_NAME_WORD, key_slice(&row), (struct slice){"", 0});
}

static void add_timer(struct view *view, struct arena *arena)
{
    (void)arena;
    struct key row = key_due(5, 1, 9);
    table_put(view, TABLE_DUE, key_slice(&row), (struct slice){"", 0});
}

static void add_obligation(struct view *view, struct arena *arena)
{
    (void)arena;
    obligation_add(view, 3, 20301231, (struct obligation){.kept = 1});
}

static void miss_once_more(struct view *view, struct arena *arena)
{
    (void)arena;
    struct slice key;
    struct cursor *cursor = cursor_open(view, TABLE_OBLIGATION);
    cr_assert(cursor_seek(cursor, SLICE_NONE, &key, NULL));
    uint64_t member = slice_u64(key, 0);
    uint32_t day = obligation_day(key);
    cursor_close(&cursor);
    obligation_add(view, member, day, (struct obligation){.missed = 1});
}

/* ---- all of it ---- */

static const struct {
    const char *what;
    uint64_t referral;
    void (*change)(Vouch__V1__Referral *referral);
} rewrites[] = {
    {"a referral with another receiver", 2, other_receiver},
    {"a referral in another state", 2, other_state},
    {"a referral without steps", 2, no_steps},
    {"a step that names another event", 2, other_step},
    {"another value", 2, other_value},
    {"a clock that stopped", 1, no_clock},
    {"an offer nobody has to answer", 4, no_working_clock},
    {"another end of a clock than it has", 4, other_end},
    {"a clock whose half is after its end", 4, backward_clock},
    {"a clock that rang, and its timer did not", 4, clock_that_rang},
    {"a claim that ends at another time", 4, longer_claim},
    {"a referral in the queue that claims nothing", 5, not_waiting},
    {"a queue without a referral", 5, no_claim},
    {"a credit that no event tells of", 2, made_up_touch},
};
#define REWRITES ((int)(sizeof rewrites / sizeof rewrites[0]))

static const struct {
    const char *what;
    void (*damage)(struct view *view, struct arena *arena);
} others[] = {
    {"a row that no referral asks for", add_referral_row},
    {"another balance", rewrite_account},
    {"a total without referrals", add_total},
    {"a counter that ran ahead", advance_counter},
    {"a gap in an inbox", add_inbox_line},
    {"more read than there is", advance_cursor},
    {"a word that nobody has", add_word},
    {"a timer for nothing", add_timer},
    {"an obligation that nobody had", add_obligation},
    {"one more missed", miss_once_more},
    {"a booking of another amount", rewrite_amount},
    {"a booking for somebody else", rewrite_payee},
    {"a deal on which more was paid", rewrite_deal},
};
#define OTHERS ((int)(sizeof others / sizeof others[0]))
#define DAMAGES (DELETIONS + REWRITES + OTHERS)

/* Damage number `which`; says what it did. */
static const char *damage(struct view *view, struct arena *arena, int which)
{
    if (which < DELETIONS) {
        return delete_first(view, indexes[which]);
    }
    which -= DELETIONS;
    if (which < REWRITES) {
        rewrite_referral(view, arena, rewrites[which].referral, rewrites[which].change);
        return rewrites[which].what;
    }
    others[which - REWRITES].damage(view, arena);
    return others[which - REWRITES].what;
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
        cr_assert_gt(findings_of(view), 0, "not found: %s", what);
    }
    state_abort(world->store);
    arena_free(&arena);
    world_verify(world);
    world_free(&world);
}
