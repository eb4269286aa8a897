#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Documents against the programs: options and the man page, --help and the man pages, links, and the commands that
README and docs show. Takes the build directory for the programs; what is not built there is left out and said so."""
import functools
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/debug") / "bin"
faults = []


def fault(text):
    faults.append(text)


@functools.cache
def output(program, *arguments):
    """What a program prints; None when it is not built."""
    if not (BIN / program).exists():
        print(f"left out: {program} {' '.join(arguments)} ({BIN / program} is not there)")
        return None
    done = subprocess.run([BIN / program, *arguments], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        fault(f"{program} {' '.join(arguments)} exits with {done.returncode}")
    return done.stdout


def page(name):
    return re.sub(r"\\([_*\\-])", r"\1", (ROOT / "docs/man" / name).read_text())


def check_settings():
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "core/settings/settings.def").read_text(), flags=re.S)
    manual = page("vouchd.conf.5.scd")
    documented = set(re.findall(r"^\*([a-z_]+)\* = ", manual, flags=re.M))
    for row in re.findall(r"^SETTING\((.*)\)$", text, flags=re.M):
        kind, name, initial, least, most, when, help_text = [
            part.strip().strip('"') for part in re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^,]+)', row)]
        documented.discard(name)
        shape = {"TEXT": "text", "NUMBER": f"number, {least} to {most}", "LEVEL": "error, warn, info or debug", "FLAG": "true or false"}[kind]
        value = f'"{initial}"' if kind == "TEXT" else initial
        want = (f"*{name}* = {value}\n\t{help_text[0].upper()}{help_text[1:]}.\n"
                f"\t({shape}{', reload' if when == 'RELOAD' else ''})\n")
        if want not in manual:
            fault(f"vouchd.conf.5.scd: want\n{want}")
    for name in documented - {"path", "deadline_ms", "memory_mib", "settings"}:
        fault(f"vouchd.conf.5.scd documents {name}, which there is not")


def check_help(program, pages):
    """Every --option and verb of the help stands in a man page."""
    text = output(program, "--help")
    if text is None:
        return
    manual = "".join(page(name) for name in pages if (ROOT / "docs/man" / name).exists())
    for option in sorted(set(re.findall(r"--[a-z][a-z-]+", text))):
        if option not in manual:
            fault(f"{program} --help knows {option}, the man page does not")
    for verb in re.findall(r"^  ([a-z][a-z-]+) {2,}", text, flags=re.M):
        if not re.search(rf"\*(vouch )?{verb}\b", manual) and f"{program} {verb}" not in manual:
            fault(f"{program} --help knows the verb {verb}, the man page does not")


def documents():
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").rglob("*.md"),
                   *(ROOT / "clients").rglob("*.md"), *(ROOT / "tests").rglob("*.md")])


def anchors(path):
    for heading in re.findall(r"^#+ (.*)$", path.read_text(), flags=re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def check_links(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name) if name else path
        if not file.exists():
            fault(f"{path.relative_to(ROOT)}: the link {target} leads nowhere")
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            fault(f"{path.relative_to(ROOT)}: {target}: no such heading")
    for name in re.findall(r"`((?:core|proto|clients|plugins|tests|docs)/[\w./-]+)`", text):
        if not (ROOT / name).exists() and not list(ROOT.glob(name + ".*")):
            fault(f"{path.relative_to(ROOT)}: `{name}` is not there")


def commands(path):
    """Command lines in code blocks (indented or fenced) and in backticks."""
    text = path.read_text()
    fenced = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, flags=re.S | re.M))
    indented = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))
    yield from re.findall(r"^(?:\$ |# )?((?:\./dev|vouchd?) .*)$", fenced + "\n" + indented, flags=re.M)
    yield from re.findall(r"`((?:\./dev|vouchd?) [^`]+)`", text)


def check_commands(path, verbs):
    for command in commands(path):
        words = command.split()
        known = verbs.get(words[0])
        word = words[1].rstrip(".,;:)")
        if known and re.fullmatch(r"[a-z][a-z-]+", word) and word not in known:
            fault(f"{path.relative_to(ROOT)}: `{command}`: {words[0]} knows no {word}")


def check_options(path):
    """Options of `vouch VERB` in examples are those of verbs.def, or every verb's."""
    table = (ROOT / "clients/cli/verbs.def").read_text()
    everywhere = set(re.findall(r"--[a-z][a-z-]*", output("vouch", "--help") or ""))
    if not everywhere:
        return
    for command in commands(path):
        words = command.split()
        if words[0] != "vouch":
            continue
        known = set(re.findall(rf'^OPTION\("{re.escape(words[1])}", "([a-z-]+)"', table, flags=re.M))
        for option in re.findall(r"(?<=\s)--([a-z][a-z-]*)", command):
            if option not in known and "--" + option not in everywhere:
                fault(f"{path.relative_to(ROOT)}: `{command}`: there is no --{option}")


def verbs_of(program):
    text = output(program, "--help")
    return set(re.findall(r"^  ([a-z][a-z-]+)\b", text, flags=re.M)) | {"help"} if text else None


def main():
    check_settings()
    check_help("vouchd", ["vouchd.8.scd", "vouchd.conf.5.scd"])
    check_help("vouch", ["vouch.1.scd"])
    check_help("vouch-plugin-check", ["vouch-plugin-check.1.scd"])
    dev = set(re.findall(r"^\./dev ([a-z-]+)", (ROOT / "dev").read_text(), flags=re.M))
    verbs = {"./dev": dev | {"help"}, "vouchd": verbs_of("vouchd"), "vouch": verbs_of("vouch")}
    for path in documents():
        check_links(path)
        check_commands(path, verbs)
        check_options(path)
    print("\n".join(faults))
    print(f"{len(documents())} documents, {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
