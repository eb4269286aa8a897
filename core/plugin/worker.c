/* SPDX-License-Identifier: Apache-2.0
 *
 * The process of an instance: started with nothing but a socket, two memories and a pipe for what it prints; ended by
 * SIGKILL; its death told by its signal. Called by the instance's permanent thread, because a process that asked to die
 * with its parent dies with the parent's thread. */
#include "plugin/internal.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Descriptors of ours are moved up here before they become the low ones of the process. */
#define FD_ABOVE 16

#define CPU_STEP_US (INT64_C(1000000) * WORKER_CPU_SECONDS)
#define CPU_SPARE_US INT64_C(20000000)

/* A process has so long to be ready; one that the machine gave no processor in that time, longer. */
#define READY_US (INT64_C(1000000) * WORKER_READY_SECONDS)
#define PATIENCE_US INT64_C(60000000)
#define WAITING_STEP_US INT64_C(200000)
#define ENOUGH_NS 200000000 /* of processor time: ten times what it takes to be ready */

#define MESSAGES_ARENA_BYTES ((size_t)512 << 10)

/* `read_only`: for the process, not for us. False: errno says why. */
static bool shared_open(struct shared *shared, size_t size, bool read_only)
{
    *shared = (struct shared){-1, size, NULL};
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (read_only ? F_SEAL_FUTURE_WRITE : 0);
    shared->fd = memfd_create("vouch-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *bytes = MAP_FAILED;
    if (shared->fd >= 0 && ftruncate(shared->fd, (off_t)size) == 0) {
        bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, shared->fd, 0);
    }
    /* After the mapping: FUTURE_WRITE spares those that exist. */
    if (bytes == MAP_FAILED || fcntl(shared->fd, F_ADD_SEALS, seals) != 0) {
        int error = errno;
        if (bytes != MAP_FAILED) {
            munmap(bytes, size);
        }
        errno = error;
        return false;
    }
    shared->bytes = bytes;
    return true;
}

static void shared_close(struct shared *shared)
{
    if (shared->bytes != NULL) {
        munmap(shared->bytes, shared->size);
    }
    if (shared->fd >= 0) {
        close(shared->fd);
    }
    *shared = (struct shared){-1, 0, NULL};
}

/* Moves a descriptor above the numbers that the process will have; -1 on failure. Closes the old one. */
static int move_up(int fd)
{
    int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FD_ABOVE);
    if (fd >= 0) {
        close(fd);
    }
    return moved;
}

static int spawn(pid_t *pid, const char *host_path, const struct plugin_config *config, const int fds[4])
{
    char parent[24];
    char memory[24];
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    snprintf(memory, sizeof memory, "%zu", config->memory_bytes);
    char *argv[] = {"vouch-plugin-host", "--serve", parent, memory, (char *)(uintptr_t)config->path, NULL};
    char *environment[] = {"LC_ALL=C", NULL};

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0); /* a terminal's Ctrl-C is for the broker, which ends its hosts itself */
    /* Standard input is the pipe's write end: reading from it fails, and no /dev/null is needed. */
    int error = posix_spawn_file_actions_adddup2(&actions, fds[0], STDIN_FILENO);
    error = error != 0 ? error : posix_spawn_file_actions_adddup2(&actions, fds[0], STDOUT_FILENO);
    error = error != 0 ? error : posix_spawn_file_actions_adddup2(&actions, fds[0], STDERR_FILENO);
    error = error != 0 ? error : posix_spawn_file_actions_adddup2(&actions, fds[1], WORKER_FD_SOCKET);
    error = error != 0 ? error : posix_spawn_file_actions_adddup2(&actions, fds[2], WORKER_FD_REQUEST);
    error = error != 0 ? error : posix_spawn_file_actions_adddup2(&actions, fds[3], WORKER_FD_ANSWER);
    error = error != 0 ? error : posix_spawn(pid, host_path, &actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
            fds[i] = -1;
        }
    }
}

/* Everything between us and the process, and the process. False: errno says why not. */
static bool open_process(struct worker *worker, const char *host_path, const struct plugin_config *config,
                         struct notes *notes)
{
    int sockets[2] = {-1, -1};
    int pipes[2] = {-1, -1};
    if (!shared_open(&worker->request, WORKER_REQUEST_BYTES, true) ||
        !shared_open(&worker->answer, WORKER_ANSWER_BYTES, false)) {
        return false;
    }
    bool opened = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0 && pipe2(pipes, O_CLOEXEC) == 0 &&
                  fcntl(pipes[0], F_SETFL, O_NONBLOCK) == 0;
    int error = opened ? 0 : errno;
    int fds[4] = {move_up(pipes[1]), move_up(sockets[1]), fcntl(worker->request.fd, F_DUPFD_CLOEXEC, FD_ABOVE),
                  fcntl(worker->answer.fd, F_DUPFD_CLOEXEC, FD_ABOVE)};
    if (error == 0 && (fds[0] < 0 || fds[1] < 0 || fds[2] < 0 || fds[3] < 0)) {
        error = EMFILE;
    }
    error = error != 0 ? error : spawn(&worker->pid, host_path, config, fds);
    close_all(fds, 4);
    if (error != 0) {
        close_all(sockets, 1);
        close_all(pipes, 1);
        worker->pid = 0;
        errno = error;
        return false;
    }
    worker->socket = sockets[0];
    output_open(&worker->output, notes, pipes[0]);
    return true;
}

static void worker_free(struct worker **worker)
{
    shared_close(&(*worker)->request);
    shared_close(&(*worker)->answer);
    arena_free(&(*worker)->messages);
    free(*worker);
    *worker = NULL;
}

struct worker *worker_start(const char *host_path, const struct plugin_config *config, struct notes *notes,
                            struct status_text *why)
{
    struct worker *worker = calloc(1, sizeof *worker);
    CHECK(worker != NULL);
    worker->request.fd = -1;
    worker->answer.fd = -1;
    worker->limit_us = CPU_STEP_US;
    worker->start_us = clock_mono_us();
    worker->memory_bytes = config->memory_bytes;
    worker->messages = arena_new(MESSAGES_ARENA_BYTES);
    if (!open_process(worker, host_path, config, notes)) {
        status_set(why, VOUCH_UNAVAILABLE, "cannot start %s: %s", host_path, strerror(errno));
        worker_free(&worker);
    }
    return worker;
}

void worker_dismiss(struct worker *worker)
{
    shutdown(worker->socket, SHUT_WR);
}

static void describe_end(int status, size_t memory_bytes, struct status_text *how)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_EXIT_MEMORY) {
        status_set(how, VOUCH_OK, "ran out of memory: its limit is %zu MiB", memory_bytes >> 20);
    } else if (WIFEXITED(status)) {
        status_set(how, VOUCH_OK, "ended by itself with exit status %d", WEXITSTATUS(status));
    } else {
        const char *abbreviation = sigabbrev_np(WTERMSIG(status));
        const char *description = sigdescr_np(WTERMSIG(status));
        status_set(how, VOUCH_OK, "was killed by SIG%s (%s)", abbreviation == NULL ? "?" : abbreviation,
                   description == NULL ? "?" : description);
    }
}

void worker_end(struct worker **worker, struct status_text *how)
{
    pid_t pid = (*worker)->pid;
    int status = 0;
    pid_t reaped;
    CHECK(pid > 0);
    /* One that has died already keeps the status that it died with. */
    kill(pid, SIGKILL);
    do {
        reaped = waitpid(pid, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    if (reaped == pid) {
        describe_end(status, (*worker)->memory_bytes, how);
    } else {
        status_set(how, VOUCH_OK, "is gone (%s)", strerror(errno));
    }
    output_close(&(*worker)->output);
    close((*worker)->socket);
    worker_free(worker);
}

/* A thread of the process wants a processor and has none, by the line that the kernel has of it. */
static bool is_runnable(pid_t pid, const char *thread)
{
    char path[300];
    char line[512] = "";
    snprintf(path, sizeof path, "/proc/%ld/task/%s/stat", (long)pid, thread);
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(line, sizeof line, file) != NULL;
    if (file != NULL) {
        fclose(file);
    }
    const char *name_end = read ? strrchr(line, ')') : NULL;
    return name_end != NULL && strncmp(name_end, ") R", 3) == 0;
}

/* It has hardly had a processor, and wants one. Where there is no /proc nobody is said to be kept waiting. */
static bool is_kept_waiting(const struct worker *worker)
{
    clockid_t clock;
    struct timespec used;
    char path[64];
    if (clock_getcpuclockid(worker->pid, &clock) != 0 || clock_gettime(clock, &used) != 0 || used.tv_sec > 0 ||
        used.tv_nsec > ENOUGH_NS) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/%ld/task", (long)worker->pid);
    DIR *threads = opendir(path);
    bool waiting = false;
    for (const struct dirent *thread; !waiting && threads != NULL && (thread = readdir(threads)) != NULL;) {
        waiting = thread->d_name[0] != '.' && is_runnable(worker->pid, thread->d_name);
    }
    if (threads != NULL) {
        closedir(threads);
    }
    return waiting;
}

int64_t worker_ready_by_us(const struct worker *worker)
{
    int64_t now_us = clock_mono_us();
    int64_t ready_us = worker->start_us + READY_US;
    if (now_us < ready_us || now_us >= worker->start_us + PATIENCE_US || !is_kept_waiting(worker)) {
        return ready_us;
    }
    return now_us + WAITING_STEP_US;
}

void worker_grant_cpu(struct worker *worker, int64_t used_us, int64_t ahead_us)
{
    worker->cpu_us += used_us;
    if (worker->cpu_us + ahead_us + CPU_SPARE_US <= worker->limit_us) {
        return;
    }
    int64_t limit_us = worker->cpu_us + ahead_us + CPU_STEP_US;
    struct rlimit limit = {(rlim_t)(limit_us / 1000000), RLIM_INFINITY};
    if (prlimit(worker->pid, RLIMIT_CPU, &limit, NULL) == 0) {
        worker->limit_us = limit_us;
    } else {
        /* Root in a container may lack the right to do this to a process that is not root any more. */
        worker->worn = true;
    }
}
