/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd init`: a new store with its first three facts (the store, the home company, the first admin), the broker's
 * key and the admin's profile. */
#include "admin/admin.h"

#include "base/clock.h"
#include "base/message.h"
#include "dispatch/writer.h"
#include "domain/names.h"
#include "domain/zone.h"
#include "lib/profile.h"
#include "vouch/v1/event.pb-c.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_EVENTS 4
#define FIRST_ID 1

/* What a person may be called, the same as on the wire. */
static enum vouch_status check_texts(const struct invocation *invocation, struct status_text *why)
{
    if (invocation->company == NULL || invocation->admin == NULL) {
        return status_set(why, VOUCH_INVALID,
                          "tell who runs this broker: vouchd init --company NAME --admin NAME [--domain DOMAIN] "
                          "[--zone ZONE]");
    }
    Vouch__V1__CompanyAdd company = VOUCH__V1__COMPANY_ADD__INIT;
    company.name = (char *)invocation->company;
    company.domain = (char *)(invocation->domain == NULL ? "" : invocation->domain);
    Vouch__V1__MemberInvite admin = VOUCH__V1__MEMBER_INVITE__INIT;
    admin.name = (char *)invocation->admin;
    enum vouch_status status = message_validate(&company.base, why);
    return status == VOUCH_OK ? message_validate(&admin.base, why) : status;
}

static enum vouch_status check_zone(const char *zone, struct status_text *why)
{
    if (strlen(zone) >= ZONE_BYTES || !zone_exists(zone)) {
        return status_set(why, VOUCH_INVALID, "there is no time zone '%.60s'; use an IANA name such as Europe/Berlin",
                          zone);
    }
    return VOUCH_OK;
}

static enum vouch_status record_first_events(struct store *store, const struct invocation *invocation,
                                             const uint8_t admin_key[32], struct status_text *why)
{
    uint8_t store_id[16];
    randombytes_buf(store_id, sizeof store_id);
    Vouch__V1__StoreCreated created = VOUCH__V1__STORE_CREATED__INIT;
    created.store_id = (ProtobufCBinaryData){sizeof store_id, store_id};
    created.zone = (char *)invocation->zone;

    Vouch__V1__Company company = VOUCH__V1__COMPANY__INIT;
    company.id = FIRST_ID;
    company.name = (char *)invocation->company;
    company.domain = (char *)(invocation->domain == NULL ? "" : invocation->domain);
    company.kind = VOUCH__V1__COMPANY_KIND__HOME;
    company.added_ms = clock_now_ms();
    Vouch__V1__CompanyAdded added = VOUCH__V1__COMPANY_ADDED__INIT;
    added.company = &company;

    Vouch__V1__Member admin = VOUCH__V1__MEMBER__INIT;
    admin.id = FIRST_ID;
    admin.name = (char *)invocation->admin;
    admin.role = VOUCH__V1__ROLE__ADMIN;
    admin.state = VOUCH__V1__MEMBER_STATE__INVITED;
    admin.company = FIRST_ID;
    Vouch__V1__MemberInvited invited = VOUCH__V1__MEMBER_INVITED__INIT;
    invited.member = &admin;
    Vouch__V1__MemberEnrolled enrolled = VOUCH__V1__MEMBER_ENROLLED__INIT;
    enrolled.member = FIRST_ID;
    enrolled.key = (ProtobufCBinaryData){32, (uint8_t *)admin_key};

    Vouch__V1__Event events[FIRST_EVENTS];
    struct journal_entry entries[FIRST_EVENTS];
    struct arena *arena = arena_new((size_t)1 << 20);
    for (size_t i = 0; i < FIRST_EVENTS; i++) {
        vouch__v1__event__init(&events[i]);
        events[i].time_ms = clock_now_ms();
    }
    events[0].body_case = VOUCH__V1__EVENT__BODY_STORE_CREATED;
    events[0].store_created = &created;
    events[1].body_case = VOUCH__V1__EVENT__BODY_COMPANY_ADDED;
    events[1].company_added = &added;
    events[2].body_case = VOUCH__V1__EVENT__BODY_MEMBER_INVITED;
    events[2].member_invited = &invited;
    events[3].body_case = VOUCH__V1__EVENT__BODY_MEMBER_ENROLLED;
    events[3].member_enrolled = &enrolled;
    for (size_t i = 0; i < FIRST_EVENTS; i++) {
        entries[i].sequence = i + 1;
        entries[i].event.data = message_pack(&events[i].base, arena, &entries[i].event.size);
    }
    enum vouch_status status = journal_append(store, entries, FIRST_EVENTS, NULL, 0, why);
    arena_free(&arena);
    return status == VOUCH_OK ? journal_replay(store, why) : status;
}

/* HOST:PORT that clients on this machine reach the broker at. */
static void local_endpoint(const struct settings *settings, char endpoint[PROFILE_ENDPOINT_MAX])
{
    const char *listen = settings->listen + strlen("tcp://");
    if (settings->advertise[0] != '\0') {
        snprintf(endpoint, PROFILE_ENDPOINT_MAX, "%s", settings->advertise);
    } else if (listen[0] == '*' || strncmp(listen, "0.0.0.0:", 8) == 0) {
        snprintf(endpoint, PROFILE_ENDPOINT_MAX, "127.0.0.1%s", strrchr(listen, ':'));
    } else {
        snprintf(endpoint, PROFILE_ENDPOINT_MAX, "%s", listen);
    }
}

static enum vouch_status make_store(const struct invocation *invocation, const struct profile *profile,
                                    struct status_text *why)
{
    struct store_options options = admin_store_options(invocation->settings);
    struct store *store = NULL;
    enum vouch_status status = store_create(&options, why);
    if (status == VOUCH_OK) {
        status = store_open(&options, &store, why);
    }
    if (status == VOUCH_OK) {
        status = record_first_events(store, invocation, profile->public_key, why);
    }
    store_close(&store, status == VOUCH_OK);
    return status;
}

int admin_init(struct invocation *invocation)
{
    struct status_text why = {""};
    struct profile profile = {.member = FIRST_ID};
    char path[PROFILE_PATH_MAX];
    uint8_t server_secret[32];
    if (invocation->zone == NULL) {
        invocation->zone = "UTC";
    }
    char domain[DOMAIN_BYTES_MAX + 1];
    enum vouch_status status = check_texts(invocation, &why);
    if (status == VOUCH_OK && invocation->domain != NULL) {
        if (!domain_normalise(invocation->domain, domain)) {
            status = status_set(&why, VOUCH_INVALID, "'%s' is no domain of a company's own; use one such as acme.com",
                                invocation->domain);
        }
        invocation->domain = domain;
    }
    if (status == VOUCH_OK) {
        status = check_zone(invocation->zone, &why);
    }
    if (status == VOUCH_OK) {
        status = profile_path(invocation->profile, path, &why);
    }
    if (status == VOUCH_OK && access(path, F_OK) == 0) {
        status = status_set(&why, VOUCH_DUPLICATE,
                            "%s exists: it is the key of another membership; name another with --profile", path);
    }
    if (status != VOUCH_OK) {
        return admin_fail(status, &why);
    }
    local_endpoint(invocation->settings, profile.endpoint);
    profile_key_pair(profile.public_key, profile.secret_key);
    snprintf(profile.name, sizeof profile.name, "%s", invocation->admin);
    snprintf(profile.company, sizeof profile.company, "%s", invocation->company);
    status = make_store(invocation, &profile, &why);
    if (status == VOUCH_OK) {
        status = server_key_create(invocation->settings->data, server_secret, &why);
    }
    if (status == VOUCH_OK) {
        profile_key_public(server_secret, profile.server_key);
        sodium_memzero(server_secret, sizeof server_secret);
        status = profile_write(path, &profile, false, &why);
    }
    if (status == VOUCH_OK) {
        char server_key[PROFILE_KEY_TEXT];
        profile_key_text(profile.server_key, server_key);
        printf("store created in %s (format %d)\n", invocation->settings->data, STORE_FORMAT);
        printf("server key %s (public; clients trust only this one)\n", server_key);
        printf("admin key of %s written to %s (0600)\n", invocation->admin, path);
        printf("next: vouchd run    (and then: vouch invite NAME)\n");
    }
    profile_wipe(&profile);
    return status == VOUCH_OK ? 0 : admin_fail(status, &why);
}
