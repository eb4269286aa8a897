#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The benchmark from a built tree: makes a preloaded store and a preloaded PostgreSQL in a temporary directory, measures,
# cleans up. Called by `./dev bench`; docs/benchmark.md explains the table.
#
#   --full           5,000,000 referrals instead of 200,000
#   --quick          one short run of each measure: a look, no result
#   --json           the table for programs
#   --only MEASURE   single, many, push, query, commission, today, report, import, sweep, start or plugin
#   --referrals N    preload so many
#   --deals N        so many are won and paid (100,000)
#   --deadlines N    so many clocks run out together (100,000)
#   --runs N         runs of each measure (5)
#   --seconds S      length of each (3)
#   --build DIR      where vouchd and the benchmark were built (build/release)
#
# VOUCH_BENCH_DIR    the temporary directory is made here: a directory on the disk to measure (TMPDIR, or /var/tmp)
# VOUCH_BENCH_CACHE  preloaded stores and clusters are kept here and copied, instead of made each time
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
export LC_ALL=C

referrals=200000 deals=100000 deadlines=100000 only= peer=yes runs=5 seconds=3 build=$root/build/release pass=()
while [ $# -gt 0 ]; do
    case $1 in
    --full) referrals=5000000 ;;
    --quick) referrals=20000 deals=2000 deadlines=5000 runs=1 seconds=1 ;;
    --json) pass+=(--json) ;;
    --only)
        only=$2
        pass+=(--only "$2")
        case $2 in plugin | commission | today | report | import | sweep) referrals=1000 peer= ;; esac # they need no others
        shift
        ;;
    --referrals) referrals=$2 && shift ;;
    --deals) deals=$2 && shift ;;
    --deadlines) deadlines=$2 && shift ;;
    --runs) runs=$2 && shift ;;
    --seconds) seconds=$2 && shift ;;
    --build) build=$(readlink -f "$2") && shift ;;
    *) sed -n '/^#   --full/,/^#   --build/s/^#//p' "$0" >&2 && exit 2 ;;
    esac
    shift
done

find_binary() {
    local place
    for place in "$build/bin/$1" "$build/tests/bench/$1" "$build/core/$1" "$build/sbin/$1"; do
        if [ -x "$place" ]; then echo "$place" && return; fi
    done
    echo "bench: $1 is not in $build; build it first (./dev bench does)" >&2
    exit 1
}

say() { echo "bench: $*" >&2; }

vouchd=$(find_binary vouchd)
bench=$(find_binary vouch_bench)
preload=$(find_binary vouch_bench_preload)
work=$(mktemp -d "${VOUCH_BENCH_DIR:-${TMPDIR:-/var/tmp}}/vouch-bench.XXXXXX")
chmod 711 "$work"
postgres_started=
cleanup() {
    if [ -n "$postgres_started" ]; then "$here/postgres.sh" stop "$work/postgres" || true; fi
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

make_store() {
    say "preloading $referrals referrals into a store"
    mkdir -p "$1"
    "$vouchd" init --data "$1/data" --company Bench --admin Admin --profile "$1/admin.key" >"$1/init.log"
    "$preload" "$1/data" "$referrals" >"$1/facts"
}

make_sweep() {
    say "preloading $deadlines referrals whose clocks have run out"
    mkdir -p "$1"
    "$vouchd" init --data "$1/data" --company Bench --admin Admin --profile "$1/admin.key" >"$1/init.log"
    "$preload" "$1/data" "$deadlines" due >"$1/facts"
}

make_postgres() {
    say "preloading $referrals referrals into PostgreSQL"
    "$here/postgres.sh" make "$1" "$referrals" "$event_bytes"
}

# preloaded <name> <fingerprint of what makes it> <command>: $work/<name>, made or copied from the cache.
preloaded() {
    local kept=${VOUCH_BENCH_CACHE:+$VOUCH_BENCH_CACHE/$1-$referrals-$2}
    if [ -z "$kept" ]; then
        "$3" "$work/$1"
        return
    fi
    mkdir -p "$VOUCH_BENCH_CACHE"
    if [ ! -d "$kept" ]; then
        rm -rf "$kept.part"
        "$3" "$work/$1"
        cp -a --sparse=always "$work/$1" "$kept.part"
        mv "$kept.part" "$kept"
    else
        cp -a --sparse=always "$kept" "$work/$1"
    fi
}

fingerprint() { cat "$@" | cksum | cut -d' ' -f1; }

began=$(date +%s)
preloaded store "$(fingerprint "$preload")" make_store
event_bytes=$(sed -n 's/^event_bytes=//p' "$work/store/facts")
if [ -n "$peer" ] && [ -x "${VOUCH_BENCH_POSTGRES:-/usr/lib/postgresql/15/bin}/postgres" ]; then
    preloaded postgres "$(fingerprint "$here/postgres.sql" "$here/postgres.sh")-$event_bytes" make_postgres
    "$here/postgres.sh" start "$work/postgres"
    postgres_started=yes
    pass+=(--postgres "$work/postgres")
fi
if [ -z "$only" ] || [ "$only" = sweep ]; then
    make_sweep "$work/sweep"
    pass+=(--sweep-data "$work/sweep/data" --sweep-profile "$work/sweep/admin.key" --deadlines "$deadlines")
fi
sync -f "$work" # what was preloaded is not written back while something else is measured
say "ready after $(($(date +%s) - began)) s: $(du -sh "$work/store/data/journal" | cut -f1) journal," \
    "$(du -sh "$work/store/data/state" | cut -f1) state${postgres_started:+, $(du -sh "$work/postgres" | cut -f1) PostgreSQL}"
mkdir "$work/run"
"$bench" --directory "$work/run" --vouchd "$vouchd" --data "$work/store/data" --profile "$work/store/admin.key" \
    --referrals "$referrals" --event-bytes "$event_bytes" --deals "$deals" --runs "$runs" --seconds "$seconds" "${pass[@]}" || {
    code=$?
    [ -f "$work/run/vouchd.log" ] && { say "the broker's last lines:" && tail -5 "$work/run/vouchd.log" >&2; }
    exit $code
}
