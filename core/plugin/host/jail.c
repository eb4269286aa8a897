/* SPDX-License-Identifier: Apache-2.0
 *
 * The jail: privileges, limits, Landlock and a seccomp allow-list. All of it stands before the first instruction of a
 * plugin runs, including its constructors. Loading needs to open one file, and a filter cannot see which; so openat is
 * not allowed but handed to a listener inside the process, which answers the first one with the plugin's file, already
 * open, and then goes away; every later openat fails. The listener has no power that the filter does not give it: it
 * can only hand out descriptors that the process has. */
#include "host.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOBODY 65534
#define FILES_MAX 16
#define STACK_BYTES ((rlim_t)8 << 20)
#define BESIDE_BYTES ((rlim_t)512 << 20) /* of addresses: programs, libraries, shared memory, stack */

bool jail_tie_to_parent(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        return false;
    }
    /* The parent may have died before prctl; then the process has another one now. */
    return parent == 0 || getppid() == parent;
}

void jail_close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, ~0U, 0) != 0) {
        for (unsigned fd = first; fd < 65536; fd++) {
            close((int)fd);
        }
    }
}

static bool drop_privileges(struct why *why)
{
    if (geteuid() == 0) {
        if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) != 0) {
            return why_set(why, "cannot give up root: %s", strerror(errno));
        }
        /* A change of user clears the wish to die with the parent. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
            return why_set(why, "cannot be tied to the parent: %s", strerror(errno));
        }
    }
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    if (syscall(SYS_capset, &header, none) != 0) {
        return why_set(why, "cannot drop capabilities: %s", strerror(errno));
    }
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || why_set(why, "cannot set no_new_privs: %s", strerror(errno));
}

/* Landlock as of its newest ABI; older headers do not know these fields. A kernel takes as many as it knows. */
struct landlock_all {
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
};

/* No rule follows, so everything that is handled is refused. False: the kernel has no Landlock, and the filter alone
 * must do. */
static bool restrict_landlock(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    if (abi < 1) {
        return false;
    }
    static const unsigned fs_bits[] = {0, 13, 14, 15, 15, 16};
    unsigned known = abi > 5 ? 5 : (unsigned)abi;
    struct landlock_all all = {
        .fs = (UINT64_C(1) << fs_bits[known]) - 1,
        .net = abi >= 4 ? 3 : 0,    /* bind and connect */
        .scoped = abi >= 6 ? 3 : 0, /* abstract sockets and signals */
    };
    size_t size = abi >= 6 ? sizeof all : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
    if (ruleset < 0) {
        return false;
    }
    bool done = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return done;
}

static bool limit(int resource, rlim_t soft, rlim_t hard, const char *name, struct why *why)
{
    struct rlimit limits = {soft, hard};
    return setrlimit((__rlimit_resource_t)resource, &limits) == 0 ||
           why_set(why, "cannot limit %s: %s", name, strerror(errno));
}

bool jail_limit(struct jail *jail, struct why *why)
{
    /* Memory that is only read is not counted as data, but the tables that the kernel keeps of it are memory too. */
    rlim_t addresses = (rlim_t)jail->memory_bytes + BESIDE_BYTES;
    if (!limit(RLIMIT_DATA, jail->memory_bytes, jail->memory_bytes, "memory", why) ||
        !limit(RLIMIT_AS, addresses, addresses, "addresses", why) ||
        !limit(RLIMIT_STACK, STACK_BYTES, STACK_BYTES, "stack", why) ||
        !limit(RLIMIT_CPU, jail->cpu_seconds, RLIM_INFINITY, "processor time", why) ||
        !limit(RLIMIT_CORE, 0, 0, "core files", why) ||
        !limit(RLIMIT_FSIZE, jail->file_bytes, jail->file_bytes, "file size", why) ||
        !limit(RLIMIT_NOFILE, FILES_MAX, FILES_MAX, "descriptors", why) ||
        !limit(RLIMIT_MEMLOCK, 0, 0, "locked memory", why) || !drop_privileges(why)) {
        return false;
    }
    jail->landlock = restrict_landlock();
    return true;
}

/* What a plugin, the C library under it, and this program need. Everything else is EPERM by way of refused.c, which
 * libraries survive better than death, and which a plugin can report. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev), /* the C library's last words */
    SCMP_SYS(pread64),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat), /* until jail_tighten: how the loader says fstat */
    SCMP_SYS(seccomp),    /* until jail_tighten */
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sysinfo),   /* qsort asks how much memory there is */
    SCMP_SYS(getrandom), /* hash tables of other languages seed themselves */
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Calls that are allowed with some values of an argument only. */
struct conditional {
    int call;
    struct scmp_arg_cmp argument;
};

/* SIGSYS stays what refused.c made of it: other signals (1 to 30, 32 to 63, 64) may be handled, and a change of the
 * mask that could block it is refused, which is how refused.c gets to see it. */
static const struct conditional signals[] = {
    {SCMP_SYS(rt_sigaction), SCMP_A0(SCMP_CMP_LT, SIGSYS, 0)},
    {SCMP_SYS(rt_sigaction), SCMP_A0(SCMP_CMP_MASKED_EQ, ~UINT64_C(31), 32)},
    {SCMP_SYS(rt_sigaction), SCMP_A0(SCMP_CMP_EQ, 64, 0)},
    {SCMP_SYS(rt_sigprocmask), SCMP_A0(SCMP_CMP_EQ, SIG_UNBLOCK, 0)},
    {SCMP_SYS(rt_sigprocmask), SCMP_A1(SCMP_CMP_EQ, 0, 0)},
};

_Static_assert(SIGSYS == 31, "the rules for rt_sigaction");

static int add_rules(scmp_filter_ctx filter)
{
    int error = 0;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0] && error == 0; i++) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
        if (error == -EDOM) {
            error = 0; /* a call that this architecture does not have */
        }
    }
    for (size_t i = 0; i < sizeof signals / sizeof signals[0] && error == 0; i++) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, signals[i].call, 1, signals[i].argument);
    }
    /* Private memory only: shared mappings would not count against RLIMIT_DATA. */
    error = error != 0 ? error
                       : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                          SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_TYPE, MAP_PRIVATE));
    /* Signals to oneself: abort. */
    error = error != 0 ? error
                       : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                          SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    error = error != 0 ? error : seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(openat), 0);
    /* The listener reads a question and answers with a descriptor. It may not answer otherwise:
     * SECCOMP_IOCTL_NOTIF_SEND could let any openat pass. */
    error = error != 0 ? error
                       : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                                          SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, SECCOMP_IOCTL_NOTIF_RECV));
    return error != 0 ? error
                      : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                                         SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, SECCOMP_IOCTL_NOTIF_ADDFD));
}

/* What the C library would do at first use, and be refused, is done now: it asks what kind of file standard output is,
 * and reads the zone of this machine, on which no answer may depend anyway. */
static void settle_library(void)
{
    static char buffer[BUFSIZ];
    /* Whole lines, so that a plugin's last words before a crash are told. */
    setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
    setenv("TZ", "UTC0", 1);
    tzset();
}

bool jail_filter(struct jail *jail, struct why *why)
{
    settle_library();
    /* Not before now: it counts the threads of the user, and the loader's helper is one. */
    if (!limit(RLIMIT_NPROC, 0, 0, "processes", why)) {
        return false;
    }
    refused_watch(jail->refused);
    scmp_filter_ctx filter = seccomp_init(refused_action());
    int error = filter == NULL ? -ENOMEM : add_rules(filter);
    error = error != 0 ? error : seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    error = error != 0 ? error : seccomp_load(filter);
    jail->listener = error != 0 ? -1 : seccomp_notify_fd(filter);
    /* The context is not released: that would close the listener, and its memory is little. */
    if (error != 0 || jail->listener < 0) {
        return why_set(
            why,
            "cannot install the seccomp filter (it needs Linux 5.14 and no container that listens to system calls): %s",
            strerror(error != 0 ? -error : EINVAL));
    }
    return true;
}

bool jail_tighten(struct why *why)
{
    static const int loading[] = {SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(ioctl), SCMP_SYS(seccomp)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int error = filter == NULL ? -ENOMEM : 0;
    for (size_t i = 0; i < sizeof loading / sizeof loading[0] && error == 0; i++) {
        error = seccomp_rule_add(filter, refused_action(), loading[i], 0);
    }
    error = error != 0 ? error
                       : seccomp_rule_add(filter, refused_action(), SCMP_SYS(mmap), 1,
                                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    error = error != 0 ? error
                       : seccomp_rule_add(filter, refused_action(), SCMP_SYS(mprotect), 1,
                                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    error = error != 0 ? error : seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    error = error != 0 ? error : seccomp_load(filter);
    if (filter != NULL) {
        seccomp_release(filter);
    }
    return error == 0 || why_set(why, "cannot tighten the seccomp filter: %s", strerror(-error));
}
