/* SPDX-License-Identifier: Apache-2.0
 *
 * The counters and their names. */
#include "base/counters.h"

_Atomic uint64_t counter_values[COUNT_END];

const char *counter_name(enum counter counter)
{
    static const char *const names[] = {
#define COUNTER(name, what) #name,
#include "base/counters.def"
#undef COUNTER
    };
    return names[counter];
}
