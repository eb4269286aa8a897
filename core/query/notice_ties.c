/* SPDX-License-Identifier: Apache-2.0
 *
 * What lines of inboxes say about asks and intel. Who reads them is who asked, gave, or was offered it; of intel that
 * is overdue managers hear too, but not what it says. */
#include "apply/bonds.h"
#include "domain/names.h"
#include "query/parts.h"

#define QUOTE_BYTES 300
#define INTEL(name) VOUCH__V1__INTEL_STATE__INTEL_##name

bool ties_event_is_told(Vouch__V1__Event__BodyCase body)
{
    return body == BODY(ASK_MOVED) || body == BODY(INTEL_GIVEN) || body == BODY(INTEL_MOVED);
}

static char *quoted(const struct workday_line *line, char *sentence, ProtobufCBinaryData bytes)
{
    const Vouch__V1__ReferralText *text = record_text(line->view, bytes, 0, line->arena);
    const char *cut = sentence == NULL || text == NULL || text->note[0] == '\0'
                          ? NULL
                          : text_cut(line->arena, text->note, QUOTE_BYTES);
    return cut == NULL ? sentence : arena_printf(line->arena, "%s: \"%s\"", sentence, cut);
}

static char *tell_ask(const struct workday_line *line)
{
    const Vouch__V1__Ask *ask = record_ask(line->view, line->event->ask_moved->ask, line->arena);
    if (ask == NULL) {
        return NULL;
    }
    const char *name = record_name(line->view, TABLE_CONTACT, record_contact_self(line->view, ask->contact),
                                   line->arena);
    return arena_printf(
        line->arena,
        "%s has not answered what you asked on %s (A%" PRIu64 "); whatever they say later, tell it with "
        "`vouch ask answered A%" PRIu64 "`",
        name[0] == '\0' ? "a contact" : name, moment_text(line, ask->asked_ms, false), ask->id, ask->id);
}

/* "I31 about Halden AG" */
static const char *intel_subject(const struct workday_line *line, const Vouch__V1__Intel *intel)
{
    return arena_printf(line->arena, "I%" PRIu64 " about %s", intel->id,
                        record_name(line->view, TABLE_COMPANY, intel->company, line->arena));
}

static char *tell_moved(const struct workday_line *line, const char *subject)
{
    const Vouch__V1__IntelMoved *moved = line->event->intel_moved;
    char *sentence;
    if (moved->to == INTEL(TAKEN)) {
        sentence = arena_printf(line->arena, "%s takes your intel %s", line->actor, subject);
    } else if (moved->to == INTEL(NOT_USED)) {
        sentence = arena_printf(line->arena, "%s has no use for your intel %s", line->actor, subject);
    } else if (moved->referral != 0) {
        sentence = arena_printf(line->arena, "%s used your intel %s for R%" PRIu64 ", and you are credited",
                                line->actor, subject, moved->referral);
    } else {
        sentence = arena_printf(line->arena, "%s used your intel %s", line->actor, subject);
    }
    return quoted(line, sentence, moved->text);
}

static char *tell_rung(const struct workday_line *line, const Vouch__V1__Intel *intel, const char *subject)
{
    const Vouch__V1__Clock *clock = line->event->clock_rung->clock;
    const char *due = moment_text(line, clock->due_ms, true);
    bool overdue = clock->stage >= VOUCH__V1__CLOCK__STAGE__OVERDUE;
    if (intel->to != line->reader) {
        return arena_printf(line->arena, "%s has not answered intel %s, due at %s: it is overdue",
                            record_name(line->view, TABLE_MEMBER, intel->to, line->arena), subject, due);
    }
    const char *from = record_name(line->view, TABLE_MEMBER, intel->from, line->arena);
    return overdue
               ? arena_printf(line->arena, "intel %s from %s is overdue: it waited for your yes or no until %s",
                              subject, from, due)
               : arena_printf(line->arena, "intel %s from %s waits for your yes or no until %s", subject, from, due);
}

char *ties_event_tell(const struct workday_line *line)
{
    const Vouch__V1__Event *event = line->event;
    if (event->body_case == BODY(ASK_MOVED)) {
        return tell_ask(line);
    }
    uint64_t id = event->body_case == BODY(INTEL_GIVEN)   ? event->intel_given->intel->id
                  : event->body_case == BODY(INTEL_MOVED) ? event->intel_moved->intel
                                                          : event->clock_rung->intel;
    const Vouch__V1__Intel *intel = record_intel(line->view, id, line->arena);
    const char *subject = intel == NULL ? NULL : intel_subject(line, intel);
    if (subject == NULL) {
        return NULL;
    }
    if (event->body_case == BODY(INTEL_GIVEN)) {
        return quoted(line, arena_printf(line->arena, "%s has intel for you, %s", line->actor, subject),
                      event->intel_given->text);
    }
    return event->body_case == BODY(INTEL_MOVED) ? tell_moved(line, subject) : tell_rung(line, intel, subject);
}
