#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The list of the day as a mail: whatever stands in names and subjects, Python's strict reader of mail finds the same
# text again; it arrives whole or not at all, and once a day where that is wanted.
. "$(dirname "$0")/lib.sh"
export TZ=America/New_York

new_store --zone Europe/Berlin
start --clock manual
as rhea vouch clock set 2037-11-23T23:30Z # in Berlin it is the 24th
join() {
    local line
    line=$(as rhea vouch invite "$2" --role rep | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
join ana 'Ána "Ace" Søusa-Müller, née O'\''Brian \ 長い名前のひと'
join tom "Tom Rieke"
as ana vouch company add "Ünïversal = Ärchiv & Söhne, GmbH € 漢字かな交じり文 — eine sehr lange Firma, deren Name über jede Zeile geht" \
    --domain long.example >/dev/null
as ana vouch company add "From the top" --domain from.example >/dev/null
as ana vouch company add '=?UTF-8?Q?not_encoded?=' --domain trick.example >/dev/null
for company in "Ünïversal" "From the top" "=?UTF-8?Q?not_encoded?="; do
    as tom vouch refer "$company" --vouch "well known" --consent --to "Ána" >/dev/null
done

cat >"$home/read.py" <<'PY'
"""Reads a mail strictly and prints what is in it; anything that is not as it should be ends this with a fault."""
import email, email.header, email.policy, sys
raw = open(sys.argv[1], "rb").read()
crlf = sys.argv[2] == "crlf"
lines = raw.split(b"\r\n" if crlf else b"\n")
assert crlf or b"\r" not in raw, "a line ends with CR"
assert lines[-1] == b"", "the last line has no end"
assert all(len(line) <= 76 for line in lines), max(lines, key=len)
assert all(32 <= byte < 127 or byte == 9 for line in lines for byte in line), "bytes that are no plain text"
mail = email.message_from_bytes(raw, policy=email.policy.default.clone(raise_on_defect=True))
assert not mail.defects, mail.defects
for name in ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted"):
    assert len(mail.get_all(name)) == 1, name
    assert not mail[name].defects, (name, mail[name].defects)
assert mail.get_content_charset() == "utf-8"
print("date", mail["Date"].datetime.isoformat())
# Of a name in several encoded words the strict reader makes one with more spaces; the old one does not.
name = email.header.decode_header(email.message_from_bytes(raw)["To"].replace("\r", "").replace("\n", ""))
print("to", str(email.header.make_header(name)).split("<")[0].strip().strip('"'), mail["To"].addresses[0].addr_spec)
print("from", mail["From"].addresses[0].addr_spec)
print("subject", mail["Subject"])
print("id", mail["Message-ID"])
sys.stdout.write(mail.get_content().replace("\r\n", "\n"))
PY
read_mail() { /usr/bin/python3 "$home/read.py" "$1" "$2" >"$home/got" || fail "$1 is no mail"; }

# The text as it is, and the same out of a mail.
as ana vouch digest >"$home/text"
grep -q "^Tue 24 Nov, Ána" "$home/text" || fail "the day is not Berlin's: $(head -n 1 "$home/text")"
as ana vouch digest --eml "$home/day.eml" --to ana@northgate.example >/dev/null
read_mail "$home/day.eml" crlf
tail -n +6 "$home/got" | diff - "$home/text" || fail "the mail says something else"
grep -qx "date 2037-11-24T00:30:00+01:00" "$home/got" || fail "$(head -n 1 "$home/got")"
grep -qxF 'to Ána "Ace" Søusa-Müller, née O'\''Brian \ 長い名前のひと ana@northgate.example' "$home/got" || fail "$(sed -n 2p "$home/got")"
grep -q "^subject vouch: 3 things, Tue 24 Nov, first: " "$home/got" || fail "$(sed -n 4p "$home/got")"
as tom vouch digest --eml "$home/none.eml" --to Tom@Bücher.example --from noreply@northgate.example >/dev/null
read_mail "$home/none.eml" crlf
grep -qx "to Tom Rieke tom@xn--bcher-kva.example" "$home/got" || fail "$(sed -n 2p "$home/got")"
grep -qx "from noreply@northgate.example" "$home/got" || fail "$(sed -n 3p "$home/got")"

# A header is nothing that an argument can add to.
for address in "ana" "a b@x.example" $'ana@x.example\nBcc: eve@x.example' "ana@x.example>, <eve@x.example" "@x.example" ""; do
    wants 2 "is no e-mail address" as ana vouch digest --eml "$home/bad.eml" --to "$address"
done
[ ! -e "$home/bad.eml" ] || fail "a mail to nobody was written"
wants 2 "say whom the mail goes to" as ana vouch digest --eml "$home/bad.eml"
wants 2 "one of --text" as ana vouch digest --text --eml "$home/bad.eml" --to ana@x.example
wants 2 "--once is for" as ana vouch digest --once

# A maildir, which other programs read from "new"; with --once one a day.
send() { as ana vouch digest --maildir "$home/mail" --to ana@northgate.example "$@"; }
send >/dev/null
send >/dev/null
[ "$(ls "$home/mail/new" | wc -l)" -eq 2 ] || fail "two are not two"
read_mail "$home/mail/new/$(ls "$home/mail/new" | head -n 1)" lf
rm -r "$home/mail"
wants 0 "put into the maildir" send --once
wants 0 "has gone to ana@northgate.example already" send --once
rm "$XDG_CONFIG_HOME/vouch/ana.key.digest" # even when that is forgotten the maildir knows
wants 0 "put into the maildir" send --once
[ "$(ls "$home/mail/new" | wc -l)" -eq 1 ] || fail "it came twice in a day"
[ -z "$(ls "$home/mail/tmp")" ] || fail "something was left in tmp"
senders=()
for _ in 1 2 3 4; do
    send --once >/dev/null &
    senders+=($!)
done
wait "${senders[@]}"
[ "$(ls "$home/mail/new" | wc -l)" -eq 1 ] || fail "several at once came several times"
as rhea vouch clock set 2037-11-24T23:30Z
wants 0 "put into the maildir" send --once
[ "$(ls "$home/mail/new" | wc -l)" -eq 2 ] || fail "the next day's did not come"
wants 7 "cannot make" as ana vouch digest --maildir "$home/day.eml/x" --to ana@northgate.example

# A command; what it does not take counts as not sent.
as ana vouch digest --pipe "cat >'$home/piped'" --to ana@northgate.example >/dev/null
read_mail "$home/piped" lf
wants 7 "ended with 3" as ana vouch digest --pipe "exit 3" --to ana@northgate.example --once
wants 0 "given to the command" as ana vouch digest --pipe "cat >/dev/null" --to ana@northgate.example --once
wants 0 "nothing was sent" as ana vouch digest --pipe "cat >/dev/null" --to ana@northgate.example --once
stop
echo "digest: the same text again out of every mail"
