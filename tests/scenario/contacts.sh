#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A rep's people: several addresses, former companies, consent given and taken back, notes that nobody else reads, and
# all of it handed out in files that an import knows again.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

new_store --zone Europe/Berlin
start
join() { # PROFILE NAME ROLE
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team DACH | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
join mara "Mara Lind" manager
join ana "Ana Sousa" rep
join tom "Tom Rieke" rep
as rhea vouch company add "Kestrel Bank" --domain kestrel.example
as rhea vouch company add "Orrin Foods" --kind client --domain orrin.example
as ana vouch contact add "Dana Frey, Head of IT" --company "Kestrel Bank" --email dana@kestrel.example \
    --emails dana@home.example,d.frey@home.example --phone "+49 40 555 0134" --tags golf,archive --consent
as ana vouch contact add "=cmd|' /C calc'!A0, Päpstliche; \"Rätin\"" --phone "+49 40 555 0199"
as tom vouch contact add "Dana Frey" --email d.frey@home.example

wants 0 "dana@kestrel.example, dana@home.example" as tom vouch contact show "Dana Frey"
as ana vouch contact set Dana --company "Orrin Foods" --title CIO --name "Dana Frey-Lind" >/dev/null
wants 0 "Orrin Foods (formerly Kestrel Bank)" as ana vouch contact show Dana
wants 2 "usage" as ana vouch contact note Dana
wants 2 "say what to change" as ana vouch contact set Dana --json
wants 6 "vouch company add" as ana vouch contact add "Al" --company "Nowhere Ltd"
wants 0 "only you read it" as ana vouch contact note Dana "her son plays chess"
wants 0 "her son plays chess" as ana vouch contact show Dana
shown=$(as tom vouch contact show Dana)
grep -qF chess <<<"$shown" && fail "Tom reads Ana's note"
wants 6 "" as mara vouch contact show dana@kestrel.example
wants 0 "Dana Frey-Lind" as rhea vouch contact show dana@kestrel.example # for who asks to be erased
shown=$(as rhea vouch contact show dana@kestrel.example)
grep -qF chess <<<"$shown" && fail "an admin reads Ana's note"

# Consent is taken back, and given again.
wants 0 "changed" as ana vouch contact set Dana --no-consent
wants 0 "introduce nobody" as tom vouch contact show Dana
wants 5 "not want to be introduced" as tom vouch refer "Orrin Foods" --contact "Dana Frey" --email dana@home.example \
    --need archive --vouch "six years" --consent --to "Ana Sousa"
wants 0 "changed" as ana vouch contact set Dana --consent
as tom vouch refer "Orrin Foods" --contact "Dana Frey" --email dana@home.example --need archive --vouch "six years" \
    --consent --to "Ana Sousa" >/dev/null
wants 0 "R1 Orrin Foods" as tom vouch contact show Dana

# All that is hers, in files of hers alone; an import of them finds everybody there already.
wants 0 "2 people" as ana vouch export "$home/mine"
wants 2 "is there already" as ana vouch export "$home/mine"
wants 0 "2 people" as ana vouch export "$home/mine" --force
wants 0 "2 people" as ana vouch export "$home/people.vcf"
cmp "$home/people.vcf" "$home/mine/people.vcf"
[ "$(stat -c %a "$home/mine/everything.jsonl")" = 600 ] || fail "others can read the export"
[ "$(ls "$home/mine" | wc -l)" = 3 ] || fail "more than three files: $(ls "$home/mine")"
for kind in profile contact note referral; do
    grep -q "^{\"kind\":\"$kind\",\"data\":{" "$home/mine/everything.jsonl" || fail "no $kind in the export"
done
grep -qF "her son plays chess" "$home/mine/everything.jsonl" || fail "the note is missing"
as tom vouch export "$home/toms" >/dev/null
grep -rqF chess "$home/toms" && fail "Ana's note is in Tom's export"
for file in "$home/mine/people.vcf" "$home/mine/people.csv"; do
    before=$(as ana vouch --json contact list)
    as ana vouch import contacts "$file" >"$home/said" || fail "the export cannot be imported: $(cat "$home/said")"
    [ "$before" = "$(as ana vouch --json contact list)" ] || fail "importing $file again changed something"
done
wants 0 "clean" vouchd check --data "$home/store"
stop
wants 0 "" vouchd rebuild --data "$home/store"
echo "people, and all of them handed out"
