/* SPDX-License-Identifier: Apache-2.0
 *
 * The arrays that a plugin fills end at an inaccessible page, so one that writes past its array is ended by the kernel
 * at that instruction, and not by a riddle later. */
#include "host.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool guarded_new(struct guarded *guarded, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t rounded = (size + page - 1) / page * page;
    unsigned char *memory = mmap(NULL, rounded + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + rounded, page, PROT_NONE) != 0) {
        return false;
    }
    *guarded = (struct guarded){memory + rounded, rounded};
    return true;
}

void *guarded_take(const struct guarded *guarded, size_t size)
{
    return size > guarded->size ? NULL : memset(guarded->end - size, 0, size);
}
