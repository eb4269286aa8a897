/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms as people read them: one number a line with what it means, so that two versions can be laid side by side. */
#include "terms.h"

#include <inttypes.h>
#include <string.h>

struct writing {
    struct cli *cli;
    const Vouch__V1__Terms *terms;
    const char *zone;
    struct terms_line *lines;
    size_t count;
};

static struct terms_line *add(struct writing *writing, const char *word, const char *meaning)
{
    struct terms_line *line = &writing->lines[writing->count++];
    *line = (struct terms_line){.meaning = meaning};
    snprintf(line->word, sizeof line->word, "%s", word);
    return line;
}

static void add_text(struct writing *writing, const char *word, const char *text, const char *meaning)
{
    struct terms_line *line = add(writing, word, meaning);
    snprintf(line->text, sizeof line->text, "%s", text);
}

/* "7.5 %" */
static void write_rate(char *out, size_t size, int64_t bps)
{
    if (bps % 100 == 0) {
        snprintf(out, size, "%" PRId64 " %%", bps / 100);
    } else if (bps % 10 == 0) {
        snprintf(out, size, "%" PRId64 ".%d %%", bps / 100, (int)(bps % 100 / 10));
    } else {
        snprintf(out, size, "%" PRId64 ".%02d %%", bps / 100, (int)(bps % 100));
    }
}

static void write_amount(char *out, size_t size, int64_t minor, const char *currency)
{
    char text[MONEY_TEXT_MAX];
    bool none = minor == TERMS_NO_LIMIT || minor == 0;
    snprintf(out, size, "%s", none ? "none" : text_money(text, minor, currency));
}

static void add_scope(struct writing *writing)
{
    const Vouch__V1__Terms *terms = writing->terms;
    add_text(writing, "member",
             terms->member == 0 ? "any" : name_of(writing->cli, VOUCH__V1__FIND__KIND__MEMBER, terms->member),
             "who referred the deal");
    add_text(writing, "company",
             terms->company == 0 ? "any" : name_of(writing->cli, VOUCH__V1__FIND__KIND__COMPANY, terms->company),
             "whose member referred it");
    add_text(writing, "product", terms->product[0] == '\0' ? "any" : terms->product, "product line of the referral");
    add_text(writing, "currency", terms->currency[0] == '\0' ? "any" : terms->currency,
             "of the deal, and of all amounts in here");
}

/* The day, and the time where it is not the day's first moment. */
static void write_moment(const struct writing *writing, int64_t time_ms, char *out, size_t size)
{
    char text[ZONE_TEXT_BYTES];
    char *midnight = strstr(zone_text(text, writing->zone, time_ms, true), " 00:00");
    if (midnight != NULL) {
        *midnight = '\0';
    }
    snprintf(out, size, "%s %s", text, writing->zone);
}

static void add_dates(struct writing *writing)
{
    const Vouch__V1__Terms *terms = writing->terms;
    bool ends = terms->until_ms != TERMS_NO_LIMIT;
    struct terms_line *line = add(writing, "from", "deals won then and later");
    strcpy(line->text, "always");
    if (terms->from_ms != 0) {
        write_moment(writing, terms->from_ms, line->text, sizeof line->text);
    }
    line = add(writing, "until", ends ? "and before then" : "until another version begins");
    strcpy(line->text, "none");
    if (ends) {
        write_moment(writing, terms->until_ms, line->text, sizeof line->text);
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* What a number means; of the rates by role, that they count for nothing where there are bands. */
static const char *meaning_of(const struct writing *writing, const char *word, const char *sentence)
{
    bool of_role = strcmp(word, "partner") == 0 || strcmp(word, "coworker") == 0 || strcmp(word, "client") == 0;
    return of_role && writing->terms->tiers != TIERS_NONE ? "not used: the bands are the rate" : sentence;
}

static void add_number(struct writing *writing, const char *field, const char *word, int64_t value, const char *meaning)
{
    struct terms_line *line = add(writing, word, meaning_of(writing, word, meaning));
    if (ends_with(field, "_bps")) {
        write_rate(line->text, sizeof line->text, value);
    } else if (ends_with(field, "_days")) {
        snprintf(line->text, sizeof line->text, "%" PRId64 " days", value);
    } else {
        write_amount(line->text, sizeof line->text, value, writing->terms->currency);
    }
}

static void add_bands(struct writing *writing)
{
    static const char *const tiers[] = {"none", "marginal", "retroactive"};
    static const char *const meanings[] = {"one rate, by the party's role",
                                           "each slice of the value at its band's rate",
                                           "all that was won at the rate that was reached"};
    const Vouch__V1__Terms *terms = writing->terms;
    uint32_t kind = terms->tiers > 2 ? 0 : terms->tiers;
    add_text(writing, "tiers", tiers[kind], meanings[kind]);
    for (size_t i = 0; i < terms->n_bands && i < TERMS_BANDS_MAX; i++) {
        char word[24], from[MONEY_TEXT_MAX], until[MONEY_TEXT_MAX], rate[32];
        const Vouch__V1__TermsBand *band = terms->bands[i];
        bool last = band->until_minor == TERMS_NO_LIMIT;
        snprintf(word, sizeof word, "band %zu", i + 1);
        struct terms_line *line = add(writing, word, i == 0 ? "of what the referrer's deals of a year come to" : "");
        write_rate(rate, sizeof rate, band->rate_bps);
        write_amount(from, sizeof from, band->from_minor, terms->currency);
        write_amount(until, sizeof until, band->until_minor, terms->currency);
        snprintf(line->text, sizeof line->text, "%s from %s%s%s", rate, band->from_minor == 0 ? "0" : from,
                 last ? " on" : " to ", last ? "" : until);
    }
}

static void add_splits(struct writing *writing)
{
    const Vouch__V1__Terms *terms = writing->terms;
    if (terms->n_splits == 0) {
        add_text(writing, "split", "none", "the attribution plugin says who shares");
    }
    for (size_t i = 0; i < terms->n_splits && i < TERMS_SPLITS_MAX; i++) {
        char word[24], part[32];
        const Vouch__V1__TermsSplit *split = terms->splits[i];
        snprintf(word, sizeof word, "split %zu", i + 1);
        struct terms_line *line = add(writing, word, i == 0 ? "agreed shares" : "");
        if (terms->splits_are_bps) {
            write_rate(part, sizeof part, split->weight);
        } else {
            snprintf(part, sizeof part, "weight %" PRId64, split->weight);
        }
        snprintf(line->text, sizeof line->text, "%s, %s", split->name, part);
    }
}

size_t terms_lines(struct cli *cli, const Vouch__V1__Terms *terms, const char *zone,
                   struct terms_line lines[TERMS_LINES_MAX])
{
    struct writing writing = {cli, terms, zone, lines, 0};
    add_scope(&writing);
    add_dates(&writing);
#define TERM(field, word, preset, least, most, sentence) add_number(&writing, #field, word, terms->field, sentence);
#include "domain/terms_fields.def"
#undef TERM
    add_bands(&writing);
    add_splits(&writing);
    return writing.count;
}

/* ---- two of them ---- */

static const struct terms_line *line_find(const struct terms_line *lines, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(lines[i].word, word) == 0) {
            return &lines[i];
        }
    }
    return NULL;
}

size_t terms_changes(const struct terms_line *before, size_t before_count, const struct terms_line *after,
                     size_t after_count, struct terms_change changes[2 * TERMS_LINES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < after_count; i++) {
        const struct terms_line *old = line_find(before, before_count, after[i].word);
        if (old == NULL || strcmp(old->text, after[i].text) != 0) {
            changes[count++] = (struct terms_change){after[i].word, old == NULL ? "–" : old->text, after[i].text};
        }
    }
    for (size_t i = 0; i < before_count; i++) {
        if (line_find(after, after_count, before[i].word) == NULL) {
            changes[count++] = (struct terms_change){before[i].word, before[i].text, "–"};
        }
    }
    return count;
}

/* Characters of a text: its bytes that do not continue one. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

void terms_pad(const char *text, int width)
{
    text_print(stdout, text);
    for (int i = width_of(text); i < width; i++) {
        putchar(' ');
    }
}

void terms_changes_print(const struct terms_change *changes, size_t count)
{
    int words = 0, before = 0;
    for (size_t i = 0; i < count; i++) {
        words = width_of(changes[i].word) > words ? width_of(changes[i].word) : words;
        before = width_of(changes[i].before) > before ? width_of(changes[i].before) : before;
    }
    for (size_t i = 0; i < count; i++) {
        fputs("  ", stdout);
        terms_pad(changes[i].word, words + 2);
        terms_pad(changes[i].before, before);
        fputs(" → ", stdout);
        text_print(stdout, changes[i].after);
        putchar('\n');
    }
}
