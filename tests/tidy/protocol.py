#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tables, proto/ and docs/protocol.md say the same: operations, statuses, limits; every message and field of the
protocol has a comment."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto/vouch/v1"
faults = []


def fault(text):
    faults.append(text)


def rows(path, macro):
    """Arguments of every MACRO(...) row of a .def file."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    for row in re.findall(rf"^{macro}\((.*)\)$", text, flags=re.M):
        yield [part.strip().strip('"') for part in re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^,]+)', row)]


def table_after(document, heading):
    """Rows of the first Markdown table after a heading, header and rule dropped."""
    text = document.split(heading, 1)
    if len(text) < 2:
        fault(f"docs/protocol.md has no heading {heading!r}")
        return []
    found = re.search(r"(?:^\|.*\|\n)+", text[1], flags=re.M)
    lines = found.group(0).splitlines() if found else []
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def roles_of(text):
    """ "REP | MANAGER" as the document writes it. """
    names = [name.strip().lower() for name in text.split("|")]
    return ", ".join("any member" if name == "any" else name for name in names)


def check_operations(document):
    wire = (PROTO / "wire.proto").read_text()
    oneof = dict((int(number), field) for field, number in re.findall(
        r"^\s+\w+ (\w+) = (\d+);", wire.split("oneof operation {")[1].split("}")[0], flags=re.M))
    said = {row[0]: row for row in table_after(document, "## Operations")}
    listed = list(rows(ROOT / "core/dispatch/operations.def", "OPERATION"))
    for _, field, number, kind, _, roles, sentence in listed:
        if oneof.pop(int(number), None) != field:
            fault(f"operations.def: {field} = {number} is not in message Request")
        kind = {"ADVISED_QUERY": "query", "SESSION": "session"}.get(kind, kind.lower())
        want = [number, f"`{field}`", kind, roles_of(roles), sentence]
        row = said.pop(number, None)
        if row is None or [row[0], row[1], row[2], row[4], row[5]] != want:
            fault(f"docs/protocol.md, Operations: want {want}, have {row}")
    for field in oneof.values():
        fault(f"Request.{field} is not in operations.def")
    for number in said:
        fault(f"docs/protocol.md documents operation {number}, which there is not")


def check_statuses(document):
    said = {row[0]: row for row in table_after(document, "## Statuses")}
    enum = (PROTO / "types.proto").read_text().split("enum Status {")[1].split("}")[0]
    numbers = dict(re.findall(r"(\w+) = (\d+);", enum))
    for name, number, code, sentence in rows(ROOT / "proto/status.def", "STATUS"):
        if numbers.pop(name, None) != number:
            fault(f"status.def: {name} = {number} is not in enum Status")
        row = said.pop(number, None)
        if row is None or row[:4] != [number, name, code, sentence]:
            fault(f"docs/protocol.md, Statuses: want {[number, name, code, sentence]}, have {row}")
    for name in list(numbers) + list(said):
        fault(f"status {name} is not in proto/status.def")


def check_moves(document):
    said = {row[0]: row for row in table_after(document, "## Referrals")}
    numbers = dict(re.findall(r"^\s+(\w+) = (\d+);", (PROTO / "types.proto").read_text().split(
        "enum ReferralVerb {")[1].split("}")[0], flags=re.M))
    for verb, _, _, who, origin, to, needs, sentence in rows(ROOT / "core/domain/referral_moves.def", "MOVE"):
        states = ", ".join(re.findall(r"IN\((\w+)\)", origin)) or "–"
        carries = ", ".join(name.lower() for name in re.findall(r"NEEDS_(\w+)", needs)) or "–"
        want = [verb, numbers.get(verb), who.lower(), states, to, carries, sentence]
        row = said.pop(verb, None)
        if row != want:
            fault(f"docs/protocol.md, Referrals: want {want}, have {row}")
    for verb in said:
        fault(f"docs/protocol.md documents the verb {verb}, which there is not")


def check_ask_moves():
    """docs/workday.md shows where each state of an ask comes from, and who brings it there."""
    document = (ROOT / "docs/workday.md").read_text()
    said = {row[0]: row for row in table_after(document, "## Asks")}
    for to, _, _, by_member, origin, needs, _ in rows(ROOT / "core/domain/ask_moves.def", "ASK_MOVE"):
        want = [to, ", ".join(re.findall(r"IN\((\w+)\)", origin)) or "–"]
        row = said.pop(to, None) or ["", "", "", ""]
        who = row[2].startswith("member" if by_member == "true" else "broker")
        if row[:2] != want or not who or (row[3] == "–") != (needs == "0"):
            fault(f"docs/workday.md, Asks: want {want}, have {row}")
    for to in said:
        fault(f"docs/workday.md tells of asks that are {to}, which there are not")


def check_limits(document):
    """Each rule of a request's field stands in the Limits table, as the generator below writes it."""
    said = {(row[0], row[1]): row[2] for row in table_after(document, "## Limits")}
    for shape, message, field, least, most in rows(ROOT / "proto/fields.def", "RULE"):
        key = (f"`{message}.{field}`", rule_kind(shape))
        want = rule_text(shape, int(least, 0) if least[0].isdigit() else least, most)
        if said.pop(key, None) != want:
            fault(f"docs/protocol.md, Limits: want | {key[0]} | {key[1]} | {want} |")
    for key in said:
        fault(f"docs/protocol.md, Limits: {key} is not in proto/fields.def")


def rule_kind(shape):
    return {"LINE": "line", "TEXT": "text", "BYTES": "bytes", "MAYBE": "bytes", "NUMBER": "number",
            "PRESENT": "message", "ITEMS": "elements"}[shape]


def rule_text(shape, least, most):
    big = {"INT64_MAX": 2**63 - 1}
    most = big[most] if most in big else int(most, 0)
    number = {2**63 - 1: "2^63 - 1", 2**56 - 1: "2^56 - 1"}.get(most, f"{most:,}")
    if shape == "PRESENT":
        return "mandatory"
    if shape == "MAYBE":
        return f"{number} or none"
    return number if least == most else f"{least} to {number}"


def check_comments(path):
    """A comment above a message or enum, and one above or beside each field (a value of an enum may share one)."""
    before = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        declares = re.match(r"(message|enum) \w+ \{", text)
        field = re.match(r"(repeated )?[\w.]+ \w+ = \d+;", text)
        in_oneof = re.match(r"[A-Z]\w+ \w+ = \d+;", text)  # a field that is a message: the message has the comment
        if declares and not before and not text.endswith("{}") and "//" not in text:
            fault(f"{path.relative_to(ROOT)}:{number}: {declares.group(0)[:-2]} has no comment")
        if field and not in_oneof and not before and "//" not in text:
            fault(f"{path.relative_to(ROOT)}:{number}: no comment: {text}")
        before = text.startswith("//")


def print_limits():
    print("| field | of | allowed |\n| --- | --- | --- |")
    for shape, message, field, least, most in rows(ROOT / "proto/fields.def", "RULE"):
        print(f"| `{message}.{field}` | {rule_kind(shape)} | {rule_text(shape, int(least, 0), most)} |")


def main():
    if "--limits" in sys.argv:
        print_limits()
        return 0
    document = (ROOT / "docs/protocol.md").read_text()
    check_operations(document)
    check_statuses(document)
    check_limits(document)
    check_moves(document)
    check_ask_moves()
    for path in sorted(PROTO.glob("*.proto")):
        check_comments(path)
    print("\n".join(faults))
    print(f"{len(faults)} differences")
    return 1 if faults else 0


sys.exit(main())
