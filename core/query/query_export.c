/* SPDX-License-Identifier: Apache-2.0
 *
 * All that a member owns, part by part, page by page. Each part is a range of rows that start with the member, walked
 * from where the last page ended; what moves about in its index (asks, intel and referrals change their state) is
 * walked by its number instead, so that a page neither misses it nor has it twice. */
#include "apply/bonds.h"
#include "base/message.h"
#include "query/contact_view.h"

#include <string.h>

#define PART(name) VOUCH__V1__MEMBER_EXPORT__PART__##name
#define WHAT(name) VOUCH__V1__EXPORT_PAGE__ROW__WHAT_##name

struct export
{
    struct question *question;
    struct slice after; /* as the request has it */
    struct page page;
    struct key next;
};

static Vouch__V1__ExportPage__Row *new_row(const struct export *export)
{
    return question_message(export->question, &vouch__v1__export_page__row__descriptor);
}

/* Adds a row that leaves the walk at `next`; false when the page is full. NULL: past the arena's budget. */
static bool add(struct export *export, Vouch__V1__ExportPage__Row *row, const struct key *next)
{
    if (row == NULL) {
        export->page.more = true;
        return false;
    }
    if (!page_add(&export->page, row, protobuf_c_message_get_packed_size(&row->base))) {
        return false;
    }
    export->next = *next;
    return true;
}

static bool is_full(struct export *export)
{
    export->page.more = export->page.more || page_is_full(&export->page);
    return export->page.more;
}

/* ---- parts that are a range of rows ---- */

/* What a row of the range is; the key is what follows the member in it. NULL past the arena's budget. */
typedef Vouch__V1__ExportPage__Row *range_row(const struct export *export, struct slice key, struct slice value);

static Vouch__V1__ExportPage__Row *card_row(const struct export *export, struct slice key, struct slice value)
{
    (void)key;
    Vouch__V1__ExportPage__Row *row = new_row(export);
    const void *card = message_unpack_own(&vouch__v1__card__descriptor, value.size, value.data,
                                          export->question->arena);
    if (row == NULL || card == NULL) {
        return NULL;
    }
    row->what_case = WHAT(CARD);
    row->card = (Vouch__V1__Card *)(uintptr_t)card;
    return row;
}

static Vouch__V1__ExportPage__Row *note_row(const struct export *export, struct slice key, struct slice value)
{
    (void)value;
    Vouch__V1__ExportPage__Row *row = new_row(export);
    Vouch__V1__Note *note = note_view(export->question, slice_u64(key, 8));
    if (row == NULL || note == NULL) {
        return NULL;
    }
    note->contact = record_contact_self(export->question->view, note->contact);
    row->what_case = WHAT(NOTE);
    row->note = note;
    return row;
}

static Vouch__V1__ExportPage__Row *touch_row(const struct export *export, struct slice key, struct slice value)
{
    (void)key;
    Vouch__V1__ExportPage__Row *row = new_row(export);
    const void *record = message_unpack_own(&vouch__v1__tie_touch__descriptor, value.size, value.data,
                                            export->question->arena);
    if (row == NULL || record == NULL) {
        return NULL;
    }
    Vouch__V1__TieTouch *touch = (Vouch__V1__TieTouch *)(uintptr_t)record;
    touch->note = touch_note(export->question, touch);
    touch->contact = record_contact_self(export->question->view, touch->contact);
    row->what_case = WHAT(TOUCH);
    row->touch = touch;
    return row;
}

static Vouch__V1__ExportPage__Row *statement_row(const struct export *export, struct slice key, struct slice value)
{
    (void)key;
    Vouch__V1__ExportPage__Row *row = new_row(export);
    const Vouch__V1__Statement *statement = record_statement(export->question->view, slice_u64(value, 0),
                                                             export->question->arena);
    if (row == NULL || statement == NULL) {
        return NULL;
    }
    row->what_case = WHAT(STATEMENT);
    row->statement = (Vouch__V1__Statement *)(uintptr_t)statement;
    return row;
}

static enum vouch_status walk_range(struct export *export, enum table table, range_row *make)
{
    struct key prefix = key_u64(export->question->actor->id);
    struct key from = prefix;
    struct slice row, value;
    if (export->after.size > 0) {
        key_add_bytes(&from, export->after.data, export->after.size);
        key_add_u8(&from, 0); /* keys of a table have one length: this is past the last one seen */
    }
    bool late = false;
    struct cursor *cursor = cursor_open(export->question->view, table);
    bool found = cursor_seek(cursor, key_slice(&from), &row, &value);
    while (found && slice_u64(row, 0) == export->question->actor->id && !is_full(export) && !late) {
        struct slice rest = {(const uint8_t *)row.data + prefix.size, row.size - prefix.size};
        struct key next;
        key_start(&next);
        key_add_bytes(&next, rest.data, rest.size);
        if (!add(export, make(export, rest, value), &next)) {
            break;
        }
        late = question_is_late(export->question);
        found = cursor_next(cursor, &row, &value);
    }
    cursor_close(&cursor);
    return late ? VOUCH_TIMEOUT : VOUCH_OK;
}

/* ---- parts that are walked by number ---- */

/* What has this number; NULL past the arena's budget. */
typedef Vouch__V1__ExportPage__Row *number_row(const struct export *export, uint64_t id);

static Vouch__V1__ExportPage__Row *ask_row(const struct export *export, uint64_t id)
{
    Vouch__V1__ExportPage__Row *row = new_row(export);
    const Vouch__V1__Ask *record = record_ask(export->question->view, id, export->question->arena);
    Vouch__V1__Ask *ask = record == NULL ? NULL : arena_memdup(export->question->arena, record, sizeof *ask);
    if (row == NULL || ask == NULL) {
        return NULL;
    }
    ask->contact = record_contact_self(export->question->view, ask->contact);
    ask->contact_name = question_name(export->question, TABLE_CONTACT, ask->contact);
    row->what_case = WHAT(ASK);
    row->ask = ask;
    return row;
}

static Vouch__V1__ExportPage__Row *intel_row(const struct export *export, uint64_t id)
{
    Vouch__V1__ExportPage__Row *row = new_row(export);
    Vouch__V1__Intel *intel = intel_view(export->question, id);
    if (row == NULL || intel == NULL) {
        return NULL;
    }
    row->what_case = WHAT(INTEL);
    row->intel = intel;
    return row;
}

static Vouch__V1__ExportPage__Row *referral_row(const struct export *export, uint64_t id)
{
    struct question *question = export->question;
    Vouch__V1__ExportPage__Row *row = new_row(export);
    const Vouch__V1__Referral *referral = record_referral(question->view, id, question->arena);
    if (row == NULL || referral == NULL) {
        return NULL;
    }
    if (!access_is_party(referral, question->actor->id)) {
        return row; /* named as its receiver, and not offered yet: nothing to hand out */
    }
    row->referral = referral_view(question, referral, true);
    row->what_case = WHAT(REFERRAL);
    return row->referral == NULL ? NULL : row;
}

/* The lowest ids above `after` that a walk over an index comes by, ascending, each once. */
struct lowest {
    uint64_t after;
    size_t count;
    size_t room;
    uint64_t *ids;
    bool more;
};

static void keep_lowest(struct lowest *lowest, uint64_t id)
{
    size_t place = lowest->count;
    if (id <= lowest->after) {
        return;
    }
    while (place > 0 && lowest->ids[place - 1] > id) {
        place--;
    }
    if (place > 0 && lowest->ids[place - 1] == id) {
        return;
    }
    if (lowest->count == lowest->room) {
        lowest->more = true;
        if (place == lowest->room) {
            return;
        }
        lowest->count--;
    }
    memmove(lowest->ids + place + 1, lowest->ids + place, (lowest->count - place) * sizeof *lowest->ids);
    lowest->ids[place] = id;
    lowest->count++;
}

/* The id of each row of the member's stands at `offset` of its key. */
static enum vouch_status walk_numbers(struct export *export, enum table table, size_t offset, number_row *make)
{
    struct question *question = export->question;
    struct lowest lowest = {.room = export->page.limit};
    struct key prefix = key_u64(question->actor->id);
    struct slice row;
    size_t looked = 0;
    bool late = false;
    lowest.after = export->after.size == 8 ? slice_u64(export->after, 0) : 0;
    lowest.ids = arena_alloc(question->arena, lowest.room * sizeof *lowest.ids);
    if (lowest.ids == NULL) {
        return question_too_large(question);
    }
    struct cursor *cursor = cursor_open(question->view, table);
    for (bool found = cursor_seek(cursor, key_slice(&prefix), &row, NULL);
         found && slice_u64(row, 0) == question->actor->id && !late; found = cursor_next(cursor, &row, NULL)) {
        keep_lowest(&lowest, slice_u64(row, offset));
        late = ++looked % 1024 == 0 && question_is_late(question);
    }
    cursor_close(&cursor);
    for (size_t i = 0; i < lowest.count && !late && !is_full(export); i++) {
        struct key next = key_u64(lowest.ids[i]);
        if (!add(export, make(export, lowest.ids[i]), &next)) {
            break;
        }
        late = question_is_late(question);
    }
    export->page.more = export->page.more || lowest.more;
    return late ? VOUCH_TIMEOUT : VOUCH_OK;
}

/* ---- parts of their own kind ---- */

static enum vouch_status walk_contacts(struct export *export)
{
    struct question *question = export->question;
    uint64_t after = NODE_CONTACT | (export->after.size == 8 ? slice_u64(export->after, 0) & NODE_ID_MASK : 0);
    struct tie_entry entry;
    while (tie_list(question->view, TABLE_TIE_OUT, NODE_MEMBER | question->actor->id, after, &entry, 1) == 1 &&
           entry.peer < (NODE_CONTACT | NODE_ID_MASK) && !is_full(export)) {
        struct key next = key_u64(entry.peer & NODE_ID_MASK);
        Vouch__V1__ExportPage__Row *row = new_row(export);
        Vouch__V1__ContactView *view = row == NULL ? NULL : contact_view(question, entry.peer & NODE_ID_MASK);
        if (view != NULL) {
            row->what_case = WHAT(CONTACT);
            row->contact = view;
        }
        if (!add(export, view == NULL ? NULL : row, &next)) {
            break;
        }
        if (question_is_late(question)) {
            return VOUCH_TIMEOUT;
        }
        after = entry.peer;
    }
    return VOUCH_OK;
}

static enum vouch_status add_profile(struct export *export)
{
    struct key next = key_u64(export->question->actor->id);
    Vouch__V1__ExportPage__Row *row = new_row(export);
    Vouch__V1__Member *member = arena_memdup(export->question->arena, export->question->actor, sizeof *member);
    if (export->after.size > 0) {
        return VOUCH_OK;
    }
    if (row == NULL || member == NULL) {
        return question_too_large(export->question);
    }
    member->invite_key = (ProtobufCBinaryData){0, NULL};
    row->what_case = WHAT(PROFILE);
    row->profile = member;
    add(export, row, &next);
    return VOUCH_OK;
}

static enum vouch_status walk_part(struct export *export, Vouch__V1__MemberExport__Part part)
{
    switch (part) {
    case PART(PROFILE):
        return add_profile(export);
    case PART(CARDS):
        return walk_range(export, TABLE_CARD, card_row);
    case PART(CONTACTS):
        return walk_contacts(export);
    case PART(NOTES):
        return walk_range(export, TABLE_NOTE, note_row);
    case PART(TOUCHES):
        return walk_range(export, TABLE_TOUCH, touch_row);
    case PART(ASKS):
        return walk_numbers(export, TABLE_ASK_MEMBER, 9, ask_row);
    case PART(INTEL):
        return walk_numbers(export, TABLE_INTEL_MEMBER, 10, intel_row);
    case PART(REFERRALS):
        return walk_numbers(export, TABLE_REFERRAL_MEMBER, 10, referral_row);
    case PART(STATEMENTS):
        return walk_range(export, TABLE_STATEMENT_OF, statement_row);
    default:
        return status_set(&export->question->why, VOUCH_INVALID, "say which part to export");
    }
}

enum vouch_status query_member_export(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__MemberExport *asked = request->member_export;
    Vouch__V1__ExportPage *answer = question_message(question, &vouch__v1__export_page__descriptor);
    struct export *export = arena_alloc(question->arena, sizeof *export);
    if (answer == NULL || export == NULL || !page_start(question, asked->limit, &export->page)) {
        return question_too_large(question);
    }
    export->question = question;
    export->after = (struct slice){asked->after.data, asked->after.len};
    key_start(&export->next);
    enum vouch_status status = walk_part(export, asked->part);
    if (status == VOUCH_TIMEOUT && export->page.count > 0) {
        status = VOUCH_OK; /* what was found so far is a page too */
        export->page.more = true;
    }
    if (status == VOUCH_OK && export->page.more && export->page.count == 0) {
        return question_too_large(question);
    }
    uint8_t *next = arena_memdup(question->arena, export->next.bytes, export->next.size);
    if (status != VOUCH_OK || next == NULL) {
        return status != VOUCH_OK ? status : question_too_large(question);
    }
    answer->rows = (Vouch__V1__ExportPage__Row **)export->page.rows;
    answer->n_rows = export->page.count;
    answer->more = export->page.more;
    answer->next = (ProtobufCBinaryData){export->next.size, next};
    question->reply->result_case = RESULT(EXPORTED);
    question->reply->exported = answer;
    return VOUCH_OK;
}
