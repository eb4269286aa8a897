/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of inboxes: read from the bytes of their events, they say what the plain way says, for every kind of event,
 * every verb, and events made up at random. */
#include "plain_notice.h"
#include "world.h"

#include "base/message.h"

#include <criterion/criterion.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define BODY(name) VOUCH__V1__EVENT__BODY_##name

#define ARENA_BYTES ((size_t)4 << 20)
#define NOBODY 99 /* an id that nothing has */

/* ---- comparing ---- */

struct readers {
    struct view *view;
    struct arena *arena;
    size_t told; /* notices compared */
};

static struct readers readers_open(struct world *world)
{
    struct readers readers = {.view = snapshot_open(world->store), .arena = arena_new(ARENA_BYTES)};
    cr_assert_not_null(readers.view);
    return readers;
}

static void readers_close(struct readers *readers)
{
    cr_assert_null(view_failed(readers->view));
    snapshot_close(&readers->view);
    arena_free(&readers->arena);
}

/* The event, as told to this member. */
static const Vouch__V1__Notice *expect_same(struct readers *readers, struct name_cache *names, uint64_t member,
                                            uint64_t sequence)
{
    const Vouch__V1__Notice *told = notice_make(readers->view, member, 7, sequence, names, readers->arena);
    const Vouch__V1__Notice *plain = plain_notice(readers->view, member, 7, sequence, readers->arena);
    cr_assert_eq(told == NULL, plain == NULL, "event %lu to member %lu", (unsigned long)sequence,
                 (unsigned long)member);
    if (told != NULL) {
        size_t told_size, plain_size;
        const void *told_bytes = message_pack(&told->base, readers->arena, &told_size);
        const void *plain_bytes = message_pack(&plain->base, readers->arena, &plain_size);
        cr_assert(told_size == plain_size && memcmp(told_bytes, plain_bytes, told_size) == 0,
                  "event %lu to member %lu: \"%s\", not \"%s\"", (unsigned long)sequence, (unsigned long)member,
                  told->text, plain->text);
    }
    readers->told++;
    return told;
}

/* Events [first, last], told to members 0 to `members`. */
static void expect_all_same(struct readers *readers, uint64_t first, uint64_t last, uint64_t members)
{
    for (uint64_t member = 0; member <= members; member++) {
        arena_reset(readers->arena);
        struct name_cache *names = name_cache_new(readers->view, readers->arena);
        for (uint64_t sequence = first; sequence <= last; sequence++) {
            if (arena_used(readers->arena) > ARENA_BYTES / 2) {
                arena_reset(readers->arena);
                names = name_cache_new(readers->view, readers->arena);
            }
            expect_same(readers, names, member, sequence);
        }
    }
}

/* ---- a world in which everything happened ---- */

enum { ANA = 2, TOM, LENA, PEOPLE = LENA };

static uint64_t refer(struct world *world, uint64_t prospect, uint64_t connector, bool lead)
{
    Vouch__V1__PersonalData dana = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    dana.name = "Dana Frey";
    text.need = "archive 40 TB";
    text.vouch = lead ? "" : "Dana asked me";
    submit.prospect = prospect;
    submit.new_contact = &dana;
    submit.receiver = TOM;
    submit.connector = connector;
    submit.consent = connector == 0;
    submit.text = &text;
    return world_do(world, ANA, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

static void move(struct world *world, uint64_t member, uint64_t id, Vouch__V1__ReferralVerb verb)
{
    cr_assert_eq(world_move(world, member, id, verb, LENA, 4800000), VOUCH_OK, "%s", world->why.text);
}

/* Help of each kind, with a note and without, between acceptance and the win. */
static void credit(struct world *world, uint64_t id, Vouch__V1__ReferralVerb after)
{
    Vouch__V1__ReferralCredit credit = VOUCH__V1__REFERRAL_CREDIT__INIT;
    credit.referral = id;
    credit.member = after == VERB(MEET) ? ANA : LENA;
    credit.note = after == VERB(CONTACT) ? "" : "told us who signs";
    if (after != VERB(ACCEPT) && after != VERB(WIN)) {
        credit.kind = (Vouch__V1__Touch__Kind)(VOUCH__V1__TOUCH__KIND__INTEL + (after - VERB(CONTACT)));
        world_do(world, TOM, REQUEST_OF(REFERRAL_CREDIT, referral_credit, &credit));
    }
}

static uint64_t claim(struct world *world, uint64_t prospect, bool lead, char *person)
{
    Vouch__V1__PersonalData someone = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    someone.name = person;
    text.vouch = lead ? "" : "Dana asked me";
    submit.prospect = prospect;
    submit.new_contact = &someone;
    submit.consent = true;
    submit.product = "claimed";
    submit.text = &text;
    return world_do(world, ANA, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

static void review(struct world *world, uint64_t id, Vouch__V1__ReferralReview__Verdict verdict)
{
    Vouch__V1__ReferralReview review = VOUCH__V1__REFERRAL_REVIEW__INIT;
    review.referral = id;
    review.verdict = verdict;
    review.reason = "spoke to both";
    world_do(world, WORLD_ADMIN, REQUEST_OF(REFERRAL_REVIEW, referral_review, &review));
}

/* A lead that gives way, a queue that goes on, reviews with either end, a choice, and a claim whose time is over. */
static void claims(struct world *world, uint64_t prospect)
{
    world->policy.protection_days = 90;
    claim(world, prospect, true, "Dana Frey");
    uint64_t first = claim(world, prospect, false, "Dana Frey");
    uint64_t second = claim(world, prospect, false, "Dana Frey");
    move(world, ANA, first, VERB(WITHDRAW));
    world_wait(world, 0);
    review(world, claim(world, prospect, false, "Ana Sousa"), VOUCH__V1__REFERRAL_REVIEW__VERDICT__REJECT);
    uint64_t released = claim(world, prospect, false, "Ana Sousa");
    review(world, released, VOUCH__V1__REFERRAL_REVIEW__VERDICT__RELEASE);
    move(world, ANA, second, VERB(OFFER));
    move(world, LENA, second, VERB(ACCEPT));
    Vouch__V1__ClaimChoose choose = VOUCH__V1__CLAIM_CHOOSE__INIT;
    choose.referral = released;
    choose.evidence = "they wrote so";
    world_do(world, WORLD_ADMIN, REQUEST_OF(CLAIM_CHOOSE, claim_choose, &choose));
}

/* Five people's referrals: won, lost, withdrawn, declined and offered again, refused by the connector, expired. */
static struct world *busy_world(void)
{
    struct world *world = world_new();
    world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    world_member(world, "Lena Voß", VOUCH__V1__ROLE__REP, WORLD_HOME, "Iberia");
    uint64_t kestrel = world_company(world, "Kestrel Bank", "kestrel.example", 0);
    uint64_t orrin = world_company(world, "Orrin \"&\" Söhne", "orrin.example", 0);
    uint64_t won = refer(world, kestrel, LENA, false);
    move(world, LENA, won, VERB(INTRODUCE));
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        move(world, TOM, won, path[i]);
        credit(world, won, path[i]);
    }
    uint64_t lost = refer(world, orrin, 0, true);
    move(world, TOM, lost, VERB(ACCEPT));
    move(world, ANA, lost, VERB(ATTEST));
    move(world, TOM, lost, VERB(SNOOZE));
    move(world, TOM, lost, VERB(CONTACT));
    move(world, TOM, lost, VERB(UPDATE));
    move(world, ANA, lost, VERB(DISOWN));
    move(world, TOM, lost, VERB(LOSE));
    move(world, ANA, refer(world, kestrel, 0, false), VERB(WITHDRAW));
    uint64_t again = refer(world, orrin, 0, false);
    move(world, TOM, again, VERB(DECLINE));
    move(world, ANA, again, VERB(OFFER));
    uint64_t no_path = refer(world, kestrel, LENA, false);
    move(world, LENA, no_path, VERB(NO_PATH));
    move(world, ANA, no_path, VERB(REGISTER));
    refer(world, kestrel, LENA, false);
    claims(world, kestrel);
    for (int i = 0; i < 2; i++) { /* told that it is overdue, and passed on after */
        world_wait(world, INT64_C(200) * 24 * 3600 * 1000);
    }
    return world;
}

Test(notice, every_verb_and_its_sentence)
{
    struct world *world = busy_world();
    struct readers readers = readers_open(world);
    expect_all_same(&readers, 1, world->sequence + 1, PEOPLE + 1); /* one event and one member too many */
    bool seen[VERB(DISOWN) + 1] = {false};
    bool accrued = false;
    size_t credited = 0, ended = 0;
    for (uint64_t sequence = 1; sequence <= world->sequence; sequence++) {
        const Vouch__V1__Event *event = record_event(readers.view, sequence, readers.arena);
        cr_assert_not_null(event);
        accrued |= event->body_case == BODY(DEAL_WON);
        ended += event->body_case == BODY(CLAIM_ENDED) ? 1 : 0;
        credited += event->body_case == BODY(REFERRAL_CREDITED) ? 1 : 0;
        if (event->body_case == BODY(REFERRAL_MOVED)) {
            seen[event->referral_moved->verb] = true;
        }
    }
    for (size_t verb = VERB(REGISTER); verb <= VERB(DISOWN); verb++) {
        cr_assert(seen[verb], "the world knows no event of verb %zu", verb);
    }
    cr_assert(accrued);
    cr_assert_eq(credited, 3);
    cr_assert_eq(ended, 2);
    readers_close(&readers);
    world_free(&world);
}

/* ---- made up ---- */

struct dice {
    uint64_t state;
    struct arena *arena;
};

static uint64_t roll(struct dice *dice, uint64_t sides)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return (dice->state >> 11) % sides;
}

static char *roll_text(struct dice *dice)
{
    static const char *const texts[] = {"", "no capacity", "two\nlines\r\n\"quoted\"", "Größe – 大きさ", "EUR", "%s%n"};
    uint64_t choice = roll(dice, 8);
    if (choice < 6) {
        return arena_strdup(dice->arena, texts[choice]);
    }
    size_t size = 290 + roll(dice, 20); /* about where quotes are cut, sometimes inside a character */
    char *text = arena_alloc(dice->arena, size + 1);
    for (size_t i = 0; i + 1 < size; i += 2) {
        memcpy(text + i, choice == 6 ? "xy" : "ß", 2);
    }
    return text;
}

static ProtobufCMessage *roll_message(struct dice *dice, const ProtobufCMessageDescriptor *type);

static void roll_value(struct dice *dice, const ProtobufCFieldDescriptor *field, void *value)
{
    uint64_t number = roll(dice, 4) == 0 ? roll(dice, (uint64_t)1 << 40) : roll(dice, 8);
    switch (field->type) {
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_FIXED64:
        *(uint64_t *)value = number;
        break;
    case PROTOBUF_C_TYPE_UINT32:
        *(uint32_t *)value = (uint32_t)number;
        break;
    case PROTOBUF_C_TYPE_ENUM:
        *(uint32_t *)value = (uint32_t)roll(dice, 26);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)value = roll(dice, 2) == 1;
        break;
    case PROTOBUF_C_TYPE_STRING:
        *(char **)value = roll_text(dice);
        break;
    case PROTOBUF_C_TYPE_BYTES: {
        char *text = roll_text(dice);
        *(ProtobufCBinaryData *)value = (ProtobufCBinaryData){strlen(text), (uint8_t *)text};
        break;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)value = roll_message(dice, field->descriptor);
        break;
    default:
        cr_assert(false, "field %s has a type of which there was none", field->name);
    }
}

static void roll_items(struct dice *dice, const ProtobufCFieldDescriptor *field, char *message)
{
    size_t size = field->type == PROTOBUF_C_TYPE_BYTES ? sizeof(ProtobufCBinaryData) : sizeof(void *);
    size_t count = roll(dice, 4);
    char *items = arena_alloc(dice->arena, count * size);
    for (size_t i = 0; i < count; i++) {
        roll_value(dice, field, items + i * size);
    }
    *(size_t *)(void *)(message + field->quantifier_offset) = count;
    *(char **)(void *)(message + field->offset) = items;
}

/* Every field that is not of a oneof. */
static ProtobufCMessage *roll_message(struct dice *dice, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(dice->arena, type->sizeof_message);
    cr_assert_not_null(message);
    protobuf_c_message_init(type, message);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            roll_items(dice, field, (char *)message);
        } else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
            roll_value(dice, field, (char *)message + field->offset);
        }
    }
    return message;
}

/* An amount of a currency that there is: no other is ever recorded. */
static void mend_money(struct dice *dice, Vouch__V1__Money *money)
{
    static const char *const currencies[] = {"EUR", "JPY", "TND"};
    money->currency = (char *)(uintptr_t)currencies[roll(dice, 3)];
    money->minor *= roll(dice, 2) == 0 ? -1 : 1;
}

/* A text as people write it: sealed for a person whose key there is or is not, in clear, none, or damaged. */
static void mend_text(struct dice *dice, const struct view *view, ProtobufCBinaryData *sealed_text, uint64_t *contact)
{
    static const uint8_t nonce[24] = {5};
    uint8_t key[32] = {9};
    const ProtobufCMessage *text = roll_message(dice, &vouch__v1__referral_text__descriptor);
    size_t size;
    uint8_t *bytes = message_pack(text, dice->arena, &size);
    *contact = roll(dice, 3) == 0 ? NOBODY : roll(dice, 3);
    if (*contact != 0) {
        uint8_t *sealed = arena_alloc(dice->arena, size + SEAL_OVERHEAD);
        (void)view_person_key(view, *contact, key);
        seal(sealed, bytes, size, *contact, key, nonce);
        bytes = sealed;
        size += SEAL_OVERHEAD;
        bytes[30] ^= roll(dice, 8) == 0 ? 1 : 0;
    }
    *sealed_text = (ProtobufCBinaryData){roll(dice, 8) == 0 ? 0 : size, bytes};
}

/* What the broker never records otherwise, whatever else an event says: a line is about a referral, and money is of a
 * currency. */
static void mend(struct dice *dice, const struct view *view, Vouch__V1__Event *event)
{
    uint64_t about = roll(dice, 8) == 0 ? NOBODY : 1 + roll(dice, 6);
    switch (event->body_case) {
    case BODY(REFERRAL_SUBMITTED):
        event->referral_submitted->referral->id = about;
        break;
    case BODY(REFERRAL_MOVED):
        event->referral_moved->referral = about;
        mend_money(dice, event->referral_moved->value);
        mend_text(dice, view, &event->referral_moved->text, &event->referral_moved->contact);
        if (roll(dice, 4) == 0) {
            event->referral_moved->value = NULL;
        }
        break;
    case BODY(CLAIM_ENDED):
        event->claim_ended->referral = about;
        break;
    case BODY(REFERRAL_CREDITED):
        event->referral_credited->referral = about;
        mend_text(dice, view, &event->referral_credited->text, &event->referral_credited->contact);
        break;
    case BODY(DEAL_WON):
        event->deal_won->deal->referral = about;
        break;
    case BODY(PAYMENT_RECORDED):
        event->payment_recorded->payment->referral = about;
        mend_money(dice, event->payment_recorded->payment->amount);
        break;
    default:
        break;
    }
}

/* An event whose body is the field. */
static struct slice roll_event(struct dice *dice, const struct view *view, const ProtobufCFieldDescriptor *body)
{
    Vouch__V1__Event *event = (void *)roll_message(dice, &vouch__v1__event__descriptor);
    event->body_case = (Vouch__V1__Event__BodyCase)body->id;
    roll_value(dice, body, (char *)event + body->offset);
    mend(dice, view, event);
    struct slice bytes;
    bytes.data = message_pack(&event->base, dice->arena, &bytes.size);
    cr_assert_not_null(bytes.data);
    return bytes;
}

/* Appends `count` events of each kind to the journal; they are told, not applied. */
static void journal_made_up(struct world *world, struct dice *dice, size_t count)
{
    struct view *view = snapshot_open(world->store);
    for (unsigned i = 0; i < vouch__v1__event__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *body = &vouch__v1__event__descriptor.fields[i];
        bool told = body->id == BODY(REFERRAL_SUBMITTED) || body->id == BODY(REFERRAL_MOVED) ||
                    body->id == BODY(DEAL_WON) || body->id == BODY(PAYMENT_RECORDED);
        size_t times = told ? count : 4;
        if ((body->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
            continue;
        }
        arena_reset(dice->arena);
        struct journal_entry *entries = arena_alloc(dice->arena, times * sizeof *entries);
        for (size_t j = 0; j < times; j++) {
            entries[j] = (struct journal_entry){++world->sequence, roll_event(dice, view, body)};
        }
        cr_assert_eq(journal_append(world->store, entries, times, NULL, 0, &world->why), VOUCH_OK, "%s",
                     world->why.text);
    }
    snapshot_close(&view);
}

Test(notice, made_up_events)
{
    struct world *world = busy_world();
    struct dice dice = {UINT64_C(88172645463325252), arena_new((size_t)64 << 20)};
    uint64_t first = world->sequence + 1;
    journal_made_up(world, &dice, 1500);
    struct readers readers = readers_open(world);
    expect_all_same(&readers, first, world->sequence, PEOPLE);
    cr_assert_gt(readers.told, 20000);
    readers_close(&readers);
    arena_free(&dice.arena);
    world_free(&world);
}

/* Bytes that are no event say nothing but where they stand. */
Test(notice, events_cut_short)
{
    struct world *world = busy_world();
    struct readers readers = readers_open(world);
    uint64_t whole = world->sequence;
    for (uint64_t sequence = 1; sequence <= whole; sequence++) {
        struct slice event;
        cr_assert(journal_get(readers.view, sequence, &event));
        arena_reset(readers.arena);
        struct journal_entry *entries = arena_alloc(readers.arena, event.size * sizeof *entries);
        for (size_t size = 0; size < event.size; size++) {
            entries[size].sequence = ++world->sequence;
            entries[size].event = (struct slice){arena_memdup(readers.arena, event.data, size), size};
        }
        cr_assert_eq(journal_append(world->store, entries, event.size, NULL, 0, &world->why), VOUCH_OK);
    }
    readers_close(&readers);
    readers = readers_open(world);
    expect_all_same(&readers, whole + 1, world->sequence, PEOPLE);
    cr_assert_gt(readers.told, 10000);
    readers_close(&readers);
    world_free(&world);
}
