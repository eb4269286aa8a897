/* SPDX-License-Identifier: Apache-2.0
 *
 * What a line of an inbox says: made when it is read, from the event behind it, for the one who reads it. */
#include "base/message.h"
#include "domain/money.h"
#include "domain/names.h"
#include "query/brief.h"
#include "query/parts.h"

#include <string.h>

/* Quotes are cut here; the whole text is in the referral's history. */
#define QUOTE_BYTES 300

#define LABEL_BYTES 24

struct story {
    const struct view *view;
    struct name_cache *names;
    struct arena *arena;
    uint64_t reader;
    uint64_t sequence;
    struct event_brief event;
    struct referral_brief referral;
    char label_bytes[LABEL_BYTES];
    const char *label; /* "R231" */
    const char *actor; /* who did it */
    const char *prospect;
    const Vouch__V1__Event *money;   /* unpacked, when it is about commission after it accrued; else NULL */
    const Vouch__V1__Event *workday; /* unpacked, when notice_workday.c tells it; else NULL */
};

/* The strings one after the other; printf would take longer than all the reading. */
static char *join(const struct story *story, const char *const *parts)
{
    size_t size = 1;
    for (const char *const *part = parts; *part != NULL; part++) {
        size += strlen(*part);
    }
    char *sentence = arena_alloc(story->arena, size);
    char *end = sentence;
    for (const char *const *part = parts; *part != NULL && sentence != NULL; part++) {
        end = stpcpy(end, *part);
    }
    return sentence;
}

#define SAY(...) join(story, (const char *const[]){__VA_ARGS__, NULL})
/* "R231 (Kestrel Bank)" */
#define SUBJECT story->label, " (", story->prospect, ")"

static void write_label(struct story *story, uint64_t referral)
{
    char *start = &story->label_bytes[LABEL_BYTES - 1];
    do {
        *--start = (char)('0' + referral % 10);
        referral /= 10;
    } while (referral > 0);
    *--start = 'R';
    story->label = start;
}

static const char *name_of(const struct story *story, uint64_t member)
{
    return member == story->event.actor ? story->actor : name_cache_get(story->names, TABLE_MEMBER, member);
}

/* An offer or a request to introduce, told to whom it is put; another's, to the rest. */
static char *tell_offer(const struct story *story, uint64_t receiver)
{
    const struct referral_brief *referral = &story->referral;
    if (receiver == story->reader) {
        return SAY(name_of(story, referral->referrer), referral->lead ? " passes the lead " : " refers ",
                   story->prospect, " to you: ", story->label);
    }
    return SAY(SUBJECT, " was offered to ", name_of(story, receiver));
}

static char *tell_asked(const struct story *story)
{
    if (story->referral.connector == story->reader) {
        return SAY(name_of(story, story->referral.referrer), " asks you to introduce ", story->prospect, ": ",
                   story->label);
    }
    return SAY(SUBJECT, " waits for the connector's answer");
}

/* What was written with the step. */
static const Vouch__V1__ReferralText *written(const struct story *story)
{
    static const Vouch__V1__ReferralText nothing = VOUCH__V1__REFERRAL_TEXT__INIT;
    const Vouch__V1__ReferralText *text = record_text(story->view, event_brief_text(&story->event),
                                                      story->event.contact, story->arena);
    return text == NULL ? &nothing : text;
}

/* "Tom Rieke declined R231 (Kestrel Bank): "no capacity"" */
static char *tell_done(const struct story *story, const char *done, const char *quote)
{
    if (quote[0] == '\0') {
        return SAY(story->actor, done, SUBJECT);
    }
    const char *cut = text_cut(story->arena, quote, QUOTE_BYTES);
    return cut == NULL ? NULL : SAY(story->actor, done, SUBJECT, ": \"", cut, "\"");
}

static char *tell_won(const struct story *story)
{
    char amount[MONEY_TEXT_BYTES] = "";
    const Vouch__V1__Money *value = (const void *)message_unpack_own(
        &vouch__v1__money__descriptor, story->event.value.size, story->event.value.data, story->arena);
    if (value != NULL && currency_exponent(value->currency) >= 0) {
        money_format(amount, value->minor, value->currency);
    }
    const char *note = story->referral.referrer == story->reader ? written(story)->note : "";
    if (note[0] == '\0') {
        return SAY(story->actor, " won ", SUBJECT, ", ", amount);
    }
    const char *cut = text_cut(story->arena, note, QUOTE_BYTES);
    return cut == NULL ? NULL : SAY(story->actor, " won ", SUBJECT, ", ", amount, ": \"", cut, "\"");
}

static char *tell_lost(const struct story *story)
{
    const Vouch__V1__ReferralText *text = written(story);
    return tell_done(story, " lost ", text->note[0] != '\0' ? text->note : text->reason);
}

static char *tell_wait(const struct story *story)
{
    const char *subject = SAY(SUBJECT);
    return subject == NULL ? NULL : claim_tell(story->view, story->reader, story->sequence, subject, story->arena);
}

static char *tell_moved(const struct story *story)
{
    if (story->event.to == STATE(DUPLICATE_WAIT) || story->event.to == STATE(HELD)) {
        return tell_wait(story);
    }
    switch (story->event.verb) {
    case VERB(REGISTER):
        return story->event.to == STATE(CONSENT_WAIT) ? tell_asked(story) : tell_done(story, " registered ", "");
    case VERB(INTRODUCE):
        return tell_done(story, " introduces you to the prospect of ", written(story)->note);
    case VERB(NO_PATH):
        return SAY(story->actor, " sees no path now; ", SUBJECT, " is a draft again");
    case VERB(OFFER):
        return tell_offer(story, story->event.receiver);
    case VERB(ACCEPT):
        return tell_done(story, " accepted ", written(story)->note);
    case VERB(DECLINE):
        return tell_done(story, " declined ", written(story)->reason);
    case VERB(CONTACT):
        return tell_done(story, " made first contact on ", written(story)->note);
    case VERB(MEET):
        return tell_done(story, " met the prospect of ", written(story)->note);
    case VERB(QUALIFY):
        return tell_done(story, " sees an opportunity in ", written(story)->note);
    case VERB(WIN):
        return tell_won(story);
    case VERB(LOSE):
        return tell_lost(story);
    case VERB(WITHDRAW):
        return tell_done(story, " withdrew ", written(story)->reason);
    case VERB(EXPIRE):
        return SAY("nobody agreed in time: ", SUBJECT, " expired");
    case VERB(PROMOTE):
        return SAY("nobody else holds the claim any more: ", SUBJECT, " goes on");
    case VERB(RELEASE):
        return tell_done(story, " looked at and released ", written(story)->reason);
    case VERB(REJECT):
        return tell_done(story, " looked at and rejected ", written(story)->reason);
    case VERB(CHOOSE):
        return tell_done(story, " records that the buyer chose ", written(story)->reason);
    default:
        return SAY(SUBJECT, " is ", referral_state_name(story->event.to), " now");
    }
}

static const char *touch_word(Vouch__V1__Touch__Kind kind)
{
    switch (kind) {
    case VOUCH__V1__TOUCH__KIND__INTEL:
        return "intel";
    case VOUCH__V1__TOUCH__KIND__MEETING:
        return "a meeting";
    case VOUCH__V1__TOUCH__KIND__HANDOVER:
        return "the hand-over";
    default:
        return "help";
    }
}

static char *tell_credited(const struct story *story)
{
    const char *helper = story->event.member == story->reader ? "you" : name_of(story, story->event.member);
    const char *what = touch_word(story->event.kind);
    const char *note = written(story)->note;
    if (note[0] == '\0') {
        return SAY(story->actor, " credits ", helper, " with ", what, " for ", SUBJECT);
    }
    const char *cut = text_cut(story->arena, note, QUOTE_BYTES);
    return cut == NULL ? NULL
                       : SAY(story->actor, " credits ", helper, " with ", what, " for ", SUBJECT, ": \"", cut, "\"");
}

static char *tell_claim_ended(const struct story *story)
{
    if (story->event.reason == VOUCH__V1__CLAIM_ENDED__REASON__BUYER_CHOSE) {
        return SAY("the buyer chose another referral: ", SUBJECT, " goes on without the claim");
    }
    return SAY("the protection of ", SUBJECT, " is over: it goes on without the claim");
}

static char *tell_deal(const struct story *story)
{
    return SAY(SUBJECT, ": you share in its commission, which is paid as money comes in");
}

static char *tell_payment(const struct story *story)
{
    char amount[MONEY_TEXT_BYTES];
    const Vouch__V1__Payment *payment = (const void *)message_unpack_own(
        &vouch__v1__payment__descriptor, story->event.record.size, story->event.record.data, story->arena);
    if (payment == NULL) {
        return NULL;
    }
    const Vouch__V1__PaymentPart *part = payment_part(payment, story->reader);
    int64_t minor = part == NULL ? 0 : part->minor; /* every reader has one */
    return SAY(SUBJECT, ": ", money_format(amount, minor, payment->amount->currency),
               " of commission accrued to you, as money came in");
}

static char *tell_money(const struct story *story)
{
    bool of_deal = story->event.referral != 0;
    struct money_line line = {story->view, story->arena, story->money, story->reader, story->actor, ""};
    if (of_deal) {
        line.subject = SAY(SUBJECT);
    }
    return line.subject == NULL ? NULL : money_event_tell(&line);
}

static char *tell_workday(const struct story *story)
{
    bool of_referral = story->event.referral != 0;
    struct workday_line line = {story->view, story->arena, story->workday, story->sequence, story->reader, story->actor,
                                ""};
    if (of_referral) {
        line.subject = SAY(SUBJECT);
    }
    return line.subject == NULL ? NULL : workday_event_tell(&line);
}

/* Verb and state of the notice, and its sentence. */
static void tell(const struct story *story, Vouch__V1__Notice *notice)
{
    if (story->workday != NULL) {
        notice->verb = story->event.verb;
        notice->state = story->event.verb != 0       ? story->event.to
                        : story->event.referral != 0 ? story->referral.state
                                                     : STATE(REFERRAL_STATE_NONE);
        notice->text = tell_workday(story);
        return;
    }
    switch (story->event.body) {
    case BODY(REFERRAL_SUBMITTED):
        notice->verb = VERB(SUBMIT);
        notice->state = story->referral.state;
        notice->text = notice->state == STATE(CONSENT_WAIT) ? tell_asked(story)
                                                            : tell_offer(story, story->referral.receiver);
        break;
    case BODY(REFERRAL_MOVED):
        notice->verb = story->event.verb;
        notice->state = story->event.to;
        notice->text = tell_moved(story);
        break;
    case BODY(REFERRAL_CREDITED):
        notice->state = story->referral.state;
        notice->text = tell_credited(story);
        break;
    case BODY(CLAIM_ENDED):
        notice->state = story->referral.state;
        notice->text = tell_claim_ended(story);
        break;
    case BODY(DEAL_WON):
        notice->state = STATE(WON);
        notice->text = tell_deal(story);
        break;
    case BODY(PAYMENT_RECORDED):
        notice->state = STATE(WON);
        notice->text = tell_payment(story);
        break;
    default:
        if (story->money != NULL) {
            notice->state = story->event.referral != 0 ? STATE(WON) : STATE(REFERRAL_STATE_NONE);
            notice->text = tell_money(story);
            break;
        }
        notice->text = arena_printf(story->arena, "event %" PRIu64 " of the journal", notice->sequence);
    }
}

/* The referral as it is now; of a submission as it was submitted, which says the same, and the record would cost as
 * much as all the rest. */
static bool read_referral(struct story *story)
{
    struct key key = key_u64(story->event.referral);
    struct slice record;
    if (story->event.body == BODY(REFERRAL_SUBMITTED)) {
        story->referral = story->event.submitted;
        return true;
    }
    return table_get(story->view, TABLE_REFERRAL, key_slice(&key), &record) &&
           referral_brief_read(record, &story->referral);
}

Vouch__V1__Notice *notice_make(const struct view *view, uint64_t member, uint64_t inbox_sequence, uint64_t sequence,
                               struct name_cache *names, struct arena *arena)
{
    Vouch__V1__Notice *notice = arena_alloc(arena, sizeof *notice);
    struct story story = {.view = view, .names = names, .arena = arena, .reader = member, .sequence = sequence};
    struct slice event;
    if (notice == NULL) {
        return NULL;
    }
    vouch__v1__notice__init(notice);
    notice->inbox_sequence = inbox_sequence;
    notice->sequence = sequence;
    if (!journal_get(view, sequence, &event) || !event_brief_read(event, &story.event)) {
        return notice;
    }
    if (money_event_is_told(story.event.body)) {
        story.money = record_event(view, sequence, arena);
        if (story.money == NULL) {
            return NULL;
        }
        story.event.referral = money_event_referral(story.money);
    }
    if (workday_event_is_told(story.event.body) || workday_verb_is_told(story.event.verb)) {
        story.workday = record_event(view, sequence, arena);
        if (story.workday == NULL) {
            return NULL;
        }
        story.event.referral = workday_event_referral(story.workday);
    }
    notice->time_ms = story.event.time_ms;
    notice->actor = story.event.body == BODY(CLAIM_ENDED) || story.event.body == BODY(CLOCK_RUNG) ||
                            referral_verb_is_brokers(story.event.verb)
                        ? 0
                        : story.event.actor;
    notice->referral = story.event.referral;
    story.actor = notice->actor == 0 ? "vouch" : name_cache_get(names, TABLE_MEMBER, notice->actor);
    notice->actor_name = (char *)(uintptr_t)story.actor;
    if (notice->referral != 0) {
        if (!read_referral(&story)) {
            return NULL;
        }
        write_label(&story, notice->referral);
        story.prospect = name_cache_get(names, TABLE_COMPANY, story.referral.prospect);
        notice->subject = (char *)(uintptr_t)story.prospect;
    }
    tell(&story, notice);
    return notice->text == NULL ? NULL : notice;
}
