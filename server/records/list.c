/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of a session as a human sees it: who should be there and who was, judged at the moment of looking. A session has a few
 * hundred people at most; each is judged anew, so that nobody can be "expected" an hour after the end.
 */
#include "server/records/records_priv.h"
#include "server/records_sql/statements.h"

#include <stdlib.h>

#define PEOPLE_MAX     20000u
#define TEXT_MAX       401u
#define FIRST_CAPACITY 64u

struct person {
	char ref[RC_ID_CHARS + 1];
	char number[TEXT_MAX], name[TEXT_MAX], department[TEXT_MAX];
	bool is_known;
};

struct listing {
	const char *session; /* as asked for */
	int64_t now_ms;
	rc_records_line_fn *each;
	void *context;
	char id[RC_ID_CHARS + 1];
	struct person *people; /* owned */
	size_t count, capacity;
};

static enum rc_status take_id(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct listing *l = context;

	(void)err;
	rc_db_row_copy_text(row, 0, l->id, sizeof(l->id));
	return RC_OK;
}

static enum rc_status find_session(struct rc_db_tx *tx, struct listing *l, struct rc_error *err)
{
	const struct rc_db_values asked = RC_DB_VALUES(RC_DB_TEXT(l->session));
	struct rc_id id;
	enum rc_status status = rc_db_one(tx, &rc_sql_records_session_by_code, asked, take_id, l, err);

	if (status != RC_ENOTFOUND)
		return status;
	if (rc_id_parse(rc_bytes_of_text(l->session), &id) != RC_OK)
		return rc_fail(err, RC_ENOTFOUND, "there is no session %s", l->session);
	rc_id_format(&id, l->id);
	return RC_OK;
}

static enum rc_status add_person(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct listing *l = context;
	struct person *person;

	if (l->count == PEOPLE_MAX)
		return rc_fail(err, RC_ELIMIT, "more than %u people in a session", PEOPLE_MAX);
	if (l->count == l->capacity) {
		const size_t capacity = l->capacity ? l->capacity * 2 : FIRST_CAPACITY;
		struct person *people = realloc(l->people, capacity * sizeof(*people));

		if (!people)
			return rc_fail(err, RC_ENOMEM, "no memory for %zu people", capacity);
		l->people = people;
		l->capacity = capacity;
	}
	person = &l->people[l->count];
	memset(person, 0, sizeof(*person));
	rc_db_row_copy_text(row, 0, person->ref, sizeof(person->ref));
	l->count++;
	return RC_OK;
}

static int by_ref(const void *a, const void *b)
{
	return strcmp(((const struct person *)a)->ref, ((const struct person *)b)->ref);
}

/* Unknown people have no number and come last, by ref. */
static int by_number(const void *a, const void *b)
{
	const struct person *left = a, *right = b;
	int order;

	if (left->is_known != right->is_known)
		return left->is_known ? -1 : 1;
	order = strcmp(left->number, right->number);
	return order ? order : strcmp(left->ref, right->ref);
}

/* Registered and seen are two lists; who stands on both stands once. */
static void drop_doubles(struct listing *l)
{
	size_t kept = 0;

	if (l->count == 0)
		return;
	qsort(l->people, l->count, sizeof(*l->people), by_ref);
	for (size_t i = 1; i < l->count; i++) {
		if (by_ref(&l->people[kept], &l->people[i]) != 0)
			l->people[++kept] = l->people[i];
	}
	l->count = kept + 1;
}

static enum rc_status take_person(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct person *person = context;

	(void)err;
	rc_db_row_copy_text(row, 0, person->number, sizeof(person->number));
	rc_db_row_copy_text(row, 1, person->name, sizeof(person->name));
	rc_db_row_copy_text(row, 2, person->department, sizeof(person->department));
	person->is_known = true;
	return RC_OK;
}

static enum rc_status load_people(struct rc_db_tx *tx, struct listing *l, struct rc_error *err)
{
	const struct rc_db_values session = RC_DB_VALUES(RC_DB_TEXT(l->id));
	enum rc_status status = rc_db_query(tx, &rc_sql_records_registered, session, add_person, l, err);

	if (status == RC_OK)
		status = rc_db_query(tx, &rc_sql_records_seen, session, add_person, l, err);
	if (status != RC_OK)
		return status;
	drop_doubles(l);
	for (size_t i = 0; i < l->count; i++) {
		status =
		    rc_db_one(tx, &rc_sql_records_person, RC_DB_VALUES(RC_DB_TEXT(l->people[i].ref)),
			      take_person, &l->people[i], err);
		if (status != RC_OK && status != RC_ENOTFOUND)
			return status;
	}
	if (l->count > 0)
		qsort(l->people, l->count, sizeof(*l->people), by_number);
	return RC_OK;
}

/* `line` borrows from the person. */
static enum rc_status make_line(struct rc_db_tx *tx, const struct listing *l, const struct person *person,
				struct rc_records_line *line, struct rc_error *err)
{
	struct rc_records__case c;
	enum rc_status status = rc_records__load(tx, l->id, person->ref, &c, err);

	if (status != RC_OK)
		return status;
	*line = (struct rc_records_line){.ref = person->ref,
					 .number = person->number,
					 .name = person->name,
					 .department = person->department,
					 .is_known = person->is_known,
					 .is_registered = c.is_registered,
					 .session_version = c.version};
	rc_records__judge(&c, l->now_ms >= rc_attendance_closes_ms(&c.terms), &line->record);
	return RC_OK;
}

static enum rc_status show(struct rc_db_tx *tx, struct listing *l, const struct person *person,
			   struct rc_error *err)
{
	struct rc_records_line line;
	enum rc_status status = make_line(tx, l, person, &line, err);

	if (status != RC_OK || (!line.is_registered && line.record.first_in_ms == 0))
		return status;
	return l->each(l->context, &line, err);
}

static enum rc_status list(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct listing *l = arg;
	enum rc_status status;

	l->count = 0;
	status = find_session(tx, l, err);
	if (status == RC_OK)
		status = load_people(tx, l, err);
	if (status == RC_OK && l->count == 0) {
		status = rc_db_one(tx, &rc_sql_records_session_by_id,
				   RC_DB_VALUES(RC_DB_TEXT(l->id)), take_id, l, err);
		if (status == RC_ENOTFOUND)
			return rc_fail(err, status, "there is no session %s", l->session);
	}
	for (size_t i = 0; status == RC_OK && i < l->count; i++)
		status = show(tx, l, &l->people[i], err);
	return status;
}

enum rc_status rc_records_attendance_of_session(struct rc_db *db, const char *session,
						int64_t now_ms, rc_records_line_fn *each,
						void *context, struct rc_error *err)
{
	struct listing l = {.session = session, .now_ms = now_ms, .each = each, .context = context};
	const enum rc_status status = rc_db_read(db, list, &l, err);

	free(l.people);
	return status;
}

enum rc_status rc_records_attendance_of_person_in(struct rc_db_tx *tx,
						  const struct rc_records_subject *subject,
						  int64_t now_ms, rc_records_line_fn *each,
						  void *context, struct rc_error *err)
{
	struct listing l = {.now_ms = now_ms};
	struct rc_records_line line;
	struct person person;
	enum rc_status status;

	memset(&person, 0, sizeof(person));
	memcpy(l.id, subject->session, sizeof(l.id));
	memcpy(person.ref, subject->ref, sizeof(person.ref));
	status = rc_db_one(tx, &rc_sql_records_person, RC_DB_VALUES(RC_DB_TEXT(person.ref)),
			   take_person, &person, err);
	if (status == RC_OK || status == RC_ENOTFOUND)
		status = make_line(tx, &l, &person, &line, err);
	return status == RC_OK ? each(context, &line, err) : status;
}

enum rc_status rc_records_last_said_in(struct rc_db_tx *tx, const struct rc_records_subject *subject,
				       int64_t *said_ms, struct rc_error *err)
{
	const enum rc_status status = rc_db_one_int(
	    tx, &rc_sql_records_last_said,
	    RC_DB_VALUES(RC_DB_TEXT(subject->session), RC_DB_TEXT(subject->ref)), said_ms, err);

	if (status == RC_ENOTFOUND)
		*said_ms = 0;
	return status == RC_ENOTFOUND ? RC_OK : status;
}
