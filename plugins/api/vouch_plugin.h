/* SPDX-License-Identifier: Apache-2.0
 *
 * All that the author of a vouch plugin needs: ABI 1, usable from C99 and C++. A plugin is a shared object with one
 * exported symbol, `vouch_plugin`. It runs in a process of its own (vouch-plugin-host) that has no files, no network
 * and bounded memory and time; it proposes, the broker checks and decides. docs/plugin-tutorial.md shows how to write
 * one; vouch-plugin(3) is the reference.
 *
 * Rules that hold for everything below
 * - One thread: create, components, every call and destroy of an instance come one after the other on one thread. The
 *   services may be called from any of them.
 * - Several instances of one plugin, with different settings, are different processes; state lives only behind `self`.
 * - Pointers in a request live until the call returns and are read-only. Memory from services->alloc lives until the
 *   call returns (in create and components: as long as the instance) and is never freed by the plugin. The arrays of
 *   a result are handed over zeroed and end at an inaccessible page.
 * - Texts are UTF-8 and end with NUL; a text that is not known is "", never NULL. Lists are sorted by nothing; tags,
 *   countries and places come in lower case (ASCII) so that equal means equal bytes.
 * - Structs that start with `size` grow at their end only: the maker of the struct sets it to its own sizeof, and the
 *   reader looks at no field past it. Structs in arrays never grow; their `reserved` is zero.
 * - The same request must get the same answer: use no clock and no randomness. */
#ifndef VOUCH_PLUGIN_H
#define VOUCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A host takes plugins of its own major version and a minor version up to its own. */
#define VOUCH_PLUGIN_ABI_MAJOR 1u
#define VOUCH_PLUGIN_ABI_MINOR 1u
#define VOUCH_PLUGIN_ABI ((VOUCH_PLUGIN_ABI_MAJOR << 16) | VOUCH_PLUGIN_ABI_MINOR)

#define VOUCH_PPM 1000000u /* the whole, in parts per million */

/* Bounds that the broker keeps and checks. */
#define VOUCH_TOUCHES_MAX 4096u                 /* touches in an attribution request */
#define VOUCH_CANDIDATES_MAX 1000u              /* candidates in one call of a matcher */
#define VOUCH_COMPONENTS_MAX 16u                /* components of a matcher */
#define VOUCH_COMPONENT_WEIGHT_MAX 1000000u     /* weight of one component */
#define VOUCH_WHY_MAX 160u                      /* bytes of a `why`, longer ones are cut */
#define VOUCH_NAME_MAX 31u                      /* bytes of plugin, version, setting and component names */
#define VOUCH_SETTINGS_MAX 64u                  /* settings of a plugin */
#define VOUCH_WEIGHT_SUM_MAX (INT64_C(1) << 62) /* sum of the weights of an attribution */
#define VOUCH_CALL_ALLOC_MAX ((size_t)8 << 20)  /* bytes that services->alloc gives out in one call */
#define VOUCH_OVERRIDE_WHOLE (INT64_C(1) << 32) /* weight of a share that is paid the whole pool (since 1.1) */
#define VOUCH_PATHS_MAX 4096u                   /* paths in an estimate request (since 1.1) */
#define VOUCH_PATH_PLACES_MAX 65536u            /* parties of all its paths together (since 1.1) */

/* ---- how a call ends ---- */

enum vouch_answer {
    VOUCH_ANSWER_DONE = 0,        /* the result is filled in */
    VOUCH_ANSWER_DEFER = 1,       /* not now: the broker tells its client to try again */
    VOUCH_ANSWER_UNSUPPORTED = 2, /* not mine: this plugin has no answer to such a request */
    VOUCH_ANSWER_FAILED = 3       /* tried and could not; services->explain says why */
};

/* ---- what the host offers ---- */

enum vouch_log_level { VOUCH_LOG_ERROR = 0, VOUCH_LOG_WARN = 1, VOUCH_LOG_INFO = 2, VOUCH_LOG_DEBUG = 3 };

/* Lives as long as the instance. Every function takes the struct itself first. */
struct vouch_services {
    size_t size;
    uint32_t abi; /* VOUCH_PLUGIN_ABI of the host */
    /* One line in the broker's log, which names the instance. Copied; UTF-8, at most 511 bytes. */
    void (*log)(const struct vouch_services *services, enum vouch_log_level level, const char *text);
    /* Zeroed memory, aligned for any type; NULL when a call and what create keeps are past VOUCH_CALL_ALLOC_MAX. */
    void *(*alloc)(const struct vouch_services *services, size_t size);
    /* The sentence that goes with any answer but DONE, and with a failed create. Copied; UTF-8, at most 511
     * bytes; the last one counts. */
    void (*explain)(const struct vouch_services *services, const char *sentence);
};

/* ---- settings ---- */

enum vouch_setting_type {
    VOUCH_SETTING_INTEGER = 1, /* value.integer, min ≤ value ≤ max */
    VOUCH_SETTING_NUMBER = 2,  /* value.number, min ≤ value ≤ max, finite */
    VOUCH_SETTING_BOOLEAN = 3, /* value.integer 0 or 1; written true or false */
    VOUCH_SETTING_TEXT = 4     /* value.text, at most `max` bytes (max 0: 1,000) */
};

/* One setting. The host parses, checks and documents settings from this table; the plugin sees only good values. */
struct vouch_setting {
    const char *name;    /* small letters, digits, _ */
    uint32_t type;       /* enum vouch_setting_type */
    uint32_t flags;      /* 0 */
    const char *initial; /* the default, as it would be written in the configuration */
    double min;
    double max;
    const char *help; /* one line */
    const void *reserved[2];
};

union vouch_setting_value {
    int64_t integer;
    double number;
    const char *text; /* lives as long as the instance */
};

/* ---- attribution: who made this deal possible? touches → weights ---- */

enum vouch_touch_kind {
    VOUCH_TOUCH_INTRODUCTION = 1, /* named the prospect */
    VOUCH_TOUCH_VOUCH = 2,        /* vouched for the receiver */
    VOUCH_TOUCH_INTEL = 3,        /* told something that was used */
    VOUCH_TOUCH_MEETING = 4,      /* was at, or set, a meeting */
    VOUCH_TOUCH_HANDOVER = 5      /* passed the referral on */
};

struct vouch_touch {
    uint64_t party;    /* who; never 0 */
    uint64_t sequence; /* the broker's order of things, unique, ascending in the request */
    int64_t time_ms;   /* since 1970-01-01 UTC; need not ascend */
    uint32_t kind;     /* enum vouch_touch_kind; later versions may send others: do not index with it */
    uint32_t flags;    /* 0 */
    uint64_t reserved[2];
};

/* All touches are eligible: within the window, not held. */
struct vouch_attribution_request {
    size_t size;
    int64_t opened_ms; /* the opportunity; 0: never was one */
    int64_t closed_ms; /* won */
    uint32_t window_days;
    uint32_t touch_count; /* at least 1, at most VOUCH_TOUCHES_MAX */
    const struct vouch_touch *touches;
};

struct vouch_share {
    uint64_t party;
    int64_t weight; /* ≥ 0 */
};

/* How the broker pays the shares of a result (since 1.1). */
enum vouch_share_mode {
    VOUCH_SHARES_INSIDE = 0,  /* the pool is divided in proportion to the weights; parts add up to the pool */
    VOUCH_SHARES_OVERRIDE = 1 /* each share is paid pool * weight / VOUCH_OVERRIDE_WHOLE of its own, whatever the others
                                 get; no weight above VOUCH_OVERRIDE_WHOLE */
};

/* One share a party, only parties that have a touch, sum of the weights at most VOUCH_WEIGHT_SUM_MAX. A party that is
 * left out, or has weight 0, gets nothing; a sum of 0 gives all to the house. The broker divides the money. */
struct vouch_attribution_result {
    size_t size;
    uint32_t capacity;          /* of shares: as many as the request has touches */
    uint32_t share_count;       /* set by the plugin; 0 at first */
    struct vouch_share *shares; /* filled by the plugin */
    uint32_t mode;              /* enum vouch_share_mode, set by the plugin; INSIDE at first (since 1.1) */
    uint32_t reserved;
};

/* ---- estimate: who makes deals possible? what became of many referrals → weights (since 1.1) ---- */

/* One way that referrals went: the parties in the order of their first touches, each once. No two paths of a request
 * are of the same parties in the same order. */
struct vouch_path {
    uint32_t first;       /* place of the first party in `parties` of the request */
    uint32_t party_count; /* at least 1 */
    uint64_t won;         /* referrals that went this way and were won */
    uint64_t lost;        /* and that were lost; never both 0 */
    int64_t value;        /* of those that were won, minor units of the request's currency; ≥ 0 */
    uint64_t reserved[2];
};

/* Sums of won, lost and value over all paths are at most 2^62. */
struct vouch_estimate_request {
    size_t size;
    int64_t from_ms; /* referrals that were closed from here on */
    int64_t until_ms;
    const char *currency; /* of all values; ISO 4217 */
    uint32_t path_count;  /* at least 1, at most VOUCH_PATHS_MAX */
    uint32_t place_count; /* at least 1, at most VOUCH_PATH_PLACES_MAX */
    const struct vouch_path *paths;
    const uint64_t *parties; /* of all paths, one path after the other */
};

/* The weight is what may be paid by; the raw value is what the model found, before a negative one became weight 0. */
struct vouch_estimate_share {
    uint64_t party;
    int64_t weight;          /* ≥ 0 */
    int64_t raw_numerator;   /* raw value = raw_numerator / raw_denominator */
    int64_t raw_denominator; /* above 0 */
    uint32_t raw_rounded;    /* 1: the fraction is rounded, as the exact one does not fit; 0: it is exact */
    uint32_t reserved;
};

/* One share a party, only parties of some path, sum of the weights at most VOUCH_WEIGHT_SUM_MAX. */
struct vouch_estimate_result {
    size_t size;
    uint32_t capacity;                   /* of shares: as many as there are different parties */
    uint32_t share_count;                /* set by the plugin; 0 at first */
    struct vouch_estimate_share *shares; /* filled by the plugin */
};

/* A model has one of the two functions, or both; the other is NULL. What is missing is answered UNSUPPORTED by the
 * host. */
struct vouch_attribution_plugin {
    size_t size;
    enum vouch_answer (*attribute)(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result);
    /* Since 1.1. */
    enum vouch_answer (*estimate)(void *self, const struct vouch_estimate_request *request,
                                  struct vouch_estimate_result *result);
};

/* ---- matcher: who should take this referral? need, candidates → components ---- */

struct vouch_tags {
    const char *const *items;
    size_t count;
};

/* What the prospect needs. */
struct vouch_need {
    size_t size;
    struct vouch_tags issues; /* business issues, each once */
    /* For each issue, the number of candidates of the whole question whose card names it. Counted by the broker. */
    const uint32_t *issue_candidates;
    const char *text;     /* in the referrer's words */
    const char *industry; /* of the prospect */
    const char *function; /* or title, of the contact there */
    const char *city;
    const char *region;
    const char *country; /* ISO 3166 alpha-2, or a name where only that is known */
    uint32_t size_band;  /* 1 to 8; 0: not known */
    uint32_t reserved;
};

/* A possible receiver: the card, and what the broker knows beside it. */
struct vouch_candidate {
    uint64_t id;              /* never 0 */
    struct vouch_tags issues; /* solved; a tag may come twice, which counts twice */
    struct vouch_tags industries;
    struct vouch_tags functions;
    struct vouch_tags countries; /* served */
    const char *city;            /* home, for nearness */
    const char *region;
    const char *country;
    uint32_t size_min; /* company size bands served, 1 to 8; 0: not said */
    uint32_t size_max; /* 0: any from size_min on */
    uint32_t tie_ppm;  /* strength of the tie between referrer and candidate */
    uint32_t tie_known;
    uint32_t segment_won;    /* deals of the prospect's segment that the candidate won */
    uint32_t segment_closed; /* and that ended either way; 0: nothing is known */
    uint64_t reserved[2];
};

/* One call holds a batch of the candidates of a question; the counts over all of them are in every batch, so that the
 * answer does not depend on how the question was cut. */
struct vouch_match_request {
    size_t size;
    const struct vouch_need *need;
    uint32_t candidate_total;  /* of the whole question */
    uint32_t candidate_count;  /* in this batch, at most VOUCH_CANDIDATES_MAX */
    uint64_t candidate_issues; /* tags in `issues` of all candidates of the whole question */
    const struct vouch_candidate *candidates;
};

/* One component of one candidate. */
struct vouch_component_score {
    uint32_t x_ppm;  /* how well it fits, 0 to VOUCH_PPM */
    uint32_t known;  /* 1; or 0: nothing is known, the component stays out of the candidate's score */
    const char *why; /* a few words for a person, or NULL; from services->alloc, the request, or static */
};

/* A component with its weight in the sum; declared once an instance. */
struct vouch_component {
    const char *name;
    uint32_t weight; /* at most VOUCH_COMPONENT_WEIGHT_MAX */
    uint32_t reserved;
};

/* scores[i * component_count + c] is component c of candidate i. Handed over zeroed, so untouched means not known. The
 * broker forms Σ_known w·x / Σ_known w, its coverage, and all other factors. */
struct vouch_match_result {
    size_t size;
    uint32_t candidate_count;
    uint32_t component_count;
    const struct vouch_component *components;
    struct vouch_component_score *scores; /* filled by the plugin */
};

struct vouch_matcher_plugin {
    size_t size;
    /* Names and weights of the instance's components, as its settings have them: asked once after create. Sets *count
     * (1 to VOUCH_COMPONENTS_MAX); the array lives as long as the instance: static, or made in create. */
    const struct vouch_component *(*components)(void *self, uint32_t *count);
    enum vouch_answer (*match)(void *self, const struct vouch_match_request *request,
                               struct vouch_match_result *result);
};

/* ---- the descriptor ---- */

enum vouch_plugin_kind { VOUCH_KIND_ATTRIBUTION = 1, VOUCH_KIND_MATCHER = 2 };

struct vouch_plugin_descriptor {
    size_t size;   /* sizeof(struct vouch_plugin_descriptor) */
    uint32_t abi;  /* VOUCH_PLUGIN_ABI */
    uint32_t kind; /* enum vouch_plugin_kind */
    const char *name;
    const char *version; /* of the plugin; recorded with everything it proposes, so change it with its results */
    const char *summary; /* one line */
    const struct vouch_setting *settings;
    uint32_t setting_count;
    uint32_t reserved;
    /* Makes an instance; `values` are in the order of `settings` and live as long as the instance. */
    enum vouch_answer (*create)(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self);
    /* When the broker hangs up; not after a crash or a kill. May be NULL: the process ends, memory needs no freeing. */
    void (*destroy)(void *self);
    const struct vouch_attribution_plugin *attribution; /* the one of `kind` is set */
    const struct vouch_matcher_plugin *matcher;
};

#if defined(__GNUC__)
#define VOUCH_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define VOUCH_PLUGIN_EXPORT
#endif

/* The one symbol that a plugin exports. */
extern VOUCH_PLUGIN_EXPORT const struct vouch_plugin_descriptor vouch_plugin;

#ifdef __cplusplus
}
#endif

#endif
