/* SPDX-License-Identifier: Apache-2.0
 *
 * The peer: PostgreSQL doing the same transaction in one call of a stored procedure (postgres.sql), prepared, from as
 * many connections, driven by the same kind of loop as vouch's: one thread, one epoll. */
#include "bench.h"

#include "base/check.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MOST 256
#define PARAMETERS 6
#define BODY_BYTES_MOST 4096

struct client {
    PGconn *connection;
    uint32_t member;
    uint64_t sent;
    int64_t sent_ns;
};

struct postgres {
    pid_t server;
    size_t count;
    size_t body_bytes;
    uint64_t token;
    int epoll;
    struct client *clients;
};

static void client_open(struct postgres *postgres, struct client *client, const char *directory)
{
    char where[4200];
    snprintf(where, sizeof where, "host=%s dbname=bench user=postgres", directory);
    client->connection = PQconnectdb(where);
    if (PQstatus(client->connection) != CONNECTION_OK) {
        die("PostgreSQL: %s", PQerrorMessage(client->connection));
    }
    PGresult *result = PQprepare(client->connection, "submit",
                                 "SELECT referral_submit($1::uuid, $2::bigint, $3::bigint, $4::bigint, $5::bigint, "
                                 "$6::bytea)",
                                 PARAMETERS, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        die("PostgreSQL: %s", PQerrorMessage(client->connection));
    }
    PQclear(result);
    CHECK(PQsetnonblocking(client->connection, 1) == 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    CHECK(epoll_ctl(postgres->epoll, EPOLL_CTL_ADD, PQsocket(client->connection), &event) == 0);
}

/* The first line of the cluster's file names the process. */
static pid_t server_find(const char *directory)
{
    char path[4200];
    int pid = 0;
    snprintf(path, sizeof path, "%s/cluster/postmaster.pid", directory);
    FILE *file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%d", &pid) != 1) {
        die("PostgreSQL: %s does not name its process", path);
    }
    fclose(file);
    return pid;
}

double postgres_cpu_seconds(const struct postgres *postgres)
{
    return process_family_cpu_seconds(postgres->server);
}

struct postgres *postgres_open(const struct options *options, size_t clients, size_t body_bytes)
{
    if (options->postgres == NULL) {
        report_note("PostgreSQL 15 is not installed: nothing to compare the rate with");
        return NULL;
    }
    struct postgres *postgres = calloc(1, sizeof *postgres);
    CHECK(postgres != NULL && body_bytes <= BODY_BYTES_MOST);
    postgres->server = server_find(options->postgres);
    postgres->count = clients;
    postgres->body_bytes = body_bytes;
    postgres->epoll = epoll_create1(EPOLL_CLOEXEC);
    postgres->clients = calloc(clients, sizeof *postgres->clients);
    CHECK(postgres->epoll >= 0 && postgres->clients != NULL);
    for (size_t i = 0; i < clients; i++) {
        postgres->clients[i].member = (uint32_t)i;
        client_open(postgres, &postgres->clients[i], options->postgres);
    }
    return postgres;
}

void postgres_close(struct postgres **postgres)
{
    for (size_t i = 0; i < (*postgres)->count; i++) {
        PQfinish((*postgres)->clients[i].connection);
    }
    close((*postgres)->epoll);
    free((*postgres)->clients);
    free(*postgres);
    *postgres = NULL;
}

/* The same choices as make_submit makes, in binary. */
static void client_send(struct postgres *postgres, struct client *client)
{
    uint8_t id[16];
    uint8_t body[BODY_BYTES_MOST];
    uint64_t token = postgres->token++;
    uint64_t choice = world_scramble(token * WORLD_MEMBERS + client->member);
    request_id(id, token);
    for (size_t i = 0; i + 8 <= postgres->body_bytes; i += 8) { /* sealed text does not compress */
        uint64_t random = world_scramble(choice + i);
        memcpy(body + i, &random, sizeof random);
    }
    uint64_t fingerprint = htobe64(choice);
    uint64_t actor = htobe64(world_member_id(client->member));
    uint64_t contact = htobe64(world_contact_id(world_prospect_of(client->member, choice)));
    uint64_t receiver = htobe64(world_member_id(world_receiver(client->member, choice >> 20)));
    const char *values[PARAMETERS] = {(char *)id,       (char *)&fingerprint, (char *)&actor,
                                      (char *)&contact, (char *)&receiver,    (char *)body};
    const int lengths[PARAMETERS] = {16, 8, 8, 8, 8, (int)postgres->body_bytes};
    const int formats[PARAMETERS] = {1, 1, 1, 1, 1, 1};
    client->sent++;
    client->sent_ns = now_ns();
    if (!PQsendQueryPrepared(client->connection, "submit", PARAMETERS, values, lengths, formats, 1) ||
        PQflush(client->connection) != 0) {
        die("PostgreSQL: %s", PQerrorMessage(client->connection));
    }
}

/* True when the client's transaction is done. */
static bool client_receive(struct client *client)
{
    if (!PQconsumeInput(client->connection)) {
        die("PostgreSQL: %s", PQerrorMessage(client->connection));
    }
    if (PQisBusy(client->connection)) {
        return false;
    }
    PGresult *result;
    while ((result = PQgetResult(client->connection)) != NULL) {
        if (PQresultStatus(result) != PGRES_TUPLES_OK) {
            die("PostgreSQL: %s", PQerrorMessage(client->connection));
        }
        PQclear(result);
    }
    return true;
}

double postgres_closed_loop(struct postgres *postgres, double seconds, struct samples *samples)
{
    int64_t began_ns = now_ns();
    int64_t until_ns = began_ns + (int64_t)(seconds * 1e9);
    size_t flying = postgres->count;
    size_t answered = 0;
    for (size_t i = 0; i < postgres->count; i++) {
        client_send(postgres, &postgres->clients[i]);
    }
    while (flying > 0) {
        struct epoll_event events[EVENTS_MOST];
        int count = epoll_wait(postgres->epoll, events, EVENTS_MOST, -1);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            if (!client_receive(client)) {
                continue;
            }
            int64_t now = now_ns();
            answered++;
            if (samples != NULL) {
                samples_add(samples, now - client->sent_ns);
            }
            if (now < until_ns) {
                client_send(postgres, client);
            } else {
                flying--;
            }
        }
    }
    return (double)answered / ((double)(now_ns() - began_ns) / 1e9);
}
