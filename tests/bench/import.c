/* SPDX-License-Identifier: Apache-2.0
 *
 * An address book of 100,000 people, taken over by the program that a rep runs: from its start to its end, with reading
 * the file and keeping the report. Then once more, when all of them are known. */
#include "bench.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEOPLE 100000u
#define COMPANIES 8000u
#define RUNS 3u /* every one makes the store larger by so many people */
#define GOAL_SECONDS 30.0

/* As LinkedIn writes it: every third with an e-mail address. The people of each run are others. */
static void write_book(const char *path, unsigned run)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        die("%s: %s", path, strerror(errno));
    }
    fputs("Notes:\n\"Some of the fields are empty.\"\n\n"
          "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n",
          file);
    for (unsigned i = 0; i < PEOPLE; i++) {
        char email[64] = "";
        if (i % 3 == 0) {
            snprintf(email, sizeof email, "p%u.%u@firm%u.example", run, i, i % COMPANIES);
        }
        fprintf(file, "Person,Of %u %u,https://network.example/in/p%u-%u,%s,\"Firm%u, Inc.\",Head of %u,%02u Jan %u\n",
                run, i, run, i, email, i % COMPANIES, i % 40, 1 + i % 28, 2000 + i % 26);
    }
    CHECK(fclose(file) == 0);
}

/* The admin's profile, for where the broker listens now. */
static void write_profile(const struct process *broker, const struct profile *admin, const char *path)
{
    struct profile profile = *admin;
    struct status_text why = {""};
    const char *endpoint = broker->endpoint + (strncmp(broker->endpoint, "tcp://", 6) == 0 ? 6 : 0);
    snprintf(profile.endpoint, sizeof profile.endpoint, "%s", endpoint);
    if (profile_write(path, &profile, true, &why) != VOUCH_OK) {
        die("%s", why.text);
    }
    profile_wipe(&profile);
}

/* Seconds from start to end; dies unless it ends with success. */
static double run_import(const struct options *options, const char *profile, const char *book)
{
    char program[4096], log[4096];
    const char *slash = strrchr(options->vouchd, '/');
    int directory = slash == NULL ? 0 : (int)(slash - options->vouchd) + 1;
    snprintf(program, sizeof program, "%.*svouch", directory, options->vouchd);
    snprintf(log, sizeof log, "%s/import.log", options->directory);
    int64_t began = now_ns();
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setenv("XDG_STATE_HOME", options->directory, 1);
        int file = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        dup2(file, STDOUT_FILENO);
        dup2(file, STDERR_FILENO);
        execl(program, program, "import", "contacts", book, "--profile", profile, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        die("%s import contacts did not end well; see %s", program, log);
    }
    return (double)(now_ns() - began) / 1e9;
}

void measure_import(const struct options *options, const struct process *broker, const struct profile *admin)
{
    struct line *first = report_line("import", "vouch import contacts, 100,000 people", "s", NULL, AT_MOST,
                                     GOAL_SECONDS);
    struct line *again = report_line("import.again", "  the same file again, all of them known", "s", NULL,
                                     FOR_INFORMATION, 0);
    char book[4096], profile[4096];
    snprintf(book, sizeof book, "%s/people.csv", options->directory);
    snprintf(profile, sizeof profile, "%s/import.key", options->directory);
    write_profile(broker, admin, profile);
    for (unsigned run = 0; run < options->runs && run < RUNS; run++) {
        write_book(book, run);
        double seconds = run_import(options, profile, book);
        double known = run_import(options, profile, book);
        report_run(first, seconds, 0);
        report_run(again, known, 0);
        progress("import: %.1f s, again %.1f s", seconds, known);
    }
    unlink(book);
    unlink(profile);
}
