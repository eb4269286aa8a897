/* SPDX-License-Identifier: Apache-2.0
 *
 * Composing. Nothing that comes from elsewhere reaches a header as it is: names and subjects become encoded words where
 * they hold anything but plain ASCII, addresses are checked before. */
#include "mail.h"

#include "domain/names.h"
#include "domain/zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_BYTES 76 /* of a line, without its end */
#define WORD_BYTES 39 /* of text in one encoded word: with "Subject:", which may stand before it, 73 */
#define MS_PER_MINUTE 60000

struct out {
    FILE *file;
    const char *end; /* of a line */
};

/* ---- Addresses ---- */

/* Characters that may stand in an address as they are, RFC 5322 atext and the dot. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool is_plain_part(const char *part, size_t size)
{
    if (size == 0 || part[0] == '.' || part[size - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!is_plain(part[i]) || (part[i] == '.' && part[i + 1] == '.')) {
            return false;
        }
    }
    return true;
}

enum vouch_status mail_address_read(const char *text, char address[MAIL_ADDRESS_BYTES], struct status_text *why)
{
    char normal[EMAIL_BYTES_MAX + 1];
    if (email_normalise(text, normal)) {
        const char *at = strrchr(normal, '@');
        if (at != NULL && is_plain_part(normal, (size_t)(at - normal)) && is_plain_part(at + 1, strlen(at + 1))) {
            snprintf(address, MAIL_ADDRESS_BYTES, "%s", normal);
            return VOUCH_OK;
        }
    }
    return status_set(why, VOUCH_INVALID,
                      "'%.100s' is no e-mail address that a digest can go to: ana@northgate.example", text);
}

/* ---- Headers ---- */

static bool is_plain_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7E) {
            return false;
        }
    }
    return true;
}

/* As many whole characters as go into one encoded word. */
static size_t word_length(const char *text)
{
    size_t length = strnlen(text, WORD_BYTES);
    while (length > 0 && text[length] != '\0' && ((unsigned char)text[length] & 0xC0) == 0x80) {
        length--;
    }
    return length;
}

static void put_base64(FILE *file, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < size ? bytes[i + 2] : 0u);
        fputc(digits[three >> 18 & 63], file);
        fputc(digits[three >> 12 & 63], file);
        fputc(i + 1 < size ? digits[three >> 6 & 63] : '=', file);
        fputc(i + 2 < size ? digits[three & 63] : '=', file);
    }
}

/* Encoded words, each in a line of its own: the first goes on after the header's name. */
static void put_encoded(const struct out *out, const char *text)
{
    for (bool first = true; *text != '\0'; first = false) {
        size_t length = word_length(text);
        fprintf(out->file, "%s =?UTF-8?B?", first ? "" : out->end);
        put_base64(out->file, (const unsigned char *)text, length);
        fputs("?=", out->file);
        text += length;
    }
}

/* Plain text, folded at its spaces. */
static void put_folded(const struct out *out, size_t column, const char *text)
{
    while (*text != '\0') {
        size_t length = 1 + strcspn(text + 1, " ");
        if (column + length > LINE_BYTES && column > 1 && *text == ' ') {
            fputs(out->end, out->file);
            column = 0;
        }
        fprintf(out->file, "%.*s", (int)length, text);
        column += length;
        text += length;
    }
}

static void put_subject(const struct out *out, const char *subject)
{
    fputs("Subject:", out->file);
    size_t longest = 0;
    for (const char *at = subject; *at != '\0'; at += strcspn(at, " ") + strspn(at + strcspn(at, " "), " ")) {
        longest = strcspn(at, " ") > longest ? strcspn(at, " ") : longest;
    }
    /* What looks like an encoded word is no plain text, nor is a word too long for a line. */
    if (is_plain_text(subject) && strstr(subject, "=?") == NULL && longest < LINE_BYTES) {
        fputc(' ', out->file);
        put_folded(out, strlen("Subject: "), subject);
    } else {
        put_encoded(out, subject);
    }
    fputs(out->end, out->file);
}

static void put_mailbox(const struct out *out, const char *header, const char *name, const char *address)
{
    fprintf(out->file, "%s:", header);
    bool quoted = is_plain_text(name) && strlen(name) < LINE_BYTES / 2 && strpbrk(name, "\"\\") == NULL &&
                  strstr(name, "=?") == NULL;
    if (name[0] != '\0' && quoted) {
        fprintf(out->file, " \"%s\"", name);
    } else {
        put_encoded(out, name);
    }
    fprintf(out->file, "%s <%s>%s", name[0] != '\0' ? out->end : "", address, out->end);
}

/* In the zone's time, with its offset. English names, whatever the locale. */
static void put_date(const struct out *out, int64_t date_ms, const char *zone)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t local_ms = zone_local_ms(zone_get(zone), date_ms);
    long offset = (long)((local_ms - date_ms) / MS_PER_MINUTE);
    time_t seconds = (time_t)(local_ms / 1000);
    struct tm then = {.tm_year = 0};
    gmtime_r(&seconds, &then);
    fprintf(out->file, "Date: %s, %d %s %04d %02d:%02d:%02d %c%02ld%02ld%s", days[then.tm_wday], then.tm_mday,
            months[then.tm_mon], then.tm_year + 1900, then.tm_hour, then.tm_min, then.tm_sec, offset < 0 ? '-' : '+',
            labs(offset) / 60, labs(offset) % 60, out->end);
}

/* ---- Text ---- */

/* Whether a character stands for itself in quoted-printable, at this place of its line. "From " and "." at the start of
 * a line are changed by some that mail passes through. */
static bool is_literal(const char *line, size_t at, size_t size)
{
    unsigned char c = (unsigned char)line[at];
    if (at == 0 && (c == '.' || strncmp(line, "From ", 5) == 0)) {
        return false;
    }
    if (c == ' ' || c == '\t') {
        return at + 1 < size;
    }
    return c > 0x20 && c < 0x7F && c != '=';
}

static void put_line(const struct out *out, const char *line, size_t size)
{
    size_t column = 0;
    for (size_t i = 0; i < size; i++) {
        bool literal = is_literal(line, i, size);
        size_t takes = literal ? 1 : 3;
        if (column + takes > LINE_BYTES - 1) {
            fprintf(out->file, "=%s", out->end);
            column = 0;
            literal = literal && line[i] != '.' && line[i] != 'F';
            takes = literal ? 1 : 3;
        }
        if (literal) {
            fputc(line[i], out->file);
        } else {
            fprintf(out->file, "=%02X", (unsigned char)line[i]);
        }
        column += takes;
    }
    fputs(out->end, out->file);
}

char *mail_compose(const struct mail *mail, bool crlf, size_t *size)
{
    char *bytes = NULL;
    struct out out = {open_memstream(&bytes, size), crlf ? "\r\n" : "\n"};
    if (out.file == NULL) {
        abort();
    }
    put_date(&out, mail->date_ms, mail->zone);
    put_mailbox(&out, "From", mail->from_name, mail->from);
    put_mailbox(&out, "To", mail->to_name, mail->to);
    put_subject(&out, mail->subject);
    fprintf(out.file, "Message-ID: <%s>%s", mail->id, out.end);
    fprintf(out.file, "Auto-Submitted: auto-generated%s", out.end);
    fprintf(out.file, "MIME-Version: 1.0%s", out.end);
    fprintf(out.file, "Content-Type: text/plain; charset=utf-8%s", out.end);
    fprintf(out.file, "Content-Transfer-Encoding: quoted-printable%s%s", out.end, out.end);
    for (const char *line = mail->text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        put_line(&out, line, length);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    if (fclose(out.file) != 0) {
        abort();
    }
    return bytes;
}
