/* SPDX-License-Identifier: Apache-2.0
 *
 * LMDB's meta pages as they lie in the file: which snapshot they lead to, and whether the file is as long as it says.
 */
#include "base/log.h"
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define META_OFFSET 16 /* of LMDB's page header */
#define META_MAGIC UINT32_C(0xBEEFC0DE)
#define META_VERSION 1
#define SHORT_PAGES_MAX 4096

_Static_assert(sizeof(void *) == 8 && sizeof(struct lmdb_meta) == 136, "LMDB's meta on a 64-bit machine");
_Static_assert(MDB_VERSION_MAJOR == 0 && MDB_VERSION_MINOR == 9, "the meta page is LMDB 0.9's");

bool metas_newer(const uint8_t *metas, size_t page_size, struct lmdb_meta *newer)
{
    struct lmdb_meta both[2];
    for (unsigned i = 0; i < 2; i++) {
        memcpy(&both[i], metas + i * page_size + META_OFFSET, sizeof both[i]);
        if (both[i].magic != META_MAGIC || both[i].version != META_VERSION) {
            return false;
        }
    }
    *newer = both[0].txn_id > both[1].txn_id ? both[0] : both[1];
    return true;
}

int data_file_check(const char *directory, const char *name)
{
    char path[PATH_BYTES];
    path_join(path, directory, name);
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    struct stat stat;
    struct lmdb_meta newer;
    size_t page_size = (size_t)sysconf(_SC_PAGESIZE); /* which LMDB takes when it makes a file */
    uint8_t metas[2 * PAGE_BYTES_MAX];
    int code = 0;
    if (fstat(file, &stat) != 0 || pread(file, metas, 2 * page_size, 0) < 0) {
        code = errno;
    } else if (stat.st_size < (off_t)(2 * page_size) || !metas_newer(metas, page_size, &newer)) {
        code = MDB_INVALID;
    } else if ((newer.last_page + 1) * page_size > (uint64_t)stat.st_size) {
        /* Pages that a transaction took at the end and freed again are never written, so a little short is well, and
         * made up with zeroes: reading behind the end would be a SIGBUS. Much short means that the file was cut. */
        uint64_t wanted = (newer.last_page + 1) * page_size;
        if (wanted - (uint64_t)stat.st_size > SHORT_PAGES_MAX * page_size) {
            code = MDB_CORRUPTED;
        } else if (ftruncate(file, (off_t)wanted) != 0) {
            code = errno;
        }
    }
    close(file);
    return code;
}
