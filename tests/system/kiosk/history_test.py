#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kiosks whose past isn't what it was: restored from an old copy, booted in 1970 or 2099, with clocks that jump."""

import json
import os
import shutil
import sys
import time
import unittest
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from door import DoorTest, PATIENCE_S, wait_until  # noqa: E402
from processes import program  # noqa: E402
from sync_test import can_mount  # noqa: E402

FAKETIME = next((path for path in ("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
                                   "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1") if os.path.exists(path)), None)
DAY_MS = 86400 * 1000


class Restored(DoorTest):
    def test_a_kiosk_restored_from_an_old_copy_begins_a_new_epoch_and_every_new_fact_arrives(self):
        door = self.door().open()
        early, late, after = (self.company.person() for _ in range(3))
        door.hold_up(early)
        door.wait_sent()
        kiosk = door.id()
        door.kiosk.stop()
        shutil.copytree(door.kiosk.data, door.stage.path("copy"))
        door.kiosk.start()
        door.hold_up(late)
        door.wait_sent()
        old_epoch = door.kiosk.status()["journal"]["epoch"]
        door.kiosk.stop()
        before = self.company.facts(kiosk)
        shutil.rmtree(door.kiosk.data)
        shutil.copytree(door.stage.path("copy"), door.kiosk.data)
        door.kiosk.start()
        door.hold_up(after)
        wait_until(lambda: door.kiosk.status()["journal"]["epoch"] != old_epoch, "a new epoch has begun", 2 * PATIENCE_S)
        door.wait_sent()
        self.assertEqual([1, 1, 1], [self.company.arrivals(n) for n in (early, late, after)])
        self.assertGreater(self.company.facts(kiosk), before)  # nothing that the server had was taken back
        reason = self.company.query("SELECT body FROM fact WHERE kiosk = ? AND epoch = ? AND seq = 1", kiosk,
                                    door.kiosk.status()["journal"]["epoch"])[0][0]
        self.assertEqual("behind", json.loads(reason)["reason"])
        door.kiosk.stop()
        door.verify()


class Clocked(DoorTest):
    def set_up_board(self, door, clock):
        """A board that boots anew: another boot id, and a wall clock as libfaketime understands it. Returns (env, wrapper)."""
        boot = str(uuid.uuid4())
        boot_file, wrapper = door.stage.path("boot-" + boot), door.stage.path("kiosk-" + boot)
        self.clock_file = door.stage.path("clock-" + boot)
        self.set_clock(clock)
        with open(boot_file, "w", encoding="ascii") as out:
            out.write(boot + "\n")
        with open(wrapper, "w", encoding="utf-8") as script:
            script.write(f"#!/bin/sh\nmount --bind {boot_file} /proc/sys/kernel/random/boot_id || exit 1\n"
                         f"export LD_PRELOAD={FAKETIME} FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 "
                         f"FAKETIME_TIMESTAMP_FILE={self.clock_file}\nexec {program('rollcall-kiosk')} \"$@\"\n")
        os.chmod(wrapper, 0o755)
        return boot, [shutil.which("unshare"), "--mount", wrapper]

    def set_clock(self, clock):
        with open(self.clock_file + ".next", "w", encoding="ascii") as out:
            out.write(clock + "\n")
        os.replace(self.clock_file + ".next", self.clock_file)

    def stopped_door(self):
        door = self.door().open()
        door.wait_sent()
        kiosk = door.id()
        door.kiosk.stop()
        return door, kiosk

    def facts_of(self, kiosk, boot):
        rows = self.company.query("SELECT envelope, best_ms, earliest_ms, latest_ms, is_clock_bad FROM fact WHERE kiosk = ? "
                                  "ORDER BY epoch, seq", kiosk)
        return [(envelope, *rest) for envelope, *rest in ((json.loads(row[0]), *row[1:]) for row in rows) if envelope["boot"] == boot]

    def check_chain(self, kiosk):
        seqs = [row[0] for row in self.company.query("SELECT seq FROM fact WHERE kiosk = ? AND branch = 0 ORDER BY seq", kiosk)]
        self.assertEqual(list(range(1, len(seqs) + 1)), seqs)
        self.company.server.command("verify")


@unittest.skipUnless(FAKETIME and can_mount(), "neither libfaketime nor mounts of its own for a program")
class Booted(Clocked):
    def test_a_board_that_boots_in_1970_records_everything_and_the_server_works_out_when_it_was(self):
        door, kiosk = self.stopped_door()
        relay = self.company.server.relay
        relay.cut()
        boots, began_ms = [], time.time() * 1000
        for _ in range(2):  # the first boot ends without ever having reached the server
            boot, wrapper = self.set_up_board(door, "@1970-01-02 00:00:00")
            boots.append(boot)
            door.kiosk.start(wrapper=wrapper)
            door.hold_up(self.company.person())
            self.assertEqual("none", door.kiosk.status()["clock"]["source"])
            if boot == boots[0]:
                door.kiosk.stop()
        relay.mend()
        door.wait_sent()
        ended_ms = time.time() * 1000
        for boot in boots:
            facts = [f for f in self.facts_of(kiosk, boot) if f[0]["src"] == "none"]
            self.assertGreater(len(facts), 1)
            for envelope, best, earliest, latest, is_bad in facts:
                self.assertTrue(envelope["at"].startswith("1970-01-02T00:0"), envelope)  # the raw value is kept
                self.assertIsNone(envelope["err_ms"])
                self.assertGreater(envelope["up_ms"], 0)
                self.assertFalse(is_bad)
                self.assertLessEqual(earliest, best)
                self.assertLessEqual(best, latest)
                self.assertLessEqual(earliest, ended_ms)  # what is true lies within
                self.assertGreaterEqual(latest, began_ms)
        last = [f for f in self.facts_of(kiosk, boots[1]) if f[0]["src"] == "none"]
        for _, best, _, _, _ in last:  # tied to the server's time by its own upload
            self.assertTrue(began_ms - 1000 <= best <= ended_ms + 1000, (began_ms, best, ended_ms))
        self.assertEqual("server", door.kiosk.status()["clock"]["source"])  # whose certificate was judged, in 1970
        self.check_chain(kiosk)

    def test_a_board_that_boots_in_2099_connects_and_is_told_the_time(self):
        door, kiosk = self.stopped_door()
        _, wrapper = self.set_up_board(door, "@2099-06-01 00:00:00")
        door.kiosk.start(wrapper=wrapper)
        number = self.company.person()
        wait_until(door.knows_time, "the server has told the time", 2 * PATIENCE_S)
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        door.wait_sent()
        self.assertEqual("present", self.company.state_of(number))
        self.check_chain(kiosk)

    def test_a_clock_that_is_set_moves_no_fact_once_the_server_has_told_the_time(self):
        door, kiosk = self.stopped_door()
        boot, wrapper = self.set_up_board(door, "+0")
        door.kiosk.start(wrapper=wrapper)
        wait_until(door.knows_time, "the server has told the time", 2 * PATIENCE_S)
        began_ms, numbers = time.time() * 1000, [self.company.person() for _ in range(3)]
        for clock, number in zip(("+0", "+1d", "-1h"), numbers):
            self.set_clock(clock)
            self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        door.wait_sent()
        self.assertEqual(["present"] * 3, [self.company.state_of(n) for n in numbers])
        arrivals = [f for f in self.facts_of(kiosk, boot) if f[0]["kind"] == "attendance.signed_in"]
        self.assertEqual(3, len(arrivals))
        for _, best, _, _, is_bad in arrivals:
            self.assertTrue(began_ms - 2000 <= best <= time.time() * 1000 + 2000)
            self.assertFalse(is_bad)
        self.check_chain(kiosk)

    def test_jumps_of_a_clock_that_nobody_vouches_for_are_recorded_and_drop_nothing(self):
        door, kiosk = self.stopped_door()
        relay = self.company.server.relay
        relay.cut()
        boot, wrapper = self.set_up_board(door, "+0")
        door.kiosk.start(wrapper=wrapper)
        for clock in ("+0", "+1d", "-1h"):
            self.set_clock(clock)
            door.hold_up(self.company.person())
        stated = door.kiosk.status()["journal"]["seq"]
        self.set_clock("+0")
        relay.mend()
        door.wait_sent()
        jumps = [json.loads(row[0]) for row in self.company.query(
            "SELECT body FROM fact WHERE kiosk = ? AND kind = 'clock.changed' ORDER BY seq", kiosk)]
        offline = [j for j in jumps if j["from_src"] == j["to_src"] == "none"]
        self.assertEqual([False, True], [j["is_back"] for j in offline][:2])
        self.assertAlmostEqual(DAY_MS, offline[0]["jump_ms"], delta=5000)
        self.assertAlmostEqual(DAY_MS + 3600 * 1000, offline[1]["jump_ms"], delta=5000)
        self.assertGreaterEqual(self.company.facts(kiosk), stated)
        self.assertGreaterEqual(len(self.facts_of(kiosk, boot)), 5)
        self.check_chain(kiosk)


class Resumed(DoorTest):
    def test_a_kiosk_that_starts_again_offline_still_knows_the_time_of_this_boot(self):
        door = self.door().open()
        wait_until(door.knows_time, "the server has told the time", PATIENCE_S)
        door.wait_sent()
        door.kiosk.stop()
        relay = self.company.server.relay
        relay.cut()
        door.kiosk.start()
        clock = wait_until(lambda: door.kiosk.status().get("clock"), "the kiosk runs", PATIENCE_S)
        self.assertIn(clock["source"], ("server", "ntp"))
        self.assertLess(clock["error_ms"], 60000)
        self.assertEqual("signed_in", door.hold_up(self.company.person())["verdict"])
        self.assertFalse(door.kiosk.status()["connected"])


class Revoked(DoorTest):
    """A badge that dies while the kiosk can't hear of it."""

    def offline_door(self):
        door = self.door().open()
        door.wait_sent()
        self.company.server.relay.cut()
        wait_until(lambda: not door.kiosk.status()["connected"], "it is not connected", PATIENCE_S)
        return door

    def flagged(self, number):
        return self.company.query("SELECT count(*) FROM inbox AS i JOIN person AS p ON p.ref = i.ref "
                                  "WHERE p.number = ? AND i.kind = 'badge.dead'", number)[0][0]

    def test_a_badge_revoked_while_the_kiosk_was_offline_counts_and_is_flagged(self):
        door, number = self.offline_door(), self.company.person()
        self.company.frames_of(number)  # printed before
        self.company.server.command("badge", "revoke", number)
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        self.company.server.relay.mend()
        door.wait_sent()
        self.assertEqual("present", self.company.state_of(number))
        self.assertEqual(1, self.flagged(number))

    def test_a_badge_that_was_good_when_it_was_shown_is_not_flagged(self):
        door, number = self.offline_door(), self.company.person()
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        shown, error_ms = time.time(), door.kiosk.status()["clock"]["error_ms"]
        wait_until(lambda: time.time() > shown + error_ms / 1000, "it is later for sure", PATIENCE_S)
        self.company.server.command("badge", "revoke", number)
        self.company.server.relay.mend()
        door.wait_sent()
        self.assertEqual("present", self.company.state_of(number))
        self.assertEqual(0, self.flagged(number))

    def test_once_the_kiosk_has_heard_of_it_the_badge_is_refused(self):
        door, number = self.offline_door(), self.company.person()
        self.company.frames_of(number)
        self.company.server.command("badge", "revoke", number)
        n = self.company.query("SELECT max(n) FROM change_log")[0][0]
        self.company.server.relay.mend()
        wait_until(lambda: door.kiosk.status()["roster_n"] >= n, "it has come down", 3 * PATIENCE_S)
        self.assertEqual("revoked", door.hold_up(number)["verdict"])
        self.assertEqual(0, self.flagged(number))


if __name__ == "__main__":
    tap_unittest.main()
