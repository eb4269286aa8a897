/* SPDX-License-Identifier: Apache-2.0
 *
 * Members, money and fingerprints for the scenarios that attack the books. */
#include "money_world.h"

#include "lib/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define WAIT_S 60

/* ---- members ---- */

static uint64_t invite(struct world *world, const char *name, Vouch__V1__Role role, uint64_t company,
                       const struct vouch_identity *invitee)
{
    Vouch__V1__MemberInvite message = VOUCH__V1__MEMBER_INVITE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    uint8_t key[VOUCH_KEY_BYTES];
    memcpy(key, invitee->public_key, sizeof key);
    message.name = (char *)name;
    message.role = role;
    message.company = company;
    message.invite_key = (ProtobufCBinaryData){VOUCH_KEY_BYTES, key};
    SAY(request, MEMBER_INVITE, member_invite, message);
    return command(world->admin, &request);
}

struct person person_join(struct world *world, void *context, const char *name, Vouch__V1__Role role, uint64_t company)
{
    struct profile server;
    struct status_text why;
    char path[128];
    snprintf(path, sizeof path, "%s/admin.key", world->directory);
    if (profile_read(path, &server, &why) != VOUCH_OK) {
        fail("%s", why.text);
    }
    struct vouch_identity invitee = {.endpoint = world->endpoint};
    struct vouch_identity member = {.endpoint = world->endpoint};
    memcpy(invitee.server_key, server.server_key, VOUCH_KEY_BYTES);
    memcpy(member.server_key, server.server_key, VOUCH_KEY_BYTES);
    profile_key_pair(invitee.public_key, invitee.secret_key);
    profile_key_pair(member.public_key, member.secret_key);

    struct person person = {.id = invite(world, name, role, company, &invitee)};
    Vouch__V1__Enrol enrol = VOUCH__V1__ENROL__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    enrol.key = (ProtobufCBinaryData){VOUCH_KEY_BYTES, member.public_key};
    SAY(request, ENROL, enrol, enrol);
    struct vouch *door = vouch_open(&invitee, "scenario");
    command(door, &request);
    vouch_close(&door);
    person.v = vouch_open(&member, name);
    if (context != NULL) {
        person.raw = raw_connect(world, context, member.public_key, member.secret_key, NULL);
    }
    return person;
}

void person_close(struct person *person)
{
    vouch_close(&person->v);
    if (person->raw.socket != NULL) {
        raw_close(&person->raw);
        person->raw.socket = NULL;
    }
}

int send_raw(struct person *person, Vouch__V1__Request *request, char sentence[512])
{
    static uint8_t bytes[512 << 10];
    static uint8_t id[16] = {1, 0x9A, 0, 0, 0, 0, 0x70, 0, 0x80};
    static uint32_t count;
    count++;
    memcpy(id + 12, &count, sizeof count);
    request->version = 1;
    request->id = (ProtobufCBinaryData){sizeof id, id};
    sentence[0] = '\0';
    zmq_send(person->raw.socket, bytes, raw_pack(request, bytes, sizeof bytes), 0);
    return raw_status(&person->raw, RAW_WAIT_MS, sentence);
}

/* ---- terms ---- */

Vouch__V1__Terms terms_preset(const char *name, const char *currency)
{
    Vouch__V1__Terms terms = VOUCH__V1__TERMS__INIT;
    terms.name = (char *)name;
    terms.currency = (char *)currency;
    terms.until_ms = INT64_MAX;
    terms.partner_bps = 1000;
    terms.coworker_bps = 300;
    terms.accelerator_bps = 10000;
    terms.cap_minor = INT64_MAX;
    terms.window_days = 180;
    terms.hold_days = 30;
    return terms;
}

uint64_t terms_write(struct person *by, const Vouch__V1__Terms *terms)
{
    Vouch__V1__TermsWrite write = VOUCH__V1__TERMS_WRITE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Terms copy = *terms;
    write.terms = &copy;
    SAY(request, TERMS_WRITE, terms_write, write);
    return command(by->v, &request);
}

void terms_approve(struct person *by, uint64_t terms, uint32_t version)
{
    Vouch__V1__TermsApprove approve = VOUCH__V1__TERMS_APPROVE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    approve.terms = terms;
    approve.version = version;
    SAY(request, TERMS_APPROVE, terms_approve, approve);
    command(by->v, &request);
}

void terms_hold(struct person *writer, struct person *approver, const char *name, const char *currency,
                int64_t coworker_bps, int64_t hold_days)
{
    Vouch__V1__Terms terms = terms_preset(name, currency);
    terms.coworker_bps = coworker_bps;
    terms.hold_days = hold_days;
    terms_approve(approver, terms_write(writer, &terms), 1);
}

/* ---- deals and money ---- */

uint64_t deal_ready(struct person *referrer, struct person *receiver, uint64_t prospect)
{
    static const Vouch__V1__ReferralVerb verbs[] = {VOUCH__V1__REFERRAL_VERB__ACCEPT, VOUCH__V1__REFERRAL_VERB__CONTACT,
                                                    VOUCH__V1__REFERRAL_VERB__MEET, VOUCH__V1__REFERRAL_VERB__QUALIFY};
    uint64_t deal = submit(referrer->v, prospect, receiver->id, "We ran their backup for six years.");
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        move(receiver->v, deal, verbs[i], "done", 0, VOUCH_OK);
    }
    return deal;
}

int deal_win(struct person *receiver, uint64_t deal, int64_t minor, const char *currency, char sentence[512])
{
    Vouch__V1__ReferralText words = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    Vouch__V1__ReferralMove moving = VOUCH__V1__REFERRAL_MOVE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    words.reason = "Signed.";
    words.note = "Signed, thank you.";
    value.minor = minor;
    value.currency = (char *)currency;
    moving.referral = deal;
    moving.verb = VOUCH__V1__REFERRAL_VERB__WIN;
    moving.text = &words;
    moving.value = &value;
    SAY(request, REFERRAL_MOVE, referral_move, moving);
    return send_raw(receiver, &request, sentence);
}

uint64_t deal_won(struct person *referrer, struct person *receiver, uint64_t prospect, int64_t minor,
                  const char *currency)
{
    char sentence[512];
    uint64_t deal = deal_ready(referrer, receiver, prospect);
    int status = deal_win(receiver, deal, minor, currency, sentence);
    if (status != VOUCH_OK) {
        fail("a deal of %lld %s is not won: %d %s", (long long)minor, currency, status, sentence);
    }
    return deal;
}

uint64_t pay(struct person *by, uint64_t deal, int64_t minor, const char *currency, const char *reference)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    amount.minor = minor;
    amount.currency = (char *)currency;
    record.referral = deal;
    record.amount = &amount;
    record.reference = (char *)reference;
    SAY(request, PAYMENT_RECORD, payment_record, record);
    return command(by->v, &request);
}

void close_period(struct person *by, uint32_t period)
{
    Vouch__V1__PeriodClose close = VOUCH__V1__PERIOD_CLOSE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    close.period = period;
    SAY(request, PERIOD_CLOSE, period_close, close);
    command(by->v, &request);
}

uint64_t make_payout(struct person *by, const char *currency)
{
    Vouch__V1__PayoutMake make = VOUCH__V1__PAYOUT_MAKE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    make.currency = (char *)currency;
    SAY(request, PAYOUT_MAKE, payout_make, make);
    return command(by->v, &request);
}

void settle_payout(struct person *by, uint64_t payout)
{
    Vouch__V1__PayoutSettle settle = VOUCH__V1__PAYOUT_SETTLE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    settle.payout = payout;
    SAY(request, PAYOUT_SETTLE, payout_settle, settle);
    command(by->v, &request);
}

struct balances balances_of(struct person *payee, const char *currency)
{
    struct balances balances = {0};
    Vouch__V1__AccountList list = VOUCH__V1__ACCOUNT_LIST__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    list.payee = payee->id;
    list.limit = 500;
    SAY(request, ACCOUNT_LIST, account_list, list);
    ask(payee->v, &request, VOUCH_OK, &reply);
    for (size_t i = 0; i < reply->accounts->n_accounts; i++) {
        const Vouch__V1__AccountView *view = reply->accounts->accounts[i];
        if (strcmp(view->currency, currency) == 0) {
            balances = (struct balances){view->accrued_minor, view->approved_minor, view->payable_minor,
                                         view->sent_minor,    view->paid_minor,     view->owed_minor,
                                         view->disputed_minor};
        }
    }
    vouch_reply_free(&reply);
    return balances;
}

void wait_balances(struct person *payee, const char *currency, struct balances wanted)
{
    time_t until = time(NULL) + WAIT_S;
    struct balances has;
    do {
        has = balances_of(payee, currency);
        if (memcmp(&has, &wanted, sizeof has) == 0) {
            return;
        }
    } while (time(NULL) < until);
    fail("member %" PRIu64 " has in %s: accrued %" PRId64 ", approved %" PRId64 ", payable %" PRId64 ", sent %" PRId64
         ", paid %" PRId64 ", owed %" PRId64 ", disputed %" PRId64,
         payee->id, currency, has.accrued, has.approved, has.payable, has.sent, has.paid, has.owed, has.disputed);
}

/* ---- the fingerprint ---- */

static uint64_t mix(uint64_t hash, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(size + 1);
    protobuf_c_message_pack(message, bytes);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3);
    }
    free(bytes);
    return hash;
}

/* No difference may be found but that the plugin says something else now, which is the test's own doing. */
static void check_differences(const Vouch__V1__Replay *replay)
{
    for (size_t i = 0; i < replay->n_differences; i++) {
        const char *why = replay->differences[i]->why;
        if (strstr(why, "gives other weights now") == NULL) {
            fail("R%" PRIu64 " computed again differs: %s", replay->differences[i]->referral, why);
        }
    }
}

/* Every deal computed again. How many fit into a page depends on how busy the machine is, so no page goes into the
 * fingerprint, nor its digest; what all of them together have counted does. */
static uint64_t mix_replay(uint64_t hash, struct vouch *admin)
{
    Vouch__V1__CommissionReplay replay = VOUCH__V1__COMMISSION_REPLAY__INIT;
    Vouch__V1__Replay total = VOUCH__V1__REPLAY__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    SAY(request, COMMISSION_REPLAY, commission_replay, replay);
    for (bool more = true; more;) {
        Vouch__V1__Reply *reply = NULL;
        ask(admin, &request, VOUCH_OK, &reply);
        check_differences(reply->replay);
        total.deals += reply->replay->deals;
        total.payments += reply->replay->payments;
        total.bookings += reply->replay->bookings;
        more = reply->replay->more;
        replay.after = reply->replay->next;
        vouch_reply_free(&reply);
    }
    return mix(hash, &total.base);
}

uint64_t books_fingerprint(struct world *world)
{
    Vouch__V1__AccountList accounts = VOUCH__V1__ACCOUNT_LIST__INIT;
    Vouch__V1__PayoutList payouts = VOUCH__V1__PAYOUT_LIST__INIT;
    Vouch__V1__PeriodList periods = VOUCH__V1__PERIOD_LIST__INIT;
    Vouch__V1__DisputeList disputes = VOUCH__V1__DISPUTE_LIST__INIT;
    Vouch__V1__CommissionPending pending = VOUCH__V1__COMMISSION_PENDING__INIT;
    Vouch__V1__TermsList terms = VOUCH__V1__TERMS_LIST__INIT;
    Vouch__V1__Request requests[6];
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    accounts.limit = payouts.limit = periods.limit = disputes.limit = pending.limit = terms.limit = 500;
    disputes.all = pending.held = true;
    for (size_t i = 0; i < 6; i++) {
        vouch__v1__request__init(&requests[i]);
    }
    SAY(requests[0], ACCOUNT_LIST, account_list, accounts);
    SAY(requests[1], PAYOUT_LIST, payout_list, payouts);
    SAY(requests[2], PERIOD_LIST, period_list, periods);
    SAY(requests[3], DISPUTE_LIST, dispute_list, disputes);
    SAY(requests[4], COMMISSION_PENDING, commission_pending, pending);
    SAY(requests[5], TERMS_LIST, terms_list, terms);
    for (size_t i = 0; i < 6; i++) {
        Vouch__V1__Reply *reply = NULL;
        ask(world->admin, &requests[i], VOUCH_OK, &reply);
        hash = mix(hash, (const ProtobufCMessage *)reply->accounts); /* whichever of the results it is */
        vouch_reply_free(&reply);
    }
    return mix_replay(hash, world->admin);
}
