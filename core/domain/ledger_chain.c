/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes that identify postings: the hash that chains them and the key that tells the same accrual again. The format
 * is ledger.h's; it is stored and compared by others, so it changes by a new tag only. */
#include "domain/ledger.h"

#include "base/check.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

#define CHAIN_TAG "vouch-ledger-1"

/* Up to and with the terms' digest the bytes are of one length; they are hashed at once, which saves a quarter of the
 * time. */
#define HEAD_NUMBERS 16
#define HEAD_BYTES (sizeof CHAIN_TAG - 1 + 2 * LEDGER_HASH_BYTES + 8 * HEAD_NUMBERS + CURRENCY_BYTES)

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

static uint8_t *put_numbers(uint8_t *at, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t little = htole64(numbers[i]);
        at = put_bytes(at, &little, sizeof little);
    }
    return at;
}

static void add_text(crypto_generichash_state *state, const char *text)
{
    size_t length = strlen(text);
    uint64_t little = htole64(length);
    crypto_generichash_update(state, (const uint8_t *)&little, sizeof little);
    crypto_generichash_update(state, (const uint8_t *)text, length);
}

void ledger_entry_hash(const uint8_t previous[LEDGER_HASH_BYTES], const struct ledger_entry *entry,
                       uint8_t hash[LEDGER_HASH_BYTES])
{
    crypto_generichash_state state;
    uint8_t head[HEAD_BYTES];
    const uint64_t before[] = {
        entry->number, entry->sequence,        (uint64_t)entry->time_ms, (uint64_t)entry->effective_ms,
        entry->step,   entry->posting.account, entry->posting.owner};
    const uint64_t after[] = {(uint64_t)entry->posting.minor,
                              entry->company,
                              entry->payee,
                              entry->deal,
                              entry->payment,
                              entry->statement,
                              entry->corrects,
                              entry->reason,
                              entry->terms_version};
    CHECK(strnlen(entry->posting.currency, CURRENCY_BYTES) == CURRENCY_BYTES - 1);
    uint8_t *at = put_bytes(head, CHAIN_TAG, strlen(CHAIN_TAG));
    at = put_bytes(at, previous, LEDGER_HASH_BYTES);
    at = put_numbers(at, before, sizeof before / sizeof before[0]);
    at = put_bytes(at, entry->posting.currency, CURRENCY_BYTES);
    at = put_numbers(at, after, sizeof after / sizeof after[0]);
    at = put_bytes(at, entry->terms_digest, LEDGER_HASH_BYTES);
    CHECK(at == head + HEAD_BYTES);
    crypto_generichash_init(&state, NULL, 0, LEDGER_HASH_BYTES);
    crypto_generichash_update(&state, head, sizeof head);
    add_text(&state, entry->plugin);
    add_text(&state, entry->plugin_version);
    crypto_generichash_update(&state, entry->inputs_digest, LEDGER_HASH_BYTES);
    crypto_generichash_final(&state, hash, LEDGER_HASH_BYTES);
}

void ledger_identity_key(const struct ledger_identity *identity, uint8_t key[LEDGER_KEY_BYTES])
{
    const uint64_t numbers[] = {identity->deal, identity->payment, identity->event, identity->party,
                                identity->terms_version};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint64_t big = htobe64(numbers[i]);
        memcpy(key + 8 * i, &big, sizeof big);
    }
}
