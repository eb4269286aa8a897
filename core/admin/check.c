/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd check`: every invariant of the store, verified; works beside a running broker. */
#include "admin/admin.h"

#include "query/check.h"

#include <stdio.h>

static void report(void *argument, const char *finding)
{
    unsigned long *findings = argument;
    (*findings)++;
    printf("broken: %s\n", finding);
}

int admin_check(struct invocation *invocation)
{
    struct status_text why = {""};
    struct store *store = NULL;
    unsigned long findings = 0;
    enum vouch_status status = admin_open_beside(invocation->settings, &store, &why);
    if (status != VOUCH_OK) {
        return admin_fail(status, &why);
    }
    struct view *view = snapshot_open(store);
    if (view == NULL) {
        status = status_set(&why, VOUCH_UNAVAILABLE, "no snapshot of the store can be opened");
    } else {
        uint64_t sequence = view_sequence(view);
        status = invariants_check(view, report, &findings);
        snapshot_close(&view);
        if (findings == 0 && status == VOUCH_OK) {
            printf("clean: %llu events, every index, tie, inbox and ledger line agrees\n",
                   (unsigned long long)sequence);
        } else {
            status_set(&why, VOUCH_INTERNAL,
                       "%lu broken invariants; the journal is the truth: vouchd rebuild --replace", findings);
            status = VOUCH_INTERNAL;
        }
    }
    store_close(&store, status == VOUCH_OK);
    return status == VOUCH_OK ? 0 : admin_fail(status, &why);
}
