#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL dies while kiosks upload: what was acknowledged is there, once, and what wasn't comes again."""

import os
import shutil
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap_unittest  # noqa: E402
from own_cluster import PROGRAMS, Beside, OwnCluster, Standby, wait_until  # noqa: E402
from postgres import Cluster  # noqa: E402

KIOSKS, UPLOADS, FACTS = 3, 60, 5


class Uploader(threading.Thread):
    """A kiosk that sends its facts piece by piece and sends a piece again until it is acknowledged."""

    def __init__(self, kiosk):
        super().__init__()
        self.kiosk, self.acknowledged, self.refusals, self.failure = kiosk, 0, 0, None

    def run(self):
        try:
            for _ in range(UPLOADS):
                first = self.kiosk.seq + 1
                lines = [self.kiosk.fact("device.changed", {"device": "camera", "state": "ok"}) for _ in range(FACTS)]
                self.send(lines, first)
                self.acknowledged = self.kiosk.seq
        except Exception as failure:  # told to the test, which ends
            self.failure = failure

    def send(self, lines, first):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            status = self.kiosk.upload(lines, first)[0]
            if status == 200:
                return
            assert status == 503, status
            self.refusals += 1
            time.sleep(0.1)
        raise AssertionError("nobody took a piece within a minute")


class Death(OwnCluster):
    def upload_while(self, happens):
        self.server.start()
        uploaders = [Uploader(self.kiosk(f"kiosk{i}")) for i in range(KIOSKS)]
        for uploader in uploaders:
            uploader.start()
            self.addCleanup(uploader.join)
        wait_until(lambda: all(u.acknowledged >= 10 * FACTS for u in uploaders), "all kiosks are in the middle", 60)
        happens()
        for uploader in uploaders:
            uploader.join()
            self.assertIsNone(uploader.failure)
        return uploaders

    def assert_each_fact_once(self, uploaders):
        for uploader in uploaders:
            numbers = [row[0] for row in self.server.database().rows(
                "SELECT seq FROM fact WHERE kiosk = ? AND epoch = ? ORDER BY seq, branch", uploader.kiosk.id, uploader.kiosk.epoch)]
            self.assertEqual(list(range(1, UPLOADS * FACTS + 1)), numbers)
        self.assertIn(str(KIOSKS * UPLOADS * FACTS), self.server.command("verify"))
        self.assertEqual([], self.server.database().rows("SELECT kind FROM inbox"))  # no branch, no broken chain

    def test_a_postgresql_that_is_killed_and_comes_back_has_each_acknowledged_fact_once(self):
        def happens():
            self.cluster.kill()
            self.come_back()

        self.assert_each_fact_once(self.upload_while(happens))

    def come_back(self):
        """Its shared memory is let go of a moment after the last process has ended."""
        def starts():
            try:
                self.cluster.start("-c fsync=off -c max_connections=300")
                return True
            except RuntimeError:
                return False

        wait_until(starts, "PostgreSQL starts again", 60)
        self.cluster.is_killed = False


@unittest.skipIf(shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin") is None, "haproxy is not installed")
class Failover(OwnCluster):
    """HAProxy leads to the primary and, when that is dead, to the standby."""

    upload_while, assert_each_fact_once = Death.upload_while, Death.assert_each_fact_once

    def make_cluster(self):
        primary = Cluster(PROGRAMS)
        try:
            self.standby = Standby(PROGRAMS, primary)
        except BaseException:
            primary.stop()
            raise
        self.addCleanup(self.standby.stop)
        path = primary.folder / "haproxy.cfg"
        path.write_text(
            "defaults\n mode tcp\n timeout connect 1s\n timeout client 1h\n timeout server 1h\n timeout check 1s\n"
            f"listen postgres\n bind unix@{primary.folder}/.s.PGSQL.6000 mode 777\n option redispatch\n"
            f" server one unix@{primary.folder}/.s.PGSQL.5432 check inter 200ms fall 1 on-marked-down shutdown-sessions\n"
            f" server two unix@{self.standby.folder}/.s.PGSQL.5432 backup\n", encoding="utf-8")
        proxy = Beside(primary, "/usr/sbin/haproxy", "-db", "-f", path)
        self.addCleanup(proxy.end)
        wait_until(lambda: (primary.folder / ".s.PGSQL.6000").exists(), "HAProxy listens")
        return primary

    def conninfo(self):
        return self.cluster.conninfo + " port=6000"

    def test_a_standby_that_takes_over_has_each_acknowledged_fact_once(self):
        def happens():
            self.cluster.kill()
            self.standby.promote()
            # Whoever takes over waits for nobody until a new standby is there.
            self.standby.ask("ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();")

        uploaders = self.upload_while(happens)
        self.assert_each_fact_once(uploaders)
        self.assertEqual([(False,)], self.server.database().rows("SELECT pg_is_in_recovery()"))


if __name__ == "__main__":
    tap_unittest.main()
