#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The connection is cut at every byte of request and answer: each fact is there before or after, never between, and once.

The kiosk's sync runs by itself (rollcall-sync-drive), against a real server through a network that passes exactly so many bytes of one
connection and then drops it. A fact is stated for each cut; the next connection is whole again.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from door import DoorTest, PATIENCE_S  # noqa: E402
from processes import program  # noqa: E402

HANDSHAKE_STEP = 41  # bytes of the handshake are all alike: some of them will do
EXCHANGE_LEAST = 400  # bytes of a mark, an upload or an answer to them
TRIES = 5  # the connection on which the server holds a request may come first


class Cutting(DoorTest):
    def start_drive(self):
        door = self.door().open()
        door.wait_sent()
        kiosk = door.id()
        door.kiosk.stop()
        log = open(door.stage.path("drive.log"), "ab")
        self.addCleanup(log.close)
        drive = subprocess.Popen([program("rollcall-sync-drive"), door.kiosk.data], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=log, text=True)
        self.addCleanup(lambda: (drive.stdin.close(), drive.wait(PATIENCE_S), drive.stdout.close()))
        self.drive, self.kiosk, self.stated = drive, kiosk, 0
        return door

    def state(self):
        self.drive.stdin.write("go\n")
        self.drive.stdin.flush()
        self.assertEqual("done\n", self.drive.stdout.readline())
        self.stated += 1

    def check(self, before):
        rows = self.company.query("SELECT seq, branch FROM fact WHERE kiosk = ? ORDER BY seq", self.kiosk)
        self.assertEqual([(i + 1, 0) for i in range(before + self.stated)], rows)
        self.assertEqual([(before + self.stated,)],
                         self.company.query("SELECT through FROM kiosk_mark WHERE kiosk = ? AND through > 0", self.kiosk))
        self.assertEqual([], self.company.query("SELECT kind FROM inbox WHERE kiosk = ?", self.kiosk))
        self.company.server.command("verify")

    def measure(self, is_up):
        """How many bytes of a connection are handshake, and how many there are until a fact is acknowledged."""
        relay = self.company.server.relay
        for _ in range(TRIES):
            relay.drop()
            relay.measure()
            self.state()
            handshake, whole = relay.measured(is_up)
            if whole - handshake > EXCHANGE_LEAST:
                break  # the other connection has only a held request
        return handshake, whole

    def cut_at_every_byte(self, is_up):
        self.start_drive()
        relay = self.company.server.relay
        before = self.company.facts(self.kiosk)
        self.state()
        handshake, whole = self.measure(is_up)
        places = [*range(1, handshake, HANDSHAKE_STEP), *range(handshake, whole + 1)]
        self.assertGreater(len(places), 400)
        missed = 0
        for place in places:
            for _ in range(TRIES):
                relay.drop()
                relay.cut_after(place, is_up)
                self.state()
                if relay.was_cut:
                    break
            missed += not relay.was_cut
        relay.cut_after(None, is_up)
        self.assertLess(missed, len(places) // 20)  # requests differ by some bytes: the last places may be behind the end
        self.check(before)

    def test_a_request_that_is_cut_at_any_byte_arrives_once(self):
        self.cut_at_every_byte(True)

    def test_an_answer_that_is_cut_at_any_byte_makes_no_fact_come_twice(self):
        self.cut_at_every_byte(False)


if __name__ == "__main__":
    tap_unittest.main()
