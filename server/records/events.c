/* SPDX-License-Identifier: Apache-2.0 */
/* From a fact's body to an attendance event: one row of the table below a kind. */
#include "server/records/records_priv.h"
#include "server/records_sql/statements.h"
#include "shared/base/encode.h"
#include "shared/facts_gen/kinds.h"

typedef bool read_fn(struct rc_bytes body, struct rc_records__event *event);

static void set_subject(const struct rc_id *session, const struct rc_id *ref, int64_t version,
			struct rc_records__event *event)
{
	rc_id_format(session, event->subject.session);
	rc_id_format(ref, event->subject.ref);
	event->subject.find[0] = '\0';
	event->session_version = version;
	event->is_walk_in = event->is_claim = false;
	event->came_ms = 0;
}

static bool read_signed_in(struct rc_bytes body, struct rc_records__event *event)
{
	struct rc_fact_attendance_signed_in fact;

	if (rc_fact_attendance_signed_in_decode(body, &fact, NULL) != RC_OK)
		return false;
	set_subject(&fact.session, &fact.ref, fact.session_version, event);
	rc_hex_encode(rc_bytes_of(fact.find, sizeof(fact.find)), event->subject.find);
	event->is_walk_in = fact.verdict == RC_VERDICT_WALK_IN;
	return true;
}

static bool read_signed_out(struct rc_bytes body, struct rc_records__event *event)
{
	struct rc_fact_attendance_signed_out fact;

	if (rc_fact_attendance_signed_out_decode(body, &fact, NULL) != RC_OK)
		return false;
	set_subject(&fact.session, &fact.ref, fact.session_version, event);
	return true;
}

static bool read_marked(struct rc_bytes body, struct rc_records__event *event)
{
	struct rc_fact_attendance_marked fact;

	if (rc_fact_attendance_marked_decode(body, &fact, NULL) != RC_OK)
		return false;
	set_subject(&fact.session, &fact.ref, fact.session_version, event);
	event->came_ms = fact.has_at ? fact.at_ms : 0;
	return true;
}

static bool read_claimed(struct rc_bytes body, struct rc_records__event *event)
{
	static const struct rc_id nobody;
	struct rc_fact_attendance_claimed fact;

	if (rc_fact_attendance_claimed_decode(body, &fact, NULL) != RC_OK)
		return false;
	set_subject(&fact.session, &nobody, fact.session_version, event);
	event->subject.ref[0] = '\0';
	event->is_claim = true;
	return true;
}

static bool read_withdrawn(struct rc_bytes body, struct rc_records__event *event)
{
	struct rc_fact_attendance_withdrawn fact;

	if (rc_fact_attendance_withdrawn_decode(body, &fact, NULL) != RC_OK)
		return false;
	set_subject(&fact.session, &fact.ref, fact.session_version, event);
	return true;
}

static const struct {
	const char *fact_kind;
	const char *name; /* in the table */
	enum rc_attendance_event_kind kind;
	read_fn *read;
} kinds[] = {
    {RC_FACT_KIND_ATTENDANCE_SIGNED_IN, "in", RC_ATTENDANCE_SIGNED_IN, read_signed_in},
    {RC_FACT_KIND_ATTENDANCE_SIGNED_OUT, "out", RC_ATTENDANCE_SIGNED_OUT, read_signed_out},
    {RC_FACT_KIND_ATTENDANCE_MARKED, "marked", RC_ATTENDANCE_MARKED, read_marked},
    {RC_FACT_KIND_ATTENDANCE_CLAIMED, "claimed", RC_ATTENDANCE_CLAIMED, read_claimed},
    {RC_FACT_KIND_ATTENDANCE_WITHDRAWN, "withdrawn", RC_ATTENDANCE_WITHDRAWN, read_withdrawn},
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

bool rc_records__event_kind(struct rc_bytes name, enum rc_attendance_event_kind *kind)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (!rc_bytes_is_text(name, kinds[i].name))
			continue;
		*kind = kinds[i].kind;
		return true;
	}
	return false;
}

/* A later version of a body is read by the fields that this one knows: fields are added, not given another meaning. */
enum rc_records_taken rc_records__read_event(struct rc_bytes kind, struct rc_bytes body,
					     struct rc_records__event *event)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (!rc_bytes_is_text(kind, kinds[i].fact_kind))
			continue;
		event->kind = kinds[i].name;
		return kinds[i].read(body, event) ? RC_RECORDS_EVENT : RC_RECORDS_UNREADABLE;
	}
	return RC_RECORDS_NOTHING;
}

enum rc_status rc_records__find_event(struct rc_db_tx *tx, const struct rc_records_fact *fact,
				      enum rc_records_taken *taken, struct rc_records__event *event,
				      struct rc_error *err)
{
	struct rc_records_claim claim;
	enum rc_status status;

	*taken = rc_records__read_event(fact->kind, fact->body, event);
	if (*taken != RC_RECORDS_EVENT || !event->is_claim)
		return RC_OK;
	status = rc_records_claim_get(tx, fact->hash, &claim, err);
	if (status != RC_OK || claim.outcome != RC_RECORDS_CLAIM_CREDITED) {
		*taken = RC_RECORDS_NOTHING;
		return status == RC_ENOTFOUND ? RC_OK : status;
	}
	memcpy(event->subject.ref, claim.ref, sizeof(event->subject.ref));
	return RC_OK;
}

/* Who says when somebody came is sure of it; the fact's own time then only says when that was stated. */
static enum rc_status put_event(struct rc_db_tx *tx, const struct rc_records_fact *fact,
				const struct rc_records__event *event, struct rc_error *err)
{
	const int64_t came_ms = event->came_ms;

	return rc_db_exec(
	    tx, &rc_sql_records_event_put,
	    RC_DB_VALUES(RC_DB_TEXT(event->subject.session), RC_DB_TEXT(event->subject.ref),
			 RC_DB_BYTES(rc_bytes_of(fact->hash, RC_FACT_HASH_BYTES)),
			 RC_DB_TEXT(event->kind), RC_DB_INT(event->session_version),
			 RC_DB_INT(came_ms ? came_ms : fact->best_ms),
			 RC_DB_INT(came_ms ? came_ms : fact->earliest_ms),
			 RC_DB_INT(came_ms ? came_ms : fact->latest_ms), RC_DB_BOOL(event->is_walk_in),
			 RC_DB_TEXT(fact->kiosk), RC_DB_TEXT(fact->epoch), RC_DB_INT(fact->seq),
			 RC_DB_INT(fact->branch), RC_DB_INT(came_ms ? fact->best_ms : 0)),
	    err);
}

enum rc_status rc_records_take(struct rc_db_tx *tx, const struct rc_records_fact *fact,
			       enum rc_records_taken *taken, struct rc_records_subject *subject,
			       struct rc_error *err)
{
	struct rc_records__event event;
	enum rc_records_taken read;
	enum rc_status status = rc_records__find_event(tx, fact, &read, &event, err);

	if (status == RC_OK && read == RC_RECORDS_EVENT) {
		status = put_event(tx, fact, &event, err);
		*subject = event.subject;
		subject->latest_ms = fact->latest_ms;
	}
	*taken = read;
	return status;
}
