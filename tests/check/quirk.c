/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution plugin with the faults that only a check finds: each answer would do, and the whole does not. The
 * setting `quirk` says which. Without one it gives each touch `share` points. */
#include "vouch_plugin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEW_BYTES 200
#define ONCE_BYTES ((size_t)6 << 20)
#define MANY_TOUCHES 50

static const struct vouch_setting settings[] = {
    {"quirk", VOUCH_SETTING_TEXT, 0, "none", 0, 32, "what goes wrong", {NULL, NULL}},
    {"share", VOUCH_SETTING_INTEGER, 0, "9", 0, 100, "points for a touch", {NULL, NULL}},
    {"scale", VOUCH_SETTING_NUMBER, 0, "1.5", 0.5, 2.5, "nothing", {NULL, NULL}},
    {"loud", VOUCH_SETTING_BOOLEAN, 0, "false", 0, 1, "prints a line a call", {NULL, NULL}},
};

struct quirk {
    const struct vouch_services *services;
    const char *name;
    int64_t share;
    int loud;
    int saw_many;
    unsigned calls;
    char *kept;
    size_t kept_bytes;
};

static int is(const struct quirk *quirk, const char *name)
{
    return strcmp(quirk->name, name) == 0;
}

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct quirk *quirk = services->alloc(services, sizeof *quirk);
    quirk->services = services;
    quirk->name = values[0].text;
    quirk->share = values[1].integer;
    quirk->loud = (int)values[3].integer;
    *self = quirk;
    if (is(quirk, "limit_mute") && quirk->share == 100) {
        return VOUCH_ANSWER_FAILED;
    }
    if (is(quirk, "limit_told") && quirk->share == 100) {
        services->explain(services, "a hundred is too many");
        return VOUCH_ANSWER_FAILED;
    }
    if (is(quirk, "limit_crash") && quirk->share == 0) {
        abort();
    }
    return VOUCH_ANSWER_DONE;
}

static void destroy(void *self)
{
    struct quirk *quirk = self;
    if (is(quirk, "destroy_crash")) {
        raise(SIGSEGV);
    }
    for (volatile int forever = is(quirk, "destroy_hang"); forever;) {
    }
    if (is(quirk, "destroy_exit")) {
        exit(5);
    }
}

/* Memory that is kept: a little with every call, or much, once. */
static void keep(struct quirk *quirk)
{
    if (is(quirk, "leak_small")) {
        char *more = malloc(FEW_BYTES);
        memcpy(more, &quirk->kept, sizeof quirk->kept);
        quirk->kept = more;
    } else if (is(quirk, "cache") && quirk->kept_bytes < ONCE_BYTES) {
        quirk->kept_bytes += ONCE_BYTES / 50;
        quirk->kept = realloc(quirk->kept, quirk->kept_bytes);
        memset(quirk->kept, 1, quirk->kept_bytes);
    }
}

/* Trips over what a request may hold. */
static void trip(const struct quirk *quirk, const struct vouch_attribution_request *request)
{
    static volatile int64_t by_kind[VOUCH_TOUCH_HANDOVER + 1];
    volatile int64_t sum = 0;
    if (is(quirk, "edge_kind")) {
        for (uint32_t i = 0; i < request->touch_count; i++) {
            sum += by_kind[request->touches[i].kind];
        }
    } else if (is(quirk, "edge_many") && request->touch_count > 1000) {
        abort();
    } else if (is(quirk, "edge_window")) {
        sum = request->closed_ms / (int64_t)request->window_days;
    } else if (is(quirk, "limit_divide")) {
        sum = 1000 / quirk->share;
    } else if (is(quirk, "tenth") && quirk->calls % 10 == 0) {
        abort();
    }
}

static int64_t points(struct quirk *quirk, const struct vouch_attribution_request *request)
{
    quirk->saw_many |= request->touch_count > MANY_TOUCHES;
    if (is(quirk, "memory") && quirk->saw_many) {
        return quirk->share + 1;
    }
    return is(quirk, "silent") ? 0 : quirk->share;
}

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    struct quirk *quirk = self;
    uint32_t count = 0;
    quirk->calls++;
    keep(quirk);
    trip(quirk, request);
    if (quirk->loud) {
        printf("asked about %u touches\n", request->touch_count);
    }
    if ((is(quirk, "some") && request->touch_count == 3) || (is(quirk, "edge_told") && request->touch_count > 1000)) {
        quirk->services->explain(quirk->services, "not such a number");
        return VOUCH_ANSWER_FAILED;
    }
    for (uint32_t t = 0; t < request->touch_count; t++) {
        uint32_t s = 0;
        while (s < count && result->shares[s].party != request->touches[t].party) {
            s++;
        }
        count += s == count;
        result->shares[s].party = request->touches[t].party;
        result->shares[s].weight += points(quirk, request);
    }
    result->share_count = count;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "quirk",
    .version = "1.0.0",
    .summary = "good answers, and yet",
    .settings = settings,
    .setting_count = 4,
    .create = create,
    .destroy = destroy,
    .attribution = &attribution,
};
