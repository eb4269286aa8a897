/* SPDX-License-Identifier: Apache-2.0
 *
 * The jail, tried from the inside: in its constructor, when it is created, and in each call, this plugin tries what a
 * plugin must not do. It logs each try as "stage name=ERROR …", and answers FAILED with the list of what was not
 * refused. The setting `store` is the path of a file, or of a directory with data.mdb in it, to be gone for too. */
#include "vouch_plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX 380 /* bytes that surely fit into a line of the log */
#define LINES 16
#define DESCRIPTORS 64

static const struct vouch_setting settings[] = {
    {"store", VOUCH_SETTING_TEXT, 0, "/nonexistent/store", 0, 500, "what to go for", {NULL, NULL}},
};

static const char *store = "/nonexistent/store";
static char allowed[400]; /* names of what was not refused, with the stage */
static unsigned tried;
static char lines[LINES][LINE_MAX + 1]; /* not logged yet */
static size_t line_count;

/* To be called at once: errno is what the try left. */
static void note(const char *stage, const char *name, long result)
{
    const char *error = result >= 0 ? "ALLOWED" : strerrorname_np(errno);
    char text[80];
    tried++;
    if (result >= 0) {
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, " %s:%s", stage, name);
    }
    size_t size = (size_t)snprintf(text, sizeof text, " %s=%s", name, error);
    bool fresh = line_count == 0 || strncmp(lines[line_count - 1], stage, strlen(stage)) != 0 ||
                 strlen(lines[line_count - 1]) + size > LINE_MAX;
    if (fresh && line_count < LINES) {
        snprintf(lines[line_count++], sizeof lines[0], "%s", stage);
    }
    size_t used = strlen(lines[line_count - 1]);
    snprintf(lines[line_count - 1] + used, sizeof lines[0] - used, "%s", text);
}

static void log_lines(const struct vouch_services *services)
{
    for (size_t i = 0; i < line_count; i++) {
        services->log(services, VOUCH_LOG_INFO, lines[i]);
    }
    line_count = 0;
}

/* While the plugin is being loaded, the loader itself needs a few calls. */
static bool is_loaded(const char *stage)
{
    return strcmp(stage, "load") != 0;
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
    if (is_loaded(stage)) {
        note(stage, "stat", stat("/etc/passwd", &status));
        note(stage, "library", fopen("/etc/passwd", "r") == NULL ? -1 : 0);
    }
}

/* Each descriptor must fail in each way; the error of the last, 0: one did not fail. */
static int try_descriptors(const char *path, bool write)
{
    char byte = 0;
    int error = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        /* Sockets and pipes have no positions, so these succeed with files only; no file is inherited. */
        long got = write ? pwrite(fd, &byte, 1, 0) : pread(fd, &byte, 1, 0);
        if (got >= 0 || syscall(SYS_openat, fd, path, O_RDONLY) >= 0 || syscall(SYS_fchdir, fd) >= 0) {
            return 0;
        }
        error = errno;
    }
    return error;
}

static void try_store(const char *stage)
{
    char path[600];
    struct stat status;
    snprintf(path, sizeof path, "%s/data.mdb", store);
    note(stage, "store:open", syscall(SYS_open, path, O_RDONLY));
    note(stage, "store:write", syscall(SYS_open, path, O_RDWR));
    note(stage, "store:directory", syscall(SYS_open, store, O_RDONLY | O_DIRECTORY));
    note(stage, "store:path", syscall(SYS_open, store, O_PATH));
    note(stage, "store:link", syscall(SYS_link, path, "/tmp/vouch-probe"));
    note(stage, "store:remove", syscall(SYS_rename, path, path));
    note(stage, "store:watch", syscall(SYS_inotify_init1, 0));
    note(stage, "store:handle", syscall(SYS_name_to_handle_at, AT_FDCWD, path, NULL, NULL, 0));
    if (is_loaded(stage)) {
        note(stage, "store:openat", syscall(SYS_openat, AT_FDCWD, path, O_RDONLY));
        note(stage, "store:stat", stat(path, &status));
        errno = try_descriptors("data.mdb", false);
        note(stage, "store:descriptors", errno == 0 ? 0 : -1);
        errno = try_descriptors("data.mdb", true);
        note(stage, "store:descriptors-write", errno == 0 ? 0 : -1);
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
    note(stage, "kill-parent", syscall(SYS_kill, getppid(), 0));
    note(stage, "kill-all", syscall(SYS_kill, -1, 0));
    note(stage, "tgkill-parent", syscall(SYS_tgkill, getppid(), getppid(), 0));
    note(stage, "signal-parent", syscall(SYS_pidfd_open, getppid(), 0));
    note(stage, "ptrace-parent", syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0));
    note(stage, "ptrace", syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0));
    struct iovec local = {allowed, 1};
    struct iovec remote = {allowed, 1};
    note(stage, "read-parent", syscall(SYS_process_vm_readv, getppid(), &local, 1, &remote, 1, 0));
    note(stage, "write-parent", syscall(SYS_process_vm_writev, getppid(), &local, 1, &remote, 1, 0));
    note(stage, "setuid", syscall(SYS_setuid, 0));
    note(stage, "mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
    note(stage, "unshare", syscall(SYS_unshare, 0x10000000));
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    note(stage, "prlimit", syscall(SYS_prlimit64, 0, RLIMIT_DATA, &limit, NULL));
}

static void try_network(const char *stage)
{
    int pair[2];
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/vouch.sock"};
    note(stage, "socket", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
    note(stage, "unix-socket", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
    note(stage, "socketpair", syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair));
    note(stage, "connect", syscall(SYS_connect, 3, &address, sizeof address));
    note(stage, "bind", syscall(SYS_bind, 3, &address, sizeof address));
    note(stage, "sendmsg", syscall(SYS_sendmsg, 3, NULL, 0));
    note(stage, "recvmsg", syscall(SYS_recvmsg, 3, NULL, 0));
    note(stage, "io_uring", syscall(SYS_io_uring_setup, 8, NULL));
}

static void try_memory(const char *stage)
{
    void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    note(stage, "shared-memory", shared == MAP_FAILED ? -1 : 0);
    note(stage, "sysv-memory", syscall(SYS_shmget, 0, 4096, 0600));
    if (is_loaded(stage)) {
        void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        note(stage, "executable-memory", code == MAP_FAILED ? -1 : 0);
        note(stage, "seccomp", syscall(SYS_seccomp, 0, 0, NULL));
        note(stage, "ioctl", syscall(SYS_ioctl, 3, 0, NULL));
    }
}

static void try_all(const char *stage)
{
    try_files(stage);
    try_store(stage);
    try_processes(stage);
    try_network(stage);
    try_memory(stage);
}

__attribute__((constructor)) static void at_load(void)
{
    try_all("load");
}

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    store = values[0].text;
    try_all("create");
    log_lines(services);
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
    log_lines(services);
    snprintf(sentence, sizeof sentence, "tried %u, not refused:%s", tried, allowed[0] == '\0' ? " none" : allowed);
    services->explain(services, sentence);
    return VOUCH_ANSWER_FAILED;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "probe",
    .version = "1.0.0",
    .summary = "tries to break out",
    .settings = settings,
    .setting_count = 1,
    .create = create,
    .attribution = &attribution,
};
