/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_MODULE_DB_BENCH_H
#define RC_TESTS_MODULE_DB_BENCH_H
/*
 * A database in a folder of its own, and threads that hand functions to it at moments that a test decides: a gate holds the
 * writer inside a function until the test opens it, so that what waits behind it is known and not a matter of luck.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "server/db/db.h"
#include "tests/sim/postgres/database.h"

#include <pthread.h>

/* Within functions that run in a transaction, where cmocka can't jump out of: on another thread, or with a connection taken. */
#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return rc_fail(err, RC_EBUG, "%s:%d: not so: %s", __FILE__, __LINE__,      \
				       #condition);                                                \
	} while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct bench {
	char folder[64];
	char path[96]; /* of the file; on PostgreSQL it names nothing */
	char url[RC_SIM_DATABASE_URL_CHARS];
	struct rc_db *db; /* migrated */
};

/* cmocka's set-up and tear-down around one test; *state is a struct bench. The folder goes with the test. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* Opens a second handle, or the first again. */
struct rc_db *bench_open(const struct bench *bench, const struct rc_db_options *options);
void bench_reopen(struct bench *bench, const struct rc_db_options *options);

/* Fails the test with the error's text unless both statuses are the same. */
void bench_expect(enum rc_status status, enum rc_status expected, const struct rc_error *err);

/* One item, as an argument of insert_item; `data` may be NULL. */
struct item {
	const char *id;
	int64_t n; /* negative: the table refuses it */
	const void *data;
	size_t data_size;
};

enum rc_status insert_item(struct rc_db_tx *tx, void *item, struct rc_error *err);
enum rc_status count_items(struct rc_db_tx *tx, void *int64, struct rc_error *err);

/* Shorthands that fail the test if they can't. */
void bench_insert(struct rc_db *db, const char *id, int64_t n);
int64_t bench_count(struct rc_db *db);
bool bench_has(struct rc_db *db, const char *id);
struct rc_db_statistics bench_statistics(struct rc_db *db);

/* A function handed over by a thread of its own. */
struct caller {
	struct rc_db *db;
	rc_db_fn *fn;
	void *arg;
	enum rc_status status;
	struct rc_error err;
	pthread_t thread;
};

void caller_start(struct caller *caller, struct rc_db *db, rc_db_fn *fn, void *arg);
enum rc_status caller_end(struct caller *caller);

/* Waits until `length` functions wait for the writer. */
void bench_await_queue(struct rc_db *db, uint64_t length);

/* A function that inserts an item and then stays inside until the gate is opened. */
struct gate {
	struct item item;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool is_inside, is_open;
	struct caller caller;
};

/* Returns when the writer stands in the gate. */
void gate_close(struct gate *gate, struct rc_db *db, const char *id);
void gate_open(struct gate *gate);

#endif
