/* SPDX-License-Identifier: Apache-2.0
 *
 * Plugins that cannot even be loaded, one a definition: LOAD_CRASH (in a constructor), LOAD_EXIT, LOAD_HANG, LOAD_SPIN,
 * LOAD_ALLOCATE, LOAD_OPEN, UNDEFINED (calls what nobody has), NEEDY (links what is not there), NEWER_MAJOR,
 * NEWER_MINOR, OLDER_MAJOR, SHORT_DESCRIPTOR, NO_SYMBOL, NO_FUNCTION, BAD_DEFAULT, TWO_SETTINGS. */
#include "vouch_plugin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(LOAD_CRASH) || defined(LOAD_EXIT) || defined(LOAD_HANG) || defined(LOAD_SPIN) || defined(LOAD_ALLOCATE) || \
    defined(LOAD_OPEN)
__attribute__((constructor)) static void at_load(void)
{
#if defined(LOAD_CRASH)
    raise(SIGSEGV);
#elif defined(LOAD_EXIT)
    _exit(7);
#elif defined(LOAD_OPEN) /* like many, it does not ask whether it could */
    char byte;
    size_t got = fread(&byte, 1, 1, fopen("/etc/passwd", "r"));
    (void)got;
#elif defined(LOAD_ALLOCATE)
    for (;;) {
        memset(malloc(1 << 20), 1, 1 << 20);
    }
#else
    for (volatile int forever = 1; forever;) {
#ifdef LOAD_HANG
        sleep(1000);
#endif
    }
#endif
}
#endif

#ifdef UNDEFINED
void vouch_author_forgot_this(void);
#endif

#ifndef NO_SYMBOL
#ifndef NO_FUNCTION
static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    (void)services;
    (void)values;
#ifdef UNDEFINED
    vouch_author_forgot_this();
#endif
    *self = NULL;
    return VOUCH_ANSWER_DONE;
}
#endif

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    (void)self;
    (void)request;
    (void)result;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = attribute};

static const struct vouch_setting settings[] = {
#ifdef BAD_DEFAULT
    {"share", VOUCH_SETTING_INTEGER, 0, "900", 0, 100, "out of its own range", {NULL, NULL}},
#else
    {"share", VOUCH_SETTING_INTEGER, 0, "9", 0, 100, "a number", {NULL, NULL}},
#endif
    {"share", VOUCH_SETTING_INTEGER, 0, "9", 0, 100, "the same name again", {NULL, NULL}},
};

const struct vouch_plugin_descriptor vouch_plugin = {
#ifdef SHORT_DESCRIPTOR
    .size = 24,
#else
    .size = sizeof vouch_plugin,
#endif
#if defined(NEWER_MAJOR)
    .abi = (VOUCH_PLUGIN_ABI_MAJOR + 1) << 16,
#elif defined(OLDER_MAJOR)
    .abi = (VOUCH_PLUGIN_ABI_MAJOR - 1) << 16,
#elif defined(NEWER_MINOR)
    .abi = VOUCH_PLUGIN_ABI + 1,
#else
    .abi = VOUCH_PLUGIN_ABI,
#endif
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "fault-load",
    .version = "1.0.0",
    .summary = "cannot be loaded",
    .settings = settings,
#ifdef TWO_SETTINGS
    .setting_count = 2,
#else
    .setting_count = 1,
#endif
#ifndef NO_FUNCTION
    .create = create,
#endif
    .attribution = &attribution,
};
#endif
