/* SPDX-License-Identifier: Apache-2.0
 *
 * import contacts: all of a file is read and understood first; then one command a person, many under way at a time. The
 * broker knows whom it has, so a run that was broken off is simply run again. */
#include "import.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

struct sending {
    struct import_run *run;
    uint64_t company; /* of all of them; 0: as the file says */
    uint32_t strength_ppm;
    bool consent;
};

static void send_person(struct pipeline *pipeline, size_t i)
{
    struct sending *sending = pipeline->data;
    struct import_person *person = &sending->run->book->people[i];
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactImport message = VOUCH__V1__CONTACT_IMPORT__INIT;
    if (person->skip != IMPORT_TAKEN) {
        return;
    }
    personal.name = person->name;
    personal.title = person->title;
    if (person->email_count > 0) {
        personal.email = person->emails[0];
        personal.emails = person->emails + 1;
        personal.n_emails = person->email_count - 1;
    }
    if (person->phone_count > 0) {
        personal.phone = person->phones[0];
        personal.phones = person->phones + 1;
        personal.n_phones = person->phone_count - 1;
    }
    message.origin = person->origin;
    message.personal = &personal;
    message.company = sending->company;
    message.company_name = person->company;
    message.consent = sending->consent;
    message.strength_ppm = sending->strength_ppm;
    message.since_ms = person->since_ms;
    message.note = person->note;
    message.dry_run = sending->run->dry;
    Vouch__V1__Request request = REQUEST(CONTACT_IMPORT, contact_import, &message);
    pipeline_send(pipeline, &request, i);
}

static void person_done(struct pipeline *pipeline, size_t i, uint64_t id)
{
    struct sending *sending = pipeline->data;
    struct import_run *run = sending->run;
    run->book->people[i].contact = id;
    run->book->people[i].change = (int)pipeline->change;
    run->known += pipeline->change == VOUCH__V1__DONE__CHANGE__KNOWN;
    run->changed += pipeline->change == VOUCH__V1__DONE__CHANGE__CHANGED;
    /* The answer to a retry does not tell; what was done before was this very command. */
    run->made += pipeline->change == VOUCH__V1__DONE__CHANGE__NEW ||
                 pipeline->change == VOUCH__V1__DONE__CHANGE__CHANGE_NONE;
}

static void person_refused(struct pipeline *pipeline, size_t i, const char *sentence)
{
    struct sending *sending = pipeline->data;
    struct import_run *run = sending->run;
    struct import_person *person = &run->book->people[i];
    person->skip = IMPORT_REFUSED;
    person->refusal = arena_strdup(run->book->arena, sentence);
    run->book->skipped++;
    run->refused++;
}

static int read_options(struct cli *cli, struct sending *sending, enum import_format *format)
{
    const char *from = args_text(&cli->args, "from"), *strength = args_text(&cli->args, "strength");
    char *company = args_text(&cli->args, "company");
    *format = from == NULL ? IMPORT_UNKNOWN : import_format_find(from);
    if (from != NULL && *format == IMPORT_UNKNOWN) {
        return fail_usage(cli, "--from is linkedin, google, outlook, thunderbird, ldif, vcard or csv");
    }
    if (strength != NULL && (!text_parse_ppm(strength, &sending->strength_ppm) || sending->strength_ppm == 0)) {
        return fail_usage(cli, "--strength is a number above 0, to 1, as 0.7");
    }
    sending->consent = args_flag(&cli->args, "consent");
    return company == NULL ? EXIT_DONE
                           : name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, company, &sending->company, NULL);
}

static int send_people(struct cli *cli, struct sending *sending)
{
    struct import_run *run = sending->run;
    struct pipeline pipeline = {.title = "people",
                                .count = run->book->count,
                                .send = send_person,
                                .done = person_done,
                                .refused = person_refused,
                                .data = sending};
    int code = pipeline_run(cli, &pipeline);
    size_t settled = run->made + run->changed + run->known + run->book->skipped;
    run->unsent = run->book->count - settled;
    return code;
}

static int tell(struct cli *cli, struct import_run *run, int code)
{
    if (!run->dry) {
        import_keep(cli, run);
    }
    if (cli->json) {
        json_print(import_json(run));
    } else {
        import_print_result(run);
    }
    return code == EXIT_DONE && run->refused > 0 ? exit_of(VOUCH_CONFLICT) : code;
}

int import_contacts(struct cli *cli)
{
    struct import_book book;
    struct import_run run = {.book = &book, .path = cli->args.words[1], .dry = args_flag(&cli->args, "dry-run")};
    struct sending sending = {.run = &run};
    enum import_format format;
    int64_t now_ms = 0;
    int code = read_options(cli, &sending, &format);
    if (code == EXIT_DONE) {
        code = session_ask_time(cli, &now_ms, NULL); /* tells what is in the future */
    }
    if (code != EXIT_DONE) {
        return code;
    }
    import_book_make(&book, now_ms);
    if (!import_book_read(&book, run.path, format, args_text(&cli->args, "encoding"))) {
        code = fail_usage(cli, "nothing was imported: %s", book.why);
    } else {
        if (!cli->json) {
            import_print_head(&run);
            fflush(stdout);
        }
        code = tell(cli, &run, send_people(cli, &sending));
    }
    import_book_free(&book);
    return code;
}
