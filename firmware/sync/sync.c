/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sync thread: waits until something is due (new facts, a poll, the end of a backoff), makes one round with the server, and
 * says how it went. All that the daemon must do comes back through the queue of reports.
 */
#include "firmware/sync/sync_priv.h"

#include "firmware/sync/enrol.h"
#include "shared/base/log.h"
#include "shared/base/random.h"
#include "shared/crypto/pem.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define REPORTS_MAX 64u

struct rc_sync {
	struct rc_sync_config config;
	pthread_t thread;
	int reports_fd;

	/* The thread's own. */
	struct rc_identity identity;
	bool has_identity;
	struct rc_transport *transport; /* NULL until an identity is there */
	struct rc_journal_reader *journal;
	struct rc_roster_writer *roster;
	int64_t signed_up_ms;
	int64_t backoff_ms; /* 0: the last round went well */
	bool is_connected;
	bool is_revoked;
	bool has_asked; /* for a new epoch, because of this mark … */
	struct rc_device_mark asked_for;
	uint64_t asked_in; /* … while that epoch was being written */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t has_news;
	bool is_stopping;
	bool is_woken;
	bool has_code;
	struct rc_enrol_code code;
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
		pthread_cond_wait(&sync->has_news, &sync->lock);
	if (sync->report_count < REPORTS_MAX) {
		sync->reports[(sync->first_report + sync->report_count) % REPORTS_MAX] = *report;
		sync->report_count++;
	}
	pthread_mutex_unlock(&sync->lock);
	if (write(sync->reports_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: the reader will look anyway */
}

/* ---- one round ---- */

static enum rc_status connect_server(struct rc_sync *sync, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf key, certificate;
	struct rc_transport_config config = {
	    .url = sync->identity.url,
	    .ca_pem = rc_buf_bytes(&sync->identity.ca_pem),
	    .now_ms = sync->config.certificate_now_ms,
	    .now_context = sync->config.context,
	    .is_stopping = is_stopping,
	    .stop_context = sync,
	};
	enum rc_status status;

	rc_buf_init(&key, RC_KEY_PEM_MAX_BYTES);
	rc_buf_init(&certificate, RC_PEM_MAX_BYTES);
	status = rc_key_save_pem(sync->identity.key, &key, err);
	if (status == RC_OK)
		status = rc_pem_encode(RC_PEM_CERTIFICATE,
				       rc_buf_bytes(&sync->identity.certificate_der), &certificate, err);
	if (status == RC_OK) {
		config.key_pem = rc_buf_bytes(&key);
		config.certificate_pem = rc_buf_bytes(&certificate);
		status = rc_transport_new(&config, &sync->transport, err);
	}
	if (key.size > 0)
		rc_wipe(key.data, key.size);
	return status;
}

/* The journal is made by the daemon, the roster by us; both may come later than the thread. */
static enum rc_status open_stores(struct rc_sync *sync, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (!sync->roster)
		status = rc_roster_writer_open(sync->config.roster_folder, &sync->roster, err);
	if (status == RC_OK && !sync->journal)
		status = rc_journal_reader_open(sync->config.journal_folder, &sync->journal, err);
	if (status == RC_OK && !sync->transport)
		status = connect_server(sync, err);
	return status;
}

static void become_revoked(struct rc_sync *sync)
{
	struct rc_sync_report report = {.kind = RC_SYNC_REVOKED};
	struct rc_error err;

	if (sync->is_revoked)
		return;
	if (rc_roster_empty(sync->roster, &err) != RC_OK) {
		rc_log_failure("the roster of a revoked kiosk can't be emptied", &err);
		return; /* again with the next round */
	}
	sync->is_revoked = true;
	rc_log(RC_LOG_WARNING, "this kiosk was revoked: its roster is emptied", NULL);
	rc_sync__report(sync, &report);
}

/* True while a mark that isn't ours waits for a new epoch. Once that has begun the same mark is old news: what we have of the
 * epoch we left goes up as a branch. */
static bool must_begin_epoch(struct rc_sync *sync, const struct rc_device_mark *mark, uint64_t current)
{
	bool is_asked = sync->has_asked && sync->asked_for.epoch == mark->epoch &&
			sync->asked_for.through == mark->through &&
			memcmp(sync->asked_for.hash, mark->hash, sizeof(mark->hash)) == 0;

	return !is_asked || sync->asked_in == current;
}

static void ask_for_epoch(struct rc_sync *sync, const struct rc_device_mark *mark, uint64_t current)
{
	struct rc_sync_report report = {.kind = RC_SYNC_EPOCH_NEEDED,
					.epoch_needed = {.reason = "behind"}};

	if (sync->has_asked && sync->asked_in == current)
		return; /* the daemon is at it */
	sync->has_asked = true;
	sync->asked_for = *mark;
	sync->asked_in = current;
	rc_log(RC_LOG_WARNING, "the server knows another history of this kiosk: a new epoch begins", NULL);
	rc_sync__report(sync, &report);
}

/* Facts up, unless a new epoch must begin first. */
static enum rc_status send_facts(struct rc_sync *sync, struct rc_sync_round *round,
				 const struct rc_device_mark *mark, struct rc_error *err)
{
	bool is_ours = false;
	uint64_t current = 0;
	enum rc_status status = rc_sync__is_mark_ours(round, mark, &is_ours, &current, err);

	if (status != RC_OK)
		return status;
	if (!is_ours && must_begin_epoch(sync, mark, current)) {
		ask_for_epoch(sync, mark, current);
		return RC_OK;
	}
	return rc_sync__upload(round, mark, err);
}

static enum rc_status play_round(struct rc_sync *sync, struct rc_sync_round *round, struct rc_error *err)
{
	struct rc_sync_report changed = {.kind = RC_SYNC_ROSTER_CHANGED};
	struct rc_device_mark mark;
	bool has_changed = false;
	int64_t retry_after_ms;
	enum rc_status changes_status, status = rc_sync__mark(round, &mark, err);

	if (status != RC_OK)
		return status;
	status = send_facts(sync, round, &mark, err);
	if (mark.state == RC_DEVICE_REVOKED) {
		become_revoked(sync);
		return status;
	}
	sync->is_revoked = false;
	/* Facts that the server doesn't take must not keep a revocation of a badge from coming down. */
	retry_after_ms = round->retry_after_ms;
	changes_status = rc_sync__changes(round, &has_changed, status == RC_OK ? err : NULL);
	if (has_changed)
		rc_sync__report(sync, &changed);
	if (round->retry_after_ms < retry_after_ms)
		round->retry_after_ms = retry_after_ms;
	return status == RC_OK ? changes_status : status;
}

static void report_state(struct rc_sync *sync, bool is_connected, const struct rc_error *err)
{
	struct rc_sync_report report = {.kind = RC_SYNC_STATE};

	if (is_connected != sync->is_connected) {
		if (is_connected)
			rc_log(RC_LOG_NOTICE, "connected", "server", sync->identity.url, NULL);
		else
			rc_log(RC_LOG_WARNING, "not connected", "server", sync->identity.url,
			       "error", err->text, NULL);
	}
	sync->is_connected = is_connected;
	report.state.is_connected = is_connected;
	report.state.last_contact_ms = is_connected ? rc_clock_now_ms(sync->config.clock) : 0;
	rc_sync__report(sync, &report);
}

/* Doubled with each failure; the wait is anywhere in the upper half, so that kiosks which fell together don't come together. */
static int64_t next_wait_ms(struct rc_sync *sync, bool has_failed, int64_t retry_after_ms)
{
	int64_t wait_ms;

	if (!has_failed) {
		sync->backoff_ms = 0;
		wait_ms = sync->config.poll_ms;
	} else {
		sync->backoff_ms =
		    sync->backoff_ms ? 2 * sync->backoff_ms : sync->config.backoff_first_ms;
		if (sync->backoff_ms > sync->config.backoff_max_ms)
			sync->backoff_ms = sync->config.backoff_max_ms;
		wait_ms = sync->backoff_ms;
	}
	wait_ms = wait_ms / 2 + rc_random_below((uint32_t)(wait_ms / 2 + 1));
	return wait_ms > retry_after_ms ? wait_ms : retry_after_ms;
}

/* When the next round is due. */
struct wait {
	int64_t until_ms;      /* from now on; negative: there is nothing to wait for but news */
	int64_t not_before_ms; /* the server asked for so much peace: news doesn't cut it short */
};

/* A round with the server; returns how long to wait for the next. */
static struct wait make_round(struct rc_sync *sync)
{
	struct rc_sync_round round = {.sync = sync,
				      .identity = &sync->identity,
				      .clock = sync->config.clock,
				      .signed_up_ms = &sync->signed_up_ms};
	struct rc_error err = {.text = ""};
	enum rc_status status = open_stores(sync, &err);

	if (status == RC_OK) {
		round.transport = sync->transport;
		round.journal = sync->journal;
		round.roster = sync->roster;
		status = play_round(sync, &round, &err);
	}
	if (rc_sync__is_stopping(sync))
		return (struct wait){.until_ms = 0};
	report_state(sync, status == RC_OK, &err);
	return (struct wait){.until_ms = next_wait_ms(sync, status != RC_OK, round.retry_after_ms),
			     .not_before_ms = round.retry_after_ms};
}

/* ---- enrolment ---- */

static void use_identity(struct rc_sync *sync, struct rc_identity *identity)
{
	rc_transport_free(sync->transport);
	sync->transport = NULL;
	rc_identity_deinit(&sync->identity);
	sync->identity = *identity;
	sync->has_identity = true;
	sync->is_revoked = false;
	sync->backoff_ms = 0;
}

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
	use_identity(sync, &identity);
	rc_log(RC_LOG_NOTICE, "enrolled", "server", sync->identity.url, NULL);
	report.time.server_ms = time.server_ms;
	report.time.up_ms = time.up_ms;
	report.time.error_ms = time.error_ms;
	rc_sync__report(sync, &report);
	report.kind = RC_SYNC_ENROLLED;
	rc_sync__report(sync, &report);
}

/* ---- the thread ---- */

static struct timespec monotonic_in(int64_t ms)
{
	struct timespec moment;

	(void)clock_gettime(CLOCK_MONOTONIC, &moment);
	moment.tv_sec += ms / 1000;
	moment.tv_nsec += ms % 1000 * 1000000;
	if (moment.tv_nsec >= 1000000000) {
		moment.tv_sec++;
		moment.tv_nsec -= 1000000000;
	}
	return moment;
}

/* With the lock. A code of an administrator is never made to wait. */
static bool has_reason(const struct rc_sync *sync, bool counts_wake)
{
	return sync->is_stopping || sync->has_code || (counts_wake && sync->is_woken);
}

/* Waits for news or until the time is over; takes a code that was handed over. */
static bool wait_for_news(struct rc_sync *sync, const struct wait *wait, bool *has_code,
			  struct rc_enrol_code *code)
{
	struct timespec not_before = monotonic_in(wait->not_before_ms);
	struct timespec until = monotonic_in(wait->until_ms < 0 ? 0 : wait->until_ms);
	int result = 0;
	bool goes_on;

	pthread_mutex_lock(&sync->lock);
	while (wait->not_before_ms > 0 && !has_reason(sync, false) && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&sync->has_news, &sync->lock, &not_before);
	result = 0;
	while (!has_reason(sync, true) && result != ETIMEDOUT)
		result = wait->until_ms < 0
			     ? pthread_cond_wait(&sync->has_news, &sync->lock)
			     : pthread_cond_timedwait(&sync->has_news, &sync->lock, &until);
	sync->is_woken = false;
	*has_code = sync->has_code;
	if (sync->has_code)
		*code = sync->code;
	goes_on = !sync->is_stopping;
	pthread_mutex_unlock(&sync->lock);
	return goes_on;
}

static void *run(void *context)
{
	struct rc_sync *sync = context;
	struct wait wait = {.until_ms = sync->has_identity ? 0 : -1};
	struct rc_enrol_code code;
	bool has_code;

	while (wait_for_news(sync, &wait, &has_code, &code)) {
		if (has_code) {
			enrol(sync, &code);
			rc_wipe(&code, sizeof(code));
		}
		if (sync->has_identity)
			wait = make_round(sync);
	}
	return NULL;
}

static enum rc_status load_identity(struct rc_sync *sync, struct rc_error *err)
{
	enum rc_status status = rc_identity_load(sync->config.identity_folder, &sync->identity, err);

	sync->has_identity = status == RC_OK;
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status start_thread(struct rc_sync *sync, struct rc_error *err)
{
	pthread_condattr_t monotonic;

	sync->reports_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (sync->reports_fd < 0)
		return rc_fail_errno(err, errno, "eventfd");
	(void)pthread_condattr_init(&monotonic); /* none of these fails on Linux with these arguments */
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&sync->has_news, &monotonic);
	(void)pthread_mutex_init(&sync->lock, NULL);
	(void)pthread_condattr_destroy(&monotonic);
	if (pthread_create(&sync->thread, NULL, run, sync) != 0)
		return rc_fail(err, RC_EIO, "the sync thread can't be started");
	return RC_OK;
}

enum rc_status rc_sync_start(const struct rc_sync_config *config, struct rc_sync **sync,
			     struct rc_error *err)
{
	struct rc_sync *made = calloc(1, sizeof(*made));
	enum rc_status status;

	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for sync");
	made->config = *config;
	made->reports_fd = -1;
	rc_identity_init(&made->identity);
	status = rc_transport_global(err);
	if (status == RC_OK)
		status = load_identity(made, err);
	if (status == RC_OK)
		status = start_thread(made, err);
	if (status != RC_OK) {
		rc_identity_deinit(&made->identity);
		if (made->reports_fd >= 0)
			(void)close(made->reports_fd);
		free(made);
		return status;
	}
	*sync = made;
	return RC_OK;
}

void rc_sync_stop(struct rc_sync *sync)
{
	if (!sync)
		return;
	pthread_mutex_lock(&sync->lock);
	sync->is_stopping = true;
	pthread_cond_broadcast(&sync->has_news);
	pthread_mutex_unlock(&sync->lock);
	(void)pthread_join(sync->thread, NULL);
	rc_transport_free(sync->transport);
	rc_journal_reader_close(sync->journal);
	rc_roster_writer_close(sync->roster);
	rc_identity_deinit(&sync->identity);
	rc_wipe(&sync->code, sizeof(sync->code));
	(void)close(sync->reports_fd);
	pthread_cond_destroy(&sync->has_news);
	pthread_mutex_destroy(&sync->lock);
	free(sync);
}

void rc_sync_wake(struct rc_sync *sync)
{
	pthread_mutex_lock(&sync->lock);
	sync->is_woken = true;
	pthread_cond_broadcast(&sync->has_news);
	pthread_mutex_unlock(&sync->lock);
}

void rc_sync_enrol(struct rc_sync *sync, const struct rc_enrol_code *code)
{
	pthread_mutex_lock(&sync->lock);
	if (!sync->has_code) {
		sync->code = *code;
		sync->has_code = true;
		pthread_cond_broadcast(&sync->has_news);
	}
	pthread_mutex_unlock(&sync->lock);
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
		pthread_cond_broadcast(&sync->has_news); /* the thread may wait for room */
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
