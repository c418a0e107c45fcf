# SPDX-License-Identifier: Apache-2.0
"""Tables and strings made by others through imports and out again: unchanged, or refused with the line, and nothing else happens."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../hostile"))

import sets  # noqa: E402
import tap_unittest  # noqa: E402
from ground import Company  # noqa: E402
from processes import program  # noqa: E402

STRINGS = ("hostile-strings", "hostile-sql", "hostile-fuzzdb")
TABLES = ("rooms", "employees", "sessions", "registrations")
PIECE = 150  # an import keeps 200 faults in words
CODE = re.compile(r"[0-9A-Za-z\u3400-\u9fff\U00020000-\U000323af][-_.0-9A-Za-z\u3400-\u9fff\U00020000-\U000323af]*\Z")
DAMAGE = re.compile(r"(\d+([.,]\d*)?[eE]\+\d+|#{3,}|#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)|\d{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-\d{1,2})\Z")


def cell(data):
    return b'"' + data.replace(b'"', b'""') + b'"'


class Data(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.addClassCleanup(cls.company.close)
        cls.server = cls.company.server
        cls.server.make_token()

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), "the server has ended")

    @classmethod
    def tearDownClass(cls):
        for name in os.listdir(cls.company.folder):
            if name.endswith(".log"):
                log = sets.read(os.path.join(cls.company.folder, name))
                assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", log), name + " holds control characters"

    # ---- in and out ----

    def run_import(self, table, source, *options):
        """Status, lines refused, all that was said. `source` is a path or bytes for standard input."""
        is_path = isinstance(source, str)
        done = subprocess.run([program("rollcall-server"), "--dir", self.server.folder, "import", table, source if is_path else "-", *options],
                              input=None if is_path else source, capture_output=True, timeout=200, check=False,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})
        said = (done.stdout + done.stderr).decode()
        self.assertNotRegex(said.replace("\n", ""), "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
        self.assertIn(done.returncode, (0, 1), said)
        return done.returncode, {int(n) for n in re.findall(r"^[^\n]*?:(\d+): error: ", said, re.M)}, said

    def take(self, table, header, rows, *options):
        """Imports rows of bytes in pieces, without those that are refused; the numbers of these."""
        refused = set()
        for begin in range(0, len(rows), PIECE):
            piece = rows[begin:begin + PIECE]
            status, faults, said = self.run_import(table, b"\n".join([header, *piece, b""]), *options)
            refused |= {begin + line - 2 for line in faults}
            if status == 1:
                self.assertTrue(faults, said)
                rest = [row for i, row in enumerate(piece) if begin + i not in refused]
                status, _, said = self.run_import(table, b"\n".join([header, *rest, b""]), *options)
            self.assertEqual(status, 0, said)
        return refused

    def all_of(self, path, key):
        rows, after = [], ""
        while True:
            page = json.loads(self.server.get(f"/api/v1/{path}?limit=500{after}"))
            rows += page[key]
            if page["next"] is None:
                return rows
            after = "&after=" + urllib.parse.quote(page["next"])

    def all_as_csv(self, path, key):
        first = json.loads(self.server.get(f"/api/v1/{path}?limit=500"))
        self.assertIsInstance(first[key], list)
        text = self.server.get(f"/api/v1/{path}?limit=500&format=csv")
        self.assertTrue(text.startswith("\ufeff"))
        return first[key], list(csv.DictReader(io.StringIO(text[1:], newline="")))

    def check_texts(self, table, header, make_row, out, most=200):
        """Every string in one column: what is text comes out as it went in, what isn't is refused; `out` gives {key: text}."""
        strings = sets.lines(*STRINGS)
        refused = self.take(table, header, [make_row(i, string) for i, string in enumerate(strings)])
        there = out()
        for i, string in enumerate(strings):
            text = sets.text_of(string)
            must = text is None or len(text.encode()) > most or not text
            self.assertEqual(i in refused, must, string)
            if not must:
                self.assertEqual(there[i], text, string)

    # ---- strings ----

    @sets.needs(*STRINGS)
    def test_hostile_strings_are_names_of_people_like_any_other(self):
        self.check_texts("employees", b"number,name", lambda i, s: f"N-{i},".encode() + cell(s),
                         lambda: {int(row["number"][2:]): row["name"] for row in self.all_of("employees", "employees")
                                  if row["number"].startswith("N-")}, 80)
        listed, shown = self.all_as_csv("employees", "employees")
        for row, line in zip(listed, shown, strict=True):
            self.assertEqual(line["name"], sets.guarded(row["name"]))

    @sets.needs(*STRINGS)
    def test_hostile_strings_are_names_of_rooms_and_titles_of_sessions(self):
        self.check_texts("rooms", "room,site,教室名称".encode(), lambda i, s: f"R-{i},HQ,".encode() + cell(s),
                         lambda: {int(row["code"][2:]): row["name"]["zh"] for row in self.all_of("rooms", "rooms")
                                  if row["code"].startswith("R-")})
        self.check_texts("sessions", b"session,course,title,room,starts,ends",
                         lambda i, s: f"D-{i},T-001-01,".encode() + cell(s) + b",3F-305,2027-01-05 09:00,2027-01-05 10:00",
                         lambda: {int(row["code"][2:]): row["title"]["en"] for row in self.all_of("sessions", "sessions")
                                  if row["code"].startswith("D-")})

    @sets.needs(*STRINGS)
    def test_hostile_strings_are_staff_numbers_or_refused(self):
        strings = sets.lines(*STRINGS)
        numbers, good = {}, set()
        for i, string in enumerate(strings):
            text = sets.text_of(string)
            folded = "" if text is None else "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
            if folded and len(folded.encode()) <= 32 and not re.search("[ \u3000\u00a0]", folded) and not DAMAGE.match(folded):
                numbers.setdefault(folded, i)
                good.add(i)
        refused = self.take("employees", b"number,name", [cell(s) + f",number {i}".encode() for i, s in enumerate(strings)])
        there = {row["number"] for row in self.all_of("employees", "employees")}
        self.assertEqual(set(numbers) - there, set())
        for number in list(numbers)[::len(numbers) // 25]:  # a token may ask so often
            found = json.loads(self.server.get("/api/v1/employees?number=" + urllib.parse.quote(number, safe="")))
            self.assertEqual([row["number"] for row in found["employees"]], [number])
        self.assertEqual(set(range(len(strings))) - refused - good, set())

    @sets.needs(*STRINGS)
    def test_only_codes_of_the_alphabet_are_codes_of_sessions(self):
        strings = sets.lines(*STRINGS)
        rows = [cell(s) + b",T-001-01,t,3F-305,2027-02-05 09:00,2027-02-05 10:00" for s in strings]
        self.take("sessions", b"session,course,title,room,starts,ends", rows)
        for row in self.all_of("sessions", "sessions"):
            self.assertRegex(row["code"], CODE)

    def ask(self, path, body):
        request = urllib.request.Request(self.server.api + path, data=body, method="POST",
                                         headers={"Authorization": f"Bearer {self.operator}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as answer:
            return answer.code, json.loads(answer.read())

    @sets.needs(*STRINGS, "hostile-json")
    def test_bodies_of_hostile_json_and_strings_are_refused_in_form(self):
        self.server.command("token", "create", "--name", "op", "--role", "operator")
        strings = sets.lines(*STRINGS)[::23]
        bodies = [json.dumps({"room": s.decode("utf-8", "replace"), "valid_min": 60}).encode() for s in strings]
        bodies += [b'{"room":"' + s + b'"}' for s in strings]
        bodies += [sets.read(path) for path in sets.files("hostile-json", ".json")]
        for i in range(0, len(bodies), 25):  # a token may ask so often
            self.operator = self.server.command("token", "create", "--name", f"op{i}", "--role", "operator").split()[-1]
            for body in bodies[i:i + 25]:
                status, problem = self.ask("/api/v1/enrolment-codes", body)
                self.assertIn(status, range(400, 500), body[:80])
                self.assertIn("code", problem)

    # ---- tables ----

    def state(self):
        return [self.company.rows(f"SELECT count(*) FROM {table}") for table in ("person", "room", "session", "registration")]

    @sets.needs("hostile-tables", "hostile-excel", "hostile-csv-spectrum", "hostile-zip", "encodings", "time-oddities", "hr-orangehrm")
    def test_files_of_any_kind_are_previewed_or_refused_and_change_nothing(self):
        before = self.state()
        paths = [path for name in ("hostile-tables", "hostile-excel", "hostile-csv-spectrum", "encodings", "time-oddities", "hr-orangehrm",
                                   "hr-names") for path in sets.files(name)] + sets.files("hostile-zip")[::5]
        for i, path in enumerate(paths):
            with self.subTest(path):
                status, _, said = self.run_import(TABLES[i % 4], path, "--dry-run")
                self.assertTrue(status == 1 or "nothing was written" in said, said)
                if path.endswith((".xlsx", ".xls", ".xlsb", ".xlsm", ".ods", ".zip")):
                    self.assertEqual(status, 1)
                    self.assertRegex(said, "workbook|archive|NUL|UTF-8|larger than")
        self.assertEqual(self.state(), before)

    @sets.needs("hr-ibm-attrition", "hr-oracle")
    def test_records_of_other_systems_name_the_column_that_lacks(self):
        for path in sets.files("hr-ibm-attrition") + [p for p in sets.files("hr-oracle") if "employees" in p]:
            status, faults, said = self.run_import("employees", path, "--dry-run")
            self.assertEqual((status, len(faults)), (1, 1), said)
            self.assertIn("the column name / 姓名 is missing", said)
            self.assertIn(" → number\n", said)

    @sets.needs("hr-ibm-attrition")
    def test_records_of_other_systems_come_in_once_their_columns_are_there(self):
        wanted = {}
        for path in sets.files("hr-ibm-attrition", ".csv"):
            rows = list(csv.DictReader(io.StringIO(sets.read(path).decode("utf-8-sig"), newline="")))
            out = io.StringIO(newline="")
            table = csv.writer(out)
            table.writerow(["EmployeeNumber", "Full Name", "Department", "JobRole"])
            for row in rows:
                number = "IBM-" + row["EmployeeNumber"]
                wanted[number] = ("Person " + row["EmployeeNumber"], row["Department"])
                table.writerow([number, wanted[number][0], row["Department"], row["JobRole"]])
            status, _, said = self.run_import("employees", out.getvalue().encode("utf-16"))
            self.assertEqual(status, 0, said)
            self.assertIn(f"{len(rows)} rows: {len(rows)} new", said)
        there = {row["number"]: (row["name"], row["department"]) for row in self.all_of("employees", "employees")}
        self.assertEqual({number: there[number] for number in wanted}, wanted)

    @sets.needs("hr-names")
    def test_names_in_every_encoding_come_out_as_they_are(self):
        wanted = {}
        for n, path in enumerate(sets.files("hr-names", ".txt")):
            names = [name.strip() for name in sets.read(path).decode("utf-8-sig").splitlines() if sets.text_of(name.encode())]
            for e, encoding in enumerate(("utf-8", "gb18030", "utf-16", "utf-16-be")):
                part = names[e * 100:e * 100 + 100]
                rows = {f"P{n}-{e}-{i:04d}": name for i, name in enumerate(part) if len(name.encode()) <= 200}
                text = "工号,姓名,部门\n" + "".join(f"{number},{name},质检部\n" for number, name in rows.items())
                status, _, said = self.run_import("employees", text.encode(encoding))
                if status == 1 and encoding == "gb18030":  # rare enough to be something else: a human says
                    self.assertIn("--encoding", said)
                    status, _, said = self.run_import("employees", text.encode(encoding), "--encoding", encoding)
                self.assertEqual(status, 0, said)
                wanted.update(rows)
        there = {row["number"]: row["name"] for row in self.all_of("employees", "employees")}
        self.assertEqual({number: there.get(number) for number in wanted}, wanted)

    @sets.needs("hr-zh-places")
    def test_places_of_china_are_rooms_whose_codes_stay_text(self):
        wanted = {}
        for path in sets.files("hr-zh-places", ".csv"):
            rows = list(csv.DictReader(io.StringIO(sets.read(path).decode(), newline="")))[:700]
            text = "编号,教室编号,教室名称,站点\n" + "".join(f"x,0{row['code']},{row['name']},HQ\n" for row in rows)
            status, _, said = self.run_import("rooms", text.encode("gb18030"))
            self.assertEqual(status, 0, said)
            self.assertIn("encoding: GB18030", said)
            wanted.update({"0" + row["code"]: row["name"] for row in rows})
        there = {row["code"]: row["name"]["zh"] for row in self.all_of("rooms", "rooms")}
        self.assertEqual({code: there.get(code) for code in wanted}, wanted)

    @sets.needs("time-oddities")
    def test_odd_times_and_offsets_are_refused_with_their_line(self):
        leaps = [line.split()[0] for line in sets.read(os.path.join(sets.FOLDER, "time-oddities/leap-seconds.list")).decode().splitlines()
                 if line[:1].isdigit()]
        times = leaps + ["2016-12-31 23:59:60", "2015-06-30T23:59:60Z", "1970-01-01 00:00", "2200-01-01 00:00"]
        rows = [f"L-{i},T-001-01,t,3F-305,{time},2027-01-05 10:00".encode() for i, time in enumerate(times)]
        self.assertEqual(self.take("sessions", b"session,course,title,room,starts,ends", rows), set(range(len(rows))))
        offsets = sorted(set(re.findall(r"^(?:Zone\s+\S+)?\s+(-?\d+:\d\d:\d\d)", sets.read(
            os.path.join(sets.FOLDER, "time-oddities/asia.txt")).decode(), re.M)))
        self.assertTrue(offsets)
        rows = [f"O-{i},odd-{i},+{offset}".encode() for i, offset in enumerate(offsets)]
        self.assertEqual(self.take("rooms", b"room,site,utc_offset", rows), set(range(len(rows))))


if __name__ == "__main__":
    tap_unittest.main()
