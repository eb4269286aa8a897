#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does what docs/plugin-tutorial.md tells its reader, in a scratch directory, against an installation of its own: writes
each file, makes each change, runs each command in one shell, and compares what is printed with what the page shows.
Before that it proves on small wrong pages that it would notice.

How the page is read. The language of a fenced block says what it is:
- console: lines after "$ " are commands, a \\ at the end goes on in the next line; the rest is what they print. "…"
  stands for anything within a line, and alone in a line for any lines. A command may fail only where the page shows
  what it says then.
- diff: a change of the file that the paragraph before names last.
- any other: a whole file, of that name.
The page's port is replaced by a free one.

usage: tutorial.py BUILD-DIRECTORY [DOCUMENT]"""
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORT = "5570"
SECONDS = 60
MARK = "\x01done "


class Wrong(Exception):
    """The page and the world differ."""


def free_port():
    """As tests/port.h: below those that the system gives to outgoing connections, and another for each process."""
    for tries in range(1000):
        port = 10000 + (os.getpid() + 7919 * tries) % 20000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return str(port)
            except OSError:
                continue
    raise Wrong("no port is free")


def blocks(text):
    """Line number, language, the file that the paragraph before names last, and the lines of each fenced block."""
    lines = text.splitlines()
    paragraph, inside = [], None
    for number, line in enumerate(lines, 1):
        if inside is not None:
            if line == "```":
                yield (*inside, lines[inside[0]:number - 1])
                inside, paragraph = None, []
        elif line.startswith("```"):
            names = re.findall(r"`([\w.-]+\.[a-z]+|CMakeLists\.txt)`", " ".join(paragraph))
            inside = number, line[3:], names[-1] if names else None
        elif line:
            paragraph.append(line)
        else:
            paragraph = paragraph if paragraph and paragraph[-1].endswith(":") else []
    if inside is not None:
        raise Wrong(f"line {inside[0]}: this block does not end")


def commands(lines):
    """Each command of a console block with the lines it should print."""
    command, shown = None, []
    for line in lines:
        if command is not None and command.endswith("\\"):
            command += "\n" + line
        elif line.startswith("$ "):
            if command is not None:
                yield command, shown
            command, shown = line[2:], []
        elif command is None:
            raise Wrong(f"'{line}' stands before the first command")
        else:
            shown.append(line)
    if command is not None:
        yield command, shown


def matches(shown, printed):
    pattern = ""
    for line in shown:
        pattern += r"(?:[^\n]*\n)*?" if line == "…" else "[^\n]*".join(map(re.escape, line.split("…"))) + r"[ ]*\n"
    return re.fullmatch(pattern, printed) is not None


def change(text, lines):
    """The text with one place changed as a diff without line numbers says."""
    old = "\n".join(line[1:] for line in lines if line[:1] in (" ", "-", "")) + "\n"
    new = "\n".join(line[1:] for line in lines if line[:1] in (" ", "+", "")) + "\n"
    if any(line[:1] not in (" ", "-", "+", "") for line in lines):
        raise Wrong("a line of the change starts with neither space, - nor +")
    if text.count(old) != 1:
        raise Wrong(f"what is to be changed is there {text.count(old)} times:\n{old}")
    return text.replace(old, new)


class Shell:
    """One bash in which all commands run; what it leaves behind ends with it."""

    def __init__(self, directory, environment):
        self.process = subprocess.Popen(["bash", "--noprofile", "--norc"], cwd=directory, env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        start_new_session=True)

    def run(self, command):
        """Exit status and what was printed."""
        quoted = "'" + command.replace("'", "'\\''") + "'"
        self.process.stdin.write(f"eval {quoted} </dev/null; printf '{MARK}%d\\n' $?\n".encode())
        self.process.stdin.flush()
        output, until = b"", time.monotonic() + SECONDS
        while (end := re.search(MARK.encode() + rb"(\d+)\n$", output)) is None:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                raise Wrong(f"does not end within {SECONDS} s, or ended the shell; it printed:\n{output.decode()}")
            output += piece
        text = output[:end.start()].decode(errors="replace")
        return int(end[1]), text if text.endswith("\n") or not text else text + "\n"

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def run_command(shell, command, shown):
    status, printed = shell.run(command)
    if not matches(shown, printed):
        want = "".join(f"{line}\n" for line in shown)
        raise Wrong(f"$ {command}\nthe page shows\n{want}but it prints (exit {status})\n{printed}")
    if status != 0 and not [line for line in shown if line != "…"]:
        raise Wrong(f"$ {command}\nfails with {status} and the page does not say so; it prints\n{printed}")


def follow(page, directory, shell):
    """Does all that the page says; returns the number of files, changes and commands."""
    counts = {"files": 0, "changes": 0, "commands": 0}
    for number, language, name, lines in blocks(page):
        try:
            if language == "console":
                for command, shown in commands(lines):
                    run_command(shell, command, shown)
                    counts["commands"] += 1
                continue
            if name is None:
                raise Wrong("the paragraph before names no file, and these are no commands")
            file = directory / name
            if language == "diff":
                file.write_text(change(file.read_text(), lines))
                counts["changes"] += 1
            else:
                file.write_text("\n".join(lines) + "\n")
                counts["files"] += 1
        except (Wrong, OSError) as error:
            raise Wrong(f"the block at line {number}: {error}") from error
    return counts


# Pages that are wrong, and what must be said of them.
PROOFS = [
    ("```console\n$ echo two\none\n```\n", "the page shows"),
    ("```console\n$ echo more\n```\n", "the page shows"),
    ("```console\n$ false\n```\n", "the page does not say so"),
    ("```console\n$ ls nothing 2>&1\n…\n```\n", "the page does not say so"),
    ("```console\nwhat?\n$ true\n```\n", "before the first command"),
    ("```console\n$ true\n", "does not end"),
    ("```c\nint x;\n```\n", "names no file"),
    ("Save `a.c`:\n\n```c\nint x;\n```\n\nIn `a.c`, change:\n\n```diff\n-int y;\n```\n", "is there 0 times"),
    ("```console\n$ exit 3\n```\n", "ended the shell"),
]


def said_of(page, directory):
    shell = Shell(directory, {"PATH": os.environ["PATH"]})
    try:
        follow(page, directory, shell)
        return "nothing"
    except Wrong as wrong:
        return str(wrong)
    finally:
        shell.close()


def prove(directory):
    """That a page which is wrong is found to be."""
    for page, want in PROOFS:
        said = said_of(page, directory)
        if want not in said:
            raise Wrong(f"of the wrong page\n{page}it says {said}")


def install(build, prefix):
    done = subprocess.run(["cmake", "--install", build, "--prefix", prefix], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Wrong(f"cannot install {build}: {done.stdout}{done.stderr}")


def surroundings(home, prefix):
    """What a reader's shell has, with the installation where the system's would be."""
    configs = [str(path.parent) for path in prefix.rglob("vouch-plugin.pc")]
    return {"PATH": f"{prefix}/bin:{prefix}/sbin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(home),
            "LC_ALL": "C.UTF-8", "TZ": "UTC", "PKG_CONFIG_PATH": ":".join(configs), "CMAKE_PREFIX_PATH": str(prefix),
            "MANPATH": f"{prefix}/share/man", "TERM": "dumb"}


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    document = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs/plugin-tutorial.md"
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="vouch-tutorial-"))
    started = time.monotonic()
    shell = None
    try:
        home, prefix = scratch / "home", scratch / "prefix"
        home.mkdir()
        prove(scratch)
        install(build, prefix)
        shell = Shell(home, surroundings(home, prefix))
        counts = follow(document.read_text().replace(PORT, free_port()), home, shell)
        print(", ".join(f"{count} {what}" for what, count in counts.items()), f"in {time.monotonic() - started:.0f} s")
        return 0
    except Wrong as wrong:
        print(f"{document.name}: {wrong}")
        return 1
    finally:
        if shell is not None:
            shell.close()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
