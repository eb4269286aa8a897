#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""declarations.py finds what it must: headers that were changed in a scratch directory, each allowed or not.

usage: prove_declarations.py CC HEADER"""
import pathlib
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
import declarations  # noqa: E402, the line above must come first

MINOR = ("VOUCH_PLUGIN_ABI_MINOR 0u", "VOUCH_PLUGIN_ABI_MINOR 1u")
MAJOR = ("VOUCH_PLUGIN_ABI_MAJOR 1u", "VOUCH_PLUGIN_ABI_MAJOR 2u")
OLDER = ("VOUCH_PLUGIN_ABI_MAJOR 1u", "VOUCH_PLUGIN_ABI_MAJOR 0u")
# Each change is a piece of the header and what stands there instead.
ADDITIONS = {
    "a field at the end": ("    const struct vouch_matcher_plugin *matcher;\n};",
                           "    const struct vouch_matcher_plugin *matcher;\n    void (*tidy_up)(void *self);\n};"),
    "a struct": ("union vouch_setting_value {",
                 "struct vouch_place {\n    size_t size;\n    const char *name;\n};\n\nunion vouch_setting_value {"),
    "an enum value": ("VOUCH_TOUCH_HANDOVER = 5 ", "VOUCH_TOUCH_PRAISE = 6, VOUCH_TOUCH_HANDOVER = 5 "),
    "an enum": ("struct vouch_tags {", "enum vouch_mood { VOUCH_MOOD_GOOD = 1 };\n\nstruct vouch_tags {"),
    "a macro": ("#define VOUCH_PPM", "#define VOUCH_PERCENT 100u\n#define VOUCH_PPM"),
}
BREAKS = {
    "a field in the middle": ("uint32_t candidate_count;  /* in this batch",
                              "uint32_t before_it;\n    uint32_t candidate_count;  /* in this batch"),
    "a longer struct in arrays": ("    int64_t weight; /* ≥ 0 */\n};",
                                  "    int64_t weight; /* ≥ 0 */\n    int64_t reason;\n};"),
    "a function": ("/* The one symbol", "void vouch_plugin_hello(void);\n/* The one symbol"),
    "another value": ("VOUCH_TOUCH_HANDOVER = 5", "VOUCH_TOUCH_HANDOVER = 6"),
    "a value that is gone": ("VOUCH_LOG_INFO = 2, ", ""),
    "another macro": ("VOUCH_CANDIDATES_MAX 1000u", "VOUCH_CANDIDATES_MAX 2000u"),
    "a macro that is gone": ("#define VOUCH_WHY_MAX 160u", ""),
    "another type": ("    int64_t time_ms; ", "    uint64_t time_ms; "),
    "a narrower type": ("uint64_t candidate_issues;", "uint32_t candidate_issues;"),
    "a field that is gone": ("    uint32_t window_days;\n", ""),
    "fields in another order": ("    const char *city;            /* home, for nearness */\n    const char *region;",
                                "    const char *region;            /* home, for nearness */\n    const char *city;"),
    "another argument": ("void (*destroy)(void *self);", "void (*destroy)(const void *self);"),
    "more arguments": ("(void *self, uint32_t *count);", "(void *self, uint32_t *count, int more);"),
    "a packed struct": ("struct vouch_component_score {", "#pragma pack(1)\nstruct vouch_component_score {"),
    "another symbol": ("extern VOUCH_PLUGIN_EXPORT const struct", "extern const struct"),
}
FREE = {
    "a comment": ("/* never 0 */", "/* never, never 0 */"),
    "lines": ("enum vouch_log_level { VOUCH_LOG_ERROR = 0,", "enum vouch_log_level {\n    VOUCH_LOG_ERROR = 0,"),
}


def cases():
    """What it is, the changes to the header, and what a fault must say; None: there must be none."""
    yield "nothing", [], None
    for what, change in FREE.items():
        yield what, [change], None
    for what, change in (ADDITIONS | BREAKS).items():
        yield f"{what}, same version", [change], "raise VOUCH_PLUGIN_ABI_MINOR"
    for what, change in ADDITIONS.items():
        yield f"{what}, new minor version", [change, MINOR], None
    yield "all additions, new minor version", [*ADDITIONS.values(), MINOR], None
    for what, change in BREAKS.items():
        yield f"{what}, new minor version", [change, MINOR], "raise VOUCH_PLUGIN_ABI_MAJOR"
    yield "all breaks, new major version", [*BREAKS.values(), MAJOR], None
    yield "an older version", [OLDER], "versions do not go back"


def changed(text, changes):
    for before, after in changes:
        if text.count(before) != 1:
            sys.exit(f"the header has {before!r} {text.count(before)} times, so this proof does not fit it any more")
        text = text.replace(before, after)
    return text


def freeze(path, folder):
    """Puts a header where its version belongs."""
    text = path.read_text()
    version = ".".join(re.search(rf"{name} (\d+)u", text).group(1) for name in declarations.VERSION_MACROS)
    place = folder / version
    place.mkdir(exist_ok=True)
    shutil.copy(path, place / declarations.NAME)


def run(compiler, header, changes, also_frozen):
    """Faults found with the header frozen as it is and then changed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch, "abi")
        folder.mkdir()
        freeze(header, folder)
        today = pathlib.Path(scratch, declarations.NAME)
        today.write_text(changed(header.read_text(), changes))
        if also_frozen:
            freeze(today, folder)
        return declarations.check(compiler, today, folder)


def main():
    compiler, header = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    wrong = []
    count = 0
    for what, changes, sentence in cases():
        count += 1
        new_version = any(change in (MINOR, MAJOR) for change in changes)
        faults = run(compiler, header, changes, new_version)
        if (sentence is None and faults) or (sentence is not None and not any(sentence in fault for fault in faults)):
            wrong.append(f"{what}: wanted {sentence or 'no fault'}, got {faults}")
    faults = run(compiler, header, [ADDITIONS["a macro"], MINOR], False)
    if not any("ABI 1.1 is not frozen" in fault for fault in faults):
        wrong.append(f"a new version that is not frozen: got {faults}")
    print("\n".join(wrong))
    print(f"{count + 1} changed headers, {len(wrong)} judged wrongly")
    return 1 if wrong else 0


sys.exit(main())
