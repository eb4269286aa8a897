#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Files that are none, or not whole: each is refused with a sentence and leaves nothing behind, also of a CRM of four files.
# A pipe is as good as a file. An import whose client and broker are killed again and again ends as one that nobody
# disturbed.
. "$(dirname "$0")/lib.sh"
export TZ=UTC XDG_STATE_HOME=$home/state

begin() { # STORE: a store of its own, and Ana
    export XDG_CONFIG_HOME=$home/$1/config
    store=$home/$1/store
    mkdir "$home/$1"
    vouchd init --clock manual:1795417200000 --company "Northgate Storage" --domain northgate.example \
        --admin "Rhea Holt" --profile rhea --data "$store" --listen "tcp://127.0.0.1:$port" --zone UTC >/dev/null
    start --clock manual
    as ana vouch join "$(as rhea vouch invite "Ana Sousa" --role rep | grep -o "vouch://[^ ']*" | tail -n 1)" >/dev/null
}
import() { as ana vouch import contacts "$@"; }

begin one
cd "$home"
wants 2 "cannot read $home: Is a directory" import "$home"
wants 2 "the file is empty" import /dev/null
ln -s loop loop
wants 2 "symbolic links" import loop
printf 'Name,Email\nA\0B,a@x.example\n' | iconv -t UTF-16 >nul.csv
wants 2 "is a NUL" import nul.csv
printf 'Name,Email\nAB,a@x.example\n' | iconv -t UTF-16LE | head -c -1 >cut.csv
wants 2 "nothing was imported" import cut.csv
printf '\377\376N\0a\0m\0e\0\n\0\0\330A\0' >surrogate.csv
wants 2 "is no UTF-16LE" import surrogate.csv
printf 'Name,Email\nJ\303,a@x.example\n' >bytes.csv
wants 2 "byte 13 (0xC3) is no UTF-8" import bytes.csv --encoding UTF-8
wants 2 '"KLINGON" is no encoding' import bytes.csv --encoding KLINGON
printf 'Name,Email\nWide,w@x.example%09998d\n' 0 | tr 0 , >wide.csv
wants 2 "line 2 has more than 1000 columns" import wide.csv
wants 0 "nobody" as ana vouch contact list
mkfifo pipe
printf 'Name,Email\nFi Fo,fifo@x.example\n' >pipe &
wants 0 "1 new" import pipe

# A CRM: nothing of it is done before all of it was read.
mkdir crm
crm() {
    printf 'account,sector,employees,office_location,subsidiary_of\nAlder,retail,5,Germany,Beech\nBeech,retail,5,Germany,Alder\n' >crm/accounts.csv
    printf 'sales_agent,manager,regional_office\nSam,Mo,East\n' >crm/sales_teams.csv
    printf 'product\nBox\n' >crm/products.csv
    printf 'opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n%s\n' \
        1,Sam,Box,Alder,Won,2017-02-01,2017-03-01,100 2,Sam,Box,Alder,Won,2017-02-30,2017-03-01,100 \
        3,Sam,Box,Alder,Won,2017-02-01,2017-03-01,-5 >crm/sales_pipeline.csv
}
crm
printf 'B\374ro,retail,5,Germany,\n' >>crm/accounts.csv
wants 2 "accounts.csv is no text in UTF-8: byte" as rhea vouch import crm crm
crm
printf '4,Sam,Box\0,Alder,Lost,,,\n' >>crm/sales_pipeline.csv
wants 2 "is a NUL" as rhea vouch import crm crm
crm
printf '%010000d\n' 0 | tr 0 , >>crm/products.csv
wants 2 "has more than 1000 columns" as rhea vouch import crm crm
crm
truncate -s 1G crm/products.csv
wants 2 "is larger than 256 MiB" as rhea vouch import crm crm
crm
rm crm/products.csv
mkdir crm/products.csv
wants 2 "Is a directory" as rhea vouch import crm crm
rmdir crm/products.csv
[ "$(as rhea vouch company list --json | grep -c '"name"')" -eq 1 ] || fail "a CRM was half imported"
crm
wants 0 '"Alder" would be part of itself' as rhea vouch import crm crm --dry-run
wants 0 "a date is none; skipped" as rhea vouch import crm crm --dry-run
wants 0 "1 new, 0 known already, 0 refused" as rhea vouch import crm crm

# 2,000 people: once undisturbed, once with everything killed.
awk 'BEGIN { print "Name,Email,Company"; for (i = 0; i < 2000; i++)
    printf "Person %d,p%d@firm%d.example,Firm%d\n", i, i % 1900, i % 50, i % 50 }' >large.csv
people() { # what there is, whatever its numbers
    as ana vouch export "$1" >/dev/null
    cut -d, -f 1-5 "$1/people.csv" | LC_ALL=C sort
}
stop
begin two
import large.csv >/dev/null
people "$home/undisturbed" >undisturbed.txt
stop
begin three
commands() { as rhea vouch stats | sed -n 's/^commands  *//p' | tr -d ,; }
for ((i = 1; i <= 4; i++)); do
    VOUCH_PROFILE=ana vouch import contacts large.csv >out 2>&1 &
    importing=$!
    from=$(commands)
    until ! kill -0 "$importing" 2>/dev/null || [ "$(commands)" -gt $((from + 200)) ]; do :; done
    if ((i % 2)); then
        kill -9 "$importing" 2>/dev/null || true
        wait "$importing" || true
    else
        stop -KILL 137
        start --clock manual
        wait "$importing" || true
    fi
done
import large.csv >/dev/null
wants 0 "0 new, 1,900 already known, 100 skipped" import large.csv
people "$home/disturbed" >disturbed.txt
cmp undisturbed.txt disturbed.txt || fail "an import that was disturbed ends otherwise"
[ "$(wc -l <disturbed.txt)" -gt 1900 ] || fail "not all are there"
stop
wants 0 "clean" vouchd check --data "$store"
echo "files: whole, or not at all"
