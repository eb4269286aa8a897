#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A plugin author's first minutes: the installed template is copied, built against the installation with
# CMake, with the C compiler alone and as C++, tested with its own tests (vouch-plugin-check is one of them), and
# described by the installed host.
# Usage: out_of_tree.sh BUILD-DIRECTORY
set -eu
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix

quietly() {
    "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
}

# Only what belongs to plugins: the rest of the tree may not be built.
quietly cmake --install "$build/plugins" --prefix "$prefix"
quietly cmake --install "$build/core/plugin" --prefix "$prefix"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name vouch-plugin.pc)")
export PKG_CONFIG_PATH
host=$(pkg-config --variable=host vouch-plugin)
flags=$(pkg-config --cflags vouch-plugin)

cp -r "$prefix/share/vouch/plugin-template" "$scratch/mine"
cd "$scratch/mine"
quietly cmake -B build -DCMAKE_PREFIX_PATH="$prefix"
quietly cmake --build build
quietly ctest --test-dir build --output-on-failure --no-tests=error
# shellcheck disable=SC2086 # flags are words
for kind in attribution matcher; do
    cc -std=c99 -Wall -Wextra -Wconversion -Werror -pedantic -shared -fPIC -fvisibility=hidden -O2 $flags $kind.c \
        -o my-$kind.so
done
printf '#include <vouch_plugin.h>\nint main() { return sizeof(vouch_plugin_descriptor) == 0; }\n' >plus.cc
if command -v c++ >/dev/null; then
    # shellcheck disable=SC2086
    c++ -std=c++11 -Wall -Wextra -Werror -pedantic $flags -c plus.cc -o plus.o
fi

# wants TEXT PLUGIN: what the host says of it contains the text.
wants() {
    "$host" --describe "$2" | grep -q -F "$1" || { echo "the host does not say '$1' of $2"; exit 1; }
}
for directory in build .; do
    wants 'my-attribution 1.0.0: all to the first touch' $directory/my-attribution.so
    wants 'weight (integer, 1 to 1000, default 1)' $directory/my-attribution.so
    wants 'issues, weight 10' $directory/my-matcher.so
done
for plugin in "$(pkg-config --variable=pluginsdir vouch-plugin)"/*.so; do
    wants 'plugin ABI' "$plugin"
done
echo "built with CMake and cc, tested and described, against $(pkg-config --modversion vouch-plugin)"
