/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom the list of the day names of the people a member knows: who is neglected, and who could be asked, by a formula.
 */
#include "base/clock.h"
#include "base/message.h"
#include "domain/match_score.h"
#include "today_cast.h"

#include <criterion/criterion.h>
#include <string.h>

Test(today_contacts, only_a_real_contact_ends_neglect)
{
    struct cast cast = cast_new();
    uint64_t sam = add_person(&cast, cast.ana, cast.orrin, "Sam Okoro", false);
    befriend(&cast, cast.ana, sam, 0);
    expect_nothing(&cast, cast.ana);
    cr_assert_eq(cast.list->next_kind, KIND(STAY_IN_TOUCH));
    cr_assert_eq(cast.list->next_ms, cast.world->now_ms - MS_PER_DAY + 30 * MS_PER_DAY); /* tier A */
    world_wait(cast.world, 31 * MS_PER_DAY);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(STAY_IN_TOUCH));
    cr_assert_eq(cast.list->neglected, 1);
    int64_t due_ms = cast.list->lines[0]->due_ms;
    touch(&cast, cast.ana, sam, VOUCH__V1__TIE_TOUCH__KIND__EMAIL, false, 0);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(STAY_IN_TOUCH));
    cr_assert_leq(cast.list->lines[0]->due_ms - due_ms, 30 * MS_PER_DAY); /* the tier may sink, the contact counts */
    touch(&cast, cast.ana, sam, VOUCH__V1__TIE_TOUCH__KIND__MEETING, true, 0);
    expect_nothing(&cast, cast.ana);
    cast_free(&cast);
}

Test(today_contacts, the_neglected_come_by_tier_and_only_the_first_ten)
{
    struct cast cast = cast_new();
    uint64_t close[2], known[12];
    for (size_t i = 0; i < 12; i++) {
        known[i] = add_person(&cast, cast.ana, cast.orrin, "Kim Lind", false);
        touch(&cast, cast.ana, known[i], VOUCH__V1__TIE_TOUCH__KIND__MEETING, false, 300 - (int64_t)i);
    }
    for (size_t i = 0; i < 2; i++) {
        close[i] = add_person(&cast, cast.ana, cast.orrin, "Sam Okoro", false);
        befriend(&cast, cast.ana, close[i], 40 + (int64_t)i);
    }
    look(&cast, cast.ana);
    cr_assert_eq(cast.list->n_lines, TODAY_NEGLECTED);
    cr_assert_eq(cast.list->neglected, 14);
    cr_assert_eq(cast.list->left_out, 4);
    cr_assert_eq(cast.list->lines[0]->contact, close[1]);
    cr_assert_eq(cast.list->lines[1]->contact, close[0]);
    for (size_t i = 2; i < TODAY_NEGLECTED; i++) {
        cr_assert_eq(cast.list->lines[i]->contact, known[i - 2], "line %zu", i);
        cr_assert_geq(cast.list->lines[i]->tier, cast.list->lines[i - 1]->tier);
    }
    cast_free(&cast);
}

Test(today_contacts, who_can_be_asked)
{
    struct cast cast = cast_new();
    set_card(&cast, cast.ana, "food");
    set_card(&cast, cast.tom, "food");
    uint64_t good = add_person(&cast, cast.ana, cast.orrin, "Sam Okoro", true);
    uint64_t silent = add_person(&cast, cast.ana, cast.orrin, "Kim Lind", true);
    uint64_t unwilling = add_person(&cast, cast.ana, cast.orrin, "Per Dahl", false);
    uint64_t asked = add_person(&cast, cast.ana, cast.orrin, "Jo Berg", true);
    befriend(&cast, cast.ana, good, 0);
    befriend(&cast, cast.ana, unwilling, 0);
    befriend(&cast, cast.ana, asked, 0);
    touch(&cast, cast.ana, silent, VOUCH__V1__TIE_TOUCH__KIND__EMAIL, false, 20);
    prepare(&cast, cast.ana, asked, true);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(BEST_ASK));
    cr_assert_eq(cast.list->lines[0]->contact, good);
    cr_assert_eq(cast.list->lines[0]->tier, VOUCH__V1__TIER__A);
    cr_assert_str_eq(cast.list->lines[0]->reason, "returns your calls (A)");
    look(&cast, cast.tom);
    cr_assert_eq(cast.list->n_lines, 0); /* they are Ana's */
    cast_free(&cast);
}

/* The budget is the contact's, whoever asks. */
Test(today_contacts, whom_a_colleague_has_asked_is_not_proposed)
{
    struct cast cast = cast_new();
    set_card(&cast, cast.ana, "food");
    set_card(&cast, cast.tom, "food");
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = "Sam Okoro";
    personal.email = "sam@orrin.example";
    add.personal = &personal;
    add.company = cast.orrin;
    add.consent = true;
    uint64_t sam = world_do(cast.world, cast.ana, REQUEST_OF(CONTACT_ADD, contact_add, &add));
    cr_assert_eq(world_do(cast.world, cast.tom, REQUEST_OF(CONTACT_ADD, contact_add, &add)), sam);
    befriend(&cast, cast.ana, sam, 0);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(BEST_ASK));
    prepare(&cast, cast.tom, sam, true);
    expect_nothing(&cast, cast.ana);
    cast_free(&cast);
}

static uint64_t add_company(struct cast *cast, const char *name, uint64_t parent, uint32_t size_band)
{
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = (char *)(uintptr_t)name;
    add.kind = VOUCH__V1__COMPANY_KIND__PROSPECT;
    add.parent = parent;
    add.size_band = size_band;
    add.industry = "food";
    return world_do(cast->world, cast->ana, REQUEST_OF(COMPANY_ADD, company_add, &add));
}

Test(today_contacts, divisions_beside_a_client_are_proposed)
{
    struct cast cast = cast_new();
    set_card(&cast, cast.ana, "banking");
    uint64_t group = add_company(&cast, "Nordhamn", 0, 8);
    uint64_t ports = add_company(&cast, "Nordhamn Ports", group, 4);
    uint64_t cranes = add_company(&cast, "Nordhamn Cranes", group, 1);
    uint64_t jo = add_person(&cast, cast.ana, cranes, "Jo Lindqvist", true);
    uint64_t head = add_person(&cast, cast.ana, group, "Ida Holm", true);
    add_person(&cast, cast.ana, ports, "Per Dahl", true); /* is a client, and does not call back */
    add_person(&cast, cast.ana, cast.orrin, "Kim Lind", true);
    expect_nothing(&cast, cast.ana);
    uint64_t referral = world_submit(cast.world, cast.tom, ports, cast.ana);
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        must_move(&cast, cast.ana, referral, verbs[i], 0);
    }
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(BEST_ASK), KIND(BEST_ASK));
    cr_assert_eq(cast.list->lines[0]->contact, jo);
    cr_assert_eq(cast.list->lines[1]->contact, head);
    cr_assert_str_eq(cast.list->lines[0]->reason, "same group as your client Nordhamn Ports");
    cast_free(&cast);
}

/* ---- the formula ---- */

Test(today_contacts, propensity_is_the_mean_of_a_beta)
{
    static const struct {
        uint32_t asks, named, ppm;
    } rows[] = {{0, 0, 200000}, {1, 0, 166666}, {1, 1, 333333}, {5, 4, 500000}, {5, 0, 100000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(today_propensity_ppm(rows[i].asks, rows[i].named), rows[i].ppm, "row %zu", i);
    }
}

Test(today_contacts, score_is_the_product)
{
    static const struct {
        uint32_t strength, propensity;
        int64_t since_days;
        uint32_t value, ppm;
    } rows[] = {
        {1000000, 1000000, 90, 1000000, 1000000},
        {800000, 200000, 90, 1000000, 160000},
        {800000, 200000, 45, 1000000, 80000},
        {800000, 200000, 900, 500000, 80000},
        {800000, 200000, 0, 1000000, 0},
        {800000, 200000, -5, 1000000, 0},
        {0, 200000, 90, 1000000, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(
            today_score_ppm(rows[i].strength, rows[i].propensity, rows[i].since_days * MS_PER_DAY, rows[i].value),
            rows[i].ppm, "row %zu", i);
    }
    cr_assert_eq(today_score_ppm(PPM, PPM, INT64_MAX, PPM), PPM);
}

/* today_contacts.c reads these by their numbers. */
Test(today_contacts, numbers_of_the_fields_of_a_contact)
{
    static const struct {
        const char *name;
        uint32_t number;
    } rows[] = {{"company", 2}, {"consent", 3}, {"added_ms", 6}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(protobuf_c_message_descriptor_get_field_by_name(&vouch__v1__contact__descriptor, rows[i].name)->id,
                     rows[i].number);
    }
}

/* today_bond.c reads a bond by the numbers of its fields. */
Test(today_contacts, a_bond_is_read_as_it_was_written)
{
    struct arena *arena = arena_new(1 << 20);
    for (uint64_t i = 0; i < 300; i++) {
        Vouch__V1__Bond bond = VOUCH__V1__BOND__INIT;
        protobuf_c_boolean returned[] = {true, false, i % 3 == 0, true};
        int64_t outreach_ms[] = {(int64_t)i, (int64_t)(i * i), 1795435200000, INT64_MAX};
        const ProtobufCMessageDescriptor *type = &vouch__v1__bond__descriptor;
        for (unsigned j = 0; j < type->n_fields; j++) {
            if (type->fields[j].label != PROTOBUF_C_LABEL_REPEATED && (i >> (j % 8) & 1) != 0) {
                uint64_t number = type->fields[j].type == PROTOBUF_C_TYPE_ENUM ? i % 5 : (i + 1) << (j * 2 % 24);
                size_t size = type->fields[j].type == PROTOBUF_C_TYPE_UINT32 ||
                                      type->fields[j].type == PROTOBUF_C_TYPE_ENUM
                                  ? 4
                                  : 8;
                memcpy((uint8_t *)&bond + type->fields[j].offset, &number, size);
            }
        }
        bond.returned = returned;
        bond.n_returned = i % 5;
        bond.outreach_ms = outreach_ms;
        bond.n_outreach_ms = i % 5;
        size_t size, again_size;
        void *packed = message_pack(&bond.base, arena, &size);
        struct today_bond read;
        cr_assert(today_bond_read((struct slice){packed, size}, &read), "bond %llu", (unsigned long long)i);
        void *again = message_pack(&read.bond.base, arena, &again_size);
        cr_assert(again_size == size && memcmp(again, packed, size) == 0, "bond %llu", (unsigned long long)i);
        if (size > 0) {
            today_bond_read((struct slice){packed, size - 1}, &read); /* cut off: read or not, within its bounds */
        }
        arena_reset(arena);
    }
    arena_free(&arena);
}

Test(today_contacts, what_comes_first_is_kept)
{
    struct today_item items[8];
    struct today_best best = {.items = items, .room = 8};
    for (uint32_t i = 0; i < 1000; i++) {
        struct today_item item = {.group = TODAY_TIMED, .order = (int64_t)(i * 7919 % 1000), .id = i + 1};
        today_best_add(&best, &item);
    }
    today_best_sort(&best);
    cr_assert_eq(best.count, 8);
    cr_assert_eq(best.offered, 1000);
    for (size_t i = 0; i < 8; i++) {
        cr_assert_eq(items[i].order, (int64_t)i);
    }
}
