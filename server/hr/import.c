/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of an import: open, row by row, verdict, audit, changes. */
#include "server/hr/import.h"
#include "server/db/db.h"
#include "server/hr/hr_priv.h"
#include "shared/base/cleanup.h"

#define CHANGES_PIECE 16384u /* about 12 MB */

enum rc_status rc_import_once(struct rc_import_run *run, size_t column, const char *key,
			      struct rc_error *err)
{
	char line[24];
	size_t before;
	struct rc_buf text;

	if (rc_seen_add(&run->seen, rc_bytes_of_text(key), rc_table_line(run->table), &before) != RC_OK)
		return rc_fail(err, RC_ENOMEM, "no memory for the keys of the file");
	if (before == 0)
		return RC_OK;
	rc_buf_init_fixed(&text, line, sizeof(line));
	rc_buf_printf(&text, "%zu", before);
	rc_table_error(
	    run->table, column,
	    (struct rc_report_text){"“%s” stands on line %s already", "“%s”在第 %s 行已经出现"}, line);
	return RC_OK;
}

struct reading {
	struct rc_import_run *run;
	const struct rc_import_kind *kind;
};

/* Publishes what has gathered, so that memory holds a piece of the changes and not those of a million rows. The audit's log is held
 * from here on, as it comes before the changes' (its row is written at the end); of a faulty file nothing stays, so nothing is said. */
static enum rc_status publish_piece(struct rc_import_run *run, struct rc_error *err)
{
	const bool is_lost = run->import->errors.count > 0;
	enum rc_status status = RC_OK;
	int64_t n;

	if (run->work.changes.status == RC_OK && run->work.changes.count < CHANGES_PIECE)
		return RC_OK;
	if (!is_lost)
		status = rc_db_log_take(run->work.tx, "audit", 0, &n, err);
	if (status == RC_OK && !is_lost)
		status = rc_changes_publish(run->work.tx, &run->work.changes, run->work.hr->now_ms, err);
	if (status != RC_OK)
		return status;
	rc_changes_list_deinit(&run->work.changes);
	rc_changes_list_init(&run->work.changes);
	return RC_OK;
}

static enum rc_status take_row(struct rc_table *table, void *context, struct rc_error *err)
{
	const struct reading *reading = context;
	enum rc_status status;

	reading->run->table = table;
	status = reading->kind->row(reading->run, err);
	if (status == RC_OK)
		status = publish_piece(reading->run, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "line %zu", rc_table_line(table));
}

static enum rc_status finish(struct rc_import_run *run, const struct rc_import_kind *kind,
			     struct rc_error *err)
{
	const struct rc_hr *hr = run->work.hr;
	enum rc_status status = kind->finish ? kind->finish(run, err) : RC_OK;

	if (status == RC_OK)
		status = rc_audit_import(run->work.tx, hr, kind->action, run->import, err);
	return status == RC_OK ? rc_changes_publish(run->work.tx, &run->work.changes, hr->now_ms, err)
			       : status;
}

struct command {
	const struct rc_hr *hr;
	struct rc_bytes file;
	const struct rc_import_kind *kind;
	struct rc_import *import;
	bool is_rehearsed; /* a dry run has come to its end: it fails for the sake of the rollback */
};

static enum rc_status import_file(struct command *command, struct rc_import_run *run, struct rc_error *err)
{
	const struct rc_import_kind *kind = command->kind;
	struct reading reading = {run, kind};
	const struct rc_table_request request = {
	    .file = command->file, .columns = kind->columns, .row = take_row, .context = &reading};
	enum rc_status status = kind->begin ? kind->begin(run, err) : RC_OK;

	if (status == RC_OK)
		status = rc_table_read(&request, run->import, err);
	if (status == RC_OK)
		status = rc_import_verdict(run->import, err);
	if (status == RC_OK)
		status = finish(run, kind, err);
	command->is_rehearsed = status == RC_OK && command->hr->is_dry_run;
	return command->is_rehearsed ? RC_EBUSY : status;
}

static enum rc_status perform(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct command *command = arg;
	struct rc_import_run run = {.import = command->import, .context = command->kind->context};
	enum rc_status status = rc_hr__work_begin(&run.work, tx, command->hr, err);

	command->is_rehearsed = false;
	rc_import_clear(run.import);
	rc_seen_init(&run.seen);
	if (status == RC_OK)
		status = import_file(command, &run, err);
	rc_seen_deinit(&run.seen);
	rc_hr__work_deinit(&run.work);
	return status;
}

enum rc_status rc_import_perform(const struct rc_hr *hr, struct rc_bytes file,
				 const struct rc_import_kind *kind, struct rc_import *import,
				 struct rc_error *err)
{
	struct command command = {.hr = hr, .file = file, .kind = kind, .import = import};
	enum rc_status status = rc_db_write(hr->db, perform, &command, err);

	return command.is_rehearsed && status == RC_EBUSY ? RC_OK : status;
}
