/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of a world that has come to rest. */
#include "tests/faults/world.h"

#include "firmware/roster/roster.h"
#include "server/records/records.h"
#include "tests/faults_sql/statements.h"
#include "tests/module/ingest_sql/statements.h"

#include <stdio.h>
#include <string.h>

struct count {
	const struct rc_sql_statement *statement;
	struct rc_db_values values;
	int64_t number;
};

static enum rc_status read_count(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct count *count = arg;

	return rc_db_one_int(tx, count->statement, count->values, &count->number, err);
}

static int64_t number_of(struct world *world, const struct rc_sql_statement *statement,
			 struct rc_db_values values)
{
	struct count count = {.statement = statement, .values = values};

	world_read(world, read_count, &count);
	return count.number;
}

bool world_is_current(struct world *world, const struct world_kiosk *kiosk)
{
	char id[RC_ID_CHARS + 1];

	rc_id_format(&kiosk->id, id);
	return number_of(world, &rc_sql_world_current_kiosks, RC_DB_VALUES(RC_DB_TEXT(id))) > 0;
}

static bool is_none(struct world *world, const struct rc_sql_statement *statement, const char *what,
		    struct rc_error *why)
{
	const int64_t number = number_of(world, statement, RC_DB_NO_VALUES);

	if (number != 0)
		(void)rc_fail(why, RC_ECONFLICT, "%lld %s", (long long)number, what);
	return number == 0;
}

/* ---- promises ---- */

/* What a card has pruned, the server had at some time. */
static bool is_pruned(const struct world_kiosk *kiosk, const struct world_promise *promise)
{
	struct rc_journal_reader *reader = NULL;
	static struct rc_journal_epoch epochs[256];
	bool is_gone = false;
	size_t count = 0;

	if (rc_journal_reader_open(kiosk->folder, &reader, NULL) == RC_OK &&
	    rc_journal_reader_all_epochs(reader, epochs, 256, &count, NULL) != RC_OK)
		count = 0;
	for (size_t i = 0; i < count; i++)
		is_gone = is_gone ||
			  (epochs[i].epoch == promise->epoch && promise->seq <= epochs[i].pruned);
	rc_journal_reader_close(reader);
	return is_gone;
}

static bool is_kept(struct world *world, const struct world_promise *promise, struct rc_error *why)
{
	char epoch[RC_FACT_EPOCH_CHARS + 1], kiosk[RC_ID_CHARS + 1];
	const int64_t facts =
	    number_of(world, &rc_sql_world_facts_of,
		      RC_DB_VALUES(RC_DB_BYTES(rc_bytes_of(promise->hash, RC_FACT_HASH_BYTES))));
	int64_t lost;

	if (facts == 1 || (facts == 0 && promise->is_gone))
		return true;
	rc_fact_epoch_format(promise->epoch, epoch);
	rc_id_format(&promise->kiosk, kiosk);
	lost = number_of(world, &rc_sql_world_lost_at,
			 RC_DB_VALUES(RC_DB_TEXT(kiosk), RC_DB_TEXT(epoch), RC_DB_INT(promise->seq)));
	if (facts == 0 && lost > 0 && is_pruned(&world->kiosks[promise->card], promise))
		return true;
	(void)rc_fail(why, RC_ECONFLICT,
		      "kiosk %d confirmed fact %lld of epoch %s, the server has it %lld times%s",
		      promise->card, (long long)promise->seq, epoch, (long long)facts,
		      lost > 0 ? " and takes it for lost" : "");
	return false;
}

static bool are_promises_kept(struct world *world, struct rc_error *why)
{
	for (size_t i = 0; i < world->promise_count; i++) {
		if (!is_kept(world, &world->promises[i], why))
			return false;
	}
	return true;
}

/* ---- chains ---- */

static bool are_journals_whole(struct world *world, struct rc_error *why)
{
	for (int i = 0; i < WORLD_KIOSKS; i++) {
		struct rc_journal_report report;

		if (!world->kiosks[i].is_there)
			continue;
		if (rc_journal_verify(world->kiosks[i].folder, &report, why) != RC_OK)
			return false;
		if (report.faults > 0) {
			(void)rc_fail(why, RC_EFORMAT, "kiosk %d: %s", i, report.first_fault);
			return false;
		}
	}
	return true;
}

static bool is_server_whole(struct world *world, struct rc_error *why)
{
	struct rc_records_verify_report report;

	if (rc_records_verify(world->db, &report, why) != RC_OK)
		return false;
	if (!rc_records_verify_is_good(&report)) {
		(void)rc_fail(why, RC_EFORMAT, "the server's facts: %s", report.first_fault);
		return false;
	}
	return true;
}

/* ---- records ---- */

static void write_row(const struct rc_db_row *row, const char *types, struct rc_buf *text)
{
	for (int i = 0; types[i] != '\0'; i++) {
		if (types[i] == 'h')
			rc_buf_append_bytes(text, rc_db_row_bytes(row, i));
		else if (types[i] == 't')
			rc_buf_append_bytes(text, rc_db_row_text(row, i));
		else
			rc_buf_printf(text, " %lld", (long long)rc_db_row_int(row, i));
		rc_buf_append_char(text, '|');
	}
}

static enum rc_status write_record(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	write_row(row, "tttiiiiiihiit", context);
	return RC_OK;
}

static enum rc_status write_event(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	write_row(row, "tthtiiiiittiii", context);
	return RC_OK;
}

static enum rc_status write_records(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_buf *text = arg;
	enum rc_status status =
	    rc_db_query(tx, &rc_sql_school_all_records, RC_DB_NO_VALUES, write_record, text, err);

	return status == RC_OK
		   ? rc_db_query(tx, &rc_sql_school_all_events, RC_DB_NO_VALUES, write_event, text, err)
		   : status;
}

static bool are_records_a_function_of_facts(struct world *world, struct rc_error *why)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf before, after;
	struct rc_records_rebuild_report report;
	bool is_same;

	rc_buf_init(&before, 4u * 1024u * 1024u);
	rc_buf_init(&after, 4u * 1024u * 1024u);
	world_read(world, write_records, &before);
	if (rc_records_rebuild(world->db, &report, why) != RC_OK)
		return false;
	world_read(world, write_records, &after);
	is_same = rc_bytes_equal(rc_buf_bytes(&before), rc_buf_bytes(&after));
	if (!is_same)
		(void)rc_fail(why, RC_ECONFLICT,
			      "the records are others than the facts make (%lld events dropped)",
			      (long long)report.dropped_events);
	return is_same;
}

/* ---- what came down ---- */

static bool has_log_no_holes(struct world *world, struct rc_error *why)
{
	const int64_t last = number_of(world, &rc_sql_world_change_last, RC_DB_NO_VALUES);
	const int64_t head = number_of(world, &rc_sql_world_change_head, RC_DB_NO_VALUES);

	if (!is_none(world, &rc_sql_world_change_holes, "holes in the log of changes", why))
		return false;
	if (last > 0 && last != head)
		(void)rc_fail(why, RC_ECONFLICT, "the log of changes ends at %lld, its head is %lld",
			      (long long)last, (long long)head);
	return last == 0 || last == head;
}

struct looking {
	struct rc_roster *roster;
	int rooms; /* that the server has */
};

static enum rc_status compare_room(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct looking *looking = context;
	struct rc_ref_room room = {.code = ""};
	char id[RC_ID_CHARS + 1], code[48];
	struct rc_bytes payload = rc_db_row_bytes(row, 1);
	struct rc_id key;

	rc_db_row_copy_text(row, 0, id, sizeof(id));
	if (rc_id_parse(rc_bytes_of_text(id), &key) != RC_OK ||
	    rc_roster_room(looking->roster, &key, &room, err) != RC_OK)
		return rc_fail(err, RC_ECONFLICT, "the roster lacks room %s", id);
	looking->rooms++;
	(void)snprintf(code, sizeof(code), "\"%s\"", room.code);
	for (size_t at = 0; at + strlen(code) <= payload.size; at++) {
		if (memcmp(payload.data + at, code, strlen(code)) == 0)
			return RC_OK;
	}
	return rc_fail(err, RC_ECONFLICT, "the roster has room %s as %s", id, room.code);
}

static enum rc_status compare_presence(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct looking *looking = context;
	struct rc_ref_presence presence;
	char id[2 * RC_ID_CHARS + 2];
	struct rc_id session, ref;

	rc_db_row_copy_text(row, 0, id, sizeof(id));
	if (rc_id_parse(rc_bytes_of(id, RC_ID_CHARS), &session) != RC_OK ||
	    rc_id_parse(rc_bytes_of_text(id + RC_ID_CHARS + 1), &ref) != RC_OK ||
	    rc_roster_presence(looking->roster, &session, &ref, &presence, err) != RC_OK)
		return rc_fail(err, RC_ECONFLICT, "the roster lacks presence %s", id);
	return RC_OK;
}

static enum rc_status compare_roster(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct looking *looking = arg;
	enum rc_status status;

	looking->rooms = 0;
	status = rc_db_query(tx, &rc_sql_world_current, RC_DB_VALUES(RC_DB_TEXT("room")),
			     compare_room, looking, err);
	if (status == RC_OK)
		status = rc_db_query(tx, &rc_sql_world_current, RC_DB_VALUES(RC_DB_TEXT("presence")),
				     compare_presence, looking, err);
	return status;
}

static int rooms_of(struct rc_roster *roster)
{
	int rooms = 0;

	for (int i = 0; i < WORLD_ROOMS; i++) {
		struct rc_id id = {.octets = {0}};
		struct rc_ref_room room;

		id.octets[15] = (uint8_t)(1 + i);
		rooms += rc_roster_room(roster, &id, &room, NULL) == RC_OK ? 1 : 0;
	}
	return rooms;
}

static bool is_roster_the_servers(struct world *world, const struct world_kiosk *kiosk,
				  struct rc_error *why)
{
	struct looking looking = {.roster = NULL};
	enum rc_status status = rc_roster_open(kiosk->roster, &looking.roster, why);

	if (status == RC_OK)
		status = rc_db_read(world->db, compare_roster, &looking, why);
	if (status == RC_OK && rooms_of(looking.roster) != looking.rooms)
		status = rc_fail(why, RC_ECONFLICT, "the roster has %d rooms, the server %d",
				 rooms_of(looking.roster), looking.rooms);
	rc_roster_close(looking.roster);
	if (status != RC_OK)
		(void)rc_error_in(why, status, "kiosk %d", kiosk->number);
	return status == RC_OK;
}

static bool are_rosters_the_servers(struct world *world, struct rc_error *why)
{
	for (int i = 0; i < WORLD_CARDS; i++) {
		if (!is_roster_the_servers(world, &world->kiosks[i], why))
			return false;
	}
	return true;
}

bool world_holds(struct world *world, struct rc_error *why)
{
	bool has_twins = world->kiosks[WORLD_CARDS].is_there;

	for (int i = 0; i < WORLD_CARDS; i++)
		has_twins = has_twins || world->kiosks[i].was_restored;
	return are_promises_kept(world, why) &&
	       is_none(world, &rc_sql_world_double_facts, "facts are stored twice", why) &&
	       (has_twins || is_none(world, &rc_sql_world_lost_and_here,
				     "facts are taken for lost and are here", why)) &&
	       are_journals_whole(world, why) && is_server_whole(world, why) &&
	       are_records_a_function_of_facts(world, why) && has_log_no_holes(world, why) &&
	       /* Who puts an older database in place without a word may go unnoticed, if it gets ahead of all kiosks before one asks. */
	       (world->quiet_restores > 0 || are_rosters_the_servers(world, why));
}
