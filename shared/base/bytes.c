/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/bytes.h"

bool rc_bytes_find_name(struct rc_bytes text, const char *const *names, size_t count, size_t *place)
{
	for (size_t i = 0; i < count; i++) {
		if (rc_bytes_is_text(text, names[i])) {
			*place = i;
			return true;
		}
	}
	return false;
}

bool rc_bytes_equal_secret(struct rc_bytes a, struct rc_bytes b)
{
	volatile uint8_t difference = 0;

	if (a.size != b.size)
		return false;
	for (size_t i = 0; i < a.size; i++)
		difference = (uint8_t)(difference | (a.data[i] ^ b.data[i]));
	return difference == 0;
}

void rc_wipe(void *data, size_t size)
{
	explicit_bzero(data, size);
}

bool rc_bytes_copy_text(struct rc_bytes from, char *to, size_t to_size)
{
	to[0] = '\0';
	if (from.size >= to_size || (from.size > 0 && memchr(from.data, '\0', from.size)))
		return false;
	if (from.size > 0)
		memcpy(to, from.data, from.size);
	to[from.size] = '\0';
	return true;
}

bool rc_text_copy(const char *from, char *to, size_t to_size)
{
	return rc_bytes_copy_text(rc_bytes_of_text(from), to, to_size);
}
