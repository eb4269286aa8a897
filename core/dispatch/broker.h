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

/* Brings a plugin instance to what the configuration says now; `done` and `done_data` as for plugin_set_reload. Reads
 * files: not for the intake thread. */
struct reloader {
    enum vouch_status (*reload)(void *data, const char *name, plugin_reloaded *done, void *done_data,
                                struct status_text *why);
    void *data;
};

struct broker {
    struct store *store;
    struct identities *identities;
    struct plugin_set *plugins;
    _Atomic(const char *) attribution; /* instance that is asked when a referral is won */
    _Atomic(const char *) matcher;     /* instance that ranks receivers */
    const struct reloader *reloader;
    struct outbox *outbox;
    struct push *push;
    struct writer *writer;
    struct readers *readers;
    /* This and the two names are replaced by SIGHUP; what they pointed to lives on. */
    _Atomic(const struct policy *) policy;
};

#endif
