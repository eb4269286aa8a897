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

static void add_bytes(crypto_generichash_state *state, const void *bytes, size_t size)
{
    crypto_generichash_update(state, bytes, size);
}

static void add_number(crypto_generichash_state *state, uint64_t number)
{
    uint64_t little = htole64(number);
    add_bytes(state, &little, sizeof little);
}

static void add_text(crypto_generichash_state *state, const char *text)
{
    size_t length = strlen(text);
    add_number(state, length);
    add_bytes(state, text, length);
}

void ledger_entry_hash(const uint8_t previous[LEDGER_HASH_BYTES], const struct ledger_entry *entry,
                       uint8_t hash[LEDGER_HASH_BYTES])
{
    crypto_generichash_state state;
    CHECK(strlen(entry->posting.currency) == CURRENCY_BYTES - 1);
    crypto_generichash_init(&state, NULL, 0, LEDGER_HASH_BYTES);
    add_bytes(&state, CHAIN_TAG, strlen(CHAIN_TAG));
    add_bytes(&state, previous, LEDGER_HASH_BYTES);
    const uint64_t first[] = {
        entry->number, entry->sequence,        (uint64_t)entry->time_ms, (uint64_t)entry->effective_ms,
        entry->step,   entry->posting.account, entry->posting.owner};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        add_number(&state, first[i]);
    }
    add_bytes(&state, entry->posting.currency, CURRENCY_BYTES);
    const uint64_t second[] = {(uint64_t)entry->posting.minor,
                               entry->company,
                               entry->payee,
                               entry->deal,
                               entry->payment,
                               entry->statement,
                               entry->corrects,
                               entry->reason,
                               entry->terms_version};
    for (size_t i = 0; i < sizeof second / sizeof second[0]; i++) {
        add_number(&state, second[i]);
    }
    add_bytes(&state, entry->terms_digest, LEDGER_HASH_BYTES);
    add_text(&state, entry->plugin);
    add_text(&state, entry->plugin_version);
    add_bytes(&state, entry->inputs_digest, LEDGER_HASH_BYTES);
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
