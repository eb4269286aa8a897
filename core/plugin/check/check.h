/* SPDX-License-Identifier: Apache-2.0
 *
 * vouch-plugin-check from the inside, in the order of its work: questions that a broker could ask (questions.c,
 * attributions.c, estimates.c, matches.c), a process of the plugin (subject.c) that is asked (asking.c), replies and
 * what differs between two (reply.c), the checks (loading.c, answers.c, repetition.c, resources.c) and the verdicts
 * they come to (report.c). One thread, which lives as long as all processes. */
#ifndef VOUCH_PLUGIN_CHECK_CHECK_H
#define VOUCH_PLUGIN_CHECK_CHECK_H

#include "plugin/internal.h"

#include <stdio.h>

/* ---- report.c: verdicts ---- */

#define FINDING_TEXT_MAX 600

enum verdict { VERDICT_OK, VERDICT_NOTE, VERDICT_FAIL };

struct finding {
    const char *check;
    char key[64]; /* findings of one kind have one key and are told once */
    enum verdict verdict;
    uint32_t times;
    char text[FINDING_TEXT_MAX];
};

#define FINDINGS_MAX 128

struct report {
    FILE *out; /* NULL: nothing is printed as it is found */
    bool colour;
    const char *check; /* the one under way */
    size_t first;      /* of its findings */
    size_t count;
    struct finding findings[FINDINGS_MAX];
    uint32_t checks, notes, failures; /* checks ended; findings */
};

void report_begin(struct report *report, const char *check);
/* A finding of the check under way. A second one with the same key counts up the first; one that an earlier check had
 * already becomes a note that refers to it. */
void report_find(struct report *report, enum verdict verdict, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Did the check under way, or that of the given name, fail? */
bool report_failed(const struct report *report, const char *check);
/* Ends the check: its findings, or, when there are none, the sentence as its good verdict. */
void report_end(struct report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The closing line; and the whole as JSON. */
void report_close(const struct report *report);
void report_json(const struct report *report, FILE *out, const char *path, const char *name, const char *version,
                 const char *kind);

/* ---- questions ---- */

struct question {
    const char *label; /* "12 touches of 3 parties" */
    size_t size;       /* touches, places on paths, or candidates */
    struct vouch_attribution_request attribution;
    struct vouch_estimate_request estimate; /* with paths: this is what is asked, and not the attribution */
    struct vouch_match_request match;
};

struct questions {
    struct arena *arena;
    size_t ordinary; /* the first so many; the others are at the edges of what is allowed */
    size_t count;
    struct question *items;
};

/* A row of numbers that a seed begins. */
struct dice {
    uint64_t state;
};
uint64_t dice_next(struct dice *dice);
uint32_t dice_below(struct dice *dice, uint32_t bound);

/* Adds one, empty. */
struct question *questions_add(struct questions *questions);

/* Each adds some: such as a broker asks every day, and such as it may ask though nobody would expect it. */
void attributions_ordinary(struct questions *questions, struct dice *dice);
void attributions_edges(struct questions *questions, struct dice *dice);
void estimates_ordinary(struct questions *questions, struct dice *dice);
void estimates_edges(struct questions *questions, struct dice *dice);
void matches_ordinary(struct questions *questions, struct dice *dice);
void matches_edges(struct questions *questions, struct dice *dice);

/* Fills in the questions for a kind of plugin; `answers` are an attribution's (WORKER_ANSWERS_, or-ed). Free with
 * questions_free. */
void questions_make(struct questions *questions, enum plugin_kind kind, uint32_t answers, uint64_t seed);
void questions_free(struct questions *questions);
/* `count` candidates from `first` on, of a question that counts over all of its candidates. */
struct question question_part(const struct question *question, uint32_t first, uint32_t count);

/* ---- reply.c ---- */

enum reply_code {
    REPLY_NONE, /* not asked: nobody serves */
    REPLY_DONE,
    REPLY_DEFER,
    REPLY_UNSUPPORTED,
    REPLY_FAILED,
    REPLY_WRONG, /* breaks the rules of an answer */
    REPLY_LOST,  /* no answer, and no process any more */
};

struct reply {
    enum reply_code code;
    char why[256];
    uint32_t count;                         /* of shares or candidates */
    const char *cut_why;                    /* one that was cut, as it came; NULL: there is none */
    struct vouch_share *shares;             /* sorted by party */
    uint32_t mode;                          /* of the shares */
    struct vouch_estimate_share *estimated; /* the same shares, of an estimate; NULL: of none */
    uint32_t component_count;
    const struct vouch_component *components;
    struct vouch_component_score *scores;
    int64_t duration_us;
};

const char *reply_code_name(enum reply_code code);
/* What differs, in a few words; false when nothing does. */
bool reply_differs(const struct reply *first, const struct reply *second, char *what, size_t size);
/* The reply to candidates `from` to `from` + `count` of one to more. */
struct reply reply_part(const struct reply *reply, uint32_t from, uint32_t count);

/* ---- subject.c: a process of the plugin ---- */

#define REFUSED_MAX 16

struct declared {
    char name[VOUCH_NAME_MAX + 1];
    uint32_t type; /* enum vouch_setting_type */
    double min, max;
    char initial[256];
};

/* All that is known of the plugin, and what was noticed on the way. */
struct checked {
    const char *host_path;
    const char *path;
    struct plugin_config config; /* with the settings that were given */
    uint32_t calls;
    uint64_t seed;
    struct report *report;
    struct questions questions;
    struct arena *kept;      /* of replies and texts that are needed to the end */
    struct arena *scratch;   /* of the reply that is looked at */
    struct reply *reference; /* to each question, all from one process (repetition.c); code NONE: there is none */
    char context[160];       /* what is special about the process that is asked: "with weight = 0", or "" */

    /* Of the plugin. */
    char name[VOUCH_NAME_MAX + 1];
    char version[VOUCH_NAME_MAX + 1];
    char jail[64];
    enum plugin_kind kind;
    uint32_t answers; /* of an attribution */
    size_t declared_count;
    struct declared declared[VOUCH_SETTINGS_MAX];
    /* A setting with another value than it has in `config`, with which the plugin serves; "" when there is none. */
    char other_name[VOUCH_NAME_MAX + 1];
    char other_value[1100];

    /* Noticed. */
    uint64_t asked;
    struct latency latency; /* of what was answered */
    int64_t slowest_us;
    const struct question *slowest; /* NULL: none yet */
    uint32_t overdue;               /* calls without an answer in time */
    uint32_t starved;               /* the same, because the machine was busy */
    char overdue_label[128];
    char refused[REFUSED_MAX][32]; /* names of system calls */
    uint32_t refused_count;
    uint64_t lines, dropped_lines;
    char printed[200];
    uint32_t starts, ends, bad_ends;
    char bad_end[300];
    uint64_t data_most, mapped_most; /* bytes: of the data segment, of addresses */
};

enum start { START_READY, START_SETTINGS, START_REFUSED, START_LOST };

struct subject {
    struct checked *checked;
    const struct plugin_config *config;
    struct notes *notes;
    struct worker *worker; /* NULL: there is none */
    uint32_t losses;
    uint32_t calls;        /* of this process */
    uint32_t starved;      /* times that the question under way was lost to a busy machine */
    int64_t cpu_before_us; /* the call under way */
    int64_t ready_us;      /* how long it took */
    struct reply *reply;   /* under way */
};

/* A configuration with one setting, NULL for none, at another value than in `base`. Texts stay the caller's. */
struct variant {
    struct plugin_config config;
    const char *names[VOUCH_SETTINGS_MAX];
    const char *values[VOUCH_SETTINGS_MAX];
};
void variant_make(struct variant *variant, const struct plugin_config *base, const char *name, const char *value);

#define DYING_MS 300 /* a process whose socket closed is given this time to be gone */

/* The rest of a text that begins so; NULL when it does not. */
const char *text_after(const char *text, const char *prefix);

/* The time that one check may take; it ends with what it has found by then. */
struct budget {
    int64_t until_us;
    uint32_t left_anyway; /* so many questions are asked even past it */
};
struct budget budget_of(unsigned milliseconds);
bool budget_left(struct budget *budget);

/* Starts a process; `why` says why it does not serve. What it says of itself is kept in `checked`. */
enum start subject_start(struct subject *subject, struct checked *checked, const struct plugin_config *config,
                         struct status_text *why);
/* Takes the process away. `how` says how it ended, if it does so within the time; `otherwise` what it did instead. */
void subject_take_away(struct subject *subject, int milliseconds, const char *otherwise, struct status_text *how);
/* Lets it end by itself, and notices when it does not. */
void subject_stop(struct subject *subject);
/* Bytes of its data segment, which is what the limit of memory bounds; 0 when it is gone. */
uint64_t subject_data(const struct subject *subject);

/* ---- asking.c ---- */

/* Asks. Without a process a new one is started, after three losses no more (code NONE). A loss is a finding. The reply
 * lives as long as the arena's memory. */
struct reply subject_ask(struct subject *subject, const struct question *question, struct arena *arena);
/* Has it been given up? */
bool subject_given_up(const struct subject *subject);

/* ---- the checks, in their order ---- */

/* How many replies were of which code. */
struct tally {
    uint32_t asked;
    uint32_t of[REPLY_LOST + 1];
    char failed_label[128]; /* the first that was FAILED, and why */
    char failed_why[256];
    uint32_t mute;  /* FAILED without a reason */
    bool something; /* a share above 0, a known component */
};

/* Counts a reply; one that is wrong is a finding. */
void tally_add(struct tally *tally, struct checked *checked, const struct question *question,
               const struct reply *reply);

/* False: there is nothing that could be asked. */
bool check_loading(struct checked *checked);
void check_settings(struct checked *checked);
/* False: there is no sense in more questions. */
bool check_answers(struct checked *checked);
void check_edges(struct checked *checked);
void check_repetition(struct checked *checked);
void check_instances(struct checked *checked);
void check_batches(struct checked *checked);
void check_deadline(struct checked *checked);
void check_memory(struct checked *checked);
void check_jail(struct checked *checked);
/* Does it print or log far more than the broker keeps? */
bool output_floods(const struct checked *checked);
void check_output(struct checked *checked);
void check_end(struct checked *checked);

#endif
