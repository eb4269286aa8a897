/* SPDX-License-Identifier: Apache-2.0
 *
 * Personal data sealed under its person's key: nonce, ciphertext, tag. Destroying the key erases the person from every
 * event, which is why nothing else may hold it. */
#include "base/check.h"
#include "store/store.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

_Static_assert(SEAL_OVERHEAD ==
                   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "the overhead is nonce and tag");

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

void seal(uint8_t *out, const void *plain, size_t size, uint64_t contact, const uint8_t key[32],
          const uint8_t nonce[24])
{
    uint64_t owner = htobe64(contact);
    unsigned long long sealed_size = 0;
    memcpy(out, nonce, NONCE_BYTES);
    int failed = crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_BYTES, &sealed_size, plain, size,
                                                            (const uint8_t *)&owner, sizeof owner, NULL, nonce, key);
    CHECK(failed == 0 && sealed_size == size + SEAL_OVERHEAD - NONCE_BYTES);
}

bool unseal(uint8_t *out, struct slice sealed, uint64_t contact, const uint8_t key[32])
{
    if (sealed.size < SEAL_OVERHEAD) {
        return false;
    }
    const uint8_t *bytes = sealed.data;
    uint64_t owner = htobe64(contact);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, bytes + NONCE_BYTES, sealed.size - NONCE_BYTES,
                                                      (const uint8_t *)&owner, sizeof owner, bytes, key) == 0;
}
