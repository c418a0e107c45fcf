#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a compiled catalogue (.mo) into a C array, as it is.

generate_catalogue.py FILE.mo NAME OUT.c OUT.h      (OUT.h is included as it is named below the include root)
"""
import pathlib
import sys

HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by cmake/generate_catalogue.py. */\n"


def main(mo, name, source, header):
    data = pathlib.Path(mo).read_bytes()
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
