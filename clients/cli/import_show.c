/* SPDX-License-Identifier: Apache-2.0
 *
 * import show: the reports of earlier imports, kept in $XDG_STATE_HOME/vouch/imports, a folder a profile. They
 * name people, and are readable by their owner only. */
#include "import.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* "/ana" for …/vouch/ana.key: who has two profiles here has the reports of each apart. */
static bool profile_folder(const struct cli *cli, char folder[PROFILE_PATH_MAX])
{
    const char *slash = strrchr(cli->profile_path, '/');
    snprintf(folder, PROFILE_PATH_MAX, "/%.4000s", slash == NULL ? cli->profile_path : slash + 1);
    char *end = strstr(folder, ".key");
    if (end != NULL && end > folder + 1 && end[4] == '\0') {
        *end = '\0';
    }
    return folder[1] != '\0' && strcmp(folder, "/.") != 0 && strcmp(folder, "/..") != 0;
}

bool import_folder(const struct cli *cli, char path[PROFILE_PATH_MAX])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char folder[PROFILE_PATH_MAX], own[PROFILE_PATH_MAX];
    const char *const below[] = {"", "/vouch", "/imports", own};
    int size = state != NULL && state[0] == '/' ? snprintf(folder, sizeof folder, "%s", state)
               : home != NULL                   ? snprintf(folder, sizeof folder, "%s/.local/state", home)
                                                : -1;
    if (size < 0 || !profile_folder(cli, own) || (size_t)size + sizeof "/vouch/imports" + strlen(own) > sizeof folder) {
        errno = ENOENT;
        return false;
    }
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700); /* where it fails the last one fails too */
        *slash = '/';
    }
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) {
        strcat(folder, below[i]);
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
            return false;
        }
    }
    strcpy(path, folder);
    return true;
}

unsigned import_last(const char *folder)
{
    unsigned last = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        char *end;
        unsigned long number = strtoul(entry->d_name, &end, 10);
        if (strcmp(end, ".json") == 0 && number > last && number < 1000000000) {
            last = (unsigned)number;
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return last;
}

static long long number_of(const json_t *report, const char *name)
{
    return (long long)json_integer_value(json_object_get(report, name));
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static void print_rows(const json_t *rows, const char *first, const char *second, const char *third)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        printf("  line %-6lld ", number_of(row, "line"));
        text_print(stdout, text_of(row, first));
        if (text_of(row, second)[0] != '\0') {
            fputs(": ", stdout);
            text_print(stdout, text_of(row, second));
        }
        if (text_of(row, third)[0] != '\0') {
            fputs(": ", stdout);
            text_print(stdout, text_of(row, third));
        }
        putchar('\n');
    }
}

static void print_report(const json_t *report)
{
    char time[TIME_TEXT_BYTES];
    printf("import %lld, %s: ", number_of(report, "number"), text_time_full(time, number_of(report, "time_ms")));
    text_print(stdout, text_of(report, "file"));
    printf(" (%s, %s)\n", text_of(report, "format"), text_of(report, "encoding"));
    printf("  %lld people: %lld new, %lld already known (%lld of them filled in), %zu skipped\n",
           number_of(report, "people"), number_of(report, "new"), number_of(report, "known"),
           number_of(report, "filled_in"), json_array_size(json_object_get(report, "skipped")));
    if (number_of(report, "not_sent") > 0) {
        printf("  %lld were not sent\n", number_of(report, "not_sent"));
    }
    print_rows(json_object_get(report, "skipped"), "reason", "name", "message");
    print_rows(json_object_get(report, "left_out"), "what", "text", "");
}

int import_show(struct cli *cli, const char *number)
{
    char folder[PROFILE_PATH_MAX], path[PROFILE_PATH_MAX + 32];
    uint64_t wanted = 0;
    json_error_t error;
    if (!import_folder(cli, folder)) {
        return fail_usage(cli, "there is no folder of reports: %s", strerror(errno));
    }
    if (number != NULL && !text_parse_number(number, 999999999, &wanted)) {
        return fail_usage(cli, "an import is told by its number, as in: vouch import show 1");
    }
    wanted = number == NULL ? import_last(folder) : wanted;
    snprintf(path, sizeof path, "%s/%llu.json", folder, (unsigned long long)wanted);
    json_t *report = json_load_file(path, 0, &error);
    if (report == NULL && wanted == 0) {
        return fail_usage(cli, "nothing was imported yet; vouch import contacts FILE does");
    }
    if (report == NULL) {
        return fail_outcome(cli, VOUCH_NOT_FOUND, "there is no report of that import here, or it cannot be read");
    }
    if (cli->json) {
        json_print(report);
        return EXIT_DONE;
    }
    print_report(report);
    json_decref(report);
    return EXIT_DONE;
}
