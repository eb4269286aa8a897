/* SPDX-License-Identifier: Apache-2.0
 *
 * 128-bit numbers between two 64-bit ones: what a product of money and a rate is kept in until it is divided. Used
 * inside the files of money only; no header that others include shows one. Pure. */
#ifndef VOUCH_DOMAIN_WIDE_H
#define VOUCH_DOMAIN_WIDE_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 wide;

/* Basis points in a whole. */
#define BPS_WHOLE 10000

/* number / divisor, a half to the even neighbour. The divisor is above zero and below 2^126. */
static inline wide wide_divide_half_even(wide number, wide divisor)
{
    wide quotient = number / divisor;
    wide rest = number % divisor;
    wide twice = rest < 0 ? -rest * 2 : rest * 2;
    if (twice > divisor || (twice == divisor && quotient % 2 != 0)) {
        quotient += number < 0 ? -1 : 1;
    }
    return quotient;
}

/* Stores what fits 64 bits; false when it does not. */
static inline bool wide_store(wide number, int64_t *result)
{
    *result = (int64_t)number;
    return *result == number;
}

#endif
