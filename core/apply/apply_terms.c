/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms: their versions, and the rows that say from when to when an approved one holds. */
#include "apply/parts.h"
#include "apply/terms_rows.h"
#include "base/check.h"
#include "base/message.h"
#include "domain/names.h"

#include <endian.h>
#include <string.h>

/* ---- rows ---- */

char *terms_fold(struct arena *arena, const char *text)
{
    char *folded = name_fold(arena, text);
    return folded == NULL || strlen(folded) > TERMS_FOLDED_MAX ? NULL : folded;
}

static void add_u32(struct key *key, uint32_t number)
{
    uint32_t big_endian = htobe32(number);
    key_add_bytes(key, &big_endian, sizeof big_endian);
}

static uint32_t read_u32(struct slice slice, size_t offset)
{
    uint32_t big_endian;
    CHECK(slice.size >= offset + sizeof big_endian);
    memcpy(&big_endian, (const uint8_t *)slice.data + offset, sizeof big_endian);
    return be32toh(big_endian);
}

uint32_t terms_key_version(struct slice key)
{
    return read_u32(key, 8);
}

bool terms_name_get(const struct view *view, const char *folded, struct terms_name *name)
{
    struct key key = key_text(folded);
    struct slice value;
    if (!table_get(view, TABLE_TERMS_NAME, key_slice(&key), &value)) {
        return false;
    }
    *name = (struct terms_name){slice_u64(value, 0), read_u32(value, 8)};
    return true;
}

void terms_name_put(struct view *view, const char *folded, struct terms_name name)
{
    struct key key = key_text(folded);
    struct key value = key_u64(name.id);
    add_u32(&value, name.last);
    table_put(view, TABLE_TERMS_NAME, key_slice(&key), key_slice(&value));
}

bool terms_scope_of(const Vouch__V1__Terms *record, struct arena *arena, struct terms_scope *scope)
{
    *scope = (struct terms_scope){record->member, record->company, record->currency,
                                  terms_fold(arena, record->product)};
    return scope->product != NULL;
}

struct key key_terms_scope(const struct terms_scope *scope)
{
    char currency[3] = "";
    struct key key = key_u64_u64(scope->member, scope->company);
    memcpy(currency, scope->currency, strnlen(scope->currency, sizeof currency));
    key_add_bytes(&key, currency, sizeof currency);
    key_add_bytes(&key, scope->product, strlen(scope->product));
    key_add_u8(&key, 0);
    return key;
}

struct key key_terms_row(const struct terms_scope *scope, int64_t from_ms, uint64_t id, uint32_t version)
{
    struct key key = key_terms_scope(scope);
    CHECK(from_ms >= 0);
    key_add_u64(&key, (uint64_t)from_ms);
    key_add_u64(&key, id);
    add_u32(&key, version);
    return key;
}

bool terms_row_read(const struct key *scope, struct slice key, struct slice value, struct terms_row *row)
{
    size_t at = scope->size;
    if (key.size != at + 20 || memcmp(key.data, scope->bytes, at) != 0) {
        return false;
    }
    *row = (struct terms_row){(int64_t)slice_u64(key, at), number_read(value), slice_u64(key, at + 8),
                              read_u32(key, at + 16)};
    return true;
}

bool terms_row_find(const struct view *view, const struct terms_scope *scope, int64_t time_ms, struct terms_row *row)
{
    struct slice key, value;
    struct key prefix = key_terms_scope(scope);
    struct key after = prefix;
    key_add_u64(&after, time_ms < 0 ? 0 : (uint64_t)time_ms + 1);
    struct cursor *cursor = cursor_open(view, TABLE_TERMS_SCOPE);
    bool found = cursor_seek_before(cursor, key_slice(&after), &key, &value) &&
                 terms_row_read(&prefix, key, value, row) && time_ms < row->until_ms;
    cursor_close(&cursor);
    return found;
}

bool terms_window(int64_t from_ms, int64_t until_ms, int64_t later_from_ms, int64_t *end_ms)
{
    *end_ms = until_ms < later_from_ms ? until_ms : later_from_ms;
    return from_ms < *end_ms;
}

/* ---- events ---- */

static void terms_put(struct application *application, const Vouch__V1__Terms *terms)
{
    struct slice value;
    struct key key = key_terms(terms->id, terms->version);
    value.data = message_pack(&terms->base, application->arena, &value.size);
    CHECK(value.data != NULL);
    table_put(application->view, TABLE_TERMS, key_slice(&key), value);
}

void apply_terms_written(struct application *application, const Vouch__V1__TermsWritten *written)
{
    const Vouch__V1__Terms *terms = written->terms;
    CHECK(terms != NULL && terms->id != 0 && terms->version != 0);
    const char *folded = terms_fold(application->arena, terms->name);
    CHECK(folded != NULL);
    terms_put(application, terms);
    terms_name_put(application->view, folded, (struct terms_name){terms->id, terms->version});
    counter_reach(application, TERMS_COUNTER, terms->id);
}

/* An earlier version of the same name ends where the new one begins, at the latest. */
static void end_earlier(struct application *application, const Vouch__V1__Terms *earlier, int64_t from_ms)
{
    struct terms_scope scope;
    struct slice value;
    int64_t end_ms;
    CHECK(terms_scope_of(earlier, application->arena, &scope));
    struct key row = key_terms_row(&scope, earlier->from_ms, earlier->id, earlier->version);
    if (!table_get(application->view, TABLE_TERMS_SCOPE, key_slice(&row), &value)) {
        return; /* never held, or ended before it began */
    }
    if (terms_window(earlier->from_ms, number_read(value), from_ms, &end_ms)) {
        number_put(application->view, TABLE_TERMS_SCOPE, &row, end_ms);
    } else {
        row_delete(application->view, TABLE_TERMS_SCOPE, &row);
    }
}

void apply_terms_approved(struct application *application, const Vouch__V1__TermsApproved *approved)
{
    struct terms_scope scope;
    const Vouch__V1__Terms *record = record_terms(application->view, approved->terms, approved->version,
                                                  application->arena);
    if (!is_there(application, record)) {
        return;
    }
    Vouch__V1__Terms terms = *record;
    terms.state = VOUCH__V1__TERMS_STATE__APPROVED;
    terms.approved_by = application->event->actor;
    terms.approved_ms = application->event->time_ms;
    CHECK(terms_scope_of(&terms, application->arena, &scope));
    for (uint32_t version = terms.version - 1; version > 0; version--) {
        const Vouch__V1__Terms *earlier = record_terms(application->view, terms.id, version, application->arena);
        if (is_there(application, earlier) && earlier->state == VOUCH__V1__TERMS_STATE__APPROVED) {
            end_earlier(application, earlier, terms.from_ms);
        }
    }
    struct key row = key_terms_row(&scope, terms.from_ms, terms.id, terms.version);
    number_put(application->view, TABLE_TERMS_SCOPE, &row, terms.until_ms);
    terms_put(application, &terms);
    inbox_add(application, terms.written_by);
    if (terms.member != terms.written_by) {
        inbox_add(application, terms.member);
    }
}
