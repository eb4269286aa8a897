/* SPDX-License-Identifier: Apache-2.0
 *
 * commission estimate: who makes referrals succeed, with what the model found and what it would make of a pool. */
#include "books.h"
#include "commission.h"

#include "domain/money.h"

#include <inttypes.h>
#include <string.h>

__extension__ typedef __int128 wide;

#define RAW_TEXT_BYTES 64
#define RAW_SHORT 9999999 /* fractions of larger numbers are shown as decimals */

/* ---- the question ---- */

/* The currency of --pool, or of --currency; when both are there they agree. */
static int read_currency(struct cli *cli, Vouch__V1__CommissionEstimate *asked, char currency[CURRENCY_BYTES])
{
    const char *pool = args_text(&cli->args, "pool");
    const char *wanted = args_text(&cli->args, "currency");
    struct status_text why;
    if (pool == NULL && wanted == NULL) {
        return fail_usage(cli, "of which currency? --currency EUR, or --pool \"1,000 EUR\"");
    }
    if (pool != NULL && money_parse(pool, &asked->pool_minor, currency, &why) != VOUCH_OK) {
        return fail_usage(cli, "--pool: %s", why.text);
    }
    if (asked->pool_minor < 0 || (pool != NULL && wanted != NULL && strcmp(currency, wanted) != 0)) {
        return fail_usage(cli, "--pool is an amount of %s, above zero", wanted == NULL ? currency : wanted);
    }
    if (pool == NULL) {
        snprintf(currency, CURRENCY_BYTES, "%s", strlen(wanted) < CURRENCY_BYTES ? wanted : "");
    }
    asked->currency = currency;
    return currency[0] == '\0' ? fail_usage(cli, "--currency is three letters, as in EUR, not \"%s\"", wanted)
                               : EXIT_DONE;
}

/* ---- the answer ---- */

/* "11/20"; "2"; what is long or rounded in decimals: "≈ 0.550000". */
static const char *text_raw(char out[RAW_TEXT_BYTES], const Vouch__V1__Estimate__Share *share)
{
    int64_t numerator = share->raw_numerator;
    int64_t denominator = share->raw_denominator;
    if (denominator == 1 && !share->raw_rounded) {
        snprintf(out, RAW_TEXT_BYTES, "%" PRId64, numerator);
    } else if (!share->raw_rounded && numerator >= -RAW_SHORT && numerator <= RAW_SHORT && denominator <= RAW_SHORT) {
        snprintf(out, RAW_TEXT_BYTES, "%" PRId64 "/%" PRId64, numerator, denominator);
    } else {
        wide size = numerator < 0 ? -(wide)numerator : numerator;
        wide millionths = (size * 1000000 + denominator / 2) / denominator;
        snprintf(out, RAW_TEXT_BYTES, "≈ %s%" PRIu64 ".%06" PRIu64, numerator < 0 ? "-" : "",
                 (uint64_t)(millionths / 1000000), (uint64_t)(millionths % 1000000));
    }
    return out;
}

static void add_row(struct table *table, const Vouch__V1__Estimate *estimate, const Vouch__V1__Estimate__Share *share,
                    wide weights)
{
    char won[COUNT_TEXT_BYTES], lost[COUNT_TEXT_BYTES], weight[COUNT_TEXT_BYTES], part[32], raw[RAW_TEXT_BYTES];
    char money[MONEY_TEXT_MAX] = "–";
    uint64_t tenths = weights == 0 ? 0 : (uint64_t)(((wide)share->weight * 1000 + weights / 2) / weights);
    snprintf(part, sizeof part, "%" PRIu64 ".%" PRIu64 " %%", tenths / 10, tenths % 10);
    if (estimate->pool_minor > 0) {
        text_money(money, share->minor, estimate->currency);
    }
    const char *cells[] = {share->name,
                           text_count(won, share->won),
                           text_count(lost, share->lost),
                           text_raw(raw, share),
                           text_count(weight, (uint64_t)share->weight),
                           part,
                           money};
    table_row(table, cells);
}

static void print_about(const Vouch__V1__Estimate *estimate)
{
    char won[COUNT_TEXT_BYTES], lost[COUNT_TEXT_BYTES], ways[COUNT_TEXT_BYTES], value[MONEY_TEXT_MAX];
    printf("by %s %s over %s won and %s lost referrals, which went %s different ways; %s won", estimate->plugin,
           estimate->plugin_version, text_count(won, estimate->won), text_count(lost, estimate->lost),
           text_count(ways, estimate->paths), text_money(value, estimate->value_minor, estimate->currency));
    if (estimate->other_currency > 0) {
        printf(", and %s in other currencies", text_count(won, estimate->other_currency));
    }
    printf("\nhistory ");
    for (size_t i = 0; i < estimate->digest.len; i++) {
        printf("%02x", estimate->digest.data[i]);
    }
    printf("\n");
}

static void print_estimate(const Vouch__V1__Estimate *estimate)
{
    wide weights = 0;
    bool below = false;
    struct table *table = table_new((const struct column[]){{"WHO", COLUMN_TEXT},
                                                            {"WON", COLUMN_NUMBER},
                                                            {"LOST", COLUMN_NUMBER},
                                                            {"FOUND", COLUMN_NUMBER},
                                                            {"WEIGHT", COLUMN_NUMBER},
                                                            {"PART", COLUMN_NUMBER},
                                                            {"OF THE POOL", COLUMN_NUMBER},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < estimate->n_shares; i++) {
        weights += estimate->shares[i]->weight;
        below = below || estimate->shares[i]->raw_numerator < 0;
    }
    for (size_t i = 0; i < estimate->n_shares; i++) {
        add_row(table, estimate, estimate->shares[i], weights);
    }
    table_print(&table, "nobody has a part in any of it");
    if (below) {
        printf("what is found below 0 weighs nothing\n");
    }
    if (weights == 0 && estimate->pool_minor > 0) {
        printf("nobody has a weight: the pool stays with the house\n");
    }
    print_about(estimate);
}

int commission_estimate(struct cli *cli)
{
    Vouch__V1__CommissionEstimate asked = VOUCH__V1__COMMISSION_ESTIMATE__INIT;
    Vouch__V1__Reply *reply = NULL;
    char currency[CURRENCY_BYTES] = "";
    asked.plugin = args_field(&cli->args, "plugin");
    asked.imported = args_flag(&cli->args, "imported");
    if (asked.plugin[0] == '\0') {
        return fail_usage(cli, "which model? --plugin NAME, of those that `vouch plugins` lists");
    }
    int code = read_currency(cli, &asked, currency);
    code = code != EXIT_DONE ? code : books_read_day(cli, "from", &asked.from_ms);
    code = code != EXIT_DONE ? code : books_read_day(cli, "until", &asked.until_ms);
    Vouch__V1__Request request = REQUEST(COMMISSION_ESTIMATE, commission_estimate, &asked);
    if (code == EXIT_DONE) {
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_ESTIMATE, &reply);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        code = json_print(json_of_message(&reply->estimate->base));
    } else {
        print_estimate(reply->estimate);
    }
    vouch_reply_free(&reply);
    return code;
}
