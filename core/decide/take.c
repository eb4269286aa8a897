/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of requests on their way into events: trimmed, checked, folded, sealed. Lengths, UTF-8 and control characters
 * have been checked for every message (base/message.h); here is what depends on the meaning. */
#include "base/check.h"
#include "base/message.h"
#include "decide/parts.h"
#include "domain/names.h"

#include <sodium.h>
#include <string.h>

enum vouch_status take_maybe(struct decision *decision, const char *text, const char *what, char **name)
{
    *name = text_trim(decision->arena, text);
    if (*name == NULL) {
        return decision_too_large(decision);
    }
    return **name == '\0' ? VOUCH_OK : name_check(*name, what, &decision->why);
}

enum vouch_status take_name(struct decision *decision, const char *text, const char *what, char **name)
{
    enum vouch_status status = take_maybe(decision, text, what, name);
    if (status == VOUCH_OK && **name == '\0') {
        return status_set(&decision->why, VOUCH_INVALID, "%s is missing", what);
    }
    return status;
}

enum vouch_status take_word(struct decision *decision, enum vocabulary vocabulary, const char *text, const char *what,
                            char **word)
{
    enum vouch_status status = take_maybe(decision, text, what, word);
    if (status == VOUCH_OK) {
        status = vocabulary_check(vocabulary, *word, &decision->why);
    }
    const char *known = status == VOUCH_OK ? vocabulary_word(vocabulary, *word) : NULL;
    if (known != NULL) {
        *word = (char *)(uintptr_t)known; /* written nowhere; messages only lack the const */
    }
    return status;
}

enum vouch_status take_tags(struct decision *decision, size_t count, char *const *tags, const char *what,
                            size_t *taken_count, char ***taken)
{
    *taken_count = 0;
    *taken = arena_alloc(decision->arena, count * sizeof **taken);
    if (*taken == NULL) {
        return decision_too_large(decision);
    }
    for (size_t i = 0; i < count; i++) {
        char *trimmed;
        enum vouch_status status = take_maybe(decision, tags[i], what, &trimmed);
        char *tag = status == VOUCH_OK ? name_fold(decision->arena, trimmed) : NULL;
        if (status != VOUCH_OK) {
            return status;
        }
        if (tag == NULL) {
            return decision_too_large(decision);
        }
        bool known = *tag == '\0';
        for (size_t j = 0; j < *taken_count && !known; j++) {
            known = strcmp((*taken)[j], tag) == 0;
        }
        if (!known) {
            (*taken)[(*taken_count)++] = tag;
        }
    }
    return VOUCH_OK;
}

enum vouch_status take_new_key(struct decision *decision, ProtobufCBinaryData key, const char *what)
{
    uint64_t member;
    enum key_kind kind;
    if (key.len != 32 || sodium_is_zero(key.data, 32)) {
        return status_set(&decision->why, VOUCH_INVALID, "%s is no CURVE public key (32 bytes)", what);
    }
    if (key_holder_find(decision->view, key.data, &member, &kind)) {
        return status_set(&decision->why, VOUCH_DUPLICATE, "%s is in use, or was; make a new key pair", what);
    }
    return VOUCH_OK;
}

enum vouch_status take_sealed(struct decision *decision, const ProtobufCMessage *message, uint64_t contact,
                              const uint8_t key[32], ProtobufCBinaryData *sealed)
{
    size_t size;
    void *plain = message_pack(message, decision->arena, &size);
    if (plain == NULL) {
        return decision_too_large(decision);
    }
    if (contact == 0) {
        *sealed = (ProtobufCBinaryData){size, plain};
        return VOUCH_OK;
    }
    uint8_t nonce[24];
    randombytes_buf(nonce, sizeof nonce);
    uint8_t *out = arena_alloc(decision->arena, size + SEAL_OVERHEAD);
    if (out == NULL) {
        return decision_too_large(decision);
    }
    seal(out, plain, size, contact, key, nonce);
    *sealed = (ProtobufCBinaryData){size + SEAL_OVERHEAD, out};
    return VOUCH_OK;
}

enum vouch_status take_text(struct decision *decision, uint64_t contact, const Vouch__V1__ReferralText *text,
                            ProtobufCBinaryData *sealed, uint64_t *sealed_for)
{
    uint8_t key[32];
    if (text_is_empty(text) || (contact != 0 && !contact_key(decision, contact, key))) {
        return VOUCH_OK;
    }
    *sealed_for = contact;
    return take_sealed(decision, &text->base, contact, key, sealed);
}

bool text_is_empty(const Vouch__V1__ReferralText *text)
{
    return text == NULL || (text->need[0] == '\0' && text->vouch[0] == '\0' && text->awareness[0] == '\0' &&
                            text->reason[0] == '\0' && text->note[0] == '\0');
}
