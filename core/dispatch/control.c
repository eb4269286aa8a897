/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin_reload: the configuration is read on a reader thread, the instance's own thread does the rest and answers. */
#include "dispatch/control.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "dispatch/broker.h"

#include <inttypes.h>
#include <string.h>

/* The instance as it is now, as a page; empty for one that was taken out. NULL past the arena's budget. */
static Vouch__V1__PluginPage *page_of(struct request *request, const char *name)
{
    struct plugin_set *set = request->broker->plugins;
    struct plugin_status status;
    Vouch__V1__PluginPage *page = arena_alloc(request->arena, sizeof *page);
    Vouch__V1__PluginStatus **rows = arena_alloc(request->arena, sizeof(void *));
    if (page == NULL || rows == NULL) {
        return NULL;
    }
    vouch__v1__plugin_page__init(page);
    page->plugins = rows;
    for (size_t i = 0; i < plugin_set_count(set); i++) {
        if (plugin_status_get(set, i, &status) && strcmp(status.name, name) == 0) {
            rows[page->n_plugins++] = plugin_row(request->arena, &status);
            return rows[0] == NULL ? NULL : page;
        }
    }
    return page;
}

/* On the thread of the instance. */
static void reloaded(void *data, enum vouch_status status, const struct status_text *why)
{
    struct request *request = data;
    const char *name = request->message->plugin_reload->name;
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    if (status != VOUCH_OK) {
        request_refuse(&request, status, "%s", why->text);
        return;
    }
    reply.version = PROTOCOL_VERSION;
    reply.id = request->message->id;
    reply.plugins = page_of(request, name);
    if (reply.plugins == NULL) {
        request_refuse(&request, VOUCH_TOO_LARGE, "plugin %s is reloaded, but the answer does not fit", name);
        return;
    }
    reply.result_case = VOUCH__V1__REPLY__RESULT_PLUGINS;
    outbox_send(request->broker->outbox, outgoing_reply(&request->peer, &reply));
    request_free(&request);
}

void control_run(struct request *request)
{
    CHECK(request->operation->number == VOUCH__V1__REQUEST__OPERATION_PLUGIN_RELOAD);
    const struct reloader *reloader = request->broker->reloader;
    const char *name = request->message->plugin_reload->name;
    struct status_text why = {""};
    log_info("plugins", "reload of name=%s asked by member=%" PRIu64, name, request->identity.member);
    enum vouch_status status = reloader->reload(reloader->data, name, reloaded, request, &why);
    if (status != VOUCH_OK) {
        request_refuse(&request, status, "%s", why.text);
    }
}
