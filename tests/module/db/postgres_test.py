# SPDX-License-Identifier: Apache-2.0
"""Every statement of the server is taken by PostgreSQL too, on the schema as the generator writes it for PostgreSQL.

A server of its own is started in a folder of its own, without network. Where PostgreSQL isn't installed the test is skipped.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ["RC_SOURCE"])
sys.path.insert(0, str(ROOT / "cmake"))
import generate_sql
import tap_unittest

POSTGRES = 1  # generate_sql's number of the engine


def find_programs():
    """The folder of initdb and pg_ctl (Debian keeps them out of the path), or None."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: int(f.parent.name), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


class Cluster:
    """PostgreSQL behind a socket. It refuses to run as root, so root hands it to the user that its package made."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rollcall-pg-"))
        self.user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if self.user:
            shutil.chown(self.folder, "postgres", "postgres")
        self.run(programs / "initdb", "-D", self.folder / "data", "-U", "rollcall", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self.run(programs / "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o",
                 f"-k {self.folder} -c listen_addresses= -c fsync=off", "start")

    def run(self, *words):
        done = subprocess.run([str(w) for w in words], cwd=self.folder, text=True, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C"}, **self.user)
        if done.returncode != 0:
            raise RuntimeError(f"{words[0]}: {done.stdout}")

    def ask(self, script):
        """Runs a script to its end, whatever fails in it: [(line, text)] of the errors."""
        path = self.folder / "script.sql"
        path.write_text(script, encoding="utf-8")
        done = subprocess.run(["psql", "-h", str(self.folder), "-U", "rollcall", "-d", "postgres", "-X", "-q", "-v", "VERBOSITY=terse",
                               "-f", str(path)], text=True, capture_output=True, check=False)
        return [(int(line), text) for line, text in re.findall(r"script\.sql:(\d+): ERROR:\s*(.*)", done.stderr)]

    def stop(self):
        self.run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def sources(is_schema):
    """The server's .sql files: those with a number are schema, in the order of their numbers."""
    found = [p for p in (ROOT / "server").rglob("*.sql") if bool(generate_sql.SCHEMA_NAME.match(p.stem)) == is_schema]
    return sorted(found, key=lambda p: p.name if is_schema else str(p))


def prepare_line(number, statement):
    text = generate_sql.engine_text(statement.tokens, POSTGRES, statement.parameters, False)
    return f"PREPARE statement_{number} AS {text};"


PROGRAMS = find_programs()


@unittest.skipIf(PROGRAMS is None or shutil.which("psql") is None, "PostgreSQL is not installed")
class OnPostgresql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(PROGRAMS)
        cls.addClassCleanup(cls.cluster.stop)
        cls.schema_errors = []
        for path in sources(is_schema=True):
            migration = generate_sql.read_schema(generate_sql.Source(path, ROOT), path)
            errors = cls.cluster.ask(f"BEGIN;\n{generate_sql.schema_text(migration, POSTGRES)}\nCOMMIT;\n")
            cls.schema_errors += [f"{path.relative_to(ROOT)}: {text}" for _, text in errors]

    def test_the_schema_is_taken(self):
        self.assertTrue(sources(is_schema=True))
        self.assertEqual(self.schema_errors, [])

    def test_every_statement_is_taken(self):
        statements = []
        for path in sources(is_schema=False):
            source = generate_sql.Source(path, ROOT)
            statements += [(source.shown, s) for s in generate_sql.read_queries(source)]
        self.assertTrue(statements)
        errors = self.cluster.ask("\n".join(prepare_line(i, s) for i, (_, s) in enumerate(statements)) + "\n")
        self.assertEqual([f"{statements[line - 1][0]}:{statements[line - 1][1].line}: {text}" for line, text in errors], [])

    def test_a_statement_that_is_not_taken_is_found(self):
        errors = self.cluster.ask("SELECT 1;\nPREPARE trial AS SELECT nothing FROM person;\n")
        self.assertEqual([(line, "nothing" in text) for line, text in errors], [(2, True)])

    def test_text_is_sorted_by_its_bytes(self):
        errors = self.cluster.ask("SELECT 1 / (CASE WHEN collation_name = 'C' THEN 1 ELSE 0 END) FROM information_schema.columns "
                                  "WHERE table_name = 'person' AND column_name = 'name';\n")
        self.assertEqual(errors, [])


if __name__ == "__main__":
    tap_unittest.main()
