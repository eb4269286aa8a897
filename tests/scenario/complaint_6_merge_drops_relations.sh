#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint: "a merge of duplicates drops relations; undo comes back incomplete". Here both duplicates' ties, notes,
# touches, asks and referrals are the one person's, nobody sees more of the others than before, and undoing it brings
# back what was, while what was done since stays where it was done.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

new_store --zone Europe/Berlin
start --clock manual
as rhea vouch clock set 2037-11-23T09:00Z
join() { # PROFILE NAME ROLE [OPTION…]
    local profile=$1 name=$2 role=$3 line
    shift 3
    line=$(as rhea vouch invite "$name" --role "$role" "$@" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$profile" vouch join "$line" >/dev/null
}
join ana "Ana Sousa" rep --team DACH
join tom "Tom Rieke" rep --team DACH
join priya "Priya Nair" rep --team DACH
as rhea vouch company add "Kestrel Bank" --domain kestrel.example

# Dana is here twice: Ana has her from work and from home, Tom only from home.
as ana vouch contact add "Dana Frey, Head of IT" --company "Kestrel Bank" --email dana@kestrel.example --consent
as ana vouch contact add "Dana Frey" --company "Kestrel Bank" --email dana@home.example --phone "040 555 0134"
as tom vouch contact add "Dana Frey" --email dana@home.example
wants 0 "same name and company" as ana vouch contact duplicates
wants 0 "nobody you know is there twice" as tom vouch contact duplicates
wants 10 "Dana Frey" as ana vouch contact show "Dana Frey" # which one?
look() { # PATH…: what is there in the JSON of standard input
    python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1:]:
    value = len(value) if name == "length" else value[name]
print(value)' "$@"
}
work=$(as ana vouch --json contact show dana@kestrel.example | look person contact id)
home_=$(as ana vouch --json contact show dana@home.example | look person contact id)

as ana vouch contact note dana@kestrel.example "the budget is set in March" >/dev/null
as ana vouch contact note dana@home.example "her son plays chess" >/dev/null
as tom vouch contact note dana@home.example "owes me a lunch" >/dev/null
as ana vouch touch dana@kestrel.example --meeting --at "2037-11-20 10:00" >/dev/null
as ana vouch touch dana@home.example --call --in --at "2037-11-21 10:00" >/dev/null
as tom vouch touch dana@home.example --call --at "2037-11-22 10:00" >/dev/null
as tom vouch card set --issues backup >/dev/null
as tom vouch ask dana@home.example >/dev/null
as tom vouch refer "Kestrel Bank" --contact "Dana Frey" --email dana@home.example --need archive --vouch "six years" \
    --consent --to "Ana Sousa" >/dev/null
before_ana=$(as ana vouch --json contact show "$work" && as ana vouch --json contact show "$home_")
before_tom=$(as tom vouch --json contact show "$home_")

# Only who knows both says that they are one.
wants 6 "" as tom vouch contact merge "$home_" "$work"
wants 0 "nothing is lost" as ana vouch contact merge "$home_" "$work"
for who in ana tom; do
    wants 0 "(contact $work)" as "$who" vouch contact show dana@home.example
    wants 0 "(contact $work)" as "$who" vouch contact show dana@kestrel.example
    wants 0 "(contact $work)" as "$who" vouch contact show "$home_"
done
shown=$(as ana vouch contact show Dana)
for text in "the budget is set in March" "her son plays chess" "meeting" "call" "dana@home.example"; do
    grep -qF "$text" <<<"$shown" || fail "Ana does not see '$text': $shown"
done
grep -qF "owes me a lunch" <<<"$shown" && fail "Ana reads Tom's note: $shown"
grep -qF "R1 " <<<"$shown" || fail "Ana does not see the referral that she is offered: $shown"
shown=$(as tom vouch contact show Dana)
for text in "owes me a lunch" "A1 asked" "R1 Kestrel Bank"; do
    grep -qF "$text" <<<"$shown" || fail "Tom does not see '$text': $shown"
done
grep -qE "chess|March" <<<"$shown" && fail "Tom reads Ana's notes: $shown"
wants 6 "" as priya vouch contact show "$work"

# One person has one budget.
as ana vouch card set --issues archive >/dev/null
wants 5 "Tom Rieke has asked Dana Frey already" as ana vouch ask Dana

# Undone at once, all is as if it had never been.
wants 4 "merged them: only" as tom vouch contact unmerge Dana
wants 0 "each has its own again" as ana vouch contact unmerge Dana
after_ana=$(as ana vouch --json contact show "$work" && as ana vouch --json contact show "$home_")
after_tom=$(as tom vouch --json contact show "$home_")
[ "$before_ana" = "$after_ana" ] || fail "Ana sees something else than before: $after_ana"
[ "$before_tom" = "$after_tom" ] || fail "Tom sees something else than before: $after_tom"

# Merged once more, lived with through a restart, and undone: what was done since stays with who stayed.
as ana vouch contact merge "$home_" "$work" >/dev/null
as ana vouch contact note Dana "since the merge" >/dev/null
as tom vouch touch Dana --meeting --at "2037-11-23 08:00" >/dev/null
stop -KILL 137
start --clock manual
as rhea vouch clock set 2037-11-23T10:00Z
as ana vouch contact unmerge Dana >/dev/null
shown=$(as ana vouch contact show "$work")
grep -qF "since the merge" <<<"$shown" || fail "the note is gone: $shown"
grep -qF "chess" <<<"$shown" && fail "the alias's note stayed: $shown"
[ "$(as tom vouch --json touches "$work" | look touches length)" = 1 ] || fail "Tom's meeting is gone"
[ "$(as tom vouch --json touches "$home_" | look touches length)" = 1 ] || fail "Tom's call is gone"
stop
wants 0 "clean" vouchd check --data "$home/store"
wants 0 "" vouchd rebuild --data "$home/store"
echo "merged, nothing dropped; undone, nothing missing"
