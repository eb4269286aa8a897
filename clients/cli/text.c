/* SPDX-License-Identifier: Apache-2.0
 *
 * Times, numbers, money and names as people read and write them. */
#include "cli.h"

#include "domain/money.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

_Static_assert(MONEY_TEXT_MAX >= MONEY_TEXT_BYTES, "room for any amount");

static int64_t heard_ms;

void text_set_now(int64_t now_ms)
{
    heard_ms = now_ms;
}

time_t text_now(void)
{
    return heard_ms != 0 ? (time_t)(heard_ms / 1000) : time(NULL);
}

const char *text_time_full(char out[TIME_TEXT_BYTES], int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm then;
    if (time_ms == 0 || localtime_r(&seconds, &then) == NULL ||
        strftime(out, TIME_TEXT_BYTES, "%Y-%m-%d %H:%M", &then) == 0) {
        strcpy(out, "–");
    }
    return out;
}

const char *text_time(char out[TIME_TEXT_BYTES], int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000), current = text_now();
    struct tm then, now;
    if (time_ms == 0 || localtime_r(&seconds, &then) == NULL || localtime_r(&current, &now) == NULL) {
        strcpy(out, "–");
        return out;
    }
    const char *format = then.tm_year != now.tm_year   ? "%Y-%m-%d"
                         : then.tm_yday == now.tm_yday ? "%H:%M"
                                                       : "%d %b %H:%M";
    strftime(out, TIME_TEXT_BYTES, format, &then);
    return out;
}

const char *text_due(char out[TIME_TEXT_BYTES], int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000), current = text_now();
    struct tm then, now;
    if (localtime_r(&seconds, &then) == NULL || localtime_r(&current, &now) == NULL ||
        strftime(out, TIME_TEXT_BYTES, then.tm_year == now.tm_year ? "%a %d %b %H:%M" : "%a %d %b %Y %H:%M", &then) ==
            0) {
        strcpy(out, "–");
    }
    return out;
}

const char *text_count(char out[COUNT_TEXT_BYTES], uint64_t count)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    int at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

const char *text_money(char out[MONEY_TEXT_MAX], int64_t minor, const char *currency)
{
    if (currency_exponent(currency) >= 0) {
        return money_format(out, minor, currency);
    }
    snprintf(out, MONEY_TEXT_MAX, "%lld (minor units) %.3s", (long long)minor, currency);
    return out;
}

int text_whole(const char *text, size_t most)
{
    size_t size = strnlen(text, most);
    while (size > 0 && text[size] != '\0' && ((unsigned char)text[size] & 0xC0) == 0x80) {
        size--;
    }
    return (int)size;
}

bool text_is_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL && text[strspn(text, "+-0123456789.,()/ ")] != '\0';
}

const char *text_enum(char out[32], const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);
    snprintf(out, 32, "%s", known != NULL ? known->name : "?");
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '_' ? ' ' : (char)tolower((unsigned char)*c);
    }
    return out;
}

int text_enum_parse(const ProtobufCEnumDescriptor *type, const char *name)
{
    char wanted[32];
    if (strlen(name) >= sizeof wanted) {
        return -1;
    }
    snprintf(wanted, sizeof wanted, "%s", name);
    for (char *c = wanted; *c != '\0'; c++) {
        *c = *c == '-' || *c == ' ' ? '_' : (char)toupper((unsigned char)*c);
    }
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value_by_name(type, wanted);
    return known != NULL && known->value != 0 ? known->value : -1;
}

bool text_parse_number(const char *text, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (*text < '0' || *text > '9' || digit > most || value > (most - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

bool text_parse_ppm(const char *text, uint32_t *ppm)
{
    size_t whole = strspn(text, "0123456789");
    const char *point = text + whole;
    const char *places = *point == '.' ? point + 1 : point;
    size_t digits = strlen(places);
    if (whole != 1 || digits > 6 || (*point == '.' && digits == 0) || places[strspn(places, "0123456789")] != '\0' ||
        (*point != '.' && *point != '\0')) {
        return false;
    }
    uint32_t value = (uint32_t)(text[0] - '0');
    for (size_t i = 0; i < 6; i++) {
        value = value * 10 + (i < digits ? (uint32_t)(places[i] - '0') : 0);
    }
    *ppm = value;
    return value <= 1000000;
}

void text_print(FILE *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        /* C1 control characters are 0xC2 0x80 to 0xC2 0x9F in UTF-8; some terminals obey them. */
        if (*c == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0) {
            c++;
            fputc('?', out);
        } else if (*c == '\n' || *c == '\t') {
            fputc(' ', out);
        } else {
            fputc(*c < 0x20 || *c == 0x7F ? '?' : *c, out);
        }
    }
}

int say_done(const struct cli *cli, uint64_t id, const char *format, ...)
{
    if (cli->json) {
        char number[24];
        snprintf(number, sizeof number, "%llu", (unsigned long long)id);
        return json_print(json_pack("{s:s}", "id", number));
    }
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_print(stdout, text);
    fputc('\n', stdout);
    return EXIT_DONE;
}
