/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DB_SQLITE_PRIV_H
#define RC_DB_SQLITE_PRIV_H
/*
 * The SQLite engine in four parts: a connection (pragmas, cached statements, errors; sqlite_connection.c), the one writer
 * (sqlite_writer.c), the engine itself with its readers (sqlite_driver.c), and copies of whole databases (sqlite_copy.c). These are
 * the only users of sqlite3 in the server.
 */
#include "server/db/db_priv.h"

#include <pthread.h>
#include <sqlite3.h>

/* ---- connection: one thread at a time ---- */

#define RC_DB_CACHE_SLOTS 1024u /* a power of two; the server has a few hundred statements */

/* Statements that belong to the engine and not to a module. */
enum rc_db_control {
	RC_DB_BEGIN_READ,
	RC_DB_BEGIN_WRITE,
	RC_DB_COMMIT,
	RC_DB_ROLLBACK,
	RC_DB_SAVEPOINT,
	RC_DB_RELEASE,
	RC_DB_ROLLBACK_TO,
	RC_DB_CONTROLS
};

struct rc_db_connection {
	sqlite3 *handle;
	const char *path; /* borrowed from the engine */
	bool is_writer;
	size_t cached_count;
	struct rc_db_cached {
		const struct rc_sql_statement *statement; /* NULL: free */
		sqlite3_stmt *prepared;
	} cache[RC_DB_CACHE_SLOTS];
	sqlite3_stmt *controls[RC_DB_CONTROLS];
};

/* Opens and sets it up. On failure there is nothing to close. */
RC_CHECKED enum rc_status rc_db__connection_open(struct rc_db_connection *connection, const char *path,
						 bool is_writer, int busy_ms, struct rc_error *err);
void rc_db__connection_close(struct rc_db_connection *connection);

/* How much of the database it keeps in memory, 16 MiB unless told. */
RC_CHECKED enum rc_status rc_db__connection_set_cache(struct rc_db_connection *connection,
						      size_t mib, struct rc_error *err);

/* BEGIN, COMMIT and so on. */
enum rc_status rc_db__connection_control(struct rc_db_connection *connection,
					 enum rc_db_control control, struct rc_error *err);

/* False after SQLite ended a transaction by itself, as it may when the disk or the memory is full. */
bool rc_db__connection_is_in_transaction(const struct rc_db_connection *connection);

/* The status for a result code, with SQLite's and the system's words. */
enum rc_status rc_db__connection_fail(const struct rc_db_connection *connection, int code,
				      struct rc_error *err, const char *what);

/* A transaction on a connection. */
struct rc_db_sqlite_tx {
	struct rc_db_tx base;
	struct rc_db_connection *connection;
	bool has_run_script; /* whose changes SQLite doesn't count */
};

/* The engine's functions for statements, scripts and rows: see struct rc_db_driver. */
enum rc_status rc_db__sqlite_run(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				 struct rc_db_values values, struct rc_db_visit *visit,
				 struct rc_error *err);
enum rc_status rc_db__sqlite_script(struct rc_db_tx *tx, const struct rc_sql_migration *script,
				    struct rc_error *err);
int rc_db__sqlite_column_count(const struct rc_db_row *row);
enum rc_db_type rc_db__sqlite_column_type(const struct rc_db_row *row, int column);
int64_t rc_db__sqlite_column_int(const struct rc_db_row *row, int column);
struct rc_bytes rc_db__sqlite_column_bytes(const struct rc_db_row *row, int column);
const char *rc_db__sqlite_column_name(const struct rc_db_row *row, int column);

/* ---- copies: connections of their own; see rc_db_copy and rc_db_examine ---- */

enum rc_status rc_db__sqlite_copy(const char *place, int busy_ms, const char *path, struct rc_error *err);
enum rc_status rc_db__sqlite_examine(const char *place, int busy_ms, rc_db_fn *fn, void *arg,
				     struct rc_error *err);

/* ---- writer: any thread ---- */

struct rc_db_writer;

/* Opens the writing connection (making the file), then starts the thread. `path` is borrowed. */
RC_CHECKED enum rc_status rc_db__writer_start(const char *path, const struct rc_db_options *options,
					      struct rc_db_writer **writer, struct rc_error *err);

/* Answers what waits, ends the thread, moves the WAL into the database. NULL is left alone. */
void rc_db__writer_stop(struct rc_db_writer *writer);

/* rc_db_submit and rc_db_write. */
RC_CHECKED enum rc_status rc_db__writer_submit(struct rc_db_writer *writer, struct rc_db_job *job,
					       struct rc_error *err);
RC_CHECKED enum rc_status rc_db__writer_run(struct rc_db_writer *writer, rc_db_fn *fn, void *arg,
					    struct rc_error *err);

bool rc_db__writer_is_ailing(struct rc_db_writer *writer);

/* Fills in what the writer knows. */
void rc_db__writer_statistics(struct rc_db_writer *writer, struct rc_db_statistics *statistics);

#endif
