/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts as they are found, one line each: verdict, check, sentence. Findings of one kind are told once, with how
 * often; a check without findings gets one good verdict. */
#include "plugin/check/check.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <string.h>

static const char *const verdict_names[] = {"ok", "note", "FAIL"};

void report_begin(struct report *report, const char *check)
{
    report->check = check;
    report->first = report->count;
}

/* A finding with that key, of whichever check. */
static struct finding *find_key(struct report *report, const char *key)
{
    for (size_t i = 0; i < report->count; i++) {
        if (report->findings[i].key[0] != '\0' && strcmp(report->findings[i].key, key) == 0) {
            return &report->findings[i];
        }
    }
    return NULL;
}

static struct finding *add(struct report *report, enum verdict verdict, const char *key)
{
    static struct finding none;
    if (report->count == FINDINGS_MAX) {
        return &none;
    }
    struct finding *finding = &report->findings[report->count++];
    *finding = (struct finding){.check = report->check, .verdict = verdict, .times = 1};
    snprintf(finding->key, sizeof finding->key, "%s", key);
    return finding;
}

/* What a plugin said may hold anything, and a text that was cut may end inside a character. */
static void to_line(char *text)
{
    size_t size = strlen(text);
    size_t used = 0;
    uint32_t character;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_next((const uint8_t *)text + at, size - at, &character);
        bool control = length > 0 && (character < 0x20 || (character >= 0x7F && character < 0xA0));
        if (length > 0 && !control) {
            memmove(text + used, text + at, length);
            used += length;
        }
        at += length > 0 ? length : 1;
    }
    text[used] = '\0';
}

/* Without numbers, which would make many kinds of one. */
static void shorten(char *copy, size_t size, const char *key)
{
    size_t used = 0;
    for (; *key != '\0' && used + 1 < size; key++) {
        if (*key < '0' || *key > '9') {
            copy[used++] = *key;
        }
    }
    copy[used] = '\0';
}

void report_find(struct report *report, enum verdict verdict, const char *key, const char *format, ...)
{
    char short_key[sizeof((struct finding *)0)->key];
    shorten(short_key, sizeof short_key, key);
    struct finding *before = find_key(report, short_key);
    if (before != NULL && before->check == report->check) {
        before->times++;
        return;
    }
    if (before != NULL) {
        char again[sizeof short_key];
        snprintf(again, sizeof again, "%s again", report->check);
        if (find_key(report, again) == NULL) {
            struct finding *finding = add(report, VERDICT_NOTE, again);
            snprintf(finding->text, sizeof finding->text, "comes upon what \"%s\" found", before->check);
        }
        return;
    }
    struct finding *finding = add(report, verdict, short_key);
    va_list args;
    va_start(args, format);
    vsnprintf(finding->text, sizeof finding->text, format, args);
    va_end(args);
    to_line(finding->text);
}

bool report_failed(const struct report *report, const char *check)
{
    for (size_t i = 0; i < report->count; i++) {
        if (report->findings[i].verdict == VERDICT_FAIL && strcmp(report->findings[i].check, check) == 0) {
            return true;
        }
    }
    return false;
}

static void print_finding(const struct report *report, const struct finding *finding)
{
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[1;31m"};
    if (report->out != NULL) {
        fprintf(report->out, "%s%-4s%s  %-9s  %s\n", report->colour ? colours[finding->verdict] : "",
                verdict_names[finding->verdict], report->colour ? "\033[0m" : "", finding->check, finding->text);
    }
}

void report_end(struct report *report, const char *format, ...)
{
    report->checks++;
    if (report->count == report->first) {
        struct finding *finding = add(report, VERDICT_OK, "");
        va_list args;
        va_start(args, format);
        vsnprintf(finding->text, sizeof finding->text, format, args);
        va_end(args);
        to_line(finding->text);
    }
    for (size_t i = report->first; i < report->count; i++) {
        struct finding *finding = &report->findings[i];
        size_t length = strlen(finding->text);
        if (finding->times > 1) {
            snprintf(finding->text + length, sizeof finding->text - length, " (%u times)", finding->times);
        }
        report->failures += finding->verdict == VERDICT_FAIL;
        report->notes += finding->verdict == VERDICT_NOTE;
        print_finding(report, finding);
    }
    if (report->out != NULL) {
        fflush(report->out);
    }
    report->first = report->count;
    report->check = "";
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

void report_close(const struct report *report)
{
    char notes[32] = "";
    if (report->out == NULL) {
        return;
    }
    if (report->notes > 0) {
        snprintf(notes, sizeof notes, ", %u note%s", report->notes, plural(report->notes));
    }
    if (report->failures > 0) {
        fprintf(report->out, "failed: %u fault%s in %u check%s%s\n", report->failures, plural(report->failures),
                report->checks, plural(report->checks), notes);
    } else {
        fprintf(report->out, "passed: %u check%s%s\n", report->checks, plural(report->checks), notes);
    }
}

/* ---- JSON ---- */

static void json_text(FILE *out, const char *text)
{
    putc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(out, "\\%c", *c);
        } else if (*c < 0x20) {
            fprintf(out, "\\u%04x", *c);
        } else {
            putc(*c, out);
        }
    }
    putc('"', out);
}

static void json_field(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\":", name);
    json_text(out, text);
    putc(',', out);
}

void report_json(const struct report *report, FILE *out, const char *path, const char *name, const char *version,
                 const char *kind)
{
    putc('{', out);
    json_field(out, "path", path);
    json_field(out, "plugin", name);
    json_field(out, "version", version);
    json_field(out, "kind", kind);
    fprintf(out, "\"passed\":%s,\"checks\":%u,\"failures\":%u,\"notes\":%u,\"findings\":[",
            report->failures == 0 ? "true" : "false", report->checks, report->failures, report->notes);
    for (size_t i = 0; i < report->count; i++) {
        const struct finding *finding = &report->findings[i];
        fputs(i == 0 ? "{" : ",{", out);
        json_field(out, "check", finding->check);
        json_field(out, "verdict", verdict_names[finding->verdict]);
        fputs("\"text\":", out);
        json_text(out, finding->text);
        putc('}', out);
    }
    fputs("]}\n", out);
}
