/* SPDX-License-Identifier: Apache-2.0
 *
 * Names instead of ids, wherever they are unique. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const char *kind_word(Vouch__V1__Find__Kind kind)
{
    switch (kind) {
    case VOUCH__V1__FIND__KIND__MEMBER:
        return "member";
    case VOUCH__V1__FIND__KIND__COMPANY:
        return "company";
    default:
        return "contact of yours";
    }
}

/* Several fit: lists them, with what tells them apart. */
static int tell_candidates(const struct cli *cli, Vouch__V1__Find__Kind kind, const char *text,
                           const Vouch__V1__Found *found)
{
    if (cli->json) {
        json_t *error = json_pack("{s:{s:s, s:s, s:i, s:o}}", "error", "name", "AMBIGUOUS", "message",
                                  "the name fits several", "exit", EXIT_AMBIGUOUS, "found",
                                  json_of_message(&found->base));
        json_dumpf(error, stderr, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        fputc('\n', stderr);
        json_decref(error);
        return EXIT_AMBIGUOUS;
    }
    fprintf(stderr, "vouch: '");
    text_print(stderr, text);
    fprintf(stderr, "' fits more than one %s; give the number or more of the name:\n", kind_word(kind));
    for (size_t i = 0; i < found->n_hits; i++) {
        fprintf(stderr, "  %5llu  ", (unsigned long long)found->hits[i]->id);
        text_print(stderr, found->hits[i]->name);
        if (found->hits[i]->detail[0] != '\0') {
            fputs("  (", stderr);
            text_print(stderr, found->hits[i]->detail);
            fputc(')', stderr);
        }
        fputc('\n', stderr);
    }
    fprintf(stderr, "%s   [exit %d: ambiguous]\n", found->more ? "  and more" : "", EXIT_AMBIGUOUS);
    return EXIT_AMBIGUOUS;
}

int name_look_up(struct cli *cli, Vouch__V1__Find__Kind kind, char *text, uint64_t *id, char name[NAME_MAX_BYTES])
{
    *id = 0;
    Vouch__V1__Find find = VOUCH__V1__FIND__INIT;
    find.kind = kind;
    find.text = text;
    Vouch__V1__Request request = REQUEST(FIND, find, &find);
    Vouch__V1__Reply *reply = NULL;
    int outcome = vouch_call(cli->vouch, &request, cli->timeout_ms, &reply);
    if (outcome == VOUCH_NOT_FOUND) {
        vouch_reply_free(&reply);
        return EXIT_DONE;
    }
    if (outcome != VOUCH_OK || reply->result_case != VOUCH__V1__REPLY__RESULT_FOUND) {
        vouch_reply_free(&reply);
        return fail_outcome(cli, outcome == VOUCH_OK ? VOUCH_INTERNAL : outcome, vouch_last_error());
    }
    const Vouch__V1__Found *found = reply->found;
    int code = EXIT_DONE;
    if (found->n_hits > 1) {
        code = tell_candidates(cli, kind, text, found);
    } else if (found->n_hits == 1) {
        *id = found->hits[0]->id;
        if (name != NULL) {
            snprintf(name, NAME_MAX_BYTES, "%s", found->hits[0]->name);
        }
    }
    vouch_reply_free(&reply);
    return code;
}

int name_resolve(struct cli *cli, Vouch__V1__Find__Kind kind, char *text, uint64_t *id, char name[NAME_MAX_BYTES])
{
    int code = name_look_up(cli, kind, text, id, name);
    if (code == EXIT_DONE && *id == 0) {
        char sentence[512];
        const char *list = kind == VOUCH__V1__FIND__KIND__MEMBER ? "members` shows them"
                           : kind == VOUCH__V1__FIND__KIND__COMPANY
                               ? "company list` shows them, `vouch company add` adds one"
                               : "contact list` shows them";
        snprintf(sentence, sizeof sentence, "there is no %s called '%.200s'; `vouch %s", kind_word(kind), text, list);
        return fail_outcome(cli, VOUCH_NOT_FOUND, sentence);
    }
    return code;
}

int name_referral(const struct cli *cli, const char *text, uint64_t *id)
{
    const char *digits = text[0] == 'R' || text[0] == 'r' ? text + 1 : text;
    if (!text_parse_number(digits, UINT64_MAX >> 8, id) || *id == 0) {
        return fail_usage(cli, "'%.60s' is no referral; they are called R1, R2 … (`vouch list` shows yours)", text);
    }
    return EXIT_DONE;
}

/* ---- Ids back to names ---- */

const char *name_of(struct cli *cli, Vouch__V1__Find__Kind kind, uint64_t id)
{
    static struct {
        Vouch__V1__Find__Kind kind;
        uint64_t id;
        char name[NAME_MAX_BYTES];
    } known[64];
    static unsigned used;
    if (id == 0) {
        return "";
    }
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].id == id && known[i].kind == kind) {
            return known[i].name;
        }
    }
    unsigned at = used++ % (sizeof known / sizeof known[0]);
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)id);
    Vouch__V1__Find find = VOUCH__V1__FIND__INIT;
    find.kind = kind;
    find.text = text;
    Vouch__V1__Request request = REQUEST(FIND, find, &find);
    Vouch__V1__Reply *reply = NULL;
    bool found = vouch_call(cli->vouch, &request, cli->timeout_ms, &reply) == VOUCH_OK &&
                 reply->result_case == VOUCH__V1__REPLY__RESULT_FOUND && reply->found->n_hits == 1;
    known[at].kind = kind;
    known[at].id = id;
    snprintf(known[at].name, NAME_MAX_BYTES, "%s", found ? reply->found->hits[0]->name : text);
    vouch_reply_free(&reply);
    return known[at].name;
}
