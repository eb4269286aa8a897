/* SPDX-License-Identifier: Apache-2.0
 *
 * What the shipped attribution models pay: the vectors of the field to the unit, through the real host and the core's
 * division by largest remainder, and what happens at the edges of each model. */
#include "model.h"

#include <criterion/criterion.h>
#include <string.h>

#define NOT_OPENED INT64_C(-1)

struct model_case {
    const char *plugin;
    const char *settings[2 * SETTINGS_MAX + 1];
    int64_t opened_days; /* before the close; NOT_OPENED: there was no opportunity */
    const char *touches;
    int64_t total; /* 0: `expected` are weights */
    const char *expected;
};

static void run_case(const struct model_case *model)
{
    static struct vouch_touch touches[VOUCH_TOUCHES_MAX];
    struct tested tested = {.file = model->plugin, .deadline_ms = 5000};
    memcpy(tested.settings, model->settings, sizeof tested.settings);
    const struct vouch_attribution_request request = {
        .opened_ms = model->opened_days == NOT_OPENED ? 0 : CLOSED_MS - model->opened_days * DAY_MS,
        .closed_ms = CLOSED_MS,
        .window_days = 180,
        .touch_count = model_read_touches(model->touches, touches),
        .touches = touches,
    };
    char text[MODEL_TEXT_BYTES];
    struct plugin_set *set = caller_start(&tested, 1);
    struct answer answer = caller_ask(set, model->plugin, &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s, %s: %s", model->plugin, model->touches, answer.why.text);
    if (model->total == 0) {
        model_write_weights(&answer, text);
    } else {
        model_write_money(&request, &answer, model->total, text);
    }
    cr_expect_str_eq(text, model->expected, "%s, %s: %s, not %s", model->plugin, model->touches, text, model->expected);
    answer_free(&answer);
    plugin_set_stop(&set);
}

#define RUN(cases)                                                                                                     \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases)[0]; i++) {                                                    \
        run_case(&(cases)[i]);                                                                                         \
    }

Test(models, vectors)
{
    static const struct model_case cases[] = {
        /* V2 */
        {"linear", {NULL}, 30, "iA iB iC", 10000, "A 3334, B 3333, C 3333"},
        {"linear", {NULL}, 30, "iA iB iC", 200, "A 67, B 67, C 66"},
        {"linear", {NULL}, 30, "iA iB iA", 10000, "A 6667, B 3333"},
        /* V2b */
        {"linear", {NULL}, 30, "iB iC iA", 101, "B 34, C 34, A 33"},
        /* V3 */
        {"time-decay", {"half_life_days", "7"}, 30, "iA28 iB14 iC7 iD0", 100000, "A 3448, B 13793, C 27586, D 55173"},
        /* V4 */
        {"time-decay", {NULL}, 30, "iA45 iB10 iC3", 0, "A 1518500250, B 3408917802, C 4007346185"},
        {"time-decay", {NULL}, 30, "iA45 iB10 iC3", 250000, "A 42488, B 95384, C 112128"},
        /* V5 */
        {"position", {NULL}, 30, "iA iB iC iD iE", 99999, "A 40000, B 6667, C 6667, D 6666, E 39999"},
        {"position", {NULL}, 30, "iA iB", 99999, "A 50000, B 49999"},
        {"position", {NULL}, 30, "iA", 99999, "A 99999"},
        /* V6 */
        {"position",
         {"shape", "w"},
         30,
         "iA iB mC iD iE iF",
         123457,
         "A 37037, B 4116, C 37037, D 4115, E 4115, F 37037"},
        {"position", {"shape", "w"}, 30, "iA mB iC", 123457, "A 41153, B 41152, C 41152"},
        /* V7, nearest the deal is the last */
        {"chain", {NULL}, 30, "iC hB iA", 50000, "C 7143, B 14286, A 28571"},
        {"chain", {"numerator", "3", "denominator", "10"}, 30, "iC hB iA", 50000, "C 3238, B 10791, A 35971"},
        /* V7b, a pool of 800 bps of 1000000 */
        {"chain", {"mode", "override", "denominator", "4"}, 30, "iC hB iA", 80000, "C 5000, B 20000, A 80000"},
        /* V20 */
        {"sourced-influenced", {NULL}, 30, "vA40 mB tC iD", 90001, "A 72001, B 6000, C 6000, D 6000"},
    };
    RUN(cases);
}

Test(models, first_and_last)
{
    static const struct model_case cases[] = {
        {"first-touch", {NULL}, 30, "iA tB mC", 10000, "A 10000"},
        {"first-touch", {NULL}, 30, "tB iA mC", 10000, "B 10000"},
        {"first-touch", {"intel", "false"}, 30, "tB iA mC", 10000, "A 10000"},
        {"first-touch", {"intel", "false", "handover", "false"}, 30, "tB hA xC mD", 0, "C 1"},
        {"first-touch", {"intel", "false", "handover", "false"}, 30, "tB hA", 10000, "house"},
        {"last-touch", {NULL}, 30, "iA tB mC", 10000, "C 10000"},
        {"last-touch", {"handover", "false"}, 30, "iA tB hC", 10000, "B 10000"},
        {"last-touch", {"intel", "false", "handover", "false"}, 30, "mD xC tB hA", 0, "C 1"},
        {"last-touch", {"intel", "false"}, 30, "tB", 10000, "house"},
        {"last-touch", {NULL}, 30, "iA mA", 7, "A 7"},
    };
    RUN(cases);
}

Test(models, linear)
{
    static const struct model_case cases[] = {
        {"linear", {NULL}, 30, "xC tB iA xC", 0, "C 2, B 1, A 1"},
        {"linear", {"intel", "false", "handover", "false"}, 30, "tB iC hB mB xA", 0, "B 1, C 1, A 1"},
        {"linear", {"intel", "false"}, 30, "tB tA", 10000, "house"},
    };
    RUN(cases);
}

Test(models, time_decay)
{
    static const struct model_case cases[] = {
        {"time-decay",
         {"half_life_days", "7"},
         30,
         "iA28 iB14 iC7 iD0",
         0,
         "A 268435456, B 1073741824, C 2147483648, D 4294967296"},
        /* Touches of a party add up; a touch after the close is as of its day. */
        {"time-decay", {"half_life_days", "7"}, 30, "iA28 iB14 iA0", 0, "A 4563402752, B 1073741824"},
        {"time-decay", {NULL}, 30, "iA-1 iB-100000 iC0", 0, "A 4294967296, B 4294967296, C 4294967296"},
        /* Half a unit rounds to the even 0, a little more to 1. */
        {"time-decay", {"half_life_days", "1"}, 30, "iA33 iB32 iC31 iD34", 0, "B 1, C 2"},
        {"time-decay", {"half_life_days", "100"}, 30, "iA3300 iB3299 iC3200 iD3100", 0, "B 1, C 1, D 2"},
        {"time-decay", {"half_life_days", "1"}, 30, "iA40 iB50", 10000, "house"},
        {"time-decay", {"half_life_days", "1"}, 30, "iA100000", 10000, "house"},
        {"time-decay", {"half_life_days", "3650"}, 30, "iA1 iB3650", 0, "A 4294151745, B 2147483648"},
        {"time-decay", {"intel", "false"}, 30, "tA0 xB30 hC30", 0, "B 2147483648, C 2147483648"},
    };
    RUN(cases);
}

Test(models, position)
{
    static const struct model_case cases[] = {
        {"position", {NULL}, 30, "iA iB iC", 0, "A 2, B 1, C 2"},
        {"position", {NULL}, 30, "iA iB iA iC iB", 0, "A 7, B 7, C 1"},
        {"position", {NULL}, 30, "iA iA", 5, "A 5"},
        {"position", {NULL}, 30, "iA", 0, "A 2"},
        {"position", {NULL}, 30, "iA mB iC iD", 0, "A 4, B 1, C 1, D 4"},
        {"position", {"shape", "u", "intel", "false"}, 30, "tD iA iB tE iC tD", 0, "A 2, B 1, C 2"},
        {"position", {"intel", "false"}, 30, "tD tE", 10000, "house"},
        /* The key touch is the first meeting. */
        {"position", {"shape", "w"}, 30, "iA iB mC iD mE iF", 0, "A 9, B 1, C 9, D 1, E 1, F 9"},
        {"position", {"shape", "w"}, 30, "mA iB iC mD", 0, "A 12, B 1, C 1, D 6"},
        {"position", {"shape", "w"}, 30, "iA iB iC mD", 0, "A 6, B 1, C 1, D 12"},
        {"position", {"shape", "w"}, 30, "iA mB", 9999, "A 3333, B 6666"},
        {"position", {"shape", "w"}, 30, "mA iB", 9999, "A 6666, B 3333"},
        {"position", {"shape", "w"}, 30, "mA", 9999, "A 9999"},
        /* Without one, the others share in their proportions. */
        {"position", {"shape", "w"}, 30, "iA iB iC", 70, "A 30, B 10, C 30"},
        {"position", {"shape", "w"}, 30, "iA xB", 70, "A 35, B 35"},
        {"position", {"shape", "w", "key", "vouch"}, 30, "iA mB vC iD mE", 0, "A 6, B 1, C 6, D 1, E 6"},
        {"position", {"shape", "w", "key", "intel", "intel", "false"}, 30, "iA tB iC iD", 0, "A 3, C 1, D 3"},
    };
    RUN(cases);
}

Test(models, sourced_influenced)
{
    static const struct model_case cases[] = {
        /* The first registration before the opportunity; the day of the opening itself is too late. */
        {"sourced-influenced", {NULL}, 30, "mB50 iA31 vC31", 0, "B 20, A 160, C 20"},
        {"sourced-influenced", {NULL}, 30, "iA30 vC31 mB", 0, "A 20, C 160, B 20"},
        {"sourced-influenced", {NULL}, NOT_OPENED, "mB iA vC", 0, "B 20, A 160, C 20"},
        /* Opened after the close: all registrations precede it. */
        {"sourced-influenced", {NULL}, -5, "mB iA0 vC", 0, "B 20, A 160, C 20"},
        {"sourced-influenced", {NULL}, 30, "vA40 mA30 hA20 mB", 1000, "A 800, B 200"},
        {"sourced-influenced", {NULL}, 30, "vA40 mB mB mC", 1000, "A 800, B 133, C 67"},
        {"sourced-influenced", {NULL}, 30, "vA40", 1000, "A 1000"},
        {"sourced-influenced", {"share", "0"}, 30, "vA40 mA", 1000, "A 1000"},
        {"sourced-influenced", {"share", "0"}, 30, "vA40 mB", 1000, "B 1000"},
        {"sourced-influenced", {"share", "100"}, 30, "vA40 mB", 1000, "A 1000"},
        {"sourced-influenced", {"share", "100"}, 30, "vA20 mB", 1000, "A 500, B 500"},
        {"sourced-influenced", {"intel", "false"}, 30, "vA40 tB hC xD", 1000, "A 800, C 100, D 100"},
        {"sourced-influenced", {"intel", "false"}, 30, "vA40 tB", 1000, "A 1000"},
        /* Nobody sourced it. */
        {"sourced-influenced", {NULL}, 30, "vA20 mB40 xC40", 90, "A 30, B 30, C 30"},
        {"sourced-influenced", {"influencers_alone", "false"}, 30, "vA20 mB40", 90, "house"},
        {"sourced-influenced", {"intel", "false"}, 30, "tB40", 90, "house"},
    };
    RUN(cases);
}

/* In units of 2^-32 of the pool, each beside the others. */
Test(models, chain_override)
{
    static const struct model_case cases[] = {
        {"chain", {"mode", "override"}, 30, "iA hB vC", 0, "A 1073741824, B 2147483648, C 4294967296"},
        {"chain", {"mode", "override", "denominator", "3"}, 30, "iA hB", 0, "A 1431655765, B 4294967296"},
        {"chain", {"mode", "override", "numerator", "2", "denominator", "3"}, 30, "iA hB", 30, "A 20, B 30"},
        {"chain", {"mode", "override", "denominator", "1"}, 30, "iA hB vC", 99, "A 99, B 99, C 99"},
        {"chain", {"mode", "override", "numerator", "0"}, 30, "iA hB", 99, "B 99"},
        /* 2^32 / 1000^5 is nothing any more */
        {"chain",
         {"mode", "override", "denominator", "1000", "levels", "5"},
         30,
         "iA hB hC hD",
         0,
         "A 4, B 4295, C 4294967, D 4294967296"},
        {"chain", {"mode", "override", "denominator", "2", "levels", "0"}, 30, "iA hB", 50, "B 50"},
    };
    RUN(cases);
}

Test(models, chain)
{
    static const struct model_case cases[] = {
        {"chain", {NULL}, 30, "iA hB vC", 0, "A 2, B 4, C 8"},
        {"chain", {"vouch", "false"}, 30, "iA hB vC", 0, "A 4, B 8"},
        {"chain", {NULL}, 30, "iA hB mC tD xE", 0, "A 4, B 8"},
        {"chain", {NULL}, 30, "mC tD xE", 100, "house"},
        {"chain", {NULL}, 30, "vA", 100, "A 100"},
        /* One level a party, the nearest to the deal; shares stay in the order of first touches. */
        {"chain", {NULL}, 30, "iA hB hA hB hA", 0, "A 8, B 4"},
        {"chain", {NULL}, 30, "mB iA hA hB", 0, "B 8, A 4"},
        /* K steps upstream are paid, who is further away is not. */
        {"chain", {NULL}, 30, "iA hB hC hD hE hF", 0, "C 1, D 2, E 4, F 8"},
        {"chain", {"levels", "0"}, 30, "iA hB", 100, "B 100"},
        {"chain", {"numerator", "0"}, 30, "iA hB", 100, "B 100"},
        {"chain", {"numerator", "1", "denominator", "1", "levels", "5"}, 30, "iA hB hC", 100, "A 34, B 33, C 33"},
        {"chain",
         {"numerator", "999", "denominator", "1000", "levels", "5"},
         30,
         "iA hB hC hD hE hF",
         0,
         "A 995009990004999, B 996005996001000, C 997002999000000, D 998001000000000, E 999000000000000, "
         "F 1000000000000000"},
    };
    RUN(cases);
}

/* Texts that the host cannot know to be wrong are refused by the plugin, in a sentence. */
Test(models, settings_that_mean_nothing)
{
    static const struct {
        const char *plugin, *name, *value, *sentence;
    } cases[] = {
        {"position", "shape", "v", "the setting shape must be u or w"},
        {"position", "shape", "both", "the setting shape must be u or w"},
        {"position", "shape", "", "the setting shape must be u or w"},
        {"position", "key", "lunch", "the setting key must be introduction, vouch, intel, meeting or handover"},
        {"position", "key", "", "the setting key must be introduction"},
        {"chain", "mode", "outside", "the setting mode must be inside or override"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct plugin_set *set = caller_start(
            &(struct tested){.file = cases[i].plugin, .settings = {cases[i].name, cases[i].value}}, 1);
        struct plugin_status status = caller_status(set, cases[i].plugin);
        cr_expect_str_eq(status.state, "off");
        cr_expect(strstr(status.last_error, cases[i].sentence) != NULL, "%s", status.last_error);
        plugin_set_stop(&set);
    }
}

/* Ages are counted in UTC days, whatever the hour, on both sides of 1970 and at the ends of time. */
Test(models, days_of_time_decay)
{
    const int64_t one = INT64_C(1) << 32;
    const struct {
        int64_t closed_ms, touch_ms;
        int64_t weight;
    } cases[] = {
        {CLOSED_MS, CLOSED_MS - DAY_MS / 2, one},
        {CLOSED_MS, CLOSED_MS - DAY_MS / 2 - 1, one / 2},
        {CLOSED_MS, CLOSED_MS - DAY_MS - DAY_MS / 2, one / 2},
        {CLOSED_MS, CLOSED_MS - DAY_MS - DAY_MS / 2 - 1, one / 4},
        {0, -1, one / 2},
        {-1, -DAY_MS, one},
        {-1, -DAY_MS - 1, one / 2},
        {DAY_MS - 1, 0, one},
        {INT64_MAX, INT64_MAX, one},
        {INT64_MIN, INT64_MIN, one},
        {INT64_MIN, INT64_MAX, one},
        {INT64_MAX, INT64_MIN, 0},
        {0, INT64_MIN, 0},
    };
    struct plugin_set *set = caller_start(
        &(struct tested){.file = "time-decay", .deadline_ms = 5000, .settings = {"half_life_days", "1"}}, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct vouch_touch touch = {
            .party = 1, .sequence = 1, .time_ms = cases[i].touch_ms, .kind = VOUCH_TOUCH_VOUCH};
        struct answer answer = caller_ask(
            set, "time-decay",
            &(struct vouch_attribution_request){
                .closed_ms = cases[i].closed_ms, .window_days = 180, .touch_count = 1, .touches = &touch});
        cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
        cr_expect_eq(answer.shares.share_count, cases[i].weight > 0);
        if (answer.shares.share_count > 0) {
            cr_expect_eq(answer.shares.shares[0].weight, cases[i].weight, "case %zu", i);
        }
        answer_free(&answer);
    }
    plugin_set_stop(&set);
}
