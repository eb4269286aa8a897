/* SPDX-License-Identifier: Apache-2.0
 *
 * invite: one person, everybody in a file, or everybody who has not joined yet. The secret half of an invitation's
 * throw-away key pair is made here and goes into the join line only; the broker gets the public half. */
#include "invite.h"

#include "pages.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int invite_send(struct cli *cli, Vouch__V1__MemberInvite *invitation, char line[PROFILE_JOIN_MAX], uint64_t *id)
{
    uint8_t public_key[PROFILE_KEY_BYTES], secret_key[PROFILE_KEY_BYTES];
    profile_key_pair(public_key, secret_key);
    invitation->invite_key = (ProtobufCBinaryData){PROFILE_KEY_BYTES, public_key};
    Vouch__V1__Request request = REQUEST(MEMBER_INVITE, member_invite, invitation);
    int code = session_command(cli, &request, id);
    if (code == EXIT_DONE) {
        profile_join_text(cli->profile.endpoint, cli->profile.server_key, secret_key, line);
    }
    sodium_memzero(secret_key, sizeof secret_key);
    return code;
}

FILE *joins_open(const struct cli *cli, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 && fchmod(fd, 0600) == 0 ? fdopen(fd, "a") : NULL;
    if (file != NULL && lseek(fd, 0, SEEK_END) == 0) {
        fputs("name,join\n", file);
    }
    if (file == NULL) {
        fail_usage(cli, "cannot write %.500s: %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
    }
    return file;
}

void joins_write(FILE *file, const char *name, const char *line)
{
    csv_fwrite(file, name, strlen(name));
    fprintf(file, ",%s\n", line);
}

/* ---- One ---- */

static int read_common(struct cli *cli, Vouch__V1__MemberInvite *invitation)
{
    const char *role = args_text(&cli->args, "role");
    const char *hours = args_text(&cli->args, "hours");
    uint64_t number = 0;
    int value = role != NULL ? text_enum_parse(&vouch__v1__role__descriptor, role) : VOUCH__V1__ROLE__REP;
    if (value < 0) {
        return fail_usage(cli, "--role is rep, manager, finance, admin or auditor");
    }
    if (hours != NULL && (!text_parse_number(hours, 720, &number) || number == 0)) {
        return fail_usage(cli, "--hours is a number from 1 to 720");
    }
    invitation->role = (Vouch__V1__Role)value;
    invitation->valid_hours = (uint32_t)number;
    invitation->team = args_field(&cli->args, "team");
    char *company = args_text(&cli->args, "company");
    return company == NULL ? EXIT_DONE
                           : name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, company, &invitation->company, NULL);
}

/* Shows the line, or puts it into the file of --joins. */
static int hand_over(struct cli *cli, const char *name, uint64_t id, const char *line, uint32_t hours)
{
    const char *path = args_text(&cli->args, "joins");
    if (path != NULL) {
        FILE *file = joins_open(cli, path);
        if (file == NULL) {
            return EXIT_USAGE;
        }
        joins_write(file, name, line);
        fclose(file);
        return say_done(cli, id, "The line to join with is in %s (0600).", path);
    }
    if (cli->json) {
        char number[24];
        snprintf(number, sizeof number, "%llu", (unsigned long long)id);
        return json_print(json_pack("{s:s, s:s, s:s}", "id", number, "name", name, "join", line));
    }
    printf("Give ");
    text_print(stdout, name);
    printf(" this one line (valid %u h, works once):\n  vouch join '%s'\n", hours == 0 ? 48 : hours, line);
    return EXIT_DONE;
}

static int invite_one(struct cli *cli)
{
    Vouch__V1__MemberInvite invitation = VOUCH__V1__MEMBER_INVITE__INIT;
    char name[NAME_MAX_BYTES] = "", line[PROFILE_JOIN_MAX];
    uint64_t id = 0;
    int code = read_common(cli, &invitation);
    char *again = args_text(&cli->args, "member");
    if (code == EXIT_DONE && again != NULL) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, again, &invitation.member, name);
        invitation.role = VOUCH__V1__ROLE__ROLE_NONE;
    } else if (code == EXIT_DONE && cli->args.count == 1) {
        invitation.name = cli->args.words[0];
        snprintf(name, sizeof name, "%s", invitation.name);
    } else if (code == EXIT_DONE) {
        code = fail_usage(cli, "whom? `vouch invite NAME`, --member MEMBER, --csv FILE or --all pending");
    }
    if (code == EXIT_DONE) {
        code = invite_send(cli, &invitation, line, &id);
    }
    return code == EXIT_DONE ? hand_over(cli, name, id, line, invitation.valid_hours) : code;
}

/* ---- Many ---- */

/* Tells of one of many; `out` is the file of --joins or NULL. */
static void tell_line(const struct cli *cli, FILE *out, json_t *rows, const char *name, const char *line)
{
    if (out != NULL) {
        joins_write(out, name, line);
    }
    if (cli->json) {
        json_array_append_new(rows, json_pack("{s:s, s:s}", "name", name, "join", out == NULL ? line : ""));
    } else if (out == NULL) {
        text_print(stdout, name);
        printf("\n  vouch join '%s'\n", line);
    }
}

static int tell_end(const struct cli *cli, FILE *out, json_t *rows, unsigned count, int code)
{
    if (out != NULL && fclose(out) != 0) {
        code = fail_usage(cli, "the join lines could not all be written: %s", strerror(errno));
    }
    if (cli->json) {
        json_print(json_pack("{s:O}", "invited", rows));
    } else {
        bool told = out != NULL && count > 0;
        printf("%u invited%s%s.\n", count, told ? "; the lines to join with are in " : "",
               told ? args_text(&cli->args, "joins") : "");
    }
    json_decref(rows);
    return code;
}

static int invite_pending(struct cli *cli, FILE *out, json_t *rows, unsigned *count)
{
    struct pages pages;
    int code = pages_load(cli, PAGE_MEMBERS, &pages);
    for (size_t i = 0; code == EXIT_DONE && i < pages.count; i++) {
        const Vouch__V1__Member *member = (const Vouch__V1__Member *)pages.rows[i];
        if (member->state != VOUCH__V1__MEMBER_STATE__INVITED) {
            continue;
        }
        Vouch__V1__MemberInvite invitation = VOUCH__V1__MEMBER_INVITE__INIT;
        char line[PROFILE_JOIN_MAX];
        uint64_t id = 0;
        invitation.member = member->id;
        code = invite_send(cli, &invitation, line, &id);
        if (code == EXIT_DONE) {
            tell_line(cli, out, rows, member->name, line);
            ++*count;
        }
    }
    pages_free(&pages);
    return code;
}

/* One line of the file: name,role,team,company; all but the name may be left out. */
static int invite_line(struct cli *cli, char **fields, FILE *out, json_t *rows)
{
    Vouch__V1__MemberInvite invitation = VOUCH__V1__MEMBER_INVITE__INIT;
    char line[PROFILE_JOIN_MAX];
    uint64_t id = 0;
    int role = fields[1][0] != '\0' ? text_enum_parse(&vouch__v1__role__descriptor, fields[1]) : VOUCH__V1__ROLE__REP;
    if (role < 0) {
        return fail_usage(cli, "'%.60s' is no role (of %.100s)", fields[1], fields[0]);
    }
    invitation.name = fields[0];
    invitation.role = (Vouch__V1__Role)role;
    invitation.team = fields[2];
    int code = EXIT_DONE;
    if (fields[3][0] != '\0') {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, fields[3], &invitation.company, NULL);
    }
    if (code == EXIT_DONE && (code = invite_send(cli, &invitation, line, &id)) == EXIT_DONE) {
        tell_line(cli, out, rows, fields[0], line);
    }
    return code;
}

static int invite_file(struct cli *cli, const char *path, FILE *out, json_t *rows, unsigned *count)
{
    struct csv_rows csv;
    char why[512];
    if (!rows_read(path, &csv, why)) {
        return fail_usage(cli, "%s", why);
    }
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < csv.count; i++) {
        char *fields[4];
        for (size_t f = 0; f < 4; f++) {
            static char empty[1];
            fields[f] = f < csv.rows[i].count ? csv.rows[i].fields[f] : empty;
        }
        bool header = i == 0 && strcasecmp(fields[0], "name") == 0;
        if (!header && fields[0][0] != '\0') {
            code = invite_line(cli, fields, out, rows);
            *count += code == EXIT_DONE;
        }
    }
    rows_free(&csv);
    return code;
}

int verb_invite(struct cli *cli)
{
    const char *file = args_text(&cli->args, "csv");
    const char *all = args_text(&cli->args, "all");
    const char *joins = args_text(&cli->args, "joins");
    if (file == NULL && all == NULL) {
        return invite_one(cli);
    }
    if (all != NULL && strcmp(all, "pending") != 0) {
        return fail_usage(cli, "--all pending: everybody who has not joined yet");
    }
    FILE *out = joins != NULL ? joins_open(cli, joins) : NULL;
    if (joins != NULL && out == NULL) {
        return EXIT_USAGE;
    }
    json_t *rows = json_array();
    unsigned count = 0;
    int code = file != NULL ? invite_file(cli, file, out, rows, &count) : invite_pending(cli, out, rows, &count);
    return tell_end(cli, out, rows, count, code);
}
