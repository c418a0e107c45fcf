#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Several servers on one database: what is done through one is heard at the other, in order, with a pooler between or without."""

import json
import os
import shutil
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap_unittest  # noqa: E402
from own_cluster import Beside, OwnCluster, wait_until  # noqa: E402


def read_feed(kiosk, cursor=None, wait=0):
    """(lines, cursor) of the changes feed."""
    query = f"?after={cursor}&wait={wait}" if cursor else ""
    status, _, text = kiosk.ask("GET", "/v1/kiosk/changes" + query)
    assert status == 200, status
    lines = [json.loads(line) for line in text.decode().splitlines()]
    return lines[:-1], lines[-1]["end"]["cursor"]


class SeveralServers(OwnCluster):
    def setUp(self):
        super().setUp()
        self.other = self.another_server()
        self.server.start()
        self.other.stage.running.remove(self.server.process)
        self.start_other()
        self.here = self.kiosk("kiosk")
        self.there = self.through(self.other)

    def start_other(self):
        path = self.stage.path("server-run.json")
        os.rename(path, path + ".first")  # both would write it
        self.other.start()
        self.stage.running.append(self.server.process)

    def through(self, server):
        """The same kiosk, led to another server by whoever spreads the load."""
        twin = object.__new__(type(self.here))
        twin.__dict__.update(self.here.__dict__, port=server.device_port)
        return twin

    def poll_at_other(self, cursor):
        """A long poll that is parked at the other server."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(read_feed(self.there, cursor, wait=120)))
        thread.start()
        self.addCleanup(thread.join)
        return thread, answers

    def test_a_change_made_through_one_server_answers_a_poll_at_the_other(self):
        _, cursor = read_feed(self.there)
        thread, answers = self.poll_at_other(cursor)
        self.server.command("badge", "revoke", "001-01")
        thread.join(60)
        lines, later = answers[0]
        self.assertTrue(lines, "the poll was answered by the change, not by its time")
        self.assertNotEqual(cursor, later)
        self.assertEqual(([], later), read_feed(self.here, later))  # and the cursor counts at both

    def test_facts_may_come_through_either_server(self):
        lines = [self.here.fact("device.changed", {"device": "camera", "state": "ok"}) for _ in range(6)]
        self.assertEqual(200, self.here.upload(lines[:2], 1)[0])
        self.assertEqual(200, self.there.upload(lines[:4], 1)[0])
        status, _, mark = self.here.upload(lines, 1)
        self.assertEqual((200, 6), (status, json.loads(mark)["through"]))
        self.assertEqual([(6,)], self.server.database().rows("SELECT count(*) FROM fact WHERE kiosk = ?", self.here.id))

    def test_no_cursor_passes_a_change_whose_transaction_is_still_open(self):
        import psycopg2
        _, cursor = read_feed(self.here)
        slow = psycopg2.connect(self.server.database().conninfo)
        self.addCleanup(slow.close)
        with slow.cursor() as work:
            work.execute("UPDATE log_head SET n = n + 1 WHERE log = 'change' RETURNING n")
            number = work.fetchone()[0]
            quick = threading.Thread(target=lambda: self.server.command("badge", "revoke", "001-01"))
            quick.start()
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            wait_until(lambda: self.server.database().rows(waiting)[0][0] > 0, "the other change waits for the log")
            for kiosk in (self.here, self.there):
                self.assertEqual(([], cursor), read_feed(kiosk, cursor))
            work.execute("INSERT INTO change_log (n, scope, entity, id, version, op, payload, at_ms) SELECT %s, 'all', entity, id, "
                         "version + 1, op, payload, at_ms FROM change_log WHERE entity = 'setting' OR scope = 'all' ORDER BY n LIMIT 1",
                         (number,))
            self.assertEqual(1, work.rowcount)
        slow.commit()
        quick.join()
        for kiosk in (self.here, self.there):
            lines, _ = read_feed(kiosk, cursor)
            numbers = [line["n"] for line in lines if "n" in line]
            self.assertEqual(number, numbers[0], lines)
            self.assertEqual(sorted(numbers), numbers)
            self.assertGreater(len(numbers), 1)


@unittest.skipIf(shutil.which("pgbouncer") is None, "pgbouncer is not installed")
class BehindPooler(SeveralServers):
    """Again, with sessions that change hands after each transaction: names of statements are lost, and LISTEN is never answered."""

    def make_cluster(self):
        cluster = super().make_cluster()
        (cluster.folder / "users").write_text('"rollcall" ""\n', encoding="utf-8")
        (cluster.folder / "pool.ini").write_text(
            f"[databases]\n* = host={cluster.folder}\n[pgbouncer]\npool_mode = transaction\nlisten_addr =\nlisten_port = 6432\n"
            f"unix_socket_dir = {cluster.folder}\nauth_type = trust\nauth_file = {cluster.folder}/users\ndefault_pool_size = 6\n"
            "max_client_conn = 200\n", encoding="utf-8")
        pooler = Beside(cluster, "pgbouncer", cluster.folder / "pool.ini")
        self.addCleanup(pooler.end)
        wait_until(lambda: (cluster.folder / ".s.PGSQL.6432").exists(), "the pooler listens")
        return cluster

    def conninfo(self):
        return self.cluster.conninfo + " port=6432"

    def another_server(self):
        path = os.path.join(self.server.folder, "database-direct")
        with open(path, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as out:
            out.write("postgres:" + self.server.database().conninfo.replace(" port=6432", "") + "\n")
        return super().another_server()


if __name__ == "__main__":
    tap_unittest.main()
