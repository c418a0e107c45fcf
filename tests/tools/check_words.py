#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what programs may say to who called them with its translation, shared/words/po/zh_CN.po.

check_words.py ROOT [--missing]     exit 1 and a line each for: texts without a translation, translations without a text
                                    --missing prints the missing ones as entries to fill in
Entries marked "#. system" are texts of the C library (strerror) and need no place in the sources.
"""
import pathlib
import re
import subprocess
import sys

KEYWORDS = ["rc_fail:3", "rc_fail_errno:3", "rc_error_in:3", "rc_words", "RC_WORDS_KEY", "rc_words_counted:2", "rc_words_counted:3"]
# Who has words of its own, or speaks to nobody but a log.
LEFT_OUT = ["firmware/screen/", "firmware/scanner/main.c"]
NAMES = {"PGM", "JPEG", "PNG", "argon2id", "ca.pem", "eventfd", "signalfd", "/proc/self/exe"}  # the same in every language


def sources(root):
    found = []
    for area in ("shared", "server", "firmware"):
        for path in sorted((root / area).rglob("*.c")):
            name = str(path.relative_to(root))
            if not any(name.startswith(part) for part in LEFT_OUT):
                found.append(name)
    return found


def is_wording(key):
    """Whether anything is left to translate without formats, punctuation and names."""
    rest = re.sub(r"%[-+ 0#.*\d]*(<PRI\w+>|[a-z]+)", " ", key)
    return any(re.search(r"[^\W\d_]", token) for token in re.split(r'[\s:"\\-]+', rest) if token not in NAMES)


def xgettext(root):
    command = ["xgettext", "--language=C", "--from-code=UTF-8", "--no-wrap", "--sort-by-file", "--keyword", "--output=-"]
    command += [f"--keyword={word}" for word in KEYWORDS]
    return subprocess.run(command + sources(root), cwd=root, check=True, capture_output=True, text=True).stdout


def unquote(line):
    return line[line.index('"') + 1:line.rindex('"')]


def entries(po):
    """[(key, text, comments)] of a catalogue without plural forms."""
    found = []
    for block in po.split("\n\n"):
        fields, comments, field = {}, [], None
        for line in block.splitlines():
            if line.startswith("#"):
                comments.append(line)
            elif line.startswith(("msgid ", "msgstr ")):
                field = line.split(" ", 1)[0]
                fields[field] = unquote(line)
            elif line.startswith('"') and field:
                fields[field] += unquote(line)
        if "msgid" in fields:
            found.append((fields["msgid"], fields.get("msgstr", ""), comments))
    return found


def main(root, wants_missing=None):
    root = pathlib.Path(root)
    texts = {key: comments for key, _, comments in entries(xgettext(root))}
    said = {key: comments for key, comments in texts.items() if is_wording(key)}
    known = entries((root / "shared/words/po/zh_CN.po").read_text(encoding="utf-8"))
    translated = {key for key, text, comments in known if text and "#, fuzzy" not in "".join(comments)}
    missing = [key for key in said if key not in translated]
    stale = [key for key, _, comments in known if key and key not in texts and "#. system" not in comments]
    if wants_missing:
        for key in missing:
            print("\n".join(said[key]), f'msgid "{key}"', 'msgstr ""', "", sep="\n")
        return 0
    for key in missing:
        print(f"no Chinese for: {key}")
    for key in stale:
        print(f"nobody says any more: {key}")
    print(f"{len(said)} texts, {len(missing)} without a translation, {len(stale)} translations too many")
    return 1 if missing or stale or not said else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
