/* SPDX-License-Identifier: Apache-2.0
 *
 * What refer and company share: the options that describe a company. */
#ifndef VOUCH_CLI_COMPANY_H
#define VOUCH_CLI_COMPANY_H

#include "cli.h"

/* Fills domain, kind, industry, country, region, city and size band from the options of the same names. EXIT_DONE, or
 * told. */
int company_read_options(struct cli *cli, Vouch__V1__CompanyAdd *add);

/* The ISO 3166 code of a country that is named by code or English name. What is none is kept, and pointed out. */
char *company_country(char *text);

#endif
