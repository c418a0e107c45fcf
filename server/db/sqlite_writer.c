/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one writer: a thread with the one connection that writes and makes checkpoints.
 *
 * It takes all functions that wait, runs them in one BEGIN IMMEDIATE, commits, and answers. There is no wait for more to come: while
 * one commit syncs, the next functions gather, so the groups grow with the load by themselves.
 *
 * A savepoint around each function would make SQLite copy every page that the function touches. Nearly all functions succeed, or
 * fail before they have written anything, so a group runs without savepoints first. If a function fails after it has written, all
 * is rolled back and the group runs again, each function in a savepoint of its own; so do the next groups for a while, because
 * failures seldom come alone and running twice is dearer than copying.
 *
 * When the transaction is lost in the middle (SQLite ends it by itself when the disk or the memory is full), nobody knows whose
 * fault it was, so every function of the group is run again alone: whoever can't be stored fails, the others are stored. A commit
 * that fails fails all of its group. In WAL mode the frames of a failed commit are no part of the database and the next commit
 * writes over them, so going on with the same connection is safe.
 *
 * Another process may write too (the command line beside the server). Whoever begins or makes a checkpoint first takes a lock on
 * "<database>-writer", because SQLite before 3.51.3 can damage a WAL when two connections race in those.
 */
#include "server/db/sqlite_priv.h"
#include "shared/base/cleanup.h"
#include "shared/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#define GROUP_MAX 1024u
#define GUARDED_GROUPS                                                                             \
	64u /* how many groups run with savepoints after a function left work behind */
#define CHECKPOINT_PAGES                                                                           \
	1000 /* 4 MB: with nobody waiting, it is time to move the WAL into the database */
#define CHECKPOINT_PAGES_BUSY 8000 /* 32 MB: it is time even if somebody waits */
#define LOCK_PAUSE_MS         2
#define LOCK_SUFFIX           "-writer"

struct rc_db_writer {
	struct rc_db_connection connection; /* the thread's, once it runs */
	int lock_fd;
	int busy_ms;
	size_t queue_max;
	int wal_pages;         /* the thread's: in the WAL after the last commit */
	int checkpoint_at;     /* the thread's: pages in the WAL at which the next one is tried */
	bool has_written;      /* the thread's: the last commit put something into the WAL */
	unsigned guarded_left; /* the thread's: so many groups more run with savepoints */

	pthread_t thread;
	pthread_mutex_t mutex; /* of all below */
	pthread_cond_t has_work;
	struct rc_db_job *first, **last;
	bool is_stopping;
	bool is_ailing;
	struct rc_db_statistics counts;
};

/* ---- the lock between processes ---- */

static enum rc_status lock(struct rc_db_writer *writer, struct rc_error *err)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};

	for (int waited_ms = 0; flock(writer->lock_fd, LOCK_EX | LOCK_NB) != 0;
	     waited_ms += LOCK_PAUSE_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return rc_fail_errno(err, errno, "lock %s" LOCK_SUFFIX, writer->connection.path);
		if (waited_ms >= writer->busy_ms)
			return rc_fail(err, RC_EBUSY, "another process writes to %s",
				       writer->connection.path);
		(void)nanosleep(&pause, NULL);
	}
	return RC_OK;
}

static void unlock(struct rc_db_writer *writer)
{
	(void)flock(writer->lock_fd, LOCK_UN);
}

/* ---- one transaction ---- */

static enum rc_status begin(struct rc_db_writer *writer, struct rc_error *err)
{
	enum rc_status status = lock(writer, err);

	writer->has_written = false;
	if (status != RC_OK)
		return status;
	status = rc_db__connection_control(&writer->connection, RC_DB_BEGIN_WRITE, err);
	if (status != RC_OK)
		unlock(writer);
	return status;
}

static void roll_back(struct rc_db_writer *writer)
{
	if (rc_db__connection_is_in_transaction(&writer->connection))
		(void)rc_db__connection_control(&writer->connection, RC_DB_ROLLBACK, NULL);
	unlock(writer);
}

static enum rc_status commit(struct rc_db_writer *writer, struct rc_error *err)
{
	const enum rc_status status = rc_db__connection_control(&writer->connection, RC_DB_COMMIT, err);

	if (status == RC_OK)
		unlock(writer);
	else
		roll_back(writer);
	return status;
}

enum outcome {
	ENDED,     /* as it should: what failed has left nothing behind */
	LEFT_WORK, /* a function failed after it had written, and there is no savepoint to go back to */
	LOST,      /* SQLite has ended the transaction */
};

static enum outcome run_job(struct rc_db_writer *writer, struct rc_db_job *job)
{
	struct rc_db_connection *connection = &writer->connection;
	const sqlite3_int64 before = sqlite3_total_changes64(connection->handle);
	struct rc_db_sqlite_tx tx = {.connection = connection};

	rc_db__tx_init(&tx.base, &rc_db__sqlite, true);
	job->status = rc_db__tx_run(&tx.base, job->fn, job->arg, &job->err);
	if (!rc_db__connection_is_in_transaction(connection))
		return LOST;
	if (job->status == RC_OK)
		return ENDED;
	return tx.has_run_script || sqlite3_total_changes64(connection->handle) != before ? LEFT_WORK
											  : ENDED;
}

static enum outcome run_guarded(struct rc_db_writer *writer, struct rc_db_job *job)
{
	struct rc_db_connection *connection = &writer->connection;
	enum outcome outcome;

	job->status = rc_db__connection_control(connection, RC_DB_SAVEPOINT, &job->err);
	if (job->status != RC_OK)
		return LOST;
	outcome = run_job(writer, job);
	if (outcome == LOST)
		return LOST;
	if (job->status == RC_OK) {
		job->status = rc_db__connection_control(connection, RC_DB_RELEASE, &job->err);
		return job->status == RC_OK ? ENDED : LOST;
	}
	return rc_db__connection_control(connection, RC_DB_ROLLBACK_TO, NULL) == RC_OK &&
		       rc_db__connection_control(connection, RC_DB_RELEASE, NULL) == RC_OK
		   ? ENDED
		   : LOST;
}

/* What the transaction came to is every function's answer, except where it has failed by itself already. */
static void spread(struct rc_db_job *const *jobs, size_t count, enum rc_status status,
		   const struct rc_error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (jobs[i]->status != RC_OK)
			continue;
		jobs[i]->status = status;
		if (status != RC_OK)
			jobs[i]->err = *err;
	}
}

static uint64_t stored_of(struct rc_db_job *const *jobs, size_t count)
{
	uint64_t stored = 0;

	for (size_t i = 0; i < count; i++)
		stored += jobs[i]->status == RC_OK ? 1 : 0;
	return stored;
}

static bool has_disk_failure(struct rc_db_job *const *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (jobs[i]->status == RC_EIO)
			return true;
	}
	return false;
}

static void count_transaction(struct rc_db_writer *writer, struct rc_db_job *const *jobs,
			      size_t count, enum rc_status status)
{
	const uint64_t stored = stored_of(jobs, count);

	(void)pthread_mutex_lock(&writer->mutex);
	if (has_disk_failure(jobs, count))
		writer->is_ailing = true;
	else if (status == RC_OK && writer->has_written)
		writer->is_ailing = false;
	if (status != RC_OK) {
		writer->counts.failed_commits++;
	} else if (stored > 0) {
		writer->counts.commits++;
		writer->counts.functions += stored;
		if (stored > writer->counts.functions_most)
			writer->counts.functions_most = stored;
	}
	writer->counts.wal_pages = (uint64_t)writer->wal_pages;
	(void)pthread_mutex_unlock(&writer->mutex);
}

static enum outcome run_each(struct rc_db_writer *writer, struct rc_db_job *const *jobs,
			     size_t count, bool is_guarded)
{
	enum outcome outcome = ENDED;

	for (size_t i = 0; i < count; i++)
		jobs[i]->status = RC_OK;
	for (size_t i = 0; outcome == ENDED && i < count; i++)
		outcome = is_guarded ? run_guarded(writer, jobs[i]) : run_job(writer, jobs[i]);
	return outcome;
}

/* One transaction for all of them. Unless it ended, nobody is answered but who is alone. */
static enum outcome run_together(struct rc_db_writer *writer, struct rc_db_job *const *jobs,
				 size_t count, bool is_guarded)
{
	struct rc_error err = {{0}};
	enum rc_status status = begin(writer, &err);
	enum outcome outcome = ENDED;

	if (status == RC_OK) {
		outcome = run_each(writer, jobs, count, is_guarded);
		if (outcome == ENDED)
			status = commit(writer, &err);
		else
			roll_back(writer);
	} else {
		for (size_t i = 0; i < count; i++)
			jobs[i]->status = RC_OK; /* it has not failed by itself */
	}
	if (outcome != ENDED && count > 1)
		return outcome;
	if (outcome == LOST)
		status = rc_fail(&err, RC_EIO, "the transaction was lost");
	spread(jobs, count, status, &err);
	count_transaction(writer, jobs, count, status);
	return ENDED;
}

static void run_group(struct rc_db_writer *writer, struct rc_db_job *const *jobs, size_t count)
{
	const bool is_guarded = count > 1 && writer->guarded_left > 0;
	enum outcome outcome = run_together(writer, jobs, count, is_guarded);

	if (is_guarded)
		writer->guarded_left--;
	if (outcome == LEFT_WORK) {
		writer->guarded_left = GUARDED_GROUPS;
		outcome = run_together(writer, jobs, count, true);
	}
	for (size_t i = 0; outcome == LOST && i < count; i++)
		(void)run_together(writer, &jobs[i], 1, false);
}

/* ---- checkpoints ---- */

static int note_wal(void *context, sqlite3 *handle, const char *name, int pages)
{
	struct rc_db_writer *writer = context;

	(void)handle;
	(void)name;
	writer->wal_pages = pages;
	writer->has_written = true;
	return SQLITE_OK;
}

/* Moves the WAL into the database as far as readers allow; waits for none of them. */
static enum rc_status checkpoint(struct rc_db_writer *writer, bool *is_complete, struct rc_error *err)
{
	int in_wal = 0, moved = 0, code;
	enum rc_status status = lock(writer, err);

	if (status != RC_OK)
		return status;
	code = sqlite3_wal_checkpoint_v2(writer->connection.handle, NULL, SQLITE_CHECKPOINT_PASSIVE,
					 &in_wal, &moved);
	if (code != SQLITE_OK)
		status = rc_db__connection_fail(&writer->connection, code, err, "checkpoint");
	unlock(writer);
	*is_complete = status == RC_OK && in_wal == moved;
	return status;
}

/* After one that a reader or the disk didn't let through, the next is tried when the WAL has grown as much again. */
static void tend_wal(struct rc_db_writer *writer, bool is_busy)
{
	struct rc_error err = {.text = ""};
	bool is_complete = false;

	if (writer->wal_pages < writer->checkpoint_at ||
	    (is_busy && writer->wal_pages < writer->checkpoint_at + CHECKPOINT_PAGES_BUSY))
		return;
	if (checkpoint(writer, &is_complete, &err) != RC_OK)
		rc_log_failure("the log of changes could not be moved into the database", &err);
	if (!is_complete) {
		writer->checkpoint_at = writer->wal_pages + CHECKPOINT_PAGES;
		return;
	}
	writer->checkpoint_at = CHECKPOINT_PAGES;
	writer->wal_pages = 0; /* the next commit begins it anew */
	(void)pthread_mutex_lock(&writer->mutex);
	writer->counts.checkpoints++;
	(void)pthread_mutex_unlock(&writer->mutex);
}

/* ---- the thread ---- */

/* Waits for work and takes all there is. 0: there is none left and we stop. */
static size_t take_group(struct rc_db_writer *writer, struct rc_db_job *jobs[GROUP_MAX])
{
	size_t count = 0;

	(void)pthread_mutex_lock(&writer->mutex);
	while (writer->first == NULL && !writer->is_stopping)
		(void)pthread_cond_wait(&writer->has_work, &writer->mutex);
	while (writer->first != NULL && count < GROUP_MAX) {
		jobs[count++] = writer->first;
		writer->first = writer->first->next;
	}
	if (writer->first == NULL)
		writer->last = &writer->first;
	writer->counts.queue_length -= count;
	(void)pthread_mutex_unlock(&writer->mutex);
	return count;
}

/* True if others wait already. A job is its caller's again as soon as it is told. */
static bool answer(struct rc_db_writer *writer, struct rc_db_job *const *jobs, size_t count)
{
	bool is_busy;

	(void)pthread_mutex_lock(&writer->mutex);
	is_busy = writer->first != NULL; /* before who is told comes again */
	(void)pthread_mutex_unlock(&writer->mutex);
	for (size_t i = 0; i < count; i++)
		jobs[i]->done(jobs[i]);
	return is_busy;
}

static void *write_all(void *context)
{
	struct rc_db_writer *writer = context;
	struct rc_db_job *jobs[GROUP_MAX];
	size_t count;

	while ((count = take_group(writer, jobs)) > 0) {
		run_group(writer, jobs, count);
		tend_wal(writer, answer(writer, jobs, count));
	}
	return NULL;
}

enum rc_status rc_db__writer_submit(struct rc_db_writer *writer, struct rc_db_job *job,
				    struct rc_error *err)
{
	job->next = NULL;
	job->err.text[0] = '\0';
	(void)pthread_mutex_lock(&writer->mutex);
	if (writer->counts.queue_length >= writer->queue_max) {
		writer->counts.refused++;
		(void)pthread_mutex_unlock(&writer->mutex);
		return rc_fail(err, RC_EBUSY, "too many changes wait for the database");
	}
	*writer->last = job;
	writer->last = &job->next;
	writer->counts.queue_length++;
	(void)pthread_cond_signal(&writer->has_work);
	(void)pthread_mutex_unlock(&writer->mutex);
	return RC_OK;
}

/* A job on the stack of its caller, who sleeps until it is done. */
struct awaited {
	struct rc_db_job job;
	sem_t is_done;
};

static void wake_caller(struct rc_db_job *job)
{
	(void)sem_post(&((struct awaited *)job)->is_done);
}

enum rc_status rc_db__writer_run(struct rc_db_writer *writer, rc_db_fn *fn, void *arg,
				 struct rc_error *err)
{
	struct awaited awaited = {.job = {.fn = fn, .arg = arg, .done = wake_caller}};
	enum rc_status status;

	(void)sem_init(&awaited.is_done, 0, 0);
	status = rc_db__writer_submit(writer, &awaited.job, err);
	if (status == RC_OK) {
		while (sem_wait(&awaited.is_done) != 0)
			; /* a signal */
		status = awaited.job.status;
		if (status != RC_OK && err != NULL)
			*err = awaited.job.err;
	}
	(void)sem_destroy(&awaited.is_done);
	return status;
}

bool rc_db__writer_is_ailing(struct rc_db_writer *writer)
{
	bool is_ailing;

	(void)pthread_mutex_lock(&writer->mutex);
	is_ailing = writer->is_ailing;
	(void)pthread_mutex_unlock(&writer->mutex);
	return is_ailing;
}

void rc_db__writer_statistics(struct rc_db_writer *writer, struct rc_db_statistics *statistics)
{
	(void)pthread_mutex_lock(&writer->mutex);
	*statistics = writer->counts;
	(void)pthread_mutex_unlock(&writer->mutex);
}

/* ---- life cycle ---- */

/* Makes the database for its owner alone; SQLite gives what it makes beside it the same mode. */
static enum rc_status make_file(const char *path, struct rc_error *err)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return rc_fail_errno(err, errno, "create %s", path);
	rc_close_p(&fd); /* never of a file that was there: closing it would drop SQLite's locks on it */
	return RC_OK;
}

static enum rc_status open_lock(struct rc_db_writer *writer, const char *path, struct rc_error *err)
{
	char name[4096];
	const int length = snprintf(name, sizeof(name), "%s" LOCK_SUFFIX, path);

	if (length < 0 || (size_t)length >= sizeof(name))
		return rc_fail(err, RC_EUSAGE, "the path is too long: %s", path);
	writer->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return writer->lock_fd >= 0 ? RC_OK : rc_fail_errno(err, errno, "open %s", name);
}

static enum rc_status open_connection(struct rc_db_writer *writer, const char *path,
				      const struct rc_db_options *options, struct rc_error *err)
{
	enum rc_status status = open_lock(writer, path, err);

	if (status != RC_OK)
		return status;
	writer->connection.path = path;
	status = lock(writer, err); /* setting the WAL up is writing */
	if (status != RC_OK)
		return status;
	status = rc_db__connection_open(&writer->connection, path, true, writer->busy_ms, err);
	if (status == RC_OK && options->cache_mib > 0)
		status = rc_db__connection_set_cache(&writer->connection, options->cache_mib, err);
	unlock(writer);
	return status;
}

static void free_writer(struct rc_db_writer *writer)
{
	rc_db__connection_close(&writer->connection);
	rc_close_p(&writer->lock_fd);
	(void)pthread_mutex_destroy(&writer->mutex);
	(void)pthread_cond_destroy(&writer->has_work);
	free(writer);
}

RC_DEFINE_AUTO(struct rc_db_writer, free_writer)

enum rc_status rc_db__writer_start(const char *path, const struct rc_db_options *options,
				   struct rc_db_writer **writer, struct rc_error *err)
{
	RC_AUTO(free_writer_p) struct rc_db_writer *opened = calloc(1, sizeof(*opened));
	enum rc_status status;
	int failed;

	if (opened == NULL)
		return rc_fail(err, RC_ENOMEM, "open %s: out of memory", path);
	(void)pthread_mutex_init(&opened->mutex, NULL);
	(void)pthread_cond_init(&opened->has_work, NULL);
	opened->lock_fd = -1;
	opened->busy_ms = options->busy_ms;
	opened->queue_max = options->queue_max;
	opened->checkpoint_at = CHECKPOINT_PAGES;
	opened->last = &opened->first;
	status = make_file(path, err);
	if (status == RC_OK)
		status = open_connection(opened, path, options, err);
	if (status != RC_OK)
		return status;
	(void)sqlite3_wal_hook(opened->connection.handle, note_wal, opened);
	failed = pthread_create(&opened->thread, NULL, write_all, opened);
	if (failed != 0)
		return rc_fail_errno(err, failed, "the database's writer");
	*writer = RC_STEAL(opened);
	return RC_OK;
}

void rc_db__writer_stop(struct rc_db_writer *writer)
{
	struct rc_error err = {.text = ""};
	bool is_complete;

	if (writer == NULL)
		return;
	(void)pthread_mutex_lock(&writer->mutex);
	writer->is_stopping = true;
	(void)pthread_cond_signal(&writer->has_work);
	(void)pthread_mutex_unlock(&writer->mutex);
	(void)pthread_join(writer->thread, NULL);
	if (checkpoint(writer, &is_complete, &err) != RC_OK)
		rc_log_failure("the log of changes stays beside the database", &err);
	free_writer(writer);
}
