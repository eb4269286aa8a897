/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests under way. Each is packed once and keeps its bytes until it ends, so that sending it again cannot differ
 * (but for what a query must see, which is known best when it is sent); answers find their request by its id. */
#include "handle.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void outbox_init(struct outbox *outbox)
{
    TAILQ_INIT(&outbox->unsent);
    TAILQ_INIT(&outbox->sent);
    TAILQ_INIT(&outbox->done);
    outbox->next_timer_us = INT64_MAX;
    condition_init(&outbox->room);
    condition_init(&outbox->collectable);
}

/* ---- The table by id ---- */

static struct pending **bucket_of(struct outbox *outbox, const uint8_t *id)
{
    unsigned hash = (unsigned)id[ID_BYTES - 2] << 8 | id[ID_BYTES - 1];
    return &outbox->buckets[hash % OUTBOX_BUCKETS];
}

static struct pending *find(struct outbox *outbox, const ProtobufCBinaryData *id)
{
    struct pending *found = NULL;
    if (id->len == ID_BYTES) {
        found = *bucket_of(outbox, id->data);
        while (found != NULL && memcmp(found->id, id->data, ID_BYTES) != 0) {
            found = found->chain;
        }
    }
    return found;
}

static void forget_id(struct outbox *outbox, struct pending *pending)
{
    struct pending **at = bucket_of(outbox, pending->id);
    while (*at != pending) {
        CHECK(*at != NULL);
        at = &(*at)->chain;
    }
    *at = pending->chain;
}

void outbox_free_pending(struct pending *pending)
{
    vouch_reply_free(&pending->reply);
    if (pending->kind == PENDING_CALL) {
        pthread_cond_destroy(&pending->answered);
    }
    free(pending->bytes);
    free(pending);
}

static void free_list(struct pending_list *list)
{
    struct pending *pending;
    while ((pending = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, pending, link);
        CHECK(pending->kind != PENDING_CALL);
        outbox_free_pending(pending);
    }
}

void outbox_clear(struct outbox *outbox)
{
    free_list(&outbox->unsent);
    free_list(&outbox->sent);
    free_list(&outbox->done);
    pthread_cond_destroy(&outbox->room);
    pthread_cond_destroy(&outbox->collectable);
}

/* ---- In ---- */

static bool is_command(Vouch__V1__Request__OperationCase operation)
{
    switch ((int)operation) {
#define QUERY false
#define SESSION false
#define CONTROL false
#define ADVISED_QUERY false
#define COMMAND true
#define OPERATION(NAME, field, number, KIND, advice, ROLES, sentence)                                                  \
    case number:                                                                                                       \
        return KIND;
#include "dispatch/operations.def"
#undef OPERATION
#undef QUERY
#undef SESSION
#undef CONTROL
#undef ADVISED_QUERY
#undef COMMAND
    default:
        return false;
    }
}

/* Field 3 of Request as a varint: a tag of one byte, and a number. */
#define SEE_SEQUENCE_TAG (3 << 3)
#define SEE_SEQUENCE_BYTES 11

size_t outbox_stamp(const struct vouch *v, struct pending *pending)
{
    size_t size = pending->size;
    uint64_t number = pending->sees ? v->seen_sequence : 0;
    if (number > 0) {
        pending->bytes[size++] = SEE_SEQUENCE_TAG;
        for (; number >= 0x80; number >>= 7) {
            pending->bytes[size++] = (uint8_t)(number | 0x80);
        }
        pending->bytes[size++] = (uint8_t)number;
    }
    CHECK(size <= pending->size + SEE_SEQUENCE_BYTES);
    return size;
}

static void pack(struct pending *pending, const Vouch__V1__Request *request)
{
    Vouch__V1__Request full = *request;
    full.version = VOUCH_PROTOCOL_VERSION;
    if (full.id.len == ID_BYTES) {
        memcpy(pending->id, full.id.data, ID_BYTES);
    } else {
        uuid7_make(pending->id, clock_now_ms());
    }
    full.id = (ProtobufCBinaryData){.len = ID_BYTES, .data = pending->id};
    /* A command's bytes are its fingerprint at the broker, so nothing that changes from try to try goes in. Hello must
     * see nothing: it asks how far the broker is. */
    pending->sees = pending->kind != PENDING_HELLO && !is_command(full.operation_case);
    full.see_sequence = 0;
    pending->size = vouch__v1__request__get_packed_size(&full);
    pending->bytes = malloc(pending->size + SEE_SEQUENCE_BYTES);
    CHECK(pending->bytes != NULL);
    CHECK(vouch__v1__request__pack(&full, pending->bytes) == pending->size);
}

struct pending *outbox_add(struct vouch *v, enum pending_kind kind, const Vouch__V1__Request *request,
                           int64_t timeout_ms, uint64_t tag)
{
    struct outbox *outbox = &v->outbox;
    struct pending *pending = calloc(1, sizeof *pending);
    CHECK(pending != NULL);
    pending->kind = kind;
    pack(pending, request);
    pending->tag = tag;
    pending->started_us = clock_mono_us();
    pending->deadline_us = pending->started_us + timeout_ms * 1000;
    pending->resend_after_us = RESEND_FIRST_US;
    if (kind == PENDING_CALL) {
        condition_init(&pending->answered);
    }
    struct pending **bucket = bucket_of(outbox, pending->id);
    pending->chain = *bucket;
    *bucket = pending;
    if (kind == PENDING_HELLO) {
        TAILQ_INSERT_HEAD(&outbox->unsent, pending, link);
    } else {
        TAILQ_INSERT_TAIL(&outbox->unsent, pending, link);
    }
    if (kind == PENDING_CALL || kind == PENDING_SENT) {
        outbox->under_way++;
    }
    if (pending->deadline_us < outbox->next_timer_us) {
        outbox->next_timer_us = pending->deadline_us;
    }
    return pending;
}

/* ---- Out ---- */

void outbox_release(struct outbox *outbox, struct pending *pending)
{
    CHECK(pending->finished && outbox->under_way > 0);
    outbox->under_way--;
    pthread_cond_signal(&outbox->room);
}

/* Ends `pending`, which is in `list`; takes over `reply`. */
static void finish(struct vouch *v, struct pending_list *list, struct pending *pending, int outcome,
                   Vouch__V1__Reply *reply, const char *error)
{
    struct outbox *outbox = &v->outbox;
    CHECK(!pending->finished);
    TAILQ_REMOVE(list, pending, link);
    forget_id(outbox, pending);
    pending->finished = true;
    pending->outcome = outcome;
    pending->reply = reply;
    snprintf(pending->error, sizeof pending->error, "%s", error);
    switch (pending->kind) {
    case PENDING_CALL:
        pthread_cond_signal(&pending->answered);
        break;
    case PENDING_SENT:
        TAILQ_INSERT_TAIL(&outbox->done, pending, link);
        pthread_cond_signal(&outbox->collectable);
        break;
    case PENDING_HELLO:
        if (reply != NULL) {
            link_greeted(v, reply);
        }
        outbox_free_pending(pending);
        break;
    case PENDING_SUBSCRIBE:
        delivery_subscribed(v, outcome, error);
        outbox_free_pending(pending);
        break;
    }
}

void outbox_answer(struct vouch *v, Vouch__V1__Reply *reply)
{
    struct outbox *outbox = &v->outbox;
    struct pending *pending = find(outbox, &reply->id);
    if (reply->sequence > v->seen_sequence) {
        v->seen_sequence = reply->sequence;
    }
    if (pending == NULL) { /* the answer to an earlier try came first */
        vouch_reply_free(&reply);
        return;
    }
    /* `resend_us` is 0 exactly while it waits in `unsent`: an answer to the try before can meet it there. */
    struct pending_list *list = pending->resend_us == 0 ? &outbox->unsent : &outbox->sent;
    if (reply->status == VOUCH__V1__STATUS__BUSY && list == &outbox->unsent) {
        vouch_reply_free(&reply); /* it is about to be tried again anyway */
        return;
    }
    if (reply->status == VOUCH__V1__STATUS__BUSY) {
        int64_t pause_ms = reply->retry_after_ms < 5 ? 5 : reply->retry_after_ms > 5000 ? 5000 : reply->retry_after_ms;
        int64_t spread_us = pause_ms * 1000 * (pending->id[ID_BYTES - 1] % 64) / 64;
        pending->busy = true;
        pending->resend_us = clock_mono_us() + pause_ms * 1000 + spread_us;
        if (pending->resend_us < outbox->next_timer_us) {
            outbox->next_timer_us = pending->resend_us;
        }
        vouch_reply_free(&reply);
        return;
    }
    int outcome = (int)reply->status;
    const char *error = "";
    if (outcome != VOUCH_OK) {
        error = reply->message[0] != '\0' ? reply->message : status_sentence((enum vouch_status)outcome);
    }
    finish(v, list, pending, outcome, reply, error);
}

void outbox_abandon(struct vouch *v, struct pending *pending, int outcome, const char *error)
{
    struct pending_list *list = pending->resend_us == 0 ? &v->outbox.unsent : &v->outbox.sent;
    finish(v, list, pending, outcome, NULL, error);
}

/* ---- Time ---- */

static void expire(struct vouch *v, struct pending_list *list, struct pending *pending)
{
    char text[ERROR_MAX];
    double seconds = (double)(pending->deadline_us - pending->started_us) / 1e6;
    if (pending->kind == PENDING_HELLO || pending->kind == PENDING_SUBSCRIBE) {
        finish(v, list, pending, VOUCH_TIMEOUT, NULL, "the broker did not answer");
    } else if (v->link.state != LINK_READY) {
        link_describe(v, text);
        finish(v, list, pending, v->link.outcome, NULL, text);
    } else if (pending->busy) {
        snprintf(text, sizeof text, "the broker at %s stayed too busy for %.3g s; try again later",
                 v->identity.endpoint, seconds);
        finish(v, list, pending, VOUCH_BUSY, NULL, text);
    } else {
        snprintf(text, sizeof text, "no answer from %s within %.3g s; the command may still have been done",
                 v->identity.endpoint, seconds);
        finish(v, list, pending, VOUCH_TIMEOUT, NULL, text);
    }
}

/* Ends what is past its deadline; answers when the next one is. */
static int64_t tick_list(struct vouch *v, struct pending_list *list, int64_t now_us)
{
    struct outbox *outbox = &v->outbox;
    int64_t next_us = INT64_MAX;
    for (struct pending *pending = TAILQ_FIRST(list), *after; pending != NULL; pending = after) {
        after = TAILQ_NEXT(pending, link);
        int64_t want_us = pending->deadline_us;
        if (pending->deadline_us <= now_us) {
            expire(v, list, pending);
            continue;
        }
        if (list == &outbox->sent && pending->resend_us <= now_us) {
            pending->resend_us = 0;
            TAILQ_REMOVE(list, pending, link);
            TAILQ_INSERT_TAIL(&outbox->unsent, pending, link);
        } else if (list == &outbox->sent && pending->resend_us < want_us) {
            want_us = pending->resend_us;
        }
        if (want_us < next_us) {
            next_us = want_us;
        }
    }
    return next_us;
}

void outbox_tick(struct vouch *v, int64_t now_us)
{
    struct outbox *outbox = &v->outbox;
    if (now_us < outbox->next_timer_us) {
        return;
    }
    int64_t sent_us = tick_list(v, &outbox->sent, now_us);
    int64_t unsent_us = tick_list(v, &outbox->unsent, now_us);
    outbox->next_timer_us = sent_us < unsent_us ? sent_us : unsent_us;
}

/* ---- When the link changes ---- */

void outbox_rewind(struct outbox *outbox)
{
    struct pending *pending;
    TAILQ_FOREACH(pending, &outbox->sent, link)
    {
        pending->resend_us = 0;
    }
    TAILQ_CONCAT(&outbox->sent, &outbox->unsent, link);
    TAILQ_CONCAT(&outbox->unsent, &outbox->sent, link);
}

static void fail_list(struct vouch *v, struct pending_list *list, int outcome, const char *error)
{
    struct pending *pending;
    while ((pending = TAILQ_FIRST(list)) != NULL) {
        finish(v, list, pending, outcome, NULL, error);
    }
}

void outbox_fail_all(struct vouch *v, int outcome, const char *error)
{
    fail_list(v, &v->outbox.sent, outcome, error);
    fail_list(v, &v->outbox.unsent, outcome, error);
}

static void drop_own_of(struct outbox *outbox, struct pending_list *list)
{
    for (struct pending *pending = TAILQ_FIRST(list), *after; pending != NULL; pending = after) {
        after = TAILQ_NEXT(pending, link);
        if (pending->kind == PENDING_HELLO || pending->kind == PENDING_SUBSCRIBE) {
            TAILQ_REMOVE(list, pending, link);
            forget_id(outbox, pending);
            outbox_free_pending(pending);
        }
    }
}

void outbox_drop_own(struct outbox *outbox)
{
    drop_own_of(outbox, &outbox->sent);
    drop_own_of(outbox, &outbox->unsent);
}
