/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms are written by one person and approved by another, by people of the home company. Every version stays as it was
 * written; approval only says that it holds, from its date on, for deals won then and later. */
#include "apply/terms_rows.h"
#include "base/check.h"
#include "base/clock.h"
#include "decide/deal_math.h"
#include "decide/parts.h"
#include "decide/terms_choice.h"
#include "domain/names.h"
#include "domain/zone.h"

#include <string.h>

/* In minor units: far above any commission, and ten times as much still leaves room in a number. */
#define AMOUNT_MOST INT64_C(1000000000000000)

static enum vouch_status check_keeper(struct decision *decision)
{
    if (terms_may_keep(decision->actor)) {
        return VOUCH_OK;
    }
    return status_set(&decision->why, VOUCH_DENIED,
                      "terms are written and approved by people of %s, who runs this broker, or an admin",
                      record_name(decision->view, TABLE_COMPANY, HOME_COMPANY, decision->arena));
}

/* ---- what a version must have to be written and to be approved ---- */

static enum vouch_status check_member(struct decision *decision, uint64_t member, const char *what,
                                      const Vouch__V1__Member **found)
{
    *found = record_member(decision->view, member, decision->arena);
    if (*found == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "%s: there is no member %" PRIu64, what, member);
    }
    if ((*found)->state == VOUCH__V1__MEMBER_STATE__REMOVED) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s: %s has been removed", what, (*found)->name);
    }
    return VOUCH_OK;
}

static enum vouch_status check_scope(struct decision *decision, const Vouch__V1__Terms *terms)
{
    const Vouch__V1__Member *member;
    if (terms->company != 0 && !record_exists(decision->view, TABLE_COMPANY, terms->company)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "there is no company %" PRIu64, terms->company);
    }
    if (terms->member == 0) {
        return VOUCH_OK;
    }
    enum vouch_status status = check_member(decision, terms->member, "member", &member);
    if (status == VOUCH_OK && terms->company != 0 && member->company != terms->company) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "%s is not of %s: terms for both would hold for nobody. Name the member alone", member->name,
                          record_name(decision->view, TABLE_COMPANY, terms->company, decision->arena));
    }
    return status;
}

static enum vouch_status check_splits(struct decision *decision, const struct terms *terms)
{
    const Vouch__V1__Member *member;
    enum vouch_status status = VOUCH_OK;
    for (size_t i = 0; status == VOUCH_OK && i < terms->split_count; i++) {
        status = check_member(decision, terms->splits[i].party, "split", &member);
    }
    return status;
}

static enum vouch_status check_dates(struct decision *decision, const struct terms *terms)
{
    if (terms->from_ms < 0) {
        return status_set(&decision->why, VOUCH_INVALID, "from: terms begin in 1970 or later");
    }
    if (terms->until_ms <= decision->now_ms) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "until: these terms would be over already; a deal is won now or later");
    }
    return VOUCH_OK;
}

/* What is paid whatever the deal is worth is bounded, or terms could make a deal that nobody can win, because its
 * commission is no number any more. */
static enum vouch_status check_amounts(struct decision *decision, const struct terms *terms)
{
    char most[MONEY_TEXT_BYTES];
    const char *word = terms->bounty_minor > AMOUNT_MOST ? "bounty" : terms->floor_minor > AMOUNT_MOST ? "floor" : NULL;
    if (word == NULL) {
        return VOUCH_OK;
    }
    return status_set(&decision->why, VOUCH_INVALID, "%s: no deal pays that much; at most %s", word,
                      money_format(most, AMOUNT_MOST, terms->currency));
}

/* Everything but the name, and what stands beside it. */
static enum vouch_status check_version(struct decision *decision, const Vouch__V1__Terms *record,
                                       const struct terms *terms)
{
    enum vouch_status status = terms_check(terms, decision->policy->clients_may_be_paid, &decision->why);
    if (status == VOUCH_OK) {
        status = check_amounts(decision, terms);
    }
    if (status == VOUCH_OK) {
        status = check_dates(decision, terms);
    }
    if (status == VOUCH_OK) {
        status = check_scope(decision, record);
    }
    return status == VOUCH_OK ? check_splits(decision, terms) : status;
}

/* ---- writing ---- */

/* A name or product line that can be part of a key; `folded` is "" when it is empty. */
static enum vouch_status fold(struct decision *decision, const char *text, const char *what, const char **folded)
{
    *folded = terms_fold(decision->arena, text);
    if (*folded == NULL || (text[0] != '\0' && **folded == '\0')) {
        return status_set(&decision->why, VOUCH_INVALID, "%s cannot be told from others: use fewer or plainer letters",
                          what);
    }
    return VOUCH_OK;
}

static bool says_the_same(const Vouch__V1__Terms *one, const Vouch__V1__Terms *other)
{
    return one->member == other->member && one->company == other->company &&
           strcmp(one->product, other->product) == 0 && one->digest.len == other->digest.len &&
           memcmp(one->digest.data, other->digest.data, one->digest.len) == 0;
}

/* The id and version that are next for this name. */
static enum vouch_status number(struct decision *decision, const char *folded, Vouch__V1__Terms *terms)
{
    struct terms_name name;
    if (!terms_name_get(decision->view, folded, &name)) {
        terms->id = decision_next_id(decision, TERMS_COUNTER);
        terms->version = 1;
        return VOUCH_OK;
    }
    const Vouch__V1__Terms *last = record_terms(decision->view, name.id, name.last, decision->arena);
    if (last == NULL) {
        return decision_too_large(decision);
    }
    if (says_the_same(last, terms)) {
        return status_set(&decision->why, VOUCH_DUPLICATE, "%s, version %" PRIu32 ", says exactly this: %s", last->name,
                          last->version,
                          last->state == VOUCH__V1__TERMS_STATE__APPROVED ? "there is nothing to write"
                                                                          : "it only waits for its approval");
    }
    if (name.last >= TERMS_VERSIONS_MAX) {
        return status_set(&decision->why, VOUCH_TOO_LARGE,
                          "%s has %d versions, which is the most: give them a new name", last->name,
                          TERMS_VERSIONS_MAX);
    }
    terms->id = name.id;
    terms->version = name.last + 1;
    terms->name = last->name; /* all versions are called what the first is */
    return VOUCH_OK;
}

/* The texts of a request, cleaned. */
static enum vouch_status take_texts(struct decision *decision, const Vouch__V1__Terms *asked, Vouch__V1__Terms *terms,
                                    const char **folded_name)
{
    const char *folded_product;
    enum vouch_status status = take_name(decision, asked->name, "the name of the terms", &terms->name);
    if (status == VOUCH_OK) {
        status = fold(decision, terms->name, "the name of the terms", folded_name);
    }
    if (status == VOUCH_OK) {
        status = take_maybe(decision, asked->product, "the product line", &terms->product);
    }
    if (status == VOUCH_OK) {
        status = fold(decision, terms->product, "the product line", &folded_product);
    }
    terms->note = text_trim(decision->arena, asked->note);
    return status == VOUCH_OK && terms->note == NULL ? decision_too_large(decision) : status;
}

enum vouch_status decide_terms_write(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__Terms *asked = request->terms_write->terms;
    const char *folded;
    struct terms numbers = terms_of_record(asked);
    Vouch__V1__TermsWritten *written = decision_message(decision, &vouch__v1__terms_written__descriptor);
    Vouch__V1__Terms *terms = terms_to_record(&numbers, decision->arena);
    if (written == NULL || terms == NULL) {
        return decision_too_large(decision);
    }
    terms->member = asked->member;
    terms->company = asked->company;
    terms->state = VOUCH__V1__TERMS_STATE__WRITTEN;
    terms->written_by = decision->actor->id;
    terms->written_ms = decision->now_ms;
    enum vouch_status status = check_keeper(decision);
    if (status == VOUCH_OK) {
        status = take_texts(decision, asked, terms, &folded);
    }
    if (status == VOUCH_OK) {
        status = check_version(decision, terms, &numbers);
    }
    if (status == VOUCH_OK) {
        status = number(decision, folded, terms);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    written->terms = terms;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(TERMS_WRITTEN);
    event->terms_written = written;
    decision->answer_id = terms->id;
    return VOUCH_OK;
}

/* ---- approving ---- */

static const char *date_text(struct decision *decision, int64_t time_ms)
{
    char text[ZONE_TEXT_BYTES];
    const char *copy = arena_strdup(decision->arena,
                                    zone_text(text, record_home_zone(decision->view, decision->arena), time_ms, false));
    return copy == NULL ? "that date" : copy;
}

static enum vouch_status check_second_person(struct decision *decision, const Vouch__V1__Terms *terms)
{
    if (terms->written_by != decision->actor->id) {
        return VOUCH_OK;
    }
    return status_set(&decision->why, VOUCH_DENIED,
                      "you wrote version %" PRIu32 " of %s: a second person approves it, somebody of finance or an "
                      "admin who did not write it",
                      terms->version, terms->name);
}

static enum vouch_status check_state(struct decision *decision, const Vouch__V1__Terms *terms)
{
    if (terms->state == VOUCH__V1__TERMS_STATE__APPROVED) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "version %" PRIu32 " of %s is approved already, by %s on %s: nothing was changed",
                          terms->version, terms->name, decision_name(decision, terms->approved_by),
                          date_text(decision, terms->approved_ms));
    }
    if (record_terms(decision->view, terms->id, terms->version + 1, decision->arena) != NULL) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "version %" PRIu32 " of %s is not the newest any more: approve that, or write this one again",
                          terms->version, terms->name);
    }
    return VOUCH_OK;
}

static enum vouch_status refuse_overlap(struct decision *decision, const Vouch__V1__Terms *terms,
                                        const struct terms_row *row)
{
    const Vouch__V1__Terms *other = record_terms(decision->view, row->id, row->version, decision->arena);
    if (other == NULL) {
        return decision_too_large(decision);
    }
    bool ends = row->until_ms != INT64_MAX;
    return status_set(&decision->why, VOUCH_CONFLICT,
                      "%s, version %" PRIu32 ", holds for the same deals from %s%s%s: end it with a version that says "
                      "until when, or give %s other dates or another scope",
                      other->name, other->version, date_text(decision, row->from_ms), ends ? " until " : " on",
                      ends ? date_text(decision, row->until_ms) : "", terms->name);
}

/* Terms of another name with exactly this scope must not hold at the same time: nobody could say which pays. */
static enum vouch_status check_overlap(struct decision *decision, const Vouch__V1__Terms *terms)
{
    struct terms_scope scope;
    struct terms_row row;
    struct slice key, value;
    enum vouch_status status = VOUCH_OK;
    if (!terms_scope_of(terms, decision->arena, &scope)) {
        return decision_too_large(decision);
    }
    struct key prefix = key_terms_scope(&scope);
    struct cursor *cursor = cursor_open(decision->view, TABLE_TERMS_SCOPE);
    bool found = cursor_seek(cursor, key_slice(&prefix), &key, &value);
    while (status == VOUCH_OK && found && terms_row_read(&prefix, key, value, &row)) {
        if (row.id != terms->id && row.from_ms < terms->until_ms && terms->from_ms < row.until_ms) {
            status = refuse_overlap(decision, terms, &row);
        }
        found = cursor_next(cursor, &key, &value);
    }
    cursor_close(&cursor);
    return status;
}

static enum vouch_status check_approval(struct decision *decision, const Vouch__V1__Terms *terms)
{
    struct terms numbers = terms_of_record(terms);
    enum vouch_status status = check_state(decision, terms);
    if (status == VOUCH_OK) {
        status = check_second_person(decision, terms);
    }
    if (status == VOUCH_OK) {
        status = check_version(decision, terms, &numbers); /* people leave, and policies change, in the meantime */
    }
    return status == VOUCH_OK ? check_overlap(decision, terms) : status;
}

enum vouch_status decide_terms_approve(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__TermsApprove *asked = request->terms_approve;
    enum vouch_status status = check_keeper(decision);
    if (status != VOUCH_OK) {
        return status;
    }
    const Vouch__V1__Terms *terms = record_terms(decision->view, asked->terms, asked->version, decision->arena);
    if (terms == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND,
                          "there are no terms %" PRIu64 ", version %" PRIu32 "; `vouch terms list` shows all",
                          asked->terms, asked->version);
    }
    status = check_approval(decision, terms);
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__TermsApproved *approved = decision_message(decision, &vouch__v1__terms_approved__descriptor);
    if (approved == NULL) {
        return decision_too_large(decision);
    }
    approved->terms = terms->id;
    approved->version = terms->version;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(TERMS_APPROVED);
    event->terms_approved = approved;
    decision->answer_id = terms->id;
    return VOUCH_OK;
}
