#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file says what it is for at its top, is short, and holds nothing unfinished or of one machine."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_LINES = 500
SOURCES = {".c", ".h", ".def", ".proto", ".py", ".sh"}
# Words that mean unfinished work. Put together here so that this file does not hold them.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + r")\b")
MACHINE = re.compile(r"/home/[a-z]+/|/root/[a-z]")


def tracked():
    names = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=False).stdout
    paths = [ROOT / name for name in names.splitlines()]
    if not paths:  # an unpacked release has no repository
        paths = [path for path in ROOT.rglob("*") if "build" not in path.relative_to(ROOT).parts]
    return [path for path in paths if path.is_file()]


def header_fault(path, lines):
    top = lines[:3]
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in top):
        return "no SPDX line at its top"
    spdx = next(i for i, line in enumerate(top) if "SPDX" in line)
    said = [re.sub(r"^[\s/*#\"']+|[\s/*\"']+$", "", line) for line in lines[spdx + 1:spdx + 10]]
    if not any(len(line.split()) >= 2 for line in said):
        return "its first lines do not say what it is for"
    return None


def main():
    faults = []
    count = 0
    for path in tracked():
        name = path.relative_to(ROOT)
        if path.suffix not in SOURCES and path.name not in ("CMakeLists.txt", "dev"):
            continue
        count += 1
        lines = path.read_text().splitlines()
        if path.name != "CMakeLists.txt":
            fault = header_fault(path, lines)
            if fault:
                faults.append(f"{name}: {fault}")
        elif "SPDX-License-Identifier: Apache-2.0" not in lines[0]:
            faults.append(f"{name}: no SPDX line at its top")
        if len(lines) > MOST_LINES:
            faults.append(f"{name}: {len(lines)} lines; more than {MOST_LINES}")
        for number, line in enumerate(lines, 1):
            if UNFINISHED.search(line):
                faults.append(f"{name}:{number}: unfinished: {line.strip()}")
            if MACHINE.search(line) and path != pathlib.Path(__file__).resolve():
                faults.append(f"{name}:{number}: a path of one machine: {line.strip()}")
            if line != line.rstrip():
                faults.append(f"{name}:{number}: white space at the end")
    print("\n".join(faults))
    print(f"{count} files, {len(faults)} faults")
    return 1 if faults or count == 0 else 0


sys.exit(main())
