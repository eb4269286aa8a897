/* SPDX-License-Identifier: Apache-2.0
 *
 * People as vCards and as a table. Both name a person "urn:vouch:contact:N", by which an import knows them again. Who
 * was merged is one person here, with all addresses and numbers. */
#include "export.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FOLD_OCTETS 75 /* of a content line, RFC 6350 section 3.2 */
#define VALUES_MAX 512 /* 16 contacts of one person, each with up to 17 addresses */

struct values {
    const char *texts[VALUES_MAX];
    size_t count;
};

static void values_add(struct values *values, const char *text)
{
    for (size_t i = 0; i < values->count; i++) {
        if (strcmp(values->texts[i], text) == 0) {
            return;
        }
    }
    if (text[0] != '\0' && values->count < VALUES_MAX) {
        values->texts[values->count++] = text;
    }
}

static void add_personal(struct values *emails, struct values *phones, const Vouch__V1__PersonalData *personal)
{
    values_add(emails, personal->email);
    for (size_t i = 0; i < personal->n_emails; i++) {
        values_add(emails, personal->emails[i]);
    }
    values_add(phones, personal->phone);
    for (size_t i = 0; i < personal->n_phones; i++) {
        values_add(phones, personal->phones[i]);
    }
}

/* Of the person and of all contacts that are merged into it. */
static void collect(const Vouch__V1__ContactView *view, struct values *emails, struct values *phones)
{
    emails->count = phones->count = 0;
    add_personal(emails, phones, view->contact->personal);
    for (size_t i = 0; i < view->n_merged; i++) {
        if (view->merged[i]->personal != NULL) {
            add_personal(emails, phones, view->merged[i]->personal);
        }
    }
}

/* ---- the table ---- */

static void csv_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, out);
    }
}

static void csv_cell(FILE *out, const struct values *values, const char *next)
{
    fputc('"', out);
    for (size_t i = 0; i < values->count; i++) {
        fputs(i == 0 ? (text_is_formula(values->texts[0]) ? "'" : "") : " ::: ", out);
        csv_text(out, values->texts[i]);
    }
    fprintf(out, "\"%s", next);
}

static void csv_one(FILE *out, const char *text)
{
    struct values values = {.texts = {text}, .count = 1};
    csv_cell(out, &values, ",");
}

void export_csv_head(FILE *out)
{
    fputs("Name,Job Title,Company,E-mail,Phone,URL\r\n", out);
}

void export_csv_person(FILE *out, const Vouch__V1__ContactView *view)
{
    const Vouch__V1__PersonalData *personal = view->contact->personal;
    struct values emails, phones;
    if (personal == NULL) {
        return;
    }
    collect(view, &emails, &phones);
    csv_one(out, personal->name);
    csv_one(out, personal->title);
    csv_one(out, view->company);
    csv_cell(out, &emails, ",");
    csv_cell(out, &phones, ",");
    fprintf(out, "\"urn:vouch:contact:%" PRIu64 "\"\r\n", view->contact->id);
}

/* ---- vCards ---- */

/* A content line, folded between characters. */
static void vcard_line(FILE *out, const char *line)
{
    size_t octets = 0;
    for (const char *at = line; *at != '\0';) {
        size_t size = 1;
        while (((unsigned char)at[size] & 0xC0) == 0x80) {
            size++;
        }
        if (octets + size > FOLD_OCTETS) {
            fputs("\r\n ", out);
            octets = 1;
        }
        fwrite(at, 1, size, out);
        octets += size;
        at += size;
    }
    fputs("\r\n", out);
}

/* "ORG:Kestrel\, Bank"; nothing for an empty value. */
static void vcard_property(FILE *out, const char *name, const char *value, bool lists)
{
    char *line = NULL;
    size_t size = 0;
    if (value[0] == '\0') {
        return;
    }
    FILE *text = open_memstream(&line, &size);
    if (text == NULL) {
        abort();
    }
    fprintf(text, "%s:", name);
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            fputs("\\n", text);
        } else if (*value != '\r') {
            bool escaped = *value == '\\' || *value == ';' || (*value == ',' && !lists);
            fputs(escaped ? "\\" : "", text);
            fputc(*value, text);
        }
    }
    if (fclose(text) != 0) {
        abort();
    }
    vcard_line(out, line);
    free(line);
}

static void vcard_tags(FILE *out, const Vouch__V1__PersonalData *personal)
{
    char *list = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&list, &size);
    if (text == NULL) {
        abort();
    }
    for (size_t i = 0; i < personal->n_tags; i++) {
        fputs(i == 0 ? "" : ",", text);
        for (const char *at = personal->tags[i]; *at != '\0'; at++) {
            fputc(*at == ',' ? ' ' : *at, text); /* a comma would make two of it */
        }
    }
    if (fclose(text) != 0) {
        abort();
    }
    vcard_property(out, "CATEGORIES", list, true);
    free(list);
}

void export_vcard_person(FILE *out, const Vouch__V1__ContactView *view)
{
    const Vouch__V1__PersonalData *personal = view->contact->personal;
    struct values emails, phones;
    if (personal == NULL) {
        return;
    }
    collect(view, &emails, &phones);
    fprintf(out, "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:vouch:contact:%" PRIu64 "\r\n", view->contact->id);
    vcard_property(out, "FN", personal->name, false);
    vcard_property(out, "TITLE", personal->title, false);
    vcard_property(out, "ORG", view->company, false);
    for (size_t i = 0; i < emails.count; i++) {
        vcard_property(out, i == 0 ? "EMAIL;PREF=1" : "EMAIL", emails.texts[i], false);
    }
    for (size_t i = 0; i < phones.count; i++) {
        vcard_property(out, i == 0 ? "TEL;PREF=1" : "TEL", phones.texts[i], false);
    }
    vcard_tags(out, personal);
    fputs("END:VCARD\r\n", out);
}
