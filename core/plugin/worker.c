/* SPDX-License-Identifier: Apache-2.0
 *
 * The process of an instance: started with nothing but a socket, two memories and a pipe for what it prints; ended by
 * SIGKILL; its death told by its signal. Called by the instance's permanent thread, because a process that asked to die
 * with its parent dies with the parent's thread. */
#include "plugin/internal.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors of ours are moved up here before they become the low ones of the process. */
#define FD_ABOVE 16

#define CPU_FIRST_US INT64_C(10000000) /* as vouch-plugin-host sets it */
#define CPU_SPARE_US INT64_C(5000000)
#define CPU_STEP_US INT64_C(60000000)

enum vouch_status shared_open(struct shared *shared, size_t size, bool read_only, struct status_text *why)
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
        shared_close(shared);
        return status_set(why, VOUCH_UNAVAILABLE, "cannot make shared memory: %s", strerror(error));
    }
    shared->bytes = bytes;
    return VOUCH_OK;
}

void shared_close(struct shared *shared)
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

enum vouch_status worker_start(struct worker *worker, const char *host_path, const struct plugin_config *config,
                               const char *subject, const struct shared *request, const struct shared *answer,
                               struct status_text *why)
{
    CHECK(worker->pid == 0);
    int sockets[2] = {-1, -1};
    int pipes[2] = {-1, -1};
    int fds[4] = {-1, -1, -1, -1};
    int error = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0 || pipe2(pipes, O_CLOEXEC) != 0 ||
        fcntl(pipes[0], F_SETFL, O_NONBLOCK) != 0) {
        error = errno;
    }
    fds[0] = move_up(pipes[1]);
    fds[1] = move_up(sockets[1]);
    fds[2] = fcntl(request->fd, F_DUPFD_CLOEXEC, FD_ABOVE);
    fds[3] = fcntl(answer->fd, F_DUPFD_CLOEXEC, FD_ABOVE);
    if (error == 0 && (fds[0] < 0 || fds[1] < 0 || fds[2] < 0 || fds[3] < 0)) {
        error = EMFILE;
    }
    error = error != 0 ? error : spawn(&worker->pid, host_path, config, fds);
    for (size_t i = 0; i < 4; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    if (error != 0) {
        worker->pid = 0;
        for (size_t i = 0; i < 2; i++) {
            int left = i == 0 ? sockets[0] : pipes[0];
            if (left >= 0) {
                close(left);
            }
        }
        return status_set(why, VOUCH_UNAVAILABLE, "cannot start %s: %s", host_path, strerror(error));
    }
    worker->socket = sockets[0];
    worker->cpu_us = 0;
    worker->limit_us = CPU_FIRST_US;
    output_open(&worker->output, subject, pipes[0]);
    return VOUCH_OK;
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

void worker_end(struct worker *worker, size_t memory_bytes, struct status_text *how)
{
    CHECK(worker->pid > 0);
    int status = 0;
    pid_t reaped;
    /* One that has died already keeps the status that it died with. */
    kill(worker->pid, SIGKILL);
    do {
        reaped = waitpid(worker->pid, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    if (reaped == worker->pid) {
        describe_end(status, memory_bytes, how);
    } else {
        status_set(how, VOUCH_OK, "is gone (%s)", strerror(errno));
    }
    output_close(&worker->output);
    close(worker->socket);
    worker->socket = -1;
    worker->pid = 0;
}

void worker_grant_cpu(struct worker *worker, int64_t used_us, int64_t ahead_us)
{
    worker->cpu_us += used_us;
    if (worker->cpu_us + ahead_us + CPU_SPARE_US <= worker->limit_us) {
        return;
    }
    worker->limit_us = worker->cpu_us + ahead_us + CPU_STEP_US;
    struct rlimit limit = {(rlim_t)(worker->limit_us / 1000000), RLIM_INFINITY};
    (void)prlimit(worker->pid, RLIMIT_CPU, &limit, NULL); /* fails only when the process is gone */
}
