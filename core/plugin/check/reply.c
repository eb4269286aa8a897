/* SPDX-License-Identifier: Apache-2.0
 *
 * Replies of a plugin, and in what two of them differ. */
#include "plugin/check/check.h"

#include <inttypes.h>
#include <string.h>

const char *reply_code_name(enum reply_code code)
{
    static const char *const names[] = {"nothing", "DONE",           "DEFER",    "UNSUPPORTED",
                                        "FAILED",  "a wrong answer", "no answer"};
    return names[code];
}

static bool shares_differ(const struct reply *first, const struct reply *second, char *what, size_t size)
{
    for (uint32_t i = 0; i < first->count || i < second->count; i++) {
        const struct vouch_share *a = i < first->count ? &first->shares[i] : NULL;
        const struct vouch_share *b = i < second->count ? &second->shares[i] : NULL;
        if (a == NULL || b == NULL || a->party != b->party) {
            bool lost = b == NULL || (a != NULL && a->party < b->party);
            snprintf(what, size, "party %" PRIu64 " has a share the %s time only", lost ? a->party : b->party,
                     lost ? "first" : "second");
            return true;
        }
        if (a->weight != b->weight) {
            snprintf(what, size, "party %" PRIu64 " has weight %" PRId64 ", then %" PRId64, a->party, a->weight,
                     b->weight);
            return true;
        }
    }
    return false;
}

/* What an estimate's shares have besides; they are of the same parties. */
static bool raws_differ(const struct reply *first, const struct reply *second, char *what, size_t size)
{
    for (uint32_t i = 0; i < first->count; i++) {
        const struct vouch_estimate_share *a = &first->estimated[i];
        const struct vouch_estimate_share *b = &second->estimated[i];
        if (a->raw_numerator != b->raw_numerator || a->raw_denominator != b->raw_denominator ||
            a->raw_rounded != b->raw_rounded) {
            snprintf(what, size,
                     "party %" PRIu64 " has the raw value %" PRId64 "/%" PRId64 ", then %" PRId64 "/%" PRId64, a->party,
                     a->raw_numerator, a->raw_denominator, b->raw_numerator, b->raw_denominator);
            return true;
        }
    }
    return false;
}

static bool score_differs(const char *component, uint32_t candidate, const struct vouch_component_score *a,
                          const struct vouch_component_score *b, char *what, size_t size)
{
    const char *why_a = a->why == NULL ? "" : a->why;
    const char *why_b = b->why == NULL ? "" : b->why;
    if (a->known != b->known) {
        snprintf(what, size, "component %s of candidate no. %u is %s, then %s", component, candidate + 1,
                 a->known ? "known" : "not known", b->known ? "known" : "not known");
    } else if (a->x_ppm != b->x_ppm) {
        snprintf(what, size, "component %s of candidate no. %u is %u ppm, then %u ppm", component, candidate + 1,
                 a->x_ppm, b->x_ppm);
    } else if (strcmp(why_a, why_b) != 0) {
        snprintf(what, size, "component %s of candidate no. %u says \"%.60s\", then \"%.60s\"", component,
                 candidate + 1, why_a, why_b);
    } else {
        return false;
    }
    return true;
}

static bool components_differ(const struct reply *first, const struct reply *second, char *what, size_t size)
{
    if (first->component_count != second->component_count) {
        snprintf(what, size, "%u components, then %u", first->component_count, second->component_count);
        return true;
    }
    for (uint32_t c = 0; c < first->component_count; c++) {
        const struct vouch_component *a = &first->components[c];
        const struct vouch_component *b = &second->components[c];
        if (strcmp(a->name, b->name) != 0 || a->weight != b->weight) {
            snprintf(what, size, "component %s has weight %u, then %s has %u", a->name, a->weight, b->name, b->weight);
            return true;
        }
    }
    return false;
}

bool reply_differs(const struct reply *first, const struct reply *second, char *what, size_t size)
{
    if (first->code != second->code) {
        snprintf(what, size, "%s, then %s", reply_code_name(first->code), reply_code_name(second->code));
        return true;
    }
    if (first->code != REPLY_DONE) {
        return false;
    }
    if (first->shares != NULL || second->shares != NULL) {
        if (first->mode != second->mode) {
            snprintf(what, size, "the shares have mode %u, then %u", first->mode, second->mode);
            return true;
        }
        return shares_differ(first, second, what, size) ||
               (first->estimated != NULL && raws_differ(first, second, what, size));
    }
    if (components_differ(first, second, what, size)) {
        return true;
    }
    CHECK(first->count == second->count);
    for (uint32_t i = 0; i < first->count; i++) {
        for (uint32_t c = 0; c < first->component_count; c++) {
            size_t at = (size_t)i * first->component_count + c;
            if (score_differs(first->components[c].name, i, &first->scores[at], &second->scores[at], what, size)) {
                return true;
            }
        }
    }
    return false;
}

struct reply reply_part(const struct reply *reply, uint32_t from, uint32_t count)
{
    struct reply part = *reply;
    if (reply->code == REPLY_DONE) {
        CHECK(from + count <= reply->count);
        part.count = count;
        part.scores = reply->scores + (size_t)from * reply->component_count;
    }
    return part;
}
