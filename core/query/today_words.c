/* SPDX-License-Identifier: Apache-2.0
 *
 * What a line of the day says: its subject, and why it is there. Made only for lines that are shown. */
#include "query/today.h"

#include "apply/bonds.h"
#include "base/clock.h"

static char *words(struct question *question, const char *text)
{
    return arena_strdup(question->arena, text);
}

/* ---- referrals ---- */

static const char *held_because(const Vouch__V1__Referral *referral)
{
    switch (referral->claim == NULL ? VOUCH__V1__CLAIM__HOLD__HOLD_NONE : referral->claim->hold) {
    case VOUCH__V1__CLAIM__HOLD__SELF:
        return "the prospect seems to be the referrer";
    case VOUCH__V1__CLAIM__HOLD__OWN_COMPANY:
        return "the prospect seems to be the referrer's own company";
    case VOUCH__V1__CLAIM__HOLD__OPPORTUNITY:
        return "another referral of it was an opportunity already";
    default:
        return "it waits for a review";
    }
}

static const char *stands_at(Vouch__V1__ReferralState state)
{
    switch (state) {
    case STATE(CONTACTED):
        return "contacted";
    case STATE(MEETING):
        return "met";
    default:
        return "an opportunity";
    }
}

static char *why_queued(struct question *question, const Vouch__V1__Referral *referral)
{
    const char *referrer = question_name(question, TABLE_MEMBER, referral->referrer);
    if (referral->n_ghosts == 0) {
        return arena_printf(question->arena, "nobody was named to take it, from %s", referrer);
    }
    return referral->n_ghosts == 1
               ? arena_printf(question->arena, "the receiver did not act, from %s", referrer)
               : arena_printf(question->arena, "%zu receivers did not act, from %s", referral->n_ghosts, referrer);
}

static char *why_referral(struct question *question, const Vouch__V1__Referral *referral,
                          Vouch__V1__TodayLine__Kind kind)
{
    const char *referrer = question_name(question, TABLE_MEMBER, referral->referrer);
    const char *what = referral->lead ? "a lead " : "";
    switch (kind) {
    case KIND(ANSWER):
    case KIND(FIRST_CONTACT):
        return arena_printf(question->arena, "%sfrom %s", what, referrer);
    case KIND(PROGRESS):
        return arena_printf(question->arena, "%s, %sfrom %s", stands_at(referral->state), what, referrer);
    case KIND(NAME_RECEIVER):
        return referral->state == STATE(DECLINED)
                   ? arena_printf(question->arena, "declined by %s",
                                  question_name(question, TABLE_MEMBER, referral->receiver))
                   : words(question, "nobody was named to take it");
    case KIND(CONSENT):
        return words(question, "waits for the prospect's consent");
    case KIND(INTRODUCE):
        return arena_printf(question->arena, "%s asks you to introduce them", referrer);
    case KIND(REVIEW):
        return arena_printf(question->arena, "from %s: %s", referrer, held_because(referral));
    case KIND(QUEUE):
        return why_queued(question, referral);
    case KIND(FINISH):
        return words(question, "still a draft");
    default:
        return words(question, "a lead: nobody vouches for it");
    }
}

static bool of_referral(struct question *question, const struct today_item *item, Vouch__V1__TodayLine *line)
{
    const Vouch__V1__Referral *referral = record_referral(question->view, item->referral, question->arena);
    if (referral == NULL) {
        return false;
    }
    line->referral = item->referral;
    line->state = item->state;
    line->subject = question_name(question, TABLE_COMPANY, referral->prospect);
    line->reason = why_referral(question, referral, item->kind);
    return true;
}

/* ---- contacts ---- */

/* "Maria Keller, Brandt Logistik". */
static bool set_contact(struct question *question, uint64_t id, Vouch__V1__TodayLine *line)
{
    const Vouch__V1__Contact *contact = record_contact(question->view, id, question->arena);
    if (contact == NULL) {
        return false;
    }
    const char *name = contact->personal == NULL ? "somebody who was erased" : contact->personal->name;
    const char *company = question_name(question, TABLE_COMPANY, contact->company);
    line->contact = id;
    line->subject = company[0] == '\0'
                        ? words(question, name)
                        : arena_printf(question->arena, "%s%s%s", name, name[0] == '\0' ? "" : ", ", company);
    return true;
}

static char *why_neglected(struct question *question, const struct today_item *item)
{
    const struct standing *standing = &item->standing;
    uint32_t every = question->policy->cadence.days[standing->tier];
    int64_t days = (question->now_ms - item->last_two_way_ms) / MS_PER_DAY;
    const char *by_hand = standing->tier_by_hand ? ", set by hand" : "";
    if (item->last_two_way_ms == 0) {
        return arena_printf(question->arena, "never spoken with (%s%s: every %u d)", tier_name(standing->tier), by_hand,
                            every);
    }
    return arena_printf(question->arena, "last spoke %" PRId64 " d ago (%s%s: every %u d)", days,
                        tier_name(standing->tier), by_hand, every);
}

static char *why_ask(struct question *question, const struct today_item *item)
{
    if (item->sibling != 0) {
        return arena_printf(question->arena, "same group as your client %s%s",
                            question_name(question, TABLE_COMPANY, item->sibling),
                            item->standing.returns_calls ? ", returns your calls" : "");
    }
    const char *first = item->delivered ? "what they named was won" : "";
    const char *second = item->standing.returns_calls ? "returns your calls" : "";
    return arena_printf(question->arena, "%s%s%s (%s)", first, *first != '\0' && *second != '\0' ? ", " : "", second,
                        tier_name(item->standing.tier));
}

/* ---- asks and intel ---- */

static const char *what_became(Vouch__V1__ReferralState state)
{
    return state == STATE(WON) ? "was won" : state == STATE(LOST) ? "was lost" : "has ended";
}

/* What became of that which they named: of several, the best. */
static char *why_tell(struct question *question, const Vouch__V1__Ask *ask)
{
    const Vouch__V1__Referral *shown = NULL;
    for (size_t i = 0; i < ask->n_referrals; i++) {
        const Vouch__V1__Referral *referral = record_referral(question->view, ask->referrals[i], question->arena);
        if (referral != NULL && (shown == NULL || referral->state == STATE(WON))) {
            shown = referral;
        }
    }
    return shown == NULL
               ? words(question, "they want to hear what became of it")
               : arena_printf(question->arena, "R%" PRIu64 ", %s, %s", shown->id,
                              question_name(question, TABLE_COMPANY, shown->prospect), what_became(shown->state));
}

static char *why_thank(struct question *question, const Vouch__V1__Ask *ask)
{
    if (ask->answer != VOUCH__V1__ASK_STATE__YES_NAMED) {
        return words(question, "they said yes, later");
    }
    return ask->n_referrals == 0 ? words(question, "they named somebody")
                                 : arena_printf(question->arena, "they named R%" PRIu64 "%s", ask->referrals[0],
                                                ask->n_referrals > 1 ? " and others" : "");
}

static bool of_ask(struct question *question, const struct today_item *item, Vouch__V1__TodayLine *line)
{
    const Vouch__V1__Ask *ask = record_ask(question->view, item->ask, question->arena);
    if (ask == NULL || !set_contact(question, ask->contact, line)) {
        return false;
    }
    line->ask = item->ask;
    line->reason = item->kind == KIND(ASK_NOW) ? words(question, "the ask is prepared")
                   : item->kind == KIND(THANK) ? why_thank(question, ask)
                                               : why_tell(question, ask);
    return true;
}

static bool of_intel(struct question *question, const struct today_item *item, Vouch__V1__TodayLine *line)
{
    const Vouch__V1__Intel *intel = record_intel(question->view, item->intel, question->arena);
    if (intel == NULL) {
        return false;
    }
    line->intel = item->intel;
    line->subject = question_name(question, TABLE_COMPANY, intel->company);
    line->reason = arena_printf(question->arena, "from %s", question_name(question, TABLE_MEMBER, intel->from));
    return true;
}

static bool of_contact(struct question *question, const struct today_item *item, Vouch__V1__TodayLine *line)
{
    line->tier = item->standing.tier;
    line->hand_tier = item->standing.tier_by_hand;
    line->score_ppm = item->score_ppm;
    line->reason = item->kind == KIND(BEST_ASK) ? why_ask(question, item) : why_neglected(question, item);
    return set_contact(question, item->contact, line);
}

Vouch__V1__TodayLine *today_line(struct question *question, const struct today_item *item)
{
    Vouch__V1__TodayLine *line = question_message(question, &vouch__v1__today_line__descriptor);
    if (line == NULL) {
        return NULL;
    }
    bool made = item->referral != 0 ? of_referral(question, item, line)
                : item->ask != 0    ? of_ask(question, item, line)
                : item->intel != 0  ? of_intel(question, item, line)
                                    : of_contact(question, item, line);
    line->kind = item->kind;
    line->due_ms = item->due_ms;
    line->overdue = item->due_ms != 0 && item->due_ms <= question->now_ms;
    line->stage = item->stage;
    return made && line->subject != NULL && line->reason != NULL ? line : NULL;
}
