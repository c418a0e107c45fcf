/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DB_DB_H
#define RC_DB_DB_H
/*
 * The server's database: transactions as functions, statements as constants, one engine or another behind it.
 *
 * All writing is a function `fn(tx, arg)` that is handed over, may wait together with others, and is answered when it is durable.
 * On SQLite one thread runs all waiting functions in one transaction: a hundred requests cost one sync of the disk, and one that
 * fails takes nothing of its neighbours away. Reading is a function too, on a connection of its own
 * that sees one moment and never waits for the writer.
 *
 *     static enum rc_status add_room(struct rc_db_tx *tx, void *arg, struct rc_error *err)
 *     {
 *             const struct room *room = arg;
 *
 *             return rc_db_exec(tx, &rc_sql_room_insert, RC_DB_VALUES(RC_DB_TEXT(room->id), RC_DB_INT(room->version)), err);
 *     }
 *     status = rc_db_write(db, add_room, &room, err);
 *
 * THE RULE for such functions: they touch nothing but `tx` and `arg`, start what they fill in `arg` afresh each time, and leave
 * it alone after they return, because they may be run again (another function of their transaction failed, the transaction was
 * lost, a connection broke) and because what they did counts only when rc_db_write has returned RC_OK. They run on another thread
 * than their caller, which waits. They never call rc_db_write or rc_db_read.
 * A function that finds out that it must refuse does so before it writes: on SQLite one that fails later makes its neighbours run
 * again.
 *
 * After a statement has failed, its transaction is spent: every later call in it returns the same failure, and so does the
 * transaction, whatever the function returns. "No row" is no failure. What may collide says so by ON CONFLICT.
 *
 * Errors: RC_EBUSY too many wait already, or another process holds the database; RC_EIO disk full, unreadable or read-only (the
 * text says which; nothing of the transaction is there, and a later one works again by itself once the disk does);
 * RC_ECONFLICT a constraint; RC_EFORMAT a damaged database or a value that is no text; RC_EBUG a statement and its values
 * don't fit together.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"
#include "shared/sql/statement.h"

#include <stdint.h>

struct rc_db;     /* any thread */
struct rc_db_tx;  /* one transaction: within its function only */
struct rc_db_row; /* one row: within its function only */

/* ---- life cycle ---- */

struct rc_db_options {
	size_t reader_count; /* connections for reading, at most 64; 0: 4 */
	size_t queue_max;    /* writing functions that may wait; 0: 4096 */
	int busy_ms;         /* how long to wait for another process that writes; 0: 5000 */
	size_t cache_mib; /* SQLite: pages kept by the writer; 0: 16. A change of hundreds of thousands of rows wants more: their
			   * indexes by random keys are read and written page by page otherwise */
};

/*
 * Opens `sqlite:/path/file.db` and makes the file (mode 0600) where there is none; the folder must exist. NULL options are the
 * defaults. RC_EUSAGE for another kind of URL. The schema is rc_db_migrate's.
 */
RC_CHECKED enum rc_status rc_db_open(const char *url, const struct rc_db_options *options,
				     struct rc_db **db, struct rc_error *err);

/* Answers what still waits, then closes. No other call may be running or come after. NULL is left alone. */
void rc_db_close(struct rc_db *db);

/*
 * Brings the schema up to the last of `migrations` (numbers 1, 2, 3 …), a transaction each. RC_ECONFLICT if the database has been
 * at a higher number: it belongs to a newer program, and nothing is changed. Several processes may do this at once.
 */
RC_CHECKED enum rc_status rc_db_migrate(struct rc_db *db, const struct rc_sql_migration *migrations,
					size_t count, struct rc_error *err);

/* ---- transactions ---- */

/* What runs in a transaction. Anything but RC_OK rolls back what this function did. */
typedef enum rc_status rc_db_fn(struct rc_db_tx *tx, void *arg, struct rc_error *err);

/* Runs `fn` for writing; blocks the caller until it is durable (RC_OK) or is not there at all (anything else). */
RC_CHECKED enum rc_status rc_db_write(struct rc_db *db, rc_db_fn *fn, void *arg, struct rc_error *err);

/*
 * The same for callers that don't wait: hundreds of requests may wait for one commit without a thread each. `done` is called once,
 * on a thread of the database that others wait for, so it is quick, doesn't block and calls nothing of this header; `status` and
 * `err` are set by then, and the struct is the caller's again.
 */
struct rc_db_job {
	rc_db_fn *fn;
	void *arg;
	void (*done)(struct rc_db_job *job);
	enum rc_status status;  /* as rc_db_write returns it */
	struct rc_error err;    /* of a status other than RC_OK */
	struct rc_db_job *next; /* the database's own */
};

/* Hands a job over; it stays in its place until it is done. Jobs begin in the order they came; on SQLite they also end in it, on
 * PostgreSQL a few run side by side. Anything but RC_OK (RC_EBUSY): `done` will not be called. */
RC_CHECKED enum rc_status rc_db_submit(struct rc_db *db, struct rc_db_job *job, struct rc_error *err);

/*
 * Runs `fn` on the caller's thread against one moment of the database; writing in it fails with RC_EBUG. Waits for a free
 * connection. Keep it short: while it runs, the log of changes can't be cut.
 */
RC_CHECKED enum rc_status rc_db_read(struct rc_db *db, rc_db_fn *fn, void *arg, struct rc_error *err);

/* ---- copies ---- */

/*
 * Copies the database of `url` as it is at one moment into the new file `path` (mode 0600, synced, nothing beside it). Uses a
 * connection of its own that only reads, so it may be called by any process while another one serves and writes: nobody waits for
 * it, but the log of changes can't be cut until it is done. Blocks for as long as the disk takes. RC_ECONFLICT: `path` is there
 * already; on any other failure it is not there.
 */
RC_CHECKED enum rc_status rc_db_copy(const char *url, const char *path, struct rc_error *err);

/*
 * Looks at a database that nobody has open, such as a copy, without changing a byte of it: first whether its structure is whole
 * (RC_EFORMAT says what isn't; seconds a gigabyte), then `fn` reads, as under rc_db_read. The schema is what it is.
 */
RC_CHECKED enum rc_status rc_db_examine(const char *url, rc_db_fn *fn, void *arg, struct rc_error *err);

/* ---- values ---- */

enum rc_db_type {
	RC_DB_TYPE_NULL,
	RC_DB_TYPE_INT,
	RC_DB_TYPE_TEXT,
	RC_DB_TYPE_BYTES,
	RC_DB_TYPE_OTHER, /* never goes in; may come out of a damaged file */
};

/* A parameter. Text and bytes are borrowed until the call that takes the value returns. */
struct rc_db_value {
	enum rc_db_type type;
	int64_t number;
	struct rc_bytes bytes;
};

struct rc_db_values {
	const struct rc_db_value *items; /* $1 first */
	size_t count;
};

/* Behind RC_DB_INT and RC_DB_BOOL. */
static inline struct rc_db_value rc_db_value_number(int64_t number)
{
	return (struct rc_db_value){.type = RC_DB_TYPE_INT, .number = number};
}

/* Behind RC_DB_TEXT and RC_DB_BYTES. */
static inline struct rc_db_value rc_db_value_bytes(enum rc_db_type type, struct rc_bytes bytes)
{
	return (struct rc_db_value){.type = type, .bytes = bytes};
}

#define RC_DB_NULL        ((struct rc_db_value){.type = RC_DB_TYPE_NULL})
#define RC_DB_INT(number) rc_db_value_number(number)
#define RC_DB_BOOL(truth) rc_db_value_number((truth) ? 1 : 0)

/* Text must be UTF-8 without NUL, or the call that takes it fails with RC_EFORMAT. */
#define RC_DB_TEXT(text)        rc_db_value_bytes(RC_DB_TYPE_TEXT, rc_bytes_of_text(text))
#define RC_DB_TEXT_BYTES(bytes) rc_db_value_bytes(RC_DB_TYPE_TEXT, (bytes))
#define RC_DB_BYTES(bytes)      rc_db_value_bytes(RC_DB_TYPE_BYTES, (bytes))

/* The values of one call: RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_INT(now)); alive to the end of the block. */
#define RC_DB_VALUES(...)                                                                          \
	((struct rc_db_values){(const struct rc_db_value[]){__VA_ARGS__},                          \
			       sizeof((const struct rc_db_value[]){__VA_ARGS__}) /                 \
				   sizeof(struct rc_db_value)})
#define RC_DB_NO_VALUES ((struct rc_db_values){NULL, 0})

/* ---- statements: within a transaction's function ---- */

/* Runs a statement that gives no rows (:exec). */
RC_CHECKED enum rc_status rc_db_exec(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				     struct rc_db_values values, struct rc_error *err);

/* As rc_db_exec, and says how many rows it touched: for guarded updates (… WHERE taken < seats). */
RC_CHECKED enum rc_status rc_db_exec_counted(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
					     struct rc_db_values values, int64_t *changed,
					     struct rc_error *err);

/* Rows for one INSERT. `fill` writes a value for each parameter of row `index`; what they borrow lives until it is called again. */
struct rc_db_rows {
	size_t count;
	void (*fill)(void *context, size_t index, struct rc_db_value *values);
	void *context;
};

/*
 * As rc_db_exec once for each row, in their order, but on PostgreSQL in one round trip. The statement ends in VALUES with its
 * parameters in order (RC_EBUG there if it doesn't).
 */
RC_CHECKED enum rc_status rc_db_exec_rows(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
					  const struct rc_db_rows *rows, struct rc_error *err);

/* Looks at one row. Anything but RC_OK ends the reading and is what the caller gets; it doesn't spend the transaction. */
typedef enum rc_status rc_db_row_fn(const struct rc_db_row *row, void *context, struct rc_error *err);

/* Calls `fn` with the row of a :one statement. RC_ENOTFOUND ("name: no row") if there is none; a second row is RC_EBUG. */
RC_CHECKED enum rc_status rc_db_one(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				    struct rc_db_values values, rc_db_row_fn *fn, void *context,
				    struct rc_error *err);

/* rc_db_one for the many statements that give one number. */
RC_CHECKED enum rc_status rc_db_one_int(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
					struct rc_db_values values, int64_t *number,
					struct rc_error *err);

/* Calls `fn` with each row, in order. `fn` may run other statements; of this one it sees rows as they were or as it made them. */
RC_CHECKED enum rc_status rc_db_query(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
				      struct rc_db_values values, rc_db_row_fn *fn, void *context,
				      struct rc_error *err);

/*
 * Takes `count` numbers of an ordered log: *first … *first + count - 1 (0: none, but the log is held from here on). They appear in order and without gaps, because
 * whoever takes some holds the log until the commit. So this is the last thing a function does before it inserts the rows that
 * carry them, nothing that can take long comes after it, and who needs several logs takes them in the order of their names.
 * RC_EBUG for a log without a head.
 */
RC_CHECKED enum rc_status rc_db_log_take(struct rc_db_tx *tx, const char *log, int64_t count,
					 int64_t *first, struct rc_error *err);

/* ---- rows: columns count from 0 ----
 *
 * NULL reads as 0, false or empty. A column of another type (a damaged file, a wrong number here) reads as that too, and the
 * statement then fails with RC_EFORMAT and says which column it was. Text and bytes are borrowed until the row's function returns. */
int64_t rc_db_row_int(const struct rc_db_row *row, int column);
bool rc_db_row_bool(const struct rc_db_row *row, int column);
struct rc_bytes rc_db_row_text(const struct rc_db_row *row, int column);
struct rc_bytes rc_db_row_bytes(const struct rc_db_row *row, int column);
bool rc_db_row_is_null(const struct rc_db_row *row, int column);

/* Text into a field with its NUL, or bytes that must have an exact size. What doesn't fit fails the statement as above. */
void rc_db_row_copy_text(const struct rc_db_row *row, int column, char *to, size_t to_size);
void rc_db_row_copy_bytes(const struct rc_db_row *row, int column, void *to, size_t size);

/* For debugging: what the columns are called; NULL beyond the last. */
const char *rc_db_row_column(const struct rc_db_row *row, int column);

/* ---- news of other processes ---- */

struct rc_db_listener;

/* `fn` is called on a thread of the listener's, so it is quick and calls nothing of this header. */
struct rc_db_hearer {
	void (*fn)(void *context);
	void *context;
};

/*
 * From now on `hearer` is called soon after anybody, this process or another, has committed numbers of a log (rc_db_log_take), and
 * whenever some may have been missed. It is a hint that may fail for hours, for whoever also looks at the head now and then. On
 * PostgreSQL only; on SQLite RC_OK and `*listener` NULL. `direct_url` is the same database without a pooler between (the text
 * is not kept); NULL: the one that was opened. A database that is away is waited for. RC_ENOMEM, RC_EIO.
 */
RC_CHECKED enum rc_status rc_db_listen(struct rc_db *db, const char *direct_url,
				       const struct rc_db_hearer *hearer,
				       struct rc_db_listener **listener, struct rc_error *err);

/* Ends it before the database is closed; `fn` is not called again. NULL is left alone. */
void rc_db_listen_end(struct rc_db *db, struct rc_db_listener *listener);

/* ---- health ---- */

/*
 * Whether the database answers (for /readyz). Reads once; and while the last commit has failed at the disk, tries a write of one
 * row, so that an idle server finds out that its disk is well again. Blocks as long as these do.
 */
RC_CHECKED enum rc_status rc_db_check(struct rc_db *db, struct rc_error *err);

struct rc_db_statistics {
	uint64_t queue_length;   /* functions waiting now */
	uint64_t refused;        /* with RC_EBUSY because the queue was full */
	uint64_t commits;        /* transactions that became durable */
	uint64_t failed_commits; /* transactions that could not begin or end */
	uint64_t functions; /* in durable transactions: functions / commits is how well they share */
	uint64_t functions_most;  /* in one transaction */
	uint64_t checkpoints;     /* that moved all of the log of changes into the database */
	uint64_t wal_pages;       /* pages in that log after the last commit */
	uint64_t readers_waiting; /* for a connection, now */
};

/* Counted since opening; one moment of them. */
void rc_db_statistics(struct rc_db *db, struct rc_db_statistics *statistics);

/* For tests that look for full scans: the plan of a statement, one line a step, appended. Prepares it as a side effect. */
struct rc_buf;
RC_CHECKED enum rc_status rc_db_explain(struct rc_db *db, const struct rc_sql_statement *statement,
					struct rc_buf *plan, struct rc_error *err);

#endif
