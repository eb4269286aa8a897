/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributions that go wrong in every call, one a definition: CRASH, or SLEEP past any deadline. */
#include "vouch_plugin.h"

#include <signal.h>
#include <unistd.h>

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    (void)services;
    (void)values;
    *self = NULL;
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    (void)self;
    (void)request;
    (void)result;
#ifdef CRASH
    raise(SIGSEGV);
#else
    for (;;) {
        sleep(1000);
    }
#endif
    return VOUCH_ANSWER_FAILED;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "bench-wrong",
    .version = "1.0.0",
    .summary = "goes wrong in every call",
    .create = create,
    .attribution = &attribution,
};
