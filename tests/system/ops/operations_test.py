#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What whoever watches the server gets: numbers that Prometheus' own tool takes, alert rules that fire, and a listener that stays home."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../sim/rig"))
sys.path.insert(0, HERE)

import tap_unittest  # noqa: E402
from operator_test import Kiosk, Code, OperatorTest  # noqa: E402
from processes import program, wait_until  # noqa: E402

SOURCE = os.environ["RC_SOURCE"]
ALERTS = os.path.join(SOURCE, "docs/operations/alerts.yml")
SAMPLE = re.compile(r"^([a-z_]+)(\{[^}]*\})? (\S+)$")


def samples_of(text):
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, number = SAMPLE.match(line).groups()
            found[name + (labels or "")] = float(number)
    return found


class Watching(OperatorTest):
    def ask(self, path="/metrics"):
        with urllib.request.urlopen(self.server.operations + path, timeout=20) as answer:
            return answer.read().decode()

    def metrics(self):
        return samples_of(self.ask())

    def enrol(self):
        folder = self.stage.path("kiosk")
        os.makedirs(folder)
        kiosk = Kiosk(folder, Code(self.server.enrolment_code("3F-305")))
        kiosk.fetch_ca()
        self.assertEqual(200, kiosk.enrol(kiosk.make_request())[0])
        return kiosk

    def test_prometheus_own_tool_takes_the_metrics_and_finds_nothing_to_say(self):
        done = subprocess.run(["promtool", "check", "metrics"], input=self.ask(), capture_output=True, text=True, check=False)
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))

    def test_health_is_told_there_too(self):
        self.assertEqual(["ok\n", "ok\n"], [self.ask("/livez"), self.ask("/readyz")])
        with self.assertRaises(urllib.error.HTTPError) as missing:
            self.ask("/api/v1/rooms")
        self.assertEqual(404, missing.exception.code)

    def test_uploads_are_counted_by_what_came_of_them(self):
        kiosk = self.enrol()
        lines = [kiosk.fact("device.changed", {"device": "camera", "state": "restarted"}) for _ in range(3)]
        self.assertEqual(200, kiosk.upload(lines, 1)[0])
        self.assertEqual(200, kiosk.upload(lines, 1)[0])
        kiosk.seq += 1
        self.assertEqual(200, kiosk.upload([b"no fact\n"], 4)[0])
        self.assertEqual(409, kiosk.upload([kiosk.fact("device.changed", {})], 9)[0])
        metrics = self.metrics()
        self.assertEqual([3, 3, 0, 1], [metrics[f'rollcall_facts_received_total{{result="{r}"}}'] for r in
                                        ("stored", "known", "branch", "unread")])
        self.assertEqual([3, 1, 0], [metrics[f'rollcall_uploads_total{{status="{s}"}}'] for s in ("2xx", "4xx", "5xx")])
        self.assertEqual(4, metrics['rollcall_device_requests_total{class="current"}'])
        self.assertGreater(metrics['rollcall_http_handshakes_total{result="done"}'], 0)
        self.assertGreater(metrics["rollcall_db_commits_total"], 0)

    @unittest.skipIf("RC_TEST_POSTGRES" in os.environ, "PostgreSQL has backups of its own")
    def test_a_backup_is_told_with_its_time(self):
        self.assertEqual(0, self.metrics()["rollcall_backup_last_timestamp_seconds"])
        self.server.command("backup", "--out", self.stage.path("b.rollcall"))
        metrics = self.metrics()
        self.assertAlmostEqual(metrics["process_start_time_seconds"], metrics["rollcall_backup_last_timestamp_seconds"], delta=600)

    def test_nothing_of_a_person_or_a_key_is_in_it(self):
        kiosk = self.enrol()
        text = self.ask()
        for word in ("张伟", "001-01", kiosk.id, "SAFE-1", "3F-305"):
            self.assertNotIn(word, text)

    def test_a_port_that_somebody_else_has_keeps_nobody_from_being_signed_in(self):
        self.server.stop()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.serve("--operations", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual("", self.server.operations)
        self.assertEqual("ok\n", self.people("/readyz"))
        with open(self.server.process.log_path, encoding="utf-8") as log:
            self.assertIn("nobody can watch this server", log.read())

    def test_none_is_nowhere_and_an_address_that_others_reach_is_refused(self):
        self.server.stop()
        self.serve("--operations", "none")
        self.assertEqual("", self.server.operations)
        self.server.stop()
        self.assertEqual(2, self.refused("--operations", "0.0.0.0:9464"))
        config = self.stage.path("server.conf")
        with open(config, "w", encoding="utf-8") as out:
            out.write("[server]\noperations = 0.0.0.0:9464\n")
        self.assertNotEqual(0, self.refused("--config", config))

    def refused(self, *arguments):
        return subprocess.run([program("rollcall-server"), "--dir", self.server.folder, "serve", "--device", "127.0.0.1:0", "--people",
                               "127.0.0.1:0", *arguments], capture_output=True, timeout=60, check=False).returncode

    def serve(self, *arguments):
        run_file = self.stage.path("run-2.json")
        if os.path.exists(run_file):
            os.unlink(run_file)
        self.server.process = self.stage.start("rollcall-server", "--dir", self.server.folder, "serve", "--device", "127.0.0.1:0",
                                               "--people", "127.0.0.1:0", "--run-file", run_file, *arguments, log="server-2")
        wait_until(lambda: os.path.exists(run_file), "the server listens")
        with open(run_file, encoding="utf-8") as text:
            urls = json.load(text)
        self.server.api, self.server.operations = urls["api"], urls["operations"]

    def people(self, path):
        with urllib.request.urlopen(self.server.api + path, timeout=20) as answer:
            return answer.read().decode()

    # ---- the rules

    def test_the_alert_rules_ask_for_what_the_server_tells(self):
        with open(ALERTS, encoding="utf-8") as rules:
            asked = set(re.findall(r"\b((?:rollcall|process)_[a-z_]+)", rules.read()))
        told = {name.split("{")[0] for name in self.metrics()} | {"rollcall_certificate_expiry_timestamp_seconds"}
        self.assertEqual(set(), asked - told)


class Rules(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="rollcall-rules-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for path in (ALERTS, os.path.join(HERE, "alerts_test.yml")):
            shutil.copy(path, self.folder)

    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_prometheus_own_tool_takes_the_rules(self):
        self.promtool("check", "rules", "alerts.yml")

    def test_each_alert_fires_where_it_should_and_an_ordinary_day_wakes_nobody(self):
        self.promtool("test", "rules", "alerts_test.yml")
        with open(os.path.join(self.folder, "alerts.yml"), encoding="utf-8") as rules:
            names = set(re.findall(r"- alert: (\w+)", rules.read()))
        with open(os.path.join(self.folder, "alerts_test.yml"), encoding="utf-8") as tests:
            fired = set(re.findall(r'alertname="(\w+)"', tests.read()))
        self.assertEqual(names, fired)

    def test_the_manual_says_what_to_do_about_each_alert_in_both_languages(self):
        with open(ALERTS, encoding="utf-8") as rules:
            names = set(re.findall(r"- alert: (\w+)", rules.read()))
        for page in ("docs/operations.md", "docs/operations.zh-CN.md"):
            with open(os.path.join(SOURCE, page), encoding="utf-8") as text:
                self.assertEqual(set(), names - set(re.findall(r"`(Rollcall\w+)`", text.read())), page)


if __name__ == "__main__":
    del OperatorTest  # its own tests are system.ops.operator's
    tap_unittest.main()
