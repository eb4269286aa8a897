/* SPDX-License-Identifier: Apache-2.0
 *
 * vouch-plugin-host: the process in which one instance of a plugin lives, confined (plugin/host/jail.c), loaded
 * (load.c), asked over a socket and shared memory (serve.c, call.c). Started by vouchd; by hand for --describe. */
#include "plugin/host/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: vouch-plugin-host --describe PLUGIN.so\n"
                            "       vouch-plugin-host --serve PARENT-PID MEMORY-BYTES PLUGIN.so   (started by vouchd)\n"
                            "       vouch-plugin-host --version | --help\n";

static int misused(void)
{
    fputs(usage, stderr);
    return 2;
}

static bool parse_number(const char *text, unsigned long long *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--describe") == 0) {
        return describe(argv[2]);
    }
    if (argc == 5 && strcmp(argv[1], "--serve") == 0) {
        unsigned long long parent;
        unsigned long long memory;
        if (parse_number(argv[2], &parent) && parse_number(argv[3], &memory)) {
            return serve(argv[4], (pid_t)parent, (size_t)memory);
        }
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("vouch-plugin-host %s (plugin ABI %u.%u)\n", VOUCH_VERSION, VOUCH_PLUGIN_ABI_MAJOR,
               VOUCH_PLUGIN_ABI_MINOR);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    return misused();
}
