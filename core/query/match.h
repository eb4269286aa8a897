/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of matching: the need and its contenders, between the snapshot and the plugin. */
#ifndef VOUCH_QUERY_MATCH_H
#define VOUCH_QUERY_MATCH_H

#include "domain/match_score.h"
#include "plugin/plugin.h"
#include "query/parts.h"

#define GATES_MAX 4

/* A member who might take the referral. */
struct contender {
    struct contender *next; /* in order of ids */
    const Vouch__V1__Member *member;
    struct vouch_candidate told; /* what the plugin is given */
    size_t gate_count;
    const char *gates[GATES_MAX]; /* why not */
    const struct vouch_component_score *scores;
    struct match_component components[MATCH_COMPONENTS_MAX];
    struct match_score score;
};

struct match {
    struct question *question;
    struct arena *work; /* everything below; lives as long as the match */
    uint64_t referrer;  /* ties count from here */
    uint64_t connector;
    uint32_t today; /* yyyymmdd, in the zone of the home company */
    size_t tried_count;
    const uint64_t *tried;    /* members who had the referral, and did not go on with it */
    uint32_t reliability_ppm; /* of somebody new */
    const char *country;      /* of the prospect, folded; "" when not known */
    const char *country_told; /* as it is written */
    struct vouch_need need;
    struct contender *contenders;
    size_t considered;
    size_t passed; /* all gates */
    uint64_t candidate_issues;
    size_t component_count;
    const struct vouch_component *components;
};

/* ---- match_need.c ---- */

/* The need: of a referral, or told in the request. */
enum vouch_status match_need(struct match *match, const Vouch__V1__Match *asked) MUST_USE;

/* ---- match_contenders.c ---- */

/* All who might, with their gates, and the counts that a matcher needs over all of them. */
enum vouch_status match_contenders(struct match *match) MUST_USE;

/* ---- advise_match.c ---- */

/* Has the matcher score those who passed their gates. */
enum vouch_status match_score_all(struct match *match, struct plugin_call *call) MUST_USE;
/* All contenders, best first, in the match's arena; NULL past its budget. */
struct contender **match_order(struct match *match);

#endif
