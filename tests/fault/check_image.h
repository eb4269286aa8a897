/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold of any disk image after a power cut. */
#ifndef VOUCH_TESTS_FAULT_CHECK_IMAGE_H
#define VOUCH_TESTS_FAULT_CHECK_IMAGE_H

#include <stdint.h>

/* Counted over a run, in memory that the checking processes share. */
struct image_counts {
    uint64_t images;
    uint64_t unborn;     /* the store's making was cut short, and it was made again */
    uint64_t restored;   /* the state came back from a checkpoint */
    uint64_t rebuilt;    /* the state came from the journal alone */
    uint64_t unanswered; /* a batch that nobody acknowledged was there, whole */
    uint64_t events;
};

/* Opens the store in `directory` as after a power cut and checks: every event up to `acknowledged` is there, nothing
 * past `submitted`, no part of a batch; every event and person key is what the seed says; the replayed state is that of
 * a rebuild from the journal alone (made in `scratch`). Returns 0, or 1 having said what is wrong. */
int image_check(const char *directory, const char *scratch, uint64_t seed, uint64_t acknowledged, uint64_t submitted,
                struct image_counts *counts);

#endif
