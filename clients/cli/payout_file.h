/* SPDX-License-Identifier: Apache-2.0
 *
 * Files for the bank: what one payout batch pays, as CSV (RFC 4180) or as an ISO 20022 credit transfer initiation
 * (pain.001.001.09). Bank details are the clerk's: they come from a file of theirs and are kept nowhere else. Nothing
 * is written before all of it was checked. */
#ifndef VOUCH_CLI_PAYOUT_FILE_H
#define VOUCH_CLI_PAYOUT_FILE_H

#include "base/status.h"
#include "domain/bank.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HOLDER_BYTES 256

/* An account at a bank. */
struct bank_account {
    char member[HOLDER_BYTES]; /* as the file names the payee: the number, or the name */
    char holder[HOLDER_BYTES]; /* of the account */
    char iban[IBAN_BYTES];     /* without spaces, in capitals */
    char bic[BIC_BYTES];       /* "" : none was given */
};

/* The clerk's file: CSV with the columns member, name, iban, bic in any order (name and bic may be missing); every IBAN
 * checked. The caller frees `*accounts`. INVALID names the line. */
enum vouch_status bank_accounts_read(const char *path, struct bank_account **accounts, size_t *count,
                                     struct status_text *why) MUST_USE;
/* "NAME,IBAN,BIC", the BIC may be missing. */
enum vouch_status bank_account_parse(const char *text, struct bank_account *account, struct status_text *why) MUST_USE;

/* One line of a batch. */
struct payout_order {
    uint64_t statement;
    uint64_t payee;
    const char *payee_name;
    const char *state;                  /* "sent" */
    bool open;                          /* neither settled nor failed: the bank is to pay it */
    int64_t minor;                      /* in the statement's currency */
    int64_t pay_minor;                  /* in the currency it is paid in */
    const struct bank_account *account; /* NULL: not looked for */
};

struct payout_file {
    uint64_t payout;
    const char *company; /* name */
    const char *currency;
    const char *pay_currency;
    int64_t made_ms;
    const char *zone;          /* of the home company */
    const char *execution_day; /* "2026-12-03" */
    const struct bank_account *debtor;
    struct payout_order *orders;
    size_t count;
};

/* Finds the account of every open order: by the payee's number, else by the whole name, case ignored. INVALID names
 * those without one, and a name that two payees or two rows have. */
enum vouch_status payout_file_match(struct payout_file *file, const struct bank_account *accounts, size_t count,
                                    struct status_text *why) MUST_USE;

/* All orders, with their states; account columns are empty where none was looked for. */
void payout_file_csv(FILE *out, const struct payout_file *file);

/* The open orders as one payment of the debtor, all of whose accounts were found. INVALID, and nothing is written, when
 * there is none, a sum does not fit 18 digits, or a name has no letter that a bank can read. */
enum vouch_status payout_file_pain(FILE *out, const struct payout_file *file, struct status_text *why) MUST_USE;

#endif
