/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics of asks: how many of those a member knows were asked, and what the asks led to. An ask counts for whoever
 * asked. Contacts are counted once, however many of a group know them; their names are in no report. */
#include "query/report.h"

#include "apply/bonds.h"
#include "base/message.h"

#define KNOWN_MS (metric_facts(METRIC_ASK_RATE)->days * DAY_MS)
#define TIES_AT_A_TIME 256
#define SLOT_SHIFT 40

/* ---- asks of the period ---- */

/* Group and contact as one number, which sorts and compares. */
static uint64_t pair_of(const struct report_group *group, uint64_t contact)
{
    return (uint64_t)group->slot << SLOT_SHIFT | contact;
}

static bool keep_ask(struct report *report, const Vouch__V1__Ask *ask, struct report_group *group)
{
    if (report->ask_count == report->ask_room) {
        size_t room = report->ask_room == 0 ? 1024 : report->ask_room * 2;
        struct report_ask *more = arena_alloc(report->arena, room * sizeof *more);
        if (more == NULL) {
            report_too_large(report);
            return false;
        }
        for (size_t i = 0; i < report->ask_count; i++) {
            more[i] = report->asks[i];
        }
        report->asks = more;
        report->ask_room = room;
    }
    report->asks[report->ask_count++] = (struct report_ask){ask->id, ask->asked_ms, group};
    return true;
}

static void count_yes(struct report_group *group, const Vouch__V1__Ask *ask)
{
    bool in_time = ask->answered_ms - ask->asked_ms <= metric_facts(METRIC_YES_RATE)->days * DAY_MS;
    group->counts[METRIC_YES_RATE].denominator++;
    group->counts[METRIC_YES_RATE].numerator += ask->answer == VOUCH__V1__ASK_STATE__YES_NAMED && in_time ? 1 : 0;
}

static bool count_ask(struct report *report, const Vouch__V1__Ask *ask)
{
    bool in_period = ask->asked_ms >= report->span.from_ms && ask->asked_ms < report->span.until_ms;
    if (ask->asked_ms == 0 || !in_period || !report_counts(report, ask->member)) {
        return true;
    }
    struct report_group *group = report_group(report, ask->member, 0, 0, ask->asked_ms);
    if (group == NULL) {
        return false;
    }
    uint64_t contact = record_contact_self(report->question->view, ask->contact);
    if (report_wants(report, METRIC_ASK_RATE) && !report_sample(report, &report->asked, pair_of(group, contact))) {
        return false;
    }
    if (report->question->now_ms - ask->asked_ms < metric_facts(METRIC_ASK_YIELD)->days * DAY_MS) {
        group->counts[METRIC_ASK_YIELD].pending++;
        group->counts[METRIC_YES_RATE].pending++;
        return true;
    }
    count_yes(group, ask);
    group->counts[METRIC_ASK_YIELD].denominator++;
    return keep_ask(report, ask, group);
}

enum vouch_status report_asks(struct report *report)
{
    struct slice key, value;
    bool good = true;
    struct cursor *cursor = cursor_open(report->question->view, TABLE_ASK);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row && good;
         row = cursor_next(cursor, &key, &value)) {
        arena_reset(report->row);
        const Vouch__V1__Ask *ask = (const void *)message_unpack_own(&vouch__v1__ask__descriptor, value.size,
                                                                     value.data, report->row);
        if (ask == NULL) {
            report_too_large(report);
        }
        good = report_goes_on(report) && count_ask(report, ask);
    }
    cursor_close(&cursor);
    return good ? VOUCH_OK : report->failed;
}

/* ---- contacts that could have been asked ---- */

/* Since when contacts are there, read once each. */
struct known {
    struct report *report;
    int64_t *since_ms; /* by contact; 0: not read yet; INT64_MAX: erased, or somebody else now */
    uint64_t contact_count;
    struct report_samples could; /* group and contact, for each tie that is old enough */
};

static int64_t contact_since(struct known *known, uint64_t contact)
{
    if (contact > known->contact_count) {
        return INT64_MAX;
    }
    if (known->since_ms[contact] == 0) {
        arena_reset(known->report->row);
        const Vouch__V1__Contact *record = record_contact(known->report->question->view, contact, known->report->row);
        bool gone = record == NULL || record->erased || record->personal == NULL || record->merged_into != 0;
        known->since_ms[contact] = gone ? INT64_MAX : tie_made_ms(record) > 0 ? tie_made_ms(record) : 1;
    }
    return known->since_ms[contact];
}

static bool count_tie(struct known *known, uint64_t member, uint64_t contact)
{
    struct report *report = known->report;
    int64_t now_ms = report->question->now_ms;
    int64_t end_ms = report->span.until_ms < now_ms ? report->span.until_ms : now_ms;
    int64_t since_ms = contact_since(known, contact);
    int64_t start_ms = since_ms > report->span.from_ms ? since_ms : report->span.from_ms;
    if (since_ms == INT64_MAX || end_ms - start_ms < KNOWN_MS) {
        return true;
    }
    struct report_group *group = report_group(report, member, 0, 0, start_ms);
    return group != NULL && report_sample(report, &known->could, pair_of(group, contact));
}

static bool count_ties(struct known *known, uint64_t member)
{
    struct tie_entry ties[TIES_AT_A_TIME];
    uint64_t after = NODE_CONTACT;
    size_t count;
    bool good = true;
    do {
        count = tie_list(known->report->question->view, TABLE_TIE_OUT, NODE_MEMBER | member, after, ties,
                         TIES_AT_A_TIME);
        for (size_t i = 0; i < count && good; i++) {
            after = ties[i].peer;
            good = report_goes_on(known->report) && ((ties[i].peer & ~NODE_ID_MASK) != NODE_CONTACT ||
                                                     count_tie(known, member, ties[i].peer & NODE_ID_MASK));
        }
    } while (good && count == TIES_AT_A_TIME);
    return good;
}

/* Counts each contact of a group once, and whether it was asked. */
static void count_different(struct report *report, const struct report_samples *could,
                            const struct report_samples *asked)
{
    size_t at = 0;
    for (size_t i = 0; i < could->count; i++) {
        uint64_t pair = could->numbers[i];
        if (i > 0 && pair == could->numbers[i - 1]) {
            continue;
        }
        while (at < asked->count && asked->numbers[at] < pair) {
            at++;
        }
        struct report_count *count = &report->slots[pair >> SLOT_SHIFT]->counts[METRIC_ASK_RATE];
        count->denominator++;
        count->numerator += at < asked->count && asked->numbers[at] == pair ? 1 : 0;
    }
}

enum vouch_status report_contacts(struct report *report)
{
    struct known known = {.report = report, .contact_count = meta_get(report->question->view, "last_contact")};
    known.since_ms = arena_alloc(report->arena, (known.contact_count + 1) * sizeof *known.since_ms);
    if (known.since_ms == NULL) {
        return report_too_large(report);
    }
    for (uint64_t member = 1; member <= report->member_count; member++) {
        if (report_counts(report, member) && !count_ties(&known, member)) {
            return report->failed;
        }
    }
    report_samples_sort(&known.could);
    report_samples_sort(&report->asked);
    count_different(report, &known.could, &report->asked);
    return VOUCH_OK;
}
