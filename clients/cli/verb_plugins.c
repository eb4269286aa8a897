/* SPDX-License-Identifier: Apache-2.0
 *
 * plugins: how they fare, what they last had to say, and reloading them from the broker's configuration. */
#include "cli.h"

#include <string.h>
#include <time.h>

/* ---- the list ---- */

/* "41 µs", "1.1 ms"; "–" before the first call. */
static const char *text_duration(char out[24], uint32_t us)
{
    if (us == 0) {
        strcpy(out, "–");
    } else if (us < 1000) {
        snprintf(out, 24, "%u µs", us);
    } else {
        snprintf(out, 24, "%u.%u ms", us / 1000, us % 1000 / 100);
    }
    return out;
}

static bool is_ready(const Vouch__V1__PluginStatus *plugin)
{
    return strcmp(plugin->state, "ready") == 0;
}

/* "ready", "OFF since 08:02, 5 deaths: was killed by SIGSEGV", "ready, 2 kinds of system calls refused". */
static void text_state(char out[512], const Vouch__V1__PluginStatus *plugin)
{
    char since[TIME_TEXT_BYTES] = "";
    char deaths[40] = "";
    char refused[60] = "";
    bool off = strcmp(plugin->state, "off") == 0;
    if (!is_ready(plugin)) {
        text_time(since, plugin->since_ms);
    }
    if (plugin->deaths > 0) {
        snprintf(deaths, sizeof deaths, ", %u death%s", plugin->deaths, plugin->deaths == 1 ? "" : "s");
    }
    if (plugin->refused > 0) {
        snprintf(refused, sizeof refused, ", %u kind%s of system calls refused", plugin->refused,
                 plugin->refused == 1 ? "" : "s");
    }
    snprintf(out, 512, "%s%s%s%s%s%s%.300s", off ? "OFF" : plugin->state, since[0] == '\0' ? "" : " since ", since,
             deaths, refused, plugin->last_error[0] == '\0' ? "" : ": ", plugin->last_error);
}

static void add_plugin(struct table *table, const Vouch__V1__PluginStatus *plugin)
{
    char calls[COUNT_TEXT_BYTES], failed[COUNT_TEXT_BYTES], restarts[COUNT_TEXT_BYTES], p50[24], p99[24], state[512];
    text_state(state, plugin);
    const char *cells[] = {plugin->name,
                           plugin->kind[0] == '\0' ? "–" : plugin->kind,
                           plugin->version[0] == '\0' ? "–" : plugin->version,
                           text_count(calls, plugin->calls),
                           text_duration(p50, plugin->p50_us),
                           text_duration(p99, plugin->p99_us),
                           text_count(failed, plugin->failed),
                           text_count(restarts, plugin->restarts),
                           state};
    table_row(table, cells);
}

static void print_page(const Vouch__V1__PluginPage *page)
{
    struct table *table = table_new((const struct column[]){{"NAME", COLUMN_FIXED},
                                                            {"KIND", COLUMN_FIXED},
                                                            {"VERSION", COLUMN_FIXED},
                                                            {"CALLS", COLUMN_NUMBER},
                                                            {"P50", COLUMN_NUMBER},
                                                            {"P99", COLUMN_NUMBER},
                                                            {"FAILED", COLUMN_NUMBER},
                                                            {"RESTARTS", COLUMN_NUMBER},
                                                            {"STATE", COLUMN_TEXT},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < page->n_plugins; i++) {
        add_plugin(table, page->plugins[i]);
    }
    table_print(&table, "no plugins are configured");
    for (size_t i = 0; i < page->n_plugins; i++) {
        const Vouch__V1__PluginStatus *plugin = page->plugins[i];
        if (!is_ready(plugin)) {
            printf("see: vouch plugins log %s · when mended: vouch plugins reload %s\n", plugin->name, plugin->name);
        }
    }
}

static int list(struct cli *cli)
{
    Vouch__V1__PluginList asked = VOUCH__V1__PLUGIN_LIST__INIT;
    Vouch__V1__Request request = REQUEST(PLUGIN_LIST, plugin_list, &asked);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_PLUGINS, &reply);
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->plugins->base));
    } else if (code == EXIT_DONE) {
        print_page(reply->plugins);
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- reload ---- */

static void say_reloaded(const char *name, const Vouch__V1__PluginPage *page)
{
    if (page->n_plugins == 0) {
        printf("%s is taken out: it is no longer in the broker's configuration\n", name);
    } else {
        const Vouch__V1__PluginStatus *plugin = page->plugins[0];
        printf("%s is reloaded: %s, version %s, %s\n", name, plugin->kind, plugin->version, plugin->state);
    }
}

static int reload(struct cli *cli, char *name)
{
    Vouch__V1__PluginReload asked = VOUCH__V1__PLUGIN_RELOAD__INIT;
    asked.name = name;
    Vouch__V1__Request request = REQUEST(PLUGIN_RELOAD, plugin_reload, &asked);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_PLUGINS, &reply);
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->plugins->base));
    } else if (code == EXIT_DONE) {
        say_reloaded(name, reply->plugins);
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- log ---- */

static void print_notes(const Vouch__V1__PluginNotes *notes)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    char time[TIME_TEXT_BYTES];
    for (size_t i = 0; i < notes->n_notes; i++) {
        const Vouch__V1__PluginNotes__Note *note = notes->notes[i];
        struct tm parts;
        time_t seconds = note->time_ms / 1000;
        strftime(time, sizeof time, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &parts));
        printf("%s  %-5s  ", time, levels[note->level > 3 ? 3 : note->level]);
        text_print(stdout, note->text);
        putchar('\n');
    }
}

static int show_log(struct cli *cli, char *name)
{
    Vouch__V1__PluginLog asked = VOUCH__V1__PLUGIN_LOG__INIT;
    asked.name = name;
    Vouch__V1__Request request = REQUEST(PLUGIN_LOG, plugin_log, &asked);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_PLUGIN_NOTES, &reply);
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->plugin_notes->base));
    } else if (code == EXIT_DONE) {
        print_notes(reply->plugin_notes);
    }
    vouch_reply_free(&reply);
    return code;
}

int verb_plugins(struct cli *cli)
{
    if (cli->args.count == 0) {
        return list(cli);
    }
    const char *action = cli->args.words[0];
    if (strcmp(action, "log") == 0 && cli->args.count == 2) {
        return show_log(cli, cli->args.words[1]);
    }
    if (strcmp(action, "reload") != 0 || cli->args.count < 2) {
        return fail_usage(cli, "usage: vouch plugins [log NAME | reload NAME …]");
    }
    int code = EXIT_DONE;
    for (size_t i = 1; i < (size_t)cli->args.count && code == EXIT_DONE; i++) {
        code = reload(cli, cli->args.words[i]);
    }
    return code;
}
