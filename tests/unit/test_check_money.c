/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd check` over the books: lines in every place they can be, then one row after the other is taken away, and one
 * number after the other is made larger by one. All of it is found, but for what only people read. */
#include "base/message.h"
#include "money_world.h"
#include "query/check.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define ROWS_MAX 200
#define ARENA_BYTES ((size_t)4 << 20)

static void must(const struct money_world *money, enum vouch_status status)
{
    cr_assert_eq(status, VOUCH_OK, "%s", money->world->why.text);
}

/* Lines that are paid, owed back, with the bank in two currencies, payable and disputed, approved, approved and
 * disputed, waiting for a person, held, held and disputed; a deal that was canceled. */
static struct money_world *busy_books(void)
{
    static const int64_t weights[] = {3, 2, 1};
    struct money_world *money = money_world_new();
    money_terms(money, "EUR", 7, 500);
    money_terms(money, "USD", 7, 0);
    uint64_t first = money_deal(money, 1000000, "EUR", weights, 3);
    uint64_t second = money_deal(money, 1000000, "USD", weights, 3);
    uint64_t third = money_deal(money, 1000000, "EUR", weights, 2);
    must(money, money_pay(money, first, 100000, "EUR", 0));
    must(money, money_pay(money, second, 200000, "USD", 0));
    must(money, money_pay(money, third, 300000, "EUR", 0));
    money_go(money, 1);
    must(money, money_close(money, 202611));
    must(money, money_pay(money, third, 100000, "EUR", 0));
    money_go(money, 2);
    must(money, money_close(money, 202612));
    must(money, money_dispute(money, money->clerk, 3, money->earners[1]));
    must(money, money_payout(money, "EUR", "", ""));
    must(money, money_settle(money, 1, 0));
    must(money, money_refund(money, 1, 40000, "CN-1"));
    must(money, money_payout(money, "USD", "JPY", "149.875"));
    must(money, money_fail(money, 2, 4));
    must(money, money_pay(money, first, 100000, "EUR", 0));
    must(money, money_pay(money, third, 100000, "EUR", 0));
    world_wait(money->world, INT64_C(8) * 86400000);
    must(money, money_dispute(money, money->earners[2], 5, 0));
    money->world->policy.approval_by_person = true;
    must(money, money_pay(money, first, 100000, "EUR", 0));
    world_wait(money->world, INT64_C(8) * 86400000);
    must(money, money_pay(money, first, 100000, "EUR", 0));
    must(money, money_dispute(money, money->clerk, 8, money->earners[0]));
    must(money, money_correct(money, 8, money->earners[1], 100));
    uint64_t canceled = money_own_deal(money, 5000);
    must(money, money_pay(money, canceled, 5000, "EUR", 0));
    must(money, money_cancel(money, canceled));
    return money;
}

static void count(void *argument, const char *finding)
{
    size_t *findings = argument;
    (*findings)++;
    cr_assert_neq(finding[0], '\0');
}

static size_t findings_of(const struct view *view)
{
    size_t findings = 0;
    cr_assert_eq(invariants_check(view, count, &findings), VOUCH_OK);
    return findings;
}

/* Keys of a table. */
static size_t keys_of(const struct view *view, enum table table, struct key keys[ROWS_MAX])
{
    struct slice key;
    size_t rows = 0;
    struct cursor *cursor = cursor_open(view, table);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row; row = cursor_next(cursor, &key, NULL)) {
        cr_assert_lt(rows, ROWS_MAX);
        key_start(&keys[rows]);
        key_add_bytes(&keys[rows++], key.data, key.size);
    }
    cursor_close(&cursor);
    return rows;
}

static struct view *fresh_view(struct money_world *money)
{
    state_abort(money->world->store);
    struct view *view = state_write_view(money->world->store, &money->world->why);
    cr_assert_not_null(view);
    return view;
}

Test(check_money, every_row_of_the_books_is_missed)
{
    static const enum table tables[] = {
        TABLE_DEAL,    TABLE_PAYMENT, TABLE_AWAITING,    TABLE_BOOKING,   TABLE_ACCOUNT_BOOKING,
        TABLE_ACCOUNT, TABLE_READY,   TABLE_PERIOD,      TABLE_STATEMENT, TABLE_STATEMENT_OF,
        TABLE_PAYABLE, TABLE_PAYOUT,  TABLE_PAYOUT_LINE, TABLE_DISPUTE,   TABLE_TOTAL};
    static struct key keys[ROWS_MAX];
    struct money_world *money = busy_books();
    cr_assert_eq(findings_of(fresh_view(money)), 0);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        size_t rows = keys_of(fresh_view(money), tables[i], keys);
        cr_assert_gt(rows, 0, "%s is empty", table_name(tables[i]));
        for (size_t j = 0; j < rows; j++) {
            struct view *view = fresh_view(money);
            struct slice value;
            cr_assert(table_get(view, tables[i], key_slice(&keys[j]), &value));
            bool nothing = tables[i] == TABLE_TOTAL && number_read(value) == 0; /* reads as if it were not there */
            table_delete(view, tables[i], key_slice(&keys[j]));
            cr_expect(nothing || findings_of(view) > 0, "row %zu of %s may go", j, table_name(tables[i]));
        }
    }
    state_abort(money->world->store);
    money_world_free(&money);
}

/* What nothing follows from: names, times, and who did it; the rest of a settled or canceled thing's story. */
static const char *const told[] = {
    "Deal.won_ms",
    "Deal.prior_minor",
    "Deal.sequence",
    "Deal.terms",
    "Deal.terms_version",
    "Deal.overrides",
    "Deal.year",
    "DealShare.weight",
    "DealShare.first_touch",
    "DealShare.role",
    "Payment.received_ms",
    "Payment.recorded_ms",
    "Payment.period",
    "Payment.sequence",
    "Payment.hold_until_ms",
    "Refund.refunded_ms",
    "Refund.sequence",
    "Statement.closed_ms",
    "Statement.ready_minor",
    "Statement.owed_minor",
    "Statement.minimum_minor",
    "Statement.payout",
    "Payout.made_ms",
    "Payout.made_by",
    "Payout.rate_numerator",
    "Payout.rate_denominator",
    "PayoutLine.changed_ms",
    "PayoutLine.reason",
    "Period.from_ms",
    "Period.until_ms",
    "Period.closed_ms",
    "Period.closed_by",
    "Dispute.opened_by",
    "Dispute.opened_ms",
    "Dispute.resolved_by",
    "Dispute.reversed",
    "Deal.reciprocal",
    "PaymentPart.statement",
};

/* Of some records nothing follows from these either: of a payment that is approved how long it was held, of a line that
 * is disputed for which statement it was approved, of a refunded line how much was not for the refund. */
static struct {
    const char *name;
    size_t found;
} sometimes[] = {{"Payment.hold_elapsed", 0}, {"PaymentPart.approved_period", 0}, {"PaymentPart.corrected_minor", 0}};
#define SOMETIMES (sizeof sometimes / sizeof sometimes[0])

static bool is_told(const char *name)
{
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        if (strcmp(told[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* That a change was found, where it is one that must be. */
static void judge(const char *name, bool found)
{
    for (size_t i = 0; i < SOMETIMES; i++) {
        if (strcmp(sometimes[i].name, name) == 0) {
            sometimes[i].found += found ? 1 : 0;
            return;
        }
    }
    cr_expect(found || is_told(name), "%s may be any number", name);
}

#define NAME_BYTES 80

static void bump_one(void *member, ProtobufCType type)
{
    if (type == PROTOBUF_C_TYPE_BOOL) {
        *(protobuf_c_boolean *)member = !*(protobuf_c_boolean *)member;
    } else if (type == PROTOBUF_C_TYPE_UINT32) {
        ++*(uint32_t *)member;
    } else {
        ++*(uint64_t *)member;
    }
}

/* 0: it is no number. */
static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_UINT32:
        return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return sizeof(uint64_t);
    default:
        return 0;
    }
}

/* Changes number `which` of a message and those inside it, in the order of their fields, and tells its name; false when
 * there are not as many. */
static bool bump(ProtobufCMessage *message, size_t *which, char name[NAME_BYTES])
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        char *member = (char *)message + field->offset;
        bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
        size_t items = repeated ? *(size_t *)(void *)((char *)message + field->quantifier_offset) : 1;
        char *first = repeated ? *(char **)(void *)member : member;
        size_t size = size_of(field->type);
        for (size_t j = 0; j < items && field->type == PROTOBUF_C_TYPE_MESSAGE; j++) {
            ProtobufCMessage *inside = ((ProtobufCMessage **)(void *)first)[j];
            if (inside != NULL && bump(inside, which, name)) {
                return true;
            }
        }
        if (size > 0 && *which < items) {
            bump_one(first + *which * size, field->type);
            snprintf(name, NAME_BYTES, "%s.%s", type->short_name, field->name);
            return true;
        }
        *which -= size > 0 ? items : 0;
    }
    return false;
}

/* Makes each number of a row larger, one at a time. Returns how many it has. */
static size_t bump_all(struct money_world *money, enum table table, const ProtobufCMessageDescriptor *type,
                       const struct key *key, struct arena *arena)
{
    for (size_t which = 0;; which++) {
        struct view *view = fresh_view(money);
        struct slice value;
        char name[NAME_BYTES];
        size_t left = which;
        arena_reset(arena);
        cr_assert(table_get(view, table, key_slice(key), &value));
        ProtobufCMessage *record = (ProtobufCMessage *)(uintptr_t)message_unpack_own(type, value.size, value.data,
                                                                                     arena);
        cr_assert_not_null(record);
        if (!bump(record, &left, name)) {
            return which;
        }
        record_put_key(view, table, key, record, arena);
        judge(name, findings_of(view) > 0);
    }
}

Test(check_money, every_number_of_the_books_is_compared_with_another)
{
    static const struct {
        enum table table;
        const ProtobufCMessageDescriptor *type;
    } records[] = {
        {TABLE_DEAL, &vouch__v1__deal__descriptor},
        {TABLE_PAYMENT, &vouch__v1__payment__descriptor},
        {TABLE_BOOKING, &vouch__v1__booking__descriptor},
        {TABLE_STATEMENT, &vouch__v1__statement__descriptor},
        {TABLE_PERIOD, &vouch__v1__period__descriptor},
        {TABLE_PAYOUT, &vouch__v1__payout__descriptor},
        {TABLE_PAYOUT_LINE, &vouch__v1__payout_line__descriptor},
        {TABLE_DISPUTE, &vouch__v1__dispute__descriptor},
    };
    static struct key keys[ROWS_MAX];
    size_t numbers = 0;
    struct arena *arena = arena_new(ARENA_BYTES);
    struct money_world *money = busy_books();
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        size_t rows = keys_of(fresh_view(money), records[i].table, keys);
        for (size_t j = 0; j < rows; j++) {
            numbers += bump_all(money, records[i].table, records[i].type, &keys[j], arena);
        }
    }
    fprintf(stderr, "check_money: %zu numbers changed\n", numbers);
    for (size_t i = 0; i < SOMETIMES; i++) {
        cr_expect_gt(sometimes[i].found, 0, "%s may be any number", sometimes[i].name);
    }
    arena_free(&arena);
    state_abort(money->world->store);
    money_world_free(&money);
}
