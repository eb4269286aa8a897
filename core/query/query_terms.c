/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions of terms: by number, newest first, with the names of those who share. */
#include "apply/terms_rows.h"
#include "base/check.h"
#include "decide/deal_math.h"
#include "decide/terms_choice.h"
#include "domain/names.h"
#include "query/parts.h"

/* Whoever keeps the broker's terms reads all; others those that are for their own company or one of its members. */
static bool may_see(struct question *question, const Vouch__V1__Terms *terms)
{
    if (terms_may_keep(question->actor)) {
        return true;
    }
    const Vouch__V1__Member *member = record_member(question->view, terms->member, question->arena);
    return terms->company == question->actor->company ||
           (member != NULL && member->company == question->actor->company);
}

static bool name_splits(struct question *question, Vouch__V1__Terms *terms)
{
    Vouch__V1__TermsSplit **splits = arena_alloc(question->arena, (terms->n_splits + 1) * sizeof *splits);
    for (size_t i = 0; splits != NULL && i < terms->n_splits; i++) {
        splits[i] = arena_memdup(question->arena, terms->splits[i], sizeof **splits);
        if (splits[i] == NULL) {
            return false;
        }
        splits[i]->name = question_name(question, TABLE_MEMBER, splits[i]->member);
    }
    terms->splits = splits;
    return splits != NULL;
}

/* Adds a version; false when the page ends here. */
static bool add_version(struct question *question, const Vouch__V1__Terms *record, struct page *page)
{
    Vouch__V1__Terms *terms = page_is_full(page) ? NULL : arena_memdup(question->arena, record, sizeof *record);
    if (terms == NULL || !name_splits(question, terms)) {
        page->more = true;
        return false;
    }
    return page_add(page, terms, protobuf_c_message_get_packed_size(&terms->base));
}

static enum vouch_status add_presets(struct question *question, struct page *page)
{
    struct terms presets = terms_of_policy(question->policy);
    Vouch__V1__Terms *terms = terms_to_record(&presets, question->arena);
    if (terms == NULL) {
        return question_too_large(question);
    }
    terms->name = "presets";
    terms->state = VOUCH__V1__TERMS_STATE__APPROVED;
    return add_version(question, terms, page) ? VOUCH_OK : question_too_large(question);
}

/* The highest version below `before` (0: of all); 0 when there is none. */
static uint32_t version_below(struct cursor *cursor, uint64_t id, uint32_t before)
{
    struct slice key;
    struct key end = before == 0 ? key_u64(id + 1) : key_terms(id, before);
    bool found = cursor_seek_before(cursor, key_slice(&end), &key, NULL) && slice_u64(key, 0) == id;
    return found ? terms_key_version(key) : 0;
}

static enum vouch_status add_versions(struct question *question, struct cursor *cursor, uint64_t id, uint32_t before,
                                      bool latest, struct page *page)
{
    uint32_t version = before;
    while ((version = version_below(cursor, id, version)) != 0) {
        const Vouch__V1__Terms *terms = record_terms(question->view, id, version, question->arena);
        if (terms == NULL) {
            page->more = true;
        } else if (may_see(question, terms)) {
            add_version(question, terms, page);
        }
        if (question_is_late(question)) {
            return VOUCH_TIMEOUT;
        }
        if (page->more || latest || version == 1) {
            return VOUCH_OK;
        }
    }
    return VOUCH_OK;
}

static enum vouch_status add_all(struct question *question, const Vouch__V1__TermsList *list, struct page *page)
{
    struct slice key;
    enum vouch_status status = VOUCH_OK;
    uint64_t id = list->after;
    struct cursor *cursor = cursor_open(question->view, TABLE_TERMS);
    while (status == VOUCH_OK && !page->more) {
        struct key next = key_u64(id + 1);
        if (!cursor_seek(cursor, key_slice(&next), &key, NULL)) {
            break;
        }
        id = slice_u64(key, 0);
        status = add_versions(question, cursor, id, id == list->after + 1 ? list->before : 0, list->latest, page);
    }
    cursor_close(&cursor);
    return status;
}

static enum vouch_status add_named(struct question *question, const Vouch__V1__TermsList *list, struct page *page)
{
    struct terms_name name;
    const char *trimmed = text_trim(question->arena, list->name);
    const char *folded = trimmed == NULL ? NULL : terms_fold(question->arena, trimmed);
    if (folded == NULL || !terms_name_get(question->view, folded, &name)) {
        return VOUCH_OK;
    }
    struct cursor *cursor = cursor_open(question->view, TABLE_TERMS);
    enum vouch_status status = add_versions(question, cursor, name.id, list->before, list->latest, page);
    cursor_close(&cursor);
    return status;
}

enum vouch_status query_terms_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__TermsList *list = request->terms_list;
    Vouch__V1__TermsPage *answer = question_message(question, &vouch__v1__terms_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, list->limit, &page)) {
        return question_too_large(question);
    }
    enum vouch_status status = list->presets           ? add_presets(question, &page)
                               : list->name[0] != '\0' ? add_named(question, list, &page)
                                                       : add_all(question, list, &page);
    if (status == VOUCH_OK && page.more && page.count == 0) {
        status = question_too_large(question);
    }
    answer->terms = (Vouch__V1__Terms **)page.rows;
    answer->n_terms = page.count;
    answer->more = page.more;
    answer->zone = (char *)(uintptr_t)record_home_zone(question->view, question->arena);
    answer->now_ms = question->now_ms;
    question->reply->result_case = RESULT(TERMS);
    question->reply->terms = answer;
    return status;
}
