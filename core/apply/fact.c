/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows that reports count. Writing one is part of every step of a referral, so a row is small, of fixed size and
 * touched once; rows are in the order of registration, so new ones go to the end of the table. */
#include "apply/fact.h"

#include "apply/parts.h"
#include "base/check.h"

#include <endian.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name

#define FACT_NUMBERS 9
#define FACT_BYTES (FACT_NUMBERS * 8 + 4)
#define REVENUE_NUMBERS 5
#define REVENUE_BYTES (REVENUE_NUMBERS * 8 + 4)

/* ---- layout: numbers little-endian, then single bytes ---- */

static void numbers_write(uint8_t *bytes, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t little = htole64(numbers[i]);
        memcpy(bytes + i * 8, &little, 8);
    }
}

static uint64_t number_at(const uint8_t *bytes, size_t index)
{
    uint64_t little;
    memcpy(&little, bytes + index * 8, 8);
    return le64toh(little);
}

struct key key_fact(int64_t registered_ms, uint64_t referral)
{
    CHECK(registered_ms > 0);
    return key_u64_u64((uint64_t)registered_ms, referral);
}

struct fact fact_read(struct slice key, struct slice value)
{
    CHECK(key.size == 16 && value.size == FACT_BYTES);
    const uint8_t *bytes = value.data;
    const uint8_t *small = bytes + (size_t)FACT_NUMBERS * 8;
    return (struct fact){.registered_ms = (int64_t)slice_u64(key, 0),
                         .referral = slice_u64(key, 8),
                         .accepted_ms = (int64_t)number_at(bytes, 0),
                         .contacted_ms = (int64_t)number_at(bytes, 1),
                         .meeting_ms = (int64_t)number_at(bytes, 2),
                         .opportunity_ms = (int64_t)number_at(bytes, 3),
                         .closed_ms = (int64_t)number_at(bytes, 4),
                         .referrer = number_at(bytes, 5),
                         .receiver = number_at(bytes, 6),
                         .prospect = number_at(bytes, 7),
                         .ask = number_at(bytes, 8),
                         .state = small[0],
                         .source = small[1],
                         .flags = small[2],
                         .ghosts = small[3]};
}

static void fact_put(struct view *view, const struct fact *fact)
{
    uint8_t bytes[FACT_BYTES];
    uint8_t *small = bytes + (size_t)FACT_NUMBERS * 8;
    const uint64_t numbers[FACT_NUMBERS] = {(uint64_t)fact->accepted_ms,
                                            (uint64_t)fact->contacted_ms,
                                            (uint64_t)fact->meeting_ms,
                                            (uint64_t)fact->opportunity_ms,
                                            (uint64_t)fact->closed_ms,
                                            fact->referrer,
                                            fact->receiver,
                                            fact->prospect,
                                            fact->ask};
    numbers_write(bytes, numbers, FACT_NUMBERS);
    small[0] = fact->state;
    small[1] = fact->source;
    small[2] = fact->flags;
    small[3] = fact->ghosts;
    struct key key = key_fact(fact->registered_ms, fact->referral);
    table_put(view, TABLE_FACT, key_slice(&key), (struct slice){bytes, sizeof bytes});
}

bool fact_get(const struct view *view, int64_t registered_ms, uint64_t referral, struct fact *fact)
{
    struct key key = key_fact(registered_ms, referral);
    struct slice value;
    if (!table_get(view, TABLE_FACT, key_slice(&key), &value)) {
        return false;
    }
    *fact = fact_read(key_slice(&key), value);
    return true;
}

bool fact_counts(const struct fact *fact)
{
    return (fact->flags & (FACT_DUPLICATE | FACT_FRAUD)) == 0;
}

/* ---- a step ---- */

static void time_set(int64_t *time_ms, int64_t now_ms)
{
    *time_ms = *time_ms == 0 ? now_ms : *time_ms;
}

/* When what was reached, and whether it is a duplicate from now on. */
static void by_verb(struct fact *fact, Vouch__V1__ReferralVerb verb, int64_t now_ms)
{
    switch (verb) {
    case VERB(ACCEPT):
        time_set(&fact->accepted_ms, now_ms);
        break;
    case VERB(CONTACT):
        time_set(&fact->contacted_ms, now_ms);
        break;
    case VERB(MEET):
        time_set(&fact->meeting_ms, now_ms);
        break;
    case VERB(QUALIFY):
        time_set(&fact->opportunity_ms, now_ms);
        break;
    case VERB(DISPLACE):
        fact->flags |= FACT_DUPLICATE;
        break;
    case VERB(PROMOTE):
    case VERB(CHOOSE):
        fact->flags &= (uint8_t)~FACT_DUPLICATE;
        break;
    default:
        break;
    }
}

static bool is_closed(Vouch__V1__ReferralState state)
{
    return state == STATE(WON) || state == STATE(LOST) || state == STATE(WITHDRAWN) || state == STATE(EXPIRED);
}

static void as_it_is(struct fact *fact, const Vouch__V1__Referral *now)
{
    fact->referrer = now->referrer;
    fact->receiver = now->receiver;
    fact->prospect = now->prospect;
    fact->ask = now->source == NULL ? 0 : now->source->ask;
    fact->source = now->source == NULL ? 0 : (uint8_t)now->source->kind;
    fact->state = (uint8_t)now->state;
    fact->ghosts = now->n_ghosts < UINT8_MAX ? (uint8_t)now->n_ghosts : UINT8_MAX;
    fact->flags = now->lead ? fact->flags | FACT_LEAD_NOW : (uint8_t)(fact->flags & ~FACT_LEAD_NOW);
}

void fact_step(struct application *application, const Vouch__V1__Referral *before, const Vouch__V1__Referral *now,
               Vouch__V1__ReferralVerb verb)
{
    if (now->registered_ms <= 0) {
        return;
    }
    struct fact fact = {.registered_ms = now->registered_ms, .referral = now->id};
    if (before != NULL && before->registered_ms > 0) {
        bool found = fact_get(application->view, now->registered_ms, now->id, &fact);
        if (!is_there(application, found ? now : NULL)) {
            return;
        }
    } else {
        fact.flags |= now->lead ? FACT_LEAD_FIRST : 0;
        fact.flags |= now->imported ? FACT_IMPORTED : 0;
    }
    as_it_is(&fact, now);
    by_verb(&fact, verb, now->changed_ms);
    if (is_closed(now->state)) {
        time_set(&fact.closed_ms, now->changed_ms);
    }
    fact_put(application->view, &fact);
}

void fact_mark(struct application *application, const Vouch__V1__Referral *referral, enum fact_flag flag)
{
    struct fact fact;
    if (referral->registered_ms > 0 && fact_get(application->view, referral->registered_ms, referral->id, &fact)) {
        fact.flags |= (uint8_t)flag;
        fact_put(application->view, &fact);
    }
}

/* ---- revenue ---- */

struct key key_revenue(int64_t time_ms, enum revenue_kind kind, uint64_t sequence, uint64_t payment)
{
    struct key key = key_u64(time_ms < 0 ? 0 : (uint64_t)time_ms);
    key_add_u8(&key, (uint8_t)kind);
    key_add_u64(&key, sequence);
    key_add_u64(&key, payment);
    return key;
}

struct revenue revenue_read(struct slice key, struct slice value)
{
    CHECK(key.size == 25 && value.size == REVENUE_BYTES);
    const uint8_t *bytes = value.data;
    struct revenue revenue = {.time_ms = (int64_t)slice_u64(key, 0),
                              .kind = ((const uint8_t *)key.data)[8],
                              .sequence = slice_u64(key, 9),
                              .payment = slice_u64(key, 17),
                              .referral = number_at(bytes, 0),
                              .referrer = number_at(bytes, 1),
                              .receiver = number_at(bytes, 2),
                              .prospect = number_at(bytes, 3),
                              .minor = (int64_t)number_at(bytes, 4),
                              .source = bytes[REVENUE_BYTES - 1]};
    memcpy(revenue.currency, bytes + (size_t)REVENUE_NUMBERS * 8, 3);
    return revenue;
}

void revenue_add(struct application *application, const Vouch__V1__Referral *referral, enum revenue_kind kind,
                 int64_t time_ms, const Vouch__V1__Money *amount, uint64_t payment)
{
    if (amount == NULL || amount->minor == 0) {
        return;
    }
    CHECK(strlen(amount->currency) == 3);
    uint8_t bytes[REVENUE_BYTES];
    const uint64_t numbers[REVENUE_NUMBERS] = {referral->id, referral->referrer, referral->receiver, referral->prospect,
                                               (uint64_t)amount->minor};
    numbers_write(bytes, numbers, REVENUE_NUMBERS);
    memcpy(bytes + (size_t)REVENUE_NUMBERS * 8, amount->currency, 3);
    bytes[REVENUE_BYTES - 1] = referral->source == NULL ? 0 : (uint8_t)referral->source->kind;
    struct key key = key_revenue(time_ms, kind, application->sequence, payment);
    table_put(application->view, TABLE_REVENUE, key_slice(&key), (struct slice){bytes, sizeof bytes});
}
