/* SPDX-License-Identifier: Apache-2.0
 *
 * The log of a recorded run: what a process did to the files below one directory, in order, with what it acknowledged
 * in between. Each record is one write to a file opened for appending, so several processes may share a log. */
#ifndef VOUCH_TESTS_FAULT_TRACE_H
#define VOUCH_TESTS_FAULT_TRACE_H

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRACE_MAGIC UINT32_C(0x54524143)

enum trace_kind {
    TRACE_OPEN = 1,   /* token, path; flags as of open(2) */
    TRACE_WRITE,      /* token, offset, data; flags 1: durable when it returned (O_DSYNC, O_SYNC) */
    TRACE_TRUNCATE,   /* token, offset: the new size */
    TRACE_SYNC_BEGIN, /* token, offset: number of this sync */
    TRACE_SYNC_END,   /* token, offset: the same number; only when it succeeded */
    TRACE_MAKE,       /* path of a new directory */
    TRACE_RENAME,     /* path, data: new path */
    TRACE_UNLINK,     /* path of a file or directory */
    TRACE_SUBMIT,     /* token, offset: first and last sequence that are being appended */
    TRACE_ACK,        /* offset: last sequence acknowledged */
};

struct trace_record {
    uint32_t magic;
    uint32_t kind;
    uint64_t token; /* an opening of a file, unique in the log */
    uint64_t offset;
    uint32_t flags;
    uint32_t path_size; /* bytes of path that follow, relative to the directory; then data */
    uint64_t data_size;
};

/* Appends one record; -1 when the log cannot take it. `log` is open for appending. */
static inline int trace_append(int log, struct trace_record record, const char *path, const struct iovec *data,
                               int data_count)
{
    struct iovec parts[2 + 64];
    int count = 0;
    ssize_t size = 0;
    record.magic = TRACE_MAGIC;
    record.path_size = path == NULL ? 0 : (uint32_t)strlen(path);
    record.data_size = 0;
    parts[count++] = (struct iovec){&record, sizeof record};
    parts[count++] = (struct iovec){(void *)(uintptr_t)path, record.path_size};
    for (int i = 0; i < data_count && i < 64; i++) {
        parts[count++] = data[i];
        record.data_size += data[i].iov_len;
    }
    size = (ssize_t)(sizeof record + record.path_size + record.data_size);
    return data_count <= 64 && writev(log, parts, count) == size ? 0 : -1;
}

#endif
