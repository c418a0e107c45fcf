/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SQL_STATEMENT_H
#define RC_SQL_STATEMENT_H
/*
 * What the generator makes of neutral SQL: statements and migrations as constant tables, one text for each engine.
 *
 * Statements stand in a module's queries.sql, schemas in schema/NNNN_name.sql; `rc_sql(…)` in the module's CMakeLists turns them
 * into "<area>/<module>_sql/statements.h" at build time (cmake/generate_sql.py tells the rules of the neutral form). Constant and
 * alive for ever, so any thread may read them. Nothing here knows an engine: server/db and firmware/store run what stands here.
 */
#include <stdbool.h>
#include <stddef.h>

enum rc_sql_kind {
	RC_SQL_ONE,  /* gives no row or one row, never more */
	RC_SQL_MANY, /* gives any number of rows */
	RC_SQL_EXEC, /* gives no rows */
};

/* What a parameter holds. A BOOL is the number 0 or 1 on both engines. */
enum rc_sql_type {
	RC_SQL_INT8,
	RC_SQL_TEXT,
	RC_SQL_BYTES,
	RC_SQL_BOOL,
};

struct rc_sql_parameter {
	enum rc_sql_type type;
	bool may_be_null; /* written with a question mark: `-- $1 INT8?` */
};

struct rc_sql_statement {
	const char *name; /* as in the .sql file: attendance_of_session */
	enum rc_sql_kind kind;
	const char *sqlite; /* parameters as ?1 … ?n */
	const char *postgres; /* parameters as $1 … $n, each with its type; NULL in the kiosk's tables */
	const struct rc_sql_parameter *parameters; /* $1 first; NULL where there are none */
	size_t parameter_count;
};

/* One numbered file of a schema: several statements, to be run in one transaction. */
struct rc_sql_migration {
	unsigned number;  /* of the file's name */
	const char *name; /* "0001_core" */
	const char *sqlite;
	const char *postgres; /* NULL in the kiosk's tables */
};

#endif
