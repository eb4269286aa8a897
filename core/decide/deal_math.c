/* SPDX-License-Identifier: Apache-2.0
 *
 * From terms and shares to amounts. */
#include "decide/deal_math.h"

#include "base/check.h"

#include <string.h>

struct terms terms_of_record(const Vouch__V1__Terms *record)
{
    struct terms terms = {.from_ms = record->from_ms, .until_ms = record->until_ms};
    CHECK(record->n_bands <= TERMS_BANDS_MAX && record->n_splits <= TERMS_SPLITS_MAX);
    memcpy(terms.currency, record->currency, strnlen(record->currency, CURRENCY_BYTES - 1));
#define TERM(field, word, preset, least, most, sentence) terms.field = record->field;
#include "domain/terms_fields.def"
#undef TERM
    terms.tiers = (enum terms_tiers)record->tiers;
    terms.band_count = record->n_bands;
    for (size_t i = 0; i < record->n_bands; i++) {
        const Vouch__V1__TermsBand *band = record->bands[i];
        terms.bands[i] = (struct terms_band){band->from_minor, band->until_minor, band->rate_bps};
    }
    terms.splits_are_bps = record->splits_are_bps;
    terms.split_count = record->n_splits;
    for (size_t i = 0; i < record->n_splits; i++) {
        terms.splits[i] = (struct terms_split){record->splits[i]->member, record->splits[i]->weight};
    }
    return terms;
}

static void *new_message(const ProtobufCMessageDescriptor *type, struct arena *arena)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);
    if (message != NULL) {
        type->message_init(message);
    }
    return message;
}

static bool put_bands(const struct terms *terms, Vouch__V1__Terms *record, struct arena *arena)
{
    record->bands = arena_alloc(arena, (terms->band_count + 1) * sizeof *record->bands);
    for (size_t i = 0; record->bands != NULL && i < terms->band_count; i++) {
        Vouch__V1__TermsBand *band = new_message(&vouch__v1__terms_band__descriptor, arena);
        if (band == NULL) {
            return false;
        }
        band->from_minor = terms->bands[i].from_minor;
        band->until_minor = terms->bands[i].until_minor;
        band->rate_bps = terms->bands[i].rate_bps;
        record->bands[record->n_bands++] = band;
    }
    return record->bands != NULL;
}

static bool put_splits(const struct terms *terms, Vouch__V1__Terms *record, struct arena *arena)
{
    record->splits = arena_alloc(arena, (terms->split_count + 1) * sizeof *record->splits);
    for (size_t i = 0; record->splits != NULL && i < terms->split_count; i++) {
        Vouch__V1__TermsSplit *split = new_message(&vouch__v1__terms_split__descriptor, arena);
        if (split == NULL) {
            return false;
        }
        split->member = terms->splits[i].party;
        split->weight = terms->splits[i].weight;
        record->splits[record->n_splits++] = split;
    }
    return record->splits != NULL;
}

Vouch__V1__Terms *terms_to_record(const struct terms *terms, struct arena *arena)
{
    uint8_t digest[TERMS_DIGEST_BYTES];
    Vouch__V1__Terms *record = new_message(&vouch__v1__terms__descriptor, arena);
    if (record == NULL || !put_bands(terms, record, arena) || !put_splits(terms, record, arena)) {
        return NULL;
    }
    terms_digest(terms, digest);
    record->currency = arena_strdup(arena, terms->currency);
    record->digest.data = arena_memdup(arena, digest, sizeof digest);
    record->digest.len = sizeof digest;
    record->from_ms = terms->from_ms;
    record->until_ms = terms->until_ms;
#define TERM(field, word, preset, least, most, sentence) record->field = terms->field;
#include "domain/terms_fields.def"
#undef TERM
    record->tiers = terms->tiers;
    record->splits_are_bps = terms->splits_are_bps;
    return record->currency == NULL || record->digest.data == NULL ? NULL : record;
}

bool deal_terms(const struct view *view, const Vouch__V1__Deal *deal, struct arena *arena, struct terms *terms)
{
    const Vouch__V1__Terms *record = deal->frozen != NULL ? deal->frozen
                                                          : record_terms(view, deal->terms, deal->terms_version, arena);
    if (record == NULL) {
        return false;
    }
    *terms = terms_of_record(record);
    return true;
}

Vouch__V1__TermsRole deal_role(const struct view *view, uint64_t party, uint64_t company, struct arena *arena)
{
    const Vouch__V1__Member *member = record_member(view, party, arena);
    if (member == NULL || member->company == company) {
        return VOUCH__V1__TERMS_ROLE__OF_COWORKER;
    }
    const Vouch__V1__Company *of = record_company(view, member->company, arena);
    return of != NULL && of->kind == VOUCH__V1__COMPANY_KIND__CLIENT ? VOUCH__V1__TERMS_ROLE__OF_CLIENT
                                                                     : VOUCH__V1__TERMS_ROLE__OF_PARTNER;
}

/* Clients are paid nothing, no bounty and no tier either, where the terms give them no rate: that may be bribery, and
 * only an admin can allow it. */
static bool is_unpaid(const struct terms *terms, const Vouch__V1__DealShare *share)
{
    return share->role == VOUCH__V1__TERMS_ROLE__OF_CLIENT && terms->client_bps == 0;
}

/* True when the value is to be split first and each part pays at its own party's rate: several roles, and a rate. */
static bool is_by_credits(const struct terms *terms, const Vouch__V1__Deal *deal)
{
    bool several = false;
    bool rated = false;
    for (size_t i = 0; i < deal->n_shares; i++) {
        const Vouch__V1__DealShare *share = deal->shares[i];
        several = several || share->role != deal->shares[0]->role;
        rated = rated || (share->weight > 0 && terms_rate(terms, (enum terms_role)share->role) > 0);
    }
    return several && rated && !deal->overrides && terms->tiers == TIERS_NONE;
}

/* The role whose rate makes the pool: of the first who is paid. Sets the weights of those who are not to 0; false when
 * that leaves nobody. */
static bool pool_role(const struct terms *terms, const Vouch__V1__Deal *deal, struct deal_due *due,
                      enum terms_role *role)
{
    bool anybody = false;
    *role = due->count > 0 ? (enum terms_role)deal->shares[0]->role : TERMS_PARTNER;
    for (size_t i = 0; i < due->count; i++) {
        if (is_unpaid(terms, deal->shares[i])) {
            due->parts[i].weight = 0;
        }
        if (due->parts[i].weight > 0 && !anybody) {
            anybody = true;
            *role = (enum terms_role)deal->shares[i]->role;
        }
    }
    return anybody;
}

static enum vouch_status due_by_credits(const struct terms *terms, const Vouch__V1__Deal *deal, int64_t base_minor,
                                        struct deal_due *due, struct status_text *why)
{
    struct terms_credit credits[DEAL_SHARES_MAX];
    for (size_t i = 0; i < due->count; i++) {
        credits[i] = (struct terms_credit){.role = (enum terms_role)deal->shares[i]->role};
    }
    enum vouch_status status = terms_compute_credits(terms, deal->value->currency, deal->prior_minor, base_minor,
                                                     credits, due->parts, due->count, &due->steps, why);
    /* A pool that no rate made is shared as the value was, but for those whom the terms give none. */
    for (size_t i = 0; due->steps.rate_minor == 0 && i < due->count; i++) {
        due->parts[i].weight = is_unpaid(terms, deal->shares[i]) ? 0 : due->parts[i].weight;
    }
    if (status == VOUCH_OK && money_allocate(due->steps.pool_minor, due->parts, due->count)) {
        due->total_minor = due->steps.pool_minor;
    }
    return status;
}

static enum vouch_status due_by_overrides(struct deal_due *due, struct status_text *why)
{
    for (size_t i = 0; i < due->count; i++) {
        if (!money_override(due->steps.pool_minor, due->parts[i].weight, &due->parts[i].minor) ||
            __builtin_add_overflow(due->total_minor, due->parts[i].minor, &due->total_minor)) {
            return status_set(why, VOUCH_INVALID, "what the overrides of the deal come to would not fit a number");
        }
    }
    return VOUCH_OK;
}

enum vouch_status deal_due(const struct terms *terms, const Vouch__V1__Deal *deal, int64_t base_minor,
                           struct deal_due *due, struct status_text *why)
{
    CHECK(deal->n_shares <= DEAL_SHARES_MAX);
    *due = (struct deal_due){.count = deal->n_shares};
    for (size_t i = 0; i < due->count; i++) {
        const Vouch__V1__DealShare *share = deal->shares[i];
        due->parts[i] = (struct money_part){share->member, share->first_touch, share->weight, 0};
    }
    if (is_by_credits(terms, deal)) {
        due->division = DEAL_CREDITS;
        return due_by_credits(terms, deal, base_minor, due, why);
    }
    enum terms_role role;
    bool house = !pool_role(terms, deal, due, &role);
    due->division = house ? DEAL_HOUSE : deal->overrides ? DEAL_OVERRIDES : DEAL_POOL;
    enum vouch_status status = terms_compute(terms, role, deal->value->currency, deal->prior_minor, base_minor,
                                             &due->steps, why);
    if (status != VOUCH_OK || house) {
        return status;
    }
    if (due->division == DEAL_OVERRIDES) {
        return due_by_overrides(due, why);
    }
    due->total_minor = due->steps.pool_minor;
    CHECK(money_allocate(due->total_minor, due->parts, due->count));
    return VOUCH_OK;
}

bool deal_step(const Vouch__V1__Deal *deal, const struct deal_due *due, const int64_t *earlier_minor,
               struct money_part steps[DEAL_SHARES_MAX])
{
    for (size_t i = 0; i < due->count; i++) {
        steps[i] = due->parts[i];
        steps[i].minor = 0;
    }
    if (due->count == 0 || due->total_minor == 0) {
        return false;
    }
    if (!deal->overrides) {
        return money_allocate_step(due->total_minor, due->parts, earlier_minor, steps, due->count);
    }
    for (size_t i = 0; i < due->count; i++) {
        int64_t rise = due->parts[i].minor - earlier_minor[i];
        steps[i].minor = rise > 0 ? rise : 0;
    }
    return true;
}
