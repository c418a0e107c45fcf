# SPDX-License-Identifier: Apache-2.0
"""What the kiosk's system tests share: a company whose server runs once for all of them, and doors that each test opens anew."""

import csv
import os
import shutil
import sys
import tempfile
import time
import unittest
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sim/rig"))

from company_site import Kiosk, Server, draw_badge, draw_empty  # noqa: E402
from processes import Failure, Stage, wait_until  # noqa: E402

ROOM, OTHER_ROOM, LATER_ROOM = "3F-305", "3F-302", "2F-201"
HERE, ELSEWHERE, LATER, ASKED = "SAFE-1", "LEAD-1", "LATE-1", "FORK-1"
PEOPLE = 60
GROUPS = {HERE: range(0, 36), ELSEWHERE: range(36, 42), LATER: range(42, 46)}  # who is registered for what; the rest for nothing
PATIENCE_S = 60 if os.environ.get("RC_SANITIZE") else 20
OUT_OF_VIEW_S = 3.5  # a badge that was gone for so long is held up anew; one that wasn't is still the same scan


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_tables(folder):
    """One session that is open, one elsewhere, one for which it is too early."""
    now = datetime.now(timezone.utc)

    def at(minutes):
        return (now + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M")

    def session(code, room, starts, ends, walk_in="free"):
        return {"session": code, "course": "T-001-01", "title_zh": "安全", "title_en": "Safety", "room": room,
                "starts": at(starts), "ends": at(ends), "walk_in": walk_in}

    os.makedirs(folder)
    write_csv(os.path.join(folder, "rooms.csv"), [
        {"room": room, "site": "HQ", "utc_offset": "+00:00", "name_zh": "教室", "name_en": "Room", "way_zh": "上楼", "way_en": "Upstairs"}
        for room in (ROOM, OTHER_ROOM, LATER_ROOM)])
    write_csv(os.path.join(folder, "employees.csv"), [
        {"number": number_of(i), "name": f"员工{i}", "language": "zh", "department": "质量部",
         "position": "生产族-操作序列-初级工", "role": "employee"} for i in range(PEOPLE)])
    write_csv(os.path.join(folder, "sessions.csv"), [
        session(HERE, ROOM, 20, 300), session(ELSEWHERE, OTHER_ROOM, 20, 300), session(LATER, LATER_ROOM, 180, 300, "no")])
    write_csv(os.path.join(folder, "registrations.csv"), [
        {"session": code, "number": number_of(i)} for code, people in GROUPS.items() for i in people])


def number_of(i):
    return f"{i + 1:03d}-01"


class Company:
    """A server with its people. person(group) names somebody whom no test has met yet."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="rollcall-door-")
        self.stage = Stage(os.path.join(self.folder, "company"))
        tables = self.stage.path("tables")
        write_tables(tables)
        self.server = Server(self.stage)
        self.server.init()
        self.server.load(tables)
        self.server.start()
        self.server.make_token()
        self.empty = draw_empty(1, self.stage.path("frames", "empty"), frames=2)
        self.left = {code: iter(people) for code, people in GROUPS.items()}
        self.left[None] = iter(range(46, PEOPLE))
        self.doors = 0

    def person(self, group=HERE):
        return number_of(next(self.left[group]))

    def frames_of(self, number):
        """Pictures of somebody's badge, held still."""
        folder = self.stage.path("frames", number)
        if not os.path.exists(folder):
            badge = self.stage.path(number + ".png")
            if not os.path.exists(badge):
                self.server.command("badge", number, "--out", badge)
            draw_badge(badge, 100, folder)
        return pictures_in(folder)[5:8]

    def query(self, statement, *values):
        """Rows of the server's database, read beside it."""
        return self.server.database().rows(statement, *values)

    def change(self, statement, *values):
        """What no command of the server does, such as waiting for ten minutes."""
        self.server.database().change(statement, *values)

    def facts(self, kiosk, kind="%"):
        return self.query("SELECT count(*) FROM fact WHERE kiosk = ? AND kind LIKE ?", kiosk, kind)[0][0]

    def state_of(self, number, session=HERE):
        people = {p["number"]: p for p in self.server.attendance(session)["people"]}
        return people[number]["state"] if number in people else None

    def arrivals(self, number):
        """How many facts of signing in there are of a person."""
        return self.query("SELECT count(*) FROM attendance_event AS e JOIN person AS p ON p.ref = e.ref "
                          "WHERE p.number = ? AND e.kind = 'in'", number)[0][0]

    def close(self):
        self.stage.end_all()
        shutil.rmtree(self.folder, ignore_errors=True)


def pictures_in(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))


class Door:
    """A kiosk at the company's server, enrolled for a room unless it is told not to be."""

    def __init__(self, company, room=ROOM):
        company.doors += 1
        self.company, self.room = company, room
        self.stage = Stage(os.path.join(company.folder, f"door-{company.doors}"))
        self.kiosk = Kiosk(self.stage)

    @property
    def screen(self):
        return self.kiosk.screen

    def open(self, env=None):
        self.kiosk.start(env)
        self.enrol(self.company.server.enrolment_code(self.room))
        wait_until(lambda: self.kiosk.status().get("roster_n", 0) > 0, "the roster has come down", PATIENCE_S)
        return self

    def enrol(self, code):
        self.stage.run("rollcall-kiosk", "--data", self.kiosk.data, "--run", self.kiosk.run, "enrol", code)

    def id(self):
        return self.kiosk.status()["kiosk"]

    def knows_time(self):
        return self.kiosk.status().get("clock", {}).get("source", "none") != "none"

    def waiting(self):
        return self.kiosk.status()["journal"]["waiting"]

    def wait_sent(self, seconds=3 * PATIENCE_S):
        wait_until(lambda: self.waiting() == 0, "everything is sent", seconds)

    def show_nobody(self, seconds=0.2):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.kiosk.camera.play(pictures_in(self.company.empty))

    def hold_up(self, number, seconds=PATIENCE_S):
        """Holds a badge up until the screen has an answer; returns it."""
        return self.hold_up_pictures(self.company.frames_of(number), number, seconds)

    def hold_up_pictures(self, frames, what, seconds=PATIENCE_S):
        before = self.screen.greeting_count()
        end = time.monotonic() + seconds
        while self.screen.greeting_count() == before:
            if time.monotonic() > end:
                raise Failure(f"{what} was held up and nothing happened: {self.kiosk.process.log_path}")
            self.kiosk.camera.play(frames, until=lambda: self.screen.greeting_count() > before)
        self.show_nobody()
        return self.screen.greetings[before]

    def verify(self):
        return self.stage.run("rollcall-kiosk", "--data", self.kiosk.data, "--run", self.kiosk.run, "verify")

    def log(self):
        with open(self.kiosk.process.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def close(self):
        self.stage.end_all()
        self.kiosk.close()
        log = self.log() if self.kiosk.process else ""
        if "Sanitizer" in log or "runtime error:" in log:
            raise Failure(f"a sanitizer has found something: {log[-4000:]}")


class DoorTest(unittest.TestCase):
    """A test with the company; every door it opens is closed at its end, and the network is whole again."""

    @classmethod
    def setUpClass(cls):
        cls.company = Company()

    @classmethod
    def tearDownClass(cls):
        cls.company.close()

    def door(self, room=ROOM):
        door = Door(self.company, room)
        self.addCleanup(door.close)
        return door

    def tearDown(self):
        relay = self.company.server.relay
        relay.lose_from = None
        relay.to_port = self.company.server.device_port
        relay.mend()


__all__ = ["Company", "Door", "DoorTest", "ELSEWHERE", "Failure", "HERE", "LATER", "LATER_ROOM", "OTHER_ROOM", "OUT_OF_VIEW_S",
           "PATIENCE_S", "ROOM", "draw_badge", "pictures_in", "wait_until"]
