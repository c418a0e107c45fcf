#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One thing has one Chinese name everywhere: what docs/glossary.tsv calls wrong stands in no text that somebody may read."""
import os
import pathlib
import re
import unittest

import tap_unittest

SOURCE = pathlib.Path(os.environ["RC_SOURCE"])
ENDINGS = {".c", ".h", ".po", ".md", ".json", ".html", ".py", ".sh", ".conf"}
# Imports take the names that other systems give to columns.
ACCEPTED = re.compile(r"NAMES\(")


def texts():
    """Every file whose words reach a person; not the tests, which also hold what people type."""
    yield from sorted(SOURCE.glob("*.md"))
    for area in ("shared", "server", "firmware", "boards", "docs"):
        yield from sorted(path for path in (SOURCE / area).rglob("*")
                          if path.suffix in ENDINGS and "node_modules" not in path.parts)


def rows():
    lines = (SOURCE / "docs/glossary.tsv").read_text(encoding="utf-8").splitlines()
    return [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]


def misnamed(line, wrong):
    return next((row for word, row in wrong.items() if word in line and not ACCEPTED.search(line)), None)


class Glossary(unittest.TestCase):
    wrong = {word: row for row in rows() for word in row["nowhere"].split("|") if word}

    def test_no_text_uses_a_word_that_the_glossary_calls_wrong(self):
        found = []
        for path in texts():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                row = misnamed(line, self.wrong)
                if row:
                    found.append(f"{path.relative_to(SOURCE)}:{number}: {row['en']} is {row['zh']}: {line.strip()}")
        if found:
            self.fail("\n".join(found))

    def test_a_wrong_word_is_seen_unless_an_import_accepts_it(self):
        self.assertEqual(misnamed('print("教室")', self.wrong)["en"], "room")
        self.assertIsNone(misnamed('{"room", NAMES("培训室", "教室")}', self.wrong))

    def test_no_word_is_right_and_wrong(self):
        for row in rows():
            self.assertTrue(row["zh"], row)
            for word in row["zh"].split("|"):
                self.assertIsNone(misnamed(word, self.wrong), row)


if __name__ == "__main__":
    tap_unittest.main()
