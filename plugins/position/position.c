/* SPDX-License-Identifier: Apache-2.0
 *
 * Attribution by position. U: 40 % to the first touch, 40 % to the last, 20 % to all others. W: 30 % each to the first,
 * the key and the last touch, 10 % to all others. Weights are integers over the common denominator. */
#include "../shared/touches.h"

#include <string.h>

/* What a role is worth, as a multiple of what all other touches have together: 40 to 20, and 30 to 10. */
enum { ROLE_U = 2, ROLE_W = 3 };

struct position {
    const struct vouch_services *services;
    struct touches_counted counted;
    int64_t role;
    uint32_t key_kind;
};

static const struct vouch_setting settings[] = {
    {"shape",
     VOUCH_SETTING_TEXT,
     0,
     "u",
     0,
     16,
     "u: first and last touch stand out; w: the key touch does too",
     {NULL, NULL}},
    {"key",
     VOUCH_SETTING_TEXT,
     0,
     "meeting",
     0,
     16,
     "w's key touch is the first of this kind: introduction, vouch, intel, meeting or handover",
     {NULL, NULL}},
    TOUCHES_SETTING_INTEL,
    TOUCHES_SETTING_HANDOVER,
};
enum { SETTING_SHAPE, SETTING_KEY, SETTING_INTEL, SETTING_HANDOVER, SETTING_COUNT };

/* 0: there is no such kind. */
static uint32_t kind_named(const char *name)
{
    static const char *const names[] = {[VOUCH_TOUCH_INTRODUCTION] = "introduction",
                                        [VOUCH_TOUCH_VOUCH] = "vouch",
                                        [VOUCH_TOUCH_INTEL] = "intel",
                                        [VOUCH_TOUCH_MEETING] = "meeting",
                                        [VOUCH_TOUCH_HANDOVER] = "handover"};
    uint32_t kind = VOUCH_TOUCH_HANDOVER;
    while (kind > 0 && strcmp(names[kind], name) != 0) {
        kind--;
    }
    return kind;
}

static enum vouch_answer position_create(const struct vouch_services *services, const union vouch_setting_value *values,
                                         void **self)
{
    const char *shape = values[SETTING_SHAPE].text;
    struct position *model = services->alloc(services, sizeof *model);
    if (model == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    if (strcmp(shape, "u") != 0 && strcmp(shape, "w") != 0) {
        services->explain(services, "the setting shape must be u or w");
        return VOUCH_ANSWER_FAILED;
    }
    model->services = services;
    model->role = shape[0] == 'u' ? ROLE_U : ROLE_W;
    model->key_kind = kind_named(values[SETTING_KEY].text);
    if (model->key_kind == 0) {
        services->explain(services, "the setting key must be introduction, vouch, intel, meeting or handover");
        return VOUCH_ANSWER_FAILED;
    }
    model->counted.intel = values[SETTING_INTEL].integer != 0;
    model->counted.handover = values[SETTING_HANDOVER].integer != 0;
    *self = model;
    return VOUCH_ANSWER_DONE;
}

/* Touches by their number in the request; NONE where nobody has the role. */
#define NONE UINT32_MAX
struct roles {
    uint32_t first, key, last;
    uint32_t others; /* touches that count and have no role */
};

static struct roles find_roles(const struct position *model, const struct vouch_attribution_request *request)
{
    struct roles roles = {NONE, NONE, NONE, 0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < request->touch_count; i++) {
        if (!touches_count(&model->counted, &request->touches[i])) {
            continue;
        }
        count++;
        roles.first = roles.first == NONE ? i : roles.first;
        roles.last = i;
        if (model->role == ROLE_W && roles.key == NONE && request->touches[i].kind == model->key_kind) {
            roles.key = i;
        }
    }
    uint32_t with_role = count < 2 ? count : 2;
    if (roles.key != NONE && roles.key != roles.first && roles.key != roles.last) {
        with_role++;
    }
    roles.others = count - with_role;
    return roles;
}

static enum vouch_answer position_attribute(void *self, const struct vouch_attribution_request *request,
                                            struct vouch_attribution_result *result)
{
    const struct position *model = self;
    struct tally tally;
    if (!tally_start(&tally, model->services, request, result)) {
        return VOUCH_ANSWER_FAILED;
    }
    struct roles roles = find_roles(model, request);
    /* With nobody beside the roles, they share alone. */
    int64_t role = roles.others == 0 ? 1 : model->role * roles.others;
    for (uint32_t i = 0; i < request->touch_count; i++) {
        int64_t weight = role * ((i == roles.first) + (i == roles.key) + (i == roles.last));
        if (weight == 0 && touches_count(&model->counted, &request->touches[i])) {
            weight = 1;
        }
        *tally_weight(&tally, i) += weight;
    }
    return tally_finish(&tally, result);
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution,
                                                            .attribute = position_attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "position",
    .version = "1.0.0",
    .summary = "first, last and key touch stand out",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = position_create,
    .attribution = &attribution,
};
