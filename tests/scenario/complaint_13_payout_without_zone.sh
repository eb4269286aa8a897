#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Complaint 13: payout reports with no stated zone. Here a month begins and ends in the home company's zone, every report
# says which one that is, and it reads the same wherever the reader sits.
. "$(dirname "$0")/commission_world.sh"
zone=Pacific/Auckland # thirteen hours ahead in January
open_books
terms --currency EUR --coworker 3% --hold 0
won ana tom "Kestrel Bank" "48,000 EUR"

# Noon of 31 January in London is the first of February in Auckland; an hour before its midnight is not.
day 2027-01-31T10:59Z
pay "$deal" "10,000 EUR" INV-1
day 2027-01-31T11:00Z
pay "$deal" "1,000 EUR" INV-2
january=$(as ana vouch statement --period 2027-01)
grep -q "INV-1\|P1" <<<"$january" || fail "P1 came in in January: $january"
! grep -q "P2" <<<"$january" || fail "P2 came in in February: $january"
grep -q "2027-01-01 00:00 to 2027-02-01 00:00, times in Pacific/Auckland" <<<"$january" || fail "no zone: $january"

# It is over when it is over there, and not before.
close_month 2027-01
wants 5 "Pacific/Auckland" as finn vouch period close 2027-02
sees "Pacific/Auckland" as finn vouch period list
sees "Pacific/Auckland" as finn vouch commission explain "$deal"
as finn vouch payout make EUR >/dev/null
as finn vouch payout settle B1 >/dev/null

# Every form of the report says the zone, and none depends on the reader's.
for format in text csv html; do
    here=$(as ana vouch statement --period 2027-01 --format "$format")
    there=$(TZ=America/Los_Angeles as ana vouch statement --period 2027-01 --format "$format")
    [ "$here" = "$there" ] || fail "the statement as $format depends on where it is read"
    grep -q "Pacific/Auckland" <<<"$here" || fail "the statement as $format says no zone: $here"
done
for report in "show B1" list "export B1 --format csv"; do
    sees "Pacific/Auckland" as finn vouch payout $report
done
close_books
