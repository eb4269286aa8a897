/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever is asked of the books that cannot be: amounts past a number, currencies that are none, rates that cannot be
 * meant, months closed twice, money paid twice, more given back than came in, ids of nothing, other people's books.
 * Each gets its status and a sentence that says what to do, and the books are as before to the last hash. */
#include "money_victim.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define NO_REASON VOUCH__V1__LEDGER_REASON__LEDGER_REASON_NONE
#define FRAUD VOUCH__V1__LEDGER_REASON__FRAUD
#define REASON_NONE_AT_ALL ((Vouch__V1__LedgerReason)77)

/* ---- terms ---- */

static void refuse_terms(const char *what, const Vouch__V1__Terms *terms, int status, const char *says)
{
    Vouch__V1__TermsWrite write = VOUCH__V1__TERMS_WRITE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Terms copy = *terms;
    write.terms = &copy;
    SAY(request, TERMS_WRITE, terms_write, write);
    refuse(&victim.finn, what, &request, status, says);
}

static void bad_numbers_of_terms(void)
{
    const Vouch__V1__Terms good = terms_preset("odd", "EUR");
    Vouch__V1__Terms bad;
    const struct {
        const char *what;
        size_t field;
        int64_t values[4];
        const char *says;
    } cases[] = {
        {"a partner rate", offsetof(Vouch__V1__Terms, partner_bps), {-1, 10001, INT64_MIN, INT64_MAX}, "partner"},
        {"a co-worker rate", offsetof(Vouch__V1__Terms, coworker_bps), {-1, 10001, INT64_MIN, INT64_MAX}, "coworker"},
        {"a client rate", offsetof(Vouch__V1__Terms, client_bps), {-1, 10001, INT64_MIN, INT64_MAX}, "client"},
        {"a bounty", offsetof(Vouch__V1__Terms, bounty_minor), {-1, INT64_MIN, INT64_MAX, INT64_C(1) << 60}, "bounty"},
        {"an accelerator",
         offsetof(Vouch__V1__Terms, accelerator_bps),
         {9999, 100001, INT64_MIN, INT64_MAX},
         "accelerator"},
        {"a quota", offsetof(Vouch__V1__Terms, quota_minor), {-1, INT64_MIN, -INT64_MAX, -100}, "quota"},
        {"a floor", offsetof(Vouch__V1__Terms, floor_minor), {-1, INT64_MIN, INT64_MAX, INT64_C(1) << 60}, "floor"},
        {"a cap", offsetof(Vouch__V1__Terms, cap_minor), {0, -1, INT64_MIN, -INT64_MAX}, "cap"},
        {"a window", offsetof(Vouch__V1__Terms, window_days), {0, -1, 3651, INT64_MAX}, "window"},
        {"a hold", offsetof(Vouch__V1__Terms, hold_days), {-1, 13, 91, INT64_MAX}, "hold"},
        {"a minimum", offsetof(Vouch__V1__Terms, minimum_minor), {-1, INT64_MIN, -INT64_MAX, -7}, "minimum"},
        {"a beginning", offsetof(Vouch__V1__Terms, from_ms), {-1, INT64_MIN, INT64_MAX, -DAY_MS}, "from"},
        {"an end", offsetof(Vouch__V1__Terms, until_ms), {0, -1, INT64_MIN, -DAY_MS}, "end before they begin"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t j = 0; j < 4; j++) {
            bad = good;
            memcpy((char *)&bad + cases[i].field, &cases[i].values[j], sizeof(int64_t));
            refuse_terms(cases[i].what, &bad, VOUCH_INVALID, cases[i].says);
        }
    }
}

static void bad_words_of_terms(void)
{
    const Vouch__V1__Terms good = terms_preset("odd", "EUR");
    Vouch__V1__Terms bad;
    const char *const currencies[] = {"EUX", "XAU", "eur", "€", "EU", "EUROS", "E\nR", "\xFF\xFE\xFD"};
    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
        bad = good;
        bad.currency = (char *)currencies[i];
        refuse_terms("a currency that is none", &bad, VOUCH_INVALID, "currency");
    }
    const char *const names[] = {"", "  ", "a\tb", "a\x1b[31mb", "a\xC0\xAF", victim.long_text};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bad = good;
        bad.name = (char *)names[i];
        refuse_terms("a name that is none", &bad, VOUCH_INVALID, "name");
    }
}

static void bad_mixes_of_terms(void)
{
    const Vouch__V1__Terms good = terms_preset("odd", "EUR");
    Vouch__V1__Terms bad = good;
    bad.until_ms = START_MS;
    refuse_terms("terms that are over", &bad, VOUCH_INVALID, "over already");
    bad = good;
    bad.currency = "";
    bad.bounty_minor = 100;
    refuse_terms("an amount without a currency", &bad, VOUCH_INVALID, "currency");
    bad = good;
    bad.floor_minor = 200;
    bad.cap_minor = 100;
    refuse_terms("a floor above the cap", &bad, VOUCH_INVALID, "floor");
    bad = good;
    bad.client_bps = 100;
    refuse_terms("money to clients that no admin allowed", &bad, VOUCH_DENIED, "bribe");
    bad = good;
    bad.member = ABSENT;
    refuse_terms("terms for nobody", &bad, VOUCH_NOT_FOUND, "424242");
    bad.member = victim.gone.id;
    refuse_terms("terms for who has left", &bad, VOUCH_CONFLICT, "removed");
    bad.member = UINT64_MAX;
    refuse_terms("terms for 2^64 - 1", &bad, VOUCH_INVALID, "member");
    bad = good;
    bad.company = ABSENT;
    refuse_terms("terms for no company", &bad, VOUCH_NOT_FOUND, "424242");
}

static void refuse_bands(const char *what, uint32_t tiers, size_t count, const int64_t numbers[][3], const char *says)
{
    Vouch__V1__TermsBand bands[20];
    Vouch__V1__TermsBand *pointers[20];
    Vouch__V1__Terms bad = terms_preset("odd", "EUR");
    for (size_t i = 0; i < count; i++) {
        vouch__v1__terms_band__init(&bands[i]);
        bands[i].from_minor = numbers[i][0];
        bands[i].until_minor = numbers[i][1];
        bands[i].rate_bps = numbers[i][2];
        pointers[i] = &bands[i];
    }
    bad.tiers = tiers;
    bad.n_bands = count;
    bad.bands = pointers;
    refuse_terms(what, &bad, VOUCH_INVALID, says);
}

static void bad_bands(void)
{
    const int64_t end = INT64_MAX;
    int64_t many[17][3];
    for (int64_t i = 0; i < 17; i++) {
        many[i][0] = i * 100;
        many[i][1] = i == 16 ? end : (i + 1) * 100;
        many[i][2] = i;
    }
    refuse_bands("tiers without bands", 1, 0, NULL, "bands");
    refuse_bands("bands without tiers", 0, 1, (const int64_t[][3]){{0, end, 500}}, "tiers");
    refuse_bands("tiers of a third kind", 3, 1, (const int64_t[][3]){{0, end, 500}}, "tiers");
    refuse_bands("17 bands", 1, 17, (const int64_t(*)[3])many, "bands");
    refuse_bands("a gap", 1, 2, (const int64_t[][3]){{0, 100, 500}, {101, end, 600}}, "band 2");
    refuse_bands("an overlap", 1, 2, (const int64_t[][3]){{0, 100, 500}, {99, end, 600}}, "band 2");
    refuse_bands("a band of nothing", 1, 2, (const int64_t[][3]){{0, 0, 500}, {0, end, 600}}, "band 1");
    refuse_bands("a band that ends before it begins", 1, 1, (const int64_t[][3]){{0, -5, 500}}, "until");
    refuse_bands("bands with an end", 1, 1, (const int64_t[][3]){{0, 100, 500}}, "band 1");
    refuse_bands("a rate of 101 %", 1, 1, (const int64_t[][3]){{0, end, 10001}}, "rate");
    refuse_bands("a rate below zero", 1, 1, (const int64_t[][3]){{0, end, -1}}, "rate");
    refuse_bands("a retroactive rate that falls", 2, 2, (const int64_t[][3]){{0, 100, 600}, {100, end, 500}}, "band 2");
}

static void refuse_splits(const char *what, bool bps, size_t count, const uint64_t members[], const int64_t weights[],
                          int status, const char *says)
{
    Vouch__V1__TermsSplit splits[20];
    Vouch__V1__TermsSplit *pointers[20];
    Vouch__V1__Terms bad = terms_preset("odd", "EUR");
    for (size_t i = 0; i < count; i++) {
        vouch__v1__terms_split__init(&splits[i]);
        splits[i].member = members[i];
        splits[i].weight = weights[i];
        pointers[i] = &splits[i];
    }
    bad.splits_are_bps = bps;
    bad.n_splits = count;
    bad.splits = pointers;
    refuse_terms(what, &bad, status, says);
}

static void bad_splits(void)
{
    const uint64_t two[] = {victim.ana.id, victim.tom.id}, twice[] = {victim.ana.id, victim.ana.id},
                   left[] = {victim.ana.id, victim.gone.id};
    const uint64_t strangers[] = {victim.ana.id, ABSENT}, nobody[] = {victim.ana.id, 0};
    refuse_splits("thirds as basis points", true, 2, two, (const int64_t[]){3333, 3333}, VOUCH_INVALID, "1:1:1");
    refuse_splits("more than everything", true, 2, two, (const int64_t[]){9999, 2}, VOUCH_INVALID, "10000");
    refuse_splits("a weight of zero", false, 2, two, (const int64_t[]){1, 0}, VOUCH_INVALID, "part 2");
    refuse_splits("a weight below zero", false, 2, two, (const int64_t[]){1, -1}, VOUCH_INVALID, "weight");
    refuse_splits("weights past a number", false, 2, two, (const int64_t[]){INT64_MAX, 1}, VOUCH_INVALID, "too large");
    refuse_splits("one party twice", false, 2, twice, (const int64_t[]){1, 1}, VOUCH_INVALID, "same party");
    refuse_splits("a stranger", false, 2, strangers, (const int64_t[]){1, 1}, VOUCH_NOT_FOUND, "424242");
    refuse_splits("nobody", false, 2, nobody, (const int64_t[]){1, 1}, VOUCH_INVALID, "part 2");
    refuse_splits("who has left", false, 2, left, (const int64_t[]){1, 1}, VOUCH_CONFLICT, "removed");
}

static void refuse_approval(struct person *who, const char *what, uint64_t terms, uint32_t version, int status,
                            const char *says)
{
    Vouch__V1__TermsApprove approve = VOUCH__V1__TERMS_APPROVE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    approve.terms = terms;
    approve.version = version;
    SAY(request, TERMS_APPROVE, terms_approve, approve);
    refuse(who, what, &request, status, says);
}

static void terms_that_overlap(void)
{
    Vouch__V1__Terms terms = terms_preset("first", "CHF");
    uint64_t first = terms_write(&victim.finn, &terms);
    terms.name = "second";
    uint64_t second = terms_write(&victim.finn, &terms);
    victim_remember();
    refuse_approval(&victim.finn, "one's own terms", first, 1, VOUCH_DENIED, "");
    refuse_approval(&victim.fay, "no version", first, 2, VOUCH_NOT_FOUND, "no terms");
    refuse_approval(&victim.fay, "version 0", first, 0, VOUCH_INVALID, "version");
    refuse_approval(&victim.fay, "no terms", ABSENT, 1, VOUCH_NOT_FOUND, "no terms");
    refuse_approval(&victim.fay, "terms 0", 0, 1, VOUCH_INVALID, "terms");
    refuse_approval(&victim.fay, "terms 2^63", UINT64_C(1) << 63, 1, VOUCH_INVALID, "terms");
    terms_approve(&victim.fay, first, 1);
    victim_remember();
    refuse_approval(&victim.fay, "approved twice", first, 1, VOUCH_CONFLICT, "approved");
    refuse_approval(&victim.fay, "terms that overlap", second, 1, VOUCH_CONFLICT, "first");
}

/* ---- payments ---- */

static void bad_payments(void)
{
    const struct {
        const char *what;
        uint64_t deal;
        int64_t minor;
        const char *currency, *reference;
        int64_t received_ms;
        int status;
        const char *says;
    } cases[] = {
        {"nothing", victim.deal, 0, "EUR", "N-1", 0, VOUCH_INVALID, "above zero"},
        {"less than nothing", victim.deal, -1, "EUR", "N-1", 0, VOUCH_INVALID, "refund"},
        {"the least number", victim.deal, INT64_MIN, "EUR", "N-1", 0, VOUCH_INVALID, "above zero"},
        {"the greatest number", victim.deal, INT64_MAX, "EUR", "N-1", 0, VOUCH_CONFLICT, "more than the rest"},
        {"a unit more than the rest", victim.deal, 6000001, "EUR", "N-1", 0, VOUCH_CONFLICT, "100,000.00 EUR"},
        {"another currency", victim.deal, 100, "USD", "N-1", 0, VOUCH_INVALID, "EUR"},
        {"no currency", victim.deal, 100, "EUX", "N-1", 0, VOUCH_INVALID, "EUR"},
        {"a currency in small letters", victim.deal, 100, "eur", "N-1", 0, VOUCH_INVALID, "EUR"},
        {"a currency of two letters", victim.deal, 100, "EU", "N-1", 0, VOUCH_INVALID, "currency"},
        {"a currency of no UTF-8", victim.deal, 100, "\xFF\xFE\xFD", "N-1", 0, VOUCH_INVALID, "currency"},
        {"the same reference", victim.deal, 100, "EUR", "INV-1", 0, VOUCH_DUPLICATE, "P1"},
        {"no reference", victim.deal, 100, "EUR", "", 0, VOUCH_INVALID, "reference"},
        {"a blank reference", victim.deal, 100, "EUR", "   ", 0, VOUCH_INVALID, "reference"},
        {"a reference of 1000 characters", victim.deal, 100, "EUR", victim.long_text + 4000, 0, VOUCH_INVALID,
         "reference"},
        {"a reference with a line break", victim.deal, 100, "EUR", "INV\n7", 0, VOUCH_INVALID, "reference"},
        {"a reference with an escape", victim.deal, 100, "EUR", "\x1b[2J", 0, VOUCH_INVALID, "reference"},
        {"a reference of no UTF-8", victim.deal, 100, "EUR", "INV \xC3\x28", 0, VOUCH_INVALID, "reference"},
        {"a day to come", victim.deal, 100, "EUR", "N-1", START_MS + 400 * DAY_MS, VOUCH_INVALID, "future"},
        {"the year 9999", victim.deal, 100, "EUR", "N-1", INT64_C(253402300799000), VOUCH_INVALID, "future"},
        {"the end of time", victim.deal, 100, "EUR", "N-1", INT64_MAX, VOUCH_INVALID, "future"},
        {"before 1970", victim.deal, 100, "EUR", "N-1", -1, VOUCH_INVALID, "received_ms"},
        {"the beginning of time", victim.deal, 100, "EUR", "N-1", INT64_MIN, VOUCH_INVALID, "received_ms"},
        {"a deal that is none", ABSENT, 100, "EUR", "N-1", 0, VOUCH_NOT_FOUND, "no such referral"},
        {"deal 2^56 - 1", ID_MOST, 100, "EUR", "N-1", 0, VOUCH_NOT_FOUND, "no such referral"},
        {"deal 0", 0, 100, "EUR", "N-1", 0, VOUCH_INVALID, "referral"},
        {"deal 2^63", UINT64_C(1) << 63, 100, "EUR", "N-1", 0, VOUCH_INVALID, "referral"},
        {"a referral that is not won", victim.open_referral, 100, "EUR", "N-1", 0, VOUCH_CONFLICT, "won deals only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
        Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        amount.minor = cases[i].minor;
        amount.currency = (char *)cases[i].currency;
        record.referral = cases[i].deal;
        record.amount = &amount;
        record.reference = (char *)cases[i].reference;
        record.received_ms = cases[i].received_ms;
        SAY(request, PAYMENT_RECORD, payment_record, record);
        refuse(&victim.finn, cases[i].what, &request, cases[i].status, cases[i].says);
    }
    Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    record.referral = victim.deal;
    record.reference = "N-1";
    SAY(request, PAYMENT_RECORD, payment_record, record);
    refuse(&victim.finn, "a payment without an amount", &request, VOUCH_INVALID, "amount");
}

static void bad_refunds(void)
{
    const struct {
        const char *what;
        uint64_t payment;
        int64_t minor;
        const char *currency, *reference, *note;
        Vouch__V1__LedgerReason reason;
        int64_t refunded_ms;
        int status;
        const char *says;
    } cases[] = {
        {"more than was paid", 1, 1000001, "EUR", "C", "", 0, 0, VOUCH_CONFLICT, "more than the rest"},
        {"all that there is", 1, INT64_MAX, "EUR", "C", "", 0, 0, VOUCH_CONFLICT, "more than the rest"},
        {"less than nothing", 1, -1, "EUR", "C", "", 0, 0, VOUCH_INVALID, "minor"},
        {"the least number", 1, INT64_MIN, "EUR", "C", "", 0, 0, VOUCH_INVALID, "minor"},
        {"another currency", 1, 100, "USD", "C", "", 0, 0, VOUCH_INVALID, "EUR"},
        {"no payment", ABSENT, 100, "EUR", "C", "", 0, 0, VOUCH_NOT_FOUND, "no such payment"},
        {"payment 0", 0, 100, "EUR", "C", "", 0, 0, VOUCH_INVALID, "payment"},
        {"payment 2^63", UINT64_C(1) << 63, 100, "EUR", "C", "", 0, 0, VOUCH_INVALID, "payment"},
        {"a reason that is none", 1, 100, "EUR", "C", "", REASON_NONE_AT_ALL, 0, VOUCH_INVALID, "reason"},
        {"a long note", 1, 100, "EUR", "C", victim.long_text, 0, 0, VOUCH_INVALID, "note"},
        {"a long reference", 1, 100, "EUR", victim.long_text, "", 0, 0, VOUCH_INVALID, "reference"},
        {"a day to come", 1, 100, "EUR", "C", "", 0, INT64_MAX, VOUCH_INVALID, "future"},
        {"before 1970", 1, 100, "EUR", "C", "", 0, -1, VOUCH_INVALID, "refunded_ms"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Vouch__V1__PaymentRefund refund = VOUCH__V1__PAYMENT_REFUND__INIT;
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        refund.payment = cases[i].payment;
        refund.minor = cases[i].minor;
        refund.currency = (char *)cases[i].currency;
        refund.reference = (char *)cases[i].reference;
        refund.note = (char *)cases[i].note;
        refund.reason = cases[i].reason;
        refund.refunded_ms = cases[i].refunded_ms;
        SAY(request, PAYMENT_REFUND, payment_refund, refund);
        refuse(&victim.finn, cases[i].what, &request, cases[i].status, cases[i].says);
    }
}

static void bad_corrections(void)
{
    const struct {
        const char *what;
        uint64_t payment, payee;
        int64_t minor;
        const char *currency;
        Vouch__V1__LedgerReason reason;
        int status;
        const char *says;
    } cases[] = {
        {"more than the line", 4, victim.ana.id, 50001, "EUR", FRAUD, VOUCH_CONFLICT, "left"},
        {"the greatest number", 4, victim.ana.id, INT64_MAX, "EUR", FRAUD, VOUCH_CONFLICT, "left"},
        {"less than nothing", 4, victim.ana.id, -1, "EUR", FRAUD, VOUCH_INVALID, "minor"},
        {"another currency", 4, victim.ana.id, 1, "JPY", FRAUD, VOUCH_INVALID, "EUR"},
        {"without a reason", 4, victim.ana.id, 1, "EUR", NO_REASON, VOUCH_INVALID, "reason"},
        {"a reason that is none", 4, victim.ana.id, 1, "EUR", REASON_NONE_AT_ALL, VOUCH_INVALID, "reason"},
        {"of who is not paid", 4, victim.mia.id, 1, "EUR", FRAUD, VOUCH_NOT_FOUND, "nothing"},
        {"of a stranger", 4, ABSENT, 1, "EUR", FRAUD, VOUCH_NOT_FOUND, "nothing"},
        {"of nobody", 4, 0, 1, "EUR", FRAUD, VOUCH_INVALID, "payee"},
        {"of no payment", ABSENT, victim.ana.id, 1, "EUR", FRAUD, VOUCH_NOT_FOUND, "no such payment"},
        {"of 2^64 - 1", UINT64_MAX, victim.ana.id, 1, "EUR", FRAUD, VOUCH_INVALID, "payment"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Vouch__V1__CommissionCorrect correct = VOUCH__V1__COMMISSION_CORRECT__INIT;
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        correct.payment = cases[i].payment;
        correct.payee = cases[i].payee;
        correct.minor = cases[i].minor;
        correct.currency = (char *)cases[i].currency;
        correct.reason = cases[i].reason;
        SAY(request, COMMISSION_CORRECT, commission_correct, correct);
        refuse(&victim.finn, cases[i].what, &request, cases[i].status, cases[i].says);
    }
}

int main(void)
{
    victim_begin();
    bad_numbers_of_terms();
    bad_words_of_terms();
    bad_mixes_of_terms();
    bad_bands();
    bad_splits();
    terms_that_overlap();
    bad_payments();
    bad_refunds();
    bad_corrections();
    victim_end();
    printf("%zu refusals, and the books as they were\n", victim.refusals);
    return 0;
}
