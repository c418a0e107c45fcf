/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a human says of somebody's attendance: that they were there, or that what counts as theirs is not. Both are facts born here;
 * both settle the entry of the inbox that asked about a typed staff number.
 */
#include "server/hr/people.h"
#include "server/inbox/inbox.h"
#include "server/ingest/desk.h"
#include "server/records/records.h"
#include "server/reports/attendance_list.h"
#include "server/routes/command.h"
#include "server/training/sessions.h"

#include <stdio.h>

#define REASON_MAX_BYTES 32u

struct saying {
	const char *session_name, *person_name;
	bool is_withdrawal;
	char reason[REASON_MAX_BYTES + 1];
	char note[RC_INBOX_NOTE_MAX_BYTES + 1]; /* "": none */
	int64_t came_ms;                        /* 0: not stated */
	struct rc_clock_reading clock;
};

/* Whom it is about. */
struct whom {
	struct rc_session session;
	struct rc_person person;
	struct rc_records_subject subject;
};

static enum rc_status find(struct rc_db_tx *tx, struct rc_routes__command *command,
			   struct whom *whom, struct rc_error *err)
{
	const struct saying *saying = command->input;
	enum rc_status status = rc_sessions_find_in(tx, saying->session_name, &whom->session, err);

	if (status == RC_ENOTFOUND)
		return rc_routes__give_up(command, RC_ROUTES_NO_SESSION);
	if (status != RC_OK)
		return status;
	status = rc_people_find_in(tx, saying->person_name, &whom->person, err);
	if (status == RC_ENOTFOUND)
		return rc_routes__give_up(command, RC_ROUTES_NO_EMPLOYEE);
	rc_id_format(&whom->session.id, whom->subject.session);
	rc_id_format(&whom->person.ref, whom->subject.ref);
	return status;
}

/* ---- may it be said -------------------------------------------------------------------------------------------------------- */

static enum rc_status see_whether_there(void *context, const struct rc_records_line *line,
					struct rc_error *err)
{
	(void)err;
	*(bool *)context = line->record.first_in_ms != 0;
	return RC_OK;
}

static enum rc_status check_withdrawal(struct rc_db_tx *tx, struct rc_routes__command *command,
				       const struct whom *whom, struct rc_error *err)
{
	bool is_there = false;
	const enum rc_status status = rc_records_attendance_of_person_in(
	    tx, &whom->subject, command->now_ms, see_whether_there, &is_there, err);

	return status == RC_OK && !is_there ? rc_routes__give_up(command, RC_ROUTES_NOT_THERE) : status;
}

/* Who was there and says nothing of when was there from the beginning; before it, from now on. */
static enum rc_status choose_time(struct rc_routes__command *command, const struct whom *whom,
				  int64_t *came_ms)
{
	const struct saying *saying = command->input;
	const struct rc_attendance_terms *terms = &whom->session.terms;
	const int64_t latest_ms = command->now_ms < terms->ends_ms ? command->now_ms : terms->ends_ms;

	if (command->now_ms < rc_attendance_opens_ms(terms))
		return rc_routes__give_up(command, RC_ROUTES_NOT_OPEN);
	*came_ms = saying->came_ms;
	if (*came_ms == 0)
		*came_ms = latest_ms < terms->starts_ms ? latest_ms : terms->starts_ms;
	if (*came_ms < rc_attendance_opens_ms(terms) || *came_ms > latest_ms)
		return rc_routes__give_up(command, RC_ROUTES_FIELD);
	return RC_OK;
}

/* ---- saying it ------------------------------------------------------------------------------------------------------------- */

/* The question whether a typed number was theirs is answered with this. */
static enum rc_status settle_question(struct rc_db_tx *tx, const struct rc_routes__command *command,
				      const struct whom *whom, struct rc_error *err)
{
	const struct saying *saying = command->input;
	const struct rc_inbox_settlement settlement = {.note = saying->note[0] ? saying->note
									       : saying->reason,
						       .actor = command->actor,
						       .now_ms = command->now_ms};
	struct rc_inbox_entry entry;
	char key[RC_INBOX_KEY_MAX_BYTES + 1];
	enum rc_status status;

	(void)snprintf(key, sizeof(key), "attendance.claimed:%s.%s", whom->subject.session,
		       whom->subject.ref);
	status = rc_inbox_find_in(tx, key, &entry, err);
	if (status == RC_ENOTFOUND || (status == RC_OK && entry.settled_ms > 0))
		return RC_OK;
	return status == RC_OK ? rc_inbox_settle_in(tx, &settlement, &entry, err) : status;
}

static enum rc_status write_line(void *context, const struct rc_records_line *line, struct rc_error *err)
{
	struct rc_buf *body = context;

	rc_attendance_append_json(line, body);
	return rc_buf_status(body, err);
}

static enum rc_status say(struct rc_db_tx *tx, struct rc_routes__command *command,
			  const struct whom *whom, int64_t came_ms, struct rc_error *err)
{
	const struct saying *saying = command->input;
	const struct rc_desk_statement statement = {.session = whom->session.id,
						    .session_version = whom->session.version,
						    .site = whom->session.site.id,
						    .ref = whom->person.ref,
						    .reason = saying->reason,
						    .came_ms = came_ms,
						    .actor = command->actor,
						    .note = saying->note,
						    .clock = saying->clock};
	enum rc_status status = settle_question(tx, command, whom, err);

	if (status == RC_OK)
		status = saying->is_withdrawal ? rc_desk_withdraw_in(tx, &statement, err)
					       : rc_desk_mark_in(tx, &statement, err);
	if (status != RC_OK)
		return status;
	command->status = 200;
	return rc_records_attendance_of_person_in(tx, &whom->subject, command->now_ms, write_line,
						  &command->body, err);
}

static enum rc_status perform(struct rc_db_tx *tx, struct rc_routes__command *command,
			      struct rc_error *err)
{
	const struct saying *saying = command->input;
	struct whom whom;
	int64_t came_ms = 0;
	enum rc_status status = find(tx, command, &whom, err);

	if (status == RC_OK)
		status = saying->is_withdrawal ? check_withdrawal(tx, command, &whom, err)
					       : choose_time(command, &whom, &came_ms);
	return status == RC_OK ? say(tx, command, &whom, came_ms, err) : status;
}

/* ---- the request ----------------------------------------------------------------------------------------------------------- */

static bool is_word(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

static enum rc_status read_saying(const struct rc_json_value *body, const char *const *reasons,
				  struct saying *saying, struct rc_error *err)
{
	enum rc_status status =
	    rc_json_get_text(body, "reason", saying->reason, sizeof(saying->reason), err);

	if (status == RC_OK && !is_word(saying->reason, reasons))
		return rc_fail(err, RC_EFORMAT, "reason: none of the words it may be");
	if (status == RC_OK)
		status =
		    rc_json_get_text_optional(body, "note", saying->note, sizeof(saying->note), err);
	if (status == RC_OK && !saying->is_withdrawal)
		status = rc_json_get_time_optional(body, "at", &saying->came_ms, err);
	return status;
}

static void take(struct rc_http_request *request, struct rc_http_response *response, struct saying *saying)
{
	static const char *const fields[2][4] = {{"reason", "note", "at", NULL},
						 {"reason", "note", NULL}};
	struct rc_http_server *http = rc_routes__app(request)->http;
	struct rc_json *json = NULL;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	saying->session_name = rc_routes__param(request, response, "id");
	saying->person_name = rc_routes__param(request, response, "person");
	saying->clock = rc_clock_read(rc_routes__app(request)->clock);
	if (!saying->session_name || !saying->person_name ||
	    !rc_routes__read_body(request, response, fields[saying->is_withdrawal], &json))
		return;
	status = read_saying(rc_json_root(json),
			     saying->is_withdrawal ? rc_desk_withdraw_reasons : rc_desk_mark_reasons,
			     saying, &err);
	rc_json_free(json);
	if (status != RC_OK)
		rc_routes__refuse(response, RC_ROUTES_FIELD, err.text);
	else if (rc_routes__run(request, response, perform, saying) && http)
		rc_http_server_wake(http, RC_ROUTES_TOPIC_CHANGES);
}

void rc_routes__mark_attendance(struct rc_http_request *request, struct rc_http_response *response)
{
	struct saying saying = {.is_withdrawal = false};

	take(request, response, &saying);
}

void rc_routes__withdraw_attendance(struct rc_http_request *request, struct rc_http_response *response)
{
	struct saying saying = {.is_withdrawal = true};

	take(request, response, &saying);
}
