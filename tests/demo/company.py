#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A small company and one morning at a door, made up before anything starts.

Writes the tables that HR would import (rooms, employees, sessions, registrations), the order in which people come
(arrivals.tsv) and what must come of it (expected.json). It shares no code and no database with kiosk and server: what it
expects is worked out here, from the rules as a person would apply them.
"""

import argparse
import csv
import json
import os
import random
from datetime import datetime, timedelta, timezone

ROOM, OTHER_ROOM = "3F-305", "3F-302"

PEOPLE = [  # name, language
    ("张伟", "zh"), ("王芳", "zh"), ("李娜", "zh"), ("刘洋", "zh"), ("陈晓明", "zh"), ("杨丽华", "zh"),
    ("赵磊", "zh"), ("黄秀英", "zh"), ("周杰", "zh"), ("吴敏", "zh"), ("徐静", "zh"), ("孙涛", "zh"),
    ("朱𠮷祥", "zh"), ("欧阳雪梅", "zh"), ("马超", "zh"), ("胡志强", "zh"), ("郭建国", "zh"), ("何龘", "zh"),
    ("高翔", "zh"), ("林志玲", "zh"), ("Emma Collins", "en"), ("James O’Connor", "en"), ("Sofia Müller", "en"),
    ("Liam Chen", "en"), ("Olivia Smith-Jones", "en"), ("Noah Brown", "en"), ("Ava Johnson", "en"),
    ("Lucas Martin", "en"), ("Mia Wang", "en"), ("Ethan Lee", "en"),
]
DEPARTMENTS = ["生产一部", "生产二部", "质量部", "设备部"]


def morning_offset(now):
    """It is always morning at this door: the offset from UTC at which it is nine now."""
    hours = (9 - now.hour + 12) % 24 - 12
    return hours, timezone(timedelta(hours=hours))


def employees():
    rows = []
    for i, (name, language) in enumerate(PEOPLE):
        rows.append({
            "number": f"{i % 4 + 1:03d}-{i // 4 + 1:02d}", "name": name, "language": language,
            "department": DEPARTMENTS[i % 4], "position": "生产族-操作序列-初级工",
            "role": "trainer" if i == 29 else "employee",
        })
    return rows


def sessions(now, offset):
    """Three sessions around now: one that opens, one that has been running for a while, one in another room."""
    def local(minutes):
        return (now + timedelta(minutes=minutes)).astimezone(offset).replace(second=0).strftime("%Y-%m-%d %H:%M")

    return [
        {"session": "SAFE-1", "course": "T-001-01", "title_zh": "安全操作规程", "title_en": "Safe operation",
         "room": ROOM, "starts": local(15), "ends": local(165), "walk_in": "free"},
        {"session": "FORK-1", "course": "T-002-01", "title_zh": "叉车复训", "title_en": "Forklift refresher",
         "room": ROOM, "starts": local(-45), "ends": local(75), "walk_in": "no"},
        {"session": "LEAD-1", "course": "T-003-01", "title_zh": "领导力基础", "title_en": "Leading people",
         "room": OTHER_ROOM, "starts": local(10), "ends": local(100), "walk_in": "free"},
    ]


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def plan(people, seed):
    """Who is registered where, who comes in which order, and what the screen must say to each."""
    numbers = [p["number"] for p in people]
    on_time, late, elsewhere = numbers[0:16], numbers[16:19], numbers[19:22]
    walk_ins, absent, revoked = numbers[22:24], numbers[24:26], numbers[26]
    registrations = [("SAFE-1", n) for n in on_time + absent + [revoked]]
    registrations += [("FORK-1", n) for n in late] + [("LEAD-1", n) for n in elsewhere]

    arrivals = [(n, "signed_in", False) for n in on_time]
    arrivals += [(n, "signed_in", True) for n in late]
    arrivals += [(n, "wrong_room", False) for n in elsewhere[:2]]
    arrivals += [(n, "walk_in", False) for n in walk_ins]
    random.Random(seed).shuffle(arrivals)
    arrivals.insert(5, (revoked, "revoked", False))
    arrivals.insert(9, ("stranger", "unknown", False))
    again = next(a for a in arrivals[:8] if a[1] == "signed_in")
    arrivals.insert(12, (again[0], "already", False))
    return registrations, arrivals, {"revoked": revoked, "never_shown": absent}


def expected_lists(people, registrations, arrivals):
    """For each session: number → what HR must see. Nobody else may stand there."""
    lists = {"SAFE-1": {}, "FORK-1": {}, "LEAD-1": {}}
    home = {}
    for session, number in registrations:
        lists[session][number] = "expected"
        home[number] = session
    for number, verdict, is_late in arrivals:
        if verdict == "signed_in":
            lists[home[number]][number] = "late" if is_late else "present"
        elif verdict == "walk_in":
            lists["SAFE-1"][number] = "present"
    names = {p["number"]: p["name"] for p in people}
    return {s: [{"number": n, "name": names[n], "state": state} for n, state in sorted(rows.items())]
            for s, rows in lists.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", required=True, help="where the files go")
    parser.add_argument("--seed", type=int, default=1, help="another order of people")
    options = parser.parse_args()
    os.makedirs(options.dir, exist_ok=True)
    now = datetime.now(timezone.utc)
    hours, offset = morning_offset(now)
    people = employees()
    names = {p["number"]: p for p in people}
    registrations, arrivals, roles = plan(people, options.seed)

    def path(name):
        return os.path.join(options.dir, name)

    site = {"site": "HQ", "utc_offset": f"{'-' if hours < 0 else '+'}{abs(hours):02d}:00"}
    write_csv(path("rooms.csv"), [
        {"room": ROOM, **site, "name_zh": "培训室", "name_en": "Training room",
         "way_zh": "三楼左转第一间", "way_en": "Third floor, first left"},
        {"room": OTHER_ROOM, **site, "name_zh": "研讨室", "name_en": "Seminar room",
         "way_zh": "上楼右转第二间", "way_en": "Upstairs, second right"},
    ])
    write_csv(path("employees.csv"), people)
    write_csv(path("sessions.csv"), sessions(now, offset))
    write_csv(path("registrations.csv"), [{"session": s, "number": n} for s, n in registrations])
    with open(path("arrivals.tsv"), "w", encoding="utf-8") as out:
        out.write("badge\tverdict\tis_late\tname\tlanguage\n")
        for number, verdict, is_late in arrivals:
            # A dead badge opens no name, a stranger has none.
            is_named = verdict not in ("revoked", "unknown")
            person = names.get(number, {"name": "", "language": "zh"})
            out.write(f"{number}\t{verdict}\t{int(is_late)}\t{person['name'] if is_named else ''}\t{person['language']}\n")
    with open(path("expected.json"), "w", encoding="utf-8") as out:
        json.dump({"room": ROOM, "lists": expected_lists(people, registrations, arrivals), **roles}, out,
                  ensure_ascii=False, indent=1)
    print(f"{len(people)} people, {len(registrations)} registrations, {len(arrivals)} arrivals in {options.dir}")


if __name__ == "__main__":
    main()
