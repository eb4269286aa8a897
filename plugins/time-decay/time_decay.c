/* SPDX-License-Identifier: Apache-2.0
 *
 * Time decay: a touch weighs half as much for every half-life h that it lies before the close of the deal:
 * rint(2^32 * 2^(-age/h)), age in whole UTC days. Computed in integers, so that it is the same to the unit on every
 * machine and with every mathematical library. */
#include "../shared/touches.h"

#define DAY_MS INT64_C(86400000)
#define FRACTION_BITS 64

__extension__ typedef unsigned __int128 wide;

struct time_decay {
    const struct vouch_services *services;
    struct touches_counted counted;
    int64_t half_life_days;
    uint64_t roots[FRACTION_BITS]; /* 2^(-1/2), 2^(-1/4), 2^(-1/8), ..., each times 2^64 */
};

static const struct vouch_setting settings[] = {
    {"half_life_days",
     VOUCH_SETTING_INTEGER,
     0,
     "30",
     1,
     3650,
     "days after which a touch weighs half as much",
     {NULL, NULL}},
    TOUCHES_SETTING_INTEL,
    TOUCHES_SETTING_HANDOVER,
};
enum { SETTING_HALF_LIFE, SETTING_INTEL, SETTING_HANDOVER, SETTING_COUNT };

/* floor(sqrt(square)), bit by bit. */
static uint64_t square_root(wide square)
{
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 63; bit != 0; bit >>= 1) {
        if ((wide)(root | bit) * (root | bit) <= square) {
            root |= bit;
        }
    }
    return root;
}

static enum vouch_answer time_decay_create(const struct vouch_services *services,
                                           const union vouch_setting_value *values, void **self)
{
    struct time_decay *model = services->alloc(services, sizeof *model);
    if (model == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    model->services = services;
    model->counted.intel = values[SETTING_INTEL].integer != 0;
    model->counted.handover = values[SETTING_HANDOVER].integer != 0;
    model->half_life_days = values[SETTING_HALF_LIFE].integer;
    uint64_t root = UINT64_C(1) << 63;
    for (int i = 0; i < FRACTION_BITS; i++) {
        root = square_root((wide)root << 64);
        model->roots[i] = root;
    }
    *self = model;
    return VOUCH_ANSWER_DONE;
}

/* The number of the UTC day, also before 1970. */
static int64_t day_of(int64_t time_ms)
{
    return time_ms / DAY_MS - (time_ms % DAY_MS < 0);
}

/* 2^(-age/h) is 2^-q for the whole half-lives, times the roots that the binary digits of the rest select. The error of
 * the product is below 2^-55, so the last unit of the weight would differ from the formula's only if the exact value
 * lay that close to the middle between two integers. */
static int64_t weigh(const struct time_decay *model, int64_t age_days)
{
    int64_t halvings = age_days / model->half_life_days;
    int64_t rest = age_days % model->half_life_days;
    if (halvings > 32) { /* at 33 it is 1/2, which rounds to the even 0 */
        return 0;
    }
    uint64_t fraction = (uint64_t)(((wide)(uint64_t)rest << FRACTION_BITS) / (uint64_t)model->half_life_days);
    wide power = (wide)1 << 64;
    for (int i = 0; i < FRACTION_BITS; i++) {
        if ((fraction >> (FRACTION_BITS - 1 - i) & 1) != 0) {
            power = power * model->roots[i] >> 64;
        }
    }
    int shift = 32 + (int)halvings;
    return (int64_t)((power + ((wide)1 << (shift - 1))) >> shift);
}

static enum vouch_answer time_decay_attribute(void *self, const struct vouch_attribution_request *request,
                                              struct vouch_attribution_result *result)
{
    const struct time_decay *model = self;
    struct tally tally;
    if (!tally_start(&tally, model->services, request, result)) {
        return VOUCH_ANSWER_FAILED;
    }
    int64_t closed_day = day_of(request->closed_ms);
    for (uint32_t i = 0; i < request->touch_count; i++) {
        const struct vouch_touch *touch = &request->touches[i];
        if (touches_count(&model->counted, touch)) {
            int64_t age_days = closed_day - day_of(touch->time_ms);
            *tally_weight(&tally, i) += weigh(model, age_days > 0 ? age_days : 0);
        }
    }
    return tally_finish(&tally, result);
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution,
                                                            .attribute = time_decay_attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "time-decay",
    .version = "1.0.0",
    .summary = "the older a touch, the less it weighs",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = time_decay_create,
    .attribution = &attribution,
};
