/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of an ask: whom the one who asks can help, from the card, so that the other can think of somebody. */
#include "tie.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* "  Title:  archive, audit"; nothing for none. */
static void write_list(FILE *out, const char *title, size_t count, char *const *words, bool upper)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(out, i == 0 ? "  %-14s " : ", ", title);
        for (char *at = words[i]; upper && *at != '\0'; at++) {
            *at = (char)toupper((unsigned char)*at);
        }
        text_print(out, words[i]);
    }
    fputs(count > 0 ? "\n" : "", out);
}

static void write_first_name(FILE *out, const char *name)
{
    char first[NAME_MAX_BYTES];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(name, " "), name);
    text_print(out, first);
}

static void write_card(FILE *out, const Vouch__V1__Card *card)
{
    static const char *const least[] = {"", "1", "11", "51", "201", "501", "1,001", "5,001", "10,001"};
    static const char *const most[] = {"",
                                       " to 10 people",
                                       " to 50 people",
                                       " to 200 people",
                                       " to 500 people",
                                       " to 1,000 people",
                                       " to 5,000 people",
                                       " to 10,000 people",
                                       " people or more"};
    write_list(out, "What I solve:", card->n_issues, card->issues, false);
    write_list(out, "People in:", card->n_functions, card->functions, false);
    write_list(out, "Industry:", card->n_industries, card->industries, false);
    write_list(out, "Where:", card->n_countries, card->countries, true);
    if (card->size_min >= 1 && card->size_min <= card->size_max && card->size_max <= 8) {
        fprintf(out, "  %-14s %s%s\n", "Companies of:", least[card->size_min], most[card->size_max]);
    }
    write_list(out, "About me:", card->describe_me[0] != '\0' ? 1 : 0, &(char *){card->describe_me}, false);
}

char *ask_text(const char *contact, const Vouch__V1__Member *who)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        abort();
    }
    fputs("Dear ", out);
    write_first_name(out, contact);
    fputs(",\n\nwho comes to your mind whom I could help? This is whom I look for:\n\n", out);
    if (who->card != NULL) {
        write_card(out, who->card);
    }
    fputs("\nA name is enough. I will say that it was you, I will treat them as I treat you, and I will tell you what\n"
          "became of it.\n\nBest regards\n",
          out);
    text_print(out, who->name);
    fputc('\n', out);
    if (fclose(out) != 0) {
        abort();
    }
    return text;
}
