/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of single answers: to questions of every day, many of them, and to those at the edges of what is allowed.
 * The broker's own checks judge them, for it is these that a plugin has to pass. */
#include "plugin/check/check.h"

#include <inttypes.h>
#include <string.h>

#define ANSWERS_MS 2000
#define EDGES_MS 2000

/* Does it say anything about anybody? */
static bool says_something(const struct reply *reply)
{
    for (uint32_t i = 0; reply->shares != NULL && i < reply->count; i++) {
        if (reply->shares[i].weight > 0) {
            return true;
        }
    }
    for (size_t i = 0; reply->scores != NULL && i < (size_t)reply->count * reply->component_count; i++) {
        if (reply->scores[i].known) {
            return true;
        }
    }
    return false;
}

static void look_closer(struct checked *checked, const struct question *question, const struct reply *reply)
{
    if (reply->cut_why != NULL) {
        report_find(checked->report, VERDICT_NOTE, "cut why",
                    "a why is cut, at %u bytes or where it is no printable UTF-8: \"%.40s\", asked about %s",
                    VOUCH_WHY_MAX, reply->cut_why, question->label);
    }
}

void tally_add(struct tally *tally, struct checked *checked, const struct question *question, const struct reply *reply)
{
    if (reply->code == REPLY_NONE) {
        return;
    }
    tally->asked++;
    tally->of[reply->code]++;
    if (reply->code == REPLY_DONE) {
        tally->something = tally->something || says_something(reply);
        look_closer(checked, question, reply);
    } else if (reply->code == REPLY_WRONG) {
        report_find(checked->report, VERDICT_FAIL, reply->why, "an answer breaks the rules: %s%s, asked about %s",
                    reply->why, checked->context, question->label);
    } else if (reply->code != REPLY_LOST && tally->failed_label[0] == '\0') {
        snprintf(tally->failed_label, sizeof tally->failed_label, "%s", question->label);
        snprintf(tally->failed_why, sizeof tally->failed_why, "%s: %.200s", reply_code_name(reply->code), reply->why);
    }
    tally->mute += reply->code == REPLY_FAILED && strcmp(reply->why, "it does not say why") == 0;
}

/* ---- answers ---- */

/* Refusals of questions that any plugin of its kind should have an answer to. */
static void judge_refusals(struct checked *checked, const struct tally *tally)
{
    uint32_t refused = tally->of[REPLY_DEFER] + tally->of[REPLY_UNSUPPORTED] + tally->of[REPLY_FAILED];
    if (refused == 0) {
        return;
    }
    if (tally->of[REPLY_DONE] == 0) {
        report_find(checked->report, VERDICT_FAIL, "refuses all", "none of %u ordinary questions was answered: %s",
                    tally->asked, tally->failed_why);
    } else {
        report_find(checked->report, tally->of[REPLY_FAILED] > 0 ? VERDICT_FAIL : VERDICT_NOTE, "refuses some",
                    "%u of %u ordinary questions were not answered: %s, asked about %s", refused, tally->asked,
                    tally->failed_why, tally->failed_label);
    }
    if (tally->mute > 0) {
        report_find(checked->report, VERDICT_NOTE, "mute",
                    "FAILED without a reason, %u times: call services->explain before", tally->mute);
    }
}

static void judge_silence(struct checked *checked, const struct tally *tally)
{
    if (tally->of[REPLY_DONE] > 0 && !tally->something) {
        report_find(checked->report, VERDICT_NOTE, "silence",
                    checked->kind == PLUGIN_ATTRIBUTION
                        ? "no party got a weight above 0 in any answer: the house gets everything"
                        : "no component was known in any answer: the matcher says nothing about anybody");
    }
}

bool check_answers(struct checked *checked)
{
    const struct questions *questions = &checked->questions;
    struct budget budget = budget_of(ANSWERS_MS);
    struct subject subject = {.checked = checked, .config = &checked->config};
    struct dice dice = {checked->seed};
    struct tally tally = {0};
    report_begin(checked->report, "answers");
    for (uint32_t i = 0; i < checked->calls && !subject_given_up(&subject) && budget_left(&budget); i++) {
        size_t which = i < questions->ordinary ? i : dice_below(&dice, (uint32_t)questions->ordinary);
        arena_reset(checked->scratch);
        struct reply reply = subject_ask(&subject, &questions->items[which], checked->scratch);
        tally_add(&tally, checked, &questions->items[which], &reply);
    }
    subject_stop(&subject);
    judge_refusals(checked, &tally);
    judge_silence(checked, &tally);
    bool answers = tally.of[REPLY_DONE] > 0;
    if (!answers) {
        report_find(checked->report, VERDICT_NOTE, "no answer", "checks that need an answer are left out");
    } else if (output_floods(checked)) {
        report_find(checked->report, VERDICT_NOTE, "floods",
                    "checks that need many answers are left out, see \"output\"");
    } else if (tally.asked < checked->calls && !subject_given_up(&subject)) {
        report_find(checked->report, VERDICT_NOTE, "time", "only %u of %u questions were asked, time was up",
                    tally.asked, checked->calls);
    }
    report_end(checked->report, "%u ordinary questions answered, each answer as the broker wants it", tally.asked);
    return answers && !output_floods(checked);
}

/* ---- edges ---- */

void check_edges(struct checked *checked)
{
    const struct questions *questions = &checked->questions;
    struct budget budget = budget_of(EDGES_MS);
    struct subject subject = {.checked = checked, .config = &checked->config};
    struct tally tally = {0};
    report_begin(checked->report, "edges");
    for (size_t i = questions->ordinary; i < questions->count && !subject_given_up(&subject) && budget_left(&budget);
         i++) {
        arena_reset(checked->scratch);
        struct reply reply = subject_ask(&subject, &questions->items[i], checked->scratch);
        tally_add(&tally, checked, &questions->items[i], &reply);
    }
    subject_stop(&subject);
    if (tally.failed_label[0] != '\0') {
        report_find(
            checked->report, VERDICT_NOTE, "edges failed",
            "%u of %u unusual questions were not answered, which is allowed, if it is meant: %s, asked about %s",
            tally.of[REPLY_FAILED] + tally.of[REPLY_DEFER] + tally.of[REPLY_UNSUPPORTED], tally.asked, tally.failed_why,
            tally.failed_label);
    }
    report_end(checked->report, "%u questions at the edges of the ABI survived: %s, …", tally.asked,
               questions->items[questions->ordinary + 1].label);
}
