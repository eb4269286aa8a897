#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 4: currencies are summed unconverted, a cent is lost, "must be 100 %" refuses three equal parts. Here each
# currency has books of its own, instalments come to the cent what the whole comes to, and three parties share 1:1:1.
. "$(dirname "$0")/commission_world.sh"
open_books

# Three currencies with 2, 0 and 3 decimals: three accounts, three lines of totals, and no sum over them.
won ana tom "Kestrel Bank" "1,000.00 EUR"
pay "$deal" "1,000 EUR" INV-1
wants 2 "another currency" as finn vouch payment "$deal" "100 USD" --ref INV-2
won ana tom "Hakone Shipping" "98,765 JPY"
pay "$deal" "98,765 JPY" INV-1
won ana tom "Gulf Stores" "1,234.567 KWD"
pay "$deal" "1,234.567 KWD" INV-1
wants 2 "KWD has 3 digits after the point" as finn vouch payment "$deal" "1.2345 KWD" --ref INV-2
accounts=$(as ana vouch accounts)
for amount in 30.00 2,963 37.037; do
    grep -qw -- "$amount" <<<"$accounts" || fail "no $amount in: $accounts"
done
[ "$(grep -c Ana <<<"$accounts")" = 3 ] || fail "not three accounts: $accounts"
totals=$(as rhea vouch totals)
for currency in EUR JPY KWD; do
    [ "$(grep -c "$currency" <<<"$totals")" = 1 ] || fail "no line of $currency alone in: $totals"
done
sees "1,000.00 EUR" as rhea vouch totals

# No cent is lost or made: 5 % of 33.33 three times is 5.00 as of 99.99, not three times 1.67.
terms --coworker 5%
won ben tom "Alder Mills" "99.99 EUR"
for part in 1 2 3; do
    pay "$deal" "33.33 EUR" "INV-$part"
done
has ben accrued=500
parts=$(as finn vouch commission explain "$deal" | sed -n 's/.*new with this one //p' | tr '\n' ' ')
[ "$parts" = "1.67 1.66 1.67 " ] || fail "the instalments owe $parts"

# Three equal parts are 1:1:1. Of 100.00 one gets the cent that is left over.
wants 2 "write equal parts as weights, 1:1:1" as finn vouch terms write thirds --currency EUR --coworker 10% \
    --split "Ana:33.33%" --split "Lena:33.33%" --split "Ben:33.33%"
as finn vouch terms write thirds --member lena --coworker 10% --split Ana:1 --split Lena:1 --split Ben:1 >/dev/null
as fay vouch terms approve thirds >/dev/null
won lena tom "Norrland Timber" "1,000 EUR"
pay "$deal" "1,000 EUR" INV-1
has lena accrued=3333
has ben accrued=3833
sees "63.34" as ana vouch accounts

# Paid in another currency at an exact rate, rounded down to the payee, each batch in one currency.
day 2027-02-12
close_month 2027-01
day 2027-03-02
close_month 2027-02
as finn vouch payout make JPY >/dev/null
sees "2,963 JPY" as finn vouch payout show B1
wants 2 "rate" as finn vouch payout make KWD --pay-in EUR
as finn vouch payout make KWD --pay-in EUR --rate 3.0123 >/dev/null
sees "111.56 EUR" as finn vouch payout show B2
as finn vouch payout make EUR >/dev/null
sees "135.00 EUR" as finn vouch payout show B3
close_books
