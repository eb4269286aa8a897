/* SPDX-License-Identifier: Apache-2.0
 *
 * ZeroMQ says that a connection could not be made, but not why. People need to know, so after a failure the library
 * tries once by itself. */
#include "handle.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROBE_MS 500

/* "host:port" or "[v6]:port" in two. */
static void split(const char *endpoint, char host[PROFILE_ENDPOINT_MAX], const char **port)
{
    const char *colon = strrchr(endpoint, ':');
    *port = colon + 1;
    bool brackets = endpoint[0] == '[';
    int length = (int)(colon - endpoint) - (brackets ? 2 : 0);
    snprintf(host, PROFILE_ENDPOINT_MAX, "%.*s", length, endpoint + (brackets ? 1 : 0));
}

/* 0, or the errno of connecting. */
static int probe(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    int error = connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        struct pollfd wait = {fd, POLLOUT, 0};
        socklen_t size = sizeof error;
        if (poll(&wait, 1, PROBE_MS) <= 0) {
            error = ETIMEDOUT;
        } else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
    }
    close(fd);
    return error;
}

void diagnose_endpoint(const char *endpoint, char text[256])
{
    char host[PROFILE_ENDPOINT_MAX];
    const char *port;
    split(endpoint, host, &port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *addresses = NULL;
    int trouble = getaddrinfo(host, port, &hints, &addresses);
    if (trouble != 0) {
        snprintf(text, 256, "%s", trouble == EAI_SYSTEM ? strerror(errno) : gai_strerror(trouble));
        return;
    }
    int error = probe(addresses);
    freeaddrinfo(addresses);
    switch (error) {
    case 0:
        text[0] = '\0';
        break;
    case ECONNREFUSED:
        snprintf(text, 256, "connection refused");
        break;
    case ETIMEDOUT:
        snprintf(text, 256, "no answer from that address");
        break;
    default:
        snprintf(text, 256, "%s", strerror(error));
        break;
    }
}
