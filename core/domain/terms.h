/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms: what a deal pays, and the steps from its value to the pool, each with its number so that all of them can be
 * shown: base, rate, bounty, accelerator, floor and cap, split, minimum payout. Terms are checked when they are written
 * and frozen onto a deal when it is won; nothing here asks anybody. Pure, integers only, no memory: what a call needs
 * the caller hands in. */
#ifndef VOUCH_DOMAIN_TERMS_H
#define VOUCH_DOMAIN_TERMS_H

#include "base/status.h"
#include "domain/money.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TERMS_NO_LIMIT INT64_MAX
#define TERMS_BANDS_MAX 16
#define TERMS_SPLITS_MAX 16
#define TERMS_DIGEST_BYTES 32

/* Whom a rate is for. Numbers are stored and never change. */
enum terms_role { TERMS_PARTNER = 1, TERMS_COWORKER = 2, TERMS_CLIENT = 3 };

/* MARGINAL: each slice of the value at the rate of its band. RETROACTIVE: all that was won at the rate of the band that
 * was reached, less what the earlier deals were paid. Numbers are stored and never change. */
enum terms_tiers { TIERS_NONE = 0, TIERS_MARGINAL = 1, TIERS_RETROACTIVE = 2 };

/* [from, until) of all that was won in the period, this deal included. The first is from 0, each other from where the
 * one before it ends, the last until TERMS_NO_LIMIT. */
struct terms_band {
    int64_t from_minor;
    int64_t until_minor;
    int64_t rate_bps;
};

/* One agreed part. */
struct terms_split {
    uint64_t party;
    int64_t weight;
};

struct terms {
    char currency[CURRENCY_BYTES]; /* of every amount in here; "" when there is none: then for every currency */
    int64_t from_ms;               /* in force for deals won at or after this ... */
    int64_t until_ms;              /* ... and before this; INT64_MAX: until others are */
#define TERM(field, word, preset, least, most, sentence) int64_t field;
#include "domain/terms_fields.def"
#undef TERM
    enum terms_tiers tiers; /* when not NONE the bands are the rate, whatever the role */
    size_t band_count;
    struct terms_band bands[TERMS_BANDS_MAX];
    bool splits_are_bps; /* the agreed weights are basis points and must add up to 10000 */
    size_t split_count;  /* 0: the attribution plugin says who gets what */
    struct terms_split splits[TERMS_SPLITS_MAX];
};

/* One field of the table, for those who print and read terms. */
struct terms_field {
    const char *word;
    size_t offset; /* of the int64_t in struct terms */
    int64_t preset;
    int64_t least;
    int64_t most;
    const char *sentence;
};

/* The fields in their order; NULL past the last. */
const struct terms_field *terms_field_at(size_t index);

/* What holds when nobody wrote anything: the presets, no tiers, no splits, for ever, every currency. */
struct terms terms_presets(void);

/* Refuses with INVALID what cannot be meant: numbers out of bounds, bands with gaps or overlaps, a retroactive rate
 * that falls, a floor above the cap, weights that add up to nothing or are not the basis points that they claim to be.
 * DENIED: the client rate is above zero and `clients_may_be_paid`, which an admin sets, is not. */
enum vouch_status terms_check(const struct terms *terms, bool clients_may_be_paid, struct status_text *why) MUST_USE;

/* True when a deal could fall under both. */
bool terms_overlap(const struct terms *left, const struct terms *right);

/* BLAKE2b-256 over "vouch-terms-1" (13 bytes), the currency (4 bytes, zeros at its end), and these numbers as 8 bytes
 * little-endian: from, until, the fields in the order of their table, tiers, number of bands, each one's from, until
 * and rate, splits_are_bps, number of splits, each one's party and weight. */
void terms_digest(const struct terms *terms, uint8_t digest[TERMS_DIGEST_BYTES]);

/* One slice of a value at one rate: amount_minor * rate_bps / 10000 is minor + ten_thousandths / 10000. */
struct terms_slice {
    int64_t amount_minor;
    int64_t rate_bps;
    int64_t minor;
    int64_t ten_thousandths;
};

enum terms_bound { BOUND_NONE = 0, BOUND_FLOOR = 1, BOUND_CAP = 2 };

/* Every number between a value and its pool. */
struct terms_steps {
    char currency[CURRENCY_BYTES];
    int64_t prior_minor; /* won in the period before this deal */
    int64_t base_minor;
    size_t slice_count;
    struct terms_slice slices[TERMS_BANDS_MAX];
    int64_t due_minor;         /* retroactive: what all that was won owes at the rate that was reached */
    int64_t credited_minor;    /* retroactive: what the earlier deals were paid, taken off */
    int64_t rate_minor;        /* what the rate gives: the slices together, rounded once, half to even */
    int64_t bounty_minor;      /* added to it */
    int64_t accelerator_bps;   /* applied to both; 10000 when the quota was not reached before this deal */
    int64_t accelerated_minor; /* the result */
    enum terms_bound bound;    /* which of floor and cap changed it */
    int64_t pool_minor;        /* what is shared out */
};

/* From a value to its pool: `base_minor` is all that was paid on the deal so far, refunds not taken off; `prior_minor`
 * what was won in the period before the deal. A base of zero pays nothing. The pool never falls from payment to
 * payment: what one payment accrues is what is new (money_allocate_step), and what is refunded of it takes back from
 * that (money_refund_step), so a refund is never at the rate of another payment.
 * INVALID: another currency, a base or a prior below zero, numbers that do not fit. The terms were checked. */
enum vouch_status terms_compute(const struct terms *terms, enum terms_role role, const char *currency,
                                int64_t prior_minor, int64_t base_minor, struct terms_steps *steps,
                                struct status_text *why) MUST_USE;

/* What a party is credited with of a value that was split, and what its own rate makes of that. */
struct terms_credit {
    enum terms_role role; /* in */
    int64_t rate_bps;     /* out, as all below */
    int64_t credit_minor;
    int64_t earned_minor;
};

/* The same when the value is split first and each part pays at the rate of its own party's role: the base is divided
 * over parts[].weight, each credit is multiplied by its rate; bounty, accelerator, floor and cap work on the sum.
 * Leaves the shares of the pool in parts[].minor. Terms with tiers are refused with INVALID, and so are weights that
 * are all zero. */
enum vouch_status terms_compute_credits(const struct terms *terms, const char *currency, int64_t prior_minor,
                                        int64_t base_minor, struct terms_credit *credits, struct money_part *parts,
                                        size_t count, struct terms_steps *steps, struct status_text *why) MUST_USE;

/* The rate of a role, in basis points. */
int64_t terms_rate(const struct terms *terms, enum terms_role role);

/* True when a touch at `touch_ms` counts for a deal that closed at `close_ms`. */
bool terms_touch_counts(const struct terms *terms, int64_t touch_ms, int64_t close_ms);

/* When the hold of what accrued at `accrued_ms` has elapsed. */
int64_t terms_hold_until(const struct terms *terms, int64_t accrued_ms);

/* One payout: what was carried and what was earned since are paid together once they reach the minimum (and are above
 * zero), else carried on, debts too. False when they do not fit. */
bool terms_payout(const struct terms *terms, int64_t carried_minor, int64_t earned_minor, int64_t *paid_minor,
                  int64_t *carry_minor) MUST_USE;

#endif
