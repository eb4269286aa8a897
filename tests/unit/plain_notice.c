/* SPDX-License-Identifier: Apache-2.0
 *
 * The plain way to a line of an inbox: everything unpacked by protobuf-c, every name read again, sentences by printf.
 * Slow, and easy to see right: what the broker does must come out the same, byte for byte (test_notice.c). */
#include "plain_notice.h"

#include "domain/money.h"
#include "domain/names.h"
#include "query/parts.h"

/* Quotes are cut here; the whole text is in the referral's history. */
#define QUOTE_BYTES 300

struct story {
    const struct view *view;
    struct arena *arena;
    uint64_t reader;
    uint64_t sequence;
    const Vouch__V1__Event *event;
    const Vouch__V1__Referral *referral;
    const char *actor;   /* who did it */
    const char *subject; /* "R231 (Kestrel Bank)" */
    const char *prospect;
};

static const char *name_of(const struct story *story, uint64_t member)
{
    if (member == story->event->actor && story->actor != NULL) {
        return story->actor; /* most often it is the one who did it */
    }
    return record_name(story->view, TABLE_MEMBER, member, story->arena);
}

/* An offer or a request to introduce, told to whom it is put; another's, to the rest. */
static char *tell_offer(const struct story *story, uint64_t receiver)
{
    const Vouch__V1__Referral *referral = story->referral;
    if (receiver == story->reader) {
        return arena_printf(story->arena, "%s %s %s to you: R%" PRIu64, name_of(story, referral->referrer),
                            referral->lead ? "passes the lead" : "refers", story->prospect, referral->id);
    }
    return arena_printf(story->arena, "%s was offered to %s", story->subject, name_of(story, receiver));
}

static char *tell_asked(const struct story *story)
{
    if (story->referral->connector == story->reader) {
        return arena_printf(story->arena, "%s asks you to introduce %s: R%" PRIu64,
                            name_of(story, story->referral->referrer), story->prospect, story->referral->id);
    }
    return arena_printf(story->arena, "%s waits for the connector's answer", story->subject);
}

/* "Tom Rieke declined R231 (Kestrel Bank): "no capacity"" */
static char *tell_done(const struct story *story, const char *done, const char *quote)
{
    if (quote == NULL || quote[0] == '\0') {
        return arena_printf(story->arena, "%s %s %s", story->actor, done, story->subject);
    }
    return arena_printf(story->arena, "%s %s %s: \"%s\"", story->actor, done, story->subject, quote);
}

static char *tell_won(const struct story *story, const Vouch__V1__ReferralMoved *moved, const char *note)
{
    char amount[MONEY_TEXT_BYTES] = "";
    if (moved->value != NULL && currency_exponent(moved->value->currency) >= 0) {
        money_format(amount, moved->value->minor, moved->value->currency);
    }
    bool quote = story->referral->referrer == story->reader && note[0] != '\0';
    return arena_printf(story->arena, "%s won %s, %s%s%s%s", story->actor, story->subject, amount, quote ? ": \"" : "",
                        quote ? note : "", quote ? "\"" : "");
}

static char *tell_moved(const struct story *story, const Vouch__V1__ReferralMoved *moved)
{
    const Vouch__V1__ReferralText *text = record_text(story->view, moved->text, moved->contact, story->arena);
    const char *reason = text == NULL ? "" : text_cut(story->arena, text->reason, QUOTE_BYTES);
    const char *note = text == NULL ? "" : text_cut(story->arena, text->note, QUOTE_BYTES);
    if (reason == NULL || note == NULL) {
        return NULL;
    }
    if (moved->to == STATE(DUPLICATE_WAIT) || moved->to == STATE(HELD)) {
        return claim_tell(story->view, story->reader, story->sequence, story->subject, story->arena);
    }
    switch (moved->verb) {
    case VERB(REGISTER):
        return moved->to == STATE(CONSENT_WAIT) ? tell_asked(story) : tell_done(story, "registered", NULL);
    case VERB(INTRODUCE):
        return tell_done(story, "introduces you to the prospect of", note);
    case VERB(NO_PATH):
        return arena_printf(story->arena, "%s sees no path now; %s is a draft again", story->actor, story->subject);
    case VERB(OFFER):
        return tell_offer(story, moved->receiver);
    case VERB(ACCEPT):
        return tell_done(story, "accepted", note);
    case VERB(DECLINE):
        return tell_done(story, "declined", reason);
    case VERB(CONTACT):
        return tell_done(story, "made first contact on", note);
    case VERB(MEET):
        return tell_done(story, "met the prospect of", note);
    case VERB(QUALIFY):
        return tell_done(story, "sees an opportunity in", note);
    case VERB(WIN):
        return tell_won(story, moved, note);
    case VERB(LOSE):
        return tell_done(story, "lost", note[0] != '\0' ? note : reason);
    case VERB(WITHDRAW):
        return tell_done(story, "withdrew", reason);
    case VERB(EXPIRE):
        return arena_printf(story->arena, "nobody agreed in time: %s expired", story->subject);
    case VERB(PROMOTE):
        return arena_printf(story->arena, "nobody else holds the claim any more: %s goes on", story->subject);
    case VERB(RELEASE):
        return tell_done(story, "looked at and released", reason);
    case VERB(REJECT):
        return tell_done(story, "looked at and rejected", reason);
    case VERB(CHOOSE):
        return tell_done(story, "records that the buyer chose", reason);
    default:
        return arena_printf(story->arena, "%s is %s now", story->subject, referral_state_name(moved->to));
    }
}

static char *tell_claim_ended(const struct story *story, Vouch__V1__ClaimEnded__Reason reason)
{
    return reason == VOUCH__V1__CLAIM_ENDED__REASON__BUYER_CHOSE
               ? arena_printf(story->arena, "the buyer chose another referral: %s goes on without the claim",
                              story->subject)
               : arena_printf(story->arena, "the protection of %s is over: it goes on without the claim",
                              story->subject);
}

static char *tell_credited(const struct story *story, const Vouch__V1__ReferralCredited *credited)
{
    static const char *const whats[] = {"help", "help", "help", "intel", "a meeting", "the hand-over"};
    const Vouch__V1__ReferralText *text = record_text(story->view, credited->text, credited->contact, story->arena);
    const char *note = text == NULL ? "" : text_cut(story->arena, text->note, QUOTE_BYTES);
    size_t kind = (size_t)credited->kind < sizeof whats / sizeof whats[0] ? (size_t)credited->kind : 0;
    if (note == NULL) {
        return NULL;
    }
    return arena_printf(story->arena, "%s credits %s with %s for %s%s%s%s", story->actor,
                        credited->member == story->reader ? "you" : name_of(story, credited->member), whats[kind],
                        story->subject, note[0] != '\0' ? ": \"" : "", note, note[0] != '\0' ? "\"" : "");
}

static char *tell_payment(const struct story *story, const Vouch__V1__Payment *payment)
{
    char amount[MONEY_TEXT_BYTES];
    const Vouch__V1__PaymentPart *part = payment_part(payment, story->reader);
    int64_t minor = part == NULL ? 0 : part->minor;
    return arena_printf(story->arena, "%s: %s of commission accrued to you, as money came in", story->subject,
                        money_format(amount, minor, payment->amount->currency));
}

/* What the broker does by itself, whoever caused it. */
static bool is_brokers(const Vouch__V1__Event *event)
{
    return event->body_case == BODY(CLAIM_ENDED) || event->body_case == BODY(CLOCK_RUNG) ||
           (event->body_case == BODY(REFERRAL_MOVED) && referral_verb_is_brokers(event->referral_moved->verb));
}

/* The referral an event is about; 0: none. Sets verb and state of the notice. */
static uint64_t read_event(const Vouch__V1__Event *event, Vouch__V1__Notice *notice)
{
    switch (event->body_case) {
    case BODY(REFERRAL_SUBMITTED):
        notice->verb = VERB(SUBMIT);
        notice->state = event->referral_submitted->referral->state;
        return event->referral_submitted->referral->id;
    case BODY(REFERRAL_MOVED):
        notice->verb = event->referral_moved->verb;
        notice->state = event->referral_moved->to;
        return event->referral_moved->referral;
    case BODY(CLAIM_ENDED):
        return event->claim_ended->referral;
    case BODY(REFERRAL_CREDITED):
        return event->referral_credited->referral;
    case BODY(DEAL_WON):
        notice->state = STATE(WON);
        return event->deal_won->deal->referral;
    case BODY(PAYMENT_RECORDED):
        notice->state = STATE(WON);
        return event->payment_recorded->payment->referral;
    case BODY(CLOCK_RUNG):
        return event->clock_rung->referral;
    default:
        notice->state = money_event_referral(event) != 0 ? STATE(WON) : STATE(REFERRAL_STATE_NONE);
        return money_event_referral(event);
    }
}

static char *tell(const struct story *story, const Vouch__V1__Notice *notice)
{
    if (workday_event_is_told(story->event->body_case) || workday_verb_is_told(notice->verb)) {
        struct workday_line line = {story->view,
                                    story->arena,
                                    story->event,
                                    story->sequence,
                                    story->reader,
                                    story->actor,
                                    story->subject == NULL ? "" : story->subject};
        return workday_event_tell(&line);
    }
    switch (story->event->body_case) {
    case BODY(REFERRAL_SUBMITTED):
        return notice->state == STATE(CONSENT_WAIT)
                   ? tell_asked(story)
                   : tell_offer(story, story->event->referral_submitted->referral->receiver);
    case BODY(REFERRAL_MOVED):
        return tell_moved(story, story->event->referral_moved);
    case BODY(CLAIM_ENDED):
        return tell_claim_ended(story, story->event->claim_ended->reason);
    case BODY(REFERRAL_CREDITED):
        return tell_credited(story, story->event->referral_credited);
    case BODY(DEAL_WON):
        return arena_printf(story->arena, "%s: you share in its commission, which is paid as money comes in",
                            story->subject);
    case BODY(PAYMENT_RECORDED):
        return tell_payment(story, story->event->payment_recorded->payment);
    default:
        if (money_event_is_told(story->event->body_case)) {
            struct money_line line = {story->view,   story->arena, story->event,
                                      story->reader, story->actor, story->subject == NULL ? "" : story->subject};
            return money_event_tell(&line);
        }
        return arena_printf(story->arena, "event %" PRIu64 " of the journal", notice->sequence);
    }
}

Vouch__V1__Notice *plain_notice(const struct view *view, uint64_t member, uint64_t inbox_sequence, uint64_t sequence,
                                struct arena *arena)
{
    Vouch__V1__Notice *notice = arena_alloc(arena, sizeof *notice);
    const Vouch__V1__Event *event = record_event(view, sequence, arena);
    if (notice == NULL) {
        return NULL;
    }
    vouch__v1__notice__init(notice);
    notice->inbox_sequence = inbox_sequence;
    notice->sequence = sequence;
    if (event == NULL) {
        return notice;
    }
    notice->time_ms = event->time_ms;
    notice->referral = read_event(event, notice);
    struct story story = {.view = view, .arena = arena, .reader = member, .sequence = sequence, .event = event};
    notice->actor = is_brokers(event) ? 0 : event->actor;
    story.actor = notice->actor == 0 ? "vouch" : name_of(&story, event->actor);
    /* What is told of a submission is as it was submitted; the record would cost as much as all the rest. */
    story.referral = event->body_case == BODY(REFERRAL_SUBMITTED) ? event->referral_submitted->referral
                                                                  : record_referral(view, notice->referral, arena);
    if (notice->referral != 0 && story.referral == NULL) {
        return NULL;
    }
    if (story.referral != NULL) {
        story.prospect = record_name(view, TABLE_COMPANY, story.referral->prospect, arena);
        story.subject = arena_printf(arena, "R%" PRIu64 " (%s)", notice->referral, story.prospect);
        if (story.subject == NULL) {
            return NULL;
        }
        notice->subject = (char *)(uintptr_t)story.prospect;
        notice->state = event->body_case == BODY(REFERRAL_CREDITED) || event->body_case == BODY(CLAIM_ENDED) ||
                                event->body_case == BODY(CLOCK_RUNG)
                            ? story.referral->state
                            : notice->state;
    }
    notice->actor_name = (char *)(uintptr_t)story.actor;
    notice->text = tell(&story, notice);
    return notice->text == NULL ? NULL : notice;
}
