# SPDX-License-Identifier: Apache-2.0
"""Pictures of QR codes that no badge printer would make: any bytes, parts of a structured append, codes side by side.

Uses libqrencode (the same library as the products, but none of their code) and writes grey PGM files.
"""

import ctypes
import ctypes.util
import os

NUMERIC, BYTE = 0, 2
LOW = 0
MODULE_PX, QUIET_MODULES = 4, 4


class _Code(ctypes.Structure):
    _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int), ("data", ctypes.POINTER(ctypes.c_ubyte))]


class _List(ctypes.Structure):
    pass


_List._fields_ = [("code", ctypes.POINTER(_Code)), ("next", ctypes.POINTER(_List))]

_library = ctypes.CDLL("libqrencode.so.4")
_library.QRinput_new2.restype = ctypes.c_void_p
_library.QRinput_append.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_char_p]
_library.QRinput_appendECIheader.argtypes = [ctypes.c_void_p, ctypes.c_uint]
_library.QRcode_encodeInput.argtypes = [ctypes.c_void_p]
_library.QRcode_encodeInput.restype = ctypes.POINTER(_Code)
_library.QRcode_encodeDataStructured.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
_library.QRcode_encodeDataStructured.restype = ctypes.POINTER(_List)


def _modules(code):
    """Rows of booleans: dark or not."""
    width = code.contents.width
    return [[bool(code.contents.data[y * width + x] & 1) for x in range(width)] for y in range(width)]


def modules_of(payload, mode=BYTE, eci=None, version=0):
    """The modules of a code with these bytes; `eci` announces a character set, known or not."""
    stream = _library.QRinput_new2(version, LOW)
    if eci is not None and _library.QRinput_appendECIheader(stream, eci) != 0:
        raise ValueError("ECI")
    if _library.QRinput_append(stream, mode, len(payload), payload) != 0:
        raise ValueError("payload")
    code = _library.QRcode_encodeInput(stream)
    if not code:
        raise ValueError("too long for a QR code")
    return _modules(code)


def parts_of(payload, version=2):
    """The codes of one structured append."""
    item, parts = _library.QRcode_encodeDataStructured(len(payload), payload, version, LOW), []
    while item:
        parts.append(_modules(item.contents.code))
        item = item.contents.next
    return parts


def write_picture(path, *codes):
    """Codes side by side on white, each with its quiet zone; writes and returns the path."""
    quiet = b"\xff" * (QUIET_MODULES * MODULE_PX)
    height = max(len(code) for code in codes) + 2 * QUIET_MODULES
    rows = []
    for y in range(height):
        row = b""
        for code in codes:
            line = code[y - QUIET_MODULES] if 0 <= y - QUIET_MODULES < len(code) else [False] * len(code)
            row += quiet + b"".join((b"\x00" if dark else b"\xff") * MODULE_PX for dark in line) + quiet
        rows.append(row * MODULE_PX)
    width = len(rows[0]) // MODULE_PX
    with open(path, "wb") as out:
        out.write(b"P5\n%d %d\n255\n" % (width, height * MODULE_PX) + b"".join(rows))
    return path


def picture_of(folder, name, payload, **options):
    return write_picture(os.path.join(folder, name + ".pgm"), modules_of(payload, **options))
