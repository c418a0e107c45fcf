# SPDX-License-Identifier: Apache-2.0
"""The network between kiosk and server: a relay that can be cut, and servers that only pretend to be ours."""

import gzip
import hashlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit


class Relay:
    """Passes TCP connections on to a port. cut() drops them all and refuses new ones, mend() lets them through again.

    lose_answer(n) lets the next request of at least n bytes through and swallows the answer to it, and all that would come
    after on that connection: the server has done its work and the kiosk doesn't know. Then is_lost is set. With
    `first`, it may be the first request of a connection (which in TLS 1.3 can't be told from the end of the handshake).

    cut_after(n, is_up) passes exactly n bytes in one direction of the next connection that has so many, then drops it: was_cut.
    """

    def __init__(self, to_port, port=0):
        self.to_port = to_port
        self.is_cut = False
        self.is_lost = threading.Event()
        self.lose_from = None  # bytes
        self.loses_first = False
        self.cut_at = None  # (bytes, is_up)
        self.was_cut = False
        self.first_connection = None  # what passed over it: see measure
        self.accepted = 0
        self.connections = set()
        self.lock = threading.Lock()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            self.accepted += 1
            try:
                far = socket.create_connection(("127.0.0.1", self.to_port), 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self.lock:
                self.connections |= {near, far}
            swallows = threading.Event()
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink, source is near, swallows), daemon=True).start()

    def _pump(self, source, sink, is_up, swallows):
        has_answered = False
        passed, own = 0, self._measurement(is_up)
        try:
            while data := source.recv(65536):
                if self.cut_at and self.cut_at[1] == is_up and passed + len(data) >= self.cut_at[0]:
                    sink.sendall(data[:self.cut_at[0] - passed])
                    self.cut_at, self.was_cut = None, True
                    break
                passed += len(data)
                if own is not None:
                    own.append(data)
                # The handshake is large too; a connection that was kept has it behind itself.
                is_candidate = has_answered or (self.loses_first and self._is_request(data))
                if is_up and self.lose_from and len(data) >= self.lose_from and is_candidate:
                    self.lose_from = None
                    swallows.set()
                    self.is_lost.set()
                if is_up and self._is_request(data):
                    has_answered = True
                if is_up or not swallows.is_set():
                    sink.sendall(data)
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with self.lock:
            self.connections -= {source, sink}

    def cut_after(self, place, is_up):
        self.was_cut = False
        self.cut_at = (place, is_up) if place else None

    def drop(self):
        """Ends all connections; new ones are let through."""
        self.cut()
        self.mend()

    def measure(self):
        """What passes over the next connection is kept."""
        self.first_connection = {True: None, False: None}

    def _measurement(self, is_up):
        with self.lock:
            if self.first_connection is None or self.first_connection[is_up] is not None:
                return None
            self.first_connection[is_up] = []
            return self.first_connection[is_up]

    def measured(self, is_up):
        """(bytes before the first record of application data, bytes in all), of TLS 1.2."""
        data = b"".join(self.first_connection[is_up])
        self.first_connection = None
        at = 0
        while at + 5 <= len(data) and data[at] != 0x17:
            at += 5 + int.from_bytes(data[at + 3:at + 5], "big")
        return at, len(data)

    @staticmethod
    def _is_request(data):
        """A TLS record of application data: in TLS 1.2 the handshake has none."""
        return data[:1] == b"\x17"

    def lose_answer(self, request_bytes, first=False):
        self.is_lost.clear()
        self.loses_first = first
        self.lose_from = request_bytes

    def cut(self):
        self.is_cut = True
        self.lose_from = None
        with self.lock:
            victims = list(self.connections)
        for s in victims:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def mend(self):
        self.is_cut = False

    def close(self):
        self.cut()
        self.listener.close()


def make_leaf(folder, ca_key, ca_der, names="DNS:localhost,IP:127.0.0.1", days=30):
    """A certificate for localhost by the CA of a server whose key we have (openssl); days=-1: it ran out yesterday."""
    os.makedirs(folder, exist_ok=True)
    key, csr, ca, leaf, extra = (os.path.join(folder, n) for n in ("leaf.key", "leaf.csr", "ca.pem", "leaf.pem", "leaf.ext"))
    with open(extra, "w", encoding="ascii") as out:
        out.write(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    for command in (["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key],
                    ["req", "-new", "-key", key, "-subj", "/CN=localhost", "-out", csr],
                    ["x509", "-inform", "DER", "-in", ca_der, "-out", ca],
                    ["x509", "-req", "-in", csr, "-CA", ca, "-CAkey", ca_key, "-days", str(days), "-extfile", extra, "-out", leaf]):
        subprocess.run(["openssl", *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return leaf, key


class Pretender:
    """Answers like our server, with a certificate that holds, and stores nothing.

    answer(handler, path, body) writes a response; see PretendAck and CaptivePortal.
    """

    def __init__(self, certificate, key, answer):
        pretender = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                pretender.requests.append((self.command, self.path))
                status, content_type, answer_body = answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(answer_body)))
                for name, value in pretender.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer_body)

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, *_):
                pass

        self.requests = []
        self.headers = {}  # sent along with each answer
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def now_text():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class PretendAck:
    """Says of every upload that it is stored."""

    def __init__(self, server_epoch):
        self.mark = {"rollcall": 1, "server_epoch": server_epoch, "epoch": "0" * 16, "through": 0, "hash": "0" * 64,
                     "state": "current"}

    def __call__(self, method, path, body):
        parts = urlsplit(path)
        if parts.path == "/v1/kiosk/changes":
            after = parse_qs(parts.query).get("after", [""])[0]
            return 200, "application/x-ndjson", (json.dumps({"end": {"cursor": after, "more": False}},
                                                            separators=(",", ":")) + "\n").encode()
        if method == "POST":
            lines = body.split(b"\n")
            header = json.loads(lines[0])["h"]
            last = lines[header["count"]]
            envelope = last[5:last.index(b',"s":"')]
            self.mark.update(epoch=header["epoch"], through=header["from"] + header["count"] - 1,
                             hash=hashlib.sha256(envelope).hexdigest())
        return 200, "application/json", json.dumps({**self.mark, "time": now_text()}).encode()


def captive_portal(_method, _path, _body):
    """What a hotel's network answers to everything."""
    return 200, "text/html", b"<html><title>Welcome</title><p>Please log in to use this network.</p></html>"
