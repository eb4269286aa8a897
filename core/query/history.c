/* SPDX-License-Identifier: Apache-2.0
 *
 * See history.h. Referrals are walked through one after the other; what is kept of them is bounded by the number of
 * different ways. */
#include "query/history.h"

#include "base/check.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

#define SCRATCH_BYTES ((size_t)1 << 20) /* one referral, unpacked */
#define LATE_EVERY 64                   /* rows between two looks at the clock */

/* A referral that counts, as a path. */
struct walked {
    bool won;
    int64_t value; /* 0 also when it is of another currency */
    uint32_t party_count;
    uint64_t parties[TOUCHES_MAX];
    uint64_t sequences[TOUCHES_MAX]; /* of their first touches */
};

/* ---- one referral ---- */

/* When it was won or lost. One from another system has no steps. */
static int64_t closed_ms(const Vouch__V1__Referral *referral)
{
    for (size_t i = referral->n_steps; i > 0; i--) {
        const Vouch__V1__ReferralStep *step = referral->steps[i - 1];
        if (step->verb == VERB(WIN) || step->verb == VERB(LOSE)) {
            return step->time_ms;
        }
    }
    return referral->changed_ms;
}

static void walked_add(struct walked *walked, uint64_t party, uint64_t sequence)
{
    for (uint32_t i = 0; i < walked->party_count; i++) {
        if (walked->parties[i] == party) {
            return;
        }
    }
    CHECK(walked->party_count < TOUCHES_MAX);
    walked->parties[walked->party_count] = party;
    walked->sequences[walked->party_count++] = sequence;
}

/* Parties by their first touches. Of a referral from another system only the referrer is known. */
static void walk_parties(const Vouch__V1__Referral *referral, struct walked *walked)
{
    struct touch touches[TOUCHES_MAX];
    size_t count = touches_of(referral, touches);
    for (size_t i = 0; i < count; i++) {
        if (!touches_is_ghost(referral, touches[i].party)) {
            walked_add(walked, touches[i].party, touches[i].sequence);
        }
    }
    if (count == 0 && referral->imported) {
        walked_add(walked, referral->referrer, referral->id);
    }
}

/* False for one that does not count. */
static bool walk(const struct history *history, const Vouch__V1__Referral *referral, struct walked *walked)
{
    *walked = (struct walked){.won = referral->state == STATE(WON)};
    if ((!walked->won && referral->state != STATE(LOST)) || (referral->imported && !history->imported)) {
        return false;
    }
    int64_t closed = closed_ms(referral);
    if (closed < history->from_ms || closed >= history->until_ms) {
        return false;
    }
    if (walked->won && referral->value != NULL && strcmp(referral->value->currency, history->currency) == 0) {
        walked->value = referral->value->minor;
    }
    walk_parties(referral, walked);
    return walked->party_count > 0;
}

/* ---- all of them ---- */

static enum vouch_status way_of(struct question *question, struct history *history, const struct walked *walked,
                                struct way **way)
{
    size_t size = walked->party_count * sizeof *walked->parties;
    HASH_FIND(hh, history->ways, walked->parties, size, *way);
    if (*way != NULL) {
        return VOUCH_OK;
    }
    if (HASH_COUNT(history->ways) == VOUCH_PATHS_MAX ||
        walked->party_count > VOUCH_PATH_PLACES_MAX - history->place_count) {
        return status_set(&question->why, VOUCH_TOO_LARGE,
                          "referrals went more different ways than the %u of %u parties in all that an estimate "
                          "takes; ask about a shorter time",
                          VOUCH_PATHS_MAX, VOUCH_PATH_PLACES_MAX);
    }
    *way = arena_alloc(question->arena, sizeof **way + size);
    if (*way == NULL) {
        return question_too_large(question);
    }
    (*way)->party_count = walked->party_count;
    memcpy((*way)->parties, walked->parties, size);
    history->place_count += walked->party_count;
    HASH_ADD_KEYPTR(hh, history->ways, (*way)->parties, size, *way);
    return VOUCH_OK;
}

static enum vouch_status count_party(struct question *question, struct history *history, uint64_t id, uint64_t sequence,
                                     bool won)
{
    struct party_history *party;
    HASH_FIND(hh, history->parties, &id, sizeof id, party);
    if (party == NULL) {
        party = arena_alloc(question->arena, sizeof *party);
        if (party == NULL) {
            return question_too_large(question);
        }
        party->party = id;
        party->first_sequence = sequence;
        HASH_ADD(hh, history->parties, party, sizeof party->party, party);
    }
    party->won += won;
    party->lost += !won;
    party->first_sequence = sequence < party->first_sequence ? sequence : party->first_sequence;
    return VOUCH_OK;
}

static enum vouch_status count_walked(struct question *question, struct history *history, const struct walked *walked,
                                      const Vouch__V1__Referral *referral)
{
    struct way *way = NULL;
    enum vouch_status status = way_of(question, history, walked, &way);
    for (uint32_t i = 0; status == VOUCH_OK && i < walked->party_count; i++) {
        status = count_party(question, history, walked->parties[i], walked->sequences[i], walked->won);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    way->won += walked->won;
    way->lost += !walked->won;
    history->won += walked->won;
    history->lost += !walked->won;
    history->other_currency += walked->won && referral->value != NULL &&
                               strcmp(referral->value->currency, history->currency) != 0;
    way->value += walked->value;
    if (__builtin_add_overflow(history->value, walked->value, &history->value) ||
        history->value > VOUCH_WEIGHT_SUM_MAX) {
        return status_set(&question->why, VOUCH_TOO_LARGE,
                          "the deals of this time add up to more than 2^62 minor units; ask about a shorter one");
    }
    return VOUCH_OK;
}

/* Party by party, a way before those that it is the beginning of. */
static int compare_ways(const struct way *left, const struct way *right)
{
    uint32_t least = left->party_count < right->party_count ? left->party_count : right->party_count;
    for (uint32_t i = 0; i < least; i++) {
        if (left->parties[i] != right->parties[i]) {
            return left->parties[i] < right->parties[i] ? -1 : 1;
        }
    }
    return (left->party_count > right->party_count) - (left->party_count < right->party_count);
}

static enum vouch_status walk_all(struct question *question, struct history *history, struct arena *scratch)
{
    struct slice key;
    struct walked walked;
    enum vouch_status status = VOUCH_OK;
    uint64_t rows = 0;
    struct cursor *cursor = cursor_open(question->view, TABLE_REFERRAL);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row && status == VOUCH_OK;
         row = cursor_next(cursor, &key, NULL)) {
        if (++rows % LATE_EVERY == 0 && question_is_late(question)) {
            status = VOUCH_TIMEOUT;
            break;
        }
        arena_reset(scratch);
        const Vouch__V1__Referral *referral = record_referral(question->view, slice_u64(key, 0), scratch);
        CHECK(referral != NULL);
        if (walk(history, referral, &walked)) {
            status = count_walked(question, history, &walked, referral);
        }
    }
    cursor_close(&cursor);
    return status;
}

enum vouch_status history_make(struct question *question, struct history *history)
{
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    enum vouch_status status = walk_all(question, history, scratch);
    arena_free(&scratch);
    HASH_SORT(history->ways, compare_ways);
    return status;
}

void history_free(struct history *history)
{
    HASH_CLEAR(hh, history->ways);
    HASH_CLEAR(hh, history->parties);
}

/* ---- as others want it ---- */

static void digest_number(crypto_generichash_state *state, uint64_t number)
{
    uint64_t little = htole64(number);
    crypto_generichash_update(state, (const unsigned char *)&little, sizeof little);
}

void history_digest(const struct history *history, uint8_t digest[HISTORY_DIGEST_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HISTORY_DIGEST_BYTES);
    digest_number(&state, (uint64_t)history->from_ms);
    digest_number(&state, (uint64_t)history->until_ms);
    crypto_generichash_update(&state, (const unsigned char *)history->currency, 3);
    digest_number(&state, HASH_COUNT(history->ways));
    for (const struct way *way = history->ways; way != NULL; way = way->hh.next) {
        digest_number(&state, way->party_count);
        for (uint32_t i = 0; i < way->party_count; i++) {
            digest_number(&state, way->parties[i]);
        }
        digest_number(&state, way->won);
        digest_number(&state, way->lost);
        digest_number(&state, (uint64_t)way->value);
    }
    crypto_generichash_final(&state, digest, HISTORY_DIGEST_BYTES);
}

bool history_request(struct question *question, const struct history *history, struct vouch_estimate_request *request)
{
    uint32_t count = HASH_COUNT(history->ways);
    struct vouch_path *paths = arena_alloc(question->arena, count * sizeof *paths);
    uint64_t *parties = arena_alloc(question->arena, history->place_count * sizeof *parties);
    if (paths == NULL || parties == NULL) {
        return false;
    }
    *request = (struct vouch_estimate_request){.size = sizeof *request,
                                               .from_ms = history->from_ms,
                                               .until_ms = history->until_ms,
                                               .currency = history->currency,
                                               .path_count = count,
                                               .paths = paths,
                                               .parties = parties};
    for (const struct way *way = history->ways; way != NULL; way = way->hh.next) {
        *paths++ = (struct vouch_path){.first = request->place_count,
                                       .party_count = way->party_count,
                                       .won = way->won,
                                       .lost = way->lost,
                                       .value = way->value};
        memcpy(parties + request->place_count, way->parties, way->party_count * sizeof *parties);
        request->place_count += way->party_count;
    }
    CHECK(request->place_count == history->place_count);
    return true;
}
