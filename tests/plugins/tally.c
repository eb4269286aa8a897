/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution plugin that tells, as weights of the first three parties, which call of its process this is, which
 * process, and which edition its settings say. So a test sees who answered, and whether anything was asked twice. */
#include "vouch_plugin.h"

#include <unistd.h>

static const struct vouch_setting settings[] = {
    {"edition", VOUCH_SETTING_INTEGER, 0, "1", 1, 1000000, "is told with every answer", {NULL, NULL}},
};

struct tally {
    int64_t calls;
    int64_t edition;
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct tally *tally = services->alloc(services, sizeof *tally);
    tally->edition = values[0].integer;
    *self = tally;
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    struct tally *tally = self;
    const int64_t weights[] = {++tally->calls, getpid(), tally->edition};
    for (uint32_t i = 0; i < 3; i++) {
        result->shares[i] = (struct vouch_share){request->touches[i].party, weights[i]};
    }
    result->share_count = 3;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "tally",
    .version = "1.0.0",
    .summary = "counts its calls",
    .settings = settings,
    .setting_count = 1,
    .create = create,
    .attribution = &attribution,
};
