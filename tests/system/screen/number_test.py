#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody without a badge at a real kiosk: the real screen is touched, the real daemon seals, the server gets the fact."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1] / "kiosk")]

import gallery  # noqa: E402
import tap_unittest  # noqa: E402
from door import HERE, PATIENCE_S, DoorTest, wait_until  # noqa: E402

NUMBER = "7319-QZX"  # nobody has it, and no random bytes look like it
KEYS = ("7", "3", "1", "9", "minus", "q", "z", "x")


class Number(DoorTest):
    def setUp(self):
        self.at_door = self.door().open()
        display = gallery.display()
        self.env = dict(os.environ, DISPLAY=display.__enter__())
        self.addCleanup(display.__exit__, None, None, None)
        self.window = self.at_door.kiosk.start_window(env={"DISPLAY": self.env["DISPLAY"], "GDK_BACKEND": "x11", "GSETTINGS_BACKEND": "memory"})
        self.wait_view(lambda view: view.get("no_badge"), "the button for who has no badge is offered")

    def wait_view(self, condition, what):
        return wait_until(lambda: condition(self.at_door.screen.view()) and self.at_door.screen.view(), what, PATIENCE_S)

    def xdotool(self, *arguments):
        return subprocess.run(["xdotool", *arguments], env=self.env, check=True, stdout=subprocess.PIPE).stdout.split()

    def wait_sheet(self, kind, **fields):
        def is_it(view):
            sheet = view.get("sheet", {"kind": None})
            return sheet["kind"] == kind and all(sheet[key] == value for key, value in fields.items())
        return self.wait_view(is_it, f"the sheet {kind} {fields}")

    def open_keys(self):
        """Touches the button until the sheet is there: the window may still be drawing itself."""
        def is_open():
            if self.at_door.screen.view().get("sheet"):
                return True
            self.xdotool("mousemove", "880", "736", "click", "1")
            return False
        wait_until(is_open, "the keys come", PATIENCE_S)
        self.wait_sheet("number", typed="")
        self.xdotool("windowfocus", "--sync", self.xdotool("search", "--pid", str(self.window.pid))[-1].decode())

    def claims(self):
        rows = self.company.query("SELECT body FROM fact WHERE kiosk = ? AND kind = 'attendance.claimed'", self.at_door.id())
        return [json.loads(bytes(body) if not isinstance(body, str) else body) for (body,) in rows]

    def assert_nowhere(self, text):
        """In no file of the kiosk and in no log."""
        for path in pathlib.Path(self.at_door.stage.folder).rglob("*"):
            if path.is_file():
                self.assertNotIn(text.encode(), path.read_bytes(), path)

    def test_a_typed_number_lies_sealed_in_the_journal_and_is_greeted_without_a_name(self):
        self.open_keys()
        self.xdotool("key", *KEYS)
        self.wait_sheet("number", typed=NUMBER)
        self.xdotool("key", "Return")
        greeting = self.wait_view(lambda view: view["screen"] == "greeting", "the claim is greeted")
        self.assertEqual("claimed", greeting["main"]["verdict"])
        self.assertEqual("", greeting["main"]["name"])
        self.assertEqual(["claimed"], [row["verdict"] for row in greeting["recent"]])
        wait_until(lambda: len(self.claims()) == 1, "the server has the claim", 3 * PATIENCE_S)
        claim = self.claims()[0]
        self.assertEqual(2 * (94 + 64), len(bytes.fromhex(claim["number"]).hex()))
        self.assertEqual("02", claim["number"][:2])
        self.assert_nowhere(NUMBER)
        self.assert_nowhere("7319")
        self.assertIn(" 0 faults", self.at_door.verify())

    def test_a_badge_held_up_while_somebody_types_is_signed_in(self):
        person = self.company.person(HERE)
        self.open_keys()
        self.xdotool("key", "7", "3")
        self.wait_sheet("number", typed="73")
        self.at_door.hold_up(person)
        view = self.wait_sheet("number", typed="73")  # the sheet and what was typed are still there
        self.assertEqual("signed_in", view["recent"][0]["verdict"])
        wait_until(lambda: self.company.state_of(person) == "present", "the server has the arrival", 3 * PATIENCE_S)
        self.xdotool("key", "Escape")
        self.wait_view(lambda view: not view.get("sheet"), "the sheet closes")
        self.assertEqual([], self.claims())

    def test_the_mark_says_why_not_everything_is_sent(self):
        wait_until(lambda: self.at_door.waiting() == 0, "everything is sent", 3 * PATIENCE_S)
        self.at_door.screen.touch("status")
        view = self.wait_sheet("status", trouble="none")
        self.assertRegex(view["sheet"]["contact"], "^[0-9]{2}:[0-9]{2}$")
        self.company.server.relay.cut()
        self.at_door.screen.touch("cancel")
        wait_until(lambda: not self.at_door.kiosk.status()["connected"], "the cut is noticed", 3 * PATIENCE_S)
        self.at_door.screen.touch("status")
        view = self.wait_sheet("status")
        self.assertEqual("server", view["sheet"]["trouble"])
        self.at_door.screen.touch("cancel")
        self.wait_view(lambda view: not view.get("sheet"), "the sheet closes")


class Names(DoorTest):
    def test_where_the_organisation_wants_it_no_full_name_leaves_the_daemon(self):
        config = pathlib.Path(self.company.stage.path("server.conf"))
        config.write_text("[kiosk]\nnames = short\n", encoding="utf-8")
        self.company.server.stop()
        self.company.server.start(more=("--config", str(config)))
        at_door = self.door().open()
        greeting = at_door.hold_up(self.company.person(HERE))  # 员工0, 员工12 …
        self.assertEqual("signed_in", greeting["verdict"])
        self.assertRegex(greeting["name"], r"^员\*{1,2}[0-9]$")
        self.assertNotIn("员工", json.dumps(at_door.screen.views, ensure_ascii=False))


if __name__ == "__main__":
    tap_unittest.main()
