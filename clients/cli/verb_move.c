/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs that move a referral on: each names one move, what goes with it, and what is said when it is done. */
#include "cli.h"

#include "domain/money.h"

#include <string.h>

struct move {
    Vouch__V1__ReferralVerb verb;
    const char *reason;  /* option that fills the reason; NULL: none */
    const char *note;    /* option that fills the note; NULL: none */
    const char *missing; /* what is said when the reason or the note, which are needed, are missing; NULL: not needed */
    const char *done;    /* after "R12 " */
};

static int send_move(struct cli *cli, const struct move *move, Vouch__V1__ReferralMove *message)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    message->verb = move->verb;
    text.reason = move->reason != NULL ? args_field(&cli->args, move->reason) : text.reason;
    text.note = move->note != NULL ? args_field(&cli->args, move->note) : text.note;
    bool lacks = (move->reason != NULL && text.reason[0] == '\0') || (move->note != NULL && text.note[0] == '\0');
    if (move->missing != NULL && lacks) {
        return fail_usage(cli, "%s", move->missing);
    }
    int code = name_referral(cli, cli->args.words[0], &message->referral);
    message->text = &text;
    Vouch__V1__Request request = REQUEST(REFERRAL_MOVE, referral_move, message);
    uint64_t id = 0;
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    message->text = NULL; /* it ends with this call */
    return code != EXIT_DONE
               ? code
               : say_done(cli, message->referral, "R%llu %s", (unsigned long long)message->referral, move->done);
}

static int simple_move(struct cli *cli, const struct move *move)
{
    Vouch__V1__ReferralMove message = VOUCH__V1__REFERRAL_MOVE__INIT;
    return send_move(cli, move, &message);
}

int verb_register(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__REGISTER, NULL, "note", NULL,
                                           "is registered. Next: `vouch match` it, or `vouch offer` it to a member."});
}

int verb_introduce(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__INTRODUCE, NULL, "note", NULL,
                                           "goes on with your introduction; the referrer is told."});
}

int verb_no_path(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__NO_PATH, NULL, NULL, NULL,
                                           "is back with the referrer, who reads \"no path now\" and no reason."});
}

int verb_withdraw(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__WITHDRAW, "reason", NULL, NULL, "is withdrawn."});
}

int verb_accept(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__ACCEPT, NULL, "note", NULL,
                                           "is yours; the referrer is told. Next: first contact, then `vouch "
                                           "contacted`. `vouch show` has the contact's details."});
}

int verb_decline(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__DECLINE, "reason", NULL, NULL,
                                           "is declined; the referrer is told and can offer it to somebody else."});
}

int verb_contacted(struct cli *cli)
{
    Vouch__V1__ReferralMove message = VOUCH__V1__REFERRAL_MOVE__INIT;
    if (args_field(&cli->args, "evidence")[0] == '\0') {
        return fail_usage(cli, "how did you reach them? --evidence \"called, we speak on Tuesday\"");
    }
    return send_move(cli,
                     &(struct move){VOUCH__V1__REFERRAL_VERB__CONTACT, "evidence", "note", NULL,
                                    "is contacted; the referrer is told. Next: `vouch met` or `vouch lost`."},
                     &message);
}

int verb_met(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__MEET, NULL, "note", NULL,
                                           "had its meeting; the referrer is told. Next: `vouch opportunity` or `vouch "
                                           "lost`."});
}

int verb_opportunity(struct cli *cli)
{
    return simple_move(cli,
                       &(struct move){VOUCH__V1__REFERRAL_VERB__QUALIFY, NULL, "note", NULL,
                                      "is an opportunity; the referrer is told. Next: `vouch won` or `vouch lost`."});
}

int verb_won(struct cli *cli)
{
    Vouch__V1__ReferralMove message = VOUCH__V1__REFERRAL_MOVE__INIT;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    char currency[CURRENCY_BYTES];
    struct status_text why = {""};
    const char *amount = args_text(&cli->args, "value");
    if (amount == NULL) {
        return fail_usage(cli, "what is it worth? --value \"48,000 EUR\"");
    }
    if (money_parse(amount, &value.minor, currency, &why) != VOUCH_OK) {
        return fail_usage(cli, "--value: %s", why.text);
    }
    value.currency = currency;
    message.value = &value;
    return send_move(cli,
                     &(struct move){VOUCH__V1__REFERRAL_VERB__WIN, NULL, "feedback",
                                    "the referrer made this possible: --feedback \"Signed Friday, thank you.\"",
                                    "is won; the referrer is told. Who shares in its commission is fixed now; it "
                                    "accrues as the customer pays."},
                     &message);
}

int verb_lost(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__LOSE, "reason", "feedback",
                                           "why, and what should the referrer hear? --reason TEXT --feedback TEXT",
                                           "is lost; the referrer is told."});
}

int verb_offer(struct cli *cli)
{
    Vouch__V1__ReferralMove message = VOUCH__V1__REFERRAL_MOVE__INIT;
    char name[NAME_MAX_BYTES] = "", done[NAME_MAX_BYTES + 64];
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[1], &message.receiver, name);
    if (code != EXIT_DONE) {
        return code;
    }
    snprintf(done, sizeof done, "is offered to %s, who is told and accepts or declines.", name);
    return send_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__OFFER, NULL, NULL, NULL, done}, &message);
}
