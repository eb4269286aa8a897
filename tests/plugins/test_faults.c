/* SPDX-License-Identifier: Apache-2.0
 *
 * Every fault of a plugin in create and in calls, through the real host: the caller gets a status and a sentence that
 * names the plugin and the cause, a following call works, repeated deaths open the breaker, and others are not
 * disturbed. */
#include "expect.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#define PLENTY_MS 20000

/* Deadly in every second call: the first works, the second names the cause, the third works again. */
static const struct deadly {
    const char *fault;
    const char *sentence;
    unsigned deadline_ms;
} deadly[] = {
    {"crash", "was killed by SIGSEGV", PLENTY_MS},
    {"abort", "was killed by SIGABRT", PLENTY_MS},
    {"recurse", "was killed by SIGSEGV", PLENTY_MS},
    {"exit", "ended by itself with exit status 3", PLENTY_MS},
    {"hang", "gave no answer within its deadline", 1000},
    {"sleep", "gave no answer within its deadline", 1000},
    {"stop", "gave no answer within its deadline", 1000},
    {"words", "was killed by SIGSEGV", PLENTY_MS},
    {"allocate", "ran out of memory: its limit is 64 MiB", PLENTY_MS},
    {"close", "it is being restarted", PLENTY_MS}, /* killed, or faster itself */
    {"garbage", "sent a packet that is no message", PLENTY_MS},
    {"forge", "answered what it was not asked", PLENTY_MS},
    {"overrun", "was killed by SIGSEGV", PLENTY_MS},
#ifdef __x86_64__
    {"door_32", "was killed by SIGSYS", PLENTY_MS},
    {"door_x32", "was killed by SIGSYS", PLENTY_MS},
#endif
};

Test(faults, deadly_ones_cost_one_call)
{
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        struct plugin_set *set = caller_start(ONE(.file = "fault_attribution", .name = "guilty",
                                                  .deadline_ms = deadly[i].deadline_ms,
                                                  .settings = {"fault", deadly[i].fault, "every", "2"}));
        expect_good(set, "guilty");
        expect_bad(set, "guilty", VOUCH_UNAVAILABLE, deadly[i].sentence);
        expect_good(set, "guilty");
        struct plugin_status status = caller_status(set, "guilty");
        cr_expect_str_eq(status.state, "ready");
        cr_expect_eq(status.calls, 3);
        cr_expect_eq(status.failed, 1);
        cr_expect_eq(status.restarts, 1);
        cr_expect_str_not_empty(status.last_error);
        plugin_set_stop(&set);
    }
}

static const struct nonsense {
    const char *fault;
    enum vouch_status status;
    const char *sentence;
} nonsense[] = {
    {"negative", VOUCH_UNAVAILABLE, "party 7 has the negative weight -5"},
    {"stranger", VOUCH_UNAVAILABLE, "party 424242 has no touch"},
    {"twice", VOUCH_UNAVAILABLE, "party 7 is there twice"},
    {"overflow", VOUCH_UNAVAILABLE, "sum of the weights is above 2^62"},
    {"count", VOUCH_UNAVAILABLE, "it counts 4 shares where 3 fit"},
    {"code", VOUCH_UNAVAILABLE, "unknown code 77"},
    {"defer", VOUCH_BUSY, "the moon is not full"},
    {"unsupported", VOUCH_UNAVAILABLE, "does not support"},
    {"mute", VOUCH_UNAVAILABLE, "it does not say why"},
    {"failed", VOUCH_UNAVAILABLE, "line one line two ?"},
};

/* What is shown of an instance stands among its last lines. */
static void expect_noted(struct plugin_set *set, const char *instance, const char *sentence)
{
    struct plugin_note notes[8];
    size_t count = plugin_notes_get(set, instance, notes, 8);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found = found || strstr(notes[i].text, sentence) != NULL;
    }
    cr_expect(found, "not among the lines: %s", sentence);
}

Test(faults, nonsense_costs_one_call_and_no_process)
{
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        struct plugin_set *set = caller_start(
            ONE(.file = "fault_attribution", .name = "guilty", .settings = {"fault", nonsense[i].fault, "every", "2"}));
        expect_good(set, "guilty");
        expect_bad(set, "guilty", nonsense[i].status, nonsense[i].sentence);
        expect_good(set, "guilty");
        struct plugin_status status = caller_status(set, "guilty");
        bool failed = nonsense[i].status == VOUCH_UNAVAILABLE;
        cr_expect_eq(status.failed, failed, "%s", nonsense[i].fault);
        cr_expect_eq(status.restarts, 0);
        expect_noted(set, "guilty", failed ? status.last_error : "ready");
        cr_expect_eq(status.last_error[0] != '\0', failed, "%s: %s", nonsense[i].fault, status.last_error);
        plugin_set_stop(&set);
    }
}

Test(faults, floods_of_text_harm_nobody)
{
    static const char *const faults[] = {"print", "log"};
    for (size_t i = 0; i < 2; i++) {
        struct plugin_set *set = caller_start(ONE(.file = "fault_attribution", .name = "guilty",
                                                  .deadline_ms = PLENTY_MS, .settings = {"fault", faults[i]}));
        expect_good(set, "guilty");
        expect_good(set, "guilty");
        cr_expect_eq(caller_status(set, "guilty").restarts, 0);
        plugin_set_stop(&set);
    }
}

Test(faults, the_breaker_opens_after_repeated_deaths)
{
    struct plugin_set *set = caller_start(
        ONE(.file = "fault_attribution", .name = "guilty", .settings = {"fault", "crash"}));
    for (int death = 1; death < 5; death++) {
        expect_bad(set, "guilty", VOUCH_UNAVAILABLE,
                   "was killed by SIGSEGV (Segmentation fault); it is being restarted");
        cr_assert_str_eq(caller_await(set, "guilty", "ready").state, "ready");
    }
    expect_bad(set, "guilty", VOUCH_UNAVAILABLE, "switched off after repeated deaths");
    expect_bad(set, "guilty", VOUCH_UNAVAILABLE, "is switched off; last: was killed by SIGSEGV");
    struct plugin_status status = caller_status(set, "guilty");
    cr_expect_str_eq(status.state, "off");
    cr_expect_eq(status.restarts, 4);
    plugin_set_stop(&set);
}

/* Asks the guilty one from another thread, so that others can be asked meanwhile. */
struct asking {
    struct plugin_set *set;
    int64_t done_us;
};

static void *ask_guilty(void *data)
{
    struct asking *asking = data;
    expect_bad(asking->set, "guilty", VOUCH_UNAVAILABLE, "gave no answer within its deadline");
    asking->done_us = clock_mono_us();
    return NULL;
}

Test(faults, other_plugins_are_not_disturbed)
{
    static const struct tested both[] = {
        {.file = "fault_attribution", .name = "guilty", .deadline_ms = 5000, .settings = {"fault", "hang"}},
        {.file = "linear"},
    };
    struct asking asking = {.set = caller_start(both, 2)};
    pthread_t thread;
    int64_t start_us = clock_mono_us();
    cr_assert_eq(pthread_create(&thread, NULL, ask_guilty, &asking), 0);
    for (int i = 0; i < 100; i++) {
        expect_good(asking.set, "linear");
    }
    int64_t others_done_us = clock_mono_us();
    pthread_join(thread, NULL);
    cr_expect_geq(asking.done_us - start_us, 5000000);
    cr_expect_lt(others_done_us, asking.done_us, "100 calls of another plugin waited for one that hangs");
    cr_expect_eq(caller_status(asking.set, "linear").restarts, 0);
    plugin_set_stop(&asking.set);
}

/* One in ten, as a plugin that is nearly good would do it. */
Test(faults, every_tenth_call)
{
    struct plugin_set *set = caller_start(
        ONE(.file = "fault_attribution", .name = "guilty", .settings = {"fault", "crash", "every", "10"}));
    for (int call = 1; call <= 29; call++) {
        if (call == 10 || call == 20) {
            expect_bad(set, "guilty", VOUCH_UNAVAILABLE, "was killed by SIGSEGV");
            cr_assert_str_eq(caller_await(set, "guilty", "ready").state, "ready");
        } else {
            expect_good(set, "guilty");
        }
    }
    struct plugin_status status = caller_status(set, "guilty");
    cr_expect_eq(status.calls, 29);
    cr_expect_eq(status.failed, 2);
    cr_expect_eq(status.restarts, 2);
    cr_expect_eq(status.deaths, 2);
    plugin_set_stop(&set);
}

Test(faults, last_words_are_told)
{
    struct plugin_set *set = caller_start(
        ONE(.file = "fault_attribution", .name = "guilty", .settings = {"fault", "words"}));
    expect_bad(set, "guilty", VOUCH_UNAVAILABLE, "was killed by SIGSEGV");
    cr_expect(noted(set, "guilty", "printed: these are my last words"));
    plugin_set_stop(&set);
}

/* Addresses are bounded too, though nothing is written there. */
Test(faults, maps_without_end)
{
    struct plugin_set *set = caller_start(
        ONE(.file = "fault_attribution", .name = "guilty", .deadline_ms = 5000, .settings = {"fault", "map"}));
    expect_good(set, "guilty");
    plugin_set_stop(&set);
}

/* 4 KiB a call are lost until there is no more. */
Test(faults, a_leak_ends_at_the_limit)
{
    struct plugin_set *set = caller_start(ONE(.file = "fault_attribution", .name = "guilty", .deadline_ms = 5000,
                                              .memory_bytes = 16 << 20, .settings = {"fault", "leak"}));
    static const uint64_t parties[] = {7, 8, 7};
    unsigned calls = 0;
    struct answer answer;
    for (;;) {
        answer = caller_attribute(set, "guilty", 3, parties);
        if (answer.status != VOUCH_OK || ++calls > 4096) {
            break;
        }
        answer_free(&answer);
    }
    cr_expect_gt(calls, 10);
    cr_expect_eq(answer.status, VOUCH_UNAVAILABLE);
    cr_expect(strstr(answer.why.text, "ran out of memory: its limit is 16 MiB") != NULL, "after %u calls: %s", calls,
              answer.why.text);
    answer_free(&answer);
    expect_good(set, "guilty");
    plugin_set_stop(&set);
}

/* What the broker cannot see: good answers that another call would not get. vouch-plugin-check finds these. */
Test(faults, answers_that_depend_on_what_they_must_not_are_answers)
{
    static const char *const faults[] = {"random", "counter", "order", "slow"};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct plugin_set *set = caller_start(
            ONE(.file = "fault_attribution", .name = "guilty", .deadline_ms = 2000, .settings = {"fault", faults[i]}));
        expect_any(set, "guilty");
        expect_any(set, "guilty");
        cr_expect_eq(caller_status(set, "guilty").failed, 0);
        plugin_set_stop(&set);
    }
}

/* ---- settings and create ---- */

static const struct refused {
    const char *setting, *value;
    const char *sentence;
} refused[] = {
    {"colour", "red", "plugin fault-attribution has no setting \"colour\""},
    {"every", "0", "every must be from 1 to 1000000, not 0"},
    {"every", "often", "every must be a whole number, not \"often\""},
    {"fault", "a text that is longer than the thirty-two bytes", "fault is longer than 32 bytes"},
};

Test(faults, wrong_settings_are_refused_at_start)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct plugin_set *set;
        struct status_text why;
        enum vouch_status status = caller_try(
            ONE(.file = "fault_attribution", .name = "guilty", .settings = {refused[i].setting, refused[i].value}),
            &set, &why);
        cr_expect_eq(status, VOUCH_INVALID);
        cr_expect(strstr(why.text, refused[i].sentence) != NULL, "%s", why.text);
        cr_expect_null(set);
    }
}

static const struct unmade {
    const char *fault;
    const char *sentence;
} unmade[] = {
    {"create", "could not make an instance: nothing works today"},
    {"create_crash", "was killed by SIGSEGV"},
    {"create_recurse", "was killed by SIGSEGV"},
    {"create_abort", "was killed by SIGABRT"},
    {"create_exit", "ended by itself with exit status 3"},
    {"create_allocate", "ran out of memory: its limit is 64 MiB"},
    {"create_garbage", "sent a packet that is no message"},
    {"create_forge", "introduce"},
    {"create_hang", "was not ready within 5 s"},
    {"create_sleep", "was not ready within 5 s"},
};

/* All in one set, because some take their five seconds. */
Test(faults, an_instance_that_cannot_be_made)
{
    static struct tested tested[sizeof unmade / sizeof unmade[0]];
    size_t count = sizeof unmade / sizeof unmade[0];
    for (size_t i = 0; i < count; i++) {
        tested[i] = (struct tested){
            .file = "fault_attribution", .name = unmade[i].fault, .settings = {"fault", unmade[i].fault}};
    }
    struct plugin_set *set = caller_start(tested, count);
    for (size_t i = 0; i < count; i++) {
        struct plugin_status status = caller_status(set, unmade[i].fault);
        cr_expect_str_neq(status.state, "ready", "%s", unmade[i].fault);
        expect_bad(set, unmade[i].fault, VOUCH_UNAVAILABLE, unmade[i].sentence);
    }
    plugin_set_stop(&set);
}

/* ---- C++ ---- */

Test(faults, a_plugin_in_cpp)
{
    static const struct tested three[] = {
        {.file = "plus"},
        {.file = "plus", .name = "leaver", .settings = {"leave", "true"}},
        {.file = "plus", .name = "unlucky", .settings = {"weight", "13"}},
    };
    struct plugin_set *set = caller_start(three, 3);
    expect_good(set, "plus");
    expect_good(set, "plus");
    cr_expect_eq(caller_status(set, "plus").refused, 0);
    expect_bad(set, "leaver", VOUCH_UNAVAILABLE, "was killed by SIGABRT");
    cr_expect(noted(set, "leaver", "printed:   what():  nobody catches this"));
    expect_bad(set, "unlucky", VOUCH_UNAVAILABLE, "no model: 13 brings bad luck");
    plugin_set_stop(&set);
}
