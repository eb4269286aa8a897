/* SPDX-License-Identifier: Apache-2.0
 *
 * Every fault of a plugin, through the real host: the caller gets a status and a sentence that names the plugin and the
 * cause, a following call works, repeated deaths open the breaker, and others are not disturbed. */
#include "caller.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <string.h>

static const uint64_t parties[] = {7, 8, 7};
#define PARTIES 3

#define ONE(...) (&(struct tested){__VA_ARGS__}), 1

static void expect_good(struct plugin_set *set, const char *instance)
{
    struct answer answer = caller_attribute(set, instance, PARTIES, parties);
    cr_assert_eq(answer.status, VOUCH_OK, "%s: %s", instance, answer.why.text);
    cr_assert_eq(answer.shares.share_count, 2);
    cr_assert_eq(answer.shares.shares[0].party, 7);
    cr_assert_eq(answer.shares.shares[0].weight, 2);
    cr_assert_eq(answer.shares.shares[1].party, 8);
    cr_assert_eq(answer.shares.shares[1].weight, 1);
    answer_free(&answer);
}

static void expect_bad(struct plugin_set *set, const char *instance, enum vouch_status status, const char *sentence)
{
    struct answer answer = caller_attribute(set, instance, PARTIES, parties);
    cr_expect_eq(answer.status, status, "%s: %s %s", sentence, status_name(answer.status), answer.why.text);
    cr_expect(strstr(answer.why.text, instance) != NULL, "no name in: %s", answer.why.text);
    cr_expect(strstr(answer.why.text, sentence) != NULL, "\"%s\" is not in: %s", sentence, answer.why.text);
    answer_free(&answer);
}

/* Deadly in every second call: the first works, the second names the cause, the third works again. */
static const struct deadly {
    const char *fault;
    const char *sentence;
} deadly[] = {
    {"crash", "was killed by SIGSEGV"},
    {"abort", "was killed by SIGABRT"},
    {"recurse", "was killed by SIGSEGV"},
    {"exit", "ended by itself with exit status 3"},
    {"hang", "gave no answer within its deadline"},
    {"sleep", "gave no answer within its deadline"},
    {"allocate", "ran out of memory: its limit is 64 MiB"},
    {"close", "it is being restarted"}, /* killed, or faster itself */
    {"garbage", "sent a packet that is no message"},
    {"forge", "answered what it was not asked"},
    {"overrun", "was killed by SIGSEGV"},
};

Test(faults, deadly_ones_cost_one_call)
{
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        struct plugin_set *set = caller_start(ONE(.file = "fault_attribution", .name = "guilty", .deadline_ms = 300,
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
    {"failed", VOUCH_UNAVAILABLE, "line one line two ?"},
};

Test(faults, nonsense_costs_one_call_and_no_process)
{
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        struct plugin_set *set = caller_start(
            ONE(.file = "fault_attribution", .name = "guilty", .settings = {"fault", nonsense[i].fault, "every", "2"}));
        expect_good(set, "guilty");
        expect_bad(set, "guilty", nonsense[i].status, nonsense[i].sentence);
        expect_good(set, "guilty");
        struct plugin_status status = caller_status(set, "guilty");
        cr_expect_eq(status.failed, nonsense[i].status == VOUCH_UNAVAILABLE, "%s", nonsense[i].fault);
        cr_expect_eq(status.restarts, 0);
        plugin_set_stop(&set);
    }
}

Test(faults, floods_of_text_harm_nobody)
{
    static const char *const faults[] = {"print", "log"};
    for (size_t i = 0; i < 2; i++) {
        struct plugin_set *set = caller_start(
            ONE(.file = "fault_attribution", .name = "guilty", .deadline_ms = 5000, .settings = {"fault", faults[i]}));
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

Test(faults, other_plugins_are_not_disturbed)
{
    static const struct tested both[] = {
        {.file = "fault_attribution", .name = "guilty", .deadline_ms = 1000, .settings = {"fault", "hang"}},
        {.file = "linear"},
    };
    struct plugin_set *set = caller_start(both, 2);
    int64_t start_us = clock_mono_us();
    expect_bad(set, "guilty", VOUCH_UNAVAILABLE, "gave no answer within its deadline");
    cr_expect_geq(clock_mono_us() - start_us, 1000000);
    expect_good(set, "linear");
    cr_expect_eq(caller_status(set, "linear").restarts, 0);
    plugin_set_stop(&set);
}

static const struct unloadable {
    const char *file;
    const char *sentence;
} unloadable[] = {
    {"load_crash", "was killed by SIGSEGV"},
    {"load_exit", "ended by itself with exit status 7"},
    {"load_newer_major", "it is built for plugin ABI 2.0; this host takes 1.0 to 1.0"},
    {"load_newer_minor", "it is built for plugin ABI 1.1"},
    {"load_short_descriptor", "its descriptor has 24 bytes"},
    {"load_no_symbol", "it exports no symbol vouch_plugin"},
    {"load_no_function", "it has no create function"},
    {"load_bad_default", "default of a setting: share must be from 0 to 100, not 900"},
    {"load_two_settings", "setting share is there twice"},
    {"/etc/passwd", "is not a shared object"},
    {"/nonexistent/plugin.so", "cannot open /nonexistent/plugin.so: No such file or directory"},
    {"/etc", "is not a shared object"},
};

Test(faults, what_cannot_be_loaded_is_off_and_says_why)
{
    for (size_t i = 0; i < sizeof unloadable / sizeof unloadable[0]; i++) {
        struct plugin_set *set = caller_start(ONE(.file = unloadable[i].file, .name = "guilty"));
        struct plugin_status status = caller_status(set, "guilty");
        cr_expect_str_eq(status.state, "off", "%s is %s", unloadable[i].file, status.state);
        cr_expect(strstr(status.last_error, unloadable[i].sentence) != NULL, "%s", status.last_error);
        expect_bad(set, "guilty", VOUCH_UNAVAILABLE, unloadable[i].sentence);
        plugin_set_stop(&set);
    }
}

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

Test(faults, an_instance_that_cannot_be_made)
{
    static const struct {
        const char *fault, *sentence;
    } cases[] = {{"create", "could not make an instance: nothing works today"}, {"create_crash", "SIGSEGV"}};
    for (size_t i = 0; i < 2; i++) {
        struct plugin_set *set = caller_start(
            ONE(.file = "fault_attribution", .name = "guilty", .settings = {"fault", cases[i].fault}));
        expect_bad(set, "guilty", VOUCH_UNAVAILABLE, cases[i].sentence);
        plugin_set_stop(&set);
    }
}

Test(faults, the_jail_holds_from_the_inside)
{
    struct plugin_set *set = caller_start(ONE(.file = "probe"));
    struct answer answer = caller_attribute(set, "probe", PARTIES, parties);
    cr_expect_eq(answer.status, VOUCH_UNAVAILABLE);
    cr_expect(strstr(answer.why.text, "not refused: none") != NULL, "%s", answer.why.text);
    answer_free(&answer);
    plugin_set_stop(&set);
}
