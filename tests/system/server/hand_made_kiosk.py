# SPDX-License-Identifier: Apache-2.0
"""A kiosk made of openssl and Python: it shares no code with the real one, so a fault in ours can't be on both sides."""
import base64
import hashlib
import http.client
import json
import os
import ssl
import subprocess
import uuid
from datetime import datetime, timezone

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
PATIENCE_S = 60


def base45_decode(text):
    out = b""
    for i in range(0, len(text), 3):
        digits = [ALPHABET.index(c) for c in text[i:i + 3]]
        value = sum(d * 45 ** k for k, d in enumerate(digits))
        out += value.to_bytes(2 if len(digits) == 3 else 1, "big")
    return out


class Code:
    """RCE1: version 1, SHA-256 of the CA, 16 bytes of code, URL."""

    def __init__(self, payload):
        assert payload.startswith("RCE1:"), payload
        raw = base45_decode(payload[5:])
        assert raw[0] == 1
        self.ca_sha256, self.code, self.url = raw[1:33], raw[33:49], raw[49:].decode()


def stamp(when=None):
    when = when or datetime.now(timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Kiosk:
    def __init__(self, folder, code):
        self.folder, self.code = folder, code
        self.host, port = code.url[len("https://"):].rsplit(":", 1)
        self.port = int(port)
        self.key = os.path.join(folder, "kiosk.key")
        self.certificate = os.path.join(folder, "kiosk.pem")
        self.ca = os.path.join(folder, "ca.pem")
        self.boot, self.epoch = str(uuid.uuid4()), os.urandom(8).hex()
        self.seq, self.prev, self.up_ms = 0, "0" * 64, 1000
        self.id = None

    # ---- enrolment

    def fetch_ca(self):
        """The one request that trusts nobody; counts only if the hash is the code's."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        status, _, der = self.ask("GET", "/v1/ca", context=context)
        assert status == 200 and hashlib.sha256(der).digest() == self.code.ca_sha256
        with open(self.ca, "w", encoding="ascii") as out:
            out.write(ssl.DER_cert_to_PEM_cert(der))

    def make_request(self):
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key],
                       check=True, capture_output=True)
        return subprocess.run(["openssl", "req", "-new", "-key", self.key, "-subj", "/CN=kiosk"],
                              check=True, capture_output=True, text=True).stdout

    def enrol(self, csr, code=None):
        body = {"code": base64.urlsafe_b64encode(code or self.code.code).rstrip(b"=").decode(), "csr": csr}
        status, _, answer = self.ask("POST", "/v1/kiosk/enrol", compact(body), {"Content-Type": "application/json"},
                                     context=self.context(False))
        answer = json.loads(answer)
        if status == 200:
            self.id = answer["kiosk"]
            with open(self.certificate, "w", encoding="ascii") as out:
                out.write(answer["certificate"])
        return status, answer

    # ---- requests

    def context(self, shows_certificate=True):
        context = ssl.create_default_context(cafile=self.ca)
        if shows_certificate:
            context.load_cert_chain(self.certificate, self.key)
        return context

    def connect(self, context=None):
        return http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE_S, context=context or self.context())

    def ask(self, method, path, body=None, headers=None, context=None, connection=None):
        """(status, headers, bytes); on a connection of its own unless one is given."""
        own = connection or self.connect(context)
        own.request(method, path, body, headers or {})
        answer = own.getresponse()
        result = answer.status, answer.headers, answer.read()
        if not connection:
            own.close()
        return result

    # ---- facts

    def fact(self, kind, body):
        """The next line of the journal."""
        self.seq += 1
        self.up_ms += 1000
        raw, salt = compact(body), os.urandom(16)
        envelope = compact({
            "kiosk": self.id, "epoch": self.epoch, "seq": self.seq, "at": stamp(), "boot": self.boot,
            "up_ms": self.up_ms, "src": "ntp", "err_ms": 5, "kind": kind, "v": 1,
            "body_hash": hashlib.sha256(salt + raw).hexdigest(), "prev": self.prev})
        self.prev = hashlib.sha256(envelope).hexdigest()
        return b'{"e":' + envelope + b',"s":"' + salt.hex().encode() + b'","b":' + raw + b"}\n"

    def signed_in(self, session, ref):
        return self.fact("attendance.signed_in", {
            "session": session, "session_version": 1, "ref": ref, "find": "00" * 16, "verdict": "signed_in",
            "roster_n": 1})

    def upload(self, lines, first, connection=None):
        header = {"h": {"kiosk": self.id, "epoch": self.epoch, "from": first, "count": len(lines), "branch": False,
                        "boot": self.boot, "up_ms": self.up_ms + 10, "at": stamp()}}
        return self.ask("POST", "/v1/kiosk/facts", compact(header) + b"\n" + b"".join(lines),
                        {"Content-Type": "application/x-ndjson"}, connection=connection)
