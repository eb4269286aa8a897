# SPDX-License-Identifier: Apache-2.0
#
# Format and clang-tidy, as functions of ./dev (which sources this and runs in the root of the tree).

# Every C source and header that people write.
lint_files() {
    find core clients plugins tests -name '*.[ch]' | sort
}

lint_format() {
    say "format"
    lint_files | xargs clang-format --dry-run --Werror
}

# The headers' functions are seen through the sources that include them. Two at a time; one line a finding.
lint_tidy() {
    say "clang-tidy"
    find core clients plugins -name '*.c' | sort |
        xargs -P 2 -n 8 clang-tidy --quiet -p build/debug --extra-arg=-Wno-unknown-warning-option 2>&1 |
        grep -vE '^[0-9]+ warnings? (and [0-9]+ errors? )?generated|^Suppressed |^Use -header-filter' |
        tee build/clang-tidy.log
    ! grep -qE '(warning|error):' build/clang-tidy.log
}
