/* SPDX-License-Identifier: Apache-2.0
 *
 * One instance of the plugin, and the services it is handed. */
#include "host.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT ((size_t)16)

/* The one instance of this process: services are found again from it. */
static struct instance *of(const struct vouch_services *services)
{
    return (struct instance *)(void *)((char *)(uintptr_t)services - offsetof(struct instance, services));
}

static void service_log(const struct vouch_services *services, enum vouch_log_level level, const char *text)
{
    struct instance *instance = of(services);
    if (text != NULL && instance->log != NULL) {
        instance->log((unsigned)level > VOUCH_LOG_DEBUG ? VOUCH_LOG_INFO : level, text);
    }
}

static void *service_alloc(const struct vouch_services *services, size_t size)
{
    struct instance *instance = of(services);
    if (size > VOUCH_CALL_ALLOC_MAX) {
        return NULL;
    }
    size_t rounded = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (rounded > VOUCH_CALL_ALLOC_MAX - instance->used) {
        return NULL;
    }
    void *memory = instance->memory + instance->used;
    instance->used += rounded;
    return memset(memory, 0, rounded);
}

static void service_explain(const struct vouch_services *services, const char *sentence)
{
    if (sentence != NULL) {
        why_set(&of(services)->said, "%s", sentence);
    }
}

/* A matcher says once which components its instance has. */
static bool ask_components(struct instance *instance, struct why *why)
{
    const char *name = instance->descriptor->name;
    uint32_t count = 0;
    const struct vouch_component *components = instance->descriptor->matcher->components(instance->self, &count);
    if (components == NULL || count < 1 || count > VOUCH_COMPONENTS_MAX) {
        return why_set(why, "plugin %s declares %u components; 1 to %u are possible", name, count,
                       VOUCH_COMPONENTS_MAX);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (components[i].name == NULL || components[i].name[0] == '\0' ||
            strnlen(components[i].name, VOUCH_NAME_MAX + 1) > VOUCH_NAME_MAX ||
            components[i].weight > VOUCH_COMPONENT_WEIGHT_MAX) {
            return why_set(why, "component %u of plugin %s has no usable name or weight", i + 1, name);
        }
    }
    instance->components = components;
    instance->component_count = count;
    return true;
}

bool instance_create(struct instance *instance, const struct vouch_plugin_descriptor *descriptor,
                     const union vouch_setting_value *values, void (*log)(enum vouch_log_level, const char *),
                     struct why *why)
{
    *instance = (struct instance){
        .descriptor = descriptor,
        .services = {sizeof(struct vouch_services), VOUCH_PLUGIN_ABI, service_log, service_alloc, service_explain},
        .log = log,
    };
    instance->memory = mmap(NULL, VOUCH_CALL_ALLOC_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (instance->memory == MAP_FAILED) {
        return why_set(why, "no memory for plugin %s: its limit is too small", descriptor->name);
    }
    language_watch(LANGUAGE_START_MS);
    enum vouch_answer answer = descriptor->create(&instance->services, values, &instance->self);
    if (answer != VOUCH_ANSWER_DONE) {
        return why_set(why, "plugin %s could not make an instance: %.300s", descriptor->name,
                       instance->said.text[0] != '\0' ? instance->said.text : "it does not say why");
    }
    bool good = descriptor->kind != VOUCH_KIND_MATCHER || ask_components(instance, why);
    instance->kept = instance->used;
    return good;
}

void instance_start_call(struct instance *instance)
{
    instance->said.text[0] = '\0';
    instance->used = instance->kept;
}
