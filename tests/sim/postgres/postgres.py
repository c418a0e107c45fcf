# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of one's own: a cluster in a folder, behind a socket there, without network, gone with the test.

From Python:       with Cluster(find_programs()) as cluster: … cluster.conninfo …
Around a program:  postgres.py PROGRAM [ARGUMENT …]     runs it with RC_TEST_POSTGRES=conninfo; it makes databases as it likes.
                                                         Where PostgreSQL isn't installed it prints a TAP line that skips.
Around many:       postgres.py --start | --stop          one cluster for all that is run around programs by the same parent (ctest)
                                                         in between; without it each has its own. It ends with the parent, too.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

MEMORY = "/dev/shm"  # a database is made in a fifth of the time where syncs and files cost nothing


def find_programs():
    """The folder of initdb and pg_ctl (Debian keeps them out of the path), or None."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: int(f.parent.name), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


class Cluster:
    """It refuses to run as root, so root hands it to the user that its package made."""

    is_killed = False

    def __init__(self, programs, options="", parent=MEMORY):
        self.programs = programs
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rollcall-pg-", dir=parent if os.access(parent, os.W_OK) else None))
        self.conninfo = f"host={self.folder} user=rollcall dbname=postgres"
        self.user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if self.user:
            shutil.chown(self.folder, "postgres", "postgres")
        self.folder.chmod(0o755)
        self.fill()
        self.start(f"-c fsync=off -c max_connections=300 {options}")

    def fill(self):
        self.run(self.programs / "initdb", "-D", self.folder / "data", "-U", "rollcall", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def run(self, *words):
        done = subprocess.run([str(w) for w in words], cwd=self.folder, text=True, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C"}, **self.user)
        if done.returncode != 0:
            raise RuntimeError(f"{words[0]}: {done.stdout}")
        return done.stdout

    def start(self, options=""):
        self.run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o",
                 f"-k {self.folder} -c listen_addresses= {options}", "start")

    def ask(self, script, database="postgres"):
        """Runs a script to its end, whatever fails in it: [(line, text)] of the errors."""
        path = self.folder / "script.sql"
        path.write_text(script, encoding="utf-8")
        done = subprocess.run(["psql", "-h", str(self.folder), "-U", "rollcall", "-d", database, "-X", "-q", "-v", "VERBOSITY=terse",
                               "-f", str(path)], text=True, capture_output=True, check=False)
        return [(int(line), text) for line, text in re.findall(r"script\.sql:(\d+): ERROR:\s*(.*)", done.stderr)]

    def kill(self):
        """As its machine dies: nobody of it says a word."""
        postmaster = (self.folder / "data/postmaster.pid").read_text(encoding="utf-8").split()[0]
        children = subprocess.run(["pgrep", "-P", postmaster], text=True, capture_output=True, check=False).stdout.split()
        for process in [postmaster, *children]:
            try:
                os.kill(int(process), signal.SIGKILL)
            except ProcessLookupError:
                pass  # a child that had just ended
        self.is_killed = True

    def stop(self):
        if not self.is_killed:
            self.run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


class Standby(Cluster):
    """A copy that follows another cluster, and that each commit there waits for from now on."""

    def __init__(self, programs, primary):
        self.primary = primary
        super().__init__(programs)
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf();")

    def fill(self):
        self.run(self.programs / "pg_basebackup", "-h", self.primary.folder, "-U", "rollcall", "-D", self.folder / "data", "-R",
                 "-c", "fast", "-X", "stream")

    def promote(self):
        self.run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "promote")


def answer(line):
    print("1..1\n" + line)
    return 0


def shared_path(parent):
    """Where it is said that the processes of one parent share a cluster."""
    return pathlib.Path(tempfile.gettempdir()) / f"rollcall-pg-of-{parent}.json"


def is_alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def keep_watch(cluster, parent, path):
    """Beside the tests: stops the cluster when somebody has taken the file away, or the parent has ended without that."""
    if os.fork() != 0:
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    while path.exists() and is_alive(parent):
        time.sleep(0.2)
    cluster.stop()
    path.unlink(missing_ok=True)
    os._exit(0)


def start_shared(programs):
    if programs is None:
        return answer("ok 1 - all # SKIP PostgreSQL is not installed")
    parent = os.getppid()
    path = shared_path(parent)
    cluster = Cluster(programs)
    path.write_text(json.dumps(cluster.conninfo), encoding="utf-8")
    sys.stdout.flush()
    keep_watch(cluster, parent, path)
    return answer("ok 1 - a_postgresql_for_all_tests_of_the_run")


def stop_shared():
    shared_path(os.getppid()).unlink(missing_ok=True)
    return answer("ok 1 - it_is_told_to_end")


def run_beside(conninfo, words):
    return subprocess.run(words, check=False, env={**os.environ, "RC_TEST_POSTGRES": conninfo}).returncode


def main(words):
    programs = find_programs()
    if words == ["--start"]:
        return start_shared(programs)
    if words == ["--stop"]:
        return stop_shared()
    if programs is None:
        return answer("ok 1 - all # SKIP PostgreSQL is not installed")
    shared = shared_path(os.getppid())
    if shared.exists():
        return run_beside(json.loads(shared.read_text(encoding="utf-8")), words)
    with Cluster(programs) as cluster:
        return run_beside(cluster.conninfo, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
