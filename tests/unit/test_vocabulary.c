/* SPDX-License-Identifier: Apache-2.0
 *
 * Words, synonyms and codes of industries and functions: what each is stored as. */
#include "domain/vocabulary.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *text;
    const char *word; /* NULL: a free tag, or no code */
};

static void expect(enum vocabulary vocabulary, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *word = vocabulary_word(vocabulary, rows[i].text);
        cr_assert((word == NULL) == (rows[i].word == NULL) && (word == NULL || strcmp(word, rows[i].word) == 0),
                  "'%s' is %s, not %s", rows[i].text, word == NULL ? "nothing" : word,
                  rows[i].word == NULL ? "nothing" : rows[i].word);
    }
}

Test(vocabulary, words_and_synonyms)
{
    static const struct row industries[] = {
        {"banking", "banking"},
        {"Banking", "banking"},
        {"BANK", "banking"},
        {"real estate", "real estate"},
        {"Real-Estate", "real estate"},
        {"public_sector", "public sector"},
        {"health care", "healthcare"},
        {"Medical", "healthcare"},
        {"shipping", "logistics"},
        {"", NULL},
        {" banking", NULL},
        {"bankin", NULL},
        {"widgets", NULL},
        {"b\xC3\xA4nking", NULL},
    };
    static const struct row functions[] = {
        {"it", "it"}, {"CIO", "it"}, {"Human Resources", "hr"}, {"r&d", "research"}, {"clowns", NULL}, {"5221", NULL},
    };
    expect(VOCABULARY_INDUSTRY, industries, sizeof industries / sizeof industries[0]);
    expect(VOCABULARY_FUNCTION, functions, sizeof functions / sizeof functions[0]);
}

Test(vocabulary, codes_of_naics)
{
    static const struct row rows[] = {
        {"11", "agriculture"},
        {"naics:111110", "agriculture"},
        {"21", "mining"},
        {"211120", "energy"},
        {"2211", "energy"},
        {"221310", "utilities"},
        {"562111", "utilities"},
        {"23", "construction"},
        {"311", "food"},
        {"313", "textiles"},
        {"32", "manufacturing"},
        {"324110", "energy"},
        {"325", "chemicals"},
        {"325412", "pharma"},
        {"331", "manufacturing"},
        {"333", "machinery"},
        {"334413", "electronics"},
        {"336111", "automotive"},
        {"336411", "aerospace"},
        {"336611", "manufacturing"},
        {"42", "wholesale"},
        {"445", "retail"},
        {"441110", "automotive"},
        {"481", "logistics"},
        {"493", "logistics"},
        {"513210", "software"},
        {"511210", "software"},
        {"516", "media"},
        {"517", "telecom"},
        {"518210", "software"},
        {"52", "finance"},
        {"5221", "banking"},
        {"naics:522110", "banking"},
        {"NAICS: 522110", "banking"},
        {"523", "finance"},
        {"524", "insurance"},
        {"531", "real estate"},
        {"541511", "software"},
        {"541110", "professional services"},
        {"551114", "professional services"},
        {"561", "business services"},
        {"61", "education"},
        {"622", "healthcare"},
        {"71", "leisure"},
        {"721", "hospitality"},
        {"81", "other services"},
        {"92", "public sector"},
        {"5", NULL},
        {"99", NULL},
        {"5221101", NULL},
        {"naics:", NULL},
        {"naics:52x", NULL},
        {"00", NULL},
        {"34", NULL},
    };
    expect(VOCABULARY_INDUSTRY, rows, sizeof rows / sizeof rows[0]);
}

Test(vocabulary, codes_of_isic)
{
    static const struct row rows[] = {
        {"isic:A", "agriculture"},
        {"isic:A01", "agriculture"},
        {"isic:0111", "agriculture"},
        {"isic:B", "mining"},
        {"isic:B0610", "energy"},
        {"isic:C", "manufacturing"},
        {"isic:C10", "food"},
        {"isic:14", "textiles"},
        {"isic:C19", "energy"},
        {"isic:2011", "chemicals"},
        {"isic:C21", "pharma"},
        {"isic:C26", "electronics"},
        {"isic:C28", "machinery"},
        {"isic:C29", "automotive"},
        {"isic:3030", "aerospace"},
        {"isic:C31", "manufacturing"},
        {"isic:D35", "energy"},
        {"isic:E36", "utilities"},
        {"isic:F", "construction"},
        {"isic:G45", "automotive"},
        {"isic:G46", "wholesale"},
        {"isic:g47", "retail"},
        {"isic:H49", "logistics"},
        {"isic:I55", "hospitality"},
        {"isic:J", "software"},
        {"isic:J58", "media"},
        {"isic:J582", "software"},
        {"isic:J61", "telecom"},
        {"isic:J62", "software"},
        {"isic:K64", "banking"},
        {"ISIC:k65", "insurance"},
        {"isic:K66", "finance"},
        {"isic:L68", "real estate"},
        {"isic:M69", "professional services"},
        {"isic:N77", "business services"},
        {"isic:O84", "public sector"},
        {"isic:P85", "education"},
        {"isic:Q86", "healthcare"},
        {"isic:R90", "leisure"},
        {"isic:S94", "other services"},
        {"isic:T97", "other services"},
        {"isic:U99", "public sector"},
        {"isic:K10", NULL},
        {"isic:Z", NULL},
        {"isic:", NULL},
        {"isic:04", NULL},
        {"isic:64191", NULL},
        {"isic:6", NULL},
        {"isic:K6x", NULL},
    };
    expect(VOCABULARY_INDUSTRY, rows, sizeof rows / sizeof rows[0]);
}

Test(vocabulary, codes_of_sic)
{
    static const struct row rows[] = {
        {"sic:01", "agriculture"},
        {"sic:1011", "mining"},
        {"sic:1311", "energy"},
        {"sic:15", "construction"},
        {"sic:2011", "food"},
        {"sic:22", "textiles"},
        {"sic:2834", "pharma"},
        {"sic:2821", "chemicals"},
        {"sic:2911", "energy"},
        {"sic:3571", "electronics"},
        {"sic:3531", "machinery"},
        {"sic:3711", "automotive"},
        {"sic:3721", "aerospace"},
        {"sic:3731", "manufacturing"},
        {"sic:4011", "logistics"},
        {"sic:4813", "telecom"},
        {"sic:4833", "media"},
        {"sic:4911", "energy"},
        {"sic:4941", "utilities"},
        {"sic:50", "wholesale"},
        {"sic:5311", "retail"},
        {"sic:5511", "automotive"},
        {"sic:5812", "hospitality"},
        {"SIC:6021", "banking"},
        {"sic:6211", "finance"},
        {"sic:6311", "insurance"},
        {"sic:6512", "real estate"},
        {"sic:7011", "hospitality"},
        {"sic:7372", "software"},
        {"sic:7363", "business services"},
        {"sic:7812", "media"},
        {"sic:8011", "healthcare"},
        {"sic:8111", "professional services"},
        {"sic:8211", "education"},
        {"sic:8711", "professional services"},
        {"sic:9111", "public sector"},
        {"sic:9999", NULL},
        {"sic:18", NULL},
        {"sic:60211", NULL},
        {"sic:x", NULL},
    };
    expect(VOCABULARY_INDUSTRY, rows, sizeof rows / sizeof rows[0]);
}

Test(vocabulary, a_code_of_no_industry_is_no_tag)
{
    struct status_text why;
    cr_assert_eq(vocabulary_check(VOCABULARY_INDUSTRY, "naics:99", &why), VOUCH_INVALID);
    cr_assert_not_null(strstr(why.text, "naics:99"));
    cr_assert_eq(vocabulary_check(VOCABULARY_INDUSTRY, "99", &why), VOUCH_INVALID);
    cr_assert_eq(vocabulary_check(VOCABULARY_INDUSTRY, "naics:52", &why), VOUCH_OK);
    cr_assert_eq(vocabulary_check(VOCABULARY_INDUSTRY, "widgets", &why), VOUCH_OK);
    cr_assert_eq(vocabulary_check(VOCABULARY_FUNCTION, "99", &why), VOUCH_OK);
}

Test(vocabulary, slips)
{
    static const struct {
        const char *text, *nearly;
    } rows[] = {
        {"bankng", "banking"},
        {"Bnaking", "banking"},
        {"softwear", "software"},
        {"insurence", "insurance"},
        {"enrgy", "energy"},
        {"telecm", "telecom"},
        {"banking", NULL},
        {"bank", NULL},
        {"widgets", NULL},
        {"fo", NULL},
        {"", NULL},
        {"feet", NULL},
        {"media", NULL},
        {"constrution", "construction"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *nearly = vocabulary_nearly(VOCABULARY_INDUSTRY, rows[i].text);
        cr_assert((nearly == NULL) == (rows[i].nearly == NULL) &&
                      (nearly == NULL || strcmp(nearly, rows[i].nearly) == 0),
                  "'%s' is nearly %s", rows[i].text, nearly == NULL ? "nothing" : nearly);
    }
    char longest[4096];
    memset(longest, 'b', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    cr_assert_null(vocabulary_nearly(VOCABULARY_INDUSTRY, longest));
}

/* A word must not lead anywhere else, or what is stored would change when it is set again. */
Test(vocabulary, every_word_stays_what_it_is)
{
    for (int vocabulary = VOCABULARY_INDUSTRY; vocabulary <= VOCABULARY_FUNCTION; vocabulary++) {
        size_t count = 0;
        for (const char *word; (word = vocabulary_list((enum vocabulary)vocabulary, count)) != NULL; count++) {
            cr_assert_str_eq(vocabulary_word((enum vocabulary)vocabulary, word), word);
            cr_assert_not(vocabulary_is_code(word));
        }
        cr_assert_geq(count, 20);
    }
}

/* Whatever the code, it is looked up within its bounds and leads to a word of the list or to none. */
Test(vocabulary, all_codes)
{
    static const char *const prefixes[] = {"naics:", "isic:", "sic:"};
    for (size_t scheme = 0; scheme < 3; scheme++) {
        size_t known = 0;
        for (int code = 0; code < 10000; code++) {
            char text[32];
            snprintf(text, sizeof text, "%s%04d", prefixes[scheme], code);
            const char *word = vocabulary_word(VOCABULARY_INDUSTRY, text);
            known += word != NULL ? 1 : 0;
            cr_assert(word == NULL || vocabulary_word(VOCABULARY_INDUSTRY, word) == word);
        }
        cr_assert_gt(known, 2000, "%s", prefixes[scheme]);
    }
}
