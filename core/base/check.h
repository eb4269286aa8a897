/* SPDX-License-Identifier: Apache-2.0
 *
 * Assertions that stay in release builds. A broken invariant means that memory or logic cannot be trusted any
 * more, and a broker that goes on could acknowledge what it will lose; so it says what broke and stops. The
 * journal holds all that was acknowledged. */
#ifndef VOUCH_BASE_CHECK_H
#define VOUCH_BASE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* Logs the broken invariant and aborts. */
_Noreturn void check_failed(const char *file, int line, const char *function, const char *condition);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (__builtin_expect(!(condition), 0)) {                                                                       \
            check_failed(__FILE__, __LINE__, __func__, #condition);                                                    \
        }                                                                                                              \
    } while (0)

/* Long-lived structs carry a magic number as their first field, checked on entry. */
#define CHECK_MAGIC(object, number) CHECK((object) != NULL && (object)->magic == (number))

#endif
