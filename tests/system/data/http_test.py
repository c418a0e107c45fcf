# SPDX-License-Identifier: Apache-2.0
"""Requests made by others to trip parsers and applications, sent to the people's listener as they are."""

import os
import re
import socket
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../hostile"))

import sets  # noqa: E402
import tap_unittest  # noqa: E402
from ground import Company  # noqa: E402

BLOCK = re.compile(r"<!-- meta=\{([^}]*)\} -->\n(.*?)```http\n(.*?)```(?:\s*```log\n(.*?)```)?", re.S)
ESCAPE = re.compile(r"\\(r|n|t|f|x[0-9a-fA-F]{2})")
PLAIN = {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}


def bytes_of(text):
    """The bytes that a block means: its line ends are CR LF, escapes are what they say."""
    text = text.removesuffix("\n").replace("\n", "\r\n")
    return ESCAPE.sub(lambda found: PLAIN.get(found[1]) or chr(int(found[1][1:], 16)), text).encode("latin-1", "replace")


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.addClassCleanup(cls.company.close)
        cls.token = cls.company.server.make_token()
        cls.port = int(cls.company.server.api.rsplit(":", 1)[1])

    def tearDown(self):
        self.assertIsNone(self.company.server.process.poll(), "the server has ended")

    def statuses(self, data):
        """The statuses of all answers to these bytes, after which nothing more comes."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as stream:
            got = b""
            try:
                stream.sendall(data)
                stream.shutdown(socket.SHUT_WR)
                while piece := stream.recv(65536):
                    got += piece
            except (ConnectionError, BrokenPipeError):
                pass  # cut, because nothing good can come
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]

    @sets.needs("hostile-http-parser")
    def test_requests_that_parsers_must_refuse_are_refused(self):
        count = 0
        for path in sets.files("hostile-http-parser", ".md"):
            for meta, _, request, log in BLOCK.findall(sets.read(path).decode()):
                count += 1
                with self.subTest(os.path.basename(path), request=request[:80]):
                    statuses = self.statuses(bytes_of(request))
                    self.assertTrue(all(status < 500 or status in (501, 505) for status in statuses), statuses)
                    before_error = log.split("error code=")[0] if "error code=" in log else None
                    if '"request"' in meta and before_error is not None and "message complete" not in before_error:
                        self.assertTrue(all(status >= 400 for status in statuses), statuses)
        self.assertGreater(count, 100)

    @sets.needs("hostile-http-attacks")
    def test_attacks_are_refused_and_never_obeyed(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("there is no python3-yaml")
        count = 0
        for path in sets.files("hostile-http-attacks", ".yaml"):
            for test in (yaml.safe_load(sets.read(path)) or {"tests": []})["tests"]:
                for stage in test["stages"]:
                    count += 1
                    with self.subTest(os.path.basename(path), test=test["test_id"]):
                        self.check_attack(stage.get("stage", stage)["input"])
        self.assertGreater(count, 300)

    def check_attack(self, given):
        data = str(given.get("data") or "").encode("utf-8", "replace")
        headers = {**(given.get("headers") or {}), "Authorization": "Bearer " + self.token}
        if data and not any(name.lower() in ("content-length", "transfer-encoding") for name in headers):
            headers["Content-Length"] = len(data)
        head = f"{given.get('method', 'GET')} {given.get('uri', '/')} {given.get('version', 'HTTP/1.1')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        statuses = self.statuses(head.encode("utf-8", "replace") + data)
        self.assertTrue(all(400 <= status < 500 or status in (501, 505) for status in statuses), statuses)


if __name__ == "__main__":
    tap_unittest.main()
