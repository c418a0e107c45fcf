#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A morning at a training room's door: real server, kiosk, scanner and screen; people made up, badges drawn for the camera.

What must come of it is written before anything starts (company.py) and compared at the end with what the screen said and
what the server's API shows. With --break something outside of the products is broken, and the comparison must fail.
"""

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../sim/rig"))

from network import PretendAck, Pretender, make_leaf  # noqa: E402
from processes import Failure, Stage, wait_until  # noqa: E402
from company_site import Kiosk, Server, draw_badge, draw_empty  # noqa: E402

PATIENCE_S = 8          # how long a person holds a badge up before giving up
GIVE_UP_AFTER = 3       # people in a row whom nothing happens to: the queue walks away
CUT_AT, MEND_AT = 9, 18  # the network is gone while these people come


class Morning:
    def __init__(self, options):
        self.options = options
        self.is_zh = os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("zh")
        self.stage = Stage(options.dir)
        self.pictures = os.path.join(options.dir, "screenshots")
        self.problems = []
        self.seen = []  # (arrival, greeting or None)

    def say(self, zh, en):
        print("· " + (zh if self.is_zh else en), flush=True)

    # ---- before the doors open ----

    def make_company(self):
        tables = self.stage.path("company")
        subprocess.run([sys.executable, os.path.join(HERE, "company.py"), "--dir", tables, "--seed", str(self.options.seed)],
                       check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(tables, "arrivals.tsv"), encoding="utf-8") as text:
            self.arrivals = list(csv.DictReader(text, delimiter="\t"))
        with open(os.path.join(tables, "expected.json"), encoding="utf-8") as text:
            self.expected = json.load(text)
        self.say(f"公司：30 人，2 间教室，3 节课，{len(self.arrivals)} 次刷码",
                 f"a company: 30 people, 2 rooms, 3 sessions, {len(self.arrivals)} badges will be held up")
        return tables

    def start_server(self, tables):
        self.server = Server(self.stage)
        self.server.init()
        self.server.load(tables)
        self.server.start()
        self.server.make_token()
        self.say(f"服务器：{self.server.api}，设备端口经过一段可以断开的网络", f"server: {self.server.api}; kiosks reach it through a network that can be cut")

    def make_badges(self):
        """The company's badges, printed by the server; a stranger's, printed by another company's."""
        folder = self.stage.path("badges")
        for session in self.expected["lists"]:
            self.server.command("badges", session, "--out", folder)
        for arrival in self.arrivals:
            path = os.path.join(folder, arrival["badge"] + ".png")
            if arrival["badge"] == "stranger":
                subprocess.run(["qrencode", "-l", "M", "-s", "9", "-m", "4", "-o", path, "RC1:" + "STRANGER" * 3 + "22"], check=True)
            elif not os.path.exists(path):
                self.server.command("badge", arrival["badge"], "--out", path)
        self.server.command("badge", "revoke", self.expected["revoked"])

    def draw_pictures(self):
        code = self.stage.path("enrolment.png")
        self.server.enrolment_code(self.expected["room"], png=code)
        self.frames = {"enrolment": draw_badge(code, 1, self.stage.path("frames", "enrolment")),
                       "empty": draw_empty(2, self.stage.path("frames", "empty"))}
        for i, arrival in enumerate(self.arrivals):
            badge = self.stage.path("badges", arrival["badge"] + ".png")
            self.frames[i] = draw_badge(badge, 100 + i, self.stage.path("frames", f"{i:02d}-{arrival['badge']}"))
        self.say("每张胸牌都画成摄像头看到的样子（透视、模糊、噪点、光线）", "each badge is drawn as a camera would see it (perspective, blur, noise, light)")

    # ---- the day ----

    def start_display(self):
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            self.display = None
            return
        number = next(n for n in range(90, 200) if not os.path.exists(f"/tmp/.X11-unix/X{n}"))
        self.display = f":{number}"
        self.stage.start("Xvfb", self.display, "-screen", "0", "1280x800x24", "-nolisten", "tcp", path=shutil.which("Xvfb"))
        wait_until(lambda: os.path.exists(f"/tmp/.X11-unix/X{number}"), "the virtual display")

    def start_kiosk(self):
        self.kiosk = Kiosk(self.stage).start()
        env = {"DISPLAY": self.display, "GDK_BACKEND": "x11"} if self.display else {}
        self.kiosk.start_window(env=env)
        wait_until(lambda: self.kiosk.status()["screens"] == 2, "the kiosk's window")
        wait_until(self.is_drawn, "the first picture in the window")

    def frames_for(self, key):
        folder = self.frames["empty" if self.options.broken == "camera" else key]
        return sorted(os.path.join(folder, name) for name in os.listdir(folder))

    def is_drawn(self):
        """An empty display is one colour, and as a picture very small."""
        if not self.display:
            return True
        self.shoot("1-enrol")
        return os.path.getsize(os.path.join(self.pictures, "1-enrol.png")) > 8192

    def shoot(self, name):
        """What the real window shows, as a picture."""
        if not self.display:
            return
        subprocess.run(["import", "-display", self.display, "-window", "root", os.path.join(self.pictures, name + ".png")],
                       check=False, stderr=subprocess.DEVNULL)

    def hold_up(self, key, is_done, when_done=lambda: None):
        """Holds something up until the screen reacts, or patience is over; then the view is empty again."""
        frames = self.frames_for(key)
        end = time.monotonic() + PATIENCE_S
        self.kiosk.camera.play(frames[:5], until=is_done)
        while not is_done() and time.monotonic() < end:
            self.kiosk.camera.play(frames[5:8], until=is_done)
        if not is_done():
            return False
        when_done()  # still in view
        self.kiosk.camera.play(frames[8:])
        self.kiosk.camera.play(self.frames_for("empty")[:3])
        return True

    def enrol(self):
        self.let_settle("empty")
        self.shoot("1-enrol")
        if not self.hold_up("enrolment", lambda: self.kiosk.screen.view()["screen"] == "idle"):
            raise Failure("the enrolment code was held up and nothing happened")
        wait_until(lambda: self.kiosk.screen.view()["header"]["session"], "the roster has come down")
        self.say("签到机已用摄像头读码注册，名单已下发", "the kiosk enrolled by reading the code with its camera; the roster has come down")

    def receive_people(self):
        gave_up = 0
        for i, arrival in enumerate(self.arrivals):
            if i == CUT_AT:
                self.server.relay.cut()
                self.say("网络断开", "the network is cut")
            if i == MEND_AT:
                wait_until(lambda: self.kiosk.screen.view()["screen"] == "idle", "the greeting goes", 12)
                self.let_settle("empty", 15)
                self.shoot("6-offline")
                self.server.relay.mend()
                self.say("网络恢复", "the network is back")
            if i == 4:
                self.break_something()
            before = self.kiosk.screen.greeting_count()
            if not self.hold_up(i, lambda: self.kiosk.screen.greeting_count() > before,
                                lambda: self.shoot_verdict(i, self.kiosk.screen.greetings[before])):
                gave_up += 1
                self.seen.append((arrival, None))
                print(f"    {arrival['badge']}: nothing happened", flush=True)
                if gave_up == GIVE_UP_AFTER:
                    raise Failure("nothing happens any more; the queue walks away")
                continue
            gave_up = 0
            greeting = self.kiosk.screen.greetings[before]
            self.seen.append((arrival, greeting))
            late = f" +{greeting['late_min']} min" if greeting["late_min"] else ""
            print(f"    {greeting['at']}  {greeting['verdict']:<12} {greeting['name'] or '—'}{late}", flush=True)

    def shoot_verdict(self, key, greeting):
        names = {"signed_in": "2-late" if greeting["late_min"] else "3-signed-in", "already": "4-already",
                 "wrong_room": "5-wrong-room", "unknown": "7-unknown"}
        name = names.get(greeting["verdict"])
        if name and not os.path.exists(os.path.join(self.pictures, f"{name}-{greeting['lang']}.png")):
            self.let_settle(key)
            self.shoot(f"{name}-{greeting['lang']}")

    def let_settle(self, key, frames=10):
        """For a picture of the settled view: colours flood for 160 ms, greetings fade for 400; the badge is held up meanwhile."""
        still = self.frames_for(key)[:7][-1:]
        for _ in range(frames):
            self.kiosk.camera.play(still)

    def break_something(self):
        if self.options.broken == "disk":
            # Nothing may be written beyond the first page of any file: what a full disk looks like to the daemon.
            resource.prlimit(self.kiosk.process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
        elif self.options.broken == "ack":
            leaf, key = make_leaf(self.stage.path("pretender"), self.stage.path("server", "secrets", "ca.key"),
                                  self.stage.path("server", "secrets", "ca.der"))
            self.pretender = Pretender(leaf, key, PretendAck(self.server.epoch()))
            self.server.relay.to_port = self.pretender.port
            self.server.relay.cut()
            self.server.relay.mend()

    def let_sync_finish(self):
        wait_until(lambda: self.kiosk.status()["journal"]["waiting"] == 0, "everything is sent", 60)
        self.say("全部已上传", "everything is sent")
        self.kiosk.camera.play(self.frames_for("empty"))
        wait_until(lambda: self.kiosk.screen.view()["screen"] == "idle", "the last greeting goes", 12)
        self.let_settle("empty", 15)
        self.shoot("8-idle")

    # ---- what came of it ----

    def compare_greetings(self):
        for arrival, greeting in self.seen:
            wanted = (arrival["verdict"], arrival["name"], arrival["is_late"] == "1")
            got = greeting and (greeting["verdict"], greeting["name"], greeting["late_min"] > 0)
            if wanted != got:
                self.problems.append(f"the screen said {got} to {arrival['badge']}, expected {wanted}")
        if len(self.seen) != len(self.arrivals):
            self.problems.append(f"{len(self.arrivals) - len(self.seen)} people didn't get to the door")
        if self.kiosk.screen.greeting_count() != len(self.seen):
            self.problems.append(f"{self.kiosk.screen.greeting_count()} greetings for {len(self.seen)} people")

    def compare_lists(self):
        for session, people in self.expected["lists"].items():
            got = self.server.attendance(session)["people"]
            print(f"\n  {session}" + (" 应为 / 实为" if self.is_zh else "  expected / server"))
            wanted = {p["number"]: p for p in people}
            for line in got:
                want = wanted.pop(line["number"], None)
                state = want["state"] if want else "—"
                mark = "✓" if want and state == line["state"] and want["name"] == line["name"] else "✗"
                print(f"    {mark} {line['number']:<8} {state:<9} {line['state']:<9} {line['name']}")
                if mark == "✗":
                    self.problems.append(f"{session}: {line['number']} is {line['state']}, expected {state}")
            for number in wanted:
                print(f"    ✗ {number:<8} {wanted[number]['state']:<9} missing")
                self.problems.append(f"{session}: {number} is missing")

    def check_proofs(self):
        self.server.command("verify")
        self.stage.run("rollcall-kiosk", "--data", self.kiosk.data, "--run", self.kiosk.run, "verify")

    def play(self):
        tables = self.make_company()
        self.start_server(tables)
        self.make_badges()
        self.draw_pictures()
        self.start_display()
        os.makedirs(self.pictures, exist_ok=True)
        self.start_kiosk()
        self.enrol()
        self.receive_people()
        self.let_sync_finish()

    def judge(self):
        self.compare_greetings()
        self.compare_lists()
        self.check_proofs()

    def run(self):
        begin = time.monotonic()
        with self.stage:
            try:
                self.play()
            except Failure as failure:
                self.problems.append(str(failure))
            try:
                self.judge()
            except (Failure, OSError, AttributeError) as failure:
                self.problems.append(f"no comparison: {failure}")
            if not self.problems and not self.options.check and sys.stdin.isatty():
                self.stay()
        print(f"\n  {time.monotonic() - begin:.0f} s; logs in {self.stage.folder}, pictures in {self.pictures}")
        for problem in self.problems[:12]:
            print("  ✗ " + problem)
        return 1 if self.problems else 0

    def stay(self):
        print(f"\n  curl -H 'Authorization: Bearer {self.server.token}' {self.server.api}/api/v1/sessions/SAFE-1/attendance")
        input("  按回车结束 … " if self.is_zh else "  Enter ends it … ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", default="demo-output", help="where everything goes (emptied first)")
    parser.add_argument("--check", action="store_true", help="end by itself; status 0 only if everything is as expected")
    parser.add_argument("--break", dest="broken", choices=["camera", "disk", "ack"], help="break this; the check must fail")
    parser.add_argument("--seed", type=int, default=1, help="another order of people")
    options = parser.parse_args()
    if os.path.isdir(options.dir) and not os.path.exists(os.path.join(options.dir, ".rollcall-demo")) and os.listdir(options.dir):
        sys.exit(f"{options.dir} isn't empty and isn't a demo's folder")
    shutil.rmtree(options.dir, ignore_errors=True)
    os.makedirs(options.dir)
    open(os.path.join(options.dir, ".rollcall-demo"), "w", encoding="ascii").close()
    sys.exit(Morning(options).run())


if __name__ == "__main__":
    main()
