/* SPDX-License-Identifier: Apache-2.0
 *
 * Deals of any terms, any parties of any roles and any payments: a deal that can be won can be paid, in whatever parts;
 * no step is below zero; together they are the pool of what was paid, to the unit; who has no weight, or is a client
 * without a rate, gets nothing; the order of the parties changes nothing; and refunds of a payment, in whatever parts,
 * give back exactly what it accrued. */
#include "base/check.h"
#include "decide/deal_math.h"
#include "fuzz.h"

#include <string.h>

#define PAYMENTS_MAX 24
#define REFUNDS_MAX 6
#define AMOUNT_MOST INT64_C(1000000000000000) /* of bounty and floor, as decide_terms.c has it */

struct bytes {
    const uint8_t *data;
    size_t size;
};

static uint64_t take(struct bytes *bytes, size_t width)
{
    uint64_t number = 0;
    for (; width > 0 && bytes->size > 0; width--, bytes->size--) {
        number = number << 8 | *bytes->data++;
    }
    return number;
}

/* From 0 to `most`; small ones, any, and the end of the range. */
static int64_t take_up_to(struct bytes *bytes, int64_t most)
{
    uint64_t number;
    switch (take(bytes, 1) % 6) {
    case 0:
        number = take(bytes, 1) % 4;
        break;
    case 1:
        number = take(bytes, 2);
        break;
    case 2:
        number = take(bytes, 4);
        break;
    case 3:
        number = take(bytes, 8);
        break;
    case 4:
        number = (uint64_t)most - take(bytes, 1) % 3;
        break;
    default:
        number = take(bytes, 1);
        break;
    }
    return most == INT64_MAX ? (int64_t)(number & INT64_MAX) : (int64_t)(number % ((uint64_t)most + 1));
}

static void take_bands(struct bytes *bytes, struct terms *terms)
{
    int64_t end = 0;
    int64_t rate = 0;
    terms->tiers = (enum terms_tiers)(take(bytes, 1) % 3);
    terms->band_count = terms->tiers == TIERS_NONE ? 0 : 1 + take(bytes, 1) % TERMS_BANDS_MAX;
    for (size_t i = 0; i < terms->band_count; i++) {
        int64_t wide = 1 + take_up_to(bytes, (INT64_MAX - end) / 2);
        bool last = i + 1 == terms->band_count;
        rate = terms->tiers == TIERS_RETROACTIVE ? rate + take_up_to(bytes, 10000 - rate) : take_up_to(bytes, 10000);
        terms->bands[i] = (struct terms_band){end, last ? TERMS_NO_LIMIT : end + wide, rate};
        end = terms->bands[i].until_minor;
    }
}

static struct terms take_terms(struct bytes *bytes)
{
    struct terms terms = terms_presets();
    memcpy(terms.currency, take(bytes, 1) % 4 == 0 ? "JPY" : "EUR", CURRENCY_BYTES);
    terms.partner_bps = take_up_to(bytes, 10000);
    terms.coworker_bps = take_up_to(bytes, 10000);
    terms.client_bps = take(bytes, 1) % 2 == 0 ? 0 : take_up_to(bytes, 10000);
    terms.bounty_minor = take(bytes, 1) % 2 == 0 ? 0 : take_up_to(bytes, AMOUNT_MOST);
    terms.accelerator_bps = 10000 + take_up_to(bytes, 90000);
    terms.quota_minor = take_up_to(bytes, INT64_MAX);
    terms.floor_minor = take(bytes, 1) % 2 == 0 ? 0 : take_up_to(bytes, AMOUNT_MOST);
    terms.cap_minor = take(bytes, 1) % 2 == 0 ? TERMS_NO_LIMIT : 1 + take_up_to(bytes, INT64_MAX - 1);
    take_bands(bytes, &terms);
    return terms;
}

/* A deal and what it points to. */
struct made {
    Vouch__V1__Deal deal;
    Vouch__V1__Money value;
    Vouch__V1__DealShare shares[DEAL_SHARES_MAX];
    Vouch__V1__DealShare *order[DEAL_SHARES_MAX];
};

static void take_deal(struct bytes *bytes, struct terms *terms, struct made *made)
{
    int64_t left = INT64_C(1) << 62; /* the sum that plugins may give */
    vouch__v1__deal__init(&made->deal);
    vouch__v1__money__init(&made->value);
    made->value.currency = terms->currency;
    made->value.minor = 1 + take_up_to(bytes, INT64_MAX - 1);
    made->deal.value = &made->value;
    made->deal.prior_minor = take_up_to(bytes, INT64_MAX - made->value.minor);
    made->deal.overrides = take(bytes, 1) % 4 == 0;
    made->deal.shares = made->order;
    made->deal.n_shares = take(bytes, 1) % (DEAL_SHARES_MAX + 1);
    bool one_role = take(bytes, 1) % 2 == 0;
    for (size_t i = 0; i < made->deal.n_shares; i++) {
        Vouch__V1__DealShare *share = &made->shares[i];
        vouch__v1__deal_share__init(share);
        share->member = 1 + (i * 37) % 101;
        share->first_touch = take(bytes, 1);
        share->role = (Vouch__V1__TermsRole)(1 + (one_role ? 0 : take(bytes, 1) % 3));
        share->weight = take_up_to(bytes, made->deal.overrides ? MONEY_OVERRIDE_WHOLE : left);
        left -= made->deal.overrides ? 0 : share->weight;
        made->order[i] = share;
    }
}

static bool gets_nothing(const struct terms *terms, const Vouch__V1__DealShare *share)
{
    return share->weight == 0 || (share->role == VOUCH__V1__TERMS_ROLE__OF_CLIENT && terms->client_bps == 0);
}

static bool has_several_roles(const Vouch__V1__Deal *deal)
{
    for (size_t i = 1; i < deal->n_shares; i++) {
        if (deal->shares[i]->role != deal->shares[0]->role) {
            return true;
        }
    }
    return false;
}

/* The same parties the other way round get the same. */
static void turn(const struct terms *terms, struct made *made, int64_t base, const struct deal_due *due)
{
    Vouch__V1__DealShare *turned[DEAL_SHARES_MAX];
    Vouch__V1__Deal deal = made->deal;
    struct deal_due other;
    struct status_text why = {""};
    size_t count = deal.n_shares;
    for (size_t i = 0; i < count; i++) {
        turned[i] = made->order[count - 1 - i];
    }
    /* A pool of parties of several roles that is made before it is shared is made at the rate of the first who is paid:
     * there the order says something. */
    bool ordered = due->steps.slice_count > 0 && has_several_roles(&deal);
    deal.shares = turned;
    if (ordered || deal.overrides || deal_due(terms, &deal, base, &other, &why) != VOUCH_OK) {
        return;
    }
    CHECK(other.total_minor == due->total_minor);
    for (size_t i = 0; i < count; i++) {
        CHECK(other.parts[count - 1 - i].minor == due->parts[i].minor);
    }
}

/* Gives back one payment in parts. */
static void refund(struct bytes *bytes, int64_t paid, const struct money_part *steps, size_t count)
{
    struct money_part parts[DEAL_SHARES_MAX];
    struct money_part taken[DEAL_SHARES_MAX];
    int64_t earlier[DEAL_SHARES_MAX] = {0};
    int64_t refunded = 0;
    for (size_t i = 0; i < count; i++) {
        parts[i] = steps[i];
        parts[i].weight = steps[i].minor;
    }
    for (int round = 0; round < REFUNDS_MAX && refunded < paid; round++) {
        refunded = round + 1 == REFUNDS_MAX ? paid : refunded + 1 + take_up_to(bytes, paid - refunded - 1);
        CHECK(money_refund_step(paid, refunded, parts, earlier, taken, count));
        for (size_t i = 0; i < count; i++) {
            CHECK(taken[i].minor >= 0 && taken[i].minor <= parts[i].weight - earlier[i]);
            earlier[i] += taken[i].minor;
        }
    }
    for (size_t i = 0; i < count; i++) {
        CHECK(refunded != paid || earlier[i] == parts[i].weight);
    }
}

/* One payment more. `given` is what all before it gave. */
static void pay(struct bytes *bytes, const struct terms *terms, struct made *made, int64_t base, int64_t amount,
                int64_t earlier[DEAL_SHARES_MAX])
{
    struct deal_due due;
    struct money_part steps[DEAL_SHARES_MAX];
    struct status_text why = {""};
    __extension__ __int128 given = 0;
    __extension__ __int128 now = 0;
    CHECK(deal_due(terms, &made->deal, base, &due, &why) == VOUCH_OK);
    CHECK(due.count == made->deal.n_shares && due.total_minor >= 0);
    bool shared = deal_step(&made->deal, &due, earlier, steps);
    for (size_t i = 0; i < due.count; i++) {
        CHECK(steps[i].minor >= 0);
        CHECK(shared || steps[i].minor == 0);
        CHECK(!gets_nothing(terms, made->order[i]) || steps[i].minor == 0);
        given += earlier[i];
        now += steps[i].minor;
        earlier[i] += steps[i].minor;
    }
    CHECK(given + now == (due.total_minor > given ? due.total_minor : given));
    CHECK(made->deal.overrides || due.total_minor == 0 || due.total_minor == due.steps.pool_minor);
    turn(terms, made, base, &due);
    refund(bytes, amount, steps, due.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct terms terms = take_terms(&bytes);
    struct made made;
    struct deal_due due;
    struct status_text why = {""};
    int64_t earlier[DEAL_SHARES_MAX] = {0};
    take_deal(&bytes, &terms, &made);
    if (terms_check(&terms, true, &why) != VOUCH_OK ||
        deal_due(&terms, &made.deal, made.value.minor, &due, &why) != VOUCH_OK) {
        CHECK(why.text[0] != '\0');
        return 0;
    }
    int64_t base = 0;
    for (int i = 0; i < PAYMENTS_MAX && base < made.value.minor; i++) {
        int64_t rest = made.value.minor - base;
        int64_t amount = i + 1 == PAYMENTS_MAX ? rest : 1 + take_up_to(&bytes, rest - 1);
        base += amount;
        pay(&bytes, &terms, &made, base, amount, earlier);
    }
    return 0;
}
