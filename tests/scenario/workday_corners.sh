#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Corners of a working day: a receiver leaves with a referral in each state, and the managers leave while a line waits in
# their queue; two managers settle the same line at once; an answer comes in the very moment in which time is up;
# somebody is on leave for a year; what was put off as far as it goes; two contacts become one, and two again, while a
# referral waits for consent. Nothing is lost, and everybody who is refused is told why.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

join() { # PROFILE NAME ROLE TEAM
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team "$4" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
at() { as rhea vouch clock set "$1" >/dev/null; }
# The line in somebody's inbox that says this: whoever is next is looked for beside the timers, so this asks until it is
# there, and gives up after a hundred times.
hears() { # PROFILE TEXT
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        ! as "$1" vouch inbox --all --keep | grep -F "$2" >/dev/null || return 0
    done
    fail "$1 never heard: $2"
}
refer() { # PROSPECT [OPTION…]
    as ana vouch refer "$1" --need "an archive" --vouch "They asked me." --issues archive --consent "${@:2}" >/dev/null
}

new_store --zone UTC >/dev/null
start --clock manual
at 2031-11-24T08:00Z
join lea "Lea Lind" manager DACH
join mia "Mia Maar" manager DACH
join ana "Ana Sousa" rep DACH
join tom "Tom Rieke" rep DACH
join eva "Eva Kern" rep DACH

# Tom leaves. What he held comes to somebody else when its time is up, or to the managers, whatever its state.
for prospect in Aster Birch Cedar Dahlia Elder; do refer $prospect --to "Tom Rieke"; done
for referral in R2 R3 R4 R5; do as tom vouch accept $referral; done >/dev/null
for referral in R3 R4 R5; do as tom vouch contacted $referral --evidence "Called."; done >/dev/null
for referral in R4 R5; do as tom vouch met $referral; done >/dev/null
as tom vouch opportunity R5 >/dev/null
as rhea vouch remove "Tom Rieke" --reason "left us" >/dev/null
wants 6 "no member called 'Tom Rieke'" as ana vouch offer R1 "Tom Rieke"
at 2032-01-12T08:00Z
at 2032-03-15T08:00Z
for referral in R1 R2 R3 R4 R5; do
    hears ana "Tom Rieke did not act on $referral"
    hears ana "nobody could be found to take $referral"
done
[ "$(as lea vouch queue --json | grep -c '"reason"')" -eq 5 ] || fail "not all five wait: $(as lea vouch queue)"

# Two managers name somebody at once: one of them does it, the other is told that it is done.
as lea vouch offer R1 "Eva Kern" >"$home/lea" 2>&1 &
one=$!
as mia vouch offer R1 "Mia Maar" >"$home/mia" 2>&1 &
other=$!
codes=0
wait $one || codes=$?
wait $other || codes=$((codes + $?))
[ "$codes" -eq 4 ] || fail "one wins and one is refused, not $codes: $(cat "$home/lea" "$home/mia")"
cat "$home/lea" "$home/mia" | grep -q "R1 waits for no manager: it is OFFERED, with " || fail "the other was not told why: $(cat "$home/lea" "$home/mia")"

# The managers leave; the rest of the queue is the admins'.
as rhea vouch remove "Lea Lind" --reason "left us" >/dev/null
as rhea vouch remove "Mia Maar" --reason "left us" >/dev/null
wants 0 "R2" as rhea vouch queue
wants 0 "find a receiver" as rhea vouch today
at 2032-04-15T08:00Z
hears rhea "R2 (Birch) waits for a receiver"
as rhea vouch offer R2 "Eva Kern" >/dev/null

# At 100 % it is too late, and a second before it is not.
at 2032-05-03T09:00Z
refer Fern --to "Eva Kern"
refer Gorse --to "Eva Kern"
at 2032-05-03T16:59:59Z
as eva vouch decline R6 --reason "no time" >/dev/null
as ana vouch inbox --all --keep | grep "R6 (Fern) waits for a yes or a no" >/dev/null && fail "a decline in time was called overdue"
at 2032-05-03T17:00Z
wants 0 "" as eva vouch decline R7 --reason "no time"
hears ana "R7 (Gorse) waits for a yes or a no from Eva Kern, due at 2032-05-03 17:00: it is overdue"

# On leave for a year: that puts a clock off no further than a snooze, and what is put off twice is not put off for ever.
at 2032-05-04T09:00Z
wants 2 "more than 400 days off" as eva vouch calendar set --off 2032-05-05..2099-12-31
wants 0 "2032-05-05 to 2033-05-04" as eva vouch calendar set --off 2032-05-05..2033-05-04
refer Hazel --to "Eva Kern"
as eva vouch accept R8 >/dev/null
wants 0 "put off until" as eva vouch snooze R8 --until +90d --reason "on leave"
wants 2 "by 90 days at most" as eva vouch snooze R8 --until 2040-01-01 --reason "for ever"
wants 0 "put off until" as eva vouch snooze R8 --until +1d --reason "on leave"
wants 5 "2 times already" as eva vouch snooze R8 --until +90d --reason "again"
wants 0 "Tue 03 Aug 17:00" as ana vouch show R8
at 2032-08-03T16:59Z
as ana vouch inbox --all --keep | grep "R8.*overdue" >/dev/null && fail "a clock ran out before that"
at 2032-08-03T17:00Z
hears ana "R8 (Hazel) waits for the first contact from Eva Kern, due at 2032-08-03 17:00: it is overdue"

# Two contacts become one, and two again, while a referral of one of them waits for consent.
as ana vouch company add "Kestrel Bank" --domain kestrel.example >/dev/null
as ana vouch contact add "Dana Frey" --company "Kestrel Bank" --email dana@kestrel.example >/dev/null
as ana vouch contact add "D. Frey" --company "Kestrel Bank" --email dana@home.example >/dev/null
as ana vouch refer "Kestrel Bank" --contact "Dana Frey" --email dana@kestrel.example --need "an archive" \
    --vouch "They asked me." --to "Rhea Holt" >/dev/null
wants 0 "CONSENT WAIT" as ana vouch show R9
as ana vouch contact merge "dana@kestrel.example" "dana@home.example" >/dev/null
wants 0 "CONSENT WAIT" as ana vouch show R9
as ana vouch contact unmerge "dana@kestrel.example" >/dev/null
wants 0 "Dana Frey" as ana vouch show R9
as ana vouch register R9 >/dev/null
wants 0 "OFFERED to Rhea Holt" as ana vouch show R9
stop
wants 0 "clean" vouchd check --data "$home/store"
wants 0 "byte for byte" vouchd rebuild --data "$home/store"
echo "corners: nobody is lost in one"
