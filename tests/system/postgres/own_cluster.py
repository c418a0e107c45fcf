# SPDX-License-Identifier: Apache-2.0
"""A test with a PostgreSQL of its own, which it may treat badly, servers on it, and kiosks made by hand."""

import os
import shutil
import subprocess
import sys
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, folder) for folder in ("../server", "../../sim/rig", "../../sim/postgres")]

from company_site import Server, free_port  # noqa: E402
from hand_made_kiosk import Code, Kiosk  # noqa: E402
from postgres import Cluster, Standby, find_programs  # noqa: E402
from processes import wait_until  # noqa: E402
from small_office import ROOM, SmallOffice  # noqa: E402

PROGRAMS = find_programs()


@unittest.skipIf(PROGRAMS is None or shutil.which("psql") is None, "PostgreSQL is not installed")
class OwnCluster(SmallOffice):
    def setUp(self):
        self.cluster = self.make_cluster()
        self.addCleanup(self.cluster.stop)
        with mock.patch.dict(os.environ, {"RC_TEST_POSTGRES": self.conninfo()}):
            super().setUp()

    def make_cluster(self):
        return Cluster(PROGRAMS)

    def conninfo(self):
        """How servers reach it."""
        return self.cluster.conninfo

    def kiosk(self, name):
        folder = self.stage.path(name)
        os.makedirs(folder)
        kiosk = Kiosk(folder, Code(self.server.enrolment_code(ROOM)))
        kiosk.fetch_ca()
        self.assertEqual(200, kiosk.enrol(kiosk.make_request())[0])
        return kiosk

    def another_server(self):
        """On the same database with the same secrets, as every node has them."""
        other = Server(self.stage, is_direct=True)
        other.folder = self.stage.path("another")
        shutil.copytree(self.server.folder, other.folder)
        return other


class Beside:
    """A program that runs beside a cluster as its user."""

    def __init__(self, cluster, *words):
        self.process = subprocess.Popen([str(w) for w in words], cwd=cluster.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **cluster.user)

    def end(self):
        self.process.kill()
        self.process.wait()


__all__ = ["PROGRAMS", "Beside", "Cluster", "OwnCluster", "Standby", "Server", "free_port", "wait_until"]
