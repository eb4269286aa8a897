/* SPDX-License-Identifier: Apache-2.0
 *
 * Books of size: a payee with very many bookings, and very many deals, applied as the broker applies them. The sums of
 * a statement and of a replay must be right however many there are; how long they took is printed. BOOKS_BOOKINGS and
 * BOOKS_DEALS say how many (20,000 and 1,000; the goals are a second for a million bookings, and half a minute for the
 * replay of 100,000 deals). */
#include "../plugins/caller.h"
#include "apply/apply.h"
#include "apply/books.h"
#include "base/clock.h"
#include "base/message.h"
#include "decide/deal_math.h"
#include "world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 256
#define MONTHS 4 /* over which the bookings are spread; the last is the one that is asked about */
#define PARTIES 5

/* Events on their way: journalled and committed BATCH at a time. */
struct writer {
    struct world *world;
    struct arena *arena; /* of the batch */
    struct arena *scratch;
    struct journal_entry entries[BATCH];
    size_t count;
};

static uint64_t wanted(const char *name, uint64_t preset)
{
    const char *text = getenv(name);
    return text == NULL ? preset : strtoull(text, NULL, 10);
}

static void flush(struct writer *writer)
{
    struct world *world = writer->world;
    if (writer->count > 0) {
        cr_assert_eq(journal_append(world->store, writer->entries, writer->count, NULL, 0, &world->why), VOUCH_OK);
        cr_assert_eq(state_commit(world->store, world->sequence, &world->why), VOUCH_OK);
    }
    writer->count = 0;
    arena_reset(writer->arena);
}

static void emit(struct writer *writer, Vouch__V1__Event *event)
{
    struct world *world = writer->world;
    struct slice packed;
    event->time_ms = world->now_ms;
    packed.data = message_pack(&event->base, writer->arena, &packed.size);
    writer->entries[writer->count++] = (struct journal_entry){++world->sequence, packed};
    arena_reset(writer->scratch);
    const void *unpacked = message_unpack_own(&vouch__v1__event__descriptor, packed.size, packed.data, writer->scratch);
    struct view *view = state_write_view(world->store, &world->why);
    apply_event(view, world->sequence, unpacked, writer->scratch);
    cr_assert_null(view_failed(view), "%s", view_failed(view));
    if (writer->count == BATCH) {
        flush(writer);
    }
}

static struct writer writer_new(void)
{
    return (struct writer){
        .world = world_new(), .arena = arena_new((size_t)64 << 20), .scratch = arena_new((size_t)16 << 20)};
}

static void writer_free(struct writer *writer)
{
    arena_free(&writer->arena);
    arena_free(&writer->scratch);
    world_free(&writer->world);
}

/* ---- deals ---- */

/* A referral of the first party that the others helped with; `touches` gets what an attribution would be told. */
static void make_referral(struct writer *writer, uint64_t id, const uint64_t members[PARTIES], uint64_t prospect,
                          struct touch touches[TOUCHES_MAX])
{
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    Vouch__V1__ReferralStep step = VOUCH__V1__REFERRAL_STEP__INIT;
    Vouch__V1__ReferralStep *steps[] = {&step};
    Vouch__V1__Touch rows[PARTIES - 1];
    Vouch__V1__Touch *row_list[PARTIES - 1];
    Vouch__V1__ReferralImported imported = VOUCH__V1__REFERRAL_IMPORTED__INIT;
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    char origin[40];
    snprintf(origin, sizeof origin, "size:%" PRIu64, id);
    step.verb = VOUCH__V1__REFERRAL_VERB__SUBMIT;
    step.sequence = writer->world->sequence + 1;
    step.time_ms = writer->world->now_ms;
    for (size_t i = 0; i < PARTIES - 1; i++) {
        vouch__v1__touch__init(&rows[i]);
        rows[i].member = members[i + 1];
        rows[i].sequence = step.sequence + 1 + i;
        rows[i].time_ms = writer->world->now_ms;
        rows[i].kind = VOUCH__V1__TOUCH__KIND__INTEL;
        row_list[i] = &rows[i];
    }
    referral.id = id;
    referral.imported = true;
    referral.state = VOUCH__V1__REFERRAL_STATE__WON;
    referral.referrer = members[0];
    referral.receiver = WORLD_ADMIN;
    referral.prospect = prospect;
    referral.steps = steps;
    referral.n_steps = 1;
    referral.touches = row_list;
    referral.n_touches = PARTIES - 1;
    imported.referral = &referral;
    imported.origin = origin;
    event.body_case = VOUCH__V1__EVENT__BODY_REFERRAL_IMPORTED;
    event.referral_imported = &imported;
    cr_assert_eq(touches_of(&referral, touches), PARTIES);
    emit(writer, &event);
}

/* What the payments of a deal owe, computed as a decision does. */
struct size_deal {
    Vouch__V1__Deal deal;
    Vouch__V1__Money value;
    Vouch__V1__DealShare shares[PARTIES];
    Vouch__V1__DealShare *share_list[PARTIES];
    uint8_t terms_digest[32];
    uint8_t inputs_digest[32];
    struct terms terms;
    int64_t earlier[DEAL_SHARES_MAX];
};

static void win(struct writer *writer, uint64_t id, const uint64_t members[PARTIES], size_t parties, uint64_t prospect,
                struct size_deal *of)
{
    struct touch touches[TOUCHES_MAX];
    Vouch__V1__DealWon won = VOUCH__V1__DEAL_WON__INIT;
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    make_referral(writer, id, members, prospect, touches);
    memset(of, 0, sizeof *of);
    vouch__v1__deal__init(&of->deal);
    vouch__v1__money__init(&of->value);
    of->terms = terms_presets();
    of->value.minor = INT64_C(1) << 40;
    of->value.currency = (char *)(uintptr_t) "EUR";
    terms_digest(&of->terms, of->terms_digest);
    touches_digest(id, touches, PARTIES, of->inputs_digest);
    for (size_t i = 0; i < parties; i++) {
        vouch__v1__deal_share__init(&of->shares[i]);
        of->shares[i].member = members[i];
        of->shares[i].weight = 1; /* of one touch, as the plugin linear has it */
        of->shares[i].first_touch = touches[i].sequence;
        of->shares[i].role = VOUCH__V1__TERMS_ROLE__OF_COWORKER;
        of->share_list[i] = &of->shares[i];
    }
    of->deal.referral = id;
    of->deal.company = WORLD_HOME;
    of->deal.value = &of->value;
    of->deal.won_ms = writer->world->now_ms;
    of->deal.terms_digest = (ProtobufCBinaryData){32, of->terms_digest};
    of->deal.inputs_digest = (ProtobufCBinaryData){32, of->inputs_digest};
    of->deal.frozen = terms_to_record(&of->terms, writer->arena);
    of->deal.plugin = (char *)(uintptr_t) "linear";
    of->deal.plugin_version = (char *)(uintptr_t) "1.0.0";
    of->deal.shares = of->share_list;
    of->deal.n_shares = parties;
    won.deal = &of->deal;
    won.year = 2026;
    event.body_case = VOUCH__V1__EVENT__BODY_DEAL_WON;
    event.deal_won = &won;
    emit(writer, &event);
}

static void pay(struct writer *writer, struct size_deal *of, uint64_t id, uint32_t period, int64_t minor)
{
    struct deal_due due;
    struct money_part steps[DEAL_SHARES_MAX];
    Vouch__V1__Payment payment = VOUCH__V1__PAYMENT__INIT;
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__PaymentPart parts[PARTIES];
    Vouch__V1__PaymentPart *part_list[PARTIES];
    Vouch__V1__PaymentRecorded recorded = VOUCH__V1__PAYMENT_RECORDED__INIT;
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    amount.minor = minor;
    amount.currency = of->value.currency;
    payment.id = id;
    payment.referral = of->deal.referral;
    payment.amount = &amount;
    payment.reference = (char *)(uintptr_t) "INV";
    payment.received_ms = writer->world->now_ms;
    payment.hold_until_ms = INT64_MAX - 1;
    payment.period = period;
    payment.paid_before_minor = of->deal.paid_minor;
    payment.parts = part_list;
    cr_assert_eq(deal_due(&of->terms, &of->deal, of->deal.paid_minor + minor, &due, &writer->world->why), VOUCH_OK);
    cr_assert(deal_step(&of->deal, &due, of->earlier, steps));
    for (size_t i = 0; i < due.count; i++) {
        vouch__v1__payment_part__init(&parts[i]);
        parts[i].member = steps[i].party;
        parts[i].minor = steps[i].minor;
        part_list[i] = &parts[i];
        of->earlier[i] += steps[i].minor;
        payment.n_parts++;
    }
    of->deal.paid_minor += minor;
    recorded.payment = &payment;
    event.body_case = VOUCH__V1__EVENT__BODY_PAYMENT_RECORDED;
    event.payment_recorded = &recorded;
    emit(writer, &event);
}

/* ---- the measures ---- */

static double ask_ms(struct world *world, const Vouch__V1__Request *request, Vouch__V1__Reply *reply)
{
    int64_t start_us = clock_mono_us();
    enum vouch_status status = world_ask(world, WORLD_ADMIN, request, reply);
    double took = (double)(clock_mono_us() - start_us) / 1000.0;
    cr_assert_eq(status, VOUCH_OK, "%s", world->why.text);
    return took;
}

Test(books_size, a_statement_over_very_many_bookings)
{
    uint64_t bookings = wanted("BOOKS_BOOKINGS", 20000);
    struct writer writer = writer_new();
    struct world *world = writer.world;
    uint64_t prospect = world_company(world, "Kestrel Bank", "kestrel.example", 0);
    uint64_t ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    const uint64_t members[PARTIES] = {ana, WORLD_ADMIN, WORLD_ADMIN, WORLD_ADMIN, WORLD_ADMIN};
    struct size_deal deal;
    int64_t before = 0, in_month = 0;
    uint64_t lines = 0;
    for (uint64_t i = 0; i < bookings; i++) {
        uint32_t period = (uint32_t)(202611 - MONTHS + 1 + i * MONTHS / bookings);
        int64_t earlier = i % DEAL_PAYMENTS_MAX == 0 ? 0 : deal.earlier[0];
        if (i % DEAL_PAYMENTS_MAX == 0) {
            win(&writer, 1 + i / DEAL_PAYMENTS_MAX, members, 1, prospect, &deal);
        }
        pay(&writer, &deal, i + 1, period, 10000 + (int64_t)(i % 977));
        *(period == 202611 ? &in_month : &before) += deal.earlier[0] - earlier;
        lines += period == 202611;
    }
    flush(&writer);
    Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
    Vouch__V1__Reply reply;
    get.payee = ana;
    double first_ms = ask_ms(world, REQUEST_OF(STATEMENT_GET, statement_get, &get), &reply);
    const Vouch__V1__StatementView *view = reply.statement;
    cr_assert_eq(view->opening->accrued_minor, before);
    cr_assert_eq(view->closing->accrued_minor, before + in_month);
    cr_assert_eq(view->line_count, lines);
    cr_assert_eq(view->n_lines, LIMIT_PAGE_ROWS_DEFAULT);
    get.after = view->lines[view->n_lines - 1]->booking->number;
    get.limit = 500;
    double next_ms = ask_ms(world, REQUEST_OF(STATEMENT_GET, statement_get, &get), &reply);
    cr_assert_eq(reply.statement->n_lines, 500);
    fprintf(stderr, "statement over %" PRIu64 " bookings: %.0f ms with its first page, %.1f ms for 500 lines more\n",
            bookings, first_ms, next_ms);
    writer_free(&writer);
}

/* ---- a replay, on the thread of a plugin that is asked again ---- */

struct page {
    struct plugin_job job;
    struct question *question;
    const Vouch__V1__Request *request;
    enum vouch_status status;
    sem_t done;
};

static void run(struct plugin_call *call, struct plugin_job *job)
{
    struct page *page = (struct page *)(void *)job;
    page->status = advise_replay(page->question, page->request, call);
    sem_post(&page->done);
}

static const Vouch__V1__Replay *replay_page(struct world *world, struct plugin_set *set, uint64_t after,
                                            double *took_ms, Vouch__V1__Reply *reply)
{
    Vouch__V1__CommissionReplay asked = VOUCH__V1__COMMISSION_REPLAY__INIT;
    struct view *view = snapshot_open(world->store);
    int64_t start_us = clock_mono_us();
    asked.after = after;
    arena_reset(world->arena);
    vouch__v1__reply__init(reply);
    struct question question = {.view = view,
                                .arena = world->arena,
                                .now_ms = world->now_ms,
                                .deadline_us = start_us + LIMIT_QUERY_MS * INT64_C(1000),
                                .actor = record_member(view, WORLD_ADMIN, world->arena),
                                .policy = &world->policy,
                                .reply = reply};
    struct page page = {
        .job.run = run, .question = &question, .request = REQUEST_OF(COMMISSION_REPLAY, commission_replay, &asked)};
    sem_init(&page.done, 0, 0);
    cr_assert(plugin_submit(plugin_find(set, PLUGIN_ATTRIBUTION, "linear"), &page.job));
    while (sem_wait(&page.done) != 0) {
    }
    sem_destroy(&page.done);
    snapshot_close(&view);
    *took_ms += (double)(clock_mono_us() - start_us) / 1000.0;
    cr_assert_eq(page.status, VOUCH_OK, "%s", question.why.text);
    return reply->replay;
}

Test(books_size, a_replay_of_very_many_deals)
{
    static const struct tested linear = {.file = "linear"};
    uint64_t deals = wanted("BOOKS_DEALS", 1000);
    struct writer writer = writer_new();
    struct world *world = writer.world;
    uint64_t prospect = world_company(world, "Kestrel Bank", "kestrel.example", 0);
    uint64_t members[PARTIES];
    struct size_deal deal;
    for (size_t i = 0; i < PARTIES; i++) {
        members[i] = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    }
    for (uint64_t i = 0; i < deals; i++) {
        win(&writer, i + 1, members, PARTIES, prospect, &deal);
        pay(&writer, &deal, i + 1, 202611, 100000 + (int64_t)(i % 977));
    }
    flush(&writer);
    struct plugin_set *set = caller_start(&linear, 1);
    const Vouch__V1__Replay *page = NULL;
    Vouch__V1__Reply reply;
    uint64_t compared = 0, bookings = 0, asked = 0, pages = 0;
    double took_ms = 0;
    do {
        page = replay_page(world, set, page == NULL ? 0 : page->next, &took_ms, &reply);
        cr_assert_eq(page->n_differences, 0, "%s", page->differences[0]->why);
        compared += page->deals;
        bookings += page->bookings;
        asked += page->asked;
        pages++;
    } while (page->more);
    cr_assert_eq(compared, deals);
    cr_assert_eq(bookings, deals * PARTIES);
    cr_assert_eq(asked, deals, "the plugin was asked about every deal");
    fprintf(stderr, "replay of %" PRIu64 " deals, the plugin asked about each: %.0f ms in %" PRIu64 " pages\n", deals,
            took_ms, pages);
    plugin_set_stop(&set);
    writer_free(&writer);
}
