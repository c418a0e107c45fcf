/* SPDX-License-Identifier: Apache-2.0 */
/* A last label of digits alone could only be a strange way to write an address, so it is no name (as browsers see it). */
#include "shared/crypto/host.h"

#include <arpa/inet.h>

#define LABEL_MAX_CHARS 63u

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_label(struct rc_bytes label)
{
	if (label.size == 0 || label.size > LABEL_MAX_CHARS || label.data[0] == '-' ||
	    label.data[label.size - 1] == '-')
		return false;
	for (size_t i = 0; i < label.size; i++) {
		if (!is_letter(label.data[i]) && !is_digit(label.data[i]) && label.data[i] != '-')
			return false;
	}
	return true;
}

static bool is_number(struct rc_bytes label)
{
	for (size_t i = 0; i < label.size; i++) {
		if (!is_digit(label.data[i]))
			return false;
	}
	return true;
}

static bool is_name(struct rc_bytes text)
{
	struct rc_bytes label = {0};

	for (size_t begin = 0; begin <= text.size; begin += label.size + 1) {
		const uint8_t *from = text.data + begin;
		const uint8_t *dot = memchr(from, '.', text.size - begin);

		label = rc_bytes_of(from, dot ? (size_t)(dot - from) : text.size - begin);
		if (!is_label(label))
			return false;
	}
	return !is_number(label);
}

enum rc_host rc_host_read(struct rc_bytes text, uint8_t address[16])
{
	char copy[RC_HOST_MAX_CHARS + 1];
	uint8_t unused[16];
	uint8_t *to = address ? address : unused;

	if (text.size == 0 || !rc_bytes_copy_text(text, copy, sizeof(copy)))
		return RC_HOST_INVALID;
	if (inet_pton(AF_INET, copy, to) == 1)
		return RC_HOST_IPV4;
	if (inet_pton(AF_INET6, copy, to) == 1)
		return RC_HOST_IPV6;
	return is_name(text) ? RC_HOST_NAME : RC_HOST_INVALID;
}
