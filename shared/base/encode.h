/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_ENCODE_H
#define RC_BASE_ENCODE_H
/*
 * Bytes as text: hex, base32 (RFC 4648 section 6, upper case, no padding), base45 (RFC 9285), base64url (RFC 4648 section 5,
 * no padding). Strict both ways: another alphabet, odd lengths and bits that should be zero are RC_EFORMAT.
 *
 * Pure; any thread. Encoders write a NUL behind the text and need room for it: `RC_HEX_CHARS(n) + 1` and so on.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

#define RC_HEX_CHARS(bytes)    ((bytes)*2u)
#define RC_BASE32_CHARS(bytes) (((bytes)*8u + 4u) / 5u)
#define RC_BASE45_CHARS(bytes) ((bytes) / 2u * 3u + (bytes) % 2u * 2u)
#define RC_BASE64_CHARS(bytes) (((bytes)*4u + 2u) / 3u)

/* Write the text of all bytes; they can't fail. */
void rc_hex_encode(struct rc_bytes bytes, char *text);
void rc_base45_encode(struct rc_bytes bytes, char *text);
void rc_base64url_encode(struct rc_bytes bytes, char *text);
void rc_base32_encode(struct rc_bytes bytes, char *text);

/* Exactly `size` bytes from 2 * size lower-case digits; `out` as below. */
RC_CHECKED enum rc_status rc_hex_decode(struct rc_bytes text, uint8_t *out, size_t size);

/* At most `max` bytes; `*size` is how many. RC_ELIMIT if there are more. On failure `out` may hold the bytes up to the fault. */
RC_CHECKED enum rc_status rc_base32_decode(struct rc_bytes text, uint8_t *out, size_t max, size_t *size);
RC_CHECKED enum rc_status rc_base45_decode(struct rc_bytes text, uint8_t *out, size_t max, size_t *size);
RC_CHECKED enum rc_status rc_base64url_decode(struct rc_bytes text, uint8_t *out, size_t max,
					      size_t *size);

/* True if all characters are of the base32 alphabet; says nothing of the trailing bits (a badge's 26 characters hold 130). */
bool rc_base32_is_alphabet(struct rc_bytes text);

#endif
