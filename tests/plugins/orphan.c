/* SPDX-License-Identifier: Apache-2.0
 *
 * When a broker is killed its hosts die with it, also one whose plugin hangs in a call and would never see that the
 * socket closed. The program makes itself the reaper of orphans, so that it gets to see how they end. */
#include "caller.h"

#include "base/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 60 /* after which the alarm ends a test that waits for ever */

static void hang(struct plugin_call *call, struct plugin_job *job)
{
    struct vouch_touch touch = {.party = 3, .sequence = 1, .kind = VOUCH_TOUCH_VOUCH};
    struct vouch_attribution_request request = {.touch_count = 1, .touches = &touch};
    struct vouch_attribution_result result;
    struct status_text why;
    (void)job;
    CHECK(plugin_attribute(call, &request, arena_new(4096), &result, &why) != VOUCH_OK);
}

/* The broker that will be killed: two hosts, one of them hanging. */
static _Noreturn void be_broker(int log)
{
    static const struct tested both[] = {
        {.file = "linear"},
        {.file = "fault_attribution",
         .name = "hanging",
         .deadline_ms = 1000 * PATIENCE_S,
         .settings = {"fault", "hang"}},
    };
    static struct plugin_job job = {NULL, hang};
    struct plugin_set *set = caller_start(both, 2);
    CHECK(dup2(log, STDERR_FILENO) == STDERR_FILENO);
    CHECK(plugin_submit(plugin_find(set, PLUGIN_ATTRIBUTION, "hanging"), &job));
    for (;;) {
        pause();
    }
}

/* The broker's log has the line that the plugin writes before it hangs. */
static void await_hanging(int log)
{
    char text[4096];
    size_t used = 0;
    do {
        ssize_t size = read(log, text + used, sizeof text - 1 - used);
        CHECK(size > 0);
        used += (size_t)size;
        text[used] = '\0';
    } while (strstr(text, "hanging says: from now on") == NULL);
}

int main(void)
{
    int log[2];
    alarm(PATIENCE_S);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && pipe(log) == 0);
    pid_t broker = fork();
    CHECK(broker >= 0);
    if (broker == 0) {
        be_broker(log[1]);
    }
    await_hanging(log[0]);
    CHECK(kill(broker, SIGKILL) == 0 && waitpid(broker, NULL, 0) == broker);
    int orphans = 0;
    while (waitpid(-1, NULL, 0) > 0) {
        orphans++;
    }
    printf("hosts that died with their broker: %d\n", orphans);
    return orphans == 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}
