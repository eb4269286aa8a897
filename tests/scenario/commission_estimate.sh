#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Who makes referrals succeed: three referrals over three people, one of them won, as the models see it; what a pool
# would come to; who may ask; and that nothing is paid by it. A chain that overrides pays on top of the pool.
. "$(dirname "$0")/lib.sh"
conf=$home/vouchd.conf
plugins=$(cd "$1/lib/vouch/plugins" && pwd)
cat >"$conf" <<CONF
attribution = ontop
plugin ontop {
    path = $plugins/chain.so
    settings { mode = "override" denominator = "4" }
}
plugin markov {
    path = $plugins/markov.so
}
plugin shapley {
    path = $plugins/shapley.so
}
plugin rate {
    path = $plugins/shapley.so
    settings { model = "rate" }
}
CONF

new_store
start --config "$conf"
join() { # PROFILE NAME ROLE
    local line
    line=$(as rhea vouch invite "$2" --role "$3" | grep -o "vouch://[^ ']*" | tail -n 1)
    as "$1" vouch join "$line" >/dev/null
}
join finn "Finn Berg" finance
join ana "Ana Sousa" rep
join ben "Ben Adler" rep
join cleo "Cleo Hart" rep
join tom "Tom Rieke" rep

deal() { # PROFILE COMPANY [HELPER…]: the next referral, at an opportunity of Tom's; its name in $deal
    local who=$1 company=$2
    shift 2
    deal=$(as "$who" vouch refer "$company" --need archive --vouch "They asked me." --consent --to "Tom Rieke" |
        grep -o '^R[0-9]*' | head -n 1)
    as tom vouch accept "$deal" >/dev/null
    as tom vouch contacted "$deal" --evidence called >/dev/null
    as tom vouch met "$deal" >/dev/null
    as tom vouch opportunity "$deal" >/dev/null
    for helper in "$@"; do
        as tom vouch credit "$deal" "$helper" --for handover --note "passed it on" >/dev/null
    done
}

wants 6 "no referral of this broker was won or lost" as finn vouch commission estimate --plugin markov --currency EUR

# Ana > Ben > Cleo is won, Ana is lost, Ben > Cleo is lost: the vector V10.
deal ana "Alder Works" "Ben Adler" "Cleo Hart"
as tom vouch won "$deal" --value "10,000 EUR" --feedback "Signed." >/dev/null
won=$deal
deal ana "Birch Works"
as tom vouch lost "$deal" --reason "no money" --feedback "Next year." >/dev/null
deal ben "Cedar Works" "Cleo Hart"
as tom vouch lost "$deal" --reason "no money" --feedback "Next year." >/dev/null

pool=(--pool "1,000 EUR")
wants 0 "by markov 1.0.0 over 1 won and 2 lost referrals, which went 3 different ways; 10,000.00 EUR won" \
    as finn vouch commission estimate --plugin markov "${pool[@]}"
wants 0 "Ben Adler    1     1      1       2  40.0 %   400.00 EUR" as finn vouch commission estimate --plugin markov \
    "${pool[@]}"
wants 0 "Ana Sousa    1     1    1/2       1  20.0 %   200.00 EUR" as finn vouch commission estimate --plugin markov \
    "${pool[@]}"
wants 0 "333.34 EUR" as finn vouch commission estimate --plugin shapley "${pool[@]}"
wants 0 "by shapley 1.0.0" as finn vouch commission estimate --plugin rate --currency EUR
one=$(as finn vouch commission estimate --plugin markov --currency EUR | grep '^history')
two=$(as rhea vouch commission estimate --plugin shapley --currency EUR | grep '^history')
[ "${one% *}" = "${two% *}" ] || fail "another digest of the same history: $one, $two"
wants 0 '"raw_denominator": "2"' as finn vouch commission estimate --plugin markov --currency EUR --json

# Refusals: role, plugin, currency, time.
wants 4 "not for your role" as ana vouch commission estimate --plugin markov --currency EUR
wants 7 "no attribution plugin named 'linear' is configured" as finn vouch commission estimate --plugin linear \
    --currency EUR
wants 7 "does not estimate over history" as finn vouch commission estimate --plugin ontop --currency EUR
wants 2 "XAU is no currency" as finn vouch commission estimate --plugin markov --currency XAU
wants 2 "of which currency?" as finn vouch commission estimate --plugin markov
wants 2 "which model?" as finn vouch commission estimate --currency EUR
wants 2 "--from is a day" as finn vouch commission estimate --plugin markov --currency EUR --from yesterday
wants 2 "ends before it begins" as finn vouch commission estimate --plugin markov --currency EUR --from 2020-01-02 \
    --until 2020-01-01
wants 6 "no referral of this broker was won or lost" as finn vouch commission estimate --plugin markov --currency EUR \
    --until 2020-01-01

# Nothing was paid by it. The chain pays Cleo the pool of 300 EUR, Ben a quarter of it beside, Ana a quarter of that.
wants 0 "0.00 EUR accrued  Cleo Hart" as finn vouch show "$won"
wants 0 "$won" as finn vouch payment "$won" "10,000 EUR" --ref i-1
wants 0 "300.00 EUR accrued  Cleo Hart" as finn vouch show "$won"
wants 0 "75.00 EUR accrued  Ben Adler" as finn vouch show "$won"
wants 0 "18.75 EUR accrued  Ana Sousa" as finn vouch show "$won"
stop
