/* SPDX-License-Identifier: Apache-2.0
 *
 * Making the books that are attacked. */
#include "money_victim.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

struct victim victim;

void victim_remember(void)
{
    victim.before = books_fingerprint(&victim.world);
}

void refuse(struct person *who, const char *what, Vouch__V1__Request *request, int status, const char *says)
{
    char sentence[512];
    int got = send_raw(who, request, sentence);
    if (got != status) {
        fail("%s: status %d (%s), expected %d", what, got, sentence, status);
    }
    if (strlen(sentence) < 15 || strstr(sentence, says) == NULL) {
        fail("%s: \"%s\" does not say \"%s\"", what, sentence, says);
    }
    if (books_fingerprint(&victim.world) != victim.before) {
        fail("%s: it was refused (%s), and the books have changed", what, sentence);
    }
    victim.refusals++;
}

static void join_all(void)
{
    struct world *world = &victim.world;
    void *context = victim.context;
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    add.name = "Halden AG";
    add.kind = VOUCH__V1__COMPANY_KIND__PARTNER;
    SAY(request, COMPANY_ADD, company_add, add);
    victim.partner = command(world->admin, &request);
    victim.finn = person_join(world, context, "Finn Berg", VOUCH__V1__ROLE__FINANCE, 0);
    victim.fay = person_join(world, context, "Fay Roth", VOUCH__V1__ROLE__FINANCE, 0);
    victim.ana = person_join(world, context, "Ana Sol", VOUCH__V1__ROLE__REP, 0);
    victim.tom = person_join(world, context, "Tom Rieke", VOUCH__V1__ROLE__REP, 0);
    victim.mia = person_join(world, context, "Mia Dahl", VOUCH__V1__ROLE__MANAGER, 0);
    victim.aud = person_join(world, context, "Aud Lind", VOUCH__V1__ROLE__AUDITOR, 0);
    victim.gil = person_join(world, context, "Gil Orrin", VOUCH__V1__ROLE__FINANCE, victim.partner);
    victim.gone = person_join(world, context, "Gus Krantz", VOUCH__V1__ROLE__FINANCE, 0);
}

static void remove_gus(void)
{
    char sentence[512];
    Vouch__V1__MemberRemove removal = VOUCH__V1__MEMBER_REMOVE__INIT;
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    SAY(request, WHOAMI, whoami, whoami);
    if (send_raw(&victim.gone, &request, sentence) != VOUCH_OK) { /* the connection is there when the key goes */
        fail("Gus: %s", sentence);
    }
    vouch__v1__request__init(&request);
    removal.member = victim.gone.id;
    removal.reason = "left the company";
    SAY(request, MEMBER_REMOVE, member_remove, removal);
    command(victim.world.admin, &request);
}

static void advance_to(int64_t day)
{
    set_clock(&victim.world, START_MS + day * DAY_MS);
}

/* The line of a payment becomes approved within its month, which is closed in the next. */
static void pay_and_close(const char *reference, int64_t paid_day, int64_t close_day, uint32_t period,
                          int64_t paid_minor)
{
    advance_to(paid_day);
    pay(&victim.finn, victim.deal, 1000000, "EUR", reference);
    advance_to(paid_day + 8);
    wait_balances(&victim.ana, "EUR", (struct balances){.approved = LINE_MINOR, .paid = paid_minor});
    advance_to(close_day);
    close_period(&victim.finn, period);
}

static void fill_places(void)
{
    pay_and_close("INV-1", 1, 30, 202701, 0);
    victim.batch = make_payout(&victim.finn, "EUR");
    settle_payout(&victim.finn, victim.batch);
    pay_and_close("INV-2", 31, 52, 202702, LINE_MINOR);
    pay(&victim.finn, victim.deal, 1000000, "EUR", "INV-3");
    advance_to(60);
    struct balances wanted = {.approved = LINE_MINOR, .payable = LINE_MINOR, .paid = LINE_MINOR};
    wait_balances(&victim.ana, "EUR", wanted);
    pay(&victim.finn, victim.deal, 1000000, "EUR", "INV-4");
    advance_to(63);
    wanted.accrued = LINE_MINOR;
    wait_balances(&victim.ana, "EUR", wanted);
}

static uint64_t statement_of(uint32_t period)
{
    Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    get.period = period;
    SAY(request, STATEMENT_GET, statement_get, get);
    ask(victim.ana.v, &request, VOUCH_OK, &reply);
    if (reply->statement->statement == NULL) {
        fail("there is no statement of %u", period);
    }
    uint64_t id = reply->statement->statement->id;
    vouch_reply_free(&reply);
    return id;
}

static void write_settings(const char *fault)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/vouchd.conf", victim.world.directory);
    FILE *file = fopen(path, "w");
    if (file == NULL ||
        fprintf(file,
                "attribution = bad\nplugin bad {\n    path = %s\n    deadline_ms = 10000\n"
                "    settings { fault = %s }\n}\n",
                victim.plugin, fault) < 0 ||
        fclose(file) != 0) {
        fail("%s cannot be written", path);
    }
    victim.world.options[0] = "--config";
    victim.world.options[1] = path;
}

void victim_become(const char *fault)
{
    Vouch__V1__PluginReload reload = VOUCH__V1__PLUGIN_RELOAD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    write_settings(fault);
    reload.name = "bad";
    SAY(request, PLUGIN_RELOAD, plugin_reload, reload);
    ask(victim.world.admin, &request, VOUCH_OK, NULL);
}

void victim_begin(void)
{
    static char clock[64]; /* as long as the broker may be started */
    memset(victim.long_text, 'x', sizeof victim.long_text - 1);
    snprintf(clock, sizeof clock, "manual:%" PRId64, START_MS);
    victim.context = zmq_ctx_new();
    world_begin(&victim.world, clock);
    if (victim.plugin != NULL) {
        write_settings("none");
    }
    world_start(&victim.world);
    world_open_admin(&victim.world);
    join_all();
    remove_gus();
    victim.prospect = add_company(victim.world.admin, "Kestrel Bank");
    Vouch__V1__Terms terms = terms_preset("house", "EUR");
    terms.coworker_bps = 500;
    terms.hold_days = 7;
    terms_approve(&victim.fay, terms_write(&victim.finn, &terms), 1);
    victim.deal = deal_won(&victim.ana, &victim.tom, victim.prospect, 10000000, "EUR");
    fill_places();
    /* Only now: left alone for all this time it would be closed. */
    victim.open_referral = deal_ready(&victim.ana, &victim.tom, victim.prospect);
    victim.paid_statement = statement_of(202701);
    victim.payable_statement = statement_of(202702);
    victim_remember();
}

void victim_end(void)
{
    struct person *everybody[] = {&victim.finn, &victim.fay, &victim.ana, &victim.tom,
                                  &victim.mia,  &victim.aud, &victim.gil, &victim.gone};
    for (size_t i = 0; i < sizeof everybody / sizeof everybody[0]; i++) {
        person_close(everybody[i]);
    }
    vouch_close(&victim.world.admin);
    if (world_stop(&victim.world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", victim.world.log);
    }
    const char *const check[] = {"check", NULL}, *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&victim.world, check) != 0 || world_vouchd(&victim.world, rebuild) != 0) {
        fail("vouchd check or rebuild found fault, see %s", victim.world.log);
    }
    world_end(&victim.world);
    zmq_ctx_term(victim.context);
}
