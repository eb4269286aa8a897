/* SPDX-License-Identifier: Apache-2.0
 *
 * refer: one sentence of a command that makes a referral. Company and contact may be known or new; with --match the
 * receivers are ranked first and one is chosen. */
#include "books.h"
#include "company.h"
#include "contact.h"
#include "match.h"
#include "referral.h"

#include <string.h>
#include <unistd.h>

/* All that the request points at. */
struct draft {
    Vouch__V1__ReferralSubmit submit;
    Vouch__V1__CompanyAdd company;
    Vouch__V1__PersonalData contact;
    Vouch__V1__ReferralText text;
    char *issues[ARGS_LIST];
    char receiver[NAME_MAX_BYTES];
    char contact_name[512];
};

static int read_prospect(struct cli *cli, struct draft *draft)
{
    char *name = cli->args.words[0];
    int code = name_look_up(cli, VOUCH__V1__FIND__KIND__COMPANY, name, &draft->submit.prospect, NULL);
    if (code == EXIT_DONE && draft->submit.prospect == 0) {
        draft->company.name = name;
        code = company_read_options(cli, &draft->company);
        draft->submit.new_prospect = &draft->company;
    }
    return code;
}

/* A contact of mine by name; else a new one, with title, e-mail and phone as given. */
static int read_contact(struct cli *cli, struct draft *draft)
{
    const char *given = args_text(&cli->args, "contact");
    if (given == NULL) {
        return EXIT_DONE;
    }
    if (strlen(given) >= sizeof draft->contact_name) {
        return fail_usage(cli, "--contact is too long");
    }
    snprintf(draft->contact_name, sizeof draft->contact_name, "%s", given);
    contact_split(draft->contact_name, &draft->contact.name, &draft->contact.title);
    bool told_more = draft->contact.title[0] != '\0' || args_flag(&cli->args, "email") ||
                     args_flag(&cli->args, "phone");
    if (!told_more) {
        int code = name_look_up(cli, VOUCH__V1__FIND__KIND__CONTACT, draft->contact.name, &draft->submit.contact, NULL);
        if (code != EXIT_DONE || draft->submit.contact != 0) {
            return code;
        }
    }
    draft->contact.email = args_field(&cli->args, "email");
    draft->contact.phone = args_field(&cli->args, "phone");
    draft->submit.new_contact = &draft->contact;
    return EXIT_DONE;
}

static int read_people(struct cli *cli, struct draft *draft)
{
    char *to = args_text(&cli->args, "to"), *via = args_text(&cli->args, "via");
    int code = EXIT_DONE;
    if (to != NULL && args_flag(&cli->args, "match")) {
        return fail_usage(cli, "--to names the receiver, --match looks for one: give one of them");
    }
    if (to != NULL) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, to, &draft->submit.receiver, draft->receiver);
    }
    if (code == EXIT_DONE && via != NULL) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, via, &draft->submit.connector, NULL);
    }
    return code;
}

/* Who named the prospect: whom you asked, or somebody else. */
static int read_source(struct cli *cli, struct draft *draft)
{
    char *asked = args_text(&cli->args, "ask"), *source = args_text(&cli->args, "source");
    int code = asked == NULL ? EXIT_DONE : books_read_id(cli, asked, 'A', "ask", &draft->submit.ask);
    return code != EXIT_DONE || source == NULL
               ? code
               : name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, source, &draft->submit.source, NULL);
}

static int read_draft(struct cli *cli, struct draft *draft)
{
    draft->submit = (Vouch__V1__ReferralSubmit)VOUCH__V1__REFERRAL_SUBMIT__INIT;
    draft->company = (Vouch__V1__CompanyAdd)VOUCH__V1__COMPANY_ADD__INIT;
    draft->contact = (Vouch__V1__PersonalData)VOUCH__V1__PERSONAL_DATA__INIT;
    draft->text = (Vouch__V1__ReferralText)VOUCH__V1__REFERRAL_TEXT__INIT;
    draft->text.need = args_field(&cli->args, "need");
    draft->text.vouch = args_field(&cli->args, "vouch");
    draft->text.awareness = args_field(&cli->args, "awareness");
    draft->submit.text = &draft->text;
    draft->submit.consent = args_flag(&cli->args, "consent");
    draft->submit.draft = args_flag(&cli->args, "draft");
    draft->submit.product = args_field(&cli->args, "product");
    int code = match_read_issues(cli, &draft->submit.n_issues, &draft->submit.issues, draft->issues);
    if (code == EXIT_DONE) {
        code = read_people(cli, draft);
    }
    if (code == EXIT_DONE) {
        code = read_source(cli, draft);
    }
    if (code == EXIT_DONE) {
        code = read_prospect(cli, draft);
    }
    return code == EXIT_DONE ? read_contact(cli, draft) : code;
}

/* ---- Choosing with --match ---- */

/* Asks for a number on the terminal; 0: nobody. */
static int ask_number(const struct cli *cli, size_t count, size_t *chosen)
{
    char answer[32];
    uint64_t number = 1;
    printf("send to [1]? ");
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) == NULL) {
        putchar('\n');
        return fail_usage(cli, "nobody chosen; nothing was sent");
    }
    answer[strcspn(answer, "\r\n")] = '\0';
    if (answer[0] != '\0' && (!text_parse_number(answer, count, &number) || number == 0)) {
        return fail_usage(cli, "'%s' is none of these; nothing was sent", answer);
    }
    *chosen = (size_t)number - 1;
    return EXIT_DONE;
}

static int choose(struct cli *cli, struct draft *draft, const Vouch__V1__Ranking *ranking)
{
    size_t fit = 0, chosen = 0;
    while (fit < ranking->n_candidates && ranking->candidates[fit]->n_gates_failed == 0) {
        fit++;
    }
    bool silent = cli->json;
    if (!silent) {
        puts("who should take it?");
        match_print(ranking);
    }
    if (fit == 0) {
        return fail_outcome(cli, VOUCH_NOT_FOUND, "nobody fits just now; without --match it is registered and waits");
    }
    int code = EXIT_DONE;
    if (!args_flag(&cli->args, "yes")) {
        if (silent || isatty(STDIN_FILENO) == 0) {
            return fail_usage(cli, "--match asks who should take it; without a terminal add --yes, or --to NAME");
        }
        code = ask_number(cli, fit, &chosen);
    }
    if (code == EXIT_DONE) {
        const Vouch__V1__Candidate *candidate = ranking->candidates[chosen];
        draft->submit.receiver = candidate->member;
        draft->submit.score_ppm = candidate->score_ppm;
        snprintf(draft->receiver, sizeof draft->receiver, "%s", candidate->name);
    }
    return code;
}

static int match_receiver(struct cli *cli, struct draft *draft)
{
    Vouch__V1__Match match = VOUCH__V1__MATCH__INIT;
    match.prospect = draft->submit.prospect;
    match.new_prospect = draft->submit.new_prospect;
    match.issues = draft->submit.issues;
    match.n_issues = draft->submit.n_issues;
    match.need = draft->text.need;
    Vouch__V1__Request request = REQUEST(MATCH, match, &match);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_RANKING, &reply);
    if (code == EXIT_DONE) {
        code = choose(cli, draft, reply->ranking);
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- After ---- */

static const char *state_words(const Vouch__V1__Referral *referral)
{
    switch (referral->state) {
    case VOUCH__V1__REFERRAL_STATE__DRAFT:
        return "is kept as a draft";
    case VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT:
        return referral->connector != 0 ? "waits for the introduction" : "waits for the prospect's consent";
    case VOUCH__V1__REFERRAL_STATE__OFFERED:
        return "is registered and offered";
    case VOUCH__V1__REFERRAL_STATE__DUPLICATE_WAIT:
        return "waits";
    case VOUCH__V1__REFERRAL_STATE__HELD:
        return "is held for review";
    default:
        return "is registered";
    }
}

static void tell_claim(const Vouch__V1__ReferralView *view)
{
    if (view->referral->claim != NULL) {
        fputs(view->referral->state == VOUCH__V1__REFERRAL_STATE__OFFERED ? "; " : ": ", stdout);
        claim_print(view);
    }
}

/* Says what became of it: asked back, because how far it went is the broker's decision. */
static int tell(struct cli *cli, const struct draft *draft, uint64_t id)
{
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = id;
    Vouch__V1__Request request = REQUEST(REFERRAL_GET, referral_get, &get);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_REFERRAL, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        code = json_print(json_of_message(&reply->referral->base));
    } else {
        const Vouch__V1__Referral *referral = reply->referral->referral;
        printf("R%llu %s", (unsigned long long)id, state_words(referral));
        if (referral->state == VOUCH__V1__REFERRAL_STATE__OFFERED) {
            printf(" to ");
            text_print(stdout, draft->receiver);
        }
        printf("%s", referral->lead ? ", as a lead: nobody vouched" : "");
        tell_claim(reply->referral);
        putchar('.');
        if (referral->state == VOUCH__V1__REFERRAL_STATE__REGISTERED) {
            printf(" Next: vouch match R%llu", (unsigned long long)id);
        } else if (referral->state == VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT && referral->connector != 0) {
            printf(" ");
            text_print(stdout, reply->referral->connector);
            printf(" is asked to introduce you.");
        } else if (referral->state == VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT ||
                   referral->state == VOUCH__V1__REFERRAL_STATE__DRAFT) {
            printf(" Next, once the prospect agreed: vouch register R%llu", (unsigned long long)id);
        }
        putchar('\n');
    }
    vouch_reply_free(&reply);
    return code;
}

int verb_refer(struct cli *cli)
{
    struct draft draft;
    uint64_t id = 0;
    int code = read_draft(cli, &draft);
    if (code == EXIT_DONE && args_flag(&cli->args, "match")) {
        code = match_receiver(cli, &draft);
    }
    Vouch__V1__Request request = REQUEST(REFERRAL_SUBMIT, referral_submit, &draft.submit);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code == EXIT_DONE ? tell(cli, &draft, id) : code;
}
