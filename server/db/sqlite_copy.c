/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of a database, page by page through SQLite's backup interface, and a look at one that nobody uses.
 *
 * The copying connection only reads. It keeps one transaction open from the first page to the last, so that a busy writer can't
 * make it begin again and again; the price is that the WAL grows until the copy is done. The writer waits for nothing.
 */
#include "server/db/sqlite_priv.h"
#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define STEP_PAGES  256
#define FAULTS_TEXT "1" /* of integrity_check: one is enough to refuse the file */

/* ---- copying ---- */

static enum rc_status fail_copy(sqlite3 *handle, const char *path, struct rc_error *err)
{
	const struct rc_db_connection connection = {.handle = handle, .path = path};

	return rc_db__connection_fail(&connection, sqlite3_extended_errcode(handle), err, "copy");
}

static enum rc_status step_through(sqlite3_backup *backup, sqlite3 *to, const char *path,
				   struct rc_error *err)
{
	int code;

	do
		code = sqlite3_backup_step(backup, STEP_PAGES);
	while (code == SQLITE_OK);
	if (sqlite3_backup_finish(backup) == SQLITE_OK && code == SQLITE_DONE)
		return RC_OK;
	if (code == SQLITE_DONE)
		return fail_copy(to, path, err);
	return rc_db__connection_fail(&(struct rc_db_connection){.handle = to, .path = path}, code,
				      err, "copy");
}

/* The first read fixes the moment; BEGIN alone doesn't. */
static enum rc_status fix_moment(struct rc_db_connection *from, struct rc_error *err)
{
	enum rc_status status = rc_db__connection_control(from, RC_DB_BEGIN_READ, err);
	const int code =
	    status == RC_OK
		? sqlite3_exec(from->handle, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL)
		: SQLITE_OK;

	return code == SQLITE_OK ? status : rc_db__connection_fail(from, code, err, "copy");
}

/* A file with no log beside it: it can be moved, and looked at where nothing can be written. */
static enum rc_status leave_wal(sqlite3 *to, const char *path, struct rc_error *err)
{
	return sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) == SQLITE_OK
		   ? RC_OK
		   : fail_copy(to, path, err);
}

static enum rc_status copy_into(struct rc_db_connection *from, sqlite3 *to, const char *path,
				struct rc_error *err)
{
	sqlite3_backup *backup;
	enum rc_status status = fix_moment(from, err);

	if (status != RC_OK)
		return status;
	backup = sqlite3_backup_init(to, "main", from->handle, "main");
	status = backup ? step_through(backup, to, path, err) : fail_copy(to, path, err);
	if (rc_db__connection_is_in_transaction(from))
		(void)rc_db__connection_control(from, RC_DB_ROLLBACK, NULL);
	return status == RC_OK ? leave_wal(to, path, err) : status;
}

static enum rc_status make_target(const char *path, sqlite3 **to, struct rc_error *err)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum rc_status status = RC_OK;

	if (fd < 0)
		return rc_fail_errno(err, errno, "create %s", path);
	(void)close(fd);
	if (sqlite3_open_v2(path, to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK)
		status = *to ? fail_copy(*to, path, err)
			     : rc_fail(err, RC_ENOMEM, "copy: out of memory");
	return status;
}

enum rc_status rc_db__sqlite_copy(const char *place, int busy_ms, const char *path, struct rc_error *err)
{
	struct rc_db_connection from;
	sqlite3 *to = NULL;
	enum rc_status status = rc_db__connection_open(&from, place, false, busy_ms, err);

	if (status != RC_OK)
		return status;
	status = make_target(path, &to, err);
	if (status == RC_OK)
		status = copy_into(&from, to, path, err);
	if (sqlite3_close(to) != SQLITE_OK && status == RC_OK)
		status = rc_fail(err, RC_EBUG, "copy: %s can't be closed", path);
	rc_db__connection_close(&from);
	if (status != RC_OK && status != RC_ECONFLICT)
		(void)unlink(path);
	return status;
}

/* ---- looking at one ---- */

static enum rc_status check_integrity(struct rc_db_connection *connection, struct rc_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum rc_status status = RC_OK;
	int code = sqlite3_prepare_v2(connection->handle, "PRAGMA integrity_check(" FAULTS_TEXT ")",
				      -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code != SQLITE_ROW)
		status = rc_db__connection_fail(connection, code, err, "integrity check");
	else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
		status = rc_fail(err, RC_EFORMAT, "the database is damaged: %s (%s)",
				 (const char *)sqlite3_column_text(statement, 0), connection->path);
	(void)sqlite3_finalize(statement);
	return status;
}

static enum rc_status look(struct rc_db_connection *connection, rc_db_fn *fn, void *arg,
			   struct rc_error *err)
{
	struct rc_db_sqlite_tx tx = {.connection = connection};
	enum rc_status status = rc_db__connection_control(connection, RC_DB_BEGIN_READ, err);

	if (status != RC_OK)
		return status;
	status = check_integrity(connection, err);
	rc_db__tx_init(&tx.base, &rc_db__sqlite, false);
	if (status == RC_OK)
		status = rc_db__tx_run(&tx.base, fn, arg, err);
	if (rc_db__connection_is_in_transaction(connection))
		(void)rc_db__connection_control(connection, RC_DB_ROLLBACK, NULL);
	return status;
}

enum rc_status rc_db__sqlite_examine(const char *place, int busy_ms, rc_db_fn *fn, void *arg,
				     struct rc_error *err)
{
	struct rc_db_connection connection;
	enum rc_status status = rc_db__connection_open(&connection, place, false, busy_ms, err);

	if (status != RC_OK)
		return status;
	status = look(&connection, fn, arg, err);
	rc_db__connection_close(&connection);
	return status;
}
