/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples and what is said of them. All samples are kept and sorted: no histogram rounds a tail. */
#include "bench.h"

#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void samples_add(struct samples *samples, int64_t value)
{
    if (samples->count == samples->room) {
        samples->room = samples->room == 0 ? 65536 : samples->room * 2;
        samples->values = realloc(samples->values, samples->room * sizeof *samples->values);
        CHECK(samples->values != NULL);
    }
    samples->values[samples->count++] = value;
    samples->sorted = false;
}

static int by_value(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

double samples_percentile_us(struct samples *samples, double percentile)
{
    if (samples->count == 0) {
        return 0;
    }
    if (!samples->sorted) {
        qsort(samples->values, samples->count, sizeof *samples->values, by_value);
        samples->sorted = true;
    }
    /* Nearest rank. */
    size_t rank = (size_t)ceil(percentile / 100 * (double)samples->count);
    rank = rank == 0 ? 1 : rank;
    return (double)samples->values[rank - 1] / 1000;
}

void samples_clear(struct samples *samples)
{
    samples->count = 0;
}

void samples_free(struct samples *samples)
{
    free(samples->values);
    *samples = (struct samples){0};
}

static int by_number(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

double median(const double *values, size_t count)
{
    double sorted[RUNS_MOST];
    CHECK(count <= RUNS_MOST);
    if (count == 0) {
        return 0;
    }
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, by_number);
    return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}
