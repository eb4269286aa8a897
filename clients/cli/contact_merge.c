/* SPDX-License-Identifier: Apache-2.0
 *
 * contact merge, unmerge, duplicates, erase: who is one person, and who is nobody any more. */
#include "contact.h"

#include "base/arena.h"
#include "domain/names.h"
#include "pages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_BYTES 512
#define PHONE_DIGITS 7 /* fewer are an extension, not a person's number */

/* ---- merge, unmerge ---- */

int contact_merge(struct cli *cli)
{
    Vouch__V1__ContactMerge merge = VOUCH__V1__CONTACT_MERGE__INIT;
    char from[NAME_MAX_BYTES] = "", into[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[1], &merge.from, from);
    if (code == EXIT_DONE) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[2], &merge.into, into);
    }
    Vouch__V1__Request request = REQUEST(CONTACT_MERGE, contact_merge, &merge);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE
               ? code
               : say_done(cli, id,
                          "%s (contact %" PRIu64 ") is %s (contact %" PRIu64 ") from now on; nothing is lost. Take it "
                          "back with: vouch contact unmerge %" PRIu64,
                          from, merge.from, into, merge.into, merge.into);
}

int contact_unmerge(struct cli *cli)
{
    Vouch__V1__ContactUnmerge undo = VOUCH__V1__CONTACT_UNMERGE__INIT;
    char name[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[1], &undo.contact, name);
    Vouch__V1__Request request = REQUEST(CONTACT_UNMERGE, contact_unmerge, &undo);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE
               ? code
               : say_done(cli, id, "%s is without the contact that was merged last; each has its own again.", name);
}

/* ---- duplicates ---- */

/* Something that two contacts of one person share. */
struct likeness {
    char key[KEY_BYTES];
    const Vouch__V1__Contact *contact;
    const char *why;
};

struct likenesses {
    struct likeness *rows;
    size_t count;
};

static int by_key(const void *left, const void *right)
{
    const struct likeness *a = left, *b = right;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : (a->contact->id > b->contact->id) - (a->contact->id < b->contact->id);
}

static void add_name(struct likenesses *all, const Vouch__V1__Contact *contact, struct arena *arena)
{
    arena_reset(arena);
    const char *folded = name_fold(arena, contact->personal->name);
    if (folded == NULL || folded[0] == '\0') {
        return;
    }
    struct likeness *row = &all->rows[all->count++];
    snprintf(row->key, sizeof row->key, "name %" PRIu64 " %s", contact->company, folded);
    row->contact = contact;
    row->why = contact->company != 0 ? "same name and company" : "same name";
}

/* A number by its last digits: with and without the code of the country it is the same. */
static void add_phone(struct likenesses *all, const Vouch__V1__Contact *contact, const char *phone)
{
    char digits[64];
    size_t count = 0;
    for (; *phone != '\0' && count < sizeof digits - 1; phone++) {
        if (*phone >= '0' && *phone <= '9') {
            digits[count++] = *phone;
        }
    }
    digits[count] = '\0';
    if (count >= PHONE_DIGITS) {
        struct likeness *row = &all->rows[all->count++];
        snprintf(row->key, sizeof row->key, "phone %s", digits + (count > 9 ? count - 9 : 0));
        row->contact = contact;
        row->why = "same phone number";
    }
}

static void collect(const struct pages *pages, struct likenesses *all)
{
    struct arena *arena = arena_new((size_t)1 << 16);
    size_t room = 0;
    for (size_t i = 0; i < pages->count; i++) {
        const Vouch__V1__Contact *contact = (const Vouch__V1__Contact *)pages->rows[i];
        room += contact->personal == NULL ? 0 : 2 + contact->personal->n_phones;
    }
    all->rows = calloc(room + 1, sizeof *all->rows);
    if (all->rows == NULL) {
        abort();
    }
    for (size_t i = 0; i < pages->count; i++) {
        const Vouch__V1__Contact *contact = (const Vouch__V1__Contact *)pages->rows[i];
        if (contact->personal != NULL) {
            add_name(all, contact, arena);
            add_phone(all, contact, contact->personal->phone);
            for (size_t j = 0; j < contact->personal->n_phones; j++) {
                add_phone(all, contact, contact->personal->phones[j]);
            }
        }
    }
    arena_free(&arena);
    qsort(all->rows, all->count, sizeof *all->rows, by_key);
}

/* The next two rows that are alike and not the same contact, from `*place` on; `*place` moves past the second. */
static bool next_pair(const struct likenesses *all, size_t *place, const struct likeness **one,
                      const struct likeness **other)
{
    for (size_t i = *place > 0 ? *place : 1; i < all->count; i++) {
        if (strcmp(all->rows[i].key, all->rows[i - 1].key) == 0 && all->rows[i].contact != all->rows[i - 1].contact) {
            *one = &all->rows[i - 1];
            *other = &all->rows[i];
            *place = i + 1;
            return true;
        }
    }
    return false;
}

static void add_row(struct cli *cli, struct table *table, const struct likeness *row, const char *why)
{
    char id[24];
    const Vouch__V1__PersonalData *personal = row->contact->personal;
    snprintf(id, sizeof id, "%" PRIu64, row->contact->id);
    table_row(table, (const char *const[]){id, personal->name,
                                           name_of(cli, VOUCH__V1__FIND__KIND__COMPANY, row->contact->company),
                                           personal->email, personal->phone, why});
}

static void print_pairs(struct cli *cli, const struct likenesses *all)
{
    struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                            {"NAME", COLUMN_TEXT},
                                                            {"COMPANY", COLUMN_TEXT},
                                                            {"E-MAIL", COLUMN_TEXT},
                                                            {"PHONE", COLUMN_TEXT},
                                                            {"WHY", COLUMN_FIXED},
                                                            {NULL, COLUMN_TEXT}});
    const struct likeness *one, *other, *last = NULL;
    size_t place = 0;
    bool any = false;
    while (next_pair(all, &place, &one, &other)) {
        if (one != last) {
            add_row(cli, table, one, "");
        }
        add_row(cli, table, other, other->why);
        last = other;
        any = true;
    }
    table_print(&table, "nobody you know is there twice, as far as names and phone numbers tell");
    if (any) {
        puts("\nTwo that are one person: vouch contact merge FROM-ID INTO-ID (it can be taken back)");
    }
}

static int print_json(const struct likenesses *all)
{
    const struct likeness *one, *other;
    size_t place = 0;
    json_t *pairs = json_array();
    while (next_pair(all, &place, &one, &other)) {
        json_array_append_new(pairs, json_pack("{s:o,s:o,s:s}", "one", json_of_message(&one->contact->base), "other",
                                               json_of_message(&other->contact->base), "why", other->why));
    }
    return json_print(json_pack("{s:o}", "pairs", pairs));
}

int contact_duplicates(struct cli *cli)
{
    struct pages pages;
    struct likenesses all = {.rows = NULL};
    int code = pages_load(cli, PAGE_CONTACTS, &pages);
    if (code == EXIT_DONE) {
        collect(&pages, &all);
        if (cli->json) {
            code = print_json(&all);
        } else {
            print_pairs(cli, &all);
        }
    }
    free(all.rows);
    pages_free(&pages);
    return code;
}

/* ---- erase ---- */

/* Asks a person; programs know what they do. */
static bool is_meant(const struct cli *cli, const char *name)
{
    char answer[16];
    if (args_flag(&cli->args, "yes") || !isatty(STDIN_FILENO)) {
        return true;
    }
    printf("All that is personal about ");
    text_print(stdout, name);
    printf(" will be gone for everybody, and cannot be brought back. Erase? [y/N] ");
    fflush(stdout);
    return fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

int contact_erase(struct cli *cli)
{
    Vouch__V1__ContactErase erase = VOUCH__V1__CONTACT_ERASE__INIT;
    char name[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    erase.reason = args_field(&cli->args, "reason");
    if (erase.reason[0] == '\0') {
        return fail_usage(cli, "why? --reason \"asked for it on 3 Feb\"; it stays, so say nothing personal");
    }
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[1], &erase.contact, name);
    if (code == EXIT_DONE && !is_meant(cli, name)) {
        return fail_usage(cli, "nothing was erased");
    }
    Vouch__V1__Request request = REQUEST(CONTACT_ERASE, contact_erase, &erase);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE
               ? code
               : say_done(cli, id,
                          "contact %" PRIu64 " is erased for everybody; referrals and money stay, without "
                          "a name.",
                          id);
}
