/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a referral, row by row: every verb said by every party in every state is done exactly where the table of
 * moves allows it, and leads where the table says. The table in docs/referrals.md is the same one. */
#include "domain/referral_moves.h"
#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name

/* Who tries a verb. */
enum person { REFERRER, RECEIVER, CONNECTOR, MANAGER_OF_REFERRER, ADMIN, AUDITOR, STRANGER, PEOPLE };

struct cast {
    struct world *world;
    uint64_t people[PEOPLE];
    uint64_t other; /* takes what the first receiver does not */
    uint64_t prospect;
};

static struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    struct world *world = cast.world;
    cast.people[REFERRER] = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.people[RECEIVER] = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    cast.people[CONNECTOR] = world_member(world, "Lena Voss", VOUCH__V1__ROLE__REP, WORLD_HOME, "Iberia");
    cast.people[MANAGER_OF_REFERRER] = world_member(world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    cast.people[ADMIN] = WORLD_ADMIN;
    cast.people[AUDITOR] = world_member(world, "Uta Brandt", VOUCH__V1__ROLE__AUDITOR, WORLD_HOME, "");
    cast.people[STRANGER] = world_member(world, "Per Dahl", VOUCH__V1__ROLE__REP, WORLD_HOME, "Benelux");
    cast.other = world_member(world, "Ben Adler", VOUCH__V1__ROLE__REP, WORLD_HOME, "UK");
    cast.prospect = world_company(world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return cast;
}

static void move(struct cast *cast, enum person person, uint64_t id, Vouch__V1__ReferralVerb verb)
{
    enum vouch_status status = world_move(cast->world, cast->people[person], id, verb, cast->people[RECEIVER], 4800000);
    cr_assert_eq(status, VOUCH_OK, "%s: %s", referral_move_find(verb)->word, cast->world->why.text);
}

static uint64_t submit(struct cast *cast, bool draft, bool consent, bool connector)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "they asked me who does archives well";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast->prospect;
    submit.text = &text;
    submit.draft = draft;
    submit.consent = consent;
    submit.connector = connector ? cast->people[CONNECTOR] : 0;
    return world_do(cast->world, cast->people[REFERRER], REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

/* One that waits for another's claim, or one that introduces the referrer and is held. */
static uint64_t submit_late(struct cast *cast, bool held)
{
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    person.name = "Ana Sousa";
    submit.prospect = cast->prospect;
    submit.new_contact = held ? &person : NULL;
    submit.consent = true;
    submit.product = held ? "held" : "late";
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "they asked me who does archives well";
    cast->world->policy.protection_days = 90;
    for (int i = held ? 1 : 0; i < 2; i++) {
        submit.text = i == 0 ? &text : NULL; /* a lead that held the claim would give way to who vouches */
        world_do(cast->world, cast->people[REFERRER], REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    }
    cast->world->policy.protection_days = 0;
    return cast->world->answer_id;
}

/* A referral in this state. */
static uint64_t referral_in(struct cast *cast, Vouch__V1__ReferralState state)
{
    static const struct {
        Vouch__V1__ReferralState after;
        enum person person;
        Vouch__V1__ReferralVerb verb;
    } path[] = {{STATE(REGISTERED), REFERRER, VERB(OFFER)}, {STATE(OFFERED), RECEIVER, VERB(ACCEPT)},
                {STATE(ACCEPTED), RECEIVER, VERB(CONTACT)}, {STATE(CONTACTED), RECEIVER, VERB(MEET)},
                {STATE(MEETING), RECEIVER, VERB(QUALIFY)},  {STATE(OPPORTUNITY), RECEIVER, VERB(WIN)}};
    if (state == STATE(DRAFT)) {
        return submit(cast, true, false, true);
    }
    if (state == STATE(CONSENT_WAIT)) {
        return submit(cast, false, false, true);
    }
    if (state == STATE(EXPIRED)) {
        uint64_t id = submit(cast, false, false, true);
        world_wait(cast->world, 6 * INT64_C(86400000));
        return id;
    }
    if (state == STATE(DUPLICATE_WAIT) || state == STATE(HELD)) {
        return submit_late(cast, state == STATE(HELD));
    }
    uint64_t id = submit(cast, false, false, true);
    move(cast, CONNECTOR, id, VERB(INTRODUCE));
    if (state == STATE(GHOSTED)) {
        move(cast, REFERRER, id, VERB(OFFER));
        world_wait(cast->world, 7 * INT64_C(86400000)); /* told as overdue only now, */
        world_wait(cast->world, 7 * INT64_C(86400000)); /* and passed on later */
    }
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        if (world_referral(cast->world, id)->state == state) {
            return id;
        }
        if (path[i].after == STATE(OFFERED) && state == STATE(DECLINED)) {
            move(cast, RECEIVER, id, VERB(DECLINE));
            return id;
        }
        if (path[i].after == STATE(CONTACTED) && state == STATE(LOST)) {
            move(cast, RECEIVER, id, VERB(LOSE));
            return id;
        }
        if (path[i].after == STATE(ACCEPTED) && state == STATE(WITHDRAWN)) {
            move(cast, REFERRER, id, VERB(WITHDRAW));
            return id;
        }
        move(cast, path[i].person, id, path[i].verb);
    }
    cr_assert_eq(world_referral(cast->world, id)->state, state);
    return id;
}

/* What must come of it, said again without the code under test. */
static enum vouch_status expected(const struct cast *cast, const struct referral_move *move, enum person person,
                                  const Vouch__V1__Referral *referral)
{
    bool offered = referral->attempt > 0;
    bool draft = referral->state == STATE(DRAFT);
    bool sees = person == REFERRER || person == ADMIN || (person == RECEIVER && offered) ||
                (person == CONNECTOR && !draft && referral->connector == cast->people[CONNECTOR]) ||
                (!draft && (person == MANAGER_OF_REFERRER || person == AUDITOR));
    bool may = (move->who == PARTY_REFERRER && (person == REFERRER || person == ADMIN)) ||
               (move->who == PARTY_RECEIVER && ((person == RECEIVER && offered) || person == ADMIN)) ||
               (move->who == PARTY_CONNECTOR && person == CONNECTOR);
    if (!sees) {
        return VOUCH_NOT_FOUND;
    }
    if (!may) {
        return VOUCH_DENIED;
    }
    if ((move->verb == VERB(ATTEST) && !referral->lead) || (move->verb == VERB(DISOWN) && referral->lead)) {
        return VOUCH_CONFLICT;
    }
    return referral_move_leads_from(move, referral->state) ? VOUCH_OK : VOUCH_CONFLICT;
}

static void try_row(struct cast *cast, Vouch__V1__ReferralState state, const struct referral_move *row)
{
    uint64_t id = 0;
    for (int person = 0; person < PEOPLE; person++) {
        if (id == 0) {
            id = referral_in(cast, state);
        }
        Vouch__V1__Referral before = *world_referral(cast->world, id);
        cr_assert_eq(before.state, state);
        enum vouch_status must = expected(cast, row, (enum person)person, &before);
        enum vouch_status is = world_move(cast->world, cast->people[person], id, row->verb, cast->other, 4800000);
        cr_assert_eq(is, must, "%s of %s by person %d: %s instead of %s: %s", row->word, referral_state_name(state),
                     person, status_name(is), status_name(must), cast->world->why.text);
        Vouch__V1__ReferralState now = world_referral(cast->world, id)->state;
        if (is != VOUCH_OK) {
            cr_assert_eq(now, state);
            continue;
        }
        bool asks_first = row->verb == VERB(REGISTER) && state == STATE(DRAFT);
        Vouch__V1__ReferralState to = referral_move_stays(row) ? state : row->to;
        cr_assert_eq(now, asks_first ? STATE(CONSENT_WAIT) : to, "%s of %s led to %s", row->word,
                     referral_state_name(state), referral_state_name(now));
        id = 0; /* the next one gets another */
    }
}

Test(referral_states, every_verb_by_everybody_in_every_state)
{
    struct cast cast = cast_new();
    for (uint32_t state = 1; state < REFERRAL_STATES; state++) {
        for (uint32_t verb = VERB(REGISTER); verb <= VERB(DISOWN); verb++) {
            const struct referral_move *row = referral_move_find((Vouch__V1__ReferralVerb)verb);
            if (row->who != PARTY_BROKER && row->who != PARTY_REVIEWER) {
                try_row(&cast, (Vouch__V1__ReferralState)state, row);
            }
        }
    }
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(referral_states, verbs_that_are_nobodys)
{
    struct cast cast = cast_new();
    uint64_t id = submit(&cast, false, true, false);
    static const uint32_t verbs[] = {0,
                                     VERB(SUBMIT),
                                     VERB(EXPIRE),
                                     VERB(PROMOTE),
                                     VERB(RELEASE),
                                     VERB(REJECT),
                                     VERB(CHOOSE),
                                     VERB(DISPLACE),
                                     VERB(GHOST),
                                     99};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        cr_assert_eq(world_move(cast.world, WORLD_ADMIN, id, (Vouch__V1__ReferralVerb)verbs[i], 0, 1), VOUCH_INVALID);
    }
    world_free(&cast.world);
}

Test(referral_states, names_of_all_states)
{
    for (uint32_t state = 0; state < REFERRAL_STATES; state++) {
        const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(&vouch__v1__referral_state__descriptor,
                                                                               (int)state);
        cr_assert_not_null(value);
        const char *name = state == 0 ? "NONE" : value->name;
        cr_assert_str_eq(referral_state_name((Vouch__V1__ReferralState)state), name);
    }
    cr_assert_null(protobuf_c_enum_descriptor_get_value(&vouch__v1__referral_state__descriptor, REFERRAL_STATES));
    cr_assert_str_eq(referral_state_name((Vouch__V1__ReferralState)99), "?");
}

/* One line of the table in docs/referrals.md. */
static void row_text(const struct referral_move *row, char out[512])
{
    char from[256] = "";
    for (uint32_t state = 1; state < REFERRAL_STATES; state++) {
        if (referral_move_leads_from(row, (Vouch__V1__ReferralState)state)) {
            strcat(from, from[0] == '\0' ? "" : ", ");
            strcat(from, referral_state_name((Vouch__V1__ReferralState)state));
        }
    }
    char needs[64] = "";
    static const char *const words[] = {"receiver", "reason", "note", "value", "until", "vouch"};
    for (uint32_t i = 0; i < 6; i++) {
        if ((row->needs >> i & 1u) != 0) {
            strcat(needs, needs[0] == '\0' ? "" : ", ");
            strcat(needs, words[i]);
        }
    }
    snprintf(out, 512, "| %s | %s | %s | %s | %s | %s |\n", row->word, referral_party_name(row->who),
             from[0] == '\0' ? "–" : from, referral_move_stays(row) ? "SAME" : referral_state_name(row->to),
             needs[0] == '\0' ? "–" : needs, row->sentence);
}

Test(referral_states, the_documentation_has_the_same_table)
{
    FILE *file = fopen("docs/referrals.md", "r");
    cr_assert_not_null(file, "run in the root of the tree");
    static char text[65536];
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (uint32_t verb = VERB(SUBMIT); verb <= VERB(DISOWN); verb++) {
        char row[512];
        row_text(referral_move_find((Vouch__V1__ReferralVerb)verb), row);
        cr_assert_not_null(strstr(text, row), "docs/referrals.md lacks the row\n%s", row);
    }
}
