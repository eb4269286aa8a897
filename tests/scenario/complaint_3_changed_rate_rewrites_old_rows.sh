#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 3: a changed rate rewrites old rows. Here a deal keeps the terms and the weights that it was won with: new
# terms, other settings and another attribution plugin change nothing that was booked, nor what the deal's next payment
# owes.
. "$(dirname "$0")/commission_world.sh"
open_books
terms --currency EUR --coworker 5%

won ana tom "Kestrel Bank" "20,000 EUR" --via lena
old=$deal
pay "$old" "8,000 EUR" INV-1
has ana accrued=20000
has lena accrued=20000
book=$(as ana vouch statement)
why=$(as finn vouch commission explain "$old")

# The rate doubles, and all goes to the last touch from now on.
terms --coworker 10%
stop
start --clock manual --attribution last-touch --coworker-bps 9999 --partner-bps 9999
[ "$(as ana vouch statement)" = "$book" ] || fail "the statement reads differently now"
[ "$(as finn vouch commission explain "$old")" = "$why" ] || fail "the deal is explained differently now"

# The old deal's next payment owes what the old terms say, to the same two.
pay "$old" "12,000 EUR" INV-2
has ana accrued=50000
has lena accrued=50000
sees "\"house\" v1" as finn vouch commission explain "$old"
sees "20,000.00 × 500 bps = 1,000.00" as finn vouch commission explain "$old"

# A new deal is paid by the new ones.
won ana tom "Orrin Foods" "20,000 EUR" --via lena
pay "$deal" "20,000 EUR" INV-1
has ana accrued=50000
has lena accrued=250000
sees "\"house\" v2" as finn vouch commission explain "$deal"

# What was taken back of an old line goes back at its own rate.
as finn vouch refund P1 "4,000 EUR" --ref CN-1 >/dev/null
has ana accrued=40000
has lena accrued=240000
close_books
