/* SPDX-License-Identifier: Apache-2.0
 *
 * The model of a disk: names and contents that are durable, and those that are only promised. See image.h. */
#include "image.h"

#include "base/check.h"
#include "names.h"
#include "trace.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SECTOR 512
#define OBJECTS_MAX 8192
#define TOKENS_MAX 16384
#define PENDING_NAMES_MAX 256

/* A write or truncation that no sync covers yet. */
struct change {
    size_t at; /* place in the trace */
    uint64_t offset;
    const uint8_t *bytes; /* NULL: truncation to `offset` */
    size_t size;
};

/* A file or a directory, whatever its name. */
struct object {
    bool directory;
    uint8_t *bytes; /* durable */
    size_t size;
    size_t room;
    struct change *changes;
    size_t change_count;
    size_t change_room;
};

struct opening {
    uint64_t token;
    size_t object;
    char *path;
};

struct disk {
    uint8_t *trace;
    size_t trace_size;
    size_t place; /* in bytes */
    size_t index; /* in records */
    size_t length;
    struct object objects[OBJECTS_MAX];
    size_t object_count;
    struct names durable;
    struct names current;
    struct naming namings[PENDING_NAMES_MAX];
    size_t naming_count;
    struct opening openings[TOKENS_MAX];
    size_t opening_count;
    struct {
        uint64_t token, number;
        size_t at;
    } syncs[64];
    size_t sync_count;
    uint64_t acknowledged;
    uint64_t submitted;
};

uint64_t random_below(uint64_t *random, uint64_t below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random % below;
}

/* ---- names: names.h ---- */

static void naming_add(struct disk *disk, enum trace_kind kind, const char *path, const char *to, size_t object)
{
    CHECK(disk->naming_count < PENDING_NAMES_MAX);
    struct naming *naming = &disk->namings[disk->naming_count++];
    *naming = (struct naming){disk->index, kind, strdup(path), to == NULL ? NULL : strdup(to), object};
    naming_apply(&disk->current, naming);
}

/* ---- contents ---- */

static size_t object_add(struct disk *disk, bool directory)
{
    CHECK(disk->object_count < OBJECTS_MAX);
    disk->objects[disk->object_count] = (struct object){.directory = directory};
    return disk->object_count++;
}

static void object_resize(struct object *object, size_t size)
{
    if (size > object->room) {
        object->room = size * 2;
        object->bytes = realloc(object->bytes, object->room);
        CHECK(object->bytes != NULL);
    }
    if (size > object->size) {
        memset(object->bytes + object->size, 0, size - object->size);
    }
    object->size = size;
}

static void change_apply(struct object *object, const struct change *change)
{
    if (change->bytes == NULL) {
        object_resize(object, change->offset);
        return;
    }
    if (change->offset + change->size > object->size) {
        object_resize(object, change->offset + change->size);
    }
    memcpy(object->bytes + change->offset, change->bytes, change->size);
}

static void change_add(struct object *object, struct change change)
{
    if (object->change_count == object->change_room) {
        object->change_room = object->change_room == 0 ? 64 : object->change_room * 2;
        object->changes = realloc(object->changes, object->change_room * sizeof *object->changes);
        CHECK(object->changes != NULL);
    }
    object->changes[object->change_count++] = change;
}

static bool changes_overlap(const struct change *one, const struct change *other)
{
    return one->bytes == NULL || (one->offset < other->offset + other->size && other->offset < one->offset + one->size);
}

/* What was written before record `at` became durable. */
static void object_sync(struct object *object, size_t at)
{
    size_t kept = 0;
    for (size_t i = 0; i < object->change_count; i++) {
        if (object->changes[i].at < at) {
            change_apply(object, &object->changes[i]);
        } else {
            object->changes[kept++] = object->changes[i];
        }
    }
    object->change_count = kept;
}

/* A write that was durable when it returned; what it overwrites went with it. */
static void object_write_through(struct object *object, const struct change *change)
{
    size_t kept = 0;
    for (size_t i = 0; i < object->change_count; i++) {
        if (changes_overlap(&object->changes[i], change)) {
            change_apply(object, &object->changes[i]);
        } else {
            object->changes[kept++] = object->changes[i];
        }
    }
    object->change_count = kept;
    change_apply(object, change);
}

/* ---- playing the trace ---- */

static struct opening *opening_of(struct disk *disk, uint64_t token)
{
    for (size_t i = disk->opening_count; i > 0; i--) {
        if (disk->openings[i - 1].token == token) {
            return &disk->openings[i - 1];
        }
    }
    CHECK(!"a token that was opened");
    return NULL;
}

static void play_open(struct disk *disk, const struct trace_record *record, const char *path)
{
    size_t object = 0;
    size_t name = name_find(&disk->current, path);
    if (name != SIZE_MAX) {
        object = disk->current.list[name].object;
    } else {
        object = object_add(disk, false);
        naming_add(disk, TRACE_OPEN, path, NULL, object);
    }
    if ((record->flags & O_TRUNC) != 0) {
        change_add(&disk->objects[object], (struct change){.at = disk->index});
    }
    CHECK(disk->opening_count < TOKENS_MAX);
    disk->openings[disk->opening_count++] = (struct opening){record->token, object, strdup(path)};
}

static void play_sync_end(struct disk *disk, const struct trace_record *record)
{
    size_t at = 0;
    for (size_t i = 0; i < disk->sync_count; i++) {
        if (disk->syncs[i].token == record->token && disk->syncs[i].number == record->offset) {
            at = disk->syncs[i].at;
            disk->syncs[i] = disk->syncs[--disk->sync_count];
            break;
        }
    }
    const struct opening *opening = opening_of(disk, record->token);
    object_sync(&disk->objects[opening->object], at);
    size_t kept = 0;
    for (size_t i = 0; i < disk->naming_count; i++) {
        struct naming *naming = &disk->namings[i];
        if (disk->objects[opening->object].directory && naming->at < at && naming_is_in(naming, opening->path)) {
            naming_apply(&disk->durable, naming);
            naming_free(naming);
        } else {
            disk->namings[kept++] = *naming;
        }
    }
    disk->naming_count = kept;
}

static void play_name(struct disk *disk, const struct trace_record *record, const char *path, const char *to)
{
    size_t name = name_find(&disk->current, path);
    if (record->kind == TRACE_MAKE) {
        naming_add(disk, TRACE_MAKE, path, NULL, object_add(disk, true));
    } else if (name != SIZE_MAX) {
        naming_add(disk, (enum trace_kind)record->kind, path, to, disk->current.list[name].object);
    }
}

static void play_record(struct disk *disk, const struct trace_record *record, const char *path, const uint8_t *data)
{
    char to[PATH_MAX] = "";
    struct change change = {disk->index, record->offset, NULL, record->data_size};
    switch ((enum trace_kind)record->kind) {
    case TRACE_OPEN:
        play_open(disk, record, path);
        return;
    case TRACE_WRITE:
        change.bytes = data;
        if (record->flags != 0) {
            object_write_through(&disk->objects[opening_of(disk, record->token)->object], &change);
        } else {
            change_add(&disk->objects[opening_of(disk, record->token)->object], change);
        }
        return;
    case TRACE_TRUNCATE:
        change_add(&disk->objects[opening_of(disk, record->token)->object], change);
        return;
    case TRACE_SYNC_BEGIN:
        CHECK(disk->sync_count < sizeof disk->syncs / sizeof *disk->syncs);
        disk->syncs[disk->sync_count].token = record->token;
        disk->syncs[disk->sync_count].number = record->offset;
        disk->syncs[disk->sync_count++].at = disk->index;
        return;
    case TRACE_SYNC_END:
        play_sync_end(disk, record);
        return;
    case TRACE_MAKE:
    case TRACE_RENAME:
    case TRACE_UNLINK:
        snprintf(to, sizeof to, "%.*s", (int)record->data_size, (const char *)data);
        play_name(disk, record, path, to);
        return;
    case TRACE_SUBMIT:
        disk->submitted = record->offset;
        return;
    case TRACE_ACK:
        disk->acknowledged = record->offset;
        return;
    }
    CHECK(!"a kind of record");
}

/* The record at `place`; its end. */
static size_t record_at(const struct disk *disk, size_t place, struct trace_record *record)
{
    CHECK(disk->trace_size - place >= sizeof *record);
    memcpy(record, disk->trace + place, sizeof *record);
    CHECK(record->magic == TRACE_MAGIC);
    size_t end = place + sizeof *record + record->path_size + record->data_size;
    CHECK(end <= disk->trace_size);
    return end;
}

void disk_advance(struct disk *disk, size_t cut)
{
    CHECK(cut >= disk->index && cut <= disk->length);
    while (disk->index < cut) {
        struct trace_record record;
        char path[PATH_MAX];
        size_t end = record_at(disk, disk->place, &record);
        const uint8_t *rest = disk->trace + disk->place + sizeof record;
        snprintf(path, sizeof path, "%.*s", (int)record.path_size, (const char *)rest);
        play_record(disk, &record, path, rest + record.path_size);
        disk->place = end;
        disk->index++;
    }
}

/* ---- the image ---- */

/* How much of what is pending an image keeps, in percent; ends and middle alike. */
static uint64_t share_choose(uint64_t *random)
{
    static const uint64_t shares[] = {0, 10, 50, 90, 100};
    return shares[random_below(random, sizeof shares / sizeof *shares)];
}

static void change_apply_torn(struct object *object, const struct change *change, uint64_t *random)
{
    /* Sectors are those of the file, so a write that begins inside one does not split it. */
    for (size_t from = 0; from < change->size;) {
        size_t size = SECTOR - (change->offset + from) % SECTOR;
        size = size < change->size - from ? size : change->size - from;
        if (random_below(random, 2) == 0) {
            change_apply(object, &(struct change){0, change->offset + from, change->bytes + from, size});
        }
        from += size;
    }
}

static void file_image(const struct object *object, const char *path, uint64_t *random)
{
    struct object copy = {0};
    uint64_t share = share_choose(random);
    uint64_t torn = random_below(random, 2) == 0 ? 0 : 30;
    object_resize(&copy, object->size);
    if (object->size > 0) {
        memcpy(copy.bytes, object->bytes, object->size);
    }
    for (size_t i = 0; i < object->change_count; i++) {
        if (random_below(random, 100) >= share) {
            continue;
        }
        if (object->changes[i].bytes != NULL && random_below(random, 100) < torn) {
            change_apply_torn(&copy, &object->changes[i], random);
        } else {
            change_apply(&copy, &object->changes[i]);
        }
    }
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    CHECK(copy.size == 0 || fwrite(copy.bytes, 1, copy.size, file) == copy.size);
    CHECK(fclose(file) == 0);
    free(copy.bytes);
}

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct name *)left)->path, ((const struct name *)right)->path);
}

void disk_image(const struct disk *disk, const char *directory, uint64_t *random)
{
    struct names names = {0};
    uint64_t share = share_choose(random);
    for (size_t i = 0; i < disk->durable.count; i++) {
        name_set(&names, disk->durable.list[i].path, disk->durable.list[i].object);
    }
    for (size_t i = 0; i < disk->naming_count; i++) {
        if (random_below(random, 100) < share) {
            naming_apply(&names, &disk->namings[i]);
        }
    }
    /* Parents first; what lies in a directory that is lost is lost with it. */
    qsort(names.list, names.count, sizeof *names.list, by_path);
    CHECK(mkdir(directory, 0700) == 0);
    for (size_t i = 0; i < names.count; i++) {
        char path[PATH_MAX];
        char parent[PATH_MAX];
        const struct object *object = &disk->objects[names.list[i].object];
        if (names.list[i].path[0] == '\0') {
            continue; /* the directory itself */
        }
        snprintf(path, sizeof path, "%s/%s", directory, names.list[i].path);
        snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(path, '/') - path), path);
        struct stat stat_buffer;
        if (stat(parent, &stat_buffer) != 0) {
            continue;
        }
        if (object->directory) {
            CHECK(mkdir(path, 0700) == 0);
        } else {
            file_image(object, path, random);
        }
    }
    names_free(&names);
}

/* ---- making ---- */

static void base_load(struct disk *disk, const char *base, const char *name)
{
    char path[PATH_MAX];
    struct stat stat_buffer;
    snprintf(path, sizeof path, "%s/%s", base, name);
    CHECK(stat(path, &stat_buffer) == 0);
    bool directory = S_ISDIR(stat_buffer.st_mode);
    size_t object = object_add(disk, directory);
    name_set(&disk->durable, name, object);
    name_set(&disk->current, name, object);
    if (!directory) {
        FILE *file = fopen(path, "r");
        CHECK(file != NULL);
        object_resize(&disk->objects[object], (size_t)stat_buffer.st_size);
        CHECK(fread(disk->objects[object].bytes, 1, (size_t)stat_buffer.st_size, file) == (size_t)stat_buffer.st_size);
        fclose(file);
        return;
    }
    DIR *entries = opendir(path);
    CHECK(entries != NULL);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        char below[PATH_MAX];
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(below, sizeof below, "%.2000s%s%s", name, name[0] == '\0' ? "" : "/", entry->d_name);
            base_load(disk, base, below);
        }
    }
    closedir(entries);
}

struct disk *disk_new(const char *base, const char *trace)
{
    struct disk *disk = calloc(1, sizeof *disk);
    CHECK(disk != NULL);
    if (base != NULL) {
        base_load(disk, base, "");
    } else {
        size_t object = object_add(disk, true);
        name_set(&disk->durable, "", object);
        name_set(&disk->current, "", object);
    }
    FILE *file = fopen(trace, "r");
    struct stat stat_buffer;
    CHECK(file != NULL && fstat(fileno(file), &stat_buffer) == 0);
    disk->trace_size = (size_t)stat_buffer.st_size;
    disk->trace = malloc(disk->trace_size + 1);
    CHECK(disk->trace != NULL && fread(disk->trace, 1, disk->trace_size, file) == disk->trace_size);
    fclose(file);
    for (size_t place = 0; place < disk->trace_size; disk->length++) {
        struct trace_record record;
        place = record_at(disk, place, &record);
    }
    return disk;
}

void disk_free(struct disk **disk)
{
    struct disk *closing = *disk;
    *disk = NULL;
    if (closing == NULL) {
        return;
    }
    for (size_t i = 0; i < closing->object_count; i++) {
        free(closing->objects[i].bytes);
        free(closing->objects[i].changes);
    }
    for (size_t i = 0; i < closing->naming_count; i++) {
        naming_free(&closing->namings[i]);
    }
    for (size_t i = 0; i < closing->opening_count; i++) {
        free(closing->openings[i].path);
    }
    names_free(&closing->durable);
    names_free(&closing->current);
    free(closing->trace);
    free(closing);
}

size_t disk_length(const struct disk *disk)
{
    return disk->length;
}

uint64_t disk_acknowledged(const struct disk *disk)
{
    return disk->acknowledged;
}

uint64_t disk_submitted(const struct disk *disk)
{
    return disk->submitted;
}
