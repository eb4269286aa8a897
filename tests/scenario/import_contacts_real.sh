#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every address book of the data sets through a real broker: dry run, import, import again. What the dry run said is what
# was done, and the second time nothing is. Arguments: build directory, the folder of the data sets (skipped with 77
# without it).
data=$2
[ -d "$data/contact-exports" ] || {
    echo "$data/contact-exports is not there: skipped"
    exit 77
}
. "$(dirname "$0")/lib.sh"
export XDG_STATE_HOME=$home/state
new_store >/dev/null
start
export VOUCH_PROFILE=rhea

number() { # of a field of a report
    sed -n "s/^  \"$2\": \([0-9]*\),*$/\1/p" "$1"
}

books=0 people=0 refused=0
while IFS= read -r -d '' book; do
    code=0
    vouch import contacts "$book" --dry-run --json >"$home/dry" 2>"$home/why" || code=$?
    if [ "$code" -ne 0 ]; then
        [ "$code" -eq 2 ] || fail "$book: exit $code: $(cat "$home/why")"
        grep -q "nothing was imported: ...................." "$home/why" || fail "$book: no reason: $(cat "$home/why")"
        refused=$((refused + 1))
        continue
    fi
    vouch import contacts "$book" --json >"$home/first" || fail "$book: $(cat "$home/first")"
    for field in people new known; do
        [ "$(number "$home/dry" $field)" = "$(number "$home/first" $field)" ] ||
            fail "$book: $field is not as the dry run said: $(cat "$home/dry" "$home/first")"
    done
    vouch import contacts "$book" --json >"$home/second" || fail "$book: $(cat "$home/second")"
    [ "$(number "$home/second" new)$(number "$home/second" filled_in)" = 00 ] ||
        fail "$book: the second time was not the same: $(cat "$home/second")"
    books=$((books + 1))
    people=$((people + $(number "$home/first" new)))
done < <(find "$data/contact-exports" "$data/contacts-thunderbird" "$data/vcards" -name '*.[cv][sc][vf]' -print0 -o \
    -name '*.ldif' -print0 | LC_ALL=C sort -z)

[ "$books" -ge 40 ] || fail "only $books address books"
[ "$refused" -eq 2 ] || fail "$refused files were refused, not LinkedIn's messages and the table of two separators"
[ "$(vouch contact list --json | grep -c '"personal"')" -eq "$people" ] || fail "the broker has not $people people"
stop
vouchd check --data "$home/store" >"$home/check" 2>&1 || fail "$(cat "$home/check")"
echo "$books address books, $people people: ok"
