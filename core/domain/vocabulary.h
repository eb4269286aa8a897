/* SPDX-License-Identifier: Apache-2.0
 *
 * The words that cards and companies are described with: industries (which codes of NAICS, ISIC and SIC lead to as
 * well) and functions. They are what matching compares; any other word is a free tag. Pure; lives for ever. */
#ifndef VOUCH_DOMAIN_VOCABULARY_H
#define VOUCH_DOMAIN_VOCABULARY_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum vocabulary { VOCABULARY_INDUSTRY, VOCABULARY_FUNCTION };

/* The word, as it is stored, that a text stands for: the word itself in any case, a synonym of it ("bank"), or of an
 * industry a code: "naics:522110", "isic:K64", "sic:6021"; digits alone are NAICS. NULL for a free tag. */
const char *vocabulary_word(enum vocabulary vocabulary, const char *text);

/* True for what is written as a code: digits, or "naics:", "isic:" or "sic:" before them. Where such a text has no word
 * it is a mistake, not a free tag. */
bool vocabulary_is_code(const char *text);

/* INVALID, with its sentence, for a code that leads to no industry. */
enum vouch_status vocabulary_check(enum vocabulary vocabulary, const char *text, struct status_text *why) MUST_USE;

/* The word that a free tag is nearly, a slip of one or two letters; NULL when there is none. */
const char *vocabulary_nearly(enum vocabulary vocabulary, const char *text);

/* The words in the order of the table, NULL after the last. */
const char *vocabulary_list(enum vocabulary vocabulary, size_t index);

#endif
