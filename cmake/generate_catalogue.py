#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles a catalogue (.po) into a C array in the format of gettext's .mo.

generate_catalogue.py FILE.po NAME OUT.c OUT.h POINTER_BYTES

xgettext writes PRId64 as %<PRId64>, which gettext's own reader fills in when it loads a catalogue. Ours is loaded by nobody, so the
machine it is built for (the size of its pointers) decides here.
"""
import pathlib
import re
import subprocess
import sys

HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by cmake/generate_catalogue.py. */\n"


def compile_po(po, pointer_bytes):
    length = "l" if pointer_bytes == "8" else "ll"
    text = re.sub(r"%([-+ 0#]*[0-9]*)<PRI([dux])64>", rf"%\g<1>{length}\g<2>", pathlib.Path(po).read_text(encoding="utf-8"))
    command = ["msgfmt", "--check-format", "--check-domain", "--endianness=little", "-o", "-", "-"]
    return subprocess.run(command, input=text.encode(), check=True, stdout=subprocess.PIPE).stdout


def main(po, name, source, header, pointer_bytes):
    data = compile_po(po, pointer_bytes)
    rows = [", ".join(str(b) for b in data[i:i + 24]) for i in range(0, len(data), 24)]
    guard = f"{name.upper()}_H"
    pathlib.Path(header).write_text(
        f"{HEAD}#ifndef {guard}\n#define {guard}\n\nextern const unsigned char {name}[];\n"
        f"extern const unsigned {name}_size;\n\n#endif\n", encoding="utf-8")
    pathlib.Path(source).write_text(
        f'{HEAD}#include "{pathlib.Path(header).name}"\n\nconst unsigned char {name}[] = {{\n\t'
        + ",\n\t".join(rows) + f",\n}};\nconst unsigned {name}_size = {len(data)};\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
