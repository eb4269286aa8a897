/* SPDX-License-Identifier: Apache-2.0
 *
 * How the plugins fare, and what they last had to say. */
#include "plugin/plugin.h"
#include "query/parts.h"

#define NOTES_MAX 100

static const char *kind_name(enum plugin_kind kind)
{
    return kind == PLUGIN_ATTRIBUTION ? "attribution" : kind == PLUGIN_MATCHER ? "matcher" : "";
}

Vouch__V1__PluginStatus *plugin_row(struct arena *arena, const struct plugin_status *status)
{
    Vouch__V1__PluginStatus *row = arena_alloc(arena, sizeof *row);
    if (row == NULL) {
        return NULL;
    }
    vouch__v1__plugin_status__init(row);
    row->name = arena_strdup(arena, status->name);
    row->kind = arena_strdup(arena, kind_name(status->kind));
    row->version = arena_strdup(arena, status->version);
    row->state = arena_strdup(arena, status->state);
    row->last_error = arena_strdup(arena, status->last_error);
    row->calls = status->calls;
    row->failed = status->failed;
    row->restarts = status->restarts;
    row->reloads = status->reloads;
    row->deaths = status->deaths;
    row->refused = status->refused;
    row->pid = status->pid;
    row->since_ms = status->since_ms;
    row->p50_us = status->p50_us;
    row->p99_us = status->p99_us;
    bool good = row->name != NULL && row->kind != NULL && row->version != NULL && row->state != NULL &&
                row->last_error != NULL;
    return good ? row : NULL;
}

enum vouch_status query_plugin_list(struct question *question, const Vouch__V1__Request *request)
{
    (void)request;
    size_t count = question->plugins == NULL ? 0 : plugin_set_count(question->plugins);
    Vouch__V1__PluginPage *page = question_message(question, &vouch__v1__plugin_page__descriptor);
    void *rows = arena_alloc(question->arena, count * sizeof(void *));
    if (page == NULL || rows == NULL) {
        return question_too_large(question);
    }
    page->plugins = rows;
    for (size_t i = 0; i < count; i++) {
        struct plugin_status status;
        if (!plugin_status_get(question->plugins, i, &status)) {
            continue;
        }
        Vouch__V1__PluginStatus *row = plugin_row(question->arena, &status);
        if (row == NULL) {
            return question_too_large(question);
        }
        page->plugins[page->n_plugins++] = row;
    }
    question->reply->result_case = RESULT(PLUGINS);
    question->reply->plugins = page;
    return VOUCH_OK;
}

static bool is_there(struct plugin_set *set, const char *name)
{
    return set != NULL &&
           (plugin_find(set, PLUGIN_ATTRIBUTION, name) != NULL || plugin_find(set, PLUGIN_MATCHER, name) != NULL);
}

enum vouch_status query_plugin_log(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__PluginLog *asked = request->plugin_log;
    size_t most = asked->limit == 0 || asked->limit > NOTES_MAX ? NOTES_MAX : asked->limit;
    if (!is_there(question->plugins, asked->name)) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "there is no plugin %s; `vouch plugins` lists them",
                          asked->name);
    }
    struct plugin_note *notes = arena_alloc(question->arena, most * sizeof *notes);
    Vouch__V1__PluginNotes *answer = question_message(question, &vouch__v1__plugin_notes__descriptor);
    void *rows = arena_alloc(question->arena, most * sizeof(void *));
    if (notes == NULL || answer == NULL || rows == NULL) {
        return question_too_large(question);
    }
    answer->notes = rows;
    size_t count = plugin_notes_get(question->plugins, asked->name, notes, most);
    for (size_t i = 0; i < count; i++) {
        Vouch__V1__PluginNotes__Note *row = question_message(question, &vouch__v1__plugin_notes__note__descriptor);
        if (row == NULL) {
            return question_too_large(question);
        }
        row->time_ms = notes[i].time_ms;
        row->level = (uint32_t)notes[i].level;
        row->text = notes[i].text;
        answer->notes[answer->n_notes++] = row;
    }
    question->reply->result_case = RESULT(PLUGIN_NOTES);
    question->reply->plugin_notes = answer;
    return VOUCH_OK;
}
