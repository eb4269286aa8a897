/* SPDX-License-Identifier: Apache-2.0
 *
 * The operations table. */
#include "dispatch/operation.h"

#include <stddef.h>

static const struct operation operations[] = {
#define OPERATION(NAME, field, number, kind, advice, roles, sentence)                                                  \
    {VOUCH__V1__REQUEST__OPERATION_##NAME, #field, kind, advice, roles},
#include "dispatch/operations.def"
#undef OPERATION
};

const struct operation *operation_find(Vouch__V1__Request__OperationCase number)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (operations[i].number == number) {
            return &operations[i];
        }
    }
    return NULL;
}
