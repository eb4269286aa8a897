#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin ABI changes only where its version says so: declarations, macros and memory layout of vouch_plugin.h are
compared with the frozen headers in tests/abi/<version>/.

usage: declarations.py CC HEADER FOLDER   (FOLDER holds 1.0/vouch_plugin.h and later ones)

An equal version means equal declarations. A newer minor version may add fields at the end of structs that start with
`size`, structs, enum values and macros, and nothing else. A newer major version may do as it likes. Every version that
was ever in the tree has its folder. Comments and white space are free."""
import functools
import pathlib
import re
import subprocess
import sys
import tempfile

NAME = "vouch_plugin.h"
VERSION_MACROS = ("VOUCH_PLUGIN_ABI_MAJOR", "VOUCH_PLUGIN_ABI_MINOR")


class Header:
    """What one header declares: macros, structs and unions (members in order), enums, other declarations."""

    def __init__(self, compiler, path):
        self.path = pathlib.Path(path)
        self.macros = {}
        self.structs = {}  # "struct vouch_need" -> [(name, text), …]
        self.enums = {}  # "enum vouch_answer" -> [name, …]
        self.others = []
        for declaration in declarations(own_lines(compiler, self.path), self.macros):
            self.take(declaration)
        self.version = tuple(int(self.macros[name].rstrip("u")) for name in VERSION_MACROS)
        self.compiler = compiler

    def take(self, text):
        found = re.fullmatch(r"((?:struct|union|enum) \w+)\s*\{(.*)\}", text)
        if not found:
            self.others.append(text)
        elif text.startswith("enum"):
            values = [value.split("=")[0].strip() for value in found.group(2).split(",")]
            self.enums[found.group(1)] = [value for value in values if value]
        else:
            members = [member.strip() for member in found.group(2).split(";") if member.strip()]
            self.structs[found.group(1)] = [(member_name(member), member) for member in members]

    @functools.cached_property
    def layout(self):
        return layout(self.compiler, self)

    def grows(self, name):
        return self.structs[name][:1] == [("size", "size_t size")]


def own_lines(compiler, path):
    """The header's own lines after the preprocessor, which keeps #define."""
    output = subprocess.run([compiler, "-E", "-dD", "-x", "c", "-std=c99", str(path)], capture_output=True, text=True,
                            check=True).stdout
    own = False
    for line in output.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            own = marker.group(1) == str(path)
        elif own:
            yield line


def declarations(lines, macros):
    """Declarations at file level with single spaces, without their semicolons; macros are put aside."""
    text = []
    for line in lines:
        macro = re.match(r"#define (\w+)(\([^)]*\))?\s*(.*)", line)
        if macro:
            macros[macro.group(1) + (macro.group(2) or "")] = " ".join(macro.group(3).split())
        elif not line.startswith("#"):
            text.append(line)
    depth = 0
    current = ""
    for token in re.findall(r"\w+|\s+|[^\w\s]", " ".join(text)):
        depth += (token == "{") - (token == "}")
        if token == ";" and depth == 0:
            yield " ".join(current.split())
            current = ""
        else:
            current += token


def member_name(member):
    pointer = re.search(r"\(\*(\w+)\)", member)
    return pointer.group(1) if pointer else re.search(r"(\w+)(\[\w+\])*$", member).group(1)


def layout(compiler, header):
    """Sizes, offsets and values, printed by a program that is compiled against the header."""
    prints = []
    for name, members in header.structs.items():
        prints.append(f'printf("size of {name} = %zu\\n", sizeof({name}));')
        prints.append(f'printf("alignment of {name} = %zu\\n", _Alignof({name}));')
        for member, _ in members:
            place = f"offsetof({name}, {member}), sizeof((({name} *)0)->{member})"
            prints.append(f'printf("place of {name}.{member} = %zu, %zu bytes\\n", {place});')
    for name, values in header.enums.items():
        prints.append(f'printf("size of {name} = %zu\\n", sizeof({name}));')
        prints += [f'printf("{value} = %lld\\n", (long long){value});' for value in values]
    return run_layout(compiler, header.path.read_text(), tuple(prints))


@functools.cache
def run_layout(compiler, text, prints):
    with tempfile.TemporaryDirectory() as scratch:
        pathlib.Path(scratch, NAME).write_text(text)
        source = pathlib.Path(scratch, "layout.c")
        lines = [f'#include "{NAME}"', "#include <stdio.h>", "int main(void)", "{", *prints, "return 0;", "}"]
        source.write_text("\n".join(lines))
        subprocess.run([compiler, "-std=gnu11", "-o", f"{scratch}/layout", str(source)], check=True)
        output = subprocess.run([f"{scratch}/layout"], capture_output=True, text=True, check=True).stdout
    return dict(line.split(" = ") for line in output.splitlines())


def struct_differences(old, new, additions):
    for name, members in old.structs.items():
        now = new.structs.get(name)
        if now is None:
            yield f"{name} is gone"
            continue
        grown = additions and old.grows(name)
        for i, (member, text) in enumerate(members):
            if i >= len(now) or now[i][1] != text:
                yield f"{name}: member {i + 1} was '{text}', is '{now[i][1] if i < len(now) else 'gone'}'"
                break
        else:
            if len(now) > len(members) and not grown:
                where = " in a struct that may not grow" if additions else ""
                yield f"{name}: '{now[len(members)][1]}' is new{where}"
    if not additions:
        yield from (f"{name} is new" for name in new.structs if name not in old.structs)


def layout_differences(old, new, additions):
    grown = {f"size of {name}" for name in old.structs if additions and old.grows(name)}
    for key, was in old.layout.items():
        if new.layout.get(key) != was and key not in grown:
            yield f"{key}: was {was}, is {new.layout.get(key, 'gone')}"


def differences(old, new, additions):
    """What differs; with `additions`, only what a new minor version may not do."""
    yield from struct_differences(old, new, additions)
    for name, values in old.enums.items():
        if name not in new.enums:
            yield f"{name} is gone"
        elif not additions and new.enums[name] != values:
            yield f"{name} has other values"
    for name, body in old.macros.items():
        if name not in VERSION_MACROS and new.macros.get(name) != body:
            yield f"macro {name} was '{body}', is '{new.macros.get(name, 'gone')}'"
    if not additions:
        yield from (f"{name} is new" for name in new.enums if name not in old.enums)
        yield from (f"macro {name} is new" for name in new.macros if name not in old.macros)
    for text in old.others:
        if text not in new.others:
            yield f"'{text}' is gone or changed"
    yield from (f"'{text}' is new" for text in new.others if text not in old.others)
    yield from layout_differences(old, new, additions)


def compare(old, new):
    """Sentences about what may not be; none when `new` may follow `old`."""
    name_old = ".".join(map(str, old.version))
    name_new = ".".join(map(str, new.version))
    if new.version < old.version:
        return [f"the header says ABI {name_new}, and ABI {name_old} is frozen already: versions do not go back"]
    if new.version[0] > old.version[0]:
        return []
    if new.version == old.version:
        found = list(differences(old, new, False))
        way = (f"this is not ABI {name_old} any more: raise VOUCH_PLUGIN_ABI_MINOR (for anything but additions "
               "VOUCH_PLUGIN_ABI_MAJOR), copy the header to tests/abi/<new version>/ and put plugins there that use "
               "what is new")
    else:
        found = list(differences(old, new, True))
        way = (f"a plugin built for ABI {name_old} would not run on ABI {name_new}: a minor version may only add "
               "fields at the end of structs with `size`, structs, enum values and macros; raise VOUCH_PLUGIN_ABI_MAJOR or "
               "take it back")
    return found + [way] if found else []


def check(compiler, header, folder):
    today = Header(compiler, header)
    frozen = [Header(compiler, path) for path in pathlib.Path(folder).glob(f"*/{NAME}")]
    frozen.sort(key=lambda one: one.version)
    faults = []
    for one in frozen:
        if one.path.parent.name != ".".join(map(str, one.version)):
            faults.append(f"{one.path} says ABI {one.version[0]}.{one.version[1]}")
    if today.version not in [one.version for one in frozen]:
        version = ".".join(map(str, today.version))
        faults.append(f"ABI {version} is not frozen: copy the header to tests/abi/{version}/ and put plugins there "
                      "that use what is new")
    for old, new in zip(frozen, frozen[1:] + [today]):
        faults += compare(old, new)
    return faults


def main():
    compiler, header, folder = sys.argv[1:]
    faults = check(compiler, pathlib.Path(header).resolve(), pathlib.Path(folder).resolve())
    print("\n".join(faults) if faults else f"{header} is as its version says")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
