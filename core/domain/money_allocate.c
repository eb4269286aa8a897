/* SPDX-License-Identifier: Apache-2.0
 *
 * Dividing an amount over weights by largest remainder (LRM1), at once and step by step. The parts stay where they are
 * and no memory is used: who gets a spare unit is found by looking for the key of the last one that does, digit by
 * digit, as a radix sort would, in time that grows with the number of parts. */
#include "domain/money.h"

#include "base/check.h"
#include "domain/wide.h"

#include <string.h>

/* What decides who goes first among the remainders, largest first: remainder, earlier touch, smaller party. */
#define RANK_WORDS 3
#define DIGIT_BITS 4
#define DIGITS (1u << DIGIT_BITS)

/* The rank of the last part that gets a spare unit, and how many parts of exactly that rank get one. */
struct cut {
    uint64_t words[RANK_WORDS];
    size_t equals;
};

/* While spare units are handed out, a part's `minor` holds its remainder. */
static uint64_t rank_word(const struct money_part *part, int word)
{
    switch (word) {
    case 0:
        return (uint64_t)part->minor;
    case 1:
        return ~part->sequence;
    default:
        return ~part->party;
    }
}

/* Whether the part can still be the last one: it agrees with all that is known of the cut, whole words before `word`
 * and the bits of `mask` in that one. */
static bool is_candidate(const struct money_part *part, const struct cut *cut, int word, uint64_t mask)
{
    for (int i = 0; i < word; i++) {
        if (rank_word(part, i) != cut->words[i]) {
            return false;
        }
    }
    return ((rank_word(part, word) ^ cut->words[word]) & mask) == 0;
}

/* Takes over the leading bits in which all candidates agree; returns how many low bits are left, in whole digits. */
static int skip_common_bits(const struct money_part *parts, size_t count, struct cut *cut, int word)
{
    uint64_t common = 0;
    uint64_t different = 0;
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        if (is_candidate(&parts[i], cut, word, 0)) {
            uint64_t value = rank_word(&parts[i], word);
            common = found ? common : value;
            found = true;
            different |= value ^ common;
        }
    }
    CHECK(found);
    int bits = 0;
    while (bits < 64 && different >> bits != 0) {
        bits += DIGIT_BITS;
    }
    cut->words[word] = bits < 64 ? common >> bits << bits : 0;
    return bits;
}

/* Finds the next digit of the cut and lowers `wanted` by those that go before it; returns how many share that digit. */
static size_t find_digit(const struct money_part *parts, size_t count, struct cut *cut, int word, int shift,
                         size_t *wanted)
{
    size_t counts[DIGITS] = {0};
    uint64_t mask = shift + DIGIT_BITS < 64 ? UINT64_MAX << (shift + DIGIT_BITS) : 0;
    for (size_t i = 0; i < count; i++) {
        if (is_candidate(&parts[i], cut, word, mask)) {
            counts[rank_word(&parts[i], word) >> shift & (DIGITS - 1)]++;
        }
    }
    size_t digit = DIGITS - 1;
    while (counts[digit] < *wanted) {
        CHECK(digit > 0);
        *wanted -= counts[digit--];
    }
    cut->words[word] |= (uint64_t)digit << shift;
    return counts[digit];
}

static struct cut find_cut(const struct money_part *parts, size_t count, size_t wanted)
{
    struct cut cut = {{0}, 0};
    CHECK(wanted > 0 && wanted < count);
    for (int word = 0; word < RANK_WORDS; word++) {
        int shift = skip_common_bits(parts, count, &cut, word);
        while (shift > 0) {
            shift -= DIGIT_BITS;
            if (find_digit(parts, count, &cut, word, shift, &wanted) == wanted) {
                /* All that agree so far get a unit; what is not known of the cut is zero, so none is below it. */
                cut.equals = count;
                return cut;
            }
        }
    }
    cut.equals = wanted;
    return cut;
}

/* True for a part that gets a spare unit. Of parts with nothing to tell them apart those given first get theirs. */
static bool takes_unit(const struct money_part *part, struct cut *cut)
{
    for (int word = 0; word < RANK_WORDS; word++) {
        uint64_t value = rank_word(part, word);
        if (value != cut->words[word]) {
            return value > cut->words[word];
        }
    }
    if (cut->equals == 0) {
        return false;
    }
    cut->equals--;
    return true;
}

/* The weights add up to `sum`, above zero. */
static void allocate(int64_t total, struct money_part *parts, size_t count, int64_t sum)
{
    wide amount = total < 0 ? -(wide)total : total;
    wide spare = amount;
    for (size_t i = 0; i < count; i++) {
        wide product = amount * parts[i].weight;
        wide share = product / sum;
        parts[i].minor = (int64_t)(product - share * sum);
        spare -= share;
    }
    /* Parts without a remainder never get a unit, because more others than spare units have one. */
    CHECK(spare >= 0 && spare < (wide)count);
    struct cut cut = {{UINT64_MAX, UINT64_MAX, UINT64_MAX}, 0};
    if (spare > 0) {
        cut = find_cut(parts, count, (size_t)spare);
    }
    for (size_t i = 0; i < count; i++) {
        wide share = amount * parts[i].weight / sum;
        if (spare > 0 && takes_unit(&parts[i], &cut)) {
            share++;
        }
        parts[i].minor = (int64_t)(total < 0 ? -share : share);
    }
}

bool money_allocate(int64_t total, struct money_part *parts, size_t count)
{
    wide sum = 0;
    for (size_t i = 0; i < count; i++) {
        CHECK(parts[i].weight >= 0);
        sum += parts[i].weight;
        parts[i].minor = 0;
    }
    CHECK(sum <= INT64_MAX);
    if (sum == 0) {
        return false;
    }
    allocate(total, parts, count, (int64_t)sum);
    return true;
}

bool money_allocate_step(int64_t total, const struct money_part *parts, const int64_t *earlier,
                         struct money_part *steps, size_t count)
{
    wide given = 0;
    wide due = 0;
    memcpy(steps, parts, count * sizeof *parts);
    if (total < 0 || !money_allocate(total, steps, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        CHECK(earlier[i] >= 0);
        int64_t step = steps[i].minor - earlier[i];
        steps[i].weight = step > 0 ? step : 0;
        given += earlier[i];
        due += steps[i].weight;
    }
    if (due == 0 || given >= total) {
        for (size_t i = 0; i < count; i++) {
            steps[i].minor = 0;
        }
        return true;
    }
    /* Due is as much as is new, unless a part got a unit too many before; and at most the total. */
    allocate((int64_t)(total - given), steps, count, (int64_t)due);
    return true;
}

bool money_refund_step(int64_t paid, int64_t refunded, const struct money_part *parts, const int64_t *earlier,
                       struct money_part *steps, size_t count)
{
    wide sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += parts[i].weight;
    }
    if (paid <= 0 || refunded < 0 || refunded > paid || sum > INT64_MAX) {
        return false;
    }
    if (sum == 0) {
        memcpy(steps, parts, count * sizeof *parts);
        return true;
    }
    return money_allocate_step((int64_t)wide_divide_half_even(sum * refunded, paid), parts, earlier, steps, count);
}
