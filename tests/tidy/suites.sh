# SPDX-License-Identifier: Apache-2.0
#
# `./dev test`: every suite in every build, and the proof that each test that exists was run. A test labelled `once`
# runs in the debug build only: its subject is not memory or threads, or it takes long. One labelled `memory` is not run
# again for its threads: it asks one thing at a time, and what it asks others ask at once.

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

# suite <preset> [<ctest argument>...]: builds, runs, counts.
suite() {
    local preset=$1 build=build/$1 counts
    shift
    configure_and_build "$preset" || { failed=$((failed + 1)); echo "FAILED: building $preset"; return; }
    say "tests in $build"
    CRITERION_VERBOSITY_LEVEL=1 ctest --test-dir "$build" -j 2 --output-on-failure --output-junit junit.xml \
        --test-output-size-passed 8000000 --test-output-size-failed 8000000 "$@" || true
    read -ra counts < <(/usr/bin/python3 tests/tidy/count.py "$build" "$@")
    echo "$preset: ${counts[0]} passed, ${counts[1]} failed, ${counts[2]} skipped"
    passed=$((passed + counts[0]))
    failed=$((failed + counts[1]))
    skipped=$((skipped + counts[2]))
}

# fuzz_one <seconds> <target>: on its seeds and what it finds, kept under build/fuzz/corpus.
fuzz_one() {
    local name=${2##*/fuzz_}
    mkdir -p "build/fuzz/corpus/$name"
    if "$2" -max_total_time="$1" -max_len=70000 -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name" "tests/fuzz/seeds/$name" \
        >"build/fuzz/$name.log" 2>&1; then
        echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log") units in $1 s"
    else
        echo "$name: FAILED"
        tail -n 40 "build/fuzz/$name.log"
        return 1
    fi
}

# fuzz_all <seconds> [<target>]: each so long, two at a time.
fuzz_all() {
    say "fuzzing ${2:-all} for $1 s each"
    export -f fuzz_one
    find build/fuzz/tests/fuzz -maxdepth 1 -type f -perm -u+x -name "fuzz_${2:-*}" | sort |
        xargs -P 2 -n 1 bash -c 'fuzz_one "$@"' fuzz_one "$1"
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
    # Criterion's arena wants the addresses that are ThreadSanitizer's shadow; what has threads is tested without it.
    suite tsan -LE 'once|criterion|memory'
    step fuzz_short
    echo "took $((SECONDS - start)) s; $skipped skipped"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
