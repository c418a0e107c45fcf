/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HR_IMPORT_H
#define RC_HR_IMPORT_H
/*
 * The frame of an import: a file of rows becomes one write function that takes all of them or none.
 *
 * Rows are written as they are read, faulty ones are only reported, and any fault rolls all of it back: so a row may name what an
 * earlier row of the same file made, every fault of the file is found in one run, and memory holds the file, one row and a
 * piece of the changes, which are published as they gather. The price: the database's other writers wait meanwhile. For modules that own a table to import; not for routes.
 */
#include "server/changes/changes.h"
#include "server/hr/hr.h"
#include "server/tables/table.h"

/* One write function under way. */
struct rc_hr_work {
	struct rc_db_tx *tx;
	const struct rc_hr *hr;
	struct rc_id organisation;
	struct rc_changes_list changes; /* published at the end; an import's in pieces, too */
	struct rc_site site; /* rc_hr__site_find's last answer to a code; its code is "" before */
	struct rc_site only_site; /* and to none */
};

struct rc_import_run {
	struct rc_hr_work work;
	struct rc_table *table; /* at the current row */
	struct rc_import *import;
	struct rc_seen seen; /* keys of rows before, for rc_import_once */
	void *context;       /* the kind's */
};

/* Anything but RC_OK is no fault of the file: it ends the import and is passed up. */
typedef enum rc_status rc_import_fn(struct rc_import_run *run, struct rc_error *err);

struct rc_import_kind {
	const char *action; /* in the audit: "import.employees" */
	struct rc_table_columns columns;
	rc_import_fn *begin; /* makes the context afresh: an import may be run again. May be NULL */
	rc_import_fn *row;   /* checks, counts and, unless the row is faulty, writes */
	rc_import_fn *finish; /* after the last row of a good file. May be NULL */
	void *context;
};

/* Runs an import: RC_EFORMAT when the file has errors, which all stand in `import` then. Blocks for the database. */
RC_CHECKED enum rc_status rc_import_perform(const struct rc_hr *hr, struct rc_bytes file,
					    const struct rc_import_kind *kind,
					    struct rc_import *import, struct rc_error *err);

/* Reports the cell if `key` came on an earlier line of the file. RC_ENOMEM. */
RC_CHECKED enum rc_status rc_import_once(struct rc_import_run *run, size_t column, const char *key,
					 struct rc_error *err);

#endif
