/* SPDX-License-Identifier: Apache-2.0
 *
 * What is needed: the prospect, its issues, the person there; from a referral, or told. */
#include "domain/names.h"
#include "domain/vocabulary.h"
#include "query/match.h"

#include <string.h>

static enum vouch_status too_large(struct match *match)
{
    return question_too_large(match->question);
}

/* Equal means equal bytes for a plugin: everything it compares is folded. "" past the arena's budget. */
static const char *folded(struct match *match, const char *text)
{
    const char *fold = text == NULL ? NULL : name_fold(match->work, text);
    return fold == NULL ? "" : fold;
}

static void set_place(struct match *match, const char *industry, const char *country, const char *region,
                      const char *city, uint32_t size_band)
{
    const char *word = vocabulary_word(VOCABULARY_INDUSTRY, industry);
    match->need.industry = folded(match, word != NULL ? word : industry);
    match->need.country = match->country = folded(match, country);
    match->country_told = country;
    match->need.region = folded(match, region);
    match->need.city = folded(match, city);
    match->need.size_band = size_band <= 8 ? size_band : 0;
}

static enum vouch_status set_issues(struct match *match, size_t count, char *const *issues)
{
    const char **items = arena_alloc(match->work, count * sizeof *items);
    if (items == NULL) {
        return too_large(match);
    }
    match->need.issues.items = items;
    match->need.issues.count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *tag = folded(match, issues[i]);
        bool known = tag[0] == '\0';
        for (size_t j = 0; j < match->need.issues.count && !known; j++) {
            known = strcmp(items[j], tag) == 0;
        }
        if (!known) {
            items[match->need.issues.count++] = tag;
        }
    }
    return VOUCH_OK;
}

static enum vouch_status set_prospect(struct match *match, uint64_t id)
{
    const Vouch__V1__Company *company = record_company(match->question->view, id, match->work);
    if (company == NULL) {
        return status_set(&match->question->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", id);
    }
    set_place(match, company->industry, company->country, company->region, company->city, company->size_band);
    return VOUCH_OK;
}

/* To whom an event offered it; 0: to nobody. */
static uint64_t offered_to(const Vouch__V1__Event *event)
{
    if (event == NULL) {
        return 0;
    }
    if (event->body_case == BODY(REFERRAL_SUBMITTED)) {
        const Vouch__V1__Referral *submitted = event->referral_submitted->referral;
        return submitted->state == STATE(OFFERED) ? submitted->receiver : 0;
    }
    bool offers = event->body_case == BODY(REFERRAL_MOVED) && event->referral_moved->verb == VERB(OFFER);
    return offers ? event->referral_moved->receiver : 0;
}

/* Who it was offered to before, and has it no more: what is being looked for is somebody else. */
static enum vouch_status set_tried(struct match *match, const Vouch__V1__Referral *referral)
{
    uint64_t *tried = arena_alloc(match->work, (referral->n_steps + 1) * sizeof *tried);
    if (tried == NULL) {
        return too_large(match);
    }
    match->tried = tried;
    bool is_theirs = referral->state == STATE(OFFERED) || referral_state_is_work(referral->state) ||
                     referral->state == STATE(WON);
    for (size_t i = 0; i < referral->n_steps; i++) {
        const Vouch__V1__ReferralStep *step = referral->steps[i];
        if (step->to == STATE(OFFERED) && (step->verb == VERB(SUBMIT) || step->verb == VERB(OFFER))) {
            uint64_t to = offered_to(record_event(match->question->view, step->sequence, match->work));
            tried[match->tried_count] = to;
            match->tried_count += to == 0 || (is_theirs && to == referral->receiver) ? 0 : 1;
        }
    }
    return VOUCH_OK;
}

static enum vouch_status need_of_referral(struct match *match, uint64_t id)
{
    struct question *question = match->question;
    const Vouch__V1__Referral *referral = record_referral(question->view, id, match->work);
    if (referral == NULL || !access_referral(question->view, question->actor, referral, match->work)) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "R%" PRIu64 ": no such referral, or none that you may see",
                          id);
    }
    const Vouch__V1__ReferralText *text = referral_text(question->view, referral, match->work);
    const Vouch__V1__Contact *contact = record_contact(question->view, referral->contact, match->work);
    match->referrer = referral->referrer;
    match->connector = referral->connector;
    match->need.text = text == NULL ? "" : text->need;
    match->need.function = folded(match, contact == NULL || contact->personal == NULL ? "" : contact->personal->title);
    enum vouch_status status = set_prospect(match, referral->prospect);
    if (status == VOUCH_OK) {
        status = set_tried(match, referral);
    }
    return status == VOUCH_OK ? set_issues(match, referral->n_issues, referral->issues) : status;
}

enum vouch_status match_need(struct match *match, const Vouch__V1__Match *asked)
{
    match->need = (struct vouch_need){.size = sizeof match->need, .text = "", .function = ""};
    match->referrer = match->question->actor->id;
    set_place(match, "", "", "", "", 0);
    if (asked->referral != 0) {
        return need_of_referral(match, asked->referral);
    }
    if (asked->prospect != 0) {
        enum vouch_status status = set_prospect(match, asked->prospect);
        if (status != VOUCH_OK) {
            return status;
        }
    } else if (asked->new_prospect != NULL) {
        const Vouch__V1__CompanyAdd *add = asked->new_prospect;
        set_place(match, add->industry, add->country, add->region, add->city, add->size_band);
    }
    match->need.text = asked->need;
    return set_issues(match, asked->n_issues, asked->issues);
}
