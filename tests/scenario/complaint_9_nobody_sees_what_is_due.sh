#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 9: nobody can see what is due. Here everybody has one list, the most urgent first, each line with its reason,
# how much time is left, and a command that settles it: typed as it stands, it does.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

time_is() { as rhea vouch clock set "$1" >/dev/null; }
join() {
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team DACH | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
# "KIND subject" of every line, in order.
lines() {
    as "$1" vouch today --json | /usr/bin/python3 -c '
import json, sys
for line in json.load(sys.stdin)["lines"]:
    print(line["kind"], "R" + line["referral"] if line["referral"] != "0" else line["subject"])'
}
expect() { # WHO LINE…
    local who=$1
    shift
    diff <(printf '%s\n' "$@" | sed '/^$/d') <(lines "$who") || fail "that is not $who's day"
}
# Runs the command of the first line, with what a person would add.
settle() { # WHO [OPTION…]
    local who=$1 command
    command=$(as "$who" vouch today --json | /usr/bin/python3 -c '
import json, sys
print(json.load(sys.stdin)["lines"][0]["command"])')
    shift
    as "$who" bash -c "$command \"\$@\"" settle "$@" >/dev/null || fail "'$command $*' does not settle it"
}

new_store --zone Europe/Berlin >/dev/null
start --clock manual
time_is 2027-01-11T08:00Z
join max "Max Lutz" manager
join ana "Ana Sousa" rep
join tom "Tom Rieke" rep
as ana vouch card set --issues archive >/dev/null
wants 0 "nothing is due. Well done." as tom vouch today
wants 0 "vouch import contacts FILE" as tom vouch today
wants 0 "nothing is due. Well done." as tom vouch digest

# Four referrals on Tom's desk in four states; what runs out first is first.
refer() { as ana vouch refer "$1" --need "an archive" --vouch "They asked me." --consent "${@:2}" >/dev/null; }
refer "Kestrel Bank" --to "Tom Rieke"
refer "Orrin Foods" --to "Tom Rieke"
refer "Halden AG" --to "Tom Rieke"
as tom vouch accept R2 >/dev/null
as tom vouch accept R3 >/dev/null
as tom vouch contacted R3 --evidence "called" >/dev/null
time_is 2027-01-11T09:00Z
refer "Brandt Logistik" --to "Tom Rieke"
expect tom "ANSWER R1" "FIRST_CONTACT R2" "ANSWER R4" "PROGRESS R3"
wants 0 "from Ana Sousa" as tom vouch today
wants 0 "left" as tom vouch today
# Where the terminal is too narrow for the table, nothing is cut: one under the other then. A bare tree has no terminals.
terminals=false
if script -qec true /dev/null >/dev/null 2>&1; then terminals=true; fi
if $terminals; then
    wants 0 "R1 Kestrel Bank" as tom script -qec "stty cols 60; vouch today" /dev/null
    wants 0 "      \$ vouch accept R1" as tom script -qec "stty cols 60; vouch today" /dev/null
    wants 0 "COMMAND" as tom script -qec "stty cols 160; vouch today" /dev/null
fi
wants 0 "→ vouch accept R1" as tom vouch watch --count 1
expect ana

# Overnight two are late: they come first, and are said to be.
time_is 2027-01-12T08:30Z
wants 0 "4 things, 2 of them late" as tom vouch today
wants 0 "late" as tom vouch digest
expect tom "ANSWER R1" "FIRST_CONTACT R2" "ANSWER R4" "PROGRESS R3"
# The manager sees it too, and what is due; a colleague does not.
wants 0 "Tom Rieke: 4 things, 2 of them late" as max vouch today --member tom
wants 6 "none of your team" as ana vouch today --member tom

# Each command as it stands on the list settles its line.
settle tom
settle tom --evidence "called, Tuesday"
expect tom "ANSWER R4" "FIRST_CONTACT R1" "PROGRESS R3" "PROGRESS R2"
settle tom
settle tom --evidence "wrote"
settle tom --evidence "wrote"
expect tom "PROGRESS R3" "PROGRESS R1" "PROGRESS R2" "PROGRESS R4"
# At a terminal the command as it stands is enough: it asks for the words that it needs.
wants 2 "how does it go? --note" as tom vouch update R3
if $terminals; then
    wants 0 "how does it go? " as tom bash -c "echo 'they think about it' | script -qec 'vouch update R3' /dev/null"
else
    as tom vouch update R3 --note "they think about it" >/dev/null
fi
wants 0 "they think about it" as ana vouch show R3
expect tom "PROGRESS R1" "PROGRESS R2" "PROGRESS R3" "PROGRESS R4"

# The same for who asks: prepared, thanked, told.
as ana vouch company add "Nordhamn" --kind client >/dev/null
as ana vouch contact add "Jo Lindqvist" --company Nordhamn --consent >/dev/null
as ana vouch ask Jo --prepare >/dev/null
expect ana "ASK_NOW Jo Lindqvist, Nordhamn"
settle ana
expect ana ""
refer "Fjell Energi" --to "Tom Rieke" --ask A1
expect ana "THANK Jo Lindqvist, Nordhamn"
settle ana
expect ana ""
as tom vouch decline R5 --reason "not our field" >/dev/null
as ana vouch withdraw R5 --reason "nobody for it" >/dev/null
expect ana "TELL_OUTCOME Jo Lindqvist, Nordhamn"
settle ana
expect ana ""

# Leads are there, apart.
as ana vouch refer "Vega Optik" --need "scanners" --consent --to "Tom Rieke" >/dev/null
expect ana "VOUCH_FOR R6"
wants 0 "R6" as ana vouch leads
settle ana --vouch "I know their CIO"
expect ana ""
wants 0 "no leads" as ana vouch leads
stop
wants 0 "clean:" vouchd check --data "$home/store"
echo "complaint 9: one list, and every command on it works"
