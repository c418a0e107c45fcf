/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_STORE_STORE_PRIV_H
#define RC_STORE_STORE_PRIV_H
/* What the store's own sources share. Nothing outside this folder includes it. */
#include "firmware/store/store.h"
#include "shared/sql/statement.h"

#include <sqlite3.h>

struct rc_store {
	sqlite3 *db;
	struct rc_store_options options;
	char *path;
	sqlite3_stmt *begin, *commit, *rollback, *data_version;
	sqlite3_stmt *standing; /* a look that is left open: see rc_store_options.stands_ready; NULL where it isn't set */
	sqlite3_stmt *statements[RC_STORE_STATEMENTS_MAX];
	int64_t page_bytes; /* of the file */
	size_t wal_frames;  /* told by the WAL hook after each commit */
	bool is_failed;
	bool is_damaged;
};

/* The status for a result code of SQLite, with its words in `err`; notes failure and damage in the store. */
enum rc_status rc_store__fail(struct rc_store *store, int code, struct rc_error *err, const char *what);

/* Before a transaction: RC_OK while writes may be confirmed. Undoes one that could not be undone when it failed (no memory). */
RC_CHECKED enum rc_status rc_store__get_ready(struct rc_store *store, struct rc_error *err);

/* Runs text that is our own (pragmas, migrations). Never the path of a fact. */
RC_CHECKED enum rc_status rc_store__execute(struct rc_store *store, const char *sql,
					    struct rc_error *err);

/* The first column of the first row of a pragma; text is cut at its field. */
RC_CHECKED enum rc_status rc_store__ask_int(struct rc_store *store, const char *sql, int64_t *value,
					    struct rc_error *err);
RC_CHECKED enum rc_status rc_store__ask_text(struct rc_store *store, const char *sql, char *text,
					     size_t size, struct rc_error *err);

RC_CHECKED enum rc_status rc_store__prepare(struct rc_store *store, const char *sql,
					    sqlite3_stmt **statement, struct rc_error *err);

/* Brings the schema up to the plan (writer) or checks that it is the plan's (reader). `*is_new` if the file was empty. */
RC_CHECKED enum rc_status rc_store__migrate(struct rc_store *store, bool *is_new, struct rc_error *err);

/* Opens the standing look, or ends it: before a checkpoint. No failure: without it a commit is slower, that is all. */
void rc_store__stand_ready(struct rc_store *store);
void rc_store__stand_down(struct rc_store *store);

/* Writes the WAL out to its size. Only on a new file, before anything is in it. */
RC_CHECKED enum rc_status rc_store__fill_wal(struct rc_store *store, struct rc_error *err);

#endif
