/* SPDX-License-Identifier: Apache-2.0
 *
 * Every string of the big list of naughty strings, as a company's name, a person's name and a referral's need, through
 * a real broker: each comes back byte for byte, or is refused with a sentence. Argument: blns.json; without it the test
 * is skipped (exit code 77). */
#include "world.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define SKIPPED 77

static size_t kept, refused, place;

static uint64_t last_company(struct vouch *v, uint64_t id, char *name, size_t room)
{
    Vouch__V1__CompanyList list = VOUCH__V1__COMPANY_LIST__INIT;
    list.after = id - 1;
    list.limit = 1;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_LIST;
    request.company_list = &list;
    Vouch__V1__Reply *reply = NULL;
    ask(v, &request, VOUCH_OK, &reply);
    if (reply->companies->n_companies != 1) {
        fail("company %lu is not there", (unsigned long)id);
    }
    snprintf(name, room, "%s", reply->companies->companies[0]->name);
    uint64_t found = reply->companies->companies[0]->id;
    vouch_reply_free(&reply);
    return found;
}

/* True when the command was done; a refusal must be INVALID and say why. */
static bool accepted(struct vouch *v, const Vouch__V1__Request *request, uint64_t *id)
{
    Vouch__V1__Reply *reply = NULL;
    int outcome = call(v, request, 10000, &reply);
    if (outcome == VOUCH_OK) {
        *id = reply->done->id;
        kept++;
    } else if (outcome == VOUCH_INVALID && strlen(reply->message) > 10) {
        refused++;
    } else {
        fail("outcome %s: %s (string %zu of the list)", vouch_outcome_name(outcome), vouch_last_error(), place);
    }
    vouch_reply_free(&reply);
    return outcome == VOUCH_OK;
}

/* Blanks around a name are no part of it. */
static bool same_name(const char *name, const char *text)
{
    text += strspn(text, " ");
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == ' ') {
        size--;
    }
    return strlen(name) == size && memcmp(name, text, size) == 0;
}

static void as_company(struct vouch *v, const char *text)
{
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = (char *)text;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD;
    request.company_add = &add;
    uint64_t id;
    char name[4096];
    if (accepted(v, &request, &id) && (last_company(v, id, name, sizeof name) != id || !same_name(name, text))) {
        fail("\"%s\" came back as \"%s\"", text, name);
    }
}

static void as_person(struct vouch *v, const char *text)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    personal.name = (char *)text;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    add.personal = &personal;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_CONTACT_ADD;
    request.contact_add = &add;
    uint64_t id;
    (void)accepted(v, &request, &id);
}

static void as_need(struct vouch *v, uint64_t prospect, uint64_t receiver, const char *text)
{
    Vouch__V1__ReferralText words = VOUCH__V1__REFERRAL_TEXT__INIT;
    words.need = (char *)text;
    words.vouch = (char *)text;
    Vouch__V1__ReferralSubmit submission = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submission.prospect = prospect;
    submission.receiver = receiver;
    submission.consent = true;
    submission.text = &words;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT;
    request.referral_submit = &submission;
    uint64_t id;
    if (!accepted(v, &request, &id)) {
        return;
    }
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = id;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_GET;
    request.referral_get = &get;
    Vouch__V1__Reply *reply = NULL;
    ask(v, &request, VOUCH_OK, &reply);
    const Vouch__V1__ReferralText *back = reply->referral->referral->text;
    if (strcmp(back == NULL ? "" : back->need, text) != 0) {
        fail("\"%s\" came back as \"%s\"", text, back == NULL ? "" : back->need);
    }
    vouch_reply_free(&reply);
}

int main(int count, char **arguments)
{
    json_error_t error;
    json_t *strings = count > 1 ? json_load_file(arguments[1], 0, &error) : NULL;
    if (strings == NULL) {
        puts("skipped: the list is not there");
        return SKIPPED;
    }
    struct world world = {0};
    uint64_t tom_id;
    world_begin(&world, NULL);
    world_start(&world);
    world_open_admin(&world);
    struct vouch *ana = world_join(&world, "Ana Sousa", VOUCH__V1__ROLE__REP, 0, NULL);
    struct vouch *tom = world_join(&world, "Tom Rieke", VOUCH__V1__ROLE__REP, 0, &tom_id);
    uint64_t prospect = add_company(ana, "Kestrel Bank");
    size_t index;
    json_t *string;
    json_array_foreach(strings, index, string)
    {
        const char *text = json_string_value(string);
        place = index + 1;
        as_company(ana, text);
        as_person(ana, text);
        as_need(ana, prospect, tom_id, text);
    }
    json_decref(strings);
    vouch_close(&ana);
    vouch_close(&tom);
    const char *const check[] = {"check", NULL}, *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&world, check) != 0) {
        fail("vouchd check found fault beside the broker, see %s", world.log);
    }
    vouch_close(&world.admin);
    if (world_stop(&world, 15) != 0 || world_vouchd(&world, rebuild) != 0) {
        fail("the broker or vouchd rebuild found fault, see %s", world.log);
    }
    world_end(&world);
    printf("%zu kept as they are, %zu refused with a reason\n", kept, refused);
    return kept > 0 && refused > 0 ? 0 : 1;
}
