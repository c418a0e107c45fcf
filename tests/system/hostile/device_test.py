# SPDX-License-Identifier: Apache-2.0
"""The device listener against those who are no kiosk, and against a kiosk that somebody has taken over."""

import gzip
import os
import socket
import ssl
import subprocess
import time
import unittest
import uuid
import warnings

import tap_unittest
from ground import GZIP, NDJSON, Chain, Company, Identity, ask, compact, connect, memory_kib, read_answer, request, tls_context

FACTS, MARK = "/v1/kiosk/facts", "/v1/kiosk/mark"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Forger:
    """Certificates by a CA that bears the same name as the server's, or by the server's own key (somebody has stolen it)."""

    def __init__(self, company):
        self.folder = company.stage.path("forger")
        self.secrets = os.path.join(company.server.folder, "secrets")
        os.makedirs(self.folder)
        openssl("x509", "-inform", "DER", "-in", self.secrets + "/ca.der", "-out", self.path("ca.pem"))
        subject = subprocess.run(["openssl", "x509", "-in", self.path("ca.pem"), "-noout", "-subject", "-nameopt", "RFC2253"],
                                 check=True, capture_output=True, text=True).stdout
        name = "/CN=" + subject.strip().split("CN=")[1]
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                self.path("false.key"), "-out", self.path("false.pem"), "-subj", name, "-days", "30")

    def path(self, name):
        return os.path.join(self.folder, name)

    def leaf(self, name, common_name, is_false_ca=False, key=("ec", "ec_paramgen_curve:prime256v1"), digest="-sha256",
             extra="extendedKeyUsage=clientAuth", dates=("20200101000000Z", "20400101000000Z")):
        """A certificate; the usual kiosk's, but for what is said."""
        ca, ca_key = ("false.pem", self.path("false.key")) if is_false_ca else ("ca.pem", self.secrets + "/ca.key")
        base = self.path(name)
        with open(base + ".ext", "w", encoding="ascii") as out:
            out.write("[e]\n" + extra + "\n")
        openssl("req", "-newkey", key[0], "-pkeyopt", key[1], "-nodes", "-keyout", base + ".key", "-out", base + ".csr", "-subj",
                "/CN=" + common_name)
        with open(base + ".cnf", "w", encoding="ascii") as out:
            out.write(f"[ca]\ndefault_ca=d\n[d]\nnew_certs_dir={self.folder}\ndatabase={base}.db\nserial={base}.srl\n"
                      "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n")
        open(base + ".db", "w", encoding="ascii").close()
        with open(base + ".srl", "w", encoding="ascii") as out:
            out.write(os.urandom(15).hex().upper().join(("10", "")) + "\n")
        openssl("ca", "-batch", "-config", base + ".cnf", "-notext", "-in", base + ".csr", "-out", base + ".pem", "-cert",
                self.path(ca), "-keyfile", ca_key, "-md", digest[1:], "-startdate", dates[0], "-enddate", dates[1],
                "-extfile", base + ".ext", "-extensions", "e")
        return base + ".pem", base + ".key"


class DeviceListener(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.company = Company()
        cls.identity = Identity(cls.company, cls.company.enrol("kiosk"))
        cls.other = Identity(cls.company, cls.company.enrol("other"))
        cls.forger = Forger(cls.company)

    @classmethod
    def tearDownClass(cls):
        cls.company.close()

    def setUp(self):
        self.chain = Chain(self.identity.kiosk)

    def tearDown(self):
        self.assertIsNone(self.company.server.process.poll(), "the server has ended")

    def post(self, body, headers=NDJSON, identity=None):
        with (identity or self.identity).connect() as stream:
            return ask(stream, "POST", FACTS, headers, body)

    def send(self, *lines):
        """Sends lines under a new epoch; they are all acknowledged."""
        answer = self.post(self.chain.upload(1, list(lines)))
        self.assertEqual((answer.status, answer.json().get("through")), (200, len(lines)))

    def unread(self):
        return {seq: reason for seq, reason in self.company.rows("SELECT seq, reason FROM fact_unread WHERE epoch = ?", self.chain.epoch)}

    def stored(self):
        return [seq for seq, in self.company.rows("SELECT seq FROM fact WHERE epoch = ? ORDER BY seq", self.chain.epoch)]

    # ---- who is at the other end ----

    def is_cut(self, certificate, key):
        """True if no request of this client is ever answered; the client itself is one that shows anything."""
        context = tls_context(self.company.server)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(certificate, key)
        with socket.create_connection(("127.0.0.1", self.company.server.device_port), 10) as plain:
            try:
                with context.wrap_socket(plain, server_hostname="localhost") as stream:
                    return ask(stream, "GET", "/v1/ca") is None
            except (ssl.SSLError, ConnectionError):
                return True

    def test_a_kiosks_own_certificate_is_not_cut(self):
        self.assertFalse(self.is_cut(self.identity.certificate, self.identity.key))
        self.assertFalse(self.is_cut(*self.forger.leaf("alike", self.identity.kiosk)), "what the forger makes is bad for another reason")

    def test_without_a_certificate_only_enrolment_and_the_ca_are_open(self):
        with connect(self.company.server) as stream:
            self.assertEqual(ask(stream, "GET", "/v1/ca").status, 200)
        for method, target in (("GET", MARK), ("GET", "/v1/kiosk/changes"), ("PUT", "/v1/kiosk/status"), ("POST", FACTS)):
            with self.subTest(target=target), connect(self.company.server) as stream:
                body = b"{}" if method in ("PUT", "POST") else b""
                self.assertEqual(ask(stream, method, target, NDJSON, body).status, 403)

    def test_a_certificate_of_another_ca_with_the_same_name_is_cut(self):
        self.assertTrue(self.is_cut(*self.forger.leaf("same", self.identity.kiosk, is_false_ca=True)))

    def test_a_certificate_that_is_not_valid_yet_is_cut(self):
        self.assertTrue(self.is_cut(*self.forger.leaf("early", self.identity.kiosk, dates=("20390101000000Z", "20400101000000Z"))))

    def test_a_servers_certificate_is_no_kiosks(self):
        self.assertTrue(self.is_cut(*self.forger.leaf("server", self.identity.kiosk, extra="extendedKeyUsage=serverAuth")))

    def test_a_certificate_with_sha1_or_a_short_rsa_key_is_cut(self):
        self.assertTrue(self.is_cut(*self.forger.leaf("sha1", self.identity.kiosk, digest="-sha1")))
        self.assertTrue(self.is_cut(*self.forger.leaf("rsa", self.identity.kiosk, key=("rsa", "rsa_keygen_bits:1024"))))

    def test_a_certificate_that_the_register_lacks_sends_into_quarantine_and_gets_nothing(self):
        kiosk = str(uuid.uuid4())  # the server is an older backup's, or the CA's key is in other hands
        pair, chain = self.forger.leaf("lost", kiosk), Chain(kiosk)
        with connect(self.company.server, *pair) as stream:
            self.assertEqual(ask(stream, "GET", MARK).json()["state"], "quarantined")
            answer = ask(stream, "POST", FACTS, NDJSON, chain.upload(1, [chain.fact()]))
            self.assertEqual((answer.status, answer.json()["state"], answer.json()["through"]), (200, "quarantined", 1))
            self.assertEqual(ask(stream, "GET", MARK).json()["through"], 1)
            for method, target in (("GET", "/v1/kiosk/changes"), ("POST", "/v1/kiosk/renew")):
                with self.subTest(target):
                    self.assertEqual(ask(stream, method, target).status, 403)
        self.assertEqual(self.company.rows("SELECT is_quarantined FROM fact WHERE kiosk = ?", kiosk), [(1,)])
        self.assertEqual(self.company.rows("SELECT count(*) FROM inbox WHERE kind = 'kiosk.unknown' AND kiosk = ?", kiosk), [(1,)])

    def test_a_certificate_of_ours_for_no_kiosk_may_only_enrol(self):
        pair = self.forger.leaf("nobody", "nobody")
        for method, target in (("GET", MARK), ("GET", "/v1/kiosk/changes"), ("POST", FACTS)):
            with self.subTest(target), connect(self.company.server, *pair) as stream:
                self.assertEqual(ask(stream, method, target).status, 403)

    def test_a_leaf_that_signs_another_is_cut(self):
        pem, key = self.forger.leaf("signer", self.identity.kiosk)
        base = self.forger.path("signed")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", base + ".key", "-out",
                base + ".csr", "-subj", "/CN=" + self.identity.kiosk)
        openssl("x509", "-req", "-in", base + ".csr", "-CA", pem, "-CAkey", key, "-CAcreateserial", "-days", "30", "-out", base + ".pem")
        with open(base + ".pem", "a", encoding="ascii") as out, open(pem, encoding="ascii") as signer:
            out.write(signer.read())
        self.assertTrue(self.is_cut(base + ".pem", base + ".key"))

    def test_plain_http_gets_no_answer_in_plain(self):
        with socket.create_connection(("127.0.0.1", self.company.server.device_port), 10) as stream:
            stream.sendall(request("GET", "/v1/ca"))
            try:
                answer = stream.recv(1000)
            except ConnectionError:
                answer = b""
            self.assertNotIn(b"HTTP", answer)

    def shakes_hands(self, version):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", self.company.server.device_port), 10) as plain:
            try:
                context.wrap_socket(plain).close()
                return True
            except (ssl.SSLError, ConnectionError):
                return False

    def test_old_versions_of_tls_are_cut(self):
        self.assertTrue(self.shakes_hands(ssl.TLSVersion.TLSv1_2))
        self.assertFalse(self.shakes_hands(ssl.TLSVersion.TLSv1_1))
        self.assertFalse(self.shakes_hands(ssl.TLSVersion.TLSv1))

    def test_no_session_ticket_is_offered(self):
        context = tls_context(self.company.server)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("127.0.0.1", self.company.server.device_port), 10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as stream:
                self.assertFalse(stream.session.has_ticket)

    def test_a_revoked_kiosk_on_an_open_connection_is_seen_by_the_next_request(self):
        doomed = Identity(self.company, self.company.enrol("doomed"))
        with doomed.connect() as stream:
            self.assertEqual(ask(stream, "GET", MARK).json()["state"], "current")
            self.company.server.command("kiosk", "revoke", doomed.kiosk)
            self.assertEqual(ask(stream, "GET", MARK).json()["state"], "revoked")
            self.assertEqual(ask(stream, "GET", "/v1/kiosk/changes").status, 403)
            self.assertEqual(ask(stream, "PUT", "/v1/kiosk/status", (), b"{}").status, 403)
            chain = Chain(doomed.kiosk)
            answer = ask(stream, "POST", FACTS, NDJSON, chain.upload(1, [chain.fact()]))
            self.assertEqual((answer.status, answer.json()["state"]), (200, "revoked"))
        self.assertEqual(self.company.rows("SELECT is_quarantined FROM fact WHERE epoch = ?", chain.epoch), [(1,)])

    def test_the_same_code_with_another_key_is_refused(self):
        code = self.company.server.enrolment_code("3F-302")
        folders = [self.company.stage.path(name) for name in ("first", "second")]
        for folder in folders:
            os.makedirs(folder, mode=0o700)

        def enrol(folder):
            return subprocess.run([os.path.join(os.environ["RC_BIN"], "rollcall-kiosk"), "--data", folder, "--run", folder, "enrol",
                                   code], capture_output=True, text=True, check=False)

        self.assertEqual(enrol(folders[0]).returncode, 0)
        refused = enrol(folders[1])
        self.assertEqual(refused.returncode, 1)
        self.assertFalse(os.path.exists(folders[1] + "/identity"))
        self.assertTrue(self.company.rows("SELECT count(*) FROM inbox WHERE kind LIKE 'code%'")[0][0] >= 1)

    # ---- uploads ----

    def test_another_kiosks_id_in_the_header_is_refused_whole(self):
        chain = Chain(self.other.kiosk)
        self.assertEqual(self.post(chain.upload(1, [chain.fact()])).status, 403)
        self.assertEqual(self.company.rows("SELECT count(*) FROM fact WHERE epoch = ?", chain.epoch), [(0,)])

    def test_another_kiosks_id_in_a_line_is_kept_as_unread(self):
        stranger = Chain(self.other.kiosk)
        stranger.epoch = self.chain.epoch
        self.send(self.chain.skip(stranger.fact()))
        self.assertEqual((self.stored(), list(self.unread())), ([], [1]))

    def test_more_than_1000_lines_are_413(self):
        answer = self.post(gzip.compress(self.chain.upload(1, [self.chain.fact() for _ in range(1001)])), GZIP)
        self.assertEqual(answer.status, 413)
        self.assertEqual(self.stored(), [])

    def test_1000_lines_are_taken(self):
        answer = self.post(gzip.compress(self.chain.upload(1, [self.chain.fact() for _ in range(1000)])), GZIP)
        self.assertEqual((answer.status, answer.json()["through"]), (200, 1000))

    def test_a_bomb_is_413_in_flat_memory(self):
        server = self.company.server
        bomb = gzip.compress(b"\n" * (900 << 20), 9)
        self.assertLess(len(bomb), 1 << 20)
        before = memory_kib(server.process)
        self.assertEqual(self.post(bomb, GZIP).status, 413)
        self.assertLess(memory_kib(server.process) - before, 32 << 10)

    def test_a_length_of_a_gigabyte_is_413_before_the_body(self):
        with self.identity.connect() as stream:
            self.assertEqual(ask(stream, "POST", FACTS, NDJSON, length=1 << 30).status, 413)

    def test_bad_gzip_and_bad_headers_are_422(self):
        good = self.chain.upload(1, [self.chain.fact()])
        self.assertEqual(self.post(gzip.compress(good)[:-9], GZIP).status, 422)
        self.assertEqual(self.post(good, GZIP).status, 422)
        self.assertEqual(self.post(gzip.compress(good) + b"x", GZIP).status, 422)
        for name, header in (("empty", b""), ("text", b"hello"), ("array", b"[]"), ("no count", b'{"h":{}}'),
                             ("negative", self.chain.header(-1, 1)), ("huge", self.chain.header(2**53 - 1, 1)),
                             ("zero", self.chain.header(0, 1)), ("text number", self.chain.header("1", 1)),
                             ("count without lines", self.chain.header(1, 3)), ("real", self.chain.header(1.5, 1))):
            with self.subTest(name):
                self.assertEqual(self.post(header + b"\n" + self.chain.fact() + b"\n").status, 422)
        self.assertEqual(self.stored(), [])

    def test_a_gap_is_409_and_stores_nothing(self):
        answer = self.post(self.chain.upload(5, [self.chain.fact(seq=5)]))
        self.assertEqual((answer.status, answer.json()["through"] if "through" in answer.json() else answer.json()["mark"]["through"]),
                         (409, 0))
        self.assertEqual(self.stored(), [])

    def test_hostile_lines_are_kept_unread_and_the_good_ones_between_them_are_taken(self):
        fact = self.chain.fact
        deep = b'{"e":' + b"[" * 5000 + b"]" * 5000 + b"}"
        hostile = [b"no json", b"", b"null", b"\xff\xfe", deep, b'{"e":{},"s":"","b":{}}', b'{"e":1e400}', b'{"e":NaN}',
                   b"x" * 20000, b"[" * 100000 + b"]" * 100000, b'{"e":' * 100000]
        lines = [fact()]
        for line in hostile:
            lines += [self.chain.skip(line), fact()]
        self.send(*lines)
        self.assertEqual(sorted(self.unread()), list(range(2, 2 * len(hostile) + 1, 2)))
        self.assertEqual(self.stored(), list(range(1, 2 * len(hostile) + 2, 2)))

    def bad_value(self, **changed):
        self.send(self.chain.fact(**changed), self.chain.fact())
        return self.unread().get(1)

    def test_numbers_beyond_their_range_leave_the_line_unread(self):
        for name, value in (("2^63", 2**63), ("negative", -1), ("2^53", 2**53), ("real", 1.5), ("text", "7"), ("null", None)):
            for field in ("seq", "up_ms"):
                with self.subTest(name, field=field):
                    self.setUp()
                    self.assertIsNotNone(self.bad_value(**{field: value}))

    def test_a_seq_that_is_not_its_place_leaves_the_line_unread(self):
        self.assertEqual(self.bad_value(seq=1000000), "other_seq")

    def replaced(self, old, new):
        """Sends a fact with bytes replaced, and says why it is unread."""
        self.setUp()
        line = self.chain.fact().replace(old, new, 1)
        self.send(line, self.chain.skip(b"-"))
        return self.unread().get(1)

    def test_what_json_may_not_hold_leaves_the_line_unread(self):
        for name, old, new in (("duplicate", b'"v":1', b'"v":1,"v":1'), ("infinite", b'"v":1', b'"v":1e400'), ("NaN", b'"v":1', b'"v":NaN'),
                               ("NUL", b'"kind":"scan', b'"kind":"\\u0000scan'), ("surrogate", b'"kind":"scan', b'"kind":"\\ud800scan'),
                               ("missing", b'"v":1,', b""), ("type", b'"v":1', b'"v":"1"'), ("behind the end", b"}}", b"}} {}"),
                               ("deep", b'"count":1', b'"count":' + b"[" * 1000 + b"]" * 1000)):
            with self.subTest(name):
                self.assertIsNotNone(self.replaced(old, new))

    def test_an_extra_field_is_kept_and_passed_over(self):
        self.assertIsNone(self.replaced(b'"v":1,', b'"v":1,"moon":{"phase":3},'))

    def test_times_that_are_numbers_leave_the_line_unread(self):
        for value in (0, -1, 9 * 10**18):
            with self.subTest(value):
                self.setUp()
                self.assertIsNotNone(self.bad_value(at=value))

    def test_impossible_times_are_stored_flagged_with_their_raw_value(self):
        for value in ("2024-02-30T09:00:00.000Z", "2026-11-24T09:02:60.000Z", "2099-01-01T00:00:00.000Z"):
            with self.subTest(value):
                self.setUp()
                self.assertIsNone(self.bad_value(at=value))
                flag, envelope = self.company.rows("SELECT is_clock_bad, envelope FROM fact WHERE epoch = ? AND seq = 1",
                                                   self.chain.epoch)[0]
                self.assertEqual(flag, 1)
                self.assertIn(value.encode(), envelope)

    def test_one_line_of_4_mib_is_kept_or_refused_in_flat_memory(self):
        before = memory_kib(self.company.server.process)
        fits = self.post(gzip.compress(self.chain.upload(1, [b"x" * ((4 << 20) - 1000)])), GZIP)
        self.assertEqual(fits.status, 200)
        self.assertEqual(len(self.company.rows("SELECT line FROM fact_unread WHERE epoch = ?", self.chain.epoch)[0][0]), (4 << 20) - 1000)
        self.assertEqual(self.post(gzip.compress(self.chain.upload(2, [b"x" * (4 << 20)])), GZIP).status, 413)
        self.assertLess(memory_kib(self.company.server.process) - before, 64 << 10)

    # ---- the connection ----

    def test_a_smuggled_request_is_never_answered(self):
        smuggled = request("GET", "/v1/ca")
        for name, headers in (("length and coding", (f"Content-Length: {len(smuggled)}", "Transfer-Encoding: chunked")),
                              ("two lengths", ("Content-Length: 0", f"Content-Length: {len(smuggled)}")),
                              ("odd coding", ("Transfer-Encoding: xchunked",)), ("two codings", ("Transfer-Encoding: chunked, identity",)),
                              ("signed", ("Content-Length: +0",)), ("folded", ("Content-Type: a", " b")),
                              ("space before the colon", ("Content-Length : 0",)), ("underscore", ("Content_Length: 0",))):
            with self.subTest(name), self.identity.connect() as stream:
                stream.sendall(request("POST", FACTS, headers) + smuggled)
                first = read_answer(stream)
                self.assertIn(first.status, (400, 501))
                self.assertIsNone(read_answer(stream), "the bytes behind were taken for a request")

    def test_pipelined_requests_are_answered_in_order(self):
        with self.identity.connect() as stream:
            stream.sendall(request("GET", MARK) * 3 + request("GET", "/nowhere") + request("GET", "/v1/ca"))
            stream.settimeout(10)
            data = b""
            while data.count(b"HTTP/1.1 ") < 5:
                data += stream.recv(65536)
            self.assertEqual([int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:6]], [200, 200, 200, 404, 200])

    def test_an_upload_by_drips_holds_nobody_else_up(self):
        body = self.chain.upload(1, [self.chain.fact()])
        with self.identity.connect() as slow:
            slow.sendall(request("POST", FACTS, NDJSON, length=len(body)) + body[:1])
            begin = time.monotonic()
            with self.other.connect() as stream:
                self.assertEqual(ask(stream, "GET", MARK).status, 200)
            self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual(self.stored(), [])

    def test_a_status_that_is_no_object_or_too_large_is_refused(self):
        with self.identity.connect() as stream:
            self.assertEqual(ask(stream, "PUT", "/v1/kiosk/status", (), b"[]").status, 422)
            self.assertEqual(ask(stream, "PUT", "/v1/kiosk/status", (), compact({"a": {"b": 1e308}})).status, 200)
        with self.identity.connect() as stream:
            self.assertEqual(ask(stream, "PUT", "/v1/kiosk/status", (), b"{" + b" " * (1 << 20) + b"}").status, 413)

    def test_cursors_of_nonsense_are_400_and_foreign_ones_get_a_snapshot(self):
        for after in ("x", "-1.-1.-1", "1.2.3", "%00", "a" * 3000, "'%20OR%201=1--"):
            with self.subTest(after), self.identity.connect() as stream:
                self.assertIn(ask(stream, "GET", "/v1/kiosk/changes?after=" + after).status, (400, 414))
        with self.identity.connect() as stream:
            answer = ask(stream, "GET", "/v1/kiosk/changes?after=" + "f" * 16 + ".9007199254740991." + "f" * 16)
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.body.startswith(b'{"snapshot"'))

    def test_silent_connections_of_one_address_keep_no_other_out(self):
        port = self.company.server.device_port
        silent = [socket.create_connection(("127.0.0.1", port), 5, source_address=("127.0.0.2", 0)) for _ in range(300)]
        try:
            with self.identity.connect() as stream:
                self.assertEqual(ask(stream, "GET", MARK).status, 200)
        finally:
            for s in silent:
                s.close()


if __name__ == "__main__":
    tap_unittest.main()
