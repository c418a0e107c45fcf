/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One transaction of PostgreSQL, and when it is run again.
 *
 * A transaction that met another one (40001, 40P01) or whose connection broke is run again until the time is over; the function
 * knows that it may be. Only a connection that breaks while COMMIT is under way leaves open whether it happened: then the new
 * connection is asked what became of the transaction (pg_xact_status), so a function is never run a second time on top of itself.
 * A standby that was promoted without the transaction says that its number is still to come: it never happened there.
 *
 * Writing is READ COMMITTED: functions guard their updates. Reading is one moment (REPEATABLE READ).
 */
#include "server/db/postgres_priv.h"

#include "shared/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_LEAST_MS 2
#define PAUSE_MOST_MS  200
#define XACT_BYTES     24u

struct attempt {
	struct rc_db_pg_connection *connection;
	bool is_writing;
	rc_db_fn *fn;
	void *arg;
	char xact[XACT_BYTES]; /* PostgreSQL's number of the transaction; "" until it has one */
	bool is_in_doubt;      /* COMMIT was sent and not answered */
};

static int64_t up_ms(void)
{
	return rc_clock_up_ms(rc_clock_system());
}

static void pause_ms(int ms)
{
	const struct timespec pause = {.tv_nsec = ms * 1000000L};

	(void)nanosleep(&pause, NULL);
}

static enum rc_status begin(struct attempt *attempt, struct rc_error *err)
{
	struct rc_db_pg_connection *connection = attempt->connection;
	enum rc_status status;

	attempt->xact[0] = '\0';
	connection->fault = RC_DB_PG_FINE;
	connection->is_writing = attempt->is_writing;
	if (!attempt->is_writing) {
		status = rc_db__pg_command(
		    connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "begin", err);
	} else {
		status = rc_db__pg_ask(
		    connection,
		    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_current_xact_id()",
		    attempt->xact, sizeof(attempt->xact), err);
	}
	return status;
}

static void roll_back(struct rc_db_pg_connection *connection)
{
	const enum rc_db_pg_fault fault = connection->fault;

	if (connection->handle != NULL && PQtransactionStatus(connection->handle) != PQTRANS_IDLE &&
	    rc_db__pg_command(connection, "ROLLBACK", "rollback", NULL) != RC_OK)
		rc_db__pg_disconnect(connection);
	connection->fault = fault; /* what went wrong is why we are here, not how the rollback went */
}

/* Who took numbers of a log tells it to those who wait for it, in the same message; without a COMMIT nobody hears. */
static enum rc_status commit(struct attempt *attempt, bool is_news, struct rc_error *err)
{
	const char *text = is_news ? "NOTIFY " RC_DB_PG_CHANNEL "; COMMIT" : "COMMIT";
	const enum rc_status status = rc_db__pg_command(attempt->connection, text, "commit", err);

	attempt->is_in_doubt =
	    attempt->is_writing && status != RC_OK && attempt->connection->fault == RC_DB_PG_LOST;
	return status;
}

static enum rc_status run_once(struct attempt *attempt, struct rc_error *err)
{
	struct rc_db_pg_tx tx = {.connection = attempt->connection};
	enum rc_status status = rc_db__pg_connect(attempt->connection, err);

	if (status == RC_OK)
		status = begin(attempt, err);
	if (status != RC_OK)
		return status;
	rc_db__tx_init(&tx.base, &rc_db__postgres, attempt->is_writing);
	status = rc_db__tx_run(&tx.base, attempt->fn, attempt->arg, err);
	if (status == RC_OK)
		status = commit(attempt, tx.base.has_taken_numbers, err);
	if (status != RC_OK)
		roll_back(attempt->connection);
	return status;
}

enum fate { HAPPENED, NEVER_HAPPENED, UNKNOWN };

/* Asks a connection that works what became of the transaction. */
static enum fate ask_fate(struct attempt *attempt)
{
	char question[64], answer[32];
	struct rc_error err;

	(void)snprintf(question, sizeof(question), "SELECT pg_xact_status('%s')", attempt->xact);
	if (rc_db__pg_connect(attempt->connection, &err) != RC_OK)
		return UNKNOWN;
	if (rc_db__pg_ask(attempt->connection, question, answer, sizeof(answer), &err) != RC_OK)
		/* "transaction ID … is in the future": this server was promoted without it. */
		return attempt->connection->fault == RC_DB_PG_FAILED ? NEVER_HAPPENED : UNKNOWN;
	if (strcmp(answer, "committed") == 0)
		return HAPPENED;
	return strcmp(answer, "aborted") == 0 ? NEVER_HAPPENED
					      : UNKNOWN; /* "in progress": the old session still dies */
}

/* What the connection's fault asks for before the next attempt; false if there is none. */
static bool may_repeat(struct rc_db_pg_connection *connection, enum rc_status status)
{
	if (status == RC_OK || status == RC_EUSAGE || status == RC_ENOMEM)
		return false;
	switch (connection->fault) {
	case RC_DB_PG_UNPREPARED:
		connection->has_names = false;
		return true;
	case RC_DB_PG_LOST:
		rc_db__pg_disconnect(connection);
		return true;
	case RC_DB_PG_REPEAT:
		return true;
	case RC_DB_PG_FINE:
	case RC_DB_PG_FAILED:
		break;
	}
	return false;
}

enum rc_status rc_db__pg_transact(struct rc_db_pg_connection *connection, bool is_writing,
				  int busy_ms, rc_db_fn *fn, void *arg, struct rc_error *err)
{
	struct attempt attempt = {.connection = connection, .is_writing = is_writing, .fn = fn, .arg = arg};
	const int64_t until_ms = up_ms() + busy_ms;
	enum rc_status status;
	int wait_ms = PAUSE_LEAST_MS;

	for (;;) {
		const enum fate fate = attempt.is_in_doubt ? ask_fate(&attempt) : NEVER_HAPPENED;

		if (fate == HAPPENED)
			return RC_OK;
		if (fate == UNKNOWN) {
			status = rc_fail(err, RC_EBUSY,
					 "PostgreSQL doesn't say whether transaction %s happened",
					 attempt.xact);
			rc_db__pg_disconnect(connection);
		} else {
			attempt.is_in_doubt = false;
			status = run_once(&attempt, err);
			if (!may_repeat(connection, status))
				return status;
		}
		if (up_ms() >= until_ms)
			return status;
		pause_ms(wait_ms);
		wait_ms = wait_ms * 2 < PAUSE_MOST_MS ? wait_ms * 2 : PAUSE_MOST_MS;
	}
}
