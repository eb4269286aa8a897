#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Silence is impossible: who does not act loses the referral to the next-best receiver, whom the matcher names; the broker
# is killed while it looks for one, and the matcher crashes, and still somebody has it; when nobody is left the manager
# has it, and sees who ghosted. The referrer is told of each step.
. "$(dirname "$0")/lib.sh"
export TZ=UTC
faults=$(cd "$1/tests/plugins" && pwd)

join() { # PROFILE NAME ROLE TEAM
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team "$4" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
at() { as rhea vouch clock set "$1" >/dev/null; }
# Waits for the line in somebody's inbox that says this.
hears() { # PROFILE TEXT
    local line= after=0
    until [[ $line == *"$2"* ]]; do
        line=$(as "$1" timeout 60 vouch watch --after "$after" --count 1) || fail "$1 never heard: $2"
        after=$((after + 1))
    done
}

new_store --zone Europe/Berlin >/dev/null
start --clock manual
at 2031-11-24T08:00Z
join lea "Lea Lind" manager DACH
join ana "Ana Sousa" rep DACH
join tom "Tom Rieke" rep DACH
join eva "Eva Kern" rep DACH
join kim "Kim Osei" rep Nordics
join ola "Ola Rud" manager Nordics
for who in tom eva kim; do
    as $who vouch card set --issues archive --countries DE --capacity 5 >/dev/null
done
as ana vouch refer "Kestrel Bank" --to "Tom Rieke" --issues archive --need "an archive" --vouch "They asked me." --consent >/dev/null

# Tom lets the day pass, and half of the next.
at 2031-11-24T16:00Z
hears lea "from Tom Rieke"
wants 0 "1 overdue answer to an offer" as lea vouch team
wants 0 "nothing waits for you" as lea vouch queue
at 2031-11-25T12:00Z
hears eva "Ana Sousa refers Kestrel Bank to you: R1"
hears ana "R1 (Kestrel Bank) was offered to Eva Kern"
wants 6 "no such referral" as tom vouch accept R1
wants 0 '"ghosted": 1' as lea vouch team --json

# Eva does not act either; the broker dies as soon as that is known, and comes back with a matcher that crashes.
at 2031-11-25T20:00Z
at 2031-11-26T16:00Z
at 2031-11-27T16:00Z
stop -KILL 137
cat >"$home/vouchd.conf" <<CONF
plugin ideal-client {
    path = $faults/fault_matcher.so
    deadline_ms = 5000
    settings { fault = crash }
}
CONF
start --clock manual --config "$home/vouchd.conf"
hears kim "Ana Sousa refers Kestrel Bank to you: R1"

# And Kim takes it, but then is silent: nobody gets a fourth try, so it is Lea's.
wants 0 "is yours" as kim vouch accept R1
at 2031-11-28T16:00Z
at 2031-12-01T16:00Z
at 2031-12-03T16:00Z
hears lea "nobody could be found to take R1 (Kestrel Bank): it waits for you to name somebody"
hears ana "it waits for a manager of your team"
wants 0 "Kim Osei did not act; offered 3 times, and nobody is left" as lea vouch queue
wants 0 "vouch match R1, then vouch offer" as lea vouch queue
wants 0 "had it before" as lea vouch match R1 --json
wants 0 "nothing waits for you" as ola vouch queue
wants 4 "" as ola vouch offer R1 "Tom Rieke"
wants 4 "" as eva vouch queue
wants 0 "" as lea vouch offer R1 "Ola Rud"
wants 0 "nothing waits for you" as lea vouch queue
hears ana "R1 (Kestrel Bank) was offered to Ola Rud"

# What Lea sees of her team, and no more.
wants 0 "Eva Kern" as lea vouch team
wants 0 '"members"' as lea vouch team --json
case $(as lea vouch team) in *Kim*) fail "Lea sees another team" ;; esac
wants 4 "a manager sees the own team, DACH" as lea vouch team --team Nordics
wants 4 "" as ana vouch team
wants 0 "should sell 1.00 EUR in 2031" as lea vouch quota "Tom Rieke" "1 EUR" # the broker's year, not this machine's
wants 0 "should sell 400,000.00 EUR in 2031" as lea vouch quota "Tom Rieke" "400,000 EUR" --year 2031
wants 4 "not of your team" as lea vouch quota "Kim Osei" "1 EUR"
wants 0 "0 %" as lea vouch team
wants 0 "has no quota for 2031 any more" as lea vouch quota "Tom Rieke" "0 EUR" --year 2031
wants 2 "--year is a year" as lea vouch quota "Tom Rieke" "1 EUR" --year 12
wants 0 "Kim Osei" as rhea vouch team --team Nordics
stop
wants 0 "clean" vouchd check --data "$home/store"
