#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A month of the books as those who keep them and those who are paid see it: explanation, statement in three formats,
# payout files, replay and shadow. What another may not see is refused.
#
# usage: statement.sh BUILD_DIRECTORY
. "$(dirname "$0")/commission_world.sh"
open_books
shown() { wants 0 "$@"; }

# ---- a deal of 48,000 that two helped with; half of it is paid, and a little more ----
deal=$(as ana vouch refer "Kestrel Bank & Sons" --to "Tom Rieke" --need "an archive" --consent --vouch "They asked me." |
    grep -o 'R[0-9]*' | head -n 1)
as tom vouch accept "$deal" >/dev/null
as tom vouch contacted "$deal" --evidence "Called." >/dev/null
as ana vouch credit "$deal" "Lena Voss" --for intel >/dev/null
as tom vouch met "$deal" >/dev/null
as tom vouch opportunity "$deal" >/dev/null
as tom vouch won "$deal" --value "48,000 EUR" --feedback "Signed, thank you." >/dev/null
shown "nothing was paid yet" as ana vouch commission explain "$deal"
pay "$deal" "24,000 EUR" INV-7731
pay "$deal" "1,000.33 EUR" INV-7732

# ---- every number is derived, down to the unit that is left over ----
shown "24,000.00 × 300 bps = 720.00" as ana vouch commission explain "$deal"
shown "pool        750.01 of all payments so far; new with this one 30.01" as ana vouch commission explain "$deal"
shown "375.00 + 1/2  375.01        360.00  15.01" as lena vouch commission explain "$deal"
shown "L1 accrue Ana Sol 360.00" as finn vouch commission explain "$deal"
shown "all of it replays bit for bit" as finn vouch commission explain "$deal"
wants 6 "no such referral" as ben vouch commission explain "$deal"
wants 5 "commission is paid on won deals only" as ana vouch commission explain \
    "$(as ana vouch refer Orrin --to "Tom Rieke" --need x --consent --vouch y | grep -o 'R[0-9]*' | head -n 1)"

# ---- the month is open ----
shown "375.01 EUR  = accrued 375.01, approved 0.00, payable 0.00" as ana vouch statement
shown "times in Europe/Berlin" as ana vouch statement
wants 6 "has no account, or none that you may see" as ben vouch statement "Ana Sol"
wants 6 "nothing has accrued to you yet" as ben vouch statement
wants 2 "is no month" as ana vouch statement --period 2027-13
wants 2 "no month that has begun" as ana vouch statement --period 2031-01

# ---- approved in February, closed in March, sent, settled ----
day 2027-03-02
close_month 2027-01
close_month 2027-02
shown "is payable: 375.01 EUR in the next payout" as ana vouch statement --period 2027-02
shown "B1  750.01 EUR from Northgate Storage, 2 lines" as finn vouch payout make EUR
shown "375.01 EUR in batch B1, with the bank since 2027-03-02" as ana vouch statement --period 2027-02
wants 4 "" as ana vouch payout show B1
wants 5 "" as finn vouch payout make EUR

# ---- the bank's file: checked before a byte is written ----
cat >"$home/accounts.csv" <<CSV
member,name,iban,bic
Ana Sol,Ana Söl & Søn <ana>,DE89 3704 0044 0532 0130 00,COBADEFFXXX
CSV
debtor="Northgate Storage,DE02120300000000202051,BYLADEM1001"
pain() { as finn vouch payout export B1 --format pain.001 --accounts "$home/accounts.csv" --debtor "$debtor"; }
wants 2 "no bank details of Lena Voss (member" pain
[ -z "$(pain 2>/dev/null)" ] || fail "half a file was written"
echo "Lena Voss,,DE89 3704 0044 0532 0130 01," >>"$home/accounts.csv"
wants 2 "is no IBAN" pain
sed -i '$s/130 01/130 00/' "$home/accounts.csv"
pain >"$home/B1.xml"
xmllint --noout "$home/B1.xml"
xpath() { xmllint --xpath "string($1)" "$home/B1.xml"; }
at() { echo "/*[local-name()='Document']$(printf "//*[local-name()='%s']" "$@")"; }
[ "$(xpath "namespace-uri(/*)")" = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09" ] || fail "another namespace"
[ "$(xpath "$(at GrpHdr CtrlSum)")" = 750.01 ] || fail "control sum"
[ "$(xpath "$(at GrpHdr NbOfTxs)")" = 2 ] || fail "number of transactions"
[ "$(xpath "sum($(at InstdAmt))")" = 750.01 ] || fail "amounts"
[ "$(xpath "count($(at CdtTrfTxInf))")" = 2 ] || fail "transactions"
[ "$(xpath "($(at Cdtr Nm))[1]")" = "Ana Sol + Soen .ana." ] || fail "name: $(xpath "($(at Cdtr Nm))[1]")"
xpath "($(at EndToEndId))[1]" | grep -q '^S[0-9]*$' || fail "end-to-end id"
as finn vouch payout export B1 --format csv --accounts "$home/accounts.csv" >"$home/B1.csv"
[ "$(head -n 1 "$home/B1.csv" | tr -d '\r')" = \
    "batch,made,zone,statement,member,payee,state,amount,currency,statement_amount,statement_currency,account_name,iban,bic" ] ||
    fail "csv head"
grep -q '^B1,2027-03-02 10:00,Europe/Berlin,S[0-9]*,[0-9]*,Ana Sol,sent,375.01,EUR,375.01,EUR,Ana Söl & Søn <ana>,DE89370400440532013000,COBADEFFXXX' \
    "$home/B1.csv" || fail "csv: $(cat "$home/B1.csv")"

day 2027-03-04
shown "settled" as finn vouch payout settle B1
shown "375.01 EUR in batch B1, settled 2027-03-04" as ana vouch statement --period 2027-02
wants 5 "nothing to send to the bank" pain
shown "2 settled, 0 failed" as finn vouch payout list
shown "closing   0.00 EUR  = accrued 0.00, approved 0.00, payable 0.00, paid 375.01" as ana vouch statement

# ---- the statement for spreadsheets and printers says the same ----
as finn vouch statement "Ana Sol" --period 2027-02 --format csv >"$home/s.csv"
python3 - "$home/s.csv" <<'PYTHON'
import csv, decimal, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert rows[0]["row"] == "opening" and rows[-1]["row"] == "closing", rows
balance = decimal.Decimal(rows[0]["balance"])
for row in rows[1:-1]:
    balance += decimal.Decimal(row["change"])
    assert balance == decimal.Decimal(row["balance"]), row
assert balance == decimal.Decimal(rows[-1]["balance"]), rows[-1]
assert {row["currency"] for row in rows} == {"EUR"} and {row["zone"] for row in rows} == {"Europe/Berlin"}
assert all(len(row["hash"]) == 64 for row in rows[1:-1])
PYTHON
as finn vouch statement "Ana Sol" --period 2027-02 --format html >"$home/s.html"
xmllint --noout --html "$home/s.html"
grep -q "Kestrel Bank &amp; Sons" "$home/s.html" || fail "not escaped"
! grep -q "<script\|http:\|src=" "$home/s.html" || fail "not self-contained"

# ---- proof, and what might have been ----
shown "1 deal, 2 payments, 4 bookings computed again, 1 attribution asked again: all as recorded" \
    as finn vouch commission replay
terms --partner 10% --coworker 6%
shown "+375.01 EUR" as finn vouch commission shadow --terms house
shown "1 deal looked at, 0 skipped; nothing was changed" as finn vouch commission shadow --terms house@1
wants 6 "no such terms" as finn vouch commission shadow --terms house@9
wants 7 "no attribution plugin named 'nope'" as finn vouch commission shadow --plugin nope
wants 4 "" as ana vouch commission replay

# ---- another plugin: all to the last touch; and replay asks nobody about what another plugin had attributed ----
stop
printf 'attribution = last-touch\nplugin linear { path = %s }\nplugin last-touch { path = %s }\n' \
    "$1/lib/vouch/plugins/linear.so" "$1/lib/vouch/plugins/last-touch.so" >"$home/vouchd.conf"
start --clock manual --config "$home/vouchd.conf"
shown "Lena Voss  375.00 EUR       750.01 EUR  +375.01 EUR" as finn vouch commission shadow --plugin last-touch
shown "Ana Sol    375.01 EUR         0.00 EUR  -375.01 EUR" as finn vouch commission shadow --plugin last-touch
shown "Ana Sol    375.01 EUR       375.01 EUR    0.00 EUR" as finn vouch commission shadow --plugin linear
shown "0 attributions asked again: all as recorded" as finn vouch commission replay
close_books
