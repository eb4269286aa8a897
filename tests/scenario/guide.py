#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Walks through a section of a guide, to the end of the page: runs each command as who it says, and compares what is
printed with what the page shows. The script that calls this has made the broker that the section begins with, and the
directory in which this runs.

How the page is read: in a fenced block called console, "finn$ " begins a command of Finn's, a \\ at its end goes on in the
next line, and the rest is what the command prints; "…" stands for anything within a line, and alone in a line for any
lines. A comment <!-- 2027-01-12T08:00Z --> turns the broker's clock. A fenced block of another kind is a file, of the name
that the line before it ends with.

usage: guide.py DOCUMENT HEADING [--write]    --write puts what is printed now into the page"""
import os
import pathlib
import re
import subprocess
import sys

CLOCK = re.compile(r"<!-- (\d{4}-\d\d-\d\dT\d\d:\d\dZ) -->")


class Wrong(Exception):
    """The page and the world differ."""


def run(actor, command):
    done = subprocess.run(["bash", "-c", command], env=os.environ | {"VOUCH_PROFILE": actor}, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return [line.rstrip() for line in done.stdout.splitlines()]


def pattern(lines):
    parts = [r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r"\n" for line in lines]
    return re.compile("".join(parts))


def fits(shown, printed):
    return pattern(shown).fullmatch("".join(line + "\n" for line in printed)) is not None


def steps(block):
    """(lines of the command, actor, command, lines shown) of a console block."""
    place = 0
    while place < len(block):
        prompt = re.match(r"([a-z]+)\$ ", block[place])
        if prompt is None:
            raise Wrong(f"'{block[place]}': a block begins with a command")
        end = place + 1
        while block[end - 1].endswith("\\"):
            end += 1
        command = "\n".join(block[place:end])[prompt.end():]
        rest = end
        while rest < len(block) and re.match(r"[a-z]+\$ ", block[rest]) is None:
            rest += 1
        yield block[place:end], prompt.group(1), command, block[end:rest]
        place = rest


def walk(block):
    """The block as it is printed now, and how many commands there were."""
    now, count = [], 0
    for typed, actor, command, shown in steps(block):
        printed = run(actor, command)
        now += typed + (shown if fits(shown, printed) else printed)
        count += 1
        if not fits(shown, printed) and "--write" not in sys.argv:
            raise Wrong("\n".join([*typed, "--- the page shows", *shown, "--- the command prints", *printed]))
    return now, count


def main():
    path, heading = pathlib.Path(sys.argv[1]), sys.argv[2]
    lines = path.read_text(encoding="utf-8").splitlines()
    now = lines[:lines.index(heading)]
    place, commands = len(now), 0
    while place < len(lines):
        now.append(lines[place])
        place += 1
        clock = CLOCK.search(now[-1])
        if clock is not None:
            run("rhea", f"vouch clock set {clock.group(1)}")
        if not now[-1].startswith("```"):
            continue
        end = lines.index("```", place)
        if now[-1] == "```console":
            block, count = walk(lines[place:end])
            now += block
            commands += count
        else:
            name = re.search(r"`([\w.-]+)`:$", "\n".join(now[:-1]).rstrip()).group(1)
            pathlib.Path(name).write_text("\n".join(lines[place:end]) + "\n", encoding="utf-8")
            now += lines[place:end]
        now.append("```")
        place = end + 1
    if commands == 0:
        raise Wrong(f"no command below '{heading}'")
    if "--write" in sys.argv:
        path.write_text("\n".join(now) + "\n", encoding="utf-8")
    print(f"{path.name}: {commands} commands print what the page shows")


try:
    main()
except Wrong as wrong:
    sys.exit(f"FAILED: {wrong}")
