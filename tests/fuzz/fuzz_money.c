/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts as people write them: what is read is written in one form, which reads as the same amount. */
#include "base/check.h"
#include "domain/money.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    int64_t minor;
    int64_t again;
    char currency[CURRENCY_BYTES];
    char currency_again[CURRENCY_BYTES];
    char written[MONEY_TEXT_BYTES];
    struct status_text why = {0};
    if (money_parse(text, &minor, currency, &why) == VOUCH_OK) {
        CHECK(currency_exponent(currency) >= 0);
        money_format(written, minor, currency);
        CHECK(money_parse(written, &again, currency_again, &why) == VOUCH_OK);
        CHECK(again == minor && strcmp(currency, currency_again) == 0);
    } else {
        CHECK(why.text[0] != '\0');
    }
    free(text);
    return 0;
}
