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
from programs import BIN, SOURCE, written  # noqa: E402

UNITS = os.path.join(SOURCE, "boards", "common", "systemd")
SERVICES = ("rollcall-kiosk", "rollcall-screen", "rollcall-server")
EXPOSURE_MAX = 2.0  # of 10, as systemd-analyze counts


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


def unit_of(service):
    with open(os.path.join(UNITS, service + ".service"), encoding="utf-8") as file:
        return file.read()


def calls_of(name):
    """The system calls behind a set's name, or the one that is named."""
    if not name.startswith("@"):
        return {name}
    told = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", name], text=True, timeout=60, check=True,
                          stdout=subprocess.PIPE).stdout
    words = [line.strip() for line in told.splitlines()[1:]]
    return set().union(*(calls_of(word) for word in words if word and not word.startswith("#")))


def calls_allowed(service):
    """What is left when the lines of a unit are taken in their order."""
    allowed = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit_of(service), re.M):
        calls = set().union(*(calls_of(word) for word in line.lstrip("~").split()))
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


def can_trace():
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL, check=False, timeout=60)
    return done.returncode == 0


class Units(unittest.TestCase):
    def test_systemd_finds_nothing_wrong_with_the_units(self):
        with tempfile.TemporaryDirectory() as folder:
            for service in SERVICES:
                # The programs are where they were built; cage need not be on a machine that builds.
                text = unit_of(service).replace("/usr/bin/rollcall-", BIN + "/rollcall-").replace("/usr/bin/cage", "/bin/true")
                with open(os.path.join(folder, service + ".service"), "w", encoding="utf-8") as file:
                    file.write(text)
            paths = [os.path.join(folder, service + ".service") for service in SERVICES]
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *paths], text=True,
                                  timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            told = [line for line in done.stdout.splitlines() if "rollcall" in line]
            self.assertEqual((0, []), (done.returncode, told))

    def test_each_unit_is_shut_in(self):
        for service in SERVICES:
            done = subprocess.run(["systemd-analyze", "--no-pager", "--offline=yes", "security",
                                   os.path.join(UNITS, service + ".service")], text=True, timeout=120,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
            self.assertLessEqual(float(score[1]), EXPOSURE_MAX, service)

    def test_the_scanner_may_do_what_it_needs_before_and_behind_its_own_filter(self):
        with open(os.path.join(SOURCE, "firmware", "scanner", "sandbox.c"), encoding="utf-8") as file:
            product = re.sub(r"#ifdef RC_SANITIZED.*?#endif", "", file.read(), flags=re.S)
        needed = set(re.findall(r"SCMP_SYS\((\w+)\)", product)) | {"seccomp", "prctl", "execve"}
        self.assertIn("recvmsg", needed)
        self.assertEqual(set(), needed - calls_allowed("rollcall-kiosk"))

    def test_daemon_and_server_make_no_call_that_their_unit_forbids(self):
        if os.environ.get("RC_SANITIZE"):
            self.skipTest("a sanitizer makes calls of its own")
        if not can_trace():
            self.skipTest("nothing can be traced here")
        # SQLite gives files to their folder's owner where it runs as root, which the services don't.
        as_root = {"fchown"} if os.geteuid() == 0 else set()
        for service in ("rollcall-kiosk", "rollcall-server"):
            with self.subTest(service=service), tempfile.TemporaryDirectory() as folder:
                forbidden = self.trace(service, folder) - calls_allowed(service) - as_root
                self.assertEqual(set(), forbidden)

    def trace(self, service, folder):
        """The system calls of a start and an orderly end."""
        log, notify = os.path.join(folder, "calls"), os.path.join(folder, "notify")
        arguments = ["run", "--data", folder + "/data", "--run", folder + "/run"]
        if service == "rollcall-server":
            written(service, "--dir", folder + "/server", "init", "--organisation", "X", "--url", "https://localhost:8443")
            arguments = ["--dir", folder + "/server", "serve", "--device", "127.0.0.1:0", "--people", "127.0.0.1:0"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(notify)
            manager.settimeout(60)
            program = subprocess.Popen(["strace", "-f", "-qq", "-o", log, os.path.join(BIN, service), *arguments],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=dict(os.environ, NOTIFY_SOCKET=notify))
            self.addCleanup(program.wait)
            self.addCleanup(program.kill)
            self.assertEqual(b"READY=1", manager.recv(100))
        with open(log, encoding="utf-8", errors="replace") as file:
            os.kill(int(file.readline().split()[0]), signal.SIGTERM)  # the program, not what traces it
        self.assertEqual(0, program.wait(60))
        with open(log, encoding="utf-8", errors="replace") as file:
            return set(re.findall(r"^\d+ +([a-z_0-9]+)\(", file.read(), re.M))


if __name__ == "__main__":
    tap_unittest.main()
