#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing that a person reads escapes the catalogues, and both say the same with the glossary's words."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SCREEN = pathlib.Path(os.environ["RC_SOURCE"]) / "firmware" / "screen"
GLOSSARY = pathlib.Path(os.environ["RC_SOURCE"]) / "docs" / "glossary.tsv"
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# Files whose capitalised English is for operators (options, log) and never on the panel.
FOR_OPERATORS = {"main.c", "connection.c", "view.c"}


def read_po(path):
    """{msgid: [msgstr, …]} as gettext itself understands the file."""
    text = subprocess.run(["msgcat", "--no-wrap", path], stdout=subprocess.PIPE, check=True).stdout.decode()
    entries, current = {}, None
    for line in text.splitlines():
        match = re.match(r'(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', line) or re.match(r'()(".*")$', line)
        if not match:
            continue
        word, value = match.group(1), eval(match.group(2))  # a C string without escapes that Python lacks
        if word == "msgid":
            current, target = [value, []], "id"
        elif word == "msgid_plural":
            target = "plural"
        elif word.startswith("msgstr"):
            current[1].append(value)
            entries[current[0]] = current[1]
            target = "str"
        elif target == "id":
            current[0] += value
        elif target == "str":
            current[1][-1] += value
    return {key: texts for key, texts in entries.items() if key}


def without_comments(source):
    return re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), source, flags=re.S)


class Translations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.zh, cls.en = read_po(SCREEN / "po/zh_CN.po"), read_po(SCREEN / "po/en.po")
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "all.pot"
            subprocess.run(["xgettext", "--from-code=UTF-8", "-kN_", "-krc_text:2", "-krc_text_plural:2,3", "-o", out,
                            *sorted(SCREEN.rglob("*.c"))], check=True)
            cls.used = read_po(out)

    def test_every_text_of_the_sources_is_in_both_catalogues(self):
        self.assertGreater(len(self.used), 80)
        for key in self.used:
            self.assertIn(key, self.zh)
            self.assertIn(key, self.en)
            self.assertTrue(all(self.zh[key]) and all(self.en[key]), key)

    def test_the_catalogues_hold_no_text_that_nobody_uses(self):
        self.assertEqual(set(self.used), set(self.zh))
        self.assertEqual(set(self.used), set(self.en))

    def test_nothing_is_fuzzy(self):
        for name in ("zh_CN.po", "en.po"):
            self.assertNotIn("fuzzy", (SCREEN / "po" / name).read_text(encoding="utf-8"))

    def test_placeholders_are_the_same_on_both_sides(self):
        def names(text):
            return sorted(re.findall(r"\{(\w+)\}", text))

        for key in self.used:
            for text in self.zh[key] + self.en[key]:
                self.assertEqual(names(key), names(text), key)

    def test_chinese_is_chinese_and_english_is_english(self):
        for key, texts in self.zh.items():
            stripped = re.sub(r"\{\w+\}|[ ·]", "", texts[0])
            self.assertTrue(CJK.search(texts[0]) or not stripped, f"{key}: {texts[0]}")
            self.assertIsNone(re.search("[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", texts[0])), texts[0])
        for key, texts in self.en.items():
            for text in texts:
                self.assertIsNone(CJK.search(text) if key != "English" or text != "English" else None, text)

    def test_no_source_holds_a_text_outside_the_catalogues(self):
        for path in sorted([*SCREEN.rglob("*.c"), *SCREEN.rglob("*.h")]):
            source = without_comments(path.read_text(encoding="utf-8"))
            source = re.sub(r"#include.*", "", source)
            # What --help prints stands in both languages beside its option.
            for literal in STRING.findall(source) if path.name != "main.c" else ():
                self.assertIsNone(CJK.search(literal), f"{path.name}: {literal}")
            marked = re.sub(r"(N_|rc_text_plural)\s*\((?:[^()]|\([^()]*\))*\)", "", source)
            for literal in STRING.findall(marked):
                if path.name not in FOR_OPERATORS and re.search(r"[A-Z][a-z]+ ?[a-z]*", literal):
                    self.assertIn(literal, ALLOWED, f"{path.name}: {literal} is in no catalogue")

    def test_glossary_words_are_used_where_their_english_stands(self):
        rows = [line.split("\t") for line in GLOSSARY.read_text(encoding="utf-8").splitlines()[1:]]
        self.assertGreater(len(rows), 25)
        for english, chinese, wrong, *_ in rows:
            for key, texts in self.zh.items():
                if re.search(rf"\b{re.escape(english)}s?\b", key, re.I) and key not in FREE.get(english, ()):
                    with self.subTest(english=english, key=key, zh=texts[0]):
                        self.assertTrue(any(word in texts[0] for word in chinese.split("|")))
                for bad in filter(None, wrong.split("|")):
                    self.assertNotIn(bad, texts[0])

    def test_lines_keep_the_tone(self):
        for texts in [*self.zh.values(), *self.en.values()]:
            for text in texts:
                self.assertNotRegex(text, "[!！]|错误|(?i:error|invalid|failed)|未授权")


# Font names and CSS class names, seen by nobody.
ALLOWED = {'"Inter,Noto Sans CJK SC,sans-serif"'}

# Sentences whose English uses a glossary's word in another sense, or whose Chinese rightly leaves it out.
FREE = {
    "waiting": {"Waiting for the trainer", "waiting for the trainer"},
    "session": {"Which session?"},
    "badge": {"Hold up\nyour badge", "Then get a new badge from HR."},
    "picture": {"Camera picture"},
    "room": {"Room {room}", "Room {room} {name}"},
}

if __name__ == "__main__":
    unittest.main()
