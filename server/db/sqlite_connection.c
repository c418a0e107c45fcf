/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SQLite connection: set up in the one way that keeps the promises of db.h, statements prepared once and always reset (an
 * open one would hold the WAL), results turned into statuses.
 *
 * The file is input like any other: cells are checked, its schema may call nothing. Values are bound without copying: they live
 * until the statement is reset.
 */
#include "server/db/sqlite_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The WAL is cut to this after it was moved into the database: a burst doesn't keep its room for ever. */
#define WAL_KEPT_BYTES "67108864"

static const char *const control_texts[RC_DB_CONTROLS] = {
    [RC_DB_BEGIN_READ] = "BEGIN",
    [RC_DB_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [RC_DB_COMMIT] = "COMMIT",
    [RC_DB_ROLLBACK] = "ROLLBACK",
    [RC_DB_SAVEPOINT] = "SAVEPOINT one",
    [RC_DB_RELEASE] = "RELEASE one",
    [RC_DB_ROLLBACK_TO] = "ROLLBACK TO one",
};

/* ---- errors ---- */

static enum rc_status fail_disk(const struct rc_db_connection *connection, struct rc_error *err,
				const char *what)
{
	const int last = errno; /* of a COMMIT SQLite keeps no number, so the callers start from 0 */
	const int kept = sqlite3_system_errno(connection->handle);
	const int number = kept != 0 ? kept : last;

	if (sqlite3_extended_errcode(connection->handle) == SQLITE_IOERR_NOMEM)
		return rc_fail(err, RC_ENOMEM, "%s: out of memory", what);
	if (number == 0)
		return rc_fail(err, RC_EIO, "%s: %s (%s)", what, sqlite3_errmsg(connection->handle),
			       connection->path);
	return rc_fail_errno(err, number, "%s: %s (%s)", what, sqlite3_errmsg(connection->handle),
			     connection->path) == RC_ENOMEM
		   ? RC_ENOMEM
		   : RC_EIO;
}

enum rc_status rc_db__connection_fail(const struct rc_db_connection *connection, int code,
				      struct rc_error *err, const char *what)
{
	const char *words = sqlite3_errmsg(connection->handle);

	switch (code & 0xff) {
	case SQLITE_FULL:
		return rc_fail(err, RC_EIO, "%s: disk full (%s)", what, connection->path);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return fail_disk(connection, err, what);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return rc_fail(err, RC_EBUSY, "%s: %s (%s)", what, words, connection->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return rc_fail(err, RC_EFORMAT, "%s: %s (%s)", what, words, connection->path);
	case SQLITE_CONSTRAINT:
		return rc_fail(err, RC_ECONFLICT, "%s: %s", what, words);
	case SQLITE_TOOBIG:
		return rc_fail(err, RC_ELIMIT, "%s: %s", what, words);
	case SQLITE_NOMEM:
		return rc_fail(err, RC_ENOMEM, "%s: out of memory", what);
	default:
		return rc_fail(err, RC_EBUG, "%s: %s (%d)", what, words, code);
	}
}

/* ---- opening ---- */

static enum rc_status set_pragmas(struct rc_db_connection *connection, const char *pragmas,
				  struct rc_error *err)
{
	const int code = sqlite3_exec(connection->handle, pragmas, NULL, NULL, NULL);

	return code == SQLITE_OK ? RC_OK : rc_db__connection_fail(connection, code, err, "open");
}

/* An answer other than "wal" is no error code: network file systems say no this way. */
static enum rc_status set_wal(struct rc_db_connection *connection, struct rc_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum rc_status status = RC_OK;
	int code =
	    sqlite3_prepare_v2(connection->handle, "PRAGMA journal_mode=WAL", -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code != SQLITE_ROW)
		status = rc_db__connection_fail(connection, code, err, "open");
	else if (strcmp((const char *)sqlite3_column_text(statement, 0), "wal") != 0)
		status =
		    rc_fail(err, RC_EIO, "open: the file system takes no WAL (%s)", connection->path);
	(void)sqlite3_finalize(statement);
	return status;
}

static enum rc_status set_up(struct rc_db_connection *connection, int busy_ms, struct rc_error *err)
{
	sqlite3 *handle = connection->handle;
	enum rc_status status;

	(void)sqlite3_busy_timeout(handle, busy_ms);
	(void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	/* Checkpoints are the writer's, when it says so: two at once could damage the WAL (SQLite before 3.51.3). */
	(void)sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_wal_autocheckpoint(handle, 0);
	/* Foreign keys for readers too: a plan that is asked for there must be the writer's. */
	status = set_pragmas(
	    connection, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;", err);
	if (status == RC_OK && connection->is_writer)
		status = set_wal(connection, err);
	if (status == RC_OK && connection->is_writer)
		status = set_pragmas(
		    connection,
		    "PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
		    "PRAGMA secure_delete=ON; PRAGMA journal_size_limit=" WAL_KEPT_BYTES,
		    err);
	return status;
}

enum rc_status rc_db__connection_set_cache(struct rc_db_connection *connection, size_t mib,
					   struct rc_error *err)
{
	char pragma[48];

	(void)snprintf(pragma, sizeof(pragma), "PRAGMA cache_size=-%zu", mib * 1024);
	return set_pragmas(connection, pragma, err);
}

static enum rc_status prepare_controls(struct rc_db_connection *connection, struct rc_error *err)
{
	for (size_t i = 0; i < RC_DB_CONTROLS; i++) {
		const int code =
		    sqlite3_prepare_v3(connection->handle, control_texts[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &connection->controls[i], NULL);

		if (code != SQLITE_OK)
			return rc_db__connection_fail(connection, code, err, control_texts[i]);
	}
	return RC_OK;
}

enum rc_status rc_db__connection_open(struct rc_db_connection *connection, const char *path,
				      bool is_writer, int busy_ms, struct rc_error *err)
{
	const int mode = is_writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	enum rc_status status = RC_OK;
	int code;

	memset(connection, 0, sizeof(*connection));
	connection->path = path;
	connection->is_writer = is_writer;
	code = sqlite3_open_v2(
	    path, &connection->handle,
	    mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE, NULL);
	if (connection->handle == NULL)
		return rc_fail(err, RC_ENOMEM, "open: out of memory (%s)", path);
	if (code != SQLITE_OK)
		status = rc_db__connection_fail(connection, code, err, "open");
	if (status == RC_OK)
		status = set_up(connection, busy_ms, err);
	if (status == RC_OK)
		status = prepare_controls(connection, err);
	if (status != RC_OK)
		rc_db__connection_close(connection);
	return status;
}

void rc_db__connection_close(struct rc_db_connection *connection)
{
	for (size_t i = 0; i < RC_DB_CACHE_SLOTS; i++)
		(void)sqlite3_finalize(connection->cache[i].prepared);
	for (size_t i = 0; i < RC_DB_CONTROLS; i++)
		(void)sqlite3_finalize(connection->controls[i]);
	(void)sqlite3_close(connection->handle);
	connection->handle = NULL;
}

/* ---- transactions ---- */

enum rc_status rc_db__connection_control(struct rc_db_connection *connection,
					 enum rc_db_control control, struct rc_error *err)
{
	sqlite3_stmt *statement = connection->controls[control];
	enum rc_status status = RC_OK;
	int code;

	errno = 0;
	code = sqlite3_step(statement);
	if (code != SQLITE_DONE)
		status = rc_db__connection_fail(connection, code, err, control_texts[control]);
	(void)sqlite3_reset(statement);
	return status;
}

bool rc_db__connection_is_in_transaction(const struct rc_db_connection *connection)
{
	return sqlite3_get_autocommit(connection->handle) == 0;
}

/* ---- statements ---- */

struct sqlite_row {
	struct rc_db_row base;
	sqlite3_stmt *prepared;
};

static sqlite3_stmt *prepared_of(const struct rc_db_row *row)
{
	return ((const struct sqlite_row *)row)->prepared;
}

static struct rc_db_cached *slot_of(struct rc_db_connection *connection,
				    const struct rc_sql_statement *statement)
{
	size_t place = ((uintptr_t)statement >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32;

	for (;; place++) {
		struct rc_db_cached *slot = &connection->cache[place & (RC_DB_CACHE_SLOTS - 1)];

		if (slot->statement == statement || slot->statement == NULL)
			return slot;
	}
}

static enum rc_status prepare(struct rc_db_connection *connection,
			      const struct rc_sql_statement *statement, unsigned flags,
			      sqlite3_stmt **prepared, struct rc_error *err)
{
	const int code =
	    sqlite3_prepare_v3(connection->handle, statement->sqlite, -1, flags, prepared, NULL);

	return code == SQLITE_OK ? RC_OK
				 : rc_db__connection_fail(connection, code, err, statement->name);
}

/* The cached statement; or one for this time only (`*is_owned`), where it is in use further up or the cache is full. */
static enum rc_status look_up(struct rc_db_connection *connection,
			      const struct rc_sql_statement *statement, sqlite3_stmt **prepared,
			      bool *is_owned, struct rc_error *err)
{
	struct rc_db_cached *slot = slot_of(connection, statement);
	enum rc_status status;

	*is_owned = slot->statement != NULL ? sqlite3_stmt_busy(slot->prepared) != 0
					    : connection->cached_count >= RC_DB_CACHE_SLOTS / 4 * 3;
	if (*is_owned)
		return prepare(connection, statement, 0, prepared, err);
	if (slot->statement == NULL) {
		status = prepare(connection, statement, SQLITE_PREPARE_PERSISTENT, &slot->prepared, err);
		if (status != RC_OK)
			return status;
		slot->statement = statement;
		connection->cached_count++;
	}
	*prepared = slot->prepared;
	return RC_OK;
}

/* An empty run of bytes may have no address, and without an address SQLite would bind NULL. */
static const void *address_of(struct rc_bytes bytes)
{
	return bytes.size > 0 ? (const void *)bytes.data : "";
}

static int bind_one(sqlite3_stmt *prepared, int place, const struct rc_db_value *value)
{
	const int size = (int)value->bytes.size;

	switch (value->type) {
	case RC_DB_TYPE_INT:
		return sqlite3_bind_int64(prepared, place, value->number);
	case RC_DB_TYPE_TEXT:
		return sqlite3_bind_text(prepared, place, address_of(value->bytes), size, SQLITE_STATIC);
	case RC_DB_TYPE_BYTES:
		return sqlite3_bind_blob(prepared, place, address_of(value->bytes), size, SQLITE_STATIC);
	case RC_DB_TYPE_NULL:
	default:
		return sqlite3_bind_null(prepared, place);
	}
}

static int bind_all(sqlite3_stmt *prepared, struct rc_db_values values)
{
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < values.count; i++)
		code = bind_one(prepared, (int)i + 1, &values.items[i]);
	return code;
}

static enum rc_status step_through(struct rc_db_connection *connection, sqlite3_stmt *prepared,
				   struct rc_db_visit *visit, const char *name, struct rc_error *err)
{
	struct sqlite_row row = {.base.driver = &rc_db__sqlite, .prepared = prepared};
	enum rc_status status = RC_OK;
	int code;

	errno = 0;
	while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
		status = visit->visit(visit, &row.base, err);
		if (status != RC_OK)
			return status;
	}
	if (code != SQLITE_DONE)
		return rc_db__connection_fail(connection, code, err, name);
	visit->changed = sqlite3_changes64(connection->handle);
	return RC_OK;
}

enum rc_status rc_db__sqlite_run(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				 struct rc_db_values values, struct rc_db_visit *visit,
				 struct rc_error *err)
{
	struct rc_db_connection *connection = ((struct rc_db_sqlite_tx *)tx)->connection;
	sqlite3_stmt *prepared = NULL;
	bool is_owned = false;
	int code;
	enum rc_status status = look_up(connection, statement, &prepared, &is_owned, err);

	if (status != RC_OK)
		return status;
	if (!tx->is_writing && !sqlite3_stmt_readonly(prepared))
		status =
		    rc_fail(err, RC_EBUG, "%s: writes in a transaction for reading", statement->name);
	if (status == RC_OK && (code = bind_all(prepared, values)) != SQLITE_OK)
		status = rc_db__connection_fail(connection, code, err, statement->name);
	if (status == RC_OK)
		status = step_through(connection, prepared, visit, statement->name, err);
	if (is_owned) {
		(void)sqlite3_finalize(prepared);
	} else {
		(void)sqlite3_reset(prepared);
		(void)sqlite3_clear_bindings(prepared);
	}
	return status;
}

enum rc_status rc_db__sqlite_script(struct rc_db_tx *tx, const struct rc_sql_migration *script,
				    struct rc_error *err)
{
	struct rc_db_connection *connection = ((struct rc_db_sqlite_tx *)tx)->connection;
	const int code = sqlite3_exec(connection->handle, script->sqlite, NULL, NULL, NULL);

	((struct rc_db_sqlite_tx *)tx)->has_run_script = true;
	return code == SQLITE_OK ? RC_OK : rc_db__connection_fail(connection, code, err, script->name);
}

/* ---- columns ---- */

int rc_db__sqlite_column_count(const struct rc_db_row *row)
{
	return sqlite3_column_count(prepared_of(row));
}

enum rc_db_type rc_db__sqlite_column_type(const struct rc_db_row *row, int column)
{
	switch (sqlite3_column_type(prepared_of(row), column)) {
	case SQLITE_NULL:
		return RC_DB_TYPE_NULL;
	case SQLITE_INTEGER:
		return RC_DB_TYPE_INT;
	case SQLITE_TEXT:
		return RC_DB_TYPE_TEXT;
	case SQLITE_BLOB:
		return RC_DB_TYPE_BYTES;
	default:
		return RC_DB_TYPE_OTHER;
	}
}

int64_t rc_db__sqlite_column_int(const struct rc_db_row *row, int column)
{
	return sqlite3_column_int64(prepared_of(row), column);
}

struct rc_bytes rc_db__sqlite_column_bytes(const struct rc_db_row *row, int column)
{
	const void *data = sqlite3_column_blob(prepared_of(row), column);
	const int size = sqlite3_column_bytes(prepared_of(row), column);

	return data != NULL ? rc_bytes_of(data, (size_t)size) : rc_bytes_of("", 0);
}

const char *rc_db__sqlite_column_name(const struct rc_db_row *row, int column)
{
	return sqlite3_column_name(prepared_of(row), column);
}
