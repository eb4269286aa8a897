/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose referral it is and whose help it was: the verbs of claims and credits. */
#include "cli.h"

#include <string.h>

int verb_credit(struct cli *cli)
{
    Vouch__V1__ReferralCredit credit = VOUCH__V1__REFERRAL_CREDIT__INIT;
    char name[NAME_MAX_BYTES], word[32];
    const char *kind = args_field(&cli->args, "for");
    int value = text_enum_parse(&vouch__v1__touch__kind__descriptor, kind);
    if (value < VOUCH__V1__TOUCH__KIND__INTEL || value > VOUCH__V1__TOUCH__KIND__HANDOVER) {
        return fail_usage(cli, "for what? --for intel, --for meeting or --for handover");
    }
    credit.kind = (Vouch__V1__Touch__Kind)value;
    credit.note = args_field(&cli->args, "note");
    int code = name_referral(cli, cli->args.words[0], &credit.referral);
    if (code == EXIT_DONE) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[1], &credit.member, name);
    }
    Vouch__V1__Request request = REQUEST(REFERRAL_CREDIT, referral_credit, &credit);
    uint64_t id = 0;
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "R%llu: %s is credited with %s, and told.", (unsigned long long)id,
                                        name, text_enum(word, &vouch__v1__touch__kind__descriptor, value));
}
