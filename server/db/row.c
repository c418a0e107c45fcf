/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values going in and columns coming out, each checked against what it should be: a wrong one is a named failure of its
 * statement, never a crash and never a silent conversion by the engine.
 */
#include "server/db/db.h"
#include "server/db/db_priv.h"
#include "shared/base/utf8.h"

#include <string.h>

/* ---- in ---- */

static enum rc_db_type type_for(enum rc_sql_type type)
{
	switch (type) {
	case RC_SQL_TEXT:
		return RC_DB_TYPE_TEXT;
	case RC_SQL_BYTES:
		return RC_DB_TYPE_BYTES;
	case RC_SQL_INT8:
	case RC_SQL_BOOL:
	default:
		return RC_DB_TYPE_INT;
	}
}

/* PostgreSQL takes no NUL in text and nothing that isn't UTF-8; what one engine refuses the other doesn't get either. */
static bool is_text(struct rc_bytes bytes)
{
	return bytes.size == 0 ||
	       (memchr(bytes.data, 0, bytes.size) == NULL && rc_utf8_is_valid(bytes));
}

static const char *fault_of(const struct rc_sql_parameter *parameter, const struct rc_db_value *value)
{
	if (value->type == RC_DB_TYPE_NULL)
		return parameter->may_be_null ? NULL : "may not be NULL";
	if (value->type != type_for(parameter->type))
		return "is of another type";
	if (parameter->type == RC_SQL_BOOL && value->number != 0 && value->number != 1)
		return "is neither 0 nor 1";
	if (value->bytes.size > INT32_MAX)
		return "is too long";
	return NULL;
}

enum rc_status rc_db__check_values(const struct rc_sql_statement *statement,
				   struct rc_db_values values, struct rc_error *err)
{
	if (values.count != statement->parameter_count)
		return rc_fail(err, RC_EBUG, "%s: %zu values for %zu parameters", statement->name,
			       values.count, statement->parameter_count);
	for (size_t i = 0; i < values.count; i++) {
		const char *fault = fault_of(&statement->parameters[i], &values.items[i]);

		if (fault != NULL)
			return rc_fail(err, RC_EBUG, "%s: $%zu %s", statement->name, i + 1, fault);
		if (values.items[i].type == RC_DB_TYPE_TEXT && !is_text(values.items[i].bytes))
			return rc_fail(err, RC_EFORMAT, "%s: $%zu is no text", statement->name, i + 1);
	}
	return RC_OK;
}

/* ---- out ---- */

static void note_fault(const struct rc_db_row *row, int column, const char *what)
{
	if (row->fault->column < 0)
		*row->fault = (struct rc_db_row_fault){.column = column, .what = what};
}

static bool is_column(const struct rc_db_row *row, int column)
{
	return column >= 0 && column < row->driver->column_count(row);
}

/* True if there is a value of that type to read; NULL is silently none. */
static bool holds(const struct rc_db_row *row, int column, enum rc_db_type type)
{
	enum rc_db_type found;

	if (!is_column(row, column)) {
		note_fault(row, column, "is not there");
		return false;
	}
	found = row->driver->column_type(row, column);
	if (found != type && found != RC_DB_TYPE_NULL)
		note_fault(row, column, "is of another type");
	return found == type;
}

int64_t rc_db_row_int(const struct rc_db_row *row, int column)
{
	return holds(row, column, RC_DB_TYPE_INT) ? row->driver->column_int(row, column) : 0;
}

bool rc_db_row_bool(const struct rc_db_row *row, int column)
{
	return rc_db_row_int(row, column) != 0;
}

static struct rc_bytes bytes_of(const struct rc_db_row *row, int column, enum rc_db_type type)
{
	return holds(row, column, type) ? row->driver->column_bytes(row, column) : rc_bytes_of("", 0);
}

struct rc_bytes rc_db_row_text(const struct rc_db_row *row, int column)
{
	return bytes_of(row, column, RC_DB_TYPE_TEXT);
}

struct rc_bytes rc_db_row_bytes(const struct rc_db_row *row, int column)
{
	return bytes_of(row, column, RC_DB_TYPE_BYTES);
}

bool rc_db_row_is_null(const struct rc_db_row *row, int column)
{
	if (is_column(row, column))
		return row->driver->column_type(row, column) == RC_DB_TYPE_NULL;
	note_fault(row, column, "is not there");
	return true;
}

void rc_db_row_copy_text(const struct rc_db_row *row, int column, char *to, size_t to_size)
{
	if (!rc_bytes_copy_text(rc_db_row_text(row, column), to, to_size))
		note_fault(row, column, "is too long");
}

void rc_db_row_copy_bytes(const struct rc_db_row *row, int column, void *to, size_t size)
{
	const struct rc_bytes bytes = rc_db_row_bytes(row, column);

	if (bytes.size == size) {
		memcpy(to, bytes.data, size);
		return;
	}
	memset(to, 0, size);
	if (!rc_db_row_is_null(row, column))
		note_fault(row, column, "is of another length");
}

const char *rc_db_row_column(const struct rc_db_row *row, int column)
{
	return is_column(row, column) ? row->driver->column_name(row, column) : NULL;
}
