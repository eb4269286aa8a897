/* SPDX-License-Identifier: Apache-2.0
 *
 * vouch_bench_preload DATA REFERRALS [due]: fills a store that `vouchd init` made, through the same functions that the
 * broker uses (pack, apply_event, journal_append, state_commit), only in larger batches and without sockets, so that
 * five million referrals take minutes. The store is cleanly stopped afterwards and passes `vouchd check`. The
 * receivers' clocks run out in two months; with `due` all of them ran out together, a moment ago. */
#include "apply/apply.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/message.h"
#include "domain/claim.h"
#include "world.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_EVENTS LIMIT_STATE_COMMIT_EVENTS
#define BATCH_ARENA_BYTES ((size_t)64 << 20)
#define COMMITS_A_CHECKPOINT 16
#define PROTECTION_MS (INT64_C(90) * 86400000)
#define DUE_MS (INT64_C(60) * 86400000)
#define CLOCK_MS (INT64_C(8) * 3600000)
#define COMMANDS_KEPT 50 /* answers are kept for a week: of one referral in so many, the newest */

struct preload {
    struct store *store;
    struct view *view;
    uint64_t sequence;
    int64_t time_ms;
    int64_t due_ms; /* of all clocks */
    struct arena *packed;
    struct arena *scratch;
    size_t event_count;
    struct journal_entry events[BATCH_EVENTS];
    size_t key_count;
    struct person_key keys[BATCH_EVENTS];
    uint8_t person_keys[WORLD_PROSPECTS][32];
    uint64_t referral_bytes;
    unsigned commits;
};

static void must(enum vouch_status status, const struct status_text *why)
{
    if (status != VOUCH_OK) {
        fprintf(stderr, "vouch_bench_preload: %s\n", why->text);
        exit(1);
    }
}

static void flush(struct preload *preload)
{
    struct status_text why = {""};
    must(journal_append(preload->store, preload->events, preload->event_count, preload->keys, preload->key_count, &why),
         &why);
    must(state_commit(preload->store, preload->sequence, &why), &why);
    preload->event_count = preload->key_count = 0;
    preload->view = NULL;
    arena_reset(preload->packed);
    if (++preload->commits % COMMITS_A_CHECKPOINT == 0) { /* until then no page is reused */
        must(checkpoint_begin(preload->store, &why), &why);
        must(checkpoint_finish(preload->store, &why), &why);
    }
}

/* Packs and applies one event; answers its size. */
static size_t record(struct preload *preload, Vouch__V1__Event *event)
{
    struct status_text why = {""};
    if (preload->event_count == BATCH_EVENTS) {
        flush(preload);
    }
    if (preload->view == NULL) {
        preload->view = state_write_view(preload->store, &why);
        must(preload->view == NULL ? VOUCH_INTERNAL : VOUCH_OK, &why);
    }
    struct journal_entry *entry = &preload->events[preload->event_count++];
    event->time_ms = preload->time_ms;
    entry->sequence = ++preload->sequence;
    entry->event.data = message_pack(&event->base, preload->packed, &entry->event.size);
    CHECK(entry->event.data != NULL);
    arena_reset(preload->scratch);
    apply_event(preload->view, entry->sequence, event, preload->scratch);
    CHECK(view_failed(preload->view) == NULL);
    return entry->event.size;
}

/* ---- people and companies ---- */

static void record_member(struct preload *preload, uint32_t number)
{
    char name[64];
    char team[16];
    uint8_t public_key[32];
    uint8_t secret_key[32];
    world_member_keys(number, public_key, secret_key);
    snprintf(name, sizeof name, "Rep %04u", number);
    snprintf(team, sizeof team, "Team %02u", number % 50);
    Vouch__V1__Member member = VOUCH__V1__MEMBER__INIT;
    ProtobufCBinaryData key = {32, public_key};
    member.id = world_member_id(number);
    member.name = name;
    member.team = team;
    member.role = VOUCH__V1__ROLE__REP;
    member.state = VOUCH__V1__MEMBER_STATE__ACTIVE;
    member.company = 1;
    member.n_keys = 1;
    member.keys = &key;
    member.joined_ms = preload->time_ms;
    Vouch__V1__MemberInvited invited = VOUCH__V1__MEMBER_INVITED__INIT;
    invited.member = &member;
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    event.body_case = VOUCH__V1__EVENT__BODY_MEMBER_INVITED;
    event.member_invited = &invited;
    record(preload, &event);
}

static void record_company(struct preload *preload, uint32_t prospect)
{
    char name[64];
    char domain[64];
    snprintf(name, sizeof name, "Prospect %05u", prospect);
    snprintf(domain, sizeof domain, "prospect-%05u.example", prospect);
    Vouch__V1__Company company = VOUCH__V1__COMPANY__INIT;
    company.id = world_company_id(prospect);
    company.name = name;
    company.domain = domain;
    company.kind = VOUCH__V1__COMPANY_KIND__PROSPECT;
    company.added_ms = preload->time_ms;
    Vouch__V1__CompanyAdded added = VOUCH__V1__COMPANY_ADDED__INIT;
    added.company = &company;
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    event.body_case = VOUCH__V1__EVENT__BODY_COMPANY_ADDED;
    event.company_added = &added;
    record(preload, &event);
}

/* Packs and seals under the key of the prospect's person. */
static ProtobufCBinaryData sealed(struct preload *preload, const ProtobufCMessage *message, uint32_t prospect)
{
    static uint8_t bytes[4096 + SEAL_OVERHEAD];
    uint8_t plain[4096];
    uint8_t nonce[24];
    size_t size = protobuf_c_message_get_packed_size(message);
    CHECK(size <= sizeof plain);
    protobuf_c_message_pack(message, plain);
    randombytes_buf(nonce, sizeof nonce);
    seal(bytes, plain, size, world_contact_id(prospect), preload->person_keys[prospect], nonce);
    return (ProtobufCBinaryData){size + SEAL_OVERHEAD, bytes};
}

static void record_person(struct preload *preload, uint32_t prospect)
{
    char name[64];
    char email[64];
    if (preload->event_count + 2 > BATCH_EVENTS) {
        flush(preload);
    }
    snprintf(name, sizeof name, "Person %05u", prospect);
    snprintf(email, sizeof email, "person@prospect-%05u.example", prospect);
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    personal.name = name;
    personal.email = email;
    Vouch__V1__Contact contact = VOUCH__V1__CONTACT__INIT;
    contact.id = world_contact_id(prospect);
    contact.company = world_company_id(prospect);
    contact.consent = true;
    contact.added_by = world_member_id(world_knows(prospect));
    contact.added_ms = preload->time_ms;
    struct person_key key = {.contact = contact.id};
    randombytes_buf(preload->person_keys[prospect], 32);
    memcpy(key.key, preload->person_keys[prospect], 32);
    Vouch__V1__ContactAdded added = VOUCH__V1__CONTACT_ADDED__INIT;
    added.contact = &contact;
    added.sealed = sealed(preload, &personal.base, prospect);
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    event.actor = contact.added_by;
    event.body_case = VOUCH__V1__EVENT__BODY_CONTACT_ADDED;
    event.contact_added = &added;
    struct status_text why = {""};
    preload->view = state_write_view(preload->store, &why);
    must(preload->view == NULL ? VOUCH_INTERNAL : VOUCH_OK, &why);
    view_add_person_key(preload->view, preload->sequence + 1, &key);
    preload->keys[preload->key_count++] = key;
    record(preload, &event);

    Vouch__V1__TieSet tie = VOUCH__V1__TIE_SET__INIT;
    tie.from_member = contact.added_by;
    tie.to_contact = contact.id;
    tie.strength_ppm = 500000;
    Vouch__V1__Event tied = VOUCH__V1__EVENT__INIT;
    tied.actor = contact.added_by;
    tied.body_case = VOUCH__V1__EVENT__BODY_TIE_SET;
    tied.tie_set = &tie;
    record(preload, &tied);
}

/* ---- referrals ---- */

static void command_id(uint8_t id[16], int64_t time_ms, uint64_t number)
{
    for (int i = 0; i < 6; i++) {
        id[i] = (uint8_t)((uint64_t)time_ms >> (40 - 8 * i));
    }
    uint64_t random = world_scramble(number);
    memcpy(id + 6, &random, 2);
    random = world_scramble(random);
    memcpy(id + 8, &random, 8);
    id[6] = 0x70 | (id[6] & 0x0f);
    id[8] = 0x80 | (id[8] & 0x3f);
}

static void record_referral(struct preload *preload, uint64_t id, bool with_command)
{
    uint64_t choice = world_scramble(id);
    uint32_t prospect = world_referral_prospect(id);
    uint32_t referrer = world_knows(prospect);
    char need[WORLD_TEXT_BYTES];
    char vouch[WORLD_TEXT_BYTES];
    char product[WORLD_TEXT_BYTES];
    char *issues[] = {"archive", "audit"};
    world_need(choice, need);
    world_vouch(choice, vouch);
    world_product(choice, product);
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = need;
    text.vouch = vouch;
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    referral.id = id;
    referral.referrer = world_member_id(referrer);
    referral.receiver = world_member_id(world_receiver(referrer, choice >> 20));
    referral.prospect = world_company_id(prospect);
    referral.contact = world_contact_id(prospect);
    referral.state = VOUCH__V1__REFERRAL_STATE__OFFERED;
    referral.consent = true;
    referral.attempt = 1;
    referral.product = product;
    Vouch__V1__Claim claim = VOUCH__V1__CLAIM__INIT;
    claim.place = VOUCH__V1__CLAIM__PLACE__HOLDS;
    claim.until_ms = preload->time_ms + PROTECTION_MS;
    CHECK(claim_product_key(preload->scratch, product, &claim.product_key));
    referral.claim = &claim;
    Vouch__V1__Clock clock = VOUCH__V1__CLOCK__INIT;
    clock.member = referral.receiver;
    clock.start_ms = preload->due_ms - CLOCK_MS;
    clock.half_ms = preload->due_ms - CLOCK_MS / 2;
    clock.last_ms = preload->due_ms - CLOCK_MS / 10;
    clock.due_ms = preload->due_ms;
    clock.pass_ms = preload->due_ms + CLOCK_MS / 2;
    referral.clock = &clock;
    referral.due_ms = clock.due_ms;
    referral.n_issues = 2;
    referral.issues = issues;
    Vouch__V1__ReferralSubmitted submitted = VOUCH__V1__REFERRAL_SUBMITTED__INIT;
    submitted.referral = &referral;
    submitted.text = sealed(preload, &text.base, prospect);
    uint8_t command[16];
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    event.actor = referral.referrer;
    event.body_case = VOUCH__V1__EVENT__BODY_REFERRAL_SUBMITTED;
    event.referral_submitted = &submitted;
    if (with_command) {
        command_id(command, preload->time_ms, id);
        event.command_id = (ProtobufCBinaryData){sizeof command, command};
        event.fingerprint = choice | 1;
        event.answer_id = id;
    }
    preload->referral_bytes += record(preload, &event);
}

int main(int count, char **arguments)
{
    bool due = count == 4 && strcmp(arguments[3], "due") == 0;
    uint64_t referrals = count == 3 || due ? strtoull(arguments[2], NULL, 10) : 0;
    struct status_text why = {""};
    if (referrals == 0 || sodium_init() < 0) {
        fputs("usage: vouch_bench_preload DATA REFERRALS [due]\n", stderr);
        return 2;
    }
    struct preload *preload = calloc(1, sizeof *preload);
    CHECK(preload != NULL);
    struct store_options options = {.directory = arguments[1]};
    must(store_open(&options, &preload->store, &why), &why);
    preload->sequence = store_journal_sequence(preload->store);
    CHECK(preload->sequence == store_applied_sequence(preload->store));
    preload->time_ms = clock_now_ms();
    preload->due_ms = due ? preload->time_ms : preload->time_ms + DUE_MS;
    preload->packed = arena_new(BATCH_ARENA_BYTES);
    preload->scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    for (uint32_t member = 0; member < WORLD_MEMBERS; member++) {
        record_member(preload, member);
    }
    for (uint32_t prospect = 0; prospect < WORLD_PROSPECTS; prospect++) {
        record_company(preload, prospect);
    }
    for (uint32_t prospect = 0; prospect < WORLD_PROSPECTS; prospect++) {
        record_person(preload, prospect);
    }
    for (uint64_t id = 1; id <= referrals; id++) {
        record_referral(preload, id, id > referrals - referrals / COMMANDS_KEPT);
    }
    flush(preload);
    printf("event_bytes=%" PRIu64 "\n", preload->referral_bytes / referrals);
    arena_free(&preload->packed);
    arena_free(&preload->scratch);
    store_close(&preload->store, true);
    free(preload);
    return 0;
}
