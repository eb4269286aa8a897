/* SPDX-License-Identifier: Apache-2.0
 *
 * Names, e-mail addresses and domains as identities: what is let in, and the one form in which two spellings of the
 * same thing are equal. Pure; Unicode by utf8proc, registrable domains by the Public Suffix List. */
#ifndef VOUCH_DOMAIN_NAMES_H
#define VOUCH_DOMAIN_NAMES_H

#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

#define NAME_BYTES_MAX 400     /* of a name, as it is stored */
#define NAME_WORDS_MAX 16      /* words of a name that the index keeps */
#define NAME_WORD_BYTES_MAX 64 /* of a folded word, longer ones are cut */
#define EMAIL_BYTES_MAX 254
#define DOMAIN_BYTES_MAX 253

/* A name that people will read: not empty, at least one letter, digit or symbol, no control characters and no
 * directional overrides (they could make a line read as another). `what` starts the sentence: "the name". */
enum vouch_status name_check(const char *name, const char *what, struct status_text *why) MUST_USE;

/* The text without white space around it, in the arena; NULL past its budget. */
char *text_trim(struct arena *arena, const char *text);

/* At most `most` bytes of the text, cut between characters and marked with "…" when it was longer; line breaks become
 * spaces. In the arena; NULL past its budget. */
char *text_cut(struct arena *arena, const char *text, size_t most);

/* Folded for comparison: NFKC, case folded, ignorable characters dropped. Allocated in the arena; NULL for what is no
 * UTF-8, or past the budget. */
char *name_fold(struct arena *arena, const char *name);

struct name_words {
    size_t count;
    char words[NAME_WORDS_MAX][NAME_WORD_BYTES_MAX + 1];
};

/* The words of a name, folded, each once. A name that passed name_check has at least one. */
void name_words_split(const char *name, struct name_words *words);

/* The one form of an e-mail address: trimmed, NFKC, case folded, domain in ASCII. False when it is none. */
bool email_normalise(const char *text, char out[EMAIL_BYTES_MAX + 1]);

/* The identity of a company: from "https://user@WWW.Bücher.example:80/x" the registrable domain in ASCII. False when
 * there is none (an address, a public suffix, nonsense). */
bool domain_normalise(const char *text, char out[DOMAIN_BYTES_MAX + 1]);

/* Domains of mail providers, which say nothing about a company. */
bool domain_is_mail_provider(const char *domain);

#endif
