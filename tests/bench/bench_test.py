# SPDX-License-Identifier: Apache-2.0
"""The bench runs and prints all its rows. What they say is not looked at: a busy machine must not fail a test."""

import json
import math
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../sim/postgres"))

import postgres  # noqa: E402
import tap_unittest  # noqa: E402

ROWS = {
    "journal": 9,
    "facts": 3,
    "ingest": 8 + (postgres.find_programs() is not None),
    "http": 9,
    "door": 5,
    "programs": 9,
}


def bench(*arguments):
    return subprocess.run([sys.executable, os.path.join(HERE, "bench.py"), *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=280)


class BenchTest(unittest.TestCase):
    def rows_of(self, section):
        done = bench("--quick", "--json", section)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["rows"]

    def check(self, section):
        rows = self.rows_of(section)
        self.assertEqual(len(rows), ROWS[section], [row["name"] for row in rows])
        for row in rows:
            self.assertEqual(row["section"], section)
            self.assertTrue(math.isfinite(row["value"]), row)
            self.assertEqual("goal" in row, "met" in row, row)
            self.assertEqual("baseline" in row, "ratio" in row, row)

    def test_all_rows_of_the_journal_are_measured(self):
        self.check("journal")

    def test_all_rows_of_reading_facts_are_measured(self):
        self.check("facts")

    def test_all_rows_of_the_ingest_are_measured(self):
        self.check("ingest")

    def test_all_rows_of_http_are_measured(self):
        self.check("http")

    def test_all_rows_of_the_door_are_measured(self):
        self.check("door")

    def test_all_rows_of_the_programs_are_measured(self):
        self.check("programs")

    def test_a_fact_costs_one_sync_and_nobody_is_missed(self):
        exact = [row for section in ("journal", "door") for row in self.rows_of(section) if row.get("goal") == "exactly"]
        self.assertEqual(len(exact), 2)
        for row in exact:
            self.assertTrue(row["met"], row)

    def test_the_table_ends_with_one_line_that_counts_the_goals(self):
        done = bench("--quick", "facts")
        self.assertRegex(done.stdout.splitlines()[-1], r"^bench: [01] of 1 goals met, 3 rows$")

    def test_an_unknown_section_is_refused_by_name(self):
        done = bench("--quick", "jurnal")
        self.assertEqual(done.returncode, 2)
        self.assertIn("jurnal", done.stderr)


if __name__ == "__main__":
    tap_unittest.main()
