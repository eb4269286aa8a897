/* SPDX-License-Identifier: Apache-2.0
 *
 * Disputes: a line is held out of approval, of the next statement, or of the payout, depending on where it is, until
 * somebody has looked at it. */
#include "apply/parts.h"

#include "base/check.h"

void account_hold(struct view *view, const struct account_id *id, int64_t minor)
{
    struct account account;
    account_get(view, id, &account);
    account.disputed_minor += minor;
    CHECK(account.disputed_minor >= 0 || view_failed(view) != NULL);
    account_put(view, id, &account);
}

/* The records that a dispute is about. */
struct disputed {
    const Vouch__V1__Payment *payment;
    const Vouch__V1__Deal *deal;
    Vouch__V1__PaymentPart *part;
    struct account_id account;
};

static bool find(struct application *application, const Vouch__V1__Dispute *dispute, struct disputed *found)
{
    found->payment = record_payment(application->view, dispute->payment, application->arena);
    found->deal = record_deal(application->view, dispute->referral, application->arena);
    if (!is_there(application, found->payment) || !is_there(application, found->deal)) {
        return false;
    }
    found->part = payment_part(found->payment, dispute->payee);
    CHECK(found->part != NULL);
    found->account = account_id_of(dispute->payee, found->deal->company, found->payment->amount->currency);
    return true;
}

static void statement_hold(struct application *application, uint64_t id, int64_t minor)
{
    const Vouch__V1__Statement *record = record_statement(application->view, id, application->arena);
    if (is_there(application, record)) {
        Vouch__V1__Statement statement = *record;
        statement.disputed_minor += minor;
        CHECK(statement.disputed_minor >= 0 && statement.disputed_minor <= statement.payable_minor);
        record_put(application->view, TABLE_STATEMENT, id, &statement.base, application->arena);
    }
}

void apply_dispute_opened(struct application *application, const Vouch__V1__DisputeOpened *opened)
{
    const Vouch__V1__Dispute *dispute = opened->dispute;
    struct disputed on;
    CHECK(dispute != NULL);
    if (!find(application, dispute, &on)) {
        return;
    }
    on.part->dispute = dispute->id;
    account_hold(application->view, &on.account, dispute->minor);
    if (dispute->statement != 0) {
        statement_hold(application, dispute->statement, dispute->minor);
    } else if (on.part->approved_period != 0) {
        ready_add(application->view, &on.account, on.part->approved_period, -dispute->minor);
    }
    record_put(application->view, TABLE_PAYMENT, on.payment->id, &on.payment->base, application->arena);
    record_put(application->view, TABLE_DISPUTE, dispute->id, &dispute->base, application->arena);
    counter_reach(application, "last_dispute", dispute->id);
    inbox_add(application, dispute->payee);
}

/* The line goes on from where it was held; when it is taken back, that follows as an event of its own. */
static void release(struct application *application, const struct disputed *on, const Vouch__V1__Dispute *dispute,
                    const Vouch__V1__DisputeResolved *resolved)
{
    Vouch__V1__PaymentPart *part = on->part;
    part->dispute = 0;
    account_hold(application->view, &on->account, -dispute->minor);
    if (dispute->statement != 0) {
        statement_hold(application, dispute->statement, -dispute->minor);
    } else if (part->approved_period != 0) {
        part->approved_period = resolved->period;
        ready_add(application->view, &on->account, resolved->period, dispute->minor);
    } else if (on->payment->approved && !resolved->reversed) {
        part_approve(application, on->deal, on->payment, part, resolved->period, resolved->effective_ms);
    }
}

void apply_dispute_resolved(struct application *application, const Vouch__V1__DisputeResolved *resolved)
{
    const Vouch__V1__Dispute *record = record_dispute(application->view, resolved->dispute, application->arena);
    struct disputed on;
    if (!is_there(application, record) || !find(application, record, &on)) {
        return;
    }
    Vouch__V1__Dispute dispute = *record;
    release(application, &on, &dispute, resolved);
    dispute.resolved_ms = application->event->time_ms;
    dispute.resolved_by = application->event->actor;
    dispute.reversed = resolved->reversed;
    dispute.resolution = resolved->resolution;
    record_put(application->view, TABLE_PAYMENT, on.payment->id, &on.payment->base, application->arena);
    record_put(application->view, TABLE_DISPUTE, dispute.id, &dispute.base, application->arena);
    inbox_add(application, dispute.payee);
    if (dispute.opened_by != dispute.payee) {
        inbox_add(application, dispute.opened_by);
    }
}
