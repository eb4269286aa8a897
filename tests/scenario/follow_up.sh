#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Following up: a receiver reports how it goes, puts a referral off with the reason, and is told what does not work; a
# referrer vouches for a lead later, and takes the vouch back. Everybody who is concerned reads it.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

join() { # PROFILE NAME ROLE
    local line
    line=$(as rhea vouch invite "$2" --role "$3" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
at() { as rhea vouch clock set "$1" >/dev/null; }
newest() { as "$1" vouch inbox --all --keep --json | tail -n 1; }

new_store --zone Europe/Berlin >/dev/null
start --clock manual
at 2031-11-24T09:00Z
join ana "Ana Sousa" rep
join tom "Tom Rieke" rep
join lena "Lena Voss" rep

# A lead becomes a referral when its referrer vouches, with the words that the receiver reads.
as ana vouch refer "Kestrel Bank" --to "Tom Rieke" --need "an archive" --consent >/dev/null
wants 0 "(lead: nobody vouched)" as tom vouch show R1
wants 2 "why do you vouch?" as ana vouch attest R1
wants 6 "no such referral" as lena vouch attest R1 --vouch "They asked me."
wants 4 "only the referrer, Ana Sousa" as tom vouch attest R1 --vouch "They asked me."
wants 0 "is a referral from now on" as ana vouch attest R1 --vouch "We ran their backup for six years."
wants 5 "is vouched for already" as ana vouch attest R1 --vouch "Again."
wants 0 'vouch     "We ran their backup for six years."  Ana Sousa' as tom vouch show R1
wants 0 "Ana Sousa vouches for R1 (Kestrel Bank) now" newest tom

# Tom reports; the clock starts anew, and it is kept where he acted in time.
wants 5 "has to be CONTACTED or MEETING or OPPORTUNITY" as tom vouch update R1 --note "Soon."
as tom vouch accept R1 >/dev/null
as tom vouch contacted R1 --evidence "Called." >/dev/null
wants 0 "by Wed 03 Dec 09:00: you" as tom vouch show R1
at 2031-12-01T09:00Z
wants 2 "how does it go?" as tom vouch update R1
wants 0 "its clock starts anew" as tom vouch update R1 --note "Second call on Tuesday."
wants 0 "by Wed 10 Dec 09:00: you" as tom vouch show R1
wants 0 "updated        Tom Rieke: \"Second call on Tuesday.\"" as ana vouch show R1
wants 0 "Tom Rieke reports on R1 (Kestrel Bank)" newest ana

# He puts it off, twice, and has to say why and until when.
wants 2 "until when?" as tom vouch snooze R1 --reason "They merge."
wants 2 "is no day" as tom vouch snooze R1 --until tomorrow --reason "They merge."
wants 2 "why? the referrer reads it" as tom vouch snooze R1 --until +14d
wants 2 "in the future" as tom vouch snooze R1 --until 2031-12-01 --reason "They merge."
wants 2 "by 90 days at most" as tom vouch snooze R1 --until 2032-12-01 --reason "They merge."
wants 0 "put off until 2031-12-15" as tom vouch snooze R1 --until +14d --reason "They merge."
wants 0 "Tom Rieke puts R1 (Kestrel Bank) off until 2031-12-15: " newest ana
wants 0 '"id": "1"' as tom vouch snooze R1 --until 2031-12-22 --reason "They still merge." --json
wants 5 "2 times already since it is CONTACTED" as tom vouch snooze R1 --until +30d --reason "And merge."
wants 0 "(put off until Sun 21 Dec 23:00)" as ana vouch show R1

# Ana takes her vouch back: a lead again, and nobody reads her words as if she stood by them.
wants 2 "why do you not vouch" as ana vouch disown R1
wants 0 "is a lead from now on" as ana vouch disown R1 --reason "They owe us money."
wants 0 "does not vouch for R1 (Kestrel Bank) any more: it is a lead" newest tom
wants 5 "is a lead" as ana vouch disown R1 --reason "Again."
as tom vouch show R1 | grep -q "six years" && fail "a vouch that was taken back is still shown"
stop
wants 0 "clean" vouchd check --data "$home/store"
