#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The command line against a real broker: joining once, names, refusals and their exit codes, keys that come and go, an
# inbox that is watched across a crash, and the import of a CRM twice.
# usage: test_cli_session.sh BUILD-DIRECTORY
. "$(dirname "$0")/../scenario/lib.sh"

new_store >/dev/null
wants 3 "connection refused" as rhea vouch whoami --timeout 1
wants 2 "vouch join" as nobody vouch whoami
start --clock manual

# An invitation works once, and its line must be whole.
as rhea vouch invite "Ana Sousa" --team DACH --joins "$home/joins.csv"
line=$(sed -n 's/^"Ana Sousa",//p' "$home/joins.csv")
[ "$(stat -c %a "$home/joins.csv")" = 600 ] || fail "the join lines can be read by others"
wants 2 "token" as ana vouch join "${line%??}"
wants 2 "starts with vouch://" as ana vouch join "http://x"
wants 3 "is not the broker with server key" as ana vouch join "$(sed 's|/[A-Za-z0-9_-]*#|/BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA#|' <<<"$line")"
wants 0 "joined Northgate Storage as Ana Sousa (rep, DACH)" as ana vouch join "$line"
wants 2 "exists already" as ana vouch join "$line"
wants 4 "does not know this key" as other vouch join "$line"
[ ! -e "$XDG_CONFIG_HOME/vouch/other.key" ] || fail "a profile was left by a join that failed"
[ ! -e "$XDG_CONFIG_HOME/vouch/other.key.new" ] || fail "a key was left by a join that failed"

# Names, and what cannot be.
as rhea vouch invite "Ana Souza" --joins "$home/joins.csv" >/dev/null
wants 10 "Ana Souza" as rhea vouch card show Ana
wants 0 "Ana Sousa" as rhea vouch card show "ana sous"
wants 6 "there is no member called 'Zoe'" as rhea vouch card show Zoe
wants 4 "exit 4: denied" as ana vouch invite Bo
wants 2 "exit 2: usage" as ana vouch won R1 --value "48.000,50 EUR"
wants 6 '"name": "NOT_FOUND"' as ana vouch show R7 --json
wants 6 '"exit": 6' as ana vouch show R7 --json

# A key is replaced; the old one is worth nothing. A removed member is out.
cp "$XDG_CONFIG_HOME/vouch/ana.key" "$home/old.key"
wants 0 "your key is replaced" as ana vouch key rotate
wants 0 "Ana Sousa" as ana vouch whoami
wants 4 "does not know this key" vouch whoami --profile "$home/old.key"
chmod 644 "$home/old.key"
wants 2 "chmod 600" vouch whoami --profile "$home/old.key"

# Ana watches her inbox while the broker is killed and comes back.
as ana vouch refer "Kestrel Bank" --need archive --consent --to "Rhea Holt" >/dev/null
as ana vouch watch --count 2 --json >"$home/watched" &
watching=$!
as rhea vouch accept R1 >/dev/null
kill -9 "$broker"
wait "$broker" || true
start --clock manual
as rhea vouch contacted R1 --evidence "called" >/dev/null
wait "$watching" || fail "watch ended with $?"
[ "$(grep -c '"inbox_sequence"' "$home/watched")" = 2 ] || fail "watch showed: $(cat "$home/watched")"
wants 0 "made first contact" as ana vouch inbox
wants 0 "nothing new" as ana vouch inbox
wants 5 "exit 5: conflict" as rhea vouch accept R1

as rhea vouch remove "Ana Sousa" --reason test >/dev/null
wants 4 "does not know this key" as ana vouch whoami

# A CRM is taken over, and the second time nothing is new.
crm=$(cd "$(dirname "$0")/../.." && pwd)/../shared/data/crm-maven
if [ -d "$crm" ]; then
    wants 0 "1425 deals name no account" as rhea vouch import crm "$crm" --dry-run
    wants 0 "referrals  8,800 new, 0 known already, 0 refused" as rhea vouch import crm "$crm" --joins "$home/crm.csv"
    [ "$(wc -l <"$home/crm.csv")" = 42 ] || fail "join lines: $(wc -l <"$home/crm.csv")"
    wants 0 "referrals  0 new, 8,800 known already, 0 refused" as rhea vouch import crm "$crm"
    wants 0 "10,005,534.00 USD" as rhea vouch totals
    wants 0 "4,238" as rhea vouch totals
else
    echo "no $crm here: the import is not tested"
fi
stop
wants 0 "clean:" vouchd check --data "$home/store"
