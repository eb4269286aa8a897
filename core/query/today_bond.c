/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of Bond by their numbers; test_today_contacts.c compares what is read here with what protobuf-c unpacks. */
#include "base/wire.h"
#include "query/today.h"

#include <stddef.h>
#include <string.h>

/* Numbers in workday.proto. */
enum {
    BOND_MEMBER = 1,
    BOND_CONTACT,
    BOND_SINCE,
    BOND_LAST_TWO_WAY,
    BOND_LAST_TOUCH,
    BOND_AS_OF,
    BOND_OUT,
    BOND_IN,
    BOND_HAND_TIER,
    BOND_RETURNED,
    BOND_OUTREACH,
    BOND_LAST_ASK,
    BOND_ASKS,
    BOND_NAMED,
    BOND_LATER,
    BOND_OPEN_ASK,
    BOND_TIER_SEQUENCE,
};

/* The numbers of a repeated field, packed or one by one; false when there are more than there is room for. */
static bool add_numbers(const struct wire_field *field, struct today_bond *read)
{
    Vouch__V1__Bond *bond = &read->bond;
    bool packed = field->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    struct wire_reader reader = {field->data, packed ? field->size : 0};
    uint64_t value = field->value;
    while (!packed || reader.left > 0) {
        if (packed && !wire_read_varint(&reader, &value)) {
            return false;
        }
        size_t *count = field->number == BOND_RETURNED ? &bond->n_returned : &bond->n_outreach_ms;
        if (*count == OUTREACHES_KEPT) {
            return false;
        }
        if (field->number == BOND_RETURNED) {
            read->returned[(*count)++] = value != 0;
        } else {
            read->outreach_ms[(*count)++] = (int64_t)value;
        }
        if (!packed) {
            break;
        }
    }
    return true;
}

/* Where a number of 64 bits goes; 0: it is none of them. */
static const size_t places[] = {
#define PLACE(field) offsetof(Vouch__V1__Bond, field)
    [BOND_MEMBER] = PLACE(member),
    [BOND_CONTACT] = PLACE(contact),
    [BOND_SINCE] = PLACE(since_ms),
    [BOND_LAST_TWO_WAY] = PLACE(last_two_way_ms),
    [BOND_LAST_TOUCH] = PLACE(last_touch_ms),
    [BOND_AS_OF] = PLACE(as_of_ms),
    [BOND_OUT] = PLACE(out_micro),
    [BOND_IN] = PLACE(in_micro),
    [BOND_LAST_ASK] = PLACE(last_ask_ms),
    [BOND_LATER] = PLACE(later_ms),
    [BOND_OPEN_ASK] = PLACE(open_ask),
    [BOND_TIER_SEQUENCE] = PLACE(tier_sequence),
#undef PLACE
};

static bool take_field(const struct wire_field *field, struct today_bond *read)
{
    if (field->number < sizeof places / sizeof places[0] && places[field->number] != 0) {
        memcpy((uint8_t *)&read->bond + places[field->number], &field->value, sizeof field->value);
        return true;
    }
    switch (field->number) {
    case BOND_RETURNED:
    case BOND_OUTREACH:
        return add_numbers(field, read);
    case BOND_HAND_TIER:
        read->bond.hand_tier = (Vouch__V1__Tier)field->value;
        break;
    case BOND_ASKS:
        read->bond.asks = (uint32_t)field->value;
        break;
    case BOND_NAMED:
        read->bond.named = (uint32_t)field->value;
        break;
    default:
        break;
    }
    return true;
}

bool today_bond_read(struct slice value, struct today_bond *read)
{
    struct wire_reader reader = {value.data, value.size};
    struct wire_field field;
    vouch__v1__bond__init(&read->bond);
    read->bond.returned = read->returned;
    read->bond.outreach_ms = read->outreach_ms;
    while (reader.left > 0) {
        if (!wire_read_field(&reader, &field) || !take_field(&field, read)) {
            return false;
        }
    }
    return true;
}
