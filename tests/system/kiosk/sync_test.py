#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Between kiosk and server: answers that get lost, networks that pretend, backlogs; every fact arrives, and once."""

import os
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from door import DoorTest, PATIENCE_S, wait_until  # noqa: E402
from processes import program  # noqa: E402
from network import Pretender, captive_portal, make_leaf  # noqa: E402

UPLOAD_BYTES = 900  # a request with a few facts is larger than this, one that asks or tells how the kiosk is is smaller
BACKLOG = 3000


class Losing(DoorTest):
    def test_an_acknowledgement_lost_after_the_commit_adds_no_row(self):
        door, numbers = self.door().open(), [self.company.person() for _ in range(4)]
        door.wait_sent()
        kiosk, relay = door.id(), self.company.server.relay
        relay.cut()
        for number in numbers[:3]:
            self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        relay.lose_answer(UPLOAD_BYTES)
        relay.mend()
        self.assertEqual("signed_in", door.hold_up(numbers[3])["verdict"])  # news: it is tried at once
        self.assertTrue(relay.is_lost.wait(PATIENCE_S), "the upload went through")
        wait_until(lambda: [self.company.arrivals(n) for n in numbers] == [1] * 4, "the server has committed it", PATIENCE_S)
        self.assertGreater(door.waiting(), 0)  # the kiosk can't know
        before = self.company.facts(kiosk)
        relay.cut()
        wait_until(lambda: not door.kiosk.status()["connected"], "the kiosk has given this upload up", PATIENCE_S)
        relay.mend()
        door.wait_sent()  # by the server's mark alone: there is nothing new to send
        self.assertEqual(([1] * 4, before), ([self.company.arrivals(n) for n in numbers], self.company.facts(kiosk)))
        self.assertEqual(["present"] * 4, [self.company.state_of(n) for n in numbers])

    def test_a_connection_that_is_cut_again_and_again_loses_and_doubles_nothing(self):
        door = self.door().open()
        kiosk, relay = door.id(), self.company.server.relay
        numbers = [self.company.person() for _ in range(6)]
        for number in numbers:
            relay.lose_answer(500)  # whatever comes next
            door.hold_up(number)
            relay.cut()
            relay.mend()
        door.wait_sent()
        self.assertEqual([1] * 6, [self.company.arrivals(n) for n in numbers])
        seqs = [row[0] for row in self.company.query("SELECT seq FROM fact WHERE kiosk = ? ORDER BY seq", kiosk)]
        self.assertEqual(list(range(1, len(seqs) + 1)), seqs)

    def test_a_backlog_is_sent_in_pieces_and_goes_on_where_it_was_cut(self):
        door = self.door().open()
        door.wait_sent()
        kiosk, relay = door.id(), self.company.server.relay
        door.kiosk.stop()
        door.stage.run("rollcall-journal-fill", door.kiosk.data, kiosk, str(BACKLOG))
        relay.lose_answer(4096)  # the first piece is taken, and nobody hears of it
        door.kiosk.start()
        self.assertTrue(relay.is_lost.wait(3 * PATIENCE_S), "the first piece went through")

        def through():
            return self.company.query("SELECT max(through) FROM kiosk_mark WHERE kiosk = ?", kiosk)[0][0]

        wait_until(lambda: through() > 500, "the first piece is committed", 3 * PATIENCE_S)
        self.assertLess(through(), BACKLOG)
        relay.cut()
        middle = through()
        relay.mend()
        door.wait_sent(6 * PATIENCE_S)
        self.assertGreater(through(), BACKLOG)
        self.assertGreater(through(), middle)
        self.assertEqual(through(), self.company.facts(kiosk))
        bodies = self.company.query("SELECT body FROM fact WHERE kiosk = ? AND kind = 'device.changed'", kiosk)
        self.assertEqual(BACKLOG, sum(b"restarted" in body for body, in bodies))
        self.assertEqual(0, self.company.query("SELECT count(*) FROM fact WHERE kiosk = ? AND branch > 0", kiosk)[0][0])
        self.company.server.command("verify")

    def test_a_server_that_is_killed_in_between_has_everything_in_the_end(self):
        door, number = self.door().open(), self.company.person()
        self.company.server.stage.end(self.company.server.process, signal.SIGKILL)
        try:
            self.assertEqual("signed_in", door.hold_up(number)["verdict"])
            self.assertGreater(door.waiting(), 0)
        finally:
            self.company.server.start()
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))


def can_mount():
    """Whether a program can be given mounts of its own: not without root, and not in a bare change of root."""
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "--mount", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0


class Pretending(DoorTest):
    def pretend(self, answer, own_ca=True, **leaf_options):
        """Puts a server that is none in the place of ours."""
        folder, secrets = self.company.stage.path(f"pretender-{id(self)}"), self.company.stage.path("server", "secrets")
        if own_ca:
            leaf, key = make_leaf(folder, os.path.join(secrets, "ca.key"), os.path.join(secrets, "ca.der"), **leaf_options)
        else:
            os.makedirs(folder)
            leaf, key = os.path.join(folder, "leaf.pem"), os.path.join(folder, "leaf.key")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "30", "-keyout", key,
                            "-out", leaf], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pretender = Pretender(leaf, key, answer)
        pretender.certificate = leaf
        self.addCleanup(pretender.close)
        relay = self.company.server.relay
        relay.to_port = pretender.port
        relay.cut()
        relay.mend()
        return pretender

    def be_ourselves_again(self):
        relay = self.company.server.relay
        relay.to_port = self.company.server.device_port
        relay.cut()
        relay.mend()

    def test_a_portal_with_a_certificate_that_holds_is_no_acknowledgement(self):
        door, number = self.door().open(), self.company.person()
        door.wait_sent()
        pretender = self.pretend(captive_portal)
        door.hold_up(number)
        wait_until(lambda: len(pretender.requests) >= 3, "the kiosk has asked, and asked again", 2 * PATIENCE_S)
        self.assertGreater(door.waiting(), 0)
        self.assertFalse(door.kiosk.status()["connected"])
        self.assertEqual(set(), {path for method, path in pretender.requests if method == "POST"})  # nor is it told anything
        self.be_ourselves_again()
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))

    def test_a_portal_with_any_other_certificate_hears_nothing_at_all(self):
        self.refuses_to_speak_to(own_ca=False)

    def test_a_server_whose_certificate_ran_out_hears_nothing_at_all(self):
        self.refuses_to_speak_to(days=-1)

    def test_a_server_whose_certificate_is_for_another_name_hears_nothing_at_all(self):
        self.refuses_to_speak_to(names="DNS:other.example")

    def refuses_to_speak_to(self, **leaf_options):
        """People sign in as ever, nothing is told, and everything arrives once the server is itself again."""
        door, number = self.door().open(), self.company.person()
        door.wait_sent()
        pretender = self.pretend(captive_portal, **leaf_options)
        before = self.company.server.relay.accepted
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        wait_until(lambda: self.company.server.relay.accepted >= before + 2, "the kiosk has tried, and tried again", 2 * PATIENCE_S)
        wait_until(lambda: not door.kiosk.status()["connected"], "it is not connected", PATIENCE_S)
        self.assertEqual([], pretender.requests)
        self.assertGreater(door.waiting(), 0)
        self.be_ourselves_again()
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))

    @unittest.skipUnless(can_mount(), "another list of CAs can't be mounted for one program here")
    def test_a_certificate_of_a_ca_that_the_system_trusts_is_none_of_ours(self):
        """The kiosk believes our CA alone, whatever the board's image has in its list."""
        door, relay = self.door().open(), self.company.server.relay
        door.wait_sent()
        door.kiosk.stop()
        pretender = self.pretend(captive_portal, own_ca=False)
        trusted = door.stage.path("system")
        os.makedirs(trusted)
        shutil.copy(pretender.certificate, os.path.join(trusted, "ca-certificates.crt"))
        name = subprocess.run(["openssl", "x509", "-in", pretender.certificate, "-noout", "-subject_hash"], check=True,
                              capture_output=True, text=True).stdout.strip()
        shutil.copy(pretender.certificate, os.path.join(trusted, name + ".0"))  # as OpenSSL looks for it in a folder
        wrapper = door.stage.path("rollcall-kiosk")
        with open(wrapper, "w", encoding="utf-8") as script:
            script.write(f"#!/bin/sh\nmount --bind {trusted} /etc/ssl/certs && exec {program('rollcall-kiosk')} \"$@\"\n")
        os.chmod(wrapper, 0o755)
        before = relay.accepted
        door.kiosk.start(wrapper=[shutil.which("unshare"), "--mount", wrapper])
        wait_until(lambda: relay.accepted >= before + 2, "the kiosk has tried, and tried again", 2 * PATIENCE_S)
        self.assertEqual([], pretender.requests)
        self.be_ourselves_again()
        door.wait_sent()

    def test_a_server_that_asks_for_peace_is_left_in_peace(self):
        door = self.door().open()
        door.wait_sent()

        def too_busy(_method, _path, _body):
            return 503, "application/problem+json", b'{"type":"about:blank","title":"busy","status":503,"code":"busy"}'

        pretender = self.pretend(too_busy)
        pretender.headers = {"Retry-After": "3600"}
        door.hold_up(self.company.person())
        wait_until(lambda: pretender.requests, "the kiosk has asked once", 2 * PATIENCE_S)
        asked = len(pretender.requests)
        for _ in range(3):
            door.hold_up(self.company.person())  # each one is news for the sync thread
        self.assertEqual(asked, len(pretender.requests))
        self.assertGreaterEqual(door.waiting(), 4)


if __name__ == "__main__":
    tap_unittest.main()
