/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/postgres/database.h"

#include "server/db_sql/statements.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *conninfo(void)
{
	return getenv("RC_TEST_POSTGRES");
}

bool rc_sim_database_is_on_postgres(void)
{
	return conninfo() != NULL;
}

static void give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s\n", what, why);
	abort();
}

/* Folders end in letters that mkdtemp has found to be nobody else's. */
static const char *name_of(const char *folder)
{
	const char *dash = strrchr(folder, '-');

	return dash != NULL ? dash + 1 : folder;
}

static void command(const char *words, const char *name)
{
	PGconn *connection = PQconnectdb(conninfo());
	char text[128];
	PGresult *result;

	(void)snprintf(text, sizeof(text), "%s \"%s\"", words, name);
	result = PQexec(connection, text);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		give_up(text, PQerrorMessage(connection));
	PQclear(result);
	PQfinish(connection);
}

void rc_sim_database_make(const char *folder, char url[RC_SIM_DATABASE_URL_CHARS])
{
	const char *name = name_of(folder);
	int size;

	if (rc_sim_database_is_on_postgres()) {
		command("CREATE DATABASE", name);
		size = snprintf(url, RC_SIM_DATABASE_URL_CHARS, "postgres:%s dbname=%s", conninfo(), name);
	} else {
		size = snprintf(url, RC_SIM_DATABASE_URL_CHARS, "sqlite:%s/rollcall.db", folder);
	}
	if (size < 0 || (size_t)size >= RC_SIM_DATABASE_URL_CHARS)
		give_up(folder, "too long");
}

struct rc_db *rc_sim_database_open(const char *folder, char url[RC_SIM_DATABASE_URL_CHARS])
{
	struct rc_error err = {.text = ""};
	struct rc_db *db = NULL;

	rc_sim_database_make(folder, url);
	if (rc_db_open(url, NULL, &db, &err) != RC_OK ||
	    rc_db_migrate(db, rc_sql_db_migrations, rc_sql_db_migration_count, &err) != RC_OK)
		give_up(url, err.text);
	return db;
}

void rc_sim_database_remove(const char *folder)
{
	if (rc_sim_database_is_on_postgres())
		command("DROP DATABASE", name_of(folder));
}
