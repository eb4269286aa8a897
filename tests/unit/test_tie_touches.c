/* SPDX-License-Identifier: Apache-2.0
 *
 * Recording touches: what is refused, what they make of the tie, tiers by hand, notes that stay sealed, and that nobody
 * else sees any of it. */
#include "apply/bonds.h"
#include "base/clock.h"
#include "random_cases.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define KIND(name) VOUCH__V1__TIE_TOUCH__KIND__##name
#define TIER(name) VOUCH__V1__TIER__##name

struct cast {
    struct world *world;
    uint64_t ana, tom, sam;
};

static uint64_t add_contact(struct world *world, uint64_t member, const char *name, const char *email,
                            uint32_t strength_ppm)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = (char *)(uintptr_t)name;
    personal.email = (char *)(uintptr_t)email;
    add.personal = &personal;
    add.strength_ppm = strength_ppm;
    return world_do(world, member, REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

static struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.ana = world_member(cast.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.tom = world_member(cast.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.sam = add_contact(cast.world, cast.ana, "Sam Okafor", "sam@orrin.example", 0);
    return cast;
}

static enum vouch_status touch(struct cast *cast, Vouch__V1__TieTouch__Kind kind, bool inbound, int64_t days_ago)
{
    Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
    record.contact = cast->sam;
    record.kind = kind;
    record.inbound = inbound;
    record.time_ms = cast->world->now_ms - days_ago * MS_PER_DAY;
    return world_try(cast->world, cast->ana, NULL, REQUEST_OF(TOUCH_RECORD, touch_record, &record));
}

static const Vouch__V1__TouchPage *touches(struct cast *cast)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__TouchList list = VOUCH__V1__TOUCH_LIST__INIT;
    list.contact = cast->sam;
    cr_assert_eq(world_ask(cast->world, cast->ana, REQUEST_OF(TOUCH_LIST, touch_list, &list), &reply), VOUCH_OK);
    return reply.touches;
}

static uint32_t tie_strength(struct cast *cast)
{
    struct tie_entry tie = {.strength_ppm = 0};
    struct view *view = snapshot_open(cast->world->store);
    tie_get(view, NODE_MEMBER | cast->ana, NODE_CONTACT | cast->sam, &tie);
    snapshot_close(&view);
    return tie.strength_ppm;
}

static void set_tier(struct cast *cast, Vouch__V1__Tier tier)
{
    Vouch__V1__TierSetting set = VOUCH__V1__TIER_SETTING__INIT;
    set.contact = cast->sam;
    set.tier = tier;
    world_do(cast->world, cast->ana, REQUEST_OF(TIER_SET, tier_set, &set));
}

static void cast_free(struct cast *cast)
{
    world_verify(cast->world);
    world_free(&cast->world);
}

Test(tie_touches, refused)
{
    struct cast cast = cast_new();
    int64_t now_ms = cast.world->now_ms;
    const struct {
        uint64_t contact;
        Vouch__V1__TieTouch__Kind kind;
        bool inbound, no_answer;
        int64_t time_ms;
        enum vouch_status must;
    } rows[] = {
        {cast.sam, KIND(CALL), false, true, 0, VOUCH_OK},
        {cast.sam, KIND(CALL), false, false, now_ms / 60000 * 60000, VOUCH_DUPLICATE}, /* in the same minute */
        {cast.sam, KIND(CALL), true, false, 0, VOUCH_OK},                              /* the other way */
        {cast.sam, KIND(EMAIL), false, false, 0, VOUCH_OK},
        {cast.sam, KIND(CALL), false, false, now_ms + 1, VOUCH_INVALID},
        {cast.sam, KIND(CALL), false, false, -1, VOUCH_INVALID},
        {cast.sam, KIND(CALL), false, false, INT64_MIN, VOUCH_INVALID},
        {cast.sam, KIND(CALL), false, false, 1, VOUCH_OK}, /* 1970 */
        {cast.sam, KIND(KIND_NONE), false, false, 0, VOUCH_INVALID},
        {cast.sam, (Vouch__V1__TieTouch__Kind)9, false, false, 0, VOUCH_INVALID},
        {cast.sam, KIND(MEETING), false, true, 0, VOUCH_INVALID},
        {cast.sam, KIND(CALL), true, true, 1000, VOUCH_INVALID},
        {99, KIND(CALL), false, false, 0, VOUCH_NOT_FOUND},
        {0, KIND(CALL), false, false, 0, VOUCH_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
        record.contact = rows[i].contact;
        record.kind = rows[i].kind;
        record.inbound = rows[i].inbound;
        record.no_answer = rows[i].no_answer;
        record.time_ms = rows[i].time_ms;
        enum vouch_status is = world_try(cast.world, cast.ana, NULL, REQUEST_OF(TOUCH_RECORD, touch_record, &record));
        cr_assert_eq(is, rows[i].must, "row %zu: %s %s", i, status_name(is), cast.world->why.text);
        if (rows[i].contact == cast.sam) { /* Tom does not know Sam */
            cr_assert_eq(world_try(cast.world, cast.tom, NULL, REQUEST_OF(TOUCH_RECORD, touch_record, &record)),
                         VOUCH_NOT_FOUND);
        }
    }
    Vouch__V1__TouchList list = VOUCH__V1__TOUCH_LIST__INIT;
    Vouch__V1__Reply reply;
    list.contact = cast.sam;
    cr_assert_eq(world_ask(cast.world, cast.tom, REQUEST_OF(TOUCH_LIST, touch_list, &list), &reply), VOUCH_NOT_FOUND);
    cr_assert_eq(world_ask(cast.world, WORLD_ADMIN, REQUEST_OF(TOUCH_LIST, touch_list, &list), &reply),
                 VOUCH_NOT_FOUND);
    cast_free(&cast);
}

Test(tie_touches, the_tie_follows_what_is_measured)
{
    struct cast cast = cast_new();
    cr_assert_eq(tie_strength(&cast), 500000); /* a guess, until the first touch */
    static const struct {
        Vouch__V1__TieTouch__Kind kind;
        bool inbound;
        int64_t days_ago;
    } rows[] = {{KIND(EMAIL), true, 31},
                {KIND(MEETING), false, 10},
                {KIND(CALL), false, 120},
                {KIND(MEETING), true, 10},
                {KIND(EMAIL), false, 30}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(touch(&cast, rows[i].kind, rows[i].inbound, rows[i].days_ago), VOUCH_OK);
    }
    cr_assert_eq(tie_strength(&cast), 890403);
    const Vouch__V1__TouchPage *page = touches(&cast);
    cr_assert_eq(page->standing->strength_ppm, 890403);
    cr_assert_eq(page->standing->tier, TIER(A));
    cr_assert_eq(page->standing->due_ms, cast.world->now_ms + 20 * MS_PER_DAY);
    cr_assert(!page->standing->neglected && page->standing->returns_calls);
    cr_assert_eq(page->n_touches, 5);
    for (size_t i = 1; i < page->n_touches; i++) {
        cr_assert_geq(page->touches[i - 1]->time_ms, page->touches[i]->time_ms);
    }
    world_wait(cast.world, 21 * MS_PER_DAY);
    page = touches(&cast);
    cr_assert(page->standing->neglected && page->standing->strength_ppm < 890403);
    cr_assert_eq(touch(&cast, KIND(EMAIL), false, 0), VOUCH_OK); /* nobody answered: nothing moves */
    cr_assert(touches(&cast)->standing->neglected);
    cr_assert_eq(touch(&cast, KIND(CALL), false, 0), VOUCH_OK);
    cr_assert_not(touches(&cast)->standing->neglected);
    cast_free(&cast);
}

Test(tie_touches, what_a_member_said_wins)
{
    struct cast cast = cast_new();
    set_tier(&cast, TIER(A));
    cr_assert_eq(touch(&cast, KIND(EMAIL), false, 300), VOUCH_OK);
    cr_assert_eq(tie_strength(&cast), 500000);
    const Vouch__V1__TouchPage *page = touches(&cast);
    cr_assert(page->standing->tier == TIER(A) && page->standing->tier_by_hand);
    set_tier(&cast, TIER(TIER_NONE));
    page = touches(&cast);
    cr_assert(page->standing->tier == TIER(DORMANT) && !page->standing->tier_by_hand);
    cr_assert_lt(tie_strength(&cast), 100000);
    /* A strength that a member gave stays, too, and is shown as theirs. */
    cast.sam = add_contact(cast.world, cast.ana, "Lea Brandt", "lea@orrin.example", 900000);
    cr_assert_eq(touch(&cast, KIND(EMAIL), false, 300), VOUCH_OK);
    cr_assert_eq(tie_strength(&cast), 900000);
    page = touches(&cast);
    cr_assert(page->standing->strength_by_hand && page->standing->tier == TIER(B)); /* never returned a call */
    set_tier(&cast, TIER(TIER_NONE));
    cr_assert_lt(tie_strength(&cast), 100000);
    Vouch__V1__TierSetting set = VOUCH__V1__TIER_SETTING__INIT;
    set.contact = cast.sam;
    cr_assert_eq(world_try(cast.world, cast.tom, NULL, REQUEST_OF(TIER_SET, tier_set, &set)), VOUCH_NOT_FOUND);
    cast_free(&cast);
}

/* The same touches in any order leave the same bond, to the last byte. */
Test(tie_touches, recorded_in_any_order)
{
    struct random_cases random = random_begin("touches in any order", 5);
    for (int round = 0; round < 5; round++) {
        uint8_t bytes[2][1024];
        size_t sizes[2];
        int64_t days[12];
        for (size_t i = 0; i < 12; i++) {
            days[i] = (int64_t)(i * 13 + random_below(&random, 13));
        }
        for (int order = 0; order < 2; order++) {
            struct cast cast = cast_new();
            for (size_t i = 0; i < 12; i++) {
                size_t at = order == 0 ? i : 11 - i;
                cr_assert_eq(touch(&cast, (Vouch__V1__TieTouch__Kind)(1 + at % 4), at % 3 == 0, days[at]), VOUCH_OK);
            }
            struct view *view = snapshot_open(cast.world->store);
            struct key key = key_bond(cast.ana, cast.sam);
            struct slice value;
            cr_assert(table_get(view, TABLE_BOND, key_slice(&key), &value));
            cr_assert_lt(value.size, sizeof bytes[0]);
            sizes[order] = value.size;
            memcpy(bytes[order], value.data, value.size);
            snapshot_close(&view);
            cast_free(&cast);
        }
        cr_assert_eq(sizes[0], sizes[1]);
        cr_assert_eq(memcmp(bytes[0], bytes[1], sizes[0]), 0, "round %d", round);
    }
}

Test(tie_touches, notes_are_sealed)
{
    struct cast cast = cast_new();
    Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
    record.contact = cast.sam;
    record.kind = KIND(CALL);
    record.note = "his daughter starts school";
    world_do(cast.world, cast.ana, REQUEST_OF(TOUCH_RECORD, touch_record, &record));
    cr_assert_str_eq(touches(&cast)->touches[0]->note, "his daughter starts school");
    struct view *view = snapshot_open(cast.world->store);
    static const enum table all[] = {TABLE_JOURNAL, TABLE_TOUCH, TABLE_BOND};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct slice key, value;
        struct cursor *cursor = cursor_open(view, all[i]);
        for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
            cr_assert_null(memmem(value.data, value.size, "daughter", 8), "in %s", table_name(all[i]));
        }
        cursor_close(&cursor);
    }
    snapshot_close(&view);
    cast_free(&cast);
}

/* More than count, and pages. */
Test(tie_touches, many)
{
    struct cast cast = cast_new();
    for (int64_t i = 0; i < 1100; i++) {
        Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
        record.contact = cast.sam;
        record.kind = KIND(EMAIL);
        record.time_ms = cast.world->now_ms - i * 60000;
        world_do(cast.world, cast.ana, REQUEST_OF(TOUCH_RECORD, touch_record, &record));
    }
    Vouch__V1__TouchList list = VOUCH__V1__TOUCH_LIST__INIT;
    Vouch__V1__Reply reply;
    size_t seen = 0;
    list.contact = cast.sam;
    list.limit = 500;
    do {
        cr_assert_eq(world_ask(cast.world, cast.ana, REQUEST_OF(TOUCH_LIST, touch_list, &list), &reply), VOUCH_OK);
        seen += reply.touches->n_touches;
        list.before_ms = reply.touches->touches[reply.touches->n_touches - 1]->time_ms;
    } while (reply.touches->more);
    cr_assert_eq(seen, 1100);
    cr_assert_leq(reply.touches->standing->r_micro, UINT64_C(1000) * STRENGTH_WHOLE);
    cast_free(&cast);
}
