/* SPDX-License-Identifier: Apache-2.0
 *
 * Found from where this program stands, by /proc/self/exe. */
#include "base/beside.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *beside_find(const char *const *relative, const char *installed, const char *name)
{
    char self[4096];
    char *path = NULL;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(self, '/');
    for (; slash != NULL && *relative != NULL; relative++) {
        *slash = '\0';
        CHECK(asprintf(&path, "%s/../%s%s", self, *relative, name) >= 0);
        if (access(path, R_OK) == 0) {
            return path;
        }
        free(path);
    }
    CHECK(asprintf(&path, "%s%s", installed, name) >= 0);
    if (access(path, R_OK) != 0) {
        path[0] = '\0';
    }
    return path;
}
