/* SPDX-License-Identifier: Apache-2.0
 *
 * E-mail addresses and domains in their one form: trim, NFKC, case fold, strip what a URL has around the host, A-label
 * by UTS-46, registrable domain by the Public Suffix List with its private section. */
#include "domain/names.h"

#include <ctype.h>
#include <idn2.h>
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static char *folded_trimmed(const char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    utf8proc_uint8_t *folded = NULL;
    if (strlen(text) > 2000 || utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
                                            UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                                UTF8PROC_CASEFOLD | UTF8PROC_IGNORE) < 0) {
        return NULL;
    }
    size_t size = strlen((char *)folded);
    while (size > 0 && isspace(folded[size - 1])) {
        folded[--size] = '\0';
    }
    return (char *)folded;
}

/* Letters, digits, hyphens and points, as DNS has them. */
static bool is_host(const char *host)
{
    size_t label = 0;
    if (*host == '-') {
        return false;
    }
    for (const char *at = host; *at != '\0'; at++) {
        if (*at == '.') {
            if (label == 0 || at[1] == '-' || at[-1] == '-') {
                return false;
            }
            label = 0;
        } else if (isalnum((unsigned char)*at) || *at == '-' || *at == '_') {
            label++;
        } else {
            return false;
        }
        if (label > 63) {
            return false;
        }
    }
    return label > 0;
}

/* A host name in ASCII. */
static bool to_ascii(const char *host, char out[DOMAIN_BYTES_MAX + 1])
{
    char *ascii = NULL;
    if (idn2_to_ascii_8z(host, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) {
        return false;
    }
    bool good = strlen(ascii) <= DOMAIN_BYTES_MAX && is_host(ascii);
    if (good) {
        strcpy(out, ascii);
    }
    idn2_free(ascii);
    return good;
}

bool email_normalise(const char *text, char out[EMAIL_BYTES_MAX + 1])
{
    char domain[DOMAIN_BYTES_MAX + 1];
    bool good = false;
    char *address = folded_trimmed(text);
    char *at = address == NULL ? NULL : strrchr(address, '@');
    if (at != NULL && at > address && strchr(address, '@') == at && strpbrk(address, " \t\r\n<>,;\"()") == NULL) {
        *at = '\0';
        size_t local = strlen(address);
        bool dots = address[0] == '.' || address[local - 1] == '.' || strstr(address, "..") != NULL;
        good = local <= 64 && !dots && to_ascii(at + 1, domain) && strchr(domain, '.') != NULL &&
               local + 1 + strlen(domain) <= EMAIL_BYTES_MAX;
        for (const char *c = address; good && *c != '\0'; c++) {
            good = (unsigned char)*c > 0x20 && *c != 0x7F;
        }
        if (good) {
            memcpy(out, address, local);
            out[local] = '@';
            strcpy(out + local + 1, domain);
        }
    }
    free(address);
    return good;
}

/* Cuts a URL down to its host, in place. */
static char *host_of(char *url)
{
    char *scheme = strstr(url, "://");
    char *host = scheme == NULL ? url : scheme + 3;
    host[strcspn(host, "/?#")] = '\0';
    char *user = strrchr(host, '@');
    host = user == NULL ? host : user + 1;
    host[strcspn(host, ":")] = '\0';
    size_t size = strlen(host);
    while (size > 0 && host[size - 1] == '.') {
        host[--size] = '\0';
    }
    return host;
}

bool domain_normalise(const char *text, char out[DOMAIN_BYTES_MAX + 1])
{
    char ascii[DOMAIN_BYTES_MAX + 1];
    char *folded = folded_trimmed(text);
    bool good = folded != NULL && to_ascii(host_of(folded), ascii);
    free(folded);
    if (!good) {
        return false;
    }
    const char *registrable = psl_registrable_domain(psl_builtin(), ascii);
    const char *last = strrchr(ascii, '.');
    /* An IPv4 address has a "top-level domain" of digits; there is none such. */
    if (registrable == NULL || last == NULL || isdigit((unsigned char)last[1])) {
        return false;
    }
    strcpy(out, registrable);
    return true;
}

bool domain_is_mail_provider(const char *domain)
{
    static const char *const providers[] = {
        "gmail.com",        "googlemail.com",
        "outlook.com",      "hotmail.com",
        "live.com",         "msn.com",
        "yahoo.com",        "ymail.com",
        "icloud.com",       "me.com",
        "mac.com",          "aol.com",
        "gmx.de",           "gmx.net",
        "gmx.com",          "web.de",
        "t-online.de",      "freenet.de",
        "mail.com",         "mail.ru",
        "yandex.ru",        "proton.me",
        "protonmail.com",   "tutanota.com",
        "zoho.com",         "orange.fr",
        "laposte.net",      "libero.it",
        "qq.com",           "163.com",
        "126.com",          "naver.com",
        "mailinator.com",   "guerrillamail.com",
        "10minutemail.com", "yopmail.com",
        "trashmail.com",    "temp-mail.org",
    };
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++) {
        if (strcmp(domain, providers[i]) == 0) {
            return true;
        }
    }
    return false;
}
