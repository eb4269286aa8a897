#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Terms as a clerk writes them: on top of the newest version, laid beside it, approved by a second person; and what a
# broker says to terms that cannot be meant.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

new_store --zone Europe/Berlin
start --clock manual
as rhea vouch clock set 2037-11-23T09:00Z
as rhea vouch company add "Alder Systems" --kind partner --domain alder.example
join() { # PROFILE NAME ROLE [OPTION…]
    local profile=$1 name=$2 role=$3 line
    shift 3
    line=$(as rhea vouch invite "$name" --role "$role" "$@" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$profile" vouch join "$line" >/dev/null
}
join mara "Mara Lind" manager --team DACH
join finn "Finn Berg" finance
join ana "Ana Sousa" rep --team DACH
join paul "Paul Adler" rep --company "Alder Systems"

# Nobody wrote terms: the presets hold.
wants 0 "no terms yet" as mara vouch terms list
wants 0 "10 %" as mara vouch terms presets
wants 6 "there are no terms called 'partners'" as mara vouch terms show partners
wants 4 "not for your role, but for manager, finance, admin, auditor" as ana vouch terms list

# Written by one person: nothing holds yet.
wants 0 "written; it holds once" as mara vouch terms write partners --currency EUR --partner "7.5 %" --bounty 50 \
    --cap "5,000 EUR" --hold 14 --note "agreed in the board meeting"
wants 0 "waits for approval" as mara vouch terms list
wants 4 "not for your role" as mara vouch terms approve partners
wants 0 "bounty    none    → 50.00 EUR" as mara vouch terms diff partners
wants 0 "2037-11-23 Europe/Berlin" as finn vouch terms show partners
wants 0 "agreed in the board meeting" as finn vouch terms show partners
wants 0 "is approved: it holds for deals won from 2037-11-23 10:00 on" as finn vouch terms approve partners
wants 5 "approved already, by Finn Berg on 2037-11-23" as finn vouch terms approve partners
wants 0 "in force" as finn vouch terms list

# A second version: only what is said changes.
wants 0 "partner  7.5 %                    → 8 %" as finn vouch terms write partners --partner "800 bps" --from 2038-01-01
wants 4 "a second person" as finn vouch terms approve partners
wants 0 "is approved" as rhea vouch terms approve partners
wants 0 "approved, to come" as rhea vouch terms list
wants 0 "2038-01-01" as rhea vouch terms list
wants 0 "version 1 of 2" as rhea vouch terms show partners --version 1
wants 0 "hold" as rhea vouch terms show partners
wants 0 "no difference" as rhea vouch terms diff partners 2 2
as rhea vouch clock set 2038-01-02T09:00Z
wants 0 "replaced" as rhea vouch terms list
wants 0 "version 1 of 2: replaced on 2038-01-01 Europe/Berlin by a later version" as rhea vouch terms show partners \
    --version 1
wants 0 'are approved: deals won from 2038-01-01 on pay by them' as finn vouch inbox

# Tiers, and an agreement with one member.
wants 0 "band 3    –      → 10 % from 2,500,000.00 EUR on" as mara vouch terms write "alder 2038" --company alder \
    --currency EUR --tiers marginal --band 0-1M:5% --band "1M-2.5M:7 %" --band "2,500,000-:10%"
wants 0 "not used: the bands are the rate" as mara vouch terms show "ALDER 2038"
wants 0 "split 1  –    → Ana Sousa, weight 1" as mara vouch terms write alder\ 2038 --split "ana s:1,paul:1"
wants 0 "Ana Sousa, 50 %" as mara vouch terms write "alder 2038" --split "Ana Sousa:50%" --split "Paul Adler:50%"
wants 0 "is approved" as finn vouch terms approve "alder 2038"

# Terms of two names for the same deals.
wants 0 'while "partners", version 2, holds' as mara vouch terms write others --currency EUR
wants 5 "partners, version 2, holds for the same deals from 2038-01-01 on" as finn vouch terms approve others

# What cannot be meant.
bad() { # CODE TEXT OPTION…
    local code=$1 text=$2
    shift 2
    wants "$code" "$text" as mara vouch terms write bad "$@"
}
bad 2 "is no rate" --partner 7.5
bad 2 "is no rate" --partner -5%
bad 2 "is no rate" --partner 7.555%
bad 2 "at most 10000" --partner 101%
bad 2 "say in which currency" --bounty 50
bad 2 "another currency" --currency EUR --bounty "50 USD"
bad 2 "no currency" --currency EUX
bad 2 "is no day" --from 2038-02-30
bad 2 "a gap" --currency EUR --tiers marginal --band 0-1M:5% --band 2M-:7%
bad 2 "an overlap" --currency EUR --tiers marginal --band 0-1M:5% --band 900k-:7%
bad 2 "retroactive rate that falls" --currency EUR --tiers retroactive --band 0-1M:5% --band 1M-:4%
bad 2 "9999 of 10000" --split "ana:50%,paul:49.99%"
bad 2 "not both" --split "ana:50%,paul:1"
bad 2 "hold: 0, 7, 14, 30, 60 or 90" --hold 15
bad 2 "over already" --from 2037-01-01 --until 2038-01-01
bad 4 "can be a bribe" --client 1%
bad 6 "no member" --member Nobody
wants 2 "usage: vouch terms" as mara vouch terms shew partners
wants 2 "is no version" as mara vouch terms show partners --version 0
wants 6 "has no version 9" as mara vouch terms show partners --version 9

# For programs.
wants 0 '"standing": "in force"' as mara vouch terms show partners --json
wants 0 '"zone": "Europe/Berlin"' as mara vouch terms list --json
wants 0 '"what": "partner"' as mara vouch terms diff partners --json
wants 0 '"state": "WRITTEN"' as mara vouch terms write partners --partner 9% --json
wants 0 '"id":' as finn vouch terms approve partners --json

stop
wants 0 "clean:" vouchd check --data "$home/store"
wants 0 "the same, byte for byte" vouchd rebuild --data "$home/store"
