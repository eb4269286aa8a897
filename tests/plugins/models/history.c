/* SPDX-License-Identifier: Apache-2.0
 *
 * See history.h. */
#include "history.h"

#include "base/check.h"
#include "domain/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t read_number(const char **text)
{
    char *end;
    uint64_t number = strtoull(*text, &end, 10);
    CHECK(end != *text);
    *text = end;
    return number;
}

static void read_path(const char **text, struct vouch_path *path, struct vouch_estimate_request *request,
                      uint64_t *parties)
{
    *path = (struct vouch_path){.first = request->place_count};
    for (; **text >= 'A' && **text <= 'Z'; (*text)++) {
        parties[request->place_count++] = (uint64_t)(**text - 'A') + 1;
        path->party_count++;
    }
    path->won = read_number(text);
    CHECK(*(*text)++ == '/');
    path->lost = read_number(text);
    if (**text == '=') {
        (*text)++;
        path->value = (int64_t)read_number(text);
    }
}

void history_read(const char *text, struct history *history)
{
    struct vouch_estimate_request *request = &history->request;
    *request = (struct vouch_estimate_request){.size = sizeof *request,
                                               .from_ms = 1,
                                               .until_ms = 2,
                                               .currency = "EUR",
                                               .paths = history->paths,
                                               .parties = history->parties};
    while (*text != '\0') {
        CHECK(request->path_count < HISTORY_PATHS_MAX);
        read_path(&text, &history->paths[request->path_count++], request, history->parties);
        text += strspn(text, " ");
    }
}

static char *add_party(char text[HISTORY_TEXT_BYTES], uint32_t i, uint64_t party)
{
    size_t used = i == 0 ? 0 : strlen(text);
    CHECK(party >= 1 && party <= 26 && used + 64 < HISTORY_TEXT_BYTES);
    used += (size_t)sprintf(text + used, "%s%c ", i == 0 ? "" : ", ", (char)('A' + party - 1));
    return text + used;
}

void history_write_raws(const struct answer *answer, char text[HISTORY_TEXT_BYTES])
{
    for (uint32_t i = 0; i < answer->estimated.share_count; i++) {
        const struct vouch_estimate_share *share = &answer->estimated.shares[i];
        sprintf(add_party(text, i, share->party), "%s%" PRId64 "/%" PRId64, share->raw_rounded ? "~" : "",
                share->raw_numerator, share->raw_denominator);
    }
}

void history_write_weights(const struct answer *answer, char text[HISTORY_TEXT_BYTES])
{
    for (uint32_t i = 0; i < answer->estimated.share_count; i++) {
        const struct vouch_estimate_share *share = &answer->estimated.shares[i];
        sprintf(add_party(text, i, share->party), "%" PRId64, share->weight);
    }
}

void history_write_money(const struct answer *answer, int64_t total, char text[HISTORY_TEXT_BYTES])
{
    struct money_part parts[26];
    uint32_t count = answer->estimated.share_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct vouch_estimate_share *share = &answer->estimated.shares[i];
        parts[i] = (struct money_part){share->party, share->party, share->weight, 0};
    }
    if (!money_allocate(total, parts, count)) {
        strcpy(text, "house");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        sprintf(add_party(text, i, parts[i].party), "%" PRId64, parts[i].minor);
    }
}
