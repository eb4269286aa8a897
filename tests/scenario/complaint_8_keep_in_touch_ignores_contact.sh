#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 8: the keep-in-touch clock ignores real contact and moves missed dates silently. Here a real contact and
# nothing else moves the date; who was missed stays on the list, with how long it has been, until there is one.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

day() { as rhea vouch clock set "$1T09:00Z" >/dev/null; }
# What of a line of the day's list is: FIELD of the first line of KIND; nothing when there is none.
line() {
    as ana vouch today --json | /usr/bin/python3 -c '
import json, sys
lines = [line for line in json.load(sys.stdin)["lines"] if line["kind"] == sys.argv[1]]
print(lines[0][sys.argv[2]] if lines else "")' "$1" "$2"
}

new_store --zone Europe/Berlin >/dev/null
start --clock manual
day 2027-01-11
join=$(as rhea vouch invite "Ana Sousa" --role rep | grep -o "vouch://[^ ']*" | tail -n 1)
as ana vouch join "$join" >/dev/null
as ana vouch card set --issues archive >/dev/null
as ana vouch company add "Orrin Foods" --kind client --domain orrin.example >/dev/null
as ana vouch contact add "Sam Okoro, CIO" --company "Orrin Foods" --consent >/dev/null
as ana vouch touch Sam --meeting --in --at "2027-01-10 08:00" >/dev/null
as ana vouch touch Sam --call --at 2027-01-09 >/dev/null
as ana vouch tier Sam A >/dev/null

# 30 days from the meeting: the list is empty and says when.
wants 0 "Next: stay in touch, Sam Okoro, Orrin Foods, on Tue 9 Feb" as ana vouch today
day 2027-02-08
[ -z "$(line STAY_IN_TOUCH subject)" ] || fail "it is due before its day"
day 2027-02-10
wants 0 "last spoke 31 d ago (A, set by hand: every 30 d)" as ana vouch today
wants 0 "vouch touch 'Sam Okoro' --call" as ana vouch today
due=$(line STAY_IN_TOUCH due_ms)

# Weeks pass; mail goes out, a call is not taken, a restart comes between: the date that was missed stays.
as ana vouch touch Sam --email --note "hello?" >/dev/null
day 2027-02-24
as ana vouch touch Sam --call --no-answer >/dev/null
as ana vouch ask Sam >/dev/null
stop
start --clock manual
day 2027-03-01
[ "$(line STAY_IN_TOUCH due_ms)" = "$due" ] || fail "the date was moved from $due to $(line STAY_IN_TOUCH due_ms)"
wants 0 "last spoke 50 d ago" as ana vouch today

# They call back: that is real, and the clock starts from it, not from when it was written down.
as ana vouch touch Sam --call --in --at "2027-02-27 10:00" >/dev/null
[ -z "$(line STAY_IN_TOUCH subject)" ] || fail "a real contact was ignored"
wants 0 "next real contact by" as ana vouch touches Sam
day 2027-03-29
[ -z "$(line STAY_IN_TOUCH subject)" ] || fail "it is due before 30 days from the call"
day 2027-03-30
wants 0 "last spoke 30 d ago" as ana vouch today
stop
wants 0 "clean:" vouchd check --data "$home/store"
wants 0 "byte for byte" vouchd rebuild --data "$home/store"
echo "complaint 8: real contact moves the date, and nothing else"
