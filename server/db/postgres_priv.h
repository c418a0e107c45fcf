/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DB_POSTGRES_PRIV_H
#define RC_DB_POSTGRES_PRIV_H
/*
 * The PostgreSQL engine in five parts: a connection (statements, values, errors; postgres_connection.c), many rows for one statement
 * (postgres_rows.c), transactions with their repetition (postgres_transaction.c), news of other
 * processes (postgres_listen.c), and the engine itself with its pool and its threads for submitted work
 * (postgres_driver.c). These are the only users of libpq.
 */
#include "server/db/db_priv.h"

#include <libpq-fe.h>
#include <pthread.h>

#define RC_DB_PG_PARAMETERS_MAX 64u
#define RC_DB_PG_PREPARED_SLOTS 2048u /* a power of two; the server has a few hundred statements */

/* ---- connection: one thread at a time ---- */

/* How the last failure on a connection is to be taken. */
enum rc_db_pg_fault {
	RC_DB_PG_FINE,
	RC_DB_PG_REPEAT, /* 40001 or 40P01: somebody else was faster; the same again may succeed */
	RC_DB_PG_LOST,   /* the connection is gone, and with it the transaction */
	RC_DB_PG_UNPREPARED, /* a pooler has moved us to a session that doesn't know our statements: no more names */
	RC_DB_PG_FAILED, /* for good */
};

struct rc_db_pg_connection {
	PGconn *handle;       /* NULL: not connected */
	const char *conninfo; /* borrowed from the engine */
	bool has_names;       /* statements are prepared under names */
	bool is_writing;      /* the transaction that is open, or was last */
	enum rc_db_pg_fault fault;
	uint64_t prepared[RC_DB_PG_PREPARED_SLOTS]; /* hashes of the texts prepared in this session; 0: free */
	size_t prepared_count;
	struct rc_db_pg_connection *next; /* by the pool's mutex: the next free one */
};

/* Connects unless it is connected. RC_EBUSY: nobody answers, or not us; the text says why. Blocks as long as conninfo's
 * connect_timeout lets it. */
RC_CHECKED enum rc_status rc_db__pg_connect(struct rc_db_pg_connection *connection, struct rc_error *err);
void rc_db__pg_disconnect(struct rc_db_pg_connection *connection);

/* Runs one or more commands without parameters; rows are dropped. Notes the fault. */
RC_CHECKED enum rc_status rc_db__pg_command(struct rc_db_pg_connection *connection, const char *text,
					    const char *what, struct rc_error *err);

/* The first column of the one row of `text`, as text; "" for none. */
RC_CHECKED enum rc_status rc_db__pg_ask(struct rc_db_pg_connection *connection, const char *text,
					char *answer, size_t answer_size, struct rc_error *err);

/* A statement and its parameters as libpq wants them: all in PostgreSQL's binary format. */
struct rc_db_pg_call {
	const char *what; /* it is called in errors */
	const char *text;
	int count; /* at most RC_DB_PG_PARAMETERS_MAX */
	const char *const *values;
	const int *sizes;
};

/* Runs it, prepared where names are, and shows the rows. */
RC_CHECKED enum rc_status rc_db__pg_call(struct rc_db_pg_connection *connection,
					 const struct rc_db_pg_call *call,
					 struct rc_db_visit *visit, struct rc_error *err);

/* A transaction on a connection. */
struct rc_db_pg_tx {
	struct rc_db_tx base;
	struct rc_db_pg_connection *connection;
};

/* The engine's functions for statements, scripts and rows: see struct rc_db_driver. */
enum rc_status rc_db__pg_run(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
			     struct rc_db_values values, struct rc_db_visit *visit,
			     struct rc_error *err);
enum rc_status rc_db__pg_run_rows(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				  const struct rc_db_rows *rows, struct rc_error *err);
enum rc_status rc_db__pg_script(struct rc_db_tx *tx, const struct rc_sql_migration *script,
				struct rc_error *err);
int rc_db__pg_column_count(const struct rc_db_row *row);
enum rc_db_type rc_db__pg_column_type(const struct rc_db_row *row, int column);
int64_t rc_db__pg_column_int(const struct rc_db_row *row, int column);
struct rc_bytes rc_db__pg_column_bytes(const struct rc_db_row *row, int column);
const char *rc_db__pg_column_name(const struct rc_db_row *row, int column);

/* The plan of a statement as it would be without whole-table scans where any other way is known. */
RC_CHECKED enum rc_status rc_db__pg_explain(struct rc_db_pg_connection *connection,
					    const struct rc_sql_statement *statement,
					    struct rc_buf *plan, struct rc_error *err);

/* ---- transactions ---- */

/* Runs `fn` in one transaction, again where that may help, until `busy_ms` are over. */
RC_CHECKED enum rc_status rc_db__pg_transact(struct rc_db_pg_connection *connection, bool is_writing,
					     int busy_ms, rc_db_fn *fn, void *arg, struct rc_error *err);

/* ---- news ---- */

#define RC_DB_PG_CHANNEL "rollcall" /* a channel is its database's alone */

/* See rc_db_listen; takes `conninfo` over, NULL for no memory. */
RC_CHECKED enum rc_status rc_db__pg_listen(char *conninfo, const struct rc_db_hearer *hearer,
					   struct rc_db_listener **listener, struct rc_error *err);
void rc_db__pg_listen_end(struct rc_db_listener *listener);

#endif
