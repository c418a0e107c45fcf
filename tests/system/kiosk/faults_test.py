#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Slow disks and processes that die: nobody is greeted before the disk has answered, and whoever was greeted is kept."""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from door import DoorTest, OUT_OF_VIEW_S, PATIENCE_S, wait_until  # noqa: E402
from processes import program  # noqa: E402
from screen import Screen  # noqa: E402


def slow_disk(milliseconds, log=None):
    """The environment of a program whose disk is slow."""
    env = {"LD_PRELOAD": program("rollcall-slow-disk.so"), "RC_SLOW_SYNC_MS": str(milliseconds)}
    options = os.environ.get("ASAN_OPTIONS", "")
    env["ASAN_OPTIONS"] = options + ":verify_asan_link_order=0" if options else "verify_asan_link_order=0"
    if log:
        env["RC_SLOW_SYNC_LOG"] = log
    return env


def what_is_shown(view):
    return {key: value for key, value in view.items() if key not in ("came", "header", "sync")}


class SlowDisk(DoorTest):
    def start_slow(self, milliseconds, log=None):
        door = self.door().open()
        door.wait_sent()
        seq = door.kiosk.status()["journal"]["seq"]
        door.kiosk.stop()
        door.kiosk.start(env=slow_disk(milliseconds, log))
        wait_until(lambda: door.kiosk.status().get("journal", {}).get("seq", 0) > seq and door.kiosk.status().get("screens"),
                   "the kiosk's start is on disk", 2 * PATIENCE_S)
        wait_until(door.knows_time, "the kiosk knows the time", 2 * PATIENCE_S)
        door.wait_sent()
        return door

    def test_nobody_is_greeted_before_the_disk_has_answered(self):
        log = os.path.join(self.company.folder, "syncs.txt")
        door, number = self.start_slow(500, log), self.company.person()
        views_before = len(door.screen.views)
        with open(log, encoding="ascii") as lines:
            syncs_before = len(lines.readlines())
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        views = door.screen.views[views_before:]
        with open(log, encoding="ascii") as lines:
            returned = [float(line) for line in lines.readlines()[syncs_before:]]
        waits = [view["came"] for view in views if view["screen"] == "wait"]
        greeted = next(view["came"] for view in views if view["screen"] == "greeting")
        self.assertTrue(waits, "the screen asked for a moment")
        self.assertLess(waits[0], greeted)
        self.assertTrue([t for t in returned if waits[0] < t < greeted], "a sync returned between the two")

    def test_a_daemon_killed_with_people_waiting_has_lost_nobody_it_greeted(self):
        door = self.start_slow(1200)  # all five are read before the first one is on disk
        numbers = [self.company.person() for _ in range(5)]
        names = {}
        frames = [self.company.frames_of(number) for number in numbers]
        before = door.screen.greeting_count()
        for pictures in frames:  # one after the other, faster than the disk answers
            door.kiosk.camera.play(pictures)
        wait_until(lambda: door.screen.greeting_count() > before, "the first one is greeted", PATIENCE_S)
        door.kiosk.stop(signal.SIGKILL)
        greeted = [g["name"] for g in door.screen.greetings[before:] if g["verdict"] == "signed_in"]
        self.assertTrue(greeted)
        door.verify()
        door.kiosk.start()
        wait_until(door.knows_time, "the kiosk knows the time", 2 * PATIENCE_S)
        door.wait_sent()
        for number in numbers:
            name = next(row[0] for row in self.company.query("SELECT name FROM person WHERE number = ?", number))
            names[name] = number
        for name in greeted:
            self.assertEqual("present", self.company.state_of(names[name]), f"{name} was greeted")
        self.assertEqual("already", door.hold_up(names[greeted[0]])["verdict"])
        door.wait_sent()
        self.assertEqual([1] * len(greeted), [self.company.arrivals(names[name]) for name in greeted])


class Dying(DoorTest):
    def test_a_scanner_that_is_killed_is_replaced_and_reads_again(self):
        door, number = self.door().open(), self.company.person()
        door.show_nobody()
        wait_until(lambda: door.kiosk.status()["scanner"].get("state") == "running", "the scanner runs")
        scanner = door.kiosk.status()["scanner"]
        os.kill(scanner["pid"], signal.SIGKILL)

        def is_back():
            door.show_nobody(0.1)
            now = door.kiosk.status()["scanner"]
            return now.get("state") == "running" and now["pid"] != scanner["pid"]

        wait_until(is_back, "another one runs", PATIENCE_S)
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))

    def test_a_camera_that_goes_and_comes_back_is_read_again(self):
        door, number = self.door().open(), self.company.person()
        door.show_nobody()
        path = door.kiosk.camera.path
        door.kiosk.camera.close()
        os.unlink(path)
        wait_until(lambda: "the camera is gone" in door.log(), "the camera is missed", PATIENCE_S)
        self.assertFalse(door.kiosk.status()["scanner"]["camera"])
        door.kiosk.camera = type(door.kiosk.camera)(path)
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))
        states = [json.loads(row[0])["state"] for row in self.company.query(
            "SELECT body FROM fact WHERE kiosk = ? AND kind = 'device.changed' ORDER BY seq", door.id())]
        self.assertEqual(["absent", "ok"], states[-2:])

    def test_a_screen_that_comes_back_shows_what_the_other_one_showed(self):
        door, number = self.door().open(), self.company.person()
        door.hold_up(number)
        first = door.screen
        second = Screen(door.kiosk.run + "/screen.sock")
        self.addCleanup(second.close)
        wait_until(second.view, "the second screen has a view")
        wait_until(lambda: what_is_shown(second.view()) == what_is_shown(first.view()), "both show the same")
        first.close()
        wait_until(lambda: door.kiosk.status()["screens"] == 1, "the first one is gone")
        door.kiosk.screen = second
        self.assertEqual("signed_in", door.hold_up(self.company.person())["verdict"])

    def test_a_daemon_that_is_killed_knows_afterwards_who_is_here(self):
        door, numbers = self.door().open(), [self.company.person() for _ in range(3)]
        for number in numbers:
            self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        door.wait_sent()
        door.kiosk.stop(signal.SIGKILL)
        door.verify()
        self.company.server.relay.cut()  # by its own facts alone
        door.kiosk.start()
        door.show_nobody(OUT_OF_VIEW_S)
        for number in numbers:
            self.assertEqual("already", door.hold_up(number)["verdict"])
        self.company.server.relay.mend()
        door.wait_sent()
        self.assertEqual([1, 1, 1], [self.company.arrivals(number) for number in numbers])

    def test_a_daemon_ends_in_time_while_the_server_keeps_it_waiting(self):
        door = self.door().open()
        door.wait_sent()
        relay = self.company.server.relay
        relay.lose_answer(1)  # the next request never gets an answer
        self.assertTrue(relay.is_lost.wait(PATIENCE_S))
        self.assertEqual(0, door.kiosk.stop())

    def test_a_second_daemon_on_the_same_folder_is_refused(self):
        door = self.door().open()
        text = door.stage.run("rollcall-kiosk", "--data", door.kiosk.data, "--run", door.stage.path("elsewhere"), "run", ok=(1, 2, 3, 4, 70))
        self.assertEqual("", text)
        self.assertEqual("signed_in", door.hold_up(self.company.person())["verdict"])


if __name__ == "__main__":
    tap_unittest.main()
