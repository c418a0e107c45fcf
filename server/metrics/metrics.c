/* SPDX-License-Identifier: Apache-2.0 */
/* Counters are relaxed atomics: nothing follows from the order in which two of them rise. */
#include "server/metrics/metrics.h"

#include "server/db/db.h"
#include "server/metrics/metrics_priv.h"
#include "shared/base/timestamp.h"
#include "shared/file/file.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define STATUS_CLASSES 6u /* 1xx … 5xx by their first digit */

typedef _Atomic uint64_t counter;

struct rc_metrics {
	struct rc_metrics_sources sources;
	int64_t started_ms;
	_Atomic int64_t listener_until_ms;
	counter uploads[STATUS_CLASSES];
	counter stored, known, branched, unread;
	counter device_requests[RC_METRICS_CLASSES];

	pthread_mutex_t mutex; /* of the look */
	struct rc_metrics__look look;
	bool has_look;
	int64_t looked_up_ms; /* by the clock that never jumps */
};

/* ---- life cycle ---- */

struct rc_metrics *rc_metrics_new(const struct rc_metrics_sources *sources)
{
	struct rc_metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics)
		return NULL;
	metrics->sources = *sources;
	metrics->started_ms = rc_clock_now_ms(sources->clock);
	(void)pthread_mutex_init(&metrics->mutex, NULL);
	return metrics;
}

void rc_metrics_free(struct rc_metrics *metrics)
{
	if (!metrics)
		return;
	(void)pthread_mutex_destroy(&metrics->mutex);
	free(metrics);
}

/* ---- counting ---- */

static void add(counter *to, int64_t number)
{
	if (number > 0)
		(void)atomic_fetch_add_explicit(to, (uint64_t)number, memory_order_relaxed);
}

static uint64_t value_of(const counter *of)
{
	return atomic_load_explicit(of, memory_order_relaxed);
}

void rc_metrics_set_listener_until(struct rc_metrics *metrics, int64_t until_ms)
{
	if (metrics)
		atomic_store_explicit(&metrics->listener_until_ms, until_ms, memory_order_relaxed);
}

void rc_metrics_count_upload(struct rc_metrics *metrics, const struct rc_metrics_upload *upload)
{
	if (!metrics)
		return;
	if (upload->status >= 100 && upload->status < 600)
		add(&metrics->uploads[upload->status / 100], 1);
	if (upload->status != 200)
		return;
	add(&metrics->stored, upload->stored - upload->branched);
	add(&metrics->branched, upload->branched);
	add(&metrics->unread, upload->unread);
	add(&metrics->known, upload->received - upload->stored - upload->unread);
}

void rc_metrics_count_device_request(struct rc_metrics *metrics, enum rc_metrics_class class)
{
	if (metrics)
		add(&metrics->device_requests[class], 1);
}

/* ---- writing ---- */

static void write_server(const struct rc_metrics *metrics, struct rc_buf *text)
{
	rc_metrics__family(text, "rollcall_build_info", "gauge",
			   "The server's version, as a label of the number 1.");
	rc_metrics__sample(text, "rollcall_build_info", "version", metrics->sources.version, 1);
	rc_metrics__gauge(text, "process_start_time_seconds", "When the server was started, as Unix time.",
			  (double)metrics->started_ms / 1000);
}

static void write_facts(const struct rc_metrics *metrics, struct rc_buf *text)
{
	static const char *const classes[RC_METRICS_CLASSES] = {"none",    "current",  "grace",
								"revoked", "stranger", "unknown"};
	static const char *const statuses[STATUS_CLASSES] = {NULL, NULL, "2xx", NULL, "4xx", "5xx"};
	const char *name = "rollcall_facts_received_total";

	rc_metrics__family(text, name, "counter",
			   "Lines of uploads that were taken, by what became of them.");
	rc_metrics__sample(text, name, "result", "stored", (double)value_of(&metrics->stored));
	rc_metrics__sample(text, name, "result", "known", (double)value_of(&metrics->known));
	rc_metrics__sample(text, name, "result", "branch", (double)value_of(&metrics->branched));
	rc_metrics__sample(text, name, "result", "unread", (double)value_of(&metrics->unread));
	name = "rollcall_uploads_total";
	rc_metrics__family(text, name, "counter",
			   "Uploads that were answered, by the class of the answer.");
	for (size_t i = 0; i < STATUS_CLASSES; i++) {
		if (statuses[i])
			rc_metrics__sample(text, name, "status", statuses[i],
					   (double)value_of(&metrics->uploads[i]));
	}
	name = "rollcall_device_requests_total";
	rc_metrics__family(text, name, "counter",
			   "Requests on the device listener, by what the certificate was worth.");
	for (size_t i = 0; i < RC_METRICS_CLASSES; i++)
		rc_metrics__sample(text, name, "class", classes[i],
				   (double)value_of(&metrics->device_requests[i]));
}

static void write_http(const struct rc_http_server *http, struct rc_buf *text)
{
	static const char *const statuses[RC_HTTP_CLASSES] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
	const struct rc_http_counts counts = rc_http_server_counts(http);

	rc_metrics__gauge(text, "rollcall_http_connections", "Connections of all listeners.",
			  counts.connections);
	rc_metrics__gauge(text, "rollcall_http_requests_running",
			  "Requests that wait for a worker or have one.", counts.requests_running);
	rc_metrics__gauge(text, "rollcall_http_requests_parked",
			  "Requests that wait for something new (long polls).", counts.requests_parked);
	rc_metrics__gauge(text, "rollcall_http_handshakes_waiting",
			  "TLS handshakes that wait for their turn.", counts.handshakes_waiting);
	rc_metrics__counter(text, "rollcall_http_connections_accepted_total",
			    "Connections that came, the refused ones included.", counts.accepted);
	rc_metrics__counter(text, "rollcall_http_connections_refused_total",
			    "Connections that a limit refused.", counts.refused);
	rc_metrics__family(text, "rollcall_http_handshakes_total", "counter",
			   "TLS handshakes that ended.");
	rc_metrics__sample(text, "rollcall_http_handshakes_total", "result", "done",
			   (double)counts.handshakes_done);
	rc_metrics__sample(text, "rollcall_http_handshakes_total", "result", "failed",
			   (double)counts.handshakes_failed);
	rc_metrics__family(text, "rollcall_http_responses_total", "counter",
			   "Answers of all listeners, by class of status.");
	for (size_t i = 0; i < RC_HTTP_CLASSES; i++)
		rc_metrics__sample(text, "rollcall_http_responses_total", "status", statuses[i],
				   (double)counts.answers[i]);
}

static void write_database(struct rc_db *db, struct rc_buf *text)
{
	struct rc_db_statistics s = {.commits = 0};

	rc_db_statistics(db, &s);
	rc_metrics__gauge(text, "rollcall_db_queue_length",
			  "Writing functions that wait for the writer.", (double)s.queue_length);
	rc_metrics__gauge(text, "rollcall_db_readers_waiting",
			  "Readers that wait for a connection.", (double)s.readers_waiting);
	rc_metrics__gauge(text, "rollcall_db_wal_pages",
			  "Pages in the log of changes after the last commit.", (double)s.wal_pages);
	rc_metrics__gauge(text, "rollcall_db_commit_functions_max",
			  "Most functions that ever shared a commit.", (double)s.functions_most);
	rc_metrics__counter(text, "rollcall_db_commits_total", "Transactions that became durable.",
			    s.commits);
	rc_metrics__counter(text, "rollcall_db_failed_commits_total",
			    "Transactions that could not begin or end.", s.failed_commits);
	rc_metrics__counter(
	    text, "rollcall_db_functions_total",
	    "Functions in durable transactions; divided by the commits, how well they share.",
	    s.functions);
	rc_metrics__counter(text, "rollcall_db_refused_total",
			    "Functions refused because the queue was full.", s.refused);
	rc_metrics__counter(text, "rollcall_db_checkpoints_total",
			    "Times the log of changes was moved into the database.", s.checkpoints);
}

static void write_certificates(const struct rc_metrics *metrics, int64_t kiosk_until_ms,
			       struct rc_buf *text)
{
	static const char name[] = "rollcall_certificate_expiry_timestamp_seconds";
	const int64_t listener_ms =
	    atomic_load_explicit(&metrics->listener_until_ms, memory_order_relaxed);

	rc_metrics__family(
	    text, name, "gauge",
	    "When a certificate expires, as Unix time; of kiosks the first one that does.");
	rc_metrics__sample(text, name, "certificate", "ca", (double)metrics->sources.ca_until_ms / 1000);
	if (listener_ms > 0)
		rc_metrics__sample(text, name, "certificate", "device_listener",
				   (double)listener_ms / 1000);
	if (kiosk_until_ms > 0)
		rc_metrics__sample(text, name, "certificate", "kiosk", (double)kiosk_until_ms / 1000);
}

/* The file is written by another process, whole or not at all. */
static void write_backup(const struct rc_metrics *metrics, struct rc_buf *text)
{
	char memory[RC_TIMESTAMP_CHARS + 2];
	struct rc_buf bytes;
	int64_t at_ms = 0;

	rc_buf_init_fixed(&bytes, memory, sizeof(memory));
	if (metrics->sources.backup_file &&
	    rc_file_read(AT_FDCWD, metrics->sources.backup_file, &bytes, NULL) == RC_OK &&
	    bytes.size > RC_TIMESTAMP_CHARS &&
	    rc_timestamp_parse(rc_bytes_of(bytes.data, RC_TIMESTAMP_CHARS), &at_ms) != RC_OK)
		at_ms = 0;
	rc_metrics__gauge(text, "rollcall_backup_last_timestamp_seconds",
			  "When the last backup was made, as Unix time; 0: never.",
			  (double)at_ms / 1000);
}

/* A copy of the newest look, which is made anew if it is too old. */
static void get_look(struct rc_metrics *metrics, struct rc_metrics__look *look)
{
	const struct rc_clock_reading now = rc_clock_read(metrics->sources.clock);

	(void)pthread_mutex_lock(&metrics->mutex);
	if (!metrics->has_look || now.up_ms - metrics->looked_up_ms >= RC_METRICS_LOOK_MS) {
		rc_metrics__look(metrics->sources.db, now.at_ms, &metrics->look);
		metrics->looked_up_ms = now.up_ms;
		metrics->has_look = metrics->look.is_up; /* a database that is away is asked again at once */
	}
	*look = metrics->look;
	(void)pthread_mutex_unlock(&metrics->mutex);
}

enum rc_status rc_metrics_write(struct rc_metrics *metrics, struct rc_buf *text, struct rc_error *err)
{
	struct rc_metrics__look *look = malloc(sizeof(*look));

	if (!look)
		return rc_fail(err, RC_ENOMEM, "no memory for metrics");
	get_look(metrics, look);
	write_server(metrics, text);
	rc_metrics__write_process(text);
	rc_metrics__write_look(look, rc_clock_now_ms(metrics->sources.clock), text);
	write_facts(metrics, text);
	write_certificates(metrics, look->is_up ? look->certificate_until_ms : 0, text);
	write_backup(metrics, text);
	write_database(metrics->sources.db, text);
	if (metrics->sources.http)
		write_http(metrics->sources.http, text);
	free(look);
	return rc_buf_status(text, err);
}
