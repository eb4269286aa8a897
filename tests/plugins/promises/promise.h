/* SPDX-License-Identifier: Apache-2.0
 *
 * Plugins that look from the inside whether what vouch-plugin(3) promises is so, and say which promise is broken. */
#ifndef VOUCH_TESTS_PLUGINS_PROMISE_H
#define VOUCH_TESTS_PLUGINS_PROMISE_H

#include "vouch_plugin.h"

#include <stddef.h>
#include <stdint.h>

/* Ends the call with the broken promise as its sentence. */
#define PROMISE(services, condition)                                                                                   \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (services)->explain(services, "broken: " #condition);                                                      \
            return VOUCH_ANSWER_FAILED;                                                                                \
        }                                                                                                              \
    } while (0)

/* Whether all bytes are that one. */
int promise_all(const void *memory, size_t size, unsigned char byte);

/* The thread that ran the constructor of the shared object, and the one that runs. */
long promise_first_thread(void);
long promise_thread(void);

#endif
