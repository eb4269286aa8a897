#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 7: the deadline failed the minute it was created, holidays counted, reminders were right only in UTC. Here a
# receiver in New York is offered a referral after work, before Thanksgiving, by somebody in Berlin; and while the broker
# is down his time runs out.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

join() { # PROFILE NAME ROLE TEAM
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team "$4" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
at() { as rhea vouch clock set "$1" >/dev/null; }
# The next line in somebody's inbox, which must say this: waits for it, and shows it.
hears() { # PROFILE AFTER TEXT
    wants 0 "$3" as "$1" vouch watch --after "$2" --count 1
}

new_store --zone Europe/Berlin >/dev/null
start --clock manual
at 2031-11-24T09:00Z
join ana "Ana Sousa" rep DACH
join tom "Tom Rieke" rep East
join nora "Nora Lind" manager East

# Tom works in New York, and is away from Thanksgiving on. Nonsense is refused, and nothing of it kept.
wants 0 "Mon–Fri 9:00–17:00" as tom vouch calendar
wants 2 "is no day" as tom vouch calendar set --off 2031-11-31
wants 2 "are no hours" as tom vouch calendar set --hours "mon-fri 17:00-9:00"
wants 2 "no such time zone" as tom vouch calendar set --zone America/Atlantis
wants 4 "Tom Rieke" as ana vouch calendar set --member "Tom Rieke" --zone Europe/Berlin
wants 0 "2031-11-27 to 2031-11-28" as tom vouch calendar set --zone America/New_York --off 2031-11-27..2031-11-28
wants 0 "America/New_York" as nora vouch calendar show "Tom Rieke"

# Wednesday, 17:30 in New York: his eight hours are all of Monday.
at 2031-11-26T22:30Z
as ana vouch refer "Kestrel Bank" --to "Tom Rieke" --need "an archive" --vouch "They asked me." --consent >/dev/null
wants 0 "by Mon 01 Dec 17:00: you" env TZ=America/New_York VOUCH_PROFILE=tom vouch show R1

# Not a minute later, not over the holidays, not on Monday morning: at half of the time.
at 2031-12-01T17:59Z
as ana vouch company add "Orrin Foods" >/dev/null
[ "$(as tom vouch inbox --all --keep --json | wc -l)" -eq 1 ] || fail "Tom was reminded too early"
at 2031-12-01T18:00Z
hears tom 1 "R1 (Kestrel Bank) waits for a yes or a no from you until 2031-12-01 17:00"

# The broker is down when his time runs out. What was missed is one line, at once, told in everybody's own time.
stop
start --clock manual
at 2031-12-05T09:00Z
hears tom 2 "R1 (Kestrel Bank) is overdue: it waited for a yes or a no from you until 2031-12-01 17:00"
hears nora 0 "from Tom Rieke, due at 2031-12-01 23:00: it is overdue"
hears ana 0 "from Tom Rieke, due at 2031-12-01 23:00: it is overdue"

# It is not taken from him before he had the rest of his time, from when he was told: until Friday, 13:00.
at 2031-12-05T17:59Z
wants 0 "is yours" as tom vouch accept R1
wants 0 '"ghosted": 1' as nora vouch team --json
stop
wants 0 "clean" vouchd check --data "$home/store"
