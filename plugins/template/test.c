/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers of the attribution, tested by calling its functions in this process, where a debugger and sanitizers
 * work. How it behaves in a host is vouch-plugin-check's to find out. */
#include <stdio.h>
#include <stdlib.h>
#include <vouch_plugin.h>

static void *give(const struct vouch_services *services, size_t size)
{
    (void)services;
    return calloc(1, size); /* lives as long as the test */
}

static void say(const struct vouch_services *services, const char *sentence)
{
    (void)services;
    fprintf(stderr, "explains: %s\n", sentence);
}

static void note(const struct vouch_services *services, enum vouch_log_level level, const char *text)
{
    (void)services;
    fprintf(stderr, "logs %d: %s\n", (int)level, text);
}

int main(void)
{
    const struct vouch_services services = {sizeof services, VOUCH_PLUGIN_ABI, note, give, say};
    const union vouch_setting_value values[] = {{.integer = 7}};
    const struct vouch_touch touches[] = {
        {.party = 22, .sequence = 5, .time_ms = 1000, .kind = VOUCH_TOUCH_VOUCH},
        {.party = 11, .sequence = 9, .time_ms = 2000, .kind = VOUCH_TOUCH_INTRODUCTION},
    };
    const struct vouch_attribution_request request = {
        .size = sizeof request, .closed_ms = 3000, .window_days = 180, .touch_count = 2, .touches = touches};
    struct vouch_share shares[2] = {{0, 0}, {0, 0}};
    struct vouch_attribution_result result = {.size = sizeof result, .capacity = 2, .shares = shares};
    void *self = NULL;

    if (vouch_plugin.create(&services, values, &self) != VOUCH_ANSWER_DONE ||
        vouch_plugin.attribution->attribute(self, &request, &result) != VOUCH_ANSWER_DONE) {
        return EXIT_FAILURE;
    }
    if (result.share_count != 1 || shares[0].party != 22 || shares[0].weight != 7) {
        fprintf(stderr, "wanted: 7 for party 22, who was first\n");
        return EXIT_FAILURE;
    }
    puts("7 for party 22, who was first");
    return EXIT_SUCCESS;
}
