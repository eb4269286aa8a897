/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions of terms, fetched to the end, and which of them holds when. */
#include "terms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *or_abort(void *pointer)
{
    if (pointer == NULL) {
        abort();
    }
    return pointer;
}

static void keep(struct terms_versions *versions, Vouch__V1__Reply *reply)
{
    const Vouch__V1__TermsPage *page = reply->terms;
    size_t count = versions->count + page->n_terms;
    versions->replies = or_abort(realloc(versions->replies, (versions->reply_count + 1) * sizeof *versions->replies));
    versions->replies[versions->reply_count++] = reply;
    versions->rows = or_abort(realloc(versions->rows, (count + 1) * sizeof *versions->rows));
    for (size_t i = 0; i < page->n_terms; i++) {
        versions->rows[versions->count++] = page->terms[i];
    }
    versions->now_ms = page->now_ms;
    snprintf(versions->zone, sizeof versions->zone, "%s", page->zone);
}

static int load(struct cli *cli, Vouch__V1__TermsList *list, struct terms_versions *versions)
{
    Vouch__V1__Request request = REQUEST(TERMS_LIST, terms_list, list);
    *versions = (struct terms_versions){.count = 0};
    list->limit = 500;
    for (bool more = true; more;) {
        Vouch__V1__Reply *reply = NULL;
        int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_TERMS, &reply);
        if (code != EXIT_DONE) {
            return code;
        }
        more = reply->terms->more && reply->terms->n_terms > 0;
        keep(versions, reply);
        if (more) {
            list->after = versions->rows[versions->count - 1]->id - 1;
            list->before = versions->rows[versions->count - 1]->version;
        }
    }
    return EXIT_DONE;
}

int terms_load(struct cli *cli, char *name, bool must, struct terms_versions *versions)
{
    Vouch__V1__TermsList list = VOUCH__V1__TERMS_LIST__INIT;
    list.name = name == NULL ? list.name : name;
    int code = load(cli, &list, versions);
    if (code == EXIT_DONE && must && versions->count == 0) {
        char sentence[256];
        snprintf(sentence, sizeof sentence, "there are no terms called '%.100s'; `vouch terms list` shows all", name);
        return fail_outcome(cli, VOUCH_NOT_FOUND, sentence);
    }
    return code;
}

int terms_load_presets(struct cli *cli, struct terms_versions *versions)
{
    Vouch__V1__TermsList list = VOUCH__V1__TERMS_LIST__INIT;
    list.presets = true;
    int code = load(cli, &list, versions);
    return code == EXIT_DONE && versions->count != 1 ? fail_outcome(cli, VOUCH_INTERNAL, "the broker has no presets")
                                                     : code;
}

void terms_free(struct terms_versions *versions)
{
    for (size_t i = 0; i < versions->reply_count; i++) {
        vouch_reply_free(&versions->replies[i]);
    }
    free(versions->replies);
    free(versions->rows);
    *versions = (struct terms_versions){.count = 0};
}

Vouch__V1__Terms *terms_version(const struct terms_versions *versions, uint32_t number)
{
    for (size_t i = 0; i < versions->count; i++) {
        if (number == 0 || versions->rows[i]->version == number) {
            return versions->rows[i];
        }
    }
    return NULL;
}

static bool is_approved(const Vouch__V1__Terms *terms)
{
    return terms->state == VOUCH__V1__TERMS_STATE__APPROVED;
}

int64_t terms_end_ms(const struct terms_versions *versions, size_t row)
{
    const Vouch__V1__Terms *terms = versions->rows[row];
    int64_t end_ms = terms->until_ms;
    for (size_t i = row; i > 0 && versions->rows[i - 1]->id == terms->id; i--) {
        const Vouch__V1__Terms *later = versions->rows[i - 1];
        end_ms = is_approved(later) && later->from_ms < end_ms ? later->from_ms : end_ms;
    }
    return end_ms;
}

const char *terms_standing(const struct terms_versions *versions, size_t row)
{
    const Vouch__V1__Terms *terms = versions->rows[row];
    int64_t end_ms = terms_end_ms(versions, row);
    bool newest = row == 0 || versions->rows[row - 1]->id != terms->id;
    if (!is_approved(terms)) {
        return newest ? "waits for approval" : "never approved";
    }
    if (end_ms <= terms->from_ms) {
        return "replaced";
    }
    if (terms->from_ms > versions->now_ms) {
        return "approved, to come";
    }
    return end_ms > versions->now_ms ? "in force" : end_ms < terms->until_ms ? "replaced" : "over";
}
