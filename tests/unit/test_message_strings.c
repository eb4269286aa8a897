/* SPDX-License-Identifier: Apache-2.0
 *
 * Published hostile strings through the check of messages: vectors of valid and invalid UTF-8, and naughty names. They
 * are no part of this tree; without them the tests are skipped and say so. */
#include "wire_bytes.h"

#include <jansson.h>
#include <stdio.h>

#define DATA "../shared/data/strings/"

enum { CONTACT = 23, FIND = 28 };

TestSuite(message_strings, .init = set_up, .fini = tear_down);

static FILE *open_data(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        cr_skip("%s is not there", path);
    }
    return file;
}

/* The published vectors: each line says "number:valid:bytes" or "number:invalid:bytes". */
Test(message_strings, utf8_vectors)
{
    FILE *file = open_data(DATA "utf8tests/utf8tests.bin");
    char *line = NULL;
    size_t room = 0;
    size_t tried = 0;
    for (ssize_t length; (length = getline(&line, &room, file)) > 0; tried++) {
        length -= line[length - 1] == '\n';
        char *kind = memchr(line, ':', (size_t)length);
        cr_assert_not_null(kind);
        char *text = memchr(kind + 1, ':', (size_t)(line + length - kind - 1));
        cr_assert_not_null(text);
        bool valid = strncmp(kind, ":valid:", 7) == 0;
        const ProtobufCMessage *message;
        struct bytes *body = find_text(text + 1, (size_t)(line + length - text - 1));
        struct bytes *request = request_of(FIND, body);
        enum vouch_status status = unpack(&vouch__v1__request__descriptor, request, &message);
        bool called_invalid = status == VOUCH_INVALID && strstr(why.text, "is not UTF-8") != NULL;
        if (memchr(text, '\0', (size_t)(line + length - text)) != NULL) {
            called_invalid = !valid && status == VOUCH_INVALID; /* the NUL may be named first */
        }
        cr_expect_eq(called_invalid, !valid, "%.12s: %s", line, why.text);
        free(request);
        free(body);
    }
    cr_assert_geq(tried, 200);
    free(line);
    fclose(file);
}

static bool has_control(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        unsigned char next = (unsigned char)(i + 1 < size ? text[i + 1] : 0);
        bool line_end = byte == 0xE2 && next == 0x80 && ((unsigned char)text[i + 2] & 0xFE) == 0xA8;
        if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next >= 0x80 && next < 0xA0) || line_end) {
            return true;
        }
    }
    return false;
}

/* Every naughty string as a person's name: taken whole and unchanged, or refused for a reason that holds. */
Test(message_strings, naughty_names)
{
    FILE *file = open_data(DATA "blns.json");
    json_error_t error;
    json_t *strings = json_loadf(file, JSON_ALLOW_NUL, &error);
    fclose(file);
    cr_assert_not_null(strings, "%s", error.text);
    cr_assert_geq(json_array_size(strings), 500);
    for (size_t i = 0; i < json_array_size(strings); i++) {
        const char *name = json_string_value(json_array_get(strings, i));
        size_t size = json_string_length(json_array_get(strings, i));
        struct bytes person = {0};
        add_data(&person, 1, name, size);
        struct bytes *body = empty();
        add_data(body, 2, person.data, person.size);
        struct bytes *request = request_of(CONTACT, body);
        const ProtobufCMessage *message;
        enum vouch_status status = unpack(&vouch__v1__request__descriptor, request, &message);
        bool refuse = size > 200 || has_control(name, size);
        cr_expect_eq(status, refuse ? VOUCH_INVALID : VOUCH_OK, "%zu: %s", i, why.text);
        if (status == VOUCH_OK) {
            cr_expect_str_eq(((const Vouch__V1__Request *)message)->contact_add->personal->name, name);
        }
        free(request);
        free(body);
    }
    json_decref(strings);
}
