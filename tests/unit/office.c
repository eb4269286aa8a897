/* SPDX-License-Identifier: Apache-2.0
 *
 * The office: who is there, and what is done over and over. */
#include "office.h"

#include <criterion/criterion.h>

struct office office_new(void)
{
    struct world *world = world_new();
    struct office office = {.world = world};
    office.partner = world_company(world, "Alder Systems", "alder.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    office.prospect = world_company(world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    office.manager = world_member(world, "Mara Lind", ROLE(MANAGER), WORLD_HOME, "DACH");
    office.finance = world_member(world, "Finn Berg", ROLE(FINANCE), WORLD_HOME, "");
    office.ana = world_member(world, "Ana Sousa", ROLE(REP), WORLD_HOME, "DACH");
    office.tom = world_member(world, "Tom Rieke", ROLE(REP), WORLD_HOME, "DACH");
    office.paul = world_member(world, "Paul Adler", ROLE(REP), office.partner, "");
    return office;
}

void office_end(struct office *office)
{
    world_verify(office->world);
    world_free(&office->world);
}

Vouch__V1__Terms terms_named(const char *name)
{
    Vouch__V1__Terms terms = VOUCH__V1__TERMS__INIT;
    terms.name = (char *)(uintptr_t)name;
    terms.from_ms = WORLD_NOON;
    terms.until_ms = INT64_MAX;
#define TERM(field, word, preset, least, most, sentence) terms.field = preset;
#include "domain/terms_fields.def"
#undef TERM
    return terms;
}

enum vouch_status try_write(struct office *office, uint64_t member, Vouch__V1__Terms *terms)
{
    Vouch__V1__TermsWrite asked = VOUCH__V1__TERMS_WRITE__INIT;
    asked.terms = terms;
    return world_try(office->world, member, NULL, REQUEST_OF(TERMS_WRITE, terms_write, &asked));
}

enum vouch_status try_approve(struct office *office, uint64_t member, uint64_t id, uint32_t version)
{
    Vouch__V1__TermsApprove asked = VOUCH__V1__TERMS_APPROVE__INIT;
    asked.terms = id;
    asked.version = version;
    return world_try(office->world, member, NULL, REQUEST_OF(TERMS_APPROVE, terms_approve, &asked));
}

uint64_t write_terms(struct office *office, Vouch__V1__Terms *terms)
{
    enum vouch_status status = try_write(office, office->manager, terms);
    cr_assert_eq(status, VOUCH_OK, "%s: %s", terms->name, office->world->why.text);
    return office->world->answer_id;
}

void approve_terms(struct office *office, uint64_t id, uint32_t version)
{
    enum vouch_status status = try_approve(office, office->finance, id, version);
    cr_assert_eq(status, VOUCH_OK, "terms %lu: %s", (unsigned long)id, office->world->why.text);
}

uint64_t put_terms(struct office *office, Vouch__V1__Terms *terms, uint32_t version)
{
    uint64_t id = write_terms(office, terms);
    approve_terms(office, id, version);
    return id;
}
