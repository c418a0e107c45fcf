/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes down. The first line says what comes: a snapshot goes line by line into a new roster file, ordinary changes are
 * gathered and applied with their cursor in one transaction. Without the end line nothing counts.
 *
 * A request that the server holds until something changes takes ordinary changes alone: a snapshot, or more than one answer, is
 * fetched by an exchange of its own, which the thread may wait for.
 */
#include "firmware/sync/sync_priv.h"

#include "shared/base/log.h"

#include <inttypes.h>
#include <stdio.h>

#define PATH       "/v1/kiosk/changes"
#define PATH_CHARS (64u + RC_CURSOR_MAX_CHARS)
#define HOLD_MAX_S 300 /* the server holds nothing longer */

static enum rc_status take_snapshot_line(struct rc_sync_answer *answer, struct rc_bytes line)
{
	enum rc_changes_line which;
	struct rc_changes_end end;
	struct rc_bytes bare = rc_bytes_of(line.data, line.size - 1);
	enum rc_status status = rc_changes_line_read(bare, &which, &end, answer->err);

	if (status != RC_OK)
		return status;
	if (answer->is_finished)
		return rc_fail(answer->err, RC_EFORMAT, "something stands behind a snapshot's end");
	switch (which) {
	case RC_CHANGES_SNAPSHOT:
		return rc_roster_snapshot_begin(answer->roster, line, answer->err);
	case RC_CHANGES_CHANGE:
		return rc_roster_snapshot_put(answer->roster, line, answer->err);
	case RC_CHANGES_SNAPSHOT_END:
		answer->is_finished = true;
		return rc_roster_snapshot_finish(answer->roster, line, &answer->applied, answer->err);
	case RC_CHANGES_END:
		break;
	}
	return rc_fail(answer->err, RC_EFORMAT, "a snapshot ends like ordinary changes");
}

/* The whole lines that have come so far, each with its line feed. */
static enum rc_status take_lines(struct rc_sync_answer *answer)
{
	size_t done = 0;
	enum rc_status status = RC_OK;
	const uint8_t *end;

	while (status == RC_OK && done < answer->pending.size &&
	       (end = memchr(answer->pending.data + done, '\n', answer->pending.size - done))) {
		size_t size = (size_t)(end - (answer->pending.data + done)) + 1;

		status = take_snapshot_line(answer, rc_bytes_of(answer->pending.data + done, size));
		done += size;
	}
	rc_buf_consume(&answer->pending, done);
	if (status == RC_OK && answer->pending.size > RC_REFERENCE_LINE_MAX_BYTES)
		status = rc_fail(answer->err, RC_ELIMIT, "a line of a snapshot is too long");
	return status;
}

static void look_at_first_line(struct rc_sync_answer *answer)
{
	static const char beginning[] = "{\"snapshot\":";

	if (answer->has_begun || answer->pending.size < sizeof(beginning) - 1)
		return;
	answer->has_begun = true;
	answer->is_snapshot = memcmp(answer->pending.data, beginning, sizeof(beginning) - 1) == 0;
}

static enum rc_status take_piece(void *context, struct rc_bytes piece)
{
	struct rc_sync_answer *answer = context;
	enum rc_status status;

	rc_buf_append_bytes(&answer->pending, piece);
	status = rc_buf_status(&answer->pending, answer->err);
	look_at_first_line(answer);
	if (answer->is_snapshot && !answer->takes_snapshot)
		return RC_ECONFLICT;
	return status == RC_OK && answer->is_snapshot ? take_lines(answer) : status;
}

static enum rc_status finish(struct rc_sync_answer *answer,
			     const struct rc_transport_response *response, struct rc_error *err)
{
	if (response->status == 403)
		return rc_fail(err, RC_EDENIED, "changes: our certificate isn't taken");
	if (response->status != 200 || strcmp(response->content_type, "application/x-ndjson") != 0)
		return rc_fail(err, RC_ENET, "changes: status %d, %s", response->status,
			       response->content_type);
	if (!answer->is_snapshot)
		return rc_roster_apply(answer->roster, rc_buf_bytes(&answer->pending),
				       &answer->applied, err);
	if (!answer->is_finished)
		return rc_fail(err, RC_EFORMAT, "the snapshot was cut off");
	return RC_OK;
}

static void log_applied(const struct rc_roster_applied *applied)
{
	char count[24];

	if (applied->malformed == 0)
		return;
	(void)snprintf(count, sizeof(count), "%lld", (long long)applied->malformed);
	rc_log(RC_LOG_ERROR, "changes that can't be read were passed over", "count", count, "first",
	       applied->first_malformed, NULL);
}

/* Where to go on from; RC_ENOTFOUND: there is no roster, and the path stays. */
static enum rc_status path_from_here(struct rc_roster_writer *roster, char path[PATH_CHARS],
				     struct rc_error *err)
{
	char text[RC_CURSOR_MAX_CHARS + 1];
	struct rc_cursor cursor;
	enum rc_status status = rc_roster_writer_cursor(roster, &cursor, err);

	if (status != RC_OK)
		return status;
	rc_cursor_format(&cursor, text);
	(void)snprintf(path, PATH_CHARS, PATH "?after=%s", text);
	return RC_OK;
}

/* One answer; `*has_more` says the server has more at once. */
static enum rc_status fetch(struct rc_sync_round *round, struct rc_sync_answer *answer,
			    struct rc_error *err)
{
	struct rc_transport_request request = {.method = "GET", .take = take_piece, .take_context = answer};
	char path[PATH_CHARS] = PATH;
	struct rc_transport_response response;
	enum rc_status status = path_from_here(round->roster, path, err);

	if (status != RC_OK && status != RC_ENOTFOUND)
		return status;
	request.path = path;
	rc_transport_response_init(&response);
	status = rc_transport_exchange(round->transport, &request, &response, err);
	round->retry_after_ms = status == RC_OK ? response.retry_after_ms : 0;
	if (status == RC_OK)
		status = finish(answer, &response, err);
	if (rc_roster_snapshot_is_open(round->roster))
		rc_roster_snapshot_abort(round->roster);
	rc_transport_response_deinit(&response);
	return status;
}

enum rc_status rc_sync__changes(struct rc_sync_round *round, bool *has_changed, struct rc_error *err)
{
	struct rc_sync_answer answer;
	enum rc_status status;
	bool has_more;

	*has_changed = false;
	do {
		answer =
		    (struct rc_sync_answer){.roster = round->roster, .takes_snapshot = true, .err = err};
		rc_buf_init(&answer.pending, RC_ROSTER_BATCH_MAX_BYTES);
		status = fetch(round, &answer, err);
		log_applied(&answer.applied);
		has_more = status == RC_OK && answer.applied.has_more;
		*has_changed = *has_changed || answer.is_finished ||
			       answer.applied.put + answer.applied.deleted > 0;
		rc_buf_deinit(&answer.pending);
	} while (has_more && !rc_sync__is_stopping(round->sync));
	if (status == RC_OK && !has_more)
		round->session->roster_up_ms = rc_clock_up_ms(round->clock);
	return status;
}

/* ---- what the server holds ---- */

enum rc_status rc_sync__hold(struct rc_sync_session *session, struct rc_error *err)
{
	const int64_t wait_s = session->config->poll_ms / RC_SECOND_MS;
	char path[PATH_CHARS], held_path[PATH_CHARS + 32];
	const struct rc_transport_request request = {
	    .method = "GET", .path = held_path, .take = take_piece, .take_context = &session->held};
	enum rc_status status = path_from_here(session->roster, path, err);

	if (status != RC_OK)
		return status;
	session->held_ms = (wait_s < HOLD_MAX_S ? wait_s : HOLD_MAX_S) * RC_SECOND_MS;
	(void)snprintf(held_path, sizeof(held_path), "%s&wait=%" PRId64, path,
		       session->held_ms / RC_SECOND_MS);
	session->held = (struct rc_sync_answer){.roster = session->roster};
	session->held_since_ms = rc_clock_up_ms(session->config->clock);
	rc_buf_init(&session->held.pending, RC_ROSTER_BATCH_MAX_BYTES);
	rc_transport_response_init(&session->held_response);
	status = rc_transport_hold(session->transport, &request, &session->held_response,
				   session->held_ms, err);
	if (status != RC_OK)
		rc_buf_deinit(&session->held.pending);
	return status;
}

enum rc_status rc_sync__take_held(struct rc_sync_session *session, bool *has_changed,
				  bool *must_fetch, struct rc_error *err)
{
	struct rc_sync_answer *answer = &session->held;
	enum rc_status status = rc_transport_held(session->transport, err);

	*has_changed = false;
	*must_fetch = answer->is_snapshot;
	answer->err = err;
	if (*must_fetch)
		status = RC_OK; /* cut by us */
	else if (status == RC_OK)
		status = finish(answer, &session->held_response, err);
	if (status == RC_OK && !*must_fetch) {
		log_applied(&answer->applied);
		*has_changed = answer->applied.put + answer->applied.deleted > 0;
		*must_fetch = answer->applied.has_more;
		if (!*must_fetch)
			session->roster_up_ms = rc_clock_up_ms(session->config->clock);
	}
	rc_buf_deinit(&answer->pending);
	rc_transport_response_deinit(&session->held_response);
	return status;
}
