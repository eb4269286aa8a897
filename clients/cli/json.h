/* SPDX-License-Identifier: Apache-2.0
 *
 * Protobuf messages as JSON by one walk over their descriptors: 64-bit integers as strings, bytes as base64, enums by
 * name, fields that are not set left out of oneofs only. docs/protocol.md's mapping. */
#ifndef VOUCH_CLI_JSON_H
#define VOUCH_CLI_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/* A new reference. Text that is not UTF-8 is refused by the library before it comes here. */
json_t *json_of_message(const ProtobufCMessage *message);

/* Prints and frees; answers 0. */
int json_print(json_t *json);

#endif
