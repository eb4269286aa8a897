#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An operator's broker: made once, run once, checked and copied while it runs, started from the copy.
. "$(dirname "$0")/lib.sh"

wants 0 "vouchd 0." vouchd --version
wants 2 "is no verb" vouchd runn
wants 6 "there is no option" vouchd run --colour blue
wants 2 "tell who runs this broker" vouchd init --data "$home/store"
wants 2 "time zone" vouchd init --company A --admin B --zone Mars/Olympus --data "$home/store"

wants 2 "is no domain" new_store --domain co.uk
wants 0 "server key" new_store --domain https://WWW.Northgate.example/
wants 5 "exists" new_store
wants 5 "there is a store in" new_store --profile other
wants 6 "there is no store in" vouchd check --data "$home/nowhere"

start
wants 0 "Rhea Holt" as rhea vouch whoami
wants 5 "is open in process $broker" vouchd run --data "$home/store" --listen "tcp://127.0.0.1:*"
as rhea vouch company add "Kestrel Bank" --domain kestrel.example
wants 5 "Northgate Storage" as rhea vouch company add "Northgate" --domain northgate.example
wants 0 "clean:" vouchd check --data "$home/store"
wants 0 "copied to" vouchd backup "$home/copy" --data "$home/store"
wants 5 "exists already" vouchd backup "$home/copy" --data "$home/store"
as rhea vouch company add "Orrin Foods"
kill -HUP "$broker"
stop
grep -q "settings reread" "$home/broker.log" || fail "SIGHUP was not answered"

wants 0 "the same, byte for byte" vouchd rebuild --data "$home/store"
wants 0 "made anew" vouchd rebuild --replace --data "$home/store"
wants 0 "clean:" vouchd check --data "$home/store"

store=$home/copy
start
wants 0 "Kestrel Bank" as rhea vouch company list
case $(as rhea vouch company list) in
*Orrin*) fail "the copy knows what came after it" ;;
esac
stop
chmod 644 "$home/copy/server.key"
wants 4 "chmod 600" vouchd run --data "$home/copy"
