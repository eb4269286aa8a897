/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of a plugin, looked at before the jail stands: any bytes are taken or refused with a sentence, and what is
 * taken has a loader's tables within it. */
#include "base/check.h"
#include "fuzz.h"
#include "plugin/host/host.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Of just this size, so that a sanitizer sees a step past the end. */
    unsigned char *bytes = malloc(size > 0 ? size : 1);
    CHECK(bytes != NULL);
    memcpy(bytes, data, size);
    struct why why = {""};
    bool good = elf_check("fuzz.so", bytes, size, &why);
    CHECK(good == (why.text[0] == '\0'));
    if (good) {
        ElfW(Ehdr) header;
        CHECK(size >= sizeof header);
        memcpy(&header, bytes, sizeof header);
        CHECK(header.e_phoff + (uint64_t)header.e_phnum * header.e_phentsize <= size);
    }
    free(bytes);
    return 0;
}
