/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose referral it is and whose help it was: the verbs of claims and credits. */
#include "referral.h"

#include <string.h>
#include <time.h>

/* ---- what is claimed ---- */

/* "21 Feb", or "21 Feb 2027" in another year; local zone. */
static const char *day_text(char out[TIME_TEXT_BYTES], int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000), current = text_now();
    struct tm then, now;
    if (time_ms == 0 || localtime_r(&seconds, &then) == NULL || localtime_r(&current, &now) == NULL ||
        strftime(out, TIME_TEXT_BYTES, then.tm_year == now.tm_year ? "%-d %b" : "%-d %b %Y", &then) == 0) {
        strcpy(out, "–");
    }
    return out;
}

static void print_queue(const Vouch__V1__Claim *claim)
{
    char since[TIME_TEXT_BYTES], until[TIME_TEXT_BYTES];
    if (claim->holder_name[0] != '\0') {
        text_print(stdout, claim->holder_name);
        printf("'s registration of %s", day_text(since, claim->holder_time_ms));
    } else {
        printf("a registration of %s", day_text(since, claim->holder_time_ms));
    }
    printf(" holds the claim until %s; ", day_text(until, claim->until_ms));
    if (claim->before == 0) {
        printf("next in the queue");
    } else {
        printf("%u before it in the queue", (unsigned)claim->before);
    }
}

static const char *hold_words(Vouch__V1__Claim__Hold hold)
{
    switch (hold) {
    case VOUCH__V1__CLAIM__HOLD__SELF:
        return "the prospect's person seems to be the referrer";
    case VOUCH__V1__CLAIM__HOLD__OWN_COMPANY:
        return "the prospect seems to be the referrer's own company";
    default:
        return "another referral of this prospect is an opportunity already";
    }
}

void claim_print(const Vouch__V1__ReferralView *view)
{
    const Vouch__V1__Claim *claim = view->referral->claim;
    char day[TIME_TEXT_BYTES], time[TIME_TEXT_BYTES];
    switch (claim->place) {
    case VOUCH__V1__CLAIM__PLACE__HOLDS:
        printf("first claim on ");
        text_print(stdout, view->prospect);
        printf(" until %s%s", day_text(day, claim->until_ms), claim->extended ? ", a meeting included" : "");
        break;
    case VOUCH__V1__CLAIM__PLACE__WAITS:
        print_queue(claim);
        break;
    case VOUCH__V1__CLAIM__PLACE__ENDED:
        printf("ended %s, the referral goes on without", day_text(day, claim->until_ms));
        break;
    default:
        fputs(view->referral->state == VOUCH__V1__REFERRAL_STATE__HELD ? hold_words(claim->hold) : "none", stdout);
        break;
    }
    printf(" (receipt %s, registration #%llu of %s)", claim->receipt, (unsigned long long)claim->sequence,
           text_time_full(time, claim->time_ms));
}

/* ---- whose it is ---- */

int verb_review(struct cli *cli)
{
    Vouch__V1__ReferralReview review = VOUCH__V1__REFERRAL_REVIEW__INIT;
    bool release = args_flag(&cli->args, "release"), reject = args_flag(&cli->args, "reject");
    review.reason = args_field(&cli->args, "reason");
    if (release == reject || review.reason[0] == '\0') {
        return fail_usage(cli, "what did you find, and why? --release or --reject, with --reason TEXT");
    }
    review.verdict = release ? VOUCH__V1__REFERRAL_REVIEW__VERDICT__RELEASE
                             : VOUCH__V1__REFERRAL_REVIEW__VERDICT__REJECT;
    int code = name_referral(cli, cli->args.words[0], &review.referral);
    Vouch__V1__Request request = REQUEST(REFERRAL_REVIEW, referral_review, &review);
    uint64_t id = 0;
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "R%llu is %s; the referrer is told.", (unsigned long long)id,
                                        release ? "released and goes on" : "rejected and withdrawn");
}

int verb_choose(struct cli *cli)
{
    Vouch__V1__ClaimChoose choose = VOUCH__V1__CLAIM_CHOOSE__INIT;
    choose.evidence = args_field(&cli->args, "evidence");
    if (choose.evidence[0] == '\0') {
        return fail_usage(cli, "what did the buyer write? --evidence \"mail of 3 Feb, in the account's folder\"");
    }
    int code = name_referral(cli, cli->args.words[0], &choose.referral);
    Vouch__V1__Request request = REQUEST(CLAIM_CHOOSE, claim_choose, &choose);
    uint64_t id = 0;
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE
               ? code
               : say_done(cli, id, "R%llu holds the claim now; who is concerned is told.", (unsigned long long)id);
}

/* ---- whose help it was ---- */

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
