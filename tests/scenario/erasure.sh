#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Somebody asks to be forgotten: an admin finds them by their address and erases them everywhere. Nothing of them is
# left in what is handed out, nor in the journal; referrals and money stay. A broker that is killed meanwhile has erased
# them wholly or not at all.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

new_store --zone Europe/Berlin
start
join() { # PROFILE NAME ROLE
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team DACH | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
join ana "Ana Sousa" rep
join tom "Tom Rieke" rep
as rhea vouch company add "Kestrel Bank" --domain kestrel.example
as ana vouch contact add "Zebulon Quist, Head of Zymurgy" --company "Kestrel Bank" --email zebulon@kestrel.example \
    --phone "040 55500" --tags zebratag --emails zeb@home.example
as tom vouch contact add "Zebulon Quist" --email zebulon@kestrel.example
as ana vouch contact note Zebulon "plays xylophone" >/dev/null
as ana vouch refer "Kestrel Bank" --contact "Zebulon Quist" --email zebulon@kestrel.example --consent \
    --need "archive; write to zebulon@kestrel.example" --vouch "a client of mine" --to "Tom Rieke" >/dev/null
as tom vouch accept R1 >/dev/null
as tom vouch contacted R1 --evidence "called Zebulon, he laughed" >/dev/null

# A refusal that names them is journalled, too.
as ana vouch card set --issues archive >/dev/null
as tom vouch card set --issues archive >/dev/null
as ana vouch ask Zebulon >/dev/null
wants 5 "Ana Sousa has asked Zebulon Quist already" as tom vouch ask Zebulon

wants 4 "" as tom vouch contact erase "Zebulon Quist" --reason "asked for it"
wants 4 "ask an admin" as ana vouch contact erase "Zebulon Quist" --reason "asked for it"
wants 2 "why?" as rhea vouch contact erase zebulon@kestrel.example
wants 0 "is erased for everybody" as rhea vouch contact erase zebulon@kestrel.example --reason "asked for it on 3 Feb"
for who in ana tom rhea; do
    wants 6 "" as "$who" vouch contact show zebulon@kestrel.example
    wants 6 "" as "$who" vouch contact show "Zebulon Quist"
    shown=$(as "$who" vouch show R1 && as "$who" vouch inbox --all --keep)
    grep -qiE "zebulon|xylophone|laughed" <<<"$shown" && fail "$who still reads of them: $shown"
done
as ana vouch export "$home/ana" >/dev/null
grep -rqiE "zebulon|zymurgy|xylophone" "$home/ana" && fail "they are in an export"

# The referral goes on.
as tom vouch met R1 >/dev/null
as tom vouch opportunity R1 >/dev/null
as tom vouch won R1 --value "48,000 EUR" --feedback "thank you" >/dev/null
wants 0 "48,000.00 EUR" as ana vouch show R1
wants 0 "clean" vouchd check --data "$home/store"
stop
wants 0 "" vouchd rebuild --data "$home/store"
wants 0 "" vouchd rebuild --data "$home/store" --replace
wants 0 "clean" vouchd check --data "$home/store"
for text in zebulon Zebulon ymurgy zebratag xylophone laughed 55500; do
    grep -rqaF "$text" "$home/store" && fail "'$text' is in the store's files"
done

# Killed in the middle of erasing many: each of them is there wholly, or gone wholly.
start
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    as ana vouch contact add "Person $i" --email "person$i@kestrel.example" >/dev/null
done
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    as ana vouch contact erase "person$i@kestrel.example" --reason test >/dev/null 2>&1 || break
done &
eraser=$!
while kill -0 "$eraser" 2>/dev/null; do
    if ! as rhea vouch --json contact show person3@kestrel.example >/dev/null 2>&1; then
        break
    fi
done
stop -KILL 137
wait "$eraser" || true
wants 0 "clean" vouchd check --data "$home/store"
wants 0 "" vouchd rebuild --data "$home/store"
start
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    if shown=$(as ana vouch contact show "person$i@kestrel.example" 2>&1); then
        grep -qF "Person $i" <<<"$shown" || fail "half of person $i is there: $shown"
    fi
done
wants 6 "" as ana vouch contact show person3@kestrel.example
stop
echo "forgotten, and all else is there"
