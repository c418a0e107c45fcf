# SPDX-License-Identifier: Apache-2.0
"""Large tables: memory that doesn't grow with the rows, all or nothing, faults by line.

RC_IMPORT_ROWS=1000000 runs it with a million; then it also says how long that took and what it needed."""

import os
import re
import resource
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../hostile"))

import tap_unittest  # noqa: E402
from ground import IS_SANITIZED, Company  # noqa: E402
from processes import program  # noqa: E402

ROWS = int(os.environ.get("RC_IMPORT_ROWS", "40000"))
LIMIT = 256 << 20
CACHE_KIB = 80 << 10  # of the database, in a command
ROW_KIB = 2  # what a person and a badge are there


def limit_memory():
    if not IS_SANITIZED:
        resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))


class Million(unittest.TestCase):
    def setUp(self):
        self.company = Company(is_started=False)
        self.addCleanup(self.company.close)

    def run_import(self, table, path, *options):
        """Status, what was said, and KiB in memory at most."""
        said = self.company.stage.path("said")
        with open(said, "w", encoding="utf-8") as out:
            process = subprocess.Popen([program("rollcall-server"), "--dir", self.company.server.folder, "import", table, path, *options],
                                       stdout=out, stderr=out, preexec_fn=limit_memory, env={**os.environ, "LC_ALL": "C.UTF-8"})
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        with open(said, encoding="utf-8") as text:
            return process.returncode, text.read(), usage.ru_maxrss

    def table(self, name, count, prefix):
        path = self.company.stage.path(name)
        with open(path, "w", encoding="gb18030") as out:
            out.write("工号,姓名\n")
            out.writelines(f"{prefix}{i:07d}-01,张伟{i}\n" for i in range(count))
        return path

    def count(self):
        return self.company.rows("SELECT count(*) FROM person")[0][0]

    def test_memory_does_not_grow_with_the_rows_of_an_import(self):
        few, many = self.table("few.csv", ROWS // 4, "F"), self.table("many.csv", ROWS, "M")
        before = self.count()
        status, said, few_kib = self.run_import("employees", few)
        self.assertEqual(status, 0, said)
        begin = time.monotonic()
        status, said, many_kib = self.run_import("employees", many)
        took = time.monotonic() - begin
        self.assertEqual(status, 0, said)
        self.assertIn(f"{ROWS} rows: {ROWS} new", said)
        self.assertEqual(self.count() - before, ROWS + ROWS // 4)
        print(f"# {ROWS} rows in {took:.1f} s, {many_kib >> 10} MiB; a quarter of them {few_kib >> 10} MiB", flush=True)
        if not IS_SANITIZED:
            # the file and its text twice while it is decoded, 16 bytes a key, and of what is written what a full cache holds
            cache_kib = max(0, CACHE_KIB - ROWS // 4 * ROW_KIB)
            self.assertLess(many_kib - few_kib, (os.path.getsize(many) * 4 >> 10) + ROWS * 64 // 1024 + (20 << 10) + cache_kib)

    def test_a_fault_on_the_last_line_takes_all_rows_back(self):
        path = self.table("faulty.csv", ROWS, "X")
        with open(path, "a", encoding="gb18030") as out:
            out.write("X0000000-01,张伟\n,李娜\n")
        before = self.count(), self.company.rows("SELECT n FROM log_head ORDER BY log")
        status, said, _ = self.run_import("employees", path)
        self.assertEqual(status, 1, said)
        self.assertEqual(re.findall(r":(\d+): error", said), [str(ROWS + 2), str(ROWS + 3)])
        self.assertIn("stands on line 2 already", said)
        self.assertEqual((self.count(), self.company.rows("SELECT n FROM log_head ORDER BY log")), before)


if __name__ == "__main__":
    tap_unittest.main()
