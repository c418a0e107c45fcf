# SPDX-License-Identifier: Apache-2.0
"""View models for tests and pictures. `models.py FOLDER` writes them all as JSON files."""
import copy
import json
import pathlib
import sys

SESSION = {
    "zh": {"title": "安全操作规程", "starts": "09:00", "ends": "11:30", "trainer": "王丽"},
    "en": {"title": "Safe operation of presses", "starts": "09:00", "ends": "11:30", "trainer": "Wang Li"},
}
CHEN = {"verdict": "signed_in", "late_min": 0, "name": "陈晓明", "lang": "zh", "at": "08:52"}
EMMA = {"verdict": "signed_in", "late_min": 0, "name": "Emma Collins", "lang": "en", "at": "08:51"}
NAMES = {"zh": "张伟", "en": "Daniel Whitmore"}
VERDICTS = ["signed_in", "already", "signed_out", "walk_in", "walk_in_waiting", "choose_session", "wrong_room", "too_early",
            "closed", "cancelled", "not_registered", "unknown", "revoked", "expired", "replayed", "malformed", "clock_unsure"]
NAMELESS = {"unknown", "malformed", "replayed"}


def view(screen="idle", lang="zh", main=None, recent=(), **header):
    return {
        "v": 1, "screen": screen, "lang": lang,
        "header": {"time": "08:52", "time_sure": True, "room": "3F-305", "room_name": "培训室",
                   "session": SESSION[lang], "count": {"here": 18, "expected": 24}, **header},
        "main": main or {}, "recent": list(recent),
        "sync": {"state": "sent", "waiting": 0, "clock": "sure", "last_contact": "08:51"},
        "touch_id": 17,
    }


def greeting(verdict, lang, name=None, at="08:52", behind=(CHEN, EMMA), **fields):
    """A greeting with two scans before it in the stack."""
    if name is None:
        name = "" if verdict in NAMELESS else NAMES[lang]
    main = {"verdict": verdict, "late_min": 0, "lang": lang, "name": name, "at": at, "since": "",
            "session": SESSION[lang]["title"], "room": "", "way": "", "starts": "", "opens": "", **fields}
    own = {"verdict": verdict, "late_min": main["late_min"], "name": name, "lang": lang, "at": at}
    return view("greeting", lang, main, [own, *behind], time=at)


def unsure(model, waiting=12):
    model = copy.deepcopy(model)
    model["header"]["time_sure"] = False
    model["sync"] = {"state": "waiting", "waiting": waiting, "clock": "unsure", "last_contact": "06:10"}
    return model


EXTRA = {
    ("already", "zh"): {"since": "08:49", "name": "李娜"},
    ("already", "en"): {"since": "08:49", "name": "Priya Raman"},
    ("wrong_room", "zh"): {"room": "3F-302", "way": "上楼右转第二间", "starts": "14:00", "name": "刘洋", "at": "13:52", "session": "领导力基础"},
    ("wrong_room", "en"): {"room": "3F-302", "way": "Upstairs, second right", "starts": "14:00", "name": "Noah Fischer", "at": "13:52",
                           "session": "Leadership basics"},
    ("too_early", "zh"): {"opens": "08:45", "starts": "09:00", "name": "周婷", "at": "08:26"},
    ("too_early", "en"): {"opens": "08:45", "starts": "09:00", "name": "Noah Fischer", "at": "08:26"},
}


CHOICES = [{"title": "安全操作规程", "room": "3F-305 培训室", "starts": "09:00", "ends": "11:30"},
           {"title": "新员工入职培训", "room": "3F-305 培训室", "starts": "09:15", "ends": "12:00"}]


def sheet(kind, lang, screen=None, recent=(), **fields):
    """A model with a sheet over idle, or over `screen`."""
    model = copy.deepcopy(screen) if screen else view(lang=lang, recent=recent)
    model["sheet"] = {"kind": kind, **fields}
    return model


def number(lang, typed="", page="digits", **more):
    return sheet("number", lang, typed=typed, page=page, session=SESSION[lang]["title"], **more)


def status(lang, trouble="none", contact="08:51", screen=None):
    return sheet("status", lang, screen=screen, trouble=trouble, contact=contact, version="1.4.0")


def with_no_badge(model):
    return {**model, "no_badge": True}


def with_camera(model, state):
    return {**model, "camera": state}


def cameras(lang):
    """{name: model} of what is said where no code can be read."""
    next_session = {**{key: SESSION[lang][key] for key in ("title", "starts", "ends")}, "opens": "08:45"}
    enrol = view("enrol", lang, {"state": "show_code", "reason": ""}, time="08:31", session=None, count=None, room="", room_name="")
    return {f"camera-{name}": with_camera(model, "none" if name.startswith("none") else "away") for name, model in {
        "away": with_no_badge(view(lang=lang)),
        "away-trainer": view(lang=lang),
        "away-offline": with_no_badge(unsure(view(lang=lang, recent=[CHEN, EMMA]))),
        "away-closed": view(lang=lang, session=None, count=None),
        "away-next": view(lang=lang, session=None, count=None, time="08:20", next=next_session),
        "away-enrol": unsure(enrol),
        "away-claimed": greeting("claimed", lang, name=""),
        "away-number": number(lang, "20417"),
        "none": with_no_badge(view(lang=lang)),
        "none-closed": view(lang=lang, session=None, count=None),
        "none-enrol": unsure(enrol),
    }.items()}


def sheets(lang):
    """{name: model} of all that touches open, and of what follows from them."""
    next_session = {**{key: SESSION[lang][key] for key in ("title", "starts", "ends")}, "opens": "08:45"}
    return {
        "idle-no-badge": with_no_badge(view(lang=lang)),
        "unknown-no-badge": with_no_badge(greeting("unknown", lang)),
        "idle-no-badge-offline": with_no_badge(unsure(view(lang=lang))),
        "number-empty": number(lang),
        "number-typed": number(lang, "20417"),
        "number-letters": number(lang, "20417-B", "letters"),
        "number-longest": number(lang, "WMWMWMWMWM0123456789"),
        "number-longest-letters": number(lang, "WMWMWMWMWM0123456789", "letters"),
        "number-scan": number(lang, "204", recent=[CHEN, EMMA]),
        "which": sheet("which", lang, choices=CHOICES),
        "later": sheet("later", lang),
        "status-sent": status(lang),
        "status-sending": status(lang, screen=unsure(view(lang=lang))),
        "status-network": status(lang, "network", "11-22 17:04", unsure(view(lang=lang), 1241)),
        "status-server": status(lang, "server", screen=unsure(view(lang=lang))),
        "status-certificate": status(lang, "certificate", "", unsure(view(lang=lang))),
        "status-refused": status(lang, "refused", screen=unsure(view(lang=lang))),
        "claimed": greeting("claimed", lang, name=""),
        "claimed-row": greeting("signed_in", lang, behind=(dict(CHEN, verdict="claimed", name="", lang=lang), EMMA)),
        "idle-next": view(lang=lang, session=None, count=None, time="08:20", next=next_session),
    }


def gallery():
    """{name: model}: each screen and each verdict in both languages."""
    out = {}
    for lang in ("zh", "en"):
        out[f"idle-{lang}"] = view(lang=lang)
        out[f"idle-stack-{lang}"] = view(lang=lang, recent=[CHEN, EMMA])
        out[f"wait-{lang}"] = view("wait", lang)
        for state, reason in (("show_code", ""), ("connecting", ""), ("failed", "expired"), ("done", "")):
            enrol = view("enrol", lang, {"state": state, "reason": reason}, time="08:31", session=None, count=None, room="", room_name="")
            enrol = unsure(enrol)
            out[f"enrol-{state}-{lang}"] = enrol
        for verdict in VERDICTS:
            out[f"{verdict}-{lang}"] = greeting(verdict, lang, **EXTRA.get((verdict, lang), {}))
        out[f"late-{lang}"] = greeting("signed_in", lang, late_min=7, at="09:07")
        out[f"nameless-{lang}"] = greeting("signed_in", lang, name="")
        out[f"choices-{lang}"] = greeting("choose_session", lang, choices=CHOICES)
        out[f"fault-{lang}"] = view("fault", lang)
        out[f"idle-offline-{lang}"] = unsure(view(lang=lang))
        out[f"idle-closed-{lang}"] = view(lang=lang, session=None, count=None)
        out.update({f"{name}-{lang}": model for name, model in {**sheets(lang), **cameras(lang)}.items()})
    out["other-zh"] = greeting("beamed_in", "zh")
    out["long-en"] = greeting("signed_in", "en", name="Maximiliana Featherstonehaugh-Cholmondeley",
                              behind=(dict(EMMA, name="Bartholomew Featherstonehaugh"), dict(CHEN, verdict="not_registered", name="")))
    out["long-zh"] = greeting("wrong_room", "zh", name="阿卜杜热西提·买买提吐尔逊", room="培训中心大报告厅",
                              way="请从东侧楼梯上到三楼，出门以后沿着走廊一直走到头再向右转", starts="14:00")
    out["full-zh"] = view(count={"here": 53, "expected": 60})
    out["hall-zh"] = view(count={"here": 180, "expected": 240})
    return out


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in gallery().items():
        (folder / f"{name}.json").write_text(json.dumps(model, ensure_ascii=False), encoding="utf-8")
