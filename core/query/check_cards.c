/* SPDX-License-Identifier: Apache-2.0
 *
 * Cards: every version of each is there, and the newest is the member's own. */
#include "base/message.h"
#include "query/checking.h"

#include <string.h>

static uint32_t version_of(struct slice key)
{
    const uint8_t *bytes = (const uint8_t *)key.data + sizeof(uint64_t);
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void check_row(struct check *check, struct slice key, struct slice value)
{
    uint64_t member = slice_u64(key, 0);
    uint32_t version = version_of(key);
    const Vouch__V1__Card *card = (const void *)message_unpack_own(&vouch__v1__card__descriptor, value.size, value.data,
                                                                   check->arena);
    if (card == NULL || card->version != version) {
        finding(check, "version %u of the card of member %" PRIu64 " cannot be read", version, member);
    }
    struct key before = key_card(member, version - 1);
    struct slice found;
    if (version > 1 && !table_get(check->view, TABLE_CARD, key_slice(&before), &found)) {
        finding(check, "version %u of the card of member %" PRIu64 " is not there", version - 1, member);
    }
    const Vouch__V1__Member *owner = record_member(check->view, member, check->arena);
    if (owner == NULL || owner->card == NULL || owner->card->version < version) {
        finding(check, "version %u of the card of member %" PRIu64 " is none of theirs", version, member);
    }
}

/* The member's card is the newest version of it, to the byte. */
static void check_newest(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Member *member = record_member(check->view, id, check->arena);
    if (member == NULL || member->card == NULL) {
        return;
    }
    struct key row = key_card(id, member->card->version);
    struct slice found;
    size_t size = 0;
    const void *packed = message_pack(&member->card->base, check->arena, &size);
    if (!table_get(check->view, TABLE_CARD, key_slice(&row), &found) || packed == NULL || found.size != size ||
        memcmp(found.data, packed, size) != 0) {
        finding(check, "the card of member %" PRIu64 " is not its newest version", id);
    }
}

void check_cards(struct check *check)
{
    for_each_row(check, TABLE_CARD, check_row);
    for_each_row(check, TABLE_MEMBER, check_newest);
}
