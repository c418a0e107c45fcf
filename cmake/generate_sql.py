#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns neutral SQL into C tables with one text for SQLite and one for PostgreSQL (shared/sql/statement.h).

A query file holds statements like this; other comments are allowed anywhere:

    -- name: attendance_of_session :many       (:one  at most one row; :many  rows; :exec  no rows)
    -- $1 TEXT, $2 INT8?                        (INT8 TEXT BYTES BOOL; ? where NULL may be given; left out without parameters)
    SELECT ref, state FROM attendance WHERE session = $1 AND changed_ms >= $2;

A schema file NNNN_name.sql holds CREATE TABLE, CREATE [UNIQUE] INDEX, ALTER TABLE … ADD COLUMN and INSERT of constants; columns
are INT8, TEXT, BYTES or BOOL. Numbers run from 0001 without a gap (0000 is for what must be there before the first).

The neutral form is what both engines read in the same way. What only one of them knows, or what each reads differently, is
refused with file and line. The price: no LIKE, no dates (times are milliseconds), no functions beyond the common few.
"""

import argparse
import collections
import pathlib
import re
import sys

TYPES = {  # neutral: (SQLite, PostgreSQL column, PostgreSQL parameter, C)
    "INT8": ("INTEGER", "BIGINT", "bigint", "RC_SQL_INT8"),
    "TEXT": ("TEXT", 'TEXT COLLATE "C"', "text", "RC_SQL_TEXT"),
    "BYTES": ("BLOB", "BYTEA", "bytea", "RC_SQL_BYTES"),
    "BOOL": ("INTEGER", "BIGINT", "bigint", "RC_SQL_BOOL"),
}
KINDS = {"one": "RC_SQL_ONE", "many": "RC_SQL_MANY", "exec": "RC_SQL_EXEC"}

# Refused wherever they stand: {reason: words}.
WORDS = {
    "finds different rows on each engine": "LIKE ILIKE GLOB REGEXP MATCH SIMILAR",
    "times come in as milliseconds": "CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME LOCALTIME LOCALTIMESTAMP INTERVAL",
    "a row's hidden number is no key": "ROWID _ROWID_ OID CTID",
    "transactions belong to who runs the statement": "BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE",
    "only one engine knows it": "PRAGMA ATTACH DETACH VACUUM ANALYZE AUTOINCREMENT STRICT INDEXED COLLATE ISNULL NOTNULL "
                                "TRIGGER VIEW SEQUENCE UNNEST ILIKE",
    "a BOOL is 0 or 1": "TRUE FALSE",
    "would be checked at COMMIT, where it fails its neighbours": "DEFERRABLE DEFERRED",
}
# Refused as functions.
CALLS = {
    "times come in as milliseconds": "DATE TIME DATETIME JULIANDAY STRFTIME UNIXEPOCH TIMEDIFF NOW EXTRACT DATE_TRUNC DATE_PART TO_CHAR "
                                     "TO_TIMESTAMP AGE",
    "only one engine knows it": "IFNULL NVL IIF GROUP_CONCAT STRING_AGG ARRAY_AGG GREATEST LEAST TOTAL TYPEOF INSTR STRPOS PRINTF FORMAT "
                                "HEX UNHEX QUOTE RANDOMBLOB ZEROBLOB GEN_RANDOM_UUID LAST_INSERT_ROWID CHANGES TOTAL_CHANGES "
                                "NEXTVAL CURRVAL JSON_EXTRACT JSON_EACH",
    "gives a fraction on one engine": "AVG",
    "can't be run again with the same result": "RANDOM",
}
REFUSED_WORDS = {word: reason for reason, words in WORDS.items() for word in words.split()}
REFUSED_CALLS = {word: reason for reason, words in CALLS.items() for word in words.split()}
# Types are refused in capitals only: `serial` is a good name for a column.
ENGINE_TYPES = set("INTEGER BIGINT SMALLINT INT BLOB BYTEA BOOLEAN SERIAL BIGSERIAL REAL DOUBLE FLOAT VARCHAR CHAR NUMERIC JSON JSONB "
                   "UUID TIMESTAMP TIMESTAMPTZ STRING".split())
# Names that PostgreSQL takes for something else and SQLite doesn't.
RESERVED = set("USER END OFFSET WINDOW ANALYSE ARRAY BOTH FETCH FOR GRANT LEADING ONLY PLACING SESSION_USER SOME SYMMETRIC "
               "TRAILING VARIADIC LATERAL ANY".split())
SYMBOLS = {'"': "double quotes are strings or names, as the engine likes", "`": "backtick", "[": "bracket", "?": "parameters are $1 … $n",
           "@": "parameters are $1 … $n", ":": "parameters are $1 … $n, casts are CAST(x AS INT8)"}

TOKEN = re.compile(r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<string>'(?:[^']|'')*')|(?P<parameter>\$[0-9]+)"
                   r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<space>\s+)|(?P<symbol>.)", re.DOTALL)
NAME_LINE = re.compile(r"--\s*name:\s*(?P<name>\S+)\s+:(?P<kind>\S+)\s*$")
PARAMETER = re.compile(r"\$(?P<number>[0-9]+)\s+(?P<type>[A-Za-z0-9]+)(?P<null>\??)$")
SCHEMA_NAME = re.compile(r"(?P<number>[0-9]{4})_[a-z0-9_]+$")

Token = collections.namedtuple("Token", "kind text line")
Statement = collections.namedtuple("Statement", "name kind parameters tokens line")
Migration = collections.namedtuple("Migration", "number name statements")


class Fault(Exception):
    """What is wrong and where, as a compiler says it."""

    def __init__(self, path, line, text):
        super().__init__(f"{path}:{line}: {text}")


class Source:
    """One .sql file, cut into tokens."""

    def __init__(self, path, root):
        self.shown = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Fault(self.shown, 1, error) from error
        self.tokens, line = [], 1
        for match in TOKEN.finditer(text):
            self.tokens.append(Token(match.lastgroup, match[0], line))
            line += match[0].count("\n")
        self.last_line = line

    def fault(self, line, text):
        return Fault(self.shown, line, text)


# ---- reading ----

def trimmed(tokens):
    """Without comments, and with single spaces only where there was space between words."""
    out = []
    for token in tokens:
        if token.kind in ("space", "comment"):
            if out and out[-1].kind != "space":
                out.append(Token("space", " ", token.line))
        else:
            out.append(token)
    while out and out[-1].kind == "space":
        out.pop()
    return out


def dense(tokens):
    return [token for token in tokens if token.kind != "space"]


def word_at(tokens, place):
    return tokens[place].text.upper() if 0 <= place < len(tokens) and tokens[place].kind == "word" else ""


def text_at(tokens, place):
    return tokens[place].text if 0 <= place < len(tokens) else ""


def split_statements(source):
    """Runs of tokens ended by `;`, the comments before each included."""
    run = []
    for token in source.tokens:
        if token.kind == "symbol" and token.text == ";":
            yield run, token.line
            run = []
        else:
            run.append(token)
    rest = trimmed(run)
    if rest:
        raise source.fault(rest[0].line, "the statement does not end with ;")
    if any(NAME_LINE.match(token.text) for token in run if token.kind == "comment"):
        raise source.fault(source.last_line, "the last name has no statement")


def read_parameters(source, comments):
    parameters = []
    for comment in comments:
        text = comment.text[2:].strip()
        if not comment.text.startswith("--") or not text.startswith("$"):
            continue
        for part in text.split(","):
            match = PARAMETER.match(part.strip())
            if not match or match["type"] not in TYPES:
                raise source.fault(comment.line, f"'{part.strip()}' is no parameter ($1 INT8, TEXT, BYTES or BOOL, ? behind it if it may be NULL)")
            parameters.append((int(match["number"]), match["type"], match["null"] == "?", comment.line))
    for place, parameter in enumerate(parameters, start=1):
        if parameter[0] != place:
            raise source.fault(parameter[3], f"${place} comes here, not ${parameter[0]}")
    return [(kind, null) for _, kind, null, _ in parameters]


def read_queries(source):
    for run, _ in split_statements(source):
        comments = [token for token in run if token.kind == "comment"]
        tokens = trimmed(run)
        heads = [(i, NAME_LINE.match(c.text), c) for i, c in enumerate(comments) if re.match(r"--\s*name:", c.text)]
        if not tokens:
            raise source.fault(run[0].line if run else 1, "an empty statement")
        if tokens[0].kind == "space":
            tokens = tokens[1:]
        if len(heads) != 1:
            raise source.fault(heads[1][2].line if heads else tokens[0].line, "a statement needs one line '-- name: x :one|:many|:exec' before it")
        place, match, head = heads[0]
        if not match or match["kind"] not in KINDS or not re.fullmatch(r"[a-z][a-z0-9_]*", match["name"]):
            raise source.fault(head.line, "a name line is '-- name: lower_case :one|:many|:exec'")
        if head.line > tokens[0].line:
            raise source.fault(head.line, "the name stands behind its statement: is a ; missing?")
        yield Statement(match["name"], match["kind"], read_parameters(source, comments[place:]), tokens, tokens[0].line)


def read_schema(source, path):
    match = SCHEMA_NAME.match(path.stem)
    if not match:
        raise source.fault(1, "a schema file is named NNNN_name.sql")
    statements = []
    for run, line in split_statements(source):
        tokens = trimmed(run)
        tokens = tokens[1:] if tokens and tokens[0].kind == "space" else tokens
        if not tokens:
            raise source.fault(line, "an empty statement")
        check_common(source, tokens)
        check_schema_statement(source, dense(tokens))
        statements.append(tokens)
    return Migration(int(match["number"]), path.stem, statements)


# ---- what is refused ----

def check_common(source, tokens):
    tokens = dense(tokens)
    for place, token in enumerate(tokens):
        if token.kind == "symbol" and token.text in SYMBOLS:
            raise source.fault(token.line, f"{token.text} is refused: {SYMBOLS[token.text]}")
        if token.kind == "symbol" and token.text == "$":
            raise source.fault(token.line, "a parameter is $ and a number")
        if token.kind == "word":
            check_word(source, tokens, place)


def check_word(source, tokens, place):
    token, word, following = tokens[place], word_at(tokens, place), text_at(tokens, place + 1)
    reason = REFUSED_WORDS.get(word) or (REFUSED_CALLS.get(word) if following == "(" else None)
    if reason:
        raise source.fault(token.line, f"{token.text} is refused: {reason}")
    if token.text in ENGINE_TYPES:
        raise source.fault(token.line, f"{token.text} is a type of one engine: INT8, TEXT, BYTES or BOOL")
    if word in ("INSERT", "UPDATE") and following.upper() == "OR" or word == "REPLACE" and following.upper() == "INTO":
        raise source.fault(token.line, f"{word} {following.upper()} is refused: ON CONFLICT says the same on both engines")
    if word == "X" and following.startswith("'"):
        raise source.fault(token.line, "bytes come in as parameters")
    if word == "IS" and not is_common_is(tokens, place):
        raise source.fault(token.line, "IS takes NULL or DISTINCT FROM; = compares")
    if word in ("MAX", "MIN") and following == "(" and commas_within(tokens, place + 1):
        raise source.fault(token.line, f"{word} of two values is refused: CASE says the same on both engines")
    if word == "LIMIT" and text_at(tokens, place + 2) == ",":
        raise source.fault(token.line, "LIMIT a, b is refused: LIMIT b OFFSET a")
    if word == "AS" and is_in_cast(tokens, place) and text_at(tokens, place + 1) not in TYPES:
        raise source.fault(token.line, f"a cast is to INT8, TEXT, BYTES or BOOL, not {following}")
    if word == "SUM" and not any(word_at(tokens, i) == "AS" and text_at(tokens, i + 1) == "INT8" for i in range(len(tokens))):
        raise source.fault(token.line, "SUM gives no INT8 on one engine: CAST(SUM(x) AS INT8)")


def is_common_is(tokens, place):
    after = place + 2 if word_at(tokens, place + 1) == "NOT" else place + 1
    return word_at(tokens, after) in ("NULL", "DISTINCT")


def commas_within(tokens, place):
    """Whether the bracket that opens at `place` holds a comma of its own."""
    depth = 0
    for token in tokens[place:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0:
            return False
        if depth == 1 and token.text == ",":
            return True
    return False


def is_in_cast(tokens, place):
    """Whether the innermost bracket around `place` belongs to a CAST."""
    depth = 0
    for i in range(place - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(tokens[i].text, 0)
        if depth < 0:
            return word_at(tokens, i - 1) == "CAST"
    return False


def check_query(source, statement):
    check_common(source, statement.tokens)
    tokens = dense(statement.tokens)
    first = word_at(tokens, 0)
    if first not in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE"):
        raise source.fault(statement.line, f"{tokens[0].text} is no query: SELECT, WITH, INSERT, UPDATE or DELETE")
    gives_rows = first == "SELECT" or any(t.text.upper() == "RETURNING" for t in tokens if t.kind == "word")
    if first == "WITH" and not any(word_at(tokens, i) in ("INSERT", "UPDATE", "DELETE") for i in range(len(tokens))):
        gives_rows = True
    if gives_rows != (statement.kind != "exec"):
        raise source.fault(statement.line, f"{statement.name} gives {'rows' if gives_rows else 'no rows'}, so it isn't :{statement.kind}")
    count = len(statement.parameters)
    used = set()
    for token in tokens:
        if token.kind == "parameter":
            number = int(token.text[1:])
            if not 1 <= number <= count or token.text != f"${number}":
                raise source.fault(token.line, f"{token.text} has no type (a line '-- $1 TEXT, …' below the name)")
            used.add(number)
    for number in range(1, count + 1):
        if number not in used:
            raise source.fault(statement.line, f"${number} of {statement.name} is not used")


def check_schema_statement(source, tokens):
    words = [word_at(tokens, i) for i in range(4)]
    if any(token.kind == "parameter" for token in tokens):
        raise source.fault(tokens[0].line, "a schema has no parameters")
    if words[:2] == ["CREATE", "TABLE"]:
        check_table(source, tokens)
    elif words[:2] == ["ALTER", "TABLE"] and words[3] == "ADD" and word_at(tokens, 4) == "COLUMN":
        check_column(source, tokens[5:])
    elif words[:2] not in (["CREATE", "INDEX"], ["CREATE", "UNIQUE"], ["INSERT", "INTO"]):
        raise source.fault(tokens[0].line, "a schema holds CREATE TABLE, CREATE INDEX, ALTER TABLE … ADD COLUMN and INSERT INTO")


def check_table(source, tokens):
    opening = next((i for i, token in enumerate(tokens) if token.text == "("), None)
    if opening is None or tokens[-1].text != ")":
        raise source.fault(tokens[-1].line, "CREATE TABLE ends with ) and nothing behind it")
    check_name(source, tokens[opening - 1])
    item, depth = [], 0
    for token in tokens[opening + 1:-1] + [Token("symbol", ",", tokens[-1].line)]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            if not item:
                raise source.fault(token.line, "a column is missing before the comma or bracket")
            if word_at(item, 0) not in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "CONSTRAINT"):
                check_column(source, item)
            item = []
        else:
            item.append(token)


def check_column(source, item):
    if len(item) < 2 or item[1].text not in TYPES:
        raise source.fault(item[0].line, f"column {item[0].text} is {text_at(item, 1) or 'nothing'}: INT8, TEXT, BYTES or BOOL")
    check_name(source, item[0])


def check_name(source, token):
    if token.text.upper() in RESERVED:
        raise source.fault(token.line, f"{token.text} is a word of one engine's grammar, so it can't be a name")


# ---- the two engines' texts ----

def engine_text(tokens, engine, parameters, column_types):
    out = []
    for token in tokens:
        text = token.text
        if token.kind == "parameter":
            number = int(text[1:])
            text = f"?{number}" if engine == 0 else f"${number}::{TYPES[parameters[number - 1][0]][2]}"
        elif token.kind == "word" and text in TYPES:
            text = TYPES[text][0] if engine == 0 else TYPES[text][1] if column_types else TYPES[text][2]
        elif token.kind == "space" and out and out[-1] == " ":
            continue
        out.append(text)
    return "".join(out)


def schema_text(migration, engine):
    lines = []
    for tokens in migration.statements:
        text = engine_text(tokens, engine, [], True)
        is_table = [word_at(dense(tokens), i) for i in range(2)] == ["CREATE", "TABLE"]
        lines.append(text + (" STRICT;" if engine == 0 and is_table else ";"))
    return "\n".join(lines)


# ---- writing C ----

def c_string(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    return '"' + escaped.replace("\n", '\\n"\n\t"') + '"'


def parameters_text(parameters):
    return ", ".join(f"${i} {kind}{'?' if null else ''}" for i, (kind, null) in enumerate(parameters, start=1)) or "no parameters"


def header_text(options, origin, statements, migrations):
    prefix, guard = options.prefix, "RC_" + re.sub(r"[^A-Z0-9]", "_", options.header.upper())
    out = ["/* SPDX-License-Identifier: Apache-2.0 */", f"#ifndef {guard}", f"#define {guard}",
           f"/* Made from {origin} by cmake/generate_sql.py: change it there. */", '#include "shared/sql/statement.h"', ""]
    if options.places:
        out += [f"enum rc_sql_{prefix}_place {{"]
        out += [f"\tRC_SQL_{prefix.upper()}_{s.name.upper()}, /* :{s.kind}, {parameters_text(s.parameters)} */" for s in statements]
        out += [f"\tRC_SQL_{prefix.upper()}_COUNT", "};",
                f"extern const struct rc_sql_statement rc_sql_{prefix}_statements[];"]
    else:
        out += [f"/* :{s.kind}, {parameters_text(s.parameters)} */\nextern const struct rc_sql_statement rc_sql_{s.name};" for s in statements]
        out += ["", f"extern const struct rc_sql_statement *const rc_sql_{prefix}_all[];"]
    out += [f"extern const size_t rc_sql_{prefix}_count;"]
    if migrations:
        out += ["", f"extern const struct rc_sql_migration rc_sql_{prefix}_migrations[];",
                f"extern const size_t rc_sql_{prefix}_migration_count;"]
    return "\n".join(out + ["", "#endif", ""])


def postgres_text(options, text):
    """Places are for the kiosk, which knows one engine."""
    return "NULL" if options.places else c_string(text)


def statement_fields(options, statement):
    texts = [engine_text(statement.tokens, engine, statement.parameters, False) for engine in (0, 1)]
    parameters = f"parameters_of_{statement.name}" if statement.parameters else "NULL"
    return (f'\t.name = "{statement.name}",\n\t.kind = {KINDS[statement.kind]},\n\t.sqlite = {c_string(texts[0])},\n'
            f"\t.postgres = {postgres_text(options, texts[1])},\n\t.parameters = {parameters},\n\t.parameter_count = {len(statement.parameters)},")


def parameters_tables(statements):
    for statement in statements:
        if statement.parameters:
            items = ", ".join(f"{{{TYPES[kind][3]}, {str(null).lower()}}}" for kind, null in statement.parameters)
            yield f"static const struct rc_sql_parameter parameters_of_{statement.name}[] = {{{items}}};"


def source_text(options, origin, statements, migrations):
    prefix = options.prefix
    out = ["/* SPDX-License-Identifier: Apache-2.0 */", f"/* Made from {origin} by cmake/generate_sql.py: change it there. */",
           f'#include "{options.header}"', "", '#pragma GCC diagnostic ignored "-Woverlength-strings"', "", *parameters_tables(statements), ""]
    if options.places:
        items = "".join(f"\t{{\n{statement_fields(options, s)}\n\t}},\n" for s in statements) or "\t{.name = NULL},\n"
        out += [f"const struct rc_sql_statement rc_sql_{prefix}_statements[] = {{\n{items}}};"]
    else:
        out += [f"const struct rc_sql_statement rc_sql_{s.name} = {{\n{statement_fields(options, s)}\n}};" for s in statements]
        items = "".join(f"\t&rc_sql_{s.name},\n" for s in statements) or "\tNULL,\n"
        out += [f"const struct rc_sql_statement *const rc_sql_{prefix}_all[] = {{\n{items}}};"]
    out += [f"const size_t rc_sql_{prefix}_count = {len(statements)};"]
    if migrations:
        items = "".join(f'\t{{\n\t.number = {m.number},\n\t.name = "{m.name}",\n\t.sqlite = {c_string(schema_text(m, 0))},\n'
                        f"\t.postgres = {postgres_text(options, schema_text(m, 1))},\n\t}},\n" for m in migrations)
        out += [f"const struct rc_sql_migration rc_sql_{prefix}_migrations[] = {{\n{items}}};",
                f"const size_t rc_sql_{prefix}_migration_count = {len(migrations)};"]
    return "\n".join(out + [""])


def load(options):
    """Everything read and checked: the statements in the order of the files, the migrations in the order of their numbers."""
    statements, migrations, seen = [], [], {}
    for path in options.queries:
        source = Source(path, options.root)
        for statement in read_queries(source):
            check_query(source, statement)
            if statement.name in seen:
                raise source.fault(statement.line, f"{statement.name} stands already at {seen[statement.name]}")
            seen[statement.name] = f"{source.shown}:{statement.line}"
            statements.append(statement)
    for path in sorted(options.schema, key=lambda p: p.name):
        source = Source(path, options.root)
        migration = read_schema(source, path)
        expected = migrations[-1].number + 1 if migrations else min(migration.number, 1)
        if migration.number != expected:
            raise source.fault(1, f"the number {expected:04} comes here")
        migrations.append(migration)
    return statements, migrations


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."), help="paths are shown from here")
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--header", required=True, help="as it is included: server/records_sql/statements.h")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="the include root to write below")
    parser.add_argument("--places", action="store_true", help="one array and an enum instead of one variable a statement, SQLite only")
    parser.add_argument("--queries", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--schema", type=pathlib.Path, nargs="*", default=[])
    options = parser.parse_args(arguments)
    try:
        statements, migrations = load(options)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    origin = ", ".join(Source(p, options.root).shown for p in options.queries + options.schema)
    header = options.output / options.header
    header.parent.mkdir(parents=True, exist_ok=True)
    header.write_text(header_text(options, origin, statements, migrations), encoding="utf-8")
    header.with_suffix(".c").write_text(source_text(options, origin, statements, migrations), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
