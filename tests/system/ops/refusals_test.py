#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an administrator is told who asks for something wrong: a status that scripts can rely on, words in both languages.

0 good, 1 a finding, 2 wrong use, 3 configuration, 4 disk or network.
"""
import os
import pathlib
import tempfile
import unittest

import programs
import tap_unittest

NOBODY = "00000000-0000-0000-0000-000000000000"
URL = ("--organisation", "Works", "--url", "https://localhost:8443")

# arguments behind --dir of a server; status; what English and Chinese say
SERVER = (
    (("kiosk",), 2, "kiosk code, kiosk list, kiosk revoke", "kiosk code, kiosk list, kiosk revoke"),
    (("import", "rooms"), 2, "Try: rollcall-server import --help", "请试：rollcall-server import --help"),
    (("kiosk", "code"), 2, "Try: rollcall-server kiosk code --help", "请试：rollcall-server kiosk code --help"),
    (("import", "chairs", "x.csv"), 2, "not chairs", "不能是 chairs"),
    (("import", "rooms", "gone.csv"), 4, "there is no file gone.csv", "没有文件 gone.csv"),
    (("kiosk", "code", "--room", "NOPE"), 1, "no room NOPE", "没有培训室 NOPE"),
    (("kiosk", "revoke", "nope"), 2, "no kiosk's id", "不是签到机的 id"),
    (("kiosk", "revoke", NOBODY), 1, "no kiosk", "没有签到机"),
    (("badges", "NOPE", "--out", "b"), 1, "no session NOPE", "没有课次 NOPE"),
    (("badge", "NOPE", "--out", "b"), 1, "nobody with the number", "没有工号为 NOPE 的人"),
    (("attendance", "NOPE"), 1, "no session NOPE", "没有课次 NOPE"),
    (("attendance", "NOPE", "--format", "pdf"), 2, "not pdf", "不能是 pdf"),
    (("inbox", "settle", "nope", "--note", "x"), 1, "no entry nope", "没有事项 nope"),
    (("token", "create", "--name", "a", "--role", "boss"), 2, "not boss", "不能是 boss"),
    (("token", "revoke", "nope"), 1, "no good token", "没有名为 nope"),
    (("quarantine", "release", NOBODY), 1, "no kiosk", "没有签到机"),
    (("backup",), 2, "--out FILE or --check FILE", "--out FILE 或 --check FILE"),
    (("backup", "--out", "gone/b"), 4, "No such file", "没有那个文件"),
    (("backup", "--check", "gone"), 4, "No such file", "没有那个文件"),
    (("restore", "--from", "gone"), 4, "No such file", "没有那个文件"),
    (("config", "--check", "--config", "gone.conf"), 3, "gone.conf can't be read", "gone.conf 读不出来"),
    (("init", *URL), 1, "isn't empty", "不是空目录"),
)

# the same behind --data and --run of a kiosk that was never started
KIOSK = (
    (("enrol",), 2, "Try: rollcall-kiosk enrol --help", "请试：rollcall-kiosk enrol --help"),
    (("enrol", "RCE1:abc"), 2, "no enrolment code", "不是注册码"),
    (("run", "--poll", "0"), 2, "from 1 to 600", "1 到 600"),
    (("decode", "gone.png"), 1, "No such file", "没有那个文件"),
    (("decode", programs.__file__), 1, "neither PNG nor JPEG", "PNG"),
    (("status",), 0, "the kiosk isn't running", "签到机未运行"),
    (("--config", "gone.conf", "status"), 3, "gone.conf can't be read", "gone.conf 读不出来"),
)


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = os.path.join(cls.folder.name, "server")
        programs.written("rollcall-server", "--dir", cls.server, "init", *URL)

    def ask(self, program, base, cases):
        for arguments, status, english, chinese in cases:
            for lang, words in (("C.UTF-8", english), ("zh_CN.UTF-8", chinese)):
                with self.subTest(arguments=arguments, lang=lang):
                    done = programs.run(program, *base, *arguments, lang=lang, cwd=self.folder.name)
                    self.assertEqual((done.returncode, words in done.stderr), (status, True), done.stderr)

    def test_a_server_says_what_is_wrong_in_the_callers_language(self):
        self.ask("rollcall-server", ("--dir", self.server), SERVER)

    def test_a_kiosk_says_what_is_wrong_in_the_callers_language(self):
        self.ask("rollcall-kiosk", ("--data", os.path.join(self.folder.name, "kiosk"),
                                    "--run", os.path.join(self.folder.name, "run")), KIOSK)

    def test_where_no_server_is_every_verb_says_how_to_make_one(self):
        for verb in (("kiosk", "list"), ("serve",), ("verify",), ("backup", "--out", "x")):
            done = programs.run("rollcall-server", "--dir", "nowhere", *verb, cwd=self.folder.name)
            self.assertEqual((done.returncode, "rollcall-server init" in done.stderr), (3, True), done.stderr)

    def test_output_that_nobody_takes_is_a_failure(self):
        for program, *arguments in (("rollcall-server", "--dir", self.server, "kiosk", "list"),
                                    ("rollcall-server", "--help"),
                                    ("rollcall-kiosk", "--data", self.folder.name, "--run", self.folder.name, "status")):
            with self.subTest(arguments=arguments), open("/dev/full", "w", encoding="ascii") as full:
                self.assertEqual(programs.run(program, *arguments, stdout=full).returncode, 4)

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_who_may_not_look_is_told_so_and_not_that_nothing_is_there(self):
        data = pathlib.Path(self.folder.name, "closed")
        (data / "identity").mkdir(parents=True)
        (data / "journal").mkdir()
        data.chmod(0o700)
        pathlib.Path(self.folder.name).chmod(0o755)
        for verb in ("status", "verify"):
            done = programs.run("rollcall-kiosk", "--data", str(data), "--run", str(data), verb, user="nobody", group="nogroup")
            self.assertEqual((done.returncode, "Permission denied" in done.stderr), (4, True), done.stderr)
            self.assertNotIn("not enrolled", done.stdout)


if __name__ == "__main__":
    tap_unittest.main()
