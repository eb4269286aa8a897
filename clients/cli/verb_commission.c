/* SPDX-License-Identifier: Apache-2.0
 *
 * commission: what waits for approval, approving it, taking it back from one payee; explain, replay, shadow and
 * estimate have files of their own. */
#include "books.h"
#include "commission.h"

#include <inttypes.h>
#include <string.h>

/* ---- pending ---- */

static void add_payment(const struct cli *cli, struct table *table, json_t *rows, const Vouch__V1__Payment *payment)
{
    if (cli->json) {
        json_array_append_new(rows, json_of_message(&payment->base));
        return;
    }
    for (size_t i = 0; i < payment->n_parts && payment->amount != NULL; i++) {
        const Vouch__V1__PaymentPart *part = payment->parts[i];
        char id[24], deal[24], amount[MONEY_TEXT_MAX], hold[TIME_TEXT_BYTES], dispute[40] = "";
        snprintf(id, sizeof id, "P%" PRIu64, payment->id);
        snprintf(deal, sizeof deal, "R%" PRIu64, payment->referral);
        if (part->dispute != 0) {
            snprintf(dispute, sizeof dispute, "disputed, D%" PRIu64, part->dispute);
        }
        const char *cells[] = {
            i == 0 ? id : "",
            i == 0 ? deal : "",
            i == 0 ? payment->reference : "",
            part->name,
            text_money(amount, part->minor - part->taken_minor, payment->amount->currency),
            i == 0 ? text_time_full(hold, payment->hold_until_ms) : "",
            dispute[0] != '\0'      ? dispute
            : payment->hold_elapsed ? "waits for approval"
                                    : "within its hold",
        };
        table_row(table, cells);
    }
}

static int pending(struct cli *cli)
{
    Vouch__V1__CommissionPending asked = VOUCH__V1__COMMISSION_PENDING__INIT;
    struct table *table = table_new((const struct column[]){{"PAYMENT", COLUMN_FIXED},
                                                            {"DEAL", COLUMN_FIXED},
                                                            {"REFERENCE", COLUMN_TEXT},
                                                            {"PAYEE", COLUMN_TEXT},
                                                            {"COMMISSION", COLUMN_NUMBER},
                                                            {"HOLD UNTIL", COLUMN_FIXED},
                                                            {"STATE", COLUMN_FIXED},
                                                            {NULL, COLUMN_TEXT}});
    json_t *rows = json_array();
    Vouch__V1__Request request = REQUEST(COMMISSION_PENDING, commission_pending, &asked);
    bool more = true;
    int code = EXIT_DONE;
    asked.limit = 500;
    asked.held = args_flag(&cli->args, "held");
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_PAYMENTS, &reply);
        for (size_t i = 0; code == EXIT_DONE && i < reply->payments->n_payments; i++) {
            add_payment(cli, table, rows, reply->payments->payments[i]);
        }
        more = code == EXIT_DONE && reply->payments->more && reply->payments->next > asked.after;
        asked.after = more ? reply->payments->next : 0;
        vouch_reply_free(&reply);
    }
    if (code == EXIT_DONE && cli->json) {
        json_print(json_pack("{s:O}", "payments", rows));
    } else if (code == EXIT_DONE) {
        table_print(&table, asked.held ? "nothing is held and nothing waits"
                                       : "nothing waits for approval; --held shows what is within its hold");
    }
    if (table != NULL) {
        table_drop(&table);
    }
    json_decref(rows);
    return code;
}

/* ---- approve ---- */

static int approve(struct cli *cli)
{
    Vouch__V1__CommissionApprove command = VOUCH__V1__COMMISSION_APPROVE__INIT;
    uint64_t payments[ARGS_WORDS];
    uint64_t id = 0;
    int code = EXIT_DONE;
    for (int i = 1; code == EXIT_DONE && i < cli->args.count; i++) {
        code = books_read_id(cli, cli->args.words[i], 'P', "payment", &payments[i - 1]);
        command.n_payments++;
    }
    command.payments = payments;
    Vouch__V1__Request request = REQUEST(COMMISSION_APPROVE, commission_approve, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    if (code != EXIT_DONE) {
        return code;
    }
    return command.n_payments == 0
               ? say_done(cli, id, "approved what waited; vouch commission pending shows what is left")
               : say_done(cli, id, "approved %zu payment%s", command.n_payments, command.n_payments == 1 ? "" : "s");
}

/* ---- correct ---- */

static int correct(struct cli *cli)
{
    Vouch__V1__CommissionCorrect command = VOUCH__V1__COMMISSION_CORRECT__INIT;
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    char currency[CURRENCY_BYTES], name[NAME_MAX_BYTES], text[MONEY_TEXT_MAX] = "all that was left";
    uint64_t id = 0;
    if (cli->args.count < 3 || cli->args.count > 4) {
        return fail_usage(cli, "usage: vouch commission correct P17 MEMBER [\"12 EUR\"] --reason WORD");
    }
    int code = books_read_id(cli, cli->args.words[1], 'P', "payment", &command.payment);
    code = code != EXIT_DONE ? code : books_read_reason(cli, true, &command.reason);
    if (code == EXIT_DONE && cli->args.count == 4) {
        code = books_read_amount(cli, cli->args.words[3], &amount, currency);
        if (code == EXIT_DONE && amount.minor == 0) {
            code = fail_usage(cli, "a correction is above zero; leave the amount out for all that is left");
        }
        command.minor = amount.minor;
        command.currency = currency;
        if (code == EXIT_DONE) {
            text_money(text, amount.minor, currency);
        }
    }
    command.note = args_field(&cli->args, "note");
    if (code == EXIT_DONE) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[2], &command.payee, name);
    }
    Vouch__V1__Request request = REQUEST(COMMISSION_CORRECT, commission_correct, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "P%" PRIu64 ": %s taken back from %s (%s)", command.payment, text,
                                        name, books_reason(command.reason));
}

int verb_commission(struct cli *cli)
{
    static const struct {
        const char *word;
        int (*run)(struct cli *cli);
    } words[] = {
        {"pending", pending},
        {"approve", approve},
        {"correct", correct},
        {"explain", commission_explain},
        {"replay", commission_replay},
        {"shadow", commission_shadow},
        {"estimate", commission_estimate},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, cli->args.words[0]) == 0) {
            return words[i].run(cli);
        }
    }
    return fail_usage(cli, "usage: vouch commission %s", cli->args.verb->arguments);
}
