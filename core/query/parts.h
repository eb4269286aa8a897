/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of query: pages, names and views that the subjects share. */
#ifndef VOUCH_QUERY_PARTS_H
#define VOUCH_QUERY_PARTS_H

#include "apply/books.h"
#include "decide/access.h"
#include "domain/attribution.h"
#include "query/query.h"

#include <inttypes.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define ROLE(name) VOUCH__V1__ROLE__##name
#define BODY(name) VOUCH__V1__EVENT__BODY_##name
#define RESULT(name) VOUCH__V1__REPLY__RESULT_##name

/* ---- query.c ---- */

/* An initialised message in the question's arena; NULL past its budget. */
void *question_message(const struct question *question, const ProtobufCMessageDescriptor *type);
enum vouch_status question_too_large(struct question *question);
/* True once the question has taken too long; then `why` is set and the answer is TIMEOUT. */
bool question_is_late(struct question *question);
/* A name for an answer, never freed; "" when there is none. */
char *question_name(struct question *question, enum table table, uint64_t id);

/* How many rows an answer holds: as many as asked for, and as fit into one frame. */
struct page {
    size_t limit; /* rows, at most */
    size_t count;
    size_t bytes;
    void **rows; /* room for `limit` */
    bool more;   /* a row did not go in */
};

bool page_start(const struct question *question, uint32_t asked, struct page *page);
/* Adds a row of this size; false (and `more`) when the page is full. */
bool page_add(struct page *page, void *row, size_t size);
/* True when one more row would not go in for number. */
bool page_is_full(const struct page *page);
/* Fills the page with the records after this id of a table that is keyed by id, each as `row` makes it (NULL: past the
 * arena's budget, and the page ends). TOO_LARGE when not even the first goes in. */
typedef void *page_row_function(struct question *question, uint64_t id);
enum vouch_status page_fill(struct question *question, enum table table, uint64_t after, page_row_function *row,
                            struct page *page) MUST_USE;

/* ---- referral_view.c ---- */

/* A referral as this asker may see it: with steps and texts when `whole`. NULL past the arena's budget. */
Vouch__V1__ReferralView *referral_view(struct question *question, const Vouch__V1__Referral *referral, bool whole);
/* What was written about a referral from submission to registration; NULL when nothing, or erased. */
Vouch__V1__ReferralText *referral_text(const struct view *view, const Vouch__V1__Referral *referral,
                                       struct arena *arena);

/* ---- advise.c ---- */

/* What an attribution plugin is told of a deal. */
struct attribution_case {
    const Vouch__V1__Referral *referral;
    int64_t closed_ms;
    uint32_t window_days;
    size_t touch_count; /* 0: the plugin is not asked, and nobody has a weight */
    struct touch touches[TOUCHES_MAX];
};

/* Asks for the weights; fills `advice` (arena), with the digest of the touches. */
enum vouch_status attribution_ask(struct question *question, const struct attribution_case *of,
                                  struct plugin_call *call, struct advice *advice);

/* ---- deal_view.c ---- */

/* A deal with names, and the terms that were frozen. NULL past the arena's budget. */
Vouch__V1__Deal *deal_view(struct question *question, const Vouch__V1__Deal *deal);

/* ---- notice_money.c: lines of inboxes about commission after it accrued ---- */

struct money_line {
    const struct view *view;
    struct arena *arena;
    const Vouch__V1__Event *event;
    uint64_t reader;
    const char *actor;   /* who did it */
    const char *subject; /* "R231 (Kestrel Bank)"; "" when it is about no deal */
};

/* True for events that such lines are about. */
bool money_event_is_told(Vouch__V1__Event__BodyCase body);
/* The deal it is about; 0: none. */
uint64_t money_event_referral(const Vouch__V1__Event *event);
/* The sentence; NULL past the arena's budget. */
char *money_event_tell(const struct money_line *line);

/* ---- notice_workday.c: lines of inboxes about clocks, and whatever else the working day tells ---- */

struct workday_line {
    const struct view *view;
    struct arena *arena;
    const Vouch__V1__Event *event;
    uint64_t sequence; /* of the event */
    uint64_t reader;
    const char *actor;   /* who did it */
    const char *subject; /* "R231 (Kestrel Bank)"; "" when it is about no referral */
};

/* True for events that such lines are about; of REFERRAL_MOVED only for these verbs. */
bool workday_event_is_told(Vouch__V1__Event__BodyCase body);
bool workday_verb_is_told(Vouch__V1__ReferralVerb verb);
/* The referral it is about; 0: none. */
uint64_t workday_event_referral(const Vouch__V1__Event *event);
/* The sentence; NULL past the arena's budget. */
char *workday_event_tell(const struct workday_line *line);
/* A moment as the reader's clock shows it. */
const char *moment_text(const struct workday_line *line, int64_t time_ms, bool with_time);

/* ---- notice_ties.c: the lines of the working day that are about asks and intel, CLOCK_RUNG of intel with them ---- */

bool ties_event_is_told(Vouch__V1__Event__BodyCase body);
char *ties_event_tell(const struct workday_line *line);

/* ---- claim_view.c ---- */

/* The claim of a registered referral as the asker may see it, receipt included; NULL past the arena's budget. */
Vouch__V1__Claim *claim_view(const struct question *question, const Vouch__V1__Referral *referral);
/* Why a registration is reviewed first. */
const char *claim_hold_words(Vouch__V1__Claim__Hold hold);
/* The sentence of a move into the queue or into review, from its event; `subject` is "R12 (Kestrel Bank)". */
char *claim_tell(const struct view *view, uint64_t reader, uint64_t sequence, const char *subject, struct arena *arena);

/* ---- query_touch.c, query_ask.c, query_intel.c ---- */

/* What the member wrote with a touch; "" when nothing, or erased. */
char *touch_note(const struct question *question, const Vouch__V1__TieTouch *touch);
/* What the asker's asks of a contact, who stands for themself, came to; NULL past the arena's budget. */
Vouch__V1__AskYield *ask_yield(struct question *question, uint64_t contact);
/* Intel with its text and names, for its giver and receiver; NULL past the arena's budget. */
Vouch__V1__Intel *intel_view(struct question *question, uint64_t intel);

/* ---- the queries, one a function ---- */

query_function query_hello, query_whoami, query_member_list;
query_function query_company_list, query_contact_list, query_tie_list, query_contact_get, query_member_export;
query_function query_find;
query_function query_referral_get, query_referral_list;
query_function query_touch_list, query_ask_list, query_intel_list;
query_function query_inbox_page;
query_function query_today, query_card_get;
query_function query_team_view, query_team_queue;
query_function query_terms_list;
query_function query_report, query_curve;
query_function query_totals, query_plugin_list, query_plugin_log;
query_function query_dispute_list, query_period_list, query_statement_get, query_account_list;
query_function query_payout_list, query_payout_get, query_commission_explain, query_commission_pending;
query_function query_commission_replay, query_commission_shadow; /* without a plugin */

#endif
