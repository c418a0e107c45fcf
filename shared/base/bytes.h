/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_BYTES_H
#define RC_BASE_BYTES_H
/*
 * A borrowed run of bytes: not ended by NUL, any value inside. Whoever made it says how long it lives.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rc_bytes {
	const uint8_t *data; /* may be NULL only where size is 0 */
	size_t size;
};

/* Borrows `size` bytes at `data`. */
static inline struct rc_bytes rc_bytes_of(const void *data, size_t size)
{
	return (struct rc_bytes){.data = (const uint8_t *)data, .size = size};
}

/* The characters of an ended string, without its NUL. */
static inline struct rc_bytes rc_bytes_of_text(const char *text)
{
	return rc_bytes_of(text, strlen(text));
}

/* Equal or not; leaves at the first difference, so it is not for secrets. */
static inline bool rc_bytes_equal(struct rc_bytes a, struct rc_bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* True if the bytes are exactly the characters of an ended string. */
static inline bool rc_bytes_is_text(struct rc_bytes bytes, const char *text)
{
	return rc_bytes_equal(bytes, rc_bytes_of_text(text));
}

/* The place of a text in a table of `count` names; false if it is none of them. */
bool rc_bytes_find_name(struct rc_bytes text, const char *const *names, size_t count, size_t *place);

/* Equal or not in a time that depends on the sizes alone: for secrets, tags and tokens. */
bool rc_bytes_equal_secret(struct rc_bytes a, struct rc_bytes b);

/* Overwrites memory in a way the compiler may not leave out. */
void rc_wipe(void *data, size_t size);

/* Copies bytes into a NUL-ended field. False (and `to` is "") if they don't fit or hold a NUL. */
bool rc_bytes_copy_text(struct rc_bytes from, char *to, size_t to_size);

/* As rc_bytes_copy_text, for an ended string. */
bool rc_text_copy(const char *from, char *to, size_t to_size);

#endif
