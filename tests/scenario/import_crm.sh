#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A real CRM's files, taken over by the admin: what is odd in them is said, the sums are theirs, a second import adds
# nothing, and an imported history pays nobody. Arguments: build directory, the data set (skipped with 77 without it).
if [ ! -d "${2:-}" ]; then
    echo "skipped: the data set is not there"
    exit 77
fi
. "$(dirname "$0")/lib.sh"
crm=$2

new_store >"$home/init.txt"
start
wants 0 "GTXPro" as rhea vouch import crm "$crm" --dry-run
wants 0 "8,800 new" as rhea vouch import crm "$crm" --joins "$home/joins.csv"
[ "$(stat -c %a "$home/joins.csv")" = 600 ] || fail "others can read the join lines"
[ "$(grep -c vouch:// "$home/joins.csv")" = 41 ] || fail "not everybody was invited"
wants 0 "10,005,534.00 USD" as rhea vouch totals
before=$(as rhea vouch totals)
for count in 4238 2473 1589 500; do
    case ${before//,/} in
    *"$count"*) ;;
    *) fail "no $count in: $before" ;;
    esac
done
wants 0 "" as rhea vouch import crm "$crm"
[ "$(as rhea vouch totals)" = "$before" ] || fail "the second import changed the sums"

# Somebody of the import joins and sees their own.
row=$(grep "Darcel Schlecht" "$home/joins.csv")
as darcel vouch join "vouch://${row#*vouch://}"
wants 0 "" as darcel vouch list --state won --limit 5
stop
wants 0 "clean:" vouchd check --data "$home/store"
