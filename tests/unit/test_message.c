/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages from outside: what a client may send, and what a hostile one tries. */
#include "vouch/v1/event.pb-c.h"
#include "wire_bytes.h"

TestSuite(message, .init = set_up, .fini = tear_down);

/* Sends body as operation `field` and frees it; the sentence must hold `part` unless the status is OK. */
static void expect(enum vouch_status status, const char *part, uint32_t field, struct bytes *body)
{
    const ProtobufCMessage *message;
    struct bytes *request = request_of(field, body);
    enum vouch_status got = unpack(&vouch__v1__request__descriptor, request, &message);
    cr_expect_eq(got, status, "%s instead of %s (%s): %s", status_name(got), status_name(status), part, why.text);
    if (status != VOUCH_OK) {
        cr_expect_not_null(strstr(why.text, part), "'%s' says nothing of '%s'", why.text, part);
    }
    free(request);
    free(body);
}

enum {
    ENROL = 11,
    INVITE = 13,
    CARD = 16,
    COMPANY = 20,
    CONTACT = 23,
    FIND = 28,
    SUBMIT = 30,
    MOVE = 31,
    ACK = 42,
    APPROVE = 66,
    DISPUTE = 68
};

/* ---- what is right ---- */

Test(message, good_request_is_unpacked_as_it_is)
{
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    person.name = (char *)"Zoë Łukasiewicz-O'Neill";
    person.email = (char *)"zoe@example.com";
    Vouch__V1__ContactAdd contact = VOUCH__V1__CONTACT_ADD__INIT;
    contact.personal = &person;
    contact.strength_ppm = 700000;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.version = 1;
    request.id = (ProtobufCBinaryData){16, (uint8_t *)"0123456789abcdef"};
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_CONTACT_ADD;
    request.contact_add = &contact;
    cr_assert_eq(message_validate(&request.base, &why), VOUCH_OK, "%s", why.text);

    size_t size;
    void *packed = message_pack(&request.base, arena, &size);
    const ProtobufCMessage *message;
    cr_assert_eq(message_unpack(&vouch__v1__request__descriptor, size, packed, arena, &message, &why), VOUCH_OK);
    const Vouch__V1__Request *back = (const Vouch__V1__Request *)message;
    cr_assert_str_eq(back->contact_add->personal->name, person.name);
    cr_assert_eq(back->contact_add->strength_ppm, 700000);
}

Test(message, fields_of_later_versions_are_skipped)
{
    struct bytes *body = find_text("Ada", 3);
    add_data(body, 77, "\xff\x00", 2);
    add_number(body, 78, 5);
    expect(VOUCH_OK, "", FIND, body);
}

/* ---- text ---- */

static const struct {
    const char *text;
    size_t size;
    enum vouch_status status;
    const char *part;
} lines[] = {
#define LITERAL(text) text, sizeof(text) - 1
    {LITERAL("Ada"), VOUCH_OK, ""},
    {LITERAL("\xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf"), VOUCH_OK, ""},
    {LITERAL("a\0b"), VOUCH_INVALID, "NUL"},
    {LITERAL("ab\0"), VOUCH_INVALID, "NUL"},
    {LITERAL("\0"), VOUCH_INVALID, "NUL"},
    {LITERAL("\xff"), VOUCH_INVALID, "UTF-8"},
    {LITERAL("a\x80"), VOUCH_INVALID, "UTF-8"},
    {LITERAL("\xc0\x80"), VOUCH_INVALID, "UTF-8"},         /* overlong NUL */
    {LITERAL("\xe0\x80\xaf"), VOUCH_INVALID, "UTF-8"},     /* overlong slash */
    {LITERAL("\xed\xa0\x80"), VOUCH_INVALID, "UTF-8"},     /* surrogate */
    {LITERAL("\xf4\x90\x80\x80"), VOUCH_INVALID, "UTF-8"}, /* past U+10FFFF */
    {LITERAL("caf\xc3"), VOUCH_INVALID, "UTF-8"},          /* cut off */
    {LITERAL("a\nb"), VOUCH_INVALID, "one line"},
    {LITERAL("a\tb"), VOUCH_INVALID, "one line"},
    {LITERAL("a\xe2\x80\xa8z"), VOUCH_INVALID, "one line"}, /* U+2028 */
    {LITERAL("\x1b[2J"), VOUCH_INVALID, "control character"},
    {LITERAL("\x7f"), VOUCH_INVALID, "control character"},
    {LITERAL("\xc2\x9b"
             "2J"),
     VOUCH_INVALID, "control character"}, /* C1 CSI */
    {LITERAL(""), VOUCH_INVALID, "find.text is missing"},
    {LITERAL("   "), VOUCH_INVALID, "find.text is blank"},
};

Test(message, one_line_texts)
{
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        expect(lines[i].status, lines[i].part, FIND, find_text(lines[i].text, lines[i].size));
    }
}

static void expect_need(enum vouch_status status, const char *part, const char *need, size_t size)
{
    struct bytes text = {0};
    add_data(&text, 1, need, size);
    struct bytes *body = empty();
    add_data(body, 7, text.data, text.size);
    expect(status, part, SUBMIT, body);
}

Test(message, free_texts_hold_lines_and_tabs_only)
{
    static char longest[4001];
    memset(longest, 'x', sizeof longest);
    expect_need(VOUCH_OK, "", "one\n\ttwo", 8);
    expect_need(VOUCH_OK, "", longest, 4000);
    expect_need(VOUCH_INVALID, "referral_submit.text.need is 4001 bytes", longest, 4001);
    expect_need(VOUCH_INVALID, "control character", "a\rb", 3);
    expect_need(VOUCH_INVALID, "NUL", "a\0b", 3);
}

/* ---- lengths, counts, numbers ---- */

Test(message, keys_have_their_size)
{
    static const struct {
        size_t size;
        enum vouch_status status;
        const char *part;
    } cases[] = {{32, VOUCH_OK, ""},
                 {0, VOUCH_INVALID, "enrol.key is missing"},
                 {31, VOUCH_INVALID, "not 32"},
                 {33, VOUCH_INVALID, "not 32"}};
    uint8_t key[64] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes *body = empty();
        add_data(body, 1, key, cases[i].size);
        expect(cases[i].status, cases[i].part, ENROL, body);
    }
    expect(VOUCH_INVALID, "enrol.key is missing", ENROL, empty());

    struct bytes *none = empty();
    add_data(none, 6, key, 0);
    expect(VOUCH_OK, "", INVITE, none); /* an invitation may have none, but not half of one */
    struct bytes *half = empty();
    add_data(half, 6, key, 16);
    expect(VOUCH_INVALID, "member_invite.invite_key", INVITE, half);
}

Test(message, tags_are_few_and_short)
{
    for (int count = 32; count <= 33; count++) {
        struct bytes card = {0};
        for (int i = 0; i < count; i++) {
            add_data(&card, 1, "archive", 7);
        }
        struct bytes *body = empty();
        add_data(body, 1, card.data, card.size);
        expect(count == 32 ? VOUCH_OK : VOUCH_INVALID, "card_set.card.issues has more than 32", CARD, body);
    }
    struct bytes card = {0};
    add_data(&card, 1, "1234567890123456789012345678901234567890123456789012345678901", 61);
    struct bytes *body = empty();
    add_data(body, 1, card.data, card.size);
    expect(VOUCH_INVALID, "card_set.card.issues is 61 bytes", CARD, body);
    expect(VOUCH_INVALID, "card_set.card is missing", CARD, empty());
}

Test(message, numbers_are_in_range)
{
    static const struct {
        uint32_t operation, field;
        uint64_t value;
        enum vouch_status status;
        const char *part;
    } cases[] = {
        {FIND, 1, 4, VOUCH_INVALID, "find.kind has a value"},
        {FIND, 1, UINT64_MAX, VOUCH_INVALID, "find.kind has a value"},
        {FIND, 1, UINT64_C(0x100000001), VOUCH_INVALID, "out of range"}, /* would be cut to 1 */
        {COMPANY, 9, 8, VOUCH_OK, ""},
        {COMPANY, 9, 9, VOUCH_INVALID, "company_add.size_band is 9, not 0 to 8"},
        {COMPANY, 9, UINT64_C(1) << 32, VOUCH_INVALID, "out of range"},
        {COMPANY, 3, (UINT64_C(1) << 56) - 1, VOUCH_OK, ""},
        {COMPANY, 3, UINT64_C(1) << 56, VOUCH_INVALID, "company_add.parent"},
        {COMPANY, 3, UINT64_MAX, VOUCH_INVALID, "company_add.parent"},
        {CONTACT, 4, 1000001, VOUCH_INVALID, "strength_ppm"},
        {CONTACT, 3, 2, VOUCH_INVALID, "contact_add.consent is out of range"},
        {ACK, 1, 0, VOUCH_INVALID, "inbox_ack.up_to is missing"},
        {MOVE, 2, 1, VOUCH_INVALID, "referral_move.verb"},
        {MOVE, 2, 25, VOUCH_INVALID, "referral_move.verb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes *body = empty();
        if (cases[i].operation == MOVE) {
            add_number(body, 1, 7);
        }
        add_number(body, cases[i].field, cases[i].value);
        expect(cases[i].status, cases[i].part, cases[i].operation, body);
    }
}

Test(message, unsigned_of_64_bits_keep_to_ids)
{
    struct bytes *body = empty();
    add_number(body, 1, UINT64_C(1) << 63);
    expect(VOUCH_INVALID, "out of range", ACK, body);
}

/* ---- structure ---- */

Test(message, what_occurs_once_does_not_occur_twice)
{
    struct bytes *body = find_text("Ada", 3);
    add_data(body, 2, "Eve", 3);
    expect(VOUCH_INVALID, "find.text occurs twice", FIND, body);

    const ProtobufCMessage *message;
    struct bytes *good = find_text("Ada", 3);
    struct bytes *request = request_of(FIND, good);
    add_data(request, 12, "", 0);
    cr_assert_eq(unpack(&vouch__v1__request__descriptor, request, &message), VOUCH_INVALID);
    cr_assert_not_null(strstr(why.text, "oneof"), "%s", why.text);
    free(good);
    free(request);
}

Test(message, request_without_an_id_is_refused)
{
    const ProtobufCMessage *message;
    struct bytes *nothing = empty();
    cr_assert_eq(unpack(&vouch__v1__request__descriptor, nothing, &message), VOUCH_INVALID);
    cr_assert_str_eq(why.text, "id is missing");
    free(nothing);
}

Test(message, unknown_operation_is_unpacked_without_one)
{
    const ProtobufCMessage *message;
    struct bytes *nothing = empty();
    struct bytes *request = request_of(999, nothing);
    cr_assert_eq(unpack(&vouch__v1__request__descriptor, request, &message), VOUCH_OK, "%s", why.text);
    cr_assert_eq(((const Vouch__V1__Request *)message)->operation_case, VOUCH__V1__REQUEST__OPERATION__NOT_SET);
    free(nothing);
    free(request);
}

Test(message, wrong_wire_types_and_groups_are_refused)
{
    struct bytes *number = empty();
    add_number(number, 1, 1);
    add_number(number, 2, 65);
    expect(VOUCH_INVALID, "find.text has the wrong wire type", FIND, number);
    struct bytes *packed = empty();
    add_data(packed, 1, "\x01", 1);
    expect(VOUCH_INVALID, "find.kind has the wrong wire type", FIND, packed);
    static const uint8_t broken[][11] = {
        {0x0B, 0x0C},                                                       /* a group */
        {0x0E},                                                             /* wire type 6 */
        {0x00, 0x01},                                                       /* field 0 */
        {0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F},             /* a length past everything */
        {0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02}, /* 65 bits */
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct bytes *body = empty();
        add(body, broken[i], sizeof broken[i]);
        expect(VOUCH_INVALID, "cut off or no protobuf", FIND, body);
    }
}

/* What shows that a line is wrong is more than an empty page. */
Test(message, mandatory_text_is_not_blank)
{
    struct bytes *dispute = empty();
    add_number(dispute, 1, 1);
    add_data(dispute, 3, " \n\t\n", 4);
    expect(VOUCH_INVALID, "dispute_open.evidence is blank", DISPUTE, dispute);
}

/* As protobuf-c and others write numbers that are repeated, and as older writers do; with the same rules for each. */
Test(message, repeated_numbers_come_packed_or_one_by_one)
{
    struct bytes *packed = empty();
    add_data(packed, 1, "\x01\x96\x01\x03", 4);
    add_number(packed, 1, 7);
    add_data(packed, 1, "", 0);
    expect(VOUCH_OK, "", APPROVE, packed);
    struct bytes *cut = empty();
    add_data(cut, 1, "\x01\x96", 2);
    expect(VOUCH_INVALID, "commission_approve.payments is cut off", APPROVE, cut);
    struct bytes *large = empty();
    add_data(large, 1, "\x01\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10);
    expect(VOUCH_INVALID, "commission_approve.payments", APPROVE, large);
    uint8_t ones[201];
    memset(ones, 1, sizeof ones);
    struct bytes *many = empty();
    add_data(many, 1, ones, 200);
    add_number(many, 1, 1);
    expect(VOUCH_INVALID, "commission_approve.payments", APPROVE, many);
    struct bytes *within = empty();
    add_data(within, 1, ones, 200);
    expect(VOUCH_OK, "", APPROVE, within);
    uint64_t ids[] = {1, UINT64_C(1) << 56};
    Vouch__V1__CommissionApprove approve = VOUCH__V1__COMMISSION_APPROVE__INIT;
    approve.payments = ids;
    approve.n_payments = 1;
    cr_expect_eq(message_validate(&approve.base, &why), VOUCH_OK, "%s", why.text);
    approve.n_payments = 2;
    cr_expect_eq(message_validate(&approve.base, &why), VOUCH_INVALID);
}

/* A request with something of everything, cut after every byte and damaged at every byte: never a crash, and what is
 * taken is also valid in memory. */
Test(message, truncated_and_flipped_requests)
{
    struct bytes text = {0};
    add_data(&text, 1, "a better archive\nand soon", 25);
    add_data(&text, 2, "I worked with her", 17);
    struct bytes *body = empty();
    add_number(body, 1, 12);
    add_data(body, 7, text.data, text.size);
    add_number(body, 8, 1);
    add_data(body, 11, "archive", 7);
    add_data(body, 11, "audit", 5);
    struct bytes *request = request_of(SUBMIT, body);
    const ProtobufCMessage *message;
    cr_assert_eq(unpack(&vouch__v1__request__descriptor, request, &message), VOUCH_OK, "%s", why.text);
    struct bytes *damaged = empty();
    for (size_t at = 0; at < request->size; at++) {
        *damaged = *request;
        damaged->size = at;
        cr_expect(at == 20 || unpack(&vouch__v1__request__descriptor, damaged, &message) != VOUCH_OK, "cut at %zu", at);
        for (int bit = 0; bit < 8; bit++) {
            *damaged = *request;
            damaged->data[at] ^= (uint8_t)(1 << bit);
            if (unpack(&vouch__v1__request__descriptor, damaged, &message) == VOUCH_OK) {
                cr_expect_eq(message_validate(message, &why), VOUCH_OK, "%s", why.text);
            }
        }
    }
    free(damaged);
    free(request);
    free(body);
}

/* 10,000 levels crash protobuf-c. The protocol has no recursive message, so the deepest one there is is finite. */
Test(message, deep_nesting_is_only_data)
{
    struct bytes *body = empty();
    for (int i = 0; i < 20000; i++) {
        add(body, "\x0a\x7f", 2);
    }
    expect(VOUCH_INVALID, "cut off", CARD, body);
}

/* Two bytes of wire make a whole struct in memory: bounded by counts, then by the arena. */
Test(message, amplification_is_bounded)
{
    struct bytes page = {0};
    for (int i = 0; i < 1000; i++) {
        add_data(&page, 1, "", 0);
    }
    const ProtobufCMessage *message;
    cr_assert_eq(unpack(&vouch__v1__member_page__descriptor, &page, &message), VOUCH_OK, "%s", why.text);
    add_data(&page, 1, "", 0);
    cr_assert_eq(unpack(&vouch__v1__member_page__descriptor, &page, &message), VOUCH_INVALID);
    cr_assert_not_null(strstr(why.text, "more than 1000"), "%s", why.text);

    struct arena *small = arena_new(64 << 10);
    page.size -= 2;
    cr_assert_eq(message_unpack(&vouch__v1__member_page__descriptor, page.size, page.data, small, &message, &why),
                 VOUCH_TOO_LARGE);
    cr_assert_leq(arena_used(small), 64u << 10);
    arena_free(&small);
}

Test(message, fields_are_counted_even_unknown_ones)
{
    struct bytes *flood = empty();
    for (int i = 0; i <= LIMIT_MESSAGE_FIELDS; i++) {
        add(flood, "\xf8\x7f\x01", 3);
    }
    const ProtobufCMessage *message;
    cr_assert_eq(unpack(&vouch__v1__request__descriptor, flood, &message), VOUCH_TOO_LARGE);
    free(flood);
}

/* ---- peeking ---- */

Test(message, a_broken_message_still_says_who_it_is)
{
    struct bytes *body = find_text("\xff", 1);
    struct bytes *request = request_of(FIND, body);
    const uint8_t *id;
    size_t length;
    uint64_t version;
    add(request, "\xff", 1);
    cr_assert(message_peek_bytes(request->size, request->data, 2, &id, &length));
    cr_assert_eq(length, 16);
    cr_assert_arr_eq(id, "0123456789abcdef", 16);
    cr_assert(message_peek_number(request->size, request->data, 1, &version));
    cr_assert_eq(version, 1);
    cr_assert_not(message_peek_bytes(0, NULL, 2, &id, &length));
    cr_assert_not(message_peek_number(3, "\xff\xff\xff", 1, &version));
    free(request);
    free(body);
}

/* ---- messages made in memory ---- */

Test(message, validate_finds_the_same_faults_in_memory)
{
    Vouch__V1__Money money = VOUCH__V1__MONEY__INIT;
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    move.referral = 1;
    move.verb = VOUCH__V1__REFERRAL_VERB__WIN;
    move.value = &money;
    money.currency = (char *)"EU";
    cr_assert_eq(message_validate(&move.base, &why), VOUCH_INVALID);
    cr_assert_str_eq(why.text, "value.currency is 2 bytes long, not 3");
    money.currency = (char *)"EUR";
    cr_assert_eq(message_validate(&move.base, &why), VOUCH_OK);
    move.verb = (Vouch__V1__ReferralVerb)99;
    cr_assert_eq(message_validate(&move.base, &why), VOUCH_INVALID);
    move.verb = VOUCH__V1__REFERRAL_VERB__WIN;
    move.referral = UINT64_MAX;
    cr_assert_eq(message_validate(&move.base, &why), VOUCH_INVALID);

    char *tags[33];
    for (int i = 0; i < 33; i++) {
        tags[i] = (char *)"audit";
    }
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    card.issues = tags;
    card.n_issues = 33;
    cr_assert_eq(message_validate(&card.base, &why), VOUCH_INVALID);
    card.n_issues = 32;
    cr_assert_eq(message_validate(&card.base, &why), VOUCH_OK);
    tags[31] = (char *)"a\nb";
    cr_assert_eq(message_validate(&card.base, &why), VOUCH_INVALID);
}

Test(message, pack_and_unpack_own_keep_to_the_budget)
{
    Vouch__V1__Notice notice = VOUCH__V1__NOTICE__INIT;
    notice.text = (char *)"met\x01"; /* the broker's own bytes are not judged */
    size_t size;
    void *packed = message_pack(&notice.base, arena, &size);
    cr_assert_not_null(packed);
    cr_assert_not_null(message_unpack_own(&vouch__v1__notice__descriptor, size, packed, arena));
    struct arena *tiny = arena_new(16);
    cr_assert_null(message_pack(
        &(Vouch__V1__Notice){.base = notice.base, .text = (char *)"longer than sixteen bytes"}.base, tiny, &size));
    cr_assert_null(message_unpack_own(&vouch__v1__notice__descriptor, size, packed, tiny));
    arena_free(&tiny);
}
