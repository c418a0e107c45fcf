#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A camera that is absent, unplugged or frozen: people at the door are told, and still have a way in."""

import json
import mmap
import os
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from door import DoorTest, PATIENCE_S, wait_until  # noqa: E402
from processes import program  # noqa: E402

NOTHING_COMES_S = 20 if not os.environ.get("RC_SANITIZE") else 60  # V4L2's three seconds without a frame, and the retry


class LinuxCamera:
    """The device of tests/sim/v4l2, as its header lays it out: a file that the scanner's wrapped calls take for a camera."""

    CAPTURE_AND_STREAMING, GREY = 0x04000001, struct.unpack("<I", b"GREY")[0]
    WIDTH, HEIGHT = 640, 480
    GONE, SEQUENCE, FRAME_SIZE, FRAME = 40, 68, 64, 72  # offsets
    BYTES = 72 + 1280 * 720 * 2

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as device:
            device.truncate(self.BYTES)
        with open(path, "r+b") as device:
            self.memory = mmap.mmap(device.fileno(), self.BYTES)
        self._put(0, self.CAPTURE_AND_STREAMING, self.GREY, 0, 0, 0, self.WIDTH, self.HEIGHT, self.WIDTH, 0,
                  self.WIDTH * self.HEIGHT)
        self.sequence = 0

    def _put(self, offset, *values):
        struct.pack_into(f"<{len(values)}I", self.memory, offset, *values)

    def give_frame(self):
        self.memory[self.FRAME:self.FRAME + self.WIDTH * self.HEIGHT] = b"\x80" * (self.WIDTH * self.HEIGHT)
        self._put(self.FRAME_SIZE, self.WIDTH * self.HEIGHT)
        self.sequence += 1
        self._put(self.SEQUENCE, self.sequence)

    def unplug(self):
        self._put(self.GONE, 1)

    def plug_in(self):
        self._put(self.GONE, 0)


class Cameras(DoorTest):
    def expect(self, door, state, meanwhile=lambda: None):
        def is_shown():
            meanwhile()
            return door.screen.view()["camera"] == state

        wait_until(is_shown, f"the screen says that the camera is {state}", max(PATIENCE_S, NOTHING_COMES_S))
        self.assertEqual(state, door.kiosk.status()["scanner"]["camera_state"])

    def states(self, door):
        door.wait_sent()
        return [json.loads(row[0])["state"] for row in self.company.query(
            "SELECT body FROM fact WHERE kiosk = ? AND kind = 'device.changed' ORDER BY seq", door.id())]

    def restart_with(self, door, setting, *more):
        """The same kiosk with another camera."""
        door.kiosk.stop()
        door.kiosk.process = door.stage.start(
            "rollcall-kiosk", "--data", door.kiosk.data, "--run", door.kiosk.run, "run", "--camera", setting, "--poll", "2",
            *more, log=door.kiosk.name)
        wait_until(lambda: door.kiosk.status().get("screens", 0) == 1, "the screen is back", PATIENCE_S)

    def sign_in_by_number(self, door, number):
        before = door.screen.greeting_count()
        wait_until(lambda: door.screen.view().get("no_badge"), "the button is offered", PATIENCE_S)
        door.screen.touch("no_badge")
        wait_until(lambda: door.screen.view().get("sheet", {}).get("kind") == "number", "the keys are there", PATIENCE_S)
        for i, key in enumerate(number):
            door.screen.touch("key", key=key)
            wait_until(lambda: door.screen.view()["sheet"]["typed"] == number[:i + 1], "the key is shown", PATIENCE_S)
        door.screen.touch("confirm")
        wait_until(lambda: door.screen.greeting_count() > before, "the number is noted", PATIENCE_S)
        return door.screen.greetings[before]

    def test_an_absent_camera_is_said_and_a_number_still_signs_in(self):
        door = self.door().open()
        absent = door.kiosk.run + "/nowhere.sock"
        self.restart_with(door, "feed:" + absent)
        self.expect(door, "away")
        wait_until(lambda: door.screen.view()["screen"] == "idle", "idle is shown")
        self.assertEqual("claimed", self.sign_in_by_number(door, self.company.person())["verdict"])
        self.assertEqual("absent", self.states(door)[-1])
        door.kiosk.camera.close()
        door.kiosk.camera = type(door.kiosk.camera)(absent)
        self.expect(door, "ok", lambda: door.show_nobody(0.1))
        self.assertEqual("signed_in", door.hold_up(self.company.person())["verdict"])

    def test_a_camera_unplugged_in_the_middle_is_said_and_read_again_when_it_is_back(self):
        door = self.door().open()
        device = LinuxCamera(door.kiosk.run + "/video0")
        self.restart_with(door, "v4l2:" + device.path, "--scanner", program("rollcall-scanner-fake-camera"))
        self.expect(door, "ok", device.give_frame)
        wait_until(lambda: device.give_frame() or door.kiosk.status()["scanner"].get("state") == "running", "frames are read")
        device.unplug()
        self.expect(door, "away")
        self.assertIsNone(door.kiosk.process.poll())
        device.plug_in()
        self.expect(door, "ok", lambda: (device.give_frame(), time.sleep(0.05)))
        self.assertEqual(["failed", "ok"], self.states(door)[-2:])

    def test_a_frozen_camera_is_said_and_opened_anew(self):
        door = self.door().open()
        device = LinuxCamera(door.kiosk.run + "/video0")
        self.restart_with(door, "v4l2:" + device.path, "--scanner", program("rollcall-scanner-fake-camera"))
        device.give_frame()
        self.expect(door, "ok")
        self.expect(door, "away")  # the device stays, no frame comes
        starts = door.kiosk.status()["scanner"]["starts"]
        self.assertEqual("failed", self.states(door)[-1])
        self.assertEqual("claimed", self.sign_in_by_number(door, self.company.person())["verdict"])
        self.expect(door, "ok", lambda: (device.give_frame(), time.sleep(0.05)))
        self.assertGreater(door.kiosk.status()["scanner"]["starts"], starts)

    def test_scanners_that_die_before_they_see_anything_are_no_camera(self):
        door = self.door().open()
        self.restart_with(door, "feed:" + door.kiosk.camera.path, "--scanner", "/bin/false")
        self.expect(door, "away")
        self.assertEqual("claimed", self.sign_in_by_number(door, self.company.person())["verdict"])

    def test_a_kiosk_set_to_have_no_camera_misses_none(self):
        door = self.door().open()
        facts = len(self.states(door))
        self.restart_with(door, "none")
        self.expect(door, "none")
        self.assertEqual("claimed", self.sign_in_by_number(door, self.company.person())["verdict"])
        self.assertEqual(facts, len(self.states(door)))


if __name__ == "__main__":
    tap_unittest.main()
