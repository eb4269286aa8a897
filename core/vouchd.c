/* SPDX-License-Identifier: Apache-2.0
 *
 * vouchd: the broker. This file reads the command line; admin/run.c puts the broker together. The flow:
 *
 *  client ─CURVE─▶ intake/router ─▶ dispatch ─┬─ query ────▶ readers: snapshot ▶ query/ ──────▶ answer/outbox ─┐
 *                  intake/zap       who may?  │                                                               │
 *                  (who is it?)     what kind?├─ command ──▶ writer: decide/ ▶ apply/ ▶ journal ▶ answer ─────┤
 *                                             ├─ advised ──▶ plugin thread ▶ host process ─▶ reader or writer  │
 *                                             └─ subscribe ▶ answer/push: inbox from committed snapshots ──────┤
 *                  intake/router ◀────────────────────────────────────────────────────────────────────────────┘
 *
 * Threads: main (signals), intake (owns the ROUTER), zap, writer (owns the open state transaction), journal (syncs),
 * checkpointer, readers, push, and one for each plugin instance. */
#include "admin/admin.h"
#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_OVERRIDES 128

struct verb {
    const char *name;
    int (*run)(struct invocation *invocation);
    const char *help;
};

static const struct verb verbs[] = {
    {"init", admin_init, "make a store, the broker's key and the first admin's profile"},
    {"run", admin_run, "run the broker in the foreground until SIGTERM; SIGHUP rereads the configuration"},
    {"check", admin_check, "verify every invariant of the store, beside a running broker or without one"},
    {"rebuild", admin_rebuild, "replay the journal and compare; with --replace, make the state anew from it"},
    {"backup", admin_backup, "copy store and key to a directory, beside a running broker or without one"},
};

static void print_help(FILE *out)
{
    fprintf(out,
            "vouchd %s: referral network server\n\nusage: vouchd VERB [--config FILE] [--OPTION VALUE]...\n\nverbs:\n",
            VOUCH_VERSION);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        fprintf(out, "  %-9s %s\n", verbs[i].name, verbs[i].help);
    }
    fputs("\ninit:     --company NAME --admin NAME [--domain DOMAIN] [--zone ZONE] [--profile NAME]\n"
          "rebuild:  [--replace]\n"
          "backup:   DIRECTORY\n"
          "all:      --config FILE   read this configuration\n"
          "          --clock manual[:MS]   time stands still until `vouch clock set` moves it (for tests)\n"
          "          --OPTION VALUE  any option of the configuration: --data, --listen … (see --help-config)\n"
          "\n  --help   --help-config   --version\n\nManual: vouchd(8), vouchd.conf(5)\n",
          out);
}

/* --clock manual[:MS] */
static enum vouch_status set_clock(const char *value, struct status_text *why)
{
    char *end = NULL;
    errno = 0;
    if (strcmp(value, "manual") == 0) {
        clock_use_manual(0);
        return VOUCH_OK;
    }
    if (strncmp(value, "manual:", 7) == 0) {
        long long start_ms = strtoll(value + 7, &end, 10);
        if (errno == 0 && end != value + 7 && *end == '\0' && start_ms >= 0) {
            clock_use_manual(start_ms);
            return VOUCH_OK;
        }
    }
    if (strcmp(value, "system") == 0) {
        return VOUCH_OK;
    }
    return status_set(why, VOUCH_INVALID, "--clock is 'system', 'manual' or 'manual:MILLISECONDS', not '%s'", value);
}

/* Where an option of the command line goes that is not one of the configuration; NULL: it is. */
static const char **own_option(struct invocation *invocation, const char *name)
{
    const struct {
        const char *name;
        const char **place;
    } options[] = {
        {"company", &invocation->company}, {"domain", &invocation->domain},   {"admin", &invocation->admin},
        {"zone", &invocation->zone},       {"profile", &invocation->profile}, {"config", &invocation->config},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return options[i].place;
        }
    }
    return NULL;
}

struct command_line {
    const char *overrides[MOST_OVERRIDES];
    char names[MOST_OVERRIDES][64];
};

/* Reads "--name value" and "--name=value" into the invocation; the configuration's options are kept for later. */
static enum vouch_status read_option(struct invocation *invocation, struct command_line *line, const char *argument,
                                     const char *next, bool *used_next, struct status_text *why)
{
    if (strcmp(argument, "--replace") == 0) {
        invocation->replace = true;
        return VOUCH_OK;
    }
    const char *equals = strchr(argument, '=');
    size_t length = equals != NULL ? (size_t)(equals - argument) - 2 : strlen(argument) - 2;
    const char *value = equals != NULL ? equals + 1 : next;
    char *name = line->names[invocation->override_count];
    if (length == 0 || length >= sizeof line->names[0] || invocation->override_count + 2 > MOST_OVERRIDES) {
        return status_set(why, VOUCH_INVALID, "'%s' is no option; see vouchd --help", argument);
    }
    memcpy(name, argument + 2, length);
    name[length] = '\0';
    *used_next = equals == NULL;
    if (value == NULL) {
        return status_set(why, VOUCH_INVALID, "--%s wants a value", name);
    }
    if (strcmp(name, "clock") == 0) {
        return set_clock(value, why);
    }
    const char **place = own_option(invocation, name);
    if (place != NULL) {
        *place = value;
        return VOUCH_OK;
    }
    line->overrides[invocation->override_count++] = name;
    line->overrides[invocation->override_count++] = value;
    return VOUCH_OK;
}

static enum vouch_status read_arguments(int count, char **arguments, struct invocation *invocation,
                                        struct command_line *line, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    for (int i = 0; i < count && status == VOUCH_OK; i++) {
        bool used_next = false;
        if (strncmp(arguments[i], "--", 2) == 0) {
            const char *next = i + 1 < count ? arguments[i + 1] : NULL;
            status = read_option(invocation, line, arguments[i], next, &used_next, why);
            i += used_next ? 1 : 0;
        } else if (invocation->target == NULL) {
            invocation->target = arguments[i];
        } else {
            status = status_set(why, VOUCH_INVALID, "'%s' is one argument too many; see vouchd --help", arguments[i]);
        }
    }
    invocation->overrides = line->overrides;
    if (status == VOUCH_OK) {
        status = settings_load(invocation->config, &invocation->settings, why);
    }
    for (size_t i = 0; status == VOUCH_OK && i < invocation->override_count; i += 2) {
        status = settings_set(invocation->settings, line->overrides[i], line->overrides[i + 1], why);
    }
    return status;
}

static int run_verb(const struct verb *verb, int count, char **arguments)
{
    struct invocation invocation = {0};
    struct command_line line = {{NULL}, {{0}}};
    struct status_text why = {""};
    enum vouch_status status = read_arguments(count, arguments, &invocation, &line, &why);
    if (status == VOUCH_OK && invocation.target != NULL && verb->run != admin_backup) {
        status = status_set(&why, VOUCH_INVALID, "'%s' is one argument too many; see vouchd --help", invocation.target);
    }
    int code = 0;
    if (status == VOUCH_OK) {
        /* The other verbs speak to the person who called them, not to a log. */
        log_set_level(verb->run == admin_run ? invocation.settings->log_level : LOG_WARN);
        code = verb->run(&invocation);
    } else {
        code = admin_fail(status, &why);
    }
    settings_free(&invocation.settings);
    return code;
}

int main(int count, char **arguments)
{
    if (sodium_init() < 0) {
        fputs("vouchd: libsodium does not start: no source of randomness\n", stderr);
        return 1;
    }
    const char *name = count > 1 ? arguments[1] : "--help";
    if (strcmp(name, "--version") == 0) {
        printf("vouchd %s (store format %d)\n", VOUCH_VERSION, STORE_FORMAT);
        return 0;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--help-config") == 0) {
        settings_print_help(stdout);
        return 0;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return run_verb(&verbs[i], count - 2, arguments + 2);
        }
    }
    fprintf(stderr, "vouchd: '%s' is no verb of vouchd\n\n", name);
    print_help(stderr);
    return admin_exit_code(VOUCH_INVALID);
}
