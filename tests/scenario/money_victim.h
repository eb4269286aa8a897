/* SPDX-License-Identifier: Apache-2.0
 *
 * Books with a line in every place, and everybody who may or may not touch them: what the scenarios with bad input
 * begin with. A refusal there is checked three times: its status, its sentence, and that the books are as before. */
#ifndef VOUCH_TEST_MONEY_VICTIM_H
#define VOUCH_TEST_MONEY_VICTIM_H

#include "money_world.h"

#define ABSENT UINT64_C(424242)
#define NO_REASON VOUCH__V1__LEDGER_REASON__LEDGER_REASON_NONE
#define FRAUD VOUCH__V1__LEDGER_REASON__FRAUD
#define REASON_NONE_AT_ALL ((Vouch__V1__LedgerReason)77)

/* Payments of victim.deal by the place of their lines; each is of 10,000.00 EUR and owes 500.00 EUR to Ana. */
enum { PAID = 1, PAYABLE = 2, APPROVED = 3, ACCRUED = 4 };
#define LINE_MINOR 50000

struct victim {
    struct world world;
    void *context;
    struct person finn, fay; /* finance of the home company */
    struct person ana, tom;  /* reps: Ana refers to Tom */
    struct person mia, aud;  /* manager of nobody's team; auditor */
    struct person gil;       /* finance of another company */
    struct person gone;      /* was finance, is removed */
    uint64_t prospect, partner;
    uint64_t deal;          /* 100,000.00 EUR; 40,000.00 are paid */
    uint64_t open_referral; /* an opportunity */
    uint64_t batch;         /* paid the statement of January; that of February is payable */
    uint64_t paid_statement, payable_statement;
    uint64_t before; /* fingerprint of the books */
    size_t refusals;
    char long_text[5001];
    const char *plugin; /* set before victim_begin: the plugin of attribution (tests/plugins/fault_attribution.c) */
};
extern struct victim victim;

/* Books at 2027-03-15: January and February are closed. */
void victim_begin(void);
/* What the plugin does from now on: a fault by name, or "none". */
void victim_become(const char *fault);
/* Stops the broker cleanly; `vouchd check` and `vouchd rebuild` must find no fault. */
void victim_end(void);
/* What the books are now is what they must stay. */
void victim_remember(void);
/* Sends it; it must be refused like this, and change nothing. */
void refuse(struct person *who, const char *what, Vouch__V1__Request *request, int status, const char *says);

#endif
