/* SPDX-License-Identifier: Apache-2.0
 *
 * Members: inviting, enrolling, removing, their keys and their cards. */
#include "base/check.h"
#include "base/clock.h"
#include "decide/parts.h"
#include "domain/names.h"

#include <string.h>

#define INVITE_HOURS_DEFAULT 48
#define INVITE_HOURS_MAX 720
#define SIZE_BANDS 8

#define MEMBER_STATE(name) VOUCH__V1__MEMBER_STATE__##name

/* A manager invites reps into the own team only. */
static enum vouch_status check_inviter(struct decision *decision, Vouch__V1__Role role, uint64_t company,
                                       const char *team)
{
    const Vouch__V1__Member *actor = decision->actor;
    if (actor->role == ROLE(ADMIN)) {
        return VOUCH_OK;
    }
    if (role != ROLE(REP)) {
        return status_set(&decision->why, VOUCH_DENIED, "a manager invites reps; ask an admin for other roles");
    }
    if (company != actor->company || strcmp(team, actor->team) != 0) {
        return status_set(&decision->why, VOUCH_DENIED, "a manager invites into the own team only (%s)",
                          actor->team[0] == '\0' ? "you have none" : actor->team);
    }
    return VOUCH_OK;
}

static enum vouch_status check_home(struct decision *decision, uint64_t company)
{
    const Vouch__V1__Company *home = record_company(decision->view, company, decision->arena);
    if (home == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", company);
    }
    if (home->kind != VOUCH__V1__COMPANY_KIND__HOME && home->kind != VOUCH__V1__COMPANY_KIND__PARTNER) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "%s is neither this broker's company nor a partner; members come from those", home->name);
    }
    return VOUCH_OK;
}

/* The record of somebody new. */
static enum vouch_status make_member(struct decision *decision, const Vouch__V1__MemberInvite *invite,
                                     Vouch__V1__Member *member)
{
    enum vouch_status status = take_name(decision, invite->name, "the name", &member->name);
    if (status == VOUCH_OK) {
        status = take_maybe(decision, invite->team, "the team", &member->team);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    if (invite->role < ROLE(REP) || invite->role > ROLE(AUDITOR)) {
        return status_set(&decision->why, VOUCH_INVALID, "a role is missing: rep, manager, finance, admin or auditor");
    }
    member->id = decision_next_id(decision, "last_member");
    member->role = invite->role;
    member->state = MEMBER_STATE(INVITED);
    member->company = invite->company != 0 ? invite->company : decision->actor->company;
    status = check_inviter(decision, member->role, member->company, member->team);
    return status != VOUCH_OK ? status : check_home(decision, member->company);
}

/* The record of somebody who is there, for a new invitation. */
static enum vouch_status find_member(struct decision *decision, uint64_t id, Vouch__V1__Member *member)
{
    const Vouch__V1__Member *record = record_member(decision->view, id, decision->arena);
    if (record == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", id);
    }
    if (record->state == MEMBER_STATE(REMOVED)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s was removed; invite them as a new member", record->name);
    }
    *member = *record;
    return check_inviter(decision, member->role, member->company, member->team);
}

static enum vouch_status set_invitation(struct decision *decision, const Vouch__V1__MemberInvite *invite,
                                        Vouch__V1__Member *member)
{
    if (invite->invite_key.len == 0) {
        if (invite->member != 0) {
            return status_set(&decision->why, VOUCH_INVALID, "an invitation needs the public half of its key");
        }
        return VOUCH_OK;
    }
    uint32_t hours = invite->valid_hours == 0 ? INVITE_HOURS_DEFAULT : invite->valid_hours;
    if (hours > INVITE_HOURS_MAX) {
        return status_set(&decision->why, VOUCH_INVALID, "an invitation is valid for at most %d hours",
                          INVITE_HOURS_MAX);
    }
    member->invite_key = invite->invite_key;
    member->invite_expires_ms = decision->now_ms + (int64_t)hours * MS_PER_HOUR;
    return take_new_key(decision, invite->invite_key, "the invitation's key");
}

enum vouch_status decide_member_invite(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__MemberInvite *invite = request->member_invite;
    Vouch__V1__Member *member = decision_message(decision, &vouch__v1__member__descriptor);
    Vouch__V1__MemberInvited *invited = decision_message(decision, &vouch__v1__member_invited__descriptor);
    if (member == NULL || invited == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = invite->member == 0 ? make_member(decision, invite, member)
                                                   : find_member(decision, invite->member, member);
    if (status == VOUCH_OK) {
        status = set_invitation(decision, invite, member);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    invited->member = member;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(MEMBER_INVITED);
    event->member_invited = invited;
    decision->answer_id = member->id;
    return VOUCH_OK;
}

enum vouch_status decide_enrol(struct decision *decision, const Vouch__V1__Request *request)
{
    uint64_t id = 0;
    enum key_kind kind = KEY_OF_MEMBER;
    const Vouch__V1__Member *member = NULL;
    if (key_holder_find(decision->view, decision->key, &id, &kind) && kind == KEY_OF_INVITATION) {
        member = record_member(decision->view, id, decision->arena);
    }
    if (member == NULL) {
        return status_set(
            &decision->why, VOUCH_DENIED,
            "this key is no open invitation: it was used, has expired or was replaced; ask for a new one");
    }
    if (decision->now_ms >= member->invite_expires_ms) {
        return status_set(&decision->why, VOUCH_CONFLICT, "this invitation has expired; ask for a new one");
    }
    if (member->n_keys >= LIMIT_MEMBER_KEYS) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s has %d keys already; more are not kept", member->name,
                          LIMIT_MEMBER_KEYS);
    }
    enum vouch_status status = take_new_key(decision, request->enrol->key, "the new key");
    Vouch__V1__MemberEnrolled *enrolled = decision_message(decision, &vouch__v1__member_enrolled__descriptor);
    if (status != VOUCH_OK) {
        return status;
    }
    if (enrolled == NULL) {
        return decision_too_large(decision);
    }
    enrolled->member = id;
    enrolled->key = request->enrol->key;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(MEMBER_ENROLLED);
    event->member_enrolled = enrolled;
    decision->answer_id = id;
    return VOUCH_OK;
}

enum vouch_status decide_member_remove(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__MemberRemove *remove = request->member_remove;
    const Vouch__V1__Member *member = record_member(decision->view, remove->member, decision->arena);
    if (member == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", remove->member);
    }
    if (member->state == MEMBER_STATE(REMOVED)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s was removed already", member->name);
    }
    /* So there is always an admin left. */
    if (member->id == decision->actor->id) {
        return status_set(&decision->why, VOUCH_CONFLICT, "nobody removes themselves; ask another admin");
    }
    Vouch__V1__MemberRemoved *removed = decision_message(decision, &vouch__v1__member_removed__descriptor);
    if (removed == NULL) {
        return decision_too_large(decision);
    }
    removed->member = remove->member;
    removed->reason = remove->reason;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(MEMBER_REMOVED);
    event->member_removed = removed;
    decision->answer_id = member->id;
    return VOUCH_OK;
}

enum vouch_status decide_key_rotate(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__Member *actor = decision->actor;
    bool own = false;
    for (size_t i = 0; i < actor->n_keys; i++) {
        own = own || (actor->keys[i].len == 32 && memcmp(actor->keys[i].data, decision->key, 32) == 0);
    }
    if (!own) {
        return status_set(&decision->why, VOUCH_REVOKED, "the key you use is not yours any more");
    }
    enum vouch_status status = take_new_key(decision, request->key_rotate->new_key, "the new key");
    Vouch__V1__KeyRotated *rotated = decision_message(decision, &vouch__v1__key_rotated__descriptor);
    uint8_t *old = arena_memdup(decision->arena, decision->key, 32);
    if (status != VOUCH_OK) {
        return status;
    }
    if (rotated == NULL || old == NULL) {
        return decision_too_large(decision);
    }
    rotated->member = actor->id;
    rotated->old_key = (ProtobufCBinaryData){32, old};
    rotated->new_key = request->key_rotate->new_key;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(KEY_ROTATED);
    event->key_rotated = rotated;
    decision->answer_id = actor->id;
    return VOUCH_OK;
}

/* As take_tags, with words of the vocabulary in the place of their synonyms and codes. */
static enum vouch_status take_words(struct decision *decision, enum vocabulary vocabulary, size_t count,
                                    char *const *given, const char *what, size_t *taken_count, char ***taken)
{
    char **words = arena_alloc(decision->arena, count * sizeof *words);
    if (words == NULL) {
        return decision_too_large(decision);
    }
    for (size_t i = 0; i < count; i++) {
        enum vouch_status status = take_word(decision, vocabulary, given[i], what, &words[i]);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    return take_tags(decision, count, words, what, taken_count, taken);
}

static enum vouch_status take_card(struct decision *decision, const Vouch__V1__Card *asked, Vouch__V1__Card *card)
{
    if (asked->size_min > SIZE_BANDS || asked->size_max > SIZE_BANDS ||
        (asked->size_max != 0 && asked->size_max < asked->size_min)) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "company sizes go from band 1 to 8, the smallest first; 0 means any");
    }
    card->size_min = asked->size_min;
    card->size_max = asked->size_max;
    card->capacity = asked->capacity;
    card->describe_me = asked->describe_me;
    enum vouch_status status = take_tags(decision, asked->n_issues, asked->issues, "an issue", &card->n_issues,
                                         &card->issues);
    if (status == VOUCH_OK) {
        status = take_words(decision, VOCABULARY_INDUSTRY, asked->n_industries, asked->industries, "an industry",
                            &card->n_industries, &card->industries);
    }
    if (status == VOUCH_OK) {
        status = take_words(decision, VOCABULARY_FUNCTION, asked->n_functions, asked->functions, "a function",
                            &card->n_functions, &card->functions);
    }
    if (status == VOUCH_OK) {
        status = take_tags(decision, asked->n_countries, asked->countries, "a country", &card->n_countries,
                           &card->countries);
    }
    if (status == VOUCH_OK) {
        status = take_maybe(decision, asked->city, "the city", &card->city);
    }
    if (status == VOUCH_OK) {
        status = take_maybe(decision, asked->region, "the region", &card->region);
    }
    if (status == VOUCH_OK) {
        status = take_maybe(decision, asked->country, "the country", &card->country);
    }
    return status;
}

enum vouch_status decide_card_set(struct decision *decision, const Vouch__V1__Request *request)
{
    Vouch__V1__Card *card = decision_message(decision, &vouch__v1__card__descriptor);
    Vouch__V1__CardSet *set = decision_message(decision, &vouch__v1__card_set__descriptor);
    if (card == NULL || set == NULL) {
        return decision_too_large(decision);
    }
    if (request->card_set->card == NULL) {
        return status_set(&decision->why, VOUCH_INVALID, "the card is missing");
    }
    enum vouch_status status = take_card(decision, request->card_set->card, card);
    if (status != VOUCH_OK) {
        return status;
    }
    const Vouch__V1__Card *before = decision->actor->card;
    card->version = before == NULL ? 1 : before->version + 1;
    card->set_ms = decision->now_ms;
    set->member = decision->actor->id;
    set->card = card;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CARD_SET);
    event->card_set = set;
    decision->answer_id = set->member;
    return VOUCH_OK;
}
