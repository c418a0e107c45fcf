#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The schema and the decoder say the same: models and thousands of damaged ones go to both."""
import copy
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(os.environ["RC_SOURCE"])
DECODER = pathlib.Path(os.environ["RC_BIN"]).parent / "tests" / "screen-decode-view"
sys.path.insert(0, str(SOURCE / "tests" / "system" / "screen"))
import models  # noqa: E402

SCHEMA = json.loads((SOURCE / "firmware/screen/view.schema.json").read_text(encoding="utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def is_valid(value, schema):
    """The words of JSON Schema that ours uses, and no other: an unknown one is an error here."""
    for word, arg in schema.items():
        if word in ("$schema", "$id", "$defs", "title", "description", "then", "maxLength"):
            continue  # maxLength: the screen cuts what is too long instead of refusing it
        if word == "$ref":
            good = is_valid(value, SCHEMA["$defs"][arg.rsplit("/", 1)[1]])
        elif word == "type":
            good = has_type(value, arg)
        elif word == "const":
            good = type(value) is type(arg) and value == arg
        elif word == "enum":
            good = value in arg
        elif word == "pattern":
            good = not isinstance(value, str) or re.search(arg, value) is not None and not value.endswith("\n")
        elif word in ("minimum", "maximum"):
            good = not has_type(value, "integer") or (value >= arg if word == "minimum" else value <= arg)
        elif word == "required":
            good = not isinstance(value, dict) or all(key in value for key in arg)
        elif word == "properties":
            good = not isinstance(value, dict) or all(is_valid(value[k], s) for k, s in arg.items() if k in value)
        elif word == "items":
            good = not isinstance(value, list) or all(is_valid(item, arg) for item in value)
        elif word == "maxItems":
            good = not isinstance(value, list) or len(value) <= arg
        elif word == "oneOf":
            good = sum(is_valid(value, s) for s in arg) == 1
        elif word == "allOf":
            good = all(is_valid(value, s) for s in arg)
        elif word == "if":
            good = not is_valid(value, arg) or is_valid(value, schema["then"])
        else:
            raise ValueError(f"the test does not know the schema's word {word}")
        if not good:
            return False
    return True


def places(value, path=()):
    """Every path in a model."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], path + (key,))
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, path + (i,))


STRANGE = [None, True, False, 0, 1, -1, 17, 1000000, 1000001, 2**53, 1.5, "", "x", "zh", "08:52", "8:52", "29:00", "signed_in",
           "Signed_in", "a" * 40, "a" * 41, "idle", "sent", "sure", [], {}, [{}], {"title": "x"}]


def damaged(model, rng):
    out = copy.deepcopy(model)
    path = rng.choice([p for p in places(out) if p])
    parent = out
    for step in path[:-1]:
        parent = parent[step]
    if rng.random() < 0.3 and isinstance(parent, dict):
        del parent[path[-1]]
    else:
        parent[path[-1]] = rng.choice(STRANGE)
    return out


def decode(candidates):
    lines = "".join(json.dumps(c, ensure_ascii=False) + "\n" for c in candidates)
    done = subprocess.run([DECODER], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().splitlines()


class Contract(unittest.TestCase):
    def test_every_model_of_the_gallery_is_good_on_both_sides(self):
        gallery = models.gallery()
        for (name, model), answer in zip(gallery.items(), decode(gallery.values())):
            self.assertTrue(is_valid(model, SCHEMA), name)
            self.assertEqual("ok", answer, name)

    def test_every_touch_of_the_schema_is_sent_by_the_screen_and_known_to_the_daemon(self):
        touches = set(SCHEMA["$defs"]["touch"]["properties"]["touch"]["enum"])
        screen = (SOURCE / "firmware/screen/view.c").read_text(encoding="utf-8")
        daemon = (SOURCE / "firmware/daemon/touches.c").read_text(encoding="utf-8")
        self.assertEqual(touches, set(re.findall(r'\[RC_VIEW_TOUCH_\w+\] = "(\w+)"', screen)))
        self.assertEqual(touches, set(re.findall(r'\{"(\w+)", RC_FLOW_TOUCH', daemon)))

    def test_a_key_has_a_character_and_no_other_touch_needs_one(self):
        touch = {"v": 1, "touch": "key", "key": "7", "touch_id": 3}
        schema = {"$ref": "#/$defs/touch"}
        for good in (touch, {**touch, "key": "-"}, {"v": 1, "touch": "confirm", "touch_id": 3}):
            self.assertTrue(is_valid(good, schema), good)
        for bad in ({**touch, "key": "a"}, {**touch, "key": "12"}, {**touch, "key": ""}, {"v": 1, "touch": "key", "touch_id": 3}):
            self.assertFalse(is_valid(bad, schema), bad)

    def test_schema_and_decoder_agree_about_damaged_models(self):
        rng = random.Random(7)
        gallery = list(models.gallery().values())
        candidates = [damaged(rng.choice(gallery), rng) for _ in range(4000)]
        answers = decode(candidates)
        self.assertEqual(len(candidates), len(answers))
        refused = 0
        for model, answer in zip(candidates, answers):
            self.assertEqual(is_valid(model, SCHEMA), answer == "ok",
                             f"{answer}: {json.dumps(model, ensure_ascii=False)}")
            refused += answer != "ok"
        self.assertGreater(refused, 1000)
        self.assertLess(refused, 4000)


if __name__ == "__main__":
    unittest.main()
