/* SPDX-License-Identifier: Apache-2.0
 *
 * Debts of payees that end otherwise than by newly approved commission: repaid, or written off. */
#include "apply/parts.h"

#include "base/check.h"

void apply_debt_settled(struct application *application, const Vouch__V1__DebtSettled *settled)
{
    CHECK(settled->amount != NULL);
    book(application, &(struct order){.step = (enum ledger_step)settled->step,
                                      .reason = (enum ledger_reason)settled->reason,
                                      .company = settled->company,
                                      .payee = settled->payee,
                                      .currency = settled->amount->currency,
                                      .minor = settled->amount->minor,
                                      .period = settled->period,
                                      .effective_ms = settled->effective_ms});
    inbox_add(application, settled->payee);
}
