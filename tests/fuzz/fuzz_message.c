/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages from outside: whatever message_unpack takes is also valid in memory, packs within its bounds, and is taken
 * again with the same bytes. The first byte chooses the type. */
#include "base/check.h"
#include "base/limits.h"
#include "base/message.h"
#include "fuzz.h"
#include "vouch/v1/event.pb-c.h"
#include "vouch/v1/wire.pb-c.h"

#include <string.h>

static const ProtobufCMessageDescriptor *const types[] = {
    &vouch__v1__request__descriptor,
    &vouch__v1__from_broker__descriptor,
    &vouch__v1__event__descriptor,
};

/* Fields of later versions are kept by unpacking, so the second packing equals the first. */
static void check_again(const ProtobufCMessageDescriptor *type, const ProtobufCMessage *message, struct arena *arena)
{
    size_t first_size;
    size_t second_size;
    const ProtobufCMessage *again;
    struct status_text why;
    void *first = message_pack(message, arena, &first_size);
    if (first == NULL || message_unpack(type, first_size, first, arena, &again, &why) == VOUCH_TOO_LARGE) {
        return;
    }
    CHECK(again != NULL);
    void *second = message_pack(again, arena, &second_size);
    CHECK(second == NULL || (second_size == first_size && memcmp(first, second, first_size) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const ProtobufCMessageDescriptor *type = types[data[0] % 3];
    struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    const ProtobufCMessage *message;
    struct status_text why = {0};
    enum vouch_status status = message_unpack(type, size - 1, data + 1, arena, &message, &why);
    CHECK((status == VOUCH_OK) == (message != NULL));
    CHECK((status == VOUCH_OK) == (why.text[0] == '\0'));
    CHECK(arena_used(arena) <= LIMIT_REQUEST_ARENA_BYTES);
    if (status == VOUCH_OK) {
        CHECK(message_validate(message, &why) == VOUCH_OK);
        check_again(type, message, arena);
    }
    arena_free(&arena);
    return 0;
}
