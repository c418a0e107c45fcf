#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an administrator does with the settings before a program is started with them."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from programs import BIN, SOURCE, run, written  # noqa: E402

PROGRAMS = {"rollcall-kiosk": "kiosk", "rollcall-server": "server"}  # and the section of its settings


class Config(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "some.conf")

    def write(self, content, name=""):
        path = self.path + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def check(self, program, *more):
        return run(program, "config", "--check", "--config", self.path, *more)

    def test_an_empty_file_means_the_defaults(self):
        for program in PROGRAMS:
            self.write("")
            self.assertEqual((0, "the settings are good\n", ""), tuple_of(self.check(program)))
            shown = written(program, "config", "--config", self.path)
            self.assertIn(" ; default\n", shown)
            self.assertNotIn("conf:", shown)

    def test_all_faults_are_told_at_once_with_their_lines(self):
        self.write("[kiosk]\npoll = 99999\ndata = ../x\npoll = 5\nrtc = perhaps\n")
        done = self.check("rollcall-kiosk")
        self.assertEqual(3, done.returncode)
        self.assertEqual("", done.stdout)
        for told in (f"{self.path}:2: error: kiosk.poll: not within 1 to 600\n",
                     f"{self.path}:3: error: kiosk.data: not an absolute path",
                     f"{self.path}:4: error: kiosk.poll stands in line 2 already\n",
                     f"{self.path}:5: error: kiosk.rtc: neither yes nor no\n"):
            self.assertIn(told, done.stderr)

    def test_a_number_is_plain_digits_within_its_range(self):
        for value, reason in (("99999", "not within 1 to 256"), ("-1", "not within 1 to 256"), ("1e3", "plain digits")):
            self.write(f"[server]\nworkers = {value}\n")
            done = self.check("rollcall-server")
            self.assertEqual(3, done.returncode, value)
            self.assertIn(f"{self.path}:2: error: server.workers: ", done.stderr)
            self.assertIn(reason, done.stderr)

    def test_a_port_that_is_none_is_refused(self):
        for port in ("99999", "-1", "1e3", ""):
            self.write(f"[server]\ndevice = 0.0.0.0:{port}\n")
            done = self.check("rollcall-server")
            self.assertEqual(3, done.returncode, port)
            self.assertIn(f"{self.path}:2: server.device: 0.0.0.0:{port} is no ADDRESS:PORT", done.stderr)
            self.assertIn("from 0 to 65535", done.stderr)

    def test_names_are_shown_full_or_short_and_in_no_other_way(self):
        for names, status in (("full", 0), ("short", 0), ("half", 3), ("", 3)):
            self.write(f"[kiosk]\nnames = {names}\n")
            done = self.check("rollcall-server")
            self.assertEqual(status, done.returncode, (names, done.stderr))
            self.assertEqual(status != 0, "kiosk.names is full or short" in done.stderr)

    def test_settings_that_contradict_each_other_are_refused(self):
        self.write("[server]\npeople = 0.0.0.0:8080\n")
        done = self.check("rollcall-server")
        self.assertEqual(3, done.returncode)
        self.assertIn("needs TLS", done.stderr)

    def test_a_file_of_10_mb_is_refused_by_its_size(self):
        self.write(b"# x\n" * 2_500_000)
        for program in PROGRAMS:
            done = self.check(program)
            self.assertEqual(3, done.returncode)
            self.assertIn(f"{self.path}: error: the file is over the limit of 1 MiB\n", done.stderr)

    def test_an_unknown_key_is_a_warning_and_no_more(self):
        for program, section in PROGRAMS.items():
            self.write(f"[{section}]\nnew = 1\n")
            done = self.check(program)
            self.assertEqual((0, "the settings are good\n"), (done.returncode, done.stdout))
            self.assertEqual(f"{self.path}:2: warning: there is no setting {section}.new\n", done.stderr)

    def test_a_byte_order_mark_and_windows_line_ends_change_nothing(self):
        self.write(b"\xef\xbb\xbf[kiosk]\r\npoll = 7\r\n")
        self.assertIn(f"poll = 7 ; {self.path}:2\n", written("rollcall-kiosk", "config", "--config", self.path))

    def test_every_value_says_where_it_comes_from(self):
        self.write("[kiosk]\npoll = 7\nrtc = no\n")
        self.write("[kiosk]\nrtc = yes\n", ".d/50-board.conf")
        shown = written("rollcall-kiosk", "config", "--show", "--config", self.path, "--run", "/run/other")
        for line in (f"poll = 7 ; {self.path}:2", f"rtc = yes ; {self.path}.d/50-board.conf:2",
                     "run = /run/other ; command line", "camera = none ; default", "# scanner is not set"):
            self.assertIn(line + "\n", shown)

    def test_what_is_shown_is_a_file_that_shows_the_same(self):
        for program, section in PROGRAMS.items():
            self.write(f"[{section}]\n")
            once = written(program, "config", "--config", self.path)
            self.write(once)
            again = written(program, "config", "--config", self.path)
            self.assertEqual(values_of(once), values_of(again))

    def test_the_sample_is_a_good_file_also_with_every_default_switched_on(self):
        for program in PROGRAMS:
            for lang in ("C.UTF-8", "zh_CN.UTF-8"):
                sample = written(program, "config", "--sample", lang=lang)
                self.write(sample)
                self.assertEqual((0, ""), (self.check(program).returncode, self.check(program).stderr))
                self.write("".join(line[1:] if line.startswith("#") and line[1] != " " and not line.endswith("= \n") else line
                                   for line in sample.splitlines(True)))
                self.assertEqual((0, ""), (self.check(program).returncode, self.check(program).stderr))

    def start(self, *arguments):
        """Runs a daemon until it says that it is ready; what it said until then."""
        with subprocess.Popen([os.path.join(BIN, "rollcall-kiosk"), "run", "--config", self.path, *arguments], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as daemon:
            said = []
            for line in daemon.stderr:
                said.append(line)
                if "ready" in line:
                    break
            daemon.send_signal(signal.SIGTERM)
            daemon.stderr.read()
        self.assertEqual(0, daemon.returncode, said)
        return said

    def test_a_kiosk_starts_with_an_empty_file_and_with_an_unknown_key(self):
        folders = ("--data", os.path.join(os.path.dirname(self.path), "data"),
                   "--run", os.path.join(os.path.dirname(self.path), "run"))
        self.write("")
        self.assertNotIn("warning", "".join(self.start(*folders)))
        self.write("[kiosk]\nnew = 1\n")
        self.assertEqual(f"{self.path}:2: warning: there is no setting kiosk.new\n", self.start(*folders)[0])

    def test_two_wishes_are_one_too_many(self):
        for program in PROGRAMS:
            self.assertEqual(2, run(program, "config", "--check", "--sample").returncode)
            self.assertEqual(3, run(program, "config", "--config", self.path + ".gone").returncode)

    def test_the_reference_in_docs_is_current(self):
        done = subprocess.run([os.path.join(SOURCE, "docs", "configuration.sh")], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=True)
        with open(os.path.join(SOURCE, "docs", "configuration.md"), encoding="utf-8") as file:
            self.assertEqual(done.stdout, file.read(), "docs/configuration.sh > docs/configuration.md makes it anew")


def tuple_of(done):
    return done.returncode, done.stdout, done.stderr


def values_of(shown):
    return [line.split(" ;")[0] for line in shown.splitlines()]


if __name__ == "__main__":
    tap_unittest.main()
