/* SPDX-License-Identifier: Apache-2.0
 *
 * REPORT: metrics with what they are made of, counted afresh from one snapshot for each question. docs/reports.md has
 * the definitions. */
#include "query/report.h"

static const unsigned by_bits[] = {
    [BY(REP)] = BY_MEMBER,      [BY(TEAM)] = BY_MEMBER, [BY(SOURCE)] = BY_SOURCE,
    [BY(SEGMENT)] = BY_SEGMENT, [BY(MONTH)] = BY_TIME,
};

static bool can_be_had(Vouch__V1__Report__By by, const struct metric_facts *facts)
{
    return by == BY(ALL) || (facts->by & by_bits[by]) != 0;
}

static enum vouch_status read_metrics(struct question *question, const Vouch__V1__Report *asked, uint32_t *wanted)
{
    *wanted = 0;
    for (uint32_t metric = METRIC_OF_NOTHING + 1; asked->n_metrics == 0 && metric < METRIC_COUNT; metric++) {
        *wanted |= can_be_had(asked->by, metric_facts(metric)) ? 1u << metric : 0;
    }
    for (size_t i = 0; i < asked->n_metrics; i++) {
        const struct metric_facts *facts = metric_facts((uint32_t)asked->metrics[i]);
        if (facts == NULL) {
            return status_set(&question->why, VOUCH_INVALID, "there is no metric %d", (int)asked->metrics[i]);
        }
        if (!can_be_had(asked->by, facts)) {
            return status_set(&question->why, VOUCH_INVALID,
                              "%s cannot be had by that; docs/reports.md tells by what each metric can be had",
                              facts->word);
        }
        *wanted |= 1u << asked->metrics[i];
    }
    return VOUCH_OK;
}

static bool wants_any(const struct report *report, enum metric one, enum metric two, enum metric three)
{
    return report_wants(report, one) || report_wants(report, two) || report_wants(report, three);
}

/* Asks first: what they led to is found among the facts. */
static enum vouch_status count_all(struct report *report)
{
    enum vouch_status status = VOUCH_OK;
    if (wants_any(report, METRIC_ASK_RATE, METRIC_ASK_YIELD, METRIC_YES_RATE)) {
        status = report_asks(report);
    }
    if (status == VOUCH_OK && report_wants(report, METRIC_ASK_RATE)) {
        status = report_contacts(report);
    }
    if (status == VOUCH_OK && (report_wants(report, METRIC_ASK_YIELD) ||
                               wants_any(report, METRIC_MEETING_RATE, METRIC_CLOSE_RATE, METRIC_CYCLE))) {
        status = report_facts(report);
    }
    if (status == VOUCH_OK && (report_wants(report, METRIC_CLIENT_SHARE) || report_wants(report, METRIC_QUOTA_MET))) {
        status = report_revenue(report);
    }
    if (status == VOUCH_OK && report_wants(report, METRIC_QUOTA_MET)) {
        status = report_quotas(report);
    }
    if (status == VOUCH_OK && report_wants(report, METRIC_FOLLOW_UP)) {
        status = report_obligations(report);
    }
    return status;
}

static bool head(const struct report *report, Vouch__V1__ReportPage *page)
{
    struct arena *arena = report->question->arena;
    page->period = arena_strdup(arena, report->span.text);
    page->zone = arena_strdup(arena, report->zone);
    page->whose = arena_strdup(arena, report->whose);
    page->from_ms = report->span.from_ms;
    page->until_ms = report->span.until_ms;
    page->now_ms = report->question->now_ms;
    page->by = report->by;
    page->received = report->received;
    return page->period != NULL && page->zone != NULL && page->whose != NULL;
}

enum vouch_status query_report(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__Report *asked = request->report;
    const struct report_question of = {asked->period, asked->zone, asked->team, asked->member, asked->received};
    Vouch__V1__ReportPage *page = question_message(question, &vouch__v1__report_page__descriptor);
    struct report *report = arena_alloc(question->arena, sizeof *report);
    uint32_t wanted;
    if (page == NULL || report == NULL) {
        return question_too_large(question);
    }
    enum vouch_status status = read_metrics(question, asked, &wanted);
    if (status != VOUCH_OK) {
        return status;
    }
    status = report_begin(report, question, &of, asked->by, wanted);
    if (status == VOUCH_OK) {
        status = count_all(report);
    }
    if (status == VOUCH_OK) {
        status = report_rows(report, asked->after, asked->limit, page);
    }
    if (status == VOUCH_OK && !head(report, page)) {
        status = question_too_large(question);
    }
    report_end(report);
    question->reply->result_case = RESULT(REPORT);
    question->reply->report = page;
    return status;
}
