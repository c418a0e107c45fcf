/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who was concerned: records, the inbox for what a human must look at, and presence for the other kiosks. Each person once an
 * upload, however many facts there were.
 */
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"
#include "shared/base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>

#define KEY_MAX     160u
#define PAYLOAD_MAX 512u

static int compare_subjects(const void *a, const void *b)
{
	const struct rc_records_subject *left = a, *right = b;
	const int order = strcmp(left->session, right->session);

	return order ? order : strcmp(left->ref, right->ref);
}

static enum rc_status put_inbox(struct rc_ingest__run *run, const char *kind,
				const struct rc_records_subject *subject, const char *about,
				struct rc_error *err)
{
	char key[KEY_MAX];

	(void)snprintf(key, sizeof(key), "%s:%s", kind, about);
	return rc_ingest__inbox_put(run->tx,
				    &(struct rc_ingest__inbox_row){.key = key,
								   .kind = kind,
								   .kiosk = run->kiosk,
								   .session = subject->session,
								   .ref = subject->ref,
								   .detail = "{}",
								   .count = 1,
								   .now_ms = run->request->now_ms},
				    err);
}

static enum rc_status see_person(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)row;
	(void)err;
	*(bool *)context = true;
	return RC_OK;
}

static enum rc_status tell_humans(struct rc_ingest__run *run, const struct rc_records_subject *subject,
				  const struct rc_records_standing *standing, struct rc_error *err)
{
	bool is_known = false;
	char both[KEY_MAX];
	enum rc_status status =
	    rc_db_one(run->tx, &rc_sql_ingest_person, RC_DB_VALUES(RC_DB_TEXT(subject->ref)),
		      see_person, &is_known, err);

	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	status = RC_OK;
	if (!is_known)
		status = put_inbox(run, "person.unknown", subject, subject->ref, err);
	if (status == RC_OK && !standing->is_session_known)
		return put_inbox(run, "session.unknown", subject, subject->session, err);
	if (status != RC_OK || !standing->needs_decision)
		return status;
	(void)snprintf(both, sizeof(both), "%s.%s", subject->session, subject->ref);
	return put_inbox(run, "clock.unsure", subject, both, err);
}

static enum rc_status read_is_good(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	*(bool *)context = rc_bytes_is_text(rc_db_row_text(row, 0), "active");
	return RC_OK;
}

static enum rc_status read_moment(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	*(int64_t *)context = rc_db_row_int(row, 0);
	return RC_OK;
}

/* A kiosk without a network takes badges that it doesn't know to be dead: that counts, and a human hears of it. When a badge died is what the
 * log of changes says; what is older than that log was dead long before. */
static enum rc_status look_at_badge(struct rc_ingest__run *run,
				    const struct rc_records_subject *subject, struct rc_error *err)
{
	bool is_good = true;
	int64_t died_ms = 0;
	char both[KEY_MAX];
	enum rc_status status;

	if (subject->find[0] == '\0')
		return RC_OK;
	status = rc_db_one(run->tx, &rc_sql_ingest_badge, RC_DB_VALUES(RC_DB_TEXT(subject->find)),
			   read_is_good, &is_good, err);
	if (is_good)
		return status == RC_ENOTFOUND ? RC_OK : status;
	if (status == RC_OK)
		status = rc_db_one(run->tx, &rc_sql_ingest_badge_changed,
				   RC_DB_VALUES(RC_DB_TEXT(rc_entity_name(RC_ENTITY_CREDENTIAL)),
						RC_DB_TEXT(subject->find)),
				   read_moment, &died_ms, err);
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	if (subject->latest_ms < died_ms)
		return RC_OK; /* it was good then */
	(void)snprintf(both, sizeof(both), "%s.%s", subject->session, subject->ref);
	return put_inbox(run, "badge.dead", subject, both, err);
}

/* What other kiosks were told last. */
struct told {
	const char *id;
	int64_t version; /* 0: nothing */
	bool is_readable;
	struct rc_ref_presence presence;
};

static enum rc_status take_told(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct told *told = context;
	struct rc_change change = {.entity = RC_ENTITY_PRESENCE, .version = rc_db_row_int(row, 0)};

	(void)err;
	(void)rc_text_copy(told->id, change.id, sizeof(change.id));
	change.payload = rc_db_row_bytes(row, 1);
	told->version = change.version;
	told->is_readable = rc_ref_presence_decode(&change, &told->presence, NULL) == RC_OK;
	return RC_OK;
}

static bool is_news(const struct told *told, const struct rc_records_standing *standing)
{
	if (told->version == 0)
		return standing->presence != RC_PRESENCE_ABSENT;
	return !told->is_readable || told->presence.state != standing->presence ||
	       told->presence.since_ms != standing->since_ms;
}

static void add_presence(struct rc_changes_list *list, const struct rc_ingest__run *run,
			 const struct rc_records_subject *subject,
			 const struct rc_records_standing *standing, const struct told *told)
{
	struct rc_ref_presence presence = {.state = standing->presence, .since_ms = standing->since_ms};
	char memory[PAYLOAD_MAX], scope[RC_SCOPE_MAX_CHARS + 1];
	struct rc_buf payload;

	if (rc_id_parse(rc_bytes_of_text(subject->session), &presence.session) != RC_OK ||
	    rc_id_parse(rc_bytes_of_text(subject->ref), &presence.ref) != RC_OK ||
	    rc_id_parse(rc_bytes_of_text(standing->kiosk), &presence.by) != RC_OK)
		return;
	rc_buf_init_fixed(&payload, memory, sizeof(memory));
	rc_ref_presence_encode(&presence, &payload);
	rc_changes_scope_of_site(run->site, scope);
	rc_changes_list_put(list, scope, RC_ENTITY_PRESENCE, told->id, told->version + 1,
			    rc_buf_bytes(&payload));
}

static enum rc_status tell_kiosks(struct rc_ingest__run *run, const struct rc_records_subject *subject,
				  const struct rc_records_standing *standing,
				  struct rc_changes_list *list, struct rc_error *err)
{
	char id[RC_REFERENCE_ID_MAX_CHARS + 1];
	struct told told = {.id = id};
	enum rc_status status;

	/* A backlog of last spring would only be cleared away again. */
	if (!run->has_kiosk || standing->kiosk[0] == '\0' ||
	    standing->since_ms < run->request->now_ms - RC_CHANGES_PRESENCE_MS)
		return RC_OK;
	(void)snprintf(id, sizeof(id), "%s.%s", subject->session, subject->ref);
	status = rc_db_one(run->tx, &rc_sql_ingest_presence,
			   RC_DB_VALUES(RC_DB_TEXT(rc_entity_name(RC_ENTITY_PRESENCE)), RC_DB_TEXT(id)),
			   take_told, &told, err);
	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	if (is_news(&told, standing))
		add_presence(list, run, subject, standing, &told);
	return RC_OK;
}

static enum rc_status settle(struct rc_ingest__run *run, const struct rc_records_subject *subject,
			     struct rc_changes_list *list, struct rc_error *err)
{
	struct rc_records_standing standing;
	enum rc_status status =
	    rc_records_rejudge(run->tx, subject->session, subject->ref, &standing, err);

	if (status == RC_OK)
		status = tell_humans(run, subject, &standing, err);
	if (status == RC_OK && standing.is_claim_confirmed)
		status = rc_ingest__answer_claim(run, subject, err);
	if (status == RC_OK)
		status = tell_kiosks(run, subject, &standing, list, err);
	return status;
}

static enum rc_status settle_all(struct rc_ingest__run *run, struct rc_changes_list *list,
				 struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (run->subject_count > 1)
		qsort(run->subjects, run->subject_count, sizeof(*run->subjects), compare_subjects);
	for (size_t i = 0; status == RC_OK && i < run->subject_count; i++) {
		status = look_at_badge(run, &run->subjects[i], err);
		if (status != RC_OK)
			break;
		if (i > 0 && compare_subjects(&run->subjects[i - 1], &run->subjects[i]) == 0)
			continue;
		status = settle(run, &run->subjects[i], list, err);
	}
	return status;
}

enum rc_status rc_ingest__conclude(struct rc_ingest__run *run, struct rc_error *err)
{
	RC_AUTO(rc_changes_list_deinit) struct rc_changes_list list;
	enum rc_status status;

	rc_changes_list_init(&list);
	status = settle_all(run, &list, err);
	if (status == RC_OK)
		status = rc_ingest__put_notices(run, err);
	return status == RC_OK ? rc_changes_publish(run->tx, &list, run->request->now_ms, err) : status;
}
