/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every engine has in common: which one a URL means, transactions that are spent by a failure, statements of the right kind.
 * The engine does the waiting, the running and the disk.
 */
#include "server/db/db.h"
#include "server/db/db_priv.h"
#include "server/db_sql/bookkeeping.h"
#include "server/db_sql/statements.h"

#include <assert.h>
#include <string.h>

#define DEFAULT_READERS 4u
#define DEFAULT_QUEUE   4096u
#define DEFAULT_BUSY_MS 5000
#define READERS_MAX     64u

static const struct rc_db_driver *const drivers[] = {
    &rc_db__sqlite,
    &rc_db__postgres,
};

static struct rc_db_options filled_in(const struct rc_db_options *options)
{
	struct rc_db_options filled = options != NULL ? *options : (struct rc_db_options){0};

	if (filled.reader_count == 0)
		filled.reader_count = DEFAULT_READERS;
	if (filled.reader_count > READERS_MAX)
		filled.reader_count = READERS_MAX;
	if (filled.queue_max == 0)
		filled.queue_max = DEFAULT_QUEUE;
	if (filled.busy_ms == 0)
		filled.busy_ms = DEFAULT_BUSY_MS;
	return filled;
}

static enum rc_status find_driver(const char *url, const struct rc_db_driver **driver,
				  struct rc_error *err)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (strncmp(url, drivers[i]->scheme, strlen(drivers[i]->scheme)) == 0) {
			*driver = drivers[i];
			return RC_OK;
		}
	}
	/* The URL of another engine may hold a password: only its scheme is told. */
	return rc_fail(err, RC_EUSAGE, "database: %.*s is not known here (sqlite:/path/file.db and postgres://… are)",
		       (int)strcspn(url, ":"), url);
}

enum rc_status rc_db_open(const char *url, const struct rc_db_options *options, struct rc_db **db,
			  struct rc_error *err)
{
	const struct rc_db_options filled = filled_in(options);
	const struct rc_db_driver *driver = NULL;
	enum rc_status status = find_driver(url, &driver, err);

	if (status != RC_OK)
		return status;
	return driver->open(url + strlen(driver->scheme), &filled, db, err);
}

enum rc_status rc_db_copy(const char *url, const char *path, struct rc_error *err)
{
	const struct rc_db_driver *driver = NULL;
	enum rc_status status = find_driver(url, &driver, err);

	if (status != RC_OK)
		return status;
	return driver->copy(url + strlen(driver->scheme), DEFAULT_BUSY_MS, path, err);
}

enum rc_status rc_db_examine(const char *url, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	const struct rc_db_driver *driver = NULL;
	enum rc_status status = find_driver(url, &driver, err);

	if (status != RC_OK)
		return status;
	return driver->examine(url + strlen(driver->scheme), DEFAULT_BUSY_MS, fn, arg, err);
}

void rc_db_close(struct rc_db *db)
{
	if (db != NULL)
		db->driver->close(db);
}

enum rc_status rc_db_write(struct rc_db *db, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	return db->driver->write(db, fn, arg, err);
}

enum rc_status rc_db_submit(struct rc_db *db, struct rc_db_job *job, struct rc_error *err)
{
	return db->driver->submit(db, job, err);
}

enum rc_status rc_db_read(struct rc_db *db, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	return db->driver->read(db, fn, arg, err);
}

void rc_db_statistics(struct rc_db *db, struct rc_db_statistics *statistics)
{
	db->driver->statistics(db, statistics);
}

enum rc_status rc_db_explain(struct rc_db *db, const struct rc_sql_statement *statement,
			     struct rc_buf *plan, struct rc_error *err)
{
	return db->driver->explain(db, statement, plan, err);
}

/* ---- transactions ---- */

void rc_db__tx_init(struct rc_db_tx *tx, const struct rc_db_driver *driver, bool is_writing)
{
	*tx = (struct rc_db_tx){.driver = driver, .is_writing = is_writing};
}

static enum rc_status spend(struct rc_db_tx *tx, enum rc_status status, struct rc_error *err)
{
	tx->spent = status;
	if (err != NULL)
		tx->spent_error = *err;
	return status;
}

static enum rc_status tell_spent(const struct rc_db_tx *tx, struct rc_error *err)
{
	if (err != NULL)
		*err = tx->spent_error;
	return tx->spent;
}

enum rc_status rc_db__tx_run(struct rc_db_tx *tx, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	enum rc_status status;

	if (err != NULL)
		err->text[0] = '\0'; /* a function may fail without a word, and a lost run may have left some */
	status = fn(tx, arg, err);
	return status == RC_OK && tx->spent != RC_OK ? tell_spent(tx, err) : status;
}

enum rc_status rc_db__script(struct rc_db_tx *tx, const struct rc_sql_migration *script,
			     struct rc_error *err)
{
	enum rc_status status;

	if (tx->spent != RC_OK)
		return tell_spent(tx, err);
	status = tx->driver->run_script(tx, script, err);
	return status == RC_OK ? RC_OK : spend(tx, status, err);
}

/* ---- statements ---- */

struct reading {
	struct rc_db_visit base;
	const struct rc_sql_statement *statement;
	rc_db_row_fn *fn; /* NULL: the statement gives no rows */
	void *context;
	int64_t count;
	enum rc_status refused; /* what `fn` returned when it ended the reading */
};

static enum rc_status visit_row(struct rc_db_visit *base, struct rc_db_row *row, struct rc_error *err)
{
	struct reading *reading = (struct reading *)base;
	struct rc_db_row_fault fault = {.column = -1};

	if (reading->count > 0 && reading->statement->kind == RC_SQL_ONE)
		return rc_fail(err, RC_EBUG, "%s: a second row", reading->statement->name);
	reading->count++;
	row->fault = &fault;
	reading->refused = reading->fn(row, reading->context, err);
	if (reading->refused == RC_OK && fault.column >= 0)
		return rc_fail(err, RC_EFORMAT, "%s: column %d %s", reading->statement->name,
			       fault.column, fault.what);
	return reading->refused;
}

static enum rc_status run(struct rc_db_tx *tx, struct reading *reading, enum rc_sql_kind kind,
			  struct rc_db_values values, struct rc_error *err)
{
	struct rc_error own; /* what spent a transaction is remembered even if this caller doesn't read it */
	struct rc_error *text = err != NULL ? err : &own;
	enum rc_status status;

	if (tx->spent != RC_OK)
		return tell_spent(tx, err);
	own.text[0] = '\0';
	reading->base.visit = visit_row;
	if (reading->statement->kind != kind)
		status = rc_fail(text, RC_EBUG, "%s: called as another kind of statement",
				 reading->statement->name);
	else
		status = rc_db__check_values(reading->statement, values, text);
	if (status == RC_OK)
		status = tx->driver->run(tx, reading->statement, values, &reading->base, text);
	return status == RC_OK || reading->refused != RC_OK ? status : spend(tx, status, text);
}

enum rc_status rc_db_exec(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
			  struct rc_db_values values, struct rc_error *err)
{
	struct reading reading = {.statement = statement};

	return run(tx, &reading, RC_SQL_EXEC, values, err);
}

#define ROW_VALUES_MAX 64u

static enum rc_status exec_one_by_one(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				      const struct rc_db_rows *rows, struct rc_error *err)
{
	struct rc_db_value values[ROW_VALUES_MAX];
	enum rc_status status = RC_OK;

	assert(statement->parameter_count <= ROW_VALUES_MAX);
	for (size_t i = 0; status == RC_OK && i < rows->count; i++) {
		rows->fill(rows->context, i, values);
		status = rc_db_exec(tx, statement,
				    (struct rc_db_values){values, statement->parameter_count}, err);
	}
	return status;
}

enum rc_status rc_db_exec_rows(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
			       const struct rc_db_rows *rows, struct rc_error *err)
{
	enum rc_status status;
	struct rc_error own = {.text = ""};
	struct rc_error *text = err != NULL ? err : &own;

	if (tx->driver->run_rows == NULL || rows->count < 2)
		return exec_one_by_one(tx, statement, rows, err);
	if (tx->spent != RC_OK)
		return tell_spent(tx, err);
	status = tx->driver->run_rows(tx, statement, rows, text);
	return status == RC_OK ? RC_OK : spend(tx, status, text);
}

enum rc_status rc_db_exec_counted(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				  struct rc_db_values values, int64_t *changed, struct rc_error *err)
{
	struct reading reading = {.statement = statement};
	const enum rc_status status = run(tx, &reading, RC_SQL_EXEC, values, err);

	if (status == RC_OK)
		*changed = reading.base.changed;
	return status;
}

enum rc_status rc_db_one(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
			 struct rc_db_values values, rc_db_row_fn *fn, void *context,
			 struct rc_error *err)
{
	struct reading reading = {.statement = statement, .fn = fn, .context = context};
	const enum rc_status status = run(tx, &reading, RC_SQL_ONE, values, err);

	if (status == RC_OK && reading.count == 0)
		return rc_fail(err, RC_ENOTFOUND, "%s: no row", statement->name);
	return status;
}

static enum rc_status take_int(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	int64_t *number = context;

	(void)err;
	*number = rc_db_row_int(row, 0);
	return RC_OK;
}

enum rc_status rc_db_one_int(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
			     struct rc_db_values values, int64_t *number, struct rc_error *err)
{
	int64_t found = 0;
	const enum rc_status status = rc_db_one(tx, statement, values, take_int, &found, err);

	if (status == RC_OK)
		*number = found;
	return status;
}

enum rc_status rc_db_query(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
			   struct rc_db_values values, rc_db_row_fn *fn, void *context,
			   struct rc_error *err)
{
	struct reading reading = {.statement = statement, .fn = fn, .context = context};

	return run(tx, &reading, RC_SQL_MANY, values, err);
}

enum rc_status rc_db_log_take(struct rc_db_tx *tx, const char *log, int64_t count, int64_t *first,
			      struct rc_error *err)
{
	int64_t last = 0;
	enum rc_status status;

	assert(count >= 0);
	status = rc_db_one_int(tx, &rc_sql_log_take,
			       RC_DB_VALUES(RC_DB_TEXT(log), RC_DB_INT(count)), &last, err);
	if (status == RC_ENOTFOUND) {
		tx->spent = rc_fail(&tx->spent_error, RC_EBUG, "the log %s has no head", log);
		return tell_spent(tx, err);
	}
	tx->has_taken_numbers = tx->has_taken_numbers || count > 0;
	if (status == RC_OK)
		*first = last - count + 1;
	return status;
}

/* ---- news of other processes ---- */

enum rc_status rc_db_listen(struct rc_db *db, const char *direct_url, const struct rc_db_hearer *hearer,
			    struct rc_db_listener **listener, struct rc_error *err)
{
	const char *scheme = db->driver->scheme;

	if (db->driver->listen == NULL) {
		*listener = NULL;
		return RC_OK;
	}
	if (direct_url != NULL && strncmp(direct_url, scheme, strlen(scheme)) != 0)
		return rc_fail(err, RC_EUSAGE, "the URL to listen at doesn't begin with %s", scheme);
	return db->driver->listen(db, direct_url != NULL ? direct_url + strlen(scheme) : NULL,
				  hearer, listener, err);
}

void rc_db_listen_end(struct rc_db *db, struct rc_db_listener *listener)
{
	if (listener != NULL)
		db->driver->listen_end(listener);
}

/* ---- health ---- */

static enum rc_status read_probe(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	int64_t n;
	const enum rc_status status = rc_db_one_int(tx, &rc_sql_probe_read, RC_DB_NO_VALUES, &n, err);

	(void)arg;
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status touch_probe(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)arg;
	return rc_db_exec(tx, &rc_sql_probe_touch, RC_DB_NO_VALUES, err);
}

enum rc_status rc_db_check(struct rc_db *db, struct rc_error *err)
{
	const enum rc_status status = rc_db_read(db, read_probe, NULL, err);

	if (status != RC_OK || !db->driver->is_ailing(db))
		return status;
	return rc_db_write(db, touch_probe, NULL, err);
}
