/* SPDX-License-Identifier: Apache-2.0
 *
 * See script.h. */
#include "script.h"

#include "base/check.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRIPTS_MAX 200
#define DAY_MS INT64_C(86400000)
#define TAGS(...)                                                                                                      \
    {                                                                                                                  \
        (const char *const[]){__VA_ARGS__}, sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *)                  \
    }

static char folder[64];
static char paths[SCRIPTS_MAX][128];
static size_t written;

static void remove_all(void)
{
    for (size_t i = 0; i < written; i++) {
        unlink(paths[i]);
    }
    rmdir(folder);
}

const char *script_write(const char *text)
{
    CHECK(written < SCRIPTS_MAX);
    if (written == 0) {
        snprintf(folder, sizeof folder, "/tmp/vouch-lua-XXXXXX");
        CHECK(mkdtemp(folder) != NULL);
        CHECK(chmod(folder, 0755) == 0); /* the host gives up root before it would come back */
        atexit(remove_all);
    }
    char *path = paths[written];
    snprintf(path, sizeof paths[0], "%s/s%zu.lua", folder, written++);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    return path;
}

static const char *write_below(const char *header, const char *body)
{
    char text[8192];
    CHECK(snprintf(text, sizeof text, "%s\n%s\n", header, body) < (int)sizeof text);
    return script_write(text);
}

const char *script_attribution(const char *body)
{
    return write_below("plugin = {kind = 'attribution', name = 'tried', version = '1', summary = 'a test'}", body);
}

const char *script_matcher(const char *body)
{
    return write_below("plugin = {kind = 'matcher', name = 'tried', version = '1', summary = 'a test', "
                       "components = {{name = 'one', weight = 2}, {name = 'two', weight = 1}}}",
                       body);
}

const char *script_describe(const char *path, bool *good)
{
    static char text[8192];
    char command[512];
    snprintf(command, sizeof command, "%s --describe %s 2>&1", HOST_PATH, path);
    FILE *pipe = popen(command, "r");
    CHECK(pipe != NULL);
    size_t length = fread(text, 1, sizeof text - 1, pipe);
    text[length] = '\0';
    *good = pclose(pipe) == 0;
    return text;
}

struct plugin_set *script_start(const char *path)
{
    return caller_start(&(struct tested){.file = path, .name = "script"}, 1);
}

struct answer script_attribute(struct plugin_set *set)
{
    const struct vouch_touch touches[] = {
        {.party = 7, .sequence = 100, .time_ms = 10 * DAY_MS, .kind = VOUCH_TOUCH_INTRODUCTION},
        {.party = 8, .sequence = 101, .time_ms = 11 * DAY_MS, .kind = VOUCH_TOUCH_VOUCH},
        {.party = 7, .sequence = 102, .time_ms = 12 * DAY_MS, .kind = VOUCH_TOUCH_MEETING},
    };
    const struct vouch_attribution_request request = {
        .size = sizeof request, .closed_ms = 13 * DAY_MS, .window_days = 180, .touch_count = 3, .touches = touches};
    return caller_ask(set, "script", &request);
}

struct answer script_match(struct plugin_set *set)
{
    const struct vouch_candidate candidates[] = {
        {.id = 5,
         .issues = TAGS("archive", "audit", "archive"),
         .industries = TAGS("banking"),
         .functions = TAGS("cfo"),
         .countries = TAGS("at", "de"),
         .city = "wien",
         .region = "vienna",
         .country = "at",
         .size_min = 2,
         .size_max = 4,
         .tie_ppm = 250000,
         .tie_known = 1,
         .segment_won = 2,
         .segment_closed = 3},
        {.id = 6},
    };
    const struct vouch_need need = {.issues = TAGS("archive", "print"),
                                    .text = "papers everywhere",
                                    .industry = "banking",
                                    .function = "cfo",
                                    .city = "linz",
                                    .region = "upper austria",
                                    .country = "at",
                                    .size_band = 3};
    const struct vouch_match_request request = {.need = &need, .candidate_count = 2, .candidates = candidates};
    return caller_match(set, "script", &request);
}

void script_expect_bad(struct answer answer, const char *sentence)
{
    cr_expect_neq(answer.status, VOUCH_OK, "no refusal; expected: %s", sentence);
    cr_expect(strstr(answer.why.text, sentence) != NULL, "\"%s\" is not in: %s", sentence, answer.why.text);
    answer_free(&answer);
}

void script_expect_good(struct answer answer)
{
    cr_expect_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    answer_free(&answer);
}
