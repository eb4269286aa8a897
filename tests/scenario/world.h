/* SPDX-License-Identifier: Apache-2.0
 *
 * A real broker in a directory of its own, and members who have joined it: what the scenarios written in C stand on.
 * All is done with the programs and the library that users have. Anything unexpected ends the test with a sentence. */
#ifndef VOUCH_TEST_WORLD_H
#define VOUCH_TEST_WORLD_H

#include "base/status.h" /* before vouch.h, which then takes its statuses from it */

#include "vouch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct world {
    char directory[64]; /* below $TMPDIR; removed by world_end */
    char store[96];
    char log[96];      /* what the broker says */
    char endpoint[32]; /* "127.0.0.1:PORT", the same over restarts */
    char listen[48];
    const char *clock;       /* for --clock; NULL: the system's */
    const char *preload;     /* LD_PRELOAD of the broker; NULL: none */
    const char *options[16]; /* further arguments of vouchd run, NULL-ended */
    pid_t broker;            /* 0: not running */
    struct vouch *admin;     /* open after world_open_admin */
};

/* Ends the test program with exit code 1 and a sentence. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes the directory and the store. */
void world_begin(struct world *world, const char *clock);
/* Starts the broker and returns once it listens. It looks for no duplicates: these tests refer one prospect again and
 * again, and what they look at is something else. */
void world_start(struct world *world);
/* Sends a signal and waits for the end; the exit code, or 128 + the signal that ended it. */
int world_stop(struct world *world, int signal);
/* Stops the broker if it runs (it must stop cleanly) and removes the directory. */
void world_end(struct world *world);

/* Runs vouchd with these arguments (NULL-ended; --data is added) and returns its exit code; its output goes to the log.
 */
int world_vouchd(struct world *world, const char *const *arguments);

/* Opens the admin's connection. */
void world_open_admin(struct world *world);

/* Invites and joins a member; the open connection. `company` 0: the home company. */
struct vouch *world_join(struct world *world, const char *name, Vouch__V1__Role role, uint64_t company, uint64_t *id);

/* ---- What one member does the others see ----
 *
 * A handle sees what it was told itself, and what others write some milliseconds later. In a scenario everybody knows
 * of everybody, so each request here sees all that any handle of this process has been told. */

/* As vouch_call. */
int call(struct vouch *v, const Vouch__V1__Request *request, int64_t timeout_ms, Vouch__V1__Reply **reply);
/* For requests made past call(): from now on the handle sees it all. */
void see_all(struct vouch *v);
/* Somebody was told of this sequence by an answer that did not come through call(). */
void was_told(uint64_t sequence);

/* ---- Requests in one line each; they fail the test unless the outcome is `expected` ---- */

/* A call whose outcome must be `expected`; the reply is the caller's to free when `reply` is not NULL. */
void ask(struct vouch *v, const Vouch__V1__Request *request, int expected, Vouch__V1__Reply **reply);
/* A command that must be done; the id it answers. */
uint64_t command(struct vouch *v, const Vouch__V1__Request *request);
uint64_t add_company(struct vouch *v, const char *name);
uint64_t submit(struct vouch *v, uint64_t prospect, uint64_t receiver, const char *vouch_text);
void move(struct vouch *v, uint64_t referral, Vouch__V1__ReferralVerb verb, const char *text, int64_t value_minor,
          int expected);
void set_clock(struct world *world, int64_t to_ms);

#endif
