#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Somebody is erased in the middle of their referral: asked, met, written about; then it is won, paid and partly refunded.
# The money is what it would be anyway, and nobody reads the name any more, on no screen, in no file, mail, copy or
# rebuilt store.
. "$(dirname "$0")/commission_world.sh"
open_books
terms --currency EUR --coworker 5% --hold 0
as rhea vouch company add "Kestrel Bank" --domain kestrel.example >/dev/null
as tom vouch contact add "Zebulon Quist" --company "Kestrel Bank" --email zebulon@kestrel.example --consent >/dev/null
as ana vouch contact add "Zebulon Quist, Head of Zymurgy" --company "Kestrel Bank" --email zebulon@kestrel.example --consent \
    --phone "040 55500" --tags zebratag >/dev/null
as ana vouch contact note Zebulon "plays xylophone" >/dev/null
as ana vouch card set --issues archive >/dev/null
as ana vouch ask Zebulon >/dev/null
as ana vouch touch Zebulon --meeting --note "told me of his ulcer" >/dev/null
as ana vouch ask answered A1 --named >/dev/null
as ana vouch refer "Kestrel Bank" --contact "Zebulon Quist" --email zebulon@kestrel.example --need "Zebulon needs an archive" \
    --vouch "Zebulon trusts me" --ask A1 --consent --to "Tom Rieke" >/dev/null
as tom vouch accept R1 --note "Zebulon is known to me" >/dev/null
as tom vouch contacted R1 --evidence "Zebulon laughed" >/dev/null
as tom vouch met R1 --note "Zebulon paid lunch" >/dev/null
as tom vouch update R1 --note "Zebulon ponders" >/dev/null
as tom vouch snooze R1 --until +10d --reason "Zebulon travels" >/dev/null
as ana vouch disown R1 --reason "Zebulon is odd" >/dev/null
as ana vouch attest R1 --vouch "Zebulon is not odd" >/dev/null

wants 0 "is erased for everybody" as rhea vouch contact erase zebulon@kestrel.example --reason "asked for it" --yes
as tom vouch opportunity R1 >/dev/null
as tom vouch won R1 --value "10,000 EUR" --feedback "Signed, thank you." >/dev/null
pay R1 "10,000 EUR" A
has ana approved=50000
as finn vouch refund P1 "2,000 EUR" >/dev/null
has ana approved=40000
day 2027-02-01
close_month 2027-01
has ana payable=40000
wants 0 "clean:" vouchd check --data "$home/store"

gone() { # WHERE, the text on standard input
    ! grep -iE 'zebulon|zymurgy|zebratag|xylophone|ulcer|55500|laughed|ponders' || fail "they are still in $1"
}
for who in ana tom rhea finn; do
    for command in today "inbox --all --keep" "show R1" "list --state won" "commission explain R1" "statement --period 2027-01" \
        "contact list" "ask list" "ask yields" "tie list" "report --by segment" digest; do
        { as $who vouch $command 2>&1 || true; } | gone "$who: $command"
    done
    as $who vouch export "$home/export-$who" >/dev/null
    cat "$home/export-$who"/* | gone "$who's export"
    as $who vouch digest --eml "$home/$who.eml" --to a@northgate.example >/dev/null
    gone "$who's mail" <"$home/$who.eml"
done
stop
vouchd backup "$home/copy" --data "$home/store" >/dev/null
wants 0 "byte for byte" vouchd rebuild --data "$home/copy"
wants 0 "" vouchd rebuild --replace --data "$home/store"
for place in copy store; do
    find "$home/$place" -name data.mdb -exec strings -a {} + | gone "the files of the $place"
done
start --clock manual
has ana payable=40000
close_books
echo "erased: the name is gone, the money is there"
