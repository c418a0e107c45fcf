# SPDX-License-Identifier: Apache-2.0
"""The generator of SQL tables: what it writes for each engine, and what it refuses with file and line."""

import contextlib
import io
import os
import pathlib
import re
import shutil
import sys
import tempfile
import textwrap
import unittest

sys.path.insert(0, str(pathlib.Path(os.environ["RC_SOURCE"]) / "cmake"))
import generate_sql
import tap_unittest


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def generate(self, queries=(), schema=(), *more):
        """(exit status, what was said on stderr, the header, the source)"""
        said = io.StringIO()
        arguments = ["--root", str(self.root), "--prefix", "t", "--header", "a/b_sql/statements.h", "--output", str(self.root / "out"),
                     "--queries", *map(str, queries), "--schema", *map(str, schema), *more]
        with contextlib.redirect_stderr(said):
            status = generate_sql.main(arguments)
        files = [self.root / "out/a/b_sql" / name for name in ("statements.h", "statements.c")]
        return status, said.getvalue(), *(f.read_text(encoding="utf-8") if f.exists() else "" for f in files)

    def source_of(self, query):
        status, said, _, source = self.generate([self.write("queries.sql", query)])
        self.assertEqual((status, said), (0, ""))
        return source

    def refusal_of_query(self, query):
        shutil.rmtree(self.root / "out", ignore_errors=True)
        status, said, header, _ = self.generate([self.write("queries.sql", query)])
        self.assertEqual(status, 1, "it was taken")
        self.assertEqual(header, "", "it wrote a file though it failed")
        return said.strip()

    def refusal_of_statement(self, statement, kind="many", parameters=""):
        return self.refusal_of_query(f"-- name: x :{kind}\n-- {parameters}\n{statement};\n")

    def refusal_of_schema(self, text, name="0001_core.sql"):
        status, said, _, _ = self.generate([], [self.write(name, text)])
        self.assertEqual(status, 1, "it was taken")
        return said.strip()


class Queries(Folder):
    def test_parameters_become_numbered_for_sqlite_and_typed_for_postgresql(self):
        source = self.source_of("""
            -- name: seats :many
            -- $1 TEXT, $2 INT8?, $3 BYTES, $4 BOOL
            SELECT a FROM t WHERE d = $4 AND b = $2 AND a = $1 AND c = $3;
        """)
        self.assertIn(r'.sqlite = "SELECT a FROM t WHERE d = \?4 AND b = \?2 AND a = \?1 AND c = \?3"', source)
        self.assertIn('.postgres = "SELECT a FROM t WHERE d = $4::bigint AND b = $2::bigint AND a = $1::text AND c = $3::bytea"', source)
        self.assertIn("{{RC_SQL_TEXT, false}, {RC_SQL_INT8, true}, {RC_SQL_BYTES, false}, {RC_SQL_BOOL, false}}", source)
        self.assertIn(".kind = RC_SQL_MANY", source)
        self.assertIn(".parameter_count = 4", source)

    def test_each_statement_has_a_name_of_its_own_and_a_place_in_the_list(self):
        _, _, header, source = self.generate([self.write("queries.sql", """
            -- name: one :one
            SELECT 1;
            -- name: two :exec
            DELETE FROM t;
        """)])
        self.assertIn("extern const struct rc_sql_statement rc_sql_one;", header)
        self.assertIn("extern const struct rc_sql_statement *const rc_sql_t_all[];", header)
        self.assertIn("{\n\t&rc_sql_one,\n\t&rc_sql_two,\n}", source)
        self.assertIn("rc_sql_t_count = 2;", source)

    def test_places_are_one_array_for_one_engine(self):
        _, _, header, source = self.generate([self.write("queries.sql", "-- name: one :one\nSELECT 1;\n")], [], "--places")
        self.assertIn("RC_SQL_T_ONE,", header)
        self.assertIn("extern const struct rc_sql_statement rc_sql_t_statements[];", header)
        self.assertNotIn("rc_sql_one", header)
        self.assertIn(".postgres = NULL", source)

    def test_several_files_are_one_list(self):
        _, _, _, source = self.generate([self.write("a.sql", "-- name: one :one\nSELECT 1;\n"), self.write("b.sql", "-- name: two :one\nSELECT 2;\n")])
        self.assertIn("rc_sql_t_count = 2;", source)

    def test_comments_and_line_ends_leave_no_trace(self):
        source = self.source_of("""
            -- A file about things; with a semicolon.
            /* And
               another; one. */
            -- name: x :many
            -- $1 INT8
            -- This one is fast.
            SELECT a, -- the first; of them
                   b  /* $9 */
            FROM t
            WHERE a = $1;
        """)
        self.assertIn(r'"SELECT a, b FROM t WHERE a = \?1"', source)

    def test_strings_are_left_as_they_are(self):
        source = self.source_of("-- name: x :one\nSELECT 'a  -- $2; LIKE \"?\\' FROM t WHERE b = 'it''s';\n")
        self.assertIn(r"""SELECT 'a  -- $2; LIKE \"\?\\' FROM t WHERE b = 'it''s'""", source)

    def test_a_cast_speaks_each_engines_types(self):
        source = self.source_of("-- name: x :one\nSELECT CAST(COALESCE(SUM(a), 0) AS INT8) FROM t;\n")
        self.assertIn('.sqlite = "SELECT CAST(COALESCE(SUM(a), 0) AS INTEGER) FROM t"', source)
        self.assertIn('.postgres = "SELECT CAST(COALESCE(SUM(a), 0) AS bigint) FROM t"', source)

    def test_a_writing_statement_that_returns_rows_is_one_or_many(self):
        self.source_of("-- name: x :one\nUPDATE t SET a = a + 1 WHERE b = 1 RETURNING a;\n")
        self.assertIn("gives rows", self.refusal_of_statement("DELETE FROM t RETURNING a", "exec"))
        self.assertIn("gives no rows", self.refusal_of_statement("DELETE FROM t", "one"))
        self.assertIn("gives rows", self.refusal_of_statement("WITH u AS (SELECT 1) SELECT * FROM u", "exec"))

    def test_what_both_engines_know_is_taken(self):
        for statement in ("SELECT a FROM t WHERE b IS NOT NULL AND c IS DISTINCT FROM d ORDER BY a LIMIT 5 OFFSET 2",
                          "SELECT MAX(a), COUNT(*) FROM t GROUP BY b", "SELECT CASE WHEN a > b THEN a ELSE b END FROM t",
                          "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING a"):
            self.source_of(f"-- name: x :many\n{statement};\n")


class RefusedQueries(Folder):
    def test_a_refusal_names_file_and_line(self):
        said = self.refusal_of_query("-- name: fine :one\nSELECT 1;\n\n-- name: x :many\nSELECT a\nFROM t\nWHERE a LIKE 'b';\n")
        self.assertEqual(said, "queries.sql:7: LIKE is refused: finds different rows on each engine")

    def test_a_parameter_without_type_is_refused(self):
        self.assertIn("queries.sql:3: $2 has no type", self.refusal_of_statement("SELECT a FROM t WHERE a = $1 AND b = $2", parameters="$1 INT8"))
        self.assertIn("$1 has no type", self.refusal_of_statement("SELECT a FROM t WHERE a = $1"))
        self.assertIn("$0 has no type", self.refusal_of_statement("SELECT $0, $1", parameters="$1 INT8"))

    def test_a_gap_between_parameters_is_refused(self):
        self.assertIn("queries.sql:2: $2 comes here, not $3", self.refusal_of_statement("SELECT $1, $3", parameters="$1 INT8, $3 INT8"))
        self.assertIn("$2 of x is not used", self.refusal_of_statement("SELECT $1, $3", parameters="$1 INT8, $2 INT8, $3 INT8"))

    def test_an_unknown_parameter_type_is_refused(self):
        for kind in ("INTEGER", "text", "STRING", "", "INT8 NULL"):
            self.assertIn("is no parameter", self.refusal_of_statement("SELECT $1", parameters=f"$1 {kind}"))

    def test_a_statement_without_end_name_or_kind_is_refused(self):
        self.assertIn("queries.sql:2: the statement does not end with ;", self.refusal_of_query("-- name: x :one\nSELECT 1\n"))
        self.assertIn("queries.sql:1: a statement needs one line", self.refusal_of_query("SELECT 1;\n"))
        self.assertIn("a name line is", self.refusal_of_query("-- name: x :few\nSELECT 1;\n"))
        self.assertIn("a name line is", self.refusal_of_query("-- name: Big :one\nSELECT 1;\n"))
        self.assertIn("a name line is", self.refusal_of_query("-- name: x\nSELECT 1;\n"))
        self.assertIn("the last name has no statement", self.refusal_of_query("-- name: x :one\n"))
        self.assertIn("an empty statement", self.refusal_of_query("-- name: x :one\n;\n"))

    def test_a_forgotten_semicolon_between_two_statements_is_refused(self):
        self.assertIn("queries.sql:3: a statement needs one line", self.refusal_of_query("-- name: x :one\nSELECT 1\n-- name: y :one\nSELECT 2;\n"))
        self.assertIn("queries.sql:2: the name stands behind its statement", self.refusal_of_query("SELECT 1\n-- name: y :one\n, 2;\n"))

    def test_a_name_used_twice_is_refused_with_both_places(self):
        self.assertEqual(self.refusal_of_query("-- name: x :one\nSELECT 1;\n-- name: x :one\nSELECT 2;\n"),
                         "queries.sql:4: x stands already at queries.sql:2")

    def test_dates_are_refused(self):
        for statement in ("SELECT datetime('now')", "SELECT strftime('%s')", "SELECT CURRENT_TIMESTAMP", "SELECT now()", "SELECT date(a) FROM t"):
            self.assertIn("milliseconds", self.refusal_of_statement(statement))

    def test_a_column_that_is_called_like_a_refused_function_is_taken(self):
        self.source_of("-- name: x :many\nSELECT date, total FROM t;\n")

    def test_hidden_row_numbers_are_refused(self):
        for name in ("rowid", "_rowid_", "OID", "ctid"):
            self.assertIn("is refused", self.refusal_of_statement(f"SELECT {name} FROM t"))

    def test_insert_or_and_replace_are_refused(self):
        for statement in ("INSERT OR IGNORE INTO t (a) VALUES (1)", "insert or replace into t (a) values (1)", "UPDATE OR FAIL t SET a = 1",
                          "REPLACE INTO t (a) VALUES (1)"):
            self.assertRegex(self.refusal_of_statement(statement, "exec"), "ON CONFLICT")

    def test_transactions_are_refused(self):
        for statement in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE a"):
            self.assertIn("transactions belong", self.refusal_of_statement(statement, "exec"))

    def test_what_is_no_query_is_refused(self):
        for statement in ("PRAGMA user_version", "VACUUM", "DROP TABLE t", "CREATE TABLE t (a INT8)", "EXPLAIN SELECT 1"):
            self.assertRegex(self.refusal_of_statement(statement, "exec"), "refused|is no query")

    def test_types_of_one_engine_are_refused(self):
        for statement in ("SELECT CAST(a AS INTEGER) FROM t", "SELECT CAST(a AS bigint) FROM t", "SELECT CAST(a AS BLOB) FROM t",
                          "SELECT a::text FROM t", "SELECT CAST(a AS VARCHAR(5)) FROM t"):
            self.assertRegex(self.refusal_of_statement(statement), "type of one engine|a cast is to|: is refused")

    def test_what_the_engines_read_differently_is_refused(self):
        for statement in ('SELECT "a" FROM t', "SELECT `a` FROM t", "SELECT [a] FROM t", "SELECT a FROM t WHERE a = ?", "SELECT :a", "SELECT @a", "SELECT $a",
                          "SELECT MAX(a, b) FROM t", "SELECT SUM(a) FROM t", "SELECT AVG(a) FROM t", "SELECT a FROM t LIMIT 5, 2",
                          "SELECT a FROM t WHERE a IS b", "SELECT a FROM t WHERE a IS NOT 1", "SELECT a FROM t WHERE b = TRUE",
                          "SELECT ifnull(a, 0) FROM t", "SELECT x'00'", "SELECT random()", "SELECT a FROM t ORDER BY a COLLATE NOCASE"):
            with self.subTest(statement):
                self.assertRegex(self.refusal_of_statement(statement), r"^queries\.sql:3: ")

    def test_a_file_that_is_not_there_or_no_text_is_refused(self):
        status, said, _, _ = self.generate([self.root / "none.sql"])
        self.assertEqual((status, said[:11]), (1, "none.sql:1:"))
        (self.root / "bad.sql").write_bytes(b"\xff\xfe")
        self.assertEqual(self.generate([self.root / "bad.sql"])[0], 1)


class Schemas(Folder):
    def test_tables_are_strict_for_sqlite_and_sorted_by_bytes_for_postgresql(self):
        _, _, header, source = self.generate([], [self.write("0001_core.sql", """
            -- People.
            CREATE TABLE person (
                ref TEXT NOT NULL PRIMARY KEY, -- random
                n INT8 NOT NULL DEFAULT 0,
                is_here BOOL NOT NULL CHECK (is_here IN (0, 1)),
                key BYTES,
                UNIQUE (ref, n)
            );
            CREATE UNIQUE INDEX person_by_n ON person (n);
            INSERT INTO person (ref, n, is_here) VALUES ('a', 1, 0);
        """)])
        self.assertIn('.sqlite = "CREATE TABLE person ( ref TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, '
                      'is_here INTEGER NOT NULL CHECK (is_here IN (0, 1)), key BLOB, UNIQUE (ref, n) ) STRICT;\\n"', source)
        self.assertIn('.postgres = "CREATE TABLE person ( ref TEXT COLLATE \\"C\\" NOT NULL PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0, '
                      'is_here BIGINT NOT NULL CHECK (is_here IN (0, 1)), key BYTEA, UNIQUE (ref, n) );\\n"', source)
        self.assertEqual(source.count("CREATE UNIQUE INDEX person_by_n ON person (n);"), 2)
        self.assertIn('.number = 1,\n\t.name = "0001_core"', source)
        self.assertIn("extern const struct rc_sql_migration rc_sql_t_migrations[];", header)

    def test_migrations_are_in_the_order_of_their_numbers(self):
        files = [self.write(name, "CREATE INDEX i ON t (a);\n") for name in ("0002_b.sql", "0001_a.sql", "0003_c.sql")]
        _, _, _, source = self.generate([], files)
        self.assertEqual(re.findall(r'\.name = "(\w+)"', source), ["0001_a", "0002_b", "0003_c"])
        self.assertIn("rc_sql_t_migration_count = 3;", source)

    def test_a_gap_or_a_number_used_twice_is_refused(self):
        for names in (("0001_a.sql", "0003_c.sql"), ("0001_a.sql", "0001_b.sql"), ("0002_a.sql",)):
            status, said, _, _ = self.generate([], [self.write(name, "CREATE INDEX i ON t (a);\n") for name in names])
            self.assertEqual(status, 1)
            self.assertIn("comes here", said)

    def test_a_name_without_number_is_refused(self):
        self.assertIn("NNNN_name.sql", self.refusal_of_schema("CREATE INDEX i ON t (a);\n", "core.sql"))

    def test_a_column_of_another_type_is_refused_at_its_line(self):
        for kind in ("STRING", "INTEGER", "text", "VARCHAR(3)", "NOT NULL"):
            said = self.refusal_of_schema(f"CREATE TABLE t (\n\ta INT8,\n\tb {kind}\n);\n")
            self.assertRegex(said, r"^0001_core\.sql:3: ")
        self.assertIn("column b is nothing", self.refusal_of_schema("CREATE TABLE t (a INT8, b);\n"))
        self.assertIn("a column is missing", self.refusal_of_schema("CREATE TABLE t (a INT8,);\n"))

    def test_a_word_of_one_engines_grammar_is_no_name(self):
        self.assertIn("can't be a name", self.refusal_of_schema("CREATE TABLE t (user TEXT);\n"))
        self.assertIn("can't be a name", self.refusal_of_schema("CREATE TABLE window (a TEXT);\n"))

    def test_what_belongs_to_one_engine_is_refused(self):
        for text in ("CREATE TABLE t (a INT8) STRICT;", "CREATE TABLE t (a INT8) WITHOUT ROWID;", "CREATE TABLE t (a INT8 PRIMARY KEY AUTOINCREMENT);",
                     "CREATE TABLE t AS SELECT 1;", "CREATE VIEW v AS SELECT 1;", "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;",
                     "DROP TABLE t;", "DELETE FROM t;", "PRAGMA user_version = 1;", "INSERT INTO t (a) VALUES ($1);",
                     "CREATE TABLE t (a INT8 REFERENCES u (a) DEFERRABLE INITIALLY DEFERRED);", "CREATE TABLE t (a INT8 DEFAULT (now()));"):
            with self.subTest(text):
                self.assertRegex(self.refusal_of_schema(text + "\n"), r"^0001_core\.sql:1: ")

    def test_a_column_may_be_added_later(self):
        files = [self.write("0001_a.sql", "CREATE TABLE t (a INT8);\n"), self.write("0002_b.sql", "ALTER TABLE t ADD COLUMN b TEXT;\n")]
        _, said, _, source = self.generate([], files)
        self.assertEqual(said, "")
        self.assertIn('"ALTER TABLE t ADD COLUMN b TEXT COLLATE \\"C\\";"', source)
        self.assertIn("column b is text", self.refusal_of_schema("ALTER TABLE t ADD COLUMN b text;\n"))


if __name__ == "__main__":
    tap_unittest.main()
