# SPDX-License-Identifier: Apache-2.0
"""Codes that no badge holds, held up to a real kiosk: the scanner reads them, nobody gets a record, the journal stays small."""

import json
import os
import re
import sqlite3
import time
import unittest

import qr_pictures
import tap_unittest
from ground import ROOM, Company, Kiosk, Server, Stage, memory_kib, wait_until

BADGE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def badge_of(text):
    """A well-formed badge that nobody has."""
    return "RC1:" + (text + "A" * 26)[:26]


FOREIGN = {  # what a payload must come to: class foreign, malformed, nothing opened, nobody signed in
    "sql_quote": b"' OR '1'='1'; DROP TABLE fact; --",
    "sql_union": b"RC1:' UNION SELECT wrap FROM credential--",
    "id_with_a_quote_behind": (badge_of("Q") + "'").encode(),
    "format_strings": b"%s%n%p%1000000d%s%n",
    "shell": b"$(reboot) `reboot`; reboot | reboot",
    "nul_inside": badge_of("N").encode()[:12] + b"\0" + badge_of("N").encode()[12:],
    "nul_behind": badge_of("M").encode() + b"\0",
    "one_byte": b"R",
    "prefix_alone": b"RC1:",
    "lower_case": badge_of("L").lower().encode(),
    "lower_prefix": ("rc1:" + "A" * 26).encode(),
    "a_character_short": badge_of("S").encode()[:-1],
    "a_character_long": badge_of("S").encode() + b"A",
    "blank_behind": badge_of("B").encode() + b" ",
    "line_behind": badge_of("B").encode() + b"\r\n",
    "zero_width": badge_of("Z").encode() + "\u200b".encode(),
    "right_to_left": "RC1:\u202e".encode() + b"A" * 26,
    "full_width": ("RC1:" + "２" * 26).encode(),
    "gbk": "RC1:张伟签到".encode("gbk"),
    "invalid_utf8": b"RC1:\xff\xfe\xc3\x28",
    "overlong": b"RC1:\xc0\x80\xe0\x80\xaf",
    "surrogate": b"RC1:\xed\xa0\x80\xed\xb0\x80",
    "escape_sequences": b"\x1b[2J\x1b]0;owned\x07\r\n<0>level=emerg msg=forged\n",
    "log_line": b"\n<3>level=error msg=\"forged by a badge\" kiosk=x\n",
    "url": b"https://evil.example/login?next=RC1",
    "wifi": b"WIFI:T:WPA;S=evil;P=secret;;",
    "script": b"javascript:alert(document.cookie)",
    "json": b'{"verdict":"signed_in","ref":"00000000-0000-4000-8000-000000000000"}',
    "vcard": "BEGIN:VCARD\nFN:张伟\nEND:VCARD".encode(),
    "enrolment_cut_short": b"RCE1:FA01*G5YP7",
    "moving_code": b"RC2:" + b"0" * 130,
    "answer_card": b"RCA1:07",
    "all_bytes": bytes(range(256)),
    "longest": bytes(i * 7 % 256 for i in range(2953)),
}
CLASS = {"moving_code": "rc2", "answer_card": "rca1"}


class Camera(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.pictures = cls.company.stage.path("pictures")
        os.makedirs(cls.pictures)
        cls.company.enrol("kiosk")
        cls.kiosk = Kiosk(cls.company.stage).start()
        cls.blank = qr_pictures.write_picture(cls.pictures + "/blank.pgm", [[False] * 21] * 21)
        cls.wait_for_roster()

    @classmethod
    def wait_for_roster(cls):
        wait_until(lambda: cls.kiosk.screen.view()["header"]["session"], "the roster has come down")
        wait_until(lambda: cls.kiosk.camera.connection, "the scanner looks")

    @classmethod
    def tearDownClass(cls):
        cls.kiosk.close()
        cls.company.close()

    def tearDown(self):
        self.assertIsNone(self.kiosk.process.poll(), "the daemon has ended")

    def begin_anew(self):
        """A kiosk that has refused nothing in this minute yet."""
        self.kiosk.stop()
        self.kiosk.camera.connection = None
        self.kiosk.start()
        self.wait_for_roster()

    def facts(self):
        """Kind and body of all facts that a code in view may cause, in their order; members without a value left out."""
        with sqlite3.connect(f"file:{self.kiosk.data}/journal/facts.db?mode=ro", uri=True) as db:
            rows = db.execute("SELECT envelope, body FROM fact ORDER BY place").fetchall()
        facts = [(json.loads(envelope)["kind"], json.loads(body)) for envelope, body in rows]
        return [(kind, {key: value for key, value in body.items() if value is not None}) for kind, body in facts
                if kind.startswith(("scan.", "attendance.", "session."))]

    def hold_up(self, picture, is_done, seconds=10):
        end = time.monotonic() + seconds
        while not is_done():
            if time.monotonic() > end:
                with open(self.kiosk.process.log_path, encoding="utf-8", errors="replace") as log:
                    self.fail(f"{picture}: nothing came of it; {self.kiosk.status()}; {log.read()[-1500:]}")
            self.kiosk.camera.show(picture)
            time.sleep(0.02)

    def fact_of(self, picture, count=1):
        """Holds a picture up and returns the facts that come of it."""
        before = len(self.facts())
        self.hold_up(picture, lambda: len(self.facts()) >= before + count)
        return self.facts()[before:]

    def greetings(self, since):
        """The verdicts that the screen has said since then."""
        return [view["main"]["verdict"] for view in list(self.kiosk.screen.views)[since:] if view["screen"] == "greeting"]

    def test_a_payload_that_is_no_badge_is_refused_with_its_length_and_nothing_else(self):
        for number, (name, payload) in enumerate(FOREIGN.items()):
            if number % 18 == 0:
                self.begin_anew()  # above twenty a minute only their number is recorded
            with self.subTest(name):
                views = len(self.kiosk.screen.views)
                facts = self.fact_of(qr_pictures.picture_of(self.pictures, name, payload))
                self.assertEqual([kind for kind, _ in facts], ["scan.refused"])
                body = facts[0][1]
                self.assertEqual((body["verdict"], body["class"], body["size"], body["count"]),
                                 ("malformed", CLASS.get(name, "foreign"), len(payload), 1))
                self.assertRegex(body["digest"], r"^[0-9a-f]{16}$")
                self.assertEqual(set(body), {"verdict", "class", "size", "digest", "count"})
                wait_until(lambda: "malformed" in self.greetings(views), "the screen says so")

    def test_digits_and_unknown_character_sets_are_bytes_like_others(self):
        self.begin_anew()
        digits = qr_pictures.picture_of(self.pictures, "digits", b"7" * 7089, mode=qr_pictures.NUMERIC)
        self.assertEqual(self.fact_of(digits)[0][1]["size"], 7089)
        for eci in (29, 899):  # Unicode's neighbours: no set that the decoder could turn bytes by
            payload = b"\xd5\xc5\xce\xb0 %d" % eci
            facts = self.fact_of(qr_pictures.picture_of(self.pictures, f"eci{eci}", payload, eci=eci))
            self.assertEqual(facts[0][1]["size"], len(payload))

    def test_structured_append_is_dropped(self):
        before = len(self.facts())
        for number, part in enumerate(qr_pictures.parts_of(badge_of("P").encode() * 3)):
            picture = qr_pictures.write_picture(f"{self.pictures}/part{number}.pgm", part)
            for _ in range(10):
                self.kiosk.camera.show(picture)
                time.sleep(0.02)
        mark = qr_pictures.picture_of(self.pictures, "behind_the_parts", b"behind the parts")
        self.hold_up(mark, lambda: len(self.facts()) > before)
        sizes = [body.get("size") for _, body in self.facts()[before:]]
        self.assertEqual(sizes, [len(b"behind the parts")])

    def test_an_unknown_badge_is_refused_by_its_find_alone(self):
        self.begin_anew()
        kind, body = self.fact_of(qr_pictures.picture_of(self.pictures, "unknown", badge_of("UNKNOWN").encode()))[0]
        self.assertEqual((kind, body["verdict"], body["class"]), ("scan.refused", "unknown", "rc1"))
        self.assertNotIn("UNKNOWN", json.dumps(self.facts()))

    def test_another_servers_enrolment_code_does_not_move_an_enrolled_kiosk(self):
        self.begin_anew()
        stage = Stage(self.company.stage.path("stranger"))
        stranger = Server(stage, is_direct=True)
        stranger.init()
        stranger.command("import", "rooms", self.company.tables + "/rooms.csv")
        code = stranger.enrolment_code(ROOM)
        with open(self.kiosk.data + "/identity/identity.json", encoding="utf-8") as text:
            before = text.read()
        kind, body = self.fact_of(qr_pictures.picture_of(self.pictures, "stranger", code.encode()))[0]
        self.assertEqual((kind, body["verdict"], body["class"]), ("scan.refused", "malformed", "rce1"))
        with open(self.kiosk.data + "/identity/identity.json", encoding="utf-8") as text:
            self.assertEqual(text.read(), before)
        self.assertEqual(self.kiosk.status()["server"], self.company.server.url)

    def test_two_codes_in_one_frame_are_each_judged(self):
        self.begin_anew()
        codes = [qr_pictures.modules_of(badge_of(text).encode()) for text in ("LEFT", "RIGHT")]
        facts = self.fact_of(qr_pictures.write_picture(self.pictures + "/two.pgm", *codes), count=2)
        self.assertEqual([body["verdict"] for _, body in facts], ["unknown", "unknown"])
        self.assertEqual(len({body["find"] for _, body in facts}), 2)

    def test_fifty_foreign_codes_in_a_row_are_twenty_facts_and_flat_memory(self):
        self.begin_anew()
        pictures = [qr_pictures.picture_of(self.pictures, f"row{i}", b"foreign code %d" % i) for i in range(50)]
        self.fact_of(pictures[0])
        before, memory = len(self.facts()), memory_kib(self.kiosk.process)
        for picture in pictures[1:]:
            views = len(self.kiosk.screen.views)
            self.hold_up(picture, lambda: "malformed" in self.greetings(views))
        self.assertLessEqual(len(self.facts()) - before, 20)
        self.assertLess(memory_kib(self.kiosk.process) - memory, 2048)

    def test_pictures_that_are_none_are_passed_over_and_the_next_is_read(self):
        self.begin_anew()
        hostile = {"empty": b"", "nothing": b"P5\n0 0\n255\n", "one": b"P5\n1 1\n255\nx", "huge": b"P5\n8192 8192\n255\n",
                   "negative": b"P5\n-1 -1\n255\n", "cut": b"P5\n640 480\n255\nxx", "deep": b"P5\n9 9\n65535\n" + b"x" * 162,
                   "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "jpeg": b"\xff\xd8\xff" + b"\0" * 50, "zip": b"PK\3\4" + b"x" * 99,
                   "black": b"P5\n640 480\n255\n" + bytes(640 * 480), "noise": b"P5\n640 480\n255\n" + os.urandom(640 * 480)}
        for name, data in hostile.items():
            path = f"{self.pictures}/hostile-{name}"
            with open(path, "wb") as out:
                out.write(data)
            for _ in range(3):
                self.kiosk.camera.show(path)
                time.sleep(0.02)
        for name, path in (("folder", self.pictures), ("device", "/dev/zero")):
            self.kiosk.camera.show(path)
        mark = qr_pictures.picture_of(self.pictures, "after_them", b"read after pictures that are none")
        facts = self.fact_of(mark)
        self.assertEqual([body.get("size") for _, body in facts], [len(b"read after pictures that are none")])

    def test_zz_nothing_of_it_is_in_the_log_or_in_a_list(self):
        """Runs last: what all the others have left."""
        with open(self.kiosk.process.log_path, "rb") as log:
            lines = log.read().split(b"\n")
        for line in filter(None, lines):
            self.assertRegex(line, rb"^<[0-7]>level=[a-z]+ msg=")
            # Our own words may be any text ("8192 × 8192"), but nothing that moves a cursor or turns the direction of reading.
            self.assertIsNone(re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", line.decode("utf-8")))
            self.assertNotIn(b"forged", line)
        kinds = {kind for kind, _ in self.facts()}
        self.assertEqual(kinds, {"scan.refused"})


if __name__ == "__main__":
    tap_unittest.main()
