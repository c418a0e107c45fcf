#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Starts a server with a made-up company on loopback, and leaves it running; with --kiosk a simulated kiosk too."""

import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RIG = os.path.join(HERE, "../sim/rig")
sys.path.insert(0, RIG)

from company_site import Server, draw_badge  # noqa: E402
from processes import Failure, Stage, wait_until  # noqa: E402


def start_kiosk(stage, server, tables):
    """An enrolled kiosk whose camera sees the company's badges, one after the other, over and over."""
    with open(os.path.join(tables, "expected.json"), encoding="utf-8") as text:
        room = json.load(text)["room"]
    data, run, badges = stage.path("kiosk", "data"), stage.path("kiosk", "run"), stage.path("badges")
    os.makedirs(run, exist_ok=True)
    os.makedirs(data, mode=0o700, exist_ok=True)
    stage.run("rollcall-kiosk", "--data", data, "--run", run, "enrol", server.enrolment_code(room))
    server.command("badges", "SAFE-1", "--out", badges)
    frames = [draw_badge(os.path.join(badges, name), i, stage.path("frames", name))
              for i, name in enumerate(sorted(os.listdir(badges)))]
    camera = stage.path("kiosk", "camera.sock")
    stage.start("camera", os.path.join(RIG, "camera.py"), camera, *frames, path=sys.executable)
    wait_until(lambda: os.path.exists(camera), "the camera")
    stage.start("rollcall-kiosk", "--data", data, "--run", run, "run", "--camera", "feed:" + camera, "--poll", "5", log="kiosk")
    wait_until(lambda: os.path.exists(run + "/screen.sock"), "the kiosk")
    return {"data": data, "run": run}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", required=True, help="where everything goes; empty or not there")
    parser.add_argument("--kiosk", action="store_true", help="with a simulated kiosk")
    parser.add_argument("--json", action="store_true", help="the last line is for programs")
    options = parser.parse_args()
    if os.path.isdir(options.dir) and os.listdir(options.dir):
        sys.exit(f"{options.dir} isn't empty: ./dev down --dir {options.dir} ends what runs there; then remove it")
    stage = Stage(options.dir)
    try:
        tables = stage.path("company")
        subprocess.run([sys.executable, os.path.join(HERE, "company.py"), "--dir", tables], check=True, stdout=subprocess.DEVNULL)
        server = Server(stage, is_direct=True)
        server.init()
        server.load(tables)
        server.start()
        run = {"api": server.api, "device": server.url, "token": server.make_token("operator")}
        if options.kiosk:
            run["kiosk"] = start_kiosk(stage, server, tables)
    except Failure as failure:
        stage.end_all()
        sys.exit(str(failure))
    with open(stage.path("run.json"), "w", encoding="utf-8") as out:
        os.chmod(stage.path("run.json"), 0o600)
        json.dump({**run, "pids": [process.pid for process in stage.running]}, out)
    if options.json:
        print(json.dumps({key: run[key] for key in ("api", "device", "token")}, separators=(",", ":")))
    else:
        print(f"up: {server.api} (kiosks: {server.url}); end it with ./dev down --dir {options.dir}\n"
              f"  curl -H 'Authorization: Bearer {run['token']}' {server.api}/api/v1/sessions")


if __name__ == "__main__":
    main()
