/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps the window of libvouch full: sends while there is room, else collects. */
#include "pipeline.h"

#include <string.h>
#include <unistd.h>

#define WINDOW 256
#define ANSWER_MS 30000 /* under load the broker may ask for patience */
#define BAR_CELLS 24

static void show_progress(const struct pipeline *pipeline, size_t finished, bool last)
{
    if (isatty(STDERR_FILENO) == 0 || pipeline->count == 0) {
        return;
    }
    size_t step = pipeline->count / 200 + 1;
    if (!last && finished % step != 0) {
        return;
    }
    fprintf(stderr, "\r  %-10s [", pipeline->title);
    for (size_t cell = 0; cell < BAR_CELLS; cell++) {
        fputs(cell * pipeline->count < finished * BAR_CELLS ? "█" : "░", stderr);
    }
    char done[COUNT_TEXT_BYTES], all[COUNT_TEXT_BYTES];
    fprintf(stderr, "] %s/%s%s", text_count(done, finished), text_count(all, pipeline->count), last ? "\n" : "");
}

void pipeline_send(struct pipeline *pipeline, const Vouch__V1__Request *request, size_t i)
{
    int outcome = vouch_send(pipeline->cli->vouch, request, ANSWER_MS, i);
    pipeline->sent = outcome == VOUCH_OK;
    if (outcome != VOUCH_OK) {
        pipeline->fatal = outcome;
    }
}

/* Whether the next one would end the same way. */
static bool is_fatal(int outcome)
{
    switch (outcome) {
    case VOUCH_INVALID:
    case VOUCH_NOT_FOUND:
    case VOUCH_CONFLICT:
    case VOUCH_TOO_LARGE:
        return false;
    default:
        return true;
    }
}

/* Waits for one answer. */
static void collect(struct pipeline *pipeline)
{
    uint64_t i = 0;
    int outcome = VOUCH_OK;
    Vouch__V1__Reply *reply = NULL;
    if (vouch_collect(pipeline->cli->vouch, ANSWER_MS * 2, &i, &outcome, &reply) == 0) {
        return;
    }
    if (outcome == VOUCH_OK) {
        pipeline->made++;
        if (pipeline->done != NULL && reply->result_case == VOUCH__V1__REPLY__RESULT_DONE) {
            pipeline->change = reply->done->change;
            pipeline->done(pipeline, (size_t)i, reply->done->id);
        }
    } else if (outcome == VOUCH_DUPLICATE) {
        pipeline->known++;
    } else {
        if (pipeline->failed++ == 0) {
            snprintf(pipeline->first_error, sizeof pipeline->first_error, "%s", vouch_last_error());
        }
        if (is_fatal(outcome)) {
            pipeline->fatal = outcome;
        } else if (pipeline->refused != NULL) {
            pipeline->refused(pipeline, (size_t)i, vouch_last_error());
        }
    }
    vouch_reply_free(&reply);
}

int pipeline_run(struct cli *cli, struct pipeline *pipeline)
{
    pipeline->cli = cli;
    for (size_t i = 0; i < pipeline->count; i++) {
        while (vouch_under_way(cli->vouch) >= WINDOW) {
            collect(pipeline);
        }
        if (pipeline->fatal != VOUCH_OK) {
            break;
        }
        pipeline->sent = false;
        pipeline->send(pipeline, i);
        pipeline->passed += !pipeline->sent;
        show_progress(pipeline, pipeline->made + pipeline->known + pipeline->failed + pipeline->passed, false);
    }
    while (vouch_under_way(cli->vouch) > 0) {
        collect(pipeline);
    }
    show_progress(pipeline, pipeline->made + pipeline->known + pipeline->failed + pipeline->passed, true);
    if (pipeline->fatal != VOUCH_OK) {
        return fail_outcome(cli, pipeline->fatal,
                            pipeline->first_error[0] != '\0' ? pipeline->first_error : vouch_last_error());
    }
    return EXIT_DONE;
}
