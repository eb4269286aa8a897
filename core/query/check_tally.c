/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums by key between the walks of the check, in memory. */
#include "base/check.h"
#include "query/checking.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define NAME_BYTES 32

struct tally_row {
    uint8_t name[NAME_BYTES]; /* tally, then the key */
    int64_t number;
    UT_hash_handle hh;
};

static const char *const tallies[] = {
    [TALLY_READY] = "approved lines that no row of ready has",
    [TALLY_LINES] = "lines on a statement that is not there",
    [TALLY_HELD] = "disputes about a statement that is not there",
    [TALLY_SENT] = "sent lines of a statement that is not there",
    [TALLY_SETTLED] = "settled lines of a statement that is not there",
    [TALLY_STATEMENTS] = "statements of a period that is not closed",
    [TALLY_ACC] = "accrued lines of an account that is not there",
    [TALLY_APP] = "approved lines of an account that is not there",
    [TALLY_PAY] = "payable statements of an account that is not there",
    [TALLY_CLR] = "payouts of an account that is not there",
    [TALLY_DISPUTED] = "disputes about an account that is not there",
    [TALLY_KEPT] = "kept obligations of a day that is not there",
    [TALLY_MISSED] = "missed obligations of a day that is not there",
};

static struct tally_row *find(struct check *check, enum tally tally, const struct key *key, uint8_t name[NAME_BYTES])
{
    struct tally_row *row = NULL;
    CHECK(key->size < NAME_BYTES);
    memset(name, 0, NAME_BYTES);
    name[0] = (uint8_t)tally;
    memcpy(name + 1, key->bytes, key->size);
    HASH_FIND(hh, check->tallies, name, NAME_BYTES, row);
    return row;
}

void tally_add(struct check *check, enum tally tally, const struct key *key, int64_t number)
{
    uint8_t name[NAME_BYTES];
    struct tally_row *row = number == 0 ? NULL : find(check, tally, key, name);
    if (number != 0 && row == NULL) {
        row = calloc(1, sizeof *row);
        CHECK(row != NULL);
        memcpy(row->name, name, sizeof row->name);
        HASH_ADD(hh, check->tallies, name, NAME_BYTES, row);
    }
    if (row != NULL) {
        row->number += number;
    }
}

int64_t tally_take(struct check *check, enum tally tally, const struct key *key)
{
    uint8_t name[NAME_BYTES];
    struct tally_row *row = find(check, tally, key, name);
    int64_t number = row == NULL ? 0 : row->number;
    if (row != NULL) {
        HASH_DEL(check->tallies, row);
        free(row);
    }
    return number;
}

void tally_end(struct check *check)
{
    struct tally_row *row, *next;
    HASH_ITER(hh, check->tallies, row, next)
    {
        if (row->number != 0) {
            finding(check, "there are %s: %" PRId64, tallies[row->name[0]], row->number);
        }
        HASH_DEL(check->tallies, row);
        free(row);
    }
}
