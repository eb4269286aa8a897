/* SPDX-License-Identifier: Apache-2.0
 *
 * Many commands of one kind, hundreds under way at a time, with a progress bar on a terminal. */
#ifndef VOUCH_CLI_PIPELINE_H
#define VOUCH_CLI_PIPELINE_H

#include "cli.h"

struct pipeline {
    const char *title; /* on the bar */
    size_t count;
    /* Sends item `i` by pipeline_send, or does nothing to pass it over. */
    void (*send)(struct pipeline *pipeline, size_t i);
    /* Item `i` was done as `id`; may be NULL. */
    void (*done)(struct pipeline *pipeline, size_t i, uint64_t id);
    /* Item `i` was refused; may be NULL. */
    void (*refused)(struct pipeline *pipeline, size_t i, const char *sentence);
    void *data; /* of the two */
    /* Filled by pipeline_run. */
    struct cli *cli;
    size_t made, known, failed, passed;
    char first_error[1024]; /* of the first that failed */
    bool sent;
    Vouch__V1__Done__Change change; /* of the item that `done` is told of */
    int fatal;                      /* outcome that ended it early; VOUCH_OK */
};

/* Runs it to its end. EXIT_DONE, or told: when the broker went away or refuses this member. Items that it refuses
 * singly are counted in `failed`, those that exist already in `known`. */
int pipeline_run(struct cli *cli, struct pipeline *pipeline);

/* From within `send`. */
void pipeline_send(struct pipeline *pipeline, const Vouch__V1__Request *request, size_t i);

#endif
