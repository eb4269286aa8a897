#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 11: receivers do not act or report back, and the incentive never arrives. Here the referrer is told of every
# step from the offer to the money in the bank, can see at any time what waits for what, and a payment that the bank sent
# back, a sum below the minimum and a disputed line all arrive in the end.
. "$(dirname "$0")/commission_world.sh"
open_books
terms --currency EUR --coworker 3% --minimum 20
told() { sees "$1" as ana vouch inbox --all; }

# The receiver cannot close the deal without telling the referrer how it went.
won ana tom "Kestrel Bank" "48,000 EUR"
told "Tom Rieke accepted $deal"
told "Tom Rieke met the prospect of $deal"
told "Tom Rieke won $deal (Kestrel Bank), 48,000.00 EUR: \"Signed, thank you.\""
told "you share in its commission, which is paid as money comes in"

# Each step of the money is told, and the statement says what comes next.
pay "$deal" "500 EUR" INV-1
told "15.00 EUR of commission accrued to you"
sees "open: the month ends on 2027-02-01 00:00 (Europe/Berlin)" as ana vouch statement
day 2027-02-12
has ana approved=1500
close_month 2027-01
day 2027-03-02
close_month 2027-02
told "15.00 EUR wait for more, the least that is paid being 20.00 EUR"
sees "20.00 EUR" as ana vouch statement --period 2027-02
has ana approved=1500

# With the next payment it is above the minimum. The bank sends it back once; it is payable again and arrives.
pay "$deal" "1,500 EUR" INV-2
day 2027-04-05
close_month 2027-03
day 2027-05-03
close_month 2027-04
told "60.00 EUR are payable"
as finn vouch payout make EUR >/dev/null
as finn vouch payout fail B1 S4 --note "account closed" >/dev/null
told "account closed"
has ana payable=6000
as finn vouch payout make EUR >/dev/null
as finn vouch payout settle B2 >/dev/null
told "Northgate Storage has paid you 60.00 EUR"
has ana paid=6000

# A line that somebody disputes waits until it is settled, and then goes its way.
pay "$deal" "4,000 EUR" INV-3
as ana vouch dispute P3 --because "The invoice was for 5,000; see the mail of 3 May." >/dev/null
day 2027-06-10
has ana accrued=12000 paid=6000 disputed=12000
close_month 2027-05
as fay vouch dispute release D1 --note "4,000 came in; 1,000 follow in July." >/dev/null
told "4,000 came in; 1,000 follow in July."
has ana approved=12000 paid=6000
day 2027-07-02
close_month 2027-06
as finn vouch payout make EUR >/dev/null
as finn vouch payout settle B3 >/dev/null
has ana paid=18000
close_books
