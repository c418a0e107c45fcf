/* SPDX-License-Identifier: Apache-2.0 */
/* `quarantine list`, `quarantine release`: facts that wait for an operator's nod. */
#include "server/fleet/quarantine.h"

#include "server/cli/list.h"
#include "server/cli/verbs.h"
#include "server/ingest/ingest.h"
#include "shared/base/clock.h"
#include "shared/base/timestamp.h"
#include "shared/json/write.h"

#include <inttypes.h>
#include <stdio.h>

#define COLUMNS 5u

/* ---- list ---- */

struct listing {
	struct rc_db *db;
	struct rc_buf *json;         /* or … */
	struct rc_text_table *table; /* … this */
};

/* Its state and room; a kiosk that isn't in the register has neither. */
static void find_kiosk(struct rc_db *db, const struct rc_id *id, struct rc_fleet_kiosk *kiosk)
{
	if (rc_fleet_find(db, id, kiosk, NULL) == RC_OK)
		return;
	(void)rc_text_copy("unknown", kiosk->state, sizeof(kiosk->state));
	kiosk->room[0] = '\0';
}

static void write_json(struct rc_buf *json, const struct rc_fleet_quarantine *quarantine,
		       const struct rc_fleet_kiosk *kiosk)
{
	rc_json_open(json, '{');
	rc_json_member_id(json, "kiosk", &quarantine->kiosk);
	rc_json_member_text(json, "room", kiosk->room);
	rc_json_member_text(json, "state", kiosk->state);
	rc_json_member_int(json, "facts", quarantine->facts);
	rc_json_member_time(json, "first", quarantine->first_ms);
	rc_json_member_time(json, "last", quarantine->last_ms);
	rc_json_close(json, '}');
}

static void write_row(struct rc_text_table *table, const struct rc_fleet_quarantine *quarantine,
		      const struct rc_fleet_kiosk *kiosk)
{
	char id[RC_ID_CHARS + 1], facts[24], last[RC_TIMESTAMP_CHARS + 1];
	const char *const cells[COLUMNS] = {id, kiosk->room[0] ? kiosk->room : "-", kiosk->state,
					    facts, last};

	rc_id_format(&quarantine->kiosk, id);
	(void)snprintf(facts, sizeof(facts), "%" PRId64, quarantine->facts);
	rc_timestamp_format(quarantine->last_ms, last);
	rc_text_table_add(table, cells);
}

/* Rows are gathered first: looking a kiosk up asks the database in between. */
struct rows {
	struct rc_fleet_quarantine *items; /* owned */
	size_t count, capacity;
};

static enum rc_status keep(void *context, const struct rc_fleet_quarantine *quarantine,
			   struct rc_error *err)
{
	struct rows *rows = context;
	const size_t capacity = rows->capacity ? rows->capacity * 2 : 16;

	if (rows->count == rows->capacity) {
		void *items = realloc(rows->items, capacity * sizeof(rows->items[0]));

		if (!items)
			return rc_fail(err, RC_ENOMEM, "no memory for a list");
		rows->items = items;
		rows->capacity = capacity;
	}
	rows->items[rows->count++] = *quarantine;
	return RC_OK;
}

static enum rc_status write_rows(const struct listing *listing, struct rc_error *err)
{
	struct rows rows = {.count = 0};
	enum rc_status status = rc_fleet_quarantine_list(listing->db, keep, &rows, err);

	for (size_t i = 0; status == RC_OK && i < rows.count; i++) {
		struct rc_fleet_kiosk kiosk;

		find_kiosk(listing->db, &rows.items[i].kiosk, &kiosk);
		if (listing->json)
			write_json(listing->json, &rows.items[i], &kiosk);
		else
			write_row(listing->table, &rows.items[i], &kiosk);
	}
	free(rows.items);
	return status;
}

static enum rc_status fill_table(struct rc_db *db, struct rc_text_table *table, struct rc_error *err)
{
	return write_rows(&(struct listing){.db = db, .table = table}, err);
}

static enum rc_status fill_json(struct rc_db *db, struct rc_buf *json, struct rc_error *err)
{
	return write_rows(&(struct listing){.db = db, .json = json}, err);
}

static enum rc_status list_waiting(const struct rc_cli_home *home, const struct rc_options *options,
				   struct rc_error *err)
{
	const char *const headings[COLUMNS] = {
	    RC_CLI_TEXT("kiosk", "签到机"),       RC_CLI_TEXT("room", "培训室"),
	    RC_CLI_TEXT("state", "状态"),         RC_CLI_TEXT("facts", "记录数"),
	    RC_CLI_TEXT("last came", "最近收到"),
	};
	const struct rc_cli_list list = {headings, COLUMNS, fill_table, fill_json};

	return rc_cli_list_print(home, options, &list, err);
}

int rc_cli_quarantine_list(const struct rc_options *options)
{
	return rc_cli_at_home(options, list_waiting);
}

/* ---- release ---- */

/* The nod is written down first: if the rest is cut short, the same verb goes on with it. */
static enum rc_status release(const struct rc_cli_home *home, const struct rc_options *options,
			      struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	const char *id = options->operands[0];
	struct rc_fleet_nod nod = {.is_trusted = rc_options_has(options, "trust"),
				   .room = rc_options_text(options, "room"),
				   .actor = "cli",
				   .now_ms = rc_clock_now_ms(rc_clock_system())};
	int64_t waiting = 0, released = 0;
	enum rc_status status;

	rc_buf_init(&text, 1024);
	if (rc_id_parse(rc_bytes_of_text(id), &nod.kiosk) != RC_OK)
		return rc_fail(err, RC_EUSAGE,
			       "%s is no kiosk's id; rollcall-server kiosk list shows them", id);
	status = rc_fleet_nod(home->db, &nod, &waiting, err);
	if (status == RC_OK)
		status = rc_ingest_release(home->db, &nod.kiosk, nod.now_ms, &released, err);
	if (status != RC_OK)
		return status;
	rc_buf_printf(&text,
		      RC_CLI_TEXT("%" PRId64 " facts of kiosk %s count now\n",
				  "%" PRId64 " 条记录现已生效（签到机 %s）\n"),
		      released, id);
	if (nod.is_trusted)
		rc_buf_append_text(&text, RC_CLI_TEXT("Its next facts count at once.\n",
						      "其后续记录将立即生效。\n"));
	return rc_cli_print(&text, err);
}

int rc_cli_quarantine_release(const struct rc_options *options)
{
	return rc_cli_at_home(options, release);
}
