/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting and stopping real brokers. The broker says that it is ready as it does to systemd, by sd_notify, so nothing
 * here waits for a time. */
#include "world.h"

#include "../port.h"

#include "lib/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Long: where brokers are killed all the time, one client of several may find them down for a while. */
#define CALL_MS 300000
#define MOST_ARGUMENTS 40

/* The highest sequence that any handle was told. */
static _Atomic uint64_t told;

void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("FAILED: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    _exit(1);
}

static pid_t spawn(struct world *world, const char *const *arguments, const char *notify_socket)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        fail("fork: %s", strerror(errno));
    }
    if (child > 0) {
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing running */
    int log = open(world->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) {
        _exit(126);
    }
    if (notify_socket != NULL) {
        setenv("NOTIFY_SOCKET", notify_socket, 1);
    }
    if (world->preload != NULL) {
        setenv("LD_PRELOAD", world->preload, 1);
    }
    execv(VOUCHD, (char *const *)arguments);
    _exit(127);
}

static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            fail("waitpid: %s", strerror(errno));
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void add_arguments(const char **list, size_t *count, const char *const *more)
{
    for (; more != NULL && *more != NULL; more++) {
        if (*count + 1 >= MOST_ARGUMENTS) {
            fail("too many arguments");
        }
        list[(*count)++] = *more;
    }
    list[*count] = NULL;
}

int world_vouchd(struct world *world, const char *const *arguments)
{
    const char *list[MOST_ARGUMENTS] = {VOUCHD};
    size_t count = 1;
    const char *const data[] = {"--data", world->store, NULL};
    add_arguments(list, &count, arguments);
    add_arguments(list, &count, data);
    return wait_for(spawn(world, list, NULL));
}

void world_begin(struct world *world, const char *clock)
{
    atomic_store(&told, 0); /* another store counts from its own first event */
    const char *base = getenv("TMPDIR");
    char profile[128];
    unsigned port = port_choose();
    if (port == 0) {
        fail("no free port");
    }
    snprintf(world->directory, sizeof world->directory, "%s/vouch-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(world->directory) == NULL) {
        fail("%s: %s", world->directory, strerror(errno));
    }
    snprintf(world->store, sizeof world->store, "%s/store", world->directory);
    snprintf(world->log, sizeof world->log, "%s/broker.log", world->directory);
    snprintf(world->endpoint, sizeof world->endpoint, "127.0.0.1:%u", port);
    snprintf(world->listen, sizeof world->listen, "tcp://%s", world->endpoint);
    snprintf(profile, sizeof profile, "%s/admin.key", world->directory);
    world->clock = clock;
    const char *const init[] = {"init",
                                "--company",
                                "Northgate Storage",
                                "--domain",
                                "northgate.example",
                                "--admin",
                                "Rhea Holt",
                                "--zone",
                                "UTC",
                                "--profile",
                                profile,
                                "--listen",
                                world->listen,
                                "--clock",
                                clock == NULL ? "system" : clock,
                                NULL};
    if (world_vouchd(world, init) != 0) {
        fail("vouchd init failed, see %s", world->log);
    }
}

/* Waits for READY=1, or for the broker's end. */
static void wait_until_ready(struct world *world, int notify)
{
    for (;;) {
        struct pollfd ready = {notify, POLLIN, 0};
        char message[512];
        int polled = poll(&ready, 1, 100);
        int status;
        if (polled > 0) {
            ssize_t size = recv(notify, message, sizeof message - 1, 0);
            message[size > 0 ? size : 0] = '\0';
            if (strstr(message, "READY=1") != NULL) {
                return;
            }
        } else if (waitpid(world->broker, &status, WNOHANG) == world->broker) {
            fail("the broker ended while it started, see %s", world->log);
        }
    }
}

void world_start(struct world *world)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", world->directory);
    unlink(address.sun_path);
    int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (notify < 0 || bind(notify, (struct sockaddr *)&address, sizeof address) != 0) {
        fail("%s: %s", address.sun_path, strerror(errno));
    }
    const char *list[MOST_ARGUMENTS] = {VOUCHD};
    size_t count = 1;
    const char *const run[] = {"run",
                               "--data",
                               world->store,
                               "--listen",
                               world->listen,
                               "--clock",
                               world->clock == NULL ? "system" : world->clock,
                               "--protection-days",
                               "0",
                               NULL};
    add_arguments(list, &count, run);
    add_arguments(list, &count, world->options);
    world->broker = spawn(world, list, address.sun_path);
    wait_until_ready(world, notify);
    close(notify);
}

int world_stop(struct world *world, int signal)
{
    if (world->broker == 0) {
        fail("the broker does not run");
    }
    kill(world->broker, signal);
    int code = wait_for(world->broker);
    world->broker = 0;
    return code;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void world_end(struct world *world)
{
    vouch_close(&world->admin);
    if (world->broker != 0) {
        int code = world_stop(world, SIGTERM);
        if (code != 0) {
            fail("the broker ended with %d, see %s", code, world->log);
        }
    }
    nftw(world->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void world_open_admin(struct world *world)
{
    char profile[128];
    snprintf(profile, sizeof profile, "%s/admin.key", world->directory);
    world->admin = vouch_open_profile(profile, "scenario");
    if (world->admin == NULL) {
        fail("admin: %s", vouch_last_error());
    }
}

void was_told(uint64_t sequence)
{
    uint64_t before = atomic_load(&told);
    while (sequence > before && !atomic_compare_exchange_weak(&told, &before, sequence)) {
    }
}

void see_all(struct vouch *v)
{
    vouch_see_sequence(v, atomic_load(&told));
}

int call(struct vouch *v, const Vouch__V1__Request *request, int64_t timeout_ms, Vouch__V1__Reply **reply)
{
    see_all(v);
    int outcome = vouch_call(v, request, timeout_ms, reply);
    was_told(vouch_seen_sequence(v));
    return outcome;
}

void ask(struct vouch *v, const Vouch__V1__Request *request, int expected, Vouch__V1__Reply **reply)
{
    Vouch__V1__Reply *own = NULL;
    int outcome = call(v, request, CALL_MS, &own);
    if (outcome != expected) {
        fail("request %d answered %s (%s), expected %s", (int)request->operation_case, vouch_outcome_name(outcome),
             outcome == VOUCH_OK ? "" : vouch_last_error(), vouch_outcome_name(expected));
    }
    if (reply != NULL) {
        *reply = own;
    } else {
        vouch_reply_free(&own);
    }
}

uint64_t command(struct vouch *v, const Vouch__V1__Request *request)
{
    Vouch__V1__Reply *reply = NULL;
    ask(v, request, VOUCH_OK, &reply);
    if (reply->result_case != VOUCH__V1__REPLY__RESULT_DONE) {
        fail("request %d: answer without Done", (int)request->operation_case);
    }
    uint64_t id = reply->done->id;
    vouch_reply_free(&reply);
    return id;
}

struct vouch *world_join(struct world *world, const char *name, Vouch__V1__Role role, uint64_t company, uint64_t *id)
{
    struct profile server;
    struct status_text why;
    char path[128];
    snprintf(path, sizeof path, "%s/admin.key", world->directory);
    if (profile_read(path, &server, &why) != VOUCH_OK) {
        fail("%s", why.text);
    }
    struct vouch_identity invitee = {.endpoint = world->endpoint}, member = {.endpoint = world->endpoint};
    memcpy(invitee.server_key, server.server_key, VOUCH_KEY_BYTES);
    memcpy(member.server_key, server.server_key, VOUCH_KEY_BYTES);
    profile_key_pair(invitee.public_key, invitee.secret_key);
    profile_key_pair(member.public_key, member.secret_key);

    Vouch__V1__MemberInvite invite = VOUCH__V1__MEMBER_INVITE__INIT;
    invite.name = (char *)name;
    invite.role = role;
    invite.company = company;
    invite.invite_key = (ProtobufCBinaryData){VOUCH_KEY_BYTES, invitee.public_key};
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_MEMBER_INVITE;
    request.member_invite = &invite;
    uint64_t number = command(world->admin, &request);
    if (id != NULL) {
        *id = number;
    }

    Vouch__V1__Enrol enrol = VOUCH__V1__ENROL__INIT;
    enrol.key = (ProtobufCBinaryData){VOUCH_KEY_BYTES, member.public_key};
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_ENROL;
    request.enrol = &enrol;
    struct vouch *door = vouch_open(&invitee, "scenario");
    command(door, &request);
    vouch_close(&door);
    return vouch_open(&member, name);
}

uint64_t add_company(struct vouch *v, const char *name)
{
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = (char *)name;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD;
    request.company_add = &add;
    return command(v, &request);
}

uint64_t submit(struct vouch *v, uint64_t prospect, uint64_t receiver, const char *vouch_text)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = "archive 40 TB, audit in March";
    text.vouch = (char *)vouch_text;
    Vouch__V1__ReferralSubmit referral = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    referral.prospect = prospect;
    referral.receiver = receiver;
    referral.consent = true;
    referral.text = &text;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT;
    request.referral_submit = &referral;
    return command(v, &request);
}

void move(struct vouch *v, uint64_t referral, Vouch__V1__ReferralVerb verb, const char *text, int64_t value_minor,
          int expected)
{
    Vouch__V1__ReferralText words = VOUCH__V1__REFERRAL_TEXT__INIT;
    words.reason = (char *)text;
    words.note = (char *)text;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    value.minor = value_minor;
    value.currency = "EUR";
    Vouch__V1__ReferralMove moving = VOUCH__V1__REFERRAL_MOVE__INIT;
    moving.referral = referral;
    moving.verb = verb;
    moving.text = &words;
    moving.value = value_minor != 0 ? &value : NULL;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_MOVE;
    request.referral_move = &moving;
    ask(v, &request, expected, NULL);
}

void set_clock(struct world *world, int64_t to_ms)
{
    Vouch__V1__ClockSet set = VOUCH__V1__CLOCK_SET__INIT;
    set.time_ms = to_ms;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_CLOCK_SET;
    request.clock_set = &set;
    command(world->admin, &request);
}
