/* SPDX-License-Identifier: Apache-2.0
 *
 * What an import has taken, and what it has not and why: for people, for programs, and kept to be looked at later. */
#include "import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEFT_OUT_KINDS 16  /* what more there is counts as of the last */
#define NUMBERS_TRIED 1000 /* others may keep reports at the same time */

static const char *const skip_words[IMPORT_SKIPS][2] = {
    [IMPORT_TAKEN] = {"taken", "taken"},
#define SKIP(NAME, one, many) [IMPORT_##NAME] = {one, many},
#include "import_skips.def"
#undef SKIP
};

/* ---- For people ---- */

static const char *separator_words(char separator)
{
    return separator == ';' ? "semicolons" : separator == '\t' ? "tabs" : separator == '|' ? "bars" : NULL;
}

void import_print_head(const struct import_run *run)
{
    const struct import_book *book = run->book;
    char people[COUNT_TEXT_BYTES];
    printf("%s (", import_format_name(book->format));
    if (book->preamble > 0) {
        printf("preamble of %zu line%s, ", book->preamble, book->preamble == 1 ? "" : "s");
    }
    if (import_format_is_table(book->format)) {
        printf("%s", book->titled ? "" : "no line of titles, ");
        if (separator_words(book->separator) != NULL) {
            printf("%s, ", separator_words(book->separator));
        }
    } else if (book->version != NULL) {
        text_print(stdout, book->version);
        fputs(", ", stdout);
    }
    printf("%s): %s %s%s\n", book->encoding, text_count(people, book->count), book->count == 1 ? "person" : "people",
           run->dry ? "; dry run, nothing is changed" : "");
}

/* "3 without any name, 1 duplicate line" */
static void print_skipped(const struct import_run *run)
{
    size_t counts[IMPORT_SKIPS] = {0};
    const char *between = "  skipped: ";
    for (size_t i = 0; i < run->book->count; i++) {
        counts[run->book->people[i].skip]++;
    }
    for (size_t skip = IMPORT_TAKEN + 1; skip < IMPORT_SKIPS; skip++) {
        if (counts[skip] > 0) {
            char count[COUNT_TEXT_BYTES];
            printf("%s%s %s", between, text_count(count, counts[skip]), skip_words[skip][counts[skip] > 1]);
            between = ", ";
        }
    }
    if (run->number != 0) {
        printf("  (vouch import show %u)", run->number);
    }
    putchar('\n');
}

/* The first of each kind, by its line. */
static void print_left_out(const struct import_run *run)
{
    struct {
        const struct import_left_out *first;
        size_t count;
    } kinds[LEFT_OUT_KINDS] = {{NULL, 0}};
    for (size_t i = 0; i < run->book->left_out_count; i++) {
        const struct import_left_out *row = &run->book->left_out[i];
        size_t kind = 0;
        while (kind + 1 < LEFT_OUT_KINDS && kinds[kind].first != NULL &&
               strcmp(kinds[kind].first->what, row->what) != 0) {
            kind++;
        }
        kinds[kind].first = kinds[kind].first == NULL ? row : kinds[kind].first;
        kinds[kind].count++;
    }
    for (size_t kind = 0; kind < LEFT_OUT_KINDS && kinds[kind].first != NULL; kind++) {
        printf("  left out: %s \"", kinds[kind].first->what);
        text_print(stdout, kinds[kind].first->text);
        printf("\" (line %zu)", kinds[kind].first->line);
        printf(kinds[kind].count > 1 ? ", and %zu more like it\n" : "\n", kinds[kind].count - 1);
    }
}

void import_print_result(const struct import_run *run)
{
    char made[COUNT_TEXT_BYTES], known[COUNT_TEXT_BYTES], changed[COUNT_TEXT_BYTES], skipped[COUNT_TEXT_BYTES];
    printf("  %s new, %s already known", text_count(made, run->made), text_count(known, run->known + run->changed));
    if (run->changed > 0) {
        printf(", %s of them filled in", text_count(changed, run->changed));
    }
    printf(", %s skipped\n", text_count(skipped, run->book->skipped));
    if (run->book->skipped > 0) {
        print_skipped(run);
    }
    print_left_out(run);
    for (size_t i = 0; i < run->book->count && run->refused > 0; i++) {
        if (run->book->people[i].refusal != NULL) {
            printf("  the first refusal, line %zu: ", run->book->people[i].line);
            text_print(stdout, run->book->people[i].refusal);
            putchar('\n');
            break;
        }
    }
    if (run->unsent > 0) {
        printf("  %zu were not sent: run it again; who was taken over is known then\n", run->unsent);
    } else if (run->dry) {
        puts("  without --dry-run they are taken over");
    } else if (run->made > 0) {
        puts("  vouch today has whom to get in touch with");
    }
}

/* ---- For programs ---- */

json_t *import_json(const struct import_run *run)
{
    const struct import_book *book = run->book;
    json_t *skipped = json_array(), *left_out = json_array();
    json_int_t known = (json_int_t)run->known + (json_int_t)run->changed;
    for (size_t i = 0; i < book->count; i++) {
        const struct import_person *person = &book->people[i];
        if (person->skip != IMPORT_TAKEN) {
            json_t *row = json_pack("{s:I, s:s, s:s}", "line", (json_int_t)person->line, "reason",
                                    skip_words[person->skip][0], "name", person->name);
            if (person->refusal != NULL) {
                json_object_set_new(row, "message", json_string(person->refusal));
            }
            json_array_append_new(skipped, row);
        }
    }
    for (size_t i = 0; i < book->left_out_count; i++) {
        json_array_append_new(left_out, json_pack("{s:I, s:s, s:s}", "line", (json_int_t)book->left_out[i].line, "what",
                                                  book->left_out[i].what, "text", book->left_out[i].text));
    }
    json_t *json = json_pack("{s:i, s:s, s:s, s:s, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:o, s:o}", "number",
                             (int)run->number, "file", run->path, "format", import_format_word(book->format),
                             "encoding", book->encoding, "time_ms", (json_int_t)book->now_ms, "people",
                             (json_int_t)book->count, "dry_run", (int)run->dry, "new", (json_int_t)run->made, "known",
                             known, "filled_in", (json_int_t)run->changed, "not_sent", (json_int_t)run->unsent,
                             "skipped", skipped, "left_out", left_out);
    return json;
}

/* A new file for the next number; -1, with errno. */
static int open_next(const char *folder, struct import_run *run)
{
    char path[PROFILE_PATH_MAX + 32];
    unsigned number = import_last(folder);
    for (int i = 0; i < NUMBERS_TRIED; i++) {
        snprintf(path, sizeof path, "%s/%u.json", folder, ++number);
        int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file >= 0) {
            run->number = number;
            return file;
        }
        if (errno != EEXIST) {
            return -1;
        }
    }
    return -1;
}

void import_keep(const struct cli *cli, struct import_run *run)
{
    char folder[PROFILE_PATH_MAX];
    int file = import_folder(cli, folder) ? open_next(folder, run) : -1;
    FILE *out = file < 0 ? NULL : fdopen(file, "w");
    if (out == NULL) {
        fprintf(stderr, "vouch: no report is kept of this import: %s\n", strerror(errno));
        return;
    }
    json_t *json = import_json(run);
    bool kept = json_dumpf(json, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0;
    json_decref(json);
    if (fclose(out) != 0 || !kept) {
        fprintf(stderr, "vouch: the report of this import could not all be written\n");
    }
}
