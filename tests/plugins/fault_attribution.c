/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution plugin with every fault that a call can have; the setting `fault` says which, `every` in which calls.
 * Without a fault it gives each touch one weight. */
#include "vouch_plugin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct vouch_setting settings[] = {
    {"fault", VOUCH_SETTING_TEXT, 0, "none", 0, 32, "what goes wrong", {NULL, NULL}},
    {"every", VOUCH_SETTING_INTEGER, 0, "1", 1, 1000000, "in every so many-th call", {NULL, NULL}},
};

struct fault {
    const struct vouch_services *services;
    const char *name;
    int64_t every;
    int64_t calls;
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct fault *fault = services->alloc(services, sizeof *fault);
    fault->services = services;
    fault->name = values[0].text;
    fault->every = values[1].integer;
    *self = fault;
    if (strcmp(fault->name, "create") == 0) {
        services->explain(services, "nothing works today");
        return VOUCH_ANSWER_FAILED;
    }
    if (strcmp(fault->name, "create_crash") == 0) {
        raise(SIGSEGV);
    }
    if (strcmp(fault->name, "create_hang") == 0) {
        for (;;) {
            sleep(1000);
        }
    }
    return VOUCH_ANSWER_DONE;
}

static void print_megabytes(void)
{
    static char line[1000];
    memset(line, 'x', sizeof line - 1);
    for (int i = 0; i < 4000; i++) {
        puts(line);
    }
    fflush(stdout);
}

static void allocate_without_end(void)
{
    for (;;) {
        memset(malloc(1 << 20), 1, 1 << 20);
    }
}

static int recurse(volatile int *depth)
{
    volatile int here[1000];
    here[0] = *depth + 1;
    return recurse(here) + here[0];
}

/* Faults that end the process or take its time. */
static void misbehave(struct fault *fault)
{
    const char *name = fault->name;
    if (strcmp(name, "crash") == 0) {
        *(volatile int *)8 = 1;
    } else if (strcmp(name, "recurse") == 0) {
        volatile int depth = 0;
        recurse(&depth);
    } else if (strcmp(name, "abort") == 0) {
        abort();
    } else if (strcmp(name, "exit") == 0) {
        exit(3);
    } else if (strcmp(name, "hang") == 0) {
        fault->services->log(fault->services, VOUCH_LOG_INFO, "from now on");
        for (volatile int forever = 1; forever;) {
        }
    } else if (strcmp(name, "sleep") == 0) {
        sleep(1000);
    } else if (strcmp(name, "allocate") == 0) {
        allocate_without_end();
    } else if (strcmp(name, "print") == 0) {
        print_megabytes();
    } else if (strcmp(name, "log") == 0) {
        for (int i = 0; i < 20000; i++) {
            fault->services->log(fault->services, VOUCH_LOG_ERROR, "again \x01\xff and again");
        }
    } else if (strcmp(name, "close") == 0) {
        for (int fd = 0; fd < 16; fd++) {
            close(fd);
        }
    } else if (strcmp(name, "garbage") == 0) {
        ssize_t size = write(3, "\xff\xff\xff\xffgarbage", 11);
        (void)size;
    } else if (strcmp(name, "forge") == 0) {
        /* FromWorker{answer{number: 999}} */
        ssize_t size = write(3, "\x1a\x03\x08\xe7\x07", 5);
        (void)size;
    }
}

/* Faults of the result. */
static void spoil(const char *name, const struct vouch_attribution_request *request,
                  struct vouch_attribution_result *result)
{
    struct vouch_share *shares = result->shares;
    if (strcmp(name, "negative") == 0) {
        shares[0].weight = -5;
    } else if (strcmp(name, "stranger") == 0) {
        shares[0].party = 424242;
    } else if (strcmp(name, "twice") == 0) {
        shares[1] = shares[0];
        result->share_count = 2;
    } else if (strcmp(name, "overflow") == 0) {
        for (uint32_t i = 0; i < result->share_count; i++) {
            shares[i].weight = INT64_MAX;
        }
    } else if (strcmp(name, "count") == 0) {
        result->share_count = request->touch_count + 1;
    } else if (strcmp(name, "overrun") == 0) {
        for (uint32_t i = 0; i <= request->touch_count; i++) {
            shares[i].weight = 1;
        }
    }
}

static enum vouch_answer answer_of(const struct fault *fault)
{
    if (strcmp(fault->name, "code") == 0) {
        return (enum vouch_answer)77;
    }
    if (strcmp(fault->name, "defer") == 0) {
        fault->services->explain(fault->services, "the moon is not full");
        return VOUCH_ANSWER_DEFER;
    }
    if (strcmp(fault->name, "unsupported") == 0) {
        return VOUCH_ANSWER_UNSUPPORTED;
    }
    if (strcmp(fault->name, "failed") == 0) {
        fault->services->explain(fault->services, "line one\nline two \xff\x01");
        return VOUCH_ANSWER_FAILED;
    }
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    struct fault *fault = self;
    int faulty = ++fault->calls % fault->every == 0;
    if (faulty) {
        misbehave(fault);
    }
    for (uint32_t t = 0; t < request->touch_count; t++) {
        uint32_t p = 0;
        while (p < result->share_count && result->shares[p].party != request->touches[t].party) {
            p++;
        }
        result->share_count += p == result->share_count;
        result->shares[p].party = request->touches[t].party;
        result->shares[p].weight++;
    }
    if (!faulty) {
        return VOUCH_ANSWER_DONE;
    }
    spoil(fault->name, request, result);
    return answer_of(fault);
}

static const struct vouch_attribution_plugin attribution = {sizeof attribution, attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "fault-attribution",
    .version = "1.0.0",
    .summary = "goes wrong as told",
    .settings = settings,
    .setting_count = 2,
    .create = create,
    .attribution = &attribution,
};
