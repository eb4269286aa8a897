/* SPDX-License-Identifier: Apache-2.0
 *
 * From the pool to the shares, on one screen: what the floor of each share is, what remains, and who gets the units
 * that are left over. The floors are computed here once more, by the rule that is printed; what is due and what is new
 * is what the broker computed and compared. */
#include "explain.h"

#include "domain/wide.h"

#include <inttypes.h>
#include <string.h>

#define EXACT_BYTES 96
#define NAME_BYTES 300

/* How the shares come about, as the broker names it; said above their table. */
enum division { BY_NOBODY, BY_POOL, BY_CREDITS, BY_OVERRIDES };

static int64_t given_now(const Vouch__V1__Payment *payment, uint64_t member)
{
    for (size_t i = 0; i < payment->n_parts; i++) {
        if (payment->parts[i]->member == member) {
            return payment->parts[i]->minor;
        }
    }
    return 0;
}

/* "312.50 + 2/3": the floor of a share and its remainder. */
static const char *text_exact(char out[EXACT_BYTES], const char *currency, int64_t total, int64_t weight, wide weights)
{
    char floor[MONEY_TEXT_MAX];
    wide product = (wide)total * weight;
    books_number(floor, (int64_t)(product / weights), currency);
    if (product % weights == 0) {
        snprintf(out, EXACT_BYTES, "%s", floor);
    } else if (weights > 999999) {
        snprintf(out, EXACT_BYTES, "%s + 0.%06d", floor, (int)(product % weights * 1000000 / weights));
    } else {
        snprintf(out, EXACT_BYTES, "%s + %d/%d", floor, (int)(product % weights), (int)weights);
    }
    return out;
}

/* What every row of every division has. */
struct share_texts {
    char name[NAME_BYTES], weight[24], exact[EXACT_BYTES];
    char due[MONEY_TEXT_MAX], before[MONEY_TEXT_MAX], fresh[MONEY_TEXT_MAX];
};

static void take_share(struct explanation *of, const Vouch__V1__Explanation__Step *step, size_t at,
                       struct share_texts *texts)
{
    const Vouch__V1__DealShare *share = step->shares[at];
    int64_t now = given_now(step->payment, share->member);
    snprintf(texts->name, NAME_BYTES, "  %s", share->name);
    snprintf(texts->weight, sizeof texts->weight, "%" PRId64, share->weight);
    books_number(texts->due, share->accrued_minor, of->currency);
    books_number(texts->before, of->earlier[at], of->currency);
    books_number(texts->fresh, now, of->currency);
    of->earlier[at] += now;
}

static wide sum_of_weights(const Vouch__V1__Explanation__Step *step)
{
    wide sum = 0;
    for (size_t i = 0; i < step->n_shares; i++) {
        sum += step->shares[i]->weight;
    }
    return sum;
}

/* ---- one pool, or each beside it ---- */

/* Of a pool the floor and the remainder, of an override which part of the pool it is. */
typedef void text_part(char out[EXACT_BYTES], const struct explanation *of, const Vouch__V1__Explanation__Step *step,
                       int64_t weight);

static void text_pool_part(char out[EXACT_BYTES], const struct explanation *of,
                           const Vouch__V1__Explanation__Step *step, int64_t weight)
{
    text_exact(out, of->currency, step->pool_minor, weight, sum_of_weights(step));
}

static void text_override(char out[EXACT_BYTES], const struct explanation *of, const Vouch__V1__Explanation__Step *step,
                          int64_t weight)
{
    (void)of;
    (void)step;
    int64_t ppm = (int64_t)((wide)weight * 1000000 / MONEY_OVERRIDE_WHOLE);
    snprintf(out, EXACT_BYTES, "%" PRId64 ".%04" PRId64 " %%", ppm / 10000, ppm % 10000);
}

static void print_parts(struct explanation *of, const Vouch__V1__Explanation__Step *step, const char *heading,
                        text_part *part)
{
    struct table *table = table_new((const struct column[]){{"  PAYEE", COLUMN_TEXT},
                                                            {"WEIGHT", COLUMN_NUMBER},
                                                            {heading, COLUMN_NUMBER},
                                                            {"DUE", COLUMN_NUMBER},
                                                            {"GIVEN BEFORE", COLUMN_NUMBER},
                                                            {"NEW", COLUMN_NUMBER},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < step->n_shares && i < SHARES_MAX; i++) {
        struct share_texts texts;
        take_share(of, step, i, &texts);
        part(texts.exact, of, step, step->shares[i]->weight);
        const char *cells[] = {texts.name, texts.weight, texts.exact, texts.due, texts.before, texts.fresh};
        table_row(table, cells);
    }
    table_print(&table, "");
}

static void print_pool(struct explanation *of, const Vouch__V1__Explanation__Step *step)
{
    char text[MONEY_TEXT_MAX];
    printf("  %-11s largest remainder (LRM1) of %s: floors, then a unit each to the largest remainders\n", "shares",
           books_number(text, step->pool_minor, of->currency));
    print_parts(of, step, "FLOOR + REMAINDER", text_pool_part);
}

static void print_overrides(struct explanation *of, const Vouch__V1__Explanation__Step *step)
{
    char text[MONEY_TEXT_MAX];
    printf("  %-11s each its own part of %s: × weight / 2^32, half to even\n", "shares",
           books_number(text, step->pool_minor, of->currency));
    print_parts(of, step, "PART", text_override);
}

/* ---- each part of the base at its own rate ---- */

static int64_t rate_of(const Vouch__V1__Terms *terms, Vouch__V1__TermsRole role)
{
    if (terms == NULL) {
        return 0;
    }
    return role == VOUCH__V1__TERMS_ROLE__OF_COWORKER ? terms->coworker_bps
           : role == VOUCH__V1__TERMS_ROLE__OF_CLIENT ? terms->client_bps
                                                      : terms->partner_bps;
}

static void print_credits(struct explanation *of, const Vouch__V1__Explanation__Step *step)
{
    char text[MONEY_TEXT_MAX];
    struct money_part parts[SHARES_MAX];
    size_t count = step->n_shares < SHARES_MAX ? step->n_shares : SHARES_MAX;
    wide weights = sum_of_weights(step);
    for (size_t i = 0; i < count; i++) {
        const Vouch__V1__DealShare *share = step->shares[i];
        parts[i] = (struct money_part){share->member, share->first_touch, share->weight, 0};
    }
    (void)!money_allocate(step->base_minor, parts, count);
    printf("  %-11s the base of %s by largest remainder (LRM1); each part earns at its own role's rate%s\n", "shares",
           books_number(text, step->base_minor, of->currency),
           step->pool_minor == step->rate_minor ? "" : "; the pool is shared by what each earns");
    struct table *table = table_new((const struct column[]){{"  PAYEE", COLUMN_TEXT},
                                                            {"WEIGHT", COLUMN_NUMBER},
                                                            {"FLOOR + REMAINDER", COLUMN_NUMBER},
                                                            {"CREDIT", COLUMN_NUMBER},
                                                            {"RATE", COLUMN_NUMBER},
                                                            {"EARNS", COLUMN_NUMBER},
                                                            {"DUE", COLUMN_NUMBER},
                                                            {"GIVEN BEFORE", COLUMN_NUMBER},
                                                            {"NEW", COLUMN_NUMBER},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < count; i++) {
        struct share_texts texts;
        char credit[MONEY_TEXT_MAX], rate[24], earns[MONEY_TEXT_MAX];
        int64_t bps = rate_of(of->view->deal->frozen, step->shares[i]->role);
        int64_t minor = 0;
        (void)!money_mul_bps(parts[i].minor, (uint32_t)bps, &minor);
        take_share(of, step, i, &texts);
        text_exact(texts.exact, of->currency, step->base_minor, step->shares[i]->weight, weights);
        snprintf(rate, sizeof rate, "%" PRId64 " bps", bps);
        const char *cells[] = {texts.name,  texts.weight,
                               texts.exact, books_number(credit, parts[i].minor, of->currency),
                               rate,        books_number(earns, minor, of->currency),
                               texts.due,   texts.before,
                               texts.fresh};
        table_row(table, cells);
    }
    table_print(&table, "");
}

static void print_nobody(const Vouch__V1__Explanation__Step *step)
{
    const char *why = step->n_shares == 0           ? "nobody shares"
                      : sum_of_weights(step) == 0   ? "all weights are zero"
                      : step->division == BY_NOBODY ? "nobody who is paid shares"
                                                    : "there is no base";
    printf("  %-11s %s: the house keeps it\n", "shares", why);
}

void explain_shares(struct explanation *of, const Vouch__V1__Explanation__Step *step)
{
    if (step->division == BY_NOBODY || sum_of_weights(step) == 0 || step->base_minor <= 0) {
        print_nobody(step);
    } else if (step->division == BY_OVERRIDES) {
        print_overrides(of, step);
    } else if (step->division == BY_CREDITS) {
        print_credits(of, step);
    } else {
        print_pool(of, step);
    }
}
