/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to a matcher: such as a broker asks every day, and such as it may ask by the rules of vouch_plugin.h though
 * nobody would expect it. Each counts over all of its candidates, so that it can be cut. */
#include "plugin/check/check.h"

#include <string.h>

#define TEXT_BYTES 2000 /* the longest that the wire allows */
#define NEED_ISSUES_MAX 64
#define SEVERAL 25 /* candidates of most questions at the edges */
#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(array)[0]))

static const char *const issues[] = {"payroll",          "crm migration", "tax audit",    "data warehouse", "iso 27001",
                                     "warehouse robots", "succession",    "gdpr",         "cash flow",      "hiring",
                                     "e-invoicing",      "erp",           "export to us", "energy costs",   "patents"};
static const char *const industries[] = {"logistics", "machinery", "software", "health care", "construction", "retail"};
static const char *const functions[] = {"cfo", "head of it", "owner", "hr", "coo", "plant manager"};
static const char *const countries[] = {"de", "at", "ch", "fr", "us", "nl"};
static const char *const cities[] = {"berlin", "wien", "münchen", "lyon", "são paulo", ""};
static const char *const regions[] = {"bavaria", "île-de-france", "", "texas"};

/* Text that programs stumble over: signs of formats, patterns and paths, quotes, spaces. */
static const char *const signs[] = {"%s%n%d", "%",  "[a-z", "(.*)+$", "\\",   "a\"b'c", "../../etc", " ",  "a  b", "-",
                                    "^$",     "{}", "<b>",  "nil",    "0x10", "1e999",  "nan",       "-0", "true"};

/* All lengths of UTF-8, its ends, marks that combine, right to left, and what looks like a space and is none. */
static const char *const scripts[] = {"ü",
                                      "e\u0301\u0301\u0301",
                                      "שלום",
                                      "日本語",
                                      "😀👩‍👩‍👧",
                                      "\u00a0\u200b\u3000",
                                      "\U0010FFFF",
                                      "\u07FF\u0800\uFFFD",
                                      "İıſß",
                                      "\uFEFFx",
                                      "\u202Eabc"};

static struct vouch_tags some(struct arena *arena, struct dice *dice, const char *const *pool, uint32_t size,
                              uint32_t most)
{
    uint32_t count = dice_below(dice, most + 1);
    const char **items = arena_alloc(arena, (count + 1) * sizeof *items);
    CHECK(items != NULL);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = pool[dice_below(dice, size)];
    }
    return (struct vouch_tags){items, count};
}

static void fill_candidate(struct arena *arena, struct dice *dice, struct vouch_candidate *candidate, uint32_t number)
{
    *candidate = (struct vouch_candidate){
        .id = 100 + number * UINT64_C(3),
        .issues = some(arena, dice, issues, COUNT(issues), 6),
        .industries = some(arena, dice, industries, COUNT(industries), 3),
        .functions = some(arena, dice, functions, COUNT(functions), 3),
        .countries = some(arena, dice, countries, COUNT(countries), 3),
        .city = cities[dice_below(dice, COUNT(cities))],
        .region = regions[dice_below(dice, COUNT(regions))],
        .country = countries[dice_below(dice, COUNT(countries))],
        .size_min = dice_below(dice, 6),
        .tie_known = dice_below(dice, 2),
    };
    candidate->size_max = candidate->size_min + dice_below(dice, 3);
    candidate->tie_ppm = candidate->tie_known ? dice_below(dice, VOUCH_PPM + 1) : 0;
    candidate->segment_closed = dice_below(dice, 4) * dice_below(dice, 6);
    candidate->segment_won = dice_below(dice, candidate->segment_closed + 1);
}

static struct vouch_need *fill_need(struct arena *arena, struct dice *dice)
{
    struct vouch_need *need = arena_alloc(arena, sizeof *need);
    const char **wanted = arena_alloc(arena, 4 * sizeof *wanted);
    CHECK(need != NULL && wanted != NULL);
    uint32_t first = dice_below(dice, COUNT(issues));
    uint32_t count = dice_below(dice, 5);
    for (uint32_t i = 0; i < count; i++) {
        wanted[i] = issues[(first + i * 4) % COUNT(issues)]; /* each once: 15 and 4 have no common divisor */
    }
    *need = (struct vouch_need){.size = sizeof *need,
                                .issues = {wanted, count},
                                .text = "They want to replace their payroll before the next audit.",
                                .industry = industries[dice_below(dice, COUNT(industries))],
                                .function = functions[dice_below(dice, COUNT(functions))],
                                .city = cities[dice_below(dice, COUNT(cities))],
                                .region = regions[dice_below(dice, COUNT(regions))],
                                .country = countries[dice_below(dice, COUNT(countries))],
                                .size_band = dice_below(dice, 9)};
    return need;
}

/* ---- counts, as the broker makes them ---- */

static bool names(struct vouch_tags tags, const char *tag)
{
    for (size_t i = 0; i < tags.count; i++) {
        if (strcmp(tags.items[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

static void count_all(struct arena *arena, struct vouch_match_request *request)
{
    struct vouch_need *need = (struct vouch_need *)(uintptr_t)request->need;
    uint32_t *counts = arena_alloc(arena, (need->issues.count + 1) * sizeof *counts);
    CHECK(counts != NULL);
    request->candidate_total = request->candidate_count;
    for (uint32_t c = 0; c < request->candidate_count; c++) {
        request->candidate_issues += request->candidates[c].issues.count;
        for (size_t i = 0; i < need->issues.count; i++) {
            counts[i] += names(request->candidates[c].issues, need->issues.items[i]);
        }
    }
    need->issue_candidates = counts;
}

struct question question_part(const struct question *question, uint32_t first, uint32_t count)
{
    struct question part = *question;
    CHECK(first + count <= question->match.candidate_count);
    part.match.candidates += first;
    part.match.candidate_count = count;
    part.size = count;
    return part;
}

/* ---- at the edges ---- */

struct scene {
    struct arena *arena;
    struct vouch_need *need;
    struct vouch_candidate *candidates;
    uint32_t count;
};

typedef void edge_change(struct scene *scene);

static void tags_everywhere(struct scene *scene, struct vouch_tags tags)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        struct vouch_candidate *candidate = &scene->candidates[i];
        candidate->issues = candidate->industries = candidate->functions = candidate->countries = tags;
    }
}

static void empty(struct scene *scene)
{
    *scene->need = (struct vouch_need){.size = sizeof *scene->need,
                                       .text = "",
                                       .industry = "",
                                       .function = "",
                                       .city = "",
                                       .region = "",
                                       .country = ""};
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->candidates[i] = (struct vouch_candidate){.id = i + 1, .city = "", .region = "", .country = ""};
    }
}

static void cards_empty(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->candidates[i] = (struct vouch_candidate){.id = i + 1, .city = "", .region = "", .country = ""};
    }
}

static void full(struct scene *scene)
{
    (void)scene; /* their number is the point */
}

static void same(struct scene *scene)
{
    for (uint32_t i = 1; i < scene->count; i++) {
        scene->candidates[i] = scene->candidates[0];
        scene->candidates[i].id = 100 + i;
    }
}

static void ids_large(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->candidates[i].id = UINT64_MAX - i;
    }
}

static void texts_long(struct scene *scene)
{
    char *text = arena_alloc(scene->arena, TEXT_BYTES + 1);
    const char **items = arena_alloc(scene->arena, 3 * sizeof *items);
    CHECK(text != NULL && items != NULL);
    memset(text, 'a', TEXT_BYTES);
    items[0] = items[1] = items[2] = text;
    tags_everywhere(scene, (struct vouch_tags){items, 3});
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->candidates[i].city = scene->candidates[i].region = scene->candidates[i].country = text;
    }
    scene->need->issues = (struct vouch_tags){items, 1};
    scene->need->text = scene->need->industry = scene->need->function = text;
    scene->need->city = scene->need->region = scene->need->country = text;
}

/* Texts of a list in every place. */
static void texts_of(struct scene *scene, const char *const *texts, uint32_t count)
{
    tags_everywhere(scene, (struct vouch_tags){texts, count});
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->candidates[i].city = texts[i % count];
        scene->candidates[i].region = texts[(i + 1) % count];
        scene->candidates[i].country = texts[(i + 2) % count];
    }
    scene->need->issues = (struct vouch_tags){texts, count};
    scene->need->text = scene->need->industry = texts[0];
    scene->need->function = scene->need->city = texts[1];
    scene->need->region = scene->need->country = texts[2];
}

static void texts_signs(struct scene *scene)
{
    texts_of(scene, signs, COUNT(signs));
}

static void texts_scripts(struct scene *scene)
{
    texts_of(scene, scripts, COUNT(scripts));
}

static void tags_repeated(struct scene *scene)
{
    const char **items = arena_alloc(scene->arena, 60 * sizeof *items);
    CHECK(items != NULL);
    for (uint32_t i = 0; i < 60; i++) {
        items[i] = issues[i % 2];
    }
    tags_everywhere(scene, (struct vouch_tags){items, 60});
    scene->need->issues = (struct vouch_tags){issues, 1};
}

static void tags_many(struct scene *scene)
{
    const char **items = arena_alloc(scene->arena, 500 * sizeof *items);
    CHECK(items != NULL);
    for (uint32_t i = 0; i < 500; i++) {
        items[i] = arena_printf(scene->arena, "tag %u", i);
    }
    tags_everywhere(scene, (struct vouch_tags){items, 500});
    scene->need->issues = (struct vouch_tags){items, NEED_ISSUES_MAX};
}

static void needs_nothing(struct scene *scene)
{
    scene->need->issues.count = 0;
}

static void sizes_all(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->candidates[i].size_min = i % 9;
        scene->candidates[i].size_max = i / 9 % 9;
    }
}

static void size_unknown(struct scene *scene)
{
    sizes_all(scene);
    scene->need->size_band = 0;
}

static void size_largest(struct scene *scene)
{
    sizes_all(scene);
    scene->need->size_band = 8;
}

static void ties_extreme(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->candidates[i].tie_known = i % 2;
        scene->candidates[i].tie_ppm = i % 4 == 3 ? VOUCH_PPM : 0;
    }
}

static void deals_many(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->candidates[i].segment_closed = UINT32_MAX;
        scene->candidates[i].segment_won = i % 3 == 0 ? 0 : UINT32_MAX - i % 3 + 1;
    }
}

static const struct {
    const char *label;
    uint32_t count;
    edge_change *change;
} edges[] = {
    {"an empty need and empty cards", SEVERAL, empty},
    {"one candidate with an empty card, an empty need", 1, empty},
    {"1,000 candidates", VOUCH_CANDIDATES_MAX, full},
    {"1,000 empty cards", VOUCH_CANDIDATES_MAX, cards_empty},
    {"candidates who are all the same", SEVERAL, same},
    {"candidates with numbers up to 2^64-1", SEVERAL, ids_large},
    {"texts of 2,000 bytes", SEVERAL, texts_long},
    {"texts of signs: %s, [a-z, \\, quotes", SEVERAL, texts_signs},
    {"texts of all lengths of UTF-8", SEVERAL, texts_scripts},
    {"tags that come thirty times", SEVERAL, tags_repeated},
    {"cards with 500 tags in each list, a need with 64", 10, tags_many},
    {"a need without issues", SEVERAL, needs_nothing},
    {"a need of no known size, all size bands", 81, size_unknown},
    {"a need of size band 8, all size bands", 81, size_largest},
    {"ties of 0 and 1,000,000 ppm, known and not", SEVERAL, ties_extreme},
    {"4,294,967,295 deals closed", SEVERAL, deals_many},
};

static void add(struct questions *questions, struct dice *dice, const char *label, uint32_t count, edge_change *change)
{
    struct question *question = questions_add(questions);
    question->label = arena_strdup(questions->arena, label);
    struct scene scene = {.arena = questions->arena, .need = fill_need(questions->arena, dice)};
    scene.candidates = arena_alloc(questions->arena, count * sizeof *scene.candidates);
    scene.count = count;
    CHECK(scene.candidates != NULL);
    for (uint32_t i = 0; i < count; i++) {
        fill_candidate(questions->arena, dice, &scene.candidates[i], i);
    }
    if (change != NULL) {
        change(&scene);
    }
    question->size = count;
    question->match = (struct vouch_match_request){
        .size = sizeof question->match, .need = scene.need, .candidate_count = count, .candidates = scene.candidates};
    count_all(questions->arena, &question->match);
}

void matches_ordinary(struct questions *questions, struct dice *dice)
{
    static const uint32_t counts[] = {1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 22, 25, 25, 40, 60, 80, 150};
    for (size_t i = 0; i < COUNT(counts); i++) {
        char label[64];
        snprintf(label, sizeof label, "%u candidate%s", counts[i], counts[i] == 1 ? "" : "s");
        add(questions, dice, label, counts[i], NULL);
    }
}

void matches_edges(struct questions *questions, struct dice *dice)
{
    for (size_t i = 0; i < COUNT(edges); i++) {
        add(questions, dice, edges[i].label, edges[i].count, edges[i].change);
    }
}
