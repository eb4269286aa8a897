/* SPDX-License-Identifier: Apache-2.0
 *
 * Funnels and curves as SVG: one file, no scripts, no fonts or pictures from elsewhere, readable in print, in the dark
 * and without colours (leads are hatched or dashed); what it shows is in its description, too. */
#include "report.h"

#include "domain/zone.h"

#include <inttypes.h>
#include <string.h>

#define WIDTH 800
#define DAYS 180
#define LINE_CHARACTERS 100 /* that fit into a line of small ones */

/* ---- what both have ---- */

/* U+FFFE and U+FFFF, which XML does not have. */
static bool is_no_character(const char *text)
{
    return (unsigned char)text[0] == 0xEF && (unsigned char)text[1] == 0xBF && (unsigned char)text[2] >= 0xBE;
}

/* Text of others, as XML has it. */
static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_no_character(text)) {
            text += 2;
            fputc('?', out);
            continue;
        }
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        default:
            fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
            break;
        }
    }
}

/* Plain colours first: not everything that shows SVG knows variables. */
static void put_style(FILE *out)
{
    fputs("<style>\n"
          "text{font-family:system-ui,-apple-system,\"Segoe UI\",Helvetica,Arial,sans-serif;font-size:13px;"
          "fill:#1b1f24}\n"
          ".head{font-size:18px;font-weight:600}.soft{fill:#57606a;font-size:12px}.end{text-anchor:end}"
          ".mid{text-anchor:middle}\n"
          ".paper{fill:#fff}.grid{stroke:#d0d7de;stroke-width:1}\n"
          ".a{stroke:#0b57a4;fill:none;stroke-width:2.5}.b{stroke:#a8480a;fill:none;stroke-width:2.5;"
          "stroke-dasharray:7 4}\n"
          ".band-a{fill:#0b57a4;opacity:.16}.band-b{fill:#a8480a;opacity:.16}\n"
          ".bar-a{fill:#0b57a4}.bar-b{fill:url(#hatch);stroke:#a8480a;stroke-width:1}\n"
          ".hatch{stroke:#a8480a;stroke-width:5}.word-a{fill:#0b57a4;font-weight:600}"
          ".word-b{fill:#a8480a;font-weight:600}\n"
          "@media (prefers-color-scheme:dark){text{fill:#e8eaed}.soft{fill:#a3abb5}.paper{fill:#16191d}"
          ".grid{stroke:#3a4149}.a{stroke:#6cb0f5}.b{stroke:#f0a062}.band-a,.bar-a,.word-a{fill:#6cb0f5}"
          ".band-b,.word-b{fill:#f0a062}.bar-b,.hatch{stroke:#f0a062}}\n"
          "@media print{text{fill:#000}.paper{fill:#fff}}\n"
          "</style>\n",
          out);
}

static void put_when(FILE *out, const Vouch__V1__CurveView *view)
{
    char now[ZONE_TEXT_BYTES];
    fputs("registered in ", out);
    put_text(out, view->period);
    fputs(" (", out);
    put_text(out, view->zone);
    fprintf(out, ") · as of %s", zone_text(now, view->zone, view->now_ms, true));
}

static void put_period(FILE *out, const Vouch__V1__CurveView *view)
{
    put_text(out, view->whose);
    fputs(" · ", out);
    put_when(out, view);
}

static size_t characters_of(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += (*text & 0xC0) != 0x80 ? 1 : 0;
    }
    return count;
}

/* A line of its own: names are long. A very long one is drawn narrower, so that none is cut off. */
static void put_whose(FILE *out, const Vouch__V1__CurveView *view)
{
    fputs("<text class=\"soft\" x=\"24\" y=\"58\"", out);
    if (characters_of(view->whose) > LINE_CHARACTERS) {
        fprintf(out, " textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\"", WIDTH - 48);
    }
    fputs(">", out);
    put_text(out, view->whose);
    fputs("</text>\n", out);
}

static const char *series_word(const Vouch__V1__CurveSeries *series)
{
    return series->lead ? "leads" : "referrals";
}

static char series_class(const Vouch__V1__CurveSeries *series)
{
    return series->lead ? 'b' : 'a';
}

static bool is_drawn(const Vouch__V1__CurveSeries *series)
{
    return series->registered >= METRIC_LEAST && series->n_won_ppm > DAYS && series->n_low_ppm > DAYS &&
           series->n_high_ppm > DAYS && series->n_at_risk > DAYS;
}

/* Opens the picture; whoever calls writes the description and closes it with put_body. */
static void put_head(FILE *out, int height, const char *title)
{
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
            "aria-labelledby=\"title desc\">\n<title id=\"title\">%s</title>\n<desc id=\"desc\">",
            WIDTH, height, WIDTH, height, title);
}

static void put_body(FILE *out, const Vouch__V1__CurveView *view, int height, const char *title)
{
    fputs("</desc>\n", out);
    put_style(out);
    fputs("<defs><pattern id=\"hatch\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" "
          "patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" "
          "y2=\"8\"/></pattern></defs>\n",
          out);
    fprintf(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", WIDTH, height);
    fprintf(out, "<text class=\"head\" x=\"24\" y=\"36\">%s</text>\n", title);
    put_whose(out, view);
    fputs("<text class=\"soft\" x=\"24\" y=\"76\">", out);
    put_when(out, view);
    fputs("</text>\n", out);
}

/* ---- the curve ---- */

#define CURVE_HEIGHT 558
#define LEFT 72
#define RIGHT 600
#define TOP 102
#define BOTTOM 422

struct scale {
    int64_t top_ppm; /* of the axis */
    int64_t step_ppm;
};

static struct scale scale_of(const Vouch__V1__CurveView *view)
{
    static const int64_t steps[] = {10000, 20000, 50000, 100000, 200000};
    int64_t most = 40000;
    for (size_t i = 0; i < view->n_series; i++) {
        if (is_drawn(view->series[i])) {
            int64_t high = view->series[i]->high_ppm[DAYS];
            most = high > most ? high : most;
        }
    }
    most = most > 1000000 ? 1000000 : most;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (most <= steps[i] * 6 || i + 1 == sizeof steps / sizeof steps[0]) {
            int64_t top = (most + steps[i] - 1) / steps[i] * steps[i];
            return (struct scale){top, steps[i]};
        }
    }
    return (struct scale){1000000, 200000};
}

static double x_of(size_t day)
{
    return LEFT + (double)(RIGHT - LEFT) * (double)day / DAYS;
}

static double y_of(const struct scale *scale, int64_t ppm)
{
    int64_t bounded = ppm > scale->top_ppm ? scale->top_ppm : ppm;
    return BOTTOM - (double)(BOTTOM - TOP) * (double)bounded / (double)scale->top_ppm;
}

static void put_axes(FILE *out, const struct scale *scale)
{
    for (int64_t ppm = 0; ppm <= scale->top_ppm; ppm += scale->step_ppm) {
        double y = y_of(scale, ppm);
        fprintf(out,
                "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>"
                "<text class=\"soft end\" x=\"%d\" y=\"%.1f\">%d %%</text>\n",
                LEFT, y, RIGHT, y, LEFT - 10, y + 4, (int)(ppm / 10000));
    }
    for (size_t day = 0; day <= DAYS; day += 30) {
        fprintf(out, "<text class=\"soft mid\" x=\"%.1f\" y=\"%d\">%zu</text>\n", x_of(day), BOTTOM + 20, day);
    }
    fprintf(out, "<text class=\"soft mid\" x=\"%d\" y=\"%d\">days after registration</text>\n", (LEFT + RIGHT) / 2,
            BOTTOM + 40);
}

/* What is won by a day stays won until the next one: steps. */
static void put_steps(FILE *out, const struct scale *scale, const uint32_t *ppm)
{
    fprintf(out, "M%.1f %.1f", x_of(0), y_of(scale, ppm[0]));
    for (size_t day = 1; day <= DAYS; day++) {
        if (ppm[day] != ppm[day - 1] || day == DAYS) {
            fprintf(out, "H%.1fV%.1f", x_of(day), y_of(scale, ppm[day]));
        }
    }
}

/* The upper end of the interval to the right, and the lower one back. */
static void put_band(FILE *out, const struct scale *scale, const Vouch__V1__CurveSeries *series)
{
    fprintf(out, "<path class=\"band-%c\" d=\"", series_class(series));
    put_steps(out, scale, series->high_ppm);
    fprintf(out, "L%.1f %.1f", x_of(DAYS), y_of(scale, series->low_ppm[DAYS]));
    for (size_t day = DAYS; day > 0; day--) {
        if (series->low_ppm[day] != series->low_ppm[day - 1]) {
            fprintf(out, "H%.1fV%.1f", x_of(day), y_of(scale, series->low_ppm[day - 1]));
        }
    }
    fprintf(out, "H%.1fZ\"/>\n", x_of(0));
}

static void put_line(FILE *out, const struct scale *scale, const Vouch__V1__CurveSeries *series)
{
    fprintf(out, "<path class=\"%c\" d=\"", series_class(series));
    put_steps(out, scale, series->won_ppm);
    fputs("\"/>\n", out);
}

static void put_label(FILE *out, const Vouch__V1__CurveSeries *series, double y)
{
    char won[REPORT_TEXT_BYTES], low[REPORT_TEXT_BYTES], high[REPORT_TEXT_BYTES];
    fprintf(out, "<text class=\"word-%c\" x=\"%d\" y=\"%.1f\">%s ", series_class(series), RIGHT + 12, y,
            series_word(series));
    if (is_drawn(series)) {
        fprintf(out, "%s</text>\n<text class=\"soft\" x=\"%d\" y=\"%.1f\">95 %%: %s – %s</text>\n",
                report_percent(won, series->won_ppm[DAYS]), RIGHT + 12, y + 17,
                report_percent(low, series->low_ppm[DAYS]), report_percent(high, series->high_ppm[DAYS]));
    } else {
        fprintf(out, "–</text>\n<text class=\"soft\" x=\"%d\" y=\"%.1f\">%" PRIu64 " of the %d it takes</text>\n",
                RIGHT + 12, y + 17, series->registered, METRIC_LEAST);
    }
}

/* At the ends of the lines, apart from each other. */
static void put_labels(FILE *out, const struct scale *scale, const Vouch__V1__CurveView *view)
{
    double least = 46;
    double y[2] = {BOTTOM - 20, BOTTOM - 20};
    for (size_t i = 0; i < view->n_series && i < 2; i++) {
        y[i] = is_drawn(view->series[i]) ? y_of(scale, view->series[i]->won_ppm[DAYS]) : y[i];
    }
    size_t upper = y[1] < y[0] ? 1 : 0;
    if (view->n_series > 1 && y[1 - upper] - y[upper] < least) {
        double middle = (y[0] + y[1]) / 2;
        middle = middle + least / 2 > BOTTOM - 10 ? BOTTOM - 10 - least / 2 : middle;
        y[upper] = middle - least / 2;
        y[1 - upper] = middle + least / 2;
    }
    for (size_t i = 0; i < view->n_series && i < 2; i++) {
        put_label(out, view->series[i], y[i]);
    }
}

static void put_at_risk(FILE *out, const Vouch__V1__CurveView *view)
{
    char text[COUNT_TEXT_BYTES];
    int y = BOTTOM + 74;
    fprintf(out, "<text class=\"soft\" x=\"24\" y=\"%d\">still open, and in sight</text>\n", y);
    for (size_t i = 0; i < view->n_series; i++) {
        const Vouch__V1__CurveSeries *series = view->series[i];
        y += 22;
        if (series->n_at_risk <= DAYS) {
            continue;
        }
        for (size_t day = 0; day <= DAYS; day += 30) {
            fprintf(out, "<text class=\"mid\" x=\"%.1f\" y=\"%d\">%s</text>\n", x_of(day), y,
                    text_count(text, series->at_risk[day]));
        }
        fprintf(out, "<text class=\"word-%c\" x=\"%d\" y=\"%d\">%s</text>\n", series_class(series), RIGHT + 40, y,
                series_word(series));
    }
}

static void describe_curve(FILE *out, const Vouch__V1__CurveView *view)
{
    char text[COUNT_TEXT_BYTES], won[REPORT_TEXT_BYTES], low[REPORT_TEXT_BYTES], high[REPORT_TEXT_BYTES];
    put_period(out, view);
    fputs(".", out);
    for (size_t i = 0; i < view->n_series; i++) {
        const Vouch__V1__CurveSeries *series = view->series[i];
        if (is_drawn(series)) {
            fprintf(out, " Of %s %s %s were won within %d days (95 %% interval %s to %s).",
                    text_count(text, series->registered), series_word(series),
                    report_percent(won, series->won_ppm[DAYS]), DAYS, report_percent(low, series->low_ppm[DAYS]),
                    report_percent(high, series->high_ppm[DAYS]));
        } else {
            fprintf(out, " There are %s %s, too few for a curve.", text_count(text, series->registered),
                    series_word(series));
        }
    }
    fputs(" Lost ones compete with won ones; those still open are counted as long as they are in sight "
          "(Aalen–Johansen).",
          out);
}

void report_svg_curve(FILE *out, const Vouch__V1__CurveView *view)
{
    static const char title[] = "Won within 180 days: referrals and leads";
    struct scale scale = scale_of(view);
    put_head(out, CURVE_HEIGHT, title);
    describe_curve(out, view);
    put_body(out, view, CURVE_HEIGHT, title);
    put_axes(out, &scale);
    for (size_t i = 0; i < view->n_series; i++) {
        if (is_drawn(view->series[i])) {
            put_band(out, &scale, view->series[i]);
        }
    }
    for (size_t i = 0; i < view->n_series; i++) {
        if (is_drawn(view->series[i])) {
            put_line(out, &scale, view->series[i]);
        }
    }
    put_labels(out, &scale, view);
    put_at_risk(out, view);
    fputs("</svg>\n", out);
}

/* ---- the funnel ---- */

#define BAR_LEFT 130
#define BAR_WIDTH 480
#define BAR_HEIGHT 22
#define STAGE_HEIGHT 68
#define FUNNEL_TOP 106
#define FUNNEL_HEIGHT 558

static int64_t share_ppm(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : (int64_t)((double)part / (double)whole * 1e6 + 0.5);
}

static void put_bar(FILE *out, const Vouch__V1__CurveSeries *series, size_t stage, int y)
{
    char count[COUNT_TEXT_BYTES], percent[REPORT_TEXT_BYTES];
    uint64_t number = report_stage_count(series, stage);
    int64_t ppm = share_ppm(number, series->registered);
    double width = (double)BAR_WIDTH * (double)ppm / 1e6;
    fprintf(out, "<rect class=\"bar-%c\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n", series_class(series),
            BAR_LEFT, y, width > 1 ? width : 1, BAR_HEIGHT);
    fprintf(out, "<text x=\"%.1f\" y=\"%d\">%s", BAR_LEFT + width + 8, y + 16, text_count(count, number));
    if (stage == 0) {
        fprintf(out, " %s", series_word(series));
    } else if (series->registered > 0) {
        fprintf(out, " <tspan class=\"soft\">%s</tspan>", report_percent(percent, ppm));
    }
    fputs("</text>\n", out);
}

static void describe_funnel(FILE *out, const Vouch__V1__CurveView *view)
{
    char text[COUNT_TEXT_BYTES];
    put_period(out, view);
    fputs(".", out);
    for (size_t i = 0; i < view->n_series; i++) {
        const Vouch__V1__CurveSeries *series = view->series[i];
        fputs(series->lead ? " Leads:" : " Referrals:", out);
        for (size_t stage = 0; report_stage(stage) != NULL; stage++) {
            fprintf(out, "%s %s %s", stage == 0 ? "" : ",", report_stage(stage),
                    text_count(text, report_stage_count(series, stage)));
        }
        fprintf(out, "; lost %s.", text_count(text, series->lost));
    }
}

void report_svg_funnel(FILE *out, const Vouch__V1__CurveView *view)
{
    static const char title[] = "How far referrals and leads came";
    put_head(out, FUNNEL_HEIGHT, title);
    describe_funnel(out, view);
    put_body(out, view, FUNNEL_HEIGHT, title);
    for (size_t stage = 0; report_stage(stage) != NULL; stage++) {
        int y = FUNNEL_TOP + (int)stage * STAGE_HEIGHT;
        fprintf(out, "<text class=\"end\" x=\"%d\" y=\"%d\">%s</text>\n", BAR_LEFT - 14, y + 27, report_stage(stage));
        for (size_t i = 0; i < view->n_series && i < 2; i++) {
            put_bar(out, view->series[i], stage, y + (int)i * (BAR_HEIGHT + 4));
        }
    }
    fprintf(out,
            "<text class=\"soft\" x=\"24\" y=\"%d\">Bars: share of those registered that came so far, or further. Open "
            "ones may still go on.</text>\n</svg>\n",
            FUNNEL_HEIGHT - 24);
}
