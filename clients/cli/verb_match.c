/* SPDX-License-Identifier: Apache-2.0
 *
 * match: who should take a referral, and why. */
#include "match.h"

#include "company.h"

#include <stdlib.h>
#include <string.h>

/* "0.81" */
static const char *text_score(char out[16], uint32_t ppm)
{
    snprintf(out, 16, "%u.%02u", (ppm + 5000) / 1000000, (ppm + 5000) % 1000000 / 10000);
    return out;
}

/* "icp .27 (banking)  issue .20 (archive, audit)  city –": what the score is made of. */
static void text_components(char *out, size_t size, const Vouch__V1__Candidate *candidate)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < candidate->n_components && at < size; i++) {
        const Vouch__V1__Candidate__Component *part = candidate->components[i];
        char score[16];
        text_score(score, part->contribution_ppm);
        int wrote = snprintf(out + at, size - at, "%s%s %s%s%s%s", i > 0 ? "  " : "", part->name,
                             part->known ? score + (score[0] == '0') : "–", part->why[0] != '\0' ? " (" : "", part->why,
                             part->why[0] != '\0' ? ")" : "");
        at += wrote > 0 ? (size_t)wrote : 0;
    }
}

static void text_gates(char *out, size_t size, const Vouch__V1__Candidate *candidate)
{
    size_t at = (size_t)snprintf(out, size, "out: ");
    for (size_t i = 0; i < candidate->n_gates_failed && at < size; i++) {
        int wrote = snprintf(out + at, size - at, "%s%s", i > 0 ? ", " : "", candidate->gates_failed[i]);
        at += wrote > 0 ? (size_t)wrote : 0;
    }
}

void match_print(const Vouch__V1__Ranking *ranking)
{
    struct table *table = table_new((const struct column[]){{"", COLUMN_NUMBER},
                                                            {"WHO", COLUMN_TEXT},
                                                            {"WHERE", COLUMN_TEXT},
                                                            {"SCORE", COLUMN_NUMBER},
                                                            {"RELIABLE", COLUMN_NUMBER},
                                                            {"FREE", COLUMN_NUMBER},
                                                            {"WHY", COLUMN_TEXT},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < ranking->n_candidates; i++) {
        const Vouch__V1__Candidate *candidate = ranking->candidates[i];
        char number[24], where[512], score[16], kept[16], free_text[16], why[1024];
        snprintf(number, sizeof number, "%zu", i + 1);
        snprintf(where, sizeof where, "%s%s%s", candidate->company, candidate->team[0] != '\0' ? ", " : "",
                 candidate->team);
        snprintf(kept, sizeof kept, "%u %%", (candidate->reliability_ppm + 5000) / 10000);
        snprintf(free_text, sizeof free_text, "%u %%", (candidate->capacity_ppm + 5000) / 10000);
        if (candidate->n_gates_failed > 0) {
            text_gates(why, sizeof why, candidate);
        } else {
            text_components(why, sizeof why, candidate);
        }
        const char *cells[] = {number, candidate->name, where, text_score(score, candidate->score_ppm),
                               kept,   free_text,       why};
        table_row(table, cells);
    }
    table_print(&table, "nobody fits: no member has a card that matches (`vouch card set`)");
    printf("by %s %s over %u members; score = sum of the parts × reliable × free × how much of the card is known\n",
           ranking->plugin, ranking->plugin_version, ranking->considered);
}

int match_read_issues(struct cli *cli, size_t *count, char ***issues, char *room[ARGS_LIST])
{
    int found = args_list(&cli->args, "issues", room);
    if (found < 0) {
        return fail_usage(cli, "at most %d issues", ARGS_LIST);
    }
    *count = (size_t)found;
    *issues = room;
    return EXIT_DONE;
}

/* "R12" is a referral, anything else a company, known or not. */
static int read_subject(struct cli *cli, Vouch__V1__Match *match, Vouch__V1__CompanyAdd *fresh)
{
    char *text = cli->args.words[0];
    uint64_t number;
    if ((text[0] == 'R' || text[0] == 'r') && text_parse_number(text + 1, UINT64_MAX >> 8, &number)) {
        match->referral = number;
        return EXIT_DONE;
    }
    int code = name_look_up(cli, VOUCH__V1__FIND__KIND__COMPANY, text, &match->prospect, NULL);
    if (code == EXIT_DONE && match->prospect == 0) {
        fresh->name = text;
        match->new_prospect = fresh;
    }
    return code;
}

int verb_match(struct cli *cli)
{
    Vouch__V1__Match match = VOUCH__V1__MATCH__INIT;
    Vouch__V1__CompanyAdd fresh = VOUCH__V1__COMPANY_ADD__INIT;
    char *room[ARGS_LIST];
    uint64_t limit = 0;
    const char *most = args_text(&cli->args, "limit");
    if (most != NULL && (!text_parse_number(most, 50, &limit) || limit == 0)) {
        return fail_usage(cli, "--limit is a number from 1 to 50");
    }
    match.limit = (uint32_t)limit;
    match.need = args_field(&cli->args, "need");
    int code = match_read_issues(cli, &match.n_issues, &match.issues, room);
    if (code == EXIT_DONE) {
        code = read_subject(cli, &match, &fresh);
    }
    Vouch__V1__Request request = REQUEST(MATCH, match, &match);
    Vouch__V1__Reply *reply = NULL;
    if (code == EXIT_DONE) {
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_RANKING, &reply);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        code = json_print(json_of_message(&reply->ranking->base));
    } else {
        match_print(reply->ranking);
        if (match.referral != 0 && reply->ranking->n_candidates > 0 &&
            reply->ranking->candidates[0]->n_gates_failed == 0) {
            printf("next: vouch offer R%llu \"%s\"\n", (unsigned long long)match.referral,
                   reply->ranking->candidates[0]->name);
        }
    }
    vouch_reply_free(&reply);
    return code;
}
