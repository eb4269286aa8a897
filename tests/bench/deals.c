/* SPDX-License-Identifier: Apache-2.0
 *
 * Deals for the commission measures: referrals that a connector introduces and three others help with, worked on by
 * their receivers, won, and paid. Who does what is computed from the deal's number, so that every member has as much to
 * do in a step as any other. */
#include "bench.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define STEP_SHIFT 40 /* in a request's token, above the number of deal and instalment */
#define STRIDES 30    /* times the parties of a deal: below DEAL_REPS */
#define CURRENCY "EUR"

/* Parties of a deal, in the order of their touches; then who receives it. */
enum party { REFERRER, CONNECTOR, HELPER, RECEIVER = DEAL_TOUCHES };

struct deals {
    size_t count;
    uint32_t payee;
    size_t instalments;
    uint64_t *referrals;     /* ids, by deal */
    enum deal_step step;     /* that is taken now, */
    size_t end;              /* with the deals below this one, */
    size_t round[DEAL_REPS]; /* of each rep: the next one, of DEAL_REPS deals; or, */
    size_t next;             /* where anybody can take it, the next deal or instalment */
    uint32_t request_bytes;  /* of the last one */
    uint32_t answer_bytes;
};

struct deals *deals_new(size_t count, uint32_t payee, size_t instalments)
{
    struct deals *deals = calloc(1, sizeof *deals);
    CHECK(deals != NULL && count % DEAL_REPS == 0 && instalments > 0);
    deals->count = count;
    deals->payee = payee;
    deals->instalments = instalments;
    deals->referrals = calloc(count, sizeof *deals->referrals);
    CHECK(deals->referrals != NULL);
    return deals;
}

void deals_free(struct deals **deals)
{
    free((*deals)->referrals);
    free(*deals);
    *deals = NULL;
}

/* ---- who ---- */

static uint32_t stride_of(size_t deal)
{
    return (uint32_t)(1 + deal / DEAL_REPS % STRIDES);
}

static uint32_t party_of(size_t deal, unsigned party)
{
    return (uint32_t)((deal + (size_t)party * stride_of(deal)) % DEAL_REPS);
}

/* The deal of a round in which a member is this party. */
static size_t deal_of(uint32_t member, unsigned party, size_t round)
{
    uint32_t stride = stride_of(round * DEAL_REPS);
    return round * DEAL_REPS + (member + DEAL_REPS * RECEIVER - party * stride) % DEAL_REPS;
}

static unsigned actor_of(enum deal_step step)
{
    return step == DEAL_SUBMIT ? REFERRER : step == DEAL_INTRODUCE ? CONNECTOR : RECEIVER;
}

/* True when it does not matter on which connection the step is taken. */
static bool is_anybodys(const struct deals *deals)
{
    return deals->step == DEAL_PAY || (deals->step == DEAL_SUBMIT && deals->payee != DEALS_OF_MANY);
}

/* ---- what ---- */

static int64_t instalment_of(size_t deal)
{
    return (int64_t)(100000 + world_scramble(deal) % 9000000);
}

static size_t make_deal_submit(const struct deals *deals, size_t deal, uint64_t token, uint8_t *bytes)
{
    bool of_many = deals->payee == DEALS_OF_MANY;
    uint32_t referrer = of_many ? party_of(deal, REFERRER) : deals->payee;
    char product[32];
    char vouch[WORLD_TEXT_BYTES];
    snprintf(product, sizeof product, "line %s%zu", of_many ? "" : "of one ", deal);
    world_vouch(world_scramble(deal), vouch);
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = vouch;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.contact = world_contact_id(world_prospect_of(referrer, world_scramble(deal)));
    submit.receiver = world_member_id(party_of(deal, RECEIVER));
    submit.connector = of_many ? world_member_id(party_of(deal, CONNECTOR)) : 0;
    submit.text = &text;
    submit.consent = true;
    submit.product = product;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT;
    request.referral_submit = &submit;
    return pack_request(&request, token, bytes);
}

static size_t make_credit(const struct deals *deals, size_t deal, uint64_t token, uint8_t *bytes)
{
    unsigned which = (unsigned)(deals->step - DEAL_CREDIT_INTEL);
    Vouch__V1__ReferralCredit credit = VOUCH__V1__REFERRAL_CREDIT__INIT;
    credit.referral = deals->referrals[deal];
    credit.member = world_member_id(party_of(deal, HELPER + which));
    credit.kind = (Vouch__V1__Touch__Kind)(VOUCH__V1__TOUCH__KIND__INTEL + (int)which);
    credit.note = (char *)"helped";
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_CREDIT;
    request.referral_credit = &credit;
    return pack_request(&request, token, bytes);
}

static size_t make_move(const struct deals *deals, size_t deal, uint64_t token, uint8_t *bytes)
{
    static const Vouch__V1__ReferralVerb verbs[] = {
        [DEAL_INTRODUCE] = VOUCH__V1__REFERRAL_VERB__INTRODUCE, [DEAL_ACCEPT] = VOUCH__V1__REFERRAL_VERB__ACCEPT,
        [DEAL_CONTACT] = VOUCH__V1__REFERRAL_VERB__CONTACT,     [DEAL_MEET] = VOUCH__V1__REFERRAL_VERB__MEET,
        [DEAL_QUALIFY] = VOUCH__V1__REFERRAL_VERB__QUALIFY,     [DEAL_WIN] = VOUCH__V1__REFERRAL_VERB__WIN};
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.reason = (char *)(deals->step == DEAL_CONTACT ? "called, we meet" : "");
    text.note = (char *)(deals->step == DEAL_WIN ? "signed, thank you" : "");
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    value.minor = instalment_of(deal) * (int64_t)deals->instalments;
    value.currency = (char *)CURRENCY;
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    move.referral = deals->referrals[deal];
    move.verb = verbs[deals->step];
    move.text = &text;
    move.value = deals->step == DEAL_WIN ? &value : NULL;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_MOVE;
    request.referral_move = &move;
    return pack_request(&request, token, bytes);
}

static size_t make_payment(const struct deals *deals, size_t deal, size_t instalment, uint64_t token, uint8_t *bytes)
{
    char reference[32];
    snprintf(reference, sizeof reference, "INV-%zu-%zu", deal, instalment);
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    amount.minor = instalment_of(deal);
    amount.currency = (char *)CURRENCY;
    Vouch__V1__PaymentRecord payment = VOUCH__V1__PAYMENT_RECORD__INIT;
    payment.referral = deals->referrals[deal];
    payment.amount = &amount;
    payment.reference = reference;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_PAYMENT_RECORD;
    request.payment_record = &payment;
    return pack_request(&request, token, bytes);
}

/* ---- the loop ---- */

/* The number that goes with a request: deal and, of payments, instalment. False when there is none left. */
static bool take_number(struct deals *deals, const struct connection *connection, size_t *number)
{
    if (is_anybodys(deals)) {
        *number = deals->next++;
        return *number < deals->end * (deals->step == DEAL_PAY ? deals->instalments : 1);
    }
    CHECK(connection->member < DEAL_REPS);
    size_t round = deals->round[connection->member]++;
    *number = deal_of(connection->member, actor_of(deals->step), round);
    CHECK(party_of(*number, actor_of(deals->step)) == connection->member);
    return round * DEAL_REPS < deals->end;
}

static size_t make(struct connection *connection, uint8_t *bytes, void *argument)
{
    struct deals *deals = argument;
    size_t number;
    if (!take_number(deals, connection, &number)) {
        return 0;
    }
    /* Deals of one payee have tokens of their own. */
    uint64_t kind = (uint64_t)deals->step + (deals->payee == DEALS_OF_MANY ? 1 : 1 + DEAL_PAY + 1);
    uint64_t token = kind << STEP_SHIFT | number;
    size_t deal = deals->step == DEAL_PAY ? number % deals->count : number;
    size_t size = deals->step == DEAL_SUBMIT ? make_deal_submit(deals, deal, token, bytes)
                  : deals->step == DEAL_PAY  ? make_payment(deals, deal, number / deals->count, token, bytes)
                  : deals->step >= DEAL_CREDIT_INTEL && deals->step <= DEAL_CREDIT_HANDOVER
                      ? make_credit(deals, deal, token, bytes)
                      : make_move(deals, deal, token, bytes);
    deals->request_bytes = (uint32_t)size;
    return size;
}

static void check(struct connection *connection, const uint8_t *bytes, size_t size, void *argument)
{
    struct deals *deals = argument;
    struct answer answer = read_answer(bytes, size);
    (void)connection;
    CHECK(!answer.is_delivery);
    if (deals->step == DEAL_SUBMIT) {
        deals->referrals[answer.token & ((UINT64_C(1) << STEP_SHIFT) - 1)] = answer.id;
    }
    deals->answer_bytes = (uint32_t)size;
}

double deals_step(struct deals *deals, struct connections *clients, enum deal_step step, size_t first, size_t count,
                  struct samples *samples)
{
    struct work work = {.make = make, .check = check, .argument = deals};
    CHECK(first % DEAL_REPS == 0 && count % DEAL_REPS == 0 && first + count <= deals->count);
    CHECK(step != DEAL_PAY || deals->instalments == 1 || count == deals->count);
    deals->step = step;
    deals->end = first + count;
    deals->next = first;
    for (size_t i = 0; i < DEAL_REPS; i++) {
        deals->round[i] = first / DEAL_REPS;
    }
    return closed_loop(clients, &work, samples);
}

struct echo_sizes deals_sizes(const struct deals *deals)
{
    return (struct echo_sizes){deals->request_bytes, deals->answer_bytes};
}
