/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages as JSON: every kind of field as docs/protocol.md says. */
#include "json.h"

#include "vouch/v1/wire.pb-c.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void wants(const ProtobufCMessage *message, const char *expected)
{
    json_t *json = json_of_message(message);
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    cr_assert_str_eq(text, expected);
    free(text);
    json_decref(json);
}

Test(json, numbers_bytes_enums_and_lists)
{
    Vouch__V1__Member member = VOUCH__V1__MEMBER__INIT;
    uint8_t bytes[] = {0, 255, 16};
    ProtobufCBinaryData keys[] = {{3, bytes}, {0, NULL}};
    member.id = UINT64_MAX;
    member.name = "Jos\xc3\xa9 \"x\"";
    member.role = VOUCH__V1__ROLE__MANAGER;
    member.state = (Vouch__V1__MemberState)77;
    member.keys = keys;
    member.n_keys = 2;
    member.joined_ms = INT64_MIN;
    wants(&member.base, "{\"id\":\"18446744073709551615\",\"name\":\"Jos\xc3\xa9 \\\"x\\\"\",\"role\":\"MANAGER\","
                        "\"state\":77,\"company\":\"0\",\"team\":\"\",\"keys\":[\"AP8Q\",\"\"],\"invite_key\":\"\","
                        "\"invite_expires_ms\":\"0\",\"joined_ms\":\"-9223372036854775808\",\"removed_ms\":\"0\"}");
}

Test(json, only_the_field_that_is_set_of_a_oneof)
{
    Vouch__V1__FromBroker message = VOUCH__V1__FROM_BROKER__INIT;
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    Vouch__V1__Done done = VOUCH__V1__DONE__INIT;
    wants(&message.base, "{}");
    done.id = 5;
    reply.version = 1;
    reply.result_case = VOUCH__V1__REPLY__RESULT_DONE;
    reply.done = &done;
    message.body_case = VOUCH__V1__FROM_BROKER__BODY_REPLY;
    message.reply = &reply;
    wants(&message.base, "{\"reply\":{\"version\":1,\"id\":\"\",\"status\":\"OK\",\"message\":\"\",\"sequence\":\"0\","
                         "\"retry_after_ms\":0,\"done\":{\"id\":\"5\",\"change\":\"CHANGE_NONE\"}}}");
}

Test(json, what_is_no_text_is_shown_as_base64)
{
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    hello.client = "\xff";
    wants(&hello.base, "{\"client\":\"/w==\"}");
}

Test(json, lists_of_messages_and_of_texts)
{
    Vouch__V1__Found found = VOUCH__V1__FOUND__INIT;
    Vouch__V1__Found__Hit hit = VOUCH__V1__FOUND__HIT__INIT, *hits[] = {&hit};
    hit.id = 3;
    found.hits = hits;
    found.n_hits = 1;
    found.more = true;
    wants(&found.base, "{\"hits\":[{\"id\":\"3\",\"name\":\"\",\"detail\":\"\"}],\"more\":true}");
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    char *issues[] = {"a", "b"};
    card.issues = issues;
    card.n_issues = 2;
    json_t *json = json_of_message(&card.base);
    cr_assert_eq(json_array_size(json_object_get(json, "issues")), 2);
    json_decref(json);
}
