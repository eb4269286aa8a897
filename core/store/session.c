/* SPDX-License-Identifier: Apache-2.0
 *
 * The file `session`: one line, "<word> <boot id>", durable before the state is written for the first time and again
 * after all was synced at the end. It decides how much of the state a starting broker may believe. */
#include "store/internal.h"

#include <stdio.h>
#include <string.h>

#define SESSION_NAME "session"
#define BOOT_UNKNOWN "unknown"

void boot_id_read(char boot_id[BOOT_ID_BYTES])
{
    char text[BOOT_ID_BYTES] = "";
    ssize_t size = file_read("/proc/sys/kernel/random", "boot_id", text, sizeof text - 1);
    text[size > 0 ? size : 0] = '\0';
    text[strcspn(text, " \n")] = '\0';
    snprintf(boot_id, BOOT_ID_BYTES, "%s", text[0] == '\0' ? BOOT_UNKNOWN : text);
}

enum session session_read(const char *directory, const char *boot_id)
{
    char line[128];
    ssize_t size = file_read(directory, SESSION_NAME, line, sizeof line - 1);
    line[size > 0 ? size : 0] = '\0';
    char word[16];
    char boot[BOOT_ID_BYTES];
    if (sscanf(line, "%15s %63s", word, boot) != 2) {
        return SESSION_LOST;
    }
    if (strcmp(word, "clean") == 0) {
        return SESSION_CLEAN;
    }
    if (strcmp(word, "broken") == 0) {
        return SESSION_BROKEN;
    }
    bool same_boot = strcmp(boot, boot_id) == 0 && strcmp(boot, BOOT_UNKNOWN) != 0;
    return strcmp(word, "open") == 0 && same_boot ? SESSION_CRASHED : SESSION_LOST;
}

enum vouch_status session_write(const char *directory, const char *word, const char *boot_id, struct status_text *why)
{
    char line[128];
    int length = snprintf(line, sizeof line, "%s %s\n", word, boot_id);
    return file_replace(directory, SESSION_NAME, line, (size_t)length, NULL, why);
}
