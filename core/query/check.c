/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd check`: walks every table of a snapshot. Memory is bounded by the number of currencies, accounts and
 * statements, not by the size of the store. */
#include "query/check.h"

#include "apply/apply.h"
#include "base/check.h"
#include "query/checking.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROW_BYTES ((size_t)16 << 20)

void finding(struct check *check, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    check->report(check->argument, text);
}

void expect_row(struct check *check, enum table table, const struct key *key, const char *what, uint64_t id)
{
    struct slice value;
    check->expected[table]++;
    if (!table_get(check->view, table, key_slice(key), &value)) {
        finding(check, "%s %" PRIu64 " has no row in %s", what, id, table_name(table));
    }
}

void expect_id(struct check *check, enum table table, struct slice key, uint64_t id, const char *what)
{
    struct slice value;
    check->expected[table]++;
    if (!table_get(check->view, table, key, &value)) {
        finding(check, "%s %" PRIu64 " has no row in %s", what, id, table_name(table));
    } else if (value.size < 8 || slice_u64(value, 0) != id) {
        finding(check, "the row of %s %" PRIu64 " in %s names another one", what, id, table_name(table));
    }
}

void expect_rows(struct check *check, enum table table)
{
    uint64_t rows = table_rows(check->view, table);
    if (rows != check->expected[table]) {
        finding(check, "%s has %" PRIu64 " rows, the records ask for %" PRIu64, table_name(table), rows,
                check->expected[table]);
    }
}

void expect_counter(struct check *check, const char *name, uint64_t highest)
{
    uint64_t counter = meta_get(check->view, name);
    if (counter != highest) {
        finding(check, "counter %s is %" PRIu64 ", the highest id is %" PRIu64, name, counter, highest);
    }
}

void for_each_row(struct check *check, enum table table,
                  void (*each)(struct check *check, struct slice key, struct slice value))
{
    struct slice key, value;
    struct cursor *cursor = cursor_open(check->view, table);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        arena_reset(check->arena);
        each(check, key, value);
    }
    cursor_close(&cursor);
}

struct currency_sums *sums_of(struct check *check, const char *currency)
{
    for (size_t i = 0; i < check->currency_count; i++) {
        if (strncmp(check->currencies[i].currency, currency, 3) == 0) {
            return &check->currencies[i];
        }
    }
    CHECK(check->currency_count < CURRENCIES_MAX);
    struct currency_sums *sums = &check->currencies[check->currency_count++];
    memcpy(sums->currency, currency, 3);
    return sums;
}

/* Sequences 1, 2, 3 ... and at least as many as the state has applied. */
static void check_journal(struct check *check)
{
    uint64_t last = 0;
    struct slice key;
    struct cursor *cursor = cursor_open(check->view, TABLE_JOURNAL);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row; row = cursor_next(cursor, &key, NULL)) {
        uint64_t sequence = slice_u64(key, 0);
        if (sequence != last + 1) {
            finding(check, "the journal goes from %" PRIu64 " to %" PRIu64, last, sequence);
        }
        last = sequence;
    }
    cursor_close(&cursor);
    if (last < view_sequence(check->view)) {
        finding(check, "the state has applied %" PRIu64 " events, the journal ends at %" PRIu64,
                view_sequence(check->view), last);
    }
}

static void check_outcome(struct check *check, struct slice key, struct slice value)
{
    uint64_t sequence;
    CHECK(key.size == 24 && value.size == 40);
    memcpy(&sequence, (const uint8_t *)value.data + 16, sizeof sequence);
    if (le64toh(sequence) == 0 || le64toh(sequence) > view_sequence(check->view)) {
        finding(check, "a command's outcome names event %" PRIu64 ", which is not there", le64toh(sequence));
    }
}

static void check_timers(struct check *check)
{
    uint64_t sweep_due = meta_get(check->view, "sweep_due");
    if (sweep_due != 0) {
        struct key key = key_due((int64_t)sweep_due, DUE_SWEEP_COMMANDS, 0);
        expect_row(check, TABLE_DUE, &key, "the sweep of commands", 0);
    }
    expect_rows(check, TABLE_DUE);
}

enum vouch_status invariants_check(const struct view *view, void (*report)(void *argument, const char *finding),
                                   void *argument)
{
    struct arena *arena = arena_new(ROW_BYTES);
    struct check *check = arena_alloc(arena, sizeof *check);
    struct arena *rows = arena_new(ROW_BYTES);
    struct arena *lines = arena_new(ROW_BYTES);
    CHECK(check != NULL);
    check->view = view;
    check->arena = rows;
    check->lines = lines;
    check->report = report;
    check->argument = argument;
    check_journal(check);
    check_people(check);
    check_team(check);
    check_cards(check);
    check_ties(check);
    check_origins(check);
    check_contacts(check);
    check_referrals(check);
    check_facts(check);
    check_obligations(check);
    check_bonds(check);
    check_asks(check);
    check_terms(check);
    check_ledger(check);
    check_inboxes(check);
    for_each_row(check, TABLE_COMMAND, check_outcome);
    check_timers(check);
    const char *failed = view_failed(view);
    if (failed != NULL) {
        finding(check, "the store could not be read: %s", failed);
    }
    arena_free(&lines);
    arena_free(&rows);
    arena_free(&arena);
    return failed == NULL ? VOUCH_OK : VOUCH_INTERNAL;
}
