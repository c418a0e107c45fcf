# SPDX-License-Identifier: Apache-2.0
"""The daemon's end of the screen's socket: plays models, hands over the camera picture, receives touches."""
import array
import json
import os
import socket
import struct

PATIENCE_S = 60


class FakeDaemon:
    """Listens at `path`; `model` goes out to whoever connects, as the real one does."""

    def __init__(self, path):
        self.path = path
        self.model = None
        self.picture_fd = None
        self.peer = None
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(4)
        self.listener.settimeout(PATIENCE_S)

    def accept(self):
        """Waits for the screen and gives it what there is to show."""
        if self.peer:
            self.peer.close()
        self.peer, _ = self.listener.accept()
        self.peer.settimeout(PATIENCE_S)
        if self.model is not None:
            self.show(self.model, self.picture_fd)

    def show(self, model, fd=None):
        self.model = model
        self.send_raw(json.dumps(model, ensure_ascii=False).encode(), fd)

    def send_raw(self, payload, fd=None):
        """One well-framed message of any content."""
        self.send_bytes(struct.pack("<I", len(payload)) + payload, fd)

    def send_bytes(self, data, fd=None):
        if fd is not None:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
            sent = self.peer.sendmsg([data], rights)
            data = data[sent:]
        self.peer.sendall(data)

    def receive_touch(self):
        (length,) = struct.unpack("<I", self._receive(4))
        return json.loads(self._receive(length))

    def _receive(self, size):
        data = b""
        while len(data) < size:
            part = self.peer.recv(size - len(data))
            if not part:
                raise ConnectionError("the screen hung up")
            data += part
        return data

    def is_connected(self):
        """False once the screen has hung up."""
        self.peer.settimeout(0)
        try:
            return self.peer.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        finally:
            self.peer.settimeout(PATIENCE_S)

    def close(self):
        if self.peer:
            self.peer.close()
            self.peer = None
        self.listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)
