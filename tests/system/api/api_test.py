# SPDX-License-Identifier: Apache-2.0
"""The people's interface against its description: each operation as it says, and everything that must be refused."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "../../..")
sys.path.insert(0, os.path.join(SOURCE, "tests/sim/rig"))

import jsonschema  # noqa: E402
import tap_unittest  # noqa: E402
from company_site import Server, Stage, wait_until  # noqa: E402
from described import Client, Document  # noqa: E402

ROOM = "3F-305"
KINDS = ("person.unknown", "fact.branch", "clock.unsure")


class Interface(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="rc-api-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.stage = Stage(cls.folder)
        cls.addClassCleanup(cls.stage.end_all)
        tables = cls.stage.path("company")
        subprocess.run([sys.executable, os.path.join(SOURCE, "tests/demo/company.py"), "--dir", tables], check=True,
                       stdout=subprocess.DEVNULL)
        cls.server = Server(cls.stage, is_direct=True)
        cls.server.init()
        cls.server.load(tables)
        cls.add_session_of_the_future()
        cls.fill_inbox()
        cls.server.start()
        cls.reader, cls.operator = cls.make_token("reader"), cls.make_token("operator")
        cls.kiosks = [cls.enrol("first", cls.server.enrolment_code(ROOM)), cls.enrol("second", cls.server.enrolment_code(ROOM))]
        cls.document = Document(json.loads(cls.first_look()))
        cls.client = Client(cls.document, cls.server.api, {"kiosk": cls.kiosks[0], "entry": "fact.branch:0"})

    @classmethod
    def add_session_of_the_future(cls):
        table = cls.stage.path("future.csv")
        with open(table, "w", encoding="utf-8") as out:
            out.write(f"session,course,title_en,room,starts,ends\nFAR-1,T-001-01,Far away,{ROOM},2098-01-01 09:00,2098-01-01 10:00\n")
        cls.server.command("import", "sessions", table)

    @classmethod
    def make_token(cls, role):
        return cls.server.command("token", "create", "--name", "test-" + role, "--role", role).split()[-1]

    @classmethod
    def first_look(cls):
        cls.server.token = cls.reader
        return cls.server.get("/api/v1/openapi.json")

    @classmethod
    def fill_inbox(cls):
        """Entries as ingest writes them, before anybody has the database."""
        for i in range(12):
            kind = KINDS[i % 3]
            cls.server.database().change(
                "INSERT INTO inbox (key, kind, kiosk, session, ref, detail, count, first_ms, last_ms, settled_ms) "
                "VALUES (?, ?, '', '', '', '{\"epoch\":\"0\",\"seq\":1}', 1, ?, ?, NULL)",
                f"{kind}:{i // 3}", kind, 1795500000000 + i // 2, 1795500000000 + i)

    @classmethod
    def enrol(cls, name, code):
        """Lets a real kiosk in; its id."""
        data = cls.stage.path(name, "data")
        os.makedirs(data, mode=0o700)
        cls.stage.run("rollcall-kiosk", "--data", data, "--run", cls.stage.path(name, "run"), "enrol", code)
        with open(data + "/identity/identity.json", encoding="utf-8") as text:
            return json.load(text)["kiosk"]

    def rows(self, query, *values):
        return self.server.database().rows(query, *values)

    def audits(self, action):
        return self.rows("SELECT actor, id, detail FROM audit WHERE action = ?", action)

    def read(self, name, **options):
        return self.client.call(name, self.reader, **options)

    def write(self, name, **options):
        return self.client.call(name, self.operator, **options)

    def assert_problem(self, answer, status, code):
        self.assertEqual((answer.status, answer.headers.get_content_type()), (status, "application/problem+json"), answer.body)
        self.assertEqual((answer.json()["status"], answer.code()), (status, code), answer.body)

    def registration(self, person, session="LEAD-1"):
        """A registration that nobody else here touches, confirmed; where it is and its ETag."""
        path = {"id": session, "person": person}
        found = self.read("getRegistration", path=path)
        headers = {"If-Match": found.headers["ETag"]} if found.status == 200 else {}
        answer = self.write("putRegistration", path=path, body={"state": "confirmed"}, headers=headers)
        self.assertIn(answer.status, (200, 201))
        return path, answer.headers["ETag"]

    # ---- as described ----

    def test_an_answer_that_is_not_as_described_is_noticed(self):
        good = self.read("listRooms").json()
        self.document.check(good, {"$ref": "#/components/schemas/RoomPage"})
        for bad in ({**good, "next": 1}, {"rooms": good["rooms"]}, {**good, "rooms": [{**good["rooms"][0], "id": "x"}]},
                    {**good, "rooms": [{**good["rooms"][0], "colour": 1}]}):
            with self.assertRaises(jsonschema.ValidationError):
                self.document.check(bad, {"$ref": "#/components/schemas/RoomPage"})

    def test_examples_are_what_their_schemas_say(self):
        for operation in self.document.operations.values():
            for parameter in operation.parameters:
                if "example" in parameter:
                    value = parameter["example"]
                    self.document.check(value, parameter["schema"])
            for part in [operation.described.get("requestBody", {}), *operation.described["responses"].values()]:
                for content in part.get("content", {}).values():
                    examples = [content["example"]] if "example" in content else [e["value"] for e in content["examples"].values()]
                    for example in examples:
                        with self.subTest(operation.name):
                            self.document.check(example, content["schema"])

    def test_each_operation_works_with_its_examples(self):
        for operation in self.document.operations.values():
            token = None if operation.role == "public" else self.reader if operation.role == "reader" else self.operator
            headers, query = {}, {}
            for parameter in operation.parameters:
                if parameter["in"] == "query" and "example" in parameter and parameter["name"] != "kind":
                    query[parameter["name"]] = parameter["example"]
                if parameter["ref"] in ("language", "key"):
                    headers[parameter["name"]] = parameter["example"] + ("" if parameter["ref"] == "language" else operation.name)
                if parameter["ref"] == "ifMatch":
                    headers["If-Match"] = "*"
            if operation.name == "putRegistration":
                self.registration("001-01", "SAFE-1")
            with self.subTest(operation.name):
                answer = self.client.call(operation.name, token, query=query, headers=headers, body=operation.example_body())
                self.assertIn(answer.status, (200, 201))
        self.assertEqual({name for name, status in self.client.called if status < 300}, set(self.document.operations))

    def test_nothing_but_health_is_told_without_a_token(self):
        for operation in self.document.operations.values():
            answer = self.client.call(operation.name, None, body=operation.example_body())
            with self.subTest(operation.name):
                if operation.role == "public":
                    self.assertEqual(answer.status, 200)
                else:
                    self.assert_problem(answer, 401, "token")
                    self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))

    def test_a_reader_changes_nothing(self):
        before = self.rows("SELECT count(*) FROM audit")
        for operation in self.document.operations.values():
            if operation.role == "operator":
                with self.subTest(operation.name):
                    self.assert_problem(self.read(operation.name, body=operation.example_body()), 403, "role")
        self.assertEqual(self.rows("SELECT count(*) FROM audit"), before)

    def test_titles_are_in_the_readers_language_and_codes_are_not(self):
        for language, title in (("zh-CN,zh;q=0.9", "没有这名员工"), ("en", "No such employee")):
            answer = self.read("getEmployee", path={"person": "999-99"}, headers={"Accept-Language": language})
            self.assert_problem(answer, 404, "employee")
            self.assertEqual(answer.json()["title"], title)

    def test_what_is_not_there_is_404_with_its_own_code(self):
        nobody = "00000000-0000-4000-8000-000000000000"
        for name, path, code in (("getEmployee", {"person": nobody}, "employee"), ("getSession", {"id": "NONE"}, "session"),
                                 ("getAttendance", {"id": "NONE"}, "session"), ("listRegistrations", {"id": "NONE"}, "session"),
                                 ("getRegistration", {"id": "NONE"}, "session"), ("getRegistration", {"person": nobody}, "employee"),
                                 ("getKiosk", {"id": nobody}, "kiosk"), ("getKiosk", {"id": "no-uuid"}, "kiosk"),
                                 ("getInboxEntry", {"id": "none"}, "inbox_entry")):
            with self.subTest(name + code):
                self.assert_problem(self.read(name, path=path), 404, code)
        for name, path, code in (("deleteRegistration", {"id": "NONE"}, "session"), ("deleteRegistration", {"person": nobody}, "employee"),
                                 ("revokeKiosk", {"id": nobody}, "kiosk"), ("revokeKiosk", {"id": "x"}, "kiosk")):
            with self.subTest(name + code):
                self.assert_problem(self.write(name, path=path), 404, code)
        self.assert_problem(self.write("settleInboxEntry", path={"id": "none"}, body={"note": "x"}), 404, "inbox_entry")

    # ---- lists ----

    def lists(self):
        return [name for name, operation in self.document.operations.items() if name.startswith("list")]

    def test_parameters_out_of_their_form_are_refused_by_name(self):
        for name in self.lists():
            known = {parameter["name"] for parameter in self.document.operations[name].parameters}
            for parameter, values in (("limit", ("0", "501", "-1", "ten", "", "1.0")), ("format", ("xml", "")), ("after", ("x", "", "!", "A" * 500)),
                                      ("state", ("closed", "")), ("number", ("", "9" * 33)),
                                      ("kind", ("fact", ""))):
                for value in values if parameter in known else ():
                    with self.subTest(f"{name} {parameter}={value[:9]}"):
                        answer = self.read(name, query={parameter: value})
                        self.assert_problem(answer, 400, "parameter")
                        self.assertEqual(answer.json()["detail"], parameter)

    def walk(self, name, key, limit, **query):
        """All rows of a list, a page at a time, and how many pages they were."""
        rows, after, pages = [], {}, 0
        while True:
            page = self.read(name, query={"limit": limit, **query, **after}).json()
            self.assertLessEqual(len(page[key]), limit)
            rows += page[key]
            pages += 1
            if page["next"] is None:
                return rows, pages
            after = {"after": page["next"]}
            self.assertLess(pages, 100)

    def test_pages_give_each_row_once_and_in_order(self):
        for name, key, count, order in (("listEmployees", "employees", 30, lambda row: row["number"]),
                                        ("listSessions", "sessions", 4, lambda row: (row["starts"], row["id"])),
                                        ("listRegistrations", "registrations", None, lambda row: row["ref"]),
                                        ("listInbox", "inbox", 12, lambda row: (row["first"], row["id"]))):
            with self.subTest(name):
                query = {"state": "any"} if key == "inbox" else {}
                whole, pages = self.walk(name, key, 500, **query)
                self.assertEqual(pages, 1)
                if count:
                    self.assertEqual(len(whole), count)
                self.assertGreater(len(whole), 2)
                self.assertEqual(whole, sorted(whole, key=order))
                self.assertEqual(self.walk(name, key, 2, **query), (whole, len(whole) // 2 + 1))

    def test_a_cursor_is_of_one_list_only(self):
        cursor = self.read("listEmployees", query={"limit": 1}).json()["next"]
        self.assertNotIn("001", cursor)
        self.assert_problem(self.read("listSessions", query={"after": cursor}), 400, "parameter")
        self.assert_problem(self.read("listInbox", query={"after": cursor}), 400, "parameter")
        self.assertEqual(self.read("listEmployees", query={"after": cursor}).status, 200)

    def test_tables_have_the_rows_of_the_lists(self):
        for name in self.lists():
            key = next(iter(self.read(name).json()))
            for asked in ({"query": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}):
                with self.subTest(name + str(asked)):
                    answer = self.read(name, **asked)
                    self.assertEqual(answer.headers.get_content_type(), "text/csv")
                    text = answer.body.decode("utf-8-sig")
                    self.assertEqual(text.count("\r\n"), text.count("\n"))
                    rows = list(csv.DictReader(io.StringIO(text, newline="")))
                    listed = self.read(name).json()[key]
                    self.assertEqual(len(rows), len(listed))
                    self.assertEqual([row[next(iter(listed[0]))] for row in rows], [row[next(iter(listed[0]))] for row in listed])
        page = self.read("listEmployees", query={"format": "csv", "limit": 3}, headers={"Accept-Language": "zh"})
        self.assertTrue(page.body.decode("utf-8-sig").startswith("编号,工号,姓名"))
        self.assertEqual(page.headers["Rollcall-Next"], self.read("listEmployees", query={"limit": 3}).json()["next"])

    def test_an_employee_is_found_by_number_and_by_ref(self):
        row = self.read("listEmployees", query={"number": "002-01"}).json()["employees"]
        self.assertEqual([person["name"] for person in row], ["王芳"])
        self.assertEqual(self.read("listEmployees", query={"number": "nobody"}).json(), {"employees": [], "next": None})
        self.assertEqual(self.read("getEmployee", path={"person": row[0]["ref"]}).json(), row[0])

    def test_the_inbox_is_filtered_by_kind_and_says_what_to_do(self):
        for kind in KINDS:
            entries, _ = self.walk("listInbox", "inbox", 2, kind=kind, state="any")
            self.assertEqual({entry["kind"] for entry in entries}, {kind})
            self.assertTrue(all(entry["meaning"]["zh"] and entry["meaning"]["en"] and entry["action"]["zh"] and entry["action"]["en"]
                                for entry in entries))

    # ---- bodies ----

    def test_bodies_are_read_strictly(self):
        for operation in self.document.operations.values():
            body = operation.example_body()
            if body is None:
                continue
            with self.subTest(operation.name):
                self.assert_problem(self.write(operation.name, body=body, media="text/plain"), 415, "media_type")
                self.assert_problem(self.write(operation.name, raw=b"{", media="application/json"), 400, "json")
                self.assert_problem(self.write(operation.name, body=[]), 400, "json")
                first = next(iter(body))
                self.assert_problem(self.write(operation.name, raw=f'{{"{first}":"a","{first}":"b"}}'.encode()), 400, "json")
                answer = self.write(operation.name, body={**body, "colour": 1, "größe": 2})
                self.assert_problem(answer, 422, "unknown_fields")
                self.assertEqual(answer.json()["detail"], "colour, größe")
                for wrong in (1, None, [], {}, "", True):
                    answer = self.write(operation.name, body={**body, first: wrong})
                    self.assertEqual((answer.status, answer.code() in ("field", "unknown_room")), (422, True), answer.body)
                self.assert_problem(self.write(operation.name, raw=b'{"x":"' + b"x" * 16384 + b'"}'), 413, "too_large")
        for wrong in ({"room": ROOM, "valid_min": 9}, {"room": ROOM, "valid_min": 10081}, {"room": ROOM, "valid_min": "60"},
                      {"room": ROOM, "valid_min": 60.0}, {"room": ROOM, "replaces": "x"}, {"room": "x" * 41}, {}):
            with self.subTest(str(wrong)[:40]):
                self.assert_problem(self.write("createEnrolmentCode", body=wrong), 422, "field")
        self.assert_problem(self.write("settleInboxEntry", body={"note": "界" * 334}), 422, "field")
        self.assert_problem(self.write("putRegistration", body={"state": "absent"}), 422, "field")

    def test_an_operation_without_a_body_takes_none(self):
        for name in ("deleteRegistration", "revokeKiosk"):
            self.assert_problem(self.write(name, body={"why": "x"}), 413, "too_large")

    # ---- registrations ----

    def test_a_registration_is_made_changed_and_struck_off_under_its_version(self):
        path = {"id": "FORK-1", "person": self.unregistered("FORK-1")}
        before = self.read("getSession", path={"id": "FORK-1"}).json()["expected"]
        self.assert_problem(self.read("getRegistration", path=path), 404, "registration")
        self.assert_problem(self.write("deleteRegistration", path=path), 404, "registration")
        self.assert_problem(self.write("putRegistration", path=path, body={"state": "confirmed"}, headers={"If-Match": '"1"'}), 412,
                            "precondition_failed")
        made = self.write("putRegistration", path=path, body={"state": "confirmed"}, headers={"If-None-Match": "*"})
        self.assertEqual((made.status, made.headers["ETag"], made.json()["version"]), (201, '"1"', 1))
        self.assertEqual(self.read("getSession", path={"id": "FORK-1"}).json()["expected"], before + 1)
        self.assert_problem(self.write("putRegistration", path=path, body={"state": "confirmed"}, headers={"If-None-Match": "*"}), 412,
                            "precondition_failed")
        self.assert_problem(self.write("putRegistration", path=path, body={"state": "excused"}), 428, "precondition_required")
        self.assert_problem(self.write("deleteRegistration", path=path), 428, "precondition_required")
        for tag in ('"2"', 'W/"1"', "1", '"x", "y"', ""):
            self.assert_problem(self.write("putRegistration", path=path, body={"state": "excused"}, headers={"If-Match": tag}), 412,
                                "precondition_failed")
        same = self.write("putRegistration", path=path, body={"state": "confirmed"})
        self.assertEqual((same.status, same.json()), (200, made.json()))
        excused = self.write("putRegistration", path=path, body={"state": "excused"}, headers={"If-Match": '"0", "1"'})
        self.assertEqual((excused.status, excused.json()["state"], excused.headers["ETag"]), (200, "excused", '"2"'))
        self.assert_problem(self.write("deleteRegistration", path=path, headers={"If-Match": '"1"'}), 412, "precondition_failed")
        gone = self.write("deleteRegistration", path=path, headers={"If-Match": "*"})
        self.assertEqual((gone.status, gone.json()["state"], gone.json()["version"]), (200, "cancelled", 3))
        self.assertEqual(self.write("deleteRegistration", path=path).json(), gone.json())
        self.assertEqual(self.read("getSession", path={"id": "FORK-1"}).json()["expected"], before)
        audits = [row for row in self.audits("registration.changed") if row[1] == made.json()["id"]]
        self.assertEqual([row[0] for row in audits], ["test-operator"] * 3)

    def unregistered(self, session):
        listed = self.read("listRegistrations", path={"id": session}).json()["registrations"]
        registered = {row["number"] for row in listed}
        return next(row["number"] for row in self.read("listEmployees").json()["employees"] if row["number"] not in registered)

    def test_kiosks_and_attendance_follow_a_changed_registration(self):
        path, tag = self.registration("003-02")
        person = self.read("getEmployee", path={"person": "003-02"}).json()["ref"]

        def line():
            people = self.read("getAttendance", path={"id": "LEAD-1"}).json()["people"]
            return next((row["state"] for row in people if row["ref"] == person), None)

        def told():
            return self.rows("SELECT op FROM change_log WHERE entity = 'registration' AND id = ? ORDER BY n DESC LIMIT 1", registration)

        registration = self.read("getRegistration", path=path).json()["id"]
        self.assertEqual((line(), told()), ("expected", [("put",)]))
        self.write("putRegistration", path=path, body={"state": "excused"}, headers={"If-Match": tag})
        self.assertEqual((line(), told()[0][0] != "put"), ("excused", True))

    # ---- requests that come twice ----

    def test_a_request_sent_twice_is_carried_out_once(self):
        headers = {"Idempotency-Key": "code-1"}
        first = self.write("createEnrolmentCode", body={"room": ROOM}, headers=headers)
        self.assertEqual((first.status, first.headers["Idempotency-Replayed"]), (201, None))
        again = self.write("createEnrolmentCode", body={"room": ROOM}, headers=headers)
        self.assertEqual((again.status, again.headers["Idempotency-Replayed"], again.body), (201, "true", first.body))
        other = self.write("createEnrolmentCode", body={"room": ROOM}, headers={"Idempotency-Key": "code-2"})
        self.assertNotEqual(other.json()["code"], first.json()["code"])
        self.assertNotEqual(self.write("createEnrolmentCode", body={"room": ROOM}).json()["code"], first.json()["code"])

    def test_a_key_names_one_request_only(self):
        path, tag = self.registration("001-05")
        headers = {"Idempotency-Key": "put-1", "If-Match": tag}
        done = self.write("putRegistration", path=path, body={"state": "excused"}, headers=headers)
        self.assertEqual(done.status, 200)
        self.assertEqual(self.write("putRegistration", path=path, body={"state": "excused"}, headers=headers).body, done.body)
        for changed in ({"body": {"state": "confirmed"}, "headers": headers, "path": path},
                        {"body": {"state": "excused"}, "headers": {**headers, "If-Match": "*"}, "path": path},
                        {"body": {"state": "excused"}, "headers": headers, "path": {**path, "person": "002-05"}}):
            self.assert_problem(self.write("putRegistration", **changed), 422, "idempotency_conflict")
        self.assert_problem(self.write("deleteRegistration", path=path, headers=headers), 422, "idempotency_conflict")
        other = self.server.command("token", "create", "--name", "other", "--role", "operator").split()[-1]
        self.assert_problem(self.client.call("putRegistration", other, path=path, body={"state": "confirmed"}, headers=headers), 412,
                            "precondition_failed")

    def test_a_refused_request_may_be_mended_under_its_key(self):
        path, tag = self.registration("002-05")
        headers = {"Idempotency-Key": "mend-1"}
        self.assert_problem(self.write("putRegistration", path=path, body={"state": "excused"}, headers=headers), 428,
                            "precondition_required")
        self.assertEqual(self.write("putRegistration", path=path, body={"state": "excused"}, headers={**headers, "If-Match": tag}).status, 200)

    def test_keys_out_of_their_form_are_refused(self):
        for key in ("", "a b", "ä", "x" * 129):
            with self.subTest(key[:5]):
                answer = self.write("createEnrolmentCode", body={"room": ROOM}, headers={"Idempotency-Key": key.encode()})
                self.assert_problem(answer, 400, "idempotency_key")
        self.assertEqual(self.write("createEnrolmentCode", body={"room": ROOM}, headers={"Idempotency-Key": "x" * 128}).status, 201)

    # ---- the fleet ----

    def test_a_code_lets_a_kiosk_in_and_lies_nowhere_in_clear(self):
        before = len(self.audits("code.made"))
        answer = self.write("createEnrolmentCode", body={"room": "3F-302", "valid_min": 10080}, headers={"Idempotency-Key": "in-clear"})
        code = answer.json()["code"]
        self.assertEqual([row[0] for row in self.audits("code.made")[before:]], ["test-operator"])
        for file in os.listdir(self.server.folder):
            if file.startswith("rollcall.db"):
                with open(os.path.join(self.server.folder, file), "rb") as content:
                    self.assertNotIn(code.encode(), content.read())
        kiosk = self.enrol("third", code)
        found = self.read("getKiosk", path={"id": kiosk}).json()
        self.assertEqual((found["room"], found["state"]), ("3F-302", "current"))
        self.assertIn(found["id"], [row["id"] for row in self.read("listKiosks").json()["kiosks"]])

    def test_a_code_for_a_place_that_is_not_there_is_refused(self):
        self.assert_problem(self.write("createEnrolmentCode", body={"room": "nowhere"}), 422, "unknown_room")
        self.assert_problem(self.write("createEnrolmentCode", body={"room": ROOM, "replaces": "00000000-0000-4000-8000-000000000000"}), 422,
                            "unknown_kiosk")
        self.assertEqual(self.write("createEnrolmentCode", body={"room": ROOM, "replaces": self.kiosks[0]}).status, 201)

    def test_a_kiosk_is_shut_out_once_and_under_its_condition(self):
        path = {"id": self.kiosks[1]}
        tag = self.read("getKiosk", path=path).headers["ETag"]
        self.assert_problem(self.write("revokeKiosk", path=path, headers={"If-Match": '"revoked-0"'}), 412, "precondition_failed")
        done = self.write("revokeKiosk", path=path, headers={"If-Match": tag})
        self.assertEqual((done.status, done.json()["state"], done.json()["certificate_until"]), (200, "revoked", None))
        self.assert_problem(self.write("revokeKiosk", path=path, headers={"If-Match": tag}), 412, "precondition_failed")
        self.assertEqual(self.write("revokeKiosk", path=path).json()["state"], "revoked")
        self.assertEqual([row[0] for row in self.audits("kiosk.revoked") if row[1] == self.kiosks[1]], ["test-operator"])

    # ---- attendance by hand ----

    def seen(self, person, session="SAFE-1"):
        people = self.read("getAttendance", path={"id": session}).json()["people"]
        return next((row for row in people if row["number"] == person), None)

    def test_somebody_who_forgot_the_badge_is_marked_with_a_reason_and_a_trail(self):
        path = {"id": "SAFE-1", "person": "001-06"}
        self.assertIsNone((self.seen("001-06") or {}).get("evidence"))
        done = self.write("markAttendance", path=path, body={"reason": "forgotten_badge", "note": "问过讲师 asked"})
        self.assertEqual((done.status, done.json()["state"], done.json()["evidence"]), (200, "present", "marked"))
        self.assertEqual(self.seen("001-06"), done.json())
        actor, about, detail = self.audits("attendance.marked")[-1]
        self.assertEqual((actor, json.loads(detail)["reason"], json.loads(detail)["note"]),
                         ("test-operator", "forgotten_badge", "问过讲师 asked"))
        self.assertIn(done.json()["ref"], about)
        self.server.command("verify")

    def test_a_wrong_mark_is_taken_back_and_nothing_is_erased(self):
        path = {"id": "SAFE-1", "person": "002-06"}
        self.assert_problem(self.write("withdrawAttendance", path=path, body={"reason": "mistake"}), 409, "not_there")
        self.write("markAttendance", path=path, body={"reason": "paper_list"})
        before = self.rows("SELECT count(*) FROM fact WHERE kind LIKE 'attendance.%'")[0][0]
        done = self.write("withdrawAttendance", path=path, body={"reason": "other_person"})
        self.assertEqual((done.status, done.json()["evidence"], done.json()["first_in"]), (200, None, None))
        self.assertEqual(self.rows("SELECT count(*) FROM fact WHERE kind LIKE 'attendance.%'")[0][0], before + 1)
        self.assert_problem(self.write("withdrawAttendance", path=path, body={"reason": "mistake"}), 409, "not_there")
        again = self.write("markAttendance", path=path, body={"reason": "other"})
        self.assertEqual(again.json()["evidence"], "marked")
        self.server.command("verify")
        self.server.command("rebuild")
        self.assertEqual(self.seen("002-06"), again.json())

    def test_a_mark_says_when_somebody_came_and_no_time_that_cannot_be(self):
        path = {"id": "FORK-1", "person": "003-06"}
        session = self.read("getSession", path={"id": "FORK-1"}).json()
        done = self.write("markAttendance", path=path, body={"reason": "other", "at": session["starts"]})
        self.assertEqual(done.json()["first_in"], session["starts"])
        for at in ("2020-01-01T00:00:00.000Z", "2098-01-01T00:00:00.000Z", session["ends"]):
            self.assert_problem(self.write("markAttendance", path=path, body={"reason": "other", "at": at}), 422, "field")
        for body in ({"reason": "because"}, {}, {"reason": "other", "note": "x" * 1001}, {"reason": "other", "at": "noon"}):
            self.assert_problem(self.write("markAttendance", path=path, body=body), 422, "field")
        self.assert_problem(self.write("withdrawAttendance", path=path, body={"reason": "mistake", "at": session["starts"]}), 422,
                            "unknown_fields")

    def test_nobody_is_marked_before_sign_in_opens(self):
        path = {"id": "FAR-1", "person": "001-01"}
        self.assert_problem(self.write("markAttendance", path=path, body={"reason": "other"}), 409, "not_open")

    def test_what_a_human_says_settles_the_question_about_a_typed_number(self):
        person = self.read("getEmployee", path={"person": "004-06"}).json()["ref"]
        session = self.read("getSession", path={"id": "SAFE-1"}).json()["id"]
        key = f"attendance.claimed:{session}.{person}"
        self.server.database().change(
            "INSERT INTO inbox (key, kind, kiosk, session, ref, detail, count, first_ms, last_ms, settled_ms) "
            "VALUES (?, 'attendance.claimed', '', ?, ?, '{}', 1, 1795500000000, 1795500000000, NULL)", key, session, person)
        self.write("markAttendance", path={"id": "SAFE-1", "person": "004-06"}, body={"reason": "forgotten_badge", "note": "yes, it was me"})
        entry = self.read("getInboxEntry", path={"id": key}).json()
        self.assertEqual((entry["note"], entry["settled_by"]), ("yes, it was me", "test-operator"))

    # ---- the inbox ----

    def test_each_kind_that_the_server_raises_is_described(self):
        raised = set()
        for file in ("ingest/claims.c", "ingest/inbox.c", "ingest/subjects.c", "epoch/queries.sql", "fleet/queries.sql"):
            with open(os.path.join(SOURCE, "server", file), encoding="utf-8") as text:
                raised |= set(re.findall(r"""["']((?:attendance|badge|claim|fact|facts|signature|kiosk|person|session|clock|code|server)\.[a-z_]+)["']""", text.read()))
        described = self.document.content["components"]["schemas"]["InboxEntry"]["properties"]["kind"]["enum"]
        self.assertEqual(raised, set(described))

    def test_an_entry_is_settled_once_with_a_note(self):
        path = {"id": "clock.unsure:1"}
        tag = self.read("getInboxEntry", path=path).headers["ETag"]
        self.assert_problem(self.write("settleInboxEntry", path=path, body={"note": "x"}, headers={"If-Match": '"2-0"'}), 412,
                            "precondition_failed")
        note = "问过讲师，准时 asked the trainer: \"on time\""
        done = self.write("settleInboxEntry", path=path, body={"note": note}, headers={"If-Match": tag})
        self.assertEqual((done.status, done.json()["note"], done.json()["settled_by"]), (200, note, "test-operator"))
        self.assert_problem(self.write("settleInboxEntry", path=path, body={"note": "again"}), 409, "already_settled")
        self.assertNotIn(path["id"], [entry["id"] for entry in self.read("listInbox").json()["inbox"]])
        self.assertIn(done.json(), self.read("listInbox", query={"state": "settled"}).json()["inbox"])
        self.assertEqual(self.read("getInboxEntry", path=path).json(), done.json())
        self.assertEqual([row[0] for row in self.audits("inbox.settled") if row[1] == path["id"]], ["test-operator"])


class Limits(unittest.TestCase):
    """A server that lets a token ask five times, and then once a minute."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="rc-api-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.stage = Stage(cls.folder)
        cls.addClassCleanup(cls.stage.end_all)
        server = Server(cls.stage, is_direct=True)
        server.init()
        settings, run_file = cls.stage.path("server.conf"), cls.stage.path("run.json")
        with open(settings, "w", encoding="ascii") as file:
            file.write("[limits]\ntoken_per_minute = 1\ntoken_burst = 5\n")
        cls.process = cls.stage.start("rollcall-server", "--dir", server.folder, "serve", "--config", settings, "--device", "127.0.0.1:0",
                                      "--people", "127.0.0.1:0", "--run-file", run_file, log="server")
        wait_until(lambda: os.path.exists(run_file), "the server listens")
        with open(run_file, encoding="utf-8") as text:
            api = json.load(text)["api"]
        with open(os.path.join(SOURCE, "docs/api/openapi.json"), encoding="utf-8") as text:
            cls.client = Client(Document(json.load(text)), api, {})
        cls.tokens = [server.command("token", "create", "--name", "same", "--role", "reader").split()[-1] for _ in range(2)]

    def test_a_token_that_asks_too_often_is_told_when_to_come_again(self):
        for _ in range(5):
            self.assertEqual(self.client.call("listRooms", self.tokens[0]).status, 200)
        answer = self.client.call("listRooms", self.tokens[0], headers={"Accept-Language": "zh"})
        self.assertEqual((answer.status, answer.code()), (429, "too_many_requests"))
        self.assertIn(int(answer.headers["Retry-After"]), range(1, 61))
        self.assertEqual(self.client.call("listRooms", self.tokens[1]).status, 200, "another token, even of the same name")
        self.assertEqual(self.client.call("getReadyz", None).status, 200)


if __name__ == "__main__":
    tap_unittest.main()
