/* SPDX-License-Identifier: Apache-2.0
 *
 * What lines of inboxes say about the working day: clocks and what moves them, calendars, quotas. Moments are told in
 * the reader's own time zone, for a deadline in another one is none. */
#include "domain/money.h"
#include "domain/names.h"
#include "domain/worktime.h"
#include "domain/zone.h"
#include "query/parts.h"

#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name
#define QUOTE_BYTES 300

bool workday_event_is_told(Vouch__V1__Event__BodyCase body)
{
    return body == BODY(CLOCK_RUNG) || body == BODY(CALENDAR_SET) || body == BODY(QUOTA_SET) ||
           ties_event_is_told(body);
}

bool workday_verb_is_told(Vouch__V1__ReferralVerb verb)
{
    return verb == VERB(UPDATE) || verb == VERB(SNOOZE) || verb == VERB(ATTEST) || verb == VERB(DISOWN) ||
           verb == VERB(GHOST);
}

uint64_t workday_event_referral(const Vouch__V1__Event *event)
{
    switch (event->body_case) {
    case BODY(CLOCK_RUNG):
        return event->clock_rung->referral;
    case BODY(REFERRAL_MOVED):
        return event->referral_moved->referral;
    default:
        return 0;
    }
}

const char *moment_text(const struct workday_line *line, int64_t time_ms, bool with_time)
{
    char text[ZONE_TEXT_BYTES];
    const Vouch__V1__Member *reader = record_member(line->view, line->reader, line->arena);
    struct work_calendar calendar = work_calendar_of(reader == NULL ? NULL : reader->calendar,
                                                     record_home_zone(line->view, line->arena));
    const char *copy = arena_strdup(line->arena, zone_text(text, calendar.zone, time_ms, with_time));
    return copy == NULL ? "" : copy;
}

/* The state in which a clock of this referral rang. */
static Vouch__V1__ReferralState state_at(const Vouch__V1__Referral *referral, uint64_t sequence)
{
    for (size_t i = referral->n_steps; i > 0; i--) {
        if (referral->steps[i - 1]->sequence < sequence) {
            return referral->steps[i - 1]->to;
        }
    }
    return referral->state;
}

/* What a clock of this state waits for. */
static const char *awaited(Vouch__V1__ReferralState state)
{
    switch (state) {
    case STATE(OFFERED):
        return "a yes or a no";
    case STATE(ACCEPTED):
        return "the first contact";
    case STATE(CONTACTED):
    case STATE(MEETING):
    case STATE(OPPORTUNITY):
        return "an update or the next step";
    case STATE(HELD):
        return "a review";
    default:
        return "a receiver";
    }
}

static char *tell_queued(const struct workday_line *line, const Vouch__V1__Referral *referral)
{
    bool own = referral->referrer == line->reader;
    return arena_printf(line->arena, "nobody could be found to take %s: it waits for %s", line->subject,
                        own ? "a manager of your team" : "you to name somebody");
}

static char *tell_overdue(const struct workday_line *line, const Vouch__V1__Clock *clock, const char *what)
{
    const char *due = moment_text(line, clock->due_ms, true);
    const char *pass = clock->pass_ms == 0 ? "" : moment_text(line, clock->pass_ms, true);
    if (clock->member == line->reader) {
        return arena_printf(line->arena, "%s is overdue: it waited for %s from you until %s%s%s", line->subject, what,
                            due, pass[0] == '\0' ? "" : "; it passes on after ", pass);
    }
    const char *who = clock->member == 0 ? "nobody" : record_name(line->view, TABLE_MEMBER, clock->member, line->arena);
    return clock->member == 0
               ? arena_printf(line->arena, "%s waits for %s since %s and is overdue", line->subject, what, due)
               : arena_printf(line->arena, "%s waits for %s from %s, due at %s: it is overdue", line->subject, what,
                              who, due);
}

static char *tell_rung(const struct workday_line *line)
{
    const Vouch__V1__ClockRung *rung = line->event->clock_rung;
    if (rung->intel != 0) {
        return ties_event_tell(line);
    }
    const Vouch__V1__Referral *referral = record_referral(line->view, rung->referral, line->arena);
    if (referral == NULL) {
        return NULL;
    }
    if (rung->queued) {
        return tell_queued(line, referral);
    }
    const char *what = awaited(state_at(referral, line->sequence));
    if (rung->clock->stage >= STAGE(OVERDUE)) {
        return tell_overdue(line, rung->clock, what);
    }
    return arena_printf(line->arena, "%s waits for %s from you until %s%s", line->subject, what,
                        moment_text(line, rung->clock->due_ms, true),
                        rung->clock->stage == STAGE(LAST) ? ": the time is nearly over" : "");
}

static char *tell_calendar(const struct workday_line *line)
{
    return arena_printf(line->arena, "%s set your working calendar: see `vouch calendar`", line->actor);
}

static char *tell_quota(const struct workday_line *line)
{
    char amount[MONEY_TEXT_BYTES];
    const Vouch__V1__Quota *quota = line->event->quota_set->quota;
    if (quota->amount->minor == 0) {
        return arena_printf(line->arena, "%s took your quota of %" PRIu32 " away", line->actor, quota->year);
    }
    return arena_printf(line->arena, "%s set your quota of %" PRIu32 ": %s", line->actor, quota->year,
                        money_format(amount, quota->amount->minor, quota->amount->currency));
}

/* ---- moves ---- */

static char *tell_quoted(const struct workday_line *line, char *sentence, const char *quote)
{
    const char *cut = sentence == NULL || quote[0] == '\0' ? NULL : text_cut(line->arena, quote, QUOTE_BYTES);
    return cut == NULL ? sentence : arena_printf(line->arena, "%s: \"%s\"", sentence, cut);
}

/* Whether anybody is left to be asked is found out after it: who waits for it then hears so. */
static char *tell_ghost(const struct workday_line *line, const Vouch__V1__ReferralMoved *moved)
{
    uint64_t ghost = moved->clock == NULL ? 0 : moved->clock->member;
    if (ghost == line->reader) {
        return arena_printf(line->arena, "you did not act on %s in time: it is not with you any more", line->subject);
    }
    return arena_printf(line->arena, "%s did not act on %s in time: it goes to somebody else, or to a manager",
                        record_name(line->view, TABLE_MEMBER, ghost, line->arena), line->subject);
}

static char *tell_move(const struct workday_line *line)
{
    static const Vouch__V1__ReferralText nothing = VOUCH__V1__REFERRAL_TEXT__INIT;
    const Vouch__V1__ReferralMoved *moved = line->event->referral_moved;
    const Vouch__V1__ReferralText *text = record_text(line->view, moved->text, moved->contact, line->arena);
    text = text == NULL ? &nothing : text;
    switch (moved->verb) {
    case VERB(UPDATE):
        return tell_quoted(line, arena_printf(line->arena, "%s reports on %s", line->actor, line->subject), text->note);
    case VERB(SNOOZE):
        return tell_quoted(
            line,
            arena_printf(line->arena, "%s puts %s off until %s", line->actor, line->subject,
                         moment_text(line, moved->clock == NULL ? 0 : moved->clock->snoozed_until_ms, false)),
            text->reason);
    case VERB(ATTEST):
        return tell_quoted(line, arena_printf(line->arena, "%s vouches for %s now", line->actor, line->subject),
                           text->vouch);
    case VERB(DISOWN):
        return tell_quoted(
            line,
            arena_printf(line->arena, "%s does not vouch for %s any more: it is a lead", line->actor, line->subject),
            text->reason);
    default:
        return tell_ghost(line, moved);
    }
}

char *workday_event_tell(const struct workday_line *line)
{
    switch (line->event->body_case) {
    case BODY(CLOCK_RUNG):
        return tell_rung(line);
    case BODY(CALENDAR_SET):
        return tell_calendar(line);
    case BODY(QUOTA_SET):
        return tell_quota(line);
    case BODY(REFERRAL_MOVED):
        return tell_move(line);
    default:
        return ties_event_tell(line);
    }
}
