/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to an attribution that estimates: histories such as brokers have, and such as the rules of vouch_plugin.h
 * allow though nobody would expect them. */
#include "plugin/check/check.h"

#include <string.h>

#define FROM_MS INT64_C(1750000000000)
#define UNTIL_MS INT64_C(1780000000000)
#define LENGTH_MOST 6 /* parties on an ordinary path */

/* A history that is being made; the request points into it. */
struct chronicle {
    struct vouch_estimate_request *request;
    struct vouch_path *paths;
    uint64_t *parties;
    uint32_t path_room, place_room;
};

static struct chronicle open_question(struct questions *questions, const char *label, uint32_t paths, uint32_t places)
{
    struct question *question = questions_add(questions);
    struct chronicle chronicle = {
        .request = &question->estimate,
        .paths = arena_alloc(questions->arena, paths * sizeof *chronicle.paths),
        .parties = arena_alloc(questions->arena, places * sizeof *chronicle.parties),
        .path_room = paths,
        .place_room = places,
    };
    CHECK(chronicle.paths != NULL && chronicle.parties != NULL);
    question->label = label;
    question->size = places;
    question->estimate = (struct vouch_estimate_request){.size = sizeof question->estimate,
                                                         .from_ms = FROM_MS,
                                                         .until_ms = UNTIL_MS,
                                                         .currency = "EUR",
                                                         .paths = chronicle.paths,
                                                         .parties = chronicle.parties};
    return chronicle;
}

/* Opens a path; its parties are added by add_party. */
static struct vouch_path *add_path(struct chronicle *chronicle, uint64_t won, uint64_t lost, int64_t value)
{
    struct vouch_estimate_request *request = chronicle->request;
    CHECK(request->path_count < chronicle->path_room && (won > 0 || (lost > 0 && value == 0)));
    struct vouch_path *path = &chronicle->paths[request->path_count++];
    *path = (struct vouch_path){.first = request->place_count, .won = won, .lost = lost, .value = value};
    return path;
}

static void add_party(struct chronicle *chronicle, uint64_t party)
{
    struct vouch_estimate_request *request = chronicle->request;
    CHECK(request->place_count < chronicle->place_room && request->path_count > 0);
    chronicle->parties[request->place_count++] = party;
    chronicle->paths[request->path_count - 1].party_count++;
}

/* ---- every day ---- */

/* The next of all ways that `parties` can be walked; false when there is none. A number whose digits are the parties,
 * counted up: those with a digit twice are left out. */
static bool next_way(uint32_t parties, uint8_t way[LENGTH_MOST], uint32_t *length)
{
    uint32_t at = *length;
    while (at > 0) {
        uint32_t digit = way[at - 1] + 1u;
        while (digit < parties && memchr(way, (int)digit, at - 1) != NULL) {
            digit++;
        }
        if (digit < parties) {
            way[at - 1] = (uint8_t)digit;
            *length = at;
            return true;
        }
        at--;
    }
    return false;
}

/* One party more on the way, if there is room for it. */
static bool longer_way(uint32_t parties, uint8_t way[LENGTH_MOST], uint32_t *length)
{
    if (*length == LENGTH_MOST) {
        return false;
    }
    for (uint32_t digit = 0; digit < parties; digit++) {
        if (memchr(way, (int)digit, *length) == NULL) {
            way[(*length)++] = (uint8_t)digit;
            return true;
        }
    }
    return false;
}

/* So many different ways, some of all that there are, each won and lost a few times. */
static void add_ordinary(struct questions *questions, struct dice *dice, uint32_t parties, uint32_t paths)
{
    struct chronicle chronicle = open_question(questions, "", paths, paths * LENGTH_MOST);
    uint64_t base = 1 + dice_below(dice, 100000);
    uint8_t way[LENGTH_MOST] = {0};
    uint32_t length = 1;
    bool more = true;
    while (more && chronicle.request->path_count < paths) {
        uint64_t won = dice_below(dice, 5);
        uint64_t lost = dice_below(dice, 5) + (won == 0);
        if (dice_below(dice, 2) == 0 || parties == 1) {
            add_path(&chronicle, won, lost, (int64_t)won * dice_below(dice, 1000000));
            for (uint32_t i = 0; i < length; i++) {
                add_party(&chronicle, base + way[i] * UINT64_C(7));
            }
        }
        more = (dice_below(dice, 3) > 0 && longer_way(parties, way, &length)) || next_way(parties, way, &length);
    }
    if (chronicle.request->path_count == 0) {
        add_path(&chronicle, 1, 1, 100);
        add_party(&chronicle, base);
    }
    questions->items[questions->count - 1].label = arena_printf(
        questions->arena, "%u path%s of %u part%s", chronicle.request->path_count,
        chronicle.request->path_count == 1 ? "" : "s", parties, parties == 1 ? "y" : "ies");
}

void estimates_ordinary(struct questions *questions, struct dice *dice)
{
    static const uint32_t parties[] = {1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 8};
    for (size_t i = 0; i < sizeof parties / sizeof parties[0]; i++) {
        add_ordinary(questions, dice, parties[i], 1 + dice_below(dice, 4 * parties[i]));
    }
}

/* ---- at the edges ---- */

/* `count` paths of one party each. */
static void singles(struct questions *questions, const char *label, uint32_t count, uint64_t won, uint64_t lost,
                    int64_t value)
{
    struct chronicle chronicle = open_question(questions, label, count, count);
    for (uint32_t i = 0; i < count; i++) {
        add_path(&chronicle, won, lost, value);
        add_party(&chronicle, i + 1);
    }
}

/* `paths` paths of `length` parties each, over `parties` in all, none of them twice on a path. */
static void ladder(struct questions *questions, const char *label, uint32_t paths, uint32_t length, uint32_t parties)
{
    struct chronicle chronicle = open_question(questions, label, paths, paths * length);
    for (uint32_t p = 0; p < paths; p++) {
        add_path(&chronicle, 1 + p % 3, p % 2, 1000 + p);
        for (uint32_t i = 0; i < length; i++) {
            /* The stride makes paths that begin with the same party differ in those that follow. */
            add_party(&chronicle, 1 + (p + (uint64_t)i * (1 + 2 * (p / parties))) % parties);
        }
    }
}

static void large_numbers(struct questions *questions)
{
    struct chronicle chronicle = open_question(questions, "parties with numbers up to 2^64-1", 4, 8);
    for (uint32_t p = 0; p < 4; p++) {
        add_path(&chronicle, 2, 3, 500);
        for (uint32_t i = 0; i <= p % 2; i++) {
            add_party(&chronicle, i == 0 ? UINT64_MAX - p : UINT64_MAX - p - 1);
        }
    }
}

static void one_long_path(struct questions *questions)
{
    struct chronicle chronicle = open_question(questions, "one path of 65,536 parties", 1, VOUCH_PATH_PLACES_MAX);
    add_path(&chronicle, 1, 0, 1);
    for (uint32_t i = 0; i < VOUCH_PATH_PLACES_MAX; i++) {
        add_party(&chronicle, i + 1);
    }
}

/* The same two parties, to and fro. */
static void both_ways(struct questions *questions)
{
    struct chronicle chronicle = open_question(questions, "two parties in both orders", 2, 4);
    for (uint32_t p = 0; p < 2; p++) {
        add_path(&chronicle, 1, p, 10);
        add_party(&chronicle, 1 + p);
        add_party(&chronicle, 2 - p);
    }
}

void estimates_edges(struct questions *questions, struct dice *dice)
{
    (void)dice;
    singles(questions, "one path of one party", 1, 1, 0, 1);
    singles(questions, "one path that was lost", 1, 0, 1, 0);
    singles(questions, "nothing but losses", 8, 0, 5, 0);
    singles(questions, "nothing but wins", 8, 5, 0, 1);
    singles(questions, "wins without a value", 8, 5, 5, 0);
    singles(questions, "2^62 wins of 2^62 in all", 1, UINT64_C(1) << 62, 0, INT64_C(1) << 62);
    singles(questions, "2^61 wins and 2^61 losses", 1, UINT64_C(1) << 61, UINT64_C(1) << 61, 1);
    singles(questions, "13 parties", 13, 1, 1, 100);
    singles(questions, "4,096 paths of 4,096 parties", VOUCH_PATHS_MAX, 1, 2, 100);
    ladder(questions, "512 paths of 16 parties", 512, 8, 16);
    ladder(questions, "4,096 paths of 16 out of 65,536 parties", VOUCH_PATHS_MAX,
           VOUCH_PATH_PLACES_MAX / VOUCH_PATHS_MAX, VOUCH_PATH_PLACES_MAX);
    large_numbers(questions);
    one_long_path(questions);
    both_ways(questions);
    singles(questions, "all time", 3, 1, 1, 5);
    questions->items[questions->count - 1].estimate.from_ms = INT64_MIN;
    questions->items[questions->count - 1].estimate.until_ms = INT64_MAX;
    singles(questions, "a currency without a minor unit", 3, 1, 1, 5);
    questions->items[questions->count - 1].estimate.currency = "JPY";
}
