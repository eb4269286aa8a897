/* SPDX-License-Identifier: Apache-2.0
 *
 * From a frame to the stage that handles it: decode, who is it, may they, which kind. */
#ifndef VOUCH_DISPATCH_DISPATCH_H
#define VOUCH_DISPATCH_DISPATCH_H

#include "dispatch/broker.h"
#include "dispatch/request.h"

/* One frame from a peer whose key is proved. Everything is answered, at once or later, except what cannot be read so
 * far that it has an id to be answered by: that is answered with an empty id. Intake thread. */
void dispatch_frame(struct broker *broker, const struct peer *peer, const void *frame, size_t size);

/* A request goes on whose `must_see` the committed state holds now. Any thread. */
void dispatch_visible(struct request *request);

#endif
