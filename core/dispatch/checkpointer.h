/* SPDX-License-Identifier: Apache-2.0
 *
 * When checkpoints are taken: the first half in the writer thread, the second, which waits for the disk, in a thread of
 * its own. That thread also frees the reader slots of the dead. */
#ifndef VOUCH_DISPATCH_CHECKPOINTER_H
#define VOUCH_DISPATCH_CHECKPOINTER_H

#include "store/store.h"

struct checkpointer;

struct checkpointer *checkpointer_start(struct store *store, unsigned every_seconds);
/* Finishes what was begun. */
void checkpointer_stop(struct checkpointer **checkpointer);

/* Writer thread, no state transaction open: begins a checkpoint when one is due and the last one is finished. */
void checkpointer_begin_if_due(struct checkpointer *checkpointer);

#endif
