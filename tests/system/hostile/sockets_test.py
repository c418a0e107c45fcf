# SPDX-License-Identifier: Apache-2.0
"""The kiosk's two sockets against other users of the machine and against garbage."""

import json
import os
import socket
import struct
import subprocess
import sys
import time
import unittest

import tap_unittest
from ground import Company, Kiosk, memory_kib, wait_until

NOBODY = 65534
# A process of another user: connects, sends a question, and prints what it got.
STRANGER = """
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.settimeout(3)
try:
    s.connect(sys.argv[1])
    s.sendall(bytes.fromhex(sys.argv[2]))
    print(len(s.recv(65536)))
except OSError as error:
    print("refused", error)
"""


def frame(payload):
    return struct.pack("<I", len(payload)) + payload


class Sockets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.company.enrol("kiosk")
        cls.kiosk = Kiosk(cls.company.stage).start()
        wait_until(lambda: cls.kiosk.screen.view()["header"]["session"], "the roster has come down")

    @classmethod
    def tearDownClass(cls):
        cls.kiosk.close()
        cls.company.close()

    def tearDown(self):
        self.assertIsNone(self.kiosk.process.poll(), "the daemon has ended")
        self.assertTrue(self.kiosk.status()["enrolled"])

    def path(self, name):
        return f"{self.kiosk.run}/{name}.sock"

    def connect(self, name):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.connect(self.path(name))  # waits for its place in the queue, which a socket with a timeout doesn't
        s.settimeout(5)
        return s

    def is_hung_up(self, s):
        """True once the daemon has closed; what it sends before is read away."""
        try:
            while s.recv(65536):
                pass
            return True
        except ConnectionError:
            return True
        except socket.timeout:
            return False

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_another_user_gets_nothing_from_either_socket(self):
        for folder in (self.company.folder, os.path.dirname(self.kiosk.run), self.kiosk.run):
            os.chmod(folder, 0o755)
        for name, question in (("screen", frame(b"{}")), ("control", b'{"verb":"status"}\n')):
            for mode in (None, 0o777):  # even where a careless hand has opened the socket itself
                with self.subTest(name, mode=mode):
                    if mode:
                        self.addCleanup(os.chmod, self.path(name), os.stat(self.path(name)).st_mode)
                        os.chmod(self.path(name), mode)
                    said = subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", sys.executable, "-c",
                                           STRANGER, self.path(name), question.hex()], capture_output=True, text=True, check=True).stdout
                    self.assertTrue(said.startswith("refused") or said == "0\n", said)

    def test_the_sockets_are_closed_to_others(self):
        self.assertEqual([os.stat(self.path(name)).st_mode & 0o777 for name in ("screen", "control")], [0o660, 0o600])

    def test_garbage_at_the_screens_socket_is_hung_up_on(self):
        for name, data in (("long", struct.pack("<I", 0xFFFFFFFF)), ("no json", frame(b"hello")), ("array", frame(b"[]")), ("empty", frame(b"")),
                           ("wrong types", frame(b'{"touch":1,"touch_id":"x"}')), ("negative", frame(b'{"touch":"choose_1","touch_id":-1}')),
                           ("2^64", frame(b'{"touch":"choose_1","touch_id":18446744073709551616}')), ("deep", frame(b"[" * 900)),
                           ("long word", frame(b'{"touch":"' + b"x" * 900 + b'","touch_id":1}')), ("NUL", frame(b'{"touch":"\\u0000","touch_id":1}')),
                           ("noise", os.urandom(4000))):
            with self.subTest(name), self.connect("screen") as s:
                s.sendall(data)
                self.assertTrue(self.is_hung_up(s))

    def test_a_touch_of_an_old_view_or_of_nothing_changes_nothing(self):
        with self.connect("screen") as s:
            for what in ("choose_1", "choose_2", "open", "enrol", "language", "../..", "%s%n"):
                for touch_id in (0, 1, 2**53 - 1):
                    s.sendall(frame(json.dumps({"v": 1, "touch": what, "touch_id": touch_id}).encode()))
            time.sleep(0.2)
        self.assertEqual(self.kiosk.screen.view()["screen"], "idle")

    def test_a_screen_that_reads_nothing_holds_no_other_up_and_costs_no_memory(self):
        before = memory_kib(self.kiosk.process)
        deaf = [self.connect("screen") for _ in range(20)]
        try:
            for s in deaf:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            self.assertTrue(self.kiosk.status()["enrolled"])
        finally:
            for s in deaf:
                s.close()
        self.assertLess(memory_kib(self.kiosk.process) - before, 4096)

    def test_garbage_at_the_control_socket_changes_nothing(self):
        for name, data in (("no json", b"hello\n"), ("empty", b"\n"), ("unknown verb", b'{"verb":"reboot"}\n'), ("array", b"[]\n"), ("noise", os.urandom(3000) + b"\n"),
                           ("enrolment with nothing", b'{"verb":"enrol"}\n'), ("enrolment with a badge", b'{"verb":"enrol","code":"RC1:' + b"A" * 26 + b'"}\n'),
                           ("NUL", b'{"verb":"status\\u0000"}\n'), ("deep", b"[" * 3000 + b"\n"), ("no end", b"x" * 100000)):
            with self.subTest(name), self.connect("control") as s:
                try:
                    s.sendall(data)
                except (BrokenPipeError, ConnectionError):
                    pass
                self.assertTrue(self.is_hung_up(s))

    def test_callers_who_say_nothing_are_hung_up_on_and_the_next_is_heard(self):
        silent = [self.connect("control") for _ in range(12)]
        try:
            for s in silent:
                self.assertTrue(self.is_hung_up(s))
        finally:
            for s in silent:
                s.close()
        self.assertTrue(self.kiosk.status()["enrolled"])


if __name__ == "__main__":
    tap_unittest.main()
