/* SPDX-License-Identifier: Apache-2.0
 *
 * The check of terms: every version says what its digest says and could have been written, its name leads to it, and
 * the rows by which terms are chosen say when each approved version holds. */
#include "apply/terms_rows.h"
#include "decide/deal_math.h"
#include "domain/terms.h"
#include "query/checking.h"

#include <string.h>

/* Versions are met newest first. */
struct walk {
    uint64_t id;           /* of the version before; 0: none yet */
    uint64_t highest;      /* id */
    int64_t later_from_ms; /* where the earliest of the later approved versions begins */
};

static void check_digest(struct check *check, const Vouch__V1__Terms *record)
{
    uint8_t digest[TERMS_DIGEST_BYTES];
    struct status_text why = {0};
    if (record->n_bands > TERMS_BANDS_MAX || record->n_splits > TERMS_SPLITS_MAX) {
        finding(check, "terms %" PRIu64 ", version %" PRIu32 ", have too many bands or splits", record->id,
                record->version);
        return;
    }
    struct terms terms = terms_of_record(record);
    terms_digest(&terms, digest);
    if (record->digest.len != sizeof digest || memcmp(record->digest.data, digest, sizeof digest) != 0) {
        finding(check, "terms %" PRIu64 ", version %" PRIu32 ", are not those of their digest", record->id,
                record->version);
    }
    if (terms_check(&terms, true, &why) != VOUCH_OK) {
        finding(check, "terms %" PRIu64 ", version %" PRIu32 ", could not have been written: %s", record->id,
                record->version, why.text);
    }
}

/* The newest version of a name is the one that the name leads to. */
static void check_name(struct check *check, const Vouch__V1__Terms *record)
{
    struct terms_name name;
    const char *folded = terms_fold(check->arena, record->name);
    check->expected[TABLE_TERMS_NAME]++;
    if (folded == NULL || !terms_name_get(check->view, folded, &name)) {
        finding(check, "terms %" PRIu64 " are not found by their name", record->id);
    } else if (name.id != record->id || name.last != record->version) {
        finding(check,
                "the name of terms %" PRIu64 ", version %" PRIu32 ", leads to terms %" PRIu64 ", version %" PRIu32,
                record->id, record->version, name.id, name.last);
    }
}

static void check_window(struct check *check, const Vouch__V1__Terms *record, int64_t later_from_ms)
{
    struct terms_scope scope;
    struct slice value;
    int64_t end_ms;
    if (record->approved_by == record->written_by || record->approved_by == 0) {
        finding(check, "terms %" PRIu64 ", version %" PRIu32 ", were not approved by a second person", record->id,
                record->version);
    }
    if (!terms_window(record->from_ms, record->until_ms, later_from_ms, &end_ms)) {
        return;
    }
    check->expected[TABLE_TERMS_SCOPE]++;
    if (!terms_scope_of(record, check->arena, &scope)) {
        finding(check, "the scope of terms %" PRIu64 " cannot be read", record->id);
        return;
    }
    struct key key = key_terms_row(&scope, record->from_ms, record->id, record->version);
    if (!table_get(check->view, TABLE_TERMS_SCOPE, key_slice(&key), &value) || number_read(value) != end_ms) {
        finding(check, "terms %" PRIu64 ", version %" PRIu32 ", do not hold when they should", record->id,
                record->version);
    }
}

static void check_version(struct check *check, struct slice key, struct walk *walk)
{
    uint64_t id = slice_u64(key, 0);
    uint32_t version = terms_key_version(key);
    const Vouch__V1__Terms *record = record_terms(check->view, id, version, check->arena);
    if (record == NULL || record->id != id || record->version != version || record->from_ms < 0) {
        finding(check, "terms %" PRIu64 ", version %" PRIu32 ", cannot be read", id, version);
        return;
    }
    check_digest(check, record);
    if (walk->id != id) {
        walk->later_from_ms = INT64_MAX;
        walk->highest = id > walk->highest ? id : walk->highest;
        check_name(check, record);
    }
    walk->id = id;
    if (record->state == VOUCH__V1__TERMS_STATE__APPROVED) {
        check_window(check, record, walk->later_from_ms);
        walk->later_from_ms = record->from_ms < walk->later_from_ms ? record->from_ms : walk->later_from_ms;
    }
}

void check_terms(struct check *check)
{
    struct slice key;
    struct walk walk = {.later_from_ms = INT64_MAX};
    struct cursor *cursor = cursor_open(check->view, TABLE_TERMS);
    for (bool row = cursor_seek_before(cursor, SLICE_NONE, &key, NULL); row;
         row = cursor_previous(cursor, &key, NULL)) {
        arena_reset(check->arena);
        check_version(check, key, &walk);
    }
    cursor_close(&cursor);
    expect_rows(check, TABLE_TERMS_NAME);
    expect_rows(check, TABLE_TERMS_SCOPE);
    expect_counter(check, TERMS_COUNTER, walk.highest);
}
