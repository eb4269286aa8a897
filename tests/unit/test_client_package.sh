#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# libvouch as a stranger uses it: installed alone into an empty prefix, found by pkg-config and by CMake, linked into a C
# and (where there is a compiler) a C++ program, shared and static. Nothing but the API may be visible.
# usage: test_client_package.sh BUILD-DIRECTORY
set -euo pipefail
build=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/vouch-package-XXXXXX")
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --component libvouch --prefix "$work/prefix" >"$work/install.log"
pc=$(find "$work/prefix" -name vouch.pc)
sed -i "s|^prefix=.*|prefix=$work/prefix|" "$pc" # as a package that is moved does
libdir=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=$libdir/pkgconfig

cat >"$work/program.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <vouch.h>

int main(void)
{
    struct vouch_identity identity;
    memset(&identity, 7, sizeof identity);
    identity.endpoint = "127.0.0.1:1";
    struct vouch *v = vouch_open(&identity, "package test");
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_WHOAMI;
    request.whoami = &whoami;
    int outcome = vouch_call(v, &request, 100, NULL);
    printf("%s %s\n", vouch_version(), vouch_outcome_name(outcome));
    vouch_close(&v);
    return outcome == VOUCH_UNREACHABLE ? 0 : 1;
}
C
cp "$work/program.c" "$work/program.cc"

flags=$(pkg-config --cflags --libs vouch)
static=$(pkg-config --static --cflags --libs vouch)
# shellcheck disable=SC2086 # several words are meant
{
    cc -Wall -Wextra -Werror "$work/program.c" -o "$work/shared" $flags -Wl,-rpath,"$libdir"
    cc "$work/program.c" -o "$work/static" "$libdir/libvouch.a" ${static//-lvouch/}
}
"$work/shared"
"$work/static"
if command -v c++ >/dev/null; then
    # shellcheck disable=SC2086
    c++ -Wall -Wextra "$work/program.cc" -o "$work/cpp" $flags -Wl,-rpath,"$libdir"
    "$work/cpp"
else
    echo "no C++ compiler here: the header is tested with C only"
fi

mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(program LANGUAGES C)
find_package(vouch REQUIRED)
foreach(kind vouch vouch-static)
  add_executable(with-${kind} ../program.c)
  target_link_libraries(with-${kind} PRIVATE vouch::${kind})
endforeach()
CMAKE
cmake -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/cmake.log"
cmake --build "$work/project/build" >>"$work/cmake.log"
"$work/project/build/with-vouch"
"$work/project/build/with-vouch-static"

others=$(nm -D --defined-only "$libdir/libvouch.so" | awk '{ print $3 }' | grep -v -E '^(vouch_|VOUCH_)' || true)
others+=$(nm --defined-only --extern-only "$libdir/libvouch.a" | awk 'NF == 3 { print $3 }' | grep -v '^vouch_' || true)
if [ -n "$others" ]; then
    echo "visible beside the API: $others"
    exit 1
fi
# Every function that the header declares is there.
declared=$(grep -o -E '\bvouch_[a-z_]+\(' "$work/prefix/include/vouch.h" | tr -d '(' | sort -u)
defined=$(nm -D --defined-only "$libdir/libvouch.so") # whole: nm must not write to a grep that has ended
for function in $declared; do
    grep -q -E " T $function(@|$)" <<<"$defined" || {
        echo "$function is declared and not there"
        exit 1
    }
done
