/* SPDX-License-Identifier: Apache-2.0
 *
 * The jail from the inside: what a plugin tries is refused, each thing by name, and what is refused is told; what
 * honest plugins do is not. */
#include "expect.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_MAX 100

/* ---- the probe ---- */

static const char *const stages[] = {"load", "create", "call"};

/* Tried in each stage (but where `loaded` is set, not while the plugin is loaded), refused by the filter, and told by
 * the name of the system call. */
static const struct attempt {
    const char *name;
    const char *call;
    bool loaded;
} attempts[] = {
    {"open", "open", false},
    {"openat", "openat", true},
    {"library", "openat", true},
    {"openat2", "openat2", false},
    {"stat", "newfstatat", true},
    {"creat", "creat", false},
    {"unlink", "unlink", false},
    {"mkdir", "mkdir", false},
    {"chdir", "chdir", false},
    {"readlink", "readlink", false},
    {"memfd", "memfd_create", false},
    {"store:open", "open", false},
    {"store:write", "open", false},
    {"store:directory", "open", false},
    {"store:path", "open", false},
    {"store:link", "link", false},
    {"store:remove", "rename", false},
    {"store:watch", "inotify_init1", false},
    {"store:handle", "name_to_handle_at", false},
    {"store:openat", "openat", true},
    {"store:stat", "newfstatat", true},
    {"store:descriptors", "fchdir", true}, /* reading them is allowed, and gets nothing */
    {"store:descriptors-write", "pwrite64", true},
    {"execve", "execve", false},
    {"execveat", "execveat", false},
    {"clone", "clone", false},
    {"clone3", "clone3", false},
    {"vfork", "vfork", false},
    {"kill-parent", "kill", false},
    {"kill-all", "kill", false},
    {"tgkill-parent", "tgkill", false},
    {"signal-parent", "pidfd_open", false},
    {"ptrace-parent", "ptrace", false},
    {"ptrace", "ptrace", false},
    {"read-parent", "process_vm_readv", false},
    {"write-parent", "process_vm_writev", false},
    {"setuid", "setuid", false},
    {"mount", "mount", false},
    {"unshare", "unshare", false},
    {"prlimit", "prlimit64", false},
    {"socket", "socket", false},
    {"unix-socket", "socket", false},
    {"socketpair", "socketpair", false},
    {"connect", "connect", false},
    {"bind", "bind", false},
    {"sendmsg", "sendmsg", false},
    {"recvmsg", "recvmsg", false},
    {"io_uring", "io_uring_setup", false},
    {"shared-memory", "mmap", false},
    {"sysv-memory", "shmget", false},
    {"executable-memory", "mmap", true},
    {"seccomp", "seccomp", true},
    {"ioctl", "ioctl", true},
};

#define ATTEMPTS (sizeof attempts / sizeof attempts[0])

/* Copies what the probe's line of that stage says of a try: "EPERM", "" when it says nothing. */
static const char *outcome(const struct plugin_note *notes, size_t count, const char *stage, const char *name)
{
    static char found[32];
    char start[40];
    char key[40];
    snprintf(start, sizeof start, "says: %s ", stage);
    snprintf(key, sizeof key, " %s=", name);
    found[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *text = strncmp(notes[i].text, start, strlen(start)) == 0 ? strstr(notes[i].text, key) : NULL;
        if (text != NULL) {
            snprintf(found, sizeof found, "%.*s", (int)strcspn(text + strlen(key), " "), text + strlen(key));
        }
    }
    return found;
}

static void expect_refused(struct plugin_set *set, const struct plugin_note *notes, size_t count)
{
    for (size_t i = 0; i < ATTEMPTS; i++) {
        char line[80];
        for (size_t s = attempts[i].loaded; s < 3; s++) {
            cr_expect_str_eq(outcome(notes, count, stages[s], attempts[i].name), "EPERM", "%s in %s", attempts[i].name,
                             stages[s]);
        }
        snprintf(line, sizeof line, "was refused the system call: %s", attempts[i].call);
        cr_expect(noted(set, "probe", line), "%s", line);
    }
}

/* A store that anybody may read, so that nothing but the jail keeps the plugin from it. */
Test(jail, holds_from_the_inside)
{
    static struct plugin_note notes[NOTES_MAX];
    static const uint64_t parties[] = {7};
    char store[] = "/tmp/vouch-jail-XXXXXX";
    char data[64];
    cr_assert_not_null(mkdtemp(store));
    snprintf(data, sizeof data, "%s/data.mdb", store);
    FILE *file = fopen(data, "w");
    cr_assert(file != NULL && fputs("everything", file) >= 0 && fclose(file) == 0);
    cr_assert(chmod(store, 0777) == 0 && chmod(data, 0666) == 0);

    struct plugin_set *set = caller_start(ONE(.file = "probe", .settings = {"store", store}));
    struct answer answer = caller_attribute(set, "probe", 1, parties);
    cr_expect_eq(answer.status, VOUCH_UNAVAILABLE);
    cr_expect(strstr(answer.why.text, "not refused: none") != NULL, "%s", answer.why.text);
    answer_free(&answer);
    size_t count = plugin_notes_get(set, "probe", notes, NOTES_MAX);
    expect_refused(set, notes, count);
    /* The loader's calls are not the filter's to refuse yet; the file is not to be had all the same. */
    cr_expect_str_eq(outcome(notes, count, "load", "openat"), "ENOSYS");
    plugin_set_stop(&set);
    unlink(data);
    rmdir(store);
}

/* ---- what is refused is told ---- */

/* Plugins that try, ignore the refusal and answer well. */
static const struct trying {
    const char *fault;
    const char *call;
    uint32_t kinds;
} trying[] = {
    {"fork", "clone", 1},  {"exec", "execve", 1},   {"shell", "clone3", 1},      {"thread", "clone3", 1},
    {"open", "openat", 1}, {"socket", "socket", 1}, {"deaf", "rt_sigaction", 2}, {"create_open", "openat", 1},
};

Test(jail, tells_what_it_refused_once)
{
    for (size_t i = 0; i < sizeof trying / sizeof trying[0]; i++) {
        char line[80];
        struct plugin_set *set = caller_start(
            ONE(.file = "fault_attribution", .name = "guilty", .settings = {"fault", trying[i].fault}));
        expect_good(set, "guilty");
        expect_good(set, "guilty");
        struct plugin_status status = caller_status(set, "guilty");
        cr_expect_eq(status.refused, trying[i].kinds, "%s: %u", trying[i].fault, status.refused);
        cr_expect_eq(status.deaths, 0);
        snprintf(line, sizeof line, "was refused the system call: %s", trying[i].call);
        cr_expect(noted(set, "guilty", line), "%s: %s", trying[i].fault, line);
        plugin_set_stop(&set);
    }
}

/* What a plugin does next may be to crash; the refusal is told before. */
Test(jail, tells_what_it_refused_to_one_that_dies_of_it)
{
    struct plugin_set *set = caller_start(
        ONE(.file = "fault_attribution", .name = "guilty", .settings = {"fault", "read_file"}));
    expect_bad(set, "guilty", VOUCH_UNAVAILABLE, "was killed by SIGSEGV");
    cr_expect(noted(set, "guilty", "was refused the system call: openat"));
    plugin_set_stop(&set);
}

/* ---- what honest plugins do is not ---- */

Test(jail, refuses_honest_plugins_nothing)
{
    static const struct tested tested[] = {
        {.file = "linear"},
        {.file = "plus"},
        {.file = "fault_attribution", .name = "none"},
        {.file = "fault_attribution", .name = "habits", .deadline_ms = 5000, .settings = {"fault", "habits"}},
        {.file = "fault_attribution", .name = "print", .deadline_ms = 5000, .settings = {"fault", "print"}},
        {.file = "ideal-client"},
    };
    struct plugin_set *set = caller_start(tested, 6);
    const struct vouch_candidate candidate = {.id = 1, .city = "Wien", .country = "AT"};
    struct vouch_need need = {.industry = "Banking", .city = "Linz", .country = "AT"};
    struct vouch_match_request request = {.need = &need, .candidate_count = 1, .candidates = &candidate};
    for (size_t i = 0; i < 6; i++) {
        const char *name = tested[i].name == NULL ? tested[i].file : tested[i].name;
        if (strcmp(name, "ideal-client") == 0) {
            struct answer answer = caller_match(set, name, &request);
            cr_expect_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
            answer_free(&answer);
        } else {
            expect_good(set, name);
        }
        struct plugin_status status = caller_status(set, name);
        cr_expect_str_eq(status.state, "ready");
        cr_expect_eq(status.refused, 0, "%s was refused %u", name, status.refused);
    }
    cr_expect(noted(set, "habits", "printed: 2026-11-23 01:46:40"));
    plugin_set_stop(&set);
}
