/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution plugin with every fault that a call can have; the setting `fault` says which, `every` in which calls.
 * Without a fault it gives each touch one weight. Faults that try what the jail refuses ignore the refusal. */
#include "vouch_plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LEAK_BYTES 4096
#define MAP_BYTES ((size_t)64 << 20)
#define SLOW_MS 200 /* of the usual 250 */

static const struct vouch_setting settings[] = {
    {"fault", VOUCH_SETTING_TEXT, 0, "none", 0, 32, "what goes wrong", {NULL, NULL}},
    {"every", VOUCH_SETTING_INTEGER, 0, "1", 1, 1000000, "in every so many-th call", {NULL, NULL}},
};

struct fault {
    const struct vouch_services *services;
    const char *name;
    int64_t every;
    int64_t calls;
    void *leaked;
    int gained; /* by do_deaf */
};

/* ---- faults that end the process or take its time ---- */

static void do_crash(struct fault *fault)
{
    (void)fault;
    *(volatile int *)8 = 1;
}

static int recurse(volatile int *depth)
{
    volatile int here[1000];
    here[0] = *depth + 1;
    return recurse(here) + here[0];
}

static void do_recurse(struct fault *fault)
{
    volatile int depth = 0;
    (void)fault;
    recurse(&depth);
}

static void do_abort(struct fault *fault)
{
    (void)fault;
    abort();
}

static void do_exit(struct fault *fault)
{
    (void)fault;
    exit(3);
}

static void do_hang(struct fault *fault)
{
    fault->services->log(fault->services, VOUCH_LOG_INFO, "from now on");
    for (volatile int forever = 1; forever;) {
    }
}

static void do_sleep(struct fault *fault)
{
    (void)fault;
    for (;;) {
        sleep(1000);
    }
}

static void do_slow(struct fault *fault)
{
    const struct timespec pause = {SLOW_MS / 1000, SLOW_MS % 1000 * 1000000L};
    (void)fault;
    nanosleep(&pause, NULL);
}

static void do_allocate(struct fault *fault)
{
    (void)fault;
    for (;;) {
        memset(malloc(1 << 20), 1, 1 << 20);
    }
}

static void do_leak(struct fault *fault)
{
    /* Kept, or the compiler would see that nobody wants it. */
    fault->leaked = memset(malloc(LEAK_BYTES), 1, LEAK_BYTES);
}

/* Memory that is never written is free of charge where only data are counted; tables of pages are not. */
static void do_map(struct fault *fault)
{
    size_t mapped = 0;
    while (mapped < ((size_t)1 << 40) &&
           mmap(NULL, MAP_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED) {
        mapped += MAP_BYTES;
    }
    fault->gained = mapped > ((size_t)1 << 30);
}

static void do_stop(struct fault *fault)
{
    (void)fault;
    raise(SIGSTOP);
}

/* ---- faults of what is said ---- */

static void do_words(struct fault *fault)
{
    puts("these are my last words");
    do_crash(fault);
}

static void do_print(struct fault *fault)
{
    static char line[1000];
    (void)fault;
    memset(line, 'x', sizeof line - 1);
    for (int i = 0; i < 4000; i++) {
        puts(line);
    }
    fflush(stdout);
}

static void do_log(struct fault *fault)
{
    for (int i = 0; i < 20000; i++) {
        fault->services->log(fault->services, VOUCH_LOG_ERROR, "again \x01\xff and again");
    }
}

static void do_close(struct fault *fault)
{
    (void)fault;
    for (int fd = 0; fd < 16; fd++) {
        close(fd);
    }
}

static void do_garbage(struct fault *fault)
{
    (void)fault;
    ssize_t size = write(3, "\xff\xff\xff\xffgarbage", 11);
    (void)size;
}

static void do_forge(struct fault *fault)
{
    /* FromWorker{answer{number: 999}} */
    (void)fault;
    ssize_t size = write(3, "\x1a\x03\x08\xe7\x07", 5);
    (void)size;
}

/* ---- faults that the jail refuses ---- */

static void do_fork(struct fault *fault)
{
    pid_t child = fork();
    (void)fault;
    if (child == 0) {
        _exit(0);
    } else if (child > 0) {
        waitpid(child, NULL, 0);
    }
}

static void do_exec(struct fault *fault)
{
    (void)fault;
    execl("/bin/true", "true", (char *)NULL);
}

/* The C library blocks all signals around the two calls that follow. */
static void do_shell(struct fault *fault)
{
    int status = system("true");
    (void)fault;
    (void)status;
}

#ifdef __x86_64__
/* The same calls by two other doors of the kernel, with other numbers. */
static void do_door_32(struct fault *fault)
{
    long result = 20; /* getpid there */
    (void)fault;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
}

static void do_door_x32(struct fault *fault)
{
    (void)fault;
    syscall(0x40000000 | SYS_getpid);
}
#endif

/* The mistake of many: fopen cannot fail. */
static void do_read_file(struct fault *fault)
{
    char byte;
    FILE *file = fopen("/etc/passwd", "r");
    size_t got = fread(&byte, 1, 1, file);
    (void)fault;
    (void)got;
}

static void *thread_run(void *data)
{
    return data;
}

static void do_thread(struct fault *fault)
{
    pthread_t thread;
    (void)fault;
    if (pthread_create(&thread, NULL, thread_run, NULL) == 0) {
        pthread_join(thread, NULL);
    }
}

static void do_open(struct fault *fault)
{
    int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    (void)fault;
    if (file >= 0) {
        close(file);
    }
}

static void do_socket(struct fault *fault)
{
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)fault;
    if (made >= 0) {
        close(made);
    }
}

/* Tries not to hear of a refusal: blocks the signal that tells of it, handles it, ignores it. It must end up with what
 * others have, a call that fails; `deaf` counts what it got beyond. */
static void do_deaf(struct fault *fault)
{
    sigset_t all;
    sigset_t now;
    sigfillset(&all);
    int gained = sigprocmask(SIG_SETMASK, &all, NULL) != 0;
    gained += sigprocmask(SIG_BLOCK, NULL, &now) != 0 || sigismember(&now, SIGSYS) || !sigismember(&now, SIGUSR1);
    gained += signal(SIGSYS, SIG_IGN) != SIG_ERR;
    /* The kernel looks at 32 bits of the number of a signal, a filter at all of them. */
    gained += syscall(SYS_rt_sigaction, SIGSYS | (1UL << 32), &all, NULL, 8) == 0;
    gained += open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EPERM;
    raise(SIGSYS);
    fault->gained = gained;
}

static int compare(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

/* No fault: what the C library does for honest plugins must pass without a word. */
static void do_habits(struct fault *fault)
{
    static int many[100000];
    char text[64];
    sigset_t all;
    sigset_t before;
    const time_t when = 1795398400;
    struct tm local;
    (void)fault;
    localtime_r(&when, &local);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", localtime(&when));
    puts(text);
    fprintf(stderr, "%.3f %s\n", strtod("0.5", NULL), strerror(EPERM));
    qsort(many, sizeof many / sizeof many[0], sizeof many[0], compare);
    free(realloc(malloc(3 << 20), 6 << 20));
    free(strdup(text));
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGRTMAX, SIG_IGN);
    (void)clock();
    (void)time(NULL);
    (void)fflush(stdout);
}

static const struct {
    const char *name;
    void (*run)(struct fault *fault);
} misdeeds[] = {
    {"crash", do_crash},       {"recurse", do_recurse},     {"abort", do_abort},   {"exit", do_exit},
    {"hang", do_hang},         {"sleep", do_sleep},         {"slow", do_slow},     {"leak", do_leak},
    {"allocate", do_allocate}, {"print", do_print},         {"log", do_log},       {"close", do_close},
    {"forge", do_forge},       {"garbage", do_garbage},     {"fork", do_fork},     {"exec", do_exec},
    {"shell", do_shell},       {"open", do_open},           {"thread", do_thread}, {"socket", do_socket},
    {"deaf", do_deaf},         {"read_file", do_read_file}, {"habits", do_habits}, {"map", do_map},
    {"stop", do_stop},         {"words", do_words},
#ifdef __x86_64__
    {"door_32", do_door_32},   {"door_x32", do_door_x32},
#endif

};

static void misbehave(struct fault *fault, const char *name)
{
    for (size_t i = 0; i < sizeof misdeeds / sizeof misdeeds[0]; i++) {
        if (strcmp(name, misdeeds[i].name) == 0) {
            misdeeds[i].run(fault);
        }
    }
}

/* "create_crash" does in create what "crash" does in a call. */
static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    static const char prefix[] = "create_";
    struct fault *fault = services->alloc(services, sizeof *fault);
    fault->services = services;
    fault->name = values[0].text;
    fault->every = values[1].integer;
    *self = fault;
    if (strcmp(fault->name, "create") == 0) {
        services->explain(services, "nothing works today");
        return VOUCH_ANSWER_FAILED;
    }
    if (strncmp(fault->name, prefix, sizeof prefix - 1) == 0) {
        misbehave(fault, fault->name + sizeof prefix - 1);
    }
    return VOUCH_ANSWER_DONE;
}

/* Answers that are good, each of them, and not the same for the same request. */
static int64_t capricious(const struct fault *fault)
{
    struct timespec now;
    if (strcmp(fault->name, "random") == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_nsec % 1000;
    }
    if (strcmp(fault->name, "counter") == 0) {
        return fault->calls;
    }
    if (strcmp(fault->name, "order") == 0) { /* of addresses, which differ from process to process */
        return (int64_t)((uintptr_t)fault >> 12 & 0xFFFF);
    }
    return 0;
}

/* Faults of the result. */
static void spoil(const char *name, const struct vouch_attribution_request *request,
                  struct vouch_attribution_result *result)
{
    struct vouch_share *shares = result->shares;
    if (strcmp(name, "negative") == 0) {
        shares[0].weight = -5;
    } else if (strcmp(name, "stranger") == 0) {
        shares[0].party = 424242;
    } else if (strcmp(name, "twice") == 0) {
        shares[1] = shares[0];
        result->share_count = 2;
    } else if (strcmp(name, "overflow") == 0) {
        for (uint32_t i = 0; i < result->share_count; i++) {
            shares[i].weight = INT64_MAX;
        }
    } else if (strcmp(name, "large") == 0) { /* alone it is a number */
        shares[0].weight = INT64_MAX;
    } else if (strcmp(name, "zero") == 0) { /* which is no fault: the house keeps all of it */
        for (uint32_t i = 0; i < result->share_count; i++) {
            shares[i].weight = 0;
        }
    } else if (strcmp(name, "override") == 0) { /* each is paid more than everything */
        result->mode = VOUCH_SHARES_OVERRIDE;
        shares[0].weight = VOUCH_OVERRIDE_WHOLE + 1;
    } else if (strcmp(name, "count") == 0) {
        result->share_count = request->touch_count + 1;
    } else if (strcmp(name, "overrun") == 0) {
        for (uint32_t i = 0; i <= request->touch_count; i++) {
            shares[i].weight = 1;
        }
    }
}

static enum vouch_answer answer_of(const struct fault *fault)
{
    if (strcmp(fault->name, "code") == 0) {
        return (enum vouch_answer)77;
    }
    if (strcmp(fault->name, "defer") == 0) {
        fault->services->explain(fault->services, "the moon is not full");
        return VOUCH_ANSWER_DEFER;
    }
    if (strcmp(fault->name, "unsupported") == 0) {
        return VOUCH_ANSWER_UNSUPPORTED;
    }
    if (strcmp(fault->name, "mute") == 0) {
        return VOUCH_ANSWER_FAILED;
    }
    if (fault->gained > 0) {
        fault->services->explain(fault->services, "it gained something");
        return VOUCH_ANSWER_FAILED;
    }
    if (strcmp(fault->name, "failed") == 0) {
        fault->services->explain(fault->services, "line one\nline two \xff\x01");
        return VOUCH_ANSWER_FAILED;
    }
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    struct fault *fault = self;
    int faulty = ++fault->calls % fault->every == 0;
    if (faulty) {
        misbehave(fault, fault->name);
    }
    for (uint32_t t = 0; t < request->touch_count; t++) {
        uint32_t p = 0;
        while (p < result->share_count && result->shares[p].party != request->touches[t].party) {
            p++;
        }
        result->share_count += p == result->share_count;
        result->shares[p].party = request->touches[t].party;
        result->shares[p].weight++;
    }
    if (!faulty) {
        return VOUCH_ANSWER_DONE;
    }
    result->shares[0].weight += capricious(fault);
    spoil(fault->name, request, result);
    return answer_of(fault);
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "fault-attribution",
    .version = "1.0.0",
    .summary = "goes wrong as told",
    .settings = settings,
    .setting_count = 2,
    .create = create,
    .attribution = &attribution,
};
