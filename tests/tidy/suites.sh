# SPDX-License-Identifier: Apache-2.0
#
# `./dev test`: every suite in every build, and the proof that each test that exists was run. A test labelled `once`
# runs in the debug build only: its subject is not memory or threads, or it takes long.

passed=0
failed=0
skipped=0

# step <function> [<argument>...]: one check of its own.
step() {
    if "$@"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED: $*"
    fi
}

# The tests inside the Criterion executables of a build, as they list themselves.
count_listed() {
    local build=$1 total=0 test count
    for test in "$build"/tests/test_*; do
        [ -x "$test" ] || continue
        count=$("$test" --list 2>/dev/null | grep -cE '^[|`]-- ' || true)
        total=$((total + count))
    done
    echo "$total"
}

# Sums one number of Criterion's closing lines in CTest's log: Tested, Passing, Failing, Crashing.
sum_synthesis() {
    grep -aoE "Synthesis: Tested: .*" "$1" | grep -oE "$2: [0-9]+" | awk '{ sum += $2 } END { print sum + 0 }'
}

# suite <preset> [<ctest argument>...]
suite() {
    local preset=$1 build=build/$1 log before after
    shift
    configure_and_build "$preset" || { failed=$((failed + 1)); return; }
    say "tests in $build"
    log=$build/Testing/Temporary/LastTest.log
    local listed exist tests_run good bad tested passing
    listed=$(count_listed "$build")
    exist=$(ctest --test-dir "$build" -N "$@" | awk '/^Total Tests:/ { print $3 }')
    ctest --test-dir "$build" -j 2 --output-on-failure --output-junit junit.xml "$@" || true
    tests_run=$(grep -oE 'tests="[0-9]+"' "$build/junit.xml" | head -n 1 | tr -dc 0-9)
    bad=$(grep -cE '<testcase .*status="fail"' "$build/junit.xml" || true)
    local disabled
    disabled=$(grep -cE '<testcase .*status="(disabled|notrun)"' "$build/junit.xml" || true)
    tested=$(sum_synthesis "$log" Tested)
    passing=$(sum_synthesis "$log" Passing)
    local units
    units=$(grep -cE '<testcase name="unit\.' "$build/junit.xml" || true)
    echo "$preset: $tests_run of $exist test programs; in the unit tests $tested of $listed cases, $passing passing"
    good=$((tests_run - bad - disabled - units))
    [ "$good" -ge 0 ] && passed=$((passed + good))
    passed=$((passed + passing))
    skipped=$((skipped + disabled + listed - tested))
    failed=$((failed + bad))
    if [ "$tests_run" != "$exist" ] || [ "$exist" = 0 ]; then
        echo "FAILED: $preset ran $tests_run of $exist tests"
        failed=$((failed + 1))
    fi
}

# fuzz_all <seconds> [<target>]: each target on its seeds and what it finds, kept under build/fuzz/corpus.
fuzz_all() {
    local seconds=$1 only=${2:-} target name
    for target in build/fuzz/tests/fuzz/fuzz_*; do
        [ -x "$target" ] && [ -f "$target" ] || continue
        name=${target##*/fuzz_}
        [ -z "$only" ] || [ "$only" = "$name" ] || continue
        say "fuzzing $name for $seconds s"
        mkdir -p "build/fuzz/corpus/$name"
        "$target" -max_total_time="$seconds" -max_len=70000 -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
            -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name" "tests/fuzz/seeds/$name" \
            >"build/fuzz/$name.log" 2>&1 || { tail -n 40 "build/fuzz/$name.log"; return 1; }
        grep -E 'number_of_executed_units|average_exec' "build/fuzz/$name.log"
    done
}

fuzz_short() {
    BUILD_TARGET=fuzzers configure_and_build fuzz && fuzz_all "${FUZZ_SECONDS:-15}"
}

suites_run() {
    local start=$SECONDS
    suite debug
    step lint_format
    step lint_tidy
    suite asan -LE once
    suite tsan -LE once
    step fuzz_short
    echo "took $((SECONDS - start)) s; $skipped skipped"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
