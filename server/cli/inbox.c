/* SPDX-License-Identifier: Apache-2.0 */
/* `inbox`, `inbox settle`: what waits for a human, in words and with what to do; for programs as the API gives it. */
#include "server/inbox/inbox.h"

#include "server/cli/home.h"
#include "server/cli/verbs.h"
#include "server/db/db.h"
#include "server/hr/people.h"
#include "server/reports/inbox_list.h"
#include "server/training/sessions.h"
#include "shared/base/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define LIST_MAX_BYTES   (64u * 1024u * 1024u)
#define ENTRIES_AT_ONCE  200u
#define ENTRIES_MAX_JSON 50000u

/* ---- list ---- */

/* Entries are read in pieces: looking up whom they are about asks the database in between. */
struct piece {
	struct rc_inbox_entry *entries; /* owned; room for ENTRIES_AT_ONCE */
	size_t count;
};

static enum rc_status keep(void *context, const struct rc_inbox_entry *entry, struct rc_error *err)
{
	struct piece *piece = context;

	if (piece->count == ENTRIES_AT_ONCE)
		return rc_fail(err, RC_EBUG, "more entries than were asked for");
	piece->entries[piece->count++] = *entry;
	return RC_OK;
}

/* The session by its code and the person by number and name, where they are known; by id where not. */
static void write_subject(struct rc_db *db, const struct rc_inbox_entry *entry, struct rc_buf *out)
{
	struct rc_session session;
	struct rc_person person;

	if (entry->session[0]) {
		const bool is_known = rc_sessions_find(db, entry->session, &session, NULL) == RC_OK;

		rc_buf_printf(out, RC_CLI_TEXT("    session %s\n", "    课次 %s\n"),
			      is_known ? session.code : entry->session);
	}
	if (entry->ref[0] && rc_people_find(db, entry->ref, &person, NULL) == RC_OK)
		rc_buf_printf(out, RC_CLI_TEXT("    person %s %s\n", "    人员 %s %s\n"),
			      person.number, person.name);
	else if (entry->ref[0])
		rc_buf_printf(out, RC_CLI_TEXT("    person %s\n", "    人员 %s\n"), entry->ref);
	if (entry->kiosk[0])
		rc_buf_printf(out, RC_CLI_TEXT("    kiosk %s\n", "    签到机 %s\n"), entry->kiosk);
	if (strcmp(entry->detail, "{}") != 0)
		rc_buf_printf(out, "    %s\n", entry->detail);
}

static void write_entry(struct rc_db *db, const struct rc_inbox_entry *entry, struct rc_buf *out)
{
	const struct rc_inbox_kind *kind = rc_inbox_kind(entry->kind);
	char since[RC_TIMESTAMP_CHARS + 1];

	rc_timestamp_format(entry->first_ms, since);
	rc_buf_printf(out, "%s\n", entry->key);
	rc_buf_printf(
	    out, RC_CLI_TEXT("    since %s, %" PRId64 " in all\n", "    自 %s，共 %" PRId64 " 次\n"),
	    since, entry->count);
	write_subject(db, entry, out);
	rc_buf_printf(out, "    %s\n    → %s\n", RC_CLI_TEXT(kind->meaning.en, kind->meaning.zh),
		      RC_CLI_TEXT(kind->action.en, kind->action.zh));
}

static enum rc_status write_entries(struct rc_db *db, struct piece *piece, struct rc_buf *out,
				    struct rc_error *err)
{
	struct rc_inbox_query query = {
	    .state = RC_INBOX_OPEN, .kind = "", .after_key = "", .limit = ENTRIES_AT_ONCE};
	char after[RC_INBOX_KEY_MAX_BYTES + 1];
	enum rc_status status;

	do {
		piece->count = 0;
		status = rc_inbox_entries(db, &query, keep, piece, err);
		if (status != RC_OK || piece->count == 0)
			break;
		for (size_t i = 0; i < piece->count; i++)
			write_entry(db, &piece->entries[i], out);
		query.after_first_ms = piece->entries[piece->count - 1].first_ms;
		memcpy(after, piece->entries[piece->count - 1].key, sizeof(after));
		query.after_key = after;
		status = rc_buf_status(out, err);
	} while (status == RC_OK && piece->count == ENTRIES_AT_ONCE);
	if (status == RC_OK && out->size == 0)
		rc_buf_append_text(out, RC_CLI_TEXT("Nothing waits.\n", "没有待处理事项。\n"));
	return status;
}

static enum rc_status list_words(struct rc_db *db, struct rc_buf *out, struct rc_error *err)
{
	struct piece piece = {.entries = calloc(ENTRIES_AT_ONCE, sizeof(*piece.entries))};
	enum rc_status status = piece.entries ? write_entries(db, &piece, out, err)
					      : rc_fail(err, RC_ENOMEM, "no memory for a list");

	free(piece.entries);
	return status;
}

static enum rc_status list_json(struct rc_db *db, struct rc_buf *out, struct rc_error *err)
{
	const struct rc_page_request request = {.format = RC_PAGE_JSON};
	const struct rc_inbox_query query = {
	    .state = RC_INBOX_OPEN, .kind = "", .after_key = "", .limit = ENTRIES_MAX_JSON};
	char next[RC_PAGE_CURSOR_MAX_CHARS + 1];
	const enum rc_status status = rc_inbox_list(db, &request, &query, out, next, err);

	rc_buf_append_char(out, '\n');
	return status;
}

static enum rc_status list(const struct rc_cli_home *home, const struct rc_options *options,
			   struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf out;
	enum rc_status status;

	rc_buf_init(&out, LIST_MAX_BYTES);
	status = rc_options_has(options, "json") ? list_json(home->db, &out, err)
						 : list_words(home->db, &out, err);
	return status == RC_OK ? rc_cli_print(&out, err) : status;
}

int rc_cli_inbox(const struct rc_options *options)
{
	return rc_cli_at_home(options, list);
}

/* ---- settle ---- */

struct settling {
	const char *key;
	struct rc_inbox_settlement settlement;
	bool was_settled;
};

static enum rc_status settle(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct settling *settling = arg;
	struct rc_inbox_entry entry;
	enum rc_status status = rc_inbox_find_in(tx, settling->key, &entry, err);

	settling->was_settled = status == RC_OK && entry.settled_ms > 0;
	if (status != RC_OK || settling->was_settled)
		return status;
	return rc_inbox_settle_in(tx, &settling->settlement, &entry, err);
}

static enum rc_status settle_entry(const struct rc_cli_home *home, const struct rc_options *options,
				   struct rc_error *err)
{
	struct settling settling = {.key = options->operands[0],
				    .settlement = {.note = rc_options_text(options, "note"),
						   .actor = "cli",
						   .now_ms = rc_clock_now_ms(rc_clock_system())}};
	enum rc_status status = rc_db_write(home->db, settle, &settling, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "there is no entry %s in the inbox", settling.key);
	if (status == RC_OK && settling.was_settled)
		return rc_fail(err, RC_ECONFLICT, "%s is settled already", settling.key);
	return status;
}

int rc_cli_inbox_settle(const struct rc_options *options)
{
	return rc_cli_at_home(options, settle_entry);
}
