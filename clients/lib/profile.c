/* SPDX-License-Identifier: Apache-2.0
 *
 * Profiles as files: lines of "word value", written to a temporary file and put in place in one step. */
#include "profile.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define NAME_LONGEST 64

enum vouch_status profile_path(const char *name, char path[PROFILE_PATH_MAX], struct status_text *why)
{
    if (name == NULL) {
        name = getenv("VOUCH_PROFILE");
    }
    if (name == NULL || name[0] == '\0') {
        name = "default";
    }
    int length;
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (strchr(name, '/') != NULL) {
        length = snprintf(path, PROFILE_PATH_MAX, "%s", name);
    } else if (name[0] == '.' || strlen(name) > NAME_LONGEST || name[strspn(name, NAME_CHARACTERS)] != '\0') {
        return status_set(why, VOUCH_INVALID, "a profile's name is letters, digits, '.', '_' and '-', at most %d",
                          NAME_LONGEST);
    } else if (config != NULL && config[0] == '/') {
        length = snprintf(path, PROFILE_PATH_MAX, "%s/vouch/%s.key", config, name);
    } else if (home != NULL && home[0] == '/') {
        length = snprintf(path, PROFILE_PATH_MAX, "%s/.config/vouch/%s.key", home, name);
    } else {
        return status_set(why, VOUCH_NOT_FOUND, "neither XDG_CONFIG_HOME nor HOME says where profiles live");
    }
    if (length >= PROFILE_PATH_MAX) {
        return status_set(why, VOUCH_TOO_LARGE, "the path of the profile is too long");
    }
    return VOUCH_OK;
}

/* ---- Reading ---- */

static bool take_text(char *field, size_t size, const char *value)
{
    if (value[0] == '\0' || strlen(value) >= size) {
        return false;
    }
    memcpy(field, value, strlen(value) + 1);
    return true;
}

static bool take_number(uint64_t *number, const char *value)
{
    if (value[0] == '\0' || value[strspn(value, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    *number = strtoull(value, NULL, 10);
    return errno == 0;
}

/* Takes one line; words of newer versions are passed over. */
static bool take_line(struct profile *profile, const char *word, const char *value)
{
    if (strcmp(word, "endpoint") == 0) {
        return take_text(profile->endpoint, sizeof profile->endpoint, value) && profile_endpoint_valid(value);
    }
    if (strcmp(word, "server-key") == 0) {
        return profile_key_parse(value, profile->server_key);
    }
    if (strcmp(word, "public-key") == 0) {
        return profile_key_parse(value, profile->public_key);
    }
    if (strcmp(word, "secret-key") == 0) {
        return profile_key_parse(value, profile->secret_key);
    }
    if (strcmp(word, "member") == 0) {
        return take_number(&profile->member, value);
    }
    if (strcmp(word, "name") == 0) {
        return value[0] == '\0' || take_text(profile->name, sizeof profile->name, value);
    }
    if (strcmp(word, "company") == 0) {
        return value[0] == '\0' || take_text(profile->company, sizeof profile->company, value);
    }
    return true;
}

static enum vouch_status check_complete(const struct profile *profile, const char *path, struct status_text *why)
{
    uint8_t derived[PROFILE_KEY_BYTES];
    profile_key_public(profile->secret_key, derived);
    if (profile->endpoint[0] == '\0' || sodium_is_zero(profile->server_key, PROFILE_KEY_BYTES) ||
        sodium_is_zero(profile->secret_key, PROFILE_KEY_BYTES)) {
        return status_set(why, VOUCH_INVALID, "%s lacks its endpoint, server-key or secret-key", path);
    }
    if (memcmp(derived, profile->public_key, PROFILE_KEY_BYTES) != 0) {
        return status_set(why, VOUCH_INVALID, "the two keys in %s are not a pair", path);
    }
    return VOUCH_OK;
}

static enum vouch_status read_lines(FILE *file, const char *path, struct profile *profile, struct status_text *why)
{
    char line[PROFILE_NAME_MAX + 64];
    enum vouch_status status = VOUCH_OK;
    for (int number = 1; status == VOUCH_OK && fgets(line, sizeof line, file) != NULL; number++) {
        line[strcspn(line, "\r\n")] = '\0';
        size_t word = strcspn(line, " \t");
        size_t value = word + strspn(line + word, " \t");
        bool blank = line[0] == '#' || line[0] == '\0';
        line[word] = '\0';
        if (!blank && !take_line(profile, line, line + value)) {
            status = status_set(why, VOUCH_INVALID, "%s, line %d: '%s' has no valid value", path, number, line);
        }
    }
    sodium_memzero(line, sizeof line);
    return status == VOUCH_OK ? check_complete(profile, path, why) : status;
}

enum vouch_status profile_read(const char *path, struct profile *profile, struct status_text *why)
{
    memset(profile, 0, sizeof *profile);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return status_set(why, errno == ENOENT ? VOUCH_NOT_FOUND : VOUCH_DENIED, "cannot read %s: %s", path,
                          strerror(errno));
    }
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(fd);
        return status_set(why, VOUCH_INVALID, "%s is not a file", path);
    }
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        close(fd);
        return status_set(why, VOUCH_DENIED, "others may read %s, and whoever reads it is you: chmod 600 %s", path,
                          path);
    }
    FILE *file = fdopen(fd, "r");
    CHECK(file != NULL);
    enum vouch_status status = read_lines(file, path, profile, why);
    fclose(file);
    if (status != VOUCH_OK) {
        profile_wipe(profile);
    }
    return status;
}

/* ---- Writing ---- */

/* Makes every missing folder of `path`, private to the user. Cuts and restores `path` on the way. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made) {
            return false;
        }
    }
    return true;
}

/* Names come from the broker: nothing in them may end a line. */
static void write_name(FILE *file, const char *word, const char *name)
{
    fprintf(file, "%-10s ", word);
    for (const char *c = name; *c != '\0'; c++) {
        fputc((unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c, file);
    }
    fputc('\n', file);
}

static bool write_lines(int fd, const struct profile *profile)
{
    FILE *file = fdopen(fd, "w");
    CHECK(file != NULL);
    char key[PROFILE_KEY_TEXT];
    fprintf(file, "# A vouch profile. Keep it private: whoever can read it acts as this member.\n");
    fprintf(file, "%-10s %s\n", "endpoint", profile->endpoint);
    profile_key_text(profile->server_key, key);
    fprintf(file, "%-10s %s\n", "server-key", key);
    profile_key_text(profile->public_key, key);
    fprintf(file, "%-10s %s\n", "public-key", key);
    profile_key_text(profile->secret_key, key);
    fprintf(file, "%-10s %s\n", "secret-key", key);
    sodium_memzero(key, sizeof key);
    fprintf(file, "%-10s %llu\n", "member", (unsigned long long)profile->member);
    write_name(file, "name", profile->name);
    write_name(file, "company", profile->company);
    bool written = fflush(file) == 0 && !ferror(file) && fsync(fd) == 0;
    return fclose(file) == 0 && written;
}

static void sync_folder(const char *path)
{
    char copy[PROFILE_PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

/* link() instead of rename(): only it refuses to replace, in one step. */
static bool put_in_place(const char *temporary, const char *path, bool replace)
{
    if (replace) {
        return rename(temporary, path) == 0;
    }
    return link(temporary, path) == 0 && unlink(temporary) == 0;
}

enum vouch_status profile_write(const char *path, const struct profile *profile, bool replace, struct status_text *why)
{
    CHECK(profile->endpoint[0] != '\0' && !sodium_is_zero(profile->secret_key, PROFILE_KEY_BYTES));
    char temporary[PROFILE_PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary) {
        return status_set(why, VOUCH_TOO_LARGE, "the path of the profile is too long");
    }
    if (!replace && access(path, F_OK) == 0) {
        return status_set(why, VOUCH_DUPLICATE, "%s exists already and is kept", path);
    }
    int fd = make_folders(temporary) ? mkostemp(temporary, O_CLOEXEC) : -1; /* mode 0600 */
    if (fd < 0) {
        return status_set(why, VOUCH_DENIED, "cannot write %s: %s", path, strerror(errno));
    }
    if (!write_lines(fd, profile) || !put_in_place(temporary, path, replace)) {
        int error = errno;
        unlink(temporary);
        if (error == EEXIST) {
            return status_set(why, VOUCH_DUPLICATE, "%s exists already and is kept", path);
        }
        return status_set(why, VOUCH_DENIED, "cannot write %s: %s", path, strerror(error));
    }
    sync_folder(path);
    return VOUCH_OK;
}

void profile_wipe(struct profile *profile)
{
    sodium_memzero(profile->secret_key, sizeof profile->secret_key);
}
