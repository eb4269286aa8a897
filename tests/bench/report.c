/* SPDX-License-Identifier: Apache-2.0
 *
 * The table at the end: medians over the runs. A ratio is the median of the runs' ratios, each of a value and a base
 * that were measured right after each other. */
#include "bench.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MOST 64
#define NOTES_MOST 16
#define NOTE_BYTES 512

static struct line lines[LINES_MOST];
static size_t line_count;
static char notes[NOTES_MOST][NOTE_BYTES];
static size_t note_count;

void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("vouch_bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void progress(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void report_note(const char *format, ...)
{
    CHECK(note_count < NOTES_MOST);
    va_list args;
    va_start(args, format);
    vsnprintf(notes[note_count++], NOTE_BYTES, format, args);
    va_end(args);
}

struct line *report_line(const char *measure, const char *title, const char *unit, const char *against, enum goal goal,
                         double target)
{
    CHECK(line_count < LINES_MOST);
    struct line *line = &lines[line_count++];
    *line = (struct line){
        .measure = measure, .title = title, .unit = unit, .against = against, .goal = goal, .target = target};
    return line;
}

void report_run(struct line *line, double value, double base)
{
    CHECK(line->runs < RUNS_MOST);
    line->value[line->runs] = value;
    line->base[line->runs++] = base;
}

/* What is compared with the goal: the ratio, or the value where nothing stands against it. */
static double result_of(const struct line *line)
{
    double results[RUNS_MOST];
    for (size_t i = 0; i < line->runs; i++) {
        results[i] = line->value[i];
        if (line->against != NULL) {
            results[i] = line->base[i] > 0 ? line->value[i] / line->base[i] : 0;
        }
    }
    return median(results, line->runs);
}

static bool is_met(const struct line *line)
{
    double result = result_of(line);
    return line->goal == FOR_INFORMATION || (line->goal == AT_LEAST ? result >= line->target : result <= line->target);
}

/* Three significant digits without an exponent. */
static const char *number(double value, char text[32])
{
    const char *format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
    snprintf(text, 32, value == 0 ? "0" : format, value);
    return text;
}

static void print_table_line(const struct line *line)
{
    char value[32];
    char base[32] = "";
    char ratio[32] = "";
    char target[32];
    char goal[48] = "";
    number(median(line->value, line->runs), value);
    if (line->against != NULL) {
        number(median(line->base, line->runs), base);
        number(result_of(line), ratio);
    }
    if (line->goal != FOR_INFORMATION) {
        snprintf(goal, sizeof goal, "%s %s", line->goal == AT_LEAST ? ">=" : "<=", number(line->target, target));
    }
    printf("%-46s %9s %-4s  %-24s %9s  %7s  %-8s %s\n", line->title, value, line->unit,
           line->against == NULL ? "" : line->against, base, ratio, goal,
           line->goal == FOR_INFORMATION ? ""
           : is_met(line)                ? "met"
                                         : "MISSED");
}

static void print_table(const struct options *options)
{
    printf("\nvouch bench: %" PRIu64 " referrals preloaded, medians of %u runs\n\n", options->referrals, options->runs);
    printf("%-46s %9s %-4s  %-24s %9s  %7s  %-8s\n", "measure", "vouch", "", "against", "", "ratio", "goal");
    for (size_t i = 0; i < line_count; i++) {
        if (lines[i].runs > 0) {
            print_table_line(&lines[i]);
        }
    }
    for (size_t i = 0; i < note_count; i++) {
        printf("%s- %s\n", i == 0 ? "\n" : "", notes[i]);
    }
}

static void print_json_runs(const char *name, const double *values, size_t count)
{
    printf(", \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        printf("%s%.6g", i == 0 ? "" : ", ", values[i]);
    }
    putchar(']');
}

/* Titles and notes hold no character that JSON would want escaped but quotes, and nobody puts those there. */
static void print_json(const struct options *options)
{
    printf("{\"referrals\": %" PRIu64 ", \"runs\": %u, \"measures\": [", options->referrals, options->runs);
    const char *comma = "";
    for (size_t i = 0; i < line_count; i++) {
        const struct line *line = &lines[i];
        if (line->runs == 0) {
            continue;
        }
        printf("%s\n  {\"measure\": \"%s\", \"title\": \"%s\", \"unit\": \"%s\"", comma, line->measure, line->title,
               line->unit);
        print_json_runs("values", line->value, line->runs);
        if (line->against != NULL) {
            printf(", \"against\": \"%s\"", line->against);
            print_json_runs("bases", line->base, line->runs);
        }
        printf(", \"result\": %.6g", result_of(line));
        if (line->goal != FOR_INFORMATION) {
            printf(", \"goal\": \"%s\", \"target\": %.6g, \"met\": %s", line->goal == AT_LEAST ? "at least" : "at most",
                   line->target, is_met(line) ? "true" : "false");
        }
        putchar('}');
        comma = ",";
    }
    printf("],\n \"notes\": [");
    for (size_t i = 0; i < note_count; i++) {
        printf("%s\n  \"%s\"", i == 0 ? "" : ",", notes[i]);
    }
    printf("]}\n");
}

size_t report_print(const struct options *options)
{
    size_t missed = 0;
    for (size_t i = 0; i < line_count; i++) {
        missed += lines[i].runs > 0 && !is_met(&lines[i]);
    }
    if (options->json) {
        print_json(options);
    } else {
        print_table(options);
    }
    return missed;
}
