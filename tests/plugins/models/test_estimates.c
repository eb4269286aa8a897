/* SPDX-License-Identifier: Apache-2.0
 *
 * What the models that estimate over history find: the vectors of the field to the fraction, through the real host, and
 * what happens at the edges of each model. */
#include "history.h"

#include <criterion/criterion.h>
#include <string.h>

struct estimate_case {
    const char *plugin;
    const char *settings[2 * SETTINGS_MAX + 1];
    const char *history;
    const char *raws;    /* NULL: not looked at */
    const char *weights; /* NULL: not looked at */
    int64_t total;
    const char *money; /* NULL: not looked at */
};

static void run_case(const struct estimate_case *model)
{
    static struct history history;
    struct tested tested = {.file = model->plugin, .deadline_ms = 5000};
    memcpy(tested.settings, model->settings, sizeof tested.settings);
    history_read(model->history, &history);
    char text[HISTORY_TEXT_BYTES];
    struct plugin_set *set = caller_start(&tested, 1);
    struct answer answer = caller_estimate(set, model->plugin, &history.request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s, %s: %s", model->plugin, model->history, answer.why.text);
    if (model->raws != NULL) {
        history_write_raws(&answer, text);
        cr_expect_str_eq(text, model->raws, "%s, %s: %s, not %s", model->plugin, model->history, text, model->raws);
    }
    if (model->weights != NULL) {
        history_write_weights(&answer, text);
        cr_expect_str_eq(text, model->weights, "%s, %s: %s, not %s", model->plugin, model->history, text,
                         model->weights);
    }
    if (model->money != NULL) {
        history_write_money(&answer, model->total, text);
        cr_expect_str_eq(text, model->money, "%s, %s: %s, not %s", model->plugin, model->history, text, model->money);
    }
    answer_free(&answer);
    plugin_set_stop(&set);
}

#define RUN(cases)                                                                                                     \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases)[0]; i++) {                                                    \
        run_case(&(cases)[i]);                                                                                         \
    }

Test(estimates, vectors)
{
    static const struct estimate_case cases[] = {
        /* V8: v(AB) = 60000 is what A, B and AB won together, and so on */
        {"shapley",
         {NULL},
         "A1/0=20000 B1/0=10000 AB1/0=30000 AC1/0=20000 BC1/0=20000",
         "A 45000/1, B 35000/1, C 20000/1",
         "A 9, B 7, C 4",
         100000,
         "A 45000, B 35000, C 20000"},
        /* V9 */
        {"shapley",
         {"model", "path"},
         "A1/0=30000 AB1/0=50000 ABC1/0=70001 BC1/0=20000",
         "A 235001/3, B 175001/3, C 100001/3",
         "A 235001, B 175001, C 100001",
         17000,
         "A 7833, B 5833, C 3334"},
        /* V9b */
        {"shapley",
         {"model", "rate"},
         "A2/8 B1/9 C0/10 AB4/6 AC2/6 BC1/3 ABC6/4",
         "A 6677/39060, B 7123/78120, C -317/78120",
         "A 13354, B 7123, C 0",
         100000,
         "A 65215, B 34785, C 0"},
        /* V10 */
        {"markov",
         {NULL},
         "ABC1/0 A0/1 BC0/1",
         "A 1/2, B 1/1, C 1/1",
         "A 1, B 2, C 2",
         100000,
         "A 20000, B 40000, C 40000"},
        /* V10b */
        {"markov",
         {NULL},
         "AB3/2 A1/4 BC2/3 C0/5 ACB4/1",
         "A 11/20, B 23/30, C 13/30",
         "A 33, B 46, C 26",
         100000,
         "A 31429, B 43809, C 24762"},
    };
    RUN(cases);
}

Test(estimates, shapley)
{
    static const struct estimate_case cases[] = {
        {"shapley", {NULL}, "A1/0=1", "A 1/1", "A 1", 0, NULL},
        /* What was lost, and what was won for nothing, is worth nothing on a path. */
        {"shapley", {NULL}, "AB0/9 B5/0 A1/0=7", "A 7/1, B 0/1", "A 1, B 0", 0, NULL},
        {"shapley", {NULL}, "AB0/1", "A 0/1, B 0/1", "A 0, B 0", 100, "house"},
        /* The order of parties on a path does not matter, nor that paths of the same set are several. */
        {"shapley", {NULL}, "CBA1/0=1 ABC1/0=1", "A 2/3, B 2/3, C 2/3", "A 1, B 1, C 1", 0, NULL},
        {"shapley", {"model", "rate"}, "A1/1", "A 1/2", "A 1", 0, NULL},
        {"shapley", {"model", "rate"}, "AB1/1", "A 1/4, B 1/4", "A 1, B 1", 0, NULL},
        {"shapley", {"model", "rate"}, "A0/3 B0/4", "A 0/1, B 0/1", "A 0, B 0", 100, "house"},
        {"shapley",
         {"model", "rate"},
         "ABCDEFGHIJKL1/1",
         "A 1/24, B 1/24, C 1/24, D 1/24, E 1/24, F 1/24, G 1/24, H 1/24, I 1/24, J 1/24, K 1/24, L 1/24",
         "A 1, B 1, C 1, D 1, E 1, F 1, G 1, H 1, I 1, J 1, K 1, L 1",
         0,
         NULL},
        /* Values at the end of what fits. */
        {"shapley", {NULL}, "A1/0=4611686018427387904", "A 4611686018427387904/1", "A 1", 0, NULL},
        {"shapley",
         {NULL},
         "ABC1/0=4611686018427387903 B1/0=1",
         "A 1537228672809129301/1, B 1537228672809129302/1, C 1537228672809129301/1",
         "A 1537228672809129301, B 1537228672809129302, C 1537228672809129301",
         0,
         NULL},
        /* Weights that would need more than 62 bits are rounded to parts of 2^61; the raw values are exact. */
        {"shapley",
         {NULL},
         "ABC1/0=4000000000000000000 AB1/0=1 C1/0=1",
         "A 8000000000000000003/6, B 8000000000000000003/6, C 4000000000000000003/3",
         "A 768614336404564651, B 768614336404564651, C 768614336404564651",
         0,
         NULL},
    };
    RUN(cases);
}

Test(estimates, markov)
{
    static const struct estimate_case cases[] = {
        {"markov", {NULL}, "A1/0", "A 1/1", "A 1", 0, NULL},
        {"markov", {NULL}, "A0/1 B0/1", "A 0/1, B 0/1", "A 0, B 0", 100, "house"},
        {"markov", {NULL}, "A1/0 B1/0", "A 1/2, B 1/2", "A 1, B 1", 0, NULL},
        {"markov", {NULL}, "A1/0 B0/1", "A 1/1, B 0/1", "A 1, B 0", 0, NULL},
        /* Back and forth: the walk has no memory of where it was. */
        {"markov", {NULL}, "AB1/0 BA0/1", "A 1/2, B 1/1", "A 1, B 2", 0, NULL},
        /* As many as can be. */
        {"markov", {NULL}, "A4611686018427387904/0", "A 1/1", "A 1", 0, NULL},
        {"markov", {NULL}, "A2305843009213693952/2305843009213693951 B1/0", NULL, NULL, 0, NULL},
    };
    RUN(cases);
}

Test(estimates, settings_that_mean_nothing)
{
    struct plugin_set *set = caller_start(&(struct tested){.file = "shapley", .settings = {"model", "order"}}, 1);
    struct plugin_status status = caller_status(set, "shapley");
    cr_expect_str_eq(status.state, "off");
    cr_expect(strstr(status.last_error, "the setting model must be path or rate") != NULL, "%s", status.last_error);
    plugin_set_stop(&set);
}

/* Refused in a sentence, and the process goes on. */
Test(estimates, too_many_parties)
{
    static uint64_t parties[600];
    static struct vouch_path paths[600];
    for (uint32_t i = 0; i < 600; i++) {
        parties[i] = 1000 + i;
        paths[i] = (struct vouch_path){.first = i, .party_count = 1, .won = 1, .lost = 1};
    }
    static const struct {
        const char *plugin;
        uint32_t count;
        const char *sentence; /* NULL: that many are answered */
    } cases[] = {
        {"shapley", 12, NULL},
        {"shapley", 13, "the rate model takes at most 12 parties and there are 13: take a shorter time, or the path"},
        {"markov", 512, NULL},
        {"markov", 513, "it takes at most 512 parties and there are 513: take a shorter time"},
    };
    struct plugin_set *set = caller_start(
        (struct tested[]){{.file = "shapley", .settings = {"model", "rate"}, .deadline_ms = 20000},
                          {.file = "markov", .deadline_ms = 20000}},
        2);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct vouch_estimate_request request = {.size = sizeof request,
                                                       .currency = "EUR",
                                                       .path_count = cases[i].count,
                                                       .place_count = cases[i].count,
                                                       .paths = paths,
                                                       .parties = parties};
        struct answer answer = caller_estimate(set, cases[i].plugin, &request);
        cr_expect_eq(answer.status, cases[i].sentence == NULL ? VOUCH_OK : VOUCH_UNAVAILABLE, "%s", answer.why.text);
        if (cases[i].sentence != NULL) {
            cr_expect(strstr(answer.why.text, cases[i].sentence) != NULL, "%s", answer.why.text);
        }
        answer_free(&answer);
    }
    plugin_set_stop(&set);
}

/* Each kind of model tells who asks it for the other thing what to do. */
Test(estimates, are_not_attributions)
{
    static struct history history;
    const uint64_t parties[] = {1, 2};
    history_read("A1/0", &history);
    struct plugin_set *set = caller_start((struct tested[]){{.file = "markov"}, {.file = "linear"}}, 2);
    struct answer answer = caller_attribute(set, "markov", 2, parties);
    cr_expect_eq(answer.status, VOUCH_UNAVAILABLE);
    cr_expect(strstr(answer.why.text, "use `vouch commission estimate`") != NULL, "%s", answer.why.text);
    answer_free(&answer);
    answer = caller_estimate(set, "linear", &history.request);
    cr_expect_eq(answer.status, VOUCH_UNAVAILABLE);
    cr_expect(strstr(answer.why.text, "shapley and markov do") != NULL, "%s", answer.why.text);
    answer_free(&answer);
    plugin_set_stop(&set);
}
