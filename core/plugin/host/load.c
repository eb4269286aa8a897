/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading a plugin inside the jail. The file is opened before; the loader's openat is answered with it (jail.c). The
 * few system libraries that a plugin may need are loaded before too, for nothing else can be opened afterwards. Of a
 * script, it is the runtime of its language that is opened and loaded (language.c). */
#include "host.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Debian 12's headers are of Linux 6.1; ADDFD_FLAG_SEND came with 5.14. */
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

#define PLUGIN_FILE_MAX ((off_t)256 << 20)

/* Libraries that a plugin may link beside the C library; the last is our own runtime's. */
static const char *const libraries[] = {"libm.so.6",       "libgcc_s.so.1", "libstdc++.so.6", "libgmp.so.10",
                                        "libpthread.so.0", "libdl.so.2",    "liblua5.4.so.0"};

/* Loads those whose name stands in the file; that some other text has the name does no harm. */
static bool preload(const char *path, int file, struct why *why)
{
    struct stat status;
    if (fstat(file, &status) != 0 || status.st_size > PLUGIN_FILE_MAX) {
        return why_set(why, "%s cannot be looked at or is too large", path);
    }
    size_t size = (size_t)status.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) {
        return why_set(why, "cannot read %s: %s", path, strerror(errno));
    }
    bool good = elf_check(path, bytes, size, why);
    for (size_t i = 0; good && i < sizeof libraries / sizeof libraries[0]; i++) {
        if (memmem(bytes, size, libraries[i], strlen(libraries[i]) + 1) != NULL) {
            /* One that is missing is told by the loader later, with the name of the plugin. */
            (void)dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        }
    }
    munmap(bytes, size);
    return good;
}

/* From now on the file is a copy that nobody can change: one that is written over while a process runs from it would
 * crash the process. Where the kernel gives no such memory the file itself must do. */
static void take_copy(int *file)
{
    struct stat status;
    off_t at = 0;
    int copy = memfd_create("vouch-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    bool whole = copy >= 0 && fstat(*file, &status) == 0 && status.st_size <= PLUGIN_FILE_MAX;
    while (whole && at < status.st_size) {
        whole = sendfile(copy, *file, &at, (size_t)(status.st_size - at)) > 0;
    }
    if (whole && lseek(copy, 0, SEEK_SET) == 0 &&
        fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) {
        close(*file);
        *file = copy;
    } else if (copy >= 0) {
        close(copy);
    }
}

bool load_open(const char *path, struct loaded *loaded, struct why *why)
{
    struct stat status;
    char magic[4];
    /* When memory is short, malloc would try its luck with more arenas, at each call again, and become a thousand times
     * slower for good; one thread needs one. */
    mallopt(M_ARENA_MAX, 1);
    loaded->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (loaded->file < 0 || fstat(loaded->file, &status) != 0) {
        return why_set(why, "cannot open %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return why_set(why, "%s is not a shared object: it is no regular file", path);
    }
    if (pread(loaded->file, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "\177ELF", sizeof magic) == 0) {
        take_copy(&loaded->file);
        return preload(path, loaded->file, why);
    }
    if (!language_known(path)) {
        return why_set(why, "%s is not a shared object, nor a script, whose name would end in .lua", path);
    }
    return language_open(path, &loaded->file, why) && preload(language_runtime(), loaded->file, why);
}

/* The helper that answers the loader's openat. */
struct opener {
    sem_t running;  /* posted by the helper: a thread's start needs calls that the filter refuses */
    sem_t filtered; /* posted once the filter stands, or could not be made */
    int listener;   /* set before; -1: there is none */
    int file;
    atomic_bool loaded; /* nobody needs an answer any more */
};

#define OPENER_STACK_BYTES ((size_t)64 << 10)

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0) {
        /* interrupted */
    }
}

/* Waits until somebody in this process wants to open something. */
static bool next_question(const struct opener *opener, struct seccomp_notif *question)
{
    *question = (struct seccomp_notif){0};
    return ioctl(opener->listener, SECCOMP_IOCTL_NOTIF_RECV, question) == 0;
}

static bool give_file(const struct opener *opener, const struct seccomp_notif *question)
{
    struct seccomp_notif_addfd answer = {
        .id = question->id,
        .flags = SECCOMP_ADDFD_FLAG_SEND,
        .srcfd = (uint32_t)opener->file,
        .newfd_flags = O_CLOEXEC,
    };
    return ioctl(opener->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &answer) >= 0;
}

static void *opener_run(void *data)
{
    struct opener *opener = data;
    struct seccomp_notif question;
    sem_post(&opener->running);
    wait_for(&opener->filtered);
    if (opener->listener < 0) {
        return NULL;
    }
    bool asked = next_question(opener, &question);
    if (asked && !atomic_load(&opener->loaded)) {
        /* The loader asks first. Who asks next is a constructor, or load_plugin when it is through. */
        asked = give_file(opener, &question) && next_question(opener, &question);
        if (asked && !atomic_load(&opener->loaded)) {
            refused_note(SYS_openat);
        }
    }
    /* From here on nobody answers and every openat fails with ENOSYS. */
    close(opener->listener);
    return NULL;
}

static bool load_object(const char *path, struct loaded *loaded, struct why *why)
{
    char rooted[4096];
    /* It never sees the name as a file. Without a slash it would search, and with a relative name ask where it is. */
    snprintf(rooted, sizeof rooted, "%s%s", path[0] == '/' ? "" : "/", path);
    dlerror();
    void *object = dlopen(rooted, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (object == NULL) {
        const char *error = dlerror();
        bool missing = strstr(error, "cannot open shared object file") != NULL;
        return why_set(why, "cannot load %s: %.300s%s", path, error,
                       missing ? " (beside libc, a plugin may link libm, libgcc_s, libstdc++ and libgmp only)" : "");
    }
    if (language_runtime() != NULL) {
        loaded->descriptor = language_load(object, why);
        return loaded->descriptor != NULL && descriptor_check(loaded->descriptor, why);
    }
    loaded->descriptor = dlsym(object, "vouch_plugin");
    if (loaded->descriptor == NULL) {
        return why_set(why, "%s is no vouch plugin: it exports no symbol vouch_plugin", path);
    }
    return descriptor_check(loaded->descriptor, why);
}

static bool opener_start(struct opener *opener, pthread_t *thread, struct why *why)
{
    pthread_attr_t attributes;
    sem_init(&opener->running, 0, 0);
    sem_init(&opener->filtered, 0, 0);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, OPENER_STACK_BYTES);
    int error = pthread_create(thread, &attributes, opener_run, opener);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        return why_set(why, "cannot start the loader's helper: %s", strerror(error));
    }
    wait_for(&opener->running);
    return true;
}

bool load_plugin(const char *path, struct jail *jail, struct loaded *loaded, struct why *why)
{
    struct opener opener = {.listener = -1, .file = loaded->file};
    pthread_t thread;
    const char *object = language_runtime() != NULL ? language_runtime() : path;
    if (!jail_limit(jail, why) || !opener_start(&opener, &thread, why)) {
        return false;
    }
    bool done = jail_filter(jail, why);
    opener.listener = jail->listener;
    sem_post(&opener.filtered);
    if (done) {
        done = load_object(object, loaded, why);
        /* The helper may wait for another question, and this is the last one. */
        atomic_store(&opener.loaded, true);
        int unused = open(object, O_RDONLY | O_CLOEXEC);
        (void)unused;
    }
    pthread_join(thread, NULL);
    close(loaded->file);
    jail->listener = -1;
    return done && jail_tighten(why);
}
