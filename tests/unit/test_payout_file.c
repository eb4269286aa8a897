/* SPDX-License-Identifier: Apache-2.0
 *
 * Files for the bank: IBANs and BICs that are none, names in the characters that banks read, whose account is whose,
 * and a pain.001 whose sums are right in currencies with no, two and three decimals. */
#include "payout_file.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- bank details ---- */

Test(payout_file, ibans)
{
    static const struct {
        const char *text;
        const char *iban; /* NULL: it is none */
    } cases[] = {
        /* the examples of the IBAN registry */
        {"DE89 3704 0044 0532 0130 00", "DE89370400440532013000"},
        {"gb29nwbk60161331926819", "GB29NWBK60161331926819"},
        {"FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"},
        {"NO9386011117947", "NO9386011117947"},
        {"MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"},
        {"SE4550000000058398257466", "SE4550000000058398257466"},
        {"KW81CBKU0000000000001234560101", "KW81CBKU0000000000001234560101"},
        {"", NULL},
        {"DE", NULL},
        {"DE89370400440532013001", NULL},                  /* one digit off */
        {"DE98370400440532013000", NULL},                  /* check digits swapped */
        {"D189370400440532013000", NULL},                  /* no country */
        {"DEX9370400440532013000", NULL},                  /* no check digits */
        {"DE89-3704-0044-0532-0130-00", NULL},             /* no separators but spaces */
        {"DE8937040044053201300Ö", NULL},                  /* no letters but those */
        {"GB29NWBK60161331926819GB29NWBK601613319", NULL}, /* too long */
        {"370400440532013000", NULL},                      /* an account number */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char iban[IBAN_BYTES];
        cr_assert_eq(iban_read(cases[i].text, iban), cases[i].iban != NULL, "'%s'", cases[i].text);
        if (cases[i].iban != NULL) {
            cr_assert_str_eq(iban, cases[i].iban);
        }
    }
}

/* Every single wrong digit and every swap of neighbours is found: that is what the check digits are for. */
Test(payout_file, slips_of_the_finger_are_found)
{
    static const char good[] = "DE89370400440532013000";
    char iban[IBAN_BYTES];
    for (size_t i = 4; i < sizeof good - 1; i++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            char text[sizeof good];
            memcpy(text, good, sizeof good);
            text[i] = digit;
            cr_assert_eq(iban_read(text, iban), digit == good[i], "%s", text);
        }
        if (i + 1 < sizeof good - 1 && good[i] != good[i + 1]) {
            char text[sizeof good];
            memcpy(text, good, sizeof good);
            text[i] = good[i + 1];
            text[i + 1] = good[i];
            cr_assert_not(iban_read(text, iban), "%s", text);
        }
    }
}

Test(payout_file, bics)
{
    static const struct {
        const char *text;
        const char *bic;
    } cases[] = {
        {"COBADEFFXXX", "COBADEFFXXX"},
        {"cobadeff", "COBADEFF"},
        {"", ""},
        {"COBADEF", NULL},
        {"COBA1EFF", NULL},
        {"COBADEFFXX", NULL},
        {"COBA EFF", NULL},
        {"COBADEFFXXXX", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bic[BIC_BYTES];
        cr_assert_eq(bic_read(cases[i].text, bic), cases[i].bic != NULL, "'%s'", cases[i].text);
        if (cases[i].bic != NULL) {
            cr_assert_str_eq(bic, cases[i].bic);
        }
    }
}

Test(payout_file, names_that_banks_read)
{
    static const struct {
        const char *text;
        const char *read; /* NULL: nothing that a bank can read */
    } cases[] = {
        {"Ana Sousa", "Ana Sousa"},
        {"Jürgen Größe", "Jurgen Grosse"},
        {"Łukasz Żółw", "Lukasz Zolw"},
        {"Smith & Sons <ltd>", "Smith + Sons .ltd."},
        {"  O'Neil-Müller (EU), Inc.  ", "O'Neil-Muller (EU), Inc."},
        {"a_b;c\"d", "a.b.c.d"},
        {"", NULL},
        {"…", NULL},
        {"???", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[71];
        cr_assert_eq(bank_text(cases[i].text, out, sizeof out), cases[i].read != NULL, "'%s' as '%s'", cases[i].text,
                     out);
        if (cases[i].read != NULL) {
            cr_assert_str_eq(out, cases[i].read);
        }
    }
    char out[71], longer[200];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    cr_assert(bank_text(longer, out, sizeof out));
    cr_assert_eq(strlen(out), 70);
}

Test(payout_file, debtors)
{
    static const struct {
        const char *text;
        const char *holder; /* NULL: it is none */
        const char *bic;
    } cases[] = {
        {"Northgate Storage,DE89370400440532013000,COBADEFFXXX", "Northgate Storage", "COBADEFFXXX"},
        {"Northgate, Storage & Co , DE89 3704 0044 0532 0130 00", "Northgate, Storage & Co", ""},
        {"Northgate,DE89370400440532013000,", "Northgate", ""},
        {"Northgate Storage", NULL, NULL},
        {"Northgate,DE89370400440532013001,COBADEFFXXX", NULL, NULL},
        {"Northgate,DE89370400440532013000,COBA", NULL, NULL},
        {",DE89370400440532013000,COBADEFFXXX", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bank_account account;
        struct status_text why = {""};
        enum vouch_status status = bank_account_parse(cases[i].text, &account, &why);
        cr_assert_eq(status == VOUCH_OK, cases[i].holder != NULL, "'%s': %s", cases[i].text, why.text);
        if (cases[i].holder != NULL) {
            cr_assert_str_eq(account.holder, cases[i].holder);
            cr_assert_str_eq(account.iban, "DE89370400440532013000");
            cr_assert_str_eq(account.bic, cases[i].bic);
        }
    }
}

static enum vouch_status read_accounts(const char *text, struct bank_account **accounts, size_t *count,
                                       struct status_text *why)
{
    char path[] = "/tmp/vouch-accounts-XXXXXX";
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    enum vouch_status status = bank_accounts_read(path, accounts, count, why);
    unlink(path);
    return status;
}

Test(payout_file, accounts_files)
{
    static const struct {
        const char *text;
        size_t count;
        const char *why; /* NULL: it is read */
    } cases[] = {
        {"member,name,iban,bic\nAna,,DE89370400440532013000,\n\n\"Bo, B.\",Bo,NO9386011117947,DNBANOKK\n", 2, NULL},
        {"\xEF\xBB\xBFIBAN,Member\r\nDE89 3704 0044 0532 0130 00,12\r\n", 1, NULL},
        {"member,name,iban,bic\n", 0, NULL},
        {"", 0, "the first line names the columns"},
        {"member,account\nAna,1\n", 0, "the first line names the columns"},
        {"member,iban\nAna,DE89370400440532013001\n", 0,
         "line 2 of the accounts file: 'DE89370400440532013001' of Ana"},
        {"member,iban,bic\nAna,DE89370400440532013000,X\n", 0, "is no BIC"},
        {"member,iban\n,DE89370400440532013000\n", 0, "names no member"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bank_account *accounts;
        size_t count;
        struct status_text why = {""};
        enum vouch_status status = read_accounts(cases[i].text, &accounts, &count, &why);
        cr_assert_eq(status == VOUCH_OK, cases[i].why == NULL, "case %zu: %s", i, why.text);
        cr_assert_eq(count, cases[i].count, "case %zu", i);
        cr_assert(cases[i].why == NULL || strstr(why.text, cases[i].why) != NULL, "case %zu: %s", i, why.text);
        free(accounts);
    }
}

/* ---- whose account ---- */

#define IBAN "DE89370400440532013000"

static const struct bank_account accounts[] = {
    {"Ana Sousa", "", IBAN, "COBADEFFXXX"},
    {"7", "Bo Lind AB", IBAN, ""},
    {"MÜLLER", "", IBAN, ""},
    {"Twice", "", IBAN, ""},
    {"twice", "", IBAN, ""},
};
#define ACCOUNTS (sizeof accounts / sizeof accounts[0])

static struct payout_order order_of(uint64_t payee, const char *name, int64_t minor)
{
    return (struct payout_order){.statement = payee + 100,
                                 .payee = payee,
                                 .payee_name = name,
                                 .state = "sent",
                                 .open = true,
                                 .minor = minor,
                                 .pay_minor = minor};
}

static struct payout_file file_of(struct payout_order *orders, size_t count, const char *currency)
{
    static const struct bank_account debtor = {"", "Northgate Störage", IBAN, "COBADEFFXXX"};
    return (struct payout_file){.payout = 3,
                                .company = "Northgate Störage",
                                .currency = currency,
                                .pay_currency = currency,
                                .zone = "Europe/Berlin",
                                .made_ms = INT64_C(1796047200000),
                                .execution_day = "2026-12-03",
                                .debtor = &debtor,
                                .orders = orders,
                                .count = count};
}

Test(payout_file, accounts_are_found_by_number_or_name)
{
    static const struct {
        uint64_t payee;
        const char *name;
        const char *holder; /* of the account that is found; NULL: none */
        const char *why;    /* NULL: none is found, and that is what is said */
    } cases[] = {
        {1, "Ana Sousa", "Ana Sousa", NULL},
        {1, "ANA SOUSA", "Ana Sousa", NULL},
        {7, "Whoever", "7", NULL},
        {2, "müller", "MÜLLER", NULL},
        {3, "Ana", NULL, NULL},
        {4, "Twice", NULL, "more than once"},
        {5, "Nobody", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct payout_order order = order_of(cases[i].payee, cases[i].name, 100);
        struct payout_file file = file_of(&order, 1, "EUR");
        struct status_text why = {""};
        enum vouch_status status = payout_file_match(&file, accounts, ACCOUNTS, &why);
        cr_assert_eq(status == VOUCH_OK, cases[i].holder != NULL, "case %zu: %s", i, why.text);
        if (cases[i].holder != NULL) {
            cr_assert_str_eq(order.account->member, cases[i].holder);
        } else {
            cr_assert(strstr(why.text, cases[i].why != NULL ? cases[i].why : "no bank details of ") != NULL, "%s",
                      why.text);
        }
    }
}

Test(payout_file, two_of_one_name_are_told_apart_by_number)
{
    struct payout_order orders[] = {order_of(1, "Ana Sousa", 100), order_of(2, "Ana Sousa", 200)};
    struct payout_file file = file_of(orders, 2, "EUR");
    struct status_text why = {""};
    cr_assert_eq(payout_file_match(&file, accounts, ACCOUNTS, &why), VOUCH_INVALID);
    cr_assert(strstr(why.text, "two payees of B3 are called Ana Sousa") != NULL, "%s", why.text);
    /* The same one on two statements is no two. */
    orders[1].payee = 1;
    cr_assert_eq(payout_file_match(&file, accounts, ACCOUNTS, &why), VOUCH_OK, "%s", why.text);
    /* What is settled or failed needs no account. */
    orders[1] = order_of(9, "Nobody", 5);
    orders[1].open = false;
    cr_assert_eq(payout_file_match(&file, accounts, ACCOUNTS, &why), VOUCH_OK, "%s", why.text);
}

/* ---- the files ---- */

static char *write_pain(struct payout_file *file, enum vouch_status wanted)
{
    char *text = NULL;
    size_t size = 0;
    struct status_text why = {""};
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(payout_file_match(file, accounts, ACCOUNTS, &why), VOUCH_OK, "%s", why.text);
    cr_assert_eq(payout_file_pain(out, file, &why), wanted, "%s", why.text);
    fclose(out);
    cr_assert(wanted == VOUCH_OK || size == 0, "something was written");
    return text;
}

static void expect_text(const char *xml, const char *text)
{
    cr_assert(strstr(xml, text) != NULL, "no %s in %s", text, xml);
}

Test(payout_file, sums_in_every_kind_of_currency)
{
    static const struct {
        const char *currency;
        const char *first, *second, *sum;
    } cases[] = {
        {"EUR", ">1.05<", ">1234567.89<", ">1234568.94<"},
        {"JPY", ">105<", ">123456789<", ">123456894<"},
        {"KWD", ">0.105<", ">123456.789<", ">123456.894<"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct payout_order orders[] = {order_of(1, "Ana Sousa", 105), order_of(7, "Bo", 123456789),
                                        order_of(1, "Ana Sousa", 999)};
        orders[2].open = false;
        struct payout_file file = file_of(orders, 3, cases[i].currency);
        char *xml = write_pain(&file, VOUCH_OK);
        expect_text(xml, cases[i].first);
        expect_text(xml, cases[i].second);
        char *sum = strstr(xml, cases[i].sum);
        cr_assert_not_null(sum, "%s", xml);
        cr_assert_not_null(strstr(sum + 1, cases[i].sum), "the sum stands in both heads");
        expect_text(xml, "<NbOfTxs>2</NbOfTxs>");
        expect_text(xml, "<EndToEndId>S101</EndToEndId>");
        expect_text(xml, "<Nm>Northgate Storage</Nm>");
        expect_text(xml, "<Nm>Bo Lind AB</Nm>");
        expect_text(xml, "<CreDtTm>2026-11-30T14:00:00Z</CreDtTm>");
        expect_text(xml, i == 0 ? "<Cd>SEPA</Cd>" : "<ChrgBr>SHAR</ChrgBr>");
        cr_assert_eq(strstr(xml, "SEPA") != NULL, i == 0, "SEPA is in euro");
        cr_assert_null(strstr(xml, "999"), "what is settled is not paid again");
        free(xml);
    }
}

Test(payout_file, what_cannot_be_paid)
{
    struct payout_order orders[] = {order_of(1, "Ana Sousa", INT64_MAX / 2), order_of(7, "Bo", INT64_MAX / 2)};
    struct payout_file file = file_of(orders, 2, "EUR");
    free(write_pain(&file, VOUCH_INVALID)); /* more than 18 digits */
    orders[0].open = orders[1].open = false;
    free(write_pain(&file, VOUCH_CONFLICT)); /* nothing left */
    struct payout_order nameless = order_of(2, "müller", 100);
    struct bank_account dots = {"müller", "…", IBAN, ""};
    struct payout_file one = file_of(&nameless, 1, "EUR");
    struct status_text why = {""};
    cr_assert_eq(payout_file_match(&one, &dots, 1, &why), VOUCH_OK);
    cr_assert_eq(payout_file_pain(stdout, &one, &why), VOUCH_INVALID);
    cr_assert(strstr(why.text, "the name of S102's payee") != NULL, "%s", why.text);
}

Test(payout_file, csv_by_rfc_4180)
{
    struct payout_order order = order_of(1, "Ana \"the\" Sousa, jr\nII", 105);
    struct payout_file file = file_of(&order, 1, "EUR");
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    payout_file_csv(out, &file);
    fclose(out);
    expect_text(text, ",\"Ana \"\"the\"\" Sousa, jr\nII\",");
    cr_assert_str_eq(text + size - 2, "\r\n");
    char *end = strstr(text, "\r\n");
    size_t head = 0, row = 0;
    for (char *c = text; c < end; c++) {
        head += *c == ',';
    }
    for (char *c = end; *c != '\0'; c++) {
        row += *c == ',';
    }
    cr_assert_eq(row, head + 1); /* the comma in the name */
    free(text);
}
