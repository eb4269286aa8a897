/* SPDX-License-Identifier: Apache-2.0
 *
 * calendar: when you work. Clocks of referrals run in these hours only. What is not said stays as it is. */
#include "calendar.h"
#include "cli.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const uint32_t usual_hours[WEEK_HOURS] = {540, 1020, 540, 1020, 540, 1020, 540, 1020, 540, 1020};

/* A calendar that is being looked at or changed. */
struct plan {
    uint64_t member;
    char name[NAME_MAX_BYTES];
    char zone[64];
    bool own_hours; /* else the usual ones */
    uint32_t hours[WEEK_HOURS];
    struct days_off off;
};

static void take_calendar(const Vouch__V1__WorkCalendar *calendar, struct plan *plan)
{
    memcpy(plan->hours, usual_hours, sizeof usual_hours);
    if (calendar == NULL) {
        return;
    }
    snprintf(plan->zone, sizeof plan->zone, "%s", calendar->zone);
    plan->own_hours = calendar->n_hours == WEEK_HOURS;
    for (size_t i = 0; i < WEEK_HOURS && plan->own_hours; i++) {
        plan->hours[i] = calendar->hours[i];
    }
    for (size_t i = 0; i < calendar->n_days_off && i < DAYS_OFF_MOST; i++) {
        plan->off.days[plan->off.count++] = calendar->days_off[i];
    }
}

static void take_member(const Vouch__V1__Member *member, struct plan *plan)
{
    plan->member = member->id;
    snprintf(plan->name, sizeof plan->name, "%s", member->name);
    take_calendar(member->calendar, plan);
}

static int load_own(struct cli *cli, struct plan *plan)
{
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    Vouch__V1__Request request = REQUEST(WHOAMI, whoami, &whoami);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_MEMBER, &reply);
    if (code == EXIT_DONE) {
        take_member(reply->member, plan);
        vouch_reply_free(&reply);
    }
    return code;
}

static int load_other(struct cli *cli, char *text, struct plan *plan)
{
    Vouch__V1__MemberList list = VOUCH__V1__MEMBER_LIST__INIT;
    Vouch__V1__Request request = REQUEST(MEMBER_LIST, member_list, &list);
    Vouch__V1__Reply *reply = NULL;
    uint64_t id = 0;
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, text, &id, plan->name);
    if (code != EXIT_DONE) {
        return code;
    }
    list.after = id - 1;
    list.limit = 1;
    code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_MEMBERS, &reply);
    if (code == EXIT_DONE) {
        if (reply->members->n_members == 1 && reply->members->members[0]->id == id) {
            take_member(reply->members->members[0], plan);
        }
        vouch_reply_free(&reply);
    }
    return code;
}

static int load(struct cli *cli, char *member, struct plan *plan)
{
    *plan = (struct plan){.member = 0};
    return member == NULL ? load_own(cli, plan) : load_other(cli, member, plan);
}

/* ---- show ---- */

static void print_day(uint32_t day)
{
    printf("%04" PRIu32 "-%02" PRIu32 "-%02" PRIu32, day / 10000, day / 100 % 100, day % 100);
}

static void print_plan(const struct plan *plan)
{
    char hours[HOURS_TEXT_BYTES];
    text_print(stdout, plan->name);
    printf("\n  works     %s\n  zone      ", calendar_hours_text(hours, plan->hours));
    text_print(stdout, plan->zone[0] != '\0' ? plan->zone : "that of the home company");
    putchar('\n');
    for (size_t i = 0; i < plan->off.count; i++) {
        size_t last = days_off_run(&plan->off, i);
        printf("  %-9s ", i == 0 ? "days off" : "");
        print_day(plan->off.days[i]);
        if (last > i) {
            fputs(" to ", stdout);
            print_day(plan->off.days[last]);
        }
        putchar('\n');
        i = last;
    }
}

static json_t *plan_json(const struct plan *plan)
{
    json_t *hours = json_array(), *off = json_array();
    for (size_t i = 0; i < WEEK_HOURS; i++) {
        json_array_append_new(hours, json_integer(plan->hours[i]));
    }
    for (size_t i = 0; i < plan->off.count; i++) {
        json_array_append_new(off, json_integer(plan->off.days[i]));
    }
    return json_pack("{s:I, s:s, s:s, s:o, s:o}", "member", (json_int_t)plan->member, "name", plan->name, "zone",
                     plan->zone, "hours", hours, "days_off", off);
}

static int show(struct cli *cli)
{
    struct plan plan;
    int code = load(cli, cli->args.count > 1 ? cli->args.words[1] : NULL, &plan);
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        return json_print(plan_json(&plan));
    }
    print_plan(&plan);
    return EXIT_DONE;
}

/* ---- set ---- */

static int change_days(struct cli *cli, const char *option, bool off, struct plan *plan)
{
    char *values[ARGS_LIST];
    int count = args_list(&cli->args, option, values);
    if (count < 0) {
        return fail_usage(cli, "at most %d values of --%s", ARGS_LIST, option);
    }
    for (int i = 0; i < count; i++) {
        uint32_t first, last;
        if (!calendar_parse_range(values[i], &first, &last)) {
            return fail_usage(cli, "'%.40s' is no day and no days; write 2026-12-24 or 2026-12-24..2027-01-02",
                              values[i]);
        }
        if (!off) {
            days_off_remove(&plan->off, first, last);
        } else if (!days_off_add(&plan->off, first, last)) {
            return fail_usage(cli, "more than %d days off", DAYS_OFF_MOST);
        }
    }
    return EXIT_DONE;
}

/* Days that are long past would fill the calendar up. */
static void forget_past(struct plan *plan)
{
    time_t now = text_now() - 31 * (time_t)86400;
    struct tm tm;
    if (gmtime_r(&now, &tm) != NULL) {
        days_off_remove(&plan->off, 0, (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday));
    }
}

static int change(struct cli *cli, struct plan *plan)
{
    const char *zone = args_text(&cli->args, "zone");
    const char *hours = args_text(&cli->args, "hours");
    if (zone != NULL) {
        if (strlen(zone) >= sizeof plan->zone) {
            return fail_usage(cli, "a time zone has a name as Europe/Berlin");
        }
        snprintf(plan->zone, sizeof plan->zone, "%s", strcmp(zone, "home") == 0 ? "" : zone);
    }
    if (hours != NULL) {
        if (!calendar_parse_hours(hours, plan->hours)) {
            return fail_usage(cli,
                              "'%.80s' are no hours; write \"mon-fri 9:00-17:00, sat 9:00-12:00\", each day once, "
                              "from its first hour to its last",
                              hours);
        }
        plan->own_hours = true;
    }
    int code = change_days(cli, "off", true, plan);
    return code == EXIT_DONE ? change_days(cli, "on", false, plan) : code;
}

static int send_plan(struct cli *cli, struct plan *plan)
{
    Vouch__V1__WorkCalendar calendar = VOUCH__V1__WORK_CALENDAR__INIT;
    Vouch__V1__CalendarSetting setting = VOUCH__V1__CALENDAR_SETTING__INIT;
    calendar.zone = plan->zone;
    calendar.n_hours = plan->own_hours ? WEEK_HOURS : 0;
    calendar.hours = plan->hours;
    calendar.n_days_off = plan->off.count;
    calendar.days_off = plan->off.days;
    setting.member = plan->member;
    setting.calendar = &calendar;
    Vouch__V1__Request request = REQUEST(CALENDAR_SET, calendar_set, &setting);
    uint64_t id = 0;
    return session_command(cli, &request, &id);
}

static int set(struct cli *cli)
{
    static const char *const changes[] = {"zone", "hours", "off", "on"};
    struct plan plan;
    bool any = false;
    for (size_t i = 0; i < 4; i++) {
        any = any || args_text(&cli->args, changes[i]) != NULL;
    }
    if (!any) {
        return fail_usage(cli, "say what to set: --zone Europe/Berlin, --hours \"mon-fri 9:00-17:00\", --off "
                               "2026-12-24..2027-01-02");
    }
    int code = load(cli, args_text(&cli->args, "member"), &plan);
    if (code == EXIT_DONE) {
        forget_past(&plan);
        code = change(cli, &plan);
    }
    if (code == EXIT_DONE) {
        code = send_plan(cli, &plan);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        return json_print(plan_json(&plan));
    }
    print_plan(&plan);
    puts("Clocks run in these hours from now on; those that are overdue stay so.");
    return EXIT_DONE;
}

int verb_calendar(struct cli *cli)
{
    const char *action = cli->args.count > 0 ? cli->args.words[0] : "show";
    if (strcmp(action, "show") == 0) {
        return show(cli);
    }
    if (strcmp(action, "set") == 0 && cli->args.count == 1) {
        return set(cli);
    }
    return fail_usage(cli, "usage: vouch calendar [show [MEMBER] | set]");
}
