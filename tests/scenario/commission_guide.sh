#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# docs/commission.md, "A month, from terms to payout file": every command of the walk, typed by the people of the page.
# This makes what the walk begins with: a broker, its people, and a referral that is about to be won.
#
# usage: commission_guide.sh BUILD_DIRECTORY [--write]
here=$(cd "$(dirname "$0")" && pwd)
. "$here/commission_world.sh"
open_books
worked ana tom "Kestrel Bank" --via lena
mkdir "$home/desk"
cd "$home/desk"
/usr/bin/python3 "$here/guide.py" "$here/../../docs/commission.md" "## A month, from terms to payout file" "${@:2}"
close_books
