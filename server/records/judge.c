/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One judgement: load what the pure function needs, ask it, write what it says. Which version of the session judges is decided
 * here, and in such a way that a rebuild comes to the same one: the record remembers it.
 */
#include "server/records/records_priv.h"
#include "server/records_sql/statements.h"

static enum rc_status take_event(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_records__case *c = context;
	struct rc_attendance_event *event;

	if (c->event_count == RC_RECORDS_EVENTS_MAX) {
		c->has_too_many = true;
		return RC_OK;
	}
	event = &c->events[c->event_count];
	rc_db_row_copy_bytes(row, 0, event->fact_hash, sizeof(event->fact_hash));
	if (!rc_records__event_kind(rc_db_row_text(row, 1), &event->kind))
		return rc_fail(err, RC_EFORMAT, "an attendance event is of no kind that is known");
	c->named_versions[c->event_count] = rc_db_row_int(row, 2);
	event->best_ms = rc_db_row_int(row, 3);
	event->earliest_ms = rc_db_row_int(row, 4);
	event->latest_ms = rc_db_row_int(row, 5);
	event->is_walk_in = rc_db_row_bool(row, 6);
	rc_db_row_copy_text(row, 7, c->kiosks[c->event_count], sizeof(c->kiosks[0]));
	event->said_ms = rc_db_row_int(row, 8);
	c->event_count++;
	return RC_OK;
}

static enum rc_status take_version(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_attendance_terms *terms = context;

	terms->starts_ms = rc_db_row_int(row, 0);
	terms->ends_ms = rc_db_row_int(row, 1);
	terms->rules.opens_before_min = (int)rc_db_row_int(row, 2);
	terms->rules.closes_after_min = (int)rc_db_row_int(row, 3);
	terms->rules.late_after_min = (int)rc_db_row_int(row, 4);
	terms->rules.share_percent = (int)rc_db_row_int(row, 5);
	terms->rules.has_sign_out = rc_db_row_bool(row, 7);
	if (rc_walk_in_rule_parse(rc_db_row_text(row, 6), &terms->rules.walk_in) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "a session's rule for walk-ins isn't known");
	return RC_OK;
}

/* Tries one version; it becomes the one to judge by if it is known and none was found before. */
static enum rc_status try_version(struct rc_db_tx *tx, const char *session, int64_t version,
				  struct rc_records__case *c, struct rc_error *err)
{
	enum rc_status status;

	if (version == 0 || c->version != 0)
		return RC_OK;
	status = rc_db_one(tx, &rc_sql_records_version,
			   RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_INT(version)), take_version,
			   &c->terms, err);
	if (status == RC_OK)
		c->version = version;
	return status == RC_ENOTFOUND ? RC_OK : status;
}

/* The largest version below `limit` that an event names; 0 if there is none. */
static int64_t next_named(const struct rc_records__case *c, int64_t limit)
{
	int64_t version = 0;

	for (size_t i = 0; i < c->event_count; i++) {
		if (c->named_versions[i] < limit && c->named_versions[i] > version)
			version = c->named_versions[i];
	}
	return version;
}

static enum rc_status load_kept_version(struct rc_db_tx *tx, const char *session, const char *ref,
					struct rc_records__case *c, struct rc_error *err)
{
	const enum rc_status status =
	    rc_db_one_int(tx, &rc_sql_records_kept_version,
			  RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_TEXT(ref)), &c->kept_version, err);

	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status choose_version(struct rc_db_tx *tx, const char *session,
				     struct rc_records__case *c, struct rc_error *err)
{
	enum rc_status status = RC_OK;
	int64_t newest = 0;

	for (int64_t v = next_named(c, INT64_MAX); status == RC_OK && v > 0 && c->version == 0;
	     v = next_named(c, v))
		status = try_version(tx, session, v, c, err);
	if (status == RC_OK)
		status = try_version(tx, session, c->kept_version, c, err);
	if (status != RC_OK || c->version != 0)
		return status;
	status = rc_db_one_int(tx, &rc_sql_records_newest_version,
			       RC_DB_VALUES(RC_DB_TEXT(session)), &newest, err);
	if (status == RC_ENOTFOUND)
		return RC_OK;
	return status == RC_OK ? try_version(tx, session, newest, c, err) : status;
}

/* Somebody whose registration was cancelled after the session had begun was expected when it began. */
static enum rc_status take_registration(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_records__case *c = context;
	const struct rc_bytes state = rc_db_row_text(row, 0);
	const bool is_cancelled = rc_bytes_is_text(state, "cancelled");

	(void)err;
	c->registration_version = rc_db_row_int(row, 1);
	c->is_excused = rc_bytes_is_text(state, "excused");
	c->is_registered =
	    !is_cancelled || (c->version != 0 && rc_db_row_int(row, 2) > c->terms.starts_ms);
	return RC_OK;
}

/* A session that nobody planned is judged as if it began with its first event: what it says then is only who was seen. */
static void make_terms(struct rc_records__case *c)
{
	c->terms = (struct rc_attendance_terms){.rules = rc_attendance_rules_default()};
	if (c->event_count > 0) {
		c->terms.starts_ms = c->events[0].best_ms;
		c->terms.ends_ms = c->events[c->event_count - 1].best_ms;
	}
	if (c->terms.ends_ms <= c->terms.starts_ms)
		c->terms.ends_ms = c->terms.starts_ms + RC_MINUTE_MS;
}

enum rc_status rc_records__load(struct rc_db_tx *tx, const char *session, const char *ref,
				struct rc_records__case *c, struct rc_error *err)
{
	const struct rc_db_values whom = RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_TEXT(ref));
	enum rc_status status;

	c->event_count = 0;
	c->has_too_many = c->is_registered = c->is_excused = false;
	c->kept_version = c->version = c->registration_version = 0;
	status = rc_db_query(tx, &rc_sql_records_events_of,
			     RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_TEXT(ref),
					  RC_DB_INT(RC_RECORDS_EVENTS_MAX + 1)),
			     take_event, c, err);
	if (status == RC_OK)
		status = load_kept_version(tx, session, ref, c, err);
	if (status == RC_OK)
		status = choose_version(tx, session, c, err);
	if (status != RC_OK)
		return status;
	if (c->version == 0)
		make_terms(c);
	status = rc_db_one(tx, &rc_sql_records_registration, whom, take_registration, c, err);
	return status == RC_ENOTFOUND ? RC_OK : status;
}

void rc_records__judge(const struct rc_records__case *c, bool is_over, struct rc_attendance_record *record)
{
	const struct rc_attendance_case attendance_case = {
	    .terms = c->terms,
	    .is_registered = c->is_registered,
	    .is_excused = c->is_excused,
	    .is_over = is_over,
	    .events = c->events,
	    .event_count = c->event_count,
	};

	rc_attendance_judge(&attendance_case, record);
	if (c->version == 0 && record->first_in_ms != 0) {
		record->state = RC_ATTENDANCE_UNSURE;
		record->needs_decision = true;
		record->late_min = record->minutes = 0;
	}
	if (c->has_too_many)
		record->needs_decision = true;
}

static bool has_claim(const struct rc_records__case *c)
{
	for (size_t i = 0; i < c->event_count; i++) {
		if (c->events[i].kind == RC_ATTENDANCE_CLAIMED)
			return true;
	}
	return false;
}

/* Sign-outs count here also where the rules don't ask for them: whoever left isn't in the room. */
static void work_out_standing(const struct rc_records__case *c, struct rc_records_standing *standing)
{
	size_t last = 0;

	for (size_t i = 0; i < c->event_count; i++) {
		const struct rc_attendance_event *event = &c->events[i];

		if (event->kind == RC_ATTENDANCE_WITHDRAWN) {
			standing->presence = RC_PRESENCE_ABSENT;
		} else if (event->kind == RC_ATTENDANCE_SIGNED_OUT) {
			if (standing->presence != RC_PRESENCE_HERE)
				continue;
			standing->presence = RC_PRESENCE_LEFT;
		} else {
			if (standing->presence == RC_PRESENCE_HERE)
				continue;
			standing->presence = RC_PRESENCE_HERE;
		}
		last = i;
	}
	if (c->event_count == 0)
		return;
	standing->since_ms = c->events[last].best_ms;
	memcpy(standing->kiosk, c->kiosks[last], sizeof(standing->kiosk));
}

static enum rc_status put_record(struct rc_db_tx *tx, const char *session, const char *ref,
				 const struct rc_records__case *c,
				 const struct rc_attendance_record *record, struct rc_error *err)
{
	return rc_db_exec(
	    tx, &rc_sql_records_put,
	    RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_TEXT(ref),
			 RC_DB_TEXT(rc_attendance_state_name(record->state)),
			 RC_DB_INT(record->late_min), RC_DB_INT(record->minutes),
			 RC_DB_INT(record->first_in_ms), RC_DB_INT(record->last_out_ms),
			 RC_DB_BOOL(record->is_walk_in), RC_DB_BOOL(record->needs_decision),
			 RC_DB_BYTES(rc_bytes_of(record->evidence, sizeof(record->evidence))),
			 RC_DB_INT(c->version), RC_DB_INT(c->registration_version),
			 RC_DB_TEXT(rc_attendance_means_name(record->means))),
	    err);
}

enum rc_status rc_records_rejudge(struct rc_db_tx *tx, const char *session, const char *ref,
				  struct rc_records_standing *standing, struct rc_error *err)
{
	struct rc_records__case c;
	struct rc_attendance_record record;
	enum rc_status status = rc_records__load(tx, session, ref, &c, err);

	if (status != RC_OK)
		return status;
	rc_records__judge(&c, true, &record);
	if (standing) {
		memset(standing, 0, sizeof(*standing));
		standing->is_session_known = c.version != 0;
		standing->needs_decision = record.needs_decision;
		standing->is_claim_confirmed = record.means == RC_ATTENDANCE_BY_BADGE && has_claim(&c);
		work_out_standing(&c, standing);
	}
	if (c.event_count == 0)
		return rc_db_exec(tx, &rc_sql_records_drop,
				  RC_DB_VALUES(RC_DB_TEXT(session), RC_DB_TEXT(ref)), err);
	return put_record(tx, session, ref, &c, &record, err);
}
