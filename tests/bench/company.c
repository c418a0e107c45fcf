/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/company.h"

#include "server/db_sql/statements.h"
#include "shared/base/timestamp.h"
#include "tests/bench/lines.h"
#include "tests/module/ingest_sql/statements.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct filling {
	struct rc_db_tx *tx;
	size_t kiosks;
	struct rc_error *err;
	enum rc_status status; /* the first failure */
};

static void put(struct filling *filling, const struct rc_sql_statement *statement,
		struct rc_db_values values)
{
	if (filling->status == RC_OK)
		filling->status = rc_db_exec(filling->tx, statement, values, filling->err);
}

struct text {
	char id[RC_ID_CHARS + 1];
};

static struct text text_of(uint8_t family, unsigned number)
{
	const struct rc_id id = bench_id(family, number);
	struct text text;

	rc_id_format(&id, text.id);
	return text;
}

static void put_places(struct filling *filling)
{
	const struct text site = text_of(0x11, 1), room = text_of(0x22, 1);
	char epoch[RC_FACT_EPOCH_CHARS + 1];

	rc_fact_epoch_format(BENCH_SERVER_EPOCH, epoch);
	put(filling, &rc_sql_school_state, RC_DB_VALUES(RC_DB_TEXT("server.epoch"), RC_DB_TEXT(epoch)));
	put(filling, &rc_sql_school_site, RC_DB_VALUES(RC_DB_TEXT(site.id), RC_DB_TEXT("S1")));
	put(filling, &rc_sql_school_room,
	    RC_DB_VALUES(RC_DB_TEXT(room.id), RC_DB_TEXT(site.id), RC_DB_TEXT("3F-305")));
}

static void put_people(struct filling *filling)
{
	const struct text site = text_of(0x11, 1);

	for (unsigned i = 0; i < BENCH_PEOPLE; i++) {
		const struct text ref = text_of(0x33, i);
		char number[16];

		(void)snprintf(number, sizeof(number), "%04u-01", i);
		put(filling, &rc_sql_school_person,
		    RC_DB_VALUES(RC_DB_TEXT(ref.id), RC_DB_TEXT(site.id), RC_DB_TEXT(number),
				 RC_DB_TEXT("员工"), RC_DB_BYTES(rc_bytes_of("k", 1))));
	}
}

static void put_session(struct filling *filling, unsigned number)
{
	const struct text site = text_of(0x11, 1), room = text_of(0x22, 1), id = text_of(0x55, number);
	char code[16];

	(void)snprintf(code, sizeof(code), "S-%u", number);
	put(filling, &rc_sql_school_session,
	    RC_DB_VALUES(RC_DB_TEXT(id.id), RC_DB_TEXT(code), RC_DB_TEXT(site.id), RC_DB_INT(1)));
	put(filling, &rc_sql_school_version,
	    RC_DB_VALUES(RC_DB_TEXT(id.id), RC_DB_INT(1), RC_DB_TEXT(room.id),
			 RC_DB_INT(BENCH_STARTS_MS), RC_DB_INT(BENCH_STARTS_MS + 2 * RC_HOUR_MS),
			 RC_DB_INT(10), RC_DB_BOOL(false)));
	for (unsigned i = 0; i < BENCH_CLASS; i++) {
		const struct text registration = text_of(0x44, number * BENCH_CLASS + i);
		const struct text ref = text_of(0x33, (number * BENCH_CLASS + i) % BENCH_PEOPLE);

		put(filling, &rc_sql_school_registration,
		    RC_DB_VALUES(RC_DB_TEXT(registration.id), RC_DB_TEXT(id.id), RC_DB_TEXT(ref.id),
				 RC_DB_TEXT("confirmed"), RC_DB_INT(0)));
	}
}

static void put_kiosk(struct filling *filling, unsigned number)
{
	const struct text site = text_of(0x11, 1), room = text_of(0x22, 1), id = text_of(0x66, number);

	put(filling, &rc_sql_school_kiosk,
	    RC_DB_VALUES(RC_DB_TEXT(id.id), RC_DB_TEXT(site.id), RC_DB_TEXT(room.id)));
}

static enum rc_status fill(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct filling *filling = arg;

	filling->tx = tx;
	filling->err = err;
	filling->status = RC_OK;
	put_places(filling);
	put_people(filling);
	for (unsigned i = 0; i < filling->kiosks; i++) {
		put_session(filling, i);
		put_kiosk(filling, i);
	}
	return filling->status;
}

static bool is_url(const char *path)
{
	return strncmp(path, "postgres:", strlen("postgres:")) == 0;
}

struct rc_db *bench_company_open(const char *path)
{
	struct rc_db *db = NULL;
	struct rc_error err;
	char url[300];

	(void)snprintf(url, sizeof(url), "%s%s", is_url(path) ? "" : "sqlite:", path);
	bench_expect(rc_db_open(url, NULL, &db, &err), &err, path);
	return db;
}

static void forget(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
	char name[300];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
}

void bench_company_make(const char *path, size_t kiosks)
{
	struct filling filling = {.kiosks = kiosks};
	struct rc_error err;
	struct rc_db *db;

	if (!is_url(path))
		forget(path);
	db = bench_company_open(path);
	bench_expect(rc_db_migrate(db, rc_sql_db_migrations, rc_sql_db_migration_count, &err), &err,
		     "schema");
	bench_expect(rc_db_write(db, fill, &filling, &err), &err, "filling the company");
	rc_db_close(db);
}
