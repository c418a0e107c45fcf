/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_WATCH_H
#define RC_CLI_WATCH_H
/*
 * The thread beside the loop: takes SIGTERM and SIGINT, wakes parked requests when another process has changed the database
 * (which PostgreSQL tells at once and a look at the log's head within a second), drops old changes once a day, and renews the device listener's certificate when it is due.
 */
#include "server/auth/secrets.h"
#include "server/http/http.h"

#include <pthread.h>

struct rc_db;
struct rc_metrics;

/* Everything is borrowed until rc_watch_stop. */
struct rc_watch {
	struct rc_http_server *http;
	struct rc_db *db;
	const struct rc_secrets *secrets;
	const char *device_url;
	struct rc_tls_context *device_tls;
	struct rc_metrics *metrics;      /* hears when the certificate was renewed */
	const char *direct_url;          /* where PostgreSQL is heard; "": where the database is */
	struct rc_db_listener *listener; /* the watch's own */
	pthread_t thread;
};

/* Keeps the signals for the watch, and lets a limit on the size of files be an error instead of the end: call it before any other thread starts, since threads inherit it. */
void rc_watch_block_signals(void);

/* Starts the thread, and listening. RC_ENOMEM, RC_EIO; RC_EUSAGE for a wrong direct_url. */
RC_CHECKED enum rc_status rc_watch_start(struct rc_watch *watch, struct rc_error *err);

/* Ends it, whether a signal came or the server has ended by itself. */
void rc_watch_stop(struct rc_watch *watch);

#endif
