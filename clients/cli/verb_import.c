/* SPDX-License-Identifier: Apache-2.0
 *
 * import. */
#include "cli.h"

int verb_import(struct cli *cli)
{
    return fail_usage(cli, "usage: vouch import crm DIR");
}
