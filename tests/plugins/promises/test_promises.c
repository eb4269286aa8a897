/* SPDX-License-Identifier: Apache-2.0
 *
 * What vouch-plugin(3) promises to authors, looked at by plugins from the inside and here from the outside: memory,
 * threads, texts, answers, bounds, and when destroy is called. */
#include "../caller.h"
#include "asked.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#define NOTES_MAX 100
#define AWAIT_US INT64_C(10000000)
#define CANDIDATES 2500u
#define STRANGERS 30u /* of the 32 that may be tested at once */

static struct plugin_set *start(const char *file)
{
    const struct tested tested = {.file = file, .name = "promise", .deadline_ms = 5000};
    return caller_start(&tested, 1);
}

/* Whether a line of the instance has that level and ends so. */
static bool noted(struct plugin_set *set, enum log_level level, const char *end)
{
    static struct plugin_note notes[NOTES_MAX];
    size_t count = plugin_notes_get(set, "promise", notes, NOTES_MAX);
    size_t size = strlen(end);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(notes[i].text);
        if (notes[i].level == level && length >= size && strcmp(notes[i].text + length - size, end) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- attributions ---- */

static const struct told {
    enum asked asked;
    enum vouch_status status;
    const char *sentence;
} told[] = {
    {ASKED_NOTHING, VOUCH_OK, ""},
    {ASKED_ALLOC, VOUCH_OK, ""},
    {ASKED_ALLOC, VOUCH_OK, ""},
    {ASKED_EXPLAIN, VOUCH_UNAVAILABLE, "plugin promise failed: the second"},
    {ASKED_SILENT, VOUCH_UNAVAILABLE, "plugin promise failed: it does not say why"},
    {ASKED_LONG, VOUCH_UNAVAILABLE, "plugin promise failed: xxxxxxxxxxxxxxxx"},
    {ASKED_LOG, VOUCH_OK, ""},
    {ASKED_DEFER, VOUCH_BUSY, "told so"},
    {ASKED_UNSUPPORTED, VOUCH_UNAVAILABLE, "told so"},
    {ASKED_BOUND, VOUCH_OK, ""},
    {ASKED_NONE, VOUCH_OK, ""},
    {ASKED_NOTHING, VOUCH_OK, ""},
};

Test(promises, attributions)
{
    struct plugin_set *set = start("promise_attribution");
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const uint64_t parties[] = {told[i].asked, 100, UINT64_MAX};
        struct answer answer = caller_attribute(set, "promise", 3, parties);
        cr_expect_eq(answer.status, told[i].status, "%d: %s", (int)told[i].asked, answer.why.text);
        if (answer.status == VOUCH_OK) {
            cr_expect_eq(answer.shares.share_count, told[i].asked == ASKED_NONE ? 0 : 1);
        } else {
            cr_expect(strstr(answer.why.text, told[i].sentence) != NULL, "%s", answer.why.text);
        }
        if (told[i].asked == ASKED_BOUND) {
            cr_expect_eq(answer.shares.shares[0].weight, VOUCH_WEIGHT_SUM_MAX);
        }
        answer_free(&answer);
    }
    cr_expect(noted(set, LOG_INFO, "of a level that there is not"));
    cr_expect(noted(set, LOG_ERROR, "copied"));
    cr_expect(noted(set, LOG_WARN, "tab and caf\xc3\xa9"));
    cr_expect_eq(caller_status(set, "promise").deaths, 0);
    cr_expect_eq(caller_status(set, "promise").refused, 0);
    plugin_set_stop(&set);
}

static void reloaded(void *data, enum vouch_status status, const struct status_text *why)
{
    cr_expect_eq(status, VOUCH_OK, "%s", status == VOUCH_OK ? "" : why->text);
    sem_post(data);
}

/* destroy runs once the next process serves, and what it says is in the log. */
Test(promises, destroy_at_a_reload)
{
    struct plugin_set *set = start("promise_attribution");
    struct status_text why;
    sem_t done;
    sem_init(&done, 0, 0);
    const struct plugin_config config = {.name = "promise", .path = FAULTS_DIR "/promise_attribution.so"};
    const uint64_t parties[] = {ASKED_NOTHING};
    struct answer answer = caller_attribute(set, "promise", 1, parties);
    cr_expect_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    answer_free(&answer);
    cr_assert_eq(plugin_set_reload(set, "promise", &config, reloaded, &done, &why), VOUCH_OK);
    while (sem_wait(&done) != 0) {
        /* interrupted */
    }
    /* Nothing tells the end of the old process to the outside, so it is looked at again and again. */
    int64_t until_us = clock_mono_us() + AWAIT_US;
    while (!noted(set, LOG_INFO, "says: destroyed") && clock_mono_us() < until_us) {
        poll(NULL, 0, 2);
    }
    cr_expect(noted(set, LOG_INFO, "says: destroyed"));
    plugin_set_stop(&set);
    sem_destroy(&done);
}

/* ---- matchers ---- */

static struct vouch_candidate candidates[CANDIDATES];

static struct answer ask_matcher(struct plugin_set *set, uint64_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        candidates[i] = (struct vouch_candidate){.id = i == 0 ? first : 1000 + i};
    }
    struct vouch_need need = {.size_band = 0};
    struct vouch_match_request request = {.need = &need, .candidate_count = count, .candidates = candidates};
    return caller_match(set, "promise", &request);
}

Test(promises, matchers)
{
    struct plugin_set *set = start("promise_matcher");
    struct answer answer = ask_matcher(set, ASKED_NOTHING, CANDIDATES);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_assert_eq(answer.match.component_count, 3);
    cr_expect_str_eq(answer.match.components[1].name, "of thirty-one bytes, as allowed");
    cr_expect_eq(answer.match.components[0].weight, VOUCH_COMPONENT_WEIGHT_MAX);
    cr_expect_eq(answer.match.scores[3 * (CANDIDATES - 1) + 2].x_ppm, 2);
    answer_free(&answer);
    cr_expect_geq(caller_status(set, "promise").calls, 3, "2,500 candidates are three batches");

    answer = ask_matcher(set, ASKED_WHY, 1);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(strlen(answer.match.scores[0].why), VOUCH_WHY_MAX);
    cr_expect_str_eq(answer.match.scores[1].why, "in z\xc3\xbcrich");
    cr_expect_eq(answer.match.scores[2].known, 0);
    answer_free(&answer);

    answer = ask_matcher(set, ASKED_LARGE, 1);
    cr_expect_eq(answer.status, VOUCH_UNAVAILABLE);
    cr_expect(strstr(answer.why.text, "component first of candidate 12 is 1000001 ppm, known 0") != NULL, "%s",
              answer.why.text);
    answer_free(&answer);
    cr_expect_eq(caller_status(set, "promise").deaths, 0);
    plugin_set_stop(&set);
}

/* A process that ends with a packet unread resets its connection, and what it said before was sometimes lost with it.
 */
Test(promises, what_it_said_before_it_ended_with_a_packet_unread)
{
    static char names[STRANGERS][8];
    struct tested tested[STRANGERS];
    for (size_t i = 0; i < STRANGERS; i++) {
        snprintf(names[i], sizeof names[i], "s%zu", i);
        tested[i] = (struct tested){.file = "stranger", .name = names[i]};
    }
    struct plugin_set *set = caller_start(tested, STRANGERS);
    for (size_t i = 0; i < STRANGERS; i++) {
        struct plugin_status status = caller_status(set, names[i]);
        cr_expect_str_eq(status.state, "off");
        cr_expect(strstr(status.last_error, "it exports no symbol vouch_plugin") != NULL, "%s", status.last_error);
        cr_expect_eq(status.deaths, 0);
    }
    plugin_set_stop(&set);
}
