#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A plugin author's first minutes: the template is copied to a scratch directory and built against an installation, with
# CMake, with the C compiler alone and as C++, and described by the installed host.
# Usage: out_of_tree.sh BUILD-DIRECTORY SOURCE-DIRECTORY
set -eu
build=$1
source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix

# Only what belongs to plugins: the rest of the tree may not be built.
cmake --install "$build/plugins" --prefix "$prefix" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
cmake --install "$build/core/plugin" --prefix "$prefix" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
sed -i "s|^prefix=.*|prefix=$prefix|" "$(find "$prefix" -name vouch-plugin.pc)" # installed with another prefix
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name vouch-plugin.pc)")
export PKG_CONFIG_PATH
host=$(pkg-config --variable=host vouch-plugin)

cp -r "$source/plugins/template" "$scratch/mine"
cd "$scratch/mine"
cmake -B build -DCMAKE_PREFIX_PATH="$prefix" >"$scratch/log" && cmake --build build >>"$scratch/log" ||
    { cat "$scratch/log"; exit 1; }
# shellcheck disable=SC2046 # flags are words
cc -std=c99 -Wall -Wextra -Werror -pedantic -shared -fPIC -fvisibility=hidden -O2 \
    $(pkg-config --cflags vouch-plugin) first_touch.c -o first_touch.so
printf '#include <vouch_plugin.h>\nint main() { return sizeof(vouch_plugin_descriptor) == 0; }\n' >plus.cc
if command -v c++ >/dev/null; then
    # shellcheck disable=SC2046
    c++ -std=c++11 -Wall -Wextra -Werror -pedantic $(pkg-config --cflags vouch-plugin) -c plus.cc -o plus.o
fi

for plugin in build/first_touch.so first_touch.so; do
    "$host" --describe "$plugin" | grep -q '^first-touch 1.0.0: all to the first touch$'
    "$host" --describe "$plugin" | grep -q 'weight (integer, 1 to 1000, default 1)'
done
for plugin in "$(pkg-config --variable=pluginsdir vouch-plugin)"/*.so; do
    "$host" --describe "$plugin" >/dev/null
done
echo "built with CMake and cc, described, against $(pkg-config --modversion vouch-plugin)"
