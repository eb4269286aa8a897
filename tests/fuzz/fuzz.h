/* SPDX-License-Identifier: Apache-2.0
 *
 * The entry of every fuzz target, as libFuzzer calls it. Without libFuzzer (gcc) replay.c calls it for each file it is
 * given, so that the seeds are also plain tests. A broken property is a CHECK. */
#ifndef VOUCH_TESTS_FUZZ_H
#define VOUCH_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
