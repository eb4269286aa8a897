/* SPDX-License-Identifier: Apache-2.0
 *
 * What the jail refuses is told, so that an author learns why fopen gave NULL. The filter answers with SIGSYS instead
 * of an error; the handler here makes an EPERM of it and says once for each kind of call which it was, at once, because
 * what a plugin does next may be to crash. A process that blocks SIGSYS is ended by it, and the C library blocks all
 * signals around some calls (posix_spawn, pthread_create); so changes of the signal mask come through here too. */
#include "host.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ucontext.h>
#include <sys/uio.h>
#include <unistd.h>

/* Of Linux's siginfo; the C library's headers leave it out. */
#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1
#endif

#define CALLS_MAX 512 /* numbers of system calls; those above share one name */

/* Names are looked up before: a handler may not allocate. NULL: a number without a name. */
static const char *names[CALLS_MAX];
static atomic_bool told[CALLS_MAX + 1];
static void (*teller)(const char *call);

void refused_note(int call)
{
    bool known = call >= 0 && call < CALLS_MAX && names[call] != NULL;
    if (!atomic_exchange(&told[known ? call : CALLS_MAX], true) && teller != NULL) {
        teller(known ? names[call] : "an unknown system call");
    }
}

/* ---- registers at the refused call ---- */

#if defined(__x86_64__)
static void set_result(ucontext_t *context, long result)
{
    context->uc_mcontext.gregs[REG_RAX] = result;
}

static uintptr_t argument(const ucontext_t *context, unsigned number)
{
    static const int registers[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10};
    return (uintptr_t)context->uc_mcontext.gregs[registers[number]];
}
#elif defined(__aarch64__)
static void set_result(ucontext_t *context, long result)
{
    context->uc_mcontext.regs[0] = (unsigned long long)result;
}

static uintptr_t argument(const ucontext_t *context, unsigned number)
{
    return (uintptr_t)context->uc_mcontext.regs[number];
}
#else
#define UNKNOWN_REGISTERS
#endif

uint32_t refused_action(void)
{
#ifdef UNKNOWN_REGISTERS
    return SCMP_ACT_ERRNO(EPERM);
#else
    return SCMP_ACT_TRAP;
#endif
}

#ifndef UNKNOWN_REGISTERS
/* The kernel's set of signals; the C library's type has room for more. */
typedef uint64_t kernel_set;

/* rt_sigprocmask, with SIGSYS left unblocked: the mask is set when the handler returns. */
static long change_mask(ucontext_t *context)
{
    int how = (int)argument(context, 0);
    const kernel_set *set = (const void *)argument(context, 1);
    kernel_set *old = (void *)argument(context, 2);
    kernel_set mask;
    if (argument(context, 3) != sizeof mask || (how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK)) {
        return -EINVAL;
    }
    memcpy(&mask, &context->uc_sigmask, sizeof mask);
    kernel_set before = mask;
    if (set != NULL) {
        kernel_set given = *set;
        mask = how == SIG_BLOCK ? mask | given : how == SIG_UNBLOCK ? mask & ~given : given;
    }
    mask &= ~(UINT64_C(1) << (SIGSYS - 1));
    memcpy(&context->uc_sigmask, &mask, sizeof mask);
    if (old != NULL) {
        *old = before;
    }
    return 0;
}

static void on_refusal(int number, siginfo_t *info, void *data)
{
    ucontext_t *context = data;
    (void)number;
    if (info->si_code != SYS_SECCOMP) {
        return; /* a plugin that raises it */
    }
    if (info->si_syscall == SCMP_SYS(rt_sigprocmask)) {
        set_result(context, change_mask(context));
        return;
    }
    refused_note(info->si_syscall);
    set_result(context, -EPERM);
}
#endif

void refused_watch(void (*tell)(const char *call))
{
    teller = tell;
    for (int call = 0; call < CALLS_MAX; call++) {
        names[call] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);
    }
#ifndef UNKNOWN_REGISTERS
    struct sigaction action = {.sa_sigaction = on_refusal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGSYS, &action, NULL);
#endif
}

void refused_print(const char *call)
{
    const struct iovec parts[] = {
        {(char *)(uintptr_t) "refused: ", 9}, {(char *)(uintptr_t)call, strlen(call)}, {(char *)(uintptr_t) "\n", 1}};
    ssize_t written = writev(STDERR_FILENO, parts, 3);
    (void)written; /* nowhere to tell it */
}
