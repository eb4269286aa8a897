/* SPDX-License-Identifier: Apache-2.0
 *
 * payment, refund, cancel: money that came in on a deal, money that was given back, a deal that fell through. */
#include "books.h"

int verb_payment(struct cli *cli)
{
    Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    char currency[CURRENCY_BYTES], text[MONEY_TEXT_MAX];
    uint64_t id = 0;
    record.amount = &amount;
    record.reference = args_text(&cli->args, "ref");
    if (record.reference == NULL) {
        return fail_usage(cli, "--ref says what was paid: the number of the invoice or transfer, each once a deal");
    }
    int code = name_referral(cli, cli->args.words[0], &record.referral);
    code = code != EXIT_DONE ? code : books_read_amount(cli, cli->args.words[1], &amount, currency);
    code = code != EXIT_DONE ? code : books_read_day(cli, "date", &record.received_ms);
    Vouch__V1__Request request = REQUEST(PAYMENT_RECORD, payment_record, &record);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    if (code != EXIT_DONE) {
        return code;
    }
    return say_done(cli, id, "P%llu: %s came in on R%llu (%s). See vouch commission explain R%llu",
                    (unsigned long long)id, text_money(text, amount.minor, currency),
                    (unsigned long long)record.referral, record.reference, (unsigned long long)record.referral);
}

int verb_refund(struct cli *cli)
{
    Vouch__V1__PaymentRefund refund = VOUCH__V1__PAYMENT_REFUND__INIT;
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    char currency[CURRENCY_BYTES] = "", text[MONEY_TEXT_MAX] = "all that was left";
    uint64_t id = 0;
    int code = books_read_id(cli, cli->args.words[0], 'P', "payment", &refund.payment);
    if (code == EXIT_DONE && cli->args.count > 1) {
        code = books_read_amount(cli, cli->args.words[1], &amount, currency);
        if (code == EXIT_DONE && amount.minor == 0) {
            code = fail_usage(cli, "a refund is above zero; leave the amount out for all that is left");
        }
        refund.minor = amount.minor;
        refund.currency = currency;
        if (code == EXIT_DONE) {
            text_money(text, amount.minor, currency);
        }
    }
    refund.reference = args_field(&cli->args, "ref");
    refund.note = args_field(&cli->args, "note");
    code = code != EXIT_DONE ? code : books_read_reason(cli, false, &refund.reason);
    code = code != EXIT_DONE ? code : books_read_day(cli, "date", &refund.refunded_ms);
    Vouch__V1__Request request = REQUEST(PAYMENT_REFUND, payment_refund, &refund);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "P%llu: %s refunded; its commission is taken back where it is",
                                        (unsigned long long)refund.payment, text);
}

int verb_cancel(struct cli *cli)
{
    Vouch__V1__DealCancel cancel = VOUCH__V1__DEAL_CANCEL__INIT;
    uint64_t id = 0;
    int code = name_referral(cli, cli->args.words[0], &cancel.referral);
    code = code != EXIT_DONE ? code : books_read_reason(cli, false, &cancel.reason);
    cancel.note = args_field(&cli->args, "note");
    Vouch__V1__Request request = REQUEST(DEAL_CANCEL, deal_cancel, &cancel);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE
               ? code
               : say_done(cli, id, "R%llu canceled: all its commission is taken back, nothing can be paid on it",
                          (unsigned long long)cancel.referral);
}
