/* SPDX-License-Identifier: Apache-2.0
 *
 * Plugins that cannot be loaded: each is told apart from the others by a sentence, and the rest of the set serves. */
#include "expect.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const struct unloadable {
    const char *file;
    const char *sentence;
} unloadable[] = {
    {"load_crash", "was killed by SIGSEGV"},
    {"load_exit", "ended by itself with exit status 7"},
    {"load_allocate", "ran out of memory: its limit is 64 MiB"},
    {"load_open", "was killed by SIGSEGV"},
    {"load_hang", "was not ready within 5 s"},
    {"load_spin", "was not ready within 5 s"},
    {"load_older_major", "it is built for plugin ABI 0.0; this host takes 1.0 to 1.1"},
    {"load_newer_major", "it is built for plugin ABI 2.0; this host takes 1.0 to 1.1"},
    {"load_newer_minor", "it is built for plugin ABI 1.2"},
    {"load_short_descriptor", "its descriptor has 24 bytes"},
    {"load_no_symbol", "it exports no symbol vouch_plugin"},
    {"load_no_function", "it has no create function"},
    {"load_bad_default", "default of a setting: share must be from 0 to 100, not 900"},
    {"load_two_settings", "setting share is there twice"},
    {"load_undefined", "undefined symbol: vouch_author_forgot_this"},
    {"load_needy", "cannot open shared object file: Function not implemented (beside libc, a plugin may link"},
    {"load_empty", "is not a shared object"},
    {"load_text", "is not a shared object"},
    {"load_truncated", "is cut off or damaged"},
    {"load_machine", "is built for another machine: its ELF machine is 243"},
    {"/etc/passwd", "is not a shared object"},
    {"/nonexistent/plugin.so", "cannot open /nonexistent/plugin.so: No such file or directory"},
    {"/etc", "is not a shared object"},
};

#define UNLOADABLE (sizeof unloadable / sizeof unloadable[0])

/* All in one set, because some take their five seconds, and a good one beside them. */
Test(load, what_cannot_be_loaded_says_why)
{
    static struct tested tested[UNLOADABLE + 1];
    static char names[UNLOADABLE][16];
    for (size_t i = 0; i < UNLOADABLE; i++) {
        snprintf(names[i], sizeof names[i], "guilty_%zu", i);
        tested[i] = (struct tested){.file = unloadable[i].file, .name = names[i]};
    }
    tested[UNLOADABLE] = (struct tested){.file = "linear"};
    struct plugin_set *set = caller_start(tested, UNLOADABLE + 1);
    for (size_t i = 0; i < UNLOADABLE; i++) {
        expect_bad(set, names[i], VOUCH_UNAVAILABLE, unloadable[i].sentence);
        struct plugin_status status = caller_status(set, names[i]);
        cr_expect_str_neq(status.state, "ready", "%s", unloadable[i].file);
        cr_expect(strstr(status.last_error, unloadable[i].sentence) != NULL, "%s: %s", unloadable[i].file,
                  status.last_error);
    }
    expect_good(set, "linear");
    plugin_set_stop(&set);
}

/* The loader opens a file at that time too, but not this one. */
Test(load, what_a_constructor_is_refused_is_told)
{
    struct plugin_set *set = caller_start(ONE(.file = "load_open"));
    cr_expect(noted(set, "load_open", "was refused the system call: openat"));
    cr_expect(noted(set, "load_open", "was killed by SIGSEGV"));
    plugin_set_stop(&set);
}

/* Dying again and again opens the breaker; saying that it cannot be does so at once. */
Test(load, what_dies_while_it_is_loaded_is_off_in_the_end)
{
    static const struct tested tested[] = {{.file = "load_crash"}, {.file = "load_exit"}, {.file = "load_no_symbol"}};
    static const unsigned deaths[] = {5, 5, 0};
    struct plugin_set *set = caller_start(tested, 3);
    for (size_t i = 0; i < 3; i++) {
        struct plugin_status status = caller_await(set, tested[i].file, "off");
        cr_expect_str_eq(status.state, "off", "%s is %s", tested[i].file, status.state);
        cr_expect_eq(status.deaths, deaths[i], "%s: %u", tested[i].file, status.deaths);
    }
    plugin_set_stop(&set);
}

/* How the description of a plugin ends, as waitpid tells it. */
static int describe(char *path)
{
    char *arguments[] = {"vouch-plugin-host", "--describe", path, NULL};
    pid_t pid;
    int status = 0;
    cr_assert_eq(posix_spawn(&pid, HOST_PATH, NULL, NULL, arguments, NULL), 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* By hand nobody stands by with a deadline: the limit of processor time ends one that spins (where processors are busy,
 * the alarm does), */
Test(load, describing_a_plugin_that_spins_ends)
{
    int status = describe(FAULTS_DIR "/load_spin.so");
    cr_expect((WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) ||
              (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE));
}

/* and an alarm one that sleeps. */
Test(load, describing_a_plugin_that_hangs_ends)
{
    int status = describe(FAULTS_DIR "/load_hang.so");
    cr_assert(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), EXIT_FAILURE);
}
