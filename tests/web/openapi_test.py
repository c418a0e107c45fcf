# SPDX-License-Identifier: Apache-2.0
"""docs/api/openapi.json in the hands of tools that others use: it is linted, and a typed client is made of it and compiled.

The tools come by npm, with the versions and hashes of package-lock.json, into build/web, once for all builds. The first run needs
the network; where npm isn't installed the tests are skipped and say so.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import tap_unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "../..")
OPENAPI = os.path.join(SOURCE, "docs/api/openapi.json")
TOOLS = os.path.join(SOURCE, "build/web")
HAS_NPM = shutil.which("npm") is not None and shutil.which("node") is not None


def install_tools():
    """`npm ci` unless these very versions are there already; one process at a time."""
    os.makedirs(TOOLS, exist_ok=True)
    with open(os.path.join(HERE, "package-lock.json"), "rb") as lock:
        wanted = hashlib.sha256(lock.read()).hexdigest()
    stamp = os.path.join(TOOLS, "installed")
    with open(os.path.join(TOOLS, "lock"), "w", encoding="ascii") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if os.path.exists(stamp):
            with open(stamp, encoding="ascii") as text:
                if text.read() == wanted:
                    return
            os.unlink(stamp)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(HERE, name), TOOLS)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=TOOLS, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(f"npm ci failed: is there a network and a registry?\n{done.stdout}")
        with open(stamp, "w", encoding="ascii") as text:
            text.write(wanted)


@unittest.skipUnless(HAS_NPM, "npm isn't installed: apt-get install nodejs npm, or Node 18 or later with its npm")
class Description(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install_tools()
        cls.folder = tempfile.mkdtemp(prefix="rc-web-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        os.symlink(os.path.join(TOOLS, "node_modules"), os.path.join(cls.folder, "node_modules"))
        for name in ("client.ts", "tsconfig.json", "spectral.json"):
            shutil.copy(os.path.join(HERE, name), cls.folder)

    def tool(self, name, *arguments):
        return subprocess.run([os.path.join("node_modules/.bin", name), *arguments], cwd=self.folder, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def lint(self, document):
        path = os.path.join(self.folder, "linted.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(document, out)
        return self.tool("spectral", "lint", "--ruleset", "spectral.json", "--fail-severity=hint", path)

    def load(self):
        with open(OPENAPI, encoding="utf-8") as text:
            return json.load(text)

    def test_no_rule_finds_anything(self):
        done = self.lint(self.load())
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_rules_find_what_is_wrong(self):
        def forget_name(document):
            del document["paths"]["/livez"]["get"]["operationId"]

        def forget_role(document):
            del document["paths"]["/api/v1/rooms"]["get"]["x-rollcall-role"]

        def plain_refusal(document):
            content = document["paths"]["/api/v1/rooms"]["get"]["responses"]["400"]["content"]
            content["application/json"] = content.pop("application/problem+json")

        def example_of_another_type(document):
            document["components"]["schemas"]["Room"]["properties"]["code"]["example"] = 1

        def lost_reference(document):
            document["paths"]["/api/v1/rooms"]["get"]["parameters"][0]["$ref"] = "#/components/parameters/none"

        def undescribed_schema(document):
            del document["components"]["schemas"]["Room"]["description"]

        def answer_without_example(document):
            del document["paths"]["/api/v1/rooms"]["get"]["responses"]["200"]["content"]["application/json"]["example"]

        def unknown_role(document):
            document["paths"]["/api/v1/rooms"]["get"]["x-rollcall-role"] = "everybody"

        for change in (forget_name, unknown_role, undescribed_schema, answer_without_example, forget_role, plain_refusal, example_of_another_type, lost_reference):
            with self.subTest(change.__name__):
                document = self.load()
                change(document)
                self.assertNotEqual(self.lint(document).returncode, 0)

    def test_a_typed_client_compiles_and_wrong_calls_do_not(self):
        done = self.tool("openapi-typescript", os.path.abspath(OPENAPI), "--output", "interface.d.ts")
        self.assertEqual(done.returncode, 0, done.stdout)
        done = self.tool("tsc", "--project", "tsconfig.json")
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    tap_unittest.main()
