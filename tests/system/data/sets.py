# SPDX-License-Identifier: Apache-2.0
"""Input made by others, one folder a set, where RC_SHARED_DATA says; without it the tests of a set are skipped."""

import functools
import os
import unicodedata
import unittest

FOLDER = os.environ.get("RC_SHARED_DATA", "")


def files(name, *endings):
    """The paths of a set's files, LICENSE left out."""
    folder = os.path.join(FOLDER, name)
    if not os.path.isdir(folder):
        return []
    return [os.path.join(folder, file) for file in sorted(os.listdir(folder))
            if not file.startswith("LICENSE") and (not endings or file.endswith(endings))]


def needs(*names):
    """Skips a test, by name, where one of its sets is not at hand."""
    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for name in names:
                if not files(name):
                    raise unittest.SkipTest(f"RC_SHARED_DATA has no {name}")
            return test(self)
        return run
    return decorate


def read(path):
    with open(path, "rb") as data:
        return data.read()


def lines(*names):
    """Each line of the sets' text files once, as bytes, comments of the lists and empty ones left out."""
    seen = {}
    for name in names:
        for path in files(name, ".txt"):
            for line in read(path).split(b"\n"):
                line = line.rstrip(b"\r")
                if line.strip():
                    seen[line] = None
    return list(seen)


HIDING = {0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A), *range(0xE0000, 0xE0080)}


def text_of(line):
    """The text that a cell with this line must hold, None where it must be refused: no UTF-8, control characters, what hides."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None
    text = text.strip(" \t\u3000\u00a0")
    if any(unicodedata.category(c) == "Cc" or ord(c) in HIDING for c in text):
        return None
    return text


def guarded(text):
    """As a table shows it to a spreadsheet."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
