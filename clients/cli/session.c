/* SPDX-License-Identifier: Apache-2.0
 *
 * One conversation with the broker, and what is said when it fails. */
#include "cli.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

int exit_of(int outcome)
{
    switch (outcome) {
#define STATUS(name, wire, exit, sentence)                                                                             \
    case wire:                                                                                                         \
        return exit;
#include "status.def"
#undef STATUS
#define FAILURE(name, number, exit, sentence)                                                                          \
    case number:                                                                                                       \
        return exit;
#include "lib/failure.def"
#undef FAILURE
    default:
        return 1;
    }
}

/* "NOT_FOUND" as "not found". */
static void name_for_people(char out[32], const char *name)
{
    snprintf(out, 32, "%s", name);
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '_' ? ' ' : (char)tolower((unsigned char)*c);
    }
}

static int fail(const struct cli *cli, int code, const char *name, const char *sentence)
{
    if (cli->json) {
        json_t *error = json_pack("{s:{s:s, s:s%, s:i}}", "error", "name", name, "message", sentence, strlen(sentence),
                                  "exit", code);
        if (error != NULL) {
            json_dumpf(error, stderr, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
            fputc('\n', stderr);
            json_decref(error);
        }
        return code;
    }
    char words[32];
    name_for_people(words, name);
    fputs("vouch: ", stderr);
    text_print(stderr, sentence);
    size_t length = strlen(sentence);
    bool full_stop = length > 0 && strchr(".?!)", sentence[length - 1]) != NULL;
    fprintf(stderr, "%s   [exit %d: %s]\n", full_stop ? "" : ".", code, words);
    return code;
}

int fail_outcome(const struct cli *cli, int outcome, const char *sentence)
{
    char text[2048];
    snprintf(text, sizeof text, "%s", sentence);
    if (outcome == VOUCH_UNREACHABLE) {
        snprintf(text, sizeof text, "%s. Is vouchd running there? Nothing of yours is lost", sentence);
    }
    return fail(cli, exit_of(outcome), vouch_outcome_name(outcome), text);
}

int fail_usage(const struct cli *cli, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return fail(cli, EXIT_USAGE, "USAGE", text);
}

int session_open(struct cli *cli)
{
    struct status_text why = {""};
    if (profile_read(cli->profile_path, &cli->profile, &why) != VOUCH_OK) {
        char text[1024];
        snprintf(text, sizeof text, "%s. `vouch join 'vouch://…'` with the line of an invitation makes a profile",
                 why.text);
        return fail_outcome(cli, VOUCH_NO_PROFILE, text);
    }
    cli->vouch = vouch_open_profile(cli->profile_path, "vouch " VOUCH_VERSION);
    return cli->vouch != NULL ? EXIT_DONE : fail_outcome(cli, VOUCH_NO_PROFILE, vouch_last_error());
}

void session_close(struct cli *cli)
{
    vouch_close(&cli->vouch);
    profile_wipe(&cli->profile);
}

int session_call(struct cli *cli, const Vouch__V1__Request *request, Vouch__V1__Reply__ResultCase expected,
                 Vouch__V1__Reply **reply)
{
    int outcome = vouch_call(cli->vouch, request, cli->timeout_ms, reply);
    if (outcome == VOUCH_OK && (*reply)->result_case != expected) {
        vouch_reply_free(reply);
        return fail_outcome(cli, VOUCH_INTERNAL, "the broker answered with something else than was asked");
    }
    if (outcome != VOUCH_OK) {
        vouch_reply_free(reply);
        return fail_outcome(cli, outcome, vouch_last_error());
    }
    text_set_now(vouch_broker_time_ms(cli->vouch));
    return EXIT_DONE;
}

int session_command(struct cli *cli, const Vouch__V1__Request *request, uint64_t *id)
{
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, request, VOUCH__V1__REPLY__RESULT_DONE, &reply);
    if (code == EXIT_DONE) {
        *id = reply->done->id;
        vouch_reply_free(&reply);
    }
    return code;
}

int session_ask_time(struct cli *cli, int64_t *now_ms, char zone[ZONE_BYTES])
{
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    Vouch__V1__Request request = REQUEST(HELLO, hello, &hello);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_GREETING, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    if (now_ms != NULL) {
        *now_ms = reply->greeting->time_ms;
    }
    if (zone != NULL) {
        snprintf(zone, ZONE_BYTES, "%s", reply->greeting->zone);
    }
    vouch_reply_free(&reply);
    return EXIT_DONE;
}
