# SPDX-License-Identifier: Apache-2.0
import pathlib
import tempfile
import unittest

import check_source
import tap_unittest

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"


def findings(text, name="shared/x/a.c"):
    with tempfile.TemporaryDirectory() as root:
        path = pathlib.Path(root) / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        return [line.split(":", 1)[1] for line in check_source.findings(pathlib.Path(root))]


class Source(unittest.TestCase):
    def test_a_source_without_its_licence_is_found(self):
        self.assertIn("no line", findings("int a;\n")[0])
        self.assertEqual(findings(SPDX + "int a;\n"), [])

    def test_a_banned_call_is_found_in_code_only(self):
        self.assertEqual(findings(SPDX + 'const char *a = "system(1)"; /* strcpy(b) */ // rand()\n'), [])
        self.assertEqual(findings(SPDX + "rc_clock_system(); rc_random(a); b->strtok_r(c);\n"), [])
        self.assertEqual(findings(SPDX + "int n = atoi (a);\n"), ["2: atoi() is not used here"])

    def test_a_string_that_looks_like_a_comment_hides_nothing(self):
        self.assertEqual(len(findings(SPDX + 'f("/*"); strcpy(a, b); f("*/");\n')), 1)
        self.assertEqual(len(findings(SPDX + "f('\"'); strcpy(a, b);\n")), 1)

    def test_sql_is_found_also_when_it_is_cut_into_several_strings(self):
        for code in ['"SELECT a FROM b"', '"UPDATE t "\n  /* why */ "SET a = 1"', '"DELETE FROM t"', '"INSERT "\n "INTO t"']:
            with self.subTest(code=code):
                self.assertIn("SQL in C", findings(SPDX + f"const char *q = {code};\n")[0])

    def test_words_of_plain_english_are_no_sql(self):
        for code in ['"select a room FROM the list"', '"UPDATE", "SET"', '"INTO"', '"DELETE"']:
            with self.subTest(code=code):
                self.assertEqual(findings(SPDX + f"f({code});\n"), [])

    def test_tests_may_hold_sql(self):
        self.assertEqual(findings(SPDX + 'f("SELECT 1");\n', "tests/x/a.c"), [])


class Header(unittest.TestCase):
    def header(self, text):
        return findings(SPDX + text, "shared/x/a.h")

    def test_a_function_after_a_blank_line_needs_its_own_comment(self):
        found = self.header("/*\n * About.\n */\n\nint rc_bare(int a);\n")
        self.assertEqual(found, ["6: rc_bare has no comment directly above it"])

    def test_functions_without_a_blank_line_share_a_comment(self):
        self.assertEqual(self.header("/* Two\n * lines. */\nint rc_one(int a,\n\t int b);\nint rc_two(void);\n"), [])

    def test_a_comment_behind_counts_and_a_call_in_a_body_does_not(self):
        self.assertEqual(self.header("int rc_one(void); /* behind */\n"), [])
        self.assertEqual(self.header("/* Above. */\nstatic inline int rc_two(void)\n{\n\n\treturn rc_one();\n}\n"), [])

    def test_a_function_of_the_folder_alone_needs_none(self):
        self.assertEqual(self.header("int rc_x__one(void);\n"), [])


if __name__ == "__main__":
    tap_unittest.main()
