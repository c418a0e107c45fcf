# SPDX-License-Identifier: Apache-2.0
"""Tables from other people's spreadsheets: all or nothing, every fault with its line, and nothing in a cell leads anywhere."""

import csv
import io
import os
import resource
import subprocess
import time
import unittest

import tap_unittest
from ground import IS_SANITIZED, Company
from processes import program

PEOPLE = "number,name\n"
SESSIONS = "session,course,title_en,room,starts,ends\n"
MANY = 30000


class Import(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company(is_started=False)
        cls.folder = cls.company.server.folder

    @classmethod
    def tearDownClass(cls):
        cls.company.close()

    def run_import(self, table, data, *options, language="C.UTF-8"):
        """Exit status, and what was said. `data` is text, bytes, or pieces of bytes."""
        path = self.company.stage.path("table.csv")
        with open(path, "wb") as out:
            out.writelines(data if isinstance(data, list) else [data if isinstance(data, bytes) else data.encode()])
        done = subprocess.run([program("rollcall-server"), "--dir", self.folder, "import", table, path, *options], capture_output=True, text=True,
                              timeout=100, check=False, env={**os.environ, "LC_ALL": language})
        return done.returncode, done.stdout + done.stderr

    def count(self):
        return self.company.rows("SELECT count(*) FROM person")[0][0]

    def is_refused(self, table, data, *words):
        before = self.count(), self.company.rows("SELECT count(*) FROM session")
        status, said = self.run_import(table, data)
        self.assertEqual(status, 1, said)
        for word in words:
            self.assertIn(word, said)
        self.assertNotRegex(said.replace("\n", ""), "[\x00-\x1f\u202e\u200b]")
        self.assertEqual((self.count(), self.company.rows("SELECT count(*) FROM session")), before)

    def is_taken(self, table, data):
        status, said = self.run_import(table, data)
        self.assertEqual(status, 0, said)

    def name_of(self, number):
        return self.company.rows("SELECT name FROM person WHERE number = ?", number)[0][0]

    def test_a_cell_that_begins_like_a_formula_is_text_and_harmless_in_the_list(self):
        cells = {"=1+1": "=cmd|'/C_calc'!A0", "+7": "+1", "-7": "-1", "@7": "@SUM(A1)"}
        self.is_taken("employees", PEOPLE + "".join(f"{number},{name}\n" for number, name in cells.items()))
        self.assertEqual([self.name_of(number) for number in cells], list(cells.values()))
        self.is_taken("employees", PEOPLE + 'tab-7,"\t=1+1"\n')
        self.assertEqual(self.name_of("tab-7"), "=1+1")  # white space around a cell is none of it
        self.is_taken("registrations", "session,number\n" + "".join(f"SAFE-1,{number}\n" for number in cells))
        text = self.company.server.command("attendance", "SAFE-1", "--format", "csv").lstrip("\ufeff")
        rows = {row[0]: row[1] for row in csv.reader(io.StringIO(text))}
        for number, name in cells.items():
            self.assertEqual(rows.get("'" + number), "'" + name)

    def test_numbers_that_look_like_paths_lead_out_of_no_folder(self):
        self.is_taken("employees", PEOPLE + "../../escaped,Mallory\n..,Dot\n/tmp/rc-escaped,Root\n$(reboot),Shell\n")
        self.is_taken("registrations", "session,number\n" + "".join(f"SAFE-1,{n}\n" for n in ("../../escaped", "..", "/tmp/rc-escaped", "$(reboot)")))
        out = self.company.stage.path("deep", "er", "badges")
        os.makedirs(os.path.dirname(out))
        self.company.server.command("badges", "SAFE-1", "--out", out)
        for name in os.listdir(out):
            self.assertRegex(name, r"^badge-[A-Za-z0-9-]+\.png$")
        self.assertEqual(os.listdir(self.company.stage.path("deep")), ["er"])
        self.assertEqual(os.listdir(os.path.dirname(out)), ["badges"])
        self.assertFalse(os.path.exists("/tmp/rc-escaped.png"))

    def test_a_badge_is_written_through_no_link(self):
        out = self.company.stage.path("linked")
        os.makedirs(out)
        victim = self.company.stage.path("victim")
        with open(victim, "w", encoding="ascii") as text:
            text.write("untouched")
        os.symlink(victim, out + "/badge-001-01.png")
        self.company.server.command("badges", "SAFE-1", "--out", out)
        self.company.server.command("badge", "001-01", "--out", out + "/badge-001-01.png")
        with open(victim, encoding="ascii") as text:
            self.assertEqual(text.read(), "untouched")
        self.assertEqual(os.stat(out + "/badge-001-01.png").st_mode & 0o777, 0o600)

    def test_what_hides_or_misleads_is_refused_with_its_line(self):
        for name, cell in (("right to left", "Bob\u202egnp"), ("zero width", "Bo\u200bb"), ("escape", "Bob\x1b[2J"), ("invalid", "Bob\udcff"),
                           ("line separator", "Bo\u2028b")):
            with self.subTest(name):
                self.is_refused("employees", (PEOPLE + f"H-1,good\nH-2,{cell}\n").encode("utf-8", "surrogateescape"), ":3: error: ")

    def test_names_of_5000_characters_are_refused(self):
        self.is_refused("employees", PEOPLE + "L-1," + "x" * 5000 + "\n", ":2: error: name: too long")
        self.is_refused("employees", PEOPLE + "L" * 5000 + ",x\n", ":2: error: number: too long")

    def test_a_field_of_megabytes_is_refused_in_flat_memory(self):
        for megabytes in (20, 100):
            self.is_refused("employees", [PEOPLE.encode(), b"M-1,", *[b"x" * (1 << 20)] * megabytes, b"\n"])
        if not IS_SANITIZED:
            self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 256 << 10)

    def test_duplicate_rows_are_told_with_both_lines(self):
        self.is_refused("employees", PEOPLE + "D-1,a\nD-2,b\nD-1,c\n", ":4: error: ", "line 2")

    def test_zeros_in_front_stay_and_a_spreadsheets_damage_is_refused(self):
        self.is_taken("employees", PEOPLE + "00123,Zero\n")
        self.assertEqual(self.name_of("00123"), "Zero")
        self.is_refused("employees", PEOPLE + "Z-1,a\n1.23E+05,b\n", ":3: error: number: ", "spreadsheet")

    def test_other_separators_line_ends_and_marks_are_read(self):
        for number, data in (("S-1", "number;name\nS-1;x\n"), ("S-2", "number,name\rS-2,x\r"), ("S-3", "number\tname\r\nS-3\tx\r\n"),
                             ("S-4", "\ufeffname,number\nx,S-4\n"), ("S-5", "姓名,工号\nx,S-5\n")):
            with self.subTest(number):
                self.is_taken("employees", data)
                self.assertEqual(self.name_of(number), "x")
        self.is_taken("employees", PEOPLE + 'S-6,"two\u3000words"\n')

    def test_every_encoding_of_spreadsheets_is_read_and_named(self):
        for number, encoding, found in (("E-1", "utf-8", "UTF-8"), ("E-2", "utf-8-sig", "UTF-8"), ("E-3", "utf-16", "UTF-16LE"),
                                        ("E-4", "utf-16-le", "UTF-16LE"), ("E-5", "utf-16-be", "UTF-16BE"), ("E-6", "gbk", "GB18030"),
                                        ("E-7", "gb18030", "GB18030")):
            with self.subTest(encoding):
                name = "王𠮷" if number == "E-7" else "张伟"
                status, said = self.run_import("employees", f"工号,姓名,部门\n{number},{name},质检部\n".encode(encoding))
                self.assertEqual(status, 0, said)
                self.assertIn("encoding: " + found, said)
                self.assertEqual(self.name_of(number), name)

    def test_what_could_be_two_encodings_is_asked_about_and_taken_as_told(self):
        data = "number,name\nA-1,毛\nA-2,梅\n".encode("gbk")  # in UTF-8: ë and ÷
        self.is_refused("employees", data, "UTF-8 or GBK", "--encoding")
        self.is_refused("employees", "number,name\nA-1,김철수\nA-2,이영희\n".encode("euc-kr"), ":2: error: ", "--encoding")
        status, said = self.run_import("employees", data, "--encoding", "gbk")
        self.assertEqual((status, self.name_of("A-1"), self.name_of("A-2")), (0, "毛", "梅"), said)
        self.assertEqual(self.run_import("employees", data, "--encoding", "klingon")[0], 2)

    def test_a_dry_run_shows_how_the_file_is_understood_and_writes_nothing(self):
        before = self.count()
        data = "员工名单\n工号;姓名;备注\nP-1;张伟;x\n001-01;李雷;\nP-2;\x1b;\n".encode("gbk")
        status, said = self.run_import("employees", data, "--dry-run")
        self.assertEqual(status, 1, said)
        for word in ("encoding: GB18030 (", "separator: semicolon", "header: line 2", "工号 → number", "备注 → ignored",
                     "line 3: number=P-1, name=张伟", "new: 3", "changed: 4", "refused: 5", ":5: error: 姓名: ",
                     "3 rows: 1 new, 1 changed, 0 unchanged, 1 refused (nothing was written)", "1 error, nothing was imported"):
            self.assertIn(word, said)
        status, said = self.run_import("employees", data[:data.rindex(b"P-2")], "--dry-run")
        self.assertEqual((status, self.count()), (0, before), said)
        said = self.run_import("employees", data, "--dry-run", language="zh_CN.UTF-8")[1]
        for word in ("编码：GB18030（", "分隔符：分号", "表头：第 2 行", "备注 → 忽略", "第 3 行：number=P-1", "错误", "共 1 处错误"):
            self.assertIn(word, said)
        self.assertNotRegex(said, "error|warning|refused|nothing")

    def test_standard_input_is_read_and_a_missing_file_is_a_status_of_its_own(self):
        command = [program("rollcall-server"), "--dir", self.folder, "import", "employees"]
        done = subprocess.run([*command, "-"], input="number,name\nI-1,x\n".encode(), capture_output=True, timeout=100, check=False)
        self.assertEqual((done.returncode, self.name_of("I-1")), (0, "x"), done.stderr)
        done = subprocess.run([*command, "/nowhere/table.csv"], capture_output=True, text=True, timeout=100, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("there is no file /nowhere/table.csv", done.stderr)

    def test_codes_of_sessions_lead_to_no_other_address(self):
        for code in ("S/../1", "..", "S%2e", "S?x", "S#1", "-S", "S;DROP", "<S>"):
            with self.subTest(code):
                self.is_refused("sessions", SESSIONS + f'"{code}",T-001-01,t,3F-305,2026-01-05 09:00,2026-01-05 10:00\n',
                                ":2: error: session: ")

    def test_workbooks_and_broken_quotes_are_refused_with_a_reason(self):
        self.is_refused("employees", b"PK\x03\x04" + bytes(100), "XLSX")
        self.is_refused("employees", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "XLS")
        self.is_refused("employees", PEOPLE + 'E-1,"never closed\nE-2,x\n', "a quote opens here")
        self.is_refused("employees", PEOPLE + "E-1\x00,x\n", ":2: error: ", "NUL")

    def test_a_header_that_is_missing_is_named(self):
        self.is_refused("employees", "N-1,x\n", "at least number, name")
        self.is_refused("employees", "number,department\nN-1,x\n", "name")

    def test_times_with_two_meanings_are_refused(self):
        self.is_refused("sessions", SESSIONS + "T-1,T-001-01,t,3F-305,1/2/2026 09:00,2026-01-05 10:00\n", "two ways")
        for time_ in ("1/2/2026 09:00", "01-02-2026 09:00", "2026-02-30 09:00", "2026-01-05 25:00", "46000.375", "2026-01-05"):
            with self.subTest(time_):
                self.is_refused("sessions", SESSIONS + f"T-1,T-001-01,t,3F-305,{time_},2026-01-05 10:00\n", ":2: error: starts: ")

    def test_what_a_table_names_must_be_there(self):
        self.is_refused("registrations", "session,number\nSAFE-1,NOBODY\nNOWHERE,001-01\n", ":2: error: ", ":3: error: ")
        self.is_refused("sessions", SESSIONS + "X-1,T-001-01,t,NOROOM,2026-01-05 09:00,2026-01-05 10:00\n", ":2: error: room: ")

    def test_many_rows_come_in_one_transaction_or_not_at_all(self):
        good = PEOPLE + "".join(f"B-{i},Name {i}\n" for i in range(MANY))
        self.is_refused("employees", good + "B-1,again\n", f":{MANY + 2}: error: ", "line 3")
        before, begin = self.count(), time.monotonic()
        self.is_taken("employees", good)
        self.assertEqual(self.count() - before, MANY)
        self.assertLess(time.monotonic() - begin, 90)


if __name__ == "__main__":
    tap_unittest.main()
