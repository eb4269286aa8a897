/* SPDX-License-Identifier: Apache-2.0
 *
 * The components but for geography: ICP attributes, issue tags by BM25, company size, past wins. */
#include "ideal_client.h"

#include <math.h>
#include <string.h>

static int has_tag(struct vouch_tags tags, const char *tag)
{
    for (size_t i = 0; i < tags.count; i++) {
        if (strcmp(tags.items[i], tag) == 0) {
            return 1;
        }
    }
    return 0;
}

static int serves_country(struct vouch_tags countries, const char *country)
{
    for (size_t i = 0; i < countries.count; i++) {
        if (same_country(countries.items[i], country)) {
            return 1;
        }
    }
    return 0;
}

static int is_word_end(char c)
{
    unsigned char u = (unsigned char)c;
    return !((u >= 'a' && u <= 'z') || (u >= '0' && u <= '9') || u >= 0x80);
}

/* Whether the contact's title has one of the functions as whole words: "it" is in "head of it", not in "digital". */
static int title_has(const char *title, struct vouch_tags functions)
{
    for (size_t i = 0; i < functions.count; i++) {
        size_t length = strlen(functions.items[i]);
        const char *at = title;
        while (length > 0 && (at = strstr(at, functions.items[i])) != NULL) {
            if ((at == title || is_word_end(at[-1])) && is_word_end(at[length])) {
                return 1;
            }
            at++;
        }
    }
    return 0;
}

double size_fit(uint32_t band, uint32_t served_min, uint32_t served_max)
{
    if (band == 0 || (served_min == 0 && served_max == 0)) {
        return UNKNOWN;
    }
    uint32_t distance = band < served_min                      ? served_min - band
                        : served_max != 0 && band > served_max ? band - served_max
                                                               : 0;
    double x = 1.0 - (double)distance / 3.0;
    return x > 0 ? x : 0;
}

double icp_fit(const struct settings *settings, const struct vouch_need *need, const struct vouch_candidate *candidate,
               unsigned *matched)
{
    const struct {
        unsigned attribute;
        uint32_t weight;
        int known;
        int matches;
    } attributes[] = {
        {ICP_INDUSTRY, settings->industry, need->industry[0] != '\0' && candidate->industries.count > 0,
         has_tag(candidate->industries, need->industry)},
        {ICP_FUNCTION, settings->function, need->function[0] != '\0' && candidate->functions.count > 0,
         title_has(need->function, candidate->functions)},
        {ICP_COUNTRY, settings->country, need->country[0] != '\0' && candidate->countries.count > 0,
         serves_country(candidate->countries, need->country)},
        {ICP_SIZE, settings->size, size_fit(need->size_band, candidate->size_min, candidate->size_max) >= 0,
         size_fit(need->size_band, candidate->size_min, candidate->size_max) >= 1},
    };
    uint64_t known = 0;
    uint64_t sum = 0;
    *matched = 0;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (attributes[i].known) {
            known += attributes[i].weight;
            sum += attributes[i].matches ? attributes[i].weight : 0;
            *matched |= attributes[i].matches ? attributes[i].attribute : 0;
        }
    }
    return known == 0 ? UNKNOWN : (double)sum / (double)known;
}

double bm25_term(const struct settings *settings, double term_count, double documents, double documents_with_term,
                 double length, double average_length)
{
    double idf = log(1.0 + (documents - documents_with_term + 0.5) / (documents_with_term + 0.5));
    double norm = 1.0 - settings->b + settings->b * length / average_length;
    return idf * term_count * (settings->k1 + 1.0) / (term_count + settings->k1 * norm);
}

double issue_fit(const struct settings *settings, const struct vouch_match_request *request,
                 const struct vouch_candidate *candidate, unsigned long long *matched)
{
    const struct vouch_need *need = request->need;
    *matched = 0;
    if (need->issues.count == 0 || candidate->issues.count == 0) {
        return UNKNOWN;
    }
    double average = (double)request->candidate_issues / (double)request->candidate_total;
    double sum = 0;
    for (size_t i = 0; i < need->issues.count; i++) {
        double count = 0;
        for (size_t t = 0; t < candidate->issues.count; t++) {
            count += strcmp(candidate->issues.items[t], need->issues.items[i]) == 0;
        }
        if (count > 0) {
            sum += bm25_term(settings, count, request->candidate_total, need->issue_candidates[i],
                             (double)candidate->issues.count, average);
            *matched |= i < 64 ? 1ULL << i : 0;
        }
    }
    return sum / (sum + settings->issue_half);
}

double wins_fit(const struct settings *settings, uint32_t won, uint32_t closed)
{
    return closed == 0 ? UNKNOWN : (double)won / ((double)won + settings->wins_half);
}
