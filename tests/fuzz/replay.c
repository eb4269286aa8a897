/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target on the files of a directory, and on every beginning of each of them. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES_MAX 65536

static int replay_file(const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    uint8_t *data = malloc(INPUT_BYTES_MAX);
    size_t size = data == NULL ? 0 : fread(data, 1, INPUT_BYTES_MAX, file);
    fclose(file);
    for (size_t length = 0; length <= size; length++) {
        uint8_t *exact = malloc(length + 1); /* so that a read past the end is one past the allocation */
        if (exact != NULL && data != NULL) {
            memcpy(exact, data, length);
            LLVMFuzzerTestOneInput(exact, length);
        }
        free(exact);
    }
    free(data);
    return 0;
}

int main(int count, char **arguments)
{
    DIR *directory = count == 2 ? opendir(arguments[1]) : NULL;
    if (directory == NULL) {
        fprintf(stderr, "usage: %s DIRECTORY\n", arguments[0]);
        return 2;
    }
    int replayed = 0;
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] != '.') {
            failed += replay_file(arguments[1], entry->d_name);
            replayed++;
        }
    }
    closedir(directory);
    printf("%d inputs replayed\n", replayed);
    return failed != 0 || replayed == 0;
}
