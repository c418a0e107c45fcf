#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Certificates that grow old, changes that come at once, answers to an enrolment that get lost, and what a kiosk tells of itself."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../server"))

import tap_unittest  # noqa: E402
from door import DoorTest, HERE, OTHER_ROOM, PATIENCE_S, ROOM, wait_until  # noqa: E402
from hand_made_kiosk import Kiosk as HandMade, Code, compact  # noqa: E402
from processes import Failure  # noqa: E402

DAY_S = 86400
LONG_POLL_S = 600  # nothing below may wait for this


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout


class Ageing(DoorTest):
    """A kiosk's certificate is exchanged for one of the same key and CA that ends when the test wants, here and in the register."""

    def age(self, door, ends_in_s):
        """The kiosk must be stopped."""
        secrets, identity = self.company.stage.path("server", "secrets"), os.path.join(door.kiosk.data, "identity")
        work = door.stage.path(f"aged-{ends_in_s}")
        os.makedirs(work)

        def at(name):
            return os.path.join(work, name)

        with open(os.path.join(identity, "identity.json"), encoding="utf-8") as text:
            about = json.load(text)
        with open(at("leaf.ext"), "w", encoding="ascii") as out:
            out.write("extendedKeyUsage=clientAuth\n")
        with open(at("ca.conf"), "w", encoding="ascii") as out:
            out.write(f"[ca]\ndefault_ca=x\n[x]\ndatabase={at('index')}\nnew_certs_dir={work}\nserial={at('serial')}\n"
                      "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n")
        serial = "7" + os.urandom(16).hex()[1:]
        for name, content in (("index", ""), ("serial", serial)):
            with open(at(name), "w", encoding="ascii") as out:
                out.write(content)
        ends = datetime.now(timezone.utc) + timedelta(seconds=ends_in_s)
        openssl("x509", "-inform", "DER", "-in", os.path.join(secrets, "ca.der"), "-out", at("ca.pem"))
        openssl("req", "-new", "-key", os.path.join(identity, "key.pem"), "-subj", "/CN=" + about["kiosk"], "-out", at("leaf.csr"))
        openssl("ca", "-batch", "-config", at("ca.conf"), "-cert", at("ca.pem"), "-keyfile", os.path.join(secrets, "ca.key"),
                "-in", at("leaf.csr"), "-extfile", at("leaf.ext"), "-startdate", "20200101000000Z", "-enddate",
                ends.strftime("%Y%m%d%H%M%SZ"), "-notext", "-out", at("leaf.pem"))
        openssl("x509", "-in", at("leaf.pem"), "-outform", "DER", "-out", os.path.join(identity, "certificate.der"))
        with open(os.path.join(identity, "certificate.der"), "rb") as der:
            self.company.change("UPDATE certificate SET serial = ?, der = ?, not_after_ms = ? WHERE kiosk = ? AND state = 'current'",
                                serial, der.read(), int(ends.timestamp()) * 1000, about["kiosk"])
        about["issued"] = (ends - timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        with open(os.path.join(identity, "identity.json"), "w", encoding="utf-8") as text:
            json.dump(about, text)
        return serial

    def aged_door(self, ends_in_s):
        door = self.door().open()
        door.wait_sent()
        kiosk = door.id()
        door.kiosk.stop()
        serial = self.age(door, ends_in_s)
        return door, kiosk, serial

    def certificates(self, kiosk):
        return self.company.query("SELECT serial, state, not_after_ms FROM certificate WHERE kiosk = ? ORDER BY issued_ms", kiosk)

    def serial_on_disk(self, door):
        text = openssl("x509", "-inform", "DER", "-in", os.path.join(door.kiosk.data, "identity", "certificate.der"), "-noout", "-serial")
        return text.strip().split("=")[1].lower()

    def wait_renewed(self, door, old):
        wait_until(lambda: self.serial_on_disk(door) != old, "another certificate is on the disk", 2 * PATIENCE_S)

    def test_a_certificate_with_a_third_left_is_renewed_and_the_kiosk_goes_on(self):
        door, kiosk, old = self.aged_door(130 * DAY_S)
        door.kiosk.start()
        self.wait_renewed(door, old)
        rows = self.certificates(kiosk)
        self.assertEqual(["current", "current"], [state for _, state, _ in rows])  # the old one stays good until it ends
        self.assertEqual({old, self.serial_on_disk(door)}, {serial for serial, _, _ in rows})
        self.assertGreater(max(until for _, _, until in rows) / 1000, time.time() + 399 * DAY_S)
        self.assertFalse(os.path.exists(os.path.join(door.kiosk.data, "identity.pending")))
        number = self.company.person()
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))
        self.assertEqual([("kiosk",)], self.company.query("SELECT actor FROM audit WHERE action = 'kiosk.renewed' AND id = ?", kiosk))

    def test_a_certificate_with_more_than_a_third_left_is_left_alone(self):
        door, kiosk, old = self.aged_door(140 * DAY_S)
        door.kiosk.start()
        number = self.company.person()
        door.hold_up(number)
        door.wait_sent()  # so there were rounds
        self.assertEqual(old, self.serial_on_disk(door))
        self.assertEqual(1, len(self.certificates(kiosk)))

    def test_a_certificate_that_ran_out_offline_may_renew_and_then_everything_arrives(self):
        door, kiosk, old = self.aged_door(-90 * DAY_S)
        number = self.company.person()
        relay = self.company.server.relay
        relay.cut()
        door.kiosk.start()
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        relay.mend()
        self.wait_renewed(door, old)
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))
        self.assertEqual(kiosk, door.id())

    def test_a_certificate_in_its_grace_time_may_do_nothing_but_renew(self):
        door, _, _ = self.aged_door(-90 * DAY_S)
        old = self.as_hand_made(door)
        for method, path in (("GET", "/v1/kiosk/mark"), ("POST", "/v1/kiosk/facts"), ("GET", "/v1/kiosk/changes"), ("PUT", "/v1/kiosk/status")):
            self.assertEqual((403, "certificate"), self.asked(old, method, path))
        status, answer = self.renew(old)
        self.assertEqual(200, status, answer)

    def test_a_certificate_beyond_its_grace_time_needs_a_new_code(self):
        door, kiosk, old = self.aged_door(-181 * DAY_S)
        self.assertEqual(403, self.renew(self.as_hand_made(door))[0])
        number = self.company.person()
        door.kiosk.start()
        door.hold_up(number)
        wait_until(lambda: "a new code is needed" in door.log(), "the kiosk says what is needed", 2 * PATIENCE_S)
        self.assertEqual(old, self.serial_on_disk(door))
        door.enrol(self.company.server.command("kiosk", "code", "--room", ROOM, "--replaces", kiosk).splitlines()[0])
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))
        self.assertEqual(kiosk, door.id())

    def test_a_revoked_certificate_is_never_renewed(self):
        door, kiosk, old = self.aged_door(100 * DAY_S)
        self.company.server.command("kiosk", "revoke", kiosk)
        self.assertEqual((403, "certificate"), (lambda r: (r[0], r[1]["code"]))(self.renew(self.as_hand_made(door))))
        door.kiosk.start()
        wait_until(lambda: door.kiosk.status().get("roster_n", -1) == 0, "the kiosk has heard of it", PATIENCE_S)
        self.assertEqual(old, self.serial_on_disk(door))
        self.assertEqual(1, len(self.certificates(kiosk)))

    def test_an_answer_that_got_lost_costs_no_second_certificate(self):
        door, kiosk, old = self.aged_door(100 * DAY_S)
        relay = self.company.server.relay
        relay.lose_answer(500, first=True)  # the renewal is the first request of all
        door.kiosk.start()
        self.assertTrue(relay.is_lost.wait(2 * PATIENCE_S), "a request was taken and its answer lost")
        relay.cut()
        pending = os.path.join(door.kiosk.data, "identity.pending")
        was_waiting = os.path.exists(pending)
        door.kiosk.stop()  # as if the power had gone
        relay.mend()
        door.kiosk.start()
        self.wait_renewed(door, old)
        self.assertEqual(2, len(self.certificates(kiosk)))
        self.assertTrue(was_waiting)
        self.assertFalse(os.path.exists(pending))

    # ---- without the real kiosk

    def as_hand_made(self, door):
        """The same identity in the hands of a kiosk made of openssl and Python."""
        identity, work = os.path.join(door.kiosk.data, "identity"), door.stage.path("by-hand")
        os.makedirs(work, exist_ok=True)
        made = HandMade(work, Code(self.company.server.enrolment_code(OTHER_ROOM)))
        openssl("x509", "-inform", "DER", "-in", os.path.join(identity, "certificate.der"), "-out", made.certificate)
        openssl("pkey", "-in", os.path.join(identity, "key.pem"), "-out", made.key)
        made.fetch_ca()
        return made

    @staticmethod
    def asked(made, method, path, body=None):
        status, _, answer = made.ask(method, path, body, {"Content-Type": "application/json"})
        return status, json.loads(answer).get("code")

    @staticmethod
    def renew(made):
        key = made.key + ".new"
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        csr = openssl("req", "-new", "-key", key, "-subj", "/CN=kiosk")
        status, _, answer = made.ask("POST", "/v1/kiosk/renew", compact({"csr": csr}), {"Content-Type": "application/json"})
        return status, json.loads(answer)


class Enrolling(DoorTest):
    def test_an_enrolment_whose_answer_got_lost_is_made_with_the_same_code_after_a_restart(self):
        door, relay = self.door(), self.company.server.relay
        code = self.company.server.enrolment_code(ROOM)
        before = self.company.query("SELECT count(*) FROM kiosk")[0][0]
        relay.lose_answer(600, first=True)  # longer than asking for the CA
        door.kiosk.start()
        door.stage.run("rollcall-kiosk", "--data", door.kiosk.data, "--run", door.kiosk.run, "enrol", code, ok=(0, 1, 2, 3, 4))
        self.assertTrue(relay.is_lost.wait(2 * PATIENCE_S), "the request went through")
        wait_until(lambda: self.company.query("SELECT count(*) FROM kiosk")[0][0] == before + 1, "the server has let it in", PATIENCE_S)
        relay.cut()
        door.kiosk.stop()
        relay.mend()
        door.kiosk.start()
        self.assertFalse(door.kiosk.status()["enrolled"])
        door.enrol(code)
        try:
            wait_until(lambda: door.kiosk.status().get("roster_n", 0) > 0, "the roster has come down", PATIENCE_S)
        except Failure as failure:
            self.fail(f"{failure}\n{door.log()[-4000:]}")
        self.assertEqual(before + 1, self.company.query("SELECT count(*) FROM kiosk")[0][0])
        self.assertEqual([], self.company.query("SELECT key FROM inbox WHERE kind = 'code.reused'"))

    def test_a_code_shown_to_another_kiosk_stays_good_for_the_right_one(self):
        first, second = self.door().open(), self.door()
        who = first.id()
        code = self.company.server.enrolment_code(OTHER_ROOM)
        first.enrol(code)
        wait_until(lambda: "enrolment failed" in first.log(), "it is refused", PATIENCE_S)
        self.assertEqual(who, first.id())
        second.kiosk.start()
        second.enrol(code)
        wait_until(lambda: second.kiosk.status().get("roster_n", 0) > 0, "the right one is in", PATIENCE_S)
        self.assertNotEqual(who, second.id())


class Hearing(DoorTest):
    def patient_door(self):
        """A kiosk that would ask every ten minutes."""
        door = self.door()
        door.kiosk.poll_s = LONG_POLL_S
        return door.open()

    def test_a_registration_reaches_the_kiosk_without_a_poll(self):
        door = self.patient_door()
        door.wait_sent()
        before, began = door.kiosk.status()["roster_n"], time.monotonic()
        number = self.company.person(None)
        with open(door.stage.path("more.csv"), "w", encoding="utf-8") as out:
            out.write(f"session,number\n{HERE},{number}\n")
        self.company.server.command("import", "registrations", door.stage.path("more.csv"))
        wait_until(lambda: door.kiosk.status()["roster_n"] > before, "the change has come", 2 * PATIENCE_S)
        self.assertLess(time.monotonic() - began, LONG_POLL_S / 4)  # by far: nothing polls in between
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])

    def test_facts_dont_wait_for_what_the_server_holds(self):
        door, began = self.patient_door(), time.monotonic()
        for _ in range(2):
            number = self.company.person()
            self.assertEqual("signed_in", door.hold_up(number)["verdict"])
            wait_until(lambda: self.company.arrivals(number) == 1, "the server has it", 2 * PATIENCE_S)
        self.assertLess(time.monotonic() - began, LONG_POLL_S / 4)

    def test_what_one_kiosk_takes_the_other_shows(self):
        one, other = self.patient_door(), self.patient_door()
        number = self.company.person()
        one.hold_up(number)
        wait_until(lambda: self.company.arrivals(number) == 1, "the server has it", 2 * PATIENCE_S)
        n = self.company.query("SELECT max(n) FROM change_log")[0][0]
        wait_until(lambda: other.kiosk.status()["roster_n"] >= n, "the other has heard of it", 2 * PATIENCE_S)
        self.assertEqual("already", other.hold_up(number)["verdict"])

    def test_a_connection_that_is_cut_is_held_again(self):
        door, relay = self.patient_door(), self.company.server.relay
        door.wait_sent()
        relay.cut()
        relay.mend()
        number = self.company.person(None)
        door.hold_up(self.company.person())  # news: a round
        wait_until(lambda: door.kiosk.status()["connected"] and door.waiting() == 0, "connected again", 2 * PATIENCE_S)
        before = door.kiosk.status()["roster_n"]
        with open(door.stage.path("more.csv"), "w", encoding="utf-8") as out:
            out.write(f"session,number\n{HERE},{number}\n")
        self.company.server.command("import", "registrations", door.stage.path("more.csv"))
        wait_until(lambda: door.kiosk.status()["roster_n"] > before, "the change has come", 3 * PATIENCE_S)


class Telling(DoorTest):
    def listed(self, kiosk):
        rows = json.loads(self.company.server.command("kiosk", "list", "--json"))
        return next(row for row in rows if row["id"] == kiosk)

    def test_the_server_shows_how_a_kiosk_is(self):
        door = self.door().open()
        door.wait_sent()
        kiosk = door.id()

        def has_told():
            told = self.listed(kiosk)["status"] or {}
            return told.get("camera") == "running" and told.get("screens") == 1

        wait_until(has_told, "it has told of its camera and its screen", 2 * PATIENCE_S)
        status = self.listed(kiosk)["status"]
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot:
            self.assertEqual(boot.read().strip(), status["boot"])
        self.assertIn(status["clock_source"], ("server", "ntp"))
        self.assertGreater(status["disk_free_bytes"], 0)
        self.assertRegex(status["roster_cursor"], r"^[0-9a-f]{16}\.\d+\.[0-9a-f]{16}$")
        shown = next(k for k in json.loads(self.company.server.get("/api/v1/kiosks"))["kiosks"] if k["id"] == kiosk)["status"]
        self.assertEqual(set(status), set(shown))
        self.assertEqual(status["boot"], shown["boot"])
        self.assertIn(status["version"], self.company.server.command("kiosk", "list"))

    def test_the_status_is_replaced_when_a_screen_goes(self):
        door = self.door().open()
        kiosk = door.id()
        wait_until(lambda: (self.listed(kiosk)["status"] or {}).get("screens") == 1, "it has told of its screen", 2 * PATIENCE_S)
        door.screen.close()
        wait_until(lambda: self.listed(kiosk)["status"]["screens"] == 0, "it has told that it is gone", 2 * PATIENCE_S)
        self.assertEqual(1, self.company.query("SELECT count(*) FROM kiosk_status WHERE kiosk = ?", kiosk)[0][0])

    def test_what_waits_while_the_server_is_away_is_told_when_it_is_back(self):
        door = self.door().open()
        door.wait_sent()
        kiosk, relay = door.id(), self.company.server.relay
        relay.cut()
        door.hold_up(self.company.person())
        wait_until(lambda: not door.kiosk.status()["connected"], "it is not connected", PATIENCE_S)
        relay.mend()
        door.wait_sent()

        def was_told():
            document = self.company.query("SELECT document FROM kiosk_status WHERE kiosk = ?", kiosk)[0][0]
            return json.loads(document).get("waiting") == 0

        wait_until(was_told, "nothing waits any more, and the server knows", 2 * PATIENCE_S)


if __name__ == "__main__":
    tap_unittest.main()
