/* SPDX-License-Identifier: Apache-2.0
 *
 * Every bound of the broker. Past a bound the client gets BUSY or TOO_LARGE and nothing grows. */
#ifndef VOUCH_BASE_LIMITS_H
#define VOUCH_BASE_LIMITS_H

/* Wire. */
#define PROTOCOL_VERSION 1                  /* in every request and every reply */
#define LIMIT_FRAME_BYTES (256 << 10)       /* a request or an answer, packed */
#define LIMIT_REQUEST_ARENA_BYTES (4 << 20) /* a request, unpacked, and all that answering it needs */
#define LIMIT_MESSAGE_DEPTH 8               /* fields inside fields; the protocol uses 7 */
#define LIMIT_MESSAGE_FIELDS 65536          /* fields of one message and all inside it */
#define LIMIT_SOCKET_HWM 1000               /* messages queued for one peer */
#define LIMIT_SESSIONS 10000                /* peers with a subscription */

/* Queues between threads, in requests. */
#define LIMIT_WRITE_QUEUE 4096
#define LIMIT_READ_QUEUE 4096
#define LIMIT_ADVICE_QUEUE 256
#define LIMIT_AWAITING 4096 /* requests that wait for a write to become visible */

/* One group commit. The spill list of LMDB leaks past about 131,000 dirty pages, so the state commits in time. */
#define LIMIT_BATCH_COMMANDS 256
#define LIMIT_EVENTS_PER_COMMAND 8
#define LIMIT_KEYS_PER_COMMAND 16 /* of persons, made or destroyed */
#define LIMIT_EVENT_BYTES (64 << 10)
#define LIMIT_STATE_COMMIT_EVENTS 4096

/* Records. */
#define LIMIT_MEMBER_KEYS 8       /* devices of one member */
#define LIMIT_REFERRAL_OFFERS 20  /* receivers that one referral is offered to */
#define LIMIT_REFERRAL_STEPS 250  /* of one referral, before only those are taken that move it on */
#define LIMIT_REFERRAL_TOUCHES 64 /* of one referral, those of its steps with them; proto/fields.def says the same */
#define LIMIT_COMPANY_DEPTH 32    /* divisions of divisions */
#define LIMIT_ASK_REFERRALS 100   /* that came of one ask */
#define LIMIT_CONTACT_FAMILY 16   /* contacts that are one person, merged */
#define LIMIT_MERGE_TIES 500      /* members who know a contact that is merged into another */

/* Pages of answers. */
#define LIMIT_PAGE_ROWS 500
#define LIMIT_PAGE_ROWS_DEFAULT 100
#define LIMIT_MATCH_CANDIDATES 10000
#define LIMIT_MATCH_ROWS 50

/* Time. */
#define LIMIT_QUERY_MS 2000     /* a query holds its snapshot no longer */
#define LIMIT_RETRY_AFTER_MS 50 /* told with BUSY */

#endif
