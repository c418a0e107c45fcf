# SPDX-License-Identifier: Apache-2.0
"""A company's server with its data, and one kiosk, on loopback, in one folder."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../postgres"))

from camera import Camera
from database import Database, init_arguments
from network import Relay
from processes import Failure, Stage, program, wait_until
from screen import Screen

ORGANISATION = "示范公司 Demo Ltd"


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """`rollcall-server` in <stage>/server; kiosks reach its device listener through a relay that can be cut, or directly."""

    def __init__(self, stage, is_direct=False):
        self.stage = stage
        self.folder = stage.path("server")
        self.device_port = free_port()
        self.relay = None if is_direct else Relay(self.device_port)
        self.url = f"https://localhost:{self.device_port if is_direct else self.relay.port}"
        self.process = None
        self.token = None

    def command(self, *arguments, **options):
        return self.stage.run("rollcall-server", "--dir", self.folder, *arguments, **options)

    def init(self):
        """On SQLite, or in a database of its own beside the PostgreSQL that RC_TEST_POSTGRES names (tests/sim/postgres)."""
        self.command("init", "--organisation", ORGANISATION, "--url", self.url, *init_arguments())

    def database(self):
        """Its database, looked into from beside it."""
        return Database(self.folder)

    def load(self, tables):
        """Imports rooms, employees, sessions and registrations from a folder of CSV files."""
        for table in ("rooms", "employees", "sessions", "registrations"):
            self.command("import", table, os.path.join(tables, table + ".csv"))

    def start(self, people_port=0, more=()):
        """`more` are further arguments of serve."""
        run_file = self.stage.path("server-run.json")
        if os.path.exists(run_file):
            os.unlink(run_file)
        self.process = self.stage.start("rollcall-server", "--dir", self.folder, "serve", "--device",
                                        f"127.0.0.1:{self.device_port}", "--people", f"127.0.0.1:{people_port}",
                                        "--operations", "127.0.0.1:0", "--run-file", run_file, *more, log="server")

        def is_up():
            if self.process.poll() is not None:
                raise Failure(f"the server ended with status {self.process.returncode}: {self.process.log_path}")
            return os.path.exists(run_file)

        wait_until(is_up, f"the server listens ({self.process.log_path})")
        with open(run_file, encoding="utf-8") as text:
            urls = json.load(text)
        self.api, self.operations = urls["api"], urls["operations"]
        return self

    def stop(self, how=signal.SIGTERM):
        return self.stage.end(self.process, how)

    def make_token(self, role="reader"):
        self.token = self.command("token", "create", "--name", "demo", "--role", role).split()[-1]
        return self.token

    def epoch(self):
        """The server's epoch, read from its database as only a test may."""
        return self.database().rows("SELECT value FROM server_state WHERE key = 'server.epoch'")[0][0]

    def get(self, path, accept="application/json"):
        request = urllib.request.Request(self.api + path, headers={"Authorization": f"Bearer {self.token}", "Accept": accept})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()

    def attendance(self, session):
        return json.loads(self.get(f"/api/v1/sessions/{session}/attendance"))

    def enrolment_code(self, room, png=None):
        extra = ["--png", png] if png else []
        return self.command("kiosk", "code", "--room", room, *extra).splitlines()[0]  # base45 has spaces


class Kiosk:
    """`rollcall-kiosk` in <stage>/kiosk with a camera and a watching screen of ours."""

    def __init__(self, stage, name="kiosk"):
        self.stage, self.name = stage, name
        self.data, self.run = stage.path(name, "data"), stage.path(name, "run")
        os.makedirs(self.run, exist_ok=True)
        self.camera = Camera(stage.path(name, "camera.sock"))
        self.poll_s = 2  # how often the kiosk asks by itself
        self.screen = None
        self.process = None

    def start(self, env=None, wrapper=()):
        """`wrapper` is a command that ends by executing the kiosk with the arguments it is given."""
        arguments = ["--data", self.data, "--run", self.run, "run", "--camera", "feed:" + self.camera.path, "--poll", str(self.poll_s)]
        self.process = self.stage.start("rollcall-kiosk", *wrapper[1:], *arguments, log=self.name, env=env,
                                        path=wrapper[0] if wrapper else None)
        if self.screen is None:
            self.screen = Screen(self.run + "/screen.sock")
        wait_until(self.screen.view, f"the kiosk shows something ({self.process.log_path})")
        return self

    def stop(self, how=signal.SIGTERM):
        return self.stage.end(self.process, how)

    def status(self):
        text = self.stage.run("rollcall-kiosk", "--data", self.data, "--run", self.run, "status", "--json")
        return json.loads(text)

    def start_window(self, size="1280x800", env=None):
        """The real screen, in a window of the display there is."""
        return self.stage.start("rollcall-screen", "--socket", self.run + "/screen.sock", "--size", size,
                                log=self.name + "-screen", env={"GSK_RENDERER": "cairo", "GTK_A11Y": "none", **(env or {})})

    def close(self):
        self.camera.close()
        if self.screen:
            self.screen.close()


def draw_badge(badge, seed, folder, frames=12):
    """A badge as a camera would see it: approach, hold still, leave."""
    os.makedirs(folder, exist_ok=True)
    subprocess.run([program("rollcall-camera-draw"), "--badge", badge, "--seed", str(seed), "--frames", str(frames), "--out",
                    folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def draw_empty(seed, folder, frames=6):
    os.makedirs(folder, exist_ok=True)
    subprocess.run([program("rollcall-camera-draw"), "--empty", "--seed", str(seed), "--frames", str(frames), "--out", folder],
                   check=True, stdout=subprocess.DEVNULL)
    return folder


__all__ = ["Failure", "Kiosk", "Server", "Stage", "draw_badge", "draw_empty", "wait_until"]
