/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that act on the running broker and are no events: nothing of them is in the journal. */
#ifndef VOUCH_DISPATCH_CONTROL_H
#define VOUCH_DISPATCH_CONTROL_H

#include "dispatch/request.h"

/* Takes over a request of kind CONTROL; answers it when it is done. Reader threads. */
void control_run(struct request *request);

#endif
