/* SPDX-License-Identifier: Apache-2.0
 *
 * Promises to attributions. The number of the first party says what is looked at. */
#include "promise.h"

#include "asked.h"

#include <string.h>

#define KEPT_BYTES 1000u
#define LARGE_BYTES ((size_t)7 << 20)

static const struct vouch_setting settings[] = {
    {.name = "whole",
     .type = VOUCH_SETTING_INTEGER,
     .initial = "-9007199254740992",
     .min = -0x1p53,
     .max = 0x1p53,
     .help = "integers are exact up to 2^53"},
    {.name = "number", .type = VOUCH_SETTING_NUMBER, .initial = "0.1", .min = 0.1, .max = 1, .help = "a number"},
    {.name = "flag", .type = VOUCH_SETTING_BOOLEAN, .initial = "true", .help = "a boolean"},
    {.name = "text", .type = VOUCH_SETTING_TEXT, .initial = "caf\xc3\xa9", .max = 5, .help = "a text"},
};

struct promise {
    const struct vouch_services *services;
    const union vouch_setting_value *values;
    unsigned char *kept;
    uint64_t calls;
};

static enum vouch_answer check_start(const struct vouch_services *services, const union vouch_setting_value *values)
{
    PROMISE(services, services->size == sizeof *services);
    PROMISE(services, services->abi == VOUCH_PLUGIN_ABI);
    PROMISE(services, promise_thread() == promise_first_thread());
    PROMISE(services, values[0].integer == -9007199254740992);
    PROMISE(services, values[1].number == 0.1);
    PROMISE(services, values[2].integer == 1);
    PROMISE(services, strcmp(values[3].text, "caf\xc3\xa9") == 0);
    PROMISE(services, services->alloc(services, (size_t)VOUCH_CALL_ALLOC_MAX + 1) == NULL);
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    if (check_start(services, values) != VOUCH_ANSWER_DONE) {
        return VOUCH_ANSWER_FAILED;
    }
    struct promise *promise = services->alloc(services, sizeof *promise);
    PROMISE(services, promise != NULL && promise_all(promise, sizeof *promise, 0));
    promise->services = services;
    promise->values = values;
    promise->kept = services->alloc(services, KEPT_BYTES);
    PROMISE(services, promise->kept != NULL && promise_all(promise->kept, KEPT_BYTES, 0));
    memset(promise->kept, 0xA5, KEPT_BYTES);
    *self = promise;
    return VOUCH_ANSWER_DONE;
}

/* What was kept in create is there, and nothing of the call before. */
static enum vouch_answer look_around(struct promise *promise, const struct vouch_attribution_request *request,
                                     struct vouch_attribution_result *result)
{
    const struct vouch_services *services = promise->services;
    PROMISE(services, promise_thread() == promise_first_thread());
    PROMISE(services, promise_all(promise->kept, KEPT_BYTES, 0xA5));
    PROMISE(services, strcmp(promise->values[3].text, "caf\xc3\xa9") == 0);
    PROMISE(services, request->size == sizeof *request && result->size == sizeof *result);
    PROMISE(services, result->capacity == request->touch_count && result->share_count == 0);
    PROMISE(services, promise_all(result->shares, result->capacity * sizeof *result->shares, 0));
    for (uint32_t i = 0; i < request->touch_count; i++) {
        const struct vouch_touch *touch = &request->touches[i];
        PROMISE(services, touch->party != 0 && touch->flags == 0 && touch->reserved[0] == 0 && touch->reserved[1] == 0);
        PROMISE(services, i == 0 || touch->sequence > request->touches[i - 1].sequence);
    }
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer look_at_alloc(const struct vouch_services *services)
{
    unsigned char *small = services->alloc(services, 1);
    unsigned char *next = services->alloc(services, 1);
    unsigned char *large = services->alloc(services, LARGE_BYTES);
    PROMISE(services, small != NULL && next != NULL && (uintptr_t)small % 16 == 0 && (uintptr_t)next % 16 == 0);
    PROMISE(services, next != small);
    PROMISE(services, large != NULL && promise_all(large, LARGE_BYTES, 0));
    memset(large, 0x5A, LARGE_BYTES);
    PROMISE(services, services->alloc(services, (size_t)1 << 20) == NULL);
    PROMISE(services, services->alloc(services, (size_t)1 << 10) != NULL);
    PROMISE(services, promise_all(large, LARGE_BYTES, 0x5A));
    return VOUCH_ANSWER_DONE;
}

/* Only the last sentence counts, and it is copied. */
static enum vouch_answer explain_twice(const struct vouch_services *services)
{
    char text[] = "the second";
    services->explain(services, "the first");
    services->explain(services, text);
    services->explain(services, NULL);
    memset(text, '?', sizeof text - 1);
    return VOUCH_ANSWER_FAILED;
}

static enum vouch_answer explain_long(const struct vouch_services *services)
{
    char text[700];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    services->explain(services, text);
    return VOUCH_ANSWER_FAILED;
}

static enum vouch_answer write_log(const struct vouch_services *services)
{
    char text[] = "copied";
    services->log(services, (enum vouch_log_level)77, "of a level that there is not");
    services->log(services, VOUCH_LOG_ERROR, text);
    services->log(services, VOUCH_LOG_WARN, NULL);
    services->log(services, VOUCH_LOG_WARN, "tab\tand caf\xc3\xa9");
    memset(text, '?', sizeof text - 1);
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer end_otherwise(const struct vouch_services *services, enum vouch_answer answer)
{
    services->explain(services, "told so");
    return answer;
}

static enum vouch_answer do_asked(struct promise *promise, uint64_t asked)
{
    const struct vouch_services *services = promise->services;
    switch (asked) {
    case ASKED_ALLOC:
        return look_at_alloc(services);
    case ASKED_EXPLAIN:
        return explain_twice(services);
    case ASKED_LONG:
        return explain_long(services);
    case ASKED_SILENT:
        return VOUCH_ANSWER_FAILED;
    case ASKED_LOG:
        return write_log(services);
    case ASKED_DEFER:
        return end_otherwise(services, VOUCH_ANSWER_DEFER);
    case ASKED_UNSUPPORTED:
        return end_otherwise(services, VOUCH_ANSWER_UNSUPPORTED);
    default:
        return end_otherwise(services, VOUCH_ANSWER_DONE);
    }
}

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    struct promise *promise = self;
    uint64_t asked = request->touches[0].party;
    enum vouch_answer answer = look_around(promise, request, result);
    promise->calls++;
    if (answer == VOUCH_ANSWER_DONE) {
        answer = do_asked(promise, asked);
    }
    /* The next call must find zeroes again. */
    memset(result->shares, 0xFF, result->capacity * sizeof *result->shares);
    result->shares[0] = (struct vouch_share){asked, asked == ASKED_BOUND ? VOUCH_WEIGHT_SUM_MAX : 0};
    result->share_count = asked == ASKED_NONE ? 0 : 1;
    return answer;
}

static void destroy(void *self)
{
    const struct promise *promise = self;
    promise->services->log(promise->services, VOUCH_LOG_INFO, promise->calls > 0 ? "destroyed" : "destroyed unused");
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "promise-attribution",
    .version = "1.0.0",
    .summary = "looks whether promises are kept",
    .settings = settings,
    .setting_count = sizeof settings / sizeof settings[0],
    .create = create,
    .destroy = destroy,
    .attribution = &attribution,
};
