/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding, making and setting aside.
 *
 * A journal is made in a folder beside its place and renamed when it is whole, first fact included; so one that is in its place
 * but has no facts, no -wal or no schema is damaged and not merely young. A damaged one is moved away as it is, in one
 * rename: nothing in it is touched, and the kiosk goes on signing in.
 */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal_sql/statements.h"
#include "shared/base/log.h"
#include "shared/base/timestamp.h"
#include "shared/file/file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SMALL_FILE_BYTES                                                                           \
	(INT64_C(8) * 1024 * 1024) /* read whole at every opening: a fraction of a second on a card */
#define READER_WAIT_MS 2000

/*
 * A fact is about 640 bytes. Disk written for each, one at a time, checkpoints included: 4.9 kB with pages of 512, 5.9 kB with 1024,
 * 6.5 kB with 2048, 10.5 kB with 4096, at the same speed; 4.1 kB would be the least, a block for each.
 */
#define PAGE_BYTES 512u

static enum rc_status path_of(const struct rc_journal *journal, const char *name,
			      char path[RC_FILES_PATH_MAX_CHARS], struct rc_error *err)
{
	return rc_files_join(journal->folder, name, path, err);
}

static struct rc_store_options store_options(const struct rc_journal_options *options, bool may_create)
{
	return (struct rc_store_options){
	    .role = RC_STORE_WRITER,
	    .mode = RC_STORE_WAL,
	    .plan = rc_journal__plan(),
	    .page_bytes = PAGE_BYTES,
	    .wal_bytes = options->wal_bytes > 0 ? options->wal_bytes : RC_JOURNAL_WAL_BYTES,
	    .stands_ready = true,
	    .has_secure_delete = true,
	    .may_create = may_create,
	    .busy_ms = READER_WAIT_MS,
	    .vfs = options->vfs,
	    .is_unsynced = options->is_unsynced,
	};
}

/* ---- making ---- */

static enum rc_status write_beginning(struct rc_journal *journal, const char *reason, struct rc_error *err)
{
	struct rc_journal_mark head;
	enum rc_status status = rc_store_begin(journal->store, err);

	if (status != RC_OK)
		return status;
	status = rc_journal__put(journal, RC_SQL_JOURNAL_STATE_PUT, RC_JOURNAL__STATE_ID,
				 rc_bytes_of(journal->kiosk.octets, RC_ID_BYTES), err);
	if (status == RC_OK)
		status = rc_journal__write_epoch(journal, reason, NULL, &head, err);
	return rc_store_end(journal->store, status, err);
}

static void drop_store(struct rc_journal *journal)
{
	rc_store_close(journal->store);
	journal->store = NULL;
	rc_journal__epochs_deinit(&journal->epochs);
}

static enum rc_status make_files(struct rc_journal *journal, const struct rc_journal_options *options,
				 const char *reason, struct rc_error *err)
{
	const struct rc_store_options create = store_options(options, true);
	char file[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status = path_of(journal, RC_JOURNAL__FOLDER_NEW "/" RC_JOURNAL__FILE, file, err);

	if (status == RC_OK)
		status = rc_store_open(file, &create, &journal->store, err);
	if (status == RC_OK)
		status = write_beginning(journal, reason, err);
	if (status == RC_OK)
		status = rc_store_checkpoint(journal->store, err);
	drop_store(journal);
	return status;
}

/* What an interrupted making left behind holds nothing that anybody was told. */
static enum rc_status clear_making(struct rc_journal *journal, struct rc_error *err)
{
	char folder[RC_FILES_PATH_MAX_CHARS], file[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status = path_of(journal, RC_JOURNAL__FOLDER_NEW, folder, err);

	if (status == RC_OK)
		status = rc_files_join(folder, RC_JOURNAL__FILE, file, err);
	if (status != RC_OK || access(folder, F_OK) != 0)
		return status;
	status = rc_files_remove_database(file, err);
	if (status == RC_OK && rmdir(folder) != 0)
		return rc_fail_errno(err, errno, "remove %s", folder);
	return status;
}

/* Beside its place, whole and on the disk. */
static enum rc_status make_beside(struct rc_journal *journal, const struct rc_journal_options *options,
				  const char *reason, struct rc_error *err)
{
	char making[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status = clear_making(journal, err);

	if (status == RC_OK)
		status = path_of(journal, RC_JOURNAL__FOLDER_NEW, making, err);
	if (status != RC_OK)
		return status;
	if (mkdir(making, 0700) != 0)
		return rc_fail_errno(err, errno, "make %s", making);
	status = make_files(journal, options, reason, err);
	return status == RC_OK ? rc_file_sync_folder(making, err) : status;
}

static enum rc_status put_in_place(struct rc_journal *journal, struct rc_error *err)
{
	char making[RC_FILES_PATH_MAX_CHARS], place[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status = path_of(journal, RC_JOURNAL__FOLDER_NEW, making, err);

	if (status == RC_OK)
		status = path_of(journal, RC_JOURNAL__FOLDER, place, err);
	if (status != RC_OK)
		return status;
	if (rename(making, place) != 0)
		return rc_fail_errno(err, errno, "rename %s", making);
	return rc_file_sync_folder(journal->folder, err);
}

/* ---- checking ---- */

static enum rc_status check_files(struct rc_journal *journal, const char *file,
				  bool *wants_all_pages, struct rc_error *err)
{
	char path[RC_FILES_PATH_MAX_CHARS + 8];
	struct stat found;

	if (stat(file, &found) != 0)
		return errno == ENOENT ? rc_fail(err, RC_EFORMAT, "the file is gone")
				       : rc_fail_errno(err, errno, "%s", file);
	*wants_all_pages = found.st_size < SMALL_FILE_BYTES;
	(void)snprintf(path, sizeof(path), "%s-wal", file);
	if (stat(path, &found) != 0 && errno == ENOENT)
		return rc_fail(err, RC_EFORMAT, "the file's -wal is gone, and with it what it held");
	if (path_of(journal, RC_JOURNAL__SUSPECT, path, NULL) == RC_OK && access(path, F_OK) == 0)
		*wants_all_pages = true;
	return RC_OK;
}

static enum rc_status check_kiosk(struct rc_journal *journal, struct rc_error *err)
{
	const struct rc_store_value key = rc_store_text(rc_bytes_of_text(RC_JOURNAL__STATE_ID));
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(journal->store, RC_SQL_JOURNAL_STATE_GET, &key);
	enum rc_status status = rc_store_next(&rows, err);
	struct rc_id owner;

	if (status == RC_ENOTFOUND ||
	    (status == RC_OK && !rc_store_get_exact(&rows, 0, owner.octets, RC_ID_BYTES)))
		return rc_fail(err, RC_EFORMAT, "the journal doesn't say whose it is");
	if (status == RC_OK && !rc_id_equal(&owner, &journal->kiosk))
		return rc_fail(err, RC_ECONFLICT, "the journal is another kiosk's");
	return status;
}

/* The newest fact must be whole and follow the one before it. */
static enum rc_status check_head(struct rc_journal *journal, struct rc_error *err)
{
	const size_t n = journal->epochs.count;
	const struct rc_journal_epoch *current = &journal->epochs.items[n - 1];
	const struct rc_store_value place = rc_store_int(rc_journal__place(n, current->last));
	struct rc_journal__expected expected = {
	    .place = {.kiosk = journal->kiosk, .epoch = current->epoch, .seq = current->last}};
	struct rc_buf line;
	struct rc_fact fact;
	enum rc_status status = RC_OK;

	if (current->last > 1)
		status = rc_journal__hash_at(journal->store, &journal->epochs, n, current->last - 1,
					     expected.prev, err);
	if (status != RC_OK)
		return status;
	rc_buf_init_fixed(&line, journal->line, sizeof(journal->line));
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(journal->store, RC_SQL_JOURNAL_FACT_AT, &place);
	status = rc_store_next(&rows, err);
	if (status == RC_OK)
		status = rc_journal__append_line(&rows, 0, &line, err);
	if (status == RC_OK)
		status = rc_journal__check_fact(rc_buf_bytes(&line), &expected, &fact, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "newest fact");
	journal->head = (struct rc_journal_mark){.epoch = current->epoch, .seq = current->last};
	memcpy(journal->head.hash, fact.hash, sizeof(journal->head.hash));
	return RC_OK;
}

static enum rc_status check_content(struct rc_journal *journal, bool wants_all_pages, struct rc_error *err)
{
	enum rc_status status = wants_all_pages ? rc_store_check(journal->store, err) : RC_OK;

	if (status == RC_OK)
		status = check_kiosk(journal, err);
	if (status == RC_OK)
		status = rc_journal__load_epochs(journal->store, &journal->epochs, err);
	if (status == RC_OK)
		status = check_head(journal, err);
	if (status == RC_OK)
		status =
		    rc_journal__load_mark(journal->store, "acknowledged", &journal->acknowledged, err);
	if (status == RC_OK)
		status = rc_journal__load_mark(journal->store, "pruned", &journal->pruned, err);
	return status == RC_ENOTFOUND ? RC_EFORMAT : status; /* a row that must be there isn't */
}

static enum rc_status open_existing(struct rc_journal *journal,
				    const struct rc_journal_options *options, struct rc_error *err)
{
	const struct rc_store_options existing = store_options(options, false);
	char file[RC_FILES_PATH_MAX_CHARS];
	bool wants_all_pages = false;
	enum rc_status status = path_of(journal, RC_JOURNAL__FOLDER "/" RC_JOURNAL__FILE, file, err);

	if (status == RC_OK)
		status = check_files(journal, file, &wants_all_pages, err);
	if (status == RC_OK)
		status = rc_store_open(file, &existing, &journal->store, err);
	if (status == RC_OK)
		status = check_content(journal, wants_all_pages, err);
	if (status != RC_OK)
		drop_store(journal);
	return status;
}

/* ---- setting aside ---- */

/* The moment as 20261124T090203Z; a clock that knows nothing gives 1970, which is no harm in a name. */
static void name_aside(struct rc_journal *journal, unsigned attempt)
{
	char stamp[RC_TIMESTAMP_CHARS + 1], compact[20];
	size_t size = 0;

	rc_timestamp_format(rc_clock_now_ms(journal->clock), stamp);
	for (size_t i = 0; i < 19; i++) {
		if (stamp[i] != '-' && stamp[i] != ':')
			compact[size++] = stamp[i];
	}
	compact[size] = '\0';
	if (attempt == 0)
		(void)snprintf(journal->set_aside, sizeof(journal->set_aside),
			       "journal.damaged-%sZ", compact);
	else
		(void)snprintf(journal->set_aside, sizeof(journal->set_aside),
			       "journal.damaged-%sZ-%u", compact, attempt);
}

static enum rc_status set_aside(struct rc_journal *journal, struct rc_error *err)
{
	char from[RC_FILES_PATH_MAX_CHARS], to[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status = path_of(journal, RC_JOURNAL__FOLDER, from, err);

	for (unsigned attempt = 0; status == RC_OK; attempt++) {
		name_aside(journal, attempt);
		status = path_of(journal, journal->set_aside, to, err);
		if (status == RC_OK && access(to, F_OK) != 0)
			break;
	}
	if (status != RC_OK)
		return status;
	if (rename(from, to) != 0)
		return rc_fail_errno(err, errno, "set aside %s", from);
	return rc_file_sync_folder(journal->folder, err);
}

/* The new one first: where even that can't be written it is the disk that is ill, and what may still be whole stays in its place. */
static enum rc_status replace_damaged(struct rc_journal *journal,
				      const struct rc_journal_options *options, struct rc_error *err)
{
	enum rc_status status = make_beside(journal, options, "damaged", err);

	if (status == RC_OK)
		status = set_aside(journal, err);
	if (status == RC_OK)
		status = put_in_place(journal, err);
	if (status == RC_OK)
		status = open_existing(journal, options, err);
	journal->found = RC_JOURNAL_FOUND_DAMAGED;
	return status;
}

static enum rc_status make_first(struct rc_journal *journal,
				 const struct rc_journal_options *options, struct rc_error *err)
{
	enum rc_status status = make_beside(journal, options, "new", err);

	if (status == RC_OK)
		status = put_in_place(journal, err);
	if (status == RC_OK)
		status = open_existing(journal, options, err);
	journal->found = RC_JOURNAL_FOUND_NONE;
	return status;
}

static enum rc_status find_or_make(struct rc_journal *journal,
				   const struct rc_journal_options *options, struct rc_error *err)
{
	char folder[RC_FILES_PATH_MAX_CHARS];
	struct rc_error why = {.text = ""};
	enum rc_status status = path_of(journal, RC_JOURNAL__FOLDER, folder, err);

	if (status != RC_OK)
		return status;
	if (access(folder, F_OK) != 0 && errno == ENOENT)
		return make_first(journal, options, err);
	status = open_existing(journal, options, &why);
	/* A read that fails once looks like damage to SQLite; what is wrong in the file is so a second time too. */
	if (status == RC_EFORMAT)
		status = open_existing(journal, options, &why);
	if (status == RC_EFORMAT || status == RC_EDENIED) {
		rc_log_failure("the journal is damaged and is set aside", &why);
		return replace_damaged(journal, options, err);
	}
	if (status != RC_OK)
		return rc_fail(err, status, "%s", why.text);
	return status;
}

/* ---- life cycle ---- */

RC_DEFINE_AUTO(struct rc_journal, rc_journal_close)

static enum rc_status begin_opening(struct rc_journal *journal, const char *folder, struct rc_error *err)
{
	char path[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status;

	if (!rc_text_copy(folder, journal->folder, sizeof(journal->folder)))
		return rc_fail(err, RC_ELIMIT, "path too long: %s", folder);
	status = path_of(journal, RC_JOURNAL__LOCK, path, err);
	return status == RC_OK ? rc_files_lock(path, &journal->lock_fd, err) : status;
}

enum rc_status rc_journal_open(const char *folder, const struct rc_id *kiosk,
			       const struct rc_journal_options *options,
			       struct rc_journal **journal, struct rc_error *err)
{
	RC_AUTO(rc_journal_close_p) struct rc_journal *opened = calloc(1, sizeof(*opened));
	char suspect[RC_FILES_PATH_MAX_CHARS];
	enum rc_status status;

	assert(options->clock != NULL);
	if (opened == NULL)
		return rc_fail(err, RC_ENOMEM, "journal: out of memory");
	opened->lock_fd = -1;
	opened->kiosk = *kiosk;
	opened->clock = options->clock;
	status = begin_opening(opened, folder, err);
	if (status == RC_OK)
		status = find_or_make(opened, options, err);
	if (status == RC_OK)
		status = path_of(opened, RC_JOURNAL__SUSPECT, suspect, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "journal");
	(void)unlink(suspect); /* checked whole, or new */
	*journal = RC_STEAL(opened);
	return RC_OK;
}

void rc_journal_close(struct rc_journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->store != NULL && rc_store_is_damaged(journal->store)) /* met while reading */
		rc_journal__note_damage(journal);
	drop_store(journal);
	rc_close_p(&journal->lock_fd);
	free(journal);
}
