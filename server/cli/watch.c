/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sleeps in sigtimedwait, a second at a time: that is how late a parked request hears of another process's change where nobody
 * tells of it. Nothing is read while nobody is parked.
 */
#include "server/cli/watch.h"

#include "server/changes/changes.h"
#include "server/cli/leaf.h"
#include "server/db/db.h"
#include "server/metrics/metrics.h"
#include "server/routes/routes.h"
#include "shared/base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#define FIRST_TRIM_MS RC_HOUR_MS /* not at the start, when all kiosks come back at once */

/* What the thread remembers between two looks; times are of the clock that never jumps. */
struct looks {
	int64_t head;
	int64_t trim_due_ms;
	int64_t leaf_due_ms;
};

static void signals_of(sigset_t *signals)
{
	(void)sigemptyset(signals);
	(void)sigaddset(signals, SIGTERM);
	(void)sigaddset(signals, SIGINT);
}

void rc_watch_block_signals(void)
{
	sigset_t signals;

	signals_of(&signals);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGXFSZ, SIG_IGN); /* a limit on files is an error of that write, as a full disk is */
}

static void wake_parked(const struct rc_watch *watch, struct looks *looks)
{
	struct rc_error err = {.text = ""};
	int64_t head = 0;

	if (rc_http_server_counts(watch->http).requests_parked == 0)
		return;
	/* A database that is away is what the parked handlers will find out themselves. */
	if (rc_changes_head(watch->db, &head, &err) != RC_OK || head == looks->head)
		return;
	looks->head = head;
	rc_http_server_wake(watch->http, RC_ROUTES_TOPIC_CHANGES);
}

static void hear(void *context)
{
	const struct rc_watch *watch = context;

	rc_http_server_wake(watch->http, RC_ROUTES_TOPIC_CHANGES);
}

static void trim(const struct rc_watch *watch, struct looks *looks, const struct rc_clock_reading *now)
{
	int64_t dropped = 0;
	struct rc_error err = {.text = ""};

	if (now->up_ms < looks->trim_due_ms)
		return;
	looks->trim_due_ms = now->up_ms + RC_DAY_MS;
	if (rc_changes_trim(watch->db, now->at_ms, &dropped, &err) != RC_OK)
		rc_log_failure("old changes were not dropped", &err);
}

static void renew_leaf(const struct rc_watch *watch, struct looks *looks,
		       const struct rc_clock_reading *now)
{
	struct rc_error err = {.text = ""};

	if (now->up_ms < looks->leaf_due_ms)
		return;
	if (rc_leaf_context_renew(watch->secrets, watch->device_url, now->at_ms, watch->device_tls,
				  &err) != RC_OK) {
		rc_log_failure("the device listener keeps its old certificate", &err);
		looks->leaf_due_ms = now->up_ms + RC_DAY_MS;
		return;
	}
	looks->leaf_due_ms = now->up_ms + RC_LEAF_RENEW_MS;
	rc_metrics_set_listener_until(watch->metrics, now->at_ms + RC_LEAF_MS);
}

static void *run(void *arg)
{
	const struct rc_watch *watch = arg;
	const struct timespec second = {.tv_sec = 1};
	struct rc_clock_reading now = rc_clock_read(rc_clock_system());
	struct looks looks = {
	    .trim_due_ms = now.up_ms + FIRST_TRIM_MS,
	    .leaf_due_ms = now.up_ms + RC_LEAF_RENEW_MS,
	};
	sigset_t signals;

	signals_of(&signals);
	while (sigtimedwait(&signals, NULL, &second) < 0) {
		now = rc_clock_read(rc_clock_system());
		wake_parked(watch, &looks);
		trim(watch, &looks, &now);
		renew_leaf(watch, &looks, &now);
	}
	rc_http_server_stop(watch->http);
	return NULL;
}

enum rc_status rc_watch_start(struct rc_watch *watch, struct rc_error *err)
{
	const struct rc_db_hearer hearer = {hear, watch};
	const char *direct_url = watch->direct_url[0] != '\0' ? watch->direct_url : NULL;
	enum rc_status status = rc_db_listen(watch->db, direct_url, &hearer, &watch->listener, err);
	int cause;

	if (status != RC_OK)
		return status;
	cause = pthread_create(&watch->thread, NULL, run, watch);
	if (cause == 0)
		return RC_OK;
	rc_db_listen_end(watch->db, watch->listener);
	return rc_fail_errno(err, cause, "starting a thread");
}

void rc_watch_stop(struct rc_watch *watch)
{
	(void)pthread_kill(watch->thread, SIGTERM); /* stays pending for nobody if the thread has ended */
	(void)pthread_join(watch->thread, NULL);
	rc_db_listen_end(watch->db, watch->listener);
}
