/* SPDX-License-Identifier: Apache-2.0
 *
 * powercut_broker [images] [seed]: records a real broker while members refer, introduce and accept; cuts the power at
 * random places and opens what the disk may hold. Each image must open as after a power cut, replay, keep every
 * invariant, hold each referral that was acknowledged before the cut exactly once, and be what a rebuild from its
 * journal gives. On failure the image is kept and the images can be made again from their seed and the kept trace. */
#include "base/check.h"
#include "base/log.h"
#include "dispatch/writer.h"
#include "image.h"
#include "query/check.h"
#include "store/store.h"
#include "trace.h"
#include "vouch/v1/event.pb-c.h"
#include "world.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define MEMBERS 4
#define SESSIONS 2
#define REFERRALS 150         /* of one member in one session of the broker */
#define REST_US 20000         /* at most, between two: so that checkpoints fall into the load */
#define MOST_REFERRALS 100000 /* numbers */
#define START_RECORDS 200     /* starting, recovering; cut more often than its share */

struct member {
    struct vouch *v;
    uint64_t id;
    uint64_t prospect;
    struct member *receiver;
    unsigned seed;
    pthread_t thread;
};

struct acknowledgement {
    uint64_t referral;
    uint64_t sequence; /* of its event: whoever has this event has those before it */
};

static struct world world = {0};
static char trace_path[PATH_MAX];
static int trace = -1;

/* In the order of the trace's records. */
static pthread_mutex_t acknowledged_lock = PTHREAD_MUTEX_INITIALIZER;
static struct acknowledgement acknowledged[MEMBERS * SESSIONS * REFERRALS];
static size_t acknowledged_count;
static uint64_t acknowledged_to;

/* ---- the load ---- */

/* Whatever the disk looked like before this record, it is durable now. */
static void note_acknowledged(uint64_t referral, uint64_t sequence)
{
    pthread_mutex_lock(&acknowledged_lock);
    acknowledged[acknowledged_count++] = (struct acknowledgement){referral, sequence};
    acknowledged_to = sequence > acknowledged_to ? sequence : acknowledged_to;
    if (trace_append(trace, (struct trace_record){.kind = TRACE_ACK, .offset = acknowledged_to}, NULL, NULL, 0) != 0) {
        fail("the trace takes no acknowledgement: %s", strerror(errno));
    }
    pthread_mutex_unlock(&acknowledged_lock);
}

static uint64_t refer(struct member *member)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submission = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    text.need = "archive 40 TB, audit in March";
    text.vouch = "They asked me who archives well.";
    submission.prospect = member->prospect;
    submission.receiver = member->receiver->id;
    submission.consent = true;
    submission.text = &text;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT;
    request.referral_submit = &submission;
    ask(member->v, &request, VOUCH_OK, &reply);
    uint64_t referral = reply->done->id;
    note_acknowledged(referral, reply->sequence);
    vouch_reply_free(&reply);
    return referral;
}

/* A person has a key of their own, which must survive with the event that it seals. */
static void introduce(struct member *member, int number)
{
    char name[64];
    snprintf(name, sizeof name, "Dana Person %d", number);
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    personal.name = name;
    add.personal = &personal;
    add.consent = true;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_CONTACT_ADD;
    request.contact_add = &add;
    command(member->v, &request);
}

static void *work(void *argument)
{
    struct member *member = argument;
    for (int i = 0; i < REFERRALS; i++) {
        uint64_t referral = refer(member);
        if (i % 3 == 0) {
            move(member->receiver->v, referral, VOUCH__V1__REFERRAL_VERB__ACCEPT, "yes", 0, VOUCH_OK);
        }
        if (i % 10 == 0) {
            introduce(member, i);
        }
        struct timespec rest = {0, (rand_r(&member->seed) % REST_US) * 1000L};
        nanosleep(&rest, NULL);
    }
    return NULL;
}

static void record_session(struct member members[MEMBERS])
{
    world_start(&world);
    for (int i = 0; i < MEMBERS; i++) {
        if (pthread_create(&members[i].thread, NULL, work, &members[i]) != 0) {
            fail("no thread");
        }
    }
    for (int i = 0; i < MEMBERS; i++) {
        pthread_join(members[i].thread, NULL);
    }
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
}

static void copy_tree(const char *from, const char *to)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execlp("cp", "cp", "-a", from, to, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fail("cannot copy %s to %s", from, to);
    }
}

/* Members join and the store is put by; what they then do is recorded. */
static void record(const char *base, unsigned seed)
{
    struct member members[MEMBERS];
    world_start(&world);
    world_open_admin(&world);
    uint64_t prospect = add_company(world.admin, "Kestrel Bank");
    for (int i = 0; i < MEMBERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "Member %d", i + 1);
        members[i].v = world_join(&world, name, VOUCH__V1__ROLE__REP, 0, &members[i].id);
        members[i].receiver = &members[(i + 1) % MEMBERS];
        members[i].prospect = prospect;
        members[i].seed = seed + (unsigned)i;
    }
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
    copy_tree(world.store, base);
    trace = open(trace_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace < 0) {
        fail("%s: %s", trace_path, strerror(errno));
    }
    setenv("VOUCH_RECORD_DIR", world.store, 1);
    setenv("VOUCH_RECORD_LOG", trace_path, 1);
    setenv("VOUCH_RECORD_SKIP_SYNC", "1", 1);
    world.preload = RECORD;
    for (int session = 0; session < SESSIONS; session++) {
        record_session(members);
    }
    world.preload = NULL;
    unsetenv("VOUCH_RECORD_DIR");
    for (int i = 0; i < MEMBERS; i++) {
        vouch_close(&members[i].v);
    }
    close(trace);
}

/* ---- one image ---- */

static void report(void *argument, const char *finding)
{
    unsigned long *findings = argument;
    (*findings)++;
    fprintf(stderr, "powercut_broker: broken: %s\n", finding);
}

/* Every referral acknowledged by `to` is there, and none twice. */
static void check_referrals(const struct view *view, uint64_t last, uint64_t to)
{
    static unsigned char times[MOST_REFERRALS];
    for (uint64_t sequence = 1; sequence <= last; sequence++) {
        struct slice bytes;
        if (!journal_get(view, sequence, &bytes)) {
            fail("event %llu is missing", (unsigned long long)sequence);
        }
        Vouch__V1__Event *event = vouch__v1__event__unpack(NULL, bytes.size, bytes.data);
        if (event == NULL) {
            fail("event %llu cannot be read", (unsigned long long)sequence);
        }
        if (event->body_case == VOUCH__V1__EVENT__BODY_REFERRAL_SUBMITTED) {
            uint64_t id = event->referral_submitted->referral->id;
            if (id >= MOST_REFERRALS || ++times[id] != 1) {
                fail("referral %llu was submitted twice", (unsigned long long)id);
            }
        }
        vouch__v1__event__free_unpacked(event, NULL);
    }
    for (size_t i = 0; i < acknowledged_count; i++) {
        struct key key = key_u64(acknowledged[i].referral);
        struct slice row;
        if (acknowledged[i].sequence <= to &&
            (times[acknowledged[i].referral] != 1 || !table_get(view, TABLE_REFERRAL, key_slice(&key), &row))) {
            fail("referral %llu was acknowledged and is not there", (unsigned long long)acknowledged[i].referral);
        }
    }
}

/* In a process of its own, so that a fault ends this image's check and not the run unseen. */
static _Noreturn void check_image(const char *image, uint64_t to)
{
    struct store_options options = {.directory = image, .boot_id = "boot-after-the-cut"};
    struct store *store = NULL;
    struct status_text why = {""};
    unsigned long findings = 0;
    log_set_level(LOG_ERROR);
    if (store_open(&options, &store, &why) != VOUCH_OK || journal_replay(store, &why) != VOUCH_OK) {
        fail("%s", why.text);
    }
    uint64_t last = store_journal_sequence(store);
    if (last < to) {
        fail("the journal ends at %llu, acknowledged was %llu", (unsigned long long)last, (unsigned long long)to);
    }
    struct view *view = snapshot_open(store);
    if (view == NULL || invariants_check(view, report, &findings) != VOUCH_OK || findings > 0) {
        fail("%lu invariants are broken", findings);
    }
    check_referrals(view, last, to);
    snapshot_close(&view);
    store_close(&store, true);
    _exit(0);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void check(struct disk *disk, size_t cut, const char *image, uint64_t *random)
{
    int status = 0;
    disk_image(disk, image, random);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        check_image(image, disk_acknowledged(disk));
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fail("cut %zu: image %s, status %d", cut, image, status);
    }
    struct world opened = {0};
    if (snprintf(opened.store, sizeof opened.store, "%s", image) >= (int)sizeof opened.store) {
        fail("the name %s is too long", image);
    }
    snprintf(opened.log, sizeof opened.log, "%s", world.log);
    const char *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&opened, rebuild) != 0) {
        fail("cut %zu: the state of image %s is not that of a rebuild, see %s", cut, image, world.log);
    }
    nftw(image, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int by_number(const void *left, const void *right)
{
    size_t one = *(const size_t *)left;
    size_t other = *(const size_t *)right;
    return (one > other) - (one < other);
}

int main(int count, char **arguments)
{
    unsigned long images = count > 1 ? strtoul(arguments[1], NULL, 10) : 120;
    uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : (uint64_t)time(NULL);
    uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    char base[PATH_MAX], image[PATH_MAX];
    printf("powercut_broker: seed=%llu images=%lu\n", (unsigned long long)seed, images);
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 1); /* the images' own syncs cost time and show nothing */
    }
    world_begin(&world, NULL);
    world.options[0] = "--checkpoint_seconds";
    world.options[1] = "1";
    snprintf(base, sizeof base, "%s/base", world.directory);
    snprintf(image, sizeof image, "%s/image", world.directory);
    snprintf(trace_path, sizeof trace_path, "%s/trace", world.directory);
    record(base, (unsigned)seed);

    struct disk *disk = disk_new(base, trace_path);
    size_t *cuts = calloc(images, sizeof *cuts);
    CHECK(cuts != NULL);
    for (unsigned long i = 0; i < images; i++) {
        size_t range = disk_length(disk);
        range = random_below(&random, 10) == 0 && range > START_RECORDS ? START_RECORDS : range;
        cuts[i] = random_below(&random, range + 1);
    }
    qsort(cuts, images, sizeof *cuts, by_number);
    for (unsigned long i = 0; i < images; i++) {
        disk_advance(disk, cuts[i]);
        check(disk, cuts[i], image, &random);
    }
    printf("powercut_broker: ok images=%lu records=%zu acknowledged=%zu\n", images, disk_length(disk),
           acknowledged_count);
    free(cuts);
    disk_free(&disk);
    world_end(&world);
    return 0;
}
