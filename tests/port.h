/* SPDX-License-Identifier: Apache-2.0
 *
 * A port for a server that a test starts, stops and starts again. It is below those that the system gives to outgoing
 * connections (32768 and up), so that none of these takes it while the server is away; and it follows from the
 * process id, so that tests that run at the same time choose different ones. tests/scenario/port.sh does the same. */
#ifndef TESTS_PORT_H
#define TESTS_PORT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_LEAST 10000u
#define PORT_COUNT 20000u
#define PORT_STEP 7919u /* a prime: away from those of the processes beside this one */

static inline bool port_is_free(unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free = probe >= 0 && bind(probe, (struct sockaddr *)&address, sizeof address) == 0;
    if (probe >= 0) {
        close(probe);
    }
    return is_free;
}

/* 0: there is none. */
static inline unsigned port_choose(void)
{
    static unsigned chosen; /* so that a second server of this process gets another one */
    for (unsigned tries = 0; tries < 1000; tries++) {
        unsigned port = PORT_LEAST + ((unsigned)getpid() + PORT_STEP * (chosen + tries)) % PORT_COUNT;
        if (port_is_free(port)) {
            chosen += tries + 1;
            return port;
        }
    }
    return 0;
}

#endif
