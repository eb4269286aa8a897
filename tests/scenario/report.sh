#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Reports as people ask for them: whose numbers they see, in which period and zone, blank where it is too little; tables,
# CSV and JSON that say the same; funnels and curves that are whole documents.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

new_store --zone Europe/Berlin
start --clock manual
as rhea vouch clock set 2037-01-04T09:00Z
join() { # PROFILE NAME ROLE [OPTION…]
    local profile=$1 name=$2 role=$3 line
    shift 3
    line=$(as rhea vouch invite "$name" --role "$role" "$@" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$profile" vouch join "$line" >/dev/null
}
join mara "Mara Lind" manager --team DACH
join ana "Ana Sousa" rep --team DACH
join tom "Tom Rieke" rep --team Nordics
join finn "Finn Berg" finance
join otto "Otto Quist" rep --team "R&D <b>\"=1+1"
long="Maximiliane Freifrau von Hohenlohe-Waldenburg-Schillingsfürst"
join max "$long" rep --team DACH
as rhea vouch company add "Orrin <Foods> & Sons" --kind client --domain orrin.example

wants 0 "2037 (Europe/Berlin), all, by referrer" as rhea vouch report
wants 0 "0 of the 20 referrals" as rhea vouch report close-rate

# 24 referrals by Ana, of which 12 are won; 20 leads by Tom, of which 4 are.
refer() { # WHO RECEIVER N [VOUCH]
    local number
    number=$(as "$1" vouch refer "Prospect $3" --to "$2" --need "archive" --consent ${4:+--vouch "$4"} --json |
        grep -o '"id": *"[0-9]*"' | grep -o '[0-9]*')
    echo "R$number"
}
win() { # RECEIVER R12
    as "$1" vouch accept "$2" >/dev/null
    as "$1" vouch contacted "$2" --evidence "called them" >/dev/null
    as "$1" vouch met "$2" >/dev/null
    as "$1" vouch opportunity "$2" >/dev/null
    as "$1" vouch won "$2" --value "1,000 EUR" --feedback "thank you" >/dev/null
}
for n in $(seq 24); do
    r=$(refer ana "Tom Rieke" "$n" "ran their backup")
    if [ $((n % 2)) -eq 0 ]; then win tom "$r"; fi
done
for n in $(seq 25 44); do
    r=$(refer tom "Ana Sousa" "$n")
    if [ $((n % 5)) -eq 0 ]; then win ana "$r"; fi
done

# Too young to count; then not.
wants 0 "24" as ana vouch report meeting-rate
as rhea vouch clock set +60d
wants 0 "50.0 %" as ana vouch report meeting-rate
wants 0 "31.4 – 68.6 %" as ana vouch report meeting-rate
wants 0 "2037-Q1 (Europe/Berlin)" as ana vouch report meeting-rate --period 2037-Q1
wants 0 "0 of the 20 cases" as ana vouch report meeting-rate --period 2037-02
wants 0 "Asia/Tokyo" as ana vouch report meeting-rate --period 2037-01-04..2037-01-04 --zone Asia/Tokyo
wants 0 "50.0 %" as ana vouch report meeting-rate --period 2037-01-04 --zone Asia/Tokyo
wants 0 "20.0 %" as tom vouch report close-rate

# Whose numbers.
wants 0 "Ana Sousa" as ana vouch report --by rep
wants 0 "team DACH" as mara vouch report --by rep
for who in ana mara; do
    if as "$who" vouch report --by rep | grep -q "Tom Rieke"; then fail "$who sees the numbers of another team"; fi
done
wants 0 "Nordics" as finn vouch report close-rate --by team
wants 0 "Tom Rieke" as rhea vouch report close-rate --by rep --received
wants 6 "whose numbers you may see" as ana vouch report --member "Tom Rieke"
wants 6 '`vouch members` shows' as mara vouch report --team Nordics
wants 0 "Tom Rieke" as rhea vouch report --member "Tom Rieke"

# What cannot be meant.
wants 2 "is no metric" as ana vouch report luck
wants 2 "--by is rep, team, source, segment or month" as ana vouch report --by weekday
wants 2 "cannot be had by that" as ana vouch report ask-rate --by source
wants 2 "is no period" as ana vouch report --period "last week"
wants 2 "has a day that there is not" as ana vouch report --period 2037-02-30
wants 2 "ends before it begins" as ana vouch report --period 2037-03-01..2037-02-01
wants 2 "is no time zone" as ana vouch report --zone Europe/Atlantis
wants 2 "--svg draws a funnel or a curve" as ana vouch report --svg "$home/x.svg"
wants 2 "cannot be written" as ana vouch report curve --svg "$home/no/where.svg"

# The same in CSV and JSON.
as rhea vouch report close-rate --csv >"$home/report.csv"
as rhea vouch report close-rate --json >"$home/report.json"
python3 - "$home/report.csv" "$home/report.json" <<'CHECK'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
page = json.load(open(sys.argv[2]))
assert [row["cohort"] for row in rows] == ["referrals", "leads"], rows
for row, told in zip(rows, page["rows"]):
    assert float(row["value"]) == int(told["value_ppm"]) / 1e6, (row, told)
    assert (row["numerator"], row["denominator"]) == (told["numerator"], told["denominator"]), (row, told)
    assert row["zone"] == page["zone"] == "Europe/Berlin" and row["period"] == "2037", row
    assert float(row["low"]) < float(row["value"]) < float(row["high"]), row
assert (rows[0]["numerator"], rows[0]["denominator"], rows[0]["value"]) == ("12", "24", "0.500000"), rows[0]
assert (rows[1]["numerator"], rows[1]["denominator"], rows[1]["value"]) == ("4", "20", "0.200000"), rows[1]
CHECK

# Pictures: whole documents that need nothing else.
wants 0 "opportunity" as rhea vouch report funnel
wants 0 "referrals" as rhea vouch report curve
wants 0 "a browser shows it" as rhea vouch report funnel --svg "$home/funnel.svg"
wants 0 "a browser shows it" as rhea vouch report curve --svg "$home/curve.svg"
as mara vouch report curve --svg "$home/few.svg" --period 2036
as otto vouch refer "Prospect 99" --to "Ana Sousa" --need archive --consent >/dev/null
as max vouch report funnel --svg "$home/long.svg" --period 2037-01-04..2037-12-31 --zone America/Argentina/ComodRivadavia
as rhea vouch report curve --svg "$home/odd.svg" --team "R&D <b>\"=1+1"
python3 - "$home"/funnel.svg "$home"/curve.svg "$home"/few.svg "$home"/odd.svg "$home"/long.svg <<'CHECK'
import sys, xml.etree.ElementTree as tree
SVG = "{http://www.w3.org/2000/svg}"
said = {}
for path in sys.argv[1:]:
    root = tree.parse(path).getroot()
    assert root.tag == SVG + "svg" and root.get("role") == "img", path
    said[path.rsplit("/", 1)[1]] = root.find(SVG + "desc").text
    assert root.find(SVG + "title").text
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert not names & {"script", "image", "foreignObject", "use", "a"}, names
    assert "http" not in open(path).read().replace("http://www.w3.org/2000/svg", ""), path
    box = [float(number) for number in root.get("viewBox").split()]
    for text in root.iter(SVG + "text"):
        assert 0 <= float(text.get("x")) <= box[2] and 0 <= float(text.get("y")) <= box[3], tree.tostring(text)
        assert len(text.text or "") <= 100 or text.get("textLength"), "cut off: " + text.text
assert "Of 24 referrals 50.0 % were won within 180 days" in said["curve.svg"], said
assert "Of 20 leads 20.0 %" in said["curve.svg"], said
assert "won 12" in said["funnel.svg"] and "Europe/Berlin" in said["funnel.svg"], said
assert "too few for a curve" in said["few.svg"], said
assert "team R&D <b>\"=1+1" in said["odd.svg"], said
CHECK

# The numbers stay when the broker starts again, and the check finds them right.
as rhea vouch report --csv >"$home/before.csv"
stop
wants 0 "" vouchd check --data "$home/store"
vouchd rebuild --data "$home/store" >/dev/null
start --clock manual
as rhea vouch report --csv >"$home/after.csv"
cmp <(cut -d, -f1-20 "$home/before.csv") <(cut -d, -f1-20 "$home/after.csv")
stop
