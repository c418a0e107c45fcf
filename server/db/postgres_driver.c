/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PostgreSQL engine: a pool of sessions for whoever calls, and a few threads with sessions of their own for work that was
 * submitted, because libpq's calls block. There is no group commit here: PostgreSQL's own commits share their syncs.
 *
 * `postgres://user@host/name?…` and `postgres:host=… dbname=…` are libpq's to read, passwords (PGPASSFILE) included.
 */
#include "server/db/postgres_priv.h"
#include "shared/base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS           4u
#define CONNECT_TIMEOUT_S "5"

struct postgres_db {
	struct rc_db base;
	char *conninfo;
	size_t queue_max;
	int busy_ms;
	struct rc_db_pg_connection *sessions; /* the pool's first, then one a worker */
	size_t session_count;
	pthread_t workers[WORKERS];
	size_t worker_count;

	pthread_mutex_t mutex; /* of all below */
	pthread_cond_t has_free, has_work;
	struct rc_db_pg_connection *free;
	struct rc_db_job *first, **last;
	bool is_stopping;
	bool is_ailing;
	struct rc_db_statistics counts;
};

static struct postgres_db *postgres_of(struct rc_db *base)
{
	return (struct postgres_db *)base;
}

/* ---- the pool ---- */

static struct rc_db_pg_connection *take_session(struct postgres_db *db)
{
	struct rc_db_pg_connection *session;

	(void)pthread_mutex_lock(&db->mutex);
	db->counts.readers_waiting++;
	while (db->free == NULL)
		(void)pthread_cond_wait(&db->has_free, &db->mutex);
	db->counts.readers_waiting--;
	session = db->free;
	db->free = session->next;
	(void)pthread_mutex_unlock(&db->mutex);
	return session;
}

static void give_back(struct postgres_db *db, struct rc_db_pg_connection *session)
{
	(void)pthread_mutex_lock(&db->mutex);
	session->next = db->free;
	db->free = session;
	(void)pthread_cond_signal(&db->has_free);
	(void)pthread_mutex_unlock(&db->mutex);
}

/* ---- transactions ---- */

static void count_transaction(struct postgres_db *db, enum rc_status status)
{
	(void)pthread_mutex_lock(&db->mutex);
	if (status == RC_OK) {
		db->counts.commits++;
		db->counts.functions++;
		db->counts.functions_most = 1;
		db->is_ailing = false;
	} else if (status == RC_EIO || status == RC_EBUSY) {
		db->counts.failed_commits++;
		db->is_ailing = status == RC_EIO;
	}
	(void)pthread_mutex_unlock(&db->mutex);
}

static enum rc_status write_on(struct postgres_db *db, struct rc_db_pg_connection *session,
			       rc_db_fn *fn, void *arg, struct rc_error *err)
{
	const enum rc_status status = rc_db__pg_transact(session, true, db->busy_ms, fn, arg, err);

	count_transaction(db, status);
	return status;
}

static enum rc_status postgres_write(struct rc_db *base, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	struct postgres_db *db = postgres_of(base);
	struct rc_db_pg_connection *session = take_session(db);
	const enum rc_status status = write_on(db, session, fn, arg, err);

	give_back(db, session);
	return status;
}

static enum rc_status postgres_read(struct rc_db *base, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	struct postgres_db *db = postgres_of(base);
	struct rc_db_pg_connection *session = take_session(db);
	const enum rc_status status = rc_db__pg_transact(session, false, db->busy_ms, fn, arg, err);

	give_back(db, session);
	return status;
}

/* ---- submitted work ---- */

static enum rc_status postgres_submit(struct rc_db *base, struct rc_db_job *job, struct rc_error *err)
{
	struct postgres_db *db = postgres_of(base);
	enum rc_status status = RC_OK;

	(void)pthread_mutex_lock(&db->mutex);
	if (db->is_stopping || db->counts.queue_length >= db->queue_max) {
		db->counts.refused++;
		status = rc_fail(err, RC_EBUSY, "too many changes wait for the database");
	} else {
		job->next = NULL;
		*db->last = job;
		db->last = &job->next;
		db->counts.queue_length++;
		(void)pthread_cond_signal(&db->has_work);
	}
	(void)pthread_mutex_unlock(&db->mutex);
	return status;
}

/* The next job; NULL when there is none and none will come. */
static struct rc_db_job *take_job(struct postgres_db *db)
{
	struct rc_db_job *job;

	(void)pthread_mutex_lock(&db->mutex);
	while (db->first == NULL && !db->is_stopping)
		(void)pthread_cond_wait(&db->has_work, &db->mutex);
	job = db->first;
	if (job != NULL) {
		db->first = job->next;
		if (db->first == NULL)
			db->last = &db->first;
		db->counts.queue_length--;
	}
	(void)pthread_mutex_unlock(&db->mutex);
	return job;
}

struct worker {
	struct postgres_db *db;
	struct rc_db_pg_connection *session;
};

static void *work(void *context)
{
	struct worker worker = *(struct worker *)context;
	struct rc_db_job *job;

	free(context);
	while ((job = take_job(worker.db)) != NULL) {
		job->status = write_on(worker.db, worker.session, job->fn, job->arg, &job->err);
		job->done(job);
	}
	return NULL;
}

/* ---- life cycle ---- */

static void stop_workers(struct postgres_db *db)
{
	(void)pthread_mutex_lock(&db->mutex);
	db->is_stopping = true;
	(void)pthread_cond_broadcast(&db->has_work);
	(void)pthread_mutex_unlock(&db->mutex);
	for (size_t i = 0; i < db->worker_count; i++)
		(void)pthread_join(db->workers[i], NULL);
}

static void postgres_close(struct rc_db *base)
{
	struct postgres_db *db = postgres_of(base);

	stop_workers(db);
	for (size_t i = 0; i < db->session_count; i++)
		rc_db__pg_disconnect(&db->sessions[i]);
	(void)pthread_mutex_destroy(&db->mutex);
	(void)pthread_cond_destroy(&db->has_free);
	(void)pthread_cond_destroy(&db->has_work);
	free(db->sessions);
	free(db->conninfo);
	free(db);
}

RC_DEFINE_AUTO(struct rc_db, postgres_close)

/* libpq knows the URL by its scheme, and the other form without one. A host that is gone without a word must not hold us for ever. */
static char *conninfo_of(const char *place)
{
	const bool is_url = strncmp(place, "//", 2) == 0;
	const char *end = !is_url                      ? " connect_timeout=" CONNECT_TIMEOUT_S
			  : strchr(place, '?') != NULL ? "&connect_timeout=" CONNECT_TIMEOUT_S
						       : "?connect_timeout=" CONNECT_TIMEOUT_S;
	const size_t size = strlen("postgres:") + strlen(place) + strlen(end) + 1;
	char *conninfo = malloc(size);

	if (strstr(place, "connect_timeout") != NULL)
		end = "";
	if (conninfo != NULL)
		(void)snprintf(conninfo, size, "%s%s%s", is_url ? "postgres:" : "", place, end);
	return conninfo;
}

static enum rc_status start_worker(struct postgres_db *db, struct rc_db_pg_connection *session,
				   struct rc_error *err)
{
	struct worker *worker = malloc(sizeof(*worker));

	if (worker == NULL)
		return rc_fail(err, RC_ENOMEM, "PostgreSQL: out of memory");
	*worker = (struct worker){.db = db, .session = session};
	if (pthread_create(&db->workers[db->worker_count], NULL, work, worker) != 0) {
		free(worker);
		return rc_fail(err, RC_ENOMEM, "PostgreSQL: a thread can't be started");
	}
	db->worker_count++;
	return RC_OK;
}

static enum rc_status open_sessions(struct postgres_db *db, size_t pool_count, struct rc_error *err)
{
	enum rc_status status;

	db->sessions = calloc(pool_count + WORKERS, sizeof(*db->sessions));
	if (db->sessions == NULL)
		return rc_fail(err, RC_ENOMEM, "PostgreSQL: out of memory");
	db->session_count = pool_count + WORKERS;
	for (size_t i = 0; i < db->session_count; i++) {
		db->sessions[i].conninfo = db->conninfo;
		db->sessions[i].has_names = true;
	}
	/* One is connected at once, so that a wrong setting is told at the start; the others when they are needed. */
	status = rc_db__pg_connect(&db->sessions[0], err);
	for (size_t i = 0; status == RC_OK && i < WORKERS; i++)
		status = start_worker(db, &db->sessions[pool_count + i], err);
	for (size_t i = pool_count; status == RC_OK && i-- > 0;)
		give_back(db, &db->sessions[i]);
	return status;
}

static enum rc_status postgres_open(const char *place, const struct rc_db_options *options,
				    struct rc_db **db, struct rc_error *err)
{
	RC_AUTO(postgres_close_p) struct rc_db *opened = NULL;
	struct postgres_db *postgres = calloc(1, sizeof(*postgres));
	enum rc_status status;

	if (postgres == NULL)
		return rc_fail(err, RC_ENOMEM, "PostgreSQL: out of memory");
	opened = &postgres->base;
	opened->driver = &rc_db__postgres;
	postgres->queue_max = options->queue_max;
	postgres->busy_ms = options->busy_ms;
	postgres->last = &postgres->first;
	(void)pthread_mutex_init(&postgres->mutex, NULL);
	(void)pthread_cond_init(&postgres->has_free, NULL);
	(void)pthread_cond_init(&postgres->has_work, NULL);
	postgres->conninfo = conninfo_of(place);
	if (postgres->conninfo == NULL)
		return rc_fail(err, RC_ENOMEM, "PostgreSQL: out of memory");
	status = open_sessions(postgres, options->reader_count, err);
	if (status == RC_OK)
		*db = RC_STEAL(opened);
	return status;
}

/* ---- copies: PostgreSQL brings its own, whole and tried ---- */

static enum rc_status postgres_copy(const char *place, int busy_ms, const char *path, struct rc_error *err)
{
	(void)place;
	(void)busy_ms;
	(void)path;
	return rc_fail(err, RC_EUSAGE, "a PostgreSQL database is copied by pg_dump or its base backup");
}

static enum rc_status postgres_examine(const char *place, int busy_ms, rc_db_fn *fn, void *arg,
				       struct rc_error *err)
{
	(void)place;
	(void)busy_ms;
	(void)fn;
	(void)arg;
	return rc_fail(err, RC_EUSAGE, "a PostgreSQL database is examined by pg_amcheck");
}

/* ---- health ---- */

static bool postgres_is_ailing(struct rc_db *base)
{
	struct postgres_db *db = postgres_of(base);
	bool is_ailing;

	(void)pthread_mutex_lock(&db->mutex);
	is_ailing = db->is_ailing;
	(void)pthread_mutex_unlock(&db->mutex);
	return is_ailing;
}

static void postgres_statistics(struct rc_db *base, struct rc_db_statistics *statistics)
{
	struct postgres_db *db = postgres_of(base);

	(void)pthread_mutex_lock(&db->mutex);
	*statistics = db->counts;
	(void)pthread_mutex_unlock(&db->mutex);
}

static enum rc_status postgres_explain(struct rc_db *base, const struct rc_sql_statement *statement,
				       struct rc_buf *plan, struct rc_error *err)
{
	struct postgres_db *db = postgres_of(base);
	struct rc_db_pg_connection *session = take_session(db);
	enum rc_status status = rc_db__pg_connect(session, err);

	if (status == RC_OK)
		status = rc_db__pg_explain(session, statement, plan, err);
	give_back(db, session);
	return status;
}

static enum rc_status postgres_listen(struct rc_db *base, const char *direct_place,
				      const struct rc_db_hearer *hearer,
				      struct rc_db_listener **listener, struct rc_error *err)
{
	char *conninfo =
	    direct_place != NULL ? conninfo_of(direct_place) : strdup(postgres_of(base)->conninfo);

	return rc_db__pg_listen(conninfo, hearer, listener, err);
}

const struct rc_db_driver rc_db__postgres = {
    .scheme = "postgres:",
    .open = postgres_open,
    .close = postgres_close,
    .write = postgres_write,
    .submit = postgres_submit,
    .read = postgres_read,
    .copy = postgres_copy,
    .examine = postgres_examine,
    .statistics = postgres_statistics,
    .explain = postgres_explain,
    .listen = postgres_listen,
    .listen_end = rc_db__pg_listen_end,
    .is_ailing = postgres_is_ailing,
    .run = rc_db__pg_run,
    .run_rows = rc_db__pg_run_rows,
    .run_script = rc_db__pg_script,
    .column_count = rc_db__pg_column_count,
    .column_type = rc_db__pg_column_type,
    .column_int = rc_db__pg_column_int,
    .column_bytes = rc_db__pg_column_bytes,
    .column_name = rc_db__pg_column_name,
};
