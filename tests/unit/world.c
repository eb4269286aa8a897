/* SPDX-License-Identifier: Apache-2.0
 *
 * The world: a store, and the shortest way from a command to its rows. */
#include "world.h"

#include "apply/apply.h"
#include "base/clock.h"
#include "base/message.h"
#include "decide/terms_choice.h"
#include "query/check.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARENA_BYTES ((size_t)16 << 20)
/* No page of the state is used again that was in use at the last checkpoint: without any a long story fills the disk.
 */
#define CHECKPOINT_EVENTS 1024

static void expect_ok(const struct world *world, enum vouch_status status, const char *what)
{
    cr_assert_eq(status, VOUCH_OK, "%s: %s: %s", what, status_name(status), world->why.text);
}

static struct store *open_store(struct world *world, const char *directory)
{
    struct store_options options = {
        .directory = directory, .journal_map_bytes = (size_t)1 << 30, .state_map_bytes = (size_t)1 << 30};
    struct store *store = NULL;
    expect_ok(world, store_create(&options, &world->why), "making the store");
    expect_ok(world, store_open(&options, &store, &world->why), "opening the store");
    return store;
}

/* Journals and applies one event the way the broker does: what is applied is what was written. */
static void record(struct world *world, const Vouch__V1__Event *event, const struct person_key *keys, size_t key_count)
{
    struct slice packed;
    packed.data = message_pack(&event->base, world->arena, &packed.size);
    cr_assert_not_null(packed.data);
    struct journal_entry entry = {++world->sequence, packed};
    expect_ok(world, journal_append(world->store, &entry, 1, keys, key_count, &world->why), "journal");
    struct view *view = state_write_view(world->store, &world->why);
    cr_assert_not_null(view, "%s", world->why.text);
    for (size_t i = 0; i < key_count; i++) {
        view_add_person_key(view, world->sequence, &keys[i]);
    }
    struct arena *scratch = arena_new(ARENA_BYTES);
    const void *unpacked = message_unpack_own(&vouch__v1__event__descriptor, packed.size, packed.data, scratch);
    cr_assert_not_null(unpacked);
    apply_event(view, world->sequence, unpacked, scratch);
    cr_assert_null(view_failed(view), "%s", view_failed(view));
    arena_free(&scratch);
    expect_ok(world, state_commit(world->store, world->sequence, &world->why), "commit");
    if (world->sequence % CHECKPOINT_EVENTS == 0) {
        expect_ok(world, checkpoint_begin(world->store, &world->why), "checkpoint");
        expect_ok(world, checkpoint_finish(world->store, &world->why), "checkpoint");
    }
}

static void record_decision(struct world *world, struct decision *decision, uint64_t actor, const uint8_t *command)
{
    for (size_t i = 0; i < decision->event_count; i++) {
        Vouch__V1__Event *event = &decision->events[i];
        event->time_ms = world->now_ms;
        event->actor = actor;
        if (command != NULL) {
            event->command_id = (ProtobufCBinaryData){16, (uint8_t *)(uintptr_t)command};
        }
        if (command != NULL && i + 1 == decision->event_count) {
            event->fingerprint = 7;
            event->answer_id = decision->answer_id;
        }
        /* Keys go with the first event: it is what they seal. */
        record(world, event, decision->keys, i == 0 ? decision->key_count : 0);
    }
}

static void first_events(struct world *world)
{
    uint8_t store_id[16] = {1};
    Vouch__V1__StoreCreated created = VOUCH__V1__STORE_CREATED__INIT;
    created.store_id = (ProtobufCBinaryData){16, store_id};
    created.zone = "Europe/Berlin";
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    event.time_ms = world->now_ms;
    event.body_case = VOUCH__V1__EVENT__BODY_STORE_CREATED;
    event.store_created = &created;
    record(world, &event, NULL, 0);

    Vouch__V1__Company company = VOUCH__V1__COMPANY__INIT;
    company.id = WORLD_HOME;
    company.name = "Northgate Storage";
    company.domain = "northgate.example";
    company.kind = VOUCH__V1__COMPANY_KIND__HOME;
    Vouch__V1__CompanyAdded added = VOUCH__V1__COMPANY_ADDED__INIT;
    added.company = &company;
    event.body_case = VOUCH__V1__EVENT__BODY_COMPANY_ADDED;
    event.company_added = &added;
    record(world, &event, NULL, 0);

    uint8_t key[32];
    world_key(WORLD_ADMIN, key);
    ProtobufCBinaryData keys[] = {{32, key}};
    Vouch__V1__Member admin = VOUCH__V1__MEMBER__INIT;
    admin.id = WORLD_ADMIN;
    admin.name = "Rhea Holt";
    admin.role = VOUCH__V1__ROLE__ADMIN;
    admin.state = VOUCH__V1__MEMBER_STATE__ACTIVE;
    admin.company = WORLD_HOME;
    admin.keys = keys;
    admin.n_keys = 1;
    Vouch__V1__MemberInvited invited = VOUCH__V1__MEMBER_INVITED__INIT;
    invited.member = &admin;
    event.body_case = VOUCH__V1__EVENT__BODY_MEMBER_INVITED;
    event.member_invited = &invited;
    record(world, &event, NULL, 0);
}

struct world *world_new(void)
{
    struct world *world = calloc(1, sizeof *world);
    cr_assert_not_null(world);
    cr_assert_geq(sodium_init(), 0);
    const char *base = getenv("TMPDIR");
    int length = snprintf(world->directory, sizeof world->directory, "%s/vouch-world-XXXXXX",
                          base == NULL ? "/tmp" : base);
    cr_assert_lt(length, (int)sizeof world->directory, "TMPDIR is too long");
    cr_assert_not_null(mkdtemp(world->directory));
    world->policy = POLICY_DEFAULT;
    world->policy.protection_days = 0;
    world->now_ms = WORLD_NOON;
    world->arena = arena_new(ARENA_BYTES);
    char path[96];
    snprintf(path, sizeof path, "%s/store", world->directory);
    world->store = open_store(world, path);
    first_events(world);
    return world;
}

void world_free(struct world **world)
{
    char command[128];
    state_abort((*world)->store);
    store_close(&(*world)->store, false);
    snprintf(command, sizeof command, "rm -rf %s", (*world)->directory);
    cr_assert_eq(system(command), 0);
    arena_free(&(*world)->arena);
    free(*world);
    *world = NULL;
}

/* One weight a touch, as the plugin "linear" has it. */
static struct advice linear_advice(struct world *world, struct view *view, const Vouch__V1__ReferralMove *asked)
{
    struct advice advice = {.plugin = "linear", .plugin_version = "1.0.0"};
    struct touch all[TOUCHES_MAX];
    struct touch touches[TOUCHES_MAX];
    struct terms_choice choice;
    const Vouch__V1__Referral *referral = record_referral(view, asked->referral, world->arena);
    if (referral == NULL) {
        return advice;
    }
    cr_assert(terms_choose(view, &world->policy, referral, asked->value == NULL ? "" : asked->value->currency,
                           world->now_ms, world->arena, &choice));
    size_t count = touches_eligible(referral, all, touches_of(referral, all), choice.terms.window_days, world->now_ms,
                                    touches);
    touches_digest(referral->id, touches, count, advice.inputs_digest);
    uint64_t *members = arena_alloc(world->arena, TOUCHES_MAX * sizeof *members);
    int64_t *weights = arena_alloc(world->arena, TOUCHES_MAX * sizeof *weights);
    for (size_t i = 0; i < count; i++) {
        size_t place = 0;
        while (place < advice.count && members[place] != touches[i].party) {
            place++;
        }
        advice.count += place == advice.count ? 1 : 0;
        members[place] = touches[i].party;
        weights[place]++;
    }
    advice.members = members;
    advice.weights = weights;
    return advice;
}

enum vouch_status world_try(struct world *world, uint64_t member, const uint8_t *key, const Vouch__V1__Request *request)
{
    uint8_t command[16] = {0, 1, 2, 3, 4, 5, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, ++world->next_command};
    uint8_t own_key[32];
    struct advice linear;
    arena_reset(world->arena);
    world->why.text[0] = '\0';
    struct view *view = state_write_view(world->store, &world->why);
    cr_assert_not_null(view);
    world_key(member, own_key);
    struct decision decision = {.view = view,
                                .arena = world->arena,
                                .now_ms = world->now_ms,
                                .actor = record_member(view, member, world->arena),
                                .key = key == NULL ? own_key : key,
                                .policy = &world->policy,
                                .advice = world->advice};
    if (request->operation_case == VOUCH__V1__REQUEST__OPERATION_REFERRAL_MOVE && world->advice == NULL &&
        !world->no_advice) {
        linear = linear_advice(world, view, request->referral_move);
        decision.advice = &linear;
    }
    world->advice = NULL;
    world->no_advice = false;
    decide_function *decide = decide_for(request->operation_case);
    cr_assert_not_null(decide);
    enum vouch_status status = decide(&decision, request);
    world->why = decision.why;
    world->answer_id = decision.answer_id;
    world->change = decision.change;
    if (status == VOUCH_OK) {
        /* Only an import may find that all is there already. */
        cr_assert(decision.event_count > 0 || decision.change != VOUCH__V1__DONE__CHANGE__CHANGE_NONE);
        if (decision.event_count > 0) {
            record_decision(world, &decision, member, command);
        }
    } else {
        cr_assert_neq(decision.why.text[0], '\0', "%s without a sentence", status_name(status));
    }
    return status;
}

uint64_t world_do(struct world *world, uint64_t member, const Vouch__V1__Request *request)
{
    expect_ok(world, world_try(world, member, NULL, request), "command");
    return world->answer_id;
}

enum vouch_status world_ask(struct world *world, uint64_t member, const Vouch__V1__Request *request,
                            Vouch__V1__Reply *reply)
{
    arena_reset(world->arena);
    struct view *view = snapshot_open(world->store);
    cr_assert_not_null(view);
    vouch__v1__reply__init(reply);
    struct question question = {.view = view,
                                .arena = world->arena,
                                .durable = store_journal_sequence(world->store),
                                .now_ms = world->now_ms,
                                .deadline_us = clock_mono_us() + 10000000,
                                .actor = record_member(view, member, world->arena),
                                .policy = &world->policy,
                                .reply = reply};
    query_function *query = query_for(request->operation_case);
    cr_assert_not_null(query);
    enum vouch_status status = query(&question, request);
    world->why = question.why;
    cr_assert_null(view_failed(view));
    if (status == VOUCH_OK) {
        cr_assert_neq(reply->result_case, VOUCH__V1__REPLY__RESULT__NOT_SET);
        /* What it points into the snapshot must not outlive it: keep a copy made while it is open. */
        size_t size;
        void *packed = message_pack(&reply->base, world->arena, &size);
        const void *copy = message_unpack_own(&vouch__v1__reply__descriptor, size, packed, world->arena);
        cr_assert_not_null(copy);
        memcpy(reply, copy, sizeof *reply);
    }
    snapshot_close(&view);
    return status;
}

static bool first_due(struct view *view, int64_t *due_ms, enum due_kind *kind, uint64_t *id)
{
    struct slice key;
    struct cursor *cursor = cursor_open(view, TABLE_DUE);
    bool found = cursor_seek(cursor, SLICE_NONE, &key, NULL);
    if (found) {
        *due_ms = (int64_t)slice_u64(key, 0);
        *kind = (enum due_kind)((const uint8_t *)key.data)[8];
        *id = slice_u64(key, 9);
    }
    cursor_close(&cursor);
    return found;
}

int64_t world_next_ms(struct world *world)
{
    int64_t due_ms;
    enum due_kind kind;
    uint64_t id;
    struct view *view = snapshot_open(world->store);
    bool found = first_due(view, &due_ms, &kind, &id);
    snapshot_close(&view);
    return found ? due_ms : DUE_NEVER_MS;
}

size_t world_wait(struct world *world, int64_t ms)
{
    int64_t due_ms;
    enum due_kind kind;
    uint64_t id;
    size_t count = 0;
    world->now_ms += ms;
    for (;; count++) {
        arena_reset(world->arena);
        struct view *view = state_write_view(world->store, &world->why);
        if (!first_due(view, &due_ms, &kind, &id) || due_ms > world->now_ms) {
            return count;
        }
        struct decision decision = {
            .view = view, .arena = world->arena, .now_ms = world->now_ms, .policy = &world->policy};
        enum vouch_status status = decide_due(&decision, kind, id, due_ms);
        world->why = decision.why;
        expect_ok(world, status, "timer");
        cr_assert_gt(decision.event_count, 0);
        record_decision(world, &decision, 0, NULL);
    }
}

static bool first_waiting(struct view *view, uint64_t *id)
{
    struct slice row;
    struct key from = key_due(DUE_NEVER_MS, DUE_REROUTE, 0);
    struct cursor *cursor = cursor_open(view, TABLE_DUE);
    bool found = cursor_seek(cursor, key_slice(&from), &row, NULL);
    *id = found ? slice_u64(row, 9) : 0;
    cursor_close(&cursor);
    return found;
}

size_t world_reroute(struct world *world)
{
    size_t count = 0;
    for (uint64_t id;; count++) {
        struct reroute found;
        arena_reset(world->arena);
        struct view *snapshot = snapshot_open(world->store);
        if (!first_waiting(snapshot, &id)) {
            snapshot_close(&snapshot);
            return count;
        }
        struct question question = {.view = snapshot,
                                    .arena = world->arena,
                                    .now_ms = world->now_ms,
                                    .deadline_us = clock_mono_us() + 10000000,
                                    .policy = &world->policy};
        expect_ok(world, advise_reroute(&question, id, NULL, &found), "search");
        snapshot_close(&snapshot);
        struct view *view = state_write_view(world->store, &world->why);
        struct decision decision = {
            .view = view, .arena = world->arena, .now_ms = world->now_ms, .policy = &world->policy};
        expect_ok(world, decide_reroute(&decision, &found), "reroute");
        cr_assert_eq(decision.event_count, 1);
        record_decision(world, &decision, 0, NULL);
    }
}

void world_key(uint64_t member, uint8_t key[32])
{
    memset(key, 0xA5, 32);
    memcpy(key, &member, sizeof member);
}

uint64_t world_member(struct world *world, const char *name, Vouch__V1__Role role, uint64_t company, const char *team)
{
    uint8_t invite_key[32];
    uint8_t key[32];
    randombytes_buf(invite_key, sizeof invite_key);
    Vouch__V1__MemberInvite invite = VOUCH__V1__MEMBER_INVITE__INIT;
    invite.name = (char *)(uintptr_t)name;
    invite.role = role;
    invite.company = company;
    invite.team = (char *)(uintptr_t)team;
    invite.invite_key = (ProtobufCBinaryData){32, invite_key};
    uint64_t id = world_do(world, WORLD_ADMIN, REQUEST_OF(MEMBER_INVITE, member_invite, &invite));
    world_key(id, key);
    Vouch__V1__Enrol enrol = VOUCH__V1__ENROL__INIT;
    enrol.key = (ProtobufCBinaryData){32, key};
    expect_ok(world, world_try(world, 0, invite_key, REQUEST_OF(ENROL, enrol, &enrol)), "enrol");
    return id;
}

uint64_t world_company(struct world *world, const char *name, const char *domain, Vouch__V1__CompanyKind kind)
{
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = (char *)(uintptr_t)name;
    add.domain = (char *)(uintptr_t)domain;
    add.kind = kind;
    return world_do(world, WORLD_ADMIN, REQUEST_OF(COMPANY_ADD, company_add, &add));
}

uint64_t world_submit(struct world *world, uint64_t referrer, uint64_t prospect, uint64_t receiver)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = "archive 40 TB, audit in March";
    text.vouch = "We ran their backup for six years.";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = prospect;
    submit.receiver = receiver;
    submit.consent = true;
    submit.text = &text;
    return world_do(world, referrer, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

enum vouch_status world_move(struct world *world, uint64_t member, uint64_t referral, Vouch__V1__ReferralVerb verb,
                             uint64_t receiver, int64_t minor)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.reason = "they said so on the phone";
    text.note = "Thank you. Dana speaks highly of you.";
    text.vouch = verb == VOUCH__V1__REFERRAL_VERB__ATTEST ? "we worked together for six years" : text.vouch;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    value.minor = minor;
    value.currency = "EUR";
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    move.referral = referral;
    move.verb = verb;
    move.receiver = receiver;
    move.text = &text;
    move.value = &value;
    move.until_ms = world->now_ms + MS_PER_DAY;
    return world_try(world, member, NULL, REQUEST_OF(REFERRAL_MOVE, referral_move, &move));
}

uint64_t world_pay(struct world *world, uint64_t referral, int64_t minor)
{
    char reference[32];
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
    snprintf(reference, sizeof reference, "INV-%llu", (unsigned long long)world->sequence);
    amount.minor = minor;
    amount.currency = "EUR";
    record.referral = referral;
    record.amount = &amount;
    record.reference = reference;
    return world_do(world, WORLD_ADMIN, REQUEST_OF(PAYMENT_RECORD, payment_record, &record));
}

int64_t world_balance(struct world *world, uint64_t payee, uint64_t company, enum ledger_account which)
{
    struct view *view = snapshot_open(world->store);
    struct account_id id = account_id_of(payee, company, "EUR");
    struct account account;
    account_get(view, &id, &account);
    snapshot_close(&view);
    return account.balances.minor[which];
}

const Vouch__V1__Referral *world_referral(struct world *world, uint64_t referral)
{
    arena_reset(world->arena);
    struct view *view = snapshot_open(world->store);
    const Vouch__V1__Referral *record = record_referral(view, referral, world->arena);
    snapshot_close(&view);
    cr_assert_not_null(record);
    return record;
}

static void report(void *argument, const char *finding)
{
    (void)argument;
    cr_assert_fail("invariant: %s", finding);
}

void world_verify(struct world *world)
{
    char path[96];
    snprintf(path, sizeof path, "%s/again", world->directory);
    struct store *again = open_store(world, path);
    struct view *from = snapshot_open(world->store);
    for (uint64_t sequence = 1; sequence <= world->sequence; sequence++) {
        struct slice bytes;
        cr_assert(journal_get(from, sequence, &bytes));
        arena_reset(world->arena);
        const void *event = message_unpack_own(&vouch__v1__event__descriptor, bytes.size, bytes.data, world->arena);
        struct journal_entry entry = {sequence, bytes};
        /* The second store gets the person's keys as the first one has them. */
        struct person_key keys[1] = {{.destroyed = false}};
        size_t key_count = 0;
        const Vouch__V1__Event *message = event;
        if (message->body_case == VOUCH__V1__EVENT__BODY_CONTACT_ADDED) {
            keys[0].contact = message->contact_added->contact->id;
            key_count = view_person_key(from, keys[0].contact, keys[0].key) ? 1 : 0;
        }
        expect_ok(world, journal_append(again, &entry, 1, keys, key_count, &world->why), "journal again");
        struct view *view = state_write_view(again, &world->why);
        for (size_t i = 0; i < key_count; i++) {
            view_add_person_key(view, sequence, &keys[i]);
        }
        apply_event(view, sequence, event, world->arena);
        if (sequence % LIMIT_STATE_COMMIT_EVENTS == 0 || sequence == world->sequence) {
            expect_ok(world, state_commit(again, sequence, &world->why), "commit again");
        }
    }
    expect_ok(world, invariants_check(from, report, NULL), "check");
    snapshot_close(&from);
    state_abort(world->store);
    expect_ok(world, store_compare_state(world->store, again, &world->why), "compare");
    state_abort(again);
    store_close(&again, false);
}
