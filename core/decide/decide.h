/* SPDX-License-Identifier: Apache-2.0
 *
 * Deciding: command + state + now → events, or a refusal. Pure: it reads the view, it writes nothing but the decision.
 * One function an operation (see operations.def), one file an aggregate. Writer thread only. */
#ifndef VOUCH_DECIDE_DECIDE_H
#define VOUCH_DECIDE_DECIDE_H

#include "apply/apply.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"
#include "domain/strength.h"
#include "store/store.h"
#include "vouch/v1/event.pb-c.h"
#include "vouch/v1/wire.pb-c.h"

/* Settings that decisions depend on; constant during a decision. */
struct policy {
    uint32_t coworker_bps;      /* commission when referrer and receiver are of one company; default 300 */
    uint32_t partner_bps;       /* when they are of two; default 1000 */
    uint32_t consent_wait_days; /* default 5 */
    uint32_t command_keep_days; /* outcomes are kept for retries; default 7 */
    /* Clocks, see docs/workday.md: hours and days of the working calendar of who has to act. */
    uint32_t accept_hours;    /* default 8 */
    uint32_t contact_hours;   /* default 8 */
    uint32_t update_days;     /* default 7 */
    uint32_t pipeline_days;   /* default 14 */
    uint32_t desk_hours;      /* default 16 */
    uint32_t offer_attempts;  /* receivers, before it waits for a manager; default 3 */
    uint32_t snoozes;         /* in one state; default 2 */
    uint32_t snooze_days;     /* each at most; default 90 */
    bool approval_by_person;  /* what was held waits for a person; default false: a rule approves it */
    bool clients_may_be_paid; /* terms may have a client rate above zero; an admin's decision, default false */
    /* A registration holds its claim so long, default 90; 0: duplicates are not looked for. */
    uint32_t protection_days;
    uint32_t protection_extension_days; /* longer, once, when there was a meeting; default 90 */
    uint32_t ask_days;                  /* a contact is asked once in so long, whoever asks; default 90 */
    uint32_t ask_after_nos_days;        /* and after two NOs in a row in so long; default 365 */
    uint32_t ask_reply_days;            /* an ask that nobody answers runs out; default 14 */
    uint32_t intel_hours;               /* of working time, to take intel or not; default 16 */
    struct cadence cadence;             /* real contact by tier */
};

#define POLICY_DEFAULT                                                                                                 \
    ((struct policy){.coworker_bps = 300,                                                                              \
                     .partner_bps = 1000,                                                                              \
                     .consent_wait_days = 5,                                                                           \
                     .command_keep_days = 7,                                                                           \
                     .accept_hours = 8,                                                                                \
                     .contact_hours = 8,                                                                               \
                     .update_days = 7,                                                                                 \
                     .pipeline_days = 14,                                                                              \
                     .desk_hours = 16,                                                                                 \
                     .offer_attempts = 3,                                                                              \
                     .snoozes = 2,                                                                                     \
                     .snooze_days = 90,                                                                                \
                     .protection_days = 90,                                                                            \
                     .protection_extension_days = 90,                                                                  \
                     .ask_days = 90,                                                                                   \
                     .ask_after_nos_days = 365,                                                                        \
                     .ask_reply_days = 14,                                                                             \
                     .intel_hours = 16,                                                                                \
                     .cadence = CADENCE_DEFAULT})

/* What an attribution plugin proposed for a referral that is about to be won. */
struct advice {
    const char *plugin;
    const char *plugin_version;
    uint8_t inputs_digest[32]; /* of the touches it was given; the decision refuses (BUSY) when they changed since */
    size_t count;
    const uint64_t *members;
    const int64_t *weights;
    bool overrides; /* each is paid its part of the pool on its own, weight / 2^32 */
};

struct decision {
    /* in */
    struct view *view;
    struct arena *arena; /* everything that the events point to; lives until they are journalled */
    int64_t now_ms;
    const Vouch__V1__Member *actor; /* as of the view; NULL: the broker itself, or an invitee */
    const uint8_t *key;             /* 32 bytes, the key that the connection proved */
    const struct policy *policy;
    const struct advice *advice; /* NULL: none was asked for */
    /* out */
    struct status_text why;
    uint64_t why_contact; /* `why` may name this person: a refusal is journalled under their key */
    uint64_t answer_id;
    Vouch__V1__Done__Change change; /* told with the answer */
    size_t event_count;
    Vouch__V1__Event events[LIMIT_EVENTS_PER_COMMAND]; /* body set; time, actor, ids are filled in by the caller */
    size_t key_count;
    struct person_key keys[LIMIT_KEYS_PER_COMMAND]; /* of contacts that this command makes, or erases */
};

typedef enum vouch_status decide_function(struct decision *decision, const Vouch__V1__Request *request);

/* The next event of the decision, initialised, its body to be set by the caller. */
Vouch__V1__Event *decision_event(struct decision *decision);

/* A sentence that may name a person goes into the journal as all that is personal does; false: it names nobody. */
bool decision_seal_refusal(struct decision *decision, Vouch__V1__CommandRefused *refused);

/* The decide function of an operation that is a command; NULL for others. */
decide_function *decide_for(Vouch__V1__Request__OperationCase operation);

/* Who was found for a referral that waits for its next receiver. */
struct reroute {
    uint64_t referral;
    size_t steps; /* of the referral when they were looked for: other ones then, other people now */
    size_t count; /* best first */
    const uint64_t *receivers;
    const uint32_t *scores_ppm;
    bool more; /* there are others */
};

/* The end of the wait: an offer, or the managers' queue. OK without an event when it waits no longer; BUSY when others
 * are to be looked for. */
enum vouch_status decide_reroute(struct decision *decision, const struct reroute *reroute);

/* Timers are commands that the broker gives itself: what happens now that `kind` fell due for `id`. The event that
 * answers a timer removes its row in `due`; whatever settles a matter earlier removes the row as well, so that a row
 * always has something to decide and OK always comes with an event. The kinds are in apply.h. */
enum vouch_status decide_due(struct decision *decision, enum due_kind kind, uint64_t id, int64_t due_ms);

#endif
