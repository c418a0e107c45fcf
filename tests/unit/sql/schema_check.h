/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_UNIT_SQL_SCHEMA_CHECK_H
#define RC_TESTS_UNIT_SQL_SCHEMA_CHECK_H
/*
 * Looks at statements on a fresh schema: does the engine take them, and do they go by an index. A statement that reads a whole
 * table is found here, while it is written, and not in a company's third year. Allowed scans are in a list with their reasons.
 */
#include "server/db/db.h"

/* What a module's generator made of its queries. */
struct sql_set {
	const char *header; /* "server/records_sql/statements.h" */
	const struct rc_sql_statement *const *all;
	const size_t *count;
};

/* Of every module below server/ that calls rc_sql with queries; made by this folder's CMakeLists. */
extern const struct sql_set sql_sets[];
extern const size_t sql_set_count;

struct schema_check;

/* A database in a folder of its own, migrated to the last of `migrations`; the list of allowed scans from a file. NULL: said why. */
struct schema_check *schema_check_new(const struct rc_sql_migration *migrations, size_t count,
				      const char *allowed_path);
void schema_check_free(struct schema_check *check);

/* How many findings a statement has: not taken by the engine, or a scan that isn't allowed. Each is told on stderr. */
int schema_check_statement(struct schema_check *check, const struct rc_sql_statement *statement);

/* How many lines of the list no statement has needed so far. Each is told on stderr. */
int schema_check_unused(const struct schema_check *check);

#endif
