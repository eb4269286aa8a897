/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions behind the verbs, from the table. Each answers the exit code of the program. */
#ifndef VOUCH_CLI_VERBS_H
#define VOUCH_CLI_VERBS_H

struct cli;

#define GROUP(name, title)
#define VERB(name, function, group, least, most, link, arguments, summary) int function(struct cli *cli);
#define OPTION(verb, name, kind, value, summary)
#include "verbs.def"
#undef GROUP
#undef VERB
#undef OPTION

#endif
