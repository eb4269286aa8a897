/* SPDX-License-Identifier: Apache-2.0
 *
 * The card in an editor: verb_card.c asks, card_edit.c opens $EDITOR on five short questions and reads the answers. */
#ifndef VOUCH_CLI_CARD_H
#define VOUCH_CLI_CARD_H

#include "cli.h"

/* The edited text, which the fields of the card point into. */
struct card_text {
    char *text;
};
void card_text_free(struct card_text *edited);

/* Lets the user edit `card`; its fields point into `edited` and `room` afterwards. EXIT_DONE, or told. */
int card_edit(struct cli *cli, Vouch__V1__Card *card, struct card_text *edited, char *room[4][ARGS_LIST]);

/* "3-6" or "4". EXIT_DONE, or told. */
int card_read_size(const struct cli *cli, const char *text, Vouch__V1__Card *card);

#endif
