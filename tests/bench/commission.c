/* SPDX-License-Identifier: Apache-2.0
 *
 * Commission: deals of five parties are won, their weights asked of the plugin in its host, and paid, so that five
 * bookings each are made; and deals of one payee, whose statement is asked for then. Bringing the deals as far as that
 * is not measured. */
#include "bench.h"

#include "base/check.h"

#define PAYERS DEAL_REPS
#define GOAL_DEALS 100000.0 /* that the goal in seconds is told for */
#define STATEMENT_DEALS 10000
#define STATEMENT_INSTALMENTS 50 /* each makes one booking: two postings */

struct commission {
    const struct options *options;
    const struct process *broker;
    const struct profile *admin;
    struct connections *reps;
    struct connections *payers;
    struct process echo;
    struct connections *echo_clients;
    struct deals *deals;
    size_t count;
    double seconds; /* that winning and paying took */
};

/* ---- on the way to the money ---- */

static void prepare(struct commission *commission, struct deals *deals, size_t count)
{
    static const char *const names[] = {
        [DEAL_SUBMIT] = "submitted",   [DEAL_INTRODUCE] = "introduced", [DEAL_ACCEPT] = "accepted",
        [DEAL_CREDIT_INTEL] = "intel", [DEAL_CREDIT_MEETING] = "met",   [DEAL_CREDIT_HANDOVER] = "handed over",
        [DEAL_CONTACT] = "contacted",  [DEAL_MEET] = "meeting",         [DEAL_QUALIFY] = "opportunities"};
    for (enum deal_step step = DEAL_SUBMIT; step <= DEAL_QUALIFY; step++) {
        double rate = deals_step(deals, commission->reps, step, 0, count, NULL);
        progress("commission: %zu deals %s, %.0f/s", count, names[step], rate);
    }
}

/* ---- won and paid ---- */

struct lines {
    struct line *rate;
    struct line *p50;
    struct line *p99;
    struct line *cpu;
};

static void measure_slice(struct commission *commission, enum deal_step step, size_t first, size_t count,
                          const struct lines *lines)
{
    struct samples samples = {0};
    struct connections *clients = step == DEAL_PAY ? commission->payers : commission->reps;
    pid_t broker = commission->broker->pid;
    double cpu_before = process_family_cpu_seconds(broker);
    int64_t began_ns = now_ns();
    double rate = deals_step(commission->deals, clients, step, first, count, &samples);
    commission->seconds += (double)(now_ns() - began_ns) / 1e9;
    double cpu_us = (process_family_cpu_seconds(broker) - cpu_before) * 1e6 / (double)count;
    struct echo_sizes sizes = deals_sizes(commission->deals);
    struct work echoing = {.make = make_echo, .check = check_echo, .argument = &sizes, .requests = count};
    double echo = closed_loop(commission->echo_clients, &echoing, NULL);
    report_run(lines->rate, rate, echo);
    report_run(lines->p50, samples_percentile_us(&samples, 50) / 1000, 0);
    report_run(lines->p99, samples_percentile_us(&samples, 99) / 1000, 0);
    report_run(lines->cpu, cpu_us, 0);
    progress("commission: %zu deals %s: %.0f/s, p50 %.1f ms, p99 %.1f ms, %.0f us of processor; echo %.0f/s", count,
             step == DEAL_PAY ? "paid" : "won", rate, samples_percentile_us(&samples, 50) / 1000,
             samples_percentile_us(&samples, 99) / 1000, cpu_us, echo);
    samples_free(&samples);
}

static void measure_won_and_paid(struct commission *commission)
{
    const struct lines won = {
        report_line("commission.won", "200 clients, deals won", "1/s", "floor B", FOR_INFORMATION, 0),
        report_line("commission.won_p50", "  p50", "ms", NULL, FOR_INFORMATION, 0),
        report_line("commission.won_p99", "  p99", "ms", NULL, FOR_INFORMATION, 0),
        report_line("commission.won_cpu", "  processor time of broker and plugin, a deal", "us", NULL, FOR_INFORMATION,
                    0)};
    const struct lines paid = {
        report_line("commission.paid", "200 clients, payments recorded", "1/s", "floor B", FOR_INFORMATION, 0),
        report_line("commission.paid_p50", "  p50", "ms", NULL, FOR_INFORMATION, 0),
        report_line("commission.paid_p99", "  p99", "ms", NULL, FOR_INFORMATION, 0),
        report_line("commission.paid_cpu", "  processor time of broker and plugin, a payment", "us", NULL,
                    FOR_INFORMATION, 0)};
    struct line *bookings = report_line("commission.bookings", "  bookings made", "1/s", NULL, FOR_INFORMATION, 0);
    struct line *goal = report_line("commission.seconds", "100,000 deals of 5 parties won and paid", "s", NULL, AT_MOST,
                                    60);
    size_t runs = commission->options->runs;
    size_t slice = commission->count / runs / DEAL_REPS * DEAL_REPS;
    for (size_t run = 0; run < runs; run++) {
        size_t first = run * slice;
        size_t count = run + 1 == runs ? commission->count - first : slice;
        measure_slice(commission, DEAL_WIN, first, count, &won);
        measure_slice(commission, DEAL_PAY, first, count, &paid);
        report_run(bookings, paid.rate->value[run] * DEAL_TOUCHES, 0);
    }
    report_run(goal, commission->seconds * GOAL_DEALS / (double)commission->count, 0);
    report_note("%zu deals were won and paid in %.1f s, %zu bookings were made", commission->count, commission->seconds,
                commission->count * DEAL_TOUCHES);
}

/* One payment after the other, of deals that are counted nowhere else. */
static void measure_alone(struct commission *commission)
{
    struct line *line = report_line("commission.single", "1 client, payment of a deal of 5 parties, p50", "us",
                                    "3 x (A + B)", FOR_INFORMATION, 0);
    struct samples samples = {0};
    struct connections *payer = connections_open_admin(commission->broker, commission->admin, 1);
    struct connections *echo = connections_open_echo(&commission->echo, 1);
    deals_step(commission->deals, commission->reps, DEAL_WIN, commission->count, DEAL_REPS, NULL);
    deals_step(commission->deals, payer, DEAL_PAY, commission->count, DEAL_REPS, &samples);
    double payment_us = samples_percentile_us(&samples, 50);
    struct echo_sizes sizes = deals_sizes(commission->deals);
    struct work echoing = {.make = make_echo, .check = check_echo, .argument = &sizes, .requests = DEAL_REPS};
    samples_clear(&samples);
    closed_loop(echo, &echoing, &samples);
    double floor_b_us = samples_percentile_us(&samples, 50);
    samples_clear(&samples);
    floor_append(commission->options, commission->options->event_bytes, DEAL_REPS, &samples);
    double floor_a_us = samples_percentile_us(&samples, 50);
    report_run(line, payment_us, 3 * (floor_a_us + floor_b_us));
    progress("commission: one payment %.0f us; A %.0f us, B %.0f us", payment_us, floor_a_us, floor_b_us);
    samples_free(&samples);
    connections_close(&echo);
    connections_close(&payer);
}

/* ---- a long statement ---- */

/* Deals of one payee, each paid in many instalments. Answers how many bookings there are now. */
static uint64_t fill_statement(struct commission *commission)
{
    size_t count = commission->count / 10 / DEAL_REPS * DEAL_REPS; /* fewer where the rest is less */
    count = count < DEAL_REPS ? DEAL_REPS : count > STATEMENT_DEALS ? STATEMENT_DEALS : count;
    struct deals *deals = deals_new(count, DEAL_REPS, STATEMENT_INSTALMENTS);
    struct connections *payee = connections_open(commission->broker, commission->admin, DEAL_REPS, 1);
    deals_step(deals, payee, DEAL_SUBMIT, 0, count, NULL);
    connections_close(&payee);
    static const enum deal_step steps[] = {DEAL_ACCEPT, DEAL_CONTACT, DEAL_MEET, DEAL_QUALIFY, DEAL_WIN};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        deals_step(deals, commission->reps, steps[i], 0, count, NULL);
    }
    double rate = deals_step(deals, commission->payers, DEAL_PAY, 0, count, NULL);
    progress("commission: %zu payments of one payee, %.0f/s", count * STATEMENT_INSTALMENTS, rate);
    deals_free(&deals);
    return count * STATEMENT_INSTALMENTS;
}

void measure_commission(const struct options *options, const struct process *broker, const struct profile *admin)
{
    struct commission commission = {.options = options, .broker = broker, .admin = admin};
    commission.count = options->deals / DEAL_REPS * DEAL_REPS;
    if (commission.count < options->runs * DEAL_REPS) {
        die("--deals is at least %u a run", DEAL_REPS);
    }
    commission.deals = deals_new(commission.count + DEAL_REPS, DEALS_OF_MANY, 1);
    commission.reps = connections_open(broker, admin, 0, DEAL_REPS);
    commission.payers = connections_open_admin(broker, admin, PAYERS);
    echo_start(&commission.echo);
    commission.echo_clients = connections_open_echo(&commission.echo, DEAL_REPS);
    prepare(&commission, commission.deals, commission.count + DEAL_REPS);
    measure_alone(&commission);
    measure_won_and_paid(&commission);
    struct connections *client = connections_open_admin(broker, admin, 1);
    measure_replay(client, commission.count + DEAL_REPS);
    measure_statement(client, world_member_id(DEAL_REPS), fill_statement(&commission), options->runs);
    connections_close(&client);
    connections_close(&commission.echo_clients);
    connections_close(&commission.payers);
    connections_close(&commission.reps);
    process_stop(&commission.echo);
    deals_free(&commission.deals);
}
