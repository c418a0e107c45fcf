#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints to-server.tsv: ECDH, HKDF and AES-256-GCM by Debian's python3-cryptography, keys from fixed numbers."""
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def pair(seed):
    digest = hashes.Hash(hashes.SHA256())
    digest.update(seed)
    return ec.derive_private_key(int.from_bytes(digest.finalize(), "big"), ec.SECP256R1())


def point(key):
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


SERVER, OTHER, ONCE = pair(b"server"), pair(b"another server"), pair(b"once")
CLAIM = bytes.fromhex("3f2a9c0e7b5d41868f10a2b3c4d5e6f7")
NONCE = bytes(range(0xA0, 0xAC))


def pad(text):
    return text + b" " * (-len(text) % 64)


def seal(plain, server=SERVER, once=ONCE, table="claim", ref=CLAIM, version=1, nonce=NONCE):
    place = b"rollcall/1\0" + table.encode() + b"\0" + ref + struct.pack(">Q", version)
    agreed = once.exchange(ec.ECDH(), server.public_key())
    key = HKDF(hashes.SHA256(), 32, point(once) + point(server), b"rollcall/1/to-server").derive(agreed)
    return b"\x02" + point(once) + nonce + AESGCM(key).encrypt(nonce, plain, place)


def row(case, outcome, sealed, plain=b"", server=SERVER, once=ONCE, table="claim", ref=CLAIM, version=1, nonce=NONCE):
    fields = [case, outcome, pem(server).hex(), point(server).hex(), pem(once).hex(), nonce.hex(), table, ref.hex()]
    print("\t".join(fields + [str(version), plain.hex() or "-", sealed.hex() or "-"]))


def good(case, plain, **how):
    row(case, "ok", seal(pad(plain), **how), plain=plain, **how)


def flip(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


print("# case\toutcome\tserver\tpoint\tonce\tnonce\ttable\tref\tversion\tplain\tsealed")
good("a_staff_number", b"100358")
good("an_employee_id", b"001-01")
good("full_width_digits", "１００３５８".encode())
good("one_character", b"7")
good("sixty_three", b"1" * 63)
good("sixty_four_needs_no_padding", b"1" * 64)
good("sixty_five", b"1" * 65)
good("nothing", b"")
good("another_server", b"100358", server=OTHER)
good("another_pair", b"100358", once=pair(b"another"))
good("another_place", b"100358", table="card", ref=bytes(16), version=2**64 - 1)
row("without_padding_it_opens_too", "opens", seal(b"100358"), plain=b"100358")

value = seal(pad(b"100358"))
row("wrong_key", "denied", value, server=OTHER)
row("another_table", "denied", value, table="claims")
row("another_claim", "denied", value, ref=flip(CLAIM, 0))
row("last_bit_of_the_claim", "denied", value, ref=flip(CLAIM, 127))
row("another_version", "denied", value, version=2)
row("another_point_of_the_curve", "denied", value[:1] + point(OTHER) + value[66:])
row("first_bit_of_the_nonce", "denied", flip(value, 66 * 8))
row("last_bit_of_the_nonce", "denied", flip(value, 78 * 8 - 1))
row("first_bit_of_the_text", "denied", flip(value, 78 * 8))
row("first_bit_of_the_tag", "denied", flip(value, (len(value) - 16) * 8))
row("last_bit_of_the_tag", "denied", flip(value, len(value) * 8 - 1))
row("last_byte_missing", "denied", value[:-1])
row("one_byte_more", "denied", value + b"\0")
row("format_0", "format", b"\0" + value[1:])
row("format_1", "format", b"\1" + value[1:])
row("format_3", "format", b"\3" + value[1:])
row("a_point_beside_the_curve", "format", flip(value, 66 * 8 - 1))
row("the_point_at_infinity", "format", value[:1] + bytes(65) + value[66:])
row("the_origin", "format", value[:1] + b"\4" + bytes(64) + value[66:])
row("x_above_the_field", "format", value[:2] + b"\xff" * 32 + value[34:])
row("a_compressed_point", "format", value[:1] + b"\2" + value[2:])
row("one_byte_too_short", "format", seal(b"")[:93])
row("format_byte_only", "format", b"\2")
row("empty", "format", b"")
