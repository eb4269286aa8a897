/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks that compare answers: the same request must get the same answer, whenever it comes, in whichever process,
 * beside whichever instance, and however the broker cuts it. */
#include "plugin/check/check.h"

#include <string.h>

#define STEP_MS 800
#define COMPARED_MAX 30 /* ordinary questions in the later steps */

static void tell_difference(struct checked *checked, const struct question *question, const char *what,
                            const char *when, const char *advice)
{
    report_find(checked->report, VERDICT_FAIL, when, "%s: %s, asked about %s; %s", when, what, question->label, advice);
}

/* Both came, and differ. */
static bool differ(const struct reply *first, const struct reply *second, char *what, size_t size)
{
    bool both = first->code != REPLY_NONE && first->code != REPLY_LOST && second->code != REPLY_NONE &&
                second->code != REPLY_LOST;
    return both && reply_differs(first, second, what, size);
}

/* Each question twice in a row; the first replies are kept as reference. */
static void twice_in_a_row(struct checked *checked, struct subject *subject)
{
    struct budget budget = budget_of(STEP_MS);
    char what[200];
    for (size_t i = 0; i < checked->questions.count && budget_left(&budget); i++) {
        const struct question *question = &checked->questions.items[i];
        arena_reset(checked->scratch);
        checked->reference[i] = subject_ask(subject, question, checked->kept);
        struct reply again = subject_ask(subject, question, checked->scratch);
        if (differ(&checked->reference[i], &again, what, sizeof what)) {
            tell_difference(checked, question, what, "asked the same twice in a row, it answers differently",
                            "use no clock, no randomness and nothing of earlier calls");
            return;
        }
    }
}

/* The questions again, first to last or last to first. */
static void again(struct checked *checked, struct subject *subject, bool backwards, const char *when,
                  const char *advice)
{
    struct budget budget = budget_of(STEP_MS);
    size_t count = checked->questions.count;
    char what[200];
    for (size_t i = 0; i < count && budget_left(&budget) && !report_failed(checked->report, "repeat"); i++) {
        size_t which = backwards ? count - 1 - i : i;
        const struct question *question = &checked->questions.items[which];
        if (checked->reference[which].code == REPLY_NONE) {
            continue;
        }
        arena_reset(checked->scratch);
        struct reply reply = subject_ask(subject, question, checked->scratch);
        if (differ(&checked->reference[which], &reply, what, sizeof what)) {
            tell_difference(checked, question, what, when, advice);
        }
    }
}

static uint32_t references(const struct checked *checked)
{
    uint32_t count = 0;
    for (size_t i = 0; i < checked->questions.count; i++) {
        count += checked->reference[i].code != REPLY_NONE && checked->reference[i].code != REPLY_LOST;
    }
    return count;
}

void check_repetition(struct checked *checked)
{
    struct subject one = {.checked = checked, .config = &checked->config};
    struct subject other = {.checked = checked, .config = &checked->config};
    report_begin(checked->report, "repeat");
    twice_in_a_row(checked, &one);
    again(checked, &one, true, "asked the same after other questions, it answers differently",
          "keep nothing of a request for the next one");
    subject_stop(&one);
    again(checked, &other, false, "asked the same in another process, it answers differently",
          "addresses, the order of a hash table and a seed are not the same in every process");
    subject_stop(&other);
    report_end(checked->report, "%u questions get the same answer again: at once, after others, in another process",
               references(checked));
}

/* ---- several instances ---- */

struct instances {
    struct checked *checked;
    struct subject first, twin, other;
    struct variant variant;           /* of `other` */
    struct reply alone[COMPARED_MAX]; /* of `other` */
    size_t count;
};

static void ask_other_alone(struct instances *instances)
{
    struct checked *checked = instances->checked;
    struct budget budget = budget_of(STEP_MS / 2);
    struct subject alone = {.checked = checked, .config = &instances->variant.config};
    for (size_t i = 0; i < instances->count && budget_left(&budget); i++) {
        instances->alone[i] = subject_ask(&alone, &checked->questions.items[i], checked->kept);
    }
    subject_stop(&alone);
}

static void ask_interleaved(struct instances *instances, size_t i)
{
    struct checked *checked = instances->checked;
    const struct question *question = &checked->questions.items[i];
    struct subject *const subjects[] = {&instances->first, &instances->other, &instances->twin};
    const struct reply *const wanted[] = {&checked->reference[i], &instances->alone[i], &checked->reference[i]};
    char what[200];
    for (size_t s = 0; s < 3; s++) {
        arena_reset(checked->scratch);
        struct reply reply = subject_ask(subjects[s], question, checked->scratch);
        if (differ(wanted[s], &reply, what, sizeof what)) {
            tell_difference(checked, question, what, "alone and beside other instances, it answers differently",
                            "instances share nothing that may be written");
        }
    }
}

void check_instances(struct checked *checked)
{
    struct instances instances = {.checked = checked};
    const char *different = checked->other_name[0] != '\0' ? checked->other_name : NULL;
    report_begin(checked->report, "instances");
    if (report_failed(checked->report, "repeat")) {
        report_find(checked->report, VERDICT_NOTE, "instances", "not compared: answers differ anyway, see \"repeat\"");
        report_end(checked->report, "-");
        return;
    }
    variant_make(&instances.variant, &checked->config, different, checked->other_value);
    instances.first = instances.twin = (struct subject){.checked = checked, .config = &checked->config};
    instances.other = (struct subject){.checked = checked, .config = &instances.variant.config};
    instances.count = checked->questions.ordinary < COMPARED_MAX ? checked->questions.ordinary : COMPARED_MAX;
    ask_other_alone(&instances);
    struct budget budget = budget_of(STEP_MS);
    for (size_t i = 0; i < instances.count && budget_left(&budget); i++) {
        ask_interleaved(&instances, i);
    }
    subject_stop(&instances.first);
    subject_stop(&instances.other);
    subject_stop(&instances.twin);
    report_end(checked->report, "three at once answer as each does alone%s%s%s%s",
               different == NULL ? "" : ", one with ", different == NULL ? "" : different,
               different == NULL ? "" : " = ", different == NULL ? "" : checked->other_value);
}

/* ---- batches ---- */

static void ask_in_parts(struct checked *checked, struct subject *subject, size_t which, struct dice *dice)
{
    const struct question *question = &checked->questions.items[which];
    const struct reply *whole = &checked->reference[which];
    uint32_t count = (uint32_t)question->size;
    char what[200];
    for (uint32_t first = 0; first < count;) {
        uint32_t most = count / 3 + 1;
        uint32_t part_count = 1 + dice_below(dice, most);
        part_count = part_count < count - first ? part_count : count - first;
        struct question part = question_part(question, first, part_count);
        arena_reset(checked->scratch);
        struct reply reply = subject_ask(subject, &part, checked->scratch);
        struct reply wanted = reply_part(whole, first, part_count);
        if (differ(&wanted, &reply, what, sizeof what)) {
            tell_difference(checked, question, what, "a question cut into other batches gets other scores",
                            "use candidate_total, candidate_issues and issue_candidates, not what is in the batch");
            return;
        }
        first += part_count;
    }
}

void check_batches(struct checked *checked)
{
    struct subject subject = {.checked = checked, .config = &checked->config};
    struct dice dice = {checked->seed};
    struct budget budget = budget_of(STEP_MS);
    uint32_t cut = 0;
    report_begin(checked->report, "batches");
    if (report_failed(checked->report, "repeat")) {
        report_find(checked->report, VERDICT_NOTE, "batches", "not compared: answers differ anyway, see \"repeat\"");
    } else {
        for (size_t i = 0; i < checked->questions.count && budget_left(&budget); i++) {
            if (checked->questions.items[i].size > 1 && checked->reference[i].code == REPLY_DONE) {
                ask_in_parts(checked, &subject, i, &dice);
                cut++;
            }
        }
        subject_stop(&subject);
    }
    report_end(checked->report, "%u questions get the same scores when they are cut into other batches", cut);
}
