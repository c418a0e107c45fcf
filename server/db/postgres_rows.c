/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many rows for one INSERT of PostgreSQL: its values go as an array a column, and unnest makes rows of them again. A round trip
 * and a look at the statement are paid once and not a thousand times; storing facts is about twice as fast so as with a pipeline.
 *
 * The statement is the one that SQLite runs row by row: it ends in VALUES with its parameters in order, and here that end becomes
 * SELECT * FROM unnest(…). PostgreSQL inserts in the order of the arrays, so rows that come sorted by their key stay so.
 */
#include "server/db/postgres_priv.h"
#include "shared/base/buf.h"
#include "shared/base/cleanup.h"

#include <endian.h>
#include <string.h>

#define TEXT_MAX_BYTES  8192u
#define ARRAY_MAX_BYTES (256u << 20)

struct column_type {
	const char *name;
	uint32_t oid; /* pg_type.dat */
};

static const struct column_type types[] = {
    [RC_SQL_INT8] = {"bigint", 20},
    [RC_SQL_TEXT] = {"text", 25},
    [RC_SQL_BYTES] = {"bytea", 17},
    [RC_SQL_BOOL] = {"bigint", 20},
};

/* ---- the statement ---- */

/* "VALUES ($1::text, $2::bigint)" as the generator writes it, or what stands for it: "SELECT * FROM unnest($1::text[], …)". */
static void write_source(const struct rc_sql_statement *statement, const char *begin,
			 const char *suffix, struct rc_buf *text)
{
	rc_buf_append_text(text, begin);
	for (size_t i = 0; i < statement->parameter_count; i++)
		rc_buf_printf(text, "%s$%zu::%s%s", i == 0 ? "" : ", ", i + 1,
			      types[statement->parameters[i].type].name, suffix);
	rc_buf_append_text(text, ")");
}

static enum rc_status write_text(const struct rc_sql_statement *statement, struct rc_buf *text,
				 struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf values;
	const size_t size = strlen(statement->postgres);
	enum rc_status status;

	rc_buf_init(&values, TEXT_MAX_BYTES);
	write_source(statement, "VALUES (", "", &values);
	status = rc_buf_status(&values, err);
	if (status != RC_OK)
		return status;
	if (size < values.size ||
	    strcmp(statement->postgres + size - values.size, rc_buf_text(&values)) != 0)
		return rc_fail(err, RC_EBUG, "%s: doesn't end in VALUES with its parameters in order",
			       statement->name);
	rc_buf_append_bytes(text, rc_bytes_of(statement->postgres, size - values.size));
	write_source(statement, "SELECT * FROM unnest(", "[]", text);
	return rc_buf_status(text, err);
}

/* ---- the arrays ---- */

static void append_number(struct rc_buf *array, uint32_t number)
{
	const uint32_t big = htobe32(number);

	rc_buf_append_bytes(array, rc_bytes_of(&big, sizeof(big)));
}

/* One dimension of that many elements, counted from 1. */
static void append_header(struct rc_buf *array, enum rc_sql_type type, size_t count)
{
	append_number(array, 1);
	append_number(array, 1); /* there may be NULLs */
	append_number(array, types[type].oid);
	append_number(array, (uint32_t)count);
	append_number(array, 1);
}

static void append_value(struct rc_buf *array, const struct rc_db_value *value)
{
	const uint64_t big = htobe64((uint64_t)value->number);

	if (value->type == RC_DB_TYPE_NULL) {
		append_number(array, UINT32_MAX);
	} else if (value->type == RC_DB_TYPE_INT) {
		append_number(array, sizeof(big));
		rc_buf_append_bytes(array, rc_bytes_of(&big, sizeof(big)));
	} else {
		append_number(array, (uint32_t)value->bytes.size);
		rc_buf_append_bytes(array, value->bytes);
	}
}

static enum rc_status fill_arrays(const struct rc_sql_statement *statement, const struct rc_db_rows *rows,
				  struct rc_buf *arrays, struct rc_error *err)
{
	struct rc_db_value values[RC_DB_PG_PARAMETERS_MAX];
	enum rc_status status = RC_OK;

	for (size_t i = 0; i < statement->parameter_count; i++)
		append_header(&arrays[i], statement->parameters[i].type, rows->count);
	for (size_t row = 0; status == RC_OK && row < rows->count; row++) {
		rows->fill(rows->context, row, values);
		status = rc_db__check_values(
		    statement, (struct rc_db_values){values, statement->parameter_count}, err);
		for (size_t i = 0; status == RC_OK && i < statement->parameter_count; i++)
			append_value(&arrays[i], &values[i]);
	}
	for (size_t i = 0; status == RC_OK && i < statement->parameter_count; i++)
		status = rc_buf_status(&arrays[i], err);
	return status;
}

/* ---- the call ---- */

static enum rc_status call(struct rc_db_pg_connection *connection,
			   const struct rc_sql_statement *statement, const char *text,
			   const struct rc_buf *arrays, struct rc_error *err)
{
	struct rc_db_visit nothing = {.visit = NULL}; /* an INSERT gives no rows */
	const char *values[RC_DB_PG_PARAMETERS_MAX];
	int sizes[RC_DB_PG_PARAMETERS_MAX];
	const struct rc_db_pg_call insert = {.what = statement->name,
					     .text = text,
					     .count = (int)statement->parameter_count,
					     .values = values,
					     .sizes = sizes};

	for (size_t i = 0; i < statement->parameter_count; i++) {
		values[i] = (const char *)arrays[i].data;
		sizes[i] = (int)arrays[i].size;
	}
	return rc_db__pg_call(connection, &insert, &nothing, err);
}

enum rc_status rc_db__pg_run_rows(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				  const struct rc_db_rows *rows, struct rc_error *err)
{
	struct rc_db_pg_connection *connection = ((struct rc_db_pg_tx *)tx)->connection;
	struct rc_buf arrays[RC_DB_PG_PARAMETERS_MAX];
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	enum rc_status status;

	rc_buf_init(&text, TEXT_MAX_BYTES);
	if (statement->parameter_count == 0 || statement->parameter_count > RC_DB_PG_PARAMETERS_MAX)
		return rc_fail(err, RC_EBUG, "%s: %zu parameters", statement->name,
			       statement->parameter_count);
	status = write_text(statement, &text, err);
	if (status != RC_OK)
		return status;
	for (size_t i = 0; i < statement->parameter_count; i++)
		rc_buf_init(&arrays[i], ARRAY_MAX_BYTES);
	status = fill_arrays(statement, rows, arrays, err);
	if (status == RC_OK)
		status = call(connection, statement, rc_buf_text(&text), arrays, err);
	for (size_t i = 0; i < statement->parameter_count; i++)
		rc_buf_deinit(&arrays[i]);
	return status;
}
