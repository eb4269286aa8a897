/* SPDX-License-Identifier: Apache-2.0
 *
 * What refer and contact share. */
#ifndef VOUCH_CLI_CONTACT_H
#define VOUCH_CLI_CONTACT_H

/* "Dana Frey, Head of Infrastructure" in two, in place; `*title` is "" without a comma. */
void contact_split(char *text, char **name, char **title);

#endif
