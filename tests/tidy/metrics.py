#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The metrics of reports: core/domain/metrics.def, the numbers in wire_report.proto and the table in docs/reports.md say
the same. With --table, prints that table."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INTERVALS = {"SHARE": "Wilson", "RATE": "Poisson score", "INCIDENCE": "Aalen–Johansen", "CYCLE": "of medians",
             "MONEY": "–"}
GROUPS = ("BY_MEMBER", "BY_TIME", "BY_SOURCE", "BY_SEGMENT")


def metrics():
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "core/domain/metrics.def").read_text(), flags=re.S)
    for row in re.findall(r"^METRIC\((.*)\)$", text, flags=re.M):
        yield [part.strip().strip('"') for part in re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^,]+)', row)]


def table_row(metric):
    _, word, kind, by, _, title, numerator, denominator, censoring = metric
    groups = GROUPS if by == "BY_ANY" else tuple(by.split(" | "))
    yes = " | ".join("yes" if group in groups else "–" for group in GROUPS)
    return f"| {title} | `{word}` | {numerator} | {denominator} | {censoring} | {INTERVALS[kind]} | {yes} |"


def main():
    rows = list(metrics())
    table = [table_row(row) for row in rows]
    if "--table" in sys.argv:
        print("\n".join(table))
        return 0
    faults = []
    proto = (ROOT / "proto/vouch/v1/wire_report.proto").read_text()
    numbers = dict(re.findall(r"^  ([A-Z_]+) = (\d+);", proto.split("enum Metric {")[1].split("}")[0], flags=re.M))
    for number, row in enumerate(rows, 1):
        if numbers.pop(row[0], None) != str(number):
            faults.append(f"wire_report.proto: {row[0]} is not {number}")
    faults += [f"metrics.def has no {name}" for name in numbers if name != "METRIC_NONE"]
    document = (ROOT / "docs/reports.md").read_text()
    faults += [f"docs/reports.md, Metrics: want\n{row}" for row in table if row not in document.splitlines()]
    print("\n".join(faults) if faults else f"{len(rows)} metrics agree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
