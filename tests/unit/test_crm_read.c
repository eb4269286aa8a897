/* SPDX-License-Identifier: Apache-2.0
 *
 * CRM files: what is odd is said, what is certain is corrected, and on the real pipeline the known answers come out. */
#include "crm_read.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL "../shared/data/crm-maven"

static char folder[64];

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs(text, file);
    fclose(file);
}

static void make_folder(void)
{
    strcpy(folder, "/tmp/vouch-crm-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    write_file("accounts.csv", "account,sector,employees,office_location,subsidiary_of\n"
                               "Acme,technolgy,12,Philipines,\n"
                               "Bolt,retail,99999,Korea,Acme\n"
                               "Cog,retail,x,DE,Nobody\n"
                               "Acme,retail,1,DE,\n");
    write_file("sales_teams.csv", "sales_agent,manager,regional_office\nAna,Mo,East\nBea,Mo,West\n");
    write_file("products.csv", "product,series,sales_price\nGTX Pro,GTX,4821\n");
    write_file("sales_pipeline.csv",
               "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
               "1,Ana,GTXPro,Acme,Won,2017-01-02,2017-02-03,1054\n"
               "2,Ana,GTX Pro,,Engaging,2017-01-02,,\n"
               "3,Ana,Abacus,Zed,Prospecting,,,\n"
               "4,Zoe,GTX Pro,Acme,Won,2017-01-02,2017-02-03,1\n"
               "5,Ana,GTX Pro,Acme,Lost,2017-02-03,2017-01-02,0\n"
               "6,Ana,GTX Pro,Acme,Lost,2017-02-30,,0\n"
               "1,Ana,GTX Pro,Acme,Lost,2017-02-03,2017-02-04,0\n"
               "7,Ana,GTX Pro,Acme,Lost,2017-02-03,2017-02-04,much\n"
               "8,Ana,GTX Pro,Acme,Gone,2017-02-03,2017-02-04,0\n"
               "9,Ana,GTX Pro,Acme,Won,2017-02-03,2017-02-04,-5\n");
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert(system(command) == 0);
}

static bool noted(const struct crm *crm, const char *text)
{
    for (size_t i = 0; i < crm->note_count; i++) {
        if (strstr(crm->notes[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
}

Test(crm_read, oddities_are_said, .init = make_folder, .fini = remove_folder)
{
    static const char *const said[] = {
        "sector \"technolgy\" is read as \"technology\" (1 accounts)",
        "country \"Philipines\" is read as \"Philippines\"",
        "country \"Korea\" is not known and kept",
        "\"Cog\" is part of \"Nobody\", which is no other account",
        "1 accounts are part of another",
        "accounts.csv, row 5: the second one of this name",
        "Mo manages in East and in West",
        "product \"GTXPro\" is read as \"GTX Pro\" (1 deals)",
        "product \"Abacus\" is not known and kept",
        "account \"Zed\" is not in accounts.csv (1 deals)",
        "1 deals name no account (0 prospecting, 1 engaging, 0 won, 0 lost)",
        "sales_pipeline.csv, row 5: its agent is in no team",
        "row 6: it closed before it began",
        "row 7: a date is none",
        "row 8: its opportunity_id was there before",
        "row 9: its close_value is no amount",
        "row 10: its stage is none of",
        "row 11: its close_value is no amount",
        "1 agents have no deals: Bea",
    };
    struct crm crm;
    char why[512] = "";
    cr_assert(crm_read(folder, "USD", &crm, why), "%s", why);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        cr_expect(noted(&crm, said[i]), "%s", said[i]);
    }
    cr_assert_eq(crm.account_count, 3);
    cr_assert_eq(crm.people_count, 3);
    cr_assert_eq(crm.deal_count, 3);
    cr_assert_eq(crm.skipped, 7);
    cr_assert_eq(crm.won_minor, 105400);
    cr_assert_str_eq(crm.accounts[0].country, "PH");
    cr_assert_str_eq(crm.accounts[0].sector, "technology");
    cr_assert_str_eq(crm.accounts[1].country, "Korea");
    cr_assert_eq(crm.accounts[1].parent, 0);
    cr_assert_eq(crm.accounts[1].size_band, 8);
    cr_assert_eq(crm.accounts[2].size_band, 0);
    cr_assert_str_eq(crm.deals[0].product, "GTX Pro");
    crm_free(&crm);
}

Test(crm_read, circles_of_parents_are_cut, .init = make_folder, .fini = remove_folder)
{
    write_file("accounts.csv",
               "account,sector,employees,office_location,subsidiary_of\nA,,,,B\nB,,,,C\nC,,,,A\nD,,,,A\n");
    struct crm crm;
    char why[512];
    cr_assert(crm_read(folder, "USD", &crm, why));
    cr_assert(noted(&crm, "would be part of itself"));
    for (size_t i = 0; i < crm.account_count; i++) {
        int steps = 0;
        for (long at = crm.accounts[i].parent; at >= 0; at = crm.accounts[at].parent) {
            cr_assert(++steps < 5);
        }
    }
    crm_free(&crm);
}

Test(crm_read, what_cannot_be_read_is_said, .init = make_folder, .fini = remove_folder)
{
    struct crm crm;
    char why[512];
    write_file("products.csv", "name\nx\n");
    cr_assert(!crm_read(folder, "USD", &crm, why));
    cr_assert_str_eq(why, "products.csv has no column \"product\"");
    crm_free(&crm);
    write_file("products.csv", "product\n\"open\n");
    cr_assert(!crm_read(folder, "USD", &crm, why));
    cr_assert(strstr(why, "no valid CSV") != NULL, "%s", why);
    crm_free(&crm);
    write_file("products.csv", "product\nB\xFCro\n"); /* was sent row by row, and refused after half was imported */
    cr_assert(!crm_read(folder, "USD", &crm, why));
    cr_assert(strstr(why, "no text in UTF-8: byte 10 is of something else") != NULL, "%s", why);
    crm_free(&crm);
    char path[128], wide[4096] = "product\n";
    snprintf(path, sizeof path, "%s/products.csv", folder);
    memset(wide + strlen(wide), ',', 1000);
    write_file("products.csv", wide);
    cr_assert(!crm_read(folder, "USD", &crm, why));
    cr_assert(strstr(why, "more than 1000 columns") != NULL, "%s", why);
    crm_free(&crm);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL && fwrite("product\nA\0B\n", 1, 12, file) == 12 && fclose(file) == 0);
    cr_assert(!crm_read(folder, "USD", &crm, why)); /* was the product "A" */
    cr_assert(strstr(why, "byte 10 is a NUL") != NULL, "%s", why);
    crm_free(&crm);
    cr_assert(unlink(path) == 0 && mkdir(path, 0700) == 0);
    cr_assert(!crm_read(folder, "USD", &crm, why));
    cr_assert(strstr(why, "Is a directory") != NULL, "%s", why);
    crm_free(&crm);
    cr_assert(!crm_read("/nonexistent", "USD", &crm, why));
    cr_assert(strstr(why, "cannot read") != NULL);
    crm_free(&crm);
}

Test(crm_read, the_real_pipeline_has_its_known_answers)
{
    struct crm crm;
    char why[512] = "";
    if (access(REAL, F_OK) != 0) {
        cr_skip_test("no " REAL " here");
    }
    cr_assert(crm_read(REAL, "USD", &crm, why), "%s", why);
    cr_assert_eq(crm.account_count, 85);
    cr_assert_eq(crm.people_count, 35 + 6);
    cr_assert_eq(crm.deal_count, 8800);
    cr_assert_eq(crm.skipped, 0);
    cr_assert_eq(crm.stages[CRM_WON], 4238);
    cr_assert_eq(crm.stages[CRM_LOST], 2473);
    cr_assert_eq(crm.stages[CRM_ENGAGING], 1589);
    cr_assert_eq(crm.stages[CRM_PROSPECTING], 500);
    cr_assert_eq(crm.won_minor, INT64_C(10005534) * 100);
    cr_assert(noted(&crm, "product \"GTXPro\" is read as \"GTX Pro\" (1480 deals)"));
    cr_assert(noted(&crm, "sector \"technolgy\" is read as \"technology\""));
    cr_assert(noted(&crm, "country \"Philipines\" is read as \"Philippines\" (1 accounts)"));
    cr_assert(noted(&crm, "1425 deals name no account (337 prospecting, 1088 engaging, 0 won, 0 lost)"));
    cr_assert(noted(&crm, "5 agents have no deals: "));
    cr_assert(noted(&crm, "15 accounts are part of another"));
    crm_free(&crm);
}

Test(crm_words, one_letter_off)
{
    static const struct {
        const char *a, *b;
        bool off;
    } cases[] = {
        {"technology", "technolgy", true},
        {"technology", "technologyy", true},
        {"technology", "tecnhology", true},
        {"technology", "technologi", true},
        {"technology", "technology", false},
        {"technology", "tcnolgy", false},
        {"a", "", true},
        {"", "", false},
        {"ab", "ba", true},
        {"abc", "cab", false},
        {"Abc", "aBd", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(crm_one_letter_off(cases[i].a, cases[i].b), cases[i].off, "%s %s", cases[i].a, cases[i].b);
        cr_expect_eq(crm_one_letter_off(cases[i].b, cases[i].a), cases[i].off, "%s %s", cases[i].b, cases[i].a);
    }
    cr_assert(crm_same_squashed("GTX Pro", "GTXPro"));
    cr_assert(!crm_same_squashed("GTX Pro", "GTX Plus"));
}

Test(crm_words, countries_sectors_and_bands)
{
    const char *corrected;
    cr_assert_str_eq(crm_country("united states", &corrected), "US");
    cr_assert(corrected == NULL);
    cr_assert_str_eq(crm_country("Untied States", &corrected), "US");
    cr_assert_str_eq(corrected, "United States");
    cr_assert(crm_country("Nigar", &corrected) == NULL, "short words are not guessed");
    cr_assert_str_eq(crm_sector("sofware"), "software");
    cr_assert_str_eq(crm_sector("hosiery"), "hosiery");
    cr_assert_eq(crm_size_band("10"), 1);
    cr_assert_eq(crm_size_band("11"), 2);
    cr_assert_eq(crm_size_band("10001"), 8);
    cr_assert_eq(crm_size_band("-1"), 0);
    cr_assert_eq(crm_date("2017-03-01"), INT64_C(1488369600000));
    cr_assert_eq(crm_date("2017-02-29"), -1);
    cr_assert_eq(crm_date("2016-02-29") > 0, true);
    cr_assert_eq(crm_date("2017-3-1"), -1);
    cr_assert_eq(crm_date("2017-03-01x"), -1);
}
