/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FACTS_BODY_H
#define RC_FACTS_BODY_H
/*
 * Bodies of facts by table: how the generated structs of shared/facts_gen/kinds.h become JSON and come back.
 *
 * Programs use the generated functions (rc_fact_<kind>_encode, rc_fact_<kind>_decode); this is what those are made of. Pure; no
 * allocation; any thread.
 */
#include "shared/base/buf.h"

enum rc_fact_type {
	RC_FACT_TYPE_ID,      /* struct rc_id */
	RC_FACT_TYPE_HEX,     /* uint8_t[limit] */
	RC_FACT_TYPE_INT,     /* int64_t, 0 … limit */
	RC_FACT_TYPE_TEXT,    /* char[limit + 1] */
	RC_FACT_TYPE_VERDICT, /* enum rc_verdict */
	RC_FACT_TYPE_EPOCH,   /* uint64_t */
	RC_FACT_TYPE_TIME,    /* int64_t, ms since 1970 */
};

struct rc_fact_field {
	const char *name; /* in JSON */
	enum rc_fact_type type;
	bool is_optional;
	int64_t limit;     /* see the types */
	size_t offset;     /* of the value in the struct */
	size_t has_offset; /* of its `has_…`, where it is optional */
};

#define RC_FACT_BODY_STRUCT_MAX_BYTES 2048u
#define RC_FACT_BODY_FIELDS_MAX       32u

/* A kind at one version. */
struct rc_fact_shape {
	const char *kind;
	int64_t version;
	size_t size; /* of the struct */
	const struct rc_fact_field *fields;
	size_t field_count;
};

/* Appends the body, fields in the table's order; an optional field that is not there is null. The caller keeps to the limits. */
void rc_fact_body_encode(const struct rc_fact_shape *shape, const void *body, struct rc_buf *json);

/* Reads a body; unknown fields are passed over, an optional one may be null or missing. RC_EFORMAT names the field that is missing,
 * of another type or beyond its limit; `*body` (shape->size bytes) is written only on RC_OK. */
RC_CHECKED enum rc_status rc_fact_body_decode(const struct rc_fact_shape *shape,
					      struct rc_bytes json, void *body, struct rc_error *err);

#endif
