# SPDX-License-Identifier: Apache-2.0
"""What the tests here have in common: a company's server, identities of kiosks, requests that no kiosk of ours would send."""

import hashlib
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "../../..")
sys.path.insert(0, os.path.join(SOURCE, "tests/sim/rig"))

from company_site import Kiosk, Server, Stage, wait_until  # noqa: E402

ROOM = "3F-305"


class Company:
    """A server with a made-up company; close() ends everything and removes the folder."""

    def __init__(self, is_started=True):
        self.folder = tempfile.mkdtemp(prefix="rc-hostile-")
        self.stage = Stage(self.folder)
        self.tables = self.stage.path("company")
        subprocess.run([sys.executable, os.path.join(SOURCE, "tests/demo/company.py"), "--dir", self.tables], check=True,
                       stdout=subprocess.DEVNULL)
        self.server = Server(self.stage, is_direct=True)
        self.server.init()
        self.server.load(self.tables)
        if is_started:
            self.server.start()

    def enrol(self, name):
        """The folder of a new kiosk's data; its identity is in it."""
        data = self.stage.path(name, "data")
        os.makedirs(data, mode=0o700)
        self.stage.run("rollcall-kiosk", "--data", data, "--run", self.stage.path(name, "run"), "enrol",
                       self.server.enrolment_code(ROOM))
        return data

    def rows(self, query, *values):
        return self.server.database().rows(query, *values)

    def close(self):
        self.stage.end_all()
        shutil.rmtree(self.folder, ignore_errors=True)


class Identity:
    """A kiosk's key and certificate, and requests in its name."""

    def __init__(self, company, data):
        self.company, self.folder = company, os.path.join(data, "identity")
        with open(self.folder + "/identity.json", encoding="utf-8") as text:
            self.kiosk = json.load(text)["kiosk"]
        with open(self.folder + "/certificate.der", "rb") as der:
            pem = ssl.DER_cert_to_PEM_cert(der.read())
        self.certificate = self.folder + "/certificate.pem"
        with open(self.certificate, "w", encoding="ascii") as out:
            out.write(pem)
        self.key = self.folder + "/key.pem"

    def connect(self):
        return connect(self.company.server, self.certificate, self.key)


def tls_context(server, certificate=None, key=None):
    context = ssl.create_default_context()
    with open(os.path.join(server.folder, "secrets/ca.der"), "rb") as der:
        context.load_verify_locations(cadata=der.read())
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


def connect(server, certificate=None, key=None):
    plain = socket.create_connection(("127.0.0.1", server.device_port), 10)
    plain.settimeout(20)
    return tls_context(server, certificate, key).wrap_socket(plain, server_hostname="localhost")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def read_answer(stream):
    """One answer; None when the peer closes without one."""
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            piece = stream.recv(65536)
        except (ConnectionError, ssl.SSLError):
            piece = b""
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    size = int(headers.get("content-length", 0))
    while len(body) < size:
        piece = stream.recv(65536)
        if not piece:
            break
        body += piece
    return Answer(int(lines[0].split()[1]), headers, body[:size])


def request(method, target, headers=(), body=b"", length=None):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
    if body or length is not None:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return ("\r\n".join([*lines, *headers]) + "\r\n\r\n").encode("latin-1") + body


def ask(stream, *arguments, **options):
    try:
        stream.sendall(request(*arguments, **options))
    except (BrokenPipeError, ConnectionError, ssl.SSLError):
        pass  # refused before all was sent; the answer may be there
    return read_answer(stream)


# ---- facts, as a kiosk would write them ----

def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Chain:
    """Facts of one epoch, each linked to the one before."""

    def __init__(self, kiosk):
        self.kiosk, self.epoch, self.boot = kiosk, secrets.token_hex(8), str(uuid.uuid4())
        self.prev, self.seq = "0" * 64, 0

    def fact(self, body=None, **changed):
        """The next line's bytes. `changed` replaces members of the envelope."""
        self.seq += 1
        salt = secrets.token_hex(16)
        body = compact({"verdict": "malformed", "class": "foreign", "count": 1} if body is None else body)
        envelope = {"kiosk": self.kiosk, "epoch": self.epoch, "seq": self.seq, "at": "2026-11-24T09:02:03.456Z",
                    "boot": self.boot, "up_ms": 1000 + self.seq, "src": "ntp", "err_ms": 5, "kind": "scan.refused", "v": 1,
                    "body_hash": hashlib.sha256(bytes.fromhex(salt) + body).hexdigest(), "prev": self.prev, **changed}
        envelope = compact(envelope)
        self.prev = hashlib.sha256(envelope).hexdigest()
        return b'{"e":' + envelope + b',"s":"' + salt.encode() + b'","b":' + body + b"}"

    def skip(self, line):
        """A line of other bytes takes this place."""
        self.seq += 1
        self.prev = "0" * 64
        return line

    def header(self, begin, count, **changed):
        return compact({"h": {"kiosk": self.kiosk, "epoch": self.epoch, "from": begin, "count": count, "branch": False,
                              "boot": self.boot, "up_ms": 100000, "at": "2026-11-24T09:05:00.000Z", **changed}})

    def upload(self, begin, lines, **changed):
        return b"\n".join([self.header(begin, len(lines), **changed), *lines]) + b"\n"


NDJSON = ("Content-Type: application/x-ndjson",)
GZIP = (*NDJSON, "Content-Encoding: gzip")


# A sanitizer keeps what was freed for a while: then growth says nothing.
IS_SANITIZED = os.environ.get("RC_SANITIZE", "") not in ("", "OFF")


def memory_kib(process):
    """What the process has in memory now; always the same under a sanitizer."""
    if IS_SANITIZED:
        return 0
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


__all__ = ["Chain", "Company", "GZIP", "Identity", "Kiosk", "NDJSON", "ROOM", "Server", "Stage", "ask", "compact", "connect",
           "memory_kib", "read_answer", "request", "tls_context", "wait_until"]
