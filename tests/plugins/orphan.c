/* SPDX-License-Identifier: Apache-2.0
 *
 * When a broker is killed its hosts die with it, also one whose plugin hangs in a call and would never see that the
 * socket closed. The program makes itself the reaper of orphans, so that it gets to see how they end. */
#include "caller.h"

#include "base/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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
static _Noreturn void be_broker(int ready)
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
    CHECK(plugin_submit(plugin_find(set, PLUGIN_ATTRIBUTION, "hanging"), &job));
    CHECK(write(ready, "!", 1) == 1);
    for (;;) {
        pause();
    }
}

int main(void)
{
    int ready[2];
    char byte;
    alarm(PATIENCE_S);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && pipe(ready) == 0);
    pid_t broker = fork();
    CHECK(broker >= 0);
    if (broker == 0) {
        be_broker(ready[1]);
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    CHECK(kill(broker, SIGKILL) == 0 && waitpid(broker, NULL, 0) == broker);
    int orphans = 0;
    while (waitpid(-1, NULL, 0) > 0) {
        orphans++;
    }
    printf("hosts that died with their broker: %d\n", orphans);
    return orphans == 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}
