/* SPDX-License-Identifier: Apache-2.0
 *
 * A small world with the people who keep terms and those who are paid by them, and the short ways to write and approve.
 */
#ifndef VOUCH_TESTS_OFFICE_H
#define VOUCH_TESTS_OFFICE_H

#include "domain/terms.h"
#include "world.h"

#define ROLE(name) VOUCH__V1__ROLE__##name

struct office {
    struct world *world;
    uint64_t manager;  /* writes */
    uint64_t finance;  /* approves */
    uint64_t ana;      /* refers, of the home company */
    uint64_t tom;      /* receives */
    uint64_t paul;     /* refers, of a partner */
    uint64_t partner;  /* company */
    uint64_t prospect; /* company */
};

struct office office_new(void);
/* Verifies the world, and frees it. */
void office_end(struct office *office);

/* The presets under a name, from now on. */
Vouch__V1__Terms terms_named(const char *name);

enum vouch_status try_write(struct office *office, uint64_t member, Vouch__V1__Terms *terms);
enum vouch_status try_approve(struct office *office, uint64_t member, uint64_t id, uint32_t version);

/* Written by the manager; approved by finance; both. Fail the test unless it is done. Answer the id of the terms. */
uint64_t write_terms(struct office *office, Vouch__V1__Terms *terms);
void approve_terms(struct office *office, uint64_t id, uint32_t version);
uint64_t put_terms(struct office *office, Vouch__V1__Terms *terms, uint32_t version);

#endif
