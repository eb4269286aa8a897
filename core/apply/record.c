/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout of the derived tables' rows. */
#include "apply/record.h"

#include "base/check.h"
#include "base/message.h"
#include "base/wire.h"

#include <endian.h>
#include <string.h>

/* Numbers of fields in types.proto; test_apply.c compares them with the descriptors. */
#define FIELD_NAME 2 /* of Member and Company */
#define FIELD_CONTACT_PERSONAL 4
#define FIELD_CONTACT_MERGED_INTO 8
#define FIELD_PERSONAL_NAME 1

const void *record_get(const struct view *view, enum table table, uint64_t id, const ProtobufCMessageDescriptor *type,
                       struct arena *arena)
{
    struct key key = key_u64(id);
    struct slice value;
    if (id == 0 || !table_get(view, table, key_slice(&key), &value)) {
        return NULL;
    }
    return message_unpack_own(type, value.size, value.data, arena);
}

const Vouch__V1__Member *record_member(const struct view *view, uint64_t id, struct arena *arena)
{
    return record_get(view, TABLE_MEMBER, id, &vouch__v1__member__descriptor, arena);
}

const Vouch__V1__Company *record_company(const struct view *view, uint64_t id, struct arena *arena)
{
    return record_get(view, TABLE_COMPANY, id, &vouch__v1__company__descriptor, arena);
}

const Vouch__V1__Contact *record_contact(const struct view *view, uint64_t id, struct arena *arena)
{
    return record_get(view, TABLE_CONTACT, id, &vouch__v1__contact__descriptor, arena);
}

const Vouch__V1__Referral *record_referral(const struct view *view, uint64_t id, struct arena *arena)
{
    return record_get(view, TABLE_REFERRAL, id, &vouch__v1__referral__descriptor, arena);
}

const Vouch__V1__Merge *record_merge(const struct view *view, uint64_t id, struct arena *arena)
{
    return record_get(view, TABLE_MERGE, id, &vouch__v1__merge__descriptor, arena);
}

/* The bytes of a length-prefixed field; false when the message does not have it. */
static bool field_find(struct slice message, uint32_t number, struct slice *found)
{
    struct wire_reader reader = {message.data, message.size};
    struct wire_field field;
    while (wire_read_field(&reader, &field)) {
        if (field.number == number && field.type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
            *found = (struct slice){field.data, field.size};
            return true;
        }
    }
    return false;
}

/* What a contact was merged into, without unpacking the rest; 0: nothing. */
static uint64_t merged_into(const struct view *view, uint64_t contact)
{
    struct key key = key_u64(contact);
    struct slice value;
    if (contact == 0 || !table_get(view, TABLE_CONTACT, key_slice(&key), &value)) {
        return 0;
    }
    struct wire_reader reader = {value.data, value.size};
    struct wire_field field;
    while (wire_read_field(&reader, &field)) {
        if (field.number == FIELD_CONTACT_MERGED_INTO) {
            return field.value;
        }
    }
    return 0;
}

uint64_t record_contact_self(const struct view *view, uint64_t contact)
{
    size_t steps = 0;
    for (uint64_t into = merged_into(view, contact); into != 0; into = merged_into(view, into)) {
        CHECK(++steps < LIMIT_CONTACT_FAMILY); /* a family is a tree no larger than that */
        contact = into;
    }
    return contact;
}

size_t record_contact_family(const struct view *view, uint64_t self, uint64_t family[LIMIT_CONTACT_FAMILY],
                             struct arena *arena)
{
    size_t count = 1;
    family[0] = self;
    for (size_t i = 0; i < count; i++) {
        const Vouch__V1__Contact *contact = record_contact(view, family[i], arena);
        for (size_t j = 0; contact != NULL && j < contact->n_merged; j++) {
            CHECK(count < LIMIT_CONTACT_FAMILY);
            family[count++] = contact->merged[j];
        }
    }
    return count;
}

const char *record_name(const struct view *view, enum table table, uint64_t id, struct arena *arena)
{
    CHECK(table == TABLE_MEMBER || table == TABLE_COMPANY || table == TABLE_CONTACT);
    struct key key = key_u64(id);
    struct slice value;
    if (id == 0 || !table_get(view, table, key_slice(&key), &value)) {
        return "";
    }
    if (table == TABLE_CONTACT && !field_find(value, FIELD_CONTACT_PERSONAL, &value)) {
        return "";
    }
    if (!field_find(value, table == TABLE_CONTACT ? FIELD_PERSONAL_NAME : FIELD_NAME, &value)) {
        return "";
    }
    char *name = arena_alloc(arena, value.size + 1);
    return name == NULL ? "" : memcpy(name, value.data, value.size);
}

const Vouch__V1__Event *record_event(const struct view *view, uint64_t sequence, struct arena *arena)
{
    struct slice bytes;
    if (!journal_get(view, sequence, &bytes)) {
        return NULL;
    }
    const void *event = message_unpack_own(&vouch__v1__event__descriptor, bytes.size, bytes.data, arena);
    return event;
}

bool record_exists(const struct view *view, enum table table, uint64_t id)
{
    struct key key = key_u64(id);
    struct slice value;
    return id != 0 && table_get(view, table, key_slice(&key), &value);
}

void record_put_key(struct view *view, enum table table, const struct key *key, const ProtobufCMessage *message,
                    struct arena *arena)
{
    struct slice value;
    value.data = message_pack(message, arena, &value.size);
    CHECK(value.data != NULL);
    table_put(view, table, key_slice(key), value);
}

void record_put(struct view *view, enum table table, uint64_t id, const ProtobufCMessage *message, struct arena *arena)
{
    CHECK(id != 0);
    struct key key = key_u64(id);
    record_put_key(view, table, &key, message, arena);
}

int64_t number_read(struct slice value)
{
    uint64_t little;
    CHECK(value.size == sizeof little);
    memcpy(&little, value.data, sizeof little);
    return (int64_t)le64toh(little);
}

int64_t number_get(const struct view *view, enum table table, const struct key *key)
{
    struct slice value;
    return table_get(view, table, key_slice(key), &value) ? number_read(value) : 0;
}

void number_put(struct view *view, enum table table, const struct key *key, int64_t number)
{
    uint64_t little = htole64((uint64_t)number);
    table_put(view, table, key_slice(key), (struct slice){&little, sizeof little});
}

struct key key_referral_member(uint64_t member, enum referral_party party, Vouch__V1__ReferralState state, uint64_t id)
{
    struct key key = key_u64(member);
    key_add_u8(&key, (uint8_t)party);
    key_add_u8(&key, (uint8_t)state);
    key_add_u64(&key, id);
    return key;
}

struct key key_manager(uint64_t company, const char *team, uint64_t member)
{
    struct key key = key_u64(company);
    key_add_bytes(&key, team, strlen(team) + 1);
    key_add_u64(&key, member);
    return key;
}

static struct key key_u64_u32(uint64_t first, uint32_t second)
{
    struct key key = key_u64(first);
    uint32_t big = htobe32(second);
    key_add_bytes(&key, &big, sizeof big);
    return key;
}

struct key key_obligation(uint64_t member, uint32_t day)
{
    return key_u64_u32(member, day);
}

struct obligation obligation_read(struct slice value)
{
    uint32_t little[2];
    CHECK(value.size == sizeof little);
    memcpy(little, value.data, sizeof little);
    return (struct obligation){le32toh(little[0]), le32toh(little[1])};
}

uint32_t obligation_day(struct slice key)
{
    uint32_t big;
    CHECK(key.size == 8 + sizeof big);
    memcpy(&big, (const uint8_t *)key.data + 8, sizeof big);
    return be32toh(big);
}

void obligation_add(struct view *view, uint64_t member, uint32_t day, struct obligation add)
{
    struct slice value;
    struct key key = key_obligation(member, day);
    struct obligation sum = {0, 0};
    if (table_get(view, TABLE_OBLIGATION, key_slice(&key), &value)) {
        sum = obligation_read(value);
    }
    uint32_t little[2] = {htole32(sum.kept + add.kept), htole32(sum.missed + add.missed)};
    table_put(view, TABLE_OBLIGATION, key_slice(&key), (struct slice){little, sizeof little});
}

struct key key_quota(uint64_t member, uint32_t year)
{
    return key_u64_u32(member, year);
}

struct key key_due(int64_t due_ms, uint8_t kind, uint64_t id)
{
    CHECK(due_ms >= 0);
    struct key key = key_u64((uint64_t)due_ms);
    key_add_u8(&key, kind);
    key_add_u64(&key, id);
    return key;
}

struct key key_command(const uint8_t command_id[16], uint64_t member)
{
    struct key key;
    key_start(&key);
    key_add_bytes(&key, command_id, 16);
    key_add_u64(&key, member);
    return key;
}

struct key key_card(uint64_t member, uint32_t version)
{
    struct key key = key_u64(member);
    uint32_t big_endian = htobe32(version);
    key_add_bytes(&key, &big_endian, sizeof big_endian);
    return key;
}

struct key key_text(const char *text)
{
    struct key key;
    key_start(&key);
    key_add_bytes(&key, text, strlen(text));
    return key;
}

struct key key_note(uint64_t member, uint64_t contact, uint64_t sequence)
{
    struct key key = key_u64_u64(member, contact);
    key_add_u64(&key, sequence);
    return key;
}

struct key key_contact_origin(uint64_t member, const char *origin)
{
    struct key key = key_u64(member);
    key_add_bytes(&key, origin, strlen(origin));
    return key;
}

struct key key_contact_origin_of(uint64_t contact, uint64_t member, const char *origin)
{
    struct key key = key_u64_u64(contact, member);
    key_add_bytes(&key, origin, strlen(origin));
    return key;
}

struct key key_total(enum total_kind kind, const void *subject, size_t size)
{
    struct key key;
    key_start(&key);
    key_add_u8(&key, (uint8_t)kind);
    key_add_bytes(&key, subject, size);
    return key;
}

struct key key_segment(enum total_kind kind, uint64_t receiver, const char *industry)
{
    struct key key;
    key_start(&key);
    key_add_u8(&key, (uint8_t)kind);
    key_add_u64(&key, receiver);
    key_add_bytes(&key, industry, strlen(industry));
    return key;
}

struct key key_prior(uint64_t terms, uint64_t referrer, const char *currency, uint32_t year)
{
    CHECK(strlen(currency) == 3 && year <= UINT16_MAX);
    struct key key = key_total(TOTAL_PRIOR, currency, 3);
    key_add_u64(&key, terms);
    key_add_u64(&key, referrer);
    key_add_u8(&key, (uint8_t)(year >> 8));
    key_add_u8(&key, (uint8_t)year);
    return key;
}

struct key key_name_word(enum name_kind kind, const char *word, uint64_t id)
{
    struct key key;
    key_start(&key);
    key_add_u8(&key, (uint8_t)kind);
    key_add_bytes(&key, word, strlen(word));
    key_add_u8(&key, 0);
    key_add_u64(&key, id);
    return key;
}

bool key_holder_find(const struct view *view, const uint8_t public_key[32], uint64_t *member, enum key_kind *kind)
{
    struct slice value;
    if (!table_get(view, TABLE_MEMBER_KEY, (struct slice){public_key, 32}, &value)) {
        return false;
    }
    CHECK(value.size == 9);
    *member = slice_u64(value, 0);
    *kind = (enum key_kind)((const uint8_t *)value.data)[8];
    return true;
}

struct inbox_cursor inbox_cursor_get(const struct view *view, uint64_t member)
{
    struct key key = key_u64(member);
    struct slice value;
    if (!table_get(view, TABLE_INBOX_CURSOR, key_slice(&key), &value)) {
        return (struct inbox_cursor){0, 0};
    }
    CHECK(value.size == 16);
    return (struct inbox_cursor){slice_u64(value, 0), slice_u64(value, 8)};
}

const Vouch__V1__ReferralText *record_text(const struct view *view, ProtobufCBinaryData bytes, uint64_t contact,
                                           struct arena *arena)
{
    uint8_t key[32];
    struct slice plain = {bytes.data, bytes.len};
    if (bytes.len == 0) {
        return NULL;
    }
    if (contact != 0) {
        uint8_t *out = bytes.len < SEAL_OVERHEAD ? NULL : arena_alloc(arena, bytes.len - SEAL_OVERHEAD + 1);
        if (out == NULL || !view_person_key(view, contact, key) || !unseal(out, plain, contact, key)) {
            return NULL;
        }
        plain = (struct slice){out, bytes.len - SEAL_OVERHEAD};
    }
    const void *text = message_unpack_own(&vouch__v1__referral_text__descriptor, plain.size, plain.data, arena);
    return text;
}
