#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""At the door: what people see when they hold up a badge, and what HR sees afterwards."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from door import (DoorTest, ELSEWHERE, HERE, LATER, LATER_ROOM, OTHER_ROOM, OUT_OF_VIEW_S, PATIENCE_S, draw_badge,  # noqa: E402
                  pictures_in, wait_until)


class AtTheDoor(DoorTest):
    def test_a_badge_held_up_becomes_a_greeting_and_a_row_of_the_list(self):
        door, number = self.door().open(), self.company.person()
        greeting = door.hold_up(number)
        self.assertEqual("signed_in", greeting["verdict"])
        self.assertTrue(greeting["name"].startswith("员工"))
        wait_until(lambda: self.company.state_of(number) == "present", "HR sees it", PATIENCE_S)
        self.assertEqual(1, self.company.arrivals(number))
        wait_until(lambda: door.screen.view()["header"]["count"]["here"] >= 1, "the door counts it")

    def test_a_second_scan_says_already_and_adds_no_row(self):
        door, number = self.door().open(), self.company.person()
        first = door.hold_up(number)
        door.show_nobody(OUT_OF_VIEW_S)
        again = door.hold_up(number)
        self.assertEqual(("signed_in", "already"), (first["verdict"], again["verdict"]))
        self.assertEqual(first["at"], again["since"])
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))

    def test_a_badge_that_stays_in_view_is_one_scan(self):
        door, number = self.door().open(), self.company.person()
        door.hold_up(number)
        for _ in range(20):
            door.kiosk.camera.play(self.company.frames_of(number))
        other = self.company.person()
        door.hold_up(other)
        self.assertEqual(2, door.screen.greeting_count())
        door.wait_sent()
        self.assertEqual(0, self.company.facts(door.id(), "scan.refused"))

    def test_who_isnt_registered_walks_in_by_the_sessions_rule(self):
        door, number = self.door().open(), self.company.person(None)
        self.assertEqual("walk_in", door.hold_up(number)["verdict"])
        wait_until(lambda: self.company.state_of(number) == "present", "HR sees it", PATIENCE_S)

    def test_who_belongs_elsewhere_is_told_where_and_leaves_no_record(self):
        door, number = self.door().open(), self.company.person(ELSEWHERE)
        greeting = door.hold_up(number)
        self.assertEqual(("wrong_room", OTHER_ROOM, "上楼"), (greeting["verdict"], greeting["room"], greeting["way"]))
        door.wait_sent()
        self.assertEqual(0, self.company.arrivals(number))
        self.assertEqual(1, self.company.facts(door.id(), "scan.refused"))

    def test_who_is_too_early_is_told_when_to_come(self):
        door, number = self.door(LATER_ROOM).open(), self.company.person(LATER)
        greeting = door.hold_up(number)
        self.assertEqual("too_early", greeting["verdict"])
        self.assertRegex(greeting["opens"], r"^\d\d:\d\d$")
        door.wait_sent()
        self.assertEqual(0, self.company.arrivals(number))

    def test_a_strangers_badge_is_unknown(self):
        door = self.door().open()
        badge = door.stage.path("stranger.png")
        subprocess.run(["qrencode", "-l", "M", "-s", "9", "-m", "4", "-o", badge, "RC1:" + "STRANGER" * 3 + "22"], check=True)
        frames = pictures_in(draw_badge(badge, 7, door.stage.path("stranger")))[5:8]
        greeting = door.hold_up_pictures(frames, "a stranger's badge")
        self.assertEqual(("unknown", ""), (greeting["verdict"], greeting["name"]))

    def test_a_badge_that_is_no_code_of_ours_is_malformed(self):
        door = self.door().open()
        badge = door.stage.path("poster.png")
        subprocess.run(["qrencode", "-l", "M", "-s", "9", "-m", "4", "-o", badge, "https://example.org/;DROP TABLE fact"], check=True)
        frames = pictures_in(draw_badge(badge, 7, door.stage.path("poster")))[5:8]
        self.assertEqual("malformed", door.hold_up_pictures(frames, "a poster")["verdict"])
        door.wait_sent()
        self.assertEqual(1, self.company.facts(door.id(), "scan.refused"))

    def test_a_revoked_badge_is_said_to_be_revoked_once_the_news_has_come_down(self):
        door, number = self.door().open(), self.company.person()
        self.company.frames_of(number)  # printed while it was good
        before = door.kiosk.status()["roster_n"]
        self.company.server.command("badge", "revoke", number)
        wait_until(lambda: door.kiosk.status()["roster_n"] > before, "the revocation comes down", PATIENCE_S)
        greeting = door.hold_up(number)
        self.assertEqual(("revoked", ""), (greeting["verdict"], greeting["name"]))
        door.wait_sent()
        self.assertEqual(0, self.company.arrivals(number))

    def test_without_a_network_people_are_signed_in_all_the_same(self):
        door, number = self.door().open(), self.company.person()
        door.wait_sent()
        self.company.server.relay.cut()
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        self.assertGreater(door.waiting(), 0)
        wait_until(lambda: door.screen.view()["sync"]["state"] == "waiting", "the screen says that something waits")
        self.company.server.relay.mend()
        door.wait_sent()
        self.assertEqual("present", self.company.state_of(number))


class Enrolling(DoorTest):
    def test_a_code_held_up_lets_the_kiosk_in(self):
        door = self.door()
        door.kiosk.start()
        self.assertEqual("enrol", door.screen.view()["screen"])
        code = door.stage.path("code.png")
        self.company.server.enrolment_code(door.room, png=code)
        frames = pictures_in(draw_badge(code, 3, door.stage.path("code")))[5:8]

        def is_in():
            door.kiosk.camera.play(frames)
            return door.kiosk.status()["enrolled"]

        wait_until(is_in, "the kiosk is in", PATIENCE_S)
        wait_until(lambda: door.screen.view()["screen"] == "idle" and door.screen.view()["header"]["room"] == door.room,
                   "the door opens", PATIENCE_S)

    def expect_refused(self, code, reason):
        door = self.door()
        door.kiosk.start()
        door.enrol(code)

        def has_failed():
            view = door.screen.view()
            return view["screen"] == "enrol" and view["main"]["state"] == "failed"

        wait_until(has_failed, "the screen says that it failed", PATIENCE_S)
        self.assertEqual(reason, door.screen.view()["main"]["reason"])
        self.assertFalse(door.kiosk.status()["enrolled"])
        return door

    def test_an_expired_code_says_so_and_the_next_one_is_taken(self):
        code = self.company.server.enrolment_code("3F-305")
        self.company.change("UPDATE enrolment_code SET expires_ms = 1 WHERE used_by IS NULL")
        door = self.expect_refused(code, "expired")
        door.enrol(self.company.server.enrolment_code("3F-305"))
        wait_until(lambda: door.kiosk.status()["enrolled"], "the next code lets it in", PATIENCE_S)

    def test_a_used_code_says_so_and_raises_an_alarm(self):
        code = self.company.server.enrolment_code("3F-305")
        first = self.door()
        first.kiosk.start()
        first.enrol(code)
        wait_until(lambda: first.kiosk.status()["enrolled"], "the first one is in", PATIENCE_S)
        self.expect_refused(code, "used")
        self.assertEqual(1, self.company.query("SELECT count(*) FROM inbox WHERE kind = 'code.reused' AND kiosk = ?", first.id())[0][0])

    def test_without_a_network_it_says_so_and_the_same_code_works_later(self):
        code = self.company.server.enrolment_code("3F-305")
        self.company.server.relay.cut()
        door = self.expect_refused(code, "network")
        self.company.server.relay.mend()
        door.enrol(code)
        wait_until(lambda: door.kiosk.status()["enrolled"], "it works now", PATIENCE_S)

    def test_an_enrolled_kiosk_refuses_to_become_another_one(self):
        door = self.door().open()
        before = door.id()
        door.enrol(self.company.server.enrolment_code("3F-302"))
        wait_until(lambda: "enrolment failed" in door.log(), "the log says so", PATIENCE_S)
        self.assertEqual(before, door.id())
        self.assertEqual("signed_in", door.hold_up(self.company.person())["verdict"])
        door.wait_sent()

    def test_a_kiosk_that_starts_without_a_network_knows_its_roster(self):
        door, number = self.door().open(), self.company.person()
        door.wait_sent()
        door.kiosk.stop()
        self.company.server.relay.cut()
        door.kiosk.start()
        wait_until(lambda: door.screen.view()["header"]["room"] == door.room, "the door knows its room", PATIENCE_S)
        greeting = door.hold_up(number)
        # Nobody vouches for its clock now, unless this machine's NTP does: taken all the same, and the server will tell the time.
        self.assertIn(greeting["verdict"], ("signed_in", "clock_unsure"))
        self.assertNotEqual("", greeting["name"])
        self.company.server.relay.mend()
        door.wait_sent()
        self.assertEqual(1, self.company.arrivals(number))

    def test_a_revoked_kiosk_forgets_everybody_and_its_facts_reach_quarantine(self):
        door, number = self.door().open(), self.company.person()
        self.assertEqual("signed_in", door.hold_up(number)["verdict"])
        door.wait_sent()
        kiosk = door.id()
        self.company.server.command("kiosk", "revoke", kiosk)
        wait_until(lambda: door.kiosk.status()["roster_n"] == 0, "the roster is emptied", PATIENCE_S)
        roster = os.path.join(door.kiosk.data, "roster")
        wait_until(lambda: not [name for name in os.listdir(roster) if name.endswith((".db", "-wal"))], "its files have gone",
                   PATIENCE_S)
        other = self.company.person()
        self.assertEqual("unknown", door.hold_up(other)["verdict"])
        wait_until(lambda: self.company.query("SELECT count(*) FROM fact WHERE kiosk = ? AND is_quarantined = 1 AND kind = "
                                              "'roster.emptied'", kiosk)[0][0], "its last words are in quarantine", PATIENCE_S)
        self.assertEqual("present", self.company.state_of(number))  # what it said before still counts


if __name__ == "__main__":
    tap_unittest.main()
