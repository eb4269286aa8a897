#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Includes follow the arrows of docs/architecture.md, and a foreign library is used only where it belongs."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Folder of core/ -> folders it may include. Everything may include base.
MAY = {
    "base": set(),
    "domain": set(),
    "store": set(),
    "settings": set(),
    "apply": {"store", "domain"},
    "decide": {"apply", "store", "domain"},
    "plugin": set(),
    "query": {"decide", "apply", "store", "domain", "plugin"},
    "answer": {"query", "decide", "apply", "store", "domain"},
    "dispatch": {"answer", "query", "decide", "apply", "store", "domain", "plugin"},
    "intake": {"dispatch", "answer", "query", "decide", "apply", "store", "domain", "plugin"},
    "admin": {"intake", "dispatch", "answer", "query", "decide", "apply", "store", "domain", "plugin", "settings"},
}

# Header of another library -> where it may be included (prefixes of paths).
FOREIGN = {
    r"lmdb\.h": ["core/store/"],
    r"zmq\.h": ["core/intake/", "core/answer/", "core/dispatch/", "clients/lib/"],
    r"confuse\.h": ["core/settings/"],
    r"seccomp\.h": ["core/plugin/"],
    r"linux/.*": ["core/plugin/", "core/store/"],
    r"dlfcn\.h": ["core/plugin/"],
    r"systemd/.*": ["core/admin/"],
    r"utf8proc\.h": ["core/domain/", "core/base/", "clients/cli/"],
    r"glib\.h": ["core/domain/"],
    r"libpsl\.h": ["core/domain/"],
    r"idn2\.h": ["core/domain/"],
    r"jansson\.h": ["clients/"],
    r"(lua|lualib|lauxlib|luaconf)\.h": ["plugins/lua/"],
    r"csv\.h": ["clients/"],
    r"libsmartcols(/.*)?\.h": ["clients/"],
    r"uchardet\.h": ["clients/"],
    r"sodium\.h": ["core/base/", "core/domain/", "core/store/", "core/decide/", "core/query/", "core/dispatch/", "core/intake/",
                   "core/admin/", "core/vouchd.c", "clients/"],
}

CLIENT_MAY = {"base", "domain", "lib"}


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1)


def check_core(path, name, faults):
    stage = path.relative_to(ROOT / "core").parts[0]
    if stage in ("vouchd.c", "plugin_host.c", "plugin_check.c"):
        return
    if stage not in MAY:
        faults.append(f"{path}: core/{stage} has no place in the layers; give it one here and in docs/architecture.md")
        return
    target = name[1].split("/")[0]
    host_side = "core/plugin/host/" in str(path)
    if target in MAY and target not in MAY[stage] | {stage, "base"}:
        faults.append(f"{path}:{name[0]}: {stage} may not use {target} ({name[1]})")
    if host_side and target in MAY and target not in ("base", "plugin"):
        faults.append(f"{path}:{name[0]}: the plugin host may use base and plugin only ({name[1]})")


def check_client(path, name, faults):
    target = name[1].split("/")[0]
    if name[1] == "dispatch/operations.def":  # a vocabulary, no code
        return
    if target in MAY and "/" in name[1] and target not in CLIENT_MAY:
        faults.append(f"{path}:{name[0]}: a client may not use core/{target} ({name[1]})")


def check_plugin(path, name, faults):
    own = (path.parent / name[1]).exists()
    if path.parent.name == "api" or own:
        return
    if name[1].split("/")[0] in MAY or name[1].startswith("vouch/"):
        faults.append(f"{path}:{name[0]}: a plugin includes vouch_plugin.h and nothing else of ours ({name[1]})")


def main():
    faults = []
    checks = {"core": check_core, "clients": check_client, "plugins": check_plugin}
    seen = 0
    for folder, check in checks.items():
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            relative = str(path.relative_to(ROOT))
            for name in includes(path):
                seen += 1
                check(path, name, faults)
                for pattern, places in FOREIGN.items():
                    if re.fullmatch(pattern, name[1]) and not any(relative.startswith(place) for place in places):
                        faults.append(f"{relative}:{name[0]}: {name[1]} belongs in {', '.join(places)}")
    for fault in faults:
        print(fault.replace(str(ROOT) + "/", ""))
    print(f"{seen} includes, {len(faults)} against the arrows")
    return 1 if faults or seen == 0 else 0


sys.exit(main())
