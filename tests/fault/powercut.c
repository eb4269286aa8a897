/* SPDX-License-Identifier: Apache-2.0
 *
 * powercut <driver> <recorder> [images] [seed]: records a writer at work, cuts the power at random places, and checks
 * what each image of the disk opens to. In rounds: each round's writer starts on an image of the round before, so that
 * recoveries are cut short as well. On failure the image is kept and the run can be repeated by its seed. */
#include "base/check.h"
#include "check_image.h"
#include "image.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 8
#define START_RECORDS 120 /* of a round: opening, making, recovering; cut more often than its share */

struct run {
    const char *driver;
    const char *recorder;
    unsigned long images;
    uint64_t seed;
    uint64_t random;
    char directory[64];
    struct image_counts *counts;
    /* What the image that the next round starts on may hold. */
    uint64_t base_acknowledged;
    uint64_t base_submitted;
};

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void remove_tree(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void path_of(const struct run *run, char path[PATH_MAX], const char *name, unsigned long number)
{
    snprintf(path, PATH_MAX, "%s/%s-%lu", run->directory, name, number);
}

/* One session of the writer on round `round`'s disk; it must end by itself. */
static void drive(const struct run *run, unsigned long round, const char *batches, const char *end)
{
    char live[PATH_MAX];
    char log[PATH_MAX];
    char store[PATH_MAX];
    char boot[32];
    char seed[32];
    path_of(run, live, "live", round);
    path_of(run, log, "trace", round);
    snprintf(store, sizeof store, "%.4000s/store", live);
    snprintf(boot, sizeof boot, "boot-%lu", round);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    pid_t child = fork();
    if (child == 0) {
        setenv("LD_PRELOAD", run->recorder, 1);
        setenv("VOUCH_RECORD_DIR", live, 1);
        setenv("VOUCH_RECORD_LOG", log, 1);
        setenv("VOUCH_RECORD_SKIP_SYNC", "1", 1);
        int quiet = open("/dev/null", O_WRONLY);
        if (getenv("VOUCH_POWERCUT_VERBOSE") == NULL) {
            dup2(quiet, STDERR_FILENO);
        }
        execl(run->driver, run->driver, store, boot, seed, batches, end, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (status != 0) {
        fprintf(stderr, "powercut: the writer failed with status %d on %s\n", status, live);
        exit(1);
    }
}

/* Checks one image in a process of its own: a fault in the store must not end the run unseen. */
static void check(const struct run *run, unsigned long round, size_t cut, const char *image, uint64_t acknowledged,
                  uint64_t submitted)
{
    char store[PATH_MAX];
    char scratch[PATH_MAX];
    snprintf(store, sizeof store, "%.4000s/store", image);
    snprintf(scratch, sizeof scratch, "%.4000s/rebuilt", image);
    pid_t child = fork();
    if (child == 0) {
        _exit(image_check(store, scratch, run->seed, acknowledged, submitted, run->counts));
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (status != 0) {
        fprintf(stderr, "powercut: FAILED seed=%llu round=%lu cut=%zu image=%s status=%d\n",
                (unsigned long long)run->seed, round, cut, image, status);
        exit(1);
    }
}

static int by_number(const void *left, const void *right)
{
    size_t one = *(const size_t *)left;
    size_t other = *(const size_t *)right;
    return (one > other) - (one < other);
}

/* Images of round `round`; the one numbered `heir` also becomes the next round's base and live disk. */
static void cut_round(struct run *run, unsigned long round, unsigned long images)
{
    char base[PATH_MAX];
    char log[PATH_MAX];
    path_of(run, base, "base", round);
    path_of(run, log, "trace", round);
    struct disk *disk = disk_new(round == 0 ? NULL : base, log);
    size_t *cuts = calloc(images, sizeof *cuts);
    CHECK(cuts != NULL);
    for (unsigned long i = 0; i < images; i++) {
        size_t range = disk_length(disk);
        if (random_below(&run->random, 5) == 0 && range > START_RECORDS) {
            range = START_RECORDS;
        }
        cuts[i] = random_below(&run->random, range + 1);
    }
    qsort(cuts, images, sizeof *cuts, by_number);
    unsigned long heir = images / 2 + random_below(&run->random, images / 2);
    uint64_t acknowledged = 0;
    uint64_t submitted = 0;
    uint64_t heir_acknowledged = 0;
    uint64_t heir_submitted = 0;
    for (unsigned long i = 0; i < images; i++) {
        char image[PATH_MAX];
        path_of(run, image, "image", round * 100000 + i);
        disk_advance(disk, cuts[i]);
        acknowledged = disk_acknowledged(disk) == 0 ? run->base_acknowledged : disk_acknowledged(disk);
        submitted = disk_acknowledged(disk) == 0 ? run->base_submitted : disk_submitted(disk);
        submitted = submitted < acknowledged ? acknowledged : submitted;
        uint64_t again = run->random;
        disk_image(disk, image, &run->random);
        if (i == heir) {
            uint64_t same = again;
            path_of(run, base, "base", round + 1);
            disk_image(disk, base, &again);
            path_of(run, base, "live", round + 1);
            disk_image(disk, base, &same);
            heir_acknowledged = acknowledged;
            heir_submitted = submitted;
        }
        check(run, round, cuts[i], image, acknowledged, submitted);
        remove_tree(image);
    }
    run->base_acknowledged = heir_acknowledged;
    run->base_submitted = heir_submitted;
    free(cuts);
    disk_free(&disk);
}

static void clear_round(const struct run *run, unsigned long round)
{
    char path[PATH_MAX];
    const char *const names[] = {"live", "base", "trace"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(run, path, names[i], round);
        remove_tree(path);
    }
}

static void directory_make(struct run *run)
{
    const char *place = getenv("TMPDIR");
    if (place == NULL) {
        place = access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                              : "/tmp"; /* the images' own syncs cost time and show nothing */
    }
    snprintf(run->directory, sizeof run->directory, "%.30s/vouch-powercut-XXXXXX", place);
    if (mkdtemp(run->directory) == NULL) {
        perror(run->directory);
        exit(1);
    }
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fputs("usage: powercut <driver> <recorder> [images] [seed]\n", stderr);
        return 2;
    }
    struct run run = {.driver = arguments[1], .recorder = arguments[2], .images = 500};
    run.images = count > 3 ? strtoul(arguments[3], NULL, 10) : run.images;
    run.seed = count > 4 ? strtoull(arguments[4], NULL, 10) : (uint64_t)time(NULL) * 1000 + (uint64_t)getpid();
    run.random = run.seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    run.counts = mmap(NULL, sizeof *run.counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(run.counts != MAP_FAILED);
    printf("powercut: seed=%llu images=%lu\n", (unsigned long long)run.seed, run.images);
    fflush(stdout);
    directory_make(&run);
    for (unsigned long round = 0; round < ROUNDS; round++) {
        char live[PATH_MAX];
        path_of(&run, live, "live", round);
        if (round == 0) {
            CHECK(mkdir(live, 0700) == 0);
        }
        drive(&run, round, "60", "crash");
        drive(&run, round, "30", round % 2 == 0 ? "crash" : "clean");
        drive(&run, round, "30", "crash");
        cut_round(&run, round, (run.images + ROUNDS - 1) / ROUNDS);
        clear_round(&run, round);
    }
    clear_round(&run, ROUNDS);
    remove_tree(run.directory);
    const struct image_counts *counts = run.counts;
    printf("powercut: ok images=%llu events=%llu restored=%llu rebuilt=%llu unborn=%llu unanswered=%llu\n",
           (unsigned long long)counts->images, (unsigned long long)counts->events, (unsigned long long)counts->restored,
           (unsigned long long)counts->rebuilt, (unsigned long long)counts->unborn,
           (unsigned long long)counts->unanswered);
    return 0;
}
