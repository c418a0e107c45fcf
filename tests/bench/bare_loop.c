/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bare_loop.h"

#include "shared/base/encode.h"
#include "shared/facts/fact.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#define A_TRANSACTION 1000u

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		bench_die("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *open_new(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[300];
	sqlite3 *db;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
	if (sqlite3_open(path, &db) != SQLITE_OK)
		bench_die("%s can't be made", path);
	run(db,
	    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
	    "PRAGMA wal_autocheckpoint=4000;"
	    "CREATE TABLE fact (n INTEGER PRIMARY KEY, kiosk BLOB, epoch INT, seq INT, hash BLOB, "
	    "at INT, line BLOB);"
	    "CREATE UNIQUE INDEX fact_by_place ON fact (kiosk, epoch, seq)");
	return db;
}

/* The other library knows nothing of facts: the fields are looked up and turned into numbers, the hashes made by us. */
static void read_by_jansson(struct rc_bytes line, struct rc_fact *fact)
{
	json_error_t err;
	json_t *json = json_loadb((const char *)line.data, line.size, JSON_REJECT_DUPLICATES, &err);
	const json_t *e = json_object_get(json, "e");
	uint8_t hash[RC_FACT_HASH_BYTES];

	if (!json ||
	    rc_id_parse(rc_bytes_of_text(json_string_value(json_object_get(e, "kiosk"))),
			&fact->envelope.place.kiosk) != RC_OK ||
	    rc_fact_epoch_parse(rc_bytes_of_text(json_string_value(json_object_get(e, "epoch"))),
				&fact->envelope.place.epoch) != RC_OK)
		bench_die("jansson: %s", err.text);
	fact->envelope.place.seq = json_integer_value(json_object_get(e, "seq"));
	fact->envelope.clock.at_ms = json_integer_value(json_object_get(e, "up_ms"));
	rc_fact_hash_body(fact->salt, rc_bytes_of(line.data + line.size / 2, line.size / 2), hash);
	rc_fact_hash_envelope(rc_bytes_of(line.data, line.size / 2), fact->hash);
	json_decref(json);
}

static void read_line(struct rc_bytes line, bool by_jansson, struct rc_fact *fact)
{
	if (by_jansson)
		read_by_jansson(line, fact);
	else if (rc_fact_read(line, fact) != RC_FACT_FINE)
		bench_die("a line can't be read");
}

static void insert(sqlite3 *db, sqlite3_stmt *statement, struct rc_bytes line, const struct rc_fact *fact)
{
	const struct rc_fact_place *place = &fact->envelope.place;

	(void)sqlite3_bind_blob(statement, 1, place->kiosk.octets, RC_ID_BYTES, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 2, (int64_t)place->epoch);
	(void)sqlite3_bind_int64(statement, 3, place->seq);
	(void)sqlite3_bind_blob(statement, 4, fact->hash, RC_FACT_HASH_BYTES, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 5, fact->envelope.clock.at_ms);
	(void)sqlite3_bind_blob(statement, 6, line.data, (int)line.size, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		bench_die("%s", sqlite3_errmsg(db));
	(void)sqlite3_reset(statement);
}

struct bench_loop bench_bare_loop(const char *path, const struct rc_bytes *lines, size_t count,
				  bool by_jansson)
{
	sqlite3 *db = open_new(path);
	sqlite3_stmt *statement = NULL;
	struct rc_fact fact = {0};
	double cpu_us, took_us;

	if (sqlite3_prepare_v2(db,
			       "INSERT OR IGNORE INTO fact (kiosk, epoch, seq, hash, at, line) "
			       "VALUES (?, ?, ?, ?, ?, ?)",
			       -1, &statement, NULL) != SQLITE_OK)
		bench_die("%s", sqlite3_errmsg(db));
	cpu_us = bench_cpu_us();
	took_us = bench_now_us();
	for (size_t i = 0; i < count; i++) {
		if (i % A_TRANSACTION == 0)
			run(db, "BEGIN IMMEDIATE");
		read_line(lines[i], by_jansson, &fact);
		insert(db, statement, lines[i], &fact);
		if (i % A_TRANSACTION == A_TRANSACTION - 1 || i == count - 1)
			run(db, "COMMIT");
	}
	took_us = bench_now_us() - took_us;
	cpu_us = bench_cpu_us() - cpu_us;
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return (struct bench_loop){cpu_us / (double)count, (double)count * 1e6 / took_us};
}
