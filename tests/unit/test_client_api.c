/* SPDX-License-Identifier: Apache-2.0
 *
 * vouch.h says the same as the tables it was written from: statuses as on the wire, failures as in failure.def. */
#include <vouch.h>

#ifdef VOUCH_BASE_STATUS_H
#error "vouch.h must stand alone"
#endif

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define STATUS(name, wire, exit, sentence)                                                                             \
    _Static_assert(VOUCH_##name == (wire), "as in status.def");                                                        \
    _Static_assert((int)VOUCH__V1__STATUS__##name == (wire), "as in types.proto");
#include "status.def"
#undef STATUS

#define FAILURE(name, number, exit, sentence) _Static_assert(VOUCH_##name == (number), "as in failure.def");
#include "failure.def"
#undef FAILURE

/* Lines of the header that give a VOUCH_ name a number, within its two enums. */
static int count_in_header(void)
{
    FILE *file = fopen("clients/lib/vouch.h", "r");
    cr_assert(file != NULL, "run from the root of the sources");
    char line[256];
    int count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        count += strncmp(line, "    VOUCH_", 10) == 0 && strchr(line, '=') != NULL;
    }
    fclose(file);
    return count;
}

Test(api, the_header_lists_every_outcome_and_no_other)
{
    int count = 0;
#define STATUS(name, wire, exit, sentence)                                                                             \
    cr_assert_str_eq(vouch_outcome_name(wire), #name);                                                                 \
    count++;
#include "status.def"
#undef STATUS
#define FAILURE(name, number, exit, sentence)                                                                          \
    cr_assert_str_eq(vouch_outcome_name(number), #name);                                                               \
    count++;
#include "failure.def"
#undef FAILURE
    cr_assert_eq(count_in_header(), count);
    cr_assert_str_eq(vouch_outcome_name(99), "?");
}
