/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about money that nobody should ask: months that do not exist, numbers past every number, pages after bytes
 * of whoever asks, other people's statements. Each has an answer or a sentence, and what is whose is told to nobody
 * else. */
#include "money_victim.h"

#include <stdio.h>
#include <string.h>

static int answer_to(struct person *who, Vouch__V1__Request *request)
{
    char sentence[512];
    int status = send_raw(who, request, sentence);
    if (status == RAW_NOTHING || status == VOUCH_INTERNAL || (status != VOUCH_OK && strlen(sentence) < 15)) {
        fail("question %d: status %d (%s)", (int)request->operation_case, status, sentence);
    }
    return status;
}

static const uint64_t odd_ids[] = {0, 1, ABSENT, ID_MOST, UINT64_C(1) << 56, UINT64_C(1) << 63, UINT64_MAX};

static void odd_statements(void)
{
    const uint32_t months[] = {0,      1,      13,     1970,   196912, 197000,    197001,
                               202613, 202700, 202702, 202704, 999912, UINT32_MAX};
    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
        for (size_t j = 0; j < sizeof odd_ids / sizeof odd_ids[0]; j++) {
            Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
            Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
            get.period = months[i];
            get.after = odd_ids[j];
            SAY(request, STATEMENT_GET, statement_get, get);
            answer_to(&victim.ana, &request);
            get.after = 0;
            get.payee = odd_ids[j];
            answer_to(&victim.aud, &request);
            get.payee = victim.ana.id;
            get.company = odd_ids[j];
            answer_to(&victim.finn, &request);
        }
    }
}

static void odd_pages(void)
{
    for (size_t j = 0; j < sizeof odd_ids / sizeof odd_ids[0]; j++) {
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        Vouch__V1__CommissionExplain explain = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
        Vouch__V1__CommissionReplay replay = VOUCH__V1__COMMISSION_REPLAY__INIT;
        Vouch__V1__CommissionShadow shadow = VOUCH__V1__COMMISSION_SHADOW__INIT;
        Vouch__V1__CommissionPending pending = VOUCH__V1__COMMISSION_PENDING__INIT;
        Vouch__V1__PayoutGet payout = VOUCH__V1__PAYOUT_GET__INIT;
        Vouch__V1__PayoutList payouts = VOUCH__V1__PAYOUT_LIST__INIT;
        Vouch__V1__DisputeList disputes = VOUCH__V1__DISPUTE_LIST__INIT;
        Vouch__V1__PeriodList periods = VOUCH__V1__PERIOD_LIST__INIT;
        Vouch__V1__TermsList terms = VOUCH__V1__TERMS_LIST__INIT;
        uint64_t id = odd_ids[j];
        SAY(request, COMMISSION_EXPLAIN, commission_explain, explain);
        explain.referral = id;
        answer_to(&victim.finn, &request);
        explain.referral = victim.deal;
        explain.after = id;
        answer_to(&victim.ana, &request);
        replay.after = shadow.after = pending.after = payout.after = terms.after = id;
        replay.only = true;
        shadow.terms = payout.payout = payouts.before = disputes.before = periods.company = id;
        shadow.version = (uint32_t)id;
        shadow.from_ms = INT64_MAX;
        shadow.until_ms = 1;
        SAY(request, COMMISSION_REPLAY, commission_replay, replay);
        answer_to(&victim.aud, &request);
        SAY(request, COMMISSION_SHADOW, commission_shadow, shadow);
        answer_to(&victim.aud, &request);
        SAY(request, COMMISSION_PENDING, commission_pending, pending);
        answer_to(&victim.finn, &request);
        SAY(request, PAYOUT_GET, payout_get, payout);
        answer_to(&victim.finn, &request);
        SAY(request, PAYOUT_LIST, payout_list, payouts);
        answer_to(&victim.finn, &request);
        SAY(request, DISPUTE_LIST, dispute_list, disputes);
        answer_to(&victim.ana, &request);
        SAY(request, PERIOD_LIST, period_list, periods);
        answer_to(&victim.ana, &request);
        SAY(request, TERMS_LIST, terms_list, terms);
        answer_to(&victim.aud, &request);
    }
}

/* A page's `after` is bytes of whoever asks. */
static void odd_places(void)
{
    uint8_t bytes[32];
    memset(bytes, 0xFF, sizeof bytes);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        Vouch__V1__AccountList list = VOUCH__V1__ACCOUNT_LIST__INIT;
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        list.after = (ProtobufCBinaryData){size, bytes};
        SAY(request, ACCOUNT_LIST, account_list, list);
        int status = answer_to(&victim.finn, &request);
        if (status != (size == 0 || size == 19 ? VOUCH_OK : VOUCH_INVALID)) {
            fail("accounts after %zu bytes: status %d", size, status);
        }
        memset(bytes, 0, size % 2 == 0 ? sizeof bytes : 0);
        answer_to(&victim.ana, &request);
    }
}

/* What is whose is told to nobody else. */
static void nothing_leaks(void)
{
    struct person *others[] = {&victim.tom, &victim.mia, &victim.gil};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
        Vouch__V1__AccountList list = VOUCH__V1__ACCOUNT_LIST__INIT;
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        Vouch__V1__Reply *reply = NULL;
        get.payee = list.payee = victim.ana.id;
        SAY(request, STATEMENT_GET, statement_get, get);
        ask(others[i]->v, &request, VOUCH_NOT_FOUND, NULL);
        SAY(request, ACCOUNT_LIST, account_list, list);
        ask(others[i]->v, &request, VOUCH_OK, &reply);
        if (reply->accounts->n_accounts != 0) {
            fail("stranger %zu sees Ana's account", i);
        }
        vouch_reply_free(&reply);
        Vouch__V1__CommissionExplain explain = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
        explain.referral = victim.deal;
        SAY(request, COMMISSION_EXPLAIN, commission_explain, explain);
        ask(others[i]->v, &request, others[i] == &victim.mia ? VOUCH_NOT_FOUND : VOUCH_DENIED, NULL);
        SAY(request, ACCOUNT_LIST, account_list, list);
        list.payee = 0;
        ask(others[i]->v, &request, VOUCH_OK, &reply);
        if (reply->accounts->n_accounts != 0) {
            fail("stranger %zu sees somebody's account", i);
        }
        vouch_reply_free(&reply);
    }
}

int main(void)
{
    victim_begin();
    odd_statements();
    odd_pages();
    odd_places();
    nothing_leaks();
    if (books_fingerprint(&victim.world) != victim.before) {
        fail("questions have changed the books");
    }
    victim_end();
    puts("every question had its answer");
    return 0;
}
