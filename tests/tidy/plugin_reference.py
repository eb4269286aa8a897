#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/man/vouch-plugin.3.scd against plugins/api/vouch_plugin.h: the page describes every function, struct, field, enum
value and macro of the header with its declaration or value, every function completely, and nothing that there is not.
Proves on changed copies that it would find what is wrong."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "plugins/api/vouch_plugin.h"
PAGE = ROOT / "docs/man/vouch-plugin.3.scd"
PARTS = ["Called", "Arguments", "Returns", "Memory", "Time", "Errors"]
# Macros without a value of their own.
SWITCHES = {"VOUCH_PLUGIN_H", "VOUCH_PLUGIN_EXPORT"}
FUNCTION_CHAPTERS = ("FUNCTIONS OF A PLUGIN", "FUNCTIONS OF THE HOST")


def squeeze(text):
    return re.sub(r"\s+", " ", text).strip()


class Header:
    """What the header declares."""

    def __init__(self, text):
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        self.types = {}     # "struct vouch_touch": declaration
        self.members = {}   # "struct vouch_touch": names
        self.values = {}    # "VOUCH_TOUCH_VOUCH": 2
        self.functions = {} # "match": declaration
        self.macros = set(re.findall(r"#define (\w+)", text)) - {"VOUCH_PLUGIN_H"}
        self.objects = set(re.findall(r"^extern .*?(\w+);", text, flags=re.M))
        for kind, name, body in re.findall(r"^(struct|union|enum) (\w+) \{(.*?)\};", text, flags=re.S | re.M):
            self.take_type(f"{kind} {name}", body)
        for name, value in re.findall(r"#define (\w+) (.+)", text):
            if name not in SWITCHES:
                self.values[name] = self.evaluate(value)

    def take_type(self, name, body):
        if name.startswith("enum"):
            values = re.findall(r"(\w+) = (\d+)", body)
            self.members[name] = [value for value, _ in values]
            self.values.update((value, int(number)) for value, number in values)
            return
        self.types[name] = squeeze(f"{name} {{{body}}};")
        self.members[name] = []
        for declaration in body.split(";")[:-1]:
            function = re.search(r"\(\*(\w+)\)\(", declaration)
            self.members[name].append(function[1] if function else re.findall(r"\w+", declaration.split("[")[0])[-1])
            if function:
                self.functions[function[1]] = squeeze(declaration) + ";"

    def evaluate(self, text):
        """The number that a macro stands for."""
        text = re.sub(r"INT64_C|\(size_t\)", "", text)
        text = re.sub(r"\b(\d+)u\b", r"\1", text)
        text = re.sub(r"\b[A-Z]\w+", lambda name: str(self.values[name[0]]), text)
        if not re.fullmatch(r"[\d()<| ]+", text):
            raise ValueError(f"this test cannot compute {text}")
        return eval(text)  # numbers, brackets and shifts only: see above


class Page:
    """What the page describes, by chapter and section."""

    def __init__(self, text):
        self.words = set(re.findall(r"\*((?:VOUCH|vouch)_\w+)\*", text))
        self.words |= set(re.findall(r"\*(?:struct|union|enum) (vouch_\w+)\*", text))
        text = text.replace("\\", "")
        self.chapters = {}
        for chapter in re.split(r"^# ", text, flags=re.M)[1:]:
            title, _, body = chapter.partition("\n")
            opening, *sections = re.split(r"^## ", body, flags=re.M)
            self.chapters[title] = {"": opening}
            for section in sections:
                name, _, rest = section.partition("\n")
                self.chapters[title][name] = rest

    def sections(self, *titles):
        return {name: body for title in titles for name, body in self.chapters.get(title, {}).items() if name}


def declared(section):
    block = re.search(r"```\n(.*?)```", section, flags=re.S)
    return squeeze(block[1]) if block else ""


def compare(what, want, got):
    for name in sorted(want - got):
        yield f"{what} {name} is not on the page"
    for name in sorted(got - want):
        yield f"the page describes {what} {name}, which there is not"


def check_functions(header, page):
    sections = page.sections(*FUNCTION_CHAPTERS)
    yield from compare("function", set(header.functions), set(sections))
    for name in set(header.functions) & set(sections):
        if declared(sections[name]) != header.functions[name]:
            yield f"function {name} is declared as '{header.functions[name]}'"
        parts = re.findall(r"^\*(\w+)\*\n\t\S", sections[name], flags=re.M)
        if parts != PARTS:
            yield f"function {name} has the parts {' '.join(parts)}, not {' '.join(PARTS)}"


def check_types(header, page):
    sections = page.sections("STRUCTS", "ENUMS")
    yield from compare("type", set(header.members), set(sections))
    for name in set(header.members) & set(sections):
        described = re.findall(r"^\*(\w+)\*(?: = \d+)?\n\t\S", sections[name], flags=re.M)
        if described != header.members[name]:
            yield f"{name} has {', '.join(header.members[name])}; the page describes {', '.join(described)}"
        if name in header.types and declared(sections[name]) != header.types[name]:
            yield f"{name} is declared as '{header.types[name]}'"


def check_values(header, page):
    text = page.chapters.get("BOUNDS", {}).get("", "") + "".join(page.sections("ENUMS").values())
    shown = {name: int(value) for name, value in re.findall(r"^\*(\w+)\* = (\d+)\n\t\S", text, flags=re.M)}
    yield from compare("value", set(header.values), set(shown))
    for name in sorted(set(header.values) & set(shown)):
        if header.values[name] != shown[name]:
            yield f"{name} is {header.values[name]}, the page says {shown[name]}"


def faults_of(header_text, page_text):
    header, page = Header(header_text), Page(page_text)
    yield from check_functions(header, page)
    yield from check_types(header, page)
    yield from check_values(header, page)
    known = header.macros | set(header.values) | header.objects | {name.split()[1] for name in header.members}
    yield from compare("name", header.macros | header.objects, page.words & (header.macros | header.objects))
    yield from (f"the page speaks of {word}, which there is not" for word in sorted(page.words - known))


def replaced(text, old, new):
    if text.count(old) < 1:
        raise ValueError(f"'{old}' is not there to be changed")
    return text.replace(old, new, 1)


# What is changed, and what must be said of it: (in the header or the page, old, new, said).
PROOFS = [
    ("header", "    void (*destroy)(void *self);", "    void (*pause)(void *self);\n    void (*destroy)(void *self);",
     "function pause is not on the page"),
    ("header", "    void (*destroy)(void *self);", "", "the page describes function destroy, which there is not"),
    ("header", "(*destroy)(void *self)", "(*destroy)(void *self, int why)", "function destroy is declared as"),
    ("header", "struct vouch_share {", "struct vouch_part {\n    int x;\n};\nstruct vouch_share {",
     "type struct vouch_part is not on the page"),
    ("header", "    int64_t weight; /* ≥ 0 */", "    int64_t weight;\n    int64_t bonus;", "struct vouch_share has"),
    ("header", "    uint32_t window_days;", "    uint64_t window_days;", "struct vouch_attribution_request is declared"),
    ("header", "VOUCH_TOUCH_HANDOVER = 5", "VOUCH_TOUCH_HANDOVER = 5,\n    VOUCH_TOUCH_CALL = 6",
     "value VOUCH_TOUCH_CALL is not on the page"),
    ("header", "VOUCH_TOUCHES_MAX 4096u", "VOUCH_TOUCHES_MAX 8192u", "VOUCH_TOUCHES_MAX is 8192"),
    ("header", "#define VOUCH_PPM", "#define VOUCH_PARTS_MAX 3u\n#define VOUCH_PPM", "VOUCH_PARTS_MAX is not on the page"),
    ("page", "## destroy\n", "## finish\n", "the page describes function finish, which there is not"),
    ("page", "*Memory*\n", "*Storage*\n", "has the parts"),
    ("page", "*share_count*\n", "*shares_count*\n", "struct vouch_attribution_result has"),
    ("page", "*VOUCH_WHY_MAX* = 160", "*VOUCH_WHY_MAX* = 161", "VOUCH_WHY_MAX is 160"),
    ("page", "one of *enum vouch_log_level*", "one of *enum vouch_level*", "speaks of vouch_level"),
]


def main():
    header, page = HEADER.read_text(), PAGE.read_text()
    faults = list(faults_of(header, page))
    for where, old, new, said in PROOFS:
        texts = {"header": header, "page": page}
        texts[where] = replaced(texts[where], old, new)
        if not any(said in fault for fault in faults_of(texts["header"], texts["page"])):
            faults.append(f"not found: '{new.strip()}' instead of '{old.strip()}' in the {where}")
    print("\n".join(faults))
    print(f"{len(Header(header).functions)} functions, {len(Header(header).members)} types, "
          f"{len(Header(header).values)} values; {len(PROOFS)} changes; {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
