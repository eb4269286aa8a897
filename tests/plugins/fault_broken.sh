#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files that are called .so and cannot be loaded, made from a good plugin: empty, cut off, and of another machine.
# Usage: fault_broken.sh PLUGIN.so DIRECTORY
set -eu
plugin=$1
cd "$2"
: >load_empty.so
head -c 4000 "$plugin" >load_truncated.so
cp "$plugin" load_machine.so
printf '\363\000' | dd of=load_machine.so bs=1 seek=18 conv=notrunc 2>/dev/null # e_machine: RISC-V
printf 'local plugin, in a language that nobody speaks here\n' >load_text.so
