#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules about sources that no compiler knows: check_source.py [ROOT]. Prints `path:line: what`, exits with 1 if there is any.

- Every source says its licence in its first lines.
- No call whose misuse ends in advisories (strcpy, system, atoi …), outside comments and strings.
- No SQL in C of the programs: statements live in .sql files, where both engines can prepare them. Exceptions, with a reason
  each, stand in sql_allowed.txt.
- Every public function of a header has a comment directly above it or behind it; functions without a blank line between them
  share one. rc_x__y is not public.
"""

import pathlib
import re
import sys

CODE_FOLDERS = ["shared", "firmware", "server", "boards", "tests", "cmake", ".ci"]
PROGRAM_FOLDERS = ["shared", "firmware", "server"]
SKIPPED = {"build", "node_modules", "__pycache__", "seeds", ".git"}
LICENSED = {".c", ".h", ".py", ".sh", ".cmake", ".sql", ".ts", ".vue", ".service"}
LICENCE = "SPDX-License-Identifier: Apache-2.0"
ALLOWED_SQL = pathlib.Path(__file__).parent / "sql_allowed.txt"

BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|system|popen|atoi|atol|atoll|rand|srand|alloca|strtok|mktemp|tmpnam)\s*\(")
SQL = re.compile(r"\b(SELECT\s|INSERT\s+INTO\b|UPDATE\s.*\sSET\b|DELETE\s+FROM\b|CREATE\s+TABLE\b|DROP\s+TABLE\b|ALTER\s+TABLE\b)", re.DOTALL)
# A comment, a string or a character constant; strings first so that "//" in one is no comment.
TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.DOTALL)
PUBLIC_FUNCTION = re.compile(r"^(?!typedef\b|#|return\b)[A-Za-z_][\w\s\*\(\)]*?\b(rc_\w+)\(")


def sources(root, folders, suffixes):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if path.suffix in suffixes and path.is_file() and not SKIPPED.intersection(parts):
                yield path


def line_of(text, place):
    return text.count("\n", 0, place) + 1


def blank(match):
    """A token as spaces, so that lines and columns stay."""
    return re.sub(r"[^\n]", " ", match[0])


def check_licence(path, text):
    if LICENCE not in "\n".join(text.split("\n")[:5]):
        yield 1, f"no line '{LICENCE}' among the first five"


def check_calls(path, text):
    code = TOKEN.sub(blank, text)
    for match in BANNED.finditer(code):
        yield line_of(code, match.start()), f"{match[1]}() is not used here"


def string_runs(text):
    """Neighbouring string literals as one: (place, content)."""
    place, content, end = None, "", 0
    for match in TOKEN.finditer(text):
        if match[0][0] == "/":
            continue
        is_next = place is not None and not TOKEN.sub("", text[end:match.start()]).strip()
        if match[0][0] == '"' and is_next:
            content += match[0][1:-1]
        else:
            if place is not None:
                yield place, content
            place, content = (match.start(), match[0][1:-1]) if match[0][0] == '"' else (None, "")
        end = match.end()
    if place is not None:
        yield place, content


def check_sql(path, text):
    for place, content in string_runs(text):
        if SQL.search(content):
            yield line_of(text, place), "SQL in C: give it a name in queries.sql (or a reason in tests/tools/sql_allowed.txt)"


def check_comments(path, text):
    """Walks the header line by line; `has_comment` is about the run of lines without a blank one that we are in."""
    has_comment, depth = False, 0
    code = TOKEN.sub(lambda m: blank(m) if m[0][0] in "\"'" else re.sub(r"[^\n]", "\x01", m[0]), text)
    for number, line in enumerate(code.split("\n"), start=1):
        if "\x01" in line and not line.replace("\x01", "").strip():
            has_comment = True
        elif not line.strip():
            has_comment = False
        else:
            match = PUBLIC_FUNCTION.match(line) if depth == 0 else None
            if match and "__" not in match[1] and not has_comment and "\x01" not in line:
                yield number, f"{match[1]} has no comment directly above it"
        depth += line.count("{") - line.count("}")


def allowed_sql():
    """Paths from sql_allowed.txt; a line is `path  reason`."""
    if not ALLOWED_SQL.exists():
        return set()
    rows = [row.split(None, 1) for row in ALLOWED_SQL.read_text(encoding="utf-8").split("\n")
            if row.strip() and not row.startswith("#")]
    return {row[0] for row in rows if len(row) == 2}


# folders, suffixes, check
RULES = [
    (CODE_FOLDERS, LICENSED, check_licence),
    (CODE_FOLDERS, {".c", ".h"}, check_calls),
    (PROGRAM_FOLDERS, {".c", ".h"}, check_sql),
    (PROGRAM_FOLDERS, {".h"}, check_comments),
]


def findings(root):
    excused = allowed_sql()
    for folders, suffixes, check in RULES:
        for path in sources(root, folders, suffixes):
            name = str(path.relative_to(root))
            if check is check_sql and name in excused:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            for line, what in check(path, text):
                yield f"{name}:{line}: {what}"


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else ".").resolve()
    found = list(findings(root))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
