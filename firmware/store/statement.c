/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements: prepared once, bound without copying (what is bound lives until the statement is reset), always reset.
 */
#include "firmware/store/store.h"
#include "firmware/store/store_priv.h"
#include "shared/base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum rc_status rc_store__prepare(struct rc_store *store, const char *sql, sqlite3_stmt **statement,
				 struct rc_error *err)
{
	int code = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);

	return code == SQLITE_OK ? RC_OK : rc_store__fail(store, code, err, "prepare");
}

enum rc_status rc_store__execute(struct rc_store *store, const char *sql, struct rc_error *err)
{
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? RC_OK : rc_store__fail(store, code, err, "pragma");
}

static enum rc_status ask(struct rc_store *store, const char *sql, sqlite3_stmt **statement,
			  struct rc_error *err)
{
	enum rc_status status = rc_store__prepare(store, sql, statement, err);
	int code;

	if (status != RC_OK)
		return status;
	code = sqlite3_step(*statement);
	return code == SQLITE_ROW ? RC_OK : rc_store__fail(store, code, err, sql);
}

enum rc_status rc_store__ask_int(struct rc_store *store, const char *sql, int64_t *value,
				 struct rc_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum rc_status status = ask(store, sql, &statement, err);

	if (status == RC_OK)
		*value = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return status;
}

enum rc_status rc_store__ask_text(struct rc_store *store, const char *sql, char *text, size_t size,
				  struct rc_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum rc_status status = ask(store, sql, &statement, err);

	if (status == RC_OK) {
		const char *answer = (const char *)sqlite3_column_text(statement, 0);

		(void)snprintf(text, size, "%s", answer != NULL ? answer : "");
	}
	(void)sqlite3_finalize(statement);
	return status;
}

static int bind_one(sqlite3_stmt *statement, int place, const struct rc_store_value *value)
{
	const void *data = value->bytes.size > 0 ? value->bytes.data : (const void *)"";

	if (value->bytes.size > INT32_MAX)
		return SQLITE_TOOBIG;
	switch (value->type) {
	case RC_STORE_INT:
		return sqlite3_bind_int64(statement, place, value->number);
	case RC_STORE_TEXT:
		return sqlite3_bind_text(statement, place, data, (int)value->bytes.size, SQLITE_STATIC);
	case RC_STORE_BYTES:
		return sqlite3_bind_blob(statement, place, data, (int)value->bytes.size, SQLITE_STATIC);
	case RC_STORE_NULL:
	default:
		return sqlite3_bind_null(statement, place);
	}
}

static int bind_all(sqlite3_stmt *statement, const struct rc_store_value *values)
{
	const int count = sqlite3_bind_parameter_count(statement);
	int code = SQLITE_OK;

	assert(count <= (int)RC_STORE_VALUES_MAX);
	assert(!sqlite3_stmt_busy(statement));
	for (int i = 0; code == SQLITE_OK && i < count; i++)
		code = bind_one(statement, i + 1, &values[i]);
	return code;
}

/* Resets, and forgets what was bound: it belongs to the caller. */
static void let_go(sqlite3_stmt *statement)
{
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
}

static const char *name_of(const struct rc_store *store, const sqlite3_stmt *statement)
{
	for (size_t i = 0; i < store->options.plan.statement_count; i++) {
		if (store->statements[i] == statement)
			return store->options.plan.statements[i].name;
	}
	return "statement";
}

enum rc_status rc_store_run(struct rc_store *store, size_t statement,
			    const struct rc_store_value *values, int64_t *changed, struct rc_error *err)
{
	sqlite3_stmt *prepared = store->statements[statement];
	int code = bind_all(prepared, values);

	if (code == SQLITE_OK)
		code = sqlite3_step(prepared);
	if (code == SQLITE_DONE) {
		if (changed != NULL)
			*changed = sqlite3_changes64(store->db);
		let_go(prepared);
		return RC_OK;
	}
	enum rc_status status = rc_store__fail(store, code, err, name_of(store, prepared));

	let_go(prepared);
	return status;
}

enum rc_status rc_store_run_alone(struct rc_store *store, size_t statement,
				  const struct rc_store_value *values, struct rc_error *err)
{
	enum rc_status status = rc_store__get_ready(store, err);

	assert(store->options.role == RC_STORE_WRITER);
	return status == RC_OK ? rc_store_run(store, statement, values, NULL, err) : status;
}

struct rc_store_rows rc_store_look(struct rc_store *store, size_t statement,
				   const struct rc_store_value *values)
{
	sqlite3_stmt *prepared = store->statements[statement];
	const int code = bind_all(prepared, values);

	return (struct rc_store_rows){
	    .store = store, .statement = prepared, .status = code == SQLITE_OK ? RC_OK : RC_ELIMIT};
}

enum rc_status rc_store_next(struct rc_store_rows *rows, struct rc_error *err)
{
	int code;

	if (rows->status != RC_OK)
		return rc_fail(err, rows->status, "a value is too long for the store");
	code = sqlite3_step(rows->statement);
	if (code == SQLITE_ROW)
		return RC_OK;
	if (code == SQLITE_DONE)
		return RC_ENOTFOUND;
	return rc_store__fail(rows->store, code, err, name_of(rows->store, rows->statement));
}

void rc_store_done(struct rc_store_rows *rows)
{
	if (rows->statement != NULL)
		let_go(rows->statement);
	rows->statement = NULL;
}

int64_t rc_store_get_int(const struct rc_store_rows *rows, int column)
{
	return sqlite3_column_int64(rows->statement, column);
}

struct rc_bytes rc_store_get_bytes(const struct rc_store_rows *rows, int column)
{
	const void *data = sqlite3_column_blob(rows->statement, column);

	return rc_bytes_of(data, (size_t)sqlite3_column_bytes(rows->statement, column));
}

bool rc_store_get_exact(const struct rc_store_rows *rows, int column, void *to, size_t size)
{
	struct rc_bytes bytes = rc_store_get_bytes(rows, column);

	if (bytes.size != size)
		return false;
	memcpy(to, bytes.data, size);
	return true;
}

bool rc_store_get_text(const struct rc_store_rows *rows, int column, char *to, size_t to_size)
{
	return rc_bytes_copy_text(rc_store_get_bytes(rows, column), to, to_size);
}

enum rc_status rc_store_explain(struct rc_store *store, size_t statement, struct rc_buf *plan,
				struct rc_error *err)
{
	char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sqlite3_sql(store->statements[statement]));
	sqlite3_stmt *explain = NULL;
	enum rc_status status = sql != NULL ? rc_store__prepare(store, sql, &explain, err)
					    : rc_fail(err, RC_ENOMEM, "out of memory");

	while (status == RC_OK && sqlite3_step(explain) == SQLITE_ROW)
		rc_buf_printf(plan, "%s\n", (const char *)sqlite3_column_text(explain, 3));
	(void)sqlite3_finalize(explain);
	sqlite3_free(sql);
	return status != RC_OK ? status : rc_buf_status(plan, err);
}
