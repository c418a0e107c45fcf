# SPDX-License-Identifier: Apache-2.0
"""Every statement of the server is taken by PostgreSQL too, on the schema as the generator writes it for PostgreSQL.

A server of its own is started in a folder of its own, without network. Where PostgreSQL isn't installed the test is skipped.
"""

import os
import pathlib
import shutil
import sys
import unittest

ROOT = pathlib.Path(os.environ["RC_SOURCE"])
sys.path[:0] = [str(ROOT / "cmake"), str(ROOT / "tests/sim/postgres")]
import generate_sql
import postgres
import tap_unittest

POSTGRES = 1  # generate_sql's number of the engine


def sources(is_schema):
    """The server's .sql files: those with a number are schema, in the order of their numbers."""
    found = [p for p in (ROOT / "server").rglob("*.sql") if bool(generate_sql.SCHEMA_NAME.match(p.stem)) == is_schema]
    return sorted(found, key=lambda p: p.name if is_schema else str(p))


def prepare_line(number, statement):
    text = generate_sql.engine_text(statement.tokens, POSTGRES, statement.parameters, False)
    return f"PREPARE statement_{number} AS {text};"


PROGRAMS = postgres.find_programs()


@unittest.skipIf(PROGRAMS is None or shutil.which("psql") is None, "PostgreSQL is not installed")
class OnPostgresql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = postgres.Cluster(PROGRAMS)
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
