#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns shared/facts/kinds.tsv into C and into documentation.

    generate_kinds.py TABLE FOLDER    writes FOLDER/kinds.h and FOLDER/kinds.c (by the build)
    generate_kinds.py --doc           writes docs/facts.md of this checkout
    generate_kinds.py --check         fails if docs/facts.md is not what --doc would write (a test)
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "shared/facts/kinds.tsv"
DOC = ROOT / "docs/facts.md"
INTEGER_MAX = 2**53 - 1
# type: C declaration, enum, limit where the table has none, what a reader of the documentation sees
TYPES = {
    "id": ("struct rc_id {name}", "ID", 16, "UUID"),
    "hex16": ("uint8_t {name}[16]", "HEX", 16, "16 bytes as hex"),
    "hex32": ("uint8_t {name}[32]", "HEX", 32, "32 bytes as hex"),
    "int": ("int64_t {name}", "INT", INTEGER_MAX, "integer"),
    "text": ("char {name}[{limit} + 1]", "TEXT", None, "text"),
    "verdict": ("enum rc_verdict {name}", "VERDICT", 0, "verdict"),
    "epoch": ("uint64_t {name}", "EPOCH", 8, "epoch (16 hex digits)"),
    "time": ("int64_t {name}_ms", "TIME", 0, "time (RFC 3339, UTC, ms)"),
}


class Field:
    def __init__(self, where, name, kind_type, optional, limit, meaning):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            sys.exit(f"{where}: '{name}' is no name of a field")
        if kind_type not in TYPES:
            sys.exit(f"{where}: there is no type '{kind_type}'")
        if optional not in ("yes", "no"):
            sys.exit(f"{where}: optional is yes or no, not '{optional}'")
        self.declaration, self.enum, default, self.shown = TYPES[kind_type]
        if limit == "-" and default is None:
            sys.exit(f"{where}: a text needs a limit")
        self.name, self.type, self.is_optional, self.meaning = name, kind_type, optional == "yes", meaning
        self.has_limit = limit != "-"
        self.limit = int(limit) if self.has_limit else default

    @property
    def c_name(self):
        return self.name + "_ms" if self.type == "time" else self.name

    def shown_type(self):
        if self.type == "text":
            return f"{self.shown}, at most {self.limit} bytes"
        if self.type == "int":
            return f"{self.shown}, 0 … {self.limit if self.has_limit else '2^53−1'}"
        return self.shown


class Kind:
    def __init__(self, name, version):
        self.name, self.version, self.fields = name, version, []
        suffix = "" if version == 1 else f"_v{version}"
        self.c_name = "rc_fact_" + name.replace(".", "_") + suffix
        self.constant = "RC_FACT_KIND_" + name.replace(".", "_").upper()


def read_table(path):
    kinds = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        where = f"{path.name}:{number}"
        if len(cells) != 7:
            sys.exit(f"{where}: {len(cells)} cells instead of 7")
        name, version = cells[0], int(cells[1])
        if not re.fullmatch(r"[a-z0-9_.]{1,47}", name):
            sys.exit(f"{where}: '{name}' is no name of a kind")
        kind = kinds.setdefault((name, version), Kind(name, version))
        field = Field(where, *cells[2:])
        if field.name in (other.name for other in kind.fields):
            sys.exit(f"{where}: '{field.name}' stands twice")
        kind.fields.append(field)
    return list(kinds.values())


def struct_of(kind):
    lines = [f"/* {kind.name}, version {kind.version} */", f"struct {kind.c_name} {{"]
    for field in kind.fields:
        if field.is_optional:
            lines.append(f"\tbool has_{field.name};")
        lines.append(f"\t{field.declaration.format(name=field.name, limit=field.limit)}; /* {field.meaning} */")
    lines.append("};")
    return lines


def header_of(kinds):
    lines = [
        "/* SPDX-License-Identifier: Apache-2.0 */",
        "/* Made by cmake/generate_kinds.py from shared/facts/kinds.tsv. */",
        "#ifndef RC_FACTS_GEN_KINDS_H", "#define RC_FACTS_GEN_KINDS_H",
        "/*",
        " * The bodies of facts, a struct a kind. `…_encode` appends the body as JSON (optional fields that are not there are null);",
        " * `…_decode` reads one: RC_EFORMAT names the field that is wrong, and the struct is written only on RC_OK. Unknown fields are",
        " * passed over. Pure; no allocation; any thread.",
        " */",
        '#include "shared/base/buf.h"', '#include "shared/base/id.h"', '#include "shared/facts/body.h"',
        '#include "shared/verdicts/verdict.h"', ""]
    for name, constant in dict.fromkeys((kind.name, kind.constant) for kind in kinds):
        lines.append(f'#define {constant} "{name}"')
    for kind in kinds:
        name = kind.c_name
        lines += ["", *struct_of(kind),
                  f"void {name}_encode(const struct {name} *fact, struct rc_buf *body);",
                  f"RC_CHECKED enum rc_status {name}_decode(struct rc_bytes body, struct {name} *fact, struct rc_error *err);"]
    lines += ["", "/* The shape of a kind at a version; NULL if this program doesn't know it. Lives for ever. */",
              "const struct rc_fact_shape *rc_fact_shape_find(struct rc_bytes kind, int64_t version);",
              "", "#endif", ""]
    return "\n".join(lines)


def source_of_kind(kind):
    name = kind.c_name
    lines = [f"static const struct rc_fact_field {name}_fields[] = {{"]
    for field in kind.fields:
        has = f", offsetof(struct {name}, has_{field.name})" if field.is_optional else ", 0"
        lines.append(f'\t{{"{field.name}", RC_FACT_TYPE_{field.enum}, {str(field.is_optional).lower()}, '
                     f"INT64_C({field.limit}), offsetof(struct {name}, {field.c_name}){has}}},")
    return lines + [
        "};", "",
        f"_Static_assert(sizeof(struct {name}) <= RC_FACT_BODY_STRUCT_MAX_BYTES, \"{kind.name} is too large\");",
        f"_Static_assert({len(kind.fields)} <= RC_FACT_BODY_FIELDS_MAX, \"{kind.name} has too many fields\");", "",
        f"static const struct rc_fact_shape {name}_shape = {{",
        f"\t{kind.constant}, {kind.version}, sizeof(struct {name}), {name}_fields, {len(kind.fields)}}};", "",
        f"void {name}_encode(const struct {name} *fact, struct rc_buf *body)",
        "{", f"\trc_fact_body_encode(&{name}_shape, fact, body);", "}", "",
        f"enum rc_status {name}_decode(struct rc_bytes body, struct {name} *fact, struct rc_error *err)",
        "{", f"\treturn rc_fact_body_decode(&{name}_shape, body, fact, err);", "}", ""]


def source_of(kinds):
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */",
             "/* Made by cmake/generate_kinds.py from shared/facts/kinds.tsv. */",
             '#include "shared/facts_gen/kinds.h"', "", "#include <stddef.h>", ""]
    for kind in kinds:
        lines += source_of_kind(kind)
    lines += ["static const struct rc_fact_shape *const shapes[] = {"]
    lines += [f"\t&{kind.c_name}_shape," for kind in kinds]
    lines += ["};", "",
              "const struct rc_fact_shape *rc_fact_shape_find(struct rc_bytes kind, int64_t version)", "{",
              "\tfor (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {",
              "\t\tif (shapes[i]->version == version && rc_bytes_is_text(kind, shapes[i]->kind))",
              "\t\t\treturn shapes[i];", "\t}", "\treturn NULL;", "}", ""]
    return "\n".join(lines)


def documentation_of(kinds):
    lines = ["# The bodies of facts", "",
             "Made from `shared/facts/kinds.tsv` by `cmake/generate_kinds.py --doc`; change the table, not this page.", "",
             "A fact is a line `{\"e\":envelope,\"s\":salt,\"b\":body}`. This page says what each kind carries in its body. Fields stand in",
             "this order when written and are read in any; a field that may be missing is written as `null`; fields that a reader doesn't",
             "know are passed over.", ""]
    for kind in kinds:
        lines += [f"## `{kind.name}`, version {kind.version}", "", "| field | type | may be missing | meaning |", "|---|---|---|---|"]
        for field in kind.fields:
            lines.append(f"| `{field.name}` | {field.shown_type()} | {'yes' if field.is_optional else ''} | {field.meaning} |")
        lines.append("")
    return "\n".join(lines)


def main(arguments):
    if arguments == ["--doc"]:
        DOC.write_text(documentation_of(read_table(TABLE)), encoding="utf-8")
        return 0
    if arguments == ["--check"]:
        if DOC.read_text(encoding="utf-8") == documentation_of(read_table(TABLE)):
            return 0
        return "docs/facts.md is not what shared/facts/kinds.tsv says: run cmake/generate_kinds.py --doc"
    if len(arguments) != 2:
        return __doc__
    kinds, folder = read_table(pathlib.Path(arguments[0])), pathlib.Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kinds.h").write_text(header_of(kinds), encoding="utf-8")
    (folder / "kinds.c").write_text(source_of(kinds), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
