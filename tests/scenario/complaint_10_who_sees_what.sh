#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 10: reps see records that are not theirs, and managers cannot see their team. Here nobody but their owner
# sees contacts, ties, touches, notes and asks; a manager sees what the own team works on and what is due for it, and
# nothing of another team.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

join() {
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team "$4" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
never() { # TEXT COMMAND…: whatever the command answers, the text is not in it
    local text=$1 output
    shift
    output=$("$@" 2>&1) || true
    case $output in *"$text"*) fail "'$*' says '$text': $output" ;; esac
}

new_store --zone Europe/Berlin >/dev/null
start --clock manual
as rhea vouch clock set 2027-01-11T09:00Z >/dev/null
join max "Max Lutz" manager DACH
join nora "Nora Berg" manager Nordics
join ana "Ana Sousa" rep DACH
join tom "Tom Rieke" rep DACH
join ben "Ben Adler" rep Nordics
as ana vouch card set --issues archive >/dev/null
as ana vouch company add "Orrin Foods" --kind client --domain orrin.example >/dev/null
as ana vouch contact add "Sam Okoro, CIO" --company "Orrin Foods" --email sam@orrin.example --phone "+49 30 1234" \
    --consent >/dev/null
as ana vouch touch Sam --meeting --note "his daughter is called Ida" >/dev/null
as ana vouch contact note Sam "leaves in March" >/dev/null
as ana vouch ask Sam >/dev/null

# Nobody else sees Sam, by name or by number, nor what Ana knows of him: not her colleague, not her manager, not the
# admin.
for who in tom max ben nora rhea; do
    for secret in Okoro sam@orrin "1234" Ida "leaves in March"; do
        never "$secret" as "$who" vouch contact list
        never "$secret" as "$who" vouch contact show Sam
        never "$secret" as "$who" vouch touches Sam
        never "$secret" as "$who" vouch tie list
        never "$secret" as "$who" vouch ask list
        never "$secret" as "$who" vouch today
        never "$secret" as "$who" vouch today --member ana
        never "$secret" as "$who" vouch team
        never "$secret" as "$who" vouch inbox --all
    done
done
wants 0 "Sam Okoro" as ana vouch contact list
wants 0 "leaves in March" as ana vouch contact show Sam

# What is worked on in the team its manager sees, with what is due; the other team's manager does not, nor a colleague.
as ana vouch refer "Kestrel Bank" --need "an archive" --vouch "They asked me." --consent --to "Tom Rieke" >/dev/null
wants 0 "accept or decline" as max vouch today --member tom
wants 0 "Kestrel Bank" as max vouch show R1
wants 0 "Tom Rieke" as max vouch team
for who in nora ben; do
    wants 6 "no such referral, or none that you may see" as "$who" vouch show R1
    wants 6 "none of your team" as "$who" vouch today --member tom
    never "Kestrel" as "$who" vouch today
    never "Kestrel" as "$who" vouch list
    never "Kestrel" as "$who" vouch queue
done
never "Ana Sousa" as nora vouch team
wants 6 "none of your team" as tom vouch today --member ana

# Cards are for everybody: they are what a referrer needs.
wants 0 "archive" as ben vouch card show Ana
stop
wants 0 "clean:" vouchd check --data "$home/store"
echo "complaint 10: to each their own, and to managers their team"
