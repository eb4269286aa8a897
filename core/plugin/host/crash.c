/* SPDX-License-Identifier: Apache-2.0
 *
 * Most plugins that use up their memory crash on a NULL that they did not check, or abort. To a person that is another
 * matter than a wild pointer, so a crash looks whether there is memory left. */
#include "host.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PROBE_BYTES ((size_t)4 << 20)

static unsigned char stack[16384]; /* a stack that overflowed cannot run a handler */

static void on_crash(int number)
{
    void *memory = mmap(NULL, PROBE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        _exit(WORKER_EXIT_MEMORY);
    }
    /* The signal comes again once the handler is left, and then nobody catches it. */
    signal(number, SIG_DFL);
    raise(number);
}

void crash_watch(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT};
    const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaltstack(&alternative, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        sigaction(signals[i], &action, NULL);
    }
}
