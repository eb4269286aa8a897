/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration: defaults, file, command line, rereading, and what a slip of the pen gets told. */
#include "settings/settings.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct settings *settings;
static struct status_text why;

static void tear_down(void)
{
    settings_free(&settings);
}

TestSuite(settings, .fini = tear_down);

static enum vouch_status parse(const char *text)
{
    settings_free(&settings);
    why.text[0] = '\0';
    enum vouch_status status = settings_parse("vouchd.conf", text, &settings, &why);
    cr_assert((status == VOUCH_OK) == (settings != NULL));
    return status;
}

Test(settings, defaults)
{
    cr_assert_eq(settings_load(NULL, &settings, &why), VOUCH_OK);
    cr_assert_str_eq(settings->listen, "tcp://127.0.0.1:5570");
    cr_assert_str_eq(settings->data, "/var/lib/vouch");
    cr_assert_str_eq(settings->advertise, "");
    cr_assert_eq(settings->log_level, LOG_INFO);
    cr_assert_eq(settings->coworker_bps, 300);
    cr_assert_eq(settings->partner_bps, 1000);
    cr_assert_eq(settings->batch_commands, 256);
    cr_assert_eq(settings->plugin_count, 0);
}

Test(settings, file_and_command_line)
{
    cr_assert_eq(parse("# a comment\n"
                       "listen = \"tcp://*:7000\"\n"
                       "readers = 4\n"
                       "log_level = debug\n"
                       "plugin decay {\n"
                       "  path = \"/opt/decay.so\"\n"
                       "  deadline_ms = 100\n"
                       "  settings { half_life_days = 30\n name = \"a b\" }\n"
                       "}\n"
                       "plugin linear { }\n"),
                 VOUCH_OK, "%s", why.text);
    cr_assert_str_eq(settings->listen, "tcp://*:7000");
    cr_assert_eq(settings->readers, 4);
    cr_assert_str_eq(settings->approval, "rule");
    cr_assert_eq(settings->log_level, LOG_DEBUG);
    cr_assert_eq(settings->plugin_count, 2);
    const struct settings_plugin *decay = &settings->plugins[0];
    cr_assert_str_eq(decay->name, "decay");
    cr_assert_str_eq(decay->path, "/opt/decay.so");
    cr_assert_eq(decay->deadline_ms, 100);
    cr_assert_eq(decay->memory_mib, 64);
    cr_assert_eq(decay->option_count, 2);
    cr_assert_str_eq(decay->option_names[0], "half_life_days");
    cr_assert_str_eq(decay->option_values[0], "30");
    cr_assert_str_eq(decay->option_values[1], "a b");
    cr_assert_null(settings->plugins[1].path);

    cr_assert_eq(settings_set(settings, "state-commit-ms", "40", &why), VOUCH_OK);
    cr_assert_eq(settings->state_commit_ms, 40);
    cr_assert_eq(settings_set(settings, "listen", "tcp://[::1]:80", &why), VOUCH_OK, "%s", why.text);
    cr_assert_eq(settings_set(settings, "listen", "tcp://127.0.0.1:*", &why), VOUCH_OK, "%s", why.text);
    cr_assert_eq(settings_set(settings, "advertise", "a:*", &why), VOUCH_INVALID);
    cr_assert_eq(settings_set(settings, "listens", "x", &why), VOUCH_NOT_FOUND);
    cr_assert_eq(settings_set(settings, "readers", "65", &why), VOUCH_INVALID);
    cr_assert_eq(settings->readers, 4);
}

static const struct {
    const char *text;
    const char *part;
} slips[] = {
    {"readers = many", "readers must be a number from 0 to 64, not 'many'"},
    {"readers = -1", "readers must be"},
    {"readers = 99999999999999999999", "readers must be"},
    {"batch_commands = 0", "batch_commands must be"},
    {"log_level = loud", "log_level must be"},
    {"\nlisten = \"ipc:///tmp/x\"", "listen must be tcp://ADDRESS:PORT"},
    {"listen = \"tcp://x:0\"", "listen must be"},
    {"listen = \"tcp://x:65536\"", "listen must be"},
    {"listen = \"tcp://::1:5570\"", "listen must be"},
    {"advertise = \"example.com\"", "advertise must be HOST:PORT"},
    {"data = \"\"", "data is 0 bytes long"},
    {"matcher = \"Ideal Client\"", "matcher must be the name"},
    {"approval = \"maybe\"", "approval must be rule or person"},
    {"\nredaers = 4", "vouchd.conf, line 2: no such option 'redaers'"},
    {"listen", "vouchd.conf, line 1"},
    {"plugin { }", "vouchd.conf, line 1"},
    {"plugin a { } plugin a { }", "vouchd.conf, line 1"},
    {"plugin \"../a\" { }", "a plugin's name"},
    {"plugin a { deadline_ms = 5 }", "plugin a: deadline_ms must be a number from 10 to 10000, not '5'"},
    {"plugin a { memory_mib = lots }", "memory_mib"},
    {"plugin a { colour = red }", "no such option 'colour'"},
    {"data = \"x\xff\"", "UTF-8"},
    {"include(\"/etc/passwd\")", "vouchd.conf, line 1"},
};

Test(settings, slips_are_named)
{
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        cr_expect_eq(parse(slips[i].text), VOUCH_INVALID, "%s", slips[i].text);
        cr_expect_not_null(strstr(why.text, slips[i].part), "'%s' does not say '%s'", why.text, slips[i].part);
    }
}

Test(settings, too_many_plugins)
{
    char text[2000] = "";
    for (int i = 0; i < SETTINGS_PLUGINS_MAX; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "plugin p%d { }\n", i);
    }
    cr_assert_eq(parse(text), VOUCH_INVALID);
    cr_assert_not_null(strstr(why.text, "more than 14 plugins"), "%s", why.text);
}

Test(settings, file_that_is_not_there)
{
    cr_assert_eq(settings_load("/nowhere/vouchd.conf", &settings, &why), VOUCH_NOT_FOUND);
    cr_assert_not_null(strstr(why.text, "No such file"));
    cr_assert_eq(settings_load("/proc", &settings, &why), VOUCH_NOT_FOUND);
    cr_assert_null(settings);
}

Test(settings, file_with_a_nul)
{
    char path[] = "/tmp/vouch-settings-XXXXXX";
    int file = mkstemp(path);
    cr_assert_eq(write(file, "readers = 1\0\n", 13), 13);
    close(file);
    cr_assert_eq(settings_load(path, &settings, &why), VOUCH_INVALID);
    unlink(path);
}

Test(settings, reread_takes_what_may_change)
{
    struct settings *fresh;
    cr_assert_eq(parse(""), VOUCH_OK);
    cr_assert_eq(settings_parse("b", "coworker_bps = 500\nreaders = 7\ndata = \"/x\"\nlog_level = warn", &fresh, &why),
                 VOUCH_OK);
    settings_reread(settings, fresh);
    settings_free(&fresh);
    cr_assert_eq(settings->coworker_bps, 500);
    cr_assert_eq(settings->log_level, LOG_WARN);
    cr_assert_eq(settings->readers, 0);
    cr_assert_str_eq(settings->data, "/var/lib/vouch");
}

Test(settings, programs_that_are_missing_are_named)
{
    cr_assert_eq(parse("plugin_host = \"/bin/true\"\nplugin_dir = \"/nowhere\""), VOUCH_OK);
    cr_assert_eq(settings_find_programs(settings, NULL, &why), VOUCH_NOT_FOUND);
    cr_assert_str_eq(why.text, "plugin linear: /nowhere/linear.so: No such file or directory");
    cr_assert_eq(settings->plugin_count, 2);
    cr_assert_eq(parse("plugin_host = \"/nowhere\""), VOUCH_OK);
    cr_assert_eq(settings_find_programs(settings, NULL, &why), VOUCH_NOT_FOUND);
    cr_assert_not_null(strstr(why.text, "set plugin_host"));
}

Test(settings, help_names_every_option)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    settings_print_help(out);
    fclose(out);
#define SETTING(type, name, initial, least, most, when, help)                                                          \
    cr_expect_not_null(strstr(text, "\n" #name), "%s", #name);                                                         \
    cr_expect_not_null(strstr(text, help));
#include "settings/settings.def"
#undef SETTING
    free(text);
}
