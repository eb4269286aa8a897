/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets between the broker and a process of a plugin. The process is not trusted: every packet is unpacked into a
 * bounded arena and validated, and one that breaks the rules of worker.proto is the end of the process. */
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

/* Notes what needs no answer; false for a message that does. */
static bool note_message(struct worker *worker, const Vouch__V1__FromWorker *message)
{
    if (message->body_case == VOUCH__V1__FROM_WORKER__BODY_LOG) {
        output_log(&worker->output, message->log->level, "says", message->log->text);
        return true;
    }
    if (message->body_case == VOUCH__V1__FROM_WORKER__BODY_REFUSED) {
        worker->refused++;
        output_log(&worker->output, LOG_WARN, "was refused the system call", message->refused->call);
        return true;
    }
    return false;
}

enum received worker_take(struct worker *worker, const Vouch__V1__FromWorker **message)
{
    static _Thread_local uint8_t packet[WORKER_PACKET_MAX];
    struct status_text wrong;
    output_drain(&worker->output);
    ssize_t size = recv(worker->socket, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && errno == ECONNRESET) {
        /* It ended without reading all that it was sent. The kernel says so once, before it gives out what is left. */
        size = recv(worker->socket, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return RECEIVED_NOTHING;
    }
    if (size <= 0) {
        return RECEIVED_END;
    }
    arena_reset(worker->messages);
    const ProtobufCMessage *unpacked;
    if ((size_t)size > sizeof packet || message_unpack(&vouch__v1__from_worker__descriptor, (size_t)size, packet,
                                                       worker->messages, &unpacked, &wrong) != VOUCH_OK) {
        return RECEIVED_GARBAGE;
    }
    *message = (const Vouch__V1__FromWorker *)(const void *)unpacked;
    return note_message(worker, *message) ? RECEIVED_NOTHING : RECEIVED_MESSAGE;
}

enum received worker_receive(struct worker *worker, int64_t deadline_us, const Vouch__V1__FromWorker **message)
{
    for (;;) {
        int64_t left_us = deadline_us - clock_mono_us();
        if (left_us <= 0) {
            return RECEIVED_NOTHING;
        }
        struct pollfd polled[2] = {{worker->socket, POLLIN, 0}, {worker->output.fd, POLLIN, 0}};
        if (poll(polled, 2, (int)((left_us + 999) / 1000)) > 0) {
            enum received received = worker_take(worker, message);
            if (received != RECEIVED_NOTHING) {
                return received;
            }
        }
    }
}

static bool message_send(const struct worker *worker, const Vouch__V1__ToWorker *message)
{
    uint8_t packet[WORKER_PACKET_MAX];
    if (vouch__v1__to_worker__get_packed_size(message) > sizeof packet) {
        return false;
    }
    size_t size = vouch__v1__to_worker__pack(message, packet);
    ssize_t sent;
    do {
        sent = send(worker->socket, packet, size, MSG_NOSIGNAL | MSG_DONTWAIT);
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
static bool take_ready(struct worker *worker, const Vouch__V1__FromWorker__Ready *ready)
{
    bool matcher = ready->kind == PLUGIN_MATCHER;
    if (ready->protocol != WORKER_PROTOCOL || (!matcher && ready->kind != PLUGIN_ATTRIBUTION) ||
        !is_name(ready->name) || !is_name(ready->version) || ready->n_components > VOUCH_COMPONENTS_MAX ||
        matcher != (ready->n_components > 0)) {
        return false;
    }
    for (size_t i = 0; i < ready->n_components; i++) {
        const Vouch__V1__FromWorker__Ready__Component *component = ready->components[i];
        if (!is_name(component->name) || component->weight > VOUCH_COMPONENT_WEIGHT_MAX) {
            return false;
        }
        copy_name(worker->component_names[i], component->name);
        worker->components[i] = (struct vouch_component){worker->component_names[i], component->weight, 0};
    }
    worker->component_count = (uint32_t)ready->n_components;
    worker->answers = matcher || ready->answers != 0 ? ready->answers : WORKER_ANSWERS_ATTRIBUTE;
    worker->kind = (enum plugin_kind)ready->kind;
    copy_name(worker->name, ready->name);
    copy_name(worker->version, ready->version);
    snprintf(worker->jail, sizeof worker->jail, "%s", ready->jail);
    return true;
}

void worker_hello(struct worker *worker, const struct plugin_config *config)
{
    Vouch__V1__ToWorker message = VOUCH__V1__TO_WORKER__INIT;
    Vouch__V1__ToWorker__Hello hello = VOUCH__V1__TO_WORKER__HELLO__INIT;
    Vouch__V1__ToWorker__Hello__Setting settings[VOUCH_SETTINGS_MAX];
    Vouch__V1__ToWorker__Hello__Setting *pointers[VOUCH_SETTINGS_MAX];
    CHECK(config->setting_count <= VOUCH_SETTINGS_MAX);
    for (size_t i = 0; i < config->setting_count; i++) {
        vouch__v1__to_worker__hello__setting__init(&settings[i]);
        settings[i].name = (char *)(uintptr_t)config->setting_names[i];
        settings[i].value = (char *)(uintptr_t)config->setting_values[i];
        pointers[i] = &settings[i];
    }
    hello.protocol = WORKER_PROTOCOL;
    hello.instance = (char *)(uintptr_t)config->name;
    hello.n_settings = config->setting_count;
    hello.settings = pointers;
    message.body_case = VOUCH__V1__TO_WORKER__BODY_HELLO;
    message.hello = &hello;
    (void)message_send(worker, &message);
}

enum vouch_status worker_greeted(struct worker *worker, const Vouch__V1__FromWorker *message, struct status_text *why)
{
    if (message->body_case == VOUCH__V1__FROM_WORKER__BODY_FAILED) {
        return status_set(why, message->failed->settings ? VOUCH_INVALID : VOUCH_UNAVAILABLE, "%s",
                          message->failed->why);
    }
    if (message->body_case != VOUCH__V1__FROM_WORKER__BODY_READY || !take_ready(worker, message->ready)) {
        return status_set(why, VOUCH_UNAVAILABLE, "it does not introduce itself as the worker protocol says");
    }
    return VOUCH_OK;
}

/* The answer's code as a status. */
static enum vouch_status take_code(const struct plugin_call *call, const Vouch__V1__FromWorker__Answer *answer,
                                   struct status_text *why)
{
    const char *said = answer->why[0] != '\0' ? answer->why : "it does not say why";
    switch (answer->code) {
    case VOUCH__V1__FROM_WORKER__CODE__DONE:
        return VOUCH_OK;
    case VOUCH__V1__FROM_WORKER__CODE__DEFER:
        return status_set(why, VOUCH_BUSY, "plugin %s asks to be called later: %s", call->instance, said);
    case VOUCH__V1__FROM_WORKER__CODE__UNSUPPORTED:
        return status_set(why, VOUCH_UNAVAILABLE, "plugin %s does not support this request: %s", call->instance, said);
    default:
        return status_set(why, VOUCH_UNAVAILABLE, "plugin %s failed: %s", call->instance, said);
    }
}

/* Why no answer to this call came; NULL when `message` is one. `gone`: it ended by itself. */
static const char *fault_of(enum received received, const Vouch__V1__FromWorker *message, uint64_t number, bool *gone)
{
    *gone = received == RECEIVED_END;
    switch (received) {
    case RECEIVED_NOTHING:
        return "gave no answer within its deadline";
    case RECEIVED_GARBAGE:
        return "sent a packet that is no message";
    case RECEIVED_END:
        return "ended";
    case RECEIVED_MESSAGE:
        break;
    }
    bool answers = message->body_case == VOUCH__V1__FROM_WORKER__BODY_ANSWER && message->answer->number == number;
    return answers ? NULL : "answered what it was not asked";
}

enum vouch_status exchange_call(struct plugin_call *call, Vouch__V1__ToWorker__Call *message,
                                Vouch__V1__FromWorker__Answer *answer, struct status_text *why)
{
    struct worker *worker = call->worker;
    if (call->stopping || worker == NULL) {
        return call->watch->absent(call, why);
    }
    message->number = ++worker->call_number;
    message->deadline_ms = call->deadline_ms;
    Vouch__V1__ToWorker envelope = VOUCH__V1__TO_WORKER__INIT;
    envelope.body_case = VOUCH__V1__TO_WORKER__BODY_CALL;
    envelope.call = message;
    if (vouch__v1__to_worker__get_packed_size(&envelope) > WORKER_PACKET_MAX) {
        return status_set(why, VOUCH_TOO_LARGE, "the question to plugin %s is larger than %d bytes", call->instance,
                          WORKER_PACKET_MAX);
    }
    int64_t most_us = INT64_C(1000) * call->deadline_ms;
    worker_grant_cpu(worker, 0, most_us);
    const Vouch__V1__FromWorker *reply = NULL;
    int64_t start_us = clock_mono_us();
    /* A failed send is a dead process; the receive finds out how it died. */
    (void)message_send(worker, &envelope);
    enum received received = worker_receive(worker, start_us + most_us, &reply);
    int64_t duration_us = clock_mono_us() - start_us;
    bool gone;
    const char *fault = fault_of(received, reply, message->number, &gone);
    const char *said = NULL;
    enum vouch_status status;
    if (fault != NULL) {
        call->watch->lost(call, gone ? NULL : fault, why);
        status = VOUCH_UNAVAILABLE;
    } else {
        worker_grant_cpu(worker, duration_us, 0);
        *answer = *reply->answer;
        status = take_code(call, answer, why);
        said = status == VOUCH_OK ? NULL : answer->why;
    }
    call->watch->ended(call, status, duration_us, said);
    return status;
}

enum vouch_status exchange_refuse(struct plugin_call *call, struct status_text *why, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    call->watch->nonsense(call, what, why);
    return VOUCH_UNAVAILABLE;
}

const char *plugin_call_name(const struct plugin_call *call)
{
    return call->worker != NULL ? call->worker->name : call->instance;
}

const char *plugin_call_version(const struct plugin_call *call)
{
    return call->worker != NULL ? call->worker->version : "";
}
