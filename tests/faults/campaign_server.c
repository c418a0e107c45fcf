/* SPDX-License-Identifier: Apache-2.0 */
#include "server/db/db.h"
#include "tests/faults/campaign.h"
#include "tests/faults/random.h"
#include "tests/module/db_sql/statements.h"
#include "tests/sim/folder/folder.h"
#include "tests/sim/power/power.h"

#include <stdio.h>
#include <string.h>

#define ROWS_MAX 60

struct server {
	char folder[RC_SIM_FOLDER_CHARS], url[128];
	struct rc_db *db;  /* NULL while it is closed */
	int64_t confirmed; /* rows 1 … this are promised */
};

static enum rc_status insert(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const int64_t *number = arg;
	char id[24];

	(void)snprintf(id, sizeof(id), "%08lld", (long long)*number);
	return rc_db_exec(tx, &rc_sql_bench_item_insert,
			  RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_INT(*number), RC_DB_NULL,
				       RC_DB_BOOL(true), RC_DB_BYTES(rc_bytes_of_text(id))),
			  err);
}

static enum rc_status see(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	int64_t *seen = context;

	if (rc_db_row_int(row, 1) != *seen + 1)
		return rc_fail(err, RC_ECONFLICT, "row %lld is not there", (long long)*seen + 1);
	++*seen;
	return RC_OK;
}

/* The rows 1, 2, 3 …; how many. */
static enum rc_status count(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	*(int64_t *)arg = 0;
	return rc_db_query(tx, &rc_sql_bench_items, RC_DB_NO_VALUES, see, arg, err);
}

static enum rc_status look_at_nothing(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)tx;
	(void)arg;
	(void)err;
	return RC_OK;
}

static enum rc_status open_up(struct server *server, size_t migrations, struct rc_error *err)
{
	enum rc_status status = rc_db_open(server->url, NULL, &server->db, err);

	return status == RC_OK ? rc_db_migrate(server->db, rc_sql_bench_migrations, migrations, err)
			       : status;
}

static void close_down(struct server *server)
{
	rc_db_close(server->db);
	server->db = NULL;
}

static enum rc_status fill(struct server *server, long rows, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	for (long i = 0; status == RC_OK && i < rows; i++) {
		int64_t number = server->confirmed + 1;

		status = rc_db_write(server->db, insert, &number, err);
		if (status == RC_OK)
			server->confirmed = number;
	}
	return status;
}

/* Opened again: everything that was confirmed, a whole structure, and the next row goes in. */
static bool holds(struct server *server, struct rc_error *why)
{
	int64_t rows = 0;

	if (open_up(server, rc_sql_bench_migration_count, why) != RC_OK ||
	    rc_db_read(server->db, count, &rows, why) != RC_OK)
		return false;
	if (rows < server->confirmed) {
		(void)rc_fail(why, RC_ECONFLICT, "%lld rows confirmed, %lld there",
			      (long long)server->confirmed, (long long)rows);
		return false;
	}
	server->confirmed = rows;
	if (fill(server, 1, why) != RC_OK)
		return false;
	close_down(server);
	return rc_db_examine(server->url, look_at_nothing, NULL, why) == RC_OK;
}

struct campaign_run campaign_server(uint64_t seed)
{
	struct server server = {.db = NULL};
	struct campaign_run done = {.was_cut = false};
	uint64_t random = seed;
	const bool is_first = random_below(&random, 3) == 0;
	struct rc_error err;

	rc_power_install_as_default();
	rc_sim_folder_make(rc_sim_folder_memory(), "faults", server.folder);
	(void)snprintf(server.url, sizeof(server.url), "sqlite:%s/server.db", server.folder);
	if (is_first)
		rc_power_cut_at(1 + random_below(&random, 60));
	if (open_up(&server, 1, &err) == RC_OK &&
	    fill(&server, random_below(&random, ROWS_MAX), &err) == RC_OK) {
		if (!is_first)
			rc_power_cut_at(1 + random_below(&random, 200));
		/* The migration of a newer program, more rows, and the checkpoint of the closing. */
		if (rc_db_migrate(server.db, rc_sql_bench_migrations, rc_sql_bench_migration_count,
				  &err) == RC_OK)
			(void)!fill(&server, random_below(&random, ROWS_MAX), &err);
	}
	close_down(&server);
	done.was_cut = rc_power_is_cut();
	rc_power_restore(random_below(&random, 2) ? RC_POWER_TORN : RC_POWER_DROPPED,
			 (uint32_t)random_next(&random));
	done.is_kept = holds(&server, &done.why);
	close_down(&server);
	rc_sim_folder_remove(server.folder);
	return done;
}
