/* SPDX-License-Identifier: Apache-2.0
 *
 * Members, contacts and whatever they do with each other in any order: touches, tiers, asks and their answers,
 * referrals that come of them, intel, merges, erasure, time. At the end the journal replays to the same bytes, the
 * invariants hold, and where no two contacts turned out to be one person no budget was broken. */
#include "apply/bonds.h"
#include "base/clock.h"
#include "random_cases.h"
#include "world.h"

#include <criterion/criterion.h>

#define WORLDS 8
#define STEPS 1500
#define MEMBERS 3
#define CONTACTS 5

struct play {
    struct world *world;
    struct random_cases random;
    uint64_t members[MEMBERS];
    uint64_t company;
    bool merges; /* contacts are merged and erased, too */
    size_t done; /* steps that were not refused */
};

static uint64_t any(struct play *play, uint64_t count)
{
    return random_below(&play->random, count);
}

/* One of the last ten of those that a counter counts, or one that is not there yet. */
static uint64_t any_late(struct play *play, const char *counter)
{
    struct view *view = snapshot_open(play->world->store);
    uint64_t last = meta_get(view, counter);
    snapshot_close(&view);
    return 1 + (last > 10 ? last - 10 + any(play, 11) : any(play, last + 1));
}

static uint64_t any_member(struct play *play)
{
    return play->members[any(play, MEMBERS)];
}

/* What a rule says no to is part of the play; a fault of the broker is none. */
static void attempt(struct play *play, uint64_t member, const Vouch__V1__Request *request)
{
    enum vouch_status status = world_try(play->world, member, NULL, request);
    cr_assert(status == VOUCH_OK || status == VOUCH_INVALID || status == VOUCH_DENIED || status == VOUCH_NOT_FOUND ||
                  status == VOUCH_CONFLICT || status == VOUCH_DUPLICATE || status == VOUCH_TOO_LARGE,
              "%s: %s", status_name(status), play->world->why.text);
    play->done += status == VOUCH_OK ? 1 : 0;
}

static void set_up(struct play *play)
{
    static const char *const names[] = {"Ana", "Tom", "Priya"};
    char *issues[] = {"archive"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    card.issues = issues;
    card.n_issues = 1;
    set.card = &card;
    play->world = world_new();
    play->company = world_company(play->world, "Orrin Foods", "orrin.example", VOUCH__V1__COMPANY_KIND__CLIENT);
    for (size_t i = 0; i < MEMBERS; i++) {
        play->members[i] = world_member(play->world, names[i], VOUCH__V1__ROLE__REP, WORLD_HOME, "");
        world_do(play->world, play->members[i], REQUEST_OF(CARD_SET, card_set, &set));
    }
    for (size_t i = 0; i < CONTACTS * MEMBERS; i++) {
        char name[32], email[32];
        Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
        Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
        snprintf(name, sizeof name, "Contact %zu", i % CONTACTS);
        snprintf(email, sizeof email, "c%zu@orrin.example", i % CONTACTS);
        personal.name = name;
        personal.email = email;
        add.personal = &personal;
        add.company = play->company;
        add.strength_ppm = any(play, 3) == 0 ? 800000 : 0;
        world_do(play->world, play->members[i / CONTACTS], REQUEST_OF(CONTACT_ADD, contact_add, &add));
    }
}

/* ---- the steps ---- */

static void touch(struct play *play)
{
    Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
    record.contact = 1 + any(play, CONTACTS);
    record.kind = (Vouch__V1__TieTouch__Kind)any(play, 5);
    record.inbound = any(play, 2) == 1;
    record.no_answer = any(play, 4) == 0;
    record.time_ms = play->world->now_ms - (int64_t)any(play, 200) * MS_PER_DAY;
    record.note = any(play, 2) == 0 ? "a word" : "";
    attempt(play, any_member(play), REQUEST_OF(TOUCH_RECORD, touch_record, &record));
}

static void tier(struct play *play)
{
    Vouch__V1__TierSetting set = VOUCH__V1__TIER_SETTING__INIT;
    set.contact = 1 + any(play, CONTACTS);
    set.tier = (Vouch__V1__Tier)any(play, 5);
    attempt(play, any_member(play), REQUEST_OF(TIER_SET, tier_set, &set));
}

static void ask(struct play *play)
{
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    prepare.contact = 1 + any(play, CONTACTS);
    prepare.asked = any(play, 3) > 0;
    attempt(play, any_member(play), REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
}

static void answer(struct play *play)
{
    Vouch__V1__AskMove move = VOUCH__V1__ASK_MOVE__INIT;
    bool by_contact = any(play, 2) == 0;
    move.contact = by_contact ? 1 + any(play, CONTACTS) : 0;
    move.ask = by_contact ? 0 : any_late(play, "last_ask");
    move.to = (Vouch__V1__AskState)any(play, 10);
    move.later_ms = play->world->now_ms + (int64_t)any(play, 200) * MS_PER_DAY;
    attempt(play, any_member(play), REQUEST_OF(ASK_MOVE, ask_move, &move));
}

static void refer(struct play *play)
{
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = play->company;
    submit.consent = true;
    submit.receiver = any(play, 2) == 0 ? any_member(play) : 0;
    submit.ask = any_late(play, "last_ask");
    attempt(play, any_member(play), REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

static void go_on(struct play *play)
{
    static const Vouch__V1__ReferralVerb verbs[] = {VOUCH__V1__REFERRAL_VERB__ACCEPT, VOUCH__V1__REFERRAL_VERB__CONTACT,
                                                    VOUCH__V1__REFERRAL_VERB__MEET, VOUCH__V1__REFERRAL_VERB__LOSE,
                                                    VOUCH__V1__REFERRAL_VERB__WITHDRAW};
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    text.reason = "for a reason";
    text.note = "a word";
    move.referral = any_late(play, "last_referral");
    move.verb = verbs[any(play, sizeof verbs / sizeof verbs[0])];
    move.text = &text;
    attempt(play, any_member(play), REQUEST_OF(REFERRAL_MOVE, referral_move, &move));
}

static void intel(struct play *play)
{
    Vouch__V1__IntelOffer offer = VOUCH__V1__INTEL_OFFER__INIT;
    Vouch__V1__IntelMove move = VOUCH__V1__INTEL_MOVE__INIT;
    if (any(play, 3) == 0) {
        offer.to = any_member(play);
        offer.company = play->company;
        offer.text = "they hire";
        attempt(play, any_member(play), REQUEST_OF(INTEL_OFFER, intel_offer, &offer));
        return;
    }
    move.intel = any_late(play, "last_intel");
    move.to = (Vouch__V1__IntelState)any(play, 5);
    move.referral = any(play, 3) == 0 ? any_late(play, "last_referral") : 0;
    attempt(play, any_member(play), REQUEST_OF(INTEL_MOVE, intel_move, &move));
}

static void person(struct play *play)
{
    Vouch__V1__ContactMerge merge = VOUCH__V1__CONTACT_MERGE__INIT;
    Vouch__V1__ContactUnmerge unmerge = VOUCH__V1__CONTACT_UNMERGE__INIT;
    Vouch__V1__ContactErase erase = VOUCH__V1__CONTACT_ERASE__INIT;
    uint64_t contact = 1 + any(play, CONTACTS);
    switch (play->merges ? any(play, 20) : 20) {
    case 0:
        if (any(play, 10) > 0) {
            break;
        }
        erase.contact = contact;
        erase.reason = "asked for it";
        attempt(play, WORLD_ADMIN, REQUEST_OF(CONTACT_ERASE, contact_erase, &erase));
        break;
    case 1:
    case 2:
    case 3:
    case 4:
        merge.from = contact;
        merge.into = 1 + any(play, CONTACTS);
        attempt(play, any(play, 2) == 0 ? WORLD_ADMIN : any_member(play),
                REQUEST_OF(CONTACT_MERGE, contact_merge, &merge));
        break;
    case 5:
    case 6:
    case 7:
    case 8:
        unmerge.contact = contact;
        attempt(play, WORLD_ADMIN, REQUEST_OF(CONTACT_UNMERGE, contact_unmerge, &unmerge));
        break;
    default:
        world_wait(play->world, (int64_t)any(play, 30) * MS_PER_DAY);
        break;
    }
}

/* ---- the rule of budgets, as the rows tell it ---- */

static void expect_budgets(const struct play *play)
{
    struct arena *arena = arena_new(1 << 20);
    struct view *view = snapshot_open(play->world->store);
    struct cursor *cursor = cursor_open(view, TABLE_ASK_CONTACT);
    Vouch__V1__Ask before = VOUCH__V1__ASK__INIT;
    bool two_nos = false;
    struct slice key;
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row; row = cursor_next(cursor, &key, NULL)) {
        const Vouch__V1__Ask *now = record_ask(view, slice_u64(key, 16), arena);
        cr_assert_not_null(now);
        int64_t days = two_nos ? play->world->policy.ask_after_nos_days : play->world->policy.ask_days;
        if (before.contact == now->contact) {
            cr_assert_geq(now->asked_ms - before.asked_ms, days * MS_PER_DAY, "contact %llu",
                          (unsigned long long)now->contact);
        }
        /* A NO that came after the next ask, when NO_REPLY became one, kept nobody from asking. */
        two_nos = before.contact == now->contact && before.answer == VOUCH__V1__ASK_STATE__NO &&
                  now->answer == VOUCH__V1__ASK_STATE__NO && before.answered_ms <= now->answered_ms &&
                  now->answered_ms < now->asked_ms + 14 * MS_PER_DAY;
        before = *now;
    }
    cursor_close(&cursor);
    snapshot_close(&view);
    arena_free(&arena);
}

Test(ties_random, anything_in_any_order)
{
    static void (*const steps[])(struct play * play) = {touch,  touch, tier,  ask,   ask,   answer, answer,
                                                        answer, refer, go_on, go_on, intel, person, person};
    struct play play = {.random = random_begin("ties in any order", WORLDS)};
    for (int round = 0; round < WORLDS; round++) {
        play.merges = round % 2 == 1;
        play.done = 0;
        set_up(&play);
        for (int i = 0; i < STEPS; i++) {
            steps[any(&play, sizeof steps / sizeof steps[0])](&play);
        }
        cr_assert_gt(play.done, STEPS / 8, "round %d: %zu steps", round, play.done);
        if (!play.merges) {
            expect_budgets(&play);
        }
        world_verify(play.world);
        world_free(&play.world);
    }
}
