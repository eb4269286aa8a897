/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealing: what comes back, and that nothing else does. */
#include "store/store.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

static const uint8_t key[32] = {1, 2, 3};
static const uint8_t nonce[24] = {9, 8, 7};

Test(seal, opens_with_its_key_and_contact_only)
{
    const char plain[] = "Ada Lovelace, ada@example.org";
    uint8_t sealed[sizeof plain + SEAL_OVERHEAD];
    uint8_t opened[sizeof plain];
    uint8_t wrong[32] = {1, 2, 4};
    seal(sealed, plain, sizeof plain, 42, key, nonce);
    cr_assert(unseal(opened, (struct slice){sealed, sizeof sealed}, 42, key));
    cr_assert_eq(memcmp(opened, plain, sizeof plain), 0);
    cr_assert_not(unseal(opened, (struct slice){sealed, sizeof sealed}, 43, key), "another person's");
    cr_assert_not(unseal(opened, (struct slice){sealed, sizeof sealed}, 42, wrong), "another key");
    cr_assert_null(memmem(sealed, sizeof sealed, "Lovelace", 8));
}

Test(seal, notices_every_changed_byte_and_every_cut)
{
    const char plain[] = "x";
    uint8_t sealed[sizeof plain + SEAL_OVERHEAD];
    uint8_t opened[sizeof sealed];
    seal(sealed, plain, sizeof plain, 1, key, nonce);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 0x10;
        cr_assert_not(unseal(opened, (struct slice){sealed, sizeof sealed}, 1, key), "byte %zu", i);
        sealed[i] ^= 0x10;
    }
    for (size_t size = 0; size < sizeof sealed; size++) {
        cr_assert_not(unseal(opened, (struct slice){sealed, size}, 1, key), "cut at %zu", size);
    }
    cr_assert(unseal(opened, (struct slice){sealed, sizeof sealed}, 1, key));
}

Test(seal, of_nothing)
{
    uint8_t sealed[SEAL_OVERHEAD];
    uint8_t opened[1];
    seal(sealed, "", 0, 1, key, nonce);
    cr_assert(unseal(opened, (struct slice){sealed, sizeof sealed}, 1, key));
}

Test(seal, format_is_nonce_then_ietf_xchacha20poly1305)
{
    const uint8_t contact_be[8] = {0, 0, 0, 0, 0, 0, 1, 2};
    uint8_t sealed[5 + SEAL_OVERHEAD];
    uint8_t expected[5 + 16];
    seal(sealed, "hello", 5, 0x0102, key, nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(expected, NULL, (const uint8_t *)"hello", 5, contact_be,
                                               sizeof contact_be, NULL, nonce, key);
    cr_assert_eq(memcmp(sealed, nonce, sizeof nonce), 0);
    cr_assert_eq(memcmp(sealed + sizeof nonce, expected, sizeof expected), 0);
}
