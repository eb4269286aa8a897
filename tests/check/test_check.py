#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vouch-plugin-check: passes each plugin that ships, finds each fault plugin's fault and names it. Every fault that the
fault plugins know must have a row here.

usage: test_check.py SOURCE_DIRECTORY BUILD_DIRECTORY shipped|faults"""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
BUILD = pathlib.Path(sys.argv[2])
CHECK = BUILD / "bin/vouch-plugin-check"
FAULTS = BUILD / "tests/plugins"
OWN = BUILD / "tests/check"
SHORT = ["--calls", "100"]
LATE = ["--calls", "20", "--deadline-ms", "100"]
PATIENT = ["--deadline-ms", "2000"]  # what is no matter of time: the machine has other things to do
AT_ONCE = 3
TIME = 100  # seconds for one check, on a machine with other things to do

# Setting `fault` of fault_attribution.so -> check that must fail, words that its verdict must hold, options.
ATTRIBUTION = {
    "crash": ("answers", r"killed by SIGSEGV .*in call 1, asked about 1 touch of 1 party"),
    "recurse": ("answers", r"killed by SIGSEGV"),
    "abort": ("answers", r"killed by SIGABRT"),
    "exit": ("answers", r"ended by itself with exit status 3"),
    "hang": ("deadline", r"no answer within 100 ms", *LATE),
    "sleep": ("deadline", r"no answer within 100 ms", *LATE),
    "slow": ("deadline", r"no answer within 100 ms", *LATE),
    "leak": ("memory", r"grows with every call, by about 4\d\d\d bytes"),
    "allocate": ("answers", r"ran out of memory: its limit is 64 MiB", "--deadline-ms", "5000"),
    "print": ("output", r"prints or logs about \d{4,5} lines a call", "--calls", "20"),
    "log": ("output", r"prints or logs about \d{4,5} lines a call", "--calls", "20", "--deadline-ms", "5000"),
    "close": ("answers", r"ended by itself with exit status 1"),
    "forge": ("answers", r"answered what it was not asked"),
    "garbage": ("answers", r"sent a packet that is no message"),
    "fork": ("jail", r"refused .*\b(clone|fork|vfork)\b.*no processes"),
    "exec": ("jail", r"refused .*\bexecve\b.*starts no programs"),
    "shell": ("jail", r"refused .*\bclone"),
    "open": ("jail", r"refused .*\bopenat\b.*has no files"),
    "thread": ("jail", r"refused .*\bclone3?\b.*no threads"),
    "socket": ("jail", r"refused .*\bsocket\b.*has no network"),
    "deaf": ("jail", r"refused .*\bopenat\b"),
    "random": ("repeat", r"twice in a row, it answers differently: party \d+ has weight \d+, then \d+"),
    "counter": ("repeat", r"twice in a row, it answers differently"),
    "order": ("repeat", r"in another process, it answers differently"),
    "negative": ("answers", r"has the negative weight -5"),
    "stranger": ("answers", r"party 424242 has no touch"),
    "twice": ("answers", r"party \d+ is there twice"),
    "overflow": ("answers", r"the sum of the weights is above 2\^62"),
    "large": ("answers", r"the sum of the weights is above 2\^62"),
    "override": ("answers", r"has the override weight 4294967297, above 2\^32"),
    "zero": ("answers", r"no party got a weight above 0 in any answer", "note"),
    "count": ("answers", r"it counts 2 shares where 1 fit"),
    "overrun": ("answers", r"killed by SIGSEGV .*an array that ends sooner"),
    "code": ("answers", r"unknown code 77"),
    "defer": ("answers", r"none of 100 ordinary questions was answered: DEFER: the moon is not full"),
    "unsupported": ("answers", r"none of 100 ordinary questions was answered: UNSUPPORTED"),
    "mute": ("answers", r"FAILED: it does not say why"),
    "failed": ("answers", r"FAILED: line one line two"),
    "map": ("memory", r"maps \d+ MiB of addresses", "note"),
    "stop": ("deadline", r"no answer within 100 ms", *LATE),
    "words": ("answers", r"killed by SIGSEGV"),
    "read_file": ("answers", r"killed by SIGSEGV"),
    "door_32": ("answers", r"killed by SIGSYS"),
    "door_x32": ("answers", r"killed by SIGSYS"),
    "habits": None,  # no fault: what the C library does on its own
    "create": ("create", r"could not make an instance: nothing works today"),
    "create_crash": ("create", r"in create, the process was killed by SIGSEGV"),
    "create_exit": ("create", r"in create, the process ended by itself with exit status 3"),
    "create_hang": ("create", r"in create, the process was not ready after 5 seconds"),
    "create_allocate": ("create", r"in create, the process ran out of memory"),
    "create_open": ("jail", r"refused .*\bopenat\b"),
}

# The same of fault_estimate.so.
ESTIMATE = {
    "stranger": ("answers", r"party 424242 is on no path"),
    "negative": ("answers", r"has the negative weight -5"),
    "overflow": ("answers", r"the sum of the weights is above 2\^62"),
    "denominator": ("answers", r"has the raw value 0/0"),
    "below": ("answers", r"has the weight 1 for a negative raw value"),
    "rounded": ("answers", r"has the raw value 0/1, rounded 2"),
    "counter": ("repeat", r"twice in a row, it answers differently: party \d+ has the raw value \d+/1, then \d+/1"),
    "twice": ("answers", r"party \d+ is there twice|it counts \d+ shares where \d+ fit"),
    "count": ("answers", r"it counts \d+ shares where \d+ fit"),
    "overrun": ("answers", r"killed by SIGSEGV .*an array that ends sooner"),
    "write": ("answers", r"killed by SIGSEGV .*a write to the request"),
    "code": ("answers", r"unknown code 77"),
    "defer": ("answers", r"none of 100 ordinary questions was answered: DEFER: the books are open"),
}

MATCHER = {
    "no_components": ("create", r"declares 0 components; 1 to 16 are possible"),
    "heavy": ("create", r"component 1 .*no usable name or weight"),
    "large": ("answers", r"component one of candidate 100 is 1000001 ppm"),
    "nan": ("batches", r"cut into other batches gets other scores"),  # NaN as a whole number is 0 here
    "negative": ("answers", r"component one of candidate 100 is \d+ ppm"),
    "known": ("answers", r"component one of candidate 100 is 1000000 ppm, known 2"),
    "overrun": ("answers", r"killed by SIGSEGV"),
    "why": ("batches", r"cut into other batches gets other scores: component one .* says"),
    "wild_why": ("answers", r"killed by SIGSEGV"),
    "write_request": ("answers", r"killed by SIGSEGV .*a write to the request"),
    "batch": ("batches", r"cut into other batches gets other scores: component one .* ppm, then \d+ ppm"),
    "counter": ("repeat", r"twice in a row, it answers differently: component one"),
    "code": ("answers", r"unknown code 77"),
    "mute": ("answers", r"FAILED: it does not say why"),
    "echo": None,  # no fault
}

LOADING = {
    "load_crash": r"killed by SIGSEGV.*constructors",
    "load_exit": r"ended by itself with exit status 7",
    "load_hang": r"not ready after 5 seconds",
    "load_spin": r"not ready after 5 seconds",
    "load_allocate": r"ran out of memory",
    "load_newer_major": r"built for plugin ABI 2\.0; this host takes 1\.0",
    "load_newer_minor": r"built for plugin ABI 1\.2",
    "load_older_major": r"built for plugin ABI 0\.0",
    "load_short_descriptor": r"its descriptor has 24 bytes",
    "load_no_symbol": r"exports no symbol vouch_plugin",
    "load_no_function": r"has no create function",
    "load_bad_default": r"default of a setting: share must be from 0 to 100, not 900",
    "load_two_settings": r"setting share is there twice",
    "load_undefined": r"undefined symbol: vouch_author_forgot_this",
    "load_needy": r"beside libc, a plugin may link libm",
    "load_empty": r"is not a shared object",
    "load_truncated": r"is cut off or damaged",
    "load_machine": r"is built for another machine",
    "load_text": r"is not a shared object, nor a script",
}

QUIRKS = {
    "none": None,
    "cache": None,  # grows, and stops growing
    "limit_told": ("settings", r"create fails, with share = 100, within its limits: .*a hundred is too many", "note"),
    "silent": ("answers", r"no party got a weight above 0", "note"),
    "edge_told": ("edges", r"2 of 20 unusual questions were not answered.*: FAILED: not such a number", "note"),
    "limit_mute": ("settings", r"create fails, with share = 100 and does not say why"),
    "limit_crash": ("settings", r"in create, with share = 0, the process was killed by SIGABRT"),
    "limit_divide": ("settings", r"killed by SIGFPE .*with share = 0.*a division by zero"),
    "destroy_crash": ("end", r"did not end well; the last was killed by SIGSEGV"),
    "destroy_hang": ("end", r"did not return from destroy"),
    "destroy_exit": ("end", r"exit status 5"),
    "leak_small": ("memory", r"grows with every call, by about (1|2)\d\d bytes"),
    "edge_kind": ("edges", r"killed by SIGSEGV .*of kinds? that ABI 1\.0 does not know"),
    "edge_many": ("edges", r"killed by SIGABRT .*4,096 touches"),
    "edge_window": ("edges", r"killed by SIGFPE .*a division by zero"),
    "tenth": ("answers", r"killed by SIGABRT .*in call 10, .*\(3 times\)"),
    "memory": ("repeat", r"after other questions, it answers differently"),
    "some": ("answers", r"ordinary questions were not answered: FAILED: not such a number, asked about 3 touches"),
}

SCRIPTS = {
    "syntax": ("load", r"syntax\.lua:\d+: ", "plugin = {\n"),
    "nothing": ("load", r"plugin", "local x = 1\n"),
    "fraction": ("answers", r"0\.5", """
plugin = { kind = "attribution", name = "fraction", version = "1.0.0", summary = "halves", settings = {} }
function attribute(request, settings)
  return { [request.touches[1].party] = 0.5 }
end
"""),
    "mistake": ("answers", r"mistake\.lua:4: ", """
plugin = { kind = "attribution", name = "mistake", version = "1.0.0", summary = "nil", settings = {} }
function attribute(request, settings)
  return { [request.touches[1].partner.id] = 1 }
end
"""),
    # Stopped by its own runtime, or, where the machine is busy, by the host.
    "endless": ("answers|deadline", r"endless\.lua:4: still running after|no answer within 100 ms", """
plugin = { kind = "attribution", name = "endless", version = "1.0.0", summary = "runs on", settings = {} }
function attribute(request, settings)
  while true do end
end
"""),
}


def run(path, options, want):
    """Runs one check; a sentence when it did not come out as wanted. `want`: None or (check, pattern, verdict)."""
    try:
        done = subprocess.run([CHECK, "--json", *options, path], capture_output=True, text=True, timeout=TIME, check=False)
    except subprocess.TimeoutExpired:
        return f"still ran after {TIME} s"
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError:
        return f"exit status {done.returncode}, no JSON: {done.stdout} {done.stderr}"
    failing = want is not None and want[2] == "FAIL"
    lines = [f"{found['verdict']:4}  {found['check']:9}  {found['text']}" for found in said["findings"]]
    if done.returncode != (1 if failing else 0) or said["passed"] == failing or done.stderr:
        return f"exit status {done.returncode} {done.stderr}\n" + "\n".join(lines)
    for check, pattern, verdict in [want] if want else []:
        if not any(re.fullmatch(check, found["check"]) and found["verdict"] == verdict and re.search(pattern, found["text"])
                   for found in said["findings"]):
            return f"want: {verdict} {check} {pattern}\n" + "\n".join(lines)
    return None


def fault_rows(scratch):
    """Name, plugin, options, what is wanted."""
    for fault, row in ATTRIBUTION.items():
        verdict = "note" if row and "note" in row else "FAIL"
        more = [word for word in (row or ())[2:] if word != "note"]
        options = [*SHORT, *more, "--set", f"fault={fault}"]
        wanted = row and (*row[:2], verdict)
        yield fault, FAULTS / "fault_attribution.so", options, wanted
    for fault, row in MATCHER.items():
        yield fault, FAULTS / "fault_matcher.so", [*SHORT, "--set", f"fault={fault}"], row and (*row, "FAIL")
    for fault, row in ESTIMATE.items():
        yield fault, FAULTS / "fault_estimate.so", [*SHORT, "--set", f"fault={fault}"], (*row, "FAIL")
    for name, pattern in LOADING.items():
        yield name, FAULTS / f"{name}.so", [], ("load", pattern, "FAIL")
    for quirk, row in QUIRKS.items():
        calls = ["--calls", "300"] if quirk.startswith("leak") else SHORT
        yield quirk, OWN / "quirk.so", [*calls, *PATIENT, "--set", f"quirk={quirk}"], row and (row + ("FAIL",))[:3]
    for name, (check, pattern, text) in SCRIPTS.items():
        script = pathlib.Path(scratch) / f"{name}.lua"
        script.write_text(text)
        yield name, script, LATE if name == "endless" else SHORT, (check, pattern, "FAIL")
    loud = [*SHORT, *PATIENT, "--set", "loud=true"]
    yield "loud", OWN / "quirk.so", loud, ("output", r'it prints.*"asked about 1 touches"', "note")
    yield "probe", FAULTS / "probe.so", ["--calls", "20"], ("jail", r"refused .*\bopen\b.*\bexecve\b", "FAIL")
    yield "load_open", FAULTS / "load_open.so", SHORT, ("jail", r"refused .*\bopenat\b", "FAIL")
    yield "plus", FAULTS / "plus.so", [*SHORT, "--set", "leave=true"], ("answers", r"SIGABRT .*exception", "FAIL")
    other = ["--calls", "50", "--host", SOURCE / "tests/check/host.py"]
    yield "other host", "fair", other, None
    yield "other host, late", "late", other, ("answers", r"answered what it was not asked in call 3", "FAIL")
    yield "no file", OWN / "nothing.so", [], ("load", r"cannot open .*nothing\.so: No such file", "FAIL")
    yield "unknown", OWN / "quirk.so", ["--set", "speed=9"], ("create", r'has no setting "speed"', "FAIL")
    yield "range", OWN / "quirk.so", ["--set", "share=101"], ("create", r"share must be from 0 to 100, not 101", "FAIL")


def shipped_rows():
    plugins = sorted((BUILD / "lib/vouch/plugins").glob("*.so")) + sorted(OWN.glob("template-*.so"))
    for path in plugins + sorted((SOURCE / "plugins").glob("lua/examples/*.lua")):
        yield path.name, path, PATIENT, None


def missing_rows():
    """Faults that the plugins know and the tables above do not."""
    text = (SOURCE / "tests/plugins/fault_attribution.c").read_text()
    known = set(re.findall(r'\{"([a-z_]+)",\s+do_', text)) | set(re.findall(r'(?:fault->name|name), "([a-z_]+)"\)', text))
    yield from (f"fault_attribution {name}" for name in sorted(known - set(ATTRIBUTION) - {"none"}))
    text = (SOURCE / "tests/plugins/fault_estimate.c").read_text()
    known = set(re.findall(r'is\(fault, "([a-z_]+)"\)', text))
    yield from (f"fault_estimate {name}" for name in sorted(known - set(ESTIMATE)))
    text = (SOURCE / "tests/plugins/fault_matcher.c").read_text()
    known = set(re.findall(r'fault->name, "([a-z_]+)"\)', text))
    yield from (f"fault_matcher {name}" for name in sorted(known - set(MATCHER) - {"none"}))
    built = {path.stem for path in FAULTS.glob("load_*.so")}
    yield from sorted(built - set(LOADING) - {"load_open"})


def misuses():
    """What the program says to who uses it wrongly, and how it ends; and how its lines look."""
    good = BUILD / "lib/vouch/plugins/linear.so"
    cases = [([], 2, r"one plugin to check is needed"), (["--nonsense", good], 2, r"usage:"), ([good, good], 2, r"usage:"),
             (["--calls", "0", good], 2, r"this value cannot be: 0"), (["--set", "x", good], 2, r"cannot be: x"),
             (["--host", BUILD / "nothing", good], 2, r"nothing: No such file or directory; name another with --host"),
             (["--help"], 0, r"(?s)^usage: .*--set NAME=VALUE"), (["--version"], 0, r"^vouch-plugin-check \d.*ABI 1\.1"),
             (["--calls", "20", good], 0, r"(?s)^ok    load       [^\n]*\nok    create     linear .*\npassed: 12 checks"),
             (["--calls", "20", FAULTS / "load_exit.so"], 1, r"^FAIL  load       [^\n]*\nfailed: 1 fault in 1 check\n$")]
    for arguments, status, pattern in cases:
        done = subprocess.run([CHECK, *arguments], capture_output=True, text=True, timeout=TIME, check=False)
        if done.returncode != status or not re.search(pattern, done.stderr if status == 2 else done.stdout):
            yield f"{arguments}: exit status {done.returncode}\n{done.stdout}{done.stderr}"


def main():
    faults = 0
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(shipped_rows() if sys.argv[3] == "shipped" else fault_rows(scratch))
        if sys.argv[3] == "faults":
            for name in missing_rows():
                print(f"{name}: nothing says how vouch-plugin-check finds it")
                faults += 1
            for wrong in misuses():
                print(wrong)
                faults += 1
        # Those that wait for a deadline first: they cost time, but no processor.
        rows.sort(key=lambda row: "hang" not in row[0] and "spin" not in row[0])
        for row, wrong in zip(rows, pool.map(lambda row: run(*row[1:]), rows)):
            if wrong:
                print(f"{row[0]}: {wrong}")
                faults += 1
    print(f"{len(rows)} plugins checked, {faults} not as they should")
    return 1 if faults or not rows else 0


sys.exit(main())
