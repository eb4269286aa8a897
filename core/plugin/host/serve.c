/* SPDX-License-Identifier: Apache-2.0
 *
 * The host at work: confined, loaded, then one call after the other until the broker hangs up. */
#include "host.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is not a line of UTF-8 would make a message that the broker refuses. */
static void to_utf8_line(char *text)
{
    size_t size = strlen(text);
    uint32_t character;
    /* An absent text of protobuf-c is a constant; it is empty. */
    for (size_t at = 0; at < size;) {
        size_t length = utf8_next((const uint8_t *)text + at, size - at, &character);
        bool control = length > 0 && (character < 0x20 || (character >= 0x7F && character < 0xA0));
        if (length == 0 || control) {
            length = control ? length : 1;
            memset(text + at, control && character < 0x20 ? ' ' : '?', length);
        }
        at += length;
    }
}

static bool message_send(const Vouch__V1__FromWorker *message)
{
    static uint8_t packet[WORKER_PACKET_MAX];
    if (vouch__v1__from_worker__get_packed_size(message) > sizeof packet) {
        return false;
    }
    size_t size = vouch__v1__from_worker__pack(message, packet);
    ssize_t sent;
    do {
        sent = write(WORKER_FD_SOCKET, packet, size);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size;
}

static Vouch__V1__ToWorker *message_receive(void)
{
    static uint8_t packet[WORKER_PACKET_MAX];
    ssize_t size;
    do {
        size = read(WORKER_FD_SOCKET, packet, sizeof packet);
    } while (size < 0 && errno == EINTR);
    return size <= 0 ? NULL : vouch__v1__to_worker__unpack(NULL, (size_t)size, packet);
}

static void send_log(enum vouch_log_level level, const char *text)
{
    char line[512];
    snprintf(line, sizeof line, "%s", text);
    to_utf8_line(line);
    Vouch__V1__FromWorker message = VOUCH__V1__FROM_WORKER__INIT;
    Vouch__V1__FromWorker__Log log = VOUCH__V1__FROM_WORKER__LOG__INIT;
    log.level = level;
    log.text = line;
    message.body_case = VOUCH__V1__FROM_WORKER__BODY_LOG;
    message.log = &log;
    (void)message_send(&message); /* a broker that is gone is found out at the next read */
}

/* Called while the plugin is in the middle of a system call: packing and writing are all it does. */
static void send_refused(const char *call)
{
    Vouch__V1__FromWorker message = VOUCH__V1__FROM_WORKER__INIT;
    Vouch__V1__FromWorker__Refused refused = VOUCH__V1__FROM_WORKER__REFUSED__INIT;
    refused.call = (char *)(uintptr_t)call;
    message.body_case = VOUCH__V1__FROM_WORKER__BODY_REFUSED;
    message.refused = &refused;
    (void)message_send(&message);
}

static int fail(bool settings, struct why *why)
{
    Vouch__V1__FromWorker message = VOUCH__V1__FROM_WORKER__INIT;
    Vouch__V1__FromWorker__Failed failed = VOUCH__V1__FROM_WORKER__FAILED__INIT;
    to_utf8_line(why->text);
    failed.settings = settings;
    failed.why = why->text;
    message.body_case = VOUCH__V1__FROM_WORKER__BODY_FAILED;
    message.failed = &failed;
    (void)message_send(&message);
    return EXIT_FAILURE;
}

#define TELL_MAX 200 /* bytes of a setting's default and help, so that all of them fit a packet */

static char *tell_text(char copy[TELL_MAX + 1], const char *text)
{
    snprintf(copy, TELL_MAX + 1, "%s", text);
    to_utf8_line(copy);
    return copy;
}

/* The table of settings, in memory that lives as long as the process. */
static void tell_settings(const struct vouch_plugin_descriptor *descriptor, Vouch__V1__FromWorker__Ready *ready)
{
    static Vouch__V1__FromWorker__Ready__Setting told[VOUCH_SETTINGS_MAX];
    static Vouch__V1__FromWorker__Ready__Setting *pointers[VOUCH_SETTINGS_MAX];
    static char texts[VOUCH_SETTINGS_MAX][2][TELL_MAX + 1];
    for (uint32_t i = 0; i < descriptor->setting_count; i++) {
        const struct vouch_setting *setting = &descriptor->settings[i];
        vouch__v1__from_worker__ready__setting__init(&told[i]);
        told[i].name = (char *)(uintptr_t)setting->name;
        told[i].type = setting->type;
        told[i].min = setting->min;
        told[i].max = setting->max;
        told[i].initial = tell_text(texts[i][0], setting->initial);
        told[i].help = tell_text(texts[i][1], setting->help);
        pointers[i] = &told[i];
    }
    ready->n_settings = descriptor->setting_count;
    ready->settings = pointers;
}

/* What an attribution answers; 0 for a matcher. */
static uint32_t answers_of(const struct vouch_plugin_descriptor *descriptor)
{
    if (descriptor->kind != VOUCH_KIND_ATTRIBUTION) {
        return 0;
    }
    return (attribution_attribute(descriptor->attribution) ? WORKER_ANSWERS_ATTRIBUTE : 0) |
           (attribution_estimate(descriptor->attribution) ? WORKER_ANSWERS_ESTIMATE : 0);
}

static bool send_ready(const struct instance *instance, const struct jail *jail)
{
    Vouch__V1__FromWorker message = VOUCH__V1__FROM_WORKER__INIT;
    Vouch__V1__FromWorker__Ready ready = VOUCH__V1__FROM_WORKER__READY__INIT;
    Vouch__V1__FromWorker__Ready__Component components[VOUCH_COMPONENTS_MAX];
    Vouch__V1__FromWorker__Ready__Component *pointers[VOUCH_COMPONENTS_MAX];
    for (uint32_t i = 0; i < instance->component_count; i++) {
        vouch__v1__from_worker__ready__component__init(&components[i]);
        components[i].name = (char *)(uintptr_t)instance->components[i].name;
        components[i].weight = instance->components[i].weight;
        pointers[i] = &components[i];
    }
    ready.protocol = WORKER_PROTOCOL;
    ready.kind = instance->descriptor->kind;
    ready.name = (char *)(uintptr_t)instance->descriptor->name;
    ready.version = (char *)(uintptr_t)instance->descriptor->version;
    ready.n_components = instance->component_count;
    ready.components = pointers;
    ready.jail = jail->landlock ? "seccomp landlock" : "seccomp";
    tell_settings(instance->descriptor, &ready);
    ready.answers = answers_of(instance->descriptor);
    message.body_case = VOUCH__V1__FROM_WORKER__BODY_READY;
    message.ready = &ready;
    return message_send(&message);
}

/* Waits for Hello and makes the instance it describes. The message lives as long as the instance: texts point into it.
 * Returns the exit status of a host that cannot go on, -1 otherwise. */
static int greet(const struct vouch_plugin_descriptor *descriptor, struct instance *instance)
{
    static union vouch_setting_value values[VOUCH_SETTINGS_MAX];
    struct why why;
    const Vouch__V1__ToWorker *message = message_receive();
    if (message == NULL || message->body_case != VOUCH__V1__TO_WORKER__BODY_HELLO ||
        message->hello->protocol != WORKER_PROTOCOL || message->hello->n_settings > VOUCH_SETTINGS_MAX) {
        why_set(&why, "the broker speaks another worker protocol than this host");
        return fail(false, &why);
    }
    const Vouch__V1__ToWorker__Hello *hello = message->hello;
    const char *names[VOUCH_SETTINGS_MAX];
    const char *texts[VOUCH_SETTINGS_MAX];
    for (size_t i = 0; i < hello->n_settings; i++) {
        names[i] = hello->settings[i]->name;
        texts[i] = hello->settings[i]->value;
    }
    if (!settings_read(descriptor, hello->n_settings, names, texts, values, &why)) {
        return fail(true, &why);
    }
    return instance_create(instance, descriptor, values, send_log, &why) ? -1 : fail(false, &why);
}

/* Serves one call; false when the host must end. */
static bool serve_call(struct exchange *exchange, struct instance *instance, const Vouch__V1__ToWorker__Call *call)
{
    Vouch__V1__FromWorker message = VOUCH__V1__FROM_WORKER__INIT;
    Vouch__V1__FromWorker__Answer answer = VOUCH__V1__FROM_WORKER__ANSWER__INIT;
    struct why why = {""};
    bool matcher = instance->descriptor->kind == VOUCH_KIND_MATCHER;
    instance_start_call(instance);
    language_watch(call->deadline_ms);
    answer.number = call->number;
    bool good;
    if (matcher && call->body_case == VOUCH__V1__TO_WORKER__CALL__BODY_MATCH) {
        good = call_match(exchange, instance, call->match, &answer, &why);
    } else if (!matcher && call->body_case == VOUCH__V1__TO_WORKER__CALL__BODY_ATTRIBUTE) {
        good = call_attribute(exchange, instance, call->attribute, &answer, &why);
    } else if (!matcher && call->body_case == VOUCH__V1__TO_WORKER__CALL__BODY_ESTIMATE) {
        good = call_estimate(exchange, instance, call->estimate, &answer, &why);
    } else {
        answer.code = VOUCH__V1__FROM_WORKER__CODE__UNSUPPORTED;
        good = true;
    }
    if (!good) {
        send_log(VOUCH_LOG_ERROR, why.text);
        answer.code = VOUCH__V1__FROM_WORKER__CODE__FAILED;
        answer.why = why.text;
    }
    to_utf8_line(answer.why);
    message.body_case = VOUCH__V1__FROM_WORKER__BODY_ANSWER;
    message.answer = &answer;
    /* What a plugin printed should be in the log before its answer is. */
    fflush(stdout);
    return message_send(&message);
}

static int serve_calls(struct exchange *exchange, struct instance *instance)
{
    Vouch__V1__ToWorker *message;
    bool good = true;
    while (good && (message = message_receive()) != NULL) {
        good = message->body_case == VOUCH__V1__TO_WORKER__BODY_CALL && serve_call(exchange, instance, message->call);
        vouch__v1__to_worker__free_unpacked(message, NULL);
    }
    if (good && instance->descriptor->destroy != NULL) {
        instance->descriptor->destroy(instance->self);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int serve(const char *path, pid_t parent, size_t memory_bytes)
{
    static struct exchange exchange;
    static struct instance instance;
    struct jail jail = {
        .memory_bytes = memory_bytes, .cpu_seconds = WORKER_CPU_SECONDS, .listener = -1, .refused = send_refused};
    struct loaded loaded = {NULL, -1};
    struct why why;
    if (!jail_tie_to_parent(parent)) {
        return EXIT_FAILURE;
    }
    jail_close_from(WORKER_FD_ANSWER + 1);
    crash_watch();
    bool ready = exchange_map(&exchange, &why);
    close(WORKER_FD_REQUEST);
    close(WORKER_FD_ANSWER);
    if (!ready || !load_open(path, &loaded, &why) || !load_plugin(path, &jail, &loaded, &why)) {
        /* The broker speaks first. A socket that is closed with words unread resets the other end, which then loses
         * ours.
         */
        (void)message_receive();
        return fail(false, &why);
    }
    int status = greet(loaded.descriptor, &instance);
    if (status < 0) {
        status = send_ready(&instance, &jail) ? serve_calls(&exchange, &instance) : EXIT_FAILURE;
    }
    return status;
}
