/* SPDX-License-Identifier: Apache-2.0
 *
 * Is this file a whole shared object for this machine? The loader maps first and looks later, so a file that was cut
 * off, by a full disk or a copy that is still under way, would end the host with SIGBUS instead of a sentence. */
#include "host.h"

#include <elf.h>
#include <link.h>
#include <string.h>

/* Of this program, put there by the linker: what an object for this machine looks like. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* `count` things of `each` bytes at `at` lie within a file of `size` bytes. */
static bool lies_within(uint64_t at, uint64_t count, uint64_t each, uint64_t size)
{
    return at <= size && count <= UINT16_MAX && count * each <= size - at;
}

bool elf_check(const char *path, const void *bytes, size_t size, struct why *why)
{
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;
    if (size < sizeof header) {
        return why_set(why, "%s is cut off: it has %zu bytes", path, size);
    }
    memcpy(&header, bytes, sizeof header);
    if (memcmp(header.e_ident, __ehdr_start.e_ident, EI_VERSION) != 0 || header.e_machine != __ehdr_start.e_machine) {
        return why_set(why, "%s is built for another machine: its ELF machine is %u, that of this host %u", path,
                       header.e_machine, __ehdr_start.e_machine);
    }
    if (header.e_type != ET_DYN) {
        return why_set(why, "%s is not a shared object: link it with -shared", path);
    }
    bool whole = header.e_phentsize == sizeof segment &&
                 lies_within(header.e_phoff, header.e_phnum, sizeof segment, size) &&
                 lies_within(header.e_shoff, header.e_shnum, header.e_shentsize, size);
    for (size_t i = 0; whole && i < header.e_phnum; i++) {
        memcpy(&segment, (const char *)bytes + header.e_phoff + i * sizeof segment, sizeof segment);
        whole = segment.p_type != PT_LOAD || (segment.p_offset <= size && segment.p_filesz <= size - segment.p_offset);
    }
    return whole || why_set(why, "%s is cut off or damaged: its headers point past its %zu bytes", path, size);
}
