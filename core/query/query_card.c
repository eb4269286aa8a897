/* SPDX-License-Identifier: Apache-2.0
 *
 * A member's ideal-client card, the newest or an earlier version: for everybody who could refer to them. */
#include "query/parts.h"

#include "base/message.h"
#include "domain/vocabulary.h"

static const Vouch__V1__Card *version_of(struct question *question, const Vouch__V1__Member *member, uint32_t version)
{
    if (version == 0 || (member->card != NULL && member->card->version == version)) {
        return member->card;
    }
    struct key key = key_card(member->id, version);
    struct slice value;
    if (!table_get(question->view, TABLE_CARD, key_slice(&key), &value)) {
        return NULL;
    }
    return (const Vouch__V1__Card *)message_unpack_own(&vouch__v1__card__descriptor, value.size, value.data,
                                                       question->arena);
}

/* Industries and functions of the card that are no words of the vocabulary. */
static bool add_free(struct question *question, const Vouch__V1__Card *card, Vouch__V1__CardView *answer)
{
    answer->free = arena_alloc(question->arena, (card->n_industries + card->n_functions) * sizeof *answer->free);
    if (answer->free == NULL) {
        return false;
    }
    for (size_t i = 0; i < card->n_industries; i++) {
        if (vocabulary_word(VOCABULARY_INDUSTRY, card->industries[i]) == NULL) {
            answer->free[answer->n_free++] = card->industries[i];
        }
    }
    for (size_t i = 0; i < card->n_functions; i++) {
        if (vocabulary_word(VOCABULARY_FUNCTION, card->functions[i]) == NULL) {
            answer->free[answer->n_free++] = card->functions[i];
        }
    }
    return true;
}

enum vouch_status query_card_get(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__CardGet *get = request->card_get;
    uint64_t id = get->member == 0 ? question->actor->id : get->member;
    const Vouch__V1__Member *member = record_member(question->view, id, question->arena);
    Vouch__V1__CardView *answer = question_message(question, &vouch__v1__card_view__descriptor);
    if (answer == NULL) {
        return question_too_large(question);
    }
    if (member == NULL) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", id);
    }
    answer->newest = member->card == NULL ? 0 : member->card->version;
    const Vouch__V1__Card *card = version_of(question, member, get->version);
    if (card == NULL && get->version != 0) {
        return answer->newest == 0
                   ? status_set(&question->why, VOUCH_NOT_FOUND, "%s has no card yet", member->name)
                   : status_set(&question->why, VOUCH_NOT_FOUND, "the card of %s has the versions 1 to %u",
                                member->name, answer->newest);
    }
    if (card != NULL && !add_free(question, card, answer)) {
        return question_too_large(question);
    }
    answer->card = (Vouch__V1__Card *)(uintptr_t)card;
    answer->member = member->id;
    answer->name = member->name;
    answer->team = member->team;
    answer->company = question_name(question, TABLE_COMPANY, member->company);
    question->reply->result_case = RESULT(CARD);
    question->reply->card = answer;
    return VOUCH_OK;
}
