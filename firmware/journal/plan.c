/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's schema and statements, as the generator made them of schema/ and queries.sql. */
#include "firmware/journal/journal_priv.h"
#include "firmware/journal_sql/statements.h"

struct rc_store_plan rc_journal__plan(void)
{
	return (struct rc_store_plan){
	    .migrations = rc_sql_journal_migrations,
	    .migration_count = rc_sql_journal_migration_count,
	    .statements = rc_sql_journal_statements,
	    .statement_count = RC_SQL_JOURNAL_COUNT,
	};
}
