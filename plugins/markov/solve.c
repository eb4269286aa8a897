/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact solutions of a system of whole numbers: solved modulo one prime of 62 bits after the other, where numbers do
 * not grow, and put together by the Chinese remainder theorem until the product of the primes is above all that a
 * solution can be. A prime that divides a pivot is left out. */
#include "markov.h"

__extension__ typedef unsigned __int128 wide;

/* ---- numbers modulo a prime below 2^62 ---- */

static uint64_t mod_mul(uint64_t a, uint64_t b, uint64_t prime)
{
    return (uint64_t)((wide)a * b % prime);
}

static uint64_t mod_sub(uint64_t a, uint64_t b, uint64_t prime)
{
    return a >= b ? a - b : a + prime - b;
}

static uint64_t mod_add(uint64_t a, uint64_t b, uint64_t prime)
{
    uint64_t sum = a + b;
    return sum >= prime ? sum - prime : sum;
}

/* By Fermat: a^(prime - 2). */
static uint64_t mod_inverse(uint64_t a, uint64_t prime)
{
    uint64_t result = 1;
    for (uint64_t exponent = prime - 2; exponent > 0; exponent >>= 1) {
        if ((exponent & 1) != 0) {
            result = mod_mul(result, a, prime);
        }
        a = mod_mul(a, a, prime);
    }
    return result;
}

/* row -= factor * other. With floor(factor 2^64 / prime) known, a product needs no division (Shoup). */
static void row_subtract(uint64_t *row, const uint64_t *other, uint64_t factor, uint32_t count, uint64_t prime)
{
    uint64_t ratio = (uint64_t)(((wide)factor << 64) / prime);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t product = factor * other[i] - (uint64_t)((wide)ratio * other[i] >> 64) * prime;
        product = product >= prime ? product - prime : product;
        row[i] = mod_sub(row[i], product, prime);
    }
}

/* Inverts in place, by Gauss and Jordan, without exchanges: all leading minors of M are above 0. False when one is 0
 * modulo this prime. */
static bool mod_invert(uint64_t *matrix, uint32_t count, uint64_t prime, uint64_t *determinant)
{
    *determinant = 1;
    for (uint32_t k = 0; k < count; k++) {
        uint64_t *pivot_row = matrix + (size_t)k * count;
        uint64_t pivot = pivot_row[k];
        if (pivot == 0) {
            return false;
        }
        *determinant = mod_mul(*determinant, pivot, prime);
        uint64_t inverse = mod_inverse(pivot, prime);
        pivot_row[k] = 1;
        for (uint32_t j = 0; j < count; j++) {
            pivot_row[j] = mod_mul(pivot_row[j], inverse, prime);
        }
        for (uint32_t i = 0; i < count; i++) {
            uint64_t *row = matrix + (size_t)i * count;
            uint64_t factor = row[k];
            if (i != k && factor != 0) {
                row[k] = 0;
                row_subtract(row, pivot_row, factor, count, prime);
            }
        }
    }
    return true;
}

/* ---- solutions put together ---- */

struct remainders {
    uint64_t before[PARTIES_MAX];
    uint64_t after[PARTIES_MAX];
    uint64_t self[PARTIES_MAX];
};

static bool solve_modulo(const struct walk *walk, uint64_t prime, struct remainders *out)
{
    uint32_t count = walk->count;
    uint64_t determinant;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count; j++) {
            uint64_t moves = walk->moves[(size_t)i * count + j] % prime;
            walk->matrix[(size_t)i * count + j] = mod_sub(i == j ? walk->visits[i] % prime : 0, moves, prime);
        }
    }
    if (!mod_invert(walk->matrix, count, prime, &determinant)) {
        return false;
    }
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count; j++) {
            uint64_t entry = walk->matrix[(size_t)i * count + j];
            if (entry == 0) {
                continue;
            }
            entry = mod_mul(entry, determinant, prime);
            out->before[j] = mod_add(out->before[j], mod_mul(entry, walk->starts[i] % prime, prime), prime);
            out->after[i] = mod_add(out->after[i], mod_mul(entry, walk->wins[j] % prime, prime), prime);
            out->self[i] = i == j ? entry : out->self[i];
        }
    }
    return true;
}

/* value becomes the number below modulus * prime with this remainder that it was modulo `modulus`. `inverse` is that
 * of the modulus. */
static void put_together(mpz_t value, const mpz_t modulus, uint64_t inverse, uint64_t remainder, uint64_t prime)
{
    uint64_t step = mod_mul(mod_sub(remainder, mpz_fdiv_ui(value, prime), prime), inverse, prime);
    mpz_addmul_ui(value, modulus, step);
}

/* Above all that is solved: A[j,i] <= A[i,i] <= the product of all visits, for each row of M sums to at least 0, and
 * after[i] is det(M), at most that product, times a probability. */
static void bound_of(const struct walk *walk, mpz_t bound)
{
    mpz_set_ui(bound, 1);
    for (uint32_t i = 0; i < walk->count; i++) {
        mpz_mul_ui(bound, bound, walk->visits[i]);
    }
    mpz_t starts;
    mpz_init(starts);
    for (uint32_t i = 0; i < walk->count; i++) {
        mpz_add_ui(starts, starts, walk->starts[i]);
    }
    mpz_mul(bound, bound, starts);
    mpz_clear(starts);
}

void walk_solve(const struct walk *walk, mpz_t *before, mpz_t *after, mpz_t *self)
{
    struct remainders remainders;
    mpz_t bound, modulus, candidate;
    mpz_inits(bound, modulus, candidate, NULL);
    bound_of(walk, bound);
    mpz_set_ui(modulus, 1);
    mpz_set_ui(candidate, UINT64_C(1) << 61);
    while (mpz_cmp(modulus, bound) <= 0) {
        mpz_nextprime(candidate, candidate);
        uint64_t prime = mpz_get_ui(candidate);
        if (!solve_modulo(walk, prime, &remainders)) {
            continue;
        }
        uint64_t inverse = mod_inverse(mpz_fdiv_ui(modulus, prime), prime);
        for (uint32_t i = 0; i < walk->count; i++) {
            put_together(before[i], modulus, inverse, remainders.before[i], prime);
            put_together(after[i], modulus, inverse, remainders.after[i], prime);
            put_together(self[i], modulus, inverse, remainders.self[i], prime);
        }
        mpz_mul_ui(modulus, modulus, prime);
    }
    mpz_clears(bound, modulus, candidate, NULL);
}
