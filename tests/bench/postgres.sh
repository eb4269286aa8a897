#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# postgres.sh make DIRECTORY REFERRALS EVENT_BYTES: a PostgreSQL 15 cluster below DIRECTORY, preloaded (stopped).
# postgres.sh start DIRECTORY | stop DIRECTORY: its server, on a socket in DIRECTORY and on no port.
# Debian's defaults; synchronous_commit is on. The server refuses root, so all runs as the user postgres then.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
binaries=${VOUCH_BENCH_POSTGRES:-/usr/lib/postgresql/15/bin}

as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@"); else "$@"; fi
}

start() {
    as_postgres "$binaries/pg_ctl" --silent -w -t 120 -D "$1/cluster" -l "$1/log" start \
        -o "-c listen_addresses= -c unix_socket_directories=$1 -c max_connections=100 -c synchronous_commit=on"
}

stop() {
    as_postgres "$binaries/pg_ctl" --silent -w -t 300 -D "$1/cluster" -m fast stop
}

make_cluster() {
    local directory=$1 user
    mkdir -p "$directory"
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$directory"
    fi
    as_postgres "$binaries/initdb" -D "$directory/cluster" -U postgres -A trust -E UTF8 --no-locale >"$directory/initdb.log"
    start "$directory"
    as_postgres "$binaries/createdb" -h "$directory" -U postgres bench
    # On standard input: the user postgres may not be able to read this tree.
    as_postgres "$binaries/psql" -h "$directory" -U postgres -d bench -q -v ON_ERROR_STOP=1 -v "referrals=$2" \
        -v "event_bytes=$3" -o /dev/null -f - <"$here/postgres.sql"
    as_postgres "$binaries/psql" -h "$directory" -U postgres -d bench -q -c 'VACUUM ANALYZE' -c CHECKPOINT
    stop "$directory"
}

case ${1:-} in
make) shift && make_cluster "$@" ;;
start) start "$2" ;;
stop) stop "$2" ;;
*) echo "usage: postgres.sh make|start|stop DIRECTORY …" >&2 && exit 2 ;;
esac
