/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding ids by what people type: a number, a whole name, a domain or e-mail, or words that start words of the name.
 * Members and companies through the word index, contacts through the asker's own ties. */
#include "domain/names.h"
#include "query/parts.h"

#include <stdlib.h>
#include <string.h>

#define HITS_MAX 20
#define ROWS_MAX 5000 /* looked at in the index for one word */
#define TIES_AT_ONCE 64

struct search {
    struct question *question;
    enum name_kind kind;
    char *folded;            /* the whole text */
    struct name_words words; /* of the text */
    size_t exact;
    size_t count;
    bool more;
    uint64_t ids[HITS_MAX]; /* the exact ones first */
    /* Names are looked at in memory of their own, given back after each: a search sees more than an answer holds. */
    struct arena *scratch;
};

static enum table table_of(enum name_kind kind)
{
    return kind == NAME_MEMBER ? TABLE_MEMBER : kind == NAME_COMPANY ? TABLE_COMPANY : TABLE_CONTACT;
}

static bool starts_a_word(const char *start, const struct name_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strncmp(words->words[i], start, strlen(start)) == 0) {
            return true;
        }
    }
    return false;
}

static void add_hit(struct search *search, uint64_t id, bool exact)
{
    for (size_t i = 0; i < search->count; i++) {
        if (search->ids[i] == id) {
            return;
        }
    }
    if (search->count == HITS_MAX) {
        search->more = true;
        if (!exact || search->exact == HITS_MAX) {
            return;
        }
        search->count--;
    }
    if (exact) {
        memmove(&search->ids[search->exact + 1], &search->ids[search->exact],
                (search->count - search->exact) * sizeof search->ids[0]);
        search->ids[search->exact++] = id;
    } else {
        search->ids[search->count] = id;
    }
    search->count++;
}

/* Compares one name with the text: that of `named`, who is `id` to the one who searches. */
static void look_at(struct search *search, uint64_t named, uint64_t id)
{
    arena_reset(search->scratch);
    struct name_words *words = arena_alloc(search->scratch, sizeof *words);
    const char *name = record_name(search->question->view, table_of(search->kind), named, search->scratch);
    const char *folded = name_fold(search->scratch, name);
    if (words == NULL || folded == NULL || name[0] == '\0') {
        return;
    }
    if (strcmp(folded, search->folded) == 0) {
        add_hit(search, id, true);
        return;
    }
    name_words_split(name, words);
    for (size_t i = 0; i < search->words.count; i++) {
        if (!starts_a_word(search->words.words[i], words)) {
            return;
        }
    }
    add_hit(search, id, false);
}

/* Rows of the index whose word starts with the longest word of the text; those that are this very word come first. */
static enum vouch_status search_index(struct search *search)
{
    const char *word = search->words.words[0];
    for (size_t i = 1; i < search->words.count; i++) {
        word = strlen(search->words.words[i]) > strlen(word) ? search->words.words[i] : word;
    }
    struct key prefix;
    struct slice key;
    key_start(&prefix);
    key_add_u8(&prefix, (uint8_t)search->kind);
    key_add_bytes(&prefix, word, strlen(word));
    struct cursor *cursor = cursor_open(search->question->view, TABLE_NAME_WORD);
    bool row = cursor_seek(cursor, key_slice(&prefix), &key, NULL);
    size_t rows = 0;
    bool late = false;
    for (; row && rows < ROWS_MAX && !late; rows++) {
        if (key.size < prefix.size + 9 || memcmp(key.data, prefix.bytes, prefix.size) != 0) {
            break;
        }
        look_at(search, slice_u64(key, key.size - 8), slice_u64(key, key.size - 8));
        late = rows % 64 == 63 && question_is_late(search->question);
        row = cursor_next(cursor, &key, NULL);
    }
    search->more = search->more || rows == ROWS_MAX;
    cursor_close(&cursor);
    return late ? VOUCH_TIMEOUT : VOUCH_OK;
}

/* A person is found by the names of all contacts that were merged, too. */
static void look_at_person(struct search *search, uint64_t self)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    arena_reset(search->scratch);
    size_t count = record_contact_family(search->question->view, self, family, search->scratch);
    for (size_t i = 0; i < count; i++) {
        look_at(search, family[i], self);
    }
}

static enum vouch_status search_ties(struct search *search)
{
    struct tie_entry entries[TIES_AT_ONCE];
    uint64_t node = NODE_MEMBER | search->question->actor->id;
    uint64_t after = NODE_CONTACT;
    for (;;) {
        size_t count = tie_list(search->question->view, TABLE_TIE_OUT, node, after, entries, TIES_AT_ONCE);
        for (size_t i = 0; i < count; i++) {
            look_at_person(search, entries[i].peer & NODE_ID_MASK);
            after = entries[i].peer;
        }
        if (count < TIES_AT_ONCE) {
            return VOUCH_OK;
        }
        if (question_is_late(search->question)) {
            return VOUCH_TIMEOUT;
        }
    }
}

static bool may_find(const struct search *search, uint64_t id)
{
    const struct question *question = search->question;
    if (!record_exists(question->view, table_of(search->kind), id)) {
        return false;
    }
    /* Who asks to be erased is found by an admin, whoever knows them. */
    return search->kind != NAME_CONTACT || question->actor->role == ROLE(ADMIN) ||
           access_contact(question->view, question->actor->id, id);
}

/* An id, a company's domain, a person's e-mail. */
static void search_identity(struct search *search, const char *text)
{
    char email[EMAIL_BYTES_MAX + 1];
    char domain[DOMAIN_BYTES_MAX + 1];
    struct slice value;
    char *end;
    uint64_t id = 0;
    if (text[0] >= '0' && text[0] <= '9') {
        id = strtoull(text, &end, 10);
        id = *end == '\0' && id <= NODE_ID_MASK ? id : 0;
    } else if (search->kind == NAME_COMPANY && strchr(text, '.') != NULL && domain_normalise(text, domain)) {
        struct key key = key_text(domain);
        id = table_get(search->question->view, TABLE_COMPANY_DOMAIN, key_slice(&key), &value) ? slice_u64(value, 0) : 0;
    } else if (search->kind == NAME_CONTACT && email_normalise(text, email)) {
        struct key key = key_text(email);
        id = table_get(search->question->view, TABLE_CONTACT_EMAIL, key_slice(&key), &value) ? slice_u64(value, 0) : 0;
    }
    id = search->kind == NAME_CONTACT ? record_contact_self(search->question->view, id) : id;
    if (id != 0 && may_find(search, id)) {
        add_hit(search, id, true);
    }
}

/* What tells two of the same name apart. */
static char *detail_of(const struct search *search, uint64_t id)
{
    struct question *question = search->question;
    if (search->kind == NAME_MEMBER) {
        const Vouch__V1__Member *member = record_member(question->view, id, question->arena);
        return member == NULL ? NULL
                              : arena_printf(question->arena, "%s%s%s", member->team, member->team[0] ? ", " : "",
                                             question_name(question, TABLE_COMPANY, member->company));
    }
    if (search->kind == NAME_COMPANY) {
        const Vouch__V1__Company *company = record_company(question->view, id, question->arena);
        if (company == NULL) {
            return NULL;
        }
        const char *place = company->city[0] != '\0' ? company->city : company->country;
        return arena_strdup(question->arena, company->domain[0] != '\0' ? company->domain : place);
    }
    const Vouch__V1__Contact *contact = record_contact(question->view, id, question->arena);
    if (contact == NULL || contact->personal == NULL) {
        return NULL;
    }
    const char *company = question_name(question, TABLE_COMPANY, contact->company);
    const char *title = contact->personal->title;
    return arena_printf(question->arena, "%s%s%s", title, title[0] != '\0' && company[0] != '\0' ? ", " : "", company);
}

static enum vouch_status answer_hits(struct search *search)
{
    struct question *question = search->question;
    Vouch__V1__Found *found = question_message(question, &vouch__v1__found__descriptor);
    size_t count = search->exact > 0 ? search->exact : search->count;
    Vouch__V1__Found__Hit **hits = arena_alloc(question->arena, count * sizeof(Vouch__V1__Found__Hit *));
    if (found == NULL || hits == NULL) {
        return question_too_large(question);
    }
    for (size_t i = 0; i < count; i++) {
        hits[i] = question_message(question, &vouch__v1__found__hit__descriptor);
        char *detail = detail_of(search, search->ids[i]);
        if (hits[i] == NULL) {
            return question_too_large(question);
        }
        hits[i]->id = search->ids[i];
        hits[i]->name = question_name(question, table_of(search->kind), search->ids[i]);
        if (detail != NULL) {
            hits[i]->detail = detail;
        }
    }
    found->hits = hits;
    found->n_hits = count;
    found->more = search->more && search->exact == 0;
    question->reply->result_case = RESULT(FOUND);
    question->reply->found = found;
    return VOUCH_OK;
}

enum vouch_status query_find(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__Find *find = request->find;
    struct search *search = arena_alloc(question->arena, sizeof *search);
    char *text = text_trim(question->arena, find->text);
    if (search == NULL || text == NULL) {
        return question_too_large(question);
    }
    if (find->kind < VOUCH__V1__FIND__KIND__MEMBER || find->kind > VOUCH__V1__FIND__KIND__CONTACT) {
        return status_set(&question->why, VOUCH_INVALID, "say what to look for: a member, a company or a contact");
    }
    search->question = question;
    search->kind = (enum name_kind)find->kind;
    search->folded = name_fold(question->arena, text);
    if (search->folded == NULL) {
        return question_too_large(question);
    }
    name_words_split(text, &search->words);
    search_identity(search, text);
    enum vouch_status status = VOUCH_OK;
    if (search->words.count > 0) {
        search->scratch = arena_new(LIMIT_FRAME_BYTES);
        status = search->kind == NAME_CONTACT ? search_ties(search) : search_index(search);
        arena_free(&search->scratch);
    }
    return status == VOUCH_OK ? answer_hits(search) : status;
}
