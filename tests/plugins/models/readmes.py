#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The README of each attribution model has the settings that the plugin itself declares, with their defaults, in order;
that of one without any says "No settings."

Arguments: vouch-plugin-host, folder of the built plugins, folder of their sources, names."""
import pathlib
import re
import subprocess
import sys


def declared(host, plugin):
    text = subprocess.run([host, "--describe", plugin], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  (\w+) \(.*default (.*)\)$", text, re.MULTILINE)


def documented(readme):
    table = readme.partition("| setting | default | meaning |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \| (.*?) \|", table, re.MULTILINE)


def main():
    host, built, sources, *names = sys.argv[1:]
    faults = 0
    for name in names:
        readme = (pathlib.Path(sources) / name / "README.md").read_text()
        has, says = declared(host, f"{built}/{name}.so"), documented(readme)
        if has != says or (not has and "\nNo settings." not in readme) or not readme.startswith(f"# {name}\n"):
            faults += 1
            print(f"{name}: the plugin declares {has}, its README says {says}")
    print(f"{len(names)} plugins, {faults} faults")
    return 1 if faults or not names else 0


sys.exit(main())
