/* SPDX-License-Identifier: Apache-2.0
 *
 * A broker on a disk that fills up, and on one that fails. While it is full commands are refused with the reason and
 * work again once there is room; after a failed sync none is accepted until a restart, because a later sync could
 * succeed without having kept what this one lost. Queries go on all the while, and nothing acknowledged is lost. */
#include "world.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world world = {0};
static struct vouch *ana, *tom;
static uint64_t tom_id, prospect;

/* What the disk does from now on; see tests/fault/inject.c. */
static void disk_does(const char *words)
{
    char path[128], fresh[128];
    snprintf(path, sizeof path, "%s/disk", world.directory);
    snprintf(fresh, sizeof fresh, "%s/disk.new", world.directory);
    FILE *file = fopen(fresh, "w");
    if (file == NULL || fputs(words, file) < 0 || fclose(file) != 0 || rename(fresh, path) != 0) {
        fail("cannot write %s", path);
    }
}

static Vouch__V1__Request referral_request(Vouch__V1__ReferralSubmit *submission, Vouch__V1__ReferralText *text)
{
    vouch__v1__referral_text__init(text);
    vouch__v1__referral_submit__init(submission);
    text->need = "archive";
    text->vouch = "They asked me.";
    submission->prospect = prospect;
    submission->receiver = tom_id;
    submission->consent = true;
    submission->text = text;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT;
    request.referral_submit = submission;
    return request;
}

/* A referral that must be refused because nothing can be recorded, with a sentence that has `cause` in it. */
static void expect_refusal(const char *cause)
{
    Vouch__V1__ReferralText text;
    Vouch__V1__ReferralSubmit submission;
    Vouch__V1__Request request = referral_request(&submission, &text);
    Vouch__V1__Reply *reply = NULL;
    ask(ana, &request, VOUCH_UNAVAILABLE, &reply);
    if (strstr(reply->message, cause) == NULL) {
        fail("the refusal does not say '%s' but '%s'", cause, reply->message);
    }
    vouch_reply_free(&reply);
}

static void expect_referral(uint64_t id)
{
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = id;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_GET;
    request.referral_get = &get;
    ask(ana, &request, VOUCH_OK, NULL); /* she sees at least what she was answered */
}

/* Refers until the disk has no room for more; the last referral that was acknowledged. */
static uint64_t refer_until_full(void)
{
    uint64_t last = 0;
    for (int i = 0; i < 100000; i++) {
        Vouch__V1__ReferralText text;
        Vouch__V1__ReferralSubmit submission;
        Vouch__V1__Request request = referral_request(&submission, &text);
        Vouch__V1__Reply *reply = NULL;
        int outcome = call(ana, &request, 30000, &reply);
        if (outcome == VOUCH_OK) {
            last = reply->done->id;
        } else if (outcome != VOUCH_UNAVAILABLE) {
            fail("on a full disk: %s", vouch_last_error());
        }
        vouch_reply_free(&reply);
        if (outcome == VOUCH_UNAVAILABLE) {
            return last;
        }
    }
    fail("the disk did not fill up");
}

/* The broker finds out by trying, a few times a second. */
static uint64_t submit_when_possible(void)
{
    for (int i = 0; i < 1000; i++) {
        Vouch__V1__ReferralText text;
        Vouch__V1__ReferralSubmit submission;
        Vouch__V1__Request request = referral_request(&submission, &text);
        Vouch__V1__Reply *reply = NULL;
        int outcome = call(ana, &request, 30000, &reply);
        uint64_t id = outcome == VOUCH_OK ? reply->done->id : 0;
        vouch_reply_free(&reply);
        if (id != 0) {
            return id;
        }
        poll(NULL, 0, 10);
    }
    fail("there is room again and nothing is recorded");
}

static void full_disk(void)
{
    uint64_t before = submit(ana, prospect, tom_id, "They asked me.");
    disk_does("space=400000");
    uint64_t last = refer_until_full();
    printf("full after referral %" PRIu64 "\n", last);
    expect_refusal("space");
    expect_referral(before);
    disk_does("");
    uint64_t after = submit_when_possible();
    if (after != last + 1) {
        fail("referral %" PRIu64 " follows %" PRIu64 ": a refused one was kept", after, last);
    }
    expect_referral(last);
    expect_referral(after);
}

/* The state's commit fails just when a checkpoint is due: the broker ended itself, because it began one in the middle
 * of making the state good again. */
static void checkpoint_due_as_the_state_fails(void)
{
    submit(ana, prospect, tom_id, "They asked me.");
    submit(ana, prospect, tom_id, "They asked me.");
    poll(NULL, 0,
         1200); /* not to wait for something: a checkpoint falls due after a second, with nothing to begin it */
    disk_does("only=state space=0");
    uint64_t last = refer_until_full();
    disk_does("");
    uint64_t after = submit_when_possible();
    expect_referral(last);
    expect_referral(after);
}

static void failing_disk(void)
{
    uint64_t before = submit(ana, prospect, tom_id, "They asked me.");
    disk_does("only=journal sync_fails=1");
    expect_refusal("");
    disk_does("");
    expect_refusal("restart");
    expect_referral(before);
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop in order, see %s", world.log);
    }
    world_start(&world);
    expect_referral(before);
    uint64_t after = submit(ana, prospect, tom_id, "A new disk.");
    /* The refused one may or may not have reached the disk before it failed; what counts is that none was acknowledged
     * and lost. */
    if (after <= before) {
        fail("referral %" PRIu64 " was lost", before);
    }
    expect_referral(after);
}

int main(void)
{
    char control[128];
    world_begin(&world, NULL);
    snprintf(control, sizeof control, "%s/disk", world.directory);
    setenv("VOUCH_INJECT_DIR", world.store, 1);
    setenv("VOUCH_INJECT_CONTROL", control, 1);
    disk_does("");
    world.preload = INJECT;
    world.options[0] = "--checkpoint_seconds";
    world.options[1] = "1";
    world_start(&world);
    world_open_admin(&world);
    ana = world_join(&world, "Ana Sousa", VOUCH__V1__ROLE__REP, 0, NULL);
    tom = world_join(&world, "Tom Rieke", VOUCH__V1__ROLE__REP, 0, &tom_id);
    prospect = add_company(ana, "Kestrel Bank");
    full_disk();
    checkpoint_due_as_the_state_fails();
    failing_disk();
    vouch_close(&ana);
    vouch_close(&tom);
    vouch_close(&world.admin);
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
    const char *const check[] = {"check", NULL}, *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&world, check) != 0 || world_vouchd(&world, rebuild) != 0) {
        fail("vouchd check or rebuild found fault, see %s", world.log);
    }
    world_end(&world);
    puts("full and failing disks: refused with a reason, nothing lost");
    return 0;
}
