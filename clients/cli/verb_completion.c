/* SPDX-License-Identifier: Apache-2.0
 *
 * completion: scripts for bash and zsh, made from the table of verbs. Put them where your shell looks:
 *   vouch completion bash > /etc/bash_completion.d/vouch
 *   vouch completion zsh  > "${fpath[1]}/_vouch" */
#include "cli.h"

#include <string.h>

/* The options of `verb` ("" for all), each with "--". */
static void print_options(const char *verb)
{
    for (const struct option *option = options; option->name != NULL; option++) {
        if (strcmp(option->verb, verb) == 0) {
            printf(" --%s", option->name);
        }
    }
}

/* The words that may follow a verb, where they are fixed: "set" and "show" of "set | show [MEMBER]". Takes the next one
 * from `*at`, which moves on; its length, 0 at the end. */
static size_t next_word(const char **at, const char **word)
{
    static const char small[] = "abcdefghijklmnopqrstuvwxyz-";
    while (*at != NULL) {
        *word = *at + strspn(*at, "| [");
        size_t length = strspn(*word, small);
        *at = strchr(*word, '|');
        if (length > 0 && strchr(" |]", (*word)[length]) != NULL) {
            return length;
        }
    }
    return 0;
}

static bool has_words(const struct verb *verb)
{
    const char *at = verb->arguments, *word;
    return next_word(&at, &word) > 0;
}

static void print_words(const struct verb *verb)
{
    const char *at = verb->arguments, *word;
    for (size_t length; (length = next_word(&at, &word)) > 0;) {
        printf("%s%.*s", word == verb->arguments ? "" : " ", (int)length, word);
    }
}

static void print_bash(void)
{
    puts("# bash completion for vouch\n_vouch() {\n    local word=\"${COMP_WORDS[COMP_CWORD]}\" verb=\"\" "
         "words_of=\"\" i");
    puts("    for ((i = 1; i < COMP_CWORD; i++)); do\n        case \"${COMP_WORDS[i]}\" in\n"
         "        --profile | --timeout) ((i++)) ;;\n        -*) ;;\n"
         "        *) verb=\"${COMP_WORDS[i]}\"; break ;;\n        esac\n    done");
    printf("    local words=\"");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        printf("%s%s", verb == verbs ? "" : " ", verb->name);
    }
    printf("\"\n    local options=\"");
    print_options("");
    puts("\"\n    case \"$verb\" in");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        printf("    %s) options+=\"", verb->name);
        print_options(verb->name);
        printf("\" words_of=\"");
        print_words(verb);
        puts("\" ;;");
    }
    puts("    esac\n    if [[ $word == -* ]]; then\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
         "    elif [[ -z $verb ]]; then\n        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "    elif [[ -n $words_of && ${COMP_WORDS[COMP_CWORD-1]} == \"$verb\" ]]; then\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$words_of\" -- \"$word\")\n"
         "    else\n        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n    fi\n}\n"
         "complete -o filenames -F _vouch vouch");
}

/* A summary within single quotes and zsh's brackets. */
static void print_zsh_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
        } else if (*text == ':' || *text == '[' || *text == ']') {
            printf("\\%c", *text);
        } else {
            putchar(*text);
        }
    }
}

static void print_zsh_options(const char *verb)
{
    for (const struct option *option = options; option->name != NULL; option++) {
        if (strcmp(option->verb, verb) == 0) {
            printf(" \\\n            '%s--%s%s[", option->kind == LIST ? "*" : "", option->name,
                   option->kind == FLAG ? "" : "=");
            print_zsh_text(option->summary);
            printf("]%s'", option->kind == FLAG ? "" : ":value:_files");
        }
    }
}

static void print_zsh_words(const struct verb *verb)
{
    if (has_words(verb)) {
        printf(" \\\n            '2:word:(");
        print_words(verb);
        printf(")'");
    }
}

static void print_zsh(void)
{
    puts("#compdef vouch\n_vouch() {\n    local -a words_of_vouch=(");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        printf("        '%s:", verb->name);
        print_zsh_text(verb->summary);
        puts("'");
    }
    puts("    )\n    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n        _describe verb words_of_vouch\n"
         "        return\n    fi\n    case $words[2] in");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        printf("    %s)\n        _arguments", verb->name);
        print_zsh_options(verb->name);
        print_zsh_options("");
        print_zsh_words(verb);
        puts(" \\\n            '*:argument:_files'\n        ;;");
    }
    puts("    esac\n}\n_vouch \"$@\"");
}

int verb_completion(struct cli *cli)
{
    const char *shell = cli->args.words[0];
    if (strcmp(shell, "bash") == 0) {
        print_bash();
    } else if (strcmp(shell, "zsh") == 0) {
        print_zsh();
    } else {
        return fail_usage(cli, "completion is for bash or zsh");
    }
    return EXIT_DONE;
}
