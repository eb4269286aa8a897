/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom to ask: what a contact's company is worth to the member, what an ask of them promises, and who of those that
 * promise most may be asked now. The formula is in docs/workday.md, "Today". */
#include "query/today.h"

#include "apply/bonds.h"
#include "base/clock.h"
#include "decide/asks.h"
#include "domain/match_score.h"

#include <string.h>
#include <strings.h>

#define ASK_REST_DAYS 90
#define CLIENTS_MOST 200 /* companies that the member won, the newest */
#define MARKET_SLOTS 1024
#define SIZE_BANDS 8
/* What is not known counts as the half of what it could be. */
#define UNKNOWN_PPM (PPM / 2)
/* A company that is not what the card asks for is worth so much of one that is. */
#define MISFIT_PPM (PPM / 4)

/* A company of which a division was won. */
struct client {
    uint64_t group; /* the parent, or itself where it has none */
    uint64_t company;
};

struct slot {
    uint64_t company;
    struct today_value value;
};

struct today_market {
    struct today *today;
    size_t client_count;
    struct client clients[CLIENTS_MOST];
    struct slot slots[MARKET_SLOTS]; /* by company, the last that was asked for */
};

/* ---- who is a client ---- */

static void add_client(struct today_market *market, uint64_t company)
{
    struct today *today = market->today;
    for (size_t i = 0; i < market->client_count; i++) {
        if (market->clients[i].company == company) {
            return;
        }
    }
    const Vouch__V1__Company *record = record_company(today->question->view, company, today->scratch);
    if (record != NULL && market->client_count < CLIENTS_MOST) {
        market->clients[market->client_count++] = (struct client){record->parent != 0 ? record->parent : company,
                                                                  company};
    }
}

/* Prospects of the member's won referrals, from the newest. */
static void add_clients(struct today_market *market, enum referral_party party)
{
    struct today *today = market->today;
    struct key key = key_referral_member(today->member->id, party, STATE(WON), UINT64_MAX);
    struct cursor *cursor = cursor_open(today->question->view, TABLE_REFERRAL_MEMBER);
    size_t prefix = key.size - 8;
    struct slice at;
    bool found = cursor_seek_before(cursor, key_slice(&key), &at, NULL);
    while (found && at.size == key.size && memcmp(at.data, key.bytes, prefix) == 0 &&
           market->client_count < CLIENTS_MOST) {
        arena_reset(today->scratch);
        const Vouch__V1__Referral *referral = record_referral(today->question->view, slice_u64(at, prefix),
                                                              today->scratch);
        if (referral != NULL) {
            add_client(market, referral->prospect);
        }
        found = cursor_previous(cursor, &at, NULL);
    }
    cursor_close(&cursor);
}

struct today_market *today_market_new(struct today *today)
{
    struct today_market *market = arena_alloc(today->question->arena, sizeof *market);
    if (market != NULL) {
        market->today = today;
        add_clients(market, PARTY_RECEIVER);
        add_clients(market, PARTY_REFERRER);
    }
    return market;
}

bool today_market_has_clients(const struct today_market *market)
{
    return market->client_count > 0;
}

/* A client of the same group; the group itself and its divisions are siblings of each other. */
static uint64_t sibling_of(const struct today_market *market, const Vouch__V1__Company *company)
{
    uint64_t group = company->parent != 0 ? company->parent : company->id;
    uint64_t sibling = 0;
    for (size_t i = 0; i < market->client_count; i++) {
        if (market->clients[i].company == company->id) {
            return 0; /* a client itself */
        }
        if (market->clients[i].group == group) {
            sibling = market->clients[i].company;
        }
    }
    return sibling;
}

/* ---- what a company is worth ---- */

static bool has_word(size_t count, char *const *words, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* Whole where the card wants it, or wants nothing in particular; less where it wants something else. */
static uint32_t fit_ppm(size_t count, char *const *words, const char *word)
{
    if (count == 0 || has_word(count, words, word)) {
        return PPM;
    }
    return word[0] == '\0' ? UNKNOWN_PPM : MISFIT_PPM;
}

static uint32_t times(uint32_t left_ppm, uint32_t right_ppm)
{
    return (uint32_t)((uint64_t)left_ppm * right_ppm / PPM);
}

static uint32_t worth_ppm(const Vouch__V1__Card *card, const Vouch__V1__Company *company)
{
    uint32_t size = company->size_band == 0 ? UNKNOWN_PPM : company->size_band * (PPM / SIZE_BANDS);
    if (card == NULL) {
        return size;
    }
    uint32_t industry = fit_ppm(card->n_industries, card->industries, company->industry);
    return times(size, times(industry, fit_ppm(card->n_countries, card->countries, company->country)));
}

struct today_value today_market_value(struct today_market *market, uint64_t company)
{
    struct slot *slot = &market->slots[company % MARKET_SLOTS];
    if (company == 0) {
        return (struct today_value){times(UNKNOWN_PPM, UNKNOWN_PPM), 0};
    }
    if (slot->company != company) {
        const struct today *today = market->today;
        const Vouch__V1__Company *record = record_company(today->question->view, company, today->scratch);
        slot->company = company;
        slot->value = (struct today_value){0, 0};
        if (record != NULL) {
            slot->value.ppm = worth_ppm(today->member->card, record);
            slot->value.sibling = sibling_of(market, record);
        }
        if (slot->value.sibling != 0) {
            slot->value.ppm = PPM; /* the group has bought already */
        }
    }
    return slot->value;
}

/* ---- what an ask promises ---- */

uint32_t today_propensity_ppm(uint32_t asks, uint32_t named)
{
    return (uint32_t)(((uint64_t)named + 1) * PPM / ((uint64_t)asks + 5));
}

uint32_t today_score_ppm(uint32_t strength_ppm, uint32_t propensity_ppm, int64_t since_ask_ms, uint32_t value_ppm)
{
    int64_t rest_ms = ASK_REST_DAYS * MS_PER_DAY;
    uint32_t rested = since_ask_ms >= rest_ms ? PPM : since_ask_ms <= 0 ? 0 : (uint32_t)(since_ask_ms * PPM / rest_ms);
    return times(times(strength_ppm, propensity_ppm), times(rested, value_ppm));
}

/* ---- who may be asked ---- */

/* Something that they named was won, and they have been told. */
static bool was_delivered(struct today *today, uint64_t contact)
{
    const struct view *view = today->question->view;
    const Vouch__V1__Ask *ask = asks_last_of(view, today->member->id, contact, today->scratch);
    if (ask == NULL || ask->state != VOUCH__V1__ASK_STATE__OUTCOME_TOLD) {
        return false;
    }
    for (size_t i = 0; i < ask->n_referrals; i++) {
        const Vouch__V1__Referral *referral = record_referral(view, ask->referrals[i], today->scratch);
        if (referral != NULL && referral->state == STATE(WON)) {
            return true;
        }
    }
    return false;
}

void today_choose_asks(struct today *today, const struct today_best *candidates)
{
    const struct question *question = today->question;
    for (size_t i = 0; i < candidates->count && today->asks.count < TODAY_ASKS; i++) {
        struct today_item item = candidates->items[i];
        arena_reset(today->scratch);
        struct ask_budget budget = asks_budget(question->view, item.contact, question->policy, today->scratch);
        if (budget.free_ms > question->now_ms) {
            continue;
        }
        item.delivered = was_delivered(today, item.contact);
        if (item.standing.returns_calls || item.delivered || item.sibling != 0) {
            today_best_add(&today->asks, &item);
        }
    }
}
