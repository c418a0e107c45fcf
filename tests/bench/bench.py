# SPDX-License-Identifier: Apache-2.0
"""./dev bench: measures, beside baselines of the same run, and says which goals are met.

`bench.py [--json] [--quick] [SECTION…]`; sections: journal facts ingest http door programs. The programs come from RC_BIN, the
disk that is measured is the one of TMPDIR.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../sim/rig"), os.path.join(HERE, "../sim/postgres")]

import kiosk_bench  # noqa: E402
import postgres  # noqa: E402
from processes import Failure, program  # noqa: E402

IN_C = ["journal", "facts", "ingest", "http"]
IN_PYTHON = {"door": kiosk_bench.measure_door, "programs": kiosk_bench.measure_programs}
SECTIONS = IN_C + list(IN_PYTHON)
NOTE = "left out: yyjson (this Debian has no package of it), TLS (its own goals wait for tickets)"


def measure(section, folder, is_quick):
    """The rows of one section, as they come."""
    if section in IN_PYTHON:
        yield from IN_PYTHON[section](folder, is_quick)
        return
    command = [program("rollcall-bench"), "--folder", folder, *(["--quick"] if is_quick else []), section]
    with contextlib.ExitStack() as stack:
        environment = dict(os.environ)
        if section == "ingest" and postgres.find_programs():
            # On the disk that is measured, and as safe as by default.
            cluster = postgres.Cluster(postgres.find_programs(), "-c fsync=on -c max_wal_size=4GB", tempfile.gettempdir())
            environment["RC_TEST_POSTGRES"] = stack.enter_context(cluster).conninfo
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=1800, env=environment)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)} ended with status {done.returncode}")
    yield from map(json.loads, done.stdout.splitlines())


def judge(row):
    """Adds the ratio and whether the goal is met."""
    if "base" in row:
        row["ratio"] = row["value"] / row["base"]
    goal = row.get("goal")
    if goal:
        value = row["ratio"] if goal.startswith("ratio") else row["value"]
        row["met"] = {"most": value <= row["limit"], "least": value >= row["limit"],
                      "exactly": abs(value - row["limit"]) < 1e-9}[goal.split("_")[-1]]
    return row


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def goal_text(row):
    if "goal" not in row:
        return ""
    sign = {"most": "<=", "least": ">=", "exactly": "="}[row["goal"].split("_")[-1]]
    return f"{sign} {number(row['limit'])}{' x' if row['goal'].startswith('ratio') else ''}"


def print_row(row):
    ratio = f"{row['ratio']:.2f} x" if "ratio" in row else ""
    base = f"{number(row['base'])} {row['unit']}  {row['baseline']}" if "base" in row else ""
    met = {True: "met", False: "NOT MET"}.get(row.get("met"), "")
    print(f"{row['section']:8} {row['name']:46} {number(row['value']) + ' ' + row['unit']:>12} {ratio:>8} {goal_text(row):>9} "
          f"{met:8} {base}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("--json", action="store_true", help="one document for programs")
    parser.add_argument("--quick", action="store_true", help="tiny counts: shows that it runs, measures nothing")
    parser.add_argument("sections", nargs="*", metavar="section", help=" ".join(SECTIONS))
    options = parser.parse_args()
    unknown = set(options.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no section {', '.join(sorted(unknown))}; there are: {' '.join(SECTIONS)}")
    rows = []
    for section in options.sections or SECTIONS:
        folder = tempfile.mkdtemp(prefix="rollcall-bench-")
        try:
            for row in map(judge, measure(section, folder, options.quick)):
                rows.append(row)
                if not options.json:
                    print_row(row)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    judged = [row for row in rows if "met" in row]
    met = sum(row["met"] for row in judged)
    if options.json:
        print(json.dumps({"rows": rows, "goals": len(judged), "met": met, "quick": options.quick, "note": NOTE}, indent=1))
    else:
        print(NOTE)
        print(f"bench: {met} of {len(judged)} goals met, {len(rows)} rows")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        sys.exit(1)
