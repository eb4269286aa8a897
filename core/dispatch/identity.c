/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash of keys under a read-write lock. Members have a key or two, so a member's keys are found by a walk over the
 * keys it is known by, kept in its own small list. */
#include "dispatch/identity.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/message.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct holder {
    uint8_t key[32];
    struct identity identity;
    struct holder *sibling; /* next key of the same member */
    UT_hash_handle hh;
};

struct member_keys {
    uint64_t member;
    struct holder *first;
    UT_hash_handle hh;
};

struct identities {
    pthread_rwlock_t lock;
    struct holder *by_key;
    struct member_keys *by_member;
};

static void add_key(struct identities *identities, struct member_keys *keys, ProtobufCBinaryData key,
                    struct identity identity)
{
    CHECK(key.len == 32);
    struct holder *holder = NULL;
    HASH_FIND(hh, identities->by_key, key.data, 32, holder);
    CHECK(holder == NULL); /* decide refuses a key that somebody holds */
    holder = calloc(1, sizeof *holder);
    CHECK(holder != NULL);
    memcpy(holder->key, key.data, 32);
    holder->identity = identity;
    holder->sibling = keys->first;
    keys->first = holder;
    HASH_ADD(hh, identities->by_key, key, 32, holder);
}

static void forget_keys(struct identities *identities, struct member_keys *keys)
{
    while (keys->first != NULL) {
        struct holder *holder = keys->first;
        keys->first = holder->sibling;
        HASH_DEL(identities->by_key, holder);
        free(holder);
    }
}

static void replace_locked(struct identities *identities, const Vouch__V1__Member *member)
{
    struct member_keys *keys = NULL;
    HASH_FIND(hh, identities->by_member, &member->id, sizeof member->id, keys);
    if (keys == NULL) {
        keys = calloc(1, sizeof *keys);
        CHECK(keys != NULL);
        keys->member = member->id;
        HASH_ADD(hh, identities->by_member, member, sizeof keys->member, keys);
    }
    forget_keys(identities, keys);
    for (size_t i = 0; i < member->n_keys; i++) {
        add_key(identities, keys, member->keys[i], (struct identity){member->id, member->role, 0});
    }
    if (member->invite_key.len == 32) {
        struct identity invitee = {member->id, VOUCH__V1__ROLE__ROLE_NONE, member->invite_expires_ms};
        add_key(identities, keys, member->invite_key, invitee);
    }
}

void identity_replace(struct identities *identities, const Vouch__V1__Member *member)
{
    pthread_rwlock_wrlock(&identities->lock);
    replace_locked(identities, member);
    pthread_rwlock_unlock(&identities->lock);
}

struct identities *identities_new(const struct view *view)
{
    struct identities *identities = calloc(1, sizeof *identities);
    CHECK(identities != NULL);
    pthread_rwlock_init(&identities->lock, NULL);
    struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct cursor *cursor = cursor_open(view, TABLE_MEMBER);
    struct slice value;
    for (bool row = cursor_seek(cursor, SLICE_NONE, NULL, &value); row; row = cursor_next(cursor, NULL, &value)) {
        arena_reset(arena);
        const ProtobufCMessage *member = message_unpack_own(&vouch__v1__member__descriptor, value.size, value.data,
                                                            arena);
        CHECK(member != NULL);
        replace_locked(identities, (const Vouch__V1__Member *)(const void *)member);
    }
    cursor_close(&cursor);
    arena_free(&arena);
    return identities;
}

void identities_free(struct identities **identities)
{
    if (*identities == NULL) {
        return;
    }
    struct member_keys *keys, *next;
    HASH_ITER(hh, (*identities)->by_member, keys, next)
    {
        forget_keys(*identities, keys);
        HASH_DEL((*identities)->by_member, keys);
        free(keys);
    }
    pthread_rwlock_destroy(&(*identities)->lock);
    free(*identities);
    *identities = NULL;
}

bool identity_find(struct identities *identities, const uint8_t key[32], struct identity *identity)
{
    struct holder *holder = NULL;
    pthread_rwlock_rdlock(&identities->lock);
    HASH_FIND(hh, identities->by_key, key, 32, holder);
    if (holder != NULL) {
        *identity = holder->identity;
    }
    pthread_rwlock_unlock(&identities->lock);
    return holder != NULL && (identity->expires_ms == 0 || clock_now_ms() < identity->expires_ms);
}
