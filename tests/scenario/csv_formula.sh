#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A member whose name a spreadsheet would compute: in the statement as CSV it is text, and amounts below zero stay
# numbers.
. "$(dirname "$0")/commission_world.sh"
open_books
join eve '=HYPERLINK("http://evil.example","pay")' rep
terms --currency EUR --coworker 5% --hold 0
won eve tom "Kestrel Bank" "1,000 EUR"
pay "$deal" "1,000 EUR" A
has eve approved=5000
as finn vouch refund P1 "200 EUR" >/dev/null
has eve approved=4000
as eve vouch statement --format csv >"$home/s.csv"
grep -q "\"'=HYPERLINK(" "$home/s.csv" || fail "a formula: $(cat "$home/s.csv")"
grep -q ",-10.00," "$home/s.csv" || fail "no number: $(cat "$home/s.csv")"
close_books
echo "names are no formulas: ok"
