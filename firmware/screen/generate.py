#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the look's sources into C: tokens.css, screen.css, shapes.json and the compiled catalogues.

generate.py OUT_DIR zh.mo en.mo      (reads the rest from its own folder)

One source for each value: nothing that is written here is edited by hand. The output is deterministic.
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by firmware/screen/generate.py. */\n"
FORMS = {"": "root", "small": "small", "portrait": "portrait"}


def write(path, text):
    path.write_text(HEAD + text, encoding="utf-8")


def c_name(name):
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


# ---------------------------------------------------------------- tokens
def read_tokens():
    """{block: {name: value}} for the blocks root, dark, small, portrait, large-text."""
    css = re.sub(r"/\*.*?\*/", "", (HERE / "tokens.css").read_text(encoding="utf-8"), flags=re.S)
    blocks = {}
    for selector, body in re.findall(r"([:.][a-z-]+)\s*\{(.*?)\}", css, flags=re.S):
        blocks[selector.strip(":.")] = dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", body))
    return blocks


def is_colour(value):
    return value.startswith("#") or value.startswith("rgba(")


def rgba(value):
    if value.startswith("#"):
        return [int(value[i:i + 2], 16) / 255 for i in (1, 3, 5)] + [1.0]
    parts = [float(x) for x in re.findall(r"[\d.]+", value)]
    return [x / 255 for x in parts[:3]] + [parts[3]]


def tokens(out):
    blocks = read_tokens()
    root, dark = blocks["root"], blocks["dark"]
    colours = [n for n, v in root.items() if is_colour(v)]
    sizes = [n for n, v in root.items() if re.fullmatch(r"\d+px", v)]
    header = ["#ifndef RC_SCREEN_TOKENS_H", "#define RC_SCREEN_TOKENS_H", "", "enum rc_colour {"]
    header += [f"\tRC_COLOUR_{c_name(n)}," for n in colours]
    header += ["\tRC_COLOUR_COUNT,", "};", "", "enum rc_size {"]
    header += [f"\tRC_SIZE_{c_name(n)}," for n in sizes]
    header += ["\tRC_SIZE_COUNT,", "};", "",
               "enum rc_form { RC_FORM_BASE, RC_FORM_SMALL, RC_FORM_PORTRAIT, RC_FORM_COUNT };", "",
               "struct rc_rgba {", "\tdouble r, g, b, a;", "};", "",
               "extern const struct rc_rgba rc_token_colours[2][RC_COLOUR_COUNT]; /* light, dark */",
               "extern const char *const rc_token_colour_names[RC_COLOUR_COUNT];",
               "extern const int rc_token_sizes[RC_FORM_COUNT][RC_SIZE_COUNT]; /* px at the form's own size */",
               "extern const int rc_token_large_sizes[RC_SIZE_COUNT]; /* at 200 % text, of the base form */",
               "extern const char rc_theme_css_light[];", "extern const char rc_theme_css_dark[];", "", "#endif", ""]
    write(out / "tokens.h", "\n".join(header))
    source = ['#include "firmware/screen_gen/tokens.h"', "",
              "const struct rc_rgba rc_token_colours[2][RC_COLOUR_COUNT] = {"]
    for block in (root, {**root, **dark}):
        source += ["\t{"] + ["\t\t{%.6f, %.6f, %.6f, %.6f}," % tuple(rgba(block[n])) for n in colours] + ["\t},"]
    source += ["};", "", "const char *const rc_token_colour_names[RC_COLOUR_COUNT] = {"]
    source += [f'\t"{n}",' for n in colours] + ["};", "",
               "const int rc_token_sizes[RC_FORM_COUNT][RC_SIZE_COUNT] = {"]
    for form in FORMS.values():
        values = {**root, **blocks[form]}
        source += ["\t{" + ", ".join(values[n].removesuffix("px") for n in sizes) + "},"]
    large = {**root, **blocks["large-text"]}
    source += ["};", "", "const int rc_token_large_sizes[RC_SIZE_COUNT] = {",
               "\t" + ", ".join(large[n].removesuffix("px") for n in sizes), "};", ""]
    for name, block in (("light", root), ("dark", {**root, **dark})):
        css = stylesheet(block, colours).encode("ascii") + b"\0"
        source += [f"const char rc_theme_css_{name}[] = {{", bytes_table(css), "};", ""]
    write(out / "tokens.c", "\n".join(source))


def stylesheet(block, colours):
    blocks = read_tokens()
    lines = [f"@define-color {n} {block[n]};" for n in colours]
    for form, name in enumerate(FORMS.values()):
        sizes = {**blocks["root"], **blocks[name]}
        lines.append(f".form-{form} button {{ border-radius: {sizes['r-key']}; }}")
        lines.append(f".form-{form} button.choice {{ border-radius: {sizes['r-tile']}; }}")
    lines += [f".c-{n} {{ color: @{n}; }}" for n in colours]
    css = re.sub(r"/\*.*?\*/", "", (HERE / "screen.css").read_text(encoding="utf-8"), flags=re.S)
    return "\n".join(lines) + "\n" + css


def bytes_table(data):
    rows = [", ".join(str(b) for b in data[i:i + 24]) for i in range(0, len(data), 24)]
    return "\t" + ",\n\t".join(rows) + ","


# ---------------------------------------------------------------- shapes
def numbers(path):
    return ", ".join("{'%s', {%s}}" % (step[0], ", ".join(f"{x:g}" for x in step[1:]) or "0") for step in path)


def shapes(out):
    data = json.loads((HERE / "shapes.json").read_text(encoding="utf-8"))
    strokes, tables, header = [], [], []
    lists = {
        "shape": {k: [v] for k, v in data["shape"].items()},
        "glyph": {k: [v] for k, v in data["glyph"].items()},
        "icon": data["icon"],
    }
    for kind, entries in lists.items():
        header += [f"enum rc_{kind} {{"] + [f"\tRC_{kind.upper()}_{c_name(k)}," for k in entries]
        header += [f"\tRC_{kind.upper()}_COUNT,", f"\tRC_{kind.upper()}_NONE = RC_{kind.upper()}_COUNT,", "};", ""]
        rows = []
        for name, parts in entries.items():
            first = f"{kind}_{c_name(name).lower()}"
            rows_of = []
            for i, part in enumerate(parts):
                strokes.append(f"static const struct rc_step {first}_{i}[] = {{{numbers(part['path'])}}};")
                rows_of.append("{%s_%d, %d, %g}" % (first, i, len(part["path"]), part.get("width", 0)))
            strokes.append(f"static const struct rc_stroke {first}[] = {{{', '.join(rows_of)}}};")
            rows.append(f"\t{{{first}, {len(parts)}}},")
        tables += [f"const struct rc_drawing rc_{kind}_drawings[RC_{kind.upper()}_COUNT] = {{"] + rows + ["};", ""]
    edge_names = ["disc", "post", "diamond", "square"]
    header += ["enum rc_edge {"] + [f"\tRC_EDGE_{c_name(k)}," for k in edge_names] + ["\tRC_EDGE_COUNT,", "};", ""]
    tables += ["const struct rc_edge_path rc_edge_paths[3][RC_EDGE_COUNT] = {"]
    for form in FORMS:
        tables += ["\t{"]
        for name in edge_names:
            key = f"{name}-{form}" if form else name
            first = f"edge_{c_name(key).lower()}"
            edge = data["edge"][key]
            strokes.append(f"static const struct rc_step {first}[] = {{{numbers(edge['path'])}}};")
            tables += [f"\t\t{{{first}, {len(edge['path'])}, {edge['size'][0]}, {edge['size'][1]}}},"]
        tables += ["\t},"]
    tables += ["};", ""]
    scale = data["glyph_scale"]
    tables += ["const double rc_glyph_scales[RC_SHAPE_COUNT] = {"]
    tables += [f"\t{scale.get(k, 1.0):g}," for k in data["shape"]] + ["};", ""]
    write(out / "shapes.h", "\n".join(
        ["#ifndef RC_SCREEN_SHAPES_DATA_H", "#define RC_SCREEN_SHAPES_DATA_H", ""] + header + [
            "struct rc_step {", "\tchar op; /* M, L, C, Z */", "\tdouble xy[6];", "};",
            "struct rc_stroke {", "\tconst struct rc_step *steps;", "\tint step_count;",
            "\tdouble width; /* 0: filled */", "};",
            "struct rc_drawing {", "\tconst struct rc_stroke *strokes;", "\tint stroke_count;", "};",
            "struct rc_edge_path {", "\tconst struct rc_step *steps;", "\tint step_count;",
            "\tdouble width, height; /* of the panel it was drawn for */", "};", "",
            "extern const struct rc_drawing rc_shape_drawings[RC_SHAPE_COUNT]; /* on 64 */",
            "extern const struct rc_drawing rc_glyph_drawings[RC_GLYPH_COUNT]; /* on 64 */",
            "extern const struct rc_drawing rc_icon_drawings[RC_ICON_COUNT];   /* on 32 */",
            "extern const struct rc_edge_path rc_edge_paths[3][RC_EDGE_COUNT]; /* base, small, portrait */",
            "extern const double rc_glyph_scales[RC_SHAPE_COUNT];              /* about (32,32) */", "", "#endif", ""]))
    write(out / "shapes.c", "\n".join(['#include "firmware/screen_gen/shapes.h"', ""] + strokes + [""] + tables))


# ---------------------------------------------------------------- catalogues
def catalogues(out, files):
    source = ['#include "firmware/screen_gen/catalogues.h"', ""]
    for lang, path in zip(("zh", "en"), files):
        data = pathlib.Path(path).read_bytes()
        source += [f"const unsigned char rc_catalogue_{lang}[] = {{", bytes_table(data), "};",
                   f"const unsigned rc_catalogue_{lang}_size = {len(data)};", ""]
    write(out / "catalogues.c", "\n".join(source))
    write(out / "catalogues.h", """#ifndef RC_SCREEN_CATALOGUES_H
#define RC_SCREEN_CATALOGUES_H

/* gettext's .mo files as they are. */
extern const unsigned char rc_catalogue_zh[];
extern const unsigned rc_catalogue_zh_size;
extern const unsigned char rc_catalogue_en[];
extern const unsigned rc_catalogue_en_size;

#endif
""")


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    tokens(out)
    shapes(out)
    catalogues(out, sys.argv[2:4])


if __name__ == "__main__":
    main()
