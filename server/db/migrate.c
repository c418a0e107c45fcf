/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema's numbered files, a transaction each, written down in the table `migration`. The look at what was applied and the
 * applying are one transaction, so several processes that start at once don't get in each other's way.
 */
#include "server/db/db.h"
#include "server/db/db_priv.h"
#include "server/db_sql/bookkeeping.h"
#include "shared/base/clock.h"

#define NAME_MAX_BYTES 64u

struct step {
	const struct rc_sql_migration *migration;
	unsigned newest; /* number of the last one that this program knows */
	int64_t at_ms;
};

struct applied {
	int64_t number;
	char name[NAME_MAX_BYTES];
};

static enum rc_status keep_books(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	(void)arg;
	return rc_db__script(tx, &rc_sql_db_bookkeeping_migrations[0], err);
}

static enum rc_status take_applied(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct applied *applied = context;

	(void)err;
	applied->number = rc_db_row_int(row, 0);
	rc_db_row_copy_text(row, 1, applied->name, sizeof(applied->name));
	return RC_OK;
}

static enum rc_status load_applied(struct rc_db_tx *tx, struct applied *applied, struct rc_error *err)
{
	enum rc_status status;

	*applied = (struct applied){0};
	status = rc_db_one(tx, &rc_sql_migration_last, RC_DB_NO_VALUES, take_applied, applied, err);
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status apply(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct step *step = arg;
	const struct rc_sql_migration *migration = step->migration;
	struct applied last;
	enum rc_status status = load_applied(tx, &last, err);

	if (status != RC_OK)
		return status;
	if (last.number > step->newest)
		return rc_fail(err, RC_ECONFLICT, "the database is newer than this program: it is at schema %s, we know up to %04u",
			       last.name, step->newest);
	if (last.number >= migration->number)
		return RC_OK;
	if (last.number + 1 != migration->number)
		return rc_fail(err, RC_EBUG, "after %lld comes no %04u", (long long)last.number,
			       migration->number);
	status = rc_db__script(tx, migration, err);
	if (status != RC_OK)
		return status;
	return rc_db_exec(tx, &rc_sql_migration_insert,
			  RC_DB_VALUES(RC_DB_INT(migration->number), RC_DB_TEXT(migration->name),
				       RC_DB_INT(step->at_ms)),
			  err);
}

enum rc_status rc_db_migrate(struct rc_db *db, const struct rc_sql_migration *migrations,
			     size_t count, struct rc_error *err)
{
	enum rc_status status = rc_db_write(db, keep_books, NULL, err);

	for (size_t i = 0; status == RC_OK && i < count; i++) {
		struct step step = {.migration = &migrations[i],
				    .newest = migrations[count - 1].number,
				    .at_ms = rc_clock_now_ms(rc_clock_system())};

		status = rc_db_write(db, apply, &step, err);
		if (status != RC_OK)
			return rc_error_in(err, status, "schema %s", migrations[i].name);
	}
	return status;
}
