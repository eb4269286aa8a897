/* SPDX-License-Identifier: Apache-2.0
 *
 * vouch-plugin-check: does a plugin keep what vouch_plugin.h asks of it? Runs it through its real host, asks it what a
 * broker might, and says what it found, one line a check (plugin/check). */
#include "plugin/check/check.h"

#include "base/beside.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_MISUSED 2
#define SCRATCH_BYTES ((size_t)64 << 20)
#define KEPT_BYTES ((size_t)512 << 20)

static const char usage[] =
    "usage: vouch-plugin-check [OPTION]... PLUGIN.so|PLUGIN.lua\n"
    "Checks that a plugin keeps the rules of vouch_plugin.h, in the jail it will live in.\n"
    "\n"
    "  --set NAME=VALUE   a setting of the plugin, as in vouchd.conf; may come again\n"
    "  --deadline-ms N    time that a call may take (250)\n"
    "  --memory-mib N     memory that its process may take (64)\n"
    "  --calls N          ordinary questions to ask; thirty times as many look for leaks (600)\n"
    "  --seed N           makes other questions (1)\n"
    "  --json             one JSON object instead of lines\n"
    "  --host PROGRAM     another vouch-plugin-host, or a program that speaks worker.proto\n"
    "  --version, --help\n"
    "\n"
    "Exit status: 0 passed, 1 failed, 2 usage.\n";

enum option_code {
    OPTION_SET = 256,
    OPTION_DEADLINE,
    OPTION_MEMORY,
    OPTION_CALLS,
    OPTION_SEED,
    OPTION_JSON,
    OPTION_HOST,
    OPTION_VERSION,
    OPTION_HELP
};

static const struct option options[] = {
    {"set", required_argument, NULL, OPTION_SET},
    {"deadline-ms", required_argument, NULL, OPTION_DEADLINE},
    {"memory-mib", required_argument, NULL, OPTION_MEMORY},
    {"calls", required_argument, NULL, OPTION_CALLS},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"json", no_argument, NULL, OPTION_JSON},
    {"host", required_argument, NULL, OPTION_HOST},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct arguments {
    struct checked checked;
    const char *names[VOUCH_SETTINGS_MAX];
    const char *values[VOUCH_SETTINGS_MAX];
    uint64_t deadline_ms, memory_mib, calls;
    bool json;
};

static int misused(const char *what, const char *which)
{
    fprintf(stderr, "vouch-plugin-check: %s%s%s\n%s", what, which == NULL ? "" : " ", which == NULL ? "" : which,
            usage);
    return EXIT_MISUSED;
}

static bool parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0' && *number >= least && *number <= most;
}

/* "name=value", which is the program's own memory and cut in two. */
static bool take_setting(struct arguments *arguments, char *text)
{
    struct plugin_config *config = &arguments->checked.config;
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || config->setting_count == VOUCH_SETTINGS_MAX) {
        return false;
    }
    *equals = '\0';
    arguments->names[config->setting_count] = text;
    arguments->values[config->setting_count++] = equals + 1;
    return true;
}

static bool take_option(struct arguments *arguments, int code, char *value)
{
    switch (code) {
    case OPTION_SET:
        return take_setting(arguments, value);
    case OPTION_DEADLINE:
        return parse_number(value, 1, 60000, &arguments->deadline_ms);
    case OPTION_MEMORY:
        return parse_number(value, 16, 65536, &arguments->memory_mib);
    case OPTION_CALLS:
        return parse_number(value, 1, 1000000, &arguments->calls);
    case OPTION_SEED:
        return parse_number(value, 0, UINT64_MAX, &arguments->checked.seed);
    case OPTION_JSON:
        arguments->json = true;
        return true;
    case OPTION_HOST:
        arguments->checked.host_path = value;
        return true;
    default:
        return false;
    }
}

static void check_all(struct checked *checked)
{
    if (!check_loading(checked)) {
        /* What it tried and said before may tell why. */
        if (checked->refused_count > 0) {
            check_jail(checked);
        }
        if (checked->printed[0] != '\0') {
            check_output(checked);
        }
        return;
    }
    questions_make(&checked->questions, checked->kind, checked->answers, checked->seed);
    checked->reference = arena_alloc(checked->kept, checked->questions.count * sizeof *checked->reference);
    CHECK(checked->reference != NULL);
    if (check_answers(checked)) {
        check_edges(checked);
        check_settings(checked);
        check_repetition(checked);
        check_instances(checked);
        if (checked->kind == PLUGIN_MATCHER) {
            check_batches(checked);
        }
        check_memory(checked);
    }
    check_deadline(checked);
    check_jail(checked);
    check_output(checked);
    check_end(checked);
    questions_free(&checked->questions);
}

static int run(struct arguments *arguments)
{
    struct checked *checked = &arguments->checked;
    static struct report report;
    const char *no_colour = getenv("NO_COLOR");
    report.out = arguments->json ? NULL : stdout;
    report.colour = isatty(STDOUT_FILENO) != 0 && (no_colour == NULL || no_colour[0] == '\0');
    checked->report = &report;
    checked->calls = (uint32_t)arguments->calls;
    checked->config.deadline_ms = (unsigned)arguments->deadline_ms;
    checked->config.memory_bytes = (size_t)arguments->memory_mib << 20;
    checked->kept = arena_new(KEPT_BYTES);
    checked->scratch = arena_new(SCRATCH_BYTES);
    check_all(checked);
    report_close(&report);
    if (arguments->json) {
        report_json(&report, stdout, checked->path, checked->name, checked->version,
                    checked->kind == 0                    ? ""
                    : checked->kind == PLUGIN_ATTRIBUTION ? "attribution"
                                                          : "matcher");
    }
    arena_free(&checked->kept);
    arena_free(&checked->scratch);
    return report.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* -1: go on; else the exit status. */
static int take_arguments(struct arguments *arguments, int argc, char **argv)
{
    int code;
    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (code == OPTION_HELP) {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (code == OPTION_VERSION) {
            printf("vouch-plugin-check %s (plugin ABI %u.%u)\n", VOUCH_VERSION, VOUCH_PLUGIN_ABI_MAJOR,
                   VOUCH_PLUGIN_ABI_MINOR);
            return EXIT_SUCCESS;
        }
        if (code == '?') {
            fputs(usage, stderr);
            return EXIT_MISUSED;
        }
        if (!take_option(arguments, code, optarg)) {
            return misused("this value cannot be:", optarg);
        }
    }
    if (optind + 1 != argc) {
        return misused("one plugin to check is needed", NULL);
    }
    arguments->checked.path = arguments->checked.config.path = argv[optind];
    return -1;
}

int main(int argc, char **argv)
{
    static struct arguments arguments = {.deadline_ms = 250, .memory_mib = 64, .calls = 600, .checked.seed = 1};
    struct checked *checked = &arguments.checked;
    checked->config = (struct plugin_config){
        .name = "checked", .setting_names = arguments.names, .setting_values = arguments.values};
    int status = take_arguments(&arguments, argc, argv);
    if (status >= 0) {
        return status;
    }
    static const char *const places[] = {"libexec/vouch", NULL};
    char *found = beside_find(places, VOUCH_LIBEXEC_INSTALLED, "/vouch-plugin-host");
    if (checked->host_path == NULL) {
        checked->host_path = found[0] == '\0' ? VOUCH_LIBEXEC_INSTALLED "/vouch-plugin-host" : found;
    }
    if (access(checked->host_path, X_OK) == 0) {
        status = run(&arguments);
    } else {
        fprintf(stderr, "vouch-plugin-check: %s: %s; name another with --host\n", checked->host_path, strerror(errno));
        status = EXIT_MISUSED;
    }
    free(found);
    return status;
}
