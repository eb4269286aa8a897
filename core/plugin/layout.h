/* SPDX-License-Identifier: Apache-2.0
 *
 * The records that broker and worker exchange in shared memory, as proto/vouch/v1/worker.proto describes them. Both
 * sides run on one little-endian machine, so the structs are the layout. */
#ifndef VOUCH_PLUGIN_LAYOUT_H
#define VOUCH_PLUGIN_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define WORKER_PROTOCOL 1
#define WORKER_PACKET_MAX 65536

/* Descriptors of a worker. */
#define WORKER_FD_SOCKET 3
#define WORKER_FD_REQUEST 4
#define WORKER_FD_ANSWER 5

/* A process is ready within so many seconds of its start. */
#define WORKER_READY_SECONDS 5

/* Processor time that a process has before the broker grants it more. */
#define WORKER_CPU_SECONDS 60

/* Exit status of a process that found no memory left when it crashed. */
#define WORKER_EXIT_MEMORY 120

/* Sizes of the two memories: the largest batch of candidates with cards of a few kilobytes each; its scores with a
 * text each. */
#define WORKER_REQUEST_BYTES ((size_t)4 << 20)
#define WORKER_ANSWER_BYTES ((size_t)4 << 20)

/* Tags in the lists of one batch. */
#define WORKER_TAGS_MAX ((size_t)128 << 10)

struct record_touch {
    uint64_t party;
    uint64_t sequence;
    int64_t time_ms;
    uint32_t kind;
    uint32_t flags;
};

struct record_list {
    uint32_t at;
    uint32_t count;
};

struct record_candidate {
    uint64_t id;
    struct record_list issues;
    struct record_list industries;
    struct record_list functions;
    struct record_list countries;
    uint32_t city;
    uint32_t region;
    uint32_t country;
    uint32_t size_min;
    uint32_t size_max;
    uint32_t tie_ppm;
    uint32_t tie_known;
    uint32_t segment_won;
    uint32_t segment_closed;
    uint32_t zero;
};

struct record_share {
    uint64_t party;
    int64_t weight;
};

struct record_path {
    uint32_t first;
    uint32_t party_count;
    uint64_t won;
    uint64_t lost;
    int64_t value;
};

struct record_estimated {
    uint64_t party;
    int64_t weight;
    int64_t raw_numerator;
    int64_t raw_denominator;
    uint32_t raw_rounded;
    uint32_t zero;
};

struct record_score {
    uint32_t x_ppm;
    uint32_t known;
    uint32_t why;
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are little-endian");
_Static_assert(sizeof(struct record_touch) == 32, "documented layout");
_Static_assert(sizeof(struct record_candidate) == 80, "documented layout");
_Static_assert(sizeof(struct record_share) == 16, "documented layout");
_Static_assert(sizeof(struct record_score) == 12, "documented layout");
_Static_assert(sizeof(struct record_path) == 32, "documented layout");
_Static_assert(sizeof(struct record_estimated) == 40, "documented layout");

/* What an attribution answers, as it tells when it is ready. */
#define WORKER_ANSWERS_ATTRIBUTE 1u
#define WORKER_ANSWERS_ESTIMATE 2u

#endif
