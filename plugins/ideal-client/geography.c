/* SPDX-License-Identifier: Apache-2.0
 *
 * Nearness: same city, region, country or continent. Countries come as ISO codes or, from older systems, as names. */
#include "ideal_client.h"

#include <string.h>

static const struct country {
    const char *code;
    const char *name;
    const char *continent;
} countries[] = {
#define COUNTRY(code, name, continent) {code, name, continent},
#include "countries.def"
#undef COUNTRY
};

#define COUNTRY_COUNT (sizeof countries / sizeof countries[0])

/* Codes are looked up for every candidate: by their two letters. */
static const struct country *by_code[26][26];

static int is_code(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z' && text[2] == '\0';
}

void geography_prepare(void)
{
    for (size_t i = 0; i < COUNTRY_COUNT; i++) {
        by_code[countries[i].code[0] - 'a'][countries[i].code[1] - 'a'] = &countries[i];
    }
}

/* NULL when the table does not have it. */
static const struct country *find(const char *text)
{
    if (is_code(text) && by_code[text[0] - 'a'][text[1] - 'a'] != NULL) {
        return by_code[text[0] - 'a'][text[1] - 'a'];
    }
    for (size_t i = 0; i < COUNTRY_COUNT; i++) {
        if (strcmp(text, countries[i].name) == 0) {
            return &countries[i];
        }
    }
    return NULL;
}

const char *continent_of(const char *country)
{
    const struct country *found = find(country);
    return found == NULL ? NULL : found->continent;
}

int same_country(const char *left, const char *right)
{
    if (strcmp(left, right) == 0) {
        return 1;
    }
    if (is_code(left) && is_code(right)) {
        /* "uk" is no code, but everybody writes it. */
        return strcmp(left, "uk") == 0 ? strcmp(right, "gb") == 0 : strcmp(right, "uk") == 0 && strcmp(left, "gb") == 0;
    }
    const struct country *a = find(left);
    const struct country *b = find(right);
    return a != NULL && b != NULL && strcmp(a->code, b->code) == 0;
}

static int same_text(const char *left, const char *right)
{
    return left[0] != '\0' && strcmp(left, right) == 0;
}

double geography_fit(const struct vouch_need *need, const struct vouch_candidate *candidate, const char **why)
{
    if (need->country[0] == '\0' || candidate->country[0] == '\0') {
        /* A city alone says little, there are many of most names; but the same one twice is a hint worth having. */
        *why = same_text(need->city, candidate->city) ? "same city" : NULL;
        return *why != NULL ? 1.0 : UNKNOWN;
    }
    if (same_country(need->country, candidate->country)) {
        if (same_text(need->city, candidate->city)) {
            *why = "same city";
            return 1.0;
        }
        *why = same_text(need->region, candidate->region) ? "same region" : "same country";
        return same_text(need->region, candidate->region) ? 0.75 : 0.5;
    }
    const char *there = continent_of(need->country);
    const char *here = continent_of(candidate->country);
    int same = there != NULL && here != NULL && strcmp(there, here) == 0;
    *why = same ? "same continent" : "far away";
    return same ? 0.25 : 0.0;
}
