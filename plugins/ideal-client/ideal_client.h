/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the ideal-client matcher: one function a component, each pure. */
#ifndef IDEAL_CLIENT_H
#define IDEAL_CLIENT_H

#include "vouch_plugin.h"

struct settings {
    double k1;
    double b;
    double issue_half;
    double wins_half;
    uint32_t industry, function, country, size; /* attribute weights of the ICP fit */
};

/* How well a component fits, 0 to 1; or below 0: nothing is known. */
#define UNKNOWN (-1.0)

/* Share of the attributes that match, by weight, among those known on both sides. `matched` gets one bit an attribute.
 */
enum icp_attribute { ICP_INDUSTRY = 1, ICP_FUNCTION = 2, ICP_COUNTRY = 4, ICP_SIZE = 8 };
double icp_fit(const struct settings *settings, const struct vouch_need *need, const struct vouch_candidate *candidate,
               unsigned *matched);

/* BM25 of the need's issues against the candidate's, and its squashed form s / (s + issue_half). */
double bm25_term(const struct settings *settings, double term_count, double documents, double documents_with_term,
                 double length, double average_length);
double issue_fit(const struct settings *settings, const struct vouch_match_request *request,
                 const struct vouch_candidate *candidate, unsigned long long *matched);

/* Once, before the other functions of places. */
void geography_prepare(void);
/* Same city 1, region .75, country .5, continent .25, else 0. */
double geography_fit(const struct vouch_need *need, const struct vouch_candidate *candidate, const char **why);
/* Two letters of the continent of a country (alpha-2 or English name, lower case); NULL when unknown. */
const char *continent_of(const char *country);
/* True when both name the same country, be it by code or by name. */
int same_country(const char *left, const char *right);

/* max(0, 1 - distance / 3), the distance of the prospect's band from the bands served. */
double size_fit(uint32_t band, uint32_t served_min, uint32_t served_max);

/* Deals won in the prospect's segment, w / (w + wins_half). */
double wins_fit(const struct settings *settings, uint32_t won, uint32_t closed);

#endif
