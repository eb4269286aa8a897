/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain of postings: its hashes against those that another implementation made from the description in ledger.h,
 * and that no field can be changed without being noticed. */
#include "domain/ledger.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct ledger_entry entry_of(uint64_t number)
{
    struct ledger_entry entry = {
        .number = number,
        .sequence = 41,
        .time_ms = 1700000000000,
        .effective_ms = 1699999999999,
        .step = LEDGER_STEP_CLAW_BACK,
        .posting = {LEDGER_RCV, 7, "EUR", number == 1 ? 30000 : -30000},
        .company = 100,
        .payee = 7,
        .deal = 12,
        .payment = 3,
        .statement = 5,
        .corrects = 9,
        .reason = LEDGER_REASON_FRAUD,
        .terms_version = 2,
        .plugin = "linear",
        .plugin_version = "1.2.0",
    };
    memset(entry.terms_digest, 0xab, sizeof entry.terms_digest);
    memset(entry.inputs_digest, 0xcd, sizeof entry.inputs_digest);
    return entry;
}

static const char *hex(const uint8_t hash[LEDGER_HASH_BYTES])
{
    static char text[2 * LEDGER_HASH_BYTES + 1];
    for (size_t i = 0; i < LEDGER_HASH_BYTES; i++) {
        sprintf(text + 2 * i, "%02x", hash[i]);
    }
    return text;
}

Test(ledger_chain, hashes_are_what_the_header_says)
{
    static const char *const expected[] = {"cfe163b311148a10c2af927faeb7725ff306625a5595d469b1d2b42ea90cefe0",
                                           "ae5aa362c36f8dae12bcc5569e9ab6b657292fab6c8996aa822631d949715077"};
    uint8_t hash[LEDGER_HASH_BYTES] = {0};
    for (uint64_t number = 1; number <= 2; number++) {
        struct ledger_entry entry = entry_of(number);
        ledger_entry_hash(hash, &entry, hash);
        cr_assert_str_eq(hex(hash), expected[number - 1]);
    }
}

#define NOTICED(change)                                                                                                \
    do {                                                                                                               \
        struct ledger_entry e = entry_of(1);                                                                           \
        uint8_t changed[LEDGER_HASH_BYTES];                                                                            \
        change;                                                                                                        \
        ledger_entry_hash(previous, &e, changed);                                                                      \
        cr_expect(memcmp(changed, hash, sizeof hash) != 0, "%s", #change);                                             \
    } while (0)

Test(ledger_chain, every_change_is_noticed)
{
    uint8_t previous[LEDGER_HASH_BYTES] = {0};
    uint8_t hash[LEDGER_HASH_BYTES];
    struct ledger_entry entry = entry_of(1);
    ledger_entry_hash(previous, &entry, hash);
    NOTICED(e.number++);
    NOTICED(e.sequence++);
    NOTICED(e.time_ms++);
    NOTICED(e.effective_ms++);
    NOTICED(e.step = LEDGER_STEP_REPAY);
    NOTICED(e.posting.account = LEDGER_EXP);
    NOTICED(e.posting.owner++);
    NOTICED(strcpy(e.posting.currency, "USD"));
    NOTICED(e.posting.minor = -e.posting.minor);
    NOTICED(e.company++);
    NOTICED(e.payee++);
    NOTICED(e.deal++);
    NOTICED(e.payment++);
    NOTICED(e.statement++);
    NOTICED(e.corrects++);
    NOTICED(e.reason = LEDGER_REASON_OTHER);
    NOTICED(e.terms_version++);
    NOTICED(e.terms_digest[31] ^= 1);
    NOTICED(e.inputs_digest[0] ^= 1);
    NOTICED((e.plugin = "linear1", e.plugin_version = ".2.0"));
    previous[0] = 1;
    NOTICED((void)e);
}

Test(ledger_chain, keys_sort_by_deal_and_tell_everything_apart)
{
    const struct ledger_identity identity = {1, 2, 3, 4, 5};
    uint8_t key[LEDGER_KEY_BYTES];
    uint8_t other[LEDGER_KEY_BYTES];
    ledger_identity_key(&identity, key);
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(key[8 * i + 7], i + 1);
    }
    ledger_identity_key(&(struct ledger_identity){256, 0, 0, 0, 0}, other);
    cr_assert_lt(memcmp(key, other, sizeof key), 0);
    ledger_identity_key(&(struct ledger_identity){1, 2, 3, 4, 6}, other);
    cr_assert_lt(memcmp(key, other, sizeof key), 0);
}
