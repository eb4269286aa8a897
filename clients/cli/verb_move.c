/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs that move a referral on: each names one move, what goes with it, and what is said when it is done. */
#include "calendar.h"
#include "cli.h"

#include "domain/day.h"
#include "domain/money.h"
#include "domain/zone.h"

#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES 1000

struct move {
    Vouch__V1__ReferralVerb verb;
    const char *reason;  /* option that fills the reason; NULL: none */
    const char *note;    /* option that fills the note (of ATTEST, the vouch); NULL: none */
    const char *missing; /* what is said when the reason or the note, which are needed, are missing; NULL: not needed */
    const char *done;    /* after "R12 " */
};

/* Has who sits at a terminal answer what is missing: up to its '?' it is a question. */
static bool ask_text(const struct cli *cli, const char *missing, char answer[ANSWER_BYTES])
{
    const char *end = strchr(missing, '?');
    if (cli->json || end == NULL || isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
        return false;
    }
    fprintf(stderr, "%.*s ", (int)(end + 1 - missing), missing);
    if (fgets(answer, ANSWER_BYTES, stdin) == NULL) {
        return false;
    }
    answer[strcspn(answer, "\r\n")] = '\0';
    return answer[0] != '\0';
}

static int send_move(struct cli *cli, const struct move *move, Vouch__V1__ReferralMove *message)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    message->verb = move->verb;
    text.reason = move->reason != NULL ? args_field(&cli->args, move->reason) : text.reason;
    char **note = move->verb == VOUCH__V1__REFERRAL_VERB__ATTEST ? &text.vouch : &text.note;
    *note = move->note != NULL ? args_field(&cli->args, move->note) : *note;
    bool lacks_reason = move->reason != NULL && text.reason[0] == '\0';
    bool lacks_note = move->note != NULL && (*note)[0] == '\0';
    char answer[ANSWER_BYTES];
    if (move->missing != NULL && lacks_reason != lacks_note && ask_text(cli, move->missing, answer)) {
        *(lacks_reason ? &text.reason : note) = answer;
    } else if (move->missing != NULL && (lacks_reason || lacks_note)) {
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
    return simple_move(
        cli,
        &(struct move){VOUCH__V1__REFERRAL_VERB__REGISTER, NULL, "note", NULL,
                       "is registered. Unless it is offered to whom it names: `vouch match` it, or `vouch offer` it."});
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
    static const char missing[] = "how did you reach them? --evidence \"called, we speak on Tuesday\"";
    Vouch__V1__ReferralMove message = VOUCH__V1__REFERRAL_MOVE__INIT;
    struct move move = {VOUCH__V1__REFERRAL_VERB__CONTACT, "evidence", "note", NULL,
                        "is contacted; the referrer is told. Next: `vouch met` or `vouch lost`."};
    if (args_field(&cli->args, "evidence")[0] == '\0') {
        move.missing = missing;
        move.note = args_field(&cli->args, "note")[0] == '\0' ? NULL : move.note; /* which is not needed */
    }
    return send_move(cli, &move, &message);
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

int verb_update(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__UPDATE, NULL, "note",
                                           "how does it go? --note \"second call on Tuesday, budget is there\"",
                                           "is up to date; the referrer is told and its clock starts anew."});
}

int verb_attest(struct cli *cli)
{
    return simple_move(cli, &(struct move){VOUCH__V1__REFERRAL_VERB__ATTEST, NULL, "vouch",
                                           "why do you vouch? --vouch \"We ran their backup for six years.\"",
                                           "is a referral from now on: you vouch for it."});
}

int verb_disown(struct cli *cli)
{
    return simple_move(cli,
                       &(struct move){VOUCH__V1__REFERRAL_VERB__DISOWN, "reason", NULL,
                                      "why do you not vouch for it any more? --reason TEXT", "is a lead from now on."});
}

/* The start of a day in a zone: "2026-12-01", or "+14d" from today. */
static bool parse_until(const char *text, const char *zone, int64_t now_ms, int64_t *until_ms)
{
    uint32_t day = day_of(zone, now_ms);
    uint64_t days = 0;
    char digits[8];
    size_t length = strlen(text);
    if (text[0] == '+' && length >= 3 && length < sizeof digits && text[length - 1] == 'd') {
        snprintf(digits, sizeof digits, "%.*s", (int)(length - 2), text + 1);
        if (!text_parse_number(digits, 9999, &days)) {
            return false;
        }
        day = calendar_day_after(day, (int)days);
    } else if (!calendar_parse_day(text, &day)) {
        return false;
    }
    return day_start_ms(zone, day, until_ms);
}

/* Now, as the broker has it, and the zone that the member works in. */
static int ask_time(struct cli *cli, int64_t *now_ms, char zone[ZONE_BYTES])
{
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    Vouch__V1__Request request = REQUEST(WHOAMI, whoami, &whoami);
    Vouch__V1__Reply *reply = NULL;
    int code = session_ask_time(cli, now_ms, zone);
    code = code != EXIT_DONE ? code : session_call(cli, &request, VOUCH__V1__REPLY__RESULT_MEMBER, &reply);
    if (code == EXIT_DONE) {
        const Vouch__V1__WorkCalendar *calendar = reply->member->calendar;
        if (calendar != NULL && calendar->zone[0] != '\0') {
            snprintf(zone, ZONE_BYTES, "%s", calendar->zone);
        }
        vouch_reply_free(&reply);
    }
    return code;
}

int verb_snooze(struct cli *cli)
{
    Vouch__V1__ReferralMove message = VOUCH__V1__REFERRAL_MOVE__INIT;
    char done[128], zone[ZONE_BYTES], until[ZONE_TEXT_BYTES];
    const char *day = args_text(&cli->args, "until");
    int64_t now_ms = 0;
    if (day == NULL) {
        return fail_usage(cli, "until when? --until 2026-12-01, or --until +14d");
    }
    int code = ask_time(cli, &now_ms, zone);
    if (code != EXIT_DONE) {
        return code;
    }
    if (!parse_until(day, zone, now_ms, &message.until_ms)) {
        return fail_usage(cli, "'%.40s' is no day; write 2026-12-01 or +14d", day);
    }
    snprintf(done, sizeof done, "is put off until %s; the referrer is told, and its clock starts anew then.",
             zone_text(until, zone, message.until_ms, false));
    return send_move(cli,
                     &(struct move){VOUCH__V1__REFERRAL_VERB__SNOOZE, "reason", NULL,
                                    "why? the referrer reads it: --reason \"they decide in spring\"", done},
                     &message);
}
