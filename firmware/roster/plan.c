/* SPDX-License-Identifier: Apache-2.0 */
/* The roster's schema and statements, as the generator made them of schema/ and queries.sql. */
#include "firmware/roster/roster_priv.h"
#include "firmware/roster_sql/statements.h"

struct rc_store_plan rc_roster__plan(void)
{
	return (struct rc_store_plan){
	    .migrations = rc_sql_roster_migrations,
	    .migration_count = rc_sql_roster_migration_count,
	    .statements = rc_sql_roster_statements,
	    .statement_count = RC_SQL_ROSTER_COUNT,
	};
}
