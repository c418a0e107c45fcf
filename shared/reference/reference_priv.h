/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REFERENCE_PRIV_H
#define RC_REFERENCE_PRIV_H
/* What the sources of reference share: lines as documents, payloads as objects, names by table. */
#include "shared/json/json.h"
#include "shared/reference/reference.h"

#define RC_REFERENCE_INTEGER_MAX INT64_C(9007199254740991) /* 2^53-1 */

/* Parses a line or payload that must be an object. Free with rc_json_free. */
RC_CHECKED enum rc_status rc_reference__parse(struct rc_bytes text, struct rc_json **json,
					      struct rc_error *err);

/* The place of a member's text in a table of names; RC_EFORMAT names the key. */
struct rc_reference__names {
	const char *const *names;
	size_t count;
};
#define RC_REFERENCE__NAMES(array)                                                                 \
	(struct rc_reference__names)                                                               \
	{                                                                                          \
		array, sizeof(array) / sizeof((array)[0])                                          \
	}
RC_CHECKED enum rc_status rc_reference__get_name(const struct rc_json_value *object, const char *key,
						 const struct rc_reference__names *names,
						 size_t *index, struct rc_error *err);

#endif
