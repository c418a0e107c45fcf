# SPDX-License-Identifier: Apache-2.0
"""Programs that run in one folder: started with their log beside them, ended together, the last lines shown on trouble."""

import os
import signal
import subprocess
import time

BIN = os.environ.get("RC_BIN") or os.path.join(os.path.dirname(__file__), "../../../build/release/bin")


class Failure(Exception):
    """What was expected did not happen; the text says what and where to look."""


def program(name):
    path = os.path.abspath(os.path.join(BIN, name))
    if not os.path.exists(path):
        raise Failure(f"{path} isn't there: run ./dev build first")
    return path


def wait_until(condition, what, seconds=20.0):
    """Polls until condition() is true and returns its value; a Failure names what was awaited."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.02)


class Stage:
    """A folder and what runs in it."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.running = []
        os.makedirs(self.folder, exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def run(self, name, *arguments, ok=(0,), env=None):
        """Runs a program to its end and returns its output."""
        done = subprocess.run([program(name), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, **(env or {})}, timeout=120)
        if done.returncode not in ok:
            raise Failure(f"{name} {' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, name, *arguments, log=None, env=None, path=None):
        """Starts a program; its output goes to <log>.log in the folder."""
        log_path = self.path((log or name) + ".log")
        with open(log_path, "ab") as out:
            process = subprocess.Popen([path or program(name), *arguments], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                       env={**os.environ, **(env or {})}, start_new_session=True)
        process.label, process.log_path = log or name, log_path
        self.running.append(process)
        return process

    def end(self, process, how=signal.SIGTERM, seconds=20):
        """Ends one program and returns its exit status."""
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure(f"{process.label} did not end within {seconds} s of {how.name}: {process.log_path}")
        finally:
            if process in self.running:
                self.running.remove(process)
        return process.returncode

    def end_all(self):
        """Ends everything, the newest first; what won't go is killed."""
        for process in reversed(list(self.running)):
            try:
                self.end(process, seconds=10)
            except Failure:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end_all()
