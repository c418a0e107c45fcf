#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares tests/CASES.tsv with what a ctest run printed.

    check_cases.py CASES.tsv CTEST.xml

A row names the test that proves it as `ctest-name::function` (several with a space between), or says `open`. The results are
read from ctest's JUnit file, whose system-out holds the TAP lines of cmocka and of tap_unittest. ctest itself calls a skipped
cmocka function passed, so the function's own line decides. Exit status: 0 when every named test ran and passed, 1 when one
did not, 2 when a file can't be read or a row is malformed.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

COLUMNS = ["id", "case", "expected", "test", "note"]
OPEN = "open"
# cmocka 1.1 writes a skipped function as `not ok 3 # SKIP name`; TAP itself as `ok 3 - name # SKIP why`.
TAP_LINE = re.compile(r"^(?P<word>ok|not ok) \d+ (?P<early_skip># SKIP )?(?:- )?(?P<name>[^\s#]+)(?P<rest>.*)$")


class Malformed(Exception):
    """A file that is not what it should be."""


def read_rows(text):
    """The rows of the table as dictionaries; Malformed names the line."""
    lines = text.rstrip("\n").split("\n")
    if lines[0].split("\t") != COLUMNS:
        raise Malformed("line 1: the columns are " + ", ".join(COLUMNS))
    rows, seen = [], set()
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise Malformed(f"line {number}: {len(cells)} columns, not {len(COLUMNS)}")
        row = dict(zip(COLUMNS, cells))
        empty = [name for name in COLUMNS[:4] if not row[name].strip()]
        if empty:
            raise Malformed(f"line {number}: {empty[0]} is empty")
        if row["id"] in seen:
            raise Malformed(f"line {number}: {row['id']} stands here twice")
        for name in row["test"].split():
            if name != OPEN and not re.fullmatch(r"[^\s:]+::[^\s:]+", name):
                raise Malformed(f"line {number}: '{name}' is neither ctest-name::function nor open")
        seen.add(row["id"])
        rows.append(row)
    return rows


def read_tap(output):
    """What each function came to: {name: passed, failed or skipped}. The worst word counts if a name comes twice."""
    worst = ["passed", "skipped", "failed"]
    found = {}
    for line in output.splitlines():
        match = TAP_LINE.match(line.strip())
        if not match:
            continue
        if match["early_skip"] or re.search(r"#\s*SKIP", match["rest"]):
            word = "skipped"
        else:
            word = "passed" if match["word"] == "ok" else "failed"
        name = match["name"]
        found[name] = max(found.get(name, "passed"), word, key=worst.index)
    return found


def read_results(xml):
    """{ctest name: {function: word}}; a ctest that did not pass has no function that did."""
    results = {}
    for case in ElementTree.fromstring(xml).iter("testcase"):
        functions = read_tap(case.findtext("system-out") or "")
        if case.get("status") != "run":
            functions = {name: "failed" if word == "passed" else word for name, word in functions.items()}
        results[case.get("name")] = functions
    return results


def fault_of(name, results):
    """Why a named test proves nothing, or None when it ran and passed."""
    program, function = name.split("::")
    if program not in results:
        return f"no test {program} ran"
    word = results[program].get(function)
    if word is None:
        return f"{program} printed no line for {function}"
    return None if word == "passed" else f"{function} {word} (or its program did)" if word == "failed" else f"{function} was skipped"


def report(rows, results):
    """The lines to print, and how many names failed."""
    lines, faults, proved = [], 0, 0
    for row in rows:
        names = [name for name in row["test"].split() if name != OPEN]
        found = [(name, fault_of(name, results)) for name in names]
        bad = [(name, fault) for name, fault in found if fault]
        lines += [f"{row['id']}: {fault} ({name})" for name, fault in bad]
        faults += len(bad)
        proved += bool(names) and not bad and OPEN not in row["test"].split()
    skipped = [f"{program}::{name}" for program, functions in results.items()
               for name, word in functions.items() if word == "skipped"]
    lines += [f"skipped in this run: {name}" for name in skipped]
    still_open = sum(OPEN in row["test"].split() for row in rows)
    lines.append(f"cases: {proved} of {len(rows)} rows proved, {still_open} open, {faults} named tests missing, failed or skipped")
    return lines, faults


def main(arguments):
    if len(arguments) != 2:
        print("usage: check_cases.py CASES.tsv CTEST.xml", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as table:
            rows = read_rows(table.read())
        with open(arguments[1], "rb") as xml:
            results = read_results(xml.read())
    except (OSError, ElementTree.ParseError, Malformed) as error:
        print(f"check_cases: {error}", file=sys.stderr)
        return 2
    lines, faults = report(rows, results)
    print("\n".join(lines))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
