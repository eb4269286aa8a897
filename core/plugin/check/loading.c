/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks before the first call: does the file load in the jail, is an instance made with the settings that were
 * given, and with each setting at its limits and past them. */
#include "plugin/check/check.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

#define UNKNOWN_SETTING "no-such-setting" /* a dash: no plugin's own */
#define SETTINGS_MS 2500
#define TEXT_DEFAULT_MAX 1000.0
#define TEXT_TRIED_MAX 20000.0
#define INTEGER_EXACT 9007199254740992.0 /* 2^53: above, a double has not every whole number */

/* ---- load, create ---- */

static bool check_load(struct checked *checked)
{
    static const char *const names[] = {UNKNOWN_SETTING};
    static const char *const values[] = {"1"};
    struct plugin_config config = checked->config;
    struct subject subject = {.worker = NULL};
    struct status_text why;
    config.setting_count = 1;
    config.setting_names = names;
    config.setting_values = values;
    report_begin(checked->report, "load");
    int64_t start_us = clock_mono_us();
    /* The host looks at settings once the plugin is loaded and before it makes an instance: a refusal of the setting
     * tells that loading went well. */
    enum start start = subject_start(&subject, checked, &config, &why);
    if (start == START_READY) {
        report_find(checked->report, VERDICT_FAIL, "unknown", "a setting that it does not declare was not refused");
        subject_stop(&subject);
    } else if (start == START_LOST) {
        report_find(checked->report, VERDICT_FAIL, why.text,
                    "while it was loaded, the process %s: look at constructors and initial values", why.text);
    } else if (start == START_REFUSED) {
        report_find(checked->report, VERDICT_FAIL, why.text, "%s", why.text);
    }
    bool good = start == START_SETTINGS || start == START_READY;
    report_end(checked->report, "loads inside the jail in %.1f ms; its descriptor is good for ABI %u.%u",
               (double)(clock_mono_us() - start_us) / 1000, VOUCH_PLUGIN_ABI_MAJOR, VOUCH_PLUGIN_ABI_MINOR);
    return good;
}

static const char *what_it_is(const struct checked *checked)
{
    if (checked->kind == PLUGIN_MATCHER) {
        return "a matcher";
    }
    bool attributes = (checked->answers & WORKER_ANSWERS_ATTRIBUTE) != 0;
    bool estimates = (checked->answers & WORKER_ANSWERS_ESTIMATE) != 0;
    return attributes && estimates ? "an attribution that estimates, too"
           : estimates             ? "an attribution that only estimates"
                                   : "an attribution";
}

static bool check_create(struct checked *checked)
{
    struct subject subject = {.worker = NULL};
    struct status_text why;
    report_begin(checked->report, "create");
    enum start start = subject_start(&subject, checked, &checked->config, &why);
    if (start == START_LOST) {
        report_find(checked->report, VERDICT_FAIL, why.text, "in create, the process %s", why.text);
    } else if (start != START_READY) {
        report_find(checked->report, VERDICT_FAIL, why.text, "%s", why.text);
    }
    subject_stop(&subject);
    report_end(checked->report, "%s %s, %s: an instance with %s is ready in %.1f ms (%s)", checked->name,
               checked->version, what_it_is(checked),
               checked->config.setting_count > 0 ? "the given settings" : "default settings",
               (double)subject.ready_us / 1000, checked->jail);
    return start == START_READY;
}

bool check_loading(struct checked *checked)
{
    return check_load(checked) && check_create(checked);
}

/* ---- settings ---- */

struct trial {
    struct checked *checked;
    const struct declared *declared;
    uint32_t served, refused;
};

static const char *current_value(const struct trial *trial)
{
    const struct plugin_config *config = &trial->checked->config;
    for (size_t i = 0; i < config->setting_count; i++) {
        if (strcmp(config->setting_names[i], trial->declared->name) == 0) {
            return config->setting_values[i];
        }
    }
    return trial->declared->initial;
}

/* A few questions, whatever the answers: what matters here is that there are good ones, or reasons. */
static void ask_some(struct trial *trial, struct subject *subject)
{
    struct checked *checked = trial->checked;
    struct tally tally = {0};
    const size_t some[] = {0, checked->questions.ordinary / 2, checked->questions.ordinary - 3};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        const struct question *question = &checked->questions.items[some[i]];
        arena_reset(checked->scratch);
        struct reply reply = subject_ask(subject, question, checked->scratch);
        tally_add(&tally, checked, question, &reply);
    }
}

static void remember_other(struct trial *trial, const char *value)
{
    struct checked *checked = trial->checked;
    bool text = trial->declared->type == VOUCH_SETTING_TEXT;
    if (checked->other_name[0] == '\0' && !text && strcmp(value, current_value(trial)) != 0) {
        snprintf(checked->other_name, sizeof checked->other_name, "%s", trial->declared->name);
        snprintf(checked->other_value, sizeof checked->other_value, "%s", value);
    }
}

/* A value within the limits: it serves, or says why it does not. */
static void try_good(struct trial *trial, const char *value)
{
    struct checked *checked = trial->checked;
    const char *name = trial->declared->name;
    struct subject subject = {.worker = NULL};
    struct variant variant;
    struct status_text why;
    variant_make(&variant, &checked->config, name, value);
    snprintf(checked->context, sizeof checked->context, ", with %s = %.40s%s", name, value,
             strlen(value) > 40 ? "…" : "");
    enum start start = subject_start(&subject, checked, &variant.config, &why);
    if (start == START_READY) {
        trial->served++;
        remember_other(trial, value);
        ask_some(trial, &subject);
        subject_stop(&subject);
    } else if (start == START_LOST) {
        report_find(checked->report, VERDICT_FAIL, name, "in create%s, the process %s", checked->context, why.text);
    } else if (start == START_SETTINGS) {
        report_find(checked->report, VERDICT_FAIL, name, "a value within its limits is refused%s: %s", checked->context,
                    why.text);
    } else if (strstr(why.text, "it does not say why") != NULL) {
        report_find(checked->report, VERDICT_FAIL, name,
                    "create fails%s and does not say why: call services->explain, or narrow the limits",
                    checked->context);
    } else if (trial->declared->type != VOUCH_SETTING_TEXT) {
        report_find(checked->report, VERDICT_NOTE, name, "create fails%s, within its limits: %s", checked->context,
                    why.text);
    }
    checked->context[0] = '\0';
}

/* A value past the limits: refused before create sees it. */
static void try_bad(struct trial *trial, const char *value)
{
    struct checked *checked = trial->checked;
    struct subject subject = {.worker = NULL};
    struct variant variant;
    struct status_text why;
    variant_make(&variant, &checked->config, trial->declared->name, value);
    enum start start = subject_start(&subject, checked, &variant.config, &why);
    trial->refused += start == START_SETTINGS;
    if (start != START_SETTINGS) {
        report_find(checked->report, VERDICT_FAIL, trial->declared->name, "%s = %.40s is not refused, though %s",
                    trial->declared->name, value, "it is past its limits");
    }
    subject_stop(&subject);
}

static void try_integer(struct trial *trial, double value, bool good)
{
    char text[64];
    if (value < -0x1p63 || value >= 0x1p63) {
        return; /* cannot be written as one */
    }
    snprintf(text, sizeof text, "%.0f", value);
    (good ? try_good : try_bad)(trial, text);
}

static void try_integers(struct trial *trial)
{
    double min = ceil(trial->declared->min);
    double max = floor(trial->declared->max);
    try_integer(trial, min, true);
    try_integer(trial, max, true);
    if (fabs(min) < INTEGER_EXACT) {
        try_integer(trial, min - 1, false);
    }
    if (fabs(max) < INTEGER_EXACT) {
        try_integer(trial, max + 1, false);
    }
    try_bad(trial, "one");
}

static void try_number(struct trial *trial, double value, bool good)
{
    char text[64];
    if (isfinite(value)) {
        snprintf(text, sizeof text, "%.17g", value);
        (good ? try_good : try_bad)(trial, text);
    }
}

static void try_numbers(struct trial *trial)
{
    try_number(trial, trial->declared->min, true);
    try_number(trial, trial->declared->max, true);
    try_number(trial, nextafter(trial->declared->min, -INFINITY), false);
    try_number(trial, nextafter(trial->declared->max, INFINITY), false);
    try_bad(trial, "nan");
}

static void try_texts(struct trial *trial)
{
    double max = trial->declared->max > 0 ? trial->declared->max : TEXT_DEFAULT_MAX;
    try_good(trial, "");
    if (max < TEXT_TRIED_MAX) {
        size_t length = (size_t)max;
        char *text = arena_alloc(trial->checked->kept, length + 2);
        CHECK(text != NULL);
        memset(text, 'x', length + 1);
        try_bad(trial, text);
        text[length] = '\0';
        try_good(trial, text);
    }
}

static void try_booleans(struct trial *trial)
{
    try_good(trial, "true");
    try_good(trial, "false");
    try_bad(trial, "yes");
}

void check_settings(struct checked *checked)
{
    static void (*const tries[])(struct trial *) = {
        [VOUCH_SETTING_INTEGER] = try_integers,
        [VOUCH_SETTING_NUMBER] = try_numbers,
        [VOUCH_SETTING_BOOLEAN] = try_booleans,
        [VOUCH_SETTING_TEXT] = try_texts,
    };
    struct budget budget = budget_of(SETTINGS_MS);
    struct trial trial = {.checked = checked};
    size_t tried = 0;
    report_begin(checked->report, "settings");
    for (; tried < checked->declared_count && (tried == 0 || budget_left(&budget)); tried++) {
        trial.declared = &checked->declared[tried];
        if (trial.declared->type >= VOUCH_SETTING_INTEGER && trial.declared->type <= VOUCH_SETTING_TEXT) {
            tries[trial.declared->type](&trial);
        }
    }
    if (tried < checked->declared_count) {
        report_find(checked->report, VERDICT_NOTE, "settings time", "only %zu of %zu settings were tried, time was up",
                    tried, checked->declared_count);
    }
    if (checked->declared_count == 0) {
        report_end(checked->report, "it declares none");
    } else {
        report_end(checked->report, "%zu of them: %u values at their limits serve, %u past them are refused", tried,
                   trial.served, trial.refused);
    }
}
