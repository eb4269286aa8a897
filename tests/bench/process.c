/* SPDX-License-Identifier: Apache-2.0
 *
 * Child processes: vouchd, which says over the readiness socket of systemd's protocol where it listens, and the echo
 * server. All die with the benchmark. */
#include "bench.h"

#include "../port.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The socket that a child reports to, bound at `path`. */
static int report_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        die("%s: too long for a socket's name; choose a shorter directory", path);
    }
    strcpy(address.sun_path, path);
    unlink(path);
    int report = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (report < 0 || bind(report, (struct sockaddr *)&address, sizeof address) != 0) {
        die("%s: %s", path, strerror(errno));
    }
    return report;
}

/* Waits for READY=1; reads the endpoint from the status that comes with it. */
static void await_ready(int report, struct process *process, const char *log)
{
    static const char status[] = "STATUS=listening on ";
    for (;;) {
        char text[4096];
        struct pollfd wait = {report, POLLIN, 0};
        if (waitpid(process->pid, NULL, WNOHANG) == process->pid) {
            die("vouchd ended before it listened; see %s", log);
        }
        int ready = poll(&wait, 1, 100);
        ssize_t size = ready > 0 ? recv(report, text, sizeof text - 1, 0) : 0;
        if (size <= 0) {
            continue;
        }
        text[size] = '\0';
        const char *place = strstr(text, status);
        if (strstr(text, "READY=1") != NULL && place != NULL) {
            place += strlen(status);
            snprintf(process->endpoint, sizeof process->endpoint, "%.*s", (int)strcspn(place, "\n"), place);
            return;
        }
    }
}

/* In the child. A session of its own, as a service has it and as PostgreSQL's server takes it: the kernel shares the
 * processors out by session (sched_autogroup), and all that is compared must get the same share. */
static void become_service(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
}

/* In the child: nothing of the parent's is kept but standard error, which goes to the log. */
static void become_vouchd(const struct options *options, const char *report, const char *log, unsigned port)
{
    char listen[64];
    snprintf(listen, sizeof listen, "tcp://127.0.0.1:%u", port);
    become_service();
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0) {
        dup2(file, STDOUT_FILENO);
        dup2(file, STDERR_FILENO);
    }
    setenv("NOTIFY_SOCKET", report, 1);
    execl(options->vouchd, "vouchd", "run", "--data", options->data, "--listen", listen, (char *)NULL);
    fprintf(stderr, "%s: %s\n", options->vouchd, strerror(errno));
    _exit(127);
}

void broker_start(const struct options *options, struct process *broker)
{
    char report_path[4096];
    char log[4096];
    snprintf(report_path, sizeof report_path, "%s/ready", options->directory);
    snprintf(log, sizeof log, "%s/vouchd.log", options->directory);
    int report = report_socket(report_path);
    unsigned port = port_choose();
    CHECK(port != 0);
    int64_t began_ns = now_ns();
    broker->pid = fork();
    CHECK(broker->pid >= 0);
    if (broker->pid == 0) {
        become_vouchd(options, report_path, log, port);
    }
    await_ready(report, broker, log);
    broker->start_ms = (double)(now_ns() - began_ns) / 1e6;
    close(report);
}

void process_stop(struct process *process)
{
    int status = 0;
    kill(process->pid, SIGTERM);
    if (waitpid(process->pid, &status, 0) != process->pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        die("the process did not end as it should, wait status %#x", (unsigned)status);
    }
    process->pid = 0;
}

double process_anonymous_mib(const struct process *process)
{
    char path[64];
    char line[256];
    double kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)process->pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "RssAnon:", 8) == 0) {
            kib = strtod(line + 8, NULL);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kib / 1024;
}

double process_cpu_seconds(pid_t pid)
{
    char path[64];
    char line[1024];
    unsigned long user = 0;
    unsigned long kernel = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    /* The name, which may hold anything, ends at the last bracket; then the times are fields 12 and 13. */
    char *rest = fgets(line, sizeof line, file) == NULL ? NULL : strrchr(line, ')');
    if (rest == NULL || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2) {
        user = kernel = 0;
    }
    fclose(file);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

double process_family_cpu_seconds(pid_t parent)
{
    char path[64];
    int child;
    double seconds = process_cpu_seconds(parent);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *file = fopen(path, "re");
    while (file != NULL && fscanf(file, "%d", &child) == 1) {
        seconds += process_cpu_seconds(child);
    }
    if (file != NULL) {
        fclose(file);
    }
    return seconds;
}

/* The echo server is this program again, so that its sockets are in a process of their own. It writes its endpoint to
 * standard output. */
void echo_start(struct process *echo)
{
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    echo->pid = fork();
    CHECK(echo->pid >= 0);
    if (echo->pid == 0) {
        become_service();
        dup2(ends[1], STDOUT_FILENO);
        execl("/proc/self/exe", "vouch_bench", "echo", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    FILE *file = fdopen(ends[0], "r");
    CHECK(file != NULL);
    if (fgets(echo->endpoint, sizeof echo->endpoint, file) == NULL) {
        die("the echo server does not start");
    }
    echo->endpoint[strcspn(echo->endpoint, "\n")] = '\0';
    fclose(file);
}
