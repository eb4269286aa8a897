#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A week of a rep with people: staying in touch, asking, referring whom they name, telling them what came of it; intel
# for a colleague. What two colleagues do at the same time with one contact is done once.
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
join mara "Mara Lind" manager --team DACH
join ana "Ana Sousa" rep --team DACH
join tom "Tom Rieke" rep --team DACH
join priya "Priya Nair" rep --team DACH
as rhea vouch company add "Orrin Foods" --kind client --domain orrin.example
as rhea vouch company add "Halden AG" --domain halden.example
as ana vouch contact add "Sam Okafor, CIO" --company "Orrin Foods" --email sam@orrin.example --consent
as tom vouch contact add "Sam Okafor" --company "Orrin Foods" --email sam@orrin.example

# Staying in touch. Mail that nobody answers is no contact; a call is.
wants 2 "what was it? --meeting" as ana vouch touch Sam
wants 2 "'2037-02-31'" as ana vouch touch Sam --call --at 2037-02-31
wants 2 "that is in the future" as ana vouch touch Sam --call --at 2037-11-24
wants 0 "tier C (0.14), next real contact by" as ana vouch touch Sam --email --note "sent the brochure"
wants 5 "recorded already" as ana vouch touch Sam --email
wants 0 "tier C" as ana vouch touch Sam --call --no-answer --at "2037-11-20 14:00"
wants 0 "tier A (0.87)" as ana vouch touch Sam --meeting --in --at "2037-11-22 14:00"
wants 0 "sent the brochure" as ana vouch touches Sam
wants 0 "call, no answer" as ana vouch touches Sam
wants 0 "no touches yet" as tom vouch touches Sam
wants 0 "you said so; tier B, set by hand" as ana vouch tier Sam B
wants 0 "measured again; tier A" as ana vouch tier Sam --auto
wants 2 "'gold' is no tier" as ana vouch tier Sam gold

# Asking takes a card, and a contact is asked once in 90 days, whoever asks.
wants 5 "vouch card set" as ana vouch ask Sam
wants 2 "from 1 to 10000" as ana vouch card set --capacity 0
wants 0 "'Utopia' is no country" as ana vouch card set --countries "Germany,uk,Utopia" --country sweden
wants 0 "de, gb, utopia" as ana vouch card
as ana vouch card set --issues archive,audit --describe "archives that pass every audit"
as tom vouch card set --issues backup
as ana vouch ask Sam >"$home/ask" 2>&1 &
first=$!
as tom vouch ask Sam >"$home/ask2" 2>&1 &
second=$!
code1=0 code2=0
wait "$first" || code1=$?
wait "$second" || code2=$?
[ $((code1 == 0)) -ne $((code2 == 0)) ] || fail "both or none asked: $code1 $code2"
if [ "$code1" -eq 0 ]; then
    winner=ana loser=tom name="Ana Sousa" text=$home/ask refusal=$home/ask2
else
    winner=tom loser=ana name="Tom Rieke" text=$home/ask2 refusal=$home/ask
fi
grep -q "$name has asked Sam Okafor already; they may be asked again from 2038-02-21 on" "$refusal" ||
    fail "the loser was told: $(cat "$refusal")"
grep -q "Dear Sam," "$text" || fail "no text to send: $(cat "$text")"
wants 0 "you have asked nobody yet" as "$loser" vouch ask list

# Whom they named is referred; they are thanked, and told what came of it before they are asked again.
wants 2 "what did they say?" as "$winner" vouch ask answered Sam
wants 5 "nothing to" as "$winner" vouch ask told A1
wants 0 "vouch refer COMPANY --ask A1" as "$winner" vouch ask answered Sam --named
as "$winner" vouch refer "Halden AG" --ask A1 --to Priya --consent --vouch "Sam asked who does this well"
wants 0 "thanked" as "$winner" vouch ask thanked Sam
wants 5 "R1 is still on its way" as "$winner" vouch ask told A1
as priya vouch decline R1 --reason "no capacity"
as "$winner" vouch withdraw R1 --reason "they found somebody"
wants 0 "vouch ask told A" as "$winner" vouch ask list
as rhea vouch clock set 2038-03-01T09:00Z
wants 5 "does not know yet what became of R1" as "$winner" vouch ask Sam
wants 0 "outcome told" as "$winner" vouch ask told Sam
wants 0 "A2: send or say this" as "$winner" vouch ask Sam
wants 0 "said later" as "$winner" vouch ask answered A2 --later 2038-09-01
wants 0 "thanked" as "$winner" vouch ask thanked A2
as rhea vouch clock set 2038-06-15T09:00Z
wants 5 "Sam Okafor wants to be asked from 2038-09-01 on" as "$winner" vouch ask Sam
wants 0 "Sam Okafor" as "$winner" vouch ask yields
wants 6 "no such ask of yours" as "$loser" vouch ask told A1

# Intel for a colleague, who hears of it, uses it, and who gave it is credited.
wants 2 "usage: vouch intel offer" as ana vouch intel offer Priya
wants 5 "goes to a colleague" as ana vouch intel offer "Ana Sousa" --on "Halden AG" "x"
wants 0 "I1: Priya Nair is told" as ana vouch intel offer Priya --on "Halden AG" "their archive contract ends in May"
wants 0 "their archive contract ends in May" as priya vouch inbox
wants 0 "vouch intel take I1" as priya vouch intel show I1
wants 6 "no such intel" as tom vouch intel show I1
wants 0 "nobody has told you anything yet" as tom vouch intel list
wants 0 "I1 is taken" as priya vouch intel take I1
as tom vouch refer "Halden AG" --to Priya --consent --vouch "I worked there"
as priya vouch accept R2
wants 0 "who gave it hears that it was used" as priya vouch intel used I1 "it opened the door" --referral R2
wants 0 "used your intel I1 about Halden AG for R2, and you are credited" as ana vouch inbox
wants 5 "used already" as priya vouch intel not-used I1

# Silence is told to the manager, once.
wants 0 "I2" as ana vouch intel offer Priya --on "Halden AG" "they hire"
as rhea vouch clock set 2038-06-25T09:00Z
wants 0 "Priya Nair has not answered intel I2 about Halden AG" as mara vouch inbox

# All of it is there after a crash, and stands up to a check.
stop -KILL 137
start --clock manual
wants 0 "sent the brochure" as ana vouch touches Sam
stop
vouchd check --data "$home/store"
