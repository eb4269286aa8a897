/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel: the record, its rows in the lists of both members, its clock while it is not answered, who is told. */
#include "apply/bonds.h"
#include "apply/parts.h"
#include "base/check.h"

static void rows_put(struct view *view, const Vouch__V1__Intel *intel)
{
    struct key from = key_intel_member(intel->from, INTEL_GAVE, intel->state, intel->id);
    struct key to = key_intel_member(intel->to, INTEL_WAS_OFFERED, intel->state, intel->id);
    row_put(view, TABLE_INTEL_MEMBER, &from);
    row_put(view, TABLE_INTEL_MEMBER, &to);
    int64_t rings_ms = intel_rings_ms(intel);
    if (rings_ms != 0) {
        struct key due = key_due(rings_ms, DUE_INTEL_RINGS, intel->id);
        row_put(view, TABLE_DUE, &due);
    }
}

static void rows_delete(struct view *view, const Vouch__V1__Intel *intel)
{
    struct key from = key_intel_member(intel->from, INTEL_GAVE, intel->state, intel->id);
    struct key to = key_intel_member(intel->to, INTEL_WAS_OFFERED, intel->state, intel->id);
    row_delete(view, TABLE_INTEL_MEMBER, &from);
    row_delete(view, TABLE_INTEL_MEMBER, &to);
    int64_t rings_ms = intel_rings_ms(intel);
    if (rings_ms != 0) {
        struct key due = key_due(rings_ms, DUE_INTEL_RINGS, intel->id);
        row_delete(view, TABLE_DUE, &due);
    }
}

static void intel_replace(struct application *application, const Vouch__V1__Intel *before, const Vouch__V1__Intel *now)
{
    rows_delete(application->view, before);
    rows_put(application->view, now);
    record_put(application->view, TABLE_INTEL, now->id, &now->base, application->arena);
}

void apply_intel_given(struct application *application, const Vouch__V1__IntelGiven *given)
{
    CHECK(given->intel != NULL);
    Vouch__V1__Intel intel = *given->intel;
    intel.sequence = application->sequence;
    rows_put(application->view, &intel);
    record_put(application->view, TABLE_INTEL, intel.id, &intel.base, application->arena);
    counter_reach(application, "last_intel", intel.id);
    inbox_add(application, intel.to);
}

void apply_intel_moved(struct application *application, const Vouch__V1__IntelMoved *moved)
{
    const Vouch__V1__Intel *before = record_intel(application->view, moved->intel, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    Vouch__V1__Intel now = *before;
    now.state = moved->to;
    now.clock = NULL;
    if (moved->to != VOUCH__V1__INTEL_STATE__INTEL_TAKEN) {
        now.closed_ms = application->event->time_ms;
        now.referral = moved->referral;
    }
    intel_replace(application, before, &now);
    if (moved->kept_day != 0) {
        obligation_add(application->view, now.to, moved->kept_day, (struct obligation){1, 0});
    }
    inbox_add(application, now.from);
}

void intel_rung(struct application *application, const Vouch__V1__ClockRung *rung)
{
    const Vouch__V1__Intel *before = record_intel(application->view, rung->intel, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    Vouch__V1__Intel now = *before;
    now.clock = rung->clock;
    intel_replace(application, before, &now);
    if (rung->missed) {
        obligation_add(application->view, now.to, rung->day, (struct obligation){0, 1});
    }
    for (size_t i = 0; i < rung->n_told; i++) {
        inbox_add(application, rung->told[i]);
    }
}
