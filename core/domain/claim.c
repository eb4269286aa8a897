/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and receipts of claims. */
#include "domain/claim.h"

#include "domain/names.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

bool claim_product_key(struct arena *arena, const char *product, uint64_t *key)
{
    *key = 0;
    if (product[0] == '\0') {
        return true;
    }
    const char *folded = name_fold(arena, product);
    uint8_t digest[crypto_generichash_BYTES_MIN];
    if (folded == NULL) {
        return false;
    }
    crypto_generichash(digest, sizeof digest, (const uint8_t *)folded, strlen(folded), NULL, 0);
    memcpy(key, digest, sizeof *key);
    *key = le64toh(*key);
    *key = *key == 0 ? 1 : *key;
    return true;
}

void claim_receipt(const uint8_t store_id[16], uint64_t sequence, uint64_t referral, uint64_t company,
                   uint64_t product_key, char receipt[CLAIM_RECEIPT_BYTES])
{
    struct {
        uint8_t store[16];
        uint64_t numbers[4];
    } proved = {.numbers = {htole64(sequence), htole64(referral), htole64(company), htole64(product_key)}};
    uint8_t digest[crypto_generichash_BYTES_MIN];
    memcpy(proved.store, store_id, sizeof proved.store);
    crypto_generichash(digest, sizeof digest, (const uint8_t *)&proved, sizeof proved, NULL, 0);
    sodium_bin2hex(receipt, CLAIM_RECEIPT_BYTES, digest, (CLAIM_RECEIPT_BYTES - 1) / 2);
}

static bool is_ascii(char c)
{
    return (unsigned char)c < 0x80;
}

/* Most names differ in their first letter, and folding costs more than all else a submission asks of them. */
bool claim_is_same_name(struct arena *arena, const char *one, const char *other)
{
    if (is_ascii(one[0]) && is_ascii(other[0]) && strncasecmp(one, other, 1) != 0) {
        return false;
    }
    const char *folded = name_fold(arena, one), *folded_other = name_fold(arena, other);
    return folded != NULL && folded_other != NULL && folded[0] != '\0' && strcmp(folded, folded_other) == 0;
}

bool claim_is_of_domain(const char *email, const char *domain)
{
    const char *host = strrchr(email, '@');
    size_t length = strlen(domain);
    if (host == NULL || length == 0 || strlen(host + 1) < length) {
        return false;
    }
    const char *tail = host + 1 + strlen(host + 1) - length;
    return strcasecmp(tail, domain) == 0 && (tail[-1] == '@' || tail[-1] == '.');
}
