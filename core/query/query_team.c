/* SPDX-License-Identifier: Apache-2.0
 *
 * How the members of a team fare, for who manages them: what is open and late, what they kept and missed, asks, quota,
 * and what to talk about. Numbers of the members' own work, never their contacts. */
#include "base/check.h"
#include "base/clock.h"
#include "decide/receiver.h"
#include "domain/day.h"
#include "domain/match_score.h"
#include "domain/quota.h"
#include "domain/reliability.h"
#include "query/member_work.h"
#include "query/parts.h"

#include <string.h>

/* Obligations that are shown as numbers, and asks. */
#define OBLIGATION_DAYS 90
#define ASK_DAYS 30
/* Without an ask for so long it is time to talk about it. */
#define QUIET_ASK_DAYS 45
/* Below this share of the quota that is due by now; and from this day of the year on, for it says nothing before. */
#define ATTAINMENT_LOW_PPM 600000u
#define ATTAINMENT_DAYS 30
#define COACHING_MAX 8
/* One member: a team is looked for among all there are. */
#define SCRATCH_BYTES ((size_t)1 << 20)

struct team {
    const char *name;
    uint64_t company;
    const char *zone; /* of the home company */
    uint32_t today;
    int64_t day_end_ms;
};

static void add_line(struct question *question, Vouch__V1__TeamMember *row, char *line)
{
    if (row->coaching == NULL) {
        row->coaching = arena_alloc(question->arena, COACHING_MAX * sizeof *row->coaching);
    }
    if (row->coaching != NULL && line != NULL && row->n_coaching < COACHING_MAX) {
        row->coaching[row->n_coaching++] = line;
    }
}

/* ---- one member ---- */

static void set_desk(struct question *question, const struct team *team, Vouch__V1__TeamMember *row)
{
    static const struct {
        const char *one, *many;
    } words[DESK_KINDS] = {
        [DESK_ANSWER] = {"overdue answer to an offer", "overdue answers to offers"},
        [DESK_CONTACT] = {"overdue first contact", "overdue first contacts"},
        [DESK_UPDATE] = {"overdue update", "overdue updates"},
        [DESK_RECEIVER] = {"referral that waits for them to name a receiver",
                           "referrals that wait for them to name a receiver"},
    };
    struct member_desk desk;
    member_desk_read(question->view, row->member, question->now_ms, team->day_end_ms, &desk);
    row->open = desk.open;
    row->due_today = desk.due_today;
    for (size_t kind = 0; kind < DESK_KINDS; kind++) {
        row->overdue += desk.overdue[kind];
        if (desk.overdue[kind] > 0) {
            add_line(question, row,
                     arena_printf(question->arena, "%" PRIu32 " %s", desk.overdue[kind],
                                  desk.overdue[kind] == 1 ? words[kind].one : words[kind].many));
        }
    }
}

static void set_reliability(struct question *question, const struct team *team, Vouch__V1__TeamMember *row)
{
    struct reliability all = receiver_reliability(question->view, row->member, team->today);
    struct obligation lately = receiver_obligations(question->view, row->member,
                                                    day_before(team->today, OBLIGATION_DAYS), team->today);
    row->kept = lately.kept;
    row->ghosted = lately.missed;
    row->reliability_ppm = reliability_low_ppm(&all);
    row->kept_ppm = reliability_mean_ppm(&all);
    if (lately.missed > 1) {
        add_line(question, row,
                 arena_printf(question->arena, "missed %" PRIu32 " of %" PRIu32 " obligations in %d days",
                              lately.missed, lately.kept + lately.missed, OBLIGATION_DAYS));
    }
}

static void set_asks(struct question *question, const Vouch__V1__Member *member, Vouch__V1__TeamMember *row)
{
    member_asks_read(question->view, row->member, question->now_ms - ASK_DAYS * (int64_t)MS_PER_DAY, &row->asks,
                     &row->last_ask_ms);
    int64_t since_ms = row->last_ask_ms > member->joined_ms ? row->last_ask_ms : member->joined_ms;
    int64_t quiet = (question->now_ms - since_ms) / MS_PER_DAY;
    if (quiet < QUIET_ASK_DAYS) {
        return;
    }
    add_line(question, row,
             row->last_ask_ms == 0 ? arena_strdup(question->arena, "has never asked a contact for a referral")
                                   : arena_printf(question->arena, "no ask in %" PRId64 " days", quiet));
}

static void set_quota(struct question *question, const struct team *team, const Vouch__V1__Member *member,
                      Vouch__V1__TeamMember *row)
{
    uint32_t year = team->today / 10000;
    row->quota = record_quota(question->view, member->id, year, question->arena);
    if (row->quota == NULL) {
        return;
    }
    uint32_t joined = day_of(team->zone, member->joined_ms);
    row->due_minor = quota_due_minor(row->quota->amount->minor, year, joined, team->today);
    row->booked_minor = member_booked_read(question->view, member->id, row->quota->amount->currency, year, team->zone);
    row->attainment_ppm = quota_attainment_ppm(row->booked_minor, row->due_minor);
    if (quota_days(year, joined, team->today) >= ATTAINMENT_DAYS && row->attainment_ppm < ATTAINMENT_LOW_PPM) {
        add_line(question, row,
                 arena_printf(question->arena, "at %" PRIu32 " %% of the quota that is due by now",
                              row->attainment_ppm / (PPM / 100)));
    }
}

static enum vouch_status member_row(struct question *question, const struct team *team, const Vouch__V1__Member *member,
                                    Vouch__V1__TeamMember **made)
{
    Vouch__V1__TeamMember *row = *made = question_message(question, &vouch__v1__team_member__descriptor);
    if (row == NULL) {
        return question_too_large(question);
    }
    row->member = member->id;
    row->role = member->role;
    row->name = arena_strdup(question->arena, member->name);
    if (row->name == NULL) {
        return question_too_large(question);
    }
    set_desk(question, team, row);
    set_reliability(question, team, row);
    set_asks(question, member, row);
    set_quota(question, team, member, row);
    uint32_t capacity = receiver_capacity(member);
    if (member->card == NULL) {
        add_line(question, row, arena_strdup(question->arena, "has no card: nobody can be matched to them"));
    } else if (row->open >= capacity) {
        add_line(question, row,
                 arena_printf(question->arena, "full: %" PRIu32 " open of %" PRIu32, row->open, capacity));
    }
    return VOUCH_OK;
}

/* ---- the team ---- */

/* A manager sees the own team; whom the asker may not see does not exist for them. */
static enum vouch_status team_find(struct question *question, const Vouch__V1__TeamView *asked, struct team *team)
{
    const Vouch__V1__Member *actor = question->actor;
    team->company = asked->company == 0 ? actor->company : asked->company;
    team->name = asked->team[0] == '\0' ? actor->team : asked->team;
    team->zone = record_home_zone(question->view, question->arena);
    team->today = day_of(team->zone, question->now_ms);
    team->day_end_ms = day_end_ms(team->zone, question->now_ms);
    if (team->name[0] == '\0') {
        return status_set(&question->why, VOUCH_INVALID, "you are of no team; say which: vouch team --team NAME");
    }
    if (actor->role == ROLE(MANAGER) && (team->company != actor->company || strcmp(team->name, actor->team) != 0)) {
        return status_set(&question->why, VOUCH_DENIED, "a manager sees the own team, %s",
                          actor->team[0] == '\0' ? "and you have none" : actor->team);
    }
    return VOUCH_OK;
}

static bool is_of_team(const struct team *team, const Vouch__V1__Member *member)
{
    return member->company == team->company && strcmp(member->team, team->name) == 0 &&
           member->state == VOUCH__V1__MEMBER_STATE__ACTIVE && access_can_be_party(member);
}

static enum vouch_status fill(struct question *question, const struct team *team, uint64_t after, struct page *page)
{
    struct slice key;
    struct key from = key_u64(after + 1);
    enum vouch_status status = VOUCH_OK;
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    struct cursor *cursor = cursor_open(question->view, TABLE_MEMBER);
    for (bool found = cursor_seek(cursor, key_slice(&from), &key, NULL); found && status == VOUCH_OK && !page->more;
         found = cursor_next(cursor, &key, NULL)) {
        Vouch__V1__TeamMember *row;
        arena_reset(scratch);
        const Vouch__V1__Member *member = record_member(question->view, slice_u64(key, 0), scratch);
        if (question_is_late(question)) {
            status = VOUCH_TIMEOUT;
        } else if (member == NULL) {
            status = question_too_large(question);
        } else if (is_of_team(team, member) && page_is_full(page)) {
            page->more = true;
        } else if (is_of_team(team, member)) {
            status = member_row(question, team, member, &row);
            if (status == VOUCH_OK) {
                page_add(page, row, protobuf_c_message_get_packed_size(&row->base));
            }
        }
    }
    cursor_close(&cursor);
    arena_free(&scratch);
    return status;
}

enum vouch_status query_team_view(struct question *question, const Vouch__V1__Request *request)
{
    struct team team;
    struct page page;
    Vouch__V1__TeamPage *answer = question_message(question, &vouch__v1__team_page__descriptor);
    enum vouch_status status = team_find(question, request->team_view, &team);
    if (status != VOUCH_OK) {
        return status;
    }
    if (answer == NULL || !page_start(question, request->team_view->limit, &page)) {
        return question_too_large(question);
    }
    status = fill(question, &team, request->team_view->after, &page);
    answer->members = (Vouch__V1__TeamMember **)page.rows;
    answer->n_members = page.count;
    answer->more = page.more;
    answer->team = arena_strdup(question->arena, team.name);
    answer->company = question_name(question, TABLE_COMPANY, team.company);
    answer->zone = arena_strdup(question->arena, team.zone);
    answer->year = team.today / 10000;
    if (status == VOUCH_OK && (answer->team == NULL || answer->zone == NULL)) {
        status = question_too_large(question);
    }
    question->reply->result_case = RESULT(TEAM);
    question->reply->team = answer;
    return status;
}
