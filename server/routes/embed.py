#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""embed.py OPENAPI.json OUTPUT.c: the interface's description as bytes of the program. Fails on what is no JSON."""

import json
import pathlib
import sys


def main(source, output):
    document = json.loads(pathlib.Path(source).read_text(encoding="utf-8"))
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    rows = [",".join(str(byte) for byte in content[at:at + 24]) for at in range(0, len(content), 24)]
    pathlib.Path(output).write_text("\n".join([
        "/* SPDX-License-Identifier: Apache-2.0 */", "/* Made by embed.py. */", '#include "server/routes/openapi.h"', "",
        "const unsigned char rc_routes__openapi[] = {", ",\n".join(rows), "};",
        f"const size_t rc_routes__openapi_size = {len(content)}u;", ""]), encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
