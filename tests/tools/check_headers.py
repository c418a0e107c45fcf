#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles every header of the programs alone: check_headers.py BUILD [ROOT]. Exits with 1 if one needs another first.

A header is compiled with the flags of a source of its own folder (from compile_commands.json), so it sees exactly the modules
that its own may use. A folder without sources (headers only) takes the flags of a source that sees it.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

FOLDERS = ["shared", "firmware", "server", "tests/sim"]
# Something to declare, because ISO C forbids an empty translation unit and a header may hold macros only.
PROBE = '#include "{name}"\nextern int rc_header_probe;\n'


def load_commands(build):
    """{folder: (working directory, flags)} and the list of all."""
    by_folder, everything = {}, []
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        words = shlex.split(entry["command"])
        flags, skip = [], False
        for word in words:
            if skip:
                skip = False
            elif word in ("-o", "-c", "-MF", "-MT"):
                skip = True
            elif word not in ("-MD",) and not word.endswith("ccache"):
                flags.append(word)
        item = (entry["directory"], flags)
        by_folder.setdefault(os.path.dirname(entry["file"]), item)
        everything.append(item)
    return by_folder, everything


def sees(flags, name):
    return any(word.startswith("-I") and os.path.exists(os.path.join(word[2:], name)) for word in flags)


def check(path, root, by_folder, everything):
    """What the compiler says about one header, or an empty text."""
    name = str(path.relative_to(root))
    item = by_folder.get(str(path.parent)) or next((i for i in everything if sees(i[1], name)), None)
    if item is None:
        return f"{name}: no target sees it, so nothing can include it"
    include = name if sees(item[1], name) else str(path)
    done = subprocess.run([*item[1], "-fsyntax-only", "-x", "c", "-"], cwd=item[0], text=True,
                          input=PROBE.format(name=include), capture_output=True, check=False)
    return "" if done.returncode == 0 else f"{name} does not compile alone:\n{done.stderr.strip()}"


def main(arguments):
    build = pathlib.Path(arguments[0]).resolve()
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else ".").resolve()
    by_folder, everything = load_commands(build)
    headers = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.h"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [text for text in pool.map(lambda p: check(p, root, by_folder, everything), headers) if text]
    for text in found:
        print(text)
    print(f"{len(headers)} headers, {len(found)} that do not compile alone")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
