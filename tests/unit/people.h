/* SPDX-License-Identifier: Apache-2.0
 *
 * People in a world: members, two companies, and short ways to add, merge, note, touch and look. */
#ifndef VOUCH_TESTS_PEOPLE_H
#define VOUCH_TESTS_PEOPLE_H

#include "world.h"

struct people {
    struct world *world;
    uint64_t ana, tom, manager;
    uint64_t kestrel, orrin;
};

struct people people_new(void);
void people_free(struct people *people);

/* Adds a person; answers their id. */
uint64_t people_add(struct people *people, uint64_t member, const char *name, const char *email);
enum vouch_status people_note(struct people *people, uint64_t member, uint64_t contact, const char *text);
#define DAY 1440 /* in minutes */
/* A meeting, so many minutes ago; they came when that is even. */
enum vouch_status people_meet(struct people *people, uint64_t member, uint64_t contact, int64_t minutes_ago);
enum vouch_status people_merge(struct people *people, uint64_t member, uint64_t from, uint64_t into);
enum vouch_status people_unmerge(struct people *people, uint64_t member, uint64_t merge);
enum vouch_status people_erase(struct people *people, uint64_t member, uint64_t contact);
/* What a member sees of a person; lives until the next command or question. NULL: NOT_FOUND. */
const Vouch__V1__ContactView *people_look(struct people *people, uint64_t member, uint64_t contact);
/* The one person whom a member finds by this text; 0: none. */
uint64_t people_find(struct people *people, uint64_t member, const char *text);
/* Whether any event of the journal, or any key or value of the state, has these bytes. */
bool people_journal_has(struct people *people, const char *text);
bool people_state_has(struct people *people, const char *text);

#endif
