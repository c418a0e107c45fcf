#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints sealed.tsv. AES-256-GCM with additional data is beyond openssl(1), so this one needs Debian's python3-cryptography."""
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = bytes(range(32))
REF = bytes.fromhex("3f2a9c0e7b5d41868f10a2b3c4d5e6f7")
NONCE = bytes(range(0xA0, 0xAC))
JSON = '{"name":"张三丰","number":"001-01","language":"zh-CN","role":"participant"}'.encode()


def seal(key=KEY, table="person", ref=REF, version=7, nonce=NONCE, plain=b""):
    place = b"rollcall/1\0" + table.encode() + b"\0" + ref + struct.pack(">Q", version)
    return b"\x01" + nonce + AESGCM(key).encrypt(nonce, plain, place)


def pad(json):
    return json + b" " * (-len(json) % 64)


def row(case, outcome, sealed, key=KEY, table="person", ref=REF, version=7, nonce=NONCE, json=None, plain=None):
    fields = [case, outcome, key.hex(), table, ref.hex(), str(version), nonce.hex()]
    fields += [value.hex() or "-" if value is not None else "-" for value in (json, plain, sealed)]
    print("\t".join(fields))


def good(case, plain, json=None, **place):
    row(case, "ok", seal(plain=plain, **place), plain=plain, json=json, **place)


def flip(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


print("# case\toutcome\tkey\ttable\tref\tversion\tnonce\tjson\tplain\tsealed")
good("a_person", pad(JSON), json=JSON)
good("one_character", pad(b"1"), json=b"1")
good("sixty_three", pad(b'"' + b"x" * 61 + b'"'), json=b'"' + b"x" * 61 + b'"')
good("sixty_four_needs_no_padding", b'"' + b"x" * 62 + b'"', json=b'"' + b"x" * 62 + b'"')
good("sixty_five", pad(b'"' + b"x" * 63 + b'"'), json=b'"' + b"x" * 63 + b'"')
good("a_key", bytes(range(0x40, 0x60)), table="credential")
good("of_a_list", bytes(range(32)), table="list_key", ref=bytes(16), version=1)
good("nothing", b"")
good("every_byte", bytes(range(256)))
good("version_0", b"x", version=0)
good("highest_version", b"x", version=2**64 - 1)
good("key_of_ones", b"x", key=b"\xff" * 32)
good("nonce_of_zeros", b"x", nonce=bytes(12))

plain = b"a value of no great length"
value = seal(plain=plain)
row("wrong_key", "denied", value, key=flip(KEY, 0))
row("last_bit_of_the_key", "denied", value, key=flip(KEY, 255))
row("another_table", "denied", value, table="credential")
row("a_table_that_begins_alike", "denied", value, table="perso")
row("no_table", "denied", value, table="-")
row("another_row", "denied", value, ref=flip(REF, 0))
row("last_bit_of_the_row", "denied", value, ref=flip(REF, 127))
row("an_older_version", "denied", value, version=6)
row("a_newer_version", "denied", value, version=8)
row("highest_bit_of_the_version", "denied", value, version=7 + 2**63)
row("first_bit_of_the_nonce", "denied", flip(value, 8))
row("last_bit_of_the_nonce", "denied", flip(value, 13 * 8 - 1))
row("first_bit_of_the_text", "denied", flip(value, 13 * 8))
row("last_bit_of_the_text", "denied", flip(value, (len(value) - 16) * 8 - 1))
row("first_bit_of_the_tag", "denied", flip(value, (len(value) - 16) * 8))
row("last_bit_of_the_tag", "denied", flip(value, len(value) * 8 - 1))
row("last_byte_missing", "denied", value[:-1])
row("one_byte_more", "denied", value + b"\0")
row("two_values_together", "denied", value + value)
row("format_0", "format", b"\0" + value[1:])
row("format_2", "format", b"\2" + value[1:])
row("one_byte_too_short", "format", seal()[:28])
row("format_byte_only", "format", b"\1")
row("empty", "format", b"")
