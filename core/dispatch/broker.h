/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a running broker, as the stages see each other. Set up and torn down by vouchd.c in the order of this
 * struct; every part guards itself. */
#ifndef VOUCH_DISPATCH_BROKER_H
#define VOUCH_DISPATCH_BROKER_H

#include "answer/outbox.h"
#include "answer/push.h"
#include "decide/decide.h"
#include "dispatch/identity.h"
#include "plugin/plugin.h"
#include "store/store.h"

struct writer;
struct readers;

struct broker {
    struct store *store;
    struct identities *identities;
    struct plugin_set *plugins;
    const char *attribution; /* instance that is asked when a referral is won */
    const char *matcher;     /* instance that ranks receivers */
    struct outbox *outbox;
    struct push *push;
    struct writer *writer;
    struct readers *readers;
    _Atomic(const struct policy *) policy; /* replaced whole by SIGHUP; what it pointed to lives on */
};

#endif
