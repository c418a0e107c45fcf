# SPDX-License-Identifier: Apache-2.0
"""The sections of the bench that need real programs: the door of a kiosk, and what each program takes when nobody is there."""

import csv
import json
import os
import shutil
import subprocess
import time
from datetime import datetime, timedelta, timezone

from company_site import Kiosk, Server
from processes import Failure, Stage, program, wait_until

ROOM, SESSION = "3F-305", "SAFE-1"


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_tables(folder, people):
    """One session that everybody is registered for and that is open."""
    now = datetime.now(timezone.utc)
    numbers = [f"{i + 1:03d}-01" for i in range(people)]

    def at(minutes):
        return (now + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M")

    os.makedirs(folder)
    write_csv(os.path.join(folder, "rooms.csv"), [{"room": ROOM, "site": "HQ", "utc_offset": "+00:00", "name_zh": "教室",
                                                   "name_en": "Room", "way_zh": "上楼", "way_en": "Upstairs"}])
    write_csv(os.path.join(folder, "employees.csv"), [
        {"number": number, "name": f"员工{number[:3]}", "language": "zh", "department": "质量部",
         "position": "生产族-操作序列-初级工", "role": "employee"} for number in numbers])
    write_csv(os.path.join(folder, "sessions.csv"), [
        {"session": SESSION, "course": "T-001-01", "title_zh": "安全", "title_en": "Safety", "room": ROOM, "starts": at(20),
         "ends": at(300), "walk_in": "free"}])
    write_csv(os.path.join(folder, "registrations.csv"), [{"session": SESSION, "number": number} for number in numbers])


class Site:
    """A server and an enrolled kiosk with its roster."""

    def __init__(self, folder, people):
        self.stage = Stage(os.path.join(folder, "site"))
        write_tables(self.stage.path("tables"), people)
        self.server = Server(self.stage, is_direct=True)
        self.server.init()
        self.server.load(self.stage.path("tables"))
        self.server_took_s = timed(self.server.start)
        self.kiosk = Kiosk(self.stage)
        self.kiosk_took_s = timed(self.kiosk.start)
        self.stage.run("rollcall-kiosk", "--data", self.kiosk.data, "--run", self.kiosk.run, "enrol",
                       self.server.enrolment_code(ROOM))
        wait_until(lambda: self.kiosk.status().get("roster_n", 0) > 0, "the roster has come down", 60)

    def payloads(self):
        """What is on the badges of everybody registered."""
        badges = self.stage.path("badges")
        self.server.command("badges", SESSION, "--out", badges)
        pictures = sorted(os.path.join(badges, name) for name in os.listdir(badges))
        found = []
        for i in range(0, len(pictures), 50):  # the command takes no more than 64 at once
            lines = self.stage.run("rollcall-kiosk", "decode", *pictures[i:i + 50]).splitlines()
            found += [line.split("\t")[1] for line in lines]
        return found

    def close(self):
        self.stage.end_all()
        self.kiosk.close()


def timed(what):
    began = time.monotonic()
    what()
    return time.monotonic() - began


def measure_door(folder, is_quick):
    people, queue = (8, 3) if is_quick else (260, 60)
    site = Site(folder, people)
    try:
        payloads = site.payloads()
        if len(payloads) != people:
            raise Failure(f"{len(payloads)} badges of {people}")
        os.unlink(site.kiosk.camera.path)  # first, or the kiosk would come back to the camera that goes
        site.kiosk.close()  # its camera and screen: the client takes their places
        done = subprocess.run([program("rollcall-bench-door"), site.kiosk.camera.path, site.kiosk.run + "/screen.sock",
                               site.stage.path("yardstick"), str(queue)], input="\n".join(payloads), stdout=subprocess.PIPE,
                              text=True, timeout=600)
        if done.returncode != 0:
            raise Failure(f"rollcall-bench-door ended with status {done.returncode}; the kiosk: {site.kiosk.process.log_path}")
        yield from map(json.loads, done.stdout.splitlines())
    finally:
        site.close()


# ---- what programs take -------------------------------------------------------------------------------------------------

def memory_kb(pid):
    """Resident, and the share that would be free if it ended."""
    fields = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as text:
        for line in text.readlines()[1:]:
            name, value = line.split(":")
            fields[name] = float(value.split()[0])
    return fields["Rss"], fields["Private_Clean"] + fields["Private_Dirty"]


def child_named(parent, name):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as text:
                stat = text.read()
            is_child = int(stat.rsplit(")", 1)[1].split()[1]) == parent
            if is_child and os.path.basename(os.readlink(f"/proc/{pid}/exe")) == name:
                return int(pid)
        except OSError:
            continue
    return None


def row(name, unit, value):
    return {"section": "programs", "name": name, "unit": unit, "value": value}


def rows_of(name, pid):
    resident, private = memory_kb(pid)
    yield row(f"{name}: resident", "kB", resident)
    yield row(f"{name}: of it its own", "kB", private)


def measure_screen(site):
    """The real screen on a display without a display; nothing where there is none."""
    if not shutil.which("Xvfb"):
        return
    ends = os.pipe()
    display = subprocess.Popen([shutil.which("Xvfb"), "-displayfd", str(ends[1]), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
                               pass_fds=[ends[1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(ends[1])
    try:
        with os.fdopen(ends[0]) as number:
            name = ":" + number.readline().strip()
        window = site.kiosk.start_window(env={"DISPLAY": name, "GDK_BACKEND": "x11"})
        wait_until(lambda: memory_kb(window.pid)[0] > 30000, "the screen has drawn", 60)
        time.sleep(2)  # fonts come one by one; not a wait for anything that could be asked
        yield from rows_of("rollcall-screen (X11)", window.pid)
        site.stage.end(window)
    finally:
        display.terminate()
        display.wait()


def measure_programs(folder, is_quick):
    site = Site(folder, 3 if is_quick else 60)
    try:
        scanner = wait_until(lambda: child_named(site.kiosk.process.pid, "rollcall-scanner"), "the scanner runs")
        yield row("rollcall-server: start to listening", "ms", site.server_took_s * 1000)
        yield from rows_of("rollcall-server", site.server.process.pid)
        yield row("rollcall-kiosk: first start to its first view", "ms", site.kiosk_took_s * 1000)
        site.kiosk.stop()
        site.kiosk.screen.views.clear()
        yield row("rollcall-kiosk: start to its first view", "ms", timed(site.kiosk.start) * 1000)
        scanner = wait_until(lambda: child_named(site.kiosk.process.pid, "rollcall-scanner"), "the scanner runs")
        yield from rows_of("rollcall-kiosk", site.kiosk.process.pid)
        yield from rows_of("rollcall-scanner", scanner)
        if not is_quick:
            yield from measure_screen(site)
    finally:
        site.close()
