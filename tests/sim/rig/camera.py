# SPDX-License-Identifier: Apache-2.0
"""A camera for the kiosk's scanner: the kiosk connects to its socket, pictures go over as open files.

`python3 camera.py SOCKET FOLDER…` plays the pictures of each folder in order, over and over.
"""

import array
import os
import socket
import sys
import threading
import time

FRAME_S = 1 / 15


class Camera:
    """Listens on a socket; show() gives the kiosk one picture, as soon as it has connected."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.path.exists(path):
            os.unlink(path)
        self.listener.bind(path)
        self.listener.listen(1)
        self.connection = None
        self.is_closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.is_closed:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connection = connection

    def show(self, picture):
        """One frame; dropped like a camera's when nobody takes it."""
        connection = self.connection
        if connection is None:
            return False
        fd = os.open(picture, os.O_RDONLY)
        try:
            connection.sendmsg([b"P"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))], socket.MSG_DONTWAIT)
            return True
        except BlockingIOError:
            return False
        except OSError:
            if self.connection is connection:  # its successor may have connected meanwhile
                self.connection = None
            return False
        finally:
            os.close(fd)

    def play(self, pictures, until=lambda: False):
        """Shows pictures one after the other at a camera's pace; stops early when until() is true."""
        for picture in pictures:
            if until():
                return
            self.show(picture)
            time.sleep(FRAME_S)

    def close(self):
        self.is_closed = True
        self.listener.close()
        if self.connection:
            self.connection.close()


def frames_of(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith((".pgm", ".png", ".jpg")))


def main():
    camera = Camera(sys.argv[1])
    while True:
        for folder in sys.argv[2:]:
            camera.play(frames_of(folder))


if __name__ == "__main__":
    main()
