/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose numbers a report has, and what its rows are sorted by. A rep sees the own numbers, a manager the team's,
 * finance of a partner company that company's, finance of the home company, admins and auditors all. */
#include "base/check.h"
#include "base/message.h"
#include "base/wire.h"
#include "domain/vocabulary.h"
#include "query/report.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENT_BYTES 64
#define MONTHS_MAX 1200

static const char *const source_words[REPORT_SOURCES] = {"not told", "client", "other contact", "co-worker", "partner"};

enum vouch_status report_too_large(struct report *report)
{
    report->failed = VOUCH_TOO_LARGE;
    return status_set(&report->question->why, VOUCH_TOO_LARGE,
                      "the report is too large; ask for one team, one metric or a shorter period");
}

bool report_goes_on(struct report *report)
{
    if (++report->rows % REPORT_LATE_EVERY == 0 && question_is_late(report->question)) {
        report->failed = VOUCH_TIMEOUT;
    }
    return report->failed == VOUCH_OK;
}

bool report_wants(const struct report *report, enum metric metric)
{
    return (report->wanted & 1u << metric) != 0;
}

bool report_counts(const struct report *report, uint64_t member)
{
    return member <= report->member_count && report->members[member].counts;
}

/* ---- members ---- */

static bool role_sees(const struct question *question, const Vouch__V1__Member *member)
{
    const Vouch__V1__Member *actor = question->actor;
    if (actor->id == member->id) {
        return true;
    }
    switch (actor->role) {
    case ROLE(ADMIN):
    case ROLE(AUDITOR):
        return true;
    case ROLE(FINANCE):
        return actor->company == HOME_COMPANY || actor->company == member->company;
    case ROLE(MANAGER):
        return actor->company == member->company && actor->team[0] != '\0' && strcmp(actor->team, member->team) == 0;
    default:
        return false;
    }
}

/* The number of a word, which is copied when it is new. False past the budget. */
static bool word_number(struct report *report, struct report_word **words, const char *text, const char ***list,
                        uint32_t *count, uint32_t *number)
{
    struct report_word *word;
    HASH_FIND_STR(*words, text, word);
    if (word == NULL) {
        word = arena_alloc(report->arena, sizeof *word);
        if (word == NULL || *count == REPORT_GROUPS_MAX || (word->text = arena_strdup(report->arena, text)) == NULL) {
            return false;
        }
        word->number = (*count)++;
        (*list)[word->number] = word->text;
        HASH_ADD_KEYPTR(hh, *words, word->text, strlen(word->text), word);
    }
    *number = word->number;
    return true;
}

/* Teams of one name in two companies are two. */
static bool team_number(struct report *report, const Vouch__V1__Member *member, uint32_t *number)
{
    const char *name = member->team[0] == '\0' ? "no team" : member->team;
    const char *label = name;
    if (member->company != HOME_COMPANY) {
        label = arena_printf(report->row, "%s (%s)", name,
                             record_name(report->question->view, TABLE_COMPANY, member->company, report->row));
    }
    return label != NULL &&
           word_number(report, &report->team_words, label, &report->teams, &report->team_count, number);
}

static bool is_asked_for(const struct report *report, const Vouch__V1__Member *member)
{
    return (report->member == 0 || report->member == member->id) &&
           (report->team[0] == '\0' || strcmp(report->team, member->team) == 0);
}

static enum vouch_status load_member(struct report *report, uint64_t id, struct slice value)
{
    arena_reset(report->row);
    const Vouch__V1__Member *member = (const void *)message_unpack_own(&vouch__v1__member__descriptor, value.size,
                                                                       value.data, report->row);
    if (member == NULL || id > report->member_count) {
        return report_too_large(report);
    }
    struct report_member *row = &report->members[id];
    row->counts = role_sees(report->question, member) && is_asked_for(report, member);
    row->joined_ms = member->joined_ms;
    row->removed_ms = member->removed_ms;
    return row->counts && !team_number(report, member, &row->team) ? report_too_large(report) : VOUCH_OK;
}

static enum vouch_status load_members(struct report *report)
{
    enum vouch_status status = VOUCH_OK;
    bool any = false;
    struct slice key, value;
    report->member_count = meta_get(report->question->view, "last_member");
    report->members = arena_alloc(report->arena, (report->member_count + 1) * sizeof *report->members);
    report->teams = arena_alloc(report->arena, REPORT_GROUPS_MAX * sizeof *report->teams);
    if (report->members == NULL || report->teams == NULL) {
        return report_too_large(report);
    }
    struct cursor *cursor = cursor_open(report->question->view, TABLE_MEMBER);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row && status == VOUCH_OK;
         row = cursor_next(cursor, &key, &value)) {
        uint64_t id = slice_u64(key, 0);
        status = load_member(report, id, value);
        any = any || (status == VOUCH_OK && report->members[id].counts);
    }
    cursor_close(&cursor);
    if (status == VOUCH_OK && !any) {
        return status_set(&report->question->why, VOUCH_NOT_FOUND,
                          "there is nobody of that name or team whose numbers you may see; `vouch members` shows who "
                          "there is");
    }
    return status;
}

/* ---- segments: industries of companies ---- */

/* The word that all ways of saying it stand for; free tags in small letters. */
static bool segment_number(struct report *report, const uint8_t *industry, size_t size, uint32_t *number)
{
    char text[SEGMENT_BYTES];
    size_t length = size < sizeof text ? size : sizeof text - 1;
    for (size_t i = 0; i < length; i++) {
        text[i] = (char)(industry[i] >= 'A' && industry[i] <= 'Z' ? industry[i] + ('a' - 'A') : industry[i]);
    }
    text[length] = '\0';
    const char *word = vocabulary_word(VOCABULARY_INDUSTRY, text);
    return word_number(report, &report->segment_words, word != NULL ? word : text, &report->segments,
                       &report->segment_count, number);
}

/* The industry of a company without unpacking the rest. */
static bool load_company(struct report *report, uint64_t id, struct slice value, uint32_t industry)
{
    struct wire_reader reader = {value.data, value.size};
    struct wire_field field;
    while (wire_read_field(&reader, &field)) {
        if (field.number == industry && field.type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && field.size > 0) {
            return segment_number(report, field.data, field.size, &report->segments_of[id]);
        }
    }
    return true; /* the first segment: not known */
}

/* In one pass over all companies: a look-up for each referral would cost more. */
static enum vouch_status load_segments(struct report *report)
{
    struct slice key, value;
    uint32_t unknown;
    uint32_t industry =
        protobuf_c_message_descriptor_get_field_by_name(&vouch__v1__company__descriptor, "industry")->id;
    report->company_count = meta_get(report->question->view, "last_company");
    report->segments_of = arena_alloc(report->arena, (report->company_count + 1) * sizeof *report->segments_of);
    report->segments = arena_alloc(report->arena, REPORT_GROUPS_MAX * sizeof *report->segments);
    if (report->segments_of == NULL || report->segments == NULL ||
        !word_number(report, &report->segment_words, "not known", &report->segments, &report->segment_count,
                     &unknown)) {
        return report_too_large(report);
    }
    enum vouch_status status = VOUCH_OK;
    struct cursor *cursor = cursor_open(report->question->view, TABLE_COMPANY);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row && status == VOUCH_OK;
         row = cursor_next(cursor, &key, &value)) {
        uint64_t id = slice_u64(key, 0);
        if (!report_goes_on(report)) {
            status = VOUCH_TIMEOUT;
        } else if (id > report->company_count || !load_company(report, id, value, industry)) {
            status = report_too_large(report);
        }
    }
    cursor_close(&cursor);
    return status;
}

uint32_t report_segment(const struct report *report, uint64_t company)
{
    return report->segments_of != NULL && company <= report->company_count ? report->segments_of[company] : 0;
}

/* ---- months ---- */

static enum vouch_status load_months(struct report *report)
{
    size_t most = 12 * (MONTH_MOST / 100 - MONTH_LEAST / 100 + 1);
    uint32_t month = report->span.first_month;
    report->months = arena_alloc(report->arena, most * sizeof *report->months);
    if (report->months == NULL) {
        return report_too_large(report);
    }
    for (int64_t start = report->span.from_ms; start < report->span.until_ms;) {
        if (report->month_count == MONTHS_MAX) {
            return status_set(&report->question->why, VOUCH_TOO_LARGE,
                              "by month a report takes %d years at most; ask for a shorter period", MONTHS_MAX / 12);
        }
        report->months[report->month_count++] = start;
        month = month_next(month);
        start = month > MONTH_MOST ? INT64_MAX : zone_month_start_ms(report->zone, month);
    }
    return VOUCH_OK;
}

/* The month of a moment in the period. */
static uint32_t month_slot(const struct report *report, int64_t time_ms)
{
    uint32_t low = 0, high = report->month_count;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (report->months[middle] <= time_ms) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- groups ---- */

static uint32_t slot_of(const struct report *report, uint64_t member, uint64_t prospect, uint8_t source,
                        int64_t time_ms)
{
    switch (report->by) {
    case BY(REP):
        return (uint32_t)member;
    case BY(TEAM):
        return report->members[member].team;
    case BY(SOURCE):
        return source < REPORT_SOURCES ? source : 0;
    case BY(SEGMENT):
        return report_segment(report, prospect);
    case BY(MONTH):
        return month_slot(report, time_ms);
    default:
        return 0;
    }
}

static const char *label_of(struct report *report, uint32_t slot)
{
    uint32_t month;
    switch (report->by) {
    case BY(REP):
        return record_name(report->question->view, TABLE_MEMBER, slot, report->arena);
    case BY(TEAM):
        return report->teams[slot];
    case BY(SOURCE):
        return source_words[slot];
    case BY(SEGMENT):
        return report->segments[slot];
    case BY(MONTH):
        month = zone_month(report->zone, report->months[slot]);
        return arena_printf(report->arena, "%04u-%02u", month / 100, month % 100);
    default:
        return "";
    }
}

static struct report_group *group_at(struct report *report, uint32_t slot)
{
    CHECK(slot < report->slot_count);
    if (report->slots[slot] == NULL) {
        struct report_group *group = arena_alloc(report->arena, sizeof *group);
        const char *label = group == NULL ? NULL : label_of(report, slot);
        if (label == NULL || report->group_count == REPORT_GROUPS_MAX) {
            report_too_large(report);
            return NULL;
        }
        group->slot = slot;
        group->label = label;
        group->member = report->by == BY(REP) ? slot : 0;
        report->slots[slot] = group;
        report->groups[report->group_count++] = group;
    }
    return report->slots[slot];
}

struct report_group *report_group(struct report *report, uint64_t member, uint64_t prospect, uint8_t source,
                                  int64_t time_ms)
{
    return group_at(report, slot_of(report, member, prospect, source, time_ms));
}

static uint32_t slots_of(const struct report *report)
{
    switch (report->by) {
    case BY(REP):
        return (uint32_t)report->member_count + 1;
    case BY(TEAM):
        return report->team_count;
    case BY(SOURCE):
        return REPORT_SOURCES;
    case BY(SEGMENT):
        return report->segment_count;
    case BY(MONTH):
        return report->month_count;
    default:
        return 1;
    }
}

/* Of all, and of months, there is a row also where nothing happened. */
static enum vouch_status load_slots(struct report *report)
{
    report->slot_count = slots_of(report);
    report->slots = arena_alloc(report->arena, ((size_t)report->slot_count + 1) * sizeof(void *));
    report->groups = arena_alloc(report->arena, REPORT_GROUPS_MAX * sizeof(void *));
    if (report->slots == NULL || report->groups == NULL) {
        return report_too_large(report);
    }
    bool all = report->by == BY(ALL) || report->by == BY(MONTH);
    for (uint32_t slot = 0; all && slot < report->slot_count; slot++) {
        if (group_at(report, slot) == NULL) {
            return VOUCH_TOO_LARGE;
        }
    }
    return VOUCH_OK;
}

/* ---- the question ---- */

static enum vouch_status read_period(struct report *report, const struct report_question *asked)
{
    struct question *question = report->question;
    char year[SPAN_TEXT_BYTES];
    report->zone = asked->zone[0] != '\0' ? asked->zone : record_home_zone(question->view, report->arena);
    if (!zone_exists(report->zone)) {
        return status_set(&question->why, VOUCH_INVALID,
                          "\"%.40s\" is no time zone; say one by its IANA name, like Europe/Berlin", report->zone);
    }
    zone_text(year, report->zone, question->now_ms, false);
    year[4] = '\0';
    return span_parse(asked->period[0] != '\0' ? asked->period : year, report->zone, &report->span, &question->why);
}

static enum vouch_status say_whose(struct report *report)
{
    const Vouch__V1__Member *actor = report->question->actor;
    bool own = actor->role == ROLE(REP) || (actor->role == ROLE(MANAGER) && actor->team[0] == '\0');
    if (report->member != 0 || own) {
        report->whose = record_name(report->question->view, TABLE_MEMBER, own ? actor->id : report->member,
                                    report->arena);
    } else if (report->team[0] != '\0' || actor->role == ROLE(MANAGER)) {
        report->whose = arena_printf(report->arena, "team %s", report->team[0] != '\0' ? report->team : actor->team);
    } else if (actor->role == ROLE(FINANCE) && actor->company != HOME_COMPANY) {
        report->whose = record_name(report->question->view, TABLE_COMPANY, actor->company, report->arena);
    } else {
        report->whose = "all";
    }
    return report->whose == NULL ? report_too_large(report) : VOUCH_OK;
}

enum vouch_status report_begin(struct report *report, struct question *question, const struct report_question *asked,
                               Vouch__V1__Report__By by, uint32_t wanted)
{
    *report = (struct report){.question = question,
                              .by = by,
                              .wanted = wanted,
                              .received = asked->received,
                              .member = asked->member,
                              .team = asked->team,
                              .arena = arena_new(REPORT_BYTES),
                              .row = arena_new(REPORT_ROW_BYTES)};
    enum vouch_status status = read_period(report, asked);
    if (status == VOUCH_OK) {
        status = load_members(report);
    }
    if (status == VOUCH_OK && (by == BY(SEGMENT) || report_wants(report, METRIC_CYCLE))) {
        status = load_segments(report);
    }
    if (status == VOUCH_OK && by == BY(MONTH)) {
        status = load_months(report);
    }
    if (status == VOUCH_OK) {
        status = load_slots(report);
    }
    return status == VOUCH_OK ? say_whose(report) : status;
}

void report_end(struct report *report)
{
    HASH_CLEAR(hh, report->team_words);
    HASH_CLEAR(hh, report->segment_words);
    arena_free(&report->row);
    arena_free(&report->arena);
}

/* ---- what all parts use ---- */

bool report_sample(struct report *report, struct report_samples *samples, uint64_t number)
{
    if (samples->count == samples->room) {
        size_t room = samples->room == 0 ? 1024 : samples->room * 2;
        uint64_t *more = arena_alloc(report->arena, room * sizeof *more);
        if (more == NULL) {
            report_too_large(report);
            return false;
        }
        if (samples->count > 0) {
            memcpy(more, samples->numbers, samples->count * sizeof *more);
        }
        samples->numbers = more;
        samples->room = room;
    }
    samples->numbers[samples->count++] = number;
    return true;
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

void report_samples_sort(struct report_samples *samples)
{
    if (samples->count > 0) {
        qsort(samples->numbers, samples->count, sizeof *samples->numbers, compare_numbers);
    }
}

bool report_money_add(struct report *report, struct report_group *group, enum metric metric, const char currency[4],
                      int64_t numerator, int64_t denominator, uint64_t count)
{
    struct report_money *money = group->money;
    while (money != NULL && (money->metric != metric || strncmp(money->currency, currency, 3) != 0)) {
        money = money->next;
    }
    if (money == NULL) {
        money = arena_alloc(report->arena, sizeof *money);
        if (money == NULL) {
            report_too_large(report);
            return false;
        }
        money->metric = metric;
        memcpy(money->currency, currency, 3);
        money->next = group->money;
        group->money = money;
    }
    money->numerator += numerator;
    money->denominator += denominator;
    money->count += count;
    return true;
}
