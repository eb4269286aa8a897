/* SPDX-License-Identifier: Apache-2.0
 *
 * Where somebody works, by what an address book has of it. A domain tells a company, where it is not one that gives
 * mailboxes to everyone; else the name does, which must be exactly the company's. What is not known is made. */
#include "decide/parts.h"
#include "domain/names.h"

#include <string.h>

#define CANDIDATES_MAX 1000u /* companies looked at that have all words of a name */
#define DOMAIN_LABEL_LEAST 3 /* a shorter label of a domain resembles anything */
#define BETWEEN_WORDS " -.,'&/()"

static uint64_t find_domain(const struct decision *decision, const char *domain)
{
    struct key key = key_text(domain);
    struct slice value;
    return table_get(decision->view, TABLE_COMPANY_DOMAIN, key_slice(&key), &value) ? slice_u64(value, 0) : 0;
}

/* The first id at or above `from` among the companies with this word; 0: none. */
static uint64_t next_with_word(struct cursor *cursor, const char *word, uint64_t from)
{
    struct key at = key_name_word(NAME_COMPANY, word, from);
    struct slice key;
    if (!cursor_seek(cursor, key_slice(&at), &key, NULL) || key.size != at.size ||
        memcmp(key.data, at.bytes, at.size - sizeof from) != 0) {
        return 0;
    }
    return slice_u64(key, key.size - sizeof from);
}

/* The first company at or above `from` that has all of the words; 0: none. Goes from list to list, so that one rare
 * word makes it short. */
static uint64_t next_with_words(struct cursor *cursor, const struct name_words *words, uint64_t from)
{
    uint64_t id = from;
    for (size_t agreed = 0, i = 0; agreed < words->count; i = (i + 1) % words->count) {
        uint64_t found = next_with_word(cursor, words->words[i], id);
        if (found == 0) {
            return 0;
        }
        agreed = found == id ? agreed + 1 : 1;
        id = found;
    }
    return id;
}

/* The company of exactly this name, however it is written; 0: none. */
static uint64_t find_name(const struct decision *decision, const char *name)
{
    struct name_words *words = arena_alloc(decision->arena, sizeof *words);
    const char *folded = name_fold(decision->arena, name);
    if (words == NULL || folded == NULL) {
        return 0;
    }
    name_words_split(name, words);
    if (words->count == 0) {
        return 0;
    }
    struct cursor *cursor = cursor_open(decision->view, TABLE_NAME_WORD);
    uint64_t found = 0;
    uint64_t id = next_with_words(cursor, words, 1);
    for (unsigned seen = 0; id != 0 && found == 0 && seen < CANDIDATES_MAX; seen++) {
        const char *other = name_fold(decision->arena, record_name(decision->view, TABLE_COMPANY, id, decision->arena));
        if (other != NULL && strcmp(other, folded) == 0) {
            found = id;
        } else {
            id = next_with_words(cursor, words, id + 1);
        }
    }
    cursor_close(&cursor);
    return found;
}

/* Whether a domain looks like that of the company: its first label is the name, without spaces and from the first word
 * on, or of a longer name the first words. A private address, or one of another employer, does not make its domain the
 * company's. */
static bool domain_resembles(struct arena *arena, const char *domain, const char *name)
{
    const char *at = name_fold(arena, name);
    char label[DOMAIN_BYTES_MAX + 1];
    size_t size = 0, same = 0, words = 0, words_same = 0;
    for (; *domain != '.' && *domain != '\0'; domain++) {
        if (*domain != '-') {
            label[size++] = *domain;
        }
    }
    bool differs = at == NULL;
    while (at != NULL && *at != '\0') {
        at += strspn(at, BETWEEN_WORDS);
        size_t length = strcspn(at, BETWEEN_WORDS);
        differs = differs || same + length > size || strncmp(at, label + same, length) != 0;
        same += differs ? 0 : length;
        words_same += !differs && length > 0;
        words += length > 0;
        at += length;
    }
    return size >= DOMAIN_LABEL_LEAST && same == size && (words_same > 1 || words <= 2);
}

/* Makes the company that the address book names. */
static enum vouch_status make_company(struct decision *decision, const struct employer *employer, const char *domain,
                                      uint64_t *id)
{
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__Company *company = NULL;
    uint64_t existing = 0;
    add.name = employer->name;
    if (domain[0] != '\0' && domain_resembles(decision->arena, domain, employer->name)) {
        add.domain = arena_strdup(decision->arena, domain);
        if (add.domain == NULL) {
            return decision_too_large(decision);
        }
    }
    enum vouch_status status = company_make(decision, &add, &company, &existing);
    if (status == VOUCH_OK && existing == 0) {
        existing = company->id;
        status = company_emit(decision, company, true);
    }
    *id = existing;
    return status;
}

enum vouch_status employer_take(struct decision *decision, const struct employer *employer, uint64_t *company)
{
    char domain[DOMAIN_BYTES_MAX + 1];
    char first[DOMAIN_BYTES_MAX + 1] = "";
    *company = 0;
    for (size_t i = 0; *company == 0 && i < employer->email_count; i++) {
        if (domain_normalise(strrchr(employer->emails[i], '@') + 1, domain) && !domain_is_mail_provider(domain)) {
            *company = find_domain(decision, domain);
            if (first[0] == '\0') {
                memcpy(first, domain, sizeof first);
            }
        }
    }
    if (*company == 0 && employer->name[0] != '\0') {
        *company = find_name(decision, employer->name);
        return *company != 0 ? VOUCH_OK : make_company(decision, employer, first, company);
    }
    return VOUCH_OK;
}
