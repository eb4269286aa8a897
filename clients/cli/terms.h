/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms on the command line: terms_read.c makes a version from options, terms_lines.c tells one to people, line by
 * line, terms_list.c fetches versions and says which holds when. */
#ifndef VOUCH_CLI_TERMS_H
#define VOUCH_CLI_TERMS_H

#include "cli.h"

#include "domain/terms.h"
#include "domain/zone.h"

/* ---- terms_list.c: versions, newest first ---- */

struct terms_versions {
    Vouch__V1__Terms **rows; /* by id, of each the newest first */
    size_t count;
    int64_t now_ms;        /* by the broker's clock */
    char zone[ZONE_BYTES]; /* in which dates are meant */
    Vouch__V1__Reply **replies;
    size_t reply_count;
};

/* All versions; with `name`, those of this name: NOT_FOUND, told, when there is none and `must`. Free in any case. */
int terms_load(struct cli *cli, char *name, bool must, struct terms_versions *versions);
/* What holds when nobody wrote terms. */
int terms_load_presets(struct cli *cli, struct terms_versions *versions);
void terms_free(struct terms_versions *versions);

/* Of one name: the version of that number, 0: the newest; NULL when there is none. */
Vouch__V1__Terms *terms_version(const struct terms_versions *versions, uint32_t number);
/* The end of an approved version: its own, or the beginning of a later one of its name. */
int64_t terms_end_ms(const struct terms_versions *versions, size_t row);
/* Where a version stands now: "in force", "waits for approval" … */
const char *terms_standing(const struct terms_versions *versions, size_t row);

/* ---- terms_read.c ---- */

/* "10%", "7.5 %" or "750 bps"; false for anything else. */
bool terms_read_rate(const char *text, int64_t *bps);
/* "5,000 EUR", "5000", "2.5M": in `currency`, which the amount may also be the first to name. Answers what is wrong, or
 * NULL. */
const char *terms_read_amount(const char *text, char currency[CURRENCY_BYTES], int64_t *minor);
/* "2027-01-01" or "today": the first moment of the day in the zone of the versions. */
bool terms_read_date(const struct terms_versions *versions, const char *text, int64_t *time_ms);

/* What the options say, on top of `base`, which is copied; the result's arrays live in `kept`. EXIT_DONE, or told. */
struct terms_kept {
    char currency[CURRENCY_BYTES];
    Vouch__V1__TermsBand bands[TERMS_BANDS_MAX];
    Vouch__V1__TermsBand *band_rows[TERMS_BANDS_MAX];
    Vouch__V1__TermsSplit splits[TERMS_SPLITS_MAX];
    Vouch__V1__TermsSplit *split_rows[TERMS_SPLITS_MAX];
    char split_names[TERMS_SPLITS_MAX][NAME_MAX_BYTES];
};
int terms_read(struct cli *cli, const struct terms_versions *versions, const Vouch__V1__Terms *base,
               struct terms_kept *kept, Vouch__V1__Terms *terms);

/* ---- terms_lines.c ---- */

#define TERMS_LINE_BYTES 320
#define TERMS_LINES_MAX 64

struct terms_line {
    char word[24];
    char text[TERMS_LINE_BYTES];
    const char *meaning; /* "" when the text says it */
};

/* All that counts of a version, one number a line, and how many lines. */
size_t terms_lines(struct cli *cli, const Vouch__V1__Terms *terms, const char *zone,
                   struct terms_line lines[TERMS_LINES_MAX]);

/* One line of difference; "–" where one of the two has none. */
struct terms_change {
    const char *word;
    const char *before;
    const char *after;
};
size_t terms_changes(const struct terms_line *before, size_t before_count, const struct terms_line *after,
                     size_t after_count, struct terms_change changes[2 * TERMS_LINES_MAX]);
void terms_changes_print(const struct terms_change *changes, size_t count);

/* Left-aligned text and padding to a width, counting characters as a terminal shows them. */
void terms_pad(const char *text, int width);

#endif
