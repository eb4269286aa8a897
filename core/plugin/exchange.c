/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets between the broker and a process of a plugin. The process is not trusted: every packet is unpacked into a
 * bounded arena and validated, and one that breaks the rules of worker.proto ends the process. */
#include "plugin/internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define READY_MS 5000

enum packet { PACKET_MESSAGE, PACKET_LOGGED, PACKET_NONE, PACKET_DEAD };

/* Takes one packet without waiting. DEAD: the process is buried. */
static enum packet take_packet(struct plugin *plugin, const Vouch__V1__FromWorker **message, struct status_text *why)
{
    static _Thread_local uint8_t packet[WORKER_PACKET_MAX];
    struct status_text wrong;
    ssize_t size = recv(plugin->worker.socket, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return PACKET_NONE;
    }
    if (size <= 0) {
        instance_bury(plugin, NULL, why);
        return PACKET_DEAD;
    }
    arena_reset(plugin->messages);
    const ProtobufCMessage *unpacked;
    if ((size_t)size > sizeof packet || message_unpack(&vouch__v1__from_worker__descriptor, (size_t)size, packet,
                                                       plugin->messages, &unpacked, &wrong) != VOUCH_OK) {
        instance_bury(plugin, "sent a packet that is no message", why);
        return PACKET_DEAD;
    }
    *message = (const Vouch__V1__FromWorker *)(const void *)unpacked;
    if ((*message)->body_case == VOUCH__V1__FROM_WORKER__BODY_LOG) {
        output_log(&plugin->worker.output, (*message)->log->level, (*message)->log->text);
        return PACKET_LOGGED;
    }
    return PACKET_MESSAGE;
}

const Vouch__V1__FromWorker *exchange_receive(struct plugin *plugin, int64_t deadline_us, struct status_text *why)
{
    const Vouch__V1__FromWorker *message = NULL;
    for (;;) {
        int64_t left_us = deadline_us - clock_mono_us();
        if (left_us <= 0) {
            instance_bury(plugin, "gave no answer within its deadline", why);
            return NULL;
        }
        struct pollfd polled[2] = {{plugin->worker.socket, POLLIN, 0}, {plugin->worker.output.fd, POLLIN, 0}};
        if (poll(polled, 2, (int)((left_us + 999) / 1000)) <= 0) {
            continue;
        }
        if (polled[1].revents != 0) {
            output_drain(&plugin->worker.output);
        }
        if (polled[0].revents != 0) {
            enum packet packet = take_packet(plugin, &message, why);
            if (packet == PACKET_MESSAGE || packet == PACKET_DEAD) {
                return packet == PACKET_MESSAGE ? message : NULL;
            }
        }
    }
}

void exchange_idle(struct plugin *plugin)
{
    const Vouch__V1__FromWorker *message;
    struct status_text why;
    output_drain(&plugin->worker.output);
    if (take_packet(plugin, &message, &why) == PACKET_MESSAGE) {
        instance_bury(plugin, "spoke without being asked", &why);
    }
}

bool exchange_send(struct plugin *plugin, const Vouch__V1__ToWorker *message)
{
    uint8_t packet[WORKER_PACKET_MAX];
    if (vouch__v1__to_worker__get_packed_size(message) > sizeof packet) {
        return false;
    }
    size_t size = vouch__v1__to_worker__pack(message, packet);
    ssize_t sent;
    do {
        sent = send(plugin->worker.socket, packet, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size;
}

static bool is_name(const char *name)
{
    return name[0] != '\0' && strlen(name) <= VOUCH_NAME_MAX;
}

/* A name that was checked to fit. */
static void copy_name(char copy[VOUCH_NAME_MAX + 1], const char *name)
{
    CHECK(is_name(name));
    memcpy(copy, name, strlen(name) + 1);
}

/* What the plugin says of itself, checked and copied. */
static bool take_ready(struct plugin *plugin, const Vouch__V1__FromWorker__Ready *ready)
{
    bool matcher = ready->kind == PLUGIN_MATCHER;
    if (ready->protocol != WORKER_PROTOCOL || (!matcher && ready->kind != PLUGIN_ATTRIBUTION) ||
        (plugin->kind != 0 && plugin->kind != (enum plugin_kind)ready->kind) || !is_name(ready->name) ||
        !is_name(ready->version) || ready->n_components > VOUCH_COMPONENTS_MAX ||
        matcher != (ready->n_components > 0)) {
        return false;
    }
    for (size_t i = 0; i < ready->n_components; i++) {
        const Vouch__V1__FromWorker__Ready__Component *component = ready->components[i];
        if (!is_name(component->name) || component->weight > VOUCH_COMPONENT_WEIGHT_MAX) {
            return false;
        }
        copy_name(plugin->component_names[i], component->name);
        plugin->components[i] = (struct vouch_component){plugin->component_names[i], component->weight, 0};
    }
    plugin->component_count = (uint32_t)ready->n_components;
    pthread_mutex_lock(&plugin->lock);
    plugin->kind = (enum plugin_kind)ready->kind;
    copy_name(plugin->name, ready->name);
    copy_name(plugin->version, ready->version);
    pthread_mutex_unlock(&plugin->lock);
    log_info(plugin->subject, "ready plugin=%s version=%s kind=%s jail=\"%s\" pid=%ld", ready->name, ready->version,
             matcher ? "matcher" : "attribution", ready->jail, (long)plugin->worker.pid);
    return true;
}

static bool send_hello(struct plugin *plugin)
{
    Vouch__V1__ToWorker message = VOUCH__V1__TO_WORKER__INIT;
    Vouch__V1__ToWorker__Hello hello = VOUCH__V1__TO_WORKER__HELLO__INIT;
    Vouch__V1__ToWorker__Hello__Setting settings[VOUCH_SETTINGS_MAX];
    Vouch__V1__ToWorker__Hello__Setting *pointers[VOUCH_SETTINGS_MAX];
    for (size_t i = 0; i < plugin->config->setting_count; i++) {
        vouch__v1__to_worker__hello__setting__init(&settings[i]);
        settings[i].name = (char *)(uintptr_t)plugin->config->setting_names[i];
        settings[i].value = (char *)(uintptr_t)plugin->config->setting_values[i];
        pointers[i] = &settings[i];
    }
    hello.protocol = WORKER_PROTOCOL;
    hello.instance = (char *)(uintptr_t)plugin->config->name;
    hello.n_settings = plugin->config->setting_count;
    hello.settings = pointers;
    message.body_case = VOUCH__V1__TO_WORKER__BODY_HELLO;
    message.hello = &hello;
    return exchange_send(plugin, &message);
}

enum vouch_status exchange_greet(struct plugin *plugin, struct status_text *why)
{
    plugin->call_number = 0;
    /* One that died already is found by the receive, with the reason it gave. */
    (void)send_hello(plugin);
    const Vouch__V1__FromWorker *message = exchange_receive(plugin, clock_mono_us() + INT64_C(1000) * READY_MS, why);
    if (message == NULL) {
        return VOUCH_UNAVAILABLE;
    }
    if (message->body_case == VOUCH__V1__FROM_WORKER__BODY_FAILED) {
        status_set(why, VOUCH_OK, "plugin %s: %s", plugin->config->name, message->failed->why);
        return message->failed->settings ? VOUCH_INVALID : VOUCH_CONFLICT;
    }
    if (message->body_case != VOUCH__V1__FROM_WORKER__BODY_READY || !take_ready(plugin, message->ready)) {
        instance_bury(plugin, "introduced itself wrongly", why);
        return VOUCH_UNAVAILABLE;
    }
    return VOUCH_OK;
}

static void count_call(struct plugin *plugin, bool failed, int64_t duration_us)
{
    pthread_mutex_lock(&plugin->lock);
    plugin->calls++;
    plugin->failed += failed;
    if (duration_us >= 0) {
        latency_add(&plugin->latency, duration_us);
    }
    pthread_mutex_unlock(&plugin->lock);
}

/* Why there is nobody to call. */
static enum vouch_status explain_absence(const struct plugin_call *call, struct status_text *why)
{
    const struct plugin *plugin = call->plugin;
    if (call->stopping) {
        return status_set(why, VOUCH_UNAVAILABLE, "plugin %s is off: the broker is stopping", plugin->config->name);
    }
    return status_set(why, VOUCH_UNAVAILABLE, "plugin %s is %s; last: %.300s", plugin->config->name,
                      plugin->state == INSTANCE_OFF ? "switched off" : "being restarted", plugin->last_error.text);
}

/* The answer's code as a status. */
static enum vouch_status take_code(const struct plugin *plugin, const Vouch__V1__FromWorker__Answer *answer,
                                   struct status_text *why)
{
    const char *said = answer->why[0] != '\0' ? answer->why : "it does not say why";
    switch (answer->code) {
    case VOUCH__V1__FROM_WORKER__CODE__DONE:
        return VOUCH_OK;
    case VOUCH__V1__FROM_WORKER__CODE__DEFER:
        return status_set(why, VOUCH_BUSY, "plugin %s asks to be called later: %s", plugin->config->name, said);
    case VOUCH__V1__FROM_WORKER__CODE__UNSUPPORTED:
        return status_set(why, VOUCH_UNAVAILABLE, "plugin %s does not support this request: %s", plugin->config->name,
                          said);
    default:
        return status_set(why, VOUCH_UNAVAILABLE, "plugin %s failed: %s", plugin->config->name, said);
    }
}

enum vouch_status exchange_call(struct plugin_call *call, Vouch__V1__ToWorker__Call *message,
                                Vouch__V1__FromWorker__Answer *answer, struct status_text *why)
{
    struct plugin *plugin = call->plugin;
    if (call->stopping || plugin->state != INSTANCE_READY) {
        count_call(plugin, true, -1);
        return explain_absence(call, why);
    }
    message->number = ++plugin->call_number;
    message->deadline_ms = plugin->config->deadline_ms;
    Vouch__V1__ToWorker envelope = VOUCH__V1__TO_WORKER__INIT;
    envelope.body_case = VOUCH__V1__TO_WORKER__BODY_CALL;
    envelope.call = message;
    if (vouch__v1__to_worker__get_packed_size(&envelope) > WORKER_PACKET_MAX) {
        return status_set(why, VOUCH_TOO_LARGE, "the question to plugin %s is larger than %d bytes",
                          plugin->config->name, WORKER_PACKET_MAX);
    }
    int64_t deadline_us = INT64_C(1000) * plugin->config->deadline_ms;
    worker_grant_cpu(&plugin->worker, 0, deadline_us);
    int64_t start_us = clock_mono_us();
    /* A failed send is a dead process; the receive finds out how it died. */
    (void)exchange_send(plugin, &envelope);
    const Vouch__V1__FromWorker *reply = exchange_receive(plugin,
                                                          start_us + INT64_C(1000) * plugin->config->deadline_ms, why);
    int64_t duration_us = clock_mono_us() - start_us;
    if (reply != NULL &&
        (reply->body_case != VOUCH__V1__FROM_WORKER__BODY_ANSWER || reply->answer->number != message->number)) {
        instance_bury(plugin, "answered what it was not asked", why);
        reply = NULL;
    }
    if (reply == NULL) {
        count_call(plugin, true, duration_us);
        return VOUCH_UNAVAILABLE;
    }
    worker_grant_cpu(&plugin->worker, duration_us, 0);
    *answer = *reply->answer;
    enum vouch_status status = take_code(plugin, answer, why);
    count_call(plugin, status == VOUCH_UNAVAILABLE, duration_us);
    return status;
}

enum vouch_status exchange_refuse(struct plugin_call *call, struct status_text *why, const char *format, ...)
{
    struct plugin *plugin = call->plugin;
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    status_set(why, VOUCH_UNAVAILABLE, "plugin %s answered nonsense: %s", plugin->config->name, what);
    log_warn(plugin->subject, "answered nonsense: %s", what);
    pthread_mutex_lock(&plugin->lock);
    plugin->failed++;
    status_set(&plugin->last_error, VOUCH_OK, "answered nonsense: %s", what);
    pthread_mutex_unlock(&plugin->lock);
    return VOUCH_UNAVAILABLE;
}
