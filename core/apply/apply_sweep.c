/* SPDX-License-Identifier: Apache-2.0
 *
 * Outcomes of commands: kept for retries, and swept when they are old. The sweep's own timer starts with the store. */
#include "apply/parts.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/message.h"

#include <endian.h>
#include <string.h>

#define SWEEP_PAUSE_MS 1000

static void sweep_at(struct application *application, int64_t due_ms)
{
    struct key key = key_due(due_ms, DUE_SWEEP_COMMANDS, 0);
    row_put(application->view, TABLE_DUE, &key);
    meta_put(application->view, "sweep_due", (uint64_t)due_ms);
}

void apply_store_created(struct application *application, const Vouch__V1__StoreCreated *created)
{
    (void)created; /* read from the journal by who wants it */
    sweep_at(application, application->event->time_ms + MS_PER_DAY);
}

bool outcome_get(const struct view *view, const uint8_t command_id[16], uint64_t member, struct outcome *outcome)
{
    struct key key = key_command(command_id, member);
    struct slice value;
    if (!table_get(view, TABLE_COMMAND, key_slice(&key), &value)) {
        return false;
    }
    CHECK(value.size == sizeof *outcome);
    memcpy(outcome, value.data, sizeof *outcome);
    outcome->time_ms = (int64_t)le64toh((uint64_t)outcome->time_ms);
    outcome->fingerprint = le64toh(outcome->fingerprint);
    outcome->sequence = le64toh(outcome->sequence);
    outcome->answer_id = le64toh(outcome->answer_id);
    outcome->status = le32toh(outcome->status);
    outcome->reserved = 0;
    return true;
}

void outcome_put(struct application *application)
{
    const Vouch__V1__Event *event = application->event;
    CHECK(event->command_id.len == 16);
    bool refused = event->body_case == VOUCH__V1__EVENT__BODY_COMMAND_REFUSED;
    struct outcome outcome = {
        .time_ms = (int64_t)htole64((uint64_t)event->time_ms),
        .fingerprint = htole64(event->fingerprint),
        .sequence = htole64(application->sequence),
        .answer_id = htole64(event->answer_id),
        .status = htole32(refused ? (uint32_t)event->command_refused->status : VOUCH_OK),
    };
    struct key key = key_command(event->command_id.data, event->actor);
    table_put(application->view, TABLE_COMMAND, key_slice(&key), (struct slice){&outcome, sizeof outcome});
}

static bool is_past(struct slice key, ProtobufCBinaryData last)
{
    if (last.len == 0) {
        return false; /* to the end of the table */
    }
    size_t both = key.size < last.len ? key.size : last.len;
    int order = memcmp(key.data, last.data, both);
    return order > 0 || (order == 0 && key.size > last.len);
}

/* The keys of the range that are old, as composite keys in scratch: rows are not deleted under a cursor. */
static size_t collect_old(struct application *application, const Vouch__V1__CommandsSwept *swept, uint8_t (*keys)[24])
{
    size_t count = 0;
    struct slice key, value;
    struct cursor *cursor = cursor_open(application->view, TABLE_COMMAND);
    bool row = cursor_seek(cursor, (struct slice){swept->from_key.data, swept->from_key.len}, &key, &value);
    for (size_t looked = 0; row && looked < SWEEP_ROWS && !is_past(key, swept->to_key); looked++) {
        struct outcome outcome;
        CHECK(key.size == 24 && value.size == sizeof outcome);
        memcpy(&outcome, value.data, sizeof outcome);
        if ((int64_t)le64toh((uint64_t)outcome.time_ms) < swept->before_ms) {
            memcpy(keys[count++], key.data, 24);
        }
        row = cursor_next(cursor, &key, &value);
    }
    cursor_close(&cursor);
    return count;
}

void apply_commands_swept(struct application *application, const Vouch__V1__CommandsSwept *swept)
{
    struct view *view = application->view;
    uint8_t(*keys)[24] = scratch(application, SWEEP_ROWS * sizeof *keys);
    size_t count = collect_old(application, swept, keys);
    for (size_t i = 0; i < count; i++) {
        table_delete(view, TABLE_COMMAND, (struct slice){keys[i], 24});
    }
    struct key due = key_due((int64_t)meta_get(view, "sweep_due"), DUE_SWEEP_COMMANDS, 0);
    row_delete(view, TABLE_DUE, &due);
    int64_t now_ms = application->event->time_ms;
    sweep_at(application, swept->to_key.len == 0 ? now_ms + MS_PER_DAY : now_ms + SWEEP_PAUSE_MS);
    struct key position = key_text("sweep_after");
    table_put(view, TABLE_META, key_slice(&position), (struct slice){swept->to_key.data, swept->to_key.len});
}
