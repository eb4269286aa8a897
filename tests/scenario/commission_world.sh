# SPDX-License-Identifier: Apache-2.0
#
# What the scenarios about money share: a broker of Northgate Storage in Berlin whose clock the test turns, with Rhea
# (admin), Finn and Fay (finance), Ana, Lena, Ben and Tom (reps), all joined by `open_books`; and
#   day DATE                 turns the clock: 2027-01-11 (at 09:00 UTC) or 2027-01-11T23:30Z
#   terms OPTION…            Finn writes a version of the terms "house", Fay approves it
#   worked REFERRER RECEIVER PROSPECT [--via CONNECTOR] [OPTION…]   a referral up to the opportunity; its number is in $deal
#   won REFERRER RECEIVER PROSPECT AMOUNT [--via CONNECTOR] [OPTION…]   the same, and won
#   pay DEAL AMOUNT REFERENCE    Finn records a payment
#   close_month MONTH        Finn closes it
#   sees TEXT COMMAND…       the command's output must contain TEXT
#   has NAME [FIELD=MINOR…]  the member's only account must hold these amounts and no others, in the order accrued, approved,
#                            payable, sent, paid, owed, disputed, written_off
. "$(dirname "$0")/lib.sh"
export TZ=UTC

join() { # PROFILE NAME ROLE
    local line
    line=$(as rhea vouch invite "$2" --role "$3" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}

open_books() { # [OPTION OF VOUCHD…]
    new_store --zone "${zone:-Europe/Berlin}" >/dev/null
    start --clock manual "$@"
    day 2027-01-11
    join finn "Finn Berg" finance
    join fay "Fay Roth" finance
    join ana "Ana Sol" rep
    join lena "Lena Voss" rep
    join ben "Ben Holm" rep
    join tom "Tom Rieke" rep
}

close_books() {
    stop
    wants 0 "clean:" vouchd check --data "$home/store"
    wants 0 "byte for byte" vouchd rebuild --data "$home/store"
}

day() {
    case $1 in
    *T*) as rhea vouch clock set "$1" >/dev/null ;;
    *) as rhea vouch clock set "$1T09:00Z" >/dev/null ;;
    esac
}

terms() {
    as finn vouch terms write house "$@" >/dev/null
    as fay vouch terms approve house >/dev/null
}

worked() {
    local referrer=$1 receiver=$2 prospect=$3
    shift 3
    deal=$(as "$referrer" vouch refer "$prospect" --to "$receiver" --need "an archive" --consent \
        --vouch "They asked me." "$@" | grep -o 'R[0-9]*' | head -n 1)
    if [ "${1:-}" = --via ]; then
        as "$2" vouch introduce "$deal" --note "They expect you." >/dev/null
    fi
    as "$receiver" vouch accept "$deal" >/dev/null
    as "$receiver" vouch contacted "$deal" --evidence "Called." >/dev/null
    as "$receiver" vouch met "$deal" >/dev/null
    as "$receiver" vouch opportunity "$deal" >/dev/null
}

won() {
    local receiver=$2 amount=$4
    worked "$1" "$2" "$3" "${@:5}"
    as "$receiver" vouch won "$deal" --value "$amount" --feedback "Signed, thank you." >/dev/null
}

pay() { wants 0 "came in on $1" as finn vouch payment "$1" "$2" --ref "$3"; }

close_month() { wants 0 "$1 is closed" as finn vouch period close "$1"; }

sees() { wants 0 "$@"; }

# The amounts of a member's only account that are not zero: "accrued=1500 paid=300".
amounts() {
    as "$1" vouch accounts --json | sed -n 's/.*"\(.*\)_minor": "\(.*\)".*/\1=\2/p' | grep -v '=0$' | tr '\n' ' '
}

# Timers do their work when the clock has been turned: this asks until they have, and gives up after a hundred times.
has() {
    local who=$1 tries got
    shift
    for ((tries = 0; tries < 100; tries++)); do
        got=$(amounts "$who")
        [ "$got" != "$*${*:+ }" ] || return 0
    done
    fail "$who has $got, not $* (line ${BASH_LINENO[0]})"
}
