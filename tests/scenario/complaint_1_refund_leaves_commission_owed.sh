#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 1: a refund leaves commission owed, or is subtracted twice, or uses a blended rate. Here a refund takes back
# exactly what its own payment accrued, once, from wherever the money is: held, approved, payable, or paid already.
. "$(dirname "$0")/commission_world.sh"
open_books
terms --currency EUR --tiers marginal --band 0-10k:5% --band 10k-:10% --hold 30

# Two payments that accrued at two rates. The blended rate would be 7.5 %.
won ana tom "Kestrel Bank" "20,000 EUR"
pay "$deal" "10,000 EUR" INV-1
has ana accrued=50000
pay "$deal" "10,000 EUR" INV-2
has ana accrued=150000

# Refunded in its hold, in three uneven parts: of P2 goes what P2 accrued.
as finn vouch refund P2 "3,333.33 EUR" --ref CN-1 >/dev/null
has ana accrued=116667
as finn vouch refund P2 "3,333.34 EUR" --ref CN-2 >/dev/null
has ana accrued=83333
wants 5 "CN-2" as finn vouch refund P2 "1 EUR" --ref CN-2
wants 5 "more than the rest" as finn vouch refund P2 "3,333.34 EUR" --ref CN-3
as finn vouch refund P2 --ref CN-3 >/dev/null
has ana accrued=50000
wants 5 "nothing is taken back twice" as finn vouch refund P2 --ref CN-4
has ana accrued=50000

# Refunded once it is approved, and once it is on a statement that waits for the bank.
day 2027-02-15
has ana approved=50000
as finn vouch refund P1 "5,000 EUR" --ref CN-5 >/dev/null
has ana approved=25000
close_month 2027-01
day 2027-03-02
close_month 2027-02
has ana payable=25000
as finn vouch refund P1 "2,500 EUR" --ref CN-6 >/dev/null
has ana payable=12500

# While the money is with the bank nobody knows where it is: refused. Once paid, it is owed back.
as finn vouch payout make EUR >/dev/null
wants 5 "B1" as finn vouch refund P1 --ref CN-7
has ana sent=12500
as finn vouch payout settle B1 >/dev/null
as finn vouch refund P1 --ref CN-7 >/dev/null
has ana paid=12500 owed=12500
sees "you owe them back" as ana vouch inbox

# The next commission pays the debt off first; then nothing is owed by anybody.
won ana tom "Orrin Foods" "20,000 EUR"
pay "$deal" "1,250 EUR" INV-3
has ana accrued=12500 paid=12500 owed=12500
day 2027-04-05
has ana approved=12500 paid=12500 owed=12500
close_month 2027-03
day 2027-05-03
close_month 2027-04
has ana paid=12500
sees "offset" as ana vouch statement --period 2027-04
close_books
