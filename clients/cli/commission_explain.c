/* SPDX-License-Identifier: Apache-2.0
 *
 * commission explain: from the money that came in to the pool, and the lines with their hashes; explain_shares.c goes
 * from the pool to the units of each payee. */
#include "books.h"
#include "commission.h"
#include "explain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *bold(void)
{
    return table_coloured() ? "\033[1m" : "";
}

static const char *plain(void)
{
    return table_coloured() ? "\033[0m" : "";
}

/* ---- the deal ---- */

static const char *role_word(Vouch__V1__TermsRole role)
{
    return role == VOUCH__V1__TERMS_ROLE__OF_COWORKER ? "co-worker"
           : role == VOUCH__V1__TERMS_ROLE__OF_CLIENT ? "client"
                                                      : "partner";
}

static void print_terms(const Vouch__V1__Deal *deal)
{
    char digest[HASH_TEXT_BYTES];
    printf("  %-11s ", "terms");
    if (deal->terms == 0) {
        printf("the broker's presets");
    } else {
        putchar('"');
        text_print(stdout, deal->frozen != NULL ? deal->frozen->name : "?");
        printf("\" v%" PRIu32, deal->terms_version);
    }
    printf(", frozen at the win (digest %s)\n", books_hash(digest, deal->terms_digest));
}

static void print_attribution(const Vouch__V1__Deal *deal)
{
    char digest[HASH_TEXT_BYTES];
    printf("  %-11s ", "attribution");
    if (deal->plugin[0] == '\0') {
        printf("as the terms agreed");
    } else {
        text_print(stdout, deal->plugin);
        putchar(' ');
        text_print(stdout, deal->plugin_version);
    }
    printf(", %s (touches %s)\n", deal->overrides ? "each beside the pool" : "shares of one pool",
           books_hash(digest, deal->inputs_digest));
}

static void print_touches(const Vouch__V1__Explanation *view)
{
    for (size_t i = 0; i < view->n_touches; i++) {
        const Vouch__V1__Explanation__Counted *touch = view->touches[i];
        char time[ZONE_TEXT_BYTES], kind[32];
        printf("  %-11s %s  %-12s ", i == 0 ? "touches" : "", zone_text(time, view->zone, touch->time_ms, true),
               text_enum(kind, &vouch__v1__touch__kind__descriptor, (int)touch->kind));
        text_print(stdout, touch->name);
        printf("  #%" PRIu64 "%s\n", touch->sequence, touch->counts ? "" : "  (outside the window: does not count)");
    }
}

static void print_weights(const Vouch__V1__Deal *deal)
{
    printf("  %-11s ", "weights");
    for (size_t i = 0; i < deal->n_shares; i++) {
        printf("%s", i == 0 ? "" : ", ");
        text_print(stdout, deal->shares[i]->name);
        printf(" %" PRId64 " (%s)", deal->shares[i]->weight, role_word(deal->shares[i]->role));
    }
    puts(deal->n_shares == 0 ? "none: the house keeps it" : "");
}

static void print_deal(const Vouch__V1__Explanation *view)
{
    const Vouch__V1__Deal *deal = view->deal;
    char value[MONEY_TEXT_MAX], won[ZONE_TEXT_BYTES], prior[MONEY_TEXT_MAX];
    printf("%sR%" PRIu64 "%s  ", bold(), deal->referral, plain());
    text_print(stdout, view->prospect);
    printf("  %swon %s%s on %s (%s), paid by ", bold(), text_money(value, deal->value->minor, deal->value->currency),
           plain(), zone_text(won, view->zone, deal->won_ms, true), view->zone);
    text_print(stdout, view->company_name);
    puts(deal->canceled ? "  CANCELED" : "");
    print_terms(deal);
    print_attribution(deal);
    print_touches(view);
    print_weights(deal);
    if (deal->prior_minor > 0) {
        printf("  %-11s %s won before under these terms in the year: tiers and quota count from there\n", "prior",
               text_money(prior, deal->prior_minor, deal->value->currency));
    }
}

/* ---- from the money to the pool ---- */

static void print_slices(const struct explanation *of, const Vouch__V1__Explanation__Step *step)
{
    char amount[MONEY_TEXT_MAX], minor[MONEY_TEXT_MAX];
    for (size_t i = 0; i < step->n_slices; i++) {
        const Vouch__V1__Explanation__Slice *slice = step->slices[i];
        printf("  %-11s %s × %" PRId64 " bps = %s", i == 0 ? "rate" : "",
               books_number(amount, slice->amount_minor, of->currency), slice->rate_bps,
               books_number(minor, slice->minor, of->currency));
        if (slice->ten_thousandths != 0) {
            printf(" and %" PRId64 "/10000 of a unit", slice->ten_thousandths);
        }
        putchar('\n');
    }
    if (step->credited_minor != 0) {
        printf("  %-11s %s on all that was won, less %s on what was won before\n", "true-up",
               books_number(amount, step->due_minor, of->currency),
               books_number(minor, step->credited_minor, of->currency));
    }
}

static void print_pool(const struct explanation *of, const Vouch__V1__Explanation__Step *step)
{
    char text[MONEY_TEXT_MAX], fresh[MONEY_TEXT_MAX];
    printf("  %-11s %s%s\n", step->n_slices == 0 ? "rate" : "rounded",
           books_number(text, step->rate_minor, of->currency),
           step->n_slices == 0 ? ": of each part at its own, below" : "");
    if (step->bounty_minor != 0) {
        printf("  %-11s + %s\n", "bounty", books_number(text, step->bounty_minor, of->currency));
    }
    if (step->accelerator_bps != 10000 && step->accelerator_bps != 0) {
        printf("  %-11s × %" PRId64 ".%02" PRId64 " %% = %s\n", "accelerator", step->accelerator_bps / 100,
               step->accelerator_bps % 100, books_number(text, step->accelerated_minor, of->currency));
    }
    if (step->bound != 0) {
        printf("  %-11s the %s holds\n", "bound", step->bound == 1 ? "floor" : "cap");
    }
    printf("  %-11s %s of all payments so far; new with this one %s\n", "pool",
           books_number(text, step->pool_minor, of->currency), books_number(fresh, step->new_minor, of->currency));
}

/* ---- the lines ---- */

/* Where a line stands: "held until …", "approved in 2026-12", "on S4", "disputed (D3)", what was taken back. */
static void print_standing(const struct explanation *of, const Vouch__V1__Payment *payment,
                           const Vouch__V1__PaymentPart *part)
{
    char period[PERIOD_TEXT_BYTES], until[ZONE_TEXT_BYTES], taken[MONEY_TEXT_MAX];
    if (part->statement != 0) {
        printf("  on S%" PRIu64, part->statement);
    } else if (part->approved_period != 0) {
        printf("  approved in %s, for the next statement", books_period(period, part->approved_period));
    } else {
        printf("  %s %s", payment->hold_elapsed ? "waits for approval since" : "held until",
               zone_text(until, of->view->zone, payment->hold_until_ms, false));
    }
    if (part->taken_minor > 0) {
        printf(", %s taken back", books_number(taken, part->taken_minor, of->currency));
    }
    if (part->dispute != 0) {
        printf(", disputed (D%" PRIu64 ")", part->dispute);
    }
}

static void print_bookings(const struct explanation *of, const Vouch__V1__Explanation__Step *step)
{
    for (size_t i = 0; i < step->payment->n_parts; i++) {
        const Vouch__V1__PaymentPart *part = step->payment->parts[i];
        char text[MONEY_TEXT_MAX], hash[HASH_TEXT_BYTES] = "";
        for (size_t j = 0; j < step->n_bookings; j++) {
            if (step->bookings[j]->number == part->booking) {
                books_hash(hash, step->bookings[j]->hash);
            }
        }
        printf("  %-11s L%" PRIu64 " accrue ", i == 0 ? "bookings" : "", part->booking);
        text_print(stdout, part->name);
        printf(" %s  %s%s", books_number(text, part->minor, of->currency), hash, hash[0] != '\0' ? "…" : "");
        print_standing(of, step->payment, part);
        putchar('\n');
    }
}

static void print_refunds(const struct explanation *of, const Vouch__V1__Payment *payment)
{
    for (size_t i = 0; i < payment->n_refunds; i++) {
        const Vouch__V1__Refund *refund = payment->refunds[i];
        char text[MONEY_TEXT_MAX], when[ZONE_TEXT_BYTES];
        printf("  %-11s %s given back %s", i == 0 ? "refunds" : "", books_number(text, refund->minor, of->currency),
               zone_text(when, of->view->zone, refund->refunded_ms, false));
        printf("%s", refund->reference[0] != '\0' ? "  " : "");
        text_print(stdout, refund->reference);
        puts(i == 0 ? "; taken back at the rate at which this payment accrued" : "");
    }
}

static void print_step(struct explanation *of, const Vouch__V1__Explanation__Step *step)
{
    const Vouch__V1__Payment *payment = step->payment;
    char amount[MONEY_TEXT_MAX], base[MONEY_TEXT_MAX], when[ZONE_TEXT_BYTES], refunded[MONEY_TEXT_MAX];
    printf("\n%sP%" PRIu64 "%s  ", bold(), payment->id, plain());
    text_print(stdout, payment->reference);
    printf("  %s received %s", text_money(amount, payment->amount->minor, of->currency),
           zone_text(when, of->view->zone, payment->received_ms, false));
    if (payment->refunded_minor > 0) {
        printf(", %s of it refunded", books_number(refunded, payment->refunded_minor, of->currency));
    }
    printf("\n  %-11s %s: all payments so far\n", "base", books_number(base, step->base_minor, of->currency));
    print_slices(of, step);
    print_pool(of, step);
    explain_shares(of, step);
    print_bookings(of, step);
    print_refunds(of, payment);
    printf("  %-11s %s\n", "proof", step->same ? "✓ replays bit for bit" : "DIFFERS from what is recorded");
}

/* ---- the verb ---- */

static bool is_whole(const Vouch__V1__Explanation *view)
{
    bool whole = view->deal != NULL && view->deal->value != NULL && view->deal->n_shares <= SHARES_MAX;
    for (size_t i = 0; whole && i < view->n_steps; i++) {
        whole = view->steps[i]->payment != NULL && view->steps[i]->payment->amount != NULL;
    }
    return whole;
}

static int print_verdict(const Vouch__V1__Explanation *view)
{
    if (view->same) {
        printf("\nall of it replays bit for bit ✓\n");
        return EXIT_DONE;
    }
    printf("\n%sDIFFERS: ", table_coloured() ? "\033[1;31m" : "");
    text_print(stdout, view->why);
    printf("%s\n", plain());
    return EXIT_DIFFERS;
}

static int fetch(struct cli *cli, Vouch__V1__CommissionExplain *asked, Vouch__V1__Reply **reply)
{
    Vouch__V1__Request request = REQUEST(COMMISSION_EXPLAIN, commission_explain, asked);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_EXPLANATION, reply);
    if (code == EXIT_DONE && !is_whole((*reply)->explanation)) {
        vouch_reply_free(reply);
        code = fail_outcome(cli, VOUCH_INTERNAL, "the broker explained a deal without its value");
    }
    return code;
}

/* Prints a page; `*code` is the verdict once it was the last. */
static bool take_page(struct cli *cli, struct explanation *of, const Vouch__V1__Explanation *view,
                      Vouch__V1__CommissionExplain *asked, int *code)
{
    of->view = view;
    of->currency = view->deal->value->currency;
    if (cli->json) {
        json_print(json_of_message(&view->base));
    } else if (asked->after == 0) {
        print_deal(view);
    }
    for (size_t i = 0; i < view->n_steps && !cli->json; i++) {
        print_step(of, view->steps[i]);
    }
    bool more = view->more && view->n_steps > 0;
    if (more) {
        asked->after = view->steps[view->n_steps - 1]->payment->id;
    } else if (cli->json) {
        *code = view->same ? EXIT_DONE : EXIT_DIFFERS;
    } else {
        if (view->deal->n_payments == 0) {
            printf("  %-11s nothing was paid yet: nothing is owed (vouch payment R%" PRIu64 " AMOUNT --ref …)\n",
                   "payments", view->deal->referral);
        }
        *code = print_verdict(view);
    }
    return more;
}

int commission_explain(struct cli *cli)
{
    Vouch__V1__CommissionExplain asked = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
    if (cli->args.count != 2) {
        return fail_usage(cli, "usage: vouch commission explain R12");
    }
    int code = name_referral(cli, cli->args.words[1], &asked.referral);
    struct explanation of = {.view = NULL};
    bool more = true;
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = fetch(cli, &asked, &reply);
        more = code == EXIT_DONE && take_page(cli, &of, reply->explanation, &asked, &code);
        vouch_reply_free(&reply);
    }
    return code;
}
