/* SPDX-License-Identifier: Apache-2.0
 *
 * Companies: adding and changing. A company's identity is its registrable domain; a name only suggests. */
#include "base/check.h"
#include "decide/parts.h"
#include "domain/names.h"

#include <string.h>

#define SIZE_BANDS 8
#define KIND(name) VOUCH__V1__COMPANY_KIND__##name

/* The domain in its one form; "" when none was given. */
static enum vouch_status take_domain(struct decision *decision, const char *text, char **domain)
{
    char normal[DOMAIN_BYTES_MAX + 1];
    *domain = text_trim(decision->arena, text);
    if (*domain == NULL) {
        return decision_too_large(decision);
    }
    if (**domain == '\0') {
        return VOUCH_OK;
    }
    if (!domain_normalise(*domain, normal)) {
        return status_set(&decision->why, VOUCH_INVALID, "\"%s\" is no domain that a company can have", *domain);
    }
    if (domain_is_mail_provider(normal)) {
        return status_set(&decision->why, VOUCH_INVALID, "%s gives mailboxes to everyone; it does not tell a company",
                          normal);
    }
    *domain = arena_strdup(decision->arena, normal);
    return *domain == NULL ? decision_too_large(decision) : VOUCH_OK;
}

static uint64_t find_domain(const struct decision *decision, const char *domain)
{
    struct key key = key_text(domain);
    struct slice value;
    return table_get(decision->view, TABLE_COMPANY_DOMAIN, key_slice(&key), &value) ? slice_u64(value, 0) : 0;
}

static enum vouch_status check_parent(struct decision *decision, uint64_t company, uint64_t parent)
{
    uint64_t above = parent;
    for (int depth = 0; above != 0; depth++) {
        const Vouch__V1__Company *record = record_company(decision->view, above, decision->arena);
        if (record == NULL) {
            return status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", above);
        }
        if (above == company) {
            return status_set(&decision->why, VOUCH_CONFLICT, "a company cannot be a division of itself, however far");
        }
        if (depth >= LIMIT_COMPANY_DEPTH) {
            return status_set(&decision->why, VOUCH_TOO_LARGE, "divisions of divisions go down to %d levels",
                              LIMIT_COMPANY_DEPTH);
        }
        above = record->parent;
    }
    return VOUCH_OK;
}

static enum vouch_status check_kind(struct decision *decision, Vouch__V1__CompanyKind kind)
{
    if (kind < KIND(COMPANY_KIND_NONE) || kind > KIND(PROSPECT)) {
        return status_set(&decision->why, VOUCH_INVALID, "a company is a partner, a client or a prospect");
    }
    if (kind == KIND(HOME)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "a broker has one home company; it was named at its making");
    }
    if (kind == KIND(PARTNER) && decision->actor->role != ROLE(ADMIN)) {
        return status_set(&decision->why, VOUCH_DENIED, "only an admin makes a company a partner");
    }
    return VOUCH_OK;
}

/* What a request says about place and size. */
static enum vouch_status take_description(struct decision *decision, const Vouch__V1__CompanyAdd *add,
                                          Vouch__V1__Company *company)
{
    static const char *const names[] = {"the industry", "the country", "the region", "the city"};
    const char *const given[] = {add->industry, add->country, add->region, add->city};
    char **const fields[] = {&company->industry, &company->country, &company->region, &company->city};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        char *text;
        enum vouch_status status = i == 0 ? take_word(decision, VOCABULARY_INDUSTRY, given[i], names[i], &text)
                                          : take_maybe(decision, given[i], names[i], &text);
        if (status != VOUCH_OK) {
            return status;
        }
        if (*text != '\0') {
            *fields[i] = text;
        }
    }
    if (add->size_band > SIZE_BANDS) {
        return status_set(&decision->why, VOUCH_INVALID, "company sizes go from band 1 to 8");
    }
    if (add->size_band != 0) {
        company->size_band = add->size_band;
    }
    return VOUCH_OK;
}

enum vouch_status company_make(struct decision *decision, const Vouch__V1__CompanyAdd *add,
                               Vouch__V1__Company **company, uint64_t *existing)
{
    *existing = 0;
    *company = decision_message(decision, &vouch__v1__company__descriptor);
    if (*company == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = take_domain(decision, add->domain, &(*company)->domain);
    if (status == VOUCH_OK && (*company)->domain[0] != '\0') {
        *existing = find_domain(decision, (*company)->domain);
    }
    if (status != VOUCH_OK || *existing != 0) {
        return status;
    }
    status = take_name(decision, add->name, "the company's name", &(*company)->name);
    if (status == VOUCH_OK) {
        status = check_kind(decision, add->kind);
    }
    if (status == VOUCH_OK) {
        status = take_description(decision, add, *company);
    }
    if (status == VOUCH_OK) {
        status = check_parent(decision, 0, add->parent);
    }
    (*company)->id = decision_next_id(decision, "last_company");
    (*company)->kind = add->kind == KIND(COMPANY_KIND_NONE) ? KIND(PROSPECT) : add->kind;
    (*company)->parent = add->parent;
    (*company)->added_ms = decision->now_ms;
    return status;
}

enum vouch_status company_emit(struct decision *decision, Vouch__V1__Company *company, bool added)
{
    if (added) {
        Vouch__V1__CompanyAdded *body = decision_message(decision, &vouch__v1__company_added__descriptor);
        if (body == NULL) {
            return decision_too_large(decision);
        }
        body->company = company;
        Vouch__V1__Event *event = decision_event(decision);
        event->body_case = BODY(COMPANY_ADDED);
        event->company_added = body;
    } else {
        Vouch__V1__CompanyChanged *body = decision_message(decision, &vouch__v1__company_changed__descriptor);
        if (body == NULL) {
            return decision_too_large(decision);
        }
        body->company = company;
        Vouch__V1__Event *event = decision_event(decision);
        event->body_case = BODY(COMPANY_CHANGED);
        event->company_changed = body;
    }
    return VOUCH_OK;
}

static enum vouch_status refuse_duplicate(struct decision *decision, uint64_t existing, const char *domain)
{
    const Vouch__V1__Company *record = record_company(decision->view, existing, decision->arena);
    return status_set(&decision->why, VOUCH_DUPLICATE, "%s is company %" PRIu64 " already (%s)", domain, existing,
                      record == NULL ? "?" : record->name);
}

enum vouch_status decide_company_add(struct decision *decision, const Vouch__V1__Request *request)
{
    Vouch__V1__Company *company;
    uint64_t existing;
    enum vouch_status status = company_make(decision, request->company_add, &company, &existing);
    if (status != VOUCH_OK) {
        return status;
    }
    if (existing != 0) {
        return refuse_duplicate(decision, existing, company->domain);
    }
    decision->answer_id = company->id;
    return company_emit(decision, company, true);
}

static enum vouch_status change_identity(struct decision *decision, const Vouch__V1__CompanyAdd *change,
                                         Vouch__V1__Company *company)
{
    char *name;
    char *domain;
    enum vouch_status status = take_maybe(decision, change->name, "the company's name", &name);
    if (status == VOUCH_OK) {
        status = take_domain(decision, change->domain, &domain);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    if (*name != '\0') {
        company->name = name;
    }
    if (*domain != '\0') {
        uint64_t holder = find_domain(decision, domain);
        if (holder != 0 && holder != company->id) {
            return refuse_duplicate(decision, holder, domain);
        }
        company->domain = domain;
    }
    return VOUCH_OK;
}

enum vouch_status decide_company_change(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__CompanyChange *change = request->company_change;
    const Vouch__V1__Company *before = record_company(decision->view, change->company, decision->arena);
    Vouch__V1__Company *company = arena_alloc(decision->arena, sizeof *company);
    if (company == NULL) {
        return decision_too_large(decision);
    }
    if (before == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", change->company);
    }
    if (change->change == NULL) {
        return status_set(&decision->why, VOUCH_INVALID, "the change is missing");
    }
    *company = *before;
    enum vouch_status status = change_identity(decision, change->change, company);
    if (status == VOUCH_OK) {
        status = take_description(decision, change->change, company);
    }
    if (status == VOUCH_OK && change->change->kind != KIND(COMPANY_KIND_NONE)) {
        status = check_kind(decision, change->change->kind);
        if (status == VOUCH_OK && before->kind == KIND(HOME)) {
            status = status_set(&decision->why, VOUCH_CONFLICT, "%s is this broker's own company and stays it",
                                before->name);
        }
        company->kind = change->change->kind;
    }
    if (status == VOUCH_OK && change->change->parent != 0) {
        status = check_parent(decision, company->id, change->change->parent);
        company->parent = change->change->parent;
    }
    if (status != VOUCH_OK) {
        return status;
    }
    if (change->clear_parent) {
        company->parent = 0;
    }
    decision->answer_id = company->id;
    return company_emit(decision, company, false);
}
