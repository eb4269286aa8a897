/* SPDX-License-Identifier: Apache-2.0
 *
 * Protobuf messages from outside: unpacked into an arena (bounded) and checked by one walk over their descriptors,
 * because protobuf-c checks neither UTF-8 nor embedded NUL nor enum ranges nor depth. The walk reads the wire bytes
 * before protobuf-c does: afterwards a string is already cut at its NUL. Any thread, one at a time per arena. */
#ifndef VOUCH_BASE_MESSAGE_H
#define VOUCH_BASE_MESSAGE_H

#include "base/arena.h"
#include "base/status.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Unpacks and validates. The message lives in the arena and is never freed by itself. INVALID names the field and the
 * rule; TOO_LARGE when the arena's budget is used up. Field rules (longest string, mandatory, exact size) come from
 * proto/fields.def; a string without a rule there is held to 2,000 bytes. */
enum vouch_status message_unpack(const ProtobufCMessageDescriptor *type, size_t size, const void *bytes,
                                 struct arena *arena, const ProtobufCMessage **message,
                                 struct status_text *why) MUST_USE;

/* Finds what a message that may be broken says in a top-level field before it breaks, so that it can be answered by its
 * id and version. False when there is no such field. The bytes are the caller's. */
bool message_peek_bytes(size_t size, const void *bytes, uint32_t field, const uint8_t **data, size_t *length);
bool message_peek_number(size_t size, const void *bytes, uint32_t field, uint64_t *number);

/* The validating walk alone, for a message made in memory. */
enum vouch_status message_validate(const ProtobufCMessage *message, struct status_text *why) MUST_USE;

/* Unpacks bytes that the broker itself wrote (the store): into the arena, without field rules. NULL when they are no
 * such message or past the budget. */
const ProtobufCMessage *message_unpack_own(const ProtobufCMessageDescriptor *type, size_t size, const void *bytes,
                                           struct arena *arena);

/* Packs into the arena; NULL past its budget. */
void *message_pack(const ProtobufCMessage *message, struct arena *arena, size_t *size);

#endif
