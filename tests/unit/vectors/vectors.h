/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_UNIT_VECTORS_H
#define RC_TESTS_UNIT_VECTORS_H
/*
 * Walks through a table of tests/data/vectors (its README says how they look) inside a cmocka test.
 */
#include "shared/base/bytes.h"
#include "shared/base/id.h"

#define RC_VECTOR_MAX_FIELDS 12u

/* One row: the fields as ended texts, "-" turned into "". */
struct rc_vector {
	char *field[RC_VECTOR_MAX_FIELDS];
};

/* Fails the running test, naming the cases, unless the file has rows, each of `fields` fields, and `holds` is true for all. */
void rc_vectors_check(const char *path, size_t fields, bool (*holds)(const struct rc_vector *row));

/* The bytes of a hex field, written to `to`; a bad field or more than `max` bytes fails the test. */
struct rc_bytes rc_vector_bytes(const char *hex, uint8_t *to, size_t max);

/* The id in a field that holds a UUID. */
struct rc_id rc_vector_id(const char *text);

#endif
