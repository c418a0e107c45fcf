/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_METRICS_METRICS_H
#define RC_METRICS_METRICS_H
/*
 * What the server tells whoever watches it: counters that handlers raise in memory, and gauges that are looked up when somebody
 * asks, written in Prometheus' text format (version 0.0.4).
 *
 * Counting locks nothing and is cheap enough for every request. What stands in the database is read in one transaction for reading,
 * at most every RC_METRICS_LOOK_MS however often somebody asks; ingest never waits for it. No name, number or code of a person is
 * in it. Any thread.
 */
#include "server/http/http.h"
#include "shared/base/clock.h"

struct rc_db;
struct rc_metrics;

#define RC_METRICS_LOOK_MS      (10 * RC_SECOND_MS)
#define RC_METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Where the numbers come from; all of it is borrowed until rc_metrics_free. */
struct rc_metrics_sources {
	struct rc_db *db;
	const struct rc_http_server *http;
	const struct rc_clock *clock;
	const char *version;
	const char *backup_file; /* holds the moment of the last backup (RC_BACKUP_LAST_FILE); need not be there */
	int64_t ca_until_ms; /* when the CA expires */
};

/* NULL: no memory. */
struct rc_metrics *rc_metrics_new(const struct rc_metrics_sources *sources);
void rc_metrics_free(struct rc_metrics *metrics); /* NULL is fine */

/* When the device listener's certificate expires; again whenever it was renewed. */
void rc_metrics_set_listener_until(struct rc_metrics *metrics, int64_t until_ms);

/* What an upload was answered. With a NULL `metrics` nobody counts, here and below. */
struct rc_metrics_upload {
	int status;       /* of HTTP */
	int64_t received; /* lines; the next three are of them */
	int64_t stored;   /* new facts, branches included */
	int64_t branched; /* of the stored */
	int64_t unread;   /* stored as bytes */
};
void rc_metrics_count_upload(struct rc_metrics *metrics, const struct rc_metrics_upload *upload);

/* Who asked on the device listener. */
enum rc_metrics_class {
	RC_METRICS_NONE, /* no certificate */
	RC_METRICS_CURRENT,
	RC_METRICS_GRACE,
	RC_METRICS_REVOKED,
	RC_METRICS_STRANGER,
	RC_METRICS_UNKNOWN,
	RC_METRICS_CLASSES
};
void rc_metrics_count_device_request(struct rc_metrics *metrics, enum rc_metrics_class class);

/*
 * Appends everything. Never fails for want of the database: then rollcall_database_up is 0 and the gauges that stand there are left
 * out. RC_ELIMIT, RC_ENOMEM from the buffer. May block on the database.
 */
RC_CHECKED enum rc_status rc_metrics_write(struct rc_metrics *metrics, struct rc_buf *text,
					   struct rc_error *err);

#endif
