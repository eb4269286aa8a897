/* SPDX-License-Identifier: Apache-2.0
 *
 * See expect.h. */
#include "expect.h"

#include <criterion/criterion.h>
#include <string.h>

#define NOTES_MAX 100

static const uint64_t parties[] = {7, 8, 7};

void expect_good(struct plugin_set *set, const char *instance)
{
    struct answer answer = caller_attribute(set, instance, 3, parties);
    cr_assert_eq(answer.status, VOUCH_OK, "%s: %s", instance, answer.why.text);
    cr_assert_eq(answer.shares.share_count, 2);
    cr_assert_eq(answer.shares.shares[0].party, 7);
    cr_assert_eq(answer.shares.shares[0].weight, 2);
    cr_assert_eq(answer.shares.shares[1].party, 8);
    cr_assert_eq(answer.shares.shares[1].weight, 1);
    answer_free(&answer);
}

void expect_any(struct plugin_set *set, const char *instance)
{
    struct answer answer = caller_attribute(set, instance, 3, parties);
    cr_assert_eq(answer.status, VOUCH_OK, "%s: %s", instance, answer.why.text);
    answer_free(&answer);
}

void expect_bad(struct plugin_set *set, const char *instance, enum vouch_status status, const char *sentence)
{
    struct answer answer = caller_attribute(set, instance, 3, parties);
    cr_expect_eq(answer.status, status, "%s: %s %s", sentence, status_name(answer.status), answer.why.text);
    cr_expect(strstr(answer.why.text, instance) != NULL, "no name in: %s", answer.why.text);
    cr_expect(strstr(answer.why.text, sentence) != NULL, "\"%s\" is not in: %s", sentence, answer.why.text);
    answer_free(&answer);
}

bool noted(struct plugin_set *set, const char *instance, const char *text)
{
    static struct plugin_note notes[NOTES_MAX];
    size_t count = plugin_notes_get(set, instance, notes, NOTES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strstr(notes[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
}
