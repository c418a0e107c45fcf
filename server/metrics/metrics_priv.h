/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_METRICS_METRICS_PRIV_H
#define RC_METRICS_METRICS_PRIV_H
/* Between the sources of metrics: looking into the database, at the process, and writing. */
#include "server/metrics/metrics.h"

/* ---- text.c: the format ---- */

/* HELP and TYPE of a family; its samples follow. */
void rc_metrics__family(struct rc_buf *text, const char *name, const char *type, const char *help);

/* A sample, with one label or none (NULL). */
void rc_metrics__sample(struct rc_buf *text, const char *name, const char *label, const char *value,
			double number);

/* A family of one sample without labels. */
void rc_metrics__gauge(struct rc_buf *text, const char *name, const char *help, double number);
void rc_metrics__counter(struct rc_buf *text, const char *name, const char *help, uint64_t number);

/* ---- look.c: what stands in the database ---- */

#define RC_METRICS__KINDS_MAX 64u

struct rc_metrics__look {
	bool is_up; /* the database answered */
	int64_t kiosks_current, kiosks_quarantined, kiosks_revoked;
	/* Of the current ones: */
	int64_t never_seen;
	int64_t oldest_seen_ms; /* of those that were seen; 0: none was */
	int64_t silent_hour, silent_day;
	int64_t clock_unsure;         /* that last said so */
	int64_t facts_waiting;        /* at kiosks, as they last said */
	int64_t oldest_waiting_ms;    /* stated by the kiosk's clock; 0: none waits */
	int64_t certificate_until_ms; /* the first to expire; 0: none */
	int64_t quarantined;          /* facts that wait for a nod */
	struct {
		char name[48];
		int64_t open;
	} inbox[RC_METRICS__KINDS_MAX]; /* by kind; all kinds that are known, and what else is there */
	size_t inbox_count;
};

/* One transaction. */
void rc_metrics__look(struct rc_db *db, int64_t now_ms, struct rc_metrics__look *look);

void rc_metrics__write_look(const struct rc_metrics__look *look, int64_t now_ms, struct rc_buf *text);

/* ---- process.c ---- */

/* The usual families process_…, from /proc/self; what can't be read is left out. */
void rc_metrics__write_process(struct rc_buf *text);

#endif
