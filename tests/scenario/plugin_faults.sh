#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A win that a broken plugin should attribute: the caller is told which plugin and why, nothing is recorded, the broker
# goes on; with a sound plugin the same referral is won.
. "$(dirname "$0")/lib.sh"
faults=$(cd "$1/tests/plugins" && pwd)

config() {
    cat >"$home/vouchd.conf" <<CONF
attribution = bad
plugin bad {
    path = $faults/fault_attribution.so
    deadline_ms = ${2:-200}
    settings { fault = $1 }
}
CONF
}

new_store >"$home/init.txt"
start
for name in "Ana Sousa" "Tom Rieke"; do
    line=$(as rhea vouch invite "$name" | grep -o "vouch://[^']*")
    who=$(printf '%s' "${name%% *}" | tr '[:upper:]' '[:lower:]')
    as "$who" vouch join "$line" >"$home/join.txt"
done
as ana vouch refer "Kestrel Bank" --need "archive" --vouch "They asked me." --consent --to "Tom Rieke"
as tom vouch accept R1
as tom vouch contacted R1 --evidence "called"
as tom vouch met R1
as tom vouch opportunity R1
stop

while read -r fault cause; do
    config "$fault"
    start --config "$home/vouchd.conf"
    wants 7 "$cause" as tom vouch won R1 --value "48,000 EUR" --feedback "Signed." --timeout 20
    wants 7 "bad" as tom vouch won R1 --value "48,000 EUR" --feedback "Signed." --timeout 20
    wants 0 "OPPORTUNITY" as tom vouch show R1
    wants 0 "bad" as rhea vouch plugins
    stop
    echo "$fault: ok"
done <<'FAULTS'
crash SIGSEGV
hang deadline
allocate bad
exit bad
negative bad
overflow bad
overrun bad
stranger bad
twice bad
garbage bad
FAULTS

# Megabytes on standard output are no fault of the answer; the log keeps a part of them.
config print 10000
start --config "$home/vouchd.conf"
as tom vouch won R1 --value "48,000 EUR" --feedback "Signed."
wants 0 "1,440.00 EUR" as ana vouch show R1
stop
wants 0 "clean:" vouchd check --data "$home/store"
