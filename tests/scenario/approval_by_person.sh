#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# With `approval = person` nothing is approved by itself: what waits is listed, finance approves by name or all of it,
# once, and nobody else does.
. "$(dirname "$0")/commission_world.sh"
open_books --approval person
terms --currency EUR --coworker 5% --hold 0
won ana tom "Kestrel Bank" "1,000 EUR"
pay "$deal" "400 EUR" A
pay "$deal" "500 EUR" B
pay "$deal" "100 EUR" C
day 2027-01-12
sees "P3" as finn vouch commission pending
has ana accrued=5000

wants 4 "" as ana vouch commission approve P1
wants 6 "P9: no such payment" as finn vouch commission approve P1 P9
wants 2 "P1 is named twice" as finn vouch commission approve P1 P1
has ana accrued=5000
wants 0 "" as finn vouch commission approve P1 P2
has ana accrued=500 approved=4500
wants 5 "P2 is approved already" as fay vouch commission approve P2 P3
has ana accrued=500 approved=4500
wants 0 "" as fay vouch commission approve
has ana approved=5000
wants 5 "no payment waits for approval" as finn vouch commission approve
close_books
echo "approval by a person: ok"
