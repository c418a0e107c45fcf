#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/promises.md names tests that exist, and says the same in both languages."""
import os
import pathlib
import re
import unittest

import tap_unittest

SOURCE = pathlib.Path(os.environ["RC_SOURCE"])
NAME = re.compile(r"`([a-z0-9_.]+)::([a-z0-9_]+)`")


def promises(path):
    """The tests that each promise of the page names: [[(ctest, function), …], …]."""
    sections = (SOURCE / "docs" / path).read_text(encoding="utf-8").split("\n## ")[1:]
    return [NAME.findall(section) for section in sections]


def folders():
    """{ctest's name: the folder that declares it}."""
    found = {}
    for cmake in (SOURCE / "tests").rglob("CMakeLists.txt"):
        for name in re.findall(r"^\s*rc_(?:system_)?test\(([a-z0-9_.]+)", cmake.read_text(encoding="utf-8"), re.M):
            found[name] = cmake.parent
    return found


def has_function(folder, function):
    wanted = re.compile(rf"(?:^static void |^    def test_){function}\(", re.M)
    return any(wanted.search(path.read_text(encoding="utf-8")) for path in [*folder.glob("*.c"), *folder.glob("*.py")])


class Promises(unittest.TestCase):
    def test_each_promise_names_tests_that_exist(self):
        where = folders()
        for names in promises("promises.md"):
            self.assertTrue(names)
            for program, function in names:
                with self.subTest(name=f"{program}::{function}"):
                    self.assertTrue(program in where, "no CMakeLists.txt declares it")
                    self.assertTrue(has_function(where[program], function))

    def test_both_languages_name_the_same_proofs(self):
        self.assertGreater(len(promises("promises.md")), 8)
        self.assertEqual(promises("promises.md"), promises("promises.zh-CN.md"))

    def test_a_function_that_is_nowhere_is_missed(self):
        self.assertFalse(has_function(SOURCE / "tests/tools", "nobody_wrote_this"))


if __name__ == "__main__":
    tap_unittest.main()
