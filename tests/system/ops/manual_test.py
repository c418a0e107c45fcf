#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages and completions, as the programs print them for the build."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from programs import NAMES, run, written  # noqa: E402

# Chinese text has no space to break a long line at, and mandoc, which writes a Chinese character as \[u4E2D], takes that bracket
# at a line's end for a delimiter.
ONLY_CHINESE = re.compile(r"STYLE: trailing delimiter: .*\\\[u[0-9A-F]{4}\]$|STYLE: input text line longer than 80 bytes: .*\\\[u")
# Two words of a verb, options and operands: what bash would have typed before the cursor.
COMPLETIONS = (
    ("rollcall-server", ("ki",), {"kiosk"}),
    ("rollcall-server", ("kiosk", ""), {"code", "list", "revoke"}),
    ("rollcall-server", ("--dir", "/x", "kiosk", "code", "--r"), {"--room", "--replaces"}),
    ("rollcall-server", ("badge", "--"), {"--dir", "--out", "--help", "--version"}),
    ("rollcall-kiosk", ("st",), {"status"}),
    ("rollcall-kiosk", ("status", "--js"), {"--json"}),
    ("rollcall-kiosk", ("run", "--poll", ""), set()),
    ("rollcall-screen", ("--fu",), {"--fullscreen"}),
)


def complete(program, words):
    script = written(program, "--print-completion=bash") + f"""
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_{program.replace('-', '_')}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-uc", script, "bash", program, *words], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=30, check=False)
    return {line for line in done.stdout.split("\n") if line}, done.stderr


class Manual(unittest.TestCase):
    def test_every_page_is_clean_for_mandoc_in_both_languages(self):
        for program in NAMES:
            for language in ("en", "zh"):
                with self.subTest(program=program, language=language), tempfile.NamedTemporaryFile("w", suffix=".8") as page:
                    page.write(written(program, f"--print-manual={language}"))
                    page.flush()
                    done = subprocess.run(["mandoc", "-K", "utf-8", "-T", "lint", "-W", "style", page.name], text=True,
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30, check=False)
                    self.assertEqual([], [line for line in done.stdout.splitlines() if not ONLY_CHINESE.search(line)])

    def test_a_page_names_every_option_that_help_names(self):
        for program in NAMES:
            told = written(program, "--help")
            if "Verbs:" in told:
                verbs = re.findall(r"^  ([a-z]+(?: [a-z]+)?)\b", told.split("Verbs:")[1].split("Options:")[0], re.M)
                told += "".join(written(program, *verb.split(), "--help") for verb in verbs)
            options = set(re.findall(r"^  (?:-\w,|   ) --([a-z-]+)", told, re.M))
            for language in ("en", "zh"):
                page = written(program, f"--print-manual={language}")
                missing = {o for o in options if f"Fl -{o}" not in page}
                self.assertEqual((program, set()), (program, missing))
                self.assertIn("help", options)

    def test_the_chinese_page_is_chinese(self):
        for program in NAMES:
            page = written(program, "--print-manual=zh")
            self.assertIn(".Sh 说明\n", page)
            self.assertIn(".Sh NAME\n", page)  # whatis looks for it

    def test_the_wishes_of_the_build_stand_alone(self):
        self.assertEqual(2, run("rollcall-kiosk", "--print-manual=fr").returncode)
        self.assertEqual(2, run("rollcall-kiosk", "--print-manual=en", "status").returncode)
        self.assertNotIn("print-manual", written("rollcall-kiosk", "--help"))

    def test_bash_completes_verbs_and_options(self):
        for program, words, expected in COMPLETIONS:
            with self.subTest(program=program, words=words):
                self.assertEqual((expected, ""), complete(program, words))

    def test_completion_finds_files_where_a_file_is_wanted(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "kiosk.conf")
            with open(path, "w", encoding="utf-8"):
                pass
            self.assertEqual(({path}, ""), complete("rollcall-kiosk", ("run", "--config", os.path.join(folder, "k"))))
            self.assertEqual(({path}, ""), complete("rollcall-kiosk", ("decode", os.path.join(folder, "k"))))


if __name__ == "__main__":
    tap_unittest.main()
