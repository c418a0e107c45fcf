/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the roster. A new file is one transaction in rollback mode, then opened as a WAL database while nobody else knows its
 * name, then the pointer is moved. Numbers only rise, also over leftovers: a file name is never used twice.
 */
#include "firmware/roster/roster_priv.h"
#include "firmware/roster_sql/statements.h"
#include "shared/base/cleanup.h"
#include "shared/base/log.h"
#include "shared/crypto/hash.h"
#include "shared/file/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOCK_NAME      "roster.lock"
#define CHECKPOINT_AT  512u  /* frames: half a megabyte */
#define PAGE_BYTES     4096u /* read far more often than written */
#define READER_WAIT_MS 2000

struct snapshot {
	struct rc_store *store; /* NULL: none under way */
	int64_t number;
	struct rc_sha256 hash;
	int64_t count;
	struct rc_roster_applied applied;
};

struct rc_roster_writer {
	char folder[RC_FILES_PATH_MAX_CHARS];
	const char *vfs; /* NULL: the system's */
	int lock_fd;
	struct rc_store *store; /* the roster in use, or NULL */
	int64_t number;         /* of that */
	int64_t last_number;    /* the highest ever seen here */
	bool found_damage;
	bool must_look_again; /* a write failed, and the file could not be opened since */
	struct snapshot snapshot;
};

static struct rc_store_options store_options(const struct rc_roster_writer *writer, enum rc_store_mode mode)
{
	return (struct rc_store_options){.role = RC_STORE_WRITER,
					 .mode = mode,
					 .plan = rc_roster__plan(),
					 .page_bytes = PAGE_BYTES,
					 .has_secure_delete = true,
					 .may_create = mode == RC_STORE_ROLLBACK,
					 .busy_ms = READER_WAIT_MS,
					 .vfs = writer->vfs};
}

static enum rc_status path_of(const struct rc_roster_writer *writer, int64_t number,
			      char path[RC_FILES_PATH_MAX_CHARS], struct rc_error *err)
{
	char name[RC_ROSTER__NAME_CHARS];

	(void)snprintf(name, sizeof(name), "roster-%lld.db", (long long)number);
	return rc_files_join(writer->folder, name, path, err);
}

/* Removes every roster but the one in use, and remembers the highest number. */
static enum rc_status clear_leftovers(struct rc_roster_writer *writer, struct rc_error *err)
{
	char path[RC_FILES_PATH_MAX_CHARS];
	DIR *folder = opendir(writer->folder);
	const struct dirent *entry;
	enum rc_status status = RC_OK;

	if (folder == NULL)
		return rc_fail_errno(err, errno, "open %s", writer->folder);
	while (status == RC_OK && (entry = readdir(folder)) != NULL) {
		const int64_t number = rc_roster__number_of(entry->d_name);

		if (number == 0)
			continue;
		if (number > writer->last_number)
			writer->last_number = number;
		if (number == writer->number)
			continue;
		status = path_of(writer, number, path, err);
		if (status == RC_OK)
			status = rc_files_remove_database(path, err);
	}
	(void)closedir(folder);
	return status;
}

static enum rc_status drop_pointer(struct rc_roster_writer *writer, struct rc_error *err)
{
	char path[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status = rc_files_join(writer->folder, RC_ROSTER__POINTER, path, err);

	if (status != RC_OK)
		return status;
	if (unlink(path) != 0 && errno != ENOENT)
		return rc_fail_errno(err, errno, "remove %s", path);
	return rc_file_sync_folder(writer->folder, err);
}

static enum rc_status open_in_use(struct rc_roster_writer *writer, struct rc_error *err)
{
	const struct rc_store_options options = store_options(writer, RC_STORE_WAL);
	char path[RC_FILES_PATH_MAX_CHARS], name[RC_ROSTER__NAME_CHARS];
	struct rc_cursor cursor;
	enum rc_status status = rc_roster__read_pointer(writer->folder, name, &writer->number, err);

	if (status == RC_OK)
		status = path_of(writer, writer->number, path, err);
	if (status == RC_OK)
		status = rc_store_open(path, &options, &writer->store, err);
	if (status == RC_ENOTFOUND)
		return RC_EFORMAT;
	if (status == RC_OK)
		status = rc_store_check(writer->store, err);
	if (status == RC_OK)
		status = rc_roster__load_cursor(writer->store, &cursor, err);
	return status == RC_ENOTFOUND ? RC_EFORMAT : status;
}

static void let_go(struct rc_roster_writer *writer)
{
	rc_store_close(writer->store);
	writer->store = NULL;
	writer->number = 0;
}

/* A roster can be had again, so a damaged or older one is dropped and the server asked for a snapshot. */
static enum rc_status find(struct rc_roster_writer *writer, struct rc_error *err)
{
	char pointer[RC_FILES_PATH_MAX_CHARS];
	struct rc_error why = {.text = ""};
	enum rc_status status = rc_files_join(writer->folder, RC_ROSTER__POINTER, pointer, err);

	if (status != RC_OK)
		return status;
	if (access(pointer, F_OK) == 0) {
		status = open_in_use(writer, &why);
		if (status == RC_EFORMAT || status == RC_ECONFLICT) {
			rc_log_failure("the roster can't be used and is dropped", &why);
			writer->found_damage = true;
			let_go(writer);
			status = drop_pointer(writer, err);
		} else if (status != RC_OK) {
			return rc_fail(err, status, "%s", why.text);
		}
	}
	return status == RC_OK ? clear_leftovers(writer, err) : status;
}

/* After a write that failed what is in the file isn't known: it is opened anew, and read whole, before it is used again. */
static enum rc_status heal(struct rc_roster_writer *writer, struct rc_error *err)
{
	enum rc_status status;

	if (writer->store != NULL && rc_store_is_failed(writer->store)) {
		rc_roster_snapshot_abort(writer);
		let_go(writer);
		writer->must_look_again = true;
	}
	if (!writer->must_look_again)
		return RC_OK;
	status = find(writer, err);
	if (status == RC_OK)
		writer->must_look_again = false;
	else
		let_go(writer);
	return status;
}

RC_DEFINE_AUTO(struct rc_roster_writer, rc_roster_writer_close)

enum rc_status rc_roster__writer_open(const char *folder, const char *vfs,
				      struct rc_roster_writer **writer, struct rc_error *err)
{
	RC_AUTO(rc_roster_writer_close_p)
	struct rc_roster_writer *opened = calloc(1, sizeof(*opened));
	char lock[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status;

	if (opened == NULL)
		return rc_fail(err, RC_ENOMEM, "roster: out of memory");
	opened->lock_fd = -1;
	opened->vfs = vfs;
	if (!rc_text_copy(folder, opened->folder, sizeof(opened->folder)))
		return rc_fail(err, RC_ELIMIT, "roster: path too long: %s", folder);
	status = rc_files_join(folder, LOCK_NAME, lock, err);
	if (status == RC_OK)
		status = rc_files_lock(lock, &opened->lock_fd, err);
	if (status == RC_OK)
		status = find(opened, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "roster");
	*writer = RC_STEAL(opened);
	return RC_OK;
}

enum rc_status rc_roster_writer_open(const char *folder, struct rc_roster_writer **writer,
				     struct rc_error *err)
{
	return rc_roster__writer_open(folder, NULL, writer, err);
}

void rc_roster_writer_close(struct rc_roster_writer *writer)
{
	if (writer == NULL)
		return;
	rc_roster_snapshot_abort(writer);
	rc_store_close(writer->store);
	rc_close_p(&writer->lock_fd);
	free(writer);
}

bool rc_roster_writer_found_damage(const struct rc_roster_writer *writer)
{
	return writer->found_damage;
}

enum rc_status rc_roster_writer_cursor(struct rc_roster_writer *writer, struct rc_cursor *cursor,
				       struct rc_error *err)
{
	enum rc_status status = heal(writer, err);

	if (status != RC_OK)
		return rc_error_in(err, status, "roster");
	if (writer->store == NULL)
		return rc_fail(err, RC_ENOTFOUND, "roster: none yet");
	return rc_roster__load_cursor(writer->store, cursor, err);
}

/* ---- ordinary changes ---- */

/* Cuts the next whole line off; RC_ENOTFOUND at the end, RC_EFORMAT for a rest without its line feed. */
static enum rc_status next_line(struct rc_bytes *rest, struct rc_bytes *line, struct rc_error *err)
{
	const uint8_t *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;

	if (rest->size == 0)
		return RC_ENOTFOUND;
	if (end == NULL)
		return rc_fail(err, RC_EFORMAT, "the last line was cut off");
	*line = rc_bytes_of(rest->data, (size_t)(end - rest->data));
	*rest = rc_bytes_of(end + 1, rest->size - line->size - 1);
	return RC_OK;
}

static enum rc_status check_cursor(struct rc_roster_writer *writer, const struct rc_cursor *next,
				   struct rc_error *err)
{
	struct rc_cursor now;
	enum rc_status status = rc_roster__load_cursor(writer->store, &now, err);

	if (status != RC_OK)
		return status;
	if (next->server_epoch != now.server_epoch || next->subscription != now.subscription ||
	    next->n < now.n)
		return rc_fail(err, RC_ECONFLICT, "the cursor doesn't go on from the one here");
	return RC_OK;
}

static enum rc_status apply_lines(struct rc_roster_writer *writer, struct rc_bytes lines,
				  struct rc_roster_applied *applied, struct rc_error *err)
{
	struct rc_bytes line;
	enum rc_status status;

	while ((status = next_line(&lines, &line, err)) == RC_OK) {
		enum rc_changes_line which = RC_CHANGES_CHANGE;
		struct rc_changes_end end;

		status = rc_changes_line_read(line, &which, &end, err);
		if (status != RC_OK)
			return status;
		if (which == RC_CHANGES_CHANGE) {
			status = rc_roster__apply_line(writer->store, line, applied, err);
			if (status != RC_OK)
				return status;
			continue;
		}
		if (which != RC_CHANGES_END || lines.size > 0)
			return rc_fail(err, RC_EFORMAT, "not an answer of ordinary changes");
		applied->has_more = end.has_more;
		status = check_cursor(writer, &end.cursor, err);
		return status == RC_OK ? rc_roster__put_cursor(writer->store, &end.cursor, err) : status;
	}
	return status == RC_ENOTFOUND ? rc_fail(err, RC_EFORMAT, "no end line") : status;
}

enum rc_status rc_roster_apply(struct rc_roster_writer *writer, struct rc_bytes lines,
			       struct rc_roster_applied *applied, struct rc_error *err)
{
	struct rc_roster_applied done = {0};
	enum rc_status status = heal(writer, err);

	if (status != RC_OK)
		return rc_error_in(err, status, "roster");
	if (writer->store == NULL)
		return rc_fail(err, RC_ECONFLICT, "roster: there is none to change");
	if (lines.size > RC_ROSTER_BATCH_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "roster: changes too long");
	status = rc_store_begin(writer->store, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "roster");
	status = rc_store_end(writer->store, apply_lines(writer, lines, &done, err), err);
	if (status != RC_OK)
		return rc_error_in(err, status, "roster");
	*applied = done;
	/* Applied and on disk; a checkpoint that fails now is met again by the next commit. */
	if (rc_store_wal_frames(writer->store) >= CHECKPOINT_AT &&
	    rc_store_checkpoint(writer->store, NULL) != RC_OK)
		rc_log(RC_LOG_WARNING, "the roster's checkpoint failed", NULL);
	return RC_OK;
}

/* ---- snapshots ---- */

bool rc_roster_snapshot_is_open(const struct rc_roster_writer *writer)
{
	return writer->snapshot.store != NULL;
}

void rc_roster_snapshot_abort(struct rc_roster_writer *writer)
{
	char path[RC_FILES_PATH_MAX_CHARS];

	if (writer->snapshot.store == NULL)
		return;
	rc_store_close(writer->snapshot.store);
	writer->snapshot.store = NULL;
	if (path_of(writer, writer->snapshot.number, path, NULL) == RC_OK &&
	    rc_files_remove_database(path, NULL) != RC_OK)
		rc_log(RC_LOG_WARNING, "an unfinished roster could not be removed", "path", path, NULL);
}

static enum rc_status drop_snapshot(struct rc_roster_writer *writer, enum rc_status status,
				    struct rc_error *err)
{
	rc_roster_snapshot_abort(writer);
	return rc_error_in(err, status, "roster snapshot");
}

/* The line without its line feed, hashed with it. */
static enum rc_status take_line(struct snapshot *snapshot, struct rc_bytes bytes,
				struct rc_bytes *line, struct rc_error *err)
{
	struct rc_bytes rest = bytes;
	enum rc_status status = next_line(&rest, line, err);

	if (status == RC_OK && rest.size == 0) {
		rc_sha256_add(&snapshot->hash, bytes);
		return RC_OK;
	}
	return rc_fail(err, RC_EFORMAT, "not one whole line");
}

enum rc_status rc_roster_snapshot_begin(struct rc_roster_writer *writer, struct rc_bytes first_line,
					struct rc_error *err)
{
	const struct rc_store_options options = store_options(writer, RC_STORE_ROLLBACK);
	struct snapshot *snapshot = &writer->snapshot;
	char path[RC_FILES_PATH_MAX_CHARS];
	enum rc_changes_line which = RC_CHANGES_CHANGE;
	struct rc_changes_end end;
	struct rc_bytes line;
	enum rc_status status;

	rc_roster_snapshot_abort(writer);
	*snapshot = (struct snapshot){.number = ++writer->last_number};
	rc_sha256_init(&snapshot->hash);
	status = take_line(snapshot, first_line, &line, err);
	if (status == RC_OK)
		status = rc_changes_line_read(line, &which, &end, err);
	if (status == RC_OK && which != RC_CHANGES_SNAPSHOT)
		status = rc_fail(err, RC_EFORMAT, "the first line announces no snapshot");
	if (status == RC_OK)
		status = path_of(writer, snapshot->number, path, err);
	if (status == RC_OK)
		status = rc_store_open(path, &options, &snapshot->store, err);
	if (status == RC_OK)
		status = rc_store_begin(snapshot->store, err);
	return status == RC_OK ? RC_OK : drop_snapshot(writer, status, err);
}

enum rc_status rc_roster_snapshot_put(struct rc_roster_writer *writer, struct rc_bytes line,
				      struct rc_error *err)
{
	struct snapshot *snapshot = &writer->snapshot;
	struct rc_bytes bare;
	enum rc_status status;

	if (snapshot->store == NULL)
		return rc_fail(err, RC_ECONFLICT, "roster snapshot: none was begun");
	status = take_line(snapshot, line, &bare, err);
	if (status == RC_OK)
		status = rc_roster__apply_line(snapshot->store, bare, &snapshot->applied, err);
	snapshot->count++;
	return status == RC_OK ? RC_OK : drop_snapshot(writer, status, err);
}

static enum rc_status check_end(struct snapshot *snapshot, struct rc_bytes end_line,
				struct rc_changes_end *end, struct rc_error *err)
{
	enum rc_changes_line which = RC_CHANGES_CHANGE;
	uint8_t hash[RC_SHA256_BYTES];
	struct rc_bytes line, rest = end_line;
	enum rc_status status = next_line(&rest, &line, err);

	if (status == RC_ENOTFOUND || (status == RC_OK && rest.size > 0))
		return rc_fail(err, RC_EFORMAT, "not one whole end line");
	if (status == RC_OK)
		status = rc_changes_line_read(line, &which, end, err);
	if (status != RC_OK)
		return status;
	rc_sha256_end(&snapshot->hash, hash);
	if (which != RC_CHANGES_SNAPSHOT_END)
		return rc_fail(err, RC_EFORMAT, "the last line ends no snapshot");
	if (end->count != snapshot->count)
		return rc_fail(err, RC_EFORMAT, "%lld lines came, %lld were announced",
			       (long long)snapshot->count, (long long)end->count);
	if (memcmp(hash, end->sha256, sizeof(hash)) != 0)
		return rc_fail(err, RC_EFORMAT, "the bytes that came have another hash");
	return RC_OK;
}

static enum rc_status move_pointer(const struct rc_roster_writer *writer, struct rc_error *err)
{
	char path[RC_FILES_PATH_MAX_CHARS], name[RC_ROSTER__NAME_CHARS + 1];
	enum rc_status status = rc_files_join(writer->folder, RC_ROSTER__POINTER, path, err);

	if (status != RC_OK)
		return status;
	(void)snprintf(name, sizeof(name), "roster-%lld.db\n", (long long)writer->snapshot.number);
	return rc_file_replace(AT_FDCWD, path, 0600, rc_bytes_of_text(name), err);
}

/* The built file becomes the one in use; the old one goes. Readers keep what they have open until they refresh. */
static enum rc_status swap_in(struct rc_roster_writer *writer, struct rc_error *err)
{
	const struct rc_store_options options = store_options(writer, RC_STORE_WAL);
	struct rc_store *store = NULL;
	char path[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status = path_of(writer, writer->snapshot.number, path, err);

	if (status == RC_OK)
		status = rc_store_open(path, &options, &store, err);
	if (status != RC_OK)
		return status;
	status = move_pointer(writer, err);
	if (status != RC_OK) {
		rc_store_close(store);
		return status;
	}
	rc_store_close(writer->store);
	writer->store = store;
	writer->number = writer->snapshot.number;
	if (clear_leftovers(writer, NULL) != RC_OK)
		rc_log(RC_LOG_WARNING, "an old roster could not be removed", "folder",
		       writer->folder, NULL);
	return RC_OK;
}

enum rc_status rc_roster_snapshot_finish(struct rc_roster_writer *writer, struct rc_bytes end_line,
					 struct rc_roster_applied *applied, struct rc_error *err)
{
	struct snapshot *snapshot = &writer->snapshot;
	struct rc_changes_end end;
	enum rc_status status;

	if (snapshot->store == NULL)
		return rc_fail(err, RC_ECONFLICT, "roster snapshot: none was begun");
	status = check_end(snapshot, end_line, &end, err);
	if (status == RC_OK)
		status = rc_roster__put_cursor(snapshot->store, &end.cursor, err);
	status = rc_store_end(snapshot->store, status, err);
	if (status != RC_OK)
		return drop_snapshot(writer, status, err);
	rc_store_close(snapshot->store);
	snapshot->store = NULL;
	status = swap_in(writer, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "roster snapshot");
	*applied = snapshot->applied;
	return RC_OK;
}

/* ---- emptying ---- */

static enum rc_status delete_all(struct rc_store *store, struct rc_error *err)
{
	static const size_t statements[] = {
	    RC_SQL_ROSTER_META_EMPTY,     RC_SQL_ROSTER_CREDENTIAL_EMPTY,
	    RC_SQL_ROSTER_PERSON_EMPTY,   RC_SQL_ROSTER_ROOM_EMPTY,
	    RC_SQL_ROSTER_SESSION_EMPTY,  RC_SQL_ROSTER_REGISTRATION_EMPTY,
	    RC_SQL_ROSTER_PRESENCE_EMPTY, RC_SQL_ROSTER_SETTING_EMPTY,
	    RC_SQL_ROSTER_ENTITY_EMPTY,
	};
	enum rc_status status = rc_store_begin(store, err);

	if (status != RC_OK)
		return status;
	for (size_t i = 0; status == RC_OK && i < sizeof(statements) / sizeof(statements[0]); i++)
		status = rc_store_run(store, statements[i], NULL, NULL, err);
	return rc_store_end(store, status, err);
}

enum rc_status rc_roster_empty(struct rc_roster_writer *writer, struct rc_error *err)
{
	enum rc_status emptied = RC_OK, status;

	rc_roster_snapshot_abort(writer);
	if (writer->store != NULL) {
		emptied = delete_all(writer->store, err);
		if (emptied == RC_OK)
			emptied = rc_store_cut_wal(writer->store, err);
	}
	let_go(writer);
	/* Even where overwriting failed the files must go. */
	status = drop_pointer(writer, err);
	if (status == RC_OK)
		status = clear_leftovers(writer, err);
	if (status == RC_OK)
		status = rc_file_sync_folder(writer->folder, err);
	if (status == RC_OK)
		status = emptied;
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "emptying the roster");
}
