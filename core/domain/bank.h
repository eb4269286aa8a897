/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bank reads: account numbers (IBAN), banks (BIC), and text in the characters that all banks have. Pure. */
#ifndef VOUCH_DOMAIN_BANK_H
#define VOUCH_DOMAIN_BANK_H

#include <stdbool.h>
#include <stddef.h>

#define IBAN_BYTES 35 /* at most 34 characters */
#define BIC_BYTES 12  /* 8 or 11 */

/* Takes spaces out of an IBAN, makes its letters capitals, and checks its form and check digits (ISO 13616, mod 97). */
bool iban_read(const char *text, char iban[IBAN_BYTES]);

/* 8 or 11 letters and digits (ISO 9362) in capitals; "" is let through, for none was given. */
bool bic_read(const char *text, char bic[BIC_BYTES]);

/* Text in the characters that the European Payments Council has all banks read (a-z A-Z 0-9 / - ? : ( ) . , ' + and
 * space): letters of other scripts and with accents as these where there is a custom for it, '&' as '+', what else
 * there is as '.'; cut at size - 1 characters, without spaces at its ends. False when no letter or digit is left. */
bool bank_text(const char *text, char *out, size_t size);

#endif
