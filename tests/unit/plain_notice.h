/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of an inbox, made the plain way, to compare with the broker's (query/notice.c). */
#ifndef VOUCH_TESTS_PLAIN_NOTICE_H
#define VOUCH_TESTS_PLAIN_NOTICE_H

#include "base/arena.h"
#include "store/store.h"
#include "vouch/v1/types.pb-c.h"

/* As notice_make. */
Vouch__V1__Notice *plain_notice(const struct view *view, uint64_t member, uint64_t inbox_sequence, uint64_t sequence,
                                struct arena *arena);

#endif
