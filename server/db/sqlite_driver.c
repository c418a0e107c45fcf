/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite engine: one writer (sqlite_writer.c) and a pool of read-only connections, each of which sees the moment at which its
 * transaction began, whatever the writer does meanwhile.
 */
#include "server/db/sqlite_priv.h"
#include "shared/base/buf.h"
#include "shared/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct rc_db_connection connection; /* whoever took the reader out of the pool has it alone */
	struct reader *next;                /* by the pool's mutex: the next free one */
};

struct sqlite_db {
	struct rc_db base;
	char *path;
	struct rc_db_writer *writer;
	struct reader *readers;
	size_t reader_count; /* that are open */

	pthread_mutex_t mutex; /* of all below */
	pthread_cond_t has_free;
	struct reader *free;
	uint64_t waiting;
};

/* ---- the pool ---- */

static struct reader *take_reader(struct sqlite_db *db)
{
	struct reader *reader;

	(void)pthread_mutex_lock(&db->mutex);
	db->waiting++;
	while (db->free == NULL)
		(void)pthread_cond_wait(&db->has_free, &db->mutex);
	db->waiting--;
	reader = db->free;
	db->free = reader->next;
	(void)pthread_mutex_unlock(&db->mutex);
	return reader;
}

static void give_back(struct sqlite_db *db, struct reader *reader)
{
	(void)pthread_mutex_lock(&db->mutex);
	reader->next = db->free;
	db->free = reader;
	(void)pthread_cond_signal(&db->has_free);
	(void)pthread_mutex_unlock(&db->mutex);
}

static enum rc_status run_reading(struct rc_db_connection *connection, rc_db_fn *fn, void *arg,
				  struct rc_error *err)
{
	struct rc_db_sqlite_tx tx = {.connection = connection};
	enum rc_status status = rc_db__connection_control(connection, RC_DB_BEGIN_READ, err);

	if (status != RC_OK)
		return status;
	rc_db__tx_init(&tx.base, &rc_db__sqlite, false);
	status = rc_db__tx_run(&tx.base, fn, arg, err);
	if (rc_db__connection_is_in_transaction(connection))
		(void)rc_db__connection_control(connection, RC_DB_ROLLBACK, NULL);
	return status;
}

static enum rc_status sqlite_read(struct rc_db *base, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	struct sqlite_db *db = (struct sqlite_db *)base;
	struct reader *reader = take_reader(db);
	const enum rc_status status = run_reading(&reader->connection, fn, arg, err);

	give_back(db, reader);
	return status;
}

static enum rc_status sqlite_write(struct rc_db *base, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	return rc_db__writer_run(((struct sqlite_db *)base)->writer, fn, arg, err);
}

static enum rc_status sqlite_submit(struct rc_db *base, struct rc_db_job *job, struct rc_error *err)
{
	return rc_db__writer_submit(((struct sqlite_db *)base)->writer, job, err);
}

/* ---- life cycle ---- */

static void sqlite_close(struct rc_db *base)
{
	struct sqlite_db *db = (struct sqlite_db *)base;

	for (size_t i = 0; i < db->reader_count; i++)
		rc_db__connection_close(&db->readers[i].connection);
	rc_db__writer_stop(db->writer);
	(void)pthread_mutex_destroy(&db->mutex);
	(void)pthread_cond_destroy(&db->has_free);
	free(db->readers);
	free(db->path);
	free(base);
}

RC_DEFINE_AUTO(struct rc_db, sqlite_close)

static enum rc_status open_readers(struct sqlite_db *db, const struct rc_db_options *options,
				   struct rc_error *err)
{
	db->readers = calloc(options->reader_count, sizeof(*db->readers));
	if (db->readers == NULL)
		return rc_fail(err, RC_ENOMEM, "open %s: out of memory", db->path);
	for (size_t i = 0; i < options->reader_count; i++) {
		const enum rc_status status = rc_db__connection_open(
		    &db->readers[i].connection, db->path, false, options->busy_ms, err);

		if (status != RC_OK)
			return status;
		db->reader_count++;
		give_back(db, &db->readers[i]);
	}
	return RC_OK;
}

static enum rc_status sqlite_open(const char *place, const struct rc_db_options *options,
				  struct rc_db **db, struct rc_error *err)
{
	RC_AUTO(sqlite_close_p) struct rc_db *opened = NULL;
	struct sqlite_db *sqlite = calloc(1, sizeof(*sqlite));
	enum rc_status status;

	if (sqlite == NULL)
		return rc_fail(err, RC_ENOMEM, "open %s: out of memory", place);
	opened = &sqlite->base;
	opened->driver = &rc_db__sqlite;
	(void)pthread_mutex_init(&sqlite->mutex, NULL);
	(void)pthread_cond_init(&sqlite->has_free, NULL);
	sqlite->path = strdup(place);
	if (sqlite->path == NULL)
		return rc_fail(err, RC_ENOMEM, "open %s: out of memory", place);
	if (place[0] == '\0' || place[0] == ':')
		return rc_fail(err, RC_EUSAGE, "database: sqlite: wants a file's path behind it");
	status = rc_db__writer_start(sqlite->path, options, &sqlite->writer, err);
	if (status == RC_OK)
		status = open_readers(sqlite, options, err);
	if (status == RC_OK)
		*db = RC_STEAL(opened);
	return status;
}

/* ---- health ---- */

static bool sqlite_is_ailing(struct rc_db *base)
{
	return rc_db__writer_is_ailing(((struct sqlite_db *)base)->writer);
}

static void sqlite_statistics(struct rc_db *base, struct rc_db_statistics *statistics)
{
	struct sqlite_db *db = (struct sqlite_db *)base;

	rc_db__writer_statistics(db->writer, statistics);
	(void)pthread_mutex_lock(&db->mutex);
	statistics->readers_waiting = db->waiting;
	(void)pthread_mutex_unlock(&db->mutex);
}

static enum rc_status explain_on(struct rc_db_connection *connection,
				 const struct rc_sql_statement *statement, struct rc_buf *plan,
				 struct rc_error *err)
{
	char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", statement->sqlite);
	sqlite3_stmt *prepared = NULL;
	enum rc_status status = RC_OK;
	int code;

	if (text == NULL)
		return rc_fail(err, RC_ENOMEM, "%s: out of memory", statement->name);
	code = sqlite3_prepare_v2(connection->handle, text, -1, &prepared, NULL);
	while (code == SQLITE_OK && sqlite3_step(prepared) == SQLITE_ROW)
		rc_buf_printf(plan, "%s\n", (const char *)sqlite3_column_text(prepared, 3));
	if (code != SQLITE_OK)
		status = rc_db__connection_fail(connection, code, err, statement->name);
	(void)sqlite3_finalize(prepared);
	sqlite3_free(text);
	return status != RC_OK ? status : rc_buf_status(plan, err);
}

static enum rc_status sqlite_explain(struct rc_db *base, const struct rc_sql_statement *statement,
				     struct rc_buf *plan, struct rc_error *err)
{
	struct sqlite_db *db = (struct sqlite_db *)base;
	struct reader *reader = take_reader(db);
	const enum rc_status status = explain_on(&reader->connection, statement, plan, err);

	give_back(db, reader);
	return status;
}

const struct rc_db_driver rc_db__sqlite = {
    .scheme = "sqlite:",
    .open = sqlite_open,
    .close = sqlite_close,
    .write = sqlite_write,
    .submit = sqlite_submit,
    .read = sqlite_read,
    .copy = rc_db__sqlite_copy,
    .examine = rc_db__sqlite_examine,
    .statistics = sqlite_statistics,
    .explain = sqlite_explain,
    .is_ailing = sqlite_is_ailing,
    .run = rc_db__sqlite_run,
    .run_script = rc_db__sqlite_script,
    .column_count = rc_db__sqlite_column_count,
    .column_type = rc_db__sqlite_column_type,
    .column_int = rc_db__sqlite_column_int,
    .column_bytes = rc_db__sqlite_column_bytes,
    .column_name = rc_db__sqlite_column_name,
};
