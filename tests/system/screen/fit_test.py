#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No text is cut, outside its place or over another one: all models and the longest names, each size, 100 % and 200 %.

The program itself measures (--check-layout). With RC_SHARED_DATA the longest names of its set hr-names are shown too."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import gallery
import tap_unittest
import models

SCREEN = pathlib.Path(os.environ["RC_BIN"]) / "rollcall-screen"
LONG = {
    "zh": ["阿卜杜热西提·买买提吐尔逊·艾合买提江·吐尔洪阿吉·玉素甫哈斯", "欧阳上官司马诸葛夏侯皇甫尉迟公孙慕容宇文长孙令狐东方赫连澹台"],
    "en": ["Maximiliana Featherstonehaugh-Cholmondeley", "Hubertus Blaine Wolfeschlegelsteinhausenbergerdorff",
           "Venkatanarasimharajuvaripeta Subrahmanyam Ramachandran"],
}
TITLES = {"zh": "危险化学品生产经营单位主要负责人和安全生产管理人员再培训（第三期）",
          "en": "Refresher for supervisors of hydraulic and mechanical presses, part 3"}


def longest_names():
    """The five longest by characters, of each file, where the set is there."""
    folder = pathlib.Path(os.environ.get("RC_SHARED_DATA", "/nowhere")) / "hr-names"
    names = []
    for path in sorted(folder.glob("*-names-*.txt")):
        lines = path.read_text(encoding="utf-8-sig").split()
        names += sorted(lines, key=len)[-5:]
    return names


def with_name(name, lang, verdict, other):
    behind = (dict(models.CHEN, name=name, lang=lang), dict(models.EMMA, name=other, verdict="walk_in_waiting"))
    extra = models.EXTRA.get((verdict, lang), {})
    return models.greeting(verdict, lang, **{**extra, "name": name, "session": TITLES[lang]}, behind=behind)


def long_models():
    """{name: model}: the longest names as greeting, companion and row, and the longest titles."""
    out = {}
    for lang, names in LONG.items():
        session = dict(models.SESSION[lang], title=TITLES[lang], trainer=names[0])
        out[f"idle-title-{lang}"] = models.view(lang=lang, session=session)
        choices = [dict(choice, title=TITLES[lang]) for choice in models.CHOICES]
        for i, name in enumerate(names):
            for verdict in ("signed_in", "already", "wrong_room", "walk_in_waiting", "cancelled", "expired"):
                out[f"{verdict}-{lang}-{i}"] = with_name(name, lang, verdict, names[(i + 1) % len(names)])
            out[f"choices-{lang}-{i}"] = models.greeting("choose_session", lang, name=name, choices=choices)
    for i, name in enumerate(longest_names()):
        lang = "en" if name.isascii() else "zh"
        out[f"set-{i}"] = with_name(name, lang, "signed_in", name)
    return out


class Fit(unittest.TestCase):
    def check(self, shown, *options):
        """The program's findings on `shown` at every size."""
        with tempfile.TemporaryDirectory() as folder, gallery.display() as number:
            for name, model in shown.items():
                (pathlib.Path(folder) / f"{name}.json").write_text(json.dumps(model, ensure_ascii=False), encoding="utf-8")
            for size in gallery.SIZES:
                with self.subTest(size=size, options=options):
                    run = subprocess.run([SCREEN, "--models", folder, "--check-layout", "--size", size, *options],
                                         env=gallery.environment(number), stdout=subprocess.PIPE, encoding="utf-8")
                    self.assertEqual("", run.stdout.replace(folder + "/", ""))
                    self.assertEqual(0, run.returncode)

    def test_every_model_can_be_read_whole(self):
        self.check(models.gallery())

    def test_every_model_can_be_read_whole_in_large_letters(self):
        self.check(models.gallery(), "--text", "200")

    def test_the_longest_names_and_titles_are_never_cut(self):
        self.assertTrue(all(len(name) >= 30 for names in LONG.values() for name in names))
        self.check(long_models())

    def test_the_longest_names_and_titles_are_never_cut_in_large_letters(self):
        self.check(long_models(), "--text", "200")

    def test_what_is_cut_is_found(self):
        # A panel so small that its letters can't keep their places: the check must say so, or it would never.
        with tempfile.TemporaryDirectory() as folder, gallery.display() as number:
            model = pathlib.Path(folder) / "m.json"
            model.write_text(json.dumps(models.view(count={"here": 1000000, "expected": 1000000})), encoding="utf-8")
            run = subprocess.run([SCREEN, "--model", model, "--check-layout", "--size", "800x480", "--text", "200"],
                                 env=gallery.environment(number), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
        self.assertIn("1000000", run.stdout)
        self.assertEqual(1, run.returncode)


if __name__ == "__main__":
    tap_unittest.main()
