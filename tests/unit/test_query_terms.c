/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading terms, and what `vouchd check` finds where somebody changed their rows. */
#include "apply/books.h"
#include "apply/terms_rows.h"
#include "office.h"
#include "query/check.h"

#include <criterion/criterion.h>
#include <string.h>

#define DAY INT64_C(86400000)

static Vouch__V1__TermsPage *list(struct office *office, uint64_t member, Vouch__V1__TermsList asked)
{
    static Vouch__V1__Reply reply;
    cr_assert_eq(world_ask(office->world, member, REQUEST_OF(TERMS_LIST, terms_list, &asked), &reply), VOUCH_OK, "%s",
                 office->world->why.text);
    return reply.terms;
}

Test(terms, are_listed_newest_first_page_by_page)
{
    struct office office = office_new();
    Vouch__V1__TermsList all = VOUCH__V1__TERMS_LIST__INIT;
    cr_assert_eq(list(&office, WORLD_ADMIN, all)->n_terms, 0);
    for (int64_t i = 1; i <= 3; i++) {
        Vouch__V1__Terms one = terms_named("one");
        Vouch__V1__Terms two = terms_named("two");
        one.partner_bps = two.partner_bps = i;
        write_terms(&office, &one);
        write_terms(&office, &two);
    }
    static const struct {
        uint64_t id;
        uint32_t version;
    } wanted[] = {{1, 3}, {1, 2}, {1, 1}, {2, 3}, {2, 2}, {2, 1}};
    all.limit = 2;
    size_t seen = 0;
    for (bool more = true; more;) {
        Vouch__V1__TermsPage *page = list(&office, WORLD_ADMIN, all);
        for (size_t i = 0; i < page->n_terms; i++, seen++) {
            cr_assert_eq(page->terms[i]->id, wanted[seen].id);
            cr_assert_eq(page->terms[i]->version, wanted[seen].version);
        }
        cr_assert_gt(page->n_terms, 0);
        all.after = page->terms[page->n_terms - 1]->id - 1;
        all.before = page->terms[page->n_terms - 1]->version;
        more = page->more;
        cr_assert_str_eq(page->zone, "Europe/Berlin");
        cr_assert_eq(page->now_ms, WORLD_NOON);
    }
    cr_assert_eq(seen, 6);
    Vouch__V1__TermsList latest = VOUCH__V1__TERMS_LIST__INIT;
    latest.latest = true;
    cr_assert_eq(list(&office, WORLD_ADMIN, latest)->n_terms, 2);
    Vouch__V1__TermsList named = VOUCH__V1__TERMS_LIST__INIT;
    named.name = " TWO ";
    cr_assert_eq(list(&office, WORLD_ADMIN, named)->n_terms, 3);
    named.before = 3;
    cr_assert_eq(list(&office, WORLD_ADMIN, named)->terms[0]->version, 2);
    named.name = "three";
    cr_assert_eq(list(&office, WORLD_ADMIN, named)->n_terms, 0);
    Vouch__V1__TermsList presets = VOUCH__V1__TERMS_LIST__INIT;
    presets.presets = true;
    Vouch__V1__TermsPage *page = list(&office, WORLD_ADMIN, presets);
    cr_assert_eq(page->n_terms, 1);
    cr_assert_eq(page->terms[0]->partner_bps, office.world->policy.partner_bps);
    office_end(&office);
}

/* What one partner was promised is no matter of another's. */
Test(terms, of_others_are_not_shown_to_a_partners_people)
{
    struct office office = office_new();
    uint64_t books = world_member(office.world, "Petra Klein", ROLE(FINANCE), office.partner, "");
    Vouch__V1__Terms general = terms_named("all"), theirs = terms_named("alder"), one = terms_named("paul");
    theirs.company = office.partner;
    one.member = office.paul;
    write_terms(&office, &general);
    write_terms(&office, &theirs);
    write_terms(&office, &one);
    Vouch__V1__TermsList all = VOUCH__V1__TERMS_LIST__INIT;
    cr_assert_eq(list(&office, office.finance, all)->n_terms, 3);
    Vouch__V1__TermsPage *page = list(&office, books, all);
    cr_assert_eq(page->n_terms, 2);
    cr_assert_str_eq(page->terms[0]->name, "alder");
    cr_assert_str_eq(page->terms[1]->name, "paul");
    office_end(&office);
}

/* ---- telling ---- */

static const char *last_notice(struct office *office, uint64_t member)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__InboxPage asked = VOUCH__V1__INBOX_PAGE__INIT;
    cr_assert_eq(world_ask(office->world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &asked), &reply), VOUCH_OK, "%s",
                 office->world->why.text);
    size_t count = reply.notices->n_notices;
    return count == 0 ? "" : reply.notices->notices[count - 1]->text;
}

Test(terms, that_are_approved_are_told_to_who_wrote_them_and_whom_they_are_for)
{
    struct office office = office_new();
    Vouch__V1__Terms terms = terms_named("paul");
    terms.member = office.paul;
    put_terms(&office, &terms, 1);
    cr_assert_str_eq(last_notice(&office, office.manager),
                     "the terms \"paul\", version 1, are approved: deals won from now on pay by them");
    cr_assert_str_eq(last_notice(&office, office.paul), "the terms \"paul\", version 1, are approved, for what you "
                                                        "refer: deals won from now on pay by them");
    cr_assert_str_eq(last_notice(&office, office.finance), "");
    terms.from_ms += 40 * DAY;
    put_terms(&office, &terms, 2);
    cr_assert_str_eq(last_notice(&office, office.manager),
                     "the terms \"paul\", version 2, are approved: deals won from 2027-01-02 on pay by them");
    office_end(&office);
}

/* ---- the check ---- */

static void count(void *argument, const char *finding)
{
    size_t *findings = argument;
    cr_assert_neq(finding[0], '\0');
    (*findings)++;
}

static size_t findings_of(const struct view *view)
{
    size_t findings = 0;
    cr_assert_eq(invariants_check(view, count, &findings), VOUCH_OK);
    return findings;
}

Test(terms, that_were_tampered_with_are_found)
{
    struct office office = office_new();
    Vouch__V1__Terms terms = terms_named("partners");
    uint64_t id = put_terms(&office, &terms, 1);
    terms.from_ms += DAY;
    put_terms(&office, &terms, 2);
    struct terms_scope any = {0, 0, "", ""};
    for (int damage = 0; damage < 5; damage++) {
        struct view *view = state_write_view(office.world->store, &office.world->why);
        struct key row = key_terms_row(&any, WORLD_NOON, id, 1);
        struct key name = key_text("partners");
        struct key version = key_terms(id, 2);
        struct slice value;
        uint8_t bytes[4096];
        cr_assert_eq(findings_of(view), 0);
        switch (damage) {
        case 0: /* the first version holds for ever again */
            number_put(view, TABLE_TERMS_SCOPE, &row, INT64_MAX);
            break;
        case 1: /* or not at all */
            table_delete(view, TABLE_TERMS_SCOPE, key_slice(&row));
            break;
        case 2:
            table_delete(view, TABLE_TERMS_NAME, key_slice(&name));
            break;
        case 3:
            terms_name_put(view, "partners", (struct terms_name){id, 1});
            break;
        case 4: /* another rate */
            cr_assert(table_get(view, TABLE_TERMS, key_slice(&version), &value) && value.size + 3 < sizeof bytes);
            memcpy(bytes, value.data, value.size);
            memcpy(bytes + value.size, "\x58\xE8\x09", 3); /* partner_bps once more, 1256 */
            table_put(view, TABLE_TERMS, key_slice(&version), (struct slice){bytes, value.size + 3});
            break;
        }
        cr_assert_gt(findings_of(view), 0, "damage %d is not found", damage);
        state_abort(office.world->store);
    }
    world_free(&office.world);
}
