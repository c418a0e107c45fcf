/* SPDX-License-Identifier: Apache-2.0 */
/*
 * News from other processes on PostgreSQL: whoever commits numbers of a log sends NOTIFY in the same step (postgres_transaction.c),
 * and a thread here sleeps on a session of its own that LISTENs. A pooler in transaction mode takes LISTEN and never delivers, so
 * behind one this session goes by another URL.
 *
 * Nothing rests on it: while the session is away, its owner's look at the log's head once a second is what wakes. A session that
 * is back counts as news, as some may have been missed.
 */
#include "server/db/postgres_priv.h"
#include "shared/base/log.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define AGAIN_MS 1000 /* between attempts to connect */

struct rc_db_listener {
	struct rc_db_hearer hearer;
	char *conninfo;
	struct rc_db_pg_connection session;
	int wake[2]; /* closed at [1]: the end */
	bool was_told_away;
	pthread_t thread;
};

/* Waits for the session or the end; false at the end. */
static bool wait_for(struct rc_db_listener *listener, int ms)
{
	struct pollfd polls[2] = {{.fd = listener->wake[0], .events = POLLIN},
				  {.fd = -1, .events = POLLIN}};

	if (listener->session.handle != NULL)
		polls[1].fd = PQsocket(listener->session.handle);
	(void)poll(polls, 2, ms);
	return polls[0].revents == 0;
}

static void tell_away(struct rc_db_listener *listener, const struct rc_error *err)
{
	if (!listener->was_told_away)
		rc_log_failure("news of other servers come late: no session that listens", err);
	listener->was_told_away = true;
}

static void connect_and_listen(struct rc_db_listener *listener)
{
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_db__pg_connect(&listener->session, &err);

	if (status == RC_OK)
		status =
		    rc_db__pg_command(&listener->session, "LISTEN " RC_DB_PG_CHANNEL, "listen", &err);
	if (status != RC_OK) {
		rc_db__pg_disconnect(&listener->session);
		tell_away(listener, &err);
		return;
	}
	listener->was_told_away = false;
	listener->hearer.fn(listener->hearer.context);
}

static void take_news(struct rc_db_listener *listener)
{
	PGconn *handle = listener->session.handle;
	bool is_news = false;
	PGnotify *notify;

	if (PQconsumeInput(handle) != 1 || PQstatus(handle) != CONNECTION_OK) {
		rc_db__pg_disconnect(&listener->session);
		return;
	}
	while ((notify = PQnotifies(handle)) != NULL) {
		is_news = true;
		PQfreemem(notify);
	}
	if (is_news)
		listener->hearer.fn(listener->hearer.context);
}

static void *run(void *context)
{
	struct rc_db_listener *listener = context;

	do {
		if (listener->session.handle == NULL)
			connect_and_listen(listener);
		else
			take_news(listener);
	} while (wait_for(listener, listener->session.handle != NULL ? -1 : AGAIN_MS));
	rc_db__pg_disconnect(&listener->session);
	return NULL;
}

static void listener_free(struct rc_db_listener *listener)
{
	free(listener->conninfo);
	free(listener);
}

enum rc_status rc_db__pg_listen(char *conninfo, const struct rc_db_hearer *hearer,
				struct rc_db_listener **listener, struct rc_error *err)
{
	struct rc_db_listener *started = calloc(1, sizeof(*started));
	int cause;

	if (started == NULL || conninfo == NULL) {
		free(conninfo);
		free(started);
		return rc_fail(err, RC_ENOMEM, "PostgreSQL: out of memory");
	}
	started->hearer = *hearer;
	started->conninfo = conninfo;
	started->session.conninfo = conninfo;
	if (pipe(started->wake) != 0) {
		listener_free(started);
		return rc_fail(err, RC_EIO, "PostgreSQL: no descriptors for a listener");
	}
	cause = pthread_create(&started->thread, NULL, run, started);
	if (cause != 0) {
		(void)close(started->wake[0]);
		(void)close(started->wake[1]);
		listener_free(started);
		return rc_fail_errno(err, cause, "starting a thread");
	}
	*listener = started;
	return RC_OK;
}

void rc_db__pg_listen_end(struct rc_db_listener *listener)
{
	(void)close(listener->wake[1]);
	(void)pthread_join(listener->thread, NULL);
	(void)close(listener->wake[0]);
	listener_free(listener);
}
