/* SPDX-License-Identifier: Apache-2.0
 *
 * The jail, tried from the inside: in its constructor, when it is created, and in each call, this plugin tries what a
 * plugin must not do, and answers FAILED with the list of what was not refused. */
#include "vouch_plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char allowed[400]; /* names of what was not refused, with the stage */
static unsigned tried;

static void note(const char *stage, const char *name, long result)
{
    tried++;
    if (result >= 0) {
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, " %s:%s", stage, name);
    }
}

static void try_files(const char *stage)
{
    struct stat status;
    note(stage, "open", syscall(SYS_open, "/etc/passwd", O_RDONLY));
    note(stage, "openat", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
    note(stage, "openat2", syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, 0));
    note(stage, "creat", syscall(SYS_creat, "/tmp/vouch-probe", 0600));
    note(stage, "unlink", syscall(SYS_unlink, "/tmp/vouch-probe"));
    note(stage, "mkdir", syscall(SYS_mkdir, "/tmp/vouch-probe", 0700));
    note(stage, "chdir", syscall(SYS_chdir, "/"));
    note(stage, "readlink", syscall(SYS_readlink, "/proc/self/exe", allowed, 0));
    note(stage, "memfd", syscall(SYS_memfd_create, "probe", 0));
    if (strcmp(stage, "constructor") != 0) {
        /* While the plugin is being loaded, the loader itself needs this one. */
        note(stage, "stat", stat("/etc/passwd", &status));
    }
}

static void try_processes(const char *stage)
{
    char *arguments[] = {"sh", NULL};
    note(stage, "execve", syscall(SYS_execve, "/bin/sh", arguments, NULL));
    note(stage, "execveat", syscall(SYS_execveat, AT_FDCWD, "/bin/sh", arguments, NULL, 0));
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        _exit(0);
    }
    note(stage, "clone", child);
    note(stage, "clone3", syscall(SYS_clone3, NULL, 0));
    child = syscall(SYS_vfork);
    if (child == 0) {
        _exit(0);
    }
    note(stage, "vfork", child);
    note(stage, "kill parent", syscall(SYS_kill, getppid(), 0));
    note(stage, "tgkill parent", syscall(SYS_tgkill, getppid(), getppid(), 0));
    note(stage, "ptrace parent", syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0));
    note(stage, "ptrace", syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0));
    struct iovec local = {allowed, 1};
    struct iovec remote = {allowed, 1};
    note(stage, "read parent", syscall(SYS_process_vm_readv, getppid(), &local, 1, &remote, 1, 0));
    note(stage, "setuid", syscall(SYS_setuid, 0));
    note(stage, "mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
    note(stage, "unshare", syscall(SYS_unshare, 0x10000000));
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    note(stage, "prlimit", syscall(SYS_prlimit64, 0, RLIMIT_DATA, &limit, NULL));
}

static void try_network(const char *stage)
{
    int pair[2];
    note(stage, "socket", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
    note(stage, "unix socket", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
    note(stage, "socketpair", syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair));
    note(stage, "connect", syscall(SYS_connect, 3, NULL, 0));
    note(stage, "sendmsg", syscall(SYS_sendmsg, 3, NULL, 0));
    note(stage, "io_uring", syscall(SYS_io_uring_setup, 8, NULL));
}

static void try_memory(const char *stage)
{
    void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    note(stage, "shared memory", shared == MAP_FAILED ? -1 : 0);
    if (strcmp(stage, "constructor") != 0) {
        void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        note(stage, "executable memory", code == MAP_FAILED ? -1 : 0);
    }
}

static void try_all(const char *stage)
{
    try_files(stage);
    try_processes(stage);
    try_network(stage);
    try_memory(stage);
}

__attribute__((constructor)) static void at_load(void)
{
    try_all("constructor");
}

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    (void)values;
    try_all("create");
    *self = (void *)(uintptr_t)services;
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    const struct vouch_services *services = self;
    char sentence[480];
    (void)request;
    (void)result;
    try_all("call");
    snprintf(sentence, sizeof sentence, "tried %u, not refused:%s", tried, allowed[0] == '\0' ? " none" : allowed);
    services->explain(services, sentence);
    return VOUCH_ANSWER_FAILED;
}

static const struct vouch_attribution_plugin attribution = {sizeof attribution, attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "probe",
    .version = "1.0.0",
    .summary = "tries to break out",
    .create = create,
    .attribution = &attribution,
};
