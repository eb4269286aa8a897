/* SPDX-License-Identifier: Apache-2.0
 *
 * vouch_bench: takes the measures one after the other and prints the table. run.sh makes what it needs (a preloaded
 * store, a preloaded PostgreSQL) and calls it. */
#include "bench.h"

#include "base/check.h"

#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statfs.h>

#define TMPFS 0x01021994

static const struct option long_options[] = {
    {"directory", required_argument, NULL, 'd'},
    {"vouchd", required_argument, NULL, 'v'},
    {"data", required_argument, NULL, 's'},
    {"profile", required_argument, NULL, 'p'},
    {"postgres", required_argument, NULL, 'g'},
    {"only", required_argument, NULL, 'o'},
    {"referrals", required_argument, NULL, 'n'},
    {"event-bytes", required_argument, NULL, 'e'},
    {"deals", required_argument, NULL, 'c'},
    {"sweep-data", required_argument, NULL, 'w'},
    {"sweep-profile", required_argument, NULL, 'f'},
    {"deadlines", required_argument, NULL, 'l'},
    {"runs", required_argument, NULL, 'r'},
    {"seconds", required_argument, NULL, 't'},
    {"json", no_argument, NULL, 'j'},
    {NULL, 0, NULL, 0},
};

static void take_option(struct options *options, int letter, const char *value)
{
    switch (letter) {
    case 'd':
        options->directory = value;
        break;
    case 'v':
        options->vouchd = value;
        break;
    case 's':
        options->data = value;
        break;
    case 'p':
        options->profile = value;
        break;
    case 'g':
        options->postgres = value;
        break;
    case 'o':
        options->only = value;
        break;
    case 'n':
        options->referrals = strtoull(value, NULL, 10);
        break;
    case 'e':
        options->event_bytes = strtoull(value, NULL, 10);
        break;
    case 'c':
        options->deals = strtoull(value, NULL, 10);
        break;
    case 'w':
        options->sweep_data = value;
        break;
    case 'f':
        options->sweep_profile = value;
        break;
    case 'l':
        options->deadlines = strtoull(value, NULL, 10);
        break;
    case 'r':
        options->runs = (unsigned)strtoul(value, NULL, 10);
        break;
    case 't':
        options->seconds = strtod(value, NULL);
        break;
    case 'j':
        options->json = true;
        break;
    default:
        die("see run.sh for the options");
    }
}

static void read_options(int count, char **arguments, struct options *options)
{
    *options = (struct options){.runs = 5, .seconds = 3, .deals = 100000};
    int letter;
    while ((letter = getopt_long(count, arguments, "", long_options, NULL)) != -1) {
        take_option(options, letter, optarg);
    }
    if (options->directory == NULL || options->vouchd == NULL || options->data == NULL || options->profile == NULL ||
        options->referrals == 0 || options->event_bytes == 0) {
        die("called without --directory, --vouchd, --data, --profile, --referrals or --event-bytes: start run.sh");
    }
    if (options->runs == 0 || options->runs > RUNS_MOST || options->seconds <= 0) {
        die("--runs is 1 to %d, --seconds above 0", RUNS_MOST);
    }
}

static bool is_wanted(const struct options *options, const char *name)
{
    return options->only == NULL || strcmp(options->only, name) == 0;
}

static void prepare_process(const struct options *options)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    struct statfs disk;
    if (statfs(options->directory, &disk) == 0 && disk.f_type == TMPFS) {
        report_note("%s is in memory: syncs cost nothing there; name a disk with VOUCH_BENCH_DIR", options->directory);
    }
}

/* Clean stops and starts, the store as large as the measures before have made it. */
void measure_start(const struct options *options)
{
    struct line *line = report_line("start", "start after a clean stop, exec to listening", "ms", NULL, AT_MOST, 1000);
    for (unsigned run = 0; run < options->runs; run++) {
        struct process broker = {0};
        broker_start(options, &broker);
        report_run(line, broker.start_ms, 0);
        progress("start: %.0f ms", broker.start_ms);
        process_stop(&broker);
    }
}

int main(int count, char **arguments)
{
    struct options options;
    struct profile admin;
    struct process broker = {0};
    struct status_text why = {""};
    if (count == 2 && strcmp(arguments[1], "echo") == 0) {
        echo_serve();
    }
    read_options(count, arguments, &options);
    if (sodium_init() < 0) {
        die("libsodium does not start");
    }
    if (profile_read(options.profile, &admin, &why) != VOUCH_OK) {
        die("%s", why.text);
    }
    prepare_process(&options);
    broker_start(&options, &broker);
    const struct {
        const char *name;
        void (*measure)(const struct options *options, const struct process *broker, const struct profile *admin);
    } measures[] = {{"single", measure_single}, {"many", measure_throughput},       {"push", measure_push},
                    {"query", measure_queries}, {"commission", measure_commission}, {"today", measure_today},
                    {"report", measure_report}, {"import", measure_import}};
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        if (is_wanted(&options, measures[i].name)) {
            measures[i].measure(&options, &broker, &admin);
        }
    }
    process_stop(&broker);
    if (is_wanted(&options, "start")) {
        measure_start(&options);
    }
    if (is_wanted(&options, "sweep") && options.sweep_data != NULL) {
        measure_sweep(&options);
    }
    if (is_wanted(&options, "plugin")) {
        measure_plugins(&options);
    }
    size_t missed = report_print(&options);
    profile_wipe(&admin);
    if (missed > 0) {
        progress("%zu goals were missed", missed);
    }
    return 0;
}
