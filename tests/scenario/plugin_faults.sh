#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every fault of a plugin before a real broker: who wins a deal is told which plugin and why, nothing is recorded, the
# matcher answers as before, `vouch plugins` shows what happened; with a sound plugin the same deal is won. The plugin
# goes from one fault to the next by `vouch plugins reload`, under one broker.
. "$(dirname "$0")/lib.sh"
faults=$(cd "$1/tests/plugins" && pwd)
conf=$home/vouchd.conf

# What cannot be loaded, or (create_…) not be made, and what `vouch plugins` says of it; as many as a broker takes.
unloadable='
load_crash            was killed by SIGSEGV
load_exit             ended by itself with exit status 7
load_older_major      it is built for plugin ABI 0.0
load_newer_major      it is built for plugin ABI 2.0
load_newer_minor      it is built for plugin ABI 1.2
load_short_descriptor its descriptor has 24 bytes
load_no_symbol        it exports no symbol vouch_plugin
load_no_function      it has no create function
load_bad_default      share must be from 0 to 100, not 900
load_two_settings     setting share is there twice
'
unmade='
load_undefined        undefined symbol: vouch_author_forgot_this
load_needy            beside libc, a plugin may link libm, libgcc_s, libstdc++ and libgmp only
load_empty            is not a shared object
load_text             is not a shared object
load_truncated        is cut off or damaged
load_machine          is built for another machine
load_hang             was not ready within 5 s
create                nothing works today
create_crash          was killed by SIGSEGV
create_hang           was not ready within 5 s
create_exit           ended by itself with exit status 3
create_allocate       ran out of memory: its limit is 64 MiB
'
# What goes wrong in a call, and what who makes it is told.
wrong='
crash    was killed by SIGSEGV
recurse  was killed by SIGSEGV
overrun  was killed by SIGSEGV
abort    was killed by SIGABRT
exit     ended by itself with exit status 3
hang     gave no answer within its deadline
sleep    gave no answer within its deadline
allocate ran out of memory: its limit is 64 MiB
garbage  sent a packet that is no message
forge    answered what it was not asked
close    it is being restarted
negative party 2 has the negative weight -5
stranger party 424242 has no touch
twice    is there twice
overflow the sum of the weights is above 2^62
count    it counts
code     it answered with the unknown code 77
failed   line one line two
mute     it does not say why
'
# What the jail refuses; the plugin goes on and answers well.
tried='
fork   clone
exec   execve
shell  clone3
thread clone3
open   openat
socket socket
deaf   rt_sigaction
'

# What goes wrong in a matcher.
wrong_matches='
large         is 1000001 ppm
negative      is 4294867296 ppm
known         known 2
code          it answered with the unknown code 77
mute          it does not say why
overrun       was killed by SIGSEGV
wild_why      was killed by SIGSEGV
write_request was killed by SIGSEGV
'

# of_bad FAULT [EVERY [DEADLINE_MS]]: the configuration in which the plugin bad does that.
of_bad() {
    cat >"$conf" <<CONF
attribution = bad
plugin bad {
    path = $faults/fault_attribution.so
    deadline_ms = ${3:-10000}
    settings { fault = $1 every = ${2:-1} }
}
plugin twin {
    path = $faults/fault_attribution.so
}
CONF
}

become() {
    of_bad "$@"
    wants 0 "bad is reloaded" as rhea vouch plugins reload bad
}

deals=0
# deal [OPTION…]: one more referral, an opportunity of Tom's; its name in $deal.
deal() {
    deals=$((deals + 1))
    deal=R$deals
    as ana vouch refer "Company $deals" --need "archive" --vouch "They asked me." --consent --to "Tom Rieke" "$@"
    [ $# = 0 ] || as lena vouch introduce "$deal"
    as tom vouch accept "$deal"
    as tom vouch contacted "$deal" --evidence "called"
    as tom vouch met "$deal"
    as tom vouch opportunity "$deal"
} >>"$home/deals.txt"

win() {
    as tom vouch won "$deal" --value "48,000 EUR" --feedback "Signed." --timeout 20
}

# The win, and then the money, from which the commission accrues.
win_and_pay() {
    win
    as rhea vouch payment "$deal" "48,000 EUR" --ref "$deal"
}

# Who is shown in a line of `vouch plugins`, with what.
shows() {
    as rhea vouch plugins >"$home/plugins.txt"
    grep -F -- "$1" "$home/plugins.txt" | grep -qF -- "$2" || fail "no line has '$1' and '$2': $(cat "$home/plugins.txt")"
}

# The same, for what is on its way.
shows_soon() {
    local try
    for try in {1..200}; do
        as rhea vouch plugins | grep -- "^$1 " | grep -qF -- "$2" && return
    done
    fail "after $try looks no line has '$1' and '$2': $(as rhea vouch plugins)"
}

# loses CAUSE: the win must fail, with plugin and cause.
loses() {
    local got=0 output
    output=$(win 2>&1) || got=$?
    case "$got $output" in
    "7 "*"plugin bad "*"$1"*) ;;
    *) fail "$deal was not lost to plugin bad with '$1' but ended with $got: $output" ;;
    esac
}

matcher_answers() {
    wants 0 "Tom Rieke" as ana vouch match "$deal"
}

# Each of these is told apart, and the broker works without it.
load_all() {
    local name cause
    of_bad none
    while read -r name cause; do
        case $name in
        create*) echo "plugin $name { path = $faults/fault_attribution.so settings { fault = $name } }" ;;
        load*) echo "plugin $name { path = $faults/$name.so }" ;;
        esac
    done <<<"$1" >>"$conf"
    start --config "$conf"
    while read -r name cause; do
        [ -z "$name" ] || shows_soon "$name" "$cause"
    done <<<"$1"
    shows "twin" "ready"
    matcher_answers
    stop
}

new_store >"$home/init.txt"
start
for name in "Ana Sousa" "Tom Rieke" "Lena Voss"; do
    line=$(as rhea vouch invite "$name" | grep -o "vouch://[^']*")
    who=$(printf '%s' "${name%% *}" | tr '[:upper:]' '[:lower:]')
    as "$who" vouch join "$line" >"$home/join.txt"
done
as tom vouch card set --issues archive --industries banking --countries DE --city Munich --country DE >"$home/card.txt"
deal --via "Lena Voss" # two who made it possible
stop
load_all "$unloadable"
load_all "$unmade"
echo "plugin missing { path = $faults/missing.so }" >"$conf"
wants 6 "plugin missing: $faults/missing.so: No such file or directory" vouchd run --data "$home/store" --config "$conf"
echo "load and create: ok"

of_bad none
start --config "$conf"
pid=$broker
while read -r fault cause; do
    [ -n "$fault" ] || continue
    case $fault in
    hang | sleep) become "$fault" 1 200 ;;
    *) become "$fault" ;;
    esac
    loses "$cause"
    matcher_answers
    wants 0 "OPPORTUNITY" as tom vouch show "$deal"
    case $fault in
    failed | mute | close) ;; # an honest failure leaves no mark; a closed socket ends in one way or another
    count | code) wants 0 "$cause" as rhea vouch plugins log bad ;;
    *) shows "bad" "$cause" ;;
    esac
done <<<"$wrong"
shows "twin" "ready"
echo "calls: ok"

# While one hangs, others answer.
become hang 1 3000
win >"$home/win.txt" 2>&1 &
winning=$!
for _ in 1 2 3 4 5; do
    matcher_answers
done
kill -0 "$winning" 2>/dev/null || fail "five matches took longer than a call that hangs for 3 s"
wait "$winning" && fail "a hanging plugin won: $(cat "$home/win.txt")"
grep -q "gave no answer within its deadline" "$home/win.txt" || fail "$(cat "$home/win.txt")"
echo "others meanwhile: ok"

# Deaths open the breaker; a reload closes it.
become crash
for _ in 1 2 3 4; do
    loses "was killed by SIGSEGV (Segmentation fault); it is being restarted"
    shows_soon "bad" " ready"
done
loses "switched off after repeated deaths"
loses "is switched off; last: was killed by SIGSEGV"
shows "bad" "was killed by SIGSEGV"
become none
shows "bad" "ready"
win_and_pay >>"$home/deals.txt"
wants 0 "720.00 EUR" as ana vouch show "$deal"
echo "breaker and reload: ok"

# What the jail refuses is told, and the deal is won all the same.
while read -r fault call; do
    [ -n "$fault" ] || continue
    deal
    become "$fault"
    win_and_pay >>"$home/deals.txt"
    wants 0 "1,440.00 EUR" as ana vouch show "$deal"
    wants 0 "was refused the system call: $call" as rhea vouch plugins log bad
done <<<"$tried"
echo "refused calls: ok"

# Megabytes on standard output are no fault of the answer; the log keeps a part of them. Nor is time, within bounds.
for fault in print log slow leak random; do
    deal
    become "$fault" 1 10000
    win_and_pay >>"$home/deals.txt"
    wants 0 " EUR" as ana vouch show "$deal"
    shows "bad" "ready"
done

# One that crashes in every tenth call wins nine deals, loses the tenth, and wins it when it is tried again. The other
# instance of the same plugin knows nothing of it.
become crash 10
for _ in 1 2 3 4 5 6 7 8 9; do
    deal
    win >>"$home/deals.txt"
done
deal
loses "was killed by SIGSEGV"
shows_soon "bad" " ready"
win >>"$home/deals.txt"
shows "twin" "ready"
echo "every tenth: ok"

# The same of a matcher in the place of the usual one, and this time it is the attribution that goes on.
while read -r fault cause; do
    [ -n "$fault" ] || continue
    of_bad none
    cat >>"$conf" <<CONF
plugin ideal-client {
    path = $faults/fault_matcher.so
    deadline_ms = 5000
    settings { fault = $fault }
}
CONF
    wants 0 "ideal-client is reloaded" as rhea vouch plugins reload ideal-client
    deal
    wants 7 "plugin ideal-client " as ana vouch match "$deal"
    wants 7 "$cause" as ana vouch match "$deal"
    win >>"$home/deals.txt"
done <<<"$wrong_matches"
of_bad none
wants 0 "ideal-client is reloaded" as rhea vouch plugins reload ideal-client
deal
matcher_answers
echo "matches: ok"

# The store, from the inside.
cat >"$conf" <<CONF
attribution = bad
plugin bad {
    path = $faults/probe.so
    settings { store = "$home/store" }
}
CONF
deal
wants 0 "bad is reloaded" as rhea vouch plugins reload bad
loses "not refused: none"
for try in store:open store:openat store:stat store:descriptors open socket connect execve ptrace kill-parent; do
    as rhea vouch plugins log bad | grep "says: call " | grep -q " $try=EPERM" || fail "$try: $(as rhea vouch plugins log bad)"
done
matcher_answers
[ "$pid" = "$broker" ] && kill -0 "$broker" || fail "the broker is another one"
stop
wants 0 "clean:" vouchd check --data "$home/store"
