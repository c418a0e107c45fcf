#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The gallery: every screen and verdict as the real program draws it, and a page that shows them. gallery.py PROGRAM FOLDER"""
import contextlib
import html
import json
import os
import pathlib
import subprocess
import sys

import models

SIZES = ("1280x800", "800x480", "1080x1920")
# (folder, options, sizes, which models)
LARGE = ("idle-zh", "idle-en", "signed_in-zh", "signed_in-en", "already-en", "wrong_room-zh", "wrong_room-en", "unknown-zh",
         "too_early-en", "choices-zh", "choices-en", "enrol-show_code-zh", "enrol-show_code-en", "idle-stack-en", "idle-offline-en", "idle-no-badge-zh", "idle-no-badge-en",
         "number-typed-zh", "number-typed-en", "number-letters-en", "which-zh", "status-network-zh", "status-network-en", "claimed-zh", "claimed-en", "idle-next-zh", "idle-next-en",
         "camera-away-zh", "camera-away-en", "camera-none-zh")
THEMES = (("light", (), None), ("dark", ("--dark",), None), ("200", ("--text", "200"), LARGE), ("200-dark", ("--text", "200", "--dark"), LARGE[:4]))


@contextlib.contextmanager
def display():
    """An X server of our own that no picture is too big for; it finds its number itself."""
    reading, writing = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1920x24", "-nolisten", "tcp"],
                              pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield ":" + pipe.readline().strip()
    finally:
        server.terminate()
        server.wait()


def environment(number):
    return dict(os.environ, DISPLAY=number, GDK_BACKEND="x11", GSK_RENDERER="cairo", GTK_A11Y="none", LANG="C.UTF-8",
                GSETTINGS_BACKEND="memory", ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")


def write_models(folder, wanted):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for name, model in models.gallery().items():
        if wanted is None or name in wanted:
            (folder / f"{name}.json").write_text(json.dumps(model, ensure_ascii=False), encoding="utf-8")


def draw(program, out, env):
    """Yields (section's name, its pictures in the gallery's order)."""
    for theme, options, wanted in THEMES:
        source = out / "models" / theme
        write_models(source, wanted)
        for size in SIZES:
            folder = out / f"{size}-{theme}"
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run([program, "--models", source, "--shot", folder, "--size", size, *options], env=env, check=True)
            yield folder.name, [folder / f"{name}.png" for name in models.gallery() if wanted is None or name in wanted]


def page(sections, out):
    lines = ["<!doctype html>", '<meta charset="utf-8">', "<title>rollcall: the screens</title>",
             "<style>body{font:16px sans-serif;margin:24px;background:#888}figure{display:inline-block;margin:8px}"
             "img{display:block;height:260px}nav a{margin-right:16px}</style>", "<h1>The screens</h1>", "<nav>"]
    lines += [f'<a href="#{name}">{name}</a>' for name, _ in sections] + ["</nav>"]
    for name, pictures in sections:
        lines.append(f'<h2 id="{name}">{name}</h2>')
        for picture in pictures:
            path = html.escape(str(picture.relative_to(out)))
            lines.append(f'<figure><a href="{path}"><img src="{path}" alt="{picture.stem}" loading="lazy"></a>'
                         f"<figcaption>{picture.stem}</figcaption></figure>")
    (out / "index.html").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    program, out = sys.argv[1], pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    with display() as number:
        sections = list(draw(program, out, environment(number)))
    page(sections, out)
    print(sum(len(pictures) for _, pictures in sections))


if __name__ == "__main__":
    main()
