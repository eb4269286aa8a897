#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 12: a genuine referral is refused as a duplicate months later. Here a claim ends: with its time, or before,
# when its referral does; who waits is told for whom and until when, comes next without asking again, and has a receipt
# for the place that nobody can take.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

join() { # PROFILE NAME ROLE [OPTION…]
    local line
    line=$(as rhea vouch invite "$2" --role "$3" "${@:4}" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
day() { as rhea vouch clock set "$1T09:00Z" >/dev/null; }
refer() { # REFERRER PROSPECT [OPTION…]
    as "$1" vouch refer "$2" --to "Tom Rieke" --need "an archive" --vouch "They asked me." --consent "${@:3}"
}

new_store --zone Europe/Berlin >/dev/null
start --clock manual
day 2027-01-11
as rhea vouch company add Fluxware --domain fluxware.example --kind partner >/dev/null
join ana "Ana Sousa" rep
join lena "Lena Voss" rep
join tom "Tom Rieke" rep
join max "Max Lutz" manager
join priya "Priya Nair" rep --company Fluxware

# Ana is first, and has it in writing.
wants 0 "R1 is registered and offered to Tom Rieke; first claim on Kestrel Bank until 11 Apr (receipt " \
    refer ana "Kestrel Bank"
receipt=$(as ana vouch show R1 | grep -o "receipt [0-9a-f]\{16\}")

# A week later Lena and a partner's Priya come; nobody is refused, nobody calls the prospect a second time.
day 2027-01-18
wants 0 "R2 waits: Ana Sousa's registration of 11 Jan holds the claim until 11 Apr; next in the queue" \
    refer lena "Kestrel Bank"
wants 0 "R3 waits: a registration of 11 Jan holds the claim until 11 Apr; 1 before it" \
    refer priya "Kestrel Bank"
wants 0 "R2" as lena vouch list --state duplicate
wants 6 "no such referral" as tom vouch show R2
wants 0 "R4 is registered and offered" refer lena "Kestrel Bank" --product Backup # another line is another claim

# Tom meets Ana's prospect: protected for 90 days more. Months later nothing has come of it, and Lena is next by herself.
as tom vouch accept R1 >/dev/null
as tom vouch contacted R1 --evidence "Called." >/dev/null
as tom vouch met R1 >/dev/null
wants 0 "Ana Sousa is credited with meeting" as tom vouch credit R1 "Ana Sousa" --for meeting --note "She was there."
wants 5 "nobody credits themselves" as ana vouch credit R1 "Ana Sousa" --for intel
wants 0 'meeting        Ana Sousa, credited by Tom Rieke: "She was there."' as ana vouch show R1
wants 0 "until 10 Jul, a meeting included ($receipt" as ana vouch show R1
day 2027-07-09
wants 0 "DUPLICATE WAIT" as lena vouch show R2
day 2027-07-11
wants 0 "OFFERED to Tom Rieke" as lena vouch show R2
wants 0 "goes on without" as ana vouch show R1
wants 0 "the protection of R1 (Kestrel Bank) is over" as ana vouch inbox
wants 0 "nobody else holds the claim any more: R2 (Kestrel Bank) goes on" as lena vouch inbox

# A claim ends with its referral too.
as lena vouch withdraw R2 --reason "They bought elsewhere." >/dev/null
wants 0 "OFFERED to Tom Rieke" as priya vouch show R3

# Who comes when nobody waits and the time is over is simply the next.
day 2028-02-01
wants 0 "R5 is registered and offered to Tom Rieke; first claim on Kestrel Bank until 1 May" \
    refer ana "Kestrel Bank"

# The buyer's written word comes before any queue; nobody chooses for their own.
wants 0 "R6 waits" refer lena "Kestrel Bank"
wants 6 "none that you may see" as max vouch choose R6 --evidence "their mail of 3 Feb"
wants 0 "R6 holds the claim now" as rhea vouch choose R6 --evidence "their mail of 3 Feb, in the account's folder"
wants 0 "OFFERED to Tom Rieke" as lena vouch show R6
wants 0 "R5 (Kestrel Bank) waits: Lena Voss's registration of 2028-02-01" as ana vouch inbox

# What looks like one's own company is looked at first, and then is no duplicate of anything.
wants 0 "R7 is held for review: the prospect seems to be the referrer's own company" \
    refer ana "Northgate Labs" --contact "Jo Lind, Head of IT" --email jo@northgate.example
wants 2 "what did you find" as rhea vouch review R7 --release
wants 0 "R7" as rhea vouch list --state held
wants 0 "R7 is released and goes on" as rhea vouch review R7 --release --reason "Jo left us in May."
wants 0 "OFFERED to Tom Rieke" as ana vouch show R7
wants 0 "$receipt" as ana vouch show R1 # what was proved stays proved

stop
wants 0 "clean:" vouchd check --data "$home/store"
wants 0 "byte for byte" vouchd rebuild --data "$home/store"
