#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what a run of CTest really did, from its JUnit report: each case inside a Criterion program is a test, each
other program one. That nothing was left out is part of the result: every program that CTest knows must have been run,
and every case that a Criterion program lists must have been tested or have said that it skips itself.

usage: count.py BUILD_DIRECTORY [CTEST_ARGUMENT...]      prints: passed failed skipped"""
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

BUILD = pathlib.Path(sys.argv[1])


def known_tests():
    """What CTest knows under the same selection: name and program."""
    done = subprocess.run(["ctest", "--test-dir", BUILD, "--show-only=json-v1", *sys.argv[2:]], capture_output=True,
                          text=True, check=True)
    return {test["name"]: test["command"][0] for test in json.loads(done.stdout)["tests"]}


def listed_cases(programs):
    """Of all Criterion programs, by name."""
    total = 0
    for program in sorted(set(programs)):
        path = pathlib.Path(program)
        if path.name.startswith("test_") and path.suffix == "":
            text = subprocess.run([path, "--list"], capture_output=True, text=True, timeout=60, check=False).stdout
            total += len(re.findall(r"^[|`]-- ", text, flags=re.M))
    return total


def main():
    passed = failed = skipped = tested = skipped_cases = 0
    cases = xml.etree.ElementTree.parse(BUILD / "junit.xml").getroot().findall("testcase")
    for case in cases:
        output = case.findtext("system-out") or ""
        synthesis = re.findall(r"Synthesis: Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| Crashing: (\d+)", output)
        for count, passing, failing, crashing in synthesis:
            tested += int(count)
            passed += int(passing)
            failed += int(failing) + int(crashing)
        skipped_cases += len(re.findall(r"^\[SKIP\]", output, flags=re.M))
        if case.get("status") == "fail":
            print(f"FAILED: {case.get('name')}", file=sys.stderr)
            failed += 0 if any(int(row[2]) + int(row[3]) for row in synthesis) else 1
        elif case.get("status") in ("disabled", "notrun"):
            print(f"skipped: {case.get('name')}", file=sys.stderr)
            skipped += 1
        elif not synthesis:
            passed += 1
    known = known_tests()
    listed = listed_cases(known.values())
    if {case.get('name') for case in cases} != set(known) or not known:
        print(f"FAILED: {len(cases)} of {len(known)} tests were run", file=sys.stderr)
        failed += 1
    if tested + skipped_cases != listed:
        print(f"FAILED: of {listed} cases in Criterion programs {tested} were tested and {skipped_cases} skipped",
              file=sys.stderr)
        failed += 1
    print(passed, failed, skipped + skipped_cases)


main()
