/* SPDX-License-Identifier: Apache-2.0
 *
 * From a trace to what a disk may hold after a power cut at any place in it. Everything synced is there. Of the writes
 * to a file since its last sync any subset is, each possibly torn at 512-byte sectors; of the names changed since a
 * directory's last sync any subset. */
#ifndef VOUCH_TESTS_FAULT_IMAGE_H
#define VOUCH_TESTS_FAULT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;

/* A disk that starts as the tree below `base` (NULL: empty), all of it durable, and the trace of what then happened. */
struct disk *disk_new(const char *base, const char *trace);
void disk_free(struct disk **disk);
/* Records in the trace. */
size_t disk_length(const struct disk *disk);
/* Plays the trace on to `cut`, which may only rise. */
void disk_advance(struct disk *disk, size_t cut);
/* Makes a legal image of this moment in `directory` (which must not exist), choosing by `*random`. */
void disk_image(const struct disk *disk, const char *directory, uint64_t *random);

/* As of this moment: acknowledged up to, submitted up to, and the end of the batch that is being appended. */
uint64_t disk_acknowledged(const struct disk *disk);
uint64_t disk_submitted(const struct disk *disk);

/* A number below `below`. */
uint64_t random_below(uint64_t *random, uint64_t below);

#endif
