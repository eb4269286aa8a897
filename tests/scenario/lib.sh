# SPDX-License-Identifier: Apache-2.0
#
# What the scenarios in shell share. A scenario sources this with the build directory as $1; it then has $home (its own,
# removed at the end), $port, and:
#   start [OPTION…]      starts a broker on $home/store, returns once it listens
#   stop                 ends it and wants exit code 0
#   as NAME COMMAND…     runs a client command as that member
#   wants CODE TEXT COMMAND…   the command must end with CODE and its output contain TEXT
set -euo pipefail

PATH=$(cd "$1/bin" && pwd):$PATH
home=$(mktemp -d "${TMPDIR:-/tmp}/vouch-scenario-XXXXXX")
export XDG_CONFIG_HOME=$home/config
broker=
. "$(dirname "${BASH_SOURCE[0]}")/port.sh"
choose_port

finish() {
    local code=$?
    [ -z "$broker" ] || kill -9 "$broker" 2>/dev/null || true
    if [ "$code" -ne 0 ]; then
        echo "FAILED with $code; the broker said:"
        tail -n 30 "$home/broker.log" | cut -c1-200 2>/dev/null || true
    fi
    rm -rf "$home"
}
trap finish EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# A Monday morning: a manual clock goes on from there, whatever day the test runs on.
new_store() {
    vouchd init --clock manual:1795417200000 --company "Northgate Storage" --domain northgate.example \
        --admin "Rhea Holt" --profile rhea --data "$home/store" --listen "tcp://127.0.0.1:$port" "$@"
}

# The port was taken between its choice and now: another one, in the profiles too.
change_port() {
    local taken=$port
    choose_port
    find "$XDG_CONFIG_HOME" -name '*.key' -exec sed -i "s/^\(endpoint .*\):$taken\$/\1:$port/" {} +
}

# The broker's log comes through a fifo, so that waiting for "listening" is reading, not sleeping.
start() {
    local line
    rm -f "$home/fifo"
    mkfifo "$home/fifo"
    vouchd run --data "${store:-$home/store}" --listen "tcp://127.0.0.1:$port" "$@" 2>"$home/fifo" &
    broker=$!
    exec 4<"$home/fifo"
    while IFS= read -r line <&4; do
        printf '%s\n' "$line" >>"$home/broker.log"
        case $line in
        *"vouchd listening"*)
            cat <&4 >>"$home/broker.log" &
            exec 4<&-
            return 0
            ;;
        *"cannot listen on"*"Address already in use"*)
            wait "$broker" || true
            exec 4<&-
            change_port
            start "$@"
            return
            ;;
        esac
    done
    fail "the broker ended while it started"
}

stop() {
    local code=0
    kill "${1:--TERM}" "$broker"
    wait "$broker" || code=$?
    broker=
    [ "$code" -eq "${2:-0}" ] || fail "the broker ended with $code"
}

as() {
    local who=$1
    shift
    VOUCH_PROFILE=$who "$@"
}

wants() {
    local code=$1 text=$2 got=0 output
    shift 2
    output=$("$@" 2>&1) || got=$?
    [ "$got" -eq "$code" ] || fail "'$*' ended with $got, not $code: $output"
    case $output in
    *"$text"*) ;;
    *) fail "'$*' did not say '$text' but: $output" ;;
    esac
}
