#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an operator does now and then from the command line: tokens taken back, facts let out of quarantine."""

import json
import os
import sys
import urllib.error

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../server"))
sys.path.insert(0, os.path.join(HERE, "../../sim/rig"))

import tap_unittest  # noqa: E402
from hand_made_kiosk import Code, Kiosk  # noqa: E402
from small_office import SmallOffice  # noqa: E402


class OperatorTest(SmallOffice):
    def setUp(self):
        super().setUp()
        self.server.start()

    def query(self, statement, *values):
        return self.server.database().rows(statement, *values)

    def audit(self, action):
        return [(actor, json.loads(detail)) for actor, detail in self.query(
            "SELECT actor, detail FROM audit WHERE action = ? ORDER BY n", action)]


class Tokens(OperatorTest):
    def test_a_token_that_is_revoked_opens_nothing_from_the_next_request_on(self):
        token = self.server.make_token()
        self.server.get("/api/v1/rooms")
        self.assertIn("1", self.server.command("token", "revoke", "demo"))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.server.get("/api/v1/rooms")
        self.assertEqual(401, refused.exception.code)
        self.assertEqual([("cli", {"name": "demo", "count": 1})], self.audit("token.revoked"))
        self.assertNotIn(token, str(self.query("SELECT * FROM token")))

    def test_all_tokens_of_a_name_go_together_and_other_names_stay(self):
        for name in ("scripts", "scripts", "dashboard"):
            self.server.token = self.server.command("token", "create", "--name", name, "--role", "reader").split()[-1]
        self.server.command("token", "revoke", "scripts")
        self.server.get("/api/v1/rooms")
        listed = json.loads(self.server.command("token", "list", "--json"))
        self.assertEqual([("dashboard", False), ("scripts", True), ("scripts", True)],
                         [(t["name"], t["revoked"] is not None) for t in listed])
        self.assertEqual({"name", "role", "created", "revoked"}, set(listed[0]))
        self.assertIn("dashboard", self.server.command("token", "list"))
        self.assertIn("作废时间", self.server.command("token", "list", env={"LC_ALL": "zh_CN.UTF-8"}))

    def test_a_name_without_a_good_token_is_a_finding(self):
        self.server.command("token", "revoke", "nobody", ok=(1,))
        self.server.make_token()
        self.server.command("token", "revoke", "demo")
        self.server.command("token", "revoke", "demo", ok=(1,))
        self.assertEqual(1, len(self.audit("token.revoked")))


class Quarantine(OperatorTest):
    def setUp(self):
        super().setUp()
        folder = self.stage.path("kiosk")
        os.makedirs(folder)
        self.kiosk = Kiosk(folder, Code(self.server.enrolment_code("3F-305")))
        self.kiosk.fetch_ca()
        self.assertEqual(200, self.kiosk.enrol(self.kiosk.make_request())[0])
        self.ref = self.query("SELECT ref FROM person")[0][0]
        self.session = self.query("SELECT id FROM session")[0][0]

    def sign_in(self):
        first = self.kiosk.seq + 1
        self.assertEqual(200, self.kiosk.upload([self.kiosk.signed_in(self.session, self.ref)], first)[0])

    def listed(self):
        return json.loads(self.server.command("quarantine", "list", "--json"))

    def arrivals(self):
        return self.query("SELECT count(*) FROM attendance_event")[0][0]

    def test_facts_of_a_revoked_kiosk_wait_until_an_operator_lets_them_count(self):
        self.sign_in()
        self.assertEqual([], self.listed())
        self.server.command("kiosk", "revoke", self.kiosk.id)
        self.sign_in()
        waiting = self.listed()
        self.assertEqual([(self.kiosk.id, "3F-305", "revoked", 1)],
                         [(w["kiosk"], w["room"], w["state"], w["facts"]) for w in waiting])
        self.assertIn(self.kiosk.id, self.server.command("quarantine", "list"))
        self.assertEqual(1, self.arrivals())
        self.assertIn("1 facts", self.server.command("quarantine", "release", self.kiosk.id))
        self.assertEqual(2, self.arrivals())
        self.assertEqual([], self.listed())
        self.assertEqual([("cli", {"facts": 1, "trusted": False})], self.audit("kiosk.quarantine_released"))
        self.sign_in()  # it is revoked as before: what comes next waits again
        self.assertEqual(1, self.listed()[0]["facts"])

    def test_a_quarantined_kiosk_counts_at_once_only_when_it_is_trusted(self):
        self.server.database().change("UPDATE kiosk SET state = 'quarantined'")  # as ingest does when it sees a clone
        self.sign_in()
        self.server.command("quarantine", "release", self.kiosk.id)
        self.sign_in()
        self.assertEqual(1, self.listed()[0]["facts"])
        self.server.command("quarantine", "release", self.kiosk.id, "--trust")
        self.sign_in()
        self.assertEqual([], self.listed())
        self.assertEqual(3, self.arrivals())
        self.assertEqual([False, True], [detail["trusted"] for _, detail in self.audit("kiosk.quarantine_released")])

    def test_a_revoked_kiosk_is_not_trusted_again_by_a_nod(self):
        self.server.command("kiosk", "revoke", self.kiosk.id)
        self.sign_in()
        self.server.command("quarantine", "release", self.kiosk.id, "--trust", ok=(1,))
        self.assertEqual(1, self.listed()[0]["facts"])
        self.assertEqual([], self.audit("kiosk.quarantine_released"))

    def test_what_is_no_kiosk_is_said(self):
        self.server.command("quarantine", "release", "3F-305", ok=(2,))
        self.server.command("quarantine", "release", "00000000-0000-4000-8000-000000000000", ok=(1,))


if __name__ == "__main__":
    tap_unittest.main()
