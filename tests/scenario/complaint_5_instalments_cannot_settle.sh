#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 5: per-instalment payment cannot settle. Here a customer pays a deal in twelve uneven instalments over a
# year; each month what was paid is approved, closed, sent and settled, and at the end everybody has the part of the
# whole, to the cent, with nothing on the way.
. "$(dirname "$0")/commission_world.sh"
open_books
terms --currency EUR --coworker "3.33%" --bounty 1 --hold 0

# 100,000.00 at 333 bps and 1.00: 3,331.00 between two.
won ana tom "Kestrel Bank" "100,000 EUR" --via lena
paid=0
for month in 01 02 03 04 05 06 07 08 09 10 11 12; do
    day "2027-$month-20"
    if [ "$month" = 12 ]; then
        amount=$((10000000 - paid))
    else
        amount=$((833333 - 1000 + 10#$month * 131))
    fi
    paid=$((paid + amount))
    pay "$deal" "$((amount / 100)).$(printf %02d $((amount % 100))) EUR" "INV-$month"
    [ "$month" = 12 ] ||
        wants 5 "INV-$month is recorded already" as finn vouch payment "$deal" "1 EUR" --ref "INV-$month"
    day "$(date -u -d "2027-$month-20 +14 days" +%F)"
    close_month "2027-$month"
    batch=$(as finn vouch payout make EUR | grep -o 'B[0-9]*' | head -n 1)
    as finn vouch payout settle "$batch" >/dev/null
done
has ana paid=166550
has lena paid=166550
wants 5 "more than the rest" as finn vouch payment "$deal" "0.01 EUR" --ref INV-13

# One instalment is refunded: its own part is owed back, the other eleven stay settled.
as finn vouch refund P5 --ref CN-1 >/dev/null
sees "owed back" as ana vouch statement
close_books
