/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DB_DB_PRIV_H
#define RC_DB_DB_PRIV_H
/*
 * Between db.h and an engine. An engine is a constant table of functions; what is common to all (values that fit, spent
 * transactions, one row and no more, columns of the right type, migrations, log heads) stands in db.c, row.c and migrate.c and
 * is not the engine's business. Nothing outside this folder includes this.
 */
#include "server/db/db.h"

/* One row after the other, while a statement runs. Anything but RC_OK ends the statement and is returned by `run`. */
struct rc_db_visit {
	enum rc_status (*visit)(struct rc_db_visit *visit, struct rc_db_row *row, struct rc_error *err);
	int64_t changed; /* set by the engine: rows touched by a statement that gives none */
};

struct rc_db_driver {
	const char *scheme; /* what a URL begins with, the colon included */

	/* As their namesakes in db.h; `place` is the URL behind the scheme, the options are filled in. */
	enum rc_status (*open)(const char *place, const struct rc_db_options *options,
			       struct rc_db **db, struct rc_error *err);
	void (*close)(struct rc_db *db);
	enum rc_status (*write)(struct rc_db *db, rc_db_fn *fn, void *arg, struct rc_error *err);
	enum rc_status (*submit)(struct rc_db *db, struct rc_db_job *job, struct rc_error *err);
	enum rc_status (*read)(struct rc_db *db, rc_db_fn *fn, void *arg, struct rc_error *err);
	enum rc_status (*copy)(const char *place, int busy_ms, const char *path, struct rc_error *err);
	enum rc_status (*examine)(const char *place, int busy_ms, rc_db_fn *fn, void *arg,
				  struct rc_error *err);
	void (*statistics)(struct rc_db *db, struct rc_db_statistics *statistics);
	enum rc_status (*explain)(struct rc_db *db, const struct rc_sql_statement *statement,
				  struct rc_buf *plan, struct rc_error *err);

	/* rc_db_listen; NULL where one process has the database to itself. */
	enum rc_status (*listen)(struct rc_db *db, const char *direct_place,
				 const struct rc_db_hearer *hearer,
				 struct rc_db_listener **listener, struct rc_error *err);
	void (*listen_end)(struct rc_db_listener *listener);

	/* True while the last attempt to make something durable has failed at the disk. */
	bool (*is_ailing)(struct rc_db *db);

	/* Within a transaction. The values are known to fit. The statement is reset when `run` returns, whatever it returns. */
	enum rc_status (*run)(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
			      struct rc_db_values values, struct rc_db_visit *visit,
			      struct rc_error *err);
	/* rc_db_exec_rows at once, values unchecked; NULL: row by row is as good. */
	enum rc_status (*run_rows)(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				   const struct rc_db_rows *rows, struct rc_error *err);
	enum rc_status (*run_script)(struct rc_db_tx *tx, const struct rc_sql_migration *script,
				     struct rc_error *err);

	/* Of the row being visited; `column` is known to be there. */
	int (*column_count)(const struct rc_db_row *row);
	enum rc_db_type (*column_type)(const struct rc_db_row *row, int column);
	int64_t (*column_int)(const struct rc_db_row *row, int column);
	struct rc_bytes (*column_bytes)(const struct rc_db_row *row, int column);
	const char *(*column_name)(const struct rc_db_row *row, int column);
};

/* Engines begin their own structs with these. */
struct rc_db {
	const struct rc_db_driver *driver;
};

struct rc_db_tx {
	const struct rc_db_driver *driver;
	bool is_writing;
	bool has_taken_numbers; /* of a log: whoever waits for it hears of the commit */
	enum rc_status spent;   /* RC_OK, or how a statement failed: nothing more runs */
	struct rc_error spent_error;
};

struct rc_db_row_fault {
	int column;       /* -1: none */
	const char *what; /* constant text */
};

struct rc_db_row {
	const struct rc_db_driver *driver;
	struct rc_db_row_fault *fault; /* where row.c notes the first column that is not what it should be */
};

extern const struct rc_db_driver rc_db__sqlite;
extern const struct rc_db_driver rc_db__postgres;

/* Starts a transaction's struct. */
void rc_db__tx_init(struct rc_db_tx *tx, const struct rc_db_driver *driver, bool is_writing);

/* Runs the function and says how its transaction ends: what it returned, or the failure that spent it. */
RC_CHECKED enum rc_status rc_db__tx_run(struct rc_db_tx *tx, rc_db_fn *fn, void *arg,
					struct rc_error *err);

/* Runs a schema's file as it stands. */
RC_CHECKED enum rc_status rc_db__script(struct rc_db_tx *tx, const struct rc_sql_migration *script,
					struct rc_error *err);

/* RC_EBUG or RC_EFORMAT unless the values are what the statement's parameters say. */
RC_CHECKED enum rc_status rc_db__check_values(const struct rc_sql_statement *statement,
					      struct rc_db_values values, struct rc_error *err);

#endif
