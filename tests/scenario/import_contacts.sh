#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A rep takes over address books: dry run first, then once, then again. Who is skipped has a reason and a line; the same
# person of two books is one; a damaged file changes nothing. A large import goes on where it was broken off, by the
# broker's end or by hand.
. "$(dirname "$0")/lib.sh"
export XDG_STATE_HOME=$home/state
samples=$(cd "$(dirname "${BASH_SOURCE[0]}")/sample/contacts" && pwd)
new_store >"$home/init"
start
as rhea vouch invite "Ana Sousa" --role rep >"$home/invite"
as ana vouch join "$(sed -n 's/.*join .\(vouch:[^'\'']*\).*/\1/p' "$home/invite")" >/dev/null
people() { as "${1:-ana}" vouch contact list --json | grep -c '"personal"' || true; }

# LinkedIn.
wants 0 "LinkedIn export (preamble of 4 lines, UTF-8): 7 people; dry run" \
    as ana vouch import contacts "$samples/Connections.csv" --dry-run
[ "$(people)" = 0 ] || fail "the dry run has taken somebody"
wants 0 "4 new, 0 already known, 3 skipped" as ana vouch import contacts "$samples/Connections.csv"
wants 0 "1 without any name, 1 duplicate line, 1 date in the future  (vouch import show 2)" \
    as ana vouch import contacts "$samples/Connections.csv"
wants 0 "0 new, 4 already known (0 of them filled in), 3 skipped" as ana vouch import show
wants 0 "line 10     without any name" as ana vouch import show 1
wants 0 "line 11     duplicate line: Maria Keller" as ana vouch import show 1
wants 0 '"reason": "date in the future"' as ana vouch import show 1 --json
wants 6 "no report of that import" as ana vouch import show 9
[ "$(stat -c %a "$XDG_STATE_HOME/vouch/imports/ana/1.json")" = 600 ] || fail "others can read the report"
wants 2 "nothing was imported yet" as rhea vouch import show

# Outlook in German: semicolons, Windows-1252; Maria is known and gets her phone number.
wants 0 "Outlook export (semicolons, WINDOWS-1252): 2 people" as ana vouch import contacts "$samples/outlook.csv"
wants 0 "0 new, 2 already known" as ana vouch import contacts "$samples/outlook.csv"
wants 0 "+49 40 5551" as ana vouch contact list
wants 0 "Jürgen Groß" as ana vouch contact list

# Cards and LDIF.
wants 0 "1 new, 0 already known, 1 skipped" as ana vouch import contacts "$samples/people.vcf" --consent --strength 0.7
wants 0 "1 mailing list" as ana vouch import contacts "$samples/people.vcf"
wants 0 "LDIF (UTF-8): 1 person" as ana vouch import contacts "$samples/people.ldif" --dry-run
wants 0 '"new": 1' as ana vouch import contacts "$samples/people.ldif" --json --dry-run --from ldif
wants 0 "1 new" as ana vouch import contacts "$samples/people.ldif"
wants 0 "Fluxware" as ana vouch contact list
[ "$(people)" = 7 ] || fail "not 7 people but $(people)"
wants 0 "0.70" as ana vouch tie list
[ "$(people rhea)" = 0 ] || fail "somebody else sees Ana's people"

# Files that cannot be taken whole, and options that say nothing.
head -c -20 "$samples/people.vcf" >"$home/cut.vcf"
printf 'Name,Email\n"Ana,ana@x.example\n' >"$home/open.csv"
printf 'Name,Email\nAna\0,ana@x.example\n' >"$home/nul.csv"
printf '\357\273\277Name,Email\nJ\374rgen,j@x.example\n' >"$home/bytes.csv"
head -c 40000 /dev/zero | tr '\0' ',' >"$home/wide.csv"
truncate -s 1G "$home/huge.csv"
wants 2 "the card that begins at line 13 never ends" as ana vouch import contacts "$home/cut.vcf"
wants 2 "a quote that never ends" as ana vouch import contacts "$home/open.csv"
wants 2 "is a NUL" as ana vouch import contacts "$home/nul.csv"
wants 2 "byte 16 (0xFC) is no UTF-8" as ana vouch import contacts "$home/bytes.csv"
wants 2 "more than 1000 columns" as ana vouch import contacts "$home/wide.csv"
wants 2 "larger than 256 MiB" as ana vouch import contacts "$home/huge.csv"
wants 2 "No such file" as ana vouch import contacts "$home/none.csv"
wants 2 "--from is linkedin" as ana vouch import contacts "$samples/people.vcf" --from papyrus
wants 2 "line 1 stands between cards" as ana vouch import contacts "$samples/people.ldif" --from vcard
[ "$(people)" = 7 ] || fail "a refused file left somebody behind"

# 20,000 people; the broker ends in the middle and comes back: the import goes on.
awk 'BEGIN { print "Name,Email,Company"; for (i = 0; i < 20000; i++)
    printf "Person %d,p%d@firm%d.example,Firm%d\n", i, i, i % 500, i % 500 }' >"$home/large.csv"
commands() { as rhea vouch stats | sed -n 's/^commands  *//p' | tr -d ,; }
as ana vouch import contacts "$home/large.csv" >"$home/large.out" 2>&1 &
importing=$!
until [ "$(commands)" -gt 500 ]; do :; done
stop -KILL 137
start
code=0
wait "$importing" || code=$?
[ "$code" -eq 0 ] || fail "the import did not survive the broker's end: $(cat "$home/large.out")"
grep -q "20,000 new" "$home/large.out" || fail "$(cat "$home/large.out")"
wants 0 "0 new, 20,000 already known, 0 skipped" as ana vouch import contacts "$home/large.csv"

# For another rep they are known already and get a tie each; broken off by hand, the next run does the rest.
VOUCH_PROFILE=rhea vouch import contacts "$home/large.csv" >"$home/large.out" 2>&1 &
importing=$!
already=$(commands)
until [ "$(commands)" -gt $((already + 500)) ]; do :; done
kill -TERM "$importing" || true
wait "$importing" || true
wants 0 "0 new, 20,000 already known" as rhea vouch import contacts "$home/large.csv"
wants 0 "0 new, 20,000 already known, 0 skipped" as rhea vouch import contacts "$home/large.csv"
stop
vouchd check --data "$home/store" >"$home/check" 2>&1 || fail "$(cat "$home/check")"
echo "address books are taken over once: ok"
