/* SPDX-License-Identifier: Apache-2.0
 *
 * export: all that a member owns, into files that are theirs alone. Everything as JSON lines, the people also as vCards
 * and as a table. A file appears when it is complete, under its name; broken off, nothing is there. */
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define PAGE_ROWS 500

#define PART(name) VOUCH__V1__MEMBER_EXPORT__PART__##name

enum target { TARGET_JSONL, TARGET_VCARD, TARGET_CSV, TARGETS };

struct output {
    char path[PATH_BYTES];
    char partial[PATH_BYTES + 16];
    FILE *file; /* NULL: not asked for */
};

struct export
{
    struct cli *cli;
    struct output outputs[TARGETS];
    uint64_t counts[PART(STATEMENTS) + 1]; /* by part */
};

static const char *const endings[TARGETS] = {".jsonl", ".vcf", ".csv"};
static const char *const names[TARGETS] = {"everything.jsonl", "people.vcf", "people.csv"};

/* ---- files ---- */

static int fail_file(const struct cli *cli, const char *path, const char *doing)
{
    char why[PATH_BYTES + 128];
    snprintf(why, sizeof why, "%s cannot be %s: %s", path, doing, strerror(errno));
    return fail_outcome(cli, VOUCH_UNAVAILABLE, why);
}

static int open_output(const struct cli *cli, struct output *output)
{
    if (access(output->path, F_OK) == 0 && !args_flag(&cli->args, "force")) {
        return fail_usage(cli, "%s is there already; --force replaces it", output->path);
    }
    snprintf(output->partial, sizeof output->partial, "%s.%ld", output->path, (long)getpid());
    int file = open(output->partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    output->file = file < 0 ? NULL : fdopen(file, "w");
    return output->file == NULL ? fail_file(cli, output->partial, "written") : EXIT_DONE;
}

/* The one file that `path` names by its ending, or all of them in a folder. */
static int open_outputs(struct export *export, const char *path)
{
    const char *dot = strrchr(path, '.');
    for (int i = 0; i < TARGETS; i++) {
        if (dot != NULL && strcasecmp(dot, endings[i]) == 0) {
            snprintf(export->outputs[i].path, PATH_BYTES, "%s", path);
            return open_output(export->cli, &export->outputs[i]);
        }
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return fail_file(export->cli, path, "made");
    }
    int code = EXIT_DONE;
    for (int i = 0; code == EXIT_DONE && i < TARGETS; i++) {
        snprintf(export->outputs[i].path, PATH_BYTES, "%s/%s", path, names[i]);
        code = open_output(export->cli, &export->outputs[i]);
    }
    return code;
}

/* Complete files get their names; otherwise nothing is left of them. */
static int close_outputs(struct export *export, int code)
{
    for (int i = 0; i < TARGETS; i++) {
        struct output *output = &export->outputs[i];
        if (output->file == NULL) {
            continue;
        }
        bool written = fflush(output->file) == 0 && ferror(output->file) == 0 && fsync(fileno(output->file)) == 0;
        bool closed = fclose(output->file) == 0;
        if (code == EXIT_DONE && !(written && closed && rename(output->partial, output->path) == 0)) {
            code = fail_file(export->cli, output->path, "written");
        }
        if (code != EXIT_DONE) {
            unlink(output->partial);
        }
    }
    return code;
}

/* ---- rows ---- */

static const char *const kinds[] = {"",      "profile", "card",  "contact",  "note",
                                    "touch", "ask",     "intel", "referral", "statement"};

/* {"kind": "note", "data": {…}}, one a line. */
static void write_line(FILE *out, const char *kind, const ProtobufCMessage *message)
{
    json_t *line = json_pack("{s:s,s:o}", "kind", kind, "data", json_of_message(message));
    json_dumpf(line, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    json_decref(line);
}

static const ProtobufCMessage *message_of(const Vouch__V1__ExportPage__Row *row)
{
    /* All members of the oneof are pointers to messages, in one place. */
    return row->what_case == VOUCH__V1__EXPORT_PAGE__ROW__WHAT__NOT_SET ? NULL : &row->profile->base;
}

static void write_row(struct export *export, Vouch__V1__MemberExport__Part part, const Vouch__V1__ExportPage__Row *row)
{
    const ProtobufCMessage *message = message_of(row);
    struct output *outputs = export->outputs;
    if (message == NULL) {
        return;
    }
    export->counts[part]++;
    if (outputs[TARGET_JSONL].file != NULL) {
        write_line(outputs[TARGET_JSONL].file, kinds[part], message);
    }
    if (part == PART(CONTACTS) && outputs[TARGET_VCARD].file != NULL) {
        export_vcard_person(outputs[TARGET_VCARD].file, row->contact);
    }
    if (part == PART(CONTACTS) && outputs[TARGET_CSV].file != NULL) {
        export_csv_person(outputs[TARGET_CSV].file, row->contact);
    }
}

static void show_progress(const struct export *export, Vouch__V1__MemberExport__Part part)
{
    char count[COUNT_TEXT_BYTES];
    if (isatty(STDERR_FILENO) == 1) {
        fprintf(stderr, "\r\033[K  %s %s", text_count(count, export->counts[part]), kinds[part]);
    }
}

/* One page; `next` is where the following one begins. */
static int write_page(struct export *export, Vouch__V1__MemberExport__Part part, uint8_t next[64], size_t *next_size,
                      bool *more)
{
    Vouch__V1__MemberExport asked = VOUCH__V1__MEMBER_EXPORT__INIT;
    Vouch__V1__Reply *reply = NULL;
    asked.part = part;
    asked.limit = PAGE_ROWS;
    asked.after = (ProtobufCBinaryData){*next_size, next};
    Vouch__V1__Request request = REQUEST(MEMBER_EXPORT, member_export, &asked);
    int code = session_call(export->cli, &request, VOUCH__V1__REPLY__RESULT_EXPORTED, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    const Vouch__V1__ExportPage *page = reply->exported;
    for (size_t i = 0; i < page->n_rows; i++) {
        write_row(export, part, page->rows[i]);
    }
    *more = page->more && page->n_rows > 0 && page->next.len <= 64; /* a list that does not go on ends here */
    *next_size = *more ? page->next.len : 0;
    if (*next_size > 0) {
        memcpy(next, page->next.data, *next_size);
    }
    vouch_reply_free(&reply);
    show_progress(export, part);
    return EXIT_DONE;
}

static int write_part(struct export *export, Vouch__V1__MemberExport__Part part)
{
    uint8_t next[64];
    size_t next_size = 0;
    bool more = true;
    int code = EXIT_DONE;
    while (code == EXIT_DONE && more) {
        code = write_page(export, part, next, &next_size, &more);
    }
    return code;
}

static int write_all(struct export *export)
{
    bool everything = export->outputs[TARGET_JSONL].file != NULL;
    int code = EXIT_DONE;
    if (export->outputs[TARGET_CSV].file != NULL) {
        export_csv_head(export->outputs[TARGET_CSV].file);
    }
    for (int part = PART(PROFILE); code == EXIT_DONE && part <= PART(STATEMENTS); part++) {
        if (everything || part == PART(CONTACTS)) {
            code = write_part(export, (Vouch__V1__MemberExport__Part)part);
        }
    }
    if (isatty(STDERR_FILENO) == 1) {
        fputs("\r\033[K", stderr);
    }
    return code;
}

/* ---- what was written ---- */

static int say(const struct export *export, const char *path)
{
    json_t *counts = json_object();
    for (int part = PART(CARDS); part <= PART(STATEMENTS); part++) {
        json_object_set_new(counts, kinds[part], json_integer((json_int_t) export->counts[part]));
    }
    if (export->cli->json) {
        return json_print(json_pack("{s:s,s:o}", "path", path, "counts", counts));
    }
    json_decref(counts);
    char people[COUNT_TEXT_BYTES], notes[COUNT_TEXT_BYTES], touches[COUNT_TEXT_BYTES], referrals[COUNT_TEXT_BYTES];
    printf("%s: %s people", path, text_count(people, export->counts[PART(CONTACTS)]));
    if (export->outputs[TARGET_JSONL].path[0] != '\0') {
        printf(", %s notes, %s touches, %s referrals, and all else that is yours",
               text_count(notes, export->counts[PART(NOTES)]), text_count(touches, export->counts[PART(TOUCHES)]),
               text_count(referrals, export->counts[PART(REFERRALS)]));
    }
    puts(". Only you can read it.");
    return EXIT_DONE;
}

int verb_export(struct cli *cli)
{
    struct export export = {.cli = cli};
    const char *path = cli->args.words[0];
    int code = strlen(path) >= PATH_BYTES - 64 ? fail_usage(cli, "this path is too long") : open_outputs(&export, path);
    if (code == EXIT_DONE) {
        code = write_all(&export);
    }
    code = close_outputs(&export, code);
    return code == EXIT_DONE ? say(&export, path) : code;
}
