/* SPDX-License-Identifier: Apache-2.0
 *
 * terms: what deals pay. Written by one person on top of the newest version, laid beside the one before it, approved by
 * another. */
#include "terms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- list ---- */

static void write_scope(struct cli *cli, const Vouch__V1__Terms *terms, char out[400])
{
    const char *parts[4];
    size_t count = 0;
    if (terms->member != 0) {
        parts[count++] = name_of(cli, VOUCH__V1__FIND__KIND__MEMBER, terms->member);
    }
    if (terms->company != 0) {
        parts[count++] = name_of(cli, VOUCH__V1__FIND__KIND__COMPANY, terms->company);
    }
    if (terms->product[0] != '\0') {
        parts[count++] = terms->product;
    }
    if (terms->currency[0] != '\0') {
        parts[count++] = terms->currency;
    }
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(out);
        snprintf(out + used, 400 - used, "%s%s", i == 0 ? "" : " · ", parts[i]);
    }
    if (count == 0) {
        strcpy(out, "all");
    }
}

static void add_row(struct cli *cli, struct table *table, const struct terms_versions *versions, size_t row)
{
    const Vouch__V1__Terms *terms = versions->rows[row];
    char version[16], scope[400], from[ZONE_TEXT_BYTES], end[ZONE_TEXT_BYTES] = "–";
    int64_t end_ms = terms->state == VOUCH__V1__TERMS_STATE__APPROVED ? terms_end_ms(versions, row) : terms->until_ms;
    snprintf(version, sizeof version, "%u", terms->version);
    write_scope(cli, terms, scope);
    zone_text(from, versions->zone, terms->from_ms, false);
    if (end_ms != TERMS_NO_LIMIT) {
        zone_text(end, versions->zone, end_ms, false);
    }
    const char *cells[] = {terms->name,
                           version,
                           scope,
                           from,
                           end,
                           terms_standing(versions, row),
                           name_of(cli, VOUCH__V1__FIND__KIND__MEMBER, terms->written_by),
                           name_of(cli, VOUCH__V1__FIND__KIND__MEMBER, terms->approved_by)};
    table_row(table, cells);
}

static void print_list(struct cli *cli, const struct terms_versions *versions)
{
    struct table *table = table_new((const struct column[]){{"NAME", COLUMN_TEXT},
                                                            {"VERSION", COLUMN_NUMBER},
                                                            {"FOR", COLUMN_TEXT},
                                                            {"FROM", COLUMN_FIXED},
                                                            {"UNTIL", COLUMN_FIXED},
                                                            {"STATE", COLUMN_FIXED},
                                                            {"WRITTEN BY", COLUMN_TEXT},
                                                            {"APPROVED BY", COLUMN_TEXT},
                                                            {NULL, COLUMN_TEXT}});
    bool latest = args_flag(&cli->args, "latest");
    for (size_t i = 0; i < versions->count; i++) {
        if (!latest || i == 0 || versions->rows[i - 1]->id != versions->rows[i]->id) {
            add_row(cli, table, versions, i);
        }
    }
    table_print(&table, "no terms yet: deals pay by the presets (`vouch terms presets`); `vouch terms write NAME` "
                        "writes some");
    if (versions->count > 0) {
        printf("days are those of %s\n", versions->zone);
    }
}

static int list(struct cli *cli)
{
    struct terms_versions versions;
    int code = terms_load(cli, NULL, false, &versions);
    if (code == EXIT_DONE && cli->json) {
        json_t *rows = json_array();
        for (size_t i = 0; i < versions.count; i++) {
            json_t *row = json_of_message(&versions.rows[i]->base);
            json_object_set_new(row, "standing", json_string(terms_standing(&versions, i)));
            json_array_append_new(rows, row);
        }
        code = json_print(json_pack("{s:s, s:o}", "zone", versions.zone, "terms", rows));
    } else if (code == EXIT_DONE) {
        print_list(cli, &versions);
    }
    terms_free(&versions);
    return code;
}

/* ---- show, presets ---- */

static void print_lines(struct cli *cli, const Vouch__V1__Terms *terms, const char *zone)
{
    struct terms_line lines[TERMS_LINES_MAX];
    size_t count = terms_lines(cli, terms, zone, lines);
    for (size_t i = 0; i < count; i++) {
        fputs("  ", stdout);
        terms_pad(lines[i].word, 13);
        if (lines[i].meaning[0] == '\0') {
            text_print(stdout, lines[i].text);
        } else {
            terms_pad(lines[i].text, 34);
            printf("  %s", lines[i].meaning);
        }
        putchar('\n');
    }
}

static void print_who(struct cli *cli, const char *word, uint64_t member, int64_t time_ms, const char *zone)
{
    char when[ZONE_TEXT_BYTES];
    printf("  %-13s", word);
    text_print(stdout, name_of(cli, VOUCH__V1__FIND__KIND__MEMBER, member));
    printf(", %s %s\n", zone_text(when, zone, time_ms, true), zone);
}

static void print_digest(ProtobufCBinaryData digest)
{
    printf("  %-13s", "digest");
    for (size_t i = 0; i < digest.len; i++) {
        printf("%02x", digest.data[i]);
    }
    putchar('\n');
}

/* When a later version ended it, or will. */
static void print_end(const struct terms_versions *versions, size_t row)
{
    char day[ZONE_TEXT_BYTES];
    const Vouch__V1__Terms *terms = versions->rows[row];
    int64_t end_ms = terms_end_ms(versions, row);
    if (terms->state != VOUCH__V1__TERMS_STATE__APPROVED || end_ms == terms->until_ms) {
        putchar('\n');
    } else if (end_ms <= terms->from_ms) {
        puts(" before it began");
    } else {
        printf("%s%s %s by a later version\n", end_ms > versions->now_ms ? ", to be replaced on " : " on ",
               zone_text(day, versions->zone, end_ms, false), versions->zone);
    }
}

static void print_version(struct cli *cli, const struct terms_versions *versions, size_t row)
{
    const Vouch__V1__Terms *terms = versions->rows[row];
    text_print(stdout, terms->name);
    printf(", version %u of %u: %s", terms->version, versions->rows[0]->version, terms_standing(versions, row));
    print_end(versions, row);
    print_lines(cli, terms, versions->zone);
    print_who(cli, "written by", terms->written_by, terms->written_ms, versions->zone);
    if (terms->approved_by != 0) {
        print_who(cli, "approved by", terms->approved_by, terms->approved_ms, versions->zone);
    } else {
        printf("  %-13snobody yet\n", "approved by");
    }
    if (terms->note[0] != '\0') {
        printf("  %-13s", "note");
        text_print(stdout, terms->note);
        putchar('\n');
    }
    print_digest(terms->digest);
}

/* The number of --version, 0 when it is not given. */
static int read_version(struct cli *cli, const char *text, uint32_t *version)
{
    uint64_t number = 0;
    *version = 0;
    if (text != NULL && (!text_parse_number(text, UINT32_MAX, &number) || number == 0)) {
        return fail_usage(cli, "'%.40s' is no version; they are counted 1, 2, 3", text);
    }
    *version = (uint32_t)number;
    return EXIT_DONE;
}

static int find_version(struct cli *cli, const struct terms_versions *versions, uint32_t number, size_t *row)
{
    for (*row = 0; *row < versions->count; (*row)++) {
        if (number == 0 || versions->rows[*row]->version == number) {
            return EXIT_DONE;
        }
    }
    char sentence[256];
    snprintf(sentence, sizeof sentence, "%.100s has no version %u; the newest is %u", versions->rows[0]->name, number,
             versions->rows[0]->version);
    return fail_outcome(cli, VOUCH_NOT_FOUND, sentence);
}

/* All versions of the terms that are named, and which of them is meant. `versions` is to be freed in any case. */
static int load_version(struct cli *cli, struct terms_versions *versions, size_t *row)
{
    uint32_t number = 0;
    *versions = (struct terms_versions){.count = 0};
    int code = read_version(cli, args_text(&cli->args, "version"), &number);
    if (code == EXIT_DONE) {
        code = terms_load(cli, cli->args.words[1], true, versions);
    }
    return code == EXIT_DONE ? find_version(cli, versions, number, row) : code;
}

static int show(struct cli *cli)
{
    struct terms_versions versions;
    size_t row = 0;
    int code = load_version(cli, &versions, &row);
    if (code == EXIT_DONE && cli->json) {
        json_t *json = json_of_message(&versions.rows[row]->base);
        json_object_set_new(json, "standing", json_string(terms_standing(&versions, row)));
        json_object_set_new(json, "zone", json_string(versions.zone));
        code = json_print(json);
    } else if (code == EXIT_DONE) {
        print_version(cli, &versions, row);
    }
    terms_free(&versions);
    return code;
}

static int presets(struct cli *cli)
{
    struct terms_versions versions;
    int code = terms_load_presets(cli, &versions);
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&versions.rows[0]->base));
    } else if (code == EXIT_DONE) {
        puts("the presets, for deals that no approved terms are for");
        print_lines(cli, versions.rows[0], versions.zone);
        print_digest(versions.rows[0]->digest);
    }
    terms_free(&versions);
    return code;
}

/* ---- diff ---- */

static int print_changes(struct cli *cli, const char *name, const Vouch__V1__Terms *before,
                         const Vouch__V1__Terms *after, const char *zone)
{
    struct terms_line old[TERMS_LINES_MAX], new[TERMS_LINES_MAX];
    struct terms_change changes[2 * TERMS_LINES_MAX];
    size_t old_count = terms_lines(cli, before, zone, old);
    size_t new_count = terms_lines(cli, after, zone, new);
    size_t count = terms_changes(old, old_count, new, new_count, changes);
    if (cli->json) {
        json_t *rows = json_array();
        for (size_t i = 0; i < count; i++) {
            json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "what", changes[i].word, "before",
                                                  changes[i].before, "after", changes[i].after));
        }
        return json_print(json_pack("{s:s, s:i, s:i, s:o}", "name", name, "before", (int)before->version, "after",
                                    (int)after->version, "changes", rows));
    }
    text_print(stdout, name);
    if (before->version == 0) {
        printf(", the presets → version %u%s\n", after->version, count == 0 ? ": no difference" : "");
    } else {
        printf(", version %u → version %u%s\n", before->version, after->version, count == 0 ? ": no difference" : "");
    }
    terms_changes_print(changes, count);
    return EXIT_DONE;
}

/* The version before the newest and the newest; of one version, the presets and it. */
static int diff_newest(struct cli *cli, const struct terms_versions *versions)
{
    if (versions->count > 1) {
        return print_changes(cli, versions->rows[0]->name, versions->rows[1], versions->rows[0], versions->zone);
    }
    struct terms_versions presets_of;
    int code = terms_load_presets(cli, &presets_of);
    if (code == EXIT_DONE) {
        code = print_changes(cli, versions->rows[0]->name, presets_of.rows[0], versions->rows[0], versions->zone);
    }
    terms_free(&presets_of);
    return code;
}

static int diff(struct cli *cli)
{
    struct terms_versions versions;
    uint32_t numbers[2] = {0, 0};
    size_t rows[2];
    bool named = cli->args.count == 4;
    int code = EXIT_DONE;
    for (int i = 0; named && i < 2 && code == EXIT_DONE; i++) {
        code = read_version(cli, cli->args.words[2 + i], &numbers[i]);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    code = terms_load(cli, cli->args.words[1], true, &versions);
    if (code == EXIT_DONE && !named) {
        code = diff_newest(cli, &versions);
    } else {
        for (int i = 0; i < 2 && code == EXIT_DONE; i++) {
            code = find_version(cli, &versions, numbers[i], &rows[i]);
        }
        if (code == EXIT_DONE) {
            code = print_changes(cli, versions.rows[0]->name, versions.rows[rows[0]], versions.rows[rows[1]],
                                 versions.zone);
        }
    }
    terms_free(&versions);
    return code;
}

/* ---- write ---- */

/* Approved terms of other names that hold for the same deals: the broker will not approve two at a time. */
static void hint_overlaps(struct cli *cli, const Vouch__V1__Terms *terms)
{
    struct terms_versions all;
    if (terms_load(cli, NULL, false, &all) != EXIT_DONE) {
        terms_free(&all);
        return;
    }
    for (size_t i = 0; i < all.count; i++) {
        const Vouch__V1__Terms *other = all.rows[i];
        int64_t end_ms = terms_end_ms(&all, i);
        bool same = other->member == terms->member && other->company == terms->company &&
                    strcasecmp(other->product, terms->product) == 0 && strcmp(other->currency, terms->currency) == 0;
        if (same && other->id != terms->id && other->state == VOUCH__V1__TERMS_STATE__APPROVED &&
            other->from_ms < terms->until_ms && terms->from_ms < end_ms) {
            printf("it cannot be approved while \"");
            text_print(stdout, other->name);
            printf("\", version %u, holds for the same deals\n", other->version);
        }
    }
    terms_free(&all);
}

static void say_written(struct cli *cli, const struct terms_versions *written, const Vouch__V1__Terms *base)
{
    const Vouch__V1__Terms *terms = written->rows[0];
    int64_t today_ms;
    print_changes(cli, terms->name, base, terms, written->zone);
    printf("written; it holds once somebody of finance or an admin, not you, says: vouch terms approve \"");
    text_print(stdout, terms->name);
    puts("\"");
    if (terms_read_date(written, "today", &today_ms) && terms->from_ms < today_ms) {
        puts("it begins in the past; deals that are won already keep their terms");
    }
    hint_overlaps(cli, terms);
}

static int tell_written(struct cli *cli, char *name, const Vouch__V1__Terms *base)
{
    struct terms_versions written;
    int code = terms_load(cli, name, true, &written);
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&written.rows[0]->base));
    } else if (code == EXIT_DONE) {
        say_written(cli, &written, base);
    }
    terms_free(&written);
    return code;
}

static int write_version(struct cli *cli, const struct terms_versions *versions, const Vouch__V1__Terms *base)
{
    static struct terms_kept kept;
    Vouch__V1__Terms terms;
    Vouch__V1__TermsWrite asked = VOUCH__V1__TERMS_WRITE__INIT;
    uint64_t id = 0;
    int code = terms_read(cli, versions, base, &kept, &terms);
    terms.name = cli->args.words[1];
    asked.terms = &terms;
    Vouch__V1__Request request = REQUEST(TERMS_WRITE, terms_write, &asked);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code == EXIT_DONE ? tell_written(cli, cli->args.words[1], base) : code;
}

static int write_terms(struct cli *cli)
{
    struct terms_versions versions;
    int code = terms_load(cli, cli->args.words[1], false, &versions);
    if (code == EXIT_DONE && versions.count == 0) {
        terms_free(&versions);
        code = terms_load_presets(cli, &versions);
    }
    if (code == EXIT_DONE) {
        code = write_version(cli, &versions, versions.rows[0]);
    }
    terms_free(&versions);
    return code;
}

/* ---- approve ---- */

static int approve_version(struct cli *cli, const struct terms_versions *versions, const Vouch__V1__Terms *terms)
{
    Vouch__V1__TermsApprove asked = VOUCH__V1__TERMS_APPROVE__INIT;
    char day[ZONE_TEXT_BYTES];
    uint64_t id = 0;
    asked.terms = terms->id;
    asked.version = terms->version;
    Vouch__V1__Request request = REQUEST(TERMS_APPROVE, terms_approve, &asked);
    int code = session_command(cli, &request, &id);
    return code != EXIT_DONE
               ? code
               : say_done(cli, id,
                          "%s, version %u, is approved: it holds for deals won from %s on (%s). Deals "
                          "that are won already keep their terms.",
                          terms->name, terms->version,
                          zone_text(day, versions->zone,
                                    terms->from_ms > versions->now_ms ? terms->from_ms : versions->now_ms, true),
                          versions->zone);
}

static int approve(struct cli *cli)
{
    struct terms_versions versions;
    size_t row = 0;
    int code = load_version(cli, &versions, &row);
    if (code == EXIT_DONE) {
        code = approve_version(cli, &versions, versions.rows[row]);
    }
    terms_free(&versions);
    return code;
}

int verb_terms(struct cli *cli)
{
    static const struct {
        const char *word;
        int least, most;
        int (*run)(struct cli *cli);
    } actions[] = {{"list", 1, 1, list}, {"show", 2, 2, show},       {"write", 2, 2, write_terms},
                   {"diff", 2, 4, diff}, {"approve", 2, 2, approve}, {"presets", 1, 1, presets}};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        int count = cli->args.count;
        if (strcmp(cli->args.words[0], actions[i].word) == 0 && count >= actions[i].least && count <= actions[i].most &&
            count != 3) {
            return actions[i].run(cli);
        }
    }
    return fail_usage(cli, "usage: vouch terms %s", cli->args.verb->arguments);
}
