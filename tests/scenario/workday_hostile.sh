#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Names and words that want to be more than text: escape sequences of a terminal, markup, formulas of a spreadsheet,
# headers of a mail, characters that turn the direction of writing. Each is refused with a sentence, or is the same harmless
# text on every screen and in every file.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

escape=$'\e]0;owned\a\e[31mred'
header=$'Ana\r\nBcc: eve@evil.example\r\n\r\nbody'
turned=$'\342\200\256gnp.exe'
formula='=HYPERLINK("http://evil.example","x")'
markup='</text><script>alert(1)</script>&amp;"'
format='%s%n%d {red} $(id) `id`'
lines=$'Ana\nBcc: eve@evil.example\n\n.\nFrom body '

new_store --zone UTC >/dev/null
start --clock manual
as rhea vouch clock set 2031-11-24T08:00Z >/dev/null
join() { # PROFILE NAME ROLE
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team "=DACH" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}

# What no name can be.
for name in "$escape" "$header" "$turned" $'a\tb' $'line\342\200\250line'; do
    wants 2 "" as rhea vouch invite "$name" --role rep
    wants 2 "" as rhea vouch company add "$name"
    wants 2 "" as rhea vouch contact add "$name" --email "x@y.example"
done
join lea "$format" manager
join ana "$formula" rep
join tom "$markup" rep
for name in "$formula" "$markup"; do
    as ana vouch company add "$name" >/dev/null
done
as ana vouch contact add Zoe --email z@y.example --consent --phone "+cmd|'/C calc'!A1" >/dev/null
as ana vouch contact set Zoe --name "$markup" --title "@SUM(A1)" --company "$formula" --tags "-1+1" >/dev/null

# What no words can be, and those that can go everywhere where words go.
for words in "$escape" "$header"; do
    wants 2 "holds a control character" as ana vouch contact note z@y.example "$words"
    wants 2 "holds a control character" as ana vouch touch z@y.example --call --note "$words"
    wants 2 "holds a control character" as ana vouch card set --describe "$words"
    wants 2 "holds a control character" as ana vouch intel offer "$markup" "$words" --on "$markup"
done
words=$lines$formula$markup$format
as ana vouch contact note z@y.example "$words" >/dev/null
as ana vouch touch z@y.example --meeting --in --note "$words" >/dev/null
for who in ana tom; do
    as $who vouch card set --issues "$formula,$markup" --industries "$markup" --functions "-$format" --describe "$words" >/dev/null
done
as ana vouch ask z@y.example >"$home/ask"
as ana vouch ask answered A1 --named >/dev/null
for _ in 1 2; do
    as ana vouch refer "$formula" --contact "$markup" --email z@y.example --need "$words" --vouch "$words" --awareness "$words" \
        --issues "$markup" --product "$formula" --ask A1 --consent --to "$markup" >/dev/null
done
as tom vouch snooze R1 --until +3d --reason "$words" >/dev/null
as tom vouch accept R1 --note "$words" >/dev/null
as tom vouch contacted R1 --evidence "$words" --note "$words" >/dev/null
as tom vouch update R1 --note "$words" >/dev/null
as ana vouch disown R1 --reason "$words" >/dev/null
as ana vouch intel offer "$markup" "$words" --on "$markup" >/dev/null
as tom vouch intel take I1 >/dev/null
as tom vouch intel used I1 "$words" --referral R1 >/dev/null
as tom vouch lost R1 --reason "$words" --feedback "$words" >/dev/null

# Screens: no control character but the ends of lines, and nothing that a format string or a shell would have done.
looks() { # WHO COMMAND
    as "$1" vouch $2 >"$home/out" 2>&1 || true
    if LC_ALL=C tr -d '\n' <"$home/out" | LC_ALL=C grep '[[:cntrl:]]' >/dev/null; then
        fail "$1, $2: a control character"
    fi
    if grep -E 'uid=|^Bcc:' "$home/out"; then
        fail "$1, $2: it did something"
    fi
}
for command in today "inbox --all --keep" "list --state lost" list "show R1" "show R2" "intel show I1" "card show"; do
    looks ana "$command"
    looks tom "$command"
done
for command in "contact list" "contact show z@y.example" "touches z@y.example" "tie list" "ask list" "ask yields" \
    "intel list --given" leads digest; do
    looks ana "$command"
done
for command in "report --by rep" "report --by segment" team queue members "company list" "inbox --all --keep"; do
    looks lea "$command"
done
wants 0 '{red} $(id) `id`' as tom vouch intel show I1

# Files: a spreadsheet computes nothing, an SVG holds no element of theirs, a mail has no header more.
for by in rep team source segment; do
    as lea vouch report --by $by --csv >"$home/csv"
    if grep -E '(^|,)"?[=@+]' "$home/csv"; then fail "a report by $by has a formula"; fi
done
as lea vouch report --by rep --csv | grep -F "\"'=HYPERLINK" >/dev/null || fail "the name is not there as text"
for picture in funnel curve; do
    as lea vouch report $picture --svg "$home/$picture.svg" >/dev/null
    xmllint --noout "$home/$picture.svg"
    if grep "<script" "$home/$picture.svg"; then fail "$picture: an element of theirs"; fi
done
as ana vouch export "$home/export" >/dev/null
python3 - "$home/export" <<'PY'
import csv, json, sys
for row in csv.reader(open(sys.argv[1] + "/people.csv", newline="", encoding="utf-8")):
    for field in row:
        assert field[:1] not in ("=", "@") and not ("|" in field and field[:1] in "+-"), field
for line in open(sys.argv[1] + "/everything.jsonl", encoding="utf-8"):
    json.loads(line)
cards = open(sys.argv[1] + "/people.vcf", newline="", encoding="utf-8").read()
assert cards.count("BEGIN:VCARD") == cards.count("\r\nEND:VCARD") == 1 and "\nBcc:" not in cards, cards
PY
for who in ana tom lea; do
    as $who vouch digest --eml "$home/$who.eml" --to $who@northgate.example >/dev/null
    python3 - "$home/$who.eml" <<'PY'
import email, email.policy, sys
mail = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
assert not mail.defects and "Bcc" not in mail and not mail.is_multipart(), mail
assert mail.get_content_type() == "text/plain" and len(mail["To"].addresses) == 1, mail
PY
done
stop
wants 0 "clean" vouchd check --data "$home/store"
wants 0 "byte for byte" vouchd rebuild --data "$home/store"
echo "hostile words: text, everywhere"
