/* SPDX-License-Identifier: Apache-2.0
 *
 * The made-up company that the benchmark runs on: so many members, prospects with a person each, and referrals, all
 * computed from their number. The preload writes it, the load generator knows it. */
#ifndef VOUCH_BENCH_WORLD_H
#define VOUCH_BENCH_WORLD_H

#include <stdint.h>

#define WORLD_MEMBERS 1000u
#define WORLD_PROSPECTS 50000u
#define WORLD_TEXT_BYTES 128

/* Ids of the broker; numbers count from 0. Member 1 is the admin and company 1 the home company that `vouchd init`
 * made. */
uint64_t world_member_id(uint32_t member);
uint64_t world_company_id(uint32_t prospect);
uint64_t world_contact_id(uint32_t prospect);

/* The CURVE pair of a member. No secret: it is computed from the number. */
void world_member_keys(uint32_t member, uint8_t public_key[32], uint8_t secret_key[32]);

/* The one member who knows the person at a prospect, and a prospect whose person a member knows. */
uint32_t world_knows(uint32_t prospect);
uint32_t world_prospect_of(uint32_t member, uint64_t choice);
/* A receiver for a referral by `member`: anybody else. */
uint32_t world_receiver(uint32_t member, uint64_t choice);

/* Scrambles a number into one that looks random. */
uint64_t world_scramble(uint64_t number);

/* The prospect of a preloaded referral. */
uint32_t world_referral_prospect(uint64_t referral);

/* What a referral says, each a line of WORLD_TEXT_BYTES at most. No two are of one product line, or most of them would
 * wait for another's claim. */
void world_need(uint64_t choice, char text[WORLD_TEXT_BYTES]);
void world_product(uint64_t choice, char text[WORLD_TEXT_BYTES]);
void world_vouch(uint64_t choice, char text[WORLD_TEXT_BYTES]);

#endif
