/* SPDX-License-Identifier: Apache-2.0
 *
 * debt: what a payee owed back was repaid, or is given up. */
#include "books.h"

#include <string.h>

int verb_debt(struct cli *cli)
{
    Vouch__V1__DebtSettle command = VOUCH__V1__DEBT_SETTLE__INIT;
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    char currency[CURRENCY_BYTES], name[NAME_MAX_BYTES], text[MONEY_TEXT_MAX];
    uint64_t id = 0;
    command.write_off = strcmp(cli->args.words[0], "write-off") == 0;
    if (!command.write_off && strcmp(cli->args.words[0], "repay") != 0) {
        return fail_usage(cli, "usage: vouch debt %s", cli->args.verb->arguments);
    }
    int code = books_read_amount(cli, cli->args.words[2], &amount, currency);
    code = code != EXIT_DONE ? code : books_read_reason(cli, command.write_off, &command.reason);
    code = code != EXIT_DONE ? code : books_read_company(cli, &command.company);
    if (code == EXIT_DONE) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[1], &command.payee, name);
    }
    command.amount = &amount;
    command.note = args_field(&cli->args, "note");
    Vouch__V1__Request request = REQUEST(DEBT_SETTLE, debt_settle, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE
               ? code
               : say_done(cli, id, "%s %s %s", name, command.write_off ? "need not pay back" : "paid back",
                          text_money(text, amount.minor, currency));
}
