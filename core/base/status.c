/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and sentences of statuses, from the one table. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *status_name(enum vouch_status status)
{
    switch (status) {
#define STATUS(name, wire, exit, sentence)                                                                             \
    case VOUCH_##name:                                                                                                 \
        return #name;
#include "status.def"
#undef STATUS
    }
    return "?";
}

const char *status_sentence(enum vouch_status status)
{
    switch (status) {
#define STATUS(name, wire, exit, sentence)                                                                             \
    case VOUCH_##name:                                                                                                 \
        return sentence;
#include "status.def"
#undef STATUS
    }
    return "a status this version does not know";
}

enum vouch_status status_set(struct status_text *why, enum vouch_status status, const char *format, ...)
{
    if (why == NULL) {
        return status;
    }
    va_list args;
    va_start(args, format);
    int length = vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    if (length >= (int)sizeof why->text) {
        /* Step back over continuation bytes, and over the lead byte they belonged to. */
        size_t end = sizeof why->text - 1;
        while (end > 0 && ((unsigned char)why->text[end - 1] & 0xC0) == 0x80) {
            end--;
        }
        if (end > 0 && ((unsigned char)why->text[end - 1] & 0x80) != 0) {
            end--;
        }
        why->text[end] = '\0';
    }
    return status;
}
