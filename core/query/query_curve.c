/* SPDX-License-Identifier: Apache-2.0
 *
 * CURVE: how far the referrals and the leads of a period came, and what share of them was won by each day after their
 * registration. */
#include "query/report.h"

#include <math.h>

/* What is counted of a cohort. */
struct funnel {
    struct cohort cohort;
    uint64_t accepted, contacted, meeting, opportunity, won, lost, imported;
};

/* Who came further came this far, whatever was recorded on the way; who was lost was tried. Of history from another
 * system there is often only the state that it came to. */
static void count(struct funnel *funnel, const struct fact *fact, int64_t now_ms)
{
    bool won = fact->state == STATE(WON);
    bool opportunity = won || fact->opportunity_ms != 0 || fact->state == STATE(OPPORTUNITY);
    bool meeting = opportunity || fact->meeting_ms != 0 || fact->state == STATE(MEETING);
    bool contacted = meeting || fact->contacted_ms != 0 || fact->state == STATE(CONTACTED) ||
                     fact->state == STATE(LOST);
    bool accepted = contacted || fact->accepted_ms != 0 || fact->state == STATE(ACCEPTED);
    bool closed = fact->closed_ms != 0;
    funnel->won += won;
    funnel->opportunity += opportunity;
    funnel->meeting += meeting;
    funnel->contacted += contacted;
    funnel->accepted += accepted;
    funnel->lost += closed && !won;
    funnel->imported += (fact->flags & FACT_IMPORTED) != 0;
    cohort_add(&funnel->cohort,
               !closed ? COHORT_OPEN
               : won   ? COHORT_WON
                       : COHORT_LOST,
               ((closed ? fact->closed_ms : now_ms) - fact->registered_ms) / DAY_MS);
}

static enum vouch_status count_all(struct report *report, struct funnel funnels[2])
{
    struct slice key, value;
    bool good = true;
    struct key from = report_first_fact(report);
    struct cursor *cursor = cursor_open(report->question->view, TABLE_FACT);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && good && (int64_t)slice_u64(key, 0) < report->span.until_ms; row = cursor_next(cursor, &key, &value)) {
        struct fact fact = fact_read(key, value);
        good = report_goes_on(report);
        if (fact_counts(&fact) && report_counts(report, report->received ? fact.receiver : fact.referrer)) {
            count(&funnels[(fact.flags & FACT_LEAD_FIRST) != 0], &fact, report->question->now_ms);
        }
    }
    cursor_close(&cursor);
    return good ? VOUCH_OK : report->failed;
}

static uint32_t ppm_of(double share)
{
    return (uint32_t)lround(share * PPM);
}

static bool curve_of(const struct question *question, const struct funnel *funnel, Vouch__V1__CurveSeries *series)
{
    struct incidence days[INCIDENCE_DAYS + 1];
    size_t bytes = sizeof(uint32_t) * (INCIDENCE_DAYS + 1);
    series->won_ppm = arena_alloc(question->arena, bytes);
    series->low_ppm = arena_alloc(question->arena, bytes);
    series->high_ppm = arena_alloc(question->arena, bytes);
    series->at_risk = arena_alloc(question->arena, bytes * 2);
    if (series->won_ppm == NULL || series->low_ppm == NULL || series->high_ppm == NULL || series->at_risk == NULL) {
        return false;
    }
    series->n_won_ppm = series->n_low_ppm = series->n_high_ppm = series->n_at_risk = INCIDENCE_DAYS + 1;
    incidence_compute(&funnel->cohort, days);
    for (size_t day = 0; day <= INCIDENCE_DAYS; day++) {
        series->won_ppm[day] = ppm_of(days[day].won);
        series->low_ppm[day] = ppm_of(days[day].interval.low);
        series->high_ppm[day] = ppm_of(days[day].interval.high);
        series->at_risk[day] = days[day].at_risk;
    }
    return true;
}

static Vouch__V1__CurveSeries *series_of(const struct question *question, const struct funnel *funnel, bool lead)
{
    Vouch__V1__CurveSeries *series = question_message(question, &vouch__v1__curve_series__descriptor);
    if (series == NULL || !curve_of(question, funnel, series)) {
        return NULL;
    }
    series->lead = lead;
    series->registered = cohort_size(&funnel->cohort);
    series->accepted = funnel->accepted;
    series->contacted = funnel->contacted;
    series->meeting = funnel->meeting;
    series->opportunity = funnel->opportunity;
    series->won = funnel->won;
    series->lost = funnel->lost;
    series->imported = funnel->imported;
    return series;
}

static enum vouch_status answer(const struct report *report, const struct funnel funnels[2])
{
    struct question *question = report->question;
    Vouch__V1__CurveView *view = question_message(question, &vouch__v1__curve_view__descriptor);
    Vouch__V1__CurveSeries **series = arena_alloc(question->arena, 2 * sizeof(void *));
    if (view == NULL || series == NULL) {
        return question_too_large(question);
    }
    series[0] = series_of(question, &funnels[0], false);
    series[1] = series_of(question, &funnels[1], true);
    view->series = series;
    view->n_series = 2;
    view->period = arena_strdup(question->arena, report->span.text);
    view->zone = arena_strdup(question->arena, report->zone);
    view->whose = arena_strdup(question->arena, report->whose);
    view->from_ms = report->span.from_ms;
    view->until_ms = report->span.until_ms;
    view->now_ms = question->now_ms;
    question->reply->result_case = RESULT(CURVE);
    question->reply->curve = view;
    bool good = series[0] != NULL && series[1] != NULL && view->period != NULL && view->zone != NULL &&
                view->whose != NULL;
    return good ? VOUCH_OK : question_too_large(question);
}

enum vouch_status query_curve(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__Curve *asked = request->curve;
    const struct report_question of = {asked->period, asked->zone, asked->team, asked->member, asked->received};
    struct report *report = arena_alloc(question->arena, sizeof *report);
    struct funnel *funnels = arena_alloc(question->arena, 2 * sizeof *funnels);
    if (report == NULL || funnels == NULL) {
        return question_too_large(question);
    }
    enum vouch_status status = report_begin(report, question, &of, BY(ALL), 0);
    if (status == VOUCH_OK) {
        status = count_all(report, funnels);
    }
    if (status == VOUCH_OK) {
        status = answer(report, funnels);
    }
    report_end(report);
    return status;
}
