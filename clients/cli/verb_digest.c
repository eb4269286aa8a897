/* SPDX-License-Identifier: Apache-2.0
 *
 * digest: the list of the day as a text, or as a mail into a file, a maildir or a command, for who reads it there. Made
 * for a timer: with --once nothing goes to the same place twice a day. */
#include "mail.h"
#include "today.h"

#include "domain/day.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ID_BYTES 160
#define SUBJECT_BYTES 200 /* of what stands first on the list */
#define HOST_BYTES 128

/* One digest on its way. */
struct digest {
    const Vouch__V1__TodayList *list;
    uint32_t day; /* yyyymmdd, in the member's zone */
    char host[HOST_BYTES];
    char from[MAIL_ADDRESS_BYTES];
    char to[MAIL_ADDRESS_BYTES];
    char subject[512];
    char id[ID_BYTES];
    char *text;
};

/* ---- The text ---- */

static char *make_text(const Vouch__V1__TodayList *list)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        abort();
    }
    today_print_heading(out, list);
    for (size_t i = 0; i < list->n_lines; i++) {
        today_print_entry(out, i + 1, list->lines[i], list->now_ms);
    }
    if (list->n_lines > 0) {
        fputc('\n', out);
    }
    today_print_end(out, list);
    if (fclose(out) != 0) {
        abort();
    }
    return text;
}

/* ---- The mail ---- */

/* The broker's host, as the right side of an address: of an IPv6 or IPv4 address the digits, with '-' between. */
static void host_of(const char *endpoint, char host[HOST_BYTES])
{
    const char *colon = strrchr(endpoint, ':');
    size_t length = colon == NULL ? strlen(endpoint) : (size_t)(colon - endpoint), put = 0;
    bool letters = false;
    for (size_t i = 0; i < length && put < HOST_BYTES - 12; i++) {
        char c = endpoint[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        letters = letters || letter;
        if (letter || (c >= '0' && c <= '9') || c == '-' || c == '.') {
            host[put++] = c;
        }
    }
    host[put] = '\0';
    if (!letters || host[0] == '.' || host[put - 1] == '.' || strstr(host, "..") != NULL) {
        strcpy(host, "vouch.invalid");
    }
}

static int read_addresses(struct cli *cli, struct digest *digest)
{
    struct status_text why = {""};
    const char *to = args_text(&cli->args, "to"), *from = args_text(&cli->args, "from");
    char fallback[HOST_BYTES + 8];
    host_of(cli->profile.endpoint, digest->host);
    snprintf(fallback, sizeof fallback, "vouch@%s", digest->host);
    if (to == NULL) {
        return fail_usage(cli, "say whom the mail goes to: --to ana@northgate.example");
    }
    if (mail_address_read(to, digest->to, &why) != VOUCH_OK ||
        mail_address_read(from == NULL ? fallback : from, digest->from, &why) != VOUCH_OK) {
        return fail_usage(cli, "%s", why.text);
    }
    return EXIT_DONE;
}

static void make_subject(struct digest *digest)
{
    const Vouch__V1__TodayList *list = digest->list;
    char date[TODAY_DATE_BYTES];
    today_date(date, list->zone, list->now_ms, list->now_ms);
    if (list->n_lines == 0) {
        snprintf(digest->subject, sizeof digest->subject, "vouch: nothing is due, %s", date);
    } else {
        const char *first = list->lines[0]->subject;
        snprintf(digest->subject, sizeof digest->subject, "vouch: %zu %s, %s, first: %.*s", list->n_lines,
                 list->n_lines == 1 ? "thing" : "things", date, text_whole(first, SUBJECT_BYTES), first);
    }
    /* One id a member and day: a reader drops what comes twice. */
    snprintf(digest->id, sizeof digest->id, "digest.%" PRIu32 ".%" PRIu64 "@%s", digest->day, list->member,
             digest->host);
}

static char *compose(const struct digest *digest, bool crlf, size_t *size)
{
    struct mail mail = {
        .from_name = "vouch",
        .from = digest->from,
        .to_name = digest->list->name,
        .to = digest->to,
        .subject = digest->subject,
        .id = digest->id,
        .date_ms = digest->list->now_ms,
        .zone = digest->list->zone,
        .text = digest->text,
    };
    return mail_compose(&mail, crlf, size);
}

/* ---- Where it goes ---- */

enum target_kind { TARGET_FILE, TARGET_MAILDIR, TARGET_COMMAND };

struct target {
    enum target_kind kind;
    const char *where; /* NULL: the text goes to the terminal */
};

static int read_target(const struct cli *cli, struct target *target)
{
    static const char *const ways[] = {"eml", "maildir", "pipe"};
    int given = args_flag(&cli->args, "text") ? 1 : 0;
    *target = (struct target){.where = NULL};
    for (size_t i = 0; i < 3; i++) {
        if (args_flag(&cli->args, ways[i])) {
            *target = (struct target){(enum target_kind)i, args_text(&cli->args, ways[i])};
            given++;
        }
    }
    if (given > 1) {
        return fail_usage(cli, "one of --text, --eml, --maildir and --pipe; call it again for another");
    }
    if (target->where != NULL && target->where[0] == '\0') {
        return fail_usage(cli, "--%s needs a value", ways[target->kind]);
    }
    if (target->where == NULL && args_flag(&cli->args, "once")) {
        return fail_usage(cli, "--once is for --eml, --maildir and --pipe");
    }
    return EXIT_DONE;
}

static enum vouch_status deliver(const struct digest *digest, const struct target *target, bool once,
                                 struct status_text *why)
{
    size_t size = 0;
    char *bytes = compose(digest, target->kind == TARGET_FILE, &size);
    char name[ID_BYTES + 64];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    enum vouch_status status = VOUCH_OK;
    switch (target->kind) {
    case TARGET_FILE:
        status = mail_to_file(target->where, bytes, size, why);
        break;
    case TARGET_MAILDIR:
        if (once) { /* the same name all day, so that the maildir itself refuses a second one */
            snprintf(name, sizeof name, "%" PRId64 ".vouch-%" PRIu32 "-%" PRIu64 ".%s", (int64_t)digest->day,
                     digest->day, digest->list->member, digest->host);
        } else {
            snprintf(name, sizeof name, "%lld.M%ldP%d.%s", (long long)now.tv_sec, now.tv_nsec / 1000, (int)getpid(),
                     digest->host);
        }
        status = mail_to_maildir(target->where, name, bytes, size, why);
        status = once && status == VOUCH_DUPLICATE ? VOUCH_OK : status;
        break;
    case TARGET_COMMAND:
        status = mail_to_command(target->where, bytes, size, why);
        break;
    }
    free(bytes);
    return status;
}

/* As deliver, but not when this has gone there today. */
static enum vouch_status deliver_once(struct cli *cli, const struct digest *digest, const struct target *target,
                                      bool *skipped, struct status_text *why)
{
    char path[PATH_MAX + 16], line[PATH_MAX];
    snprintf(path, sizeof path, "%s.digest", cli->profile_path);
    snprintf(line, sizeof line, "M%" PRIu64 " %d %.2000s %s", digest->list->member, (int)target->kind, target->where,
             digest->to);
    for (char *at = line; *at != '\0'; at++) {
        *at = *at == '\n' ? ' ' : *at;
    }
    struct mail_stamp *stamp = mail_stamp_open(path, why);
    if (stamp == NULL) {
        return VOUCH_UNAVAILABLE;
    }
    enum vouch_status status = VOUCH_OK;
    *skipped = mail_stamp_has(stamp, digest->day, line);
    if (!*skipped) {
        status = deliver(digest, target, true, why);
        if (status == VOUCH_OK) {
            status = mail_stamp_add(stamp, digest->day, line, why);
        }
    }
    mail_stamp_close(&stamp);
    return status;
}

static int send_mail(struct cli *cli, struct digest *digest, const struct target *target)
{
    struct status_text why = {""};
    bool skipped = false;
    int code = read_addresses(cli, digest);
    if (code != EXIT_DONE) {
        return code;
    }
    make_subject(digest);
    enum vouch_status status = args_flag(&cli->args, "once") ? deliver_once(cli, digest, target, &skipped, &why)
                                                             : deliver(digest, target, false, &why);
    if (status != VOUCH_OK) {
        return fail_outcome(cli, (int)status, why.text);
    }
    if (cli->json) {
        return json_print(json_pack("{s:s, s:s, s:b}", "id", digest->id, "to", digest->to, "skipped", skipped ? 1 : 0));
    }
    if (skipped) {
        printf("today's digest has gone to %s already; nothing was sent.\n", digest->to);
    } else {
        printf("the digest for %s was %s.\n", digest->to,
               target->kind == TARGET_COMMAND   ? "given to the command"
               : target->kind == TARGET_MAILDIR ? "put into the maildir"
                                                : "written");
    }
    return EXIT_DONE;
}

int verb_digest(struct cli *cli)
{
    struct target target;
    Vouch__V1__Reply *reply = NULL;
    int code = read_target(cli, &target);
    if (code == EXIT_DONE) {
        code = today_fetch(cli, &reply);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    struct digest digest = {
        .list = reply->today, .day = day_of(reply->today->zone, reply->today->now_ms), .text = make_text(reply->today)};
    if (target.where != NULL) {
        code = send_mail(cli, &digest, &target);
    } else if (cli->json) {
        code = json_print(json_pack("{s:s}", "text", digest.text));
    } else {
        fputs(digest.text, stdout);
    }
    free(digest.text);
    vouch_reply_free(&reply);
    return code;
}
