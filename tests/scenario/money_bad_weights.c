/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of attribution that proposes what cannot be: negative weights, weights past a number, strangers, one party
 * twice, more than everything. No deal is won by that, nothing is frozen and nothing posted; with a sound answer the
 * same deal is won and pays. Weights that are all zero are no fault: the house keeps it all. */
#include "money_victim.h"

#include <stdio.h>
#include <string.h>

/* The victim's own lines are all that may be there. */
static void refuse_win(uint64_t deal, const char *fault, const char *says)
{
    char sentence[512];
    victim_become(fault);
    int status = deal_win(&victim.tom, deal, 1000000, "EUR", sentence);
    if (status != VOUCH_UNAVAILABLE || strstr(sentence, says) == NULL || strstr(sentence, "bad") == NULL) {
        fail("%s: status %d (%s)", fault, status, sentence);
    }
    if (books_fingerprint(&victim.world) != victim.before) {
        fail("%s: the deal is not won (%s), and the books have changed", fault, sentence);
    }
    victim.refusals++;
}

/* Pays a deal whole; what Ana has accrued by it. */
static int64_t accrued_by(uint64_t deal, int64_t minor, const char *currency)
{
    int64_t had = balances_of(&victim.ana, currency).accrued;
    pay(&victim.finn, deal, minor, currency, "all of it");
    victim_remember();
    return balances_of(&victim.ana, currency).accrued - had;
}

static void expect_accrued(const char *fault, uint64_t deal, int64_t wanted)
{
    char sentence[512];
    victim_become(fault);
    int status = deal_win(&victim.tom, deal, 1000000, "EUR", sentence);
    if (status != VOUCH_OK) {
        fail("%s: status %d (%s)", fault, status, sentence);
    }
    int64_t accrued = accrued_by(deal, 1000000, "EUR");
    if (accrued != wanted) {
        fail("%s: %lld accrued, not %lld", fault, (long long)accrued, (long long)wanted);
    }
}

int main(void)
{
    victim.plugin = FAULT_PLUGIN;
    victim_begin();
    uint64_t deal = victim.open_referral;
    refuse_win(deal, "negative", "negative weight -5");
    refuse_win(deal, "stranger", "424242");
    refuse_win(deal, "large", "2^62");
    refuse_win(deal, "override", "");
    refuse_win(deal, "count", "it counts");
    refuse_win(deal, "crash", "SIGSEGV");
    refuse_win(deal, "mute", "does not say why");
    expect_accrued("none", deal, LINE_MINOR);
    deal = deal_ready(&victim.ana, &victim.tom, victim.prospect);
    expect_accrued("zero", deal, 0);
    victim_end();
    printf("%zu refusals, and the books as they were\n", victim.refusals);
    return 0;
}
