#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The story of one referral, told with the real programs: two companies, six reps, an introduction that is asked for, a
# receiver who is matched, the work, the win, the credit, and the money from terms to payout file. `./dev demo` runs it;
# --keep leaves the broker running.
#
# usage: demo.sh BUILD_DIRECTORY [--keep]
set -euo pipefail

build=$1
keep=${2:-}
sample=$(cd "$(dirname "$0")/sample" && pwd)
. "$(dirname "$0")/port.sh"
PATH=$(cd "$build/bin" && pwd):$PATH
home=$(mktemp -d "${TMPDIR:-/tmp}/vouch-demo-XXXXXX")
export XDG_CONFIG_HOME=$home/config
broker=

finish() {
    if [ "$keep" != --keep ]; then
        [ -z "$broker" ] || { kill "$broker" && wait "$broker"; } 2>/dev/null || true
        rm -rf "$home"
    fi
}
trap finish EXIT

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi

tell() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# Shows a command as its actor would type it, and runs it as that actor.
as() {
    local who=$1 word line=''
    shift
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:=,@-]*) line+=" \"$word\"" ;;
        *) line+=" $word" ;;
        esac
    done
    printf '%s%s$%s%s\n' "$dim" "$who" "$plain" "${line//$home/\~}"
    VOUCH_PROFILE=$who "$@"
}

choose_port

tell "Monday, an operator: a broker for Northgate Storage."
as rhea vouchd init --company "Northgate Storage" --domain northgate.example --admin "Rhea Holt" \
    --zone Europe/Berlin --profile rhea --data "$home/store" --listen "tcp://127.0.0.1:$port"
vouchd run --data "$home/store" --listen "tcp://127.0.0.1:$port" 2>"$home/broker.log" &
broker=$!
as rhea vouch whoami --timeout 20
as rhea vouch company add Fluxware --domain fluxware.example --kind partner
as rhea vouch invite --csv "$sample/members.csv" --joins "$home/joins.csv"

tell "Six reps of two companies and a finance clerk join, each with a key of their own, and say what they sell."
while IFS= read -r row; do
    who=$(printf '%s' "${row%% *}" | tr '[:upper:]' '[:lower:]')
    as "$who" vouch join "vouch://${row#*vouch://}"
done < <(grep "vouch://" "$home/joins.csv" | tr -d "\"")
as tom vouch card set --issues archive,audit,backup --industries banking --countries DE,AT --city Munich \
    --country DE --size 5-8 --capacity 8
as ben vouch card set --issues backup --industries shipping --countries SE,NO --city Malmo --country SE
as priya vouch card set --issues audit,compliance --industries banking --countries DE --city Berlin --country DE
as lena vouch card set --issues archive --industries manufacturing --countries DE --city Munich --country DE
as ana vouch tie set "Tom Rieke" 0.9 --member

tell "Ana keeps in touch with whom she knows, and asks for a name; one list says what is due, and how it is settled."
as ana vouch card set --issues archive --countries DE --describe "Ask Ana when an archive has to move."
as ana vouch company add "Brandt Logistik" --kind client --country DE
as ana vouch contact add "Maria Keller, Head of IT" --company "Brandt Logistik" --email maria@brandt.example --consent
as ana vouch touch Maria --meeting --in --at "$(date -d "3 days ago" +%F)"
as ana vouch touch Maria --call
as ana vouch today
as ana vouch ask Maria --prepare
as ana vouch today

tell "What a win pays: Finn writes it, a second person approves it."
as finn vouch terms write house --currency EUR --coworker 5% --hold 7 --note "agreed in the board"
as rhea vouch terms approve house

tell "Ana hears of a need. She vouches, asks Lena to introduce her, and lets the broker say who fits."
as ana vouch refer "Kestrel Bank" --contact "Dana Frey, Head of Infrastructure" --industry banking --country DE \
    --city Munich --size 6 --need "archive 40 TB, audit in March" --issues archive,audit \
    --vouch "We ran their backup for six years; Dana asked me who does archives well." \
    --via "Lena Voss" --match --yes

tell "Lena is asked, and introduces."
as lena vouch inbox
as lena vouch introduce R1 --note "Dana expects your call."

tell "Tom is offered the referral and works it. Ana hears of every step; nobody is left without an answer."
as tom vouch inbox
as tom vouch today
as tom vouch accept R1 --note "Thank you, calling her today."
as tom vouch contacted R1 --evidence "Called; we meet on Thursday."
as tom vouch met R1 --note "Good meeting, they have a budget."
as tom vouch opportunity R1
as tom vouch won R1 --value "48,000 EUR" --feedback "Signed Friday, thank you. Dana speaks highly of you."

tell "The people who made it possible: told, and credited to the cent."
as ana vouch inbox
as ana vouch show R1
as rhea vouch totals
as rhea vouch plugins

tell "The customer pays half: commission accrues, and every number of it can be read."
as finn vouch payment R1 "24,000 EUR" --ref INV-7731
as ana vouch commission explain R1

tell "Forty days later (the demo turns the clock) the hold is over, the month is closed, and the bank gets its file."
kill "$broker" && wait "$broker"
vouchd run --clock manual --data "$home/store" --listen "tcp://127.0.0.1:$port" 2>>"$home/broker.log" &
broker=$!
month=$(TZ=Europe/Berlin date -d "+7 days" +%Y-%m) # in which the hold elapses
as rhea vouch clock set +40d --timeout 20
as finn vouch period close "$month"
as finn vouch payout make EUR
cp "$sample/bank.csv" "$home/bank.csv" # of Finn's own: the broker knows nobody's bank details
as finn vouch payout export B1 --format pain.001 --accounts "$home/bank.csv" \
    --debtor "Northgate Storage,DE02500105170137075030,INGDDEFFXXX" | grep -E "vouch payout|CtrlSum|InstdAmt|IBAN"
as finn vouch payout settle B1
as ana vouch statement --period "$month"

tell "And the books agree: recomputed from the first event, and checked row by row."
as finn vouch commission replay
as rhea vouchd check --data "$home/store"

if [ "$keep" = --keep ]; then
    cat <<TEXT

The broker is still running (process $broker). Play on:
  export XDG_CONFIG_HOME=$home/config PATH=$(cd "$build/bin" && pwd):\$PATH
  VOUCH_PROFILE=ben vouch refer "Orrin Foods" --need "offsite backup" --vouch "They asked me." --consent --match
  VOUCH_PROFILE=ana vouch watch
  VOUCH_PROFILE=finn vouch accounts
  vouch help
Its clock stands still: VOUCH_PROFILE=rhea vouch clock set +1d
End it with: kill $broker; rm -r $home
TEXT
    disown "$broker"
fi
