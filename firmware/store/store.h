/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_STORE_STORE_H
#define RC_STORE_STORE_H
/*
 * One SQLite database of the kiosk, opened in the one way that keeps its promises. The only user of SQLite in the kiosk.
 *
 * A store is a connection; it belongs to one thread. What a commit has returned RC_OK for is on disk (synchronous=FULL). There
 * is one writer to a file, and it alone makes checkpoints, when its owner says so: never inside a commit. The WAL is written out
 * to its size once and then overwritten in place, because a file that grows costs more than all the rest of a commit. A commit is
 * written at once (see gather.h) and filled up to the end of a block of the disk (4 KiB): a card that loses power while it writes
 * may spoil what else lies in that block, and two commits in one block are also two writes of two blocks where one would do. Every
 * statement is prepared at opening and reset as soon as its rows were read: an open read would let the WAL grow.
 *
 * The file is hostile input like any other: cells are checked, its schema is not trusted to call anything.
 *
 * Errors: RC_EFORMAT it is no database, a damaged one, or its tables aren't the plan's; RC_EIO disk (the text says "disk full" where that is it); RC_EBUSY
 * another connection holds it; RC_EDENIED it may not be written; RC_ECONFLICT a constraint, or a schema newer than this program.
 * After a failed write or sync the store is failed for good: see rc_store_is_failed.
 */
#include "shared/base/bytes.h"
#include "shared/base/cleanup.h"
#include "shared/base/id.h"
#include "shared/base/status.h"

#define RC_STORE_VALUES_MAX     24u
#define RC_STORE_STATEMENTS_MAX 64u

struct rc_store;
struct rc_sql_statement;
struct rc_sql_migration;

enum rc_store_role {
	RC_STORE_WRITER, /* may write; migrates the schema; makes the checkpoints */
	RC_STORE_READER, /* read-only; the schema must be there; never makes a checkpoint, not even when it closes */
};

enum rc_store_mode {
	RC_STORE_WAL,      /* readers and the writer don't wait for each other */
	RC_STORE_ROLLBACK, /* for files that are built whole and then moved: nothing lies beside them */
};

/* What a module's generator made of its schema and queries; statements are called by their place in the table. */
struct rc_store_plan {
	const struct rc_sql_migration *migrations;
	size_t migration_count;
	const struct rc_sql_statement *statements;
	size_t statement_count;
};

struct rc_store_options {
	enum rc_store_role role;
	enum rc_store_mode mode;
	struct rc_store_plan plan; /* lives as long as the store */
	unsigned page_bytes; /* of a file that is made; a commit writes whole pages, so small ones wear a card less */
	size_t wal_bytes; /* of a writer in WAL mode: written out to this size when the file is made; 0: not */
	bool stands_ready; /* the only writer of a file in WAL mode keeps its locks between commits: six calls of the system less
			      each. Others can't write meanwhile; readers aren't hindered */
	bool has_secure_delete; /* what is deleted is overwritten in the file */
	bool may_create;        /* a writer makes the file where there is none */
	int busy_ms;            /* how long to wait for another connection's lock */
	const char *vfs;        /* NULL: the system's; simulators name theirs */
	bool is_unsynced;       /* commits are not synced: only to prove that a test would see it */
};

/* ---- life cycle ---- */

/* RC_ENOTFOUND if there is no file and it may not be made. */
RC_CHECKED enum rc_status rc_store_open(const char *path, const struct rc_store_options *options,
					struct rc_store **store, struct rc_error *err);

/* Rolls back what was not committed. In WAL mode the files beside it stay. NULL is left alone. */
void rc_store_close(struct rc_store *store);

/*
 * True after a write, sync or commit failed other than by a full disk. What is in the file then is not known before it is opened
 * anew (a kernel may drop pages whose sync failed and call the next sync good), so every later begin is RC_EIO.
 */
bool rc_store_is_failed(const struct rc_store *store);

/* True after SQLite found the file damaged. */
bool rc_store_is_damaged(const struct rc_store *store);

/* ---- transactions ---- */

/* BEGIN IMMEDIATE: waits for the write lock here (at most busy_ms), never later. */
RC_CHECKED enum rc_status rc_store_begin(struct rc_store *store, struct rc_error *err);

/*
 * Ends a transaction by what its work returned: commits if `status` is RC_OK, else rolls back and gives `status` back.
 * RC_OK means it is on disk.
 */
RC_CHECKED enum rc_status rc_store_end(struct rc_store *store, enum rc_status status,
				       struct rc_error *err);

/* ---- statements ---- */

enum rc_store_type { RC_STORE_NULL, RC_STORE_INT, RC_STORE_TEXT, RC_STORE_BYTES };

/* A parameter, $1 first. Borrowed until the call returns or the rows are done. */
struct rc_store_value {
	enum rc_store_type type;
	int64_t number;
	struct rc_bytes bytes;
};

/* The values of each type; bytes of size 0 are an empty value, not NULL. */
static inline struct rc_store_value rc_store_int(int64_t number)
{
	return (struct rc_store_value){.type = RC_STORE_INT, .number = number};
}
static inline struct rc_store_value rc_store_text(struct rc_bytes text)
{
	return (struct rc_store_value){.type = RC_STORE_TEXT, .bytes = text};
}
static inline struct rc_store_value rc_store_bytes(const void *data, size_t size)
{
	return (struct rc_store_value){.type = RC_STORE_BYTES, .bytes = rc_bytes_of(data, size)};
}
static inline struct rc_store_value rc_store_id(const struct rc_id *id)
{
	return rc_store_bytes(id->octets, RC_ID_BYTES);
}

/* Runs a statement that gives no rows. `*changed` (may be NULL) is how many rows it touched. */
RC_CHECKED enum rc_status rc_store_run(struct rc_store *store, size_t statement,
				       const struct rc_store_value *values, int64_t *changed,
				       struct rc_error *err);

/*
 * A transaction of one statement that gives no rows: begins, runs and commits it. RC_OK means it is on disk; else it was rolled
 * back. As rc_store_begin, rc_store_run and rc_store_end, with two steps of SQLite less.
 */
RC_CHECKED enum rc_status rc_store_run_alone(struct rc_store *store, size_t statement,
					     const struct rc_store_value *values, struct rc_error *err);

/*
 * Rows being read. RC_AUTO(rc_store_done) on the variable resets the statement when its scope ends.
 *
 *     RC_AUTO(rc_store_done) struct rc_store_rows rows = rc_store_look(store, ROOM_BY_ID, values);
 *     while ((status = rc_store_next(&rows, err)) == RC_OK) …
 */
struct rc_store_rows {
	struct rc_store *store;
	struct sqlite3_stmt *statement;
	enum rc_status status; /* of binding; told by the first rc_store_next */
};

/* Binds `values` (as many as the statement has parameters). Two looks at the same statement at once are a bug. */
RC_CHECKED struct rc_store_rows rc_store_look(struct rc_store *store, size_t statement,
					      const struct rc_store_value *values);

/* The next row; RC_ENOTFOUND (with no text) when there are no more. */
RC_CHECKED enum rc_status rc_store_next(struct rc_store_rows *rows, struct rc_error *err);
void rc_store_done(struct rc_store_rows *rows);

/* Columns of the current row, from 0. A NULL or another type is 0 or empty. Bytes are borrowed until the next row or done. */
int64_t rc_store_get_int(const struct rc_store_rows *rows, int column);
struct rc_bytes rc_store_get_bytes(const struct rc_store_rows *rows, int column);

/* Columns that must have an exact size or fit into a field with its NUL; false if they don't (a damaged or forged file). */
bool rc_store_get_exact(const struct rc_store_rows *rows, int column, void *to, size_t size);
bool rc_store_get_text(const struct rc_store_rows *rows, int column, char *to, size_t to_size);

/* ---- upkeep ---- */

/* Frames in the WAL since it began anew, as of the last commit of this connection; and how many fit into wal_bytes. */
size_t rc_store_wal_frames(const struct rc_store *store);
size_t rc_store_wal_room(const struct rc_store *store);

/*
 * Moves the WAL into the database as far as readers allow (PASSIVE: waits for nobody). Where all of it moved, a throw-away commit
 * begins the WAL anew, so that the next real commit does one fdatasync and not two.
 */
RC_CHECKED enum rc_status rc_store_checkpoint(struct rc_store *store, struct rc_error *err);

/* Moves all of the WAL and cuts the file to nothing: after deleting what must not lie around. Waits for readers (busy_ms). */
RC_CHECKED enum rc_status rc_store_cut_wal(struct rc_store *store, struct rc_error *err);

/* Reads every page. RC_EFORMAT with SQLite's first finding. */
RC_CHECKED enum rc_status rc_store_check(struct rc_store *store, struct rc_error *err);

/* Changes with every commit that another connection made. */
RC_CHECKED enum rc_status rc_store_data_version(struct rc_store *store, int64_t *version,
						struct rc_error *err);

struct rc_store_usage {
	int64_t used_bytes; /* pages in use */
	int64_t free_bytes; /* pages inside the file that will be used again */
};

/* How much of the file is in use; no disk access beyond its first page. */
RC_CHECKED enum rc_status rc_store_usage(struct rc_store *store, struct rc_store_usage *usage,
					 struct rc_error *err);

/* The text of a statement's query plan, for tests that look for full scans; appended lines, one per step. */
struct rc_buf;
RC_CHECKED enum rc_status rc_store_explain(struct rc_store *store, size_t statement,
					   struct rc_buf *plan, struct rc_error *err);

#endif
