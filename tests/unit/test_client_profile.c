/* SPDX-License-Identifier: Apache-2.0
 *
 * Profiles and join lines: what is written is read again, what is damaged is refused with the reason. */
#include "lib/profile.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/vouch-profile-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert(system(command) == 0);
}

static struct profile example(void)
{
    struct profile profile = {.endpoint = "broker.northgate.example:5570", .member = 7};
    uint8_t other[PROFILE_KEY_BYTES];
    profile_key_pair(profile.server_key, other);
    profile_key_pair(profile.public_key, profile.secret_key);
    strcpy(profile.name, "Ana Sousa");
    strcpy(profile.company, "Northgate \xe2\x80\x9cStorage\xe2\x80\x9d");
    return profile;
}

static void file_in_folder(char path[128], const char *name)
{
    snprintf(path, 128, "%s/%s", folder, name);
}

static void write_text(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs(text, file);
    fclose(file);
    cr_assert(chmod(path, mode) == 0);
}

Test(profile, is_read_as_it_was_written, .init = make_folder, .fini = remove_folder)
{
    struct profile wrote = example(), got;
    struct status_text why;
    char path[128];
    file_in_folder(path, "deep/deeper/default.key");
    cr_assert_eq(profile_write(path, &wrote, false, &why), VOUCH_OK, "%s", why.text);
    cr_assert_eq(profile_read(path, &got, &why), VOUCH_OK, "%s", why.text);
    cr_assert(memcmp(&wrote, &got, sizeof got) == 0);
    struct stat about;
    cr_assert(stat(path, &about) == 0);
    cr_assert_eq(about.st_mode & 0777, 0600);
}

Test(profile, is_not_replaced_unless_asked, .init = make_folder, .fini = remove_folder)
{
    struct profile first = example(), second = example(), got;
    struct status_text why;
    char path[128];
    file_in_folder(path, "default.key");
    cr_assert_eq(profile_write(path, &first, false, NULL), VOUCH_OK);
    cr_assert_eq(profile_write(path, &second, false, &why), VOUCH_DUPLICATE);
    cr_assert(strstr(why.text, "kept") != NULL);
    cr_assert_eq(profile_read(path, &got, NULL), VOUCH_OK);
    cr_assert(memcmp(&first, &got, sizeof got) == 0);
    cr_assert_eq(profile_write(path, &second, true, NULL), VOUCH_OK);
    cr_assert_eq(profile_read(path, &got, NULL), VOUCH_OK);
    cr_assert(memcmp(&second, &got, sizeof got) == 0);
}

Test(profile, a_name_cannot_forge_a_line, .init = make_folder, .fini = remove_folder)
{
    struct profile wrote = example(), got;
    char path[128];
    file_in_folder(path, "p.key");
    strcpy(wrote.name, "Ana\nmember 99");
    cr_assert_eq(profile_write(path, &wrote, false, NULL), VOUCH_OK);
    cr_assert_eq(profile_read(path, &got, NULL), VOUCH_OK);
    cr_assert_eq(got.member, 7);
    cr_assert_str_eq(got.name, "Ana member 99");
}

Test(profile, is_refused_when_others_may_read_it, .init = make_folder, .fini = remove_folder)
{
    struct profile wrote = example(), got;
    struct status_text why;
    char path[128];
    file_in_folder(path, "p.key");
    cr_assert_eq(profile_write(path, &wrote, false, NULL), VOUCH_OK);
    cr_assert(chmod(path, 0640) == 0);
    cr_assert_eq(profile_read(path, &got, &why), VOUCH_DENIED);
    cr_assert(strstr(why.text, "chmod 600") != NULL);
}

Test(profile, damaged_files_are_refused, .init = make_folder, .fini = remove_folder)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"", "lacks"},
        {"endpoint nowhere\n", "line 1: 'endpoint'"},
        {"# x\nendpoint\n", "line 2: 'endpoint'"},
        {"endpoint h:0\n", "line 1"},
        {"secret-key AAAA\n", "'secret-key'"},
        {"member -1\n", "'member'"},
        {"member 99999999999999999999999\n", "'member'"},
        {"endpoint h:1\nserver-key BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
         "secret-key BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\npublic-key "
         "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
         "not a pair"},
    };
    char path[128];
    file_in_folder(path, "p.key");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct profile got;
        struct status_text why = {""};
        write_text(path, cases[i].text, 0600);
        cr_assert_eq(profile_read(path, &got, &why), VOUCH_INVALID, "case %zu: %s", i, why.text);
        cr_assert(strstr(why.text, cases[i].says) != NULL, "case %zu: %s", i, why.text);
    }
}

Test(profile, path_follows_the_environment)
{
    static const struct {
        const char *name, *profile, *config, *home, *path;
    } cases[] = {
        {NULL, NULL, "/c", "/h", "/c/vouch/default.key"},
        {NULL, "ana", "/c", "/h", "/c/vouch/ana.key"},
        {"tom", "ana", NULL, "/h", "/h/.config/vouch/tom.key"},
        {"tom", NULL, "relative", "/h", "/h/.config/vouch/tom.key"},
        {"./x.key", NULL, "/c", "/h", "./x.key"},
        {".hidden", NULL, "/c", "/h", NULL},
        {"a b", NULL, "/c", "/h", NULL},
        {"a", NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsetenv("VOUCH_PROFILE");
        unsetenv("XDG_CONFIG_HOME");
        unsetenv("HOME");
        if (cases[i].profile != NULL) {
            setenv("VOUCH_PROFILE", cases[i].profile, 1);
        }
        if (cases[i].config != NULL) {
            setenv("XDG_CONFIG_HOME", cases[i].config, 1);
        }
        if (cases[i].home != NULL) {
            setenv("HOME", cases[i].home, 1);
        }
        char path[PROFILE_PATH_MAX];
        enum vouch_status status = profile_path(cases[i].name, path, NULL);
        cr_assert_eq(status == VOUCH_OK, cases[i].path != NULL, "case %zu", i);
        if (cases[i].path != NULL) {
            cr_assert_str_eq(path, cases[i].path);
        }
    }
}

Test(join, line_is_parsed_as_it_was_made)
{
    struct profile made = example(), got;
    char line[PROFILE_JOIN_MAX];
    struct status_text why;
    profile_join_text("[::1]:5570", made.server_key, made.secret_key, line);
    cr_assert_eq(profile_join_parse(line, &got, &why), VOUCH_OK, "%s", why.text);
    cr_assert_str_eq(got.endpoint, "[::1]:5570");
    cr_assert(memcmp(got.server_key, made.server_key, PROFILE_KEY_BYTES) == 0);
    cr_assert(memcmp(got.secret_key, made.secret_key, PROFILE_KEY_BYTES) == 0);
    cr_assert(memcmp(got.public_key, made.public_key, PROFILE_KEY_BYTES) == 0);
}

#define KEY "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

Test(join, damaged_lines_say_what_is_wrong)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"", "starts with vouch://"},
        {"http://h:1/" KEY "#" KEY, "starts with vouch://"},
        {"vouch://h/" KEY "#" KEY, "host:port"},
        {"vouch://h:99999/" KEY "#" KEY, "host:port"},
        {"vouch://h:1", "host:port"},
        {"vouch://h:1/" KEY, "server key"},
        {"vouch://h:1/" KEY "x#" KEY, "server key"},
        {"vouch://h:1/" KEY "#", "token"},
        {"vouch://h:1/" KEY "#" KEY "x", "token"},
        {"vouch://h:1/" KEY "#" KEY " ", "token"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct profile got;
        struct status_text why = {""};
        cr_assert_eq(profile_join_parse(cases[i].line, &got, &why), VOUCH_INVALID, "%s", cases[i].line);
        cr_assert(strstr(why.text, cases[i].says) != NULL, "%s: %s", cases[i].line, why.text);
    }
}

Test(join, key_text_is_exact)
{
    uint8_t key[PROFILE_KEY_BYTES];
    cr_assert(profile_key_parse(KEY, key));
    cr_assert_eq(key[0], 4);
    cr_assert(!profile_key_parse("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", key), "stray bits in the last one");
    cr_assert(!profile_key_parse("BAAAAAAAAAAAAAAAAAAAAA+AAAAAAAAAAAAAAAAAAAA", key), "not base64url");
    cr_assert(!profile_key_parse("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", key), "padded");
}
