#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Help, man page and completion know the same verbs and options, and the man page the same exit codes as the table of
# statuses. usage: test_cli_verbs.sh VOUCH SOURCE-DIRECTORY
set -euo pipefail
vouch=$1
source=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/vouch-verbs-XXXXXX")
trap 'rm -rf "$work"' EXIT
man=$source/docs/man/vouch.1.scd

same() {
    if ! diff -u "$1" "$2"; then
        echo "FAILED: $3"
        exit 1
    fi
}

"$vouch" help | sed -n '/^Joining/,/^With every verb/p' | sed -n 's/^  \([a-z-]*\) .*/\1/p' | sort >"$work/help"
[ "$(wc -l <"$work/help")" -gt 30 ]

sed -n '/^# VERBS/,/^# OPTIONS/p' "$man" | sed -n 's/^\*\([a-z-]*\)\*.*/\1/p' | sort -u >"$work/man"
same "$work/help" "$work/man" "help and man page name different verbs"

# What bash offers after "vouch ".
cat >"$work/complete" <<'BASH'
eval "$("$1" completion bash)"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_vouch
printf '%s\n' "${COMPREPLY[@]}"
BASH
bash "$work/complete" "$vouch" vouch "" | sort >"$work/bash"
same "$work/help" "$work/bash" "help and bash completion name different verbs"
[ "$(bash "$work/complete" "$vouch" vouch wi)" = withdraw ]
[ "$(bash "$work/complete" "$vouch" vouch --profile x won R1 --v)" = --value ]

"$vouch" completion zsh | sed -n "s/^        '\([a-z-]*\):.*/\1/p" | sort >"$work/zsh"
same "$work/help" "$work/zsh" "help and zsh completion name different verbs"
if command -v zsh >/dev/null; then
    "$vouch" completion zsh >"$work/_vouch"
    zsh -n "$work/_vouch"
fi

# Every option of every verb is in the man page, and in the verb's completion.
common=$("$vouch" help | sed -n '/^With every verb/,$s/^  \(--[a-z-]*\).*/\1/p' | sort)
while read -r verb; do
    "$vouch" help "$verb" | sed -n '/^Options:/,/^With every verb/s/^  \(--[a-z-]*\).*/\1/p' | sort >"$work/options"
    while read -r option; do
        grep -q -E "\*$option( [a-z]+)?\*" "$man" || {
            echo "FAILED: the man page does not know $option of $verb"
            exit 1
        }
    done <"$work/options"
    printf '%s\n' "$common" | sort - "$work/options" | sed '/^$/d' >"$work/wanted"
    bash "$work/complete" "$vouch" vouch "$verb" -- | sort >"$work/offered"
    same "$work/wanted" "$work/offered" "bash completion of $verb"
done <"$work/help"

# Exit codes: those of the tables and our own, no others.
{
    sed -n 's/^STATUS([A-Z_]*, [0-9]*, \([0-9]*\),.*/\1/p' "$source/proto/status.def"
    sed -n 's/^FAILURE([A-Z_]*, [0-9]*, \([0-9]*\),.*/\1/p' "$source/clients/lib/failure.def"
    printf '2\n10\n'
} | sort -n -u >"$work/codes"
sed -n '/^# EXIT STATUS/,/^# FILES/s/^[[|]*[ ]*\*\([0-9]*\)\*$/\1/p' "$man" | sort -n >"$work/man-codes"
same "$work/codes" "$work/man-codes" "exit codes of the man page"
