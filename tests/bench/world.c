/* SPDX-License-Identifier: Apache-2.0
 *
 * The made-up company, computed. */
#include "world.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

uint64_t world_scramble(uint64_t number)
{
    number += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    return number ^ (number >> 31);
}

uint64_t world_member_id(uint32_t member)
{
    return member + 2;
}

uint64_t world_company_id(uint32_t prospect)
{
    return prospect + 2;
}

uint64_t world_contact_id(uint32_t prospect)
{
    return prospect + 1;
}

void world_member_keys(uint32_t member, uint8_t public_key[32], uint8_t secret_key[32])
{
    char name[64];
    snprintf(name, sizeof name, "vouch benchmark member %u", member);
    crypto_generichash(secret_key, 32, (const uint8_t *)name, strlen(name), NULL, 0);
    crypto_scalarmult_base(public_key, secret_key);
}

uint32_t world_knows(uint32_t prospect)
{
    return prospect % WORLD_MEMBERS;
}

uint32_t world_prospect_of(uint32_t member, uint64_t choice)
{
    return member + WORLD_MEMBERS * (uint32_t)(choice % (WORLD_PROSPECTS / WORLD_MEMBERS));
}

uint32_t world_receiver(uint32_t member, uint64_t choice)
{
    return (member + 1 + (uint32_t)(choice % (WORLD_MEMBERS - 1))) % WORLD_MEMBERS;
}

uint32_t world_referral_prospect(uint64_t referral)
{
    return (uint32_t)(world_scramble(referral) % WORLD_PROSPECTS);
}

void world_need(uint64_t choice, char text[WORLD_TEXT_BYTES])
{
    snprintf(text, WORLD_TEXT_BYTES,
             "Their archive of %u documents outgrew the file server; an audit is due in week %u.",
             (unsigned)(choice % 900000 + 100000), (unsigned)(choice % 52 + 1));
}

void world_product(uint64_t choice, char text[WORLD_TEXT_BYTES])
{
    snprintf(text, WORLD_TEXT_BYTES, "archive %08x", (unsigned)(choice >> 32));
}

void world_vouch(uint64_t choice, char text[WORLD_TEXT_BYTES])
{
    snprintf(text, WORLD_TEXT_BYTES,
             "We worked together for %u years; she decides, and asked me for somebody who delivers.",
             (unsigned)(choice % 9 + 1));
}
