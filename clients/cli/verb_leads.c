/* SPDX-License-Identifier: Apache-2.0
 *
 * leads: prospects that nobody vouches for, kept apart from referrals. A vouch makes a referral of one. */
#include "cli.h"

#include <inttypes.h>
#include <string.h>

#define PAGE_ROWS 500

static void add_row(struct cli *cli, struct table *table, const Vouch__V1__ReferralView *view)
{
    const Vouch__V1__Referral *lead = view->referral;
    char id[24], state[32], since[TIME_TEXT_BYTES], next[64] = "";
    snprintf(id, sizeof id, "R%" PRIu64, lead->id);
    if (lead->referrer == cli->profile.member) {
        snprintf(next, sizeof next, "vouch attest R%" PRIu64 " --vouch …", lead->id);
    }
    table_row(table, (const char *const[]){
                         id, view->prospect, text_enum(state, &vouch__v1__referral_state__descriptor, (int)lead->state),
                         view->referrer, view->receiver,
                         text_time(since, lead->registered_ms != 0 ? lead->registered_ms : lead->changed_ms), next});
}

/* Takes the leads of a page; answers the id to go on before, 0 at the end. */
static uint64_t take_page(struct cli *cli, const Vouch__V1__ReferralPage *page, struct table *table, json_t *rows)
{
    for (size_t i = 0; i < page->n_referrals; i++) {
        const Vouch__V1__ReferralView *view = page->referrals[i];
        if (view->referral == NULL || !view->referral->lead) {
            continue;
        }
        json_array_append_new(rows, json_of_message(&view->base));
        add_row(cli, table, view);
    }
    const Vouch__V1__ReferralView *last = page->n_referrals > 0 ? page->referrals[page->n_referrals - 1] : NULL;
    return page->more && last != NULL && last->referral != NULL ? last->referral->id : 0;
}

int verb_leads(struct cli *cli)
{
    struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                            {"PROSPECT", COLUMN_TEXT},
                                                            {"STATE", COLUMN_FIXED},
                                                            {"FROM", COLUMN_TEXT},
                                                            {"TO", COLUMN_TEXT},
                                                            {"SINCE", COLUMN_FIXED},
                                                            {"COMMAND", COLUMN_FIXED},
                                                            {NULL, COLUMN_TEXT}});
    Vouch__V1__ReferralList list = VOUCH__V1__REFERRAL_LIST__INIT;
    Vouch__V1__Request request = REQUEST(REFERRAL_LIST, referral_list, &list);
    json_t *rows = json_array();
    int code = EXIT_DONE;
    list.limit = PAGE_ROWS;
    for (bool more = true; code == EXIT_DONE && more;) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_REFERRALS, &reply);
        if (code == EXIT_DONE) {
            list.before = take_page(cli, reply->referrals, table, rows);
            more = list.before != 0;
            vouch_reply_free(&reply);
        }
    }
    if (code == EXIT_DONE && !cli->json) {
        table_print(&table, "no leads of yours: somebody vouches for all that is open. `vouch list` shows it.");
    } else {
        table_drop(&table);
        code = code == EXIT_DONE ? json_print(json_pack("{s:O}", "leads", rows)) : code;
    }
    json_decref(rows);
    return code;
}
