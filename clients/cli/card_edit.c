/* SPDX-License-Identifier: Apache-2.0
 *
 * Five questions in $VISUAL or $EDITOR: lines of "word: answer" under lines of "# question". */
#include "card.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_MOST 65536

void card_text_free(struct card_text *edited)
{
    free(edited->text);
    edited->text = NULL;
}

/* ---- Out ---- */

static void write_list(FILE *file, const char *word, size_t count, char **items)
{
    fprintf(file, "%s:", word);
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "%s %s", i > 0 ? "," : "", items[i]);
    }
    fputc('\n', file);
}

static void write_questions(FILE *file, const Vouch__V1__Card *card)
{
    fputs("# 1. Which business issues do you solve? Short tags: archive, audit\n", file);
    write_list(file, "issues", card->n_issues, card->issues);
    fputs("# 2. Who is your ideal client? Industries; functions of the person to talk to\n", file);
    write_list(file, "industries", card->n_industries, card->industries);
    write_list(file, "functions", card->n_functions, card->functions);
    fputs("# 3. Where? Countries you serve as two letters; your own city, region and country\n", file);
    write_list(file, "countries", card->n_countries, card->countries);
    fprintf(file, "city: %s\nregion: %s\ncountry: %s\n", card->city, card->region, card->country);
    fputs("# 4. How large? Bands: 1 up to 10 people, 2 50, 3 200, 4 500, 5 1000, 6 5000, 7 10000, 8 more: 3-6\n", file);
    fputs("#    And how many open referrals can you carry at once?\n", file);
    if (card->size_max != 0) {
        fprintf(file, "size: %u-%u\n", card->size_min, card->size_max);
    } else {
        fputs("size:\n", file);
    }
    fprintf(file, "capacity: %u\n", card->capacity == 0 ? 10 : card->capacity);
    fputs("# 5. How do you want to be described?\n", file);
    fprintf(file, "describe: %s\n", card->describe_me);
}

/* ---- Editing ---- */

static bool run_editor(const char *path)
{
    const char *editor = getenv("VISUAL");
    editor = editor != NULL && editor[0] != '\0' ? editor : getenv("EDITOR");
    editor = editor != NULL && editor[0] != '\0' ? editor : "vi";
    pid_t child = fork();
    if (child == 0) {
        /* As git does it: the editor may be a command with arguments. */
        char command[4096];
        snprintf(command, sizeof command, "%s \"$1\"", editor);
        execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static char *read_back(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, TEXT_MOST);
    if (file == NULL || text == NULL) {
        abort();
    }
    size_t size = fread(text, 1, TEXT_MOST - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

/* ---- In ---- */

static size_t split(char *text, char *room[ARGS_LIST])
{
    size_t count = 0;
    for (char *part = strtok(text, ","); part != NULL && count < ARGS_LIST; part = strtok(NULL, ",")) {
        part += strspn(part, " \t");
        size_t length = strlen(part);
        while (length > 0 && strchr(" \t", part[length - 1]) != NULL) {
            part[--length] = '\0';
        }
        if (length > 0) {
            room[count++] = part;
        }
    }
    return count;
}

static int take_answer(struct cli *cli, Vouch__V1__Card *card, const char *word, char *answer, char *room[4][ARGS_LIST])
{
    static const char *const lists[] = {"issues", "industries", "functions", "countries"};
    size_t *const counts[] = {&card->n_issues, &card->n_industries, &card->n_functions, &card->n_countries};
    char ***const items[] = {&card->issues, &card->industries, &card->functions, &card->countries};
    static const char *const words[] = {"city", "region", "country", "describe"};
    char **const texts[] = {&card->city, &card->region, &card->country, &card->describe_me};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(word, lists[i]) == 0) {
            *counts[i] = split(answer, room[i]);
            *items[i] = room[i];
            return EXIT_DONE;
        }
        if (strcmp(word, words[i]) == 0) {
            *texts[i] = answer;
            return EXIT_DONE;
        }
    }
    uint64_t number = 0;
    if (strcmp(word, "size") == 0) {
        card->size_min = card->size_max = 0;
        return answer[0] == '\0' ? EXIT_DONE : card_read_size(cli, answer, card);
    }
    if (strcmp(word, "capacity") == 0 && text_parse_number(answer, 10000, &number)) {
        card->capacity = (uint32_t)number;
        return EXIT_DONE;
    }
    return fail_usage(cli, "'%.60s: %.60s' is not understood; your card is as it was", word, answer);
}

static int read_answers(struct cli *cli, char *text, Vouch__V1__Card *card, char *room[4][ARGS_LIST])
{
    int code = EXIT_DONE;
    char *line;
    while (code == EXIT_DONE && (line = strsep(&text, "\n")) != NULL) {
        size_t length = strlen(line);
        while (length > 0 && strchr(" \t\r", line[length - 1]) != NULL) {
            line[--length] = '\0';
        }
        char *colon = strchr(line, ':');
        if (line[0] == '#' || length == 0) {
            continue;
        }
        if (colon == NULL) {
            return fail_usage(cli, "'%.60s' is no answer; your card is as it was", line);
        }
        *colon = '\0';
        code = take_answer(cli, card, line, colon + 1 + strspn(colon + 1, " \t"), room);
    }
    return code;
}

int card_edit(struct cli *cli, Vouch__V1__Card *card, struct card_text *edited, char *room[4][ARGS_LIST])
{
    if (isatty(STDIN_FILENO) == 0) {
        return fail_usage(cli, "without a terminal say what to set: --issues, --industries … (`vouch help card`)");
    }
    char path[] = "/tmp/vouch-card-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL) {
        return fail_usage(cli, "cannot write %s: %s", path, strerror(errno));
    }
    write_questions(file, card);
    fclose(file);
    int code = EXIT_DONE;
    if (!run_editor(path)) {
        code = fail_usage(cli, "the editor failed; your card is as it was ($EDITOR chooses one)");
    } else {
        edited->text = read_back(path);
        code = read_answers(cli, edited->text, card, room);
    }
    unlink(path);
    return code;
}
