/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SIM_POSTGRES_DATABASE_H
#define RC_SIM_POSTGRES_DATABASE_H
/*
 * A fresh database for one test, on the engine of the run: a file in the test's folder, or one beside the PostgreSQL that
 * RC_TEST_POSTGRES names (tests/sim/postgres/postgres.py). What can't be made or removed ends the program.
 */
#include "server/db/db.h"

#define RC_SIM_DATABASE_URL_CHARS 256u

/* Whether this run is the one on PostgreSQL. */
bool rc_sim_database_is_on_postgres(void);

/* The URL of an empty database; on SQLite the file is made when it is opened. The folder's name must be nobody else's. */
void rc_sim_database_make(const char *folder, char url[RC_SIM_DATABASE_URL_CHARS]);

/* Makes one and brings it to the server's schema; the caller closes it. */
struct rc_db *rc_sim_database_open(const char *folder, char url[RC_SIM_DATABASE_URL_CHARS]);

/* Takes a closed database away on PostgreSQL; a file goes with its folder. */
void rc_sim_database_remove(const char *folder);

#endif
