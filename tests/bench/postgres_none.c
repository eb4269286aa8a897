/* SPDX-License-Identifier: Apache-2.0
 *
 * The peer where the benchmark was built without libpq. */
#include "bench.h"

#include "base/check.h"

struct postgres *postgres_open(const struct options *options, size_t clients, size_t body_bytes)
{
    (void)options;
    (void)clients;
    (void)body_bytes;
    report_note("built without libpq: nothing to compare the rate with");
    return NULL;
}

double postgres_closed_loop(struct postgres *postgres, double seconds, struct samples *samples)
{
    (void)postgres;
    (void)seconds;
    (void)samples;
    CHECK(false);
}

double postgres_cpu_seconds(const struct postgres *postgres)
{
    (void)postgres;
    CHECK(false);
}

void postgres_close(struct postgres **postgres)
{
    (void)postgres;
}
