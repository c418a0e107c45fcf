#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Daemon and server under a service manager, and the units that such a manager reads."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tap_unittest  # noqa: E402
from programs import BIN, written  # noqa: E402


class Manager(unittest.TestCase):
    """What systemd does for a service of Type=notify."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(self.path("notify"))
        self.socket.settimeout(60)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *command, **more):
        program = subprocess.Popen([os.path.join(BIN, command[0]), *command[1:]], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=dict(os.environ, NOTIFY_SOCKET=self.path("notify"), **more))
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        return program

    def hear(self):
        return self.socket.recv(4096).decode()

    def stop(self, program):
        """Ends it; what it said on the way, without the beats."""
        program.send_signal(signal.SIGTERM)
        said = self.hear()
        while said == "WATCHDOG=1":
            said = self.hear()
        self.assertEqual(0, program.wait(60))
        return said

    def test_a_kiosk_says_when_it_is_ready_and_beats_while_its_loop_turns(self):
        kiosk = self.start("rollcall-kiosk", "run", "--data", self.path("data"), "--run", self.path("run"),
                           WATCHDOG_USEC="200000")
        self.assertEqual("READY=1", self.hear())
        self.assertTrue(os.path.exists(self.path("run/screen.sock")))
        self.assertEqual(["WATCHDOG=1"] * 3, [self.hear() for _ in range(3)])
        self.assertEqual("STOPPING=1", self.stop(kiosk))

    def test_a_kiosk_that_nobody_watches_does_not_beat(self):
        kiosk = self.start("rollcall-kiosk", "run", "--data", self.path("data"), "--run", self.path("run"))
        self.assertEqual("READY=1", self.hear())
        kiosk.send_signal(signal.SIGTERM)
        self.assertEqual("STOPPING=1", self.hear())

    def test_a_server_says_when_it_listens(self):
        written("rollcall-server", "--dir", self.path("server"), "init", "--organisation", "X",
                "--url", "https://localhost:8443")
        server = self.start("rollcall-server", "--dir", self.path("server"), "serve", "--device", "127.0.0.1:0",
                            "--people", "127.0.0.1:0", "--run-file", self.path("run.json"))
        self.assertEqual("READY=1", self.hear())
        self.assertTrue(os.path.exists(self.path("run.json")))
        self.assertEqual("STOPPING=1", self.stop(server))


if __name__ == "__main__":
    tap_unittest.main()
