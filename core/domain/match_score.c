/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums of scores. Integers wherever parts must add up; floating point only for the two factors that are curves. */
#include "domain/match_score.h"

#include "base/check.h"
#include "domain/money.h"

#include <math.h>

#define RELIABILITY_QUANTILE 0.05

static uint32_t round_ppm(double share)
{
    CHECK(share >= 0.0 && share <= 1.0);
    return (uint32_t)llrint(share * PPM);
}

void match_score_sum(struct match_component *components, size_t count, struct match_score *score)
{
    CHECK(count <= MATCH_COMPONENTS_MAX);
    struct money_part parts[MATCH_COMPONENTS_MAX];
    uint64_t known = 0;
    uint64_t all = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        CHECK(components[i].x_ppm <= PPM);
        uint64_t product = components[i].known ? (uint64_t)components[i].weight * components[i].x_ppm : 0;
        parts[i] = (struct money_part){i, i, (int64_t)product, 0};
        all += components[i].weight;
        known += components[i].known ? components[i].weight : 0;
        sum += product;
    }
    score->bracket_ppm = known == 0 ? 0 : (uint32_t)((sum + known / 2) / known);
    bool any = money_allocate(score->bracket_ppm, parts, count);
    CHECK(any || score->bracket_ppm == 0);
    for (size_t i = 0; i < count; i++) {
        components[i].contribution_ppm = (uint32_t)parts[i].minor;
    }
    score->coverage_ppm = all == 0 ? PPM / 2 : (uint32_t)(PPM / 2 + (known * (PPM / 2) + all / 2) / all);
    uint64_t product = score->bracket_ppm;
    product = (product * score->reliability_ppm + PPM / 2) / PPM;
    product = (product * score->capacity_ppm + PPM / 2) / PPM;
    product = (product * score->coverage_ppm + PPM / 2) / PPM;
    score->score_ppm = (uint32_t)product;
}

uint32_t match_capacity_ppm(uint64_t open, uint32_t capacity)
{
    if (capacity == 0) {
        capacity = MATCH_CAPACITY_DEFAULT;
    }
    if (open >= capacity) {
        return 0;
    }
    double load = (double)open / capacity;
    return round_ppm(exp(-load * load));
}

/* Continued fraction of the incomplete beta function (Lentz's method). */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1.0;
    double d = 1.0 / fmax(1.0 - (a + b) * x / (a + 1.0), tiny);
    double fraction = d;
    for (int m = 1; m <= 300; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        for (int half = 0; half < 2; half++) {
            double term = half == 0 ? even : odd;
            d = 1.0 + term * d;
            c = 1.0 + term / c;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            fraction *= d * c;
        }
        if (fabs(d * c - 1.0) < 1e-13) {
            break;
        }
    }
    return fraction;
}

/* lgamma keeps the sign of the result in a global that threads share; lgamma_r does not. */
static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* The regularised incomplete beta function; `log_scale` is the logarithm of 1 / B(a, b). */
static double beta_share(double x, double a, double b, double log_scale)
{
    double front = exp(log_scale + a * log(x) + b * log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0)) {
        return front * beta_fraction(x, a, b) / a;
    }
    return 1.0 - front * beta_fraction(1.0 - x, b, a) / b;
}

/* Halvings until the quantile is known to a hundredth of a millionth. Every candidate of a match costs so many. */
#define HALVINGS 27

uint32_t match_reliability_ppm(double kept, double missed)
{
    CHECK(kept >= 0.0 && missed >= 0.0);
    double a = RELIABILITY_KEPT_PRIOR + kept;
    double b = RELIABILITY_MISSED_PRIOR + missed;
    double log_scale = log_gamma(a + b) - log_gamma(a) - log_gamma(b);
    double low = 0.0;
    double high = 1.0;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (beta_share(middle, a, b, log_scale) < RELIABILITY_QUANTILE) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return round_ppm((low + high) / 2);
}
