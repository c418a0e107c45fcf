#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody without a badge: a number sealed to the real server by a kiosk made by hand, and what the office sees and does."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../server"))
import tap_unittest
from hand_made_kiosk import Code, Kiosk
from server_test import Server

SEAL = os.path.join(os.environ["RC_BIN"], "rollcall-seal-number")


class Claims(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.server = Server(self.temporary.name)
        self.server.init()
        self.server.import_all()
        self.serve()

    def serve(self):
        self.server.start()
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.stop())
        code = Code(self.server.good("kiosk", "code", "--room", "3F-305").strip())
        self.kiosk = Kiosk(tempfile.mkdtemp(dir=self.temporary.name), code)
        self.kiosk.fetch_ca()
        self.assertEqual(self.kiosk.enrol(self.kiosk.make_request())[0], 200)

    def changes(self):
        _, _, text = self.kiosk.ask("GET", "/v1/kiosk/changes")
        return [json.loads(line) for line in text.decode().splitlines()]

    def seal_key(self):
        told = [c["p"]["seal_key"] for c in self.changes() if c.get("entity") == "trust" and c["id"] == "server"]
        self.assertEqual(len(told), 1)
        return told[0]

    def claim(self, number):
        claim = str(uuid.uuid4())
        sealed = subprocess.run([SEAL, self.seal_key(), claim, number], capture_output=True, text=True, check=True).stdout.strip()
        session = json.loads(self.server.good("attendance", "SAFE-1", "--format", "json"))["session"]["id"]
        line = self.kiosk.fact("attendance.claimed", {"session": session, "session_version": 1, "claim": claim, "number": sealed,
                                                      "roster_n": 1})
        self.assertNotIn(number.encode(), line)
        status, _, text = self.kiosk.upload([line], self.kiosk.seq)
        self.assertEqual((status, json.loads(text)["through"]), (200, self.kiosk.seq), text)

    def seen(self, number):
        people = json.loads(self.server.good("attendance", "SAFE-1", "--format", "json"))["people"]
        return next((p for p in people if p["number"] == number), None)

    def inbox(self):
        return json.loads(self.server.good("inbox", "--json"))["inbox"]

    def test_a_number_typed_at_the_door_is_in_the_offices_list_and_in_no_log(self):
        self.claim("００１")  # the staff number of 001-01, as a Chinese input method writes it
        self.assertEqual((self.seen("001-01")["state"], self.seen("001-01")["evidence"]), ("present", "typed"))
        self.assertIn("typed number", self.server.good("attendance", "SAFE-1", language="C.UTF-8"))
        self.assertIn("输入工号", self.server.good("attendance", "SAFE-1", language="zh_CN.UTF-8"))
        entry = self.inbox()[0]
        self.assertEqual((entry["kind"], entry["ref"], entry["detail"]["number"]),
                         ("attendance.claimed", self.seen("001-01")["ref"], "００１"))
        self.claim("8765309")
        kinds = {e["kind"]: e for e in self.inbox()}
        self.assertEqual(kinds["claim.unknown"]["detail"]["number"], "8765309")
        with open(os.path.join(self.temporary.name, "log"), encoding="utf-8") as log:
            text = log.read()
        self.assertNotIn("8765309", text)
        self.assertNotIn("００１", text)

    def test_a_badge_held_up_later_makes_it_sure(self):
        self.claim("001-01")
        person, session = self.seen("001-01"), self.inbox()[0]["session"]
        self.assertEqual(self.kiosk.upload([self.kiosk.signed_in(session, person["ref"])], self.kiosk.seq)[0], 200)
        self.assertEqual(self.seen("001-01")["evidence"], "badge")
        self.assertEqual(self.inbox(), [])

    def test_the_inbox_says_in_words_what_waits_and_is_settled_with_a_note(self):
        self.assertEqual(self.server.good("inbox"), "Nothing waits.\n")
        self.claim("4711")
        key = self.inbox()[0]["id"]
        told = self.server.good("inbox")
        for text in (key, "session SAFE-1", "4711", "nobody's", "mark them by hand"):
            self.assertIn(text, told)
        self.assertIn("不属于任何员工", self.server.good("inbox", language="zh_CN.UTF-8"))
        self.assertEqual(self.server.cli("inbox", "settle", key).returncode, 2)
        self.server.good("inbox", "settle", key, "--note", "a visitor")
        self.assertEqual(self.inbox(), [])
        self.assertEqual(self.server.cli("inbox", "settle", key, "--note", "again").returncode, 1)
        self.assertEqual(self.server.cli("inbox", "settle", "nothing", "--note", "x").returncode, 1)

    def test_a_folder_of_an_older_version_gets_its_key_and_kiosks_hear_of_another(self):
        before = self.seal_key()
        self.server.stop()
        key = os.path.join(self.server.data, "secrets", "seal.key")
        os.unlink(key)
        self.serve()
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        self.assertNotEqual(self.seal_key(), before)
        self.claim("002-01")
        self.assertEqual(self.seen("002-01")["evidence"], "typed")
        after = self.seal_key()
        self.server.stop()
        self.serve()
        self.assertEqual(self.seal_key(), after)

    def test_what_was_sealed_to_a_lost_key_reaches_a_human_and_is_never_refused(self):
        sealed_to = self.seal_key()
        self.server.stop()
        os.unlink(os.path.join(self.server.data, "secrets", "seal.key"))
        self.serve()
        self.seal_key = lambda: sealed_to
        self.claim("001-01")
        self.assertEqual([e["kind"] for e in self.inbox()], ["claim.unreadable"])
        self.assertIsNone(self.seen("001-01")["evidence"])
        self.assertIn("0", self.server.good("verify"))


if __name__ == "__main__":
    tap_unittest.main()
