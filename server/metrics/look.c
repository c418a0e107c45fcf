/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look into the database. What a kiosk says of itself is as old as its last status, and its clock may be wrong: these numbers say
 * where to look, not what is so.
 */
#include "server/db/db.h"
#include "server/inbox/inbox.h"
#include "server/metrics/metrics_priv.h"
#include "server/metrics_sql/statements.h"
#include "shared/device/device.h"

struct looking {
	struct rc_metrics__look *look;
	int64_t now_ms;
};

static int64_t earlier(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a == 0 ? b : a;
	return a < b ? a : b;
}

static void add_status(struct rc_metrics__look *look, struct rc_bytes document)
{
	struct rc_device_status status;

	if (document.size == 0 || rc_device_status_decode(document, &status, NULL) != RC_OK)
		return;
	look->clock_unsure += strcmp(status.clock_source, "none") == 0;
	look->facts_waiting += status.waiting > 0 ? status.waiting : 0;
	if (status.waiting > 0)
		look->oldest_waiting_ms = earlier(look->oldest_waiting_ms, status.oldest_waiting_ms);
}

static void add_current(struct rc_metrics__look *look, const struct rc_db_row *row, int64_t now_ms)
{
	const int64_t seen_ms = rc_db_row_int(row, 1);

	look->kiosks_current++;
	look->never_seen += seen_ms == 0;
	look->silent_hour += now_ms - seen_ms > RC_HOUR_MS;
	look->silent_day += now_ms - seen_ms > RC_DAY_MS;
	look->oldest_seen_ms = earlier(look->oldest_seen_ms, seen_ms);
	look->certificate_until_ms = earlier(look->certificate_until_ms, rc_db_row_int(row, 2));
	add_status(look, rc_db_row_text(row, 3));
}

static enum rc_status take_kiosk(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct looking *looking = context;
	const struct rc_bytes state = rc_db_row_text(row, 0);

	(void)err;
	if (rc_bytes_is_text(state, "current"))
		add_current(looking->look, row, looking->now_ms);
	else if (rc_bytes_is_text(state, "quarantined"))
		looking->look->kiosks_quarantined++;
	else
		looking->look->kiosks_revoked++;
	return RC_OK;
}

static enum rc_status take_kind(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_metrics__look *look = ((const struct looking *)context)->look;

	(void)err;
	for (size_t i = 0; i < look->inbox_count; i++) {
		if (rc_bytes_is_text(rc_db_row_text(row, 0), look->inbox[i].name)) {
			look->inbox[i].open = rc_db_row_int(row, 1);
			return RC_OK;
		}
	}
	if (look->inbox_count == RC_METRICS__KINDS_MAX)
		return RC_OK;
	rc_db_row_copy_text(row, 0, look->inbox[look->inbox_count].name, sizeof(look->inbox[0].name));
	look->inbox[look->inbox_count++].open = rc_db_row_int(row, 1);
	return RC_OK;
}

/* All kinds are there from the beginning, with 0: a series that appears with its first alarm has no rise to see. */
static void begin(struct rc_metrics__look *look)
{
	memset(look, 0, sizeof(*look));
	for (size_t i = 0; i < rc_inbox_kind_count && i < RC_METRICS__KINDS_MAX; i++) {
		if (rc_text_copy(rc_inbox_kinds[i].name, look->inbox[look->inbox_count].name,
				 sizeof(look->inbox[0].name)))
			look->inbox_count++;
	}
}

static enum rc_status read_all(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct looking *looking = arg;
	enum rc_status status;

	begin(looking->look);
	status = rc_db_query(tx, &rc_sql_metrics_kiosks, RC_DB_NO_VALUES, take_kiosk, looking, err);
	if (status == RC_OK)
		status =
		    rc_db_query(tx, &rc_sql_metrics_inbox, RC_DB_NO_VALUES, take_kind, looking, err);
	if (status == RC_OK)
		status = rc_db_one_int(tx, &rc_sql_metrics_quarantine, RC_DB_NO_VALUES,
				       &looking->look->quarantined, err);
	return status;
}

void rc_metrics__look(struct rc_db *db, int64_t now_ms, struct rc_metrics__look *look)
{
	struct looking looking = {.look = look, .now_ms = now_ms};

	look->is_up = rc_db_read(db, read_all, &looking, NULL) == RC_OK;
}

/* ---- as text ---- */

static void write_kiosks(const struct rc_metrics__look *look, int64_t now_ms, struct rc_buf *text)
{
	rc_metrics__family(text, "rollcall_kiosks", "gauge", "Kiosks in the register.");
	rc_metrics__sample(text, "rollcall_kiosks", "state", "current", (double)look->kiosks_current);
	rc_metrics__sample(text, "rollcall_kiosks", "state", "quarantined",
			   (double)look->kiosks_quarantined);
	rc_metrics__sample(text, "rollcall_kiosks", "state", "revoked", (double)look->kiosks_revoked);
	rc_metrics__gauge(text, "rollcall_kiosks_never_seen",
			  "Current kiosks that have enrolled and not asked for anything since.",
			  (double)look->never_seen);
	rc_metrics__family(text, "rollcall_kiosks_silent", "gauge",
			   "Current kiosks that were not heard of for longer than this.");
	rc_metrics__sample(text, "rollcall_kiosks_silent", "longer_than", "1h", (double)look->silent_hour);
	rc_metrics__sample(text, "rollcall_kiosks_silent", "longer_than", "1d", (double)look->silent_day);
	rc_metrics__gauge(text, "rollcall_kiosk_contact_age_max_seconds",
			  "How long ago the most silent current kiosk was heard of.",
			  look->oldest_seen_ms > 0 ? (double)(now_ms - look->oldest_seen_ms) / 1000 : 0);
	rc_metrics__gauge(text, "rollcall_kiosks_clock_unsure",
			  "Current kiosks that last said their clock is not to be trusted.",
			  (double)look->clock_unsure);
	rc_metrics__gauge(
	    text, "rollcall_kiosk_facts_waiting", "Facts not acknowledged yet, as kiosks last said; those of a silent kiosk are not known.",
	    (double)look->facts_waiting);
	rc_metrics__gauge(text, "rollcall_kiosk_facts_waiting_age_max_seconds",
			  "Age of the oldest of them, by the kiosk's clock.",
			  look->oldest_waiting_ms > 0 ? (double)(now_ms - look->oldest_waiting_ms) / 1000
						      : 0);
}

void rc_metrics__write_look(const struct rc_metrics__look *look, int64_t now_ms, struct rc_buf *text)
{
	rc_metrics__gauge(text, "rollcall_database_up", "Whether the database answered.",
			  look->is_up ? 1 : 0);
	if (!look->is_up)
		return;
	write_kiosks(look, now_ms, text);
	rc_metrics__gauge(text, "rollcall_facts_quarantined",
			  "Facts that wait for an operator's nod.", (double)look->quarantined);
	rc_metrics__family(text, "rollcall_inbox_open", "gauge",
			   "Entries of the inbox that wait for a human.");
	for (size_t i = 0; i < look->inbox_count; i++)
		rc_metrics__sample(text, "rollcall_inbox_open", "kind", look->inbox[i].name,
				   (double)look->inbox[i].open);
}
