/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that need a plugin: handed to the instance's own thread, so that a slow or dead plugin delays nobody but
 * those who asked it. */
#ifndef VOUCH_DISPATCH_ADVISE_H
#define VOUCH_DISPATCH_ADVISE_H

#include "dispatch/request.h"

/* Hands a request to the plugin it needs: a ranking is answered from there, a win goes on to the writer with the
 * proposed weights. Any thread. */
void advise_submit(struct request *request);

#endif
