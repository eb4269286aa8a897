/* SPDX-License-Identifier: Apache-2.0
 *
 * import: people and history from elsewhere. */
#include "import.h"

#include <string.h>

int verb_import(struct cli *cli)
{
    const char *what = cli->args.words[0];
    bool named = cli->args.count == 2;
    if (strcmp(what, "contacts") == 0 && named) {
        return import_contacts(cli);
    }
    if (strcmp(what, "show") == 0) {
        return import_show(cli, named ? cli->args.words[1] : NULL);
    }
    if (strcmp(what, "crm") == 0 && named) {
        return import_crm(cli);
    }
    return fail_usage(cli, "usage: vouch import contacts FILE | show [N] | crm DIR");
}
