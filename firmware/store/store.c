/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening, closing and transactions. The order of the pragmas matters: the page size before the first write, the WAL filled
 * before secure_delete (which would write every page of the filling twice), statements after the schema is there.
 *
 * A commit costs one fdatasync, two writes and about 20,000 instructions. Not handled here: which file, and what to do with a bad one.
 */
#include "firmware/store/store.h"
#include "firmware/store/gather.h"
#include "firmware/store/store_priv.h"
#include "shared/base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAL_FRAME_HEADER_BYTES 24u

static enum rc_status tell(struct rc_store *store, int code, struct rc_error *err, const char *what)
{
	const int extended = sqlite3_extended_errcode(store->db);
	const char *words = sqlite3_errmsg(store->db);

	switch (code & 0xff) {
	case SQLITE_FULL:
		return rc_fail(err, RC_EIO, "%s: disk full (%s)", what, store->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		store->is_damaged = true;
		store->is_failed = true;
		return rc_fail(err, RC_EFORMAT, "%s: %s (%s)", what, words, store->path);
	case SQLITE_IOERR:
		if (extended == SQLITE_IOERR_NOMEM)
			return rc_fail(err, RC_ENOMEM, "%s: out of memory", what);
		store->is_failed = true;
		return rc_fail(err, RC_EIO, "%s: %s, %s (%s)", what, words,
			       strerror(sqlite3_system_errno(store->db)), store->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return rc_fail(err, RC_EBUSY, "%s: %s (%s)", what, words, store->path);
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return rc_fail(err, RC_EDENIED, "%s: %s (%s)", what, words, store->path);
	case SQLITE_CONSTRAINT:
		return rc_fail(err, RC_ECONFLICT, "%s: %s", what, words);
	case SQLITE_TOOBIG:
		return rc_fail(err, RC_ELIMIT, "%s: %s", what, words);
	case SQLITE_NOMEM:
		return rc_fail(err, RC_ENOMEM, "%s: out of memory", what);
	default:
		return rc_fail(err, RC_EBUG, "%s: %s (%d)", what, words, extended);
	}
}

/* A look that stays open would keep SQLite in what failed: a disk that was full stayed full for it. */
enum rc_status rc_store__fail(struct rc_store *store, int code, struct rc_error *err, const char *what)
{
	enum rc_status status = tell(store, code, err, what);

	rc_store__stand_down(store);
	return status;
}

static int count_frames(void *context, sqlite3 *db, const char *name, int frames)
{
	struct rc_store *store = context;

	(void)db;
	(void)name;
	store->wal_frames = (size_t)frames;
	return SQLITE_OK;
}

/* Everything in the file is input: no function call from its schema, no cell that reaches beyond its page. */
static enum rc_status distrust_file(struct rc_store *store, struct rc_error *err)
{
	(void)sqlite3_extended_result_codes(store->db, 1);
	(void)sqlite3_busy_timeout(store->db, store->options.busy_ms);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	return rc_store__execute(
	    store,
	    "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;"
	    "PRAGMA foreign_keys=OFF;",
	    err);
}

/* What SQLite calls the mode. */
static const char *mode_of(const struct rc_store *store)
{
	return store->options.mode == RC_STORE_WAL ? "wal" : "delete";
}

static enum rc_status set_mode(struct rc_store *store, struct rc_error *err)
{
	const bool is_wal = store->options.mode == RC_STORE_WAL;
	char mode[16], pragma[64];
	enum rc_status status;

	/* The page size counts only while the file is empty; journal_mode is the first thing that writes. */
	(void)snprintf(pragma, sizeof(pragma), "PRAGMA page_size=%u", store->options.page_bytes);
	status = rc_store__execute(store, pragma, err);
	if (status != RC_OK)
		return status;
	status = rc_store__ask_text(store,
				    is_wal ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=DELETE",
				    mode, sizeof(mode), err);
	if (status != RC_OK)
		return status;
	if (strcmp(mode, mode_of(store)) != 0)
		return rc_fail(err, RC_EIO, "journal mode stayed \"%s\" (%s)", mode, store->path);
	return rc_store__execute(
	    store,
	    store->options.is_unsynced ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL", err);
}

/* The WAL is never cut, not by a limit, not by closing; and only a checkpoint that was asked for moves it. */
static enum rc_status keep_wal(struct rc_store *store, struct rc_error *err)
{
	if (store->options.mode != RC_STORE_WAL)
		return RC_OK;
	(void)sqlite3_wal_autocheckpoint(store->db, 0);
	(void)sqlite3_wal_hook(store->db, count_frames, store);
	return rc_store__execute(store, "PRAGMA journal_size_limit=-1", err);
}

/*
 * What set_mode was told may not be so: where a read fails at that moment, SQLite says "wal" and leaves the file as it was, which
 * shows after the next write.
 */
static enum rc_status check_mode(struct rc_store *store, struct rc_error *err)
{
	char mode[16];
	enum rc_status status =
	    rc_store__ask_text(store, "PRAGMA journal_mode", mode, sizeof(mode), err);

	if (status == RC_OK && strcmp(mode, mode_of(store)) != 0)
		status = rc_fail(err, RC_EIO, "journal mode stayed \"%s\" (%s)", mode, store->path);
	return status;
}

static enum rc_status prepare_writer(struct rc_store *store, struct rc_error *err)
{
	bool is_new = false;
	enum rc_status status = set_mode(store, err);

	if (status == RC_OK)
		status = keep_wal(store, err);
	if (status == RC_OK)
		status = rc_store__migrate(store, &is_new, err);
	if (status == RC_OK)
		status = check_mode(store, err);
	if (status == RC_OK && is_new && store->options.wal_bytes > 0)
		status = rc_store__fill_wal(store, err);
	if (status == RC_OK && store->options.has_secure_delete)
		status = rc_store__execute(store, "PRAGMA secure_delete=ON", err);
	if (status == RC_OK)
		status = rc_store__prepare(store, "BEGIN IMMEDIATE", &store->begin, err);
	if (status == RC_OK)
		status = rc_store__prepare(store, "COMMIT", &store->commit, err);
	if (status == RC_OK)
		status = rc_store__prepare(store, "ROLLBACK", &store->rollback, err);
	if (status == RC_OK && store->options.stands_ready) {
		(void)sqlite3_file_control(store->db, "main", RC_STORE__GATHER_KEEP_WRITE_LOCK, NULL);
		status = rc_store__prepare(store, "SELECT 1 FROM sqlite_schema", &store->standing, err);
	}
	return status;
}

static enum rc_status prepare_reader(struct rc_store *store, struct rc_error *err)
{
	bool is_new = false;

	(void)sqlite3_wal_autocheckpoint(store->db, 0);
	return rc_store__migrate(store, &is_new, err);
}

static enum rc_status prepare_statements(struct rc_store *store, struct rc_error *err)
{
	const struct rc_store_plan *plan = &store->options.plan;
	enum rc_status status =
	    rc_store__prepare(store, "PRAGMA data_version", &store->data_version, err);

	assert(plan->statement_count <= RC_STORE_STATEMENTS_MAX);
	for (size_t i = 0; status == RC_OK && i < plan->statement_count; i++) {
		status =
		    rc_store__prepare(store, plan->statements[i].sqlite, &store->statements[i], err);
		if (status == RC_EBUG) { /* it fits the plan's schema (a test says so), so the file has another */
			store->is_damaged = true;
			status = RC_EFORMAT;
		}
		if (status != RC_OK)
			status = rc_error_in(err, status, "statement %s", plan->statements[i].name);
	}
	return status;
}

static int open_flags(const struct rc_store_options *options)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;

	if (options->role == RC_STORE_READER)
		return flags | SQLITE_OPEN_READONLY;
	flags |= SQLITE_OPEN_READWRITE;
	return options->may_create ? flags | SQLITE_OPEN_CREATE : flags;
}

static enum rc_status open_database(struct rc_store *store, struct rc_error *err)
{
	const struct rc_store_options *options = &store->options;
	const bool has_commits_in_wal = options->role == RC_STORE_WRITER && options->mode == RC_STORE_WAL;
	const char *vfs = options->vfs;
	int persist = options->mode == RC_STORE_WAL, code;

	if (!options->may_create && access(store->path, F_OK) != 0)
		return rc_fail_errno(err, errno, "no database %s", store->path);
	if (has_commits_in_wal && !options->is_unsynced) {
		enum rc_status status = rc_store__gather(options->vfs, &vfs, err);

		if (status != RC_OK)
			return status;
	}
	code = sqlite3_open_v2(store->path, &store->db, open_flags(options), vfs);
	if (store->db == NULL)
		return rc_fail(err, RC_ENOMEM, "open %s: out of memory", store->path);
	/* Before anything can fail: an opening that is given up must not move the WAL, and never remove it. */
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	return code == SQLITE_OK ? RC_OK : rc_store__fail(store, code, err, "open");
}

RC_DEFINE_AUTO(struct rc_store, rc_store_close)

enum rc_status rc_store_open(const char *path, const struct rc_store_options *options,
			     struct rc_store **store, struct rc_error *err)
{
	RC_AUTO(rc_store_close_p) struct rc_store *opened = calloc(1, sizeof(*opened));
	enum rc_status status;

	if (opened == NULL || (opened->path = strdup(path)) == NULL)
		return rc_fail(err, RC_ENOMEM, "open %s: out of memory", path);
	opened->options = *options;
	status = open_database(opened, err);
	if (status == RC_OK)
		status = distrust_file(opened, err);
	if (status == RC_OK)
		status = options->role == RC_STORE_WRITER ? prepare_writer(opened, err)
							  : prepare_reader(opened, err);
	if (status == RC_OK)
		status = rc_store__ask_int(opened, "PRAGMA page_size", &opened->page_bytes, err);
	if (status == RC_OK)
		status = prepare_statements(opened, err);
	if (status != RC_OK)
		return status;
	if (options->role == RC_STORE_WRITER)
		(void)sqlite3_db_config(opened->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	rc_store__stand_ready(opened);
	*store = RC_STEAL(opened);
	return RC_OK;
}

void rc_store_close(struct rc_store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->options.plan.statement_count; i++)
		(void)sqlite3_finalize(store->statements[i]);
	(void)sqlite3_finalize(store->begin);
	(void)sqlite3_finalize(store->commit);
	(void)sqlite3_finalize(store->rollback);
	(void)sqlite3_finalize(store->data_version);
	(void)sqlite3_finalize(store->standing);
	if (store->is_failed && store->db != NULL) /* what is not known to be whole is not moved about either */
		(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_close_v2(store->db);
	free(store->path);
	free(store);
}

void rc_store__stand_ready(struct rc_store *store)
{
	if (store->standing != NULL && !sqlite3_stmt_busy(store->standing) &&
	    sqlite3_step(store->standing) != SQLITE_ROW)
		(void)sqlite3_reset(store->standing);
}

void rc_store__stand_down(struct rc_store *store)
{
	if (store->standing != NULL)
		(void)sqlite3_reset(store->standing);
}

bool rc_store_is_failed(const struct rc_store *store)
{
	return store->is_failed;
}

bool rc_store_is_damaged(const struct rc_store *store)
{
	return store->is_damaged;
}

/* Steps a statement that gives no rows. */
static int step_once(sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);

	(void)sqlite3_reset(statement);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static void roll_back(struct rc_store *store)
{
	if (!sqlite3_get_autocommit(store->db)) /* SQLite may have rolled back by itself */
		(void)step_once(store->rollback);
}

enum rc_status rc_store__get_ready(struct rc_store *store, struct rc_error *err)
{
	if (store->is_failed)
		return rc_fail(err, store->is_damaged ? RC_EFORMAT : RC_EIO,
			       "a write failed before, so nothing is confirmed any more (%s)",
			       store->path);
	roll_back(store);
	if (!sqlite3_get_autocommit(store->db))
		return rc_fail(err, RC_ENOMEM, "what failed before can't be undone (%s)", store->path);
	rc_store__stand_ready(store); /* again, after a failure */
	return RC_OK;
}

enum rc_status rc_store_begin(struct rc_store *store, struct rc_error *err)
{
	enum rc_status status = rc_store__get_ready(store, err);
	int code;

	assert(store->options.role == RC_STORE_WRITER);
	if (status != RC_OK)
		return status;
	code = step_once(store->begin);
	return code == SQLITE_OK ? RC_OK : rc_store__fail(store, code, err, "begin");
}

enum rc_status rc_store_end(struct rc_store *store, enum rc_status status, struct rc_error *err)
{
	int code;

	if (status == RC_OK && store->is_failed)
		status = rc_fail(err, RC_EIO, "a write failed within the transaction (%s)", store->path);
	if (status == RC_OK) {
		code = step_once(store->commit);
		if (code == SQLITE_OK)
			return RC_OK;
		status = rc_store__fail(store, code, err, "commit");
	}
	roll_back(store);
	return status;
}

size_t rc_store_wal_frames(const struct rc_store *store)
{
	return store->wal_frames;
}

size_t rc_store_wal_room(const struct rc_store *store)
{
	return store->options.wal_bytes / ((size_t)store->page_bytes + WAL_FRAME_HEADER_BYTES);
}
