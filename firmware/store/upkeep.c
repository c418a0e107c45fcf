/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens beside transactions: schema, the WAL's size, checkpoints, checks. None of it on the path of a fact.
 */
#include "firmware/store/store.h"
#include "firmware/store/store_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum rc_status apply_migration(struct rc_store *store, size_t number, struct rc_error *err)
{
	char version[48];
	enum rc_status status = rc_store__execute(store, "BEGIN IMMEDIATE", err);

	if (status != RC_OK)
		return status;
	(void)snprintf(version, sizeof(version), "PRAGMA user_version=%zu", number + 1);
	status = rc_store__execute(store, store->options.plan.migrations[number].sqlite, err);
	if (status == RC_OK)
		status = rc_store__execute(store, version, err);
	if (status == RC_OK)
		status = rc_store__execute(store, "COMMIT", err);
	if (status == RC_OK)
		return RC_OK;
	if (!sqlite3_get_autocommit(store->db))
		(void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return rc_error_in(err, status, "schema %s", store->options.plan.migrations[number].name);
}

enum rc_status rc_store__migrate(struct rc_store *store, bool *is_new, struct rc_error *err)
{
	const size_t wanted = store->options.plan.migration_count;
	int64_t version = 0;
	enum rc_status status = rc_store__ask_int(store, "PRAGMA user_version", &version, err);

	if (status != RC_OK)
		return status;
	*is_new = version == 0;
	if (version < 0 || (uint64_t)version > wanted)
		return rc_fail(err, RC_ECONFLICT, "schema %lld is newer than this program's %zu (%s)",
			       (long long)version, wanted, store->path);
	if (*is_new && !store->options.may_create) {
		store->is_damaged = true;
		return rc_fail(err, RC_EFORMAT, "the database is empty (%s)", store->path);
	}
	if ((size_t)version < wanted && store->options.role == RC_STORE_READER)
		return rc_fail(err, RC_ECONFLICT, "schema %lld is older than this program's %zu (%s)",
			       (long long)version, wanted, store->path);
	for (size_t i = (size_t)version; status == RC_OK && i < wanted; i++)
		status = apply_migration(store, i, err);
	return status;
}

/*
 * A table with one value of the WAL's size, dropped again: its frames are what the file grows by. VACUUM gives back the pages that
 * it leaves: a page taken from the list of free ones costs a commit one more page, the list's own.
 */
enum rc_status rc_store__fill_wal(struct rc_store *store, struct rc_error *err)
{
	char fill[128];
	enum rc_status status;

	(void)snprintf(fill, sizeof(fill),
		       "CREATE TABLE wal_filling (filling BLOB) STRICT;"
		       "INSERT INTO wal_filling VALUES (zeroblob(%zu));",
		       store->options.wal_bytes);
	status = rc_store__execute(store, fill, err);
	if (status == RC_OK)
		status = rc_store_checkpoint(store, err);
	if (status == RC_OK)
		status = rc_store__execute(store, "DROP TABLE wal_filling; VACUUM;", err);
	if (status == RC_OK)
		status = rc_store_checkpoint(store, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "filling the WAL");
}

/* Writes the schema's version as it is: one frame, which makes SQLite begin the WAL anew and sync its new header. */
static enum rc_status begin_wal_anew(struct rc_store *store, struct rc_error *err)
{
	char version[48];

	(void)snprintf(version, sizeof(version), "PRAGMA user_version=%zu",
		       store->options.plan.migration_count);
	return rc_store__execute(store, version, err);
}

static enum rc_status checkpoint(struct rc_store *store, int how, bool *is_whole, struct rc_error *err)
{
	int frames = 0, moved = 0, code;

	if (store->is_failed)
		return rc_fail(err, RC_EIO, "a write failed before, so nothing is moved any more (%s)",
			       store->path);
	code = sqlite3_wal_checkpoint_v2(store->db, "main", how, &frames, &moved);
	if (code != SQLITE_OK)
		return rc_store__fail(store, code, err, "checkpoint");
	*is_whole = frames == moved;
	return RC_OK;
}

enum rc_status rc_store_checkpoint(struct rc_store *store, struct rc_error *err)
{
	bool is_whole = false;
	enum rc_status status;

	rc_store__stand_down(store);
	status = checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, &is_whole, err);
	if (status == RC_OK && is_whole)
		status = begin_wal_anew(store, err);
	rc_store__stand_ready(store);
	return status;
}

enum rc_status rc_store_cut_wal(struct rc_store *store, struct rc_error *err)
{
	bool is_whole = false;
	enum rc_status status;

	rc_store__stand_down(store);
	status = checkpoint(store, SQLITE_CHECKPOINT_TRUNCATE, &is_whole, err);
	rc_store__stand_ready(store);
	return status;
}

enum rc_status rc_store_check(struct rc_store *store, struct rc_error *err)
{
	char finding[160];
	enum rc_status status =
	    rc_store__ask_text(store, "PRAGMA quick_check(1)", finding, sizeof(finding), err);

	if (status != RC_OK || strcmp(finding, "ok") == 0)
		return status;
	store->is_damaged = true;
	for (char *c = finding; *c != '\0'; c++)
		*c = *c == '\n' ? ' ' : *c;
	return rc_fail(err, RC_EFORMAT, "%s (%s)", finding, store->path);
}

enum rc_status rc_store_data_version(struct rc_store *store, int64_t *version, struct rc_error *err)
{
	int code = sqlite3_step(store->data_version);
	enum rc_status status = RC_OK;

	if (code == SQLITE_ROW)
		*version = sqlite3_column_int64(store->data_version, 0);
	else
		status = rc_store__fail(store, code, err, "data version");
	(void)sqlite3_reset(store->data_version);
	return status;
}

enum rc_status rc_store_usage(struct rc_store *store, struct rc_store_usage *usage, struct rc_error *err)
{
	int64_t pages = 0, unused = 0;
	enum rc_status status = rc_store__ask_int(store, "PRAGMA page_count", &pages, err);

	if (status == RC_OK)
		status = rc_store__ask_int(store, "PRAGMA freelist_count", &unused, err);
	if (status != RC_OK)
		return status;
	usage->used_bytes = (pages - unused) * store->page_bytes;
	usage->free_bytes = unused * store->page_bytes;
	return RC_OK;
}
