/* SPDX-License-Identifier: Apache-2.0
 *
 * People for tests of clocks. */
#include "clock_cast.h"

#include "domain/day.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.ana = world_member(cast.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.max = world_member(cast.world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    cast.tom = world_member(cast.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    cast.nora = world_member(cast.world, "Nora Lind", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "Nordics");
    cast.prospect = world_company(cast.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return cast;
}

void cast_free(struct cast *cast)
{
    world_verify(cast->world);
    world_free(&cast->world);
}

void cast_move(struct cast *cast, uint64_t member, uint64_t id, Vouch__V1__ReferralVerb verb)
{
    cr_assert_eq(world_move(cast->world, member, id, verb, cast->tom, 4800000), VOUCH_OK, "%s", cast->world->why.text);
}

/* Lines in a member's inbox, and the newest one's sentence. */
static size_t lines(struct cast *cast, uint64_t member, char newest[300])
{
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    Vouch__V1__InboxPage ask = VOUCH__V1__INBOX_PAGE__INIT;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &ask), &reply), VOUCH_OK);
    size_t count = reply.notices->n_notices;
    snprintf(newest, 300, "%s", count == 0 ? "" : reply.notices->notices[count - 1]->text);
    return count;
}

void expect_line(struct cast *cast, uint64_t member, size_t count, const char *says)
{
    char newest[300];
    size_t is = lines(cast, member, newest);
    cr_assert_eq(is, count, "member %d has %zu lines, not %zu; the last: %s", (int)member, is, count, newest);
    cr_assert_not_null(strstr(newest, says), "\"%s\" does not say \"%s\"", newest, says);
}

struct obligation obligations(struct cast *cast, uint64_t member)
{
    struct obligation sum = {0, 0};
    struct slice key, value;
    struct view *view = state_write_view(cast->world->store, &cast->world->why);
    struct cursor *cursor = cursor_open(view, TABLE_OBLIGATION);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        struct obligation one = obligation_read(value);
        sum.kept += slice_u64(key, 0) == member ? one.kept : 0;
        sum.missed += slice_u64(key, 0) == member ? one.missed : 0;
    }
    cursor_close(&cursor);
    return sum;
}

void expect_obligations(struct cast *cast, uint32_t kept, uint32_t missed)
{
    struct obligation is = obligations(cast, cast->tom);
    cr_assert_eq(is.kept, kept, "kept %u", is.kept);
    cr_assert_eq(is.missed, missed, "missed %u", is.missed);
}
