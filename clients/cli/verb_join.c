/* SPDX-License-Identifier: Apache-2.0
 *
 * join, whoami, key: who you are to the broker. */
#include "cli.h"

#include <string.h>
#include <unistd.h>

static const char *role_text(char out[32], Vouch__V1__Role role)
{
    return text_enum(out, &vouch__v1__role__descriptor, (int)role);
}

/* ---- join ---- */

static struct vouch *open_as(const struct profile *profile)
{
    struct vouch_identity identity = {.endpoint = profile->endpoint};
    memcpy(identity.server_key, profile->server_key, VOUCH_KEY_BYTES);
    memcpy(identity.public_key, profile->public_key, VOUCH_KEY_BYTES);
    memcpy(identity.secret_key, profile->secret_key, VOUCH_KEY_BYTES);
    struct vouch *v = vouch_open(&identity, "vouch " VOUCH_VERSION);
    explicit_bzero(identity.secret_key, sizeof identity.secret_key);
    return v;
}

/* Whether the broker knows the fresh key already: it may have enrolled it though its answer was lost. */
static bool enrolled_already(struct cli *cli, const struct profile *fresh)
{
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    Vouch__V1__Request request = REQUEST(HELLO, hello, &hello);
    struct vouch *v = open_as(fresh);
    bool known = v != NULL && vouch_call(v, &request, cli->timeout_ms, NULL) == VOUCH_OK;
    vouch_close(&v);
    return known;
}

/* Enrols `fresh` with the throw-away pair of the invitation. */
static int enrol(struct cli *cli, const struct profile *invitation, struct profile *fresh)
{
    Vouch__V1__Enrol enrolment = VOUCH__V1__ENROL__INIT;
    enrolment.key = (ProtobufCBinaryData){PROFILE_KEY_BYTES, fresh->public_key};
    Vouch__V1__Request request = REQUEST(ENROL, enrol, &enrolment);
    cli->vouch = open_as(invitation);
    if (cli->vouch == NULL) {
        return fail_outcome(cli, VOUCH_NO_PROFILE, vouch_last_error());
    }
    int outcome = vouch_call(cli->vouch, &request, cli->timeout_ms, NULL);
    char error[1024];
    snprintf(error, sizeof error, "%s", vouch_last_error());
    vouch_close(&cli->vouch);
    bool doubtful = outcome == VOUCH_UNKNOWN_KEY || outcome == VOUCH_REVOKED || outcome == VOUCH_TIMEOUT;
    if (outcome == VOUCH_OK || (doubtful && enrolled_already(cli, fresh))) {
        return EXIT_DONE;
    }
    return fail_outcome(cli, outcome, error);
}

/* Asks who the new key is, and keeps the names in the profile. */
static int greet(struct cli *cli, struct profile *profile, Vouch__V1__Reply **reply)
{
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    hello.client = "vouch " VOUCH_VERSION;
    Vouch__V1__Request request = REQUEST(HELLO, hello, &hello);
    cli->vouch = open_as(profile);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_GREETING, reply);
    if (code == EXIT_DONE) {
        profile->member = (*reply)->greeting->member;
        snprintf(profile->name, sizeof profile->name, "%s", (*reply)->greeting->name);
        snprintf(profile->company, sizeof profile->company, "%s", (*reply)->greeting->company);
    }
    return code;
}

static void print_joined(const struct cli *cli, const Vouch__V1__Greeting *greeting)
{
    char role[32];
    printf("joined ");
    text_print(stdout, greeting->company);
    printf(" as ");
    text_print(stdout, greeting->name);
    printf(" (%s", role_text(role, greeting->role));
    if (greeting->team[0] != '\0') {
        printf(", ");
        text_print(stdout, greeting->team);
    }
    printf("). Your key is in %s (0600).\n", cli->profile_path);
    puts("Next: `vouch card set` tells colleagues what to refer to you; `vouch help` shows the rest.");
}

/* The fresh key is on disk before the broker learns it: whatever happens in between, it is not lost. */
int verb_join(struct cli *cli)
{
    struct profile invitation, fresh;
    struct status_text why = {""};
    if (profile_join_parse(cli->args.words[0], &invitation, &why) != VOUCH_OK) {
        return fail_usage(cli, "%s", why.text);
    }
    bool force = args_flag(&cli->args, "force");
    fresh = invitation;
    profile_key_pair(fresh.public_key, fresh.secret_key);
    if (!force && access(cli->profile_path, F_OK) == 0) {
        return fail_usage(cli, "%s exists already: use --profile NAME for another, or --force to replace it",
                          cli->profile_path);
    }
    char waiting[PROFILE_PATH_MAX + 8];
    snprintf(waiting, sizeof waiting, "%s.new", cli->profile_path);
    if (strlen(waiting) >= PROFILE_PATH_MAX || profile_write(waiting, &fresh, true, &why) != VOUCH_OK) {
        return fail_outcome(cli, VOUCH_NO_PROFILE, why.text[0] != '\0' ? why.text : "the path is too long");
    }
    int code = enrol(cli, &invitation, &fresh);
    profile_wipe(&invitation);
    if (code != EXIT_DONE) {
        unlink(waiting);
        return code;
    }
    Vouch__V1__Reply *reply = NULL;
    code = greet(cli, &fresh, &reply);
    enum vouch_status kept = profile_write(cli->profile_path, &fresh, force, &why);
    profile_wipe(&fresh);
    if (kept != VOUCH_OK) {
        fprintf(stderr, "vouch: your new key is in %s\n", waiting);
        code = fail_outcome(cli, VOUCH_NO_PROFILE, why.text);
    } else {
        unlink(waiting);
    }
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->greeting->base));
    } else if (code == EXIT_DONE) {
        print_joined(cli, reply->greeting);
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- whoami ---- */

int verb_whoami(struct cli *cli)
{
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    hello.client = "vouch " VOUCH_VERSION;
    Vouch__V1__Request request = REQUEST(HELLO, hello, &hello);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_GREETING, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    const Vouch__V1__Greeting *greeting = reply->greeting;
    if (cli->json) {
        code = json_print(json_of_message(&greeting->base));
    } else {
        char role[32], now[TIME_TEXT_BYTES], key[PROFILE_KEY_TEXT];
        profile_key_text(cli->profile.public_key, key);
        text_print(stdout, greeting->name);
        printf(" (%s%s", role_text(role, greeting->role), greeting->team[0] != '\0' ? ", " : "");
        text_print(stdout, greeting->team);
        printf("), ");
        text_print(stdout, greeting->member_company[0] != '\0' ? greeting->member_company : greeting->company);
        printf("\nmember  %llu, key %.8s… in %s\n", (unsigned long long)greeting->member, key, cli->profile_path);
        printf("broker  %s at %s, home of ", greeting->server, cli->profile.endpoint);
        text_print(stdout, greeting->company);
        printf("\n        its clock: %s here; its zone: ", text_time_full(now, greeting->time_ms));
        text_print(stdout, greeting->zone);
        printf("\n");
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- key rotate ---- */

/* As in join: the fresh key waits on disk until the broker has taken it. */
int verb_key(struct cli *cli)
{
    if (strcmp(cli->args.words[0], "rotate") != 0) {
        return fail_usage(cli, "usage: vouch key rotate");
    }
    struct profile fresh = cli->profile;
    struct status_text why = {""};
    profile_key_pair(fresh.public_key, fresh.secret_key);
    char waiting[PROFILE_PATH_MAX + 8];
    snprintf(waiting, sizeof waiting, "%s.new", cli->profile_path);
    if (strlen(waiting) >= PROFILE_PATH_MAX || profile_write(waiting, &fresh, false, &why) != VOUCH_OK) {
        return fail_outcome(cli, VOUCH_NO_PROFILE, why.text[0] != '\0' ? why.text : "the path is too long");
    }
    Vouch__V1__KeyRotate rotate = VOUCH__V1__KEY_ROTATE__INIT;
    rotate.new_key = (ProtobufCBinaryData){PROFILE_KEY_BYTES, fresh.public_key};
    Vouch__V1__Request request = REQUEST(KEY_ROTATE, key_rotate, &rotate);
    uint64_t id = 0;
    int code = session_command(cli, &request, &id);
    profile_wipe(&fresh);
    if (code == exit_of(VOUCH_TIMEOUT)) {
        fprintf(stderr, "vouch: if the old key no longer works, the new one is in %s\n", waiting);
        return code;
    }
    if (code != EXIT_DONE) {
        unlink(waiting);
        return code;
    }
    if (rename(waiting, cli->profile_path) != 0) {
        fprintf(stderr, "vouch: the new key works but stayed in %s\n", waiting);
        return fail_outcome(cli, VOUCH_NO_PROFILE, "the profile could not be replaced");
    }
    return say_done(cli, id, "your key is replaced; the old one no longer works. It is in %s.", cli->profile_path);
}
