#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Other people's attackers against a server of ours: slowhttptest, sslscan and testssl, and their collections of bad requests.

./dev hostile runs it; it takes some minutes and packages that nothing else needs, so it is no part of ./dev test. The collections are looked
for in RC_SHARED_DATA; without them those tests are skipped.
"""

import glob
import json
import os
import re
import socket
import subprocess
import sys
import unittest
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../system/hostile"), os.path.join(HERE, "../tools")]

import tap_unittest  # noqa: E402
from ground import Company, read_answer  # noqa: E402

CONNECTIONS = 200   # below what one address may have, so that the deadlines are tried and not the limit
GIVEN_UP_S = 90     # every deadline of the server is over by then
MEANT = {           # findings of testssl above "LOW" that are as we want them, and why
    "cert_trust": "the scanner doesn't know the company's own CA",
    "cert_chain_of_trust": "the scanner doesn't know the company's own CA",
    "cert_notAfter": "the certificate is renewed by the server",
    "cert_expirationStatus": "the certificate is renewed by the server",
    "cert_validityPeriod": "not a certificate of the public web",
    "cert_revocation": "the company's own CA has neither CRL nor OCSP: shutting out is the server's list",
    "cert_crlDistributionPoints": "as above",
    "cert_ocspURL": "as above",
    "cert_subjectAltName": "kiosks are told the name",
    "DNS_CAArecord": "not a name of the public web",
    "overall_grade": "made of the findings above",
}


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.people = int(cls.company.server.api.rsplit(":", 1)[1])
        cls.device = cls.company.server.device_port

    @classmethod
    def tearDownClass(cls):
        cls.company.close()

    def tearDown(self):
        self.assertIsNone(self.company.server.process.poll(), "the server has ended")
        self.assertIn(self.ask(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").status, (200, 429))  # it may have asked too much

    def ask(self, data):
        """None: closed without an answer."""
        with socket.create_connection(("127.0.0.1", self.people), 20) as stream:
            try:
                stream.sendall(data)
                stream.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before all was sent
            return read_answer(stream)

    # ---- slowhttptest

    def open_files(self):
        return len(os.listdir(f"/proc/{self.company.server.process.pid}/fd"))

    def slow(self, *options):
        before = self.open_files()
        run = subprocess.run(["slowhttptest", *options, "-c", str(CONNECTIONS), "-r", "100", "-l", str(GIVEN_UP_S), "-p", "5"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=GIVEN_UP_S + 60)
        text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", run.stdout.decode("utf-8", "replace"))
        served = re.findall(r"service available:\s+(YES|NO)", text)
        self.assertTrue(served, text[-2000:])
        self.assertNotIn("NO", served, "others were not served")
        ended = re.findall(r"Exit status:\s+(.*)", text)
        print("#", " ".join(options[:1]), ":", (ended or ["?"])[-1].strip())
        self.assertLess(self.open_files(), before + 20, "connections were still open at the end")

    def url(self, path="/livez"):
        return f"http://127.0.0.1:{self.people}{path}"

    def test_heads_that_trickle(self):
        self.slow("-H", "-i", "1", "-u", self.url())

    def test_bodies_that_trickle(self):
        self.slow("-B", "-i", "1", "-s", "4096", "-u", self.url("/api/v1/programs"))

    def test_ranges(self):
        self.slow("-R", "-u", self.url())

    def test_answers_that_are_read_slowly(self):
        self.slow("-X", "-n", "1", "-w", "1", "-y", "1", "-z", "1", "-k", "3", "-u", self.url("/openapi.json"))

    # ---- TLS

    def test_sslscan_finds_no_old_version_and_no_weak_suite(self):
        out = subprocess.run(["sslscan", "--xml=-", "--no-colour", f"127.0.0.1:{self.device}"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, check=True, timeout=120).stdout
        tree = xml.fromstring(out)
        spoken = {(p.get("type"), p.get("version")) for p in tree.iter("protocol") if p.get("enabled") == "1"}
        suites = {c.get("cipher") for c in tree.iter("cipher")}
        print("#", sorted(spoken), sorted(suites))
        # Its probe for a version offers no curves, to which an ECDSA server has no answer: testssl tells which versions are spoken. What
        # it must not find it could find: the certificate shows that it got through.
        self.assertTrue(list(tree.iter("certificate")))
        self.assertLessEqual(spoken, {("tls", "1.2"), ("tls", "1.3")})
        for suite in suites:
            self.assertRegex(suite, r"^(ECDHE-ECDSA-.*(GCM|POLY1305|CCM)|TLS_)", "not ephemeral or not authenticated")
        self.assertEqual({h.get("vulnerable") for h in tree.iter("heartbleed")} - {"0"}, set())
        self.assertEqual({c.get("supported") for c in tree.iter("compression")} - {"0"}, set())

    def test_testssl_finds_nothing_that_we_do_not_mean(self):
        path = self.company.stage.path("testssl.json")
        subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--protocols", "--fs", "--server-defaults",
                        "--vulnerable", "--jsonfile", path, f"127.0.0.1:{self.device}"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
        with open(path, encoding="utf-8") as text:
            findings = json.load(text)
        self.assertGreater(len(findings), 30)
        bad = [f for f in findings if f["severity"] in ("MEDIUM", "HIGH", "CRITICAL", "FATAL")]
        for finding in bad:
            print("#", finding["severity"], finding["id"], finding["finding"], "|", MEANT.get(finding["id"].split(" ")[0], "NOT MEANT"))
        self.assertEqual([f for f in bad if f["id"].split(" ")[0] not in MEANT], [])

    # ---- collections of requests, to a live listener

    def collection(self, name, pattern):
        files = sorted(glob.glob(os.path.join(os.environ.get("RC_SHARED_DATA", ""), name, pattern)))
        if not files:
            self.skipTest(f"RC_SHARED_DATA has no {name}")
        return files

    def judge(self, name, data):
        answer = self.ask(data)
        if answer is not None:
            self.assertIn(answer.status, (*range(200, 500), 501, 505), (name, data[:200]))
        return answer.status if answer else None

    def tell(self, statuses):
        counts = {status: statuses.count(status) for status in set(statuses)}
        print("#", ", ".join(f"{status or 'closed'}: {count}" for status, count in sorted(counts.items(), key=str)))

    def test_raw_requests(self):
        statuses = []
        for path in self.collection("hostile-http-requests", "*.http"):
            with open(path, "rb") as file:
                data = file.read().replace(b"\n", b"").replace(b"\\r\\n", b"\r\n")
            status = self.judge(path, data)
            statuses.append(status)
            if os.path.basename(path).startswith("invalid-") and status is not None:
                self.assertGreaterEqual(status, 400, path)
        self.tell(statuses)

    def test_requests_of_a_parsers_tests(self):
        statuses = []
        for path in self.collection("hostile-http-parser", "request-*.md"):
            with open(path, encoding="utf-8", newline="") as file:
                for text in re.findall(r"```http\n(.*?)```", file.read(), re.S):
                    data = text.replace("\\\n", "").replace("\n", "\r\n").replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t")
                    statuses.append(self.judge(path, re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), data).encode("latin-1", "replace")))
        self.assertGreater(len(statuses), 50)
        self.tell(statuses)

    def test_attacks_on_applications(self):
        import yaml
        statuses = []
        for path in self.collection("hostile-http-attacks", "*.yaml"):
            with open(path, encoding="utf-8") as file:
                documents = [d for d in yaml.safe_load_all(file) if isinstance(d, dict)]
            stages = [stage["input"] for d in documents for test in d.get("tests", []) for stage in test["stages"]]
            for one in stages:
                statuses.append(self.judge(path, attack_bytes(one)))
                if statuses[-1] and statuses[-1] < 300:  # only what is public says anything to a stranger
                    self.assertRegex(one.get("uri", "/"), r"^/(livez|readyz)", path)
        self.assertGreater(len(statuses), 500)
        self.tell(statuses)


def attack_bytes(one):
    if "encoded_request" in one:
        import base64
        return base64.b64decode(one["encoded_request"])
    headers = {str(name): str(value) for name, value in (one.get("headers") or {}).items()}
    body = str(one.get("data") or "").encode("utf-8", "surrogateescape")
    if body and not any(name.lower() == "content-length" for name in headers):
        headers["Content-Length"] = str(len(body))
    lines = [f"{one.get('method', 'GET')} {one.get('uri', '/')} {one.get('version', 'HTTP/1.1')}",
             *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


if __name__ == "__main__":
    tap_unittest.main()
