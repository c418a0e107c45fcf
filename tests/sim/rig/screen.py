# SPDX-License-Identifier: Apache-2.0
"""A screen for tests: connects to the daemon like the real one, keeps every view that came, can touch."""

import json
import os
import socket
import struct
import threading
import time


class Screen:
    def __init__(self, path):
        self.path = path
        self.views = []
        self.greetings = []  # one entry a greeting, in order
        self.news = threading.Condition()
        self.is_closed = False
        self.socket = None
        threading.Thread(target=self._run, daemon=True).start()

    def _connect(self):
        while not self.is_closed:
            s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                s.connect(self.path)
                return s
            except OSError:
                s.close()
                time.sleep(0.05)
        return None

    def _read_exactly(self, count):
        data = b""
        while len(data) < count:
            # The first message carries the camera's picture; a test has no use for it.
            piece, fds, _, _ = socket.recv_fds(self.socket, count - len(data), 1)
            for fd in fds:
                os.close(fd)
            if not piece:
                raise OSError("hung up")
            data += piece
        return data

    def _run(self):
        while not self.is_closed:
            self.socket = self._connect()
            if self.socket is None:
                return
            last_key = None
            try:
                while True:
                    (size,) = struct.unpack("<I", self._read_exactly(4))
                    view = json.loads(self._read_exactly(size))
                    view["came"] = time.monotonic()
                    # The clock's minute sends the same greeting once more: that is no second one.
                    key = json.dumps([view["main"], view["recent"]], sort_keys=True) if view["screen"] == "greeting" else None
                    with self.news:
                        self.views.append(view)
                        if key and key != last_key:
                            self.greetings.append(view["main"])
                        self.news.notify_all()
                    last_key = key
            except OSError:
                self.socket.close()

    def view(self):
        with self.news:
            return self.views[-1] if self.views else None

    def greeting_count(self):
        with self.news:
            return len(self.greetings)

    def touch(self, what, touch_id=None, **more):
        message = json.dumps({"v": 1, "touch": what, **more, "touch_id": self.view()["touch_id"] if touch_id is None else touch_id})
        self.socket.sendall(struct.pack("<I", len(message)) + message.encode())

    def close(self):
        self.is_closed = True
        if self.socket:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)  # or the thread that reads keeps the connection alive
            except OSError:
                pass
            self.socket.close()
