/* SPDX-License-Identifier: Apache-2.0 */
/* Where the anchors come from: this upload's header for its own boot, an earlier upload's for another, neighbours for the rest. */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"

static enum rc_status take_anchor(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_ingest__anchor *anchor = context;

	(void)err;
	anchor->up_ms = rc_db_row_int(row, 0);
	anchor->at_ms = rc_db_row_int(row, 1);
	return RC_OK;
}

/* The anchor of a boot that isn't the header's; `*has` says whether there is one. Asked once for each change of the boot. */
static enum rc_status find_anchor(struct rc_ingest__run *run, const struct rc_id *boot,
				  struct rc_ingest__anchor *anchor, bool *has, struct rc_error *err)
{
	char text[RC_ID_CHARS + 1];
	enum rc_status status;

	rc_id_format(boot, text);
	anchor->boot = *boot;
	status = rc_db_one(run->tx, &rc_sql_ingest_anchor,
			   RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(text)), take_anchor,
			   anchor, err);
	*has = status == RC_OK;
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status floor_before(struct rc_ingest__run *run, int64_t *floor_ms, struct rc_error *err)
{
	const enum rc_status status =
	    rc_db_one_int(run->tx, &rc_sql_ingest_earliest_at,
			  RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(run->upload->epoch),
				       RC_DB_INT(run->upload->header.from - 1)),
			  floor_ms, err);

	return status == RC_ENOTFOUND ? RC_OK : status;
}

/* Facts of earlier boots happened before this boot began. */
static int64_t boot_began_ms(const struct rc_ingest__run *run)
{
	const int64_t began_ms = run->request->now_ms - run->upload->header.up_ms;

	return began_ms > 0 ? began_ms : 0;
}

enum rc_status rc_ingest__work_out_times(struct rc_ingest__run *run, struct rc_error *err)
{
	const struct rc_device_upload_header *header = &run->upload->header;
	const int64_t now_ms = run->request->now_ms;
	const struct rc_ingest__anchor own = {.boot = header->boot, .up_ms = header->up_ms, .at_ms = now_ms};
	struct rc_ingest__anchor other = {.up_ms = 0};
	struct rc_ingest__times *times = run->upload->times;
	bool has_other = false, has_open = false, has_own = false;
	int64_t floor_ms = 0;
	enum rc_status status = RC_OK;

	for (int64_t i = 0; status == RC_OK && i < header->count; i++) {
		const struct rc_ingest__line *line = &run->upload->lines[i];
		const struct rc_fact_envelope *envelope = &line->fact.envelope;
		const bool is_own = rc_id_equal(&envelope->clock.boot, &header->boot);

		if (line->unread) {
			times[i] = (struct rc_ingest__times){.latest_ms = now_ms, .is_open = true};
			continue;
		}
		has_own |= is_own;
		times[i] = rc_ingest__times_of(envelope, is_own ? &own : NULL, now_ms);
		if (!times[i].is_open)
			continue;
		if (!rc_id_equal(&envelope->clock.boot, &other.boot))
			status = find_anchor(run, &envelope->clock.boot, &other, &has_other, err);
		if (has_other)
			times[i] = rc_ingest__times_of(envelope, &other, now_ms);
		has_open |= times[i].is_open;
	}
	if (status == RC_OK && has_open)
		status = floor_before(run, &floor_ms, err);
	if (status == RC_OK && has_open)
		rc_ingest__times_close(times, (size_t)header->count, floor_ms,
				       has_own ? now_ms : boot_began_ms(run));
	return status;
}

enum rc_status rc_ingest__keep_anchor(struct rc_ingest__run *run, struct rc_error *err)
{
	const struct rc_device_upload_header *header = &run->upload->header;
	char boot[RC_ID_CHARS + 1];

	if (run->has_anchor)
		return RC_OK; /* the first one stays */
	rc_id_format(&header->boot, boot);
	return rc_db_exec(run->tx, &rc_sql_ingest_anchor_put,
			  RC_DB_VALUES(RC_DB_TEXT(run->kiosk), RC_DB_TEXT(boot),
				       RC_DB_INT(header->up_ms), RC_DB_INT(run->request->now_ms)),
			  err);
}
