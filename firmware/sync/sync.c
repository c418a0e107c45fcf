/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sync thread: waits until something is due (new facts, a poll, the end of a backoff) or changes have come, makes one round with
 * the server, and says how it went. All that the daemon must do comes back through the queue of reports.
 */
#include "firmware/sync/sync_priv.h"

#include "firmware/sync/enrol.h"
#include "shared/base/log.h"
#include "shared/base/random.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define REPORTS_MAX 64u
#define NEVER       INT64_MAX
#define HELD_PAUSE_MS                                                                              \
	500 /* after changes came, and up to as much again: those of a full room come in handfuls … */
#define HELD_PAUSE_SPAN 400u /* … and still within a second */

/* When something is due next, by CLOCK_MONOTONIC; NEVER: only when there is news. */
struct pace {
	int64_t round_ms;
	int64_t not_before_ms; /* the server asked for so much peace: news doesn't cut it short */
	int64_t hold_ms;       /* when the server may be asked to hold a request again */
	int64_t backoff_ms;    /* of rounds that fail; 0: the last went well */
	int64_t hold_backoff_ms;
};

struct rc_sync {
	struct rc_sync_config config;
	pthread_t thread;
	int reports_fd;
	int wake_fd; /* written with the lock's things below, or to end a wait */

	/* The thread's own. */
	struct rc_sync_session session;
	struct pace pace;
	bool is_connected;

	pthread_mutex_t lock;    /* guards what follows */
	pthread_cond_t has_room; /* for reports */
	bool is_stopping;
	bool is_woken;
	bool has_code;
	struct rc_enrol_code code;
	struct rc_device_status machine;
	struct rc_sync_report reports[REPORTS_MAX];
	size_t first_report, report_count;
};

bool rc_sync__is_stopping(struct rc_sync *sync)
{
	bool is_stopping;

	pthread_mutex_lock(&sync->lock);
	is_stopping = sync->is_stopping;
	pthread_mutex_unlock(&sync->lock);
	return is_stopping;
}

static bool is_stopping(void *context)
{
	return rc_sync__is_stopping(context);
}

void rc_sync__report(struct rc_sync *sync, const struct rc_sync_report *report)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&sync->lock);
	while (sync->report_count == REPORTS_MAX && !sync->is_stopping)
		pthread_cond_wait(&sync->has_room, &sync->lock);
	if (sync->report_count < REPORTS_MAX) {
		sync->reports[(sync->first_report + sync->report_count) % REPORTS_MAX] = *report;
		sync->report_count++;
	}
	pthread_mutex_unlock(&sync->lock);
	if (write(sync->reports_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: the reader will look anyway */
}

void rc_sync__machine(struct rc_sync *sync, struct rc_device_status *status)
{
	pthread_mutex_lock(&sync->lock);
	*status = sync->machine;
	pthread_mutex_unlock(&sync->lock);
}

void rc_sync__report_time(const struct rc_sync_round *round, int64_t server_ms,
			  const struct rc_transport_response *response)
{
	struct rc_sync_report report = {.kind = RC_SYNC_TIME};

	report.time.server_ms = server_ms;
	report.time.up_ms = rc_clock_up_ms(round->clock);
	report.time.error_ms = response->duration_ms / 2 + 1;
	rc_sync__report(round->sync, &report);
}

/* ---- when ---- */

static int64_t monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * RC_SECOND_MS + now.tv_nsec / 1000000;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Anywhere in the upper half, so that kiosks which fell together don't come together. */
static int64_t spread(int64_t wait_ms)
{
	return wait_ms / 2 + rc_random_below((uint32_t)(wait_ms / 2 + 1));
}

static int64_t doubled(const struct rc_sync *sync, int64_t backoff_ms)
{
	return earlier(backoff_ms ? 2 * backoff_ms : sync->config.backoff_first_ms,
		       sync->config.backoff_max_ms);
}

/* ---- rounds ---- */

static void report_state(struct rc_sync *sync, bool is_connected, const struct rc_error *err)
{
	struct rc_sync_report report = {.kind = RC_SYNC_STATE};

	if (is_connected != sync->is_connected) {
		if (is_connected)
			rc_log(RC_LOG_NOTICE, "connected", "server", sync->session.identity.url, NULL);
		else
			rc_log(RC_LOG_WARNING, "not connected", "server",
			       sync->session.identity.url, "error", err->text, NULL);
	}
	sync->is_connected = is_connected;
	report.state.is_connected = is_connected;
	report.state.trouble = sync->session.trouble;
	report.state.last_contact_ms = is_connected ? rc_clock_now_ms(sync->config.clock) : 0;
	rc_sync__report(sync, &report);
}

static void make_round(struct rc_sync *sync)
{
	struct rc_error err = {.text = ""};
	int64_t retry_after_ms, now_ms;
	enum rc_status status = rc_sync__round(&sync->session, &retry_after_ms, &err);

	if (rc_sync__is_stopping(sync))
		return;
	now_ms = monotonic_ms();
	report_state(sync, status == RC_OK, &err);
	sync->pace.backoff_ms = status == RC_OK ? 0 : doubled(sync, sync->pace.backoff_ms);
	sync->pace.round_ms =
	    now_ms + later(spread(status == RC_OK ? sync->config.poll_ms : sync->pace.backoff_ms),
			   retry_after_ms);
	sync->pace.not_before_ms = now_ms + retry_after_ms;
	if (status != RC_OK)
		sync->pace.hold_ms = NEVER;
	else if (sync->pace.hold_ms == NEVER && !rc_transport_is_holding(sync->session.transport))
		sync->pace.hold_ms = now_ms + sync->pace.hold_backoff_ms;
}

/* ---- what the server holds ---- */

static void hold(struct rc_sync *sync)
{
	struct rc_error err;

	sync->pace.hold_ms = NEVER; /* what ends it says when it begins again */
	if (sync->session.is_revoked || rc_sync__hold(&sync->session, &err) == RC_OK)
		return;
	sync->pace.hold_backoff_ms = doubled(sync, sync->pace.hold_backoff_ms); /* with the next round */
}

/* A server of before doesn't hold anything: then rounds bring the changes, as often as they come. */
static bool was_held(const struct rc_sync_session *session)
{
	return rc_clock_up_ms(session->config->clock) - session->held_since_ms >= session->held_ms / 2;
}

/* The connection went, or what came is no answer. The round that shows it comes soon, but not from all kiosks at once. */
static void lose_hold(struct rc_sync *sync, int64_t retry_after_ms)
{
	int64_t now_ms = monotonic_ms();

	sync->pace.hold_backoff_ms = doubled(sync, sync->pace.hold_backoff_ms);
	sync->pace.not_before_ms = later(sync->pace.not_before_ms, now_ms + retry_after_ms);
	sync->pace.round_ms = later(
	    earlier(sync->pace.round_ms, now_ms + rc_random_below((uint32_t)sync->config.poll_ms)),
	    sync->pace.not_before_ms);
}

static void take_held(struct rc_sync *sync)
{
	struct rc_sync_report changed = {.kind = RC_SYNC_ROSTER_CHANGED};
	const int64_t retry_after_ms = sync->session.held_response.retry_after_ms;
	bool has_changed, must_fetch;
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_sync__take_held(&sync->session, &has_changed, &must_fetch, &err);

	if (status != RC_OK) {
		rc_log(RC_LOG_INFO, "changes: the wait ended without an answer", "error", err.text, NULL);
		lose_hold(sync, retry_after_ms);
		return;
	}
	sync->pace.hold_backoff_ms = 0;
	if (has_changed)
		rc_sync__report(sync, &changed);
	if (must_fetch)
		sync->pace.round_ms = 0; /* nothing is held now: it brings them, and holds again */
	else if (has_changed || was_held(&sync->session))
		sync->pace.hold_ms =
		    monotonic_ms() +
		    (has_changed ? HELD_PAUSE_MS + rc_random_below(HELD_PAUSE_SPAN) : 0);
}

/* ---- enrolment ---- */

/* From here on the next code counts. */
static void forget_code(struct rc_sync *sync)
{
	pthread_mutex_lock(&sync->lock);
	sync->has_code = false;
	rc_wipe(&sync->code, sizeof(sync->code));
	pthread_mutex_unlock(&sync->lock);
}

static void enrol(struct rc_sync *sync, const struct rc_enrol_code *code)
{
	const struct rc_enrol_wish wish = {
	    .config = &sync->config, .code = code, .is_stopping = is_stopping, .stop_context = sync};
	struct rc_sync_report report = {.kind = RC_SYNC_TIME};
	struct rc_enrol_time time;
	struct rc_identity identity;
	struct rc_error err;
	enum rc_status status = rc_enrol(&wish, &identity, &time, &err);

	forget_code(sync); /* before anybody hears of it, and shows another one */
	if (status != RC_OK) {
		rc_log_failure("enrolment failed", &err);
		report.kind = RC_SYNC_ENROL_FAILED;
		(void)rc_text_copy(rc_enrol_reason(status), report.reason, sizeof(report.reason));
		rc_sync__report(sync, &report);
		return;
	}
	rc_sync__use_identity(&sync->session, &identity);
	sync->pace.backoff_ms = 0;
	rc_log(RC_LOG_NOTICE, "enrolled", "server", sync->session.identity.url, NULL);
	report.time.server_ms = time.server_ms;
	report.time.up_ms = time.up_ms;
	report.time.error_ms = time.error_ms;
	rc_sync__report(sync, &report);
	report.kind = RC_SYNC_ENROLLED;
	rc_sync__report(sync, &report);
}

/* ---- the thread ---- */

/* What ended a wait. */
struct news {
	bool is_round_due, is_hold_due, has_held_ended;
	bool has_code;
	struct rc_enrol_code code;
};

/* Looks whether there is a reason to stop waiting; false if the thread is to end. A code of an administrator is never made to wait. */
static bool look(struct rc_sync *sync, int64_t now_ms, bool *is_woken, struct news *news)
{
	bool goes_on;

	pthread_mutex_lock(&sync->lock);
	goes_on = !sync->is_stopping;
	news->has_code = sync->has_code;
	if (sync->has_code)
		news->code = sync->code;
	*is_woken = sync->is_woken && sync->session.has_identity;
	if (sync->is_woken && (now_ms >= sync->pace.not_before_ms || sync->has_code))
		sync->is_woken = false;
	pthread_mutex_unlock(&sync->lock);
	return goes_on;
}

static void drain(int fd)
{
	uint64_t ignored;

	if (read(fd, &ignored, sizeof(ignored)) < 0)
		return; /* it was empty */
}

/* Waits for news or until something is due. */
static bool wait_for_news(struct rc_sync *sync, struct news *news)
{
	const struct pace *pace = &sync->pace;

	*news = (struct news){.has_code = false};
	for (;;) {
		int64_t now_ms = monotonic_ms(), due_ms;
		bool is_woken;

		drain(sync->wake_fd);
		if (!look(sync, now_ms, &is_woken, news))
			return false;
		news->is_round_due =
		    now_ms >= pace->round_ms || (is_woken && now_ms >= pace->not_before_ms);
		news->is_hold_due = now_ms >= pace->hold_ms;
		if (news->has_code || news->is_round_due || news->is_hold_due || news->has_held_ended)
			return true;
		due_ms = earlier(earlier(pace->round_ms, pace->hold_ms),
				 is_woken ? pace->not_before_ms : NEVER);
		news->has_held_ended = rc_transport_wait(sync->session.transport, sync->wake_fd,
							 due_ms == NEVER ? -1 : due_ms - now_ms);
	}
}

static void *run(void *context)
{
	struct rc_sync *sync = context;
	struct news news;

	while (wait_for_news(sync, &news)) {
		if (news.has_held_ended)
			take_held(sync);
		if (news.has_code)
			enrol(sync, &news.code);
		if (sync->session.has_identity && (news.is_round_due || news.has_code))
			make_round(sync);
		else if (news.is_hold_due)
			hold(sync);
		rc_wipe(&news, sizeof(news));
	}
	return NULL;
}

static enum rc_status load_identity(struct rc_sync *sync, struct rc_error *err)
{
	struct rc_sync_session *session = &sync->session;
	enum rc_status status = rc_identity_load(sync->config.identity_folder, &session->identity, err);

	session->has_identity = status == RC_OK;
	sync->pace = (struct pace){.round_ms = session->has_identity ? 0 : NEVER, .hold_ms = NEVER};
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status start_thread(struct rc_sync *sync, struct rc_error *err)
{
	sync->reports_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sync->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (sync->reports_fd < 0 || sync->wake_fd < 0)
		return rc_fail_errno(err, errno, "eventfd");
	(void)pthread_cond_init(&sync->has_room, NULL); /* neither fails on Linux with these arguments */
	(void)pthread_mutex_init(&sync->lock, NULL);
	if (pthread_create(&sync->thread, NULL, run, sync) != 0)
		return rc_fail(err, RC_EIO, "the sync thread can't be started");
	return RC_OK;
}

static void close_descriptors(struct rc_sync *sync)
{
	if (sync->reports_fd >= 0)
		(void)close(sync->reports_fd);
	if (sync->wake_fd >= 0)
		(void)close(sync->wake_fd);
}

enum rc_status rc_sync_start(const struct rc_sync_config *config, struct rc_sync **sync,
			     struct rc_error *err)
{
	struct rc_sync *made = calloc(1, sizeof(*made));
	enum rc_status status;

	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for sync");
	made->config = *config;
	made->reports_fd = made->wake_fd = -1;
	made->session.sync = made;
	made->session.config = &made->config;
	rc_device_status_init(&made->machine);
	rc_identity_init(&made->session.identity);
	status = rc_transport_global(err);
	if (status == RC_OK)
		status = load_identity(made, err);
	if (status == RC_OK)
		status = start_thread(made, err);
	if (status != RC_OK) {
		rc_identity_deinit(&made->session.identity);
		close_descriptors(made);
		free(made);
		return status;
	}
	*sync = made;
	return RC_OK;
}

/* Ends a wait of the thread, whatever it waits for. */
static void interrupt(struct rc_sync *sync)
{
	const uint64_t one = 1;

	if (write(sync->wake_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it will look anyway */
}

void rc_sync_stop(struct rc_sync *sync)
{
	if (!sync)
		return;
	pthread_mutex_lock(&sync->lock);
	sync->is_stopping = true;
	pthread_cond_broadcast(&sync->has_room);
	pthread_mutex_unlock(&sync->lock);
	interrupt(sync);
	(void)pthread_join(sync->thread, NULL);
	rc_sync__end_session(&sync->session);
	rc_wipe(&sync->code, sizeof(sync->code));
	close_descriptors(sync);
	pthread_cond_destroy(&sync->has_room);
	pthread_mutex_destroy(&sync->lock);
	free(sync);
}

void rc_sync_wake(struct rc_sync *sync)
{
	pthread_mutex_lock(&sync->lock);
	sync->is_woken = true;
	pthread_mutex_unlock(&sync->lock);
	interrupt(sync);
}

void rc_sync_describe(struct rc_sync *sync, const struct rc_device_status *status)
{
	pthread_mutex_lock(&sync->lock);
	sync->machine = *status;
	pthread_mutex_unlock(&sync->lock);
}

void rc_sync_enrol(struct rc_sync *sync, const struct rc_enrol_code *code)
{
	pthread_mutex_lock(&sync->lock);
	if (!sync->has_code) {
		sync->code = *code;
		sync->has_code = true;
	}
	pthread_mutex_unlock(&sync->lock);
	interrupt(sync);
}

int rc_sync_descriptor(const struct rc_sync *sync)
{
	return sync->reports_fd;
}

enum rc_status rc_sync_next(struct rc_sync *sync, struct rc_sync_report *report)
{
	enum rc_status status = RC_ENOTFOUND;
	uint64_t ignored;

	pthread_mutex_lock(&sync->lock);
	if (sync->report_count > 0) {
		*report = sync->reports[sync->first_report];
		sync->first_report = (sync->first_report + 1) % REPORTS_MAX;
		sync->report_count--;
		pthread_cond_broadcast(&sync->has_room); /* the thread may wait for room */
		status = RC_OK;
	} else if (read(sync->reports_fd, &ignored, sizeof(ignored)) < 0) {
		status = RC_ENOTFOUND; /* was drained before */
	}
	pthread_mutex_unlock(&sync->lock);
	return status;
}

enum rc_status rc_sync_enrol_now(const struct rc_sync_config *config, const struct rc_enrol_code *code,
				 struct rc_identity *identity, struct rc_error *err)
{
	const struct rc_enrol_wish wish = {.config = config, .code = code};
	struct rc_enrol_time time;
	enum rc_status status = rc_transport_global(err);

	return status == RC_OK ? rc_enrol(&wish, identity, &time, err) : status;
}
