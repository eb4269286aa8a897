#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# docs/rep-guide.md, "A week": every command of the walk, typed by the people of the page. This makes what the walk begins
# with: a broker in Berlin on a Monday morning, its people but for Ana, and what colleagues have done before.
#
# usage: rep_guide.sh BUILD_DIRECTORY [--write]
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
export TZ=Europe/Berlin NO_COLOR=1

join() {
    local line
    line=$(as rhea vouch invite "$2" --role "$3" --team DACH | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}

new_store --zone Europe/Berlin >/dev/null
start --clock manual
as rhea vouch clock set 2037-11-23T07:30Z >/dev/null
join max "Max Lutz" manager
join tom "Tom Rieke" rep
join lena "Lena Voss" rep
as tom vouch card set --issues archive,audit --industries banking --countries DE,AT \
    --describe "Tom archives what auditors ask for" >/dev/null
as tom vouch company add "Nordhamn" --kind client --domain nordhamn.example --country SE >/dev/null
as tom vouch company add "Nordhamn Ports" --kind client --parent Nordhamn --country SE >/dev/null
as lena vouch card set --issues backup --industries manufacturing --countries DE >/dev/null
mkdir "$home/desk"
cd "$home/desk"
as rhea vouch invite "Ana Sousa" --team DACH | grep -o "vouch://[^ ']*" | tail -n 1 >ana.join
/usr/bin/python3 "$here/guide.py" "$here/../../docs/rep-guide.md" "## A week" "${@:2}"
cd /
stop
wants 0 "clean:" vouchd check --data "$home/store"
