/* SPDX-License-Identifier: Apache-2.0
 *
 * report: metrics with what they are made of; funnels and curves as pictures. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS 500

/* What all kinds of reports ask alike. */
struct asked {
    uint64_t member;
    char *period, *zone, *team;
    bool received;
};

static int read_asked(struct cli *cli, struct asked *asked)
{
    char *member = args_text(&cli->args, "member");
    *asked = (struct asked){.period = args_field(&cli->args, "period"),
                            .zone = args_field(&cli->args, "zone"),
                            .team = args_field(&cli->args, "team"),
                            .received = args_flag(&cli->args, "received")};
    return member == NULL ? EXIT_DONE : name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, member, &asked->member, NULL);
}

/* ---- metrics ---- */

/* Says what can be asked for. */
static int fail_metric(const struct cli *cli, const char *word)
{
    char words[512] = "";
    size_t length = 0;
    for (uint32_t metric = METRIC_OF_NOTHING + 1; metric < METRIC_COUNT && length < sizeof words; metric++) {
        length += (size_t)snprintf(words + length, sizeof words - length, "%s, ", metric_facts(metric)->word);
    }
    return fail_usage(cli, "\"%s\" is no metric; say one or more of %sor funnel, or curve", word, words);
}

static int read_metrics(const struct cli *cli, Vouch__V1__Metric metrics[ARGS_WORDS], size_t *count)
{
    for (int i = 0; i < cli->args.count; i++) {
        enum metric metric = metric_find(cli->args.words[i]);
        if (metric == METRIC_OF_NOTHING) {
            return fail_metric(cli, cli->args.words[i]);
        }
        metrics[(*count)++] = (Vouch__V1__Metric)metric;
    }
    return EXIT_DONE;
}

static int read_by(const struct cli *cli, Vouch__V1__Report__By *by)
{
    const char *text = args_text(&cli->args, "by");
    int value = text == NULL ? VOUCH__V1__REPORT__BY__ALL : text_enum_parse(&vouch__v1__report__by__descriptor, text);
    *by = (Vouch__V1__Report__By)value;
    return value < 0 ? fail_usage(cli, "--by is rep, team, source, segment or month") : EXIT_DONE;
}

static struct table *report_table(Vouch__V1__Report__By by)
{
    static const char *const titles[] = {"", "MEMBER", "TEAM", "SOURCE", "SEGMENT", "MONTH"};
    size_t index = (size_t)by < sizeof titles / sizeof titles[0] ? (size_t)by : 0;
    return table_new((const struct column[]){{"METRIC", COLUMN_FIXED},
                                             {titles[index], COLUMN_TEXT},
                                             {"VALUE", COLUMN_NUMBER},
                                             {"95 % INTERVAL", COLUMN_NUMBER},
                                             {"OF", COLUMN_NUMBER},
                                             {"BY", COLUMN_NUMBER},
                                             {"NOT YET", COLUMN_NUMBER},
                                             {"BLANK: ONLY", COLUMN_TEXT},
                                             {NULL, COLUMN_TEXT}});
}

static void add_rows(struct table *table, const Vouch__V1__ReportPage *page, uint32_t *seen)
{
    for (size_t i = 0; i < page->n_rows; i++) {
        const Vouch__V1__ReportRow *row = page->rows[i];
        char title[REPORT_TEXT_BYTES], value[REPORT_TEXT_BYTES], interval[REPORT_TEXT_BYTES];
        char numerator[REPORT_TEXT_BYTES], denominator[REPORT_TEXT_BYTES], pending[COUNT_TEXT_BYTES];
        const char *cells[] = {report_title(title, row),
                               row->group,
                               report_value(value, row),
                               report_interval(interval, row),
                               report_number(numerator, row, row->numerator),
                               report_number(denominator, row, row->denominator),
                               row->pending == 0 ? "" : text_count(pending, row->pending),
                               row->why};
        table_row(table, cells);
        *seen |= (uint32_t)row->metric < 32 ? 1u << row->metric : 0;
    }
}

/* What the numbers are, below them. */
static void print_notes(uint32_t seen)
{
    putchar('\n');
    for (uint32_t metric = METRIC_OF_NOTHING + 1; metric < METRIC_COUNT; metric++) {
        const struct metric_facts *facts = metric_facts(metric);
        if ((seen & 1u << metric) != 0) {
            printf("%s: %s / %s; %s\n", facts->title, facts->numerator, facts->denominator, facts->censoring);
        }
    }
    printf("A value that rests on fewer than %d is left blank. docs/reports.md tells more.\n", METRIC_LEAST);
}

static void print_head(const Vouch__V1__ReportPage *page)
{
    printf("Report ");
    text_print(stdout, page->period);
    printf(" (");
    text_print(stdout, page->zone);
    printf("), ");
    text_print(stdout, page->whose);
    printf(", by %s\n\n", page->received ? "receiver" : "referrer");
}

/* Takes a page; the first one begins the answer. */
struct answer {
    enum { ANSWER_TEXT, ANSWER_CSV, ANSWER_JSON } form;
    struct table *table;
    json_t *json;
    uint32_t seen;
    bool begun;
};

static void take_page(struct answer *answer, const Vouch__V1__ReportPage *page)
{
    bool first = !answer->begun;
    answer->begun = true;
    if (answer->form == ANSWER_CSV) {
        if (first) {
            report_csv_head(stdout);
        }
        report_csv_rows(stdout, page);
    } else if (answer->form == ANSWER_JSON && first) {
        answer->json = json_of_message(&page->base);
    } else if (answer->form == ANSWER_JSON) {
        for (size_t i = 0; i < page->n_rows; i++) {
            json_array_append_new(json_object_get(answer->json, "rows"), json_of_message(&page->rows[i]->base));
        }
    } else {
        if (first) {
            print_head(page);
            answer->table = report_table(page->by);
        }
        add_rows(answer->table, page, &answer->seen);
    }
}

static void end_answer(struct answer *answer, int code)
{
    if (answer->table != NULL && code == EXIT_DONE) {
        table_print(&answer->table, "nothing was counted in that period");
        if (answer->seen != 0) {
            print_notes(answer->seen);
        }
    } else if (answer->table != NULL) {
        table_drop(&answer->table);
    }
    if (answer->json != NULL && code == EXIT_DONE) {
        json_object_set_new(answer->json, "more", json_false());
        json_print(answer->json);
    } else {
        json_decref(answer->json);
    }
}

static int report_metrics(struct cli *cli)
{
    Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
    Vouch__V1__Metric metrics[ARGS_WORDS];
    struct asked asked;
    struct answer answer = {.form = cli->json ? ANSWER_JSON : args_flag(&cli->args, "csv") ? ANSWER_CSV : ANSWER_TEXT};
    bool more = true;
    int code = read_metrics(cli, metrics, &report.n_metrics);
    code = code != EXIT_DONE ? code : read_by(cli, &report.by);
    code = code != EXIT_DONE ? code : read_asked(cli, &asked);
    if (code != EXIT_DONE) {
        return code;
    }
    report.metrics = metrics;
    report.period = asked.period;
    report.zone = asked.zone;
    report.team = asked.team;
    report.member = asked.member;
    report.received = asked.received;
    report.limit = PAGE_ROWS;
    Vouch__V1__Request request = REQUEST(REPORT, report, &report);
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_REPORT, &reply);
        if (code == EXIT_DONE) {
            take_page(&answer, reply->report);
            report.after += (uint32_t)reply->report->n_rows;
            more = reply->report->more && reply->report->n_rows > 0;
            vouch_reply_free(&reply);
        }
    }
    end_answer(&answer, code);
    return code;
}

/* ---- pictures ---- */

static void print_funnel(const Vouch__V1__CurveView *view)
{
    struct table *table = table_new((const struct column[]){{"STAGE", COLUMN_FIXED},
                                                            {"REFERRALS", COLUMN_NUMBER},
                                                            {"", COLUMN_NUMBER},
                                                            {"LEADS", COLUMN_NUMBER},
                                                            {"", COLUMN_NUMBER},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t stage = 0; report_stage(stage) != NULL; stage++) {
        char counts[2][COUNT_TEXT_BYTES] = {"", ""}, shares[2][REPORT_TEXT_BYTES] = {"", ""};
        for (size_t i = 0; i < view->n_series && i < 2; i++) {
            uint64_t whole = view->series[i]->registered;
            uint64_t part = report_stage_count(view->series[i], stage);
            text_count(counts[i], part);
            if (whole > 0) {
                report_percent(shares[i], (int64_t)((double)part / (double)whole * 1e6 + 0.5));
            }
        }
        const char *cells[] = {report_stage(stage), counts[0], shares[0], counts[1], shares[1]};
        table_row(table, cells);
    }
    table_print(&table, "nothing was registered in that period");
}

static void print_curve(const Vouch__V1__CurveView *view)
{
    struct table *table = table_new((const struct column[]){{"DAY", COLUMN_NUMBER},
                                                            {"OF", COLUMN_FIXED},
                                                            {"WON BY THEN", COLUMN_NUMBER},
                                                            {"95 % INTERVAL", COLUMN_NUMBER},
                                                            {"STILL OPEN", COLUMN_NUMBER},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < view->n_series; i++) {
        const Vouch__V1__CurveSeries *series = view->series[i];
        for (size_t day = 30; day < series->n_won_ppm && day < series->n_high_ppm && day < series->n_at_risk &&
                              day < series->n_low_ppm && series->registered >= METRIC_LEAST;
             day += 30) {
            char number[COUNT_TEXT_BYTES], open[COUNT_TEXT_BYTES], won[REPORT_TEXT_BYTES], low[REPORT_TEXT_BYTES];
            char high[REPORT_TEXT_BYTES], interval[2 * REPORT_TEXT_BYTES + 8];
            snprintf(interval, sizeof interval, "%s – %s", report_percent(low, series->low_ppm[day]),
                     report_percent(high, series->high_ppm[day]));
            const char *cells[] = {text_count(number, day), series->lead ? "leads" : "referrals",
                                   report_percent(won, series->won_ppm[day]), interval,
                                   text_count(open, series->at_risk[day])};
            table_row(table, cells);
        }
    }
    table_print(&table, "too few were registered in that period: a curve takes 20 referrals, or 20 leads");
}

static int write_svg(const struct cli *cli, const char *path, const Vouch__V1__CurveView *view, bool funnel)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return fail_usage(cli, "%s cannot be written: %s", path, strerror(errno));
    }
    if (funnel) {
        report_svg_funnel(file, view);
    } else {
        report_svg_curve(file, view);
    }
    bool good = ferror(file) == 0;
    good = fclose(file) == 0 && good;
    if (!good) {
        return fail_usage(cli, "%s could not be written to its end", path);
    }
    return say_done(cli, 0, "%s is written; a browser shows it", path);
}

static int report_curve(struct cli *cli, bool funnel)
{
    Vouch__V1__Curve curve = VOUCH__V1__CURVE__INIT;
    const char *path = args_text(&cli->args, "svg");
    struct asked asked = {0};
    int code = cli->args.count > 1 || args_text(&cli->args, "by") != NULL
                   ? fail_usage(cli, "%s is asked for alone, and is not divided", funnel ? "funnel" : "curve")
                   : read_asked(cli, &asked);
    if (code != EXIT_DONE) {
        return code;
    }
    curve.period = asked.period;
    curve.zone = asked.zone;
    curve.team = asked.team;
    curve.member = asked.member;
    curve.received = asked.received;
    Vouch__V1__Request request = REQUEST(CURVE, curve, &curve);
    Vouch__V1__Reply *reply = NULL;
    code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_CURVE, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    if (path != NULL) {
        code = write_svg(cli, path, reply->curve, funnel);
    } else if (cli->json) {
        code = json_print(json_of_message(&reply->curve->base));
    } else if (funnel) {
        print_funnel(reply->curve);
    } else {
        print_curve(reply->curve);
    }
    vouch_reply_free(&reply);
    return code;
}

int verb_report(struct cli *cli)
{
    const char *first = cli->args.count > 0 ? cli->args.words[0] : "";
    bool funnel = strcmp(first, "funnel") == 0;
    if (funnel || strcmp(first, "curve") == 0) {
        return report_curve(cli, funnel);
    }
    if (args_text(&cli->args, "svg") != NULL) {
        return fail_usage(cli, "--svg draws a funnel or a curve: vouch report curve --svg FILE");
    }
    return report_metrics(cli);
}
