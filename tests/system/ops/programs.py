# SPDX-License-Identifier: Apache-2.0
"""The programs as an administrator starts them."""

import os
import subprocess

BIN = os.environ["RC_BIN"]
SOURCE = os.environ["RC_SOURCE"]
NAMES = ("rollcall-kiosk", "rollcall-scanner", "rollcall-screen", "rollcall-server")


def run(program, *arguments, lang="C.UTF-8", **more):
    """Runs a program to its end: exit status, stdout and stderr as text."""
    environment = dict(os.environ, LC_ALL=lang)
    environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0" \
        if program == "rollcall-screen" else environment.get("ASAN_OPTIONS", "")
    return subprocess.run([os.path.join(BIN, program), *arguments], env=environment, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=False,
                          **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})


def written(program, *arguments, **more):
    """What a program prints; it must end well."""
    done = run(program, *arguments, **more)
    if done.returncode != 0:
        raise AssertionError(f"{program} {' '.join(arguments)}: {done.returncode}: {done.stderr}")
    return done.stdout
