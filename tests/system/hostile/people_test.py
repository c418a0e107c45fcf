# SPDX-License-Identifier: Apache-2.0
"""The people's listener against strangers, clumsy programs and crowds."""

import json
import socket
import time
import unittest

import tap_unittest
from ground import Company, ask, memory_kib, read_answer, request

SESSIONS = "/api/v1/sessions"


class PeopleListener(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.token = cls.company.server.make_token("reader")
        cls.port = int(cls.company.server.api.rsplit(":", 1)[1])

    @classmethod
    def tearDownClass(cls):
        cls.company.close()

    def tearDown(self):
        self.assertIsNone(self.company.server.process.poll(), "the server has ended")

    def connect(self, timeout=15):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def ask(self, method, target, *headers, token=None):
        token = self.token if token is None else token
        with self.connect() as stream:
            return ask(stream, method, target, (*([f"Authorization: Bearer {token}"] if token else []), *headers))

    def test_the_right_token_is_let_in(self):
        answer = self.ask("GET", SESSIONS)
        self.assertEqual(answer.status, 200)
        self.assertIn(b"SAFE-1", answer.body)

    def test_no_wrong_or_cut_token_is_let_in(self):
        for token in ("", self.token[:-1], self.token + "A", self.token.lower(), self.token[4:], "rct_", "rct_" + "A" * 43, "' OR 1=1--",
                      "x" * 7000, self.token + "\t" + self.token, "*"):
            with self.subTest(token[:20]):
                answer = self.ask("GET", SESSIONS, token=token)
                self.assertEqual((answer.status, answer.headers.get("www-authenticate") is not None), (401, True))
                self.assertNotIn(b"SAFE-1", answer.body)
        for header in ("Authorization: " + self.token, "Authorization: Basic " + self.token, "Authorization: Bearer",
                       "Cookie: token=" + self.token):
            with self.subTest(header[:22]), self.connect() as stream:
                self.assertEqual(ask(stream, "GET", SESSIONS, (header,)).status, 401)

    def test_targets_that_lead_elsewhere_are_refused(self):
        for target in ("/%2e%2e/%2e%2e/etc/passwd", "/../etc/passwd", "/api/v1/sessions/%2e%2e/attendance", "/api/v1/sessions/..%2f..%2f/attendance",
                       "/api/v1/sessions/%00/attendance", "/%", "/%zz", "/api/v1/sessions/%ff/attendance", "/api/v1/sessions/%5c/attendance",
                       "/api/v1/sessions?after=%00", "/api/v1/sessions?limit=1&limit=2"):
            with self.subTest(target):
                self.assertEqual(self.ask("GET", target).status, 400)
        for target in ("/secrets/ca.key", "//etc/passwd", "/api/v1/sessions/a%27%20OR%201=1--/attendance", "/api/v1/sessions/%22/attendance",
                       "/api/v1/sessions//attendance", "/api/v1/Sessions", "/api/v1/sessions/", "/v1/ca", "/v1/kiosk/enrol"):
            with self.subTest(target):
                self.assertEqual(self.ask("GET", target).status, 404)
        for target in ("http://evil/", "api", "*", "/a b", "/\x7f"):
            with self.subTest(target):
                self.assertEqual(self.ask("GET", target).status, 400)

    def test_limits_and_cursors_are_bounded(self):
        for query in ("limit=0", "limit=-1", "limit=501", "limit=99999999999999999999", "limit=1e3", "limit=", "limit=0x10", "after=x", "after=-1",
                      "after='--"):
            with self.subTest(query):
                self.assertEqual(self.ask("GET", f"{SESSIONS}?{query}").status, 400)
        self.assertEqual(self.ask("GET", SESSIONS + "?limit=500").status, 200)
        self.assertEqual(self.ask("GET", SESSIONS + "/SAFE-1/attendance?format=xml").status, 400)
        self.assertEqual(self.ask("GET", SESSIONS + "/" + "x" * 1000 + "/attendance").status, 404)
        self.assertIn(self.ask("GET", "/" + "x" * 9000).status, (414, 431))

    def test_methods_that_nobody_offers(self):
        for method, wanted in (("TRACE", (405, 501)), ("CONNECT", (405, 501)), ("OPTIONS", (200, 204, 405)), ("DELETE", (405,)),
                               ("POST", (405,)), ("PUT", (405,)), ("BREW", (501, 405, 400)), ("get", (501, 400))):
            with self.subTest(method):
                answer = self.ask(method, SESSIONS)
                self.assertIn(answer.status, wanted)
                self.assertNotIn(self.token.encode(), answer.body, "a request is not sent back")
        with self.connect() as stream:
            stream.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
            self.assertEqual(read_answer(stream).status, 400)

    def test_head_is_a_get_without_its_body(self):
        with self.connect() as stream:
            stream.sendall(request("HEAD", SESSIONS, (f"Authorization: Bearer {self.token}", "Connection: close")))
            data = b""
            while piece := stream.recv(65536):
                data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200"))
        self.assertEqual(body, b"")

    def test_heads_beyond_their_limits_are_431(self):
        self.assertEqual(self.ask("GET", SESSIONS, *(f"X-{i}: 1" for i in range(62))).status, 200)  # and Host and Authorization
        self.assertEqual(self.ask("GET", SESSIONS, *(f"X-{i}: 1" for i in range(63))).status, 431)
        self.assertEqual(self.ask("GET", SESSIONS, "X-Long: " + "x" * 9216).status, 431)

    def raw(self, data):
        with self.connect() as stream:
            stream.sendall(data)
            return read_answer(stream).status

    def test_lines_that_proxies_read_in_two_ways_are_refused(self):
        line, end = b"GET /livez HTTP/1.1\r\nHost: x\r\n", b"\r\n"
        self.assertEqual(self.raw(line + end), 200)
        for name, data in (("bare LF", b"GET /livez HTTP/1.1\nHost: x\n\n"), ("bare LF in a field", line + b"A: b\nC: d\r\n" + end),
                           ("bare CR", line + b"A: b\rC: d\r\n" + end), ("NUL", line + b"A: \0\r\n" + end), ("folded", line + b"A: b\r\n c\r\n" + end),
                           ("space before the colon", line + b"A : b\r\n" + end), ("two hosts", line + b"Host: y\r\n" + end),
                           ("no host", b"GET /livez HTTP/1.1\r\n\r\n"), ("control byte", line + b"A: \x1b\r\n" + end),
                           ("two lengths", line + b"Content-Length: 0\r\nContent-Length: 0\r\n" + end),
                           ("length and coding", line + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n" + end + b"0\r\n\r\n")):
            with self.subTest(name):
                self.assertEqual(self.raw(data), 400)

    def test_what_a_stranger_sends_forges_no_line_of_the_log(self):
        self.ask("GET", "/nowhere%0a%3c0%3eforged", "User-Agent: \x1b[2J")
        self.ask("GET", "/%E2%80%AEforged/%C2%85x")
        with open(self.company.server.process.log_path, "rb") as log:
            for line in filter(None, log.read().split(b"\n")):
                self.assertRegex(line, rb"^<[0-7]>level=[a-z]+ msg=")
                self.assertNotRegex(line, rb"[\x00-\x1f\x7f]|\xe2\x80\xae|\xc2\x85")

    def test_300_connections_at_once_are_all_answered(self):
        before = memory_kib(self.company.server.process)
        streams = [self.connect() for _ in range(300)]
        try:
            for stream in streams:
                stream.sendall(request("GET", SESSIONS, (f"Authorization: Bearer {self.token}",)))
            self.assertEqual({read_answer(stream).status for stream in streams}, {200})
        finally:
            for stream in streams:
                stream.close()
        self.assertLess(memory_kib(self.company.server.process) - before, 64 << 10)

    def test_1000_pipelined_requests_are_answered_in_their_order(self):
        with self.connect() as stream:
            stream.sendall(b"".join(request("GET", "/livez" if i % 10 else "/nowhere") for i in range(1000)))
            data, end = b"", time.monotonic() + 20
            while data.count(b"HTTP/1.1 ") < 1000 and time.monotonic() < end:
                piece = stream.recv(65536)
                if not piece:
                    break
                data += piece
        self.assertEqual([part[:3] for part in data.split(b"HTTP/1.1 ")[1:]], [b"404" if i % 10 == 0 else b"200" for i in range(1000)])

    def test_a_half_closed_connection_still_gets_its_answer(self):
        with self.connect() as stream:
            stream.sendall(request("GET", SESSIONS, (f"Authorization: Bearer {self.token}",)))
            stream.shutdown(socket.SHUT_WR)
            self.assertEqual(read_answer(stream).status, 200)
            self.assertEqual(stream.recv(1), b"")

    def test_a_problem_says_no_more_than_it_must(self):
        answer = self.ask("GET", SESSIONS + "/NOBODY-1/attendance", "Accept-Language: zh-CN,en;q=0.5")
        problem = json.loads(answer.body)
        self.assertEqual((answer.status, problem["code"], problem["title"]), (404, "session", "没有这节课"))
        self.assertNotIn("sql", answer.body.decode().lower())


if __name__ == "__main__":
    tap_unittest.main()
